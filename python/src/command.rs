//! The command `mrrc`, for `python -m mrrc` and the script that a wheel installs.

use std::ffi::OsString;

use mrrc::cli::{Request, run_with};
use pyo3::prelude::*;

use crate::options::keywords;

/// Runs the command with these arguments, of which the first is its own name; the code to exit with. It answers
/// signals itself.
#[pyfunction]
pub(crate) fn _run_command(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| run_with(args, Some(&|request| Python::attach(|py| export(py, request)))))
}

/// Has the package export, and returns the code to exit with.
fn export(py: Python<'_>, request: &Request) -> u8 {
    let run = || -> PyResult<u8> {
        let given = keywords(py, &request.options)?;
        given.set_item("chunk", request.chunk)?;
        given.set_item("partition_by", &request.partition_by)?;
        given.set_item("threads", request.options.resources.threads)?;
        given.set_item("force", request.force)?;
        let sources: Vec<_> = request.sources.iter().map(|it| it.as_os_str()).collect();
        let arguments = (sources, request.folder.as_os_str(), given);
        py.import("mrrc._export")?.call_method1("command", arguments)?.extract()
    };
    run().unwrap_or_else(|error| {
        error.print(py);
        1
    })
}
