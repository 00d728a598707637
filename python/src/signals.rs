//! Ctrl-C, answered while the crate works and Python runs other threads.

use std::io;
use std::path::Path;

use mrrc::internals::io::Output;
use mrrc::{Error, Result};
use pyo3::prelude::*;

/// The number of rows written between two checks for signals.
pub(crate) const ROWS: usize = 1_024;

/// Returns an error that ends the work, if Ctrl-C was pressed.
pub(crate) fn answer_signals() -> Result<()> {
    Python::attach(|py| py.check_signals()).map_err(|exception| Error::Interrupted(Box::new(exception)))
}

/// Begins a file. Ctrl-C is answered while nobody reads the pipe that it may be.
pub(crate) fn output(path: &Path) -> io::Result<Output> {
    let goes_on = || Python::attach(|py| py.check_signals()).map_err(Into::into);
    Output::create_while(path, Box::new(goes_on))
}
