//! Ctrl-C, answered while the crate works with the interpreter released.

use mrrc::{Error, Result};
use pyo3::prelude::*;

/// Rows that are written between two looks for signals.
pub(crate) const ROWS: usize = 1_024;

/// Ctrl-C, if it came, as an error that ends the work.
pub(crate) fn answer_signals() -> Result<()> {
    Python::attach(|py| py.check_signals()).map_err(|exception| Error::Interrupted(Box::new(exception)))
}
