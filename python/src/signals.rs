//! Ctrl-C, answered while the crate works and Python runs other threads.

use mrrc::{Error, Result};
use pyo3::prelude::*;

/// The number of rows written between two checks for signals.
pub(crate) const ROWS: usize = 1_024;

/// Returns an error that ends the work, if Ctrl-C was pressed.
pub(crate) fn answer_signals() -> Result<()> {
    Python::attach(|py| py.check_signals()).map_err(|exception| Error::Interrupted(Box::new(exception)))
}
