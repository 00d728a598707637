//! `Table.records()`: the rows of a table as records.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, StringArray, StructArray};
use arrow_schema::{ArrowError, DataType};
use mrrc::internals::record::{Value, Visit};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use super::classes;
use super::objects::Objects;
use super::record::Record;

/// An iterator over the rows of a `Table` as `Record`s.
#[pyclass(module = "mrrc", frozen)]
pub(crate) struct TableRecords {
    batches: Vec<RecordBatch>,
    place: Mutex<Place>,
}

/// The next row.
#[derive(Default)]
struct Place {
    batch: usize,
    row: usize,
    columns: Option<Arc<Columns>>,
}

impl TableRecords {
    /// The batches have to have the columns `leader` and `fields` of layout "nested".
    pub(crate) fn new(batches: &[RecordBatch]) -> PyResult<TableRecords> {
        for batch in batches.iter().take(1) {
            Columns::of(batch)?;
        }
        Ok(TableRecords { batches: batches.to_vec(), place: Mutex::default() })
    }
}

#[pymethods]
impl TableRecords {
    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.clone()
    }

    pub(crate) fn __next__(&self, py: Python<'_>) -> PyResult<Option<Record>> {
        let next = self.advance(py)?;
        next.map(|(columns, row)| columns.record(py, row)).transpose()
    }
}

impl TableRecords {
    /// The next row and its columns.
    fn advance(&self, py: Python<'_>) -> PyResult<Option<(Arc<Columns>, usize)>> {
        let mut place = self.place.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        while let Some(batch) = self.batches.get(place.batch) {
            if place.row == batch.num_rows() {
                *place = Place { batch: place.batch + 1, ..Place::default() };
                continue;
            }
            let columns = match &place.columns {
                Some(columns) => columns.clone(),
                None => place.columns.insert(Arc::new(Columns::of(batch)?)).clone(),
            };
            let row = place.row;
            place.row += 1;
            return Ok(Some((columns, row)));
        }
        Ok(None)
    }
}

/// The columns of a batch that a record is made of.
struct Columns {
    leader: StringArray,
    fields: ListArray,
    tag: StringArray,
    indicators: [StringArray; 2],
    value: StringArray,
    subfields: ListArray,
    code: StringArray,
    subfield_value: StringArray,
}

impl Columns {
    fn of(batch: &RecordBatch) -> PyResult<Columns> {
        let missing = || {
            PyValueError::new_err("records need the columns leader and fields; read without selecting others")
        };
        let columns = || -> Option<Result<Columns, ArrowError>> {
            let fields = list(batch.column_by_name("fields")?)?;
            let parts = fields.values().as_struct_opt()?.clone();
            let subfields = list(parts.column_by_name("subfields")?)?;
            let pairs = subfields.values().as_struct_opt()?.clone();
            Some(Columns::from_parts(batch.column_by_name("leader")?, fields, &parts, subfields, &pairs))
        };
        columns().ok_or_else(missing)?.map_err(|error| PyValueError::new_err(error.to_string()))
    }

    fn from_parts(
        leader: &ArrayRef,
        fields: ListArray,
        parts: &StructArray,
        subfields: ListArray,
        pairs: &StructArray,
    ) -> Result<Columns, ArrowError> {
        let of = |array: &StructArray, name: &str| match array.column_by_name(name) {
            Some(column) => text(column),
            None => Err(ArrowError::SchemaError(format!("there is no {name} in fields"))),
        };
        Ok(Columns {
            leader: text(leader)?,
            tag: of(parts, "tag")?,
            indicators: [of(parts, "ind1")?, of(parts, "ind2")?],
            value: of(parts, "value")?,
            code: of(pairs, "code")?,
            subfield_value: of(pairs, "value")?,
            fields,
            subfields,
        })
    }

    fn record(&self, py: Python<'_>, row: usize) -> PyResult<Record> {
        let leader = classes::leader(py)?.call1((self.leader.value(row),))?;
        let fields = rows(&self.fields, row);
        let mut objects = Objects::new(py, fields.len());
        for field in fields {
            let tag = self.tag.value(field);
            if self.subfields.is_null(field) {
                objects.control(tag, value(&self.value, field))?;
                continue;
            }
            let stray = (!self.value.is_null(field)).then(|| value(&self.value, field));
            objects.data(tag, self.indicators.each_ref().map(|it| it.value(field)), stray)?;
            for subfield in rows(&self.subfields, field) {
                objects.subfield(self.code.value(subfield), value(&self.subfield_value, subfield))?;
            }
            objects.end()?;
        }
        Ok(Record::of_fields(leader, objects.finish()?))
    }
}

fn value(column: &StringArray, row: usize) -> Value<'_> {
    Value::Text(column.value(row).into())
}

/// The rows of the values that a list has.
fn rows(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    let offsets = list.value_offsets();
    offsets[row] as usize..offsets[row + 1] as usize
}

/// A list, with offsets of 32 bits; none of anything else.
fn list(column: &ArrayRef) -> Option<ListArray> {
    match column.data_type() {
        DataType::LargeList(item) => {
            let cast = arrow_cast::cast(column, &DataType::List(item.clone())).ok()?;
            cast.as_list_opt::<i32>().cloned()
        }
        _ => column.as_list_opt::<i32>().cloned(),
    }
}

/// Text of any kind as plain strings.
fn text(column: &ArrayRef) -> Result<StringArray, ArrowError> {
    Ok(arrow_cast::cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
}
