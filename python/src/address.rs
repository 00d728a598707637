//! Addresses such as `s3://bucket/a.mrc`, which are not local files.

use std::path::{Path, PathBuf};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// The path, if a local file can be read there.
pub(crate) fn read_from(path: PathBuf) -> PyResult<PathBuf> {
    match scheme(&path).filter(|_| !path.exists()) {
        None => Ok(path),
        Some(scheme) => Err(PyValueError::new_err(format!(
            "{scheme} addresses are not read yet; open it with fsspec and give the file object: \
             with fsspec.open(address) as file: ..."
        ))),
    }
}

/// The path, if a local file can be written there.
pub(crate) fn written_to(path: PathBuf) -> PyResult<PathBuf> {
    match scheme(&path).filter(|_| !path.parent().is_some_and(Path::exists)) {
        None => Ok(path),
        Some(scheme) => Err(PyValueError::new_err(format!(
            "{scheme} addresses are not written yet; write a file here and copy it there with fsspec: \
             fsspec.filesystem(\"{scheme}\").put(path, address)"
        ))),
    }
}

/// `https` of `https://…`, `s3` of `s3://…`; pathlib collapses the two slashes. (A single letter is a drive.)
fn scheme(path: &Path) -> Option<&str> {
    let (scheme, _) = path.to_str()?.split_once(":/")?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|it: char| it.is_ascii_alphabetic())
        && scheme.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}
