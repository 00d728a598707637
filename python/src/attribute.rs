//! Attributes that an object does not have.

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyString};

/// Python's own error for an attribute that is not there.
pub(crate) fn missing<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    object.py().get_type::<PyAny>().call_method1("__getattribute__", (object, name))
}
