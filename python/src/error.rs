//! Errors of the crate as Python exceptions; exceptions that passed through the crate as themselves.

use std::io::ErrorKind;
use std::path::Path;

use mrrc::diagnostic::Diagnostic;
use mrrc::io::PathError;
use mrrc::{Error, ParseError};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception that the caller of one of our own methods gets.
pub(crate) fn exception(py: Python<'_>, error: Error) -> PyErr {
    match error {
        Error::Parse(ParseError::Io(error)) => os_error(py, error),
        Error::Interrupted(reason) => match reason.downcast::<PyErr>() {
            Ok(exception) => *exception,
            Err(reason) => PyRuntimeError::new_err(reason.to_string()),
        },
        Error::Argument(message) => PyValueError::new_err(message),
        error => match error.diagnostic() {
            Some(diagnostic) => marc_error(py, diagnostic).unwrap_or_else(|failure| failure),
            None => PyRuntimeError::new_err(error.to_string()),
        },
    }
}

/// An exception of a Python file object is itself; an error about a path names it as Python does.
fn os_error(py: Python<'_>, error: std::io::Error) -> PyErr {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<PathError>()) {
        None if error.kind() == ErrorKind::InvalidInput && error.raw_os_error().is_none() => {
            PyValueError::new_err(error.to_string())
        }
        None => error.into(),
        Some(about) => of_path(py, &about.path, about),
    }
}

fn of_path(py: Python<'_>, path: &Path, about: &PathError) -> PyErr {
    match about.error.raw_os_error() {
        Some(number) => {
            let strerror = py
                .import("os")
                .and_then(|os| os.call_method1("strerror", (number,)))
                .map_or_else(|_| about.to_string(), |text| text.to_string());
            // Python chooses the subclass, such as FileNotFoundError, by the number.
            PyOSError::new_err((number, strerror, path.as_os_str().to_owned()))
        }
        None => std::io::Error::new(about.error.kind(), about.to_string()).into(),
    }
}

/// The exception for a finding.
pub(crate) fn marc_error(py: Python<'_>, diagnostic: &Diagnostic) -> PyResult<PyErr> {
    let fields = PyDict::new(py);
    fields.set_item("code", diagnostic.code.name())?;
    fields.set_item("severity", diagnostic.severity.name())?;
    fields.set_item("source", diagnostic.source.as_deref())?;
    fields.set_item("record", diagnostic.record)?;
    fields.set_item("offset", diagnostic.offset)?;
    fields.set_item("record_offset", diagnostic.record_offset)?;
    fields.set_item("entry", diagnostic.entry)?;
    fields.set_item("tag", diagnostic.tag.as_deref())?;
    fields.set_item("occurrence", diagnostic.occurrence)?;
    fields.set_item("subfield_code", diagnostic.subfield_code.as_deref())?;
    fields.set_item("control_number", diagnostic.control_number.as_deref())?;
    fields.set_item("after", diagnostic.after.as_deref())?;
    fields.set_item("found", &diagnostic.found)?;
    fields.set_item("expected", &diagnostic.expected)?;
    let made = py.import("mrrc.exceptions")?.call_method1("_exception", (diagnostic.to_string(), fields))?;
    Ok(PyErr::from_value(made))
}
