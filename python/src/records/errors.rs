//! The exceptions that scripts catch, and pymarc's log messages.

use mrrc::internals::iso2709::pymarc::Fault;
use pyo3::exceptions::{PyUnicodeDecodeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// An exception that scripts know by name, raised without arguments.
pub(super) fn named(py: Python<'_>, name: &str) -> PyErr {
    named_with(py, name, ())
}

pub(super) fn named_with<'py, A>(py: Python<'py>, name: &str, arguments: A) -> PyErr
where
    A: pyo3::call::PyCallArgs<'py>,
{
    let make = || py.import("mrrc._errors")?.getattr(name)?.call1(arguments);
    make().map_or_else(|failure| failure, PyErr::from_value)
}

/// A line of pymarc's log.
pub(super) fn log(py: Python<'_>, message: &str, argument: &Bound<'_, PyAny>) -> PyResult<()> {
    let logger = py.import("logging")?.call_method1("getLogger", ("pymarc",))?;
    logger.call_method1("warning", (message, argument))?;
    Ok(())
}

/// The exception that pymarc raises for a fault.
pub(super) fn exception(py: Python<'_>, fault: &Fault) -> PyErr {
    match fault {
        Fault::LeaderInvalid => named(py, "RecordLeaderInvalid"),
        Fault::BaseAddressNotFound => named(py, "BaseAddressNotFound"),
        Fault::BaseAddressInvalid => named(py, "BaseAddressInvalid"),
        Fault::Truncated => named(py, "TruncatedRecord"),
        Fault::DirectoryInvalid => named(py, "RecordDirectoryInvalid"),
        Fault::NoFields => named(py, "NoFieldsFound"),
        Fault::NotAscii(bytes) => not_ascii(py, bytes),
        Fault::BaseAddressNotANumber(bytes) => not_a_number(PyBytes::new(py, bytes).into_any()),
        Fault::NotANumber(bytes) => {
            not_a_number(PyString::new(py, &String::from_utf8_lossy(bytes)).into_any())
        }
    }
}

fn not_a_number(found: Bound<'_, PyAny>) -> PyErr {
    match found.repr() {
        Ok(found) => PyValueError::new_err(format!("invalid literal for int() with base 10: {found}")),
        Err(error) => error,
    }
}

/// What `bytes.decode("ascii")` raises.
pub(super) fn not_ascii(py: Python<'_>, bytes: &[u8]) -> PyErr {
    let start = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
    let arguments = ("ascii", PyBytes::new(py, bytes), start, start + 1, "ordinal not in range(128)");
    let make = || py.get_type::<PyUnicodeDecodeError>().call1(arguments);
    make().map_or_else(|failure| failure, PyErr::from_value)
}
