//! `mrrc.Column`: one column of a Table.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, FieldRef};
use mrrc::internals::show;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyCapsule, PyDict, PyList, PySlice, PyTuple};
use pyo3_arrow::ffi::to_schema_pycapsule;

use crate::signals::ROWS;
use crate::stream::arrays_capsule;
use crate::values::values;

/// One column of a `Table`: `table[name]`.
///
/// It is a sequence of Python objects: text, numbers, lists, dicts. polars, pyarrow and numpy take it too:
/// `pl.Series(column)`, `pa.chunked_array(column)`, `np.asarray(column)`.
///
/// Example:
///     >>> import mrrc
///     >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1")]).as_marc()
///     >>> column = mrrc.read_arrow(data * 3)["control_number"]
///     >>> column[:2]
///     mrrc.Column control_number: string, 2 values
///       A1
///       A1
///     >>> column[-1], len(column), list(column)
///     ('A1', 3, ['A1', 'A1', 'A1'])
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct Column {
    field: FieldRef,
    chunks: Vec<ArrayRef>,
}

impl Column {
    pub(crate) fn new(field: FieldRef, chunks: Vec<ArrayRef>) -> Column {
        Column { field, chunks }
    }

    /// The values from `start` to `stop`, in the chunks that they are in.
    fn slice(&self, start: usize, stop: usize) -> Vec<ArrayRef> {
        let mut before = 0;
        let part = |chunk: &ArrayRef| {
            let (from, to) = (start.max(before), stop.min(before + chunk.len()));
            let part = (from < to).then(|| chunk.slice(from - before, to - from));
            before += chunk.len();
            part
        };
        self.chunks.iter().filter_map(part).collect()
    }

    /// The type that numpy has for the values.
    fn numpy_type(&self) -> &'static str {
        let has_nulls = self.chunks.iter().any(|chunk| chunk.logical_null_count() > 0);
        match (self.field.data_type(), has_nulls) {
            (DataType::Boolean, false) => "bool",
            (DataType::Int32, false) => "int32",
            (DataType::Int64, false) => "int64",
            // A null is NaN.
            (DataType::Int32 | DataType::Int64 | DataType::Float64, _) => "float64",
            (DataType::Date32, _) => "datetime64[D]",
            _ => "object",
        }
    }
}

#[pymethods]
impl Column {
    #[new]
    #[pyo3(signature = (*_given, **_named), text_signature = None)]
    fn by_hand(_given: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> PyResult<Column> {
        Err(PyTypeError::new_err("a Column is made by table[name]"))
    }

    /// The name of the column.
    #[getter]
    fn name(&self) -> &str {
        self.field.name()
    }

    fn __len__(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let length = self.__len__();
        if let Ok(slice) = key.cast::<PySlice>() {
            let range = slice.indices(length as isize)?;
            if range.step != 1 {
                return Err(PyIndexError::new_err("a slice of a Column cannot have a step"));
            }
            let chunks = self.slice(range.start as usize, range.stop.max(range.start) as usize);
            return Ok(Bound::new(py, Column::new(self.field.clone(), chunks))?.into_any());
        }
        let Ok(index) = key.extract::<isize>() else {
            return Err(PyTypeError::new_err("a Column takes the number of a value, or a slice"));
        };
        let place = if index < 0 { index.checked_add_unsigned(length) } else { Some(index) };
        let place = place.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < length);
        let one = place.and_then(|place| self.slice(place, place + 1).pop());
        let value = one.map(|one| values(py, &one)).transpose()?.and_then(|mut one| one.pop());
        value.ok_or_else(|| PyIndexError::new_err(format!("there is no value {index} of {length}")))
    }

    fn __iter__(&self) -> ColumnValues {
        let pieces = (0..self.__len__()).step_by(ROWS).flat_map(|start| self.slice(start, start + ROWS));
        ColumnValues { left: Mutex::new(Left { ready: VecDeque::new(), pieces: pieces.collect() }) }
    }

    /// The values as Python objects, as pyarrow makes them.
    ///
    /// They are text, numbers, bools, dates, bytes, lists and dicts; a null is `None`.
    fn to_pylist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let all = PyList::empty(py);
        for chunk in &self.chunks {
            values(py, chunk)?.into_iter().try_for_each(|value| all.append(value))?;
        }
        Ok(all)
    }

    /// A numpy array of one dimension. Numbers with nulls are floats; text, lists and dicts are objects.
    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let arguments = (slf, slf.get().numpy_type(), dtype, copy);
        slf.py().import("mrrc._interop")?.call_method1("to_numpy", arguments)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let chunks = self.chunks.clone().into_iter().map(Ok);
        arrays_capsule(py, chunks, self.field.clone(), requested_schema)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(py, self.field.as_ref())?)
    }

    fn __repr__(&self) -> String {
        show::column(&self.field, &self.chunks)
    }
}

/// An iterator over the values of a `Column`. Threads that share it receive each value once.
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct ColumnValues {
    left: Mutex<Left>,
}

/// What was not given yet.
struct Left {
    ready: VecDeque<Py<PyAny>>,
    pieces: VecDeque<ArrayRef>,
}

impl ColumnValues {
    fn left(&self, py: Python<'_>) -> MutexGuard<'_, Left> {
        self.left.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl ColumnValues {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        loop {
            // No Python code runs while the lock is held.
            let piece = {
                let mut left = self.left(py);
                if let Some(value) = left.ready.pop_front() {
                    return Ok(Some(value));
                }
                left.pieces.pop_front()
            };
            let Some(piece) = piece else { return Ok(None) };
            let made = values(py, &piece)?;
            self.left(py).ready.extend(made.into_iter().map(Bound::unbind));
        }
    }
}
