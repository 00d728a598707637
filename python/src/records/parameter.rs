//! A parameter that a script may omit, or pass any object for, including None.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};

pub(super) enum Parameter<'py> {
    Default,
    Value(Bound<'py, PyAny>),
}

impl<'py> FromPyObject<'_, 'py> for Parameter<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Parameter<'py>> {
        Ok(Parameter::Value(object.to_owned()))
    }
}

impl<'py> Parameter<'py> {
    pub(super) fn or_bool(self, py: Python<'py>, default: bool) -> Bound<'py, PyAny> {
        match self {
            Parameter::Default => PyBool::new(py, default).to_owned().into_any(),
            Parameter::Value(value) => value,
        }
    }

    pub(super) fn or_text(self, py: Python<'py>, default: &str) -> Bound<'py, PyAny> {
        match self {
            Parameter::Default => PyString::new(py, default).into_any(),
            Parameter::Value(value) => value,
        }
    }
}
