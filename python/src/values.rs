//! Values of Arrow arrays as Python objects, as pyarrow's `to_pylist` makes them: text, numbers, truth values, dates,
//! bytes, lists and dicts.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, GenericListArray, OffsetSizeTrait, StructArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use mrrc::internals::show;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDate, PyDict, PyList, PyString};

/// What `date.fromordinal` adds to the days since 1970-01-01.
const FIRST_OF_1970: i64 = 719_163;

/// The values of an array, in order.
pub(crate) fn values<'py>(py: Python<'py>, array: &ArrayRef) -> PyResult<Vec<Bound<'py, PyAny>>> {
    match array.data_type() {
        DataType::Null => Ok(vec![py.None().into_bound(py); array.len()]),
        DataType::Boolean => each(py, array.as_boolean().iter(), Ok),
        DataType::Int32 => each(py, array.as_primitive::<Int32Type>().iter(), Ok),
        DataType::Int64 => each(py, array.as_primitive::<Int64Type>().iter(), Ok),
        DataType::Float64 => each(py, array.as_primitive::<Float64Type>().iter(), Ok),
        DataType::Date32 => {
            let kind = py.get_type::<PyDate>();
            let date = |days: i32| kind.call_method1("fromordinal", (FIRST_OF_1970 + i64::from(days),));
            each(py, array.as_primitive::<Date32Type>().iter(), date)
        }
        DataType::Utf8 => each(py, array.as_string::<i32>().iter(), |text| Ok(PyString::new(py, text))),
        DataType::LargeUtf8 => each(py, array.as_string::<i64>().iter(), |text| Ok(PyString::new(py, text))),
        DataType::Utf8View => each(py, array.as_string_view().iter(), |text| Ok(PyString::new(py, text))),
        DataType::Binary => each(py, array.as_binary::<i32>().iter(), |bytes| Ok(PyBytes::new(py, bytes))),
        DataType::LargeBinary => {
            each(py, array.as_binary::<i64>().iter(), |bytes| Ok(PyBytes::new(py, bytes)))
        }
        DataType::List(_) => lists(py, array.as_list::<i32>()),
        DataType::LargeList(_) => lists(py, array.as_list::<i64>()),
        DataType::Struct(_) => dicts(py, array.as_struct()),
        DataType::Dictionary(_, plain) => {
            let plain = cast(array, plain).map_err(|error| PyValueError::new_err(error.to_string()))?;
            values(py, &plain)
        }
        other => Err(PyTypeError::new_err(format!(
            "values of type {} are not made here; table.to_pyarrow() has them",
            show::type_name(other)
        ))),
    }
}

/// An object for each value; None for a null.
fn each<'py, T, O: IntoPyObject<'py>>(
    py: Python<'py>,
    values: impl Iterator<Item = Option<T>>,
    object: impl Fn(T) -> PyResult<O>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let none = py.None().into_bound(py);
    let object = |value: Option<T>| match value {
        Some(value) => object(value)?.into_bound_py_any(py),
        None => Ok(none.clone()),
    };
    values.map(object).collect()
}

fn lists<'py, O: OffsetSizeTrait>(
    py: Python<'py>,
    array: &GenericListArray<O>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let (first, last) = (array.value_offsets()[0].as_usize(), array.value_offsets()[array.len()].as_usize());
    let mut elements = values(py, &array.values().slice(first, last - first))?.into_iter();
    let list = |row| {
        let own: Vec<_> = elements.by_ref().take(array.value_length(row).as_usize()).collect();
        Ok(if array.is_null(row) { py.None().into_bound(py) } else { PyList::new(py, own)?.into_any() })
    };
    (0..array.len()).map(list).collect()
}

fn dicts<'py>(py: Python<'py>, array: &StructArray) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let names: Vec<_> = array.column_names().into_iter().map(|name| PyString::intern(py, name)).collect();
    let columns = array.columns().iter().map(|column| Ok(values(py, column)?.into_iter()));
    let mut columns = columns.collect::<PyResult<Vec<_>>>()?;
    let dict = |row| {
        let dict = PyDict::new(py);
        for (name, column) in names.iter().zip(&mut columns) {
            dict.set_item(name, column.next())?;
        }
        Ok(if array.is_null(row) { py.None().into_bound(py) } else { dict.into_any() })
    };
    (0..array.len()).map(dict).collect()
}
