//! The terminal that Python writes to.

use pyo3::prelude::*;

/// The number of its columns; unlimited if there is no terminal.
pub(crate) fn columns(py: Python<'_>) -> usize {
    let ask = || py.import("shutil")?.call_method1("get_terminal_size", ((0, 0),))?.get_item(0)?.extract();
    ask().ok().filter(|&columns| columns > 0).unwrap_or(usize::MAX)
}
