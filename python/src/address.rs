//! What people type for a path: `~`, and addresses such as `file:///a.mrc` and `s3://bucket/a.mrc`, of which only the
//! first is one of a local file.

use std::path::{Path, PathBuf};

use mrrc::internals::io::{local, scheme};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// The address of an object in a store, if it is one.
pub(crate) fn in_store<'py>(py: Python<'py>, path: &Path) -> PyResult<Option<String>> {
    let Some(name) = path.to_str().filter(|_| scheme(path).is_some() && !path.exists()) else {
        return Ok(None);
    };
    let is_address: bool = py.import("mrrc._address")?.call_method1("is_address", (name,))?.extract()?;
    Ok(is_address.then(|| name.to_owned()))
}

/// The path, if a local file can be read there.
pub(crate) fn read_from(path: &Path) -> PyResult<PathBuf> {
    let path = named(path)?;
    if path.exists() {
        return Ok(path);
    }
    if path == Path::new("-") {
        let message = "\"-\" is standard input on the command line alone; give sys.stdin.buffer, which is a file object";
        return Err(PyValueError::new_err(message));
    }
    let Some(scheme) = scheme(&path) else { return Ok(path) };
    let opener = if path.to_string_lossy().contains('*') { "open_files" } else { "open" };
    Err(PyValueError::new_err(format!(
        "{scheme} addresses are not read; give what fsspec opens there: fsspec.{opener}(address)"
    )))
}

/// The path, if a local file can be written there.
pub(crate) fn written_to(path: &Path) -> PyResult<PathBuf> {
    let path = named(path)?;
    match scheme(&path).filter(|_| !path.parent().is_some_and(Path::exists)) {
        None => Ok(path),
        Some(scheme) => Err(PyValueError::new_err(format!(
            "{scheme} addresses are not written; write a file here and copy it there with fsspec: \
             fsspec.filesystem(\"{scheme}\").put(path, address)"
        ))),
    }
}

fn named(path: &Path) -> PyResult<PathBuf> {
    local(path).map_err(|error| PyValueError::new_err(error.to_string()))
}
