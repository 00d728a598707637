//! Errors of the crate as Python exceptions; a Python exception that passed through the crate is raised unchanged.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;

use mrrc::accounts::{Advice, Diagnostic};
use mrrc::internals::io::PathError;
use mrrc::{Error, Refusal, WriteError};
use pyo3::exceptions::{PyMemoryError, PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception for the caller of one of our own methods.
pub(crate) fn exception(py: Python<'_>, error: Error) -> PyErr {
    match error {
        Error::Input(error) | Error::Output(error) => os_error(py, error),
        Error::Interrupted(reason) => match reason.downcast::<PyErr>() {
            Ok(exception) => *exception,
            Err(reason) => PyRuntimeError::new_err(reason.to_string()),
        },
        Error::Argument(message) => PyValueError::new_err(message),
        Error::Write(error) => write_error(py, &error),
        error => match error.diagnostic() {
            Some(diagnostic) => marc_error(py, diagnostic).unwrap_or_else(|failure| failure),
            None => PyRuntimeError::new_err(error.to_string()),
        },
    }
}

/// An exception of a Python file object is raised unchanged; an error about a path is formatted as in Python.
fn os_error(py: Python<'_>, error: std::io::Error) -> PyErr {
    if error.kind() == ErrorKind::OutOfMemory {
        return PyMemoryError::new_err(error.to_string());
    }
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
            let words_of_the_system = || {
                let text = py.import("os").and_then(|os| os.call_method1("strerror", (number,)));
                text.map_or_else(|_| about.to_string(), |text| text.to_string())
            };
            let strerror = about.reason.map_or_else(words_of_the_system, str::to_owned);
            // Python chooses the subclass, such as FileNotFoundError, by errno.
            PyOSError::new_err((number, strerror, shown(path)))
        }
        None => std::io::Error::new(about.error.kind(), about.to_string()).into(),
    }
}

/// A path for an exception; a path that no file can have is shortened.
fn shown(path: &Path) -> OsString {
    const LONGEST: usize = 4096;
    match path.as_os_str() {
        name if name.len() <= LONGEST => name.to_owned(),
        name => (name.to_string_lossy().chars().take(100).collect::<String>() + "…").into(),
    }
}

/// A finding in one line.
pub(crate) fn message(diagnostic: &Diagnostic) -> String {
    let summary = diagnostic.summary();
    match advice(diagnostic.advice()) {
        "" => summary,
        advice => format!("{summary}; {advice}"),
    }
}

/// What can be done about a finding, by the names that Python has for it.
fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::Skip => "read with on_error=\"skip\" to leave it out",
        Advice::Recover => {
            "read with on_error=\"recover\" to repair it if there is only one way to read it, or \"skip\" to leave it out"
        }
        Advice::GetAgain => "get the file again, or read what is there with on_error=\"recover\"",
        Advice::NameEncoding => {
            "name another encoding with encoding=..., or read with on_error=\"recover\" to get U+FFFD instead"
        }
        Advice::ReadAsFound => "encoding=\"auto\" reads it in the encoding that was found",
        Advice::NameOrAuto => {
            "if the text looks wrong, name one with encoding=..., or read with encoding=\"auto\""
        }
        other => other.text(),
    }
}

/// The exception for a finding.
pub(crate) fn marc_error(py: Python<'_>, diagnostic: &Diagnostic) -> PyResult<PyErr> {
    marc_error_that_says(py, diagnostic, &message(diagnostic))
}

/// The exception for a finding, with this message.
pub(crate) fn marc_error_that_says(
    py: Python<'_>,
    diagnostic: &Diagnostic,
    message: &str,
) -> PyResult<PyErr> {
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
    let made = py
        .import("mrrc.exceptions")?
        .call_method1("_exception", (message, diagnostic.kind().name(), fields))?;
    Ok(PyErr::from_value(made))
}

/// The exception for a record that cannot be written.
pub(crate) fn write_error(py: Python<'_>, error: &WriteError) -> PyErr {
    let WriteError(refusal) = error;
    let make = || {
        let fields = PyDict::new(py);
        fields.set_item("code", refusal.code.name())?;
        fields.set_item("row", refusal.row)?;
        fields.set_item("column", refusal.column)?;
        fields.set_item("record", refusal.record)?;
        fields.set_item("control_number", refusal.control_number.as_deref())?;
        fields.set_item("tag", refusal.tag.as_deref())?;
        fields.set_item("occurrence", refusal.occurrence)?;
        fields.set_item("subfield_code", refusal.subfield_code.as_deref())?;
        fields.set_item("found", &refusal.found)?;
        py.import("mrrc._errors")?.call_method1("_write_error", (refused(py, refusal)?, fields))
    };
    make().map_or_else(|failure| failure, PyErr::from_value)
}

/// What cannot be written as it stands in one line, with what was done instead, or what to do.
pub(crate) fn refused(py: Python<'_>, refusal: &Refusal) -> PyResult<String> {
    let arguments = (refusal.to_string(), refusal.code.name(), refusal.is_written);
    py.import("mrrc._errors")?.call_method1("_refused", arguments)?.extract()
}
