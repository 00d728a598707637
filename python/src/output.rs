//! A file written from Python, which appears complete or not at all.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use mrrc::Error;
use mrrc::internals::io::Output;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyString};

use crate::destination::Destination;
use crate::error::exception;
use crate::signals::output;

/// A file that appears, complete, when it is closed.
#[pyclass(module = "mrrc._mrrc", frozen)]
pub(crate) struct _Output {
    file: Mutex<Option<Output>>,
    destination: Destination,
}

#[pymethods]
impl _Output {
    #[new]
    fn new(path: Bound<'_, PyAny>) -> PyResult<_Output> {
        let py = path.py();
        let destination = Destination::of("path", &path, None)?;
        let output = py.detach(|| output(destination.path())).map_err(|error| exception(py, error.into()))?;
        Ok(_Output { file: Mutex::new(Some(output)), destination })
    }

    /// Write bytes, or text in UTF-8.
    fn write(&self, content: &Bound<'_, PyAny>) -> PyResult<usize> {
        let py = content.py();
        let (bytes, length) = match content.cast::<PyString>() {
            Ok(text) => (text.to_str()?.as_bytes(), text.len()?),
            Err(_) => {
                let bytes = content.cast::<PyBytes>()?.as_bytes();
                (bytes, bytes.len())
            }
        };
        let mut file = self.file.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = file.as_mut() {
            py.detach(|| file.write_all(bytes)).map_err(|error| exception(py, error.into()))?;
        }
        Ok(length)
    }

    /// Move the file into place.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let Some(file) = self.take(py) else { return Ok(()) };
        let finish = || file.finish().map_err(Error::from).and_then(|()| self.destination.arrive());
        py.detach(finish).map_err(|error| exception(py, error))
    }

    /// Discard the file.
    fn discard(&self, py: Python<'_>) {
        drop(self.take(py));
    }
}

impl _Output {
    fn take(&self, py: Python<'_>) -> Option<Output> {
        self.file.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner).take()
    }
}
