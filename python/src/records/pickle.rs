//! The state of an object as Python copies and pickles it: its `__dict__`, and its slots by name.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// The state of an object with these slots. None stands for an empty `__dict__`.
pub(super) fn state<'py>(
    object: &Bound<'py, PyAny>,
    slots: Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyTuple>> {
    let attributes = object.getattr_opt("__dict__")?;
    (attributes.filter(|it| it.is_truthy().unwrap_or(true)), slots).into_pyobject(object.py())
}

/// Puts the `__dict__` of a state into an object; returns the slots.
pub(super) fn restored<'py>(
    object: &Bound<'py, PyAny>,
    state: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let (attributes, slots): (Bound<'py, PyAny>, Bound<'py, PyDict>) = state.extract()?;
    if attributes.is_truthy()? {
        object.getattr("__dict__")?.call_method1("update", (attributes,))?;
    }
    Ok(slots)
}
