//! A panic is an error of ours, in our own methods as in a stream: pyo3's own answer is no `Exception`, so that
//! hardly anybody catches it. Here are the faults that the tests plant.

use pyo3::PyResult;
use pyo3::exceptions::PyRuntimeError;

pub(crate) use mrrc::internals::guard::guarded;

/// What `work` gives; a RuntimeError if it panics.
pub(crate) fn shielded<T>(work: impl FnOnce() -> T) -> PyResult<T> {
    let done = guarded::<_, mrrc::Error>(|| {
        #[cfg(feature = "sabotage")]
        strike()?;
        Ok(work())
    });
    done.map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

#[cfg(feature = "sabotage")]
use arrow_schema::ArrowError;

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
    let planted = plan().take_if(|planted| planted != "gate");
    match planted.as_deref() {
        Some("panic") => panic!("planted panic"),
        Some("nul") => Err(ArrowError::ComputeError("planted \0 byte".into())),
        _ => Ok(()),
    }
}

/// Waits, where the tests plant a gate, until somebody takes it away; only Python can, so its lock has to be free.
#[cfg(feature = "sabotage")]
#[allow(clippy::panic)]
pub(crate) fn gate() {
    use std::time::{Duration, Instant};
    let end = Instant::now() + Duration::from_secs(20);
    while plan().as_deref() == Some("gate") {
        assert!(Instant::now() < end, "nobody could open the gate");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// There is none in what is published.
#[cfg(not(feature = "sabotage"))]
pub(crate) fn gate() {}

#[cfg(feature = "sabotage")]
fn plan() -> std::sync::MutexGuard<'static, Option<String>> {
    static PLAN: std::sync::Mutex<Option<String>> = std::sync::Mutex::new(None);
    PLAN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
