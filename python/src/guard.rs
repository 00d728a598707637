//! A panic becomes an ordinary exception, in our own methods and in a stream: pyo3's own PanicException is not an
//! `Exception`, so hardly anyone catches it. The faults that tests plant are also here.

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

/// For tests of the guard: makes the next batch of any read or stream a panic, or an error whose text contains a NUL.
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

/// Waits, if the tests planted a gate, until it is removed; only Python can remove it, so its lock must be free.
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

/// Published builds have none.
#[cfg(not(feature = "sabotage"))]
pub(crate) fn gate() {}

#[cfg(feature = "sabotage")]
fn plan() -> std::sync::MutexGuard<'static, Option<String>> {
    static PLAN: std::sync::Mutex<Option<String>> = std::sync::Mutex::new(None);
    PLAN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
