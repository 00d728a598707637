//! A lock held while Python runs: others wait and still answer Ctrl-C, and a thread that requests it again from
//! within gets an error instead of a deadlock.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// The longest wait between two checks for signals.
const PATIENCE: Duration = Duration::from_millis(50);

/// Taken by one thread at a time.
#[derive(Default)]
pub(crate) struct Turn {
    /// The thread that holds it. Locked only briefly, never while Python runs.
    owner: Mutex<Option<ThreadId>>,
    freed: Condvar,
}

/// Releases the turn when dropped.
pub(crate) struct Held<'a>(&'a Turn);

impl Turn {
    /// Waits for the turn. Raises RuntimeError, with this text, if this thread holds it already.
    pub(crate) fn take(&self, py: Python<'_>, refusal: &'static str) -> PyResult<Held<'_>> {
        let this = thread::current().id();
        loop {
            match &mut *self.owner() {
                Some(owner) if *owner == this => return Err(PyRuntimeError::new_err(refusal)),
                Some(_) => {}
                free => {
                    *free = Some(this);
                    return Ok(Held(self));
                }
            }
            py.detach(|| self.wait());
            py.check_signals()?;
        }
    }

    /// Waits until the turn is free, or for a moment.
    fn wait(&self) {
        let _owner = self.freed.wait_timeout_while(self.owner(), PATIENCE, |owner| owner.is_some());
    }

    fn owner(&self) -> MutexGuard<'_, Option<ThreadId>> {
        self.owner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.0.owner() = None;
        self.0.freed.notify_one();
    }
}
