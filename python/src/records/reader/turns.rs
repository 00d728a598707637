//! Whose turn it is to ask a reader's source: threads that share a reader get whole records, each once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

#[derive(Default)]
pub(super) struct Turns {
    turn: Mutex<()>,
    /// The thread whose turn it is.
    thread: AtomicUsize,
}

/// The right to ask the source of a reader.
pub(super) struct Turn<'a> {
    thread: &'a AtomicUsize,
    _turn: MutexGuard<'a, ()>,
}

impl Turns {
    /// Waits for the turn of this thread.
    pub(super) fn take(&self, py: Python<'_>) -> PyResult<Turn<'_>> {
        let thread = this_thread();
        let turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) if self.thread.load(Ordering::Relaxed) == thread => {
                return Err(PyRuntimeError::new_err(
                    "the file asks its own reader for a record while it is read",
                ));
            }
            Err(_) => self.turn.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner),
        };
        self.thread.store(thread, Ordering::Relaxed);
        Ok(Turn { thread: &self.thread, _turn: turn })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.thread.store(0, Ordering::Relaxed);
    }
}

/// A number that no other thread has meanwhile, and that is not 0.
fn this_thread() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}
