//! The classes of records' parts that are written in Python, each looked up once.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::cpython::PairClass;

pub(super) fn subfield(py: Python<'_>) -> PyResult<&'static PairClass> {
    static CLASS: PyOnceLock<PairClass> = PyOnceLock::new();
    pair_class(&CLASS, py, "Subfield")
}

pub(super) fn indicators(py: Python<'_>) -> PyResult<&'static PairClass> {
    static CLASS: PyOnceLock<PairClass> = PyOnceLock::new();
    pair_class(&CLASS, py, "Indicators")
}

fn pair_class(
    cell: &'static PyOnceLock<PairClass>,
    py: Python<'_>,
    name: &str,
) -> PyResult<&'static PairClass> {
    cell.get_or_try_init(py, || PairClass::of(py.import("mrrc._tuples")?.getattr(name)?.cast::<PyType>()?))
}

pub(super) fn leader<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "mrrc._leader", "Leader")
}
