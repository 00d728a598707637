//! The end of the program while an engine's own threads pull streams ahead of it.
//!
//! A read needs the interpreter, and the engine waits for its threads when the process ends, which is after the
//! interpreter has. So the reads of such threads end before it does, and no others begin.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use mrrc::{Error, Result};
use pyo3::prelude::*;
#[cfg(unix)]
use pyo3::types::IntoPyDict;

use crate::cpython::is_thread_of_python;

static IS_NEAR: AtomicBool = AtomicBool::new(false);
/// How many threads of engines are in a [`Pull`].
static PULLS: AtomicUsize = AtomicUsize::new(0);

/// A thread's pull of one batch, for which the end of the interpreter waits if the thread is an engine's.
pub(crate) struct Pull {
    is_of_engine: bool,
}

impl Pull {
    pub(crate) fn begin() -> Result<Pull> {
        let is_of_engine = !is_thread_of_python();
        if is_of_engine {
            PULLS.fetch_add(1, Ordering::SeqCst);
        }
        let pull = Pull { is_of_engine };
        pull.goes_on().map(|()| pull)
    }

    fn goes_on(&self) -> Result<()> {
        match self.is_of_engine && IS_NEAR.load(Ordering::SeqCst) {
            // An exception would need the interpreter, if only to be dropped.
            true => Err(Error::Interrupted("the program ends".into())),
            false => Ok(()),
        }
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        if self.is_of_engine {
            PULLS.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// An error if the thread is an engine's and the program ends.
pub(crate) fn goes_on() -> Result<()> {
    Pull::begin().map(drop)
}

/// Ends the pulls of engines, and waits for those under way.
#[pyfunction]
fn end_pulls(py: Python<'_>) -> PyResult<()> {
    IS_NEAR.store(true, Ordering::SeqCst);
    while PULLS.load(Ordering::SeqCst) > 0 {
        py.check_signals()?;
        py.detach(|| sleep(Duration::from_millis(1)));
    }
    Ok(())
}

/// A fork has none of the threads that pulled.
#[cfg(unix)]
#[pyfunction]
fn forget_pulls() {
    PULLS.store(0, Ordering::SeqCst);
}

/// Has the pulls of engines end before the interpreter.
pub(crate) fn prepare(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    py.import("atexit")?.call_method1("register", (wrap_pyfunction!(end_pulls, module)?,))?;
    #[cfg(unix)]
    {
        let in_child = [("after_in_child", wrap_pyfunction!(forget_pulls, module)?)].into_py_dict(py)?;
        py.import("os")?.call_method("register_at_fork", (), Some(&in_child))?;
    }
    Ok(())
}
