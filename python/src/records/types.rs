//! The tuples and classes that are written in Python, found once.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyTuple, PyType};

/// A class of a module of ours.
fn class<'py>(
    cell: &'static PyOnceLock<Py<PyType>>,
    py: Python<'py>,
    module: &str,
    name: &str,
) -> PyResult<&'py Bound<'py, PyType>> {
    cell.import(py, module, name)
}

pub(super) fn subfield<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    class(&CLASS, py, "mrrc._tuples", "Subfield")
}

pub(super) fn indicators<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    class(&CLASS, py, "mrrc._tuples", "Indicators")
}

pub(super) fn leader<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    class(&CLASS, py, "mrrc._leader", "Leader")
}

/// A `Subfield` or `Indicators`, made as `tuple` itself makes it: the way through their own `__new__` costs
/// three times as much.
pub(super) fn pair<'py>(
    class: &Bound<'py, PyType>,
    first: Bound<'py, PyAny>,
    second: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    static NEW: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = class.py();
    let new = NEW.get_or_try_init(py, || {
        py.get_type::<PyTuple>().getattr("__new__").map(Bound::unbind)
    })?;
    new.bind(py).call1((class, (first, second)))
}

/// An exception that scripts know by name, raised without arguments.
pub(super) fn exception(py: Python<'_>, name: &str) -> PyErr {
    exception_with(py, name, ())
}

pub(super) fn exception_with<'py, A>(py: Python<'py>, name: &str, arguments: A) -> PyErr
where
    A: pyo3::call::PyCallArgs<'py>,
{
    let make = || py.import("mrrc._errors")?.getattr(name)?.call1(arguments);
    make().map_or_else(|failure| failure, PyErr::from_value)
}

/// Whether two things are equal; for the same string without asking it.
pub(super) fn equal(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    if one.is(other) && one.is_exact_instance_of::<PyString>() { Ok(true) } else { one.eq(other) }
}
