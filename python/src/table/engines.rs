//! What other libraries take of a `Table`.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StructArray};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList, PyTuple};

use super::Table;
use crate::stream::{array_capsules, schema_capsule, stream_capsule};
use crate::values::values;

#[pymethods]
impl Table {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        stream_capsule(py, self.reader(), requested_schema)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.schema)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn _arrow_c_array<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let only = self.batches.first().cloned();
        let batch = only.unwrap_or_else(|| RecordBatch::new_empty(self.schema.clone()));
        array_capsules(py, batch, requested_schema)
    }

    /// The rows as a list of dicts, with values as those of `Column.to_pylist`.
    fn to_pylist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let all = PyList::empty(py);
        for batch in &self.batches {
            let rows: ArrayRef = Arc::new(StructArray::from(batch.clone()));
            values(py, &rows)?.into_iter().try_for_each(|row| all.append(row))?;
        }
        Ok(all)
    }

    /// A pandas DataFrame over the same data (`ArrowDtype`). Needs pandas and pyarrow.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_pandas", (slf,))
    }

    /// A polars DataFrame over the same data. Needs polars.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_polars", (slf,))
    }

    /// A pyarrow Table over the same data. Needs pyarrow.
    fn to_pyarrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_pyarrow", (slf,))
    }

    /// A pyarrow RecordBatchReader over the same data. Needs pyarrow.
    fn to_reader<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_reader", (slf,))
    }

    /// numpy would make one object of it.
    #[pyo3(signature = (*_given, **_named))]
    fn __array__(&self, _given: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "a Table is no array; a column is: table[name]; to_pandas() and to_polars() give a DataFrame",
        ))
    }
}
