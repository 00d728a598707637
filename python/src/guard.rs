//! A panic is an error of ours: told like one, and never the end of the process.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_schema::ArrowError;

/// What `work` gives; an error if it panics. (pyo3's own answer to a panic is no `Exception`, so that hardly
/// anybody catches it.)
pub(crate) fn guarded<T, E: From<ArrowError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = mrrc::io::message_of(&*panic);
        Err(ArrowError::ComputeError(format!("internal error (please report it): {message}")).into())
    })
}

/// For the tests of the guard: the next batch of any read or stream is a panic, or an error whose text has a
/// NUL.
#[cfg(feature = "sabotage")]
#[pyo3::pyfunction]
pub(crate) fn _sabotage(with: Option<String>) {
    *plan() = with;
}

#[cfg(feature = "sabotage")]
#[allow(clippy::panic)]
pub(crate) fn strike() -> Result<(), ArrowError> {
    let planted = plan().take();
    match planted.as_deref() {
        Some("panic") => panic!("planted panic"),
        Some("nul") => Err(ArrowError::ComputeError("planted \0 octet".into())),
        _ => Ok(()),
    }
}

#[cfg(feature = "sabotage")]
fn plan() -> std::sync::MutexGuard<'static, Option<String>> {
    static PLAN: std::sync::Mutex<Option<String>> = std::sync::Mutex::new(None);
    PLAN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
