//! The command `mrrc`, for `python -m mrrc` and the script that a wheel installs.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command with these arguments, of which the first is its own name; the code to exit with. It answers
/// signals itself.
#[pyfunction]
pub(crate) fn _run_command(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| mrrc::cli::run(args))
}
