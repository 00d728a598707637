//! `mrrc.from_arrow`, and the streams of other libraries: any Arrow data, in the types that our tables have.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use mrrc::Error;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3_arrow::input::AnyRecordBatch;

use crate::error::exception;
use crate::guard::guarded;
use crate::signals::{ROWS, answer_signals};
use crate::slice::alone;
use crate::table::Table;

/// Batches of an object that has an Arrow stream, or is one batch.
pub(crate) fn reader(data: &Bound<'_, PyAny>) -> PyResult<Box<dyn RecordBatchReader + Send>> {
    if !data.hasattr("__arrow_c_stream__")? && !data.hasattr("__arrow_c_array__")? {
        let hint = if data.hasattr("collect")? { "; collect() it first" } else { "" };
        return Err(PyTypeError::new_err(format!(
            "{} has no Arrow stream; pass a polars or pandas DataFrame, a pyarrow Table, what DuckDB gives, a Scan or \
             a Table{hint}",
            data.get_type().name()?
        )));
    }
    data.extract::<AnyRecordBatch>()?.into_reader()
}

/// Batches, cut so that signals are answered in between.
pub(crate) fn answering<E: Into<Error>>(
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
) -> impl Iterator<Item = Result<RecordBatch, Error>> {
    batches.flat_map(|batch| {
        let (batch, error) = match batch {
            Ok(batch) => (Some(batch), None),
            Err(error) => (None, Some(Err(error.into()))),
        };
        let pieces = batch.into_iter().flat_map(|batch| {
            let rows = batch.num_rows();
            let piece = move |start| batch.slice(start, ROWS.min(rows - start));
            (0..rows).step_by(ROWS).map(piece)
        });
        pieces.map(|piece| answer_signals().map(|()| piece)).chain(error)
    })
}

/// Makes the Table of `mrrc.from_arrow`.
#[pyfunction]
pub(crate) fn _from_arrow(data: &Bound<'_, PyAny>) -> PyResult<Table> {
    let (py, reader) = (data.py(), reader(data)?);
    let schema = own_schema(&reader.schema());
    let read = || -> Result<Vec<RecordBatch>, Error> {
        let mut batches = Vec::new();
        for batch in reader {
            answer_signals()?;
            push_own(&batch?, &schema, &mut batches)?;
        }
        Ok(batches)
    };
    let batches = py.detach(|| guarded(read)).map_err(|error| exception(py, error))?;
    Ok(Table::new(schema, batches, None))
}

fn own_schema(schema: &Schema) -> SchemaRef {
    Arc::new(Schema::new_with_metadata(own_fields(schema.fields()), schema.metadata().clone()))
}

fn own_fields(fields: &Fields) -> Fields {
    let own = |field: &Arc<Field>| {
        let own = Field::new(field.name(), own_type(field.data_type()), true);
        own.with_metadata(field.metadata().clone())
    };
    fields.iter().map(own).collect()
}

/// The type that a column has in our tables: neither large, nor a view, nor a dictionary.
fn own_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, values) => own_type(values),
        DataType::RunEndEncoded(_, values) => own_type(values.data_type()),
        DataType::Struct(fields) => DataType::Struct(own_fields(fields)),
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => {
            DataType::List(Arc::new(Field::new("element", own_type(element.data_type()), true)))
        }
        other => other.clone(),
    }
}

/// Adds a batch in these types; in halves, if its columns are too large for them.
fn push_own(batch: &RecordBatch, schema: &SchemaRef, to: &mut Vec<RecordBatch>) -> Result<(), ArrowError> {
    let rows = batch.num_rows();
    if rows > 1 && !batch.columns().iter().all(fits) {
        for (start, length) in [(0, rows / 2), (rows / 2, rows - rows / 2)] {
            push_own(&alone(&batch.slice(start, length))?, schema, to)?;
        }
        return Ok(());
    }
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| cast(column, field.data_type()));
    let row_count = RecordBatchOptions::new().with_row_count(Some(rows));
    to.push(RecordBatch::try_new_with_options(
        schema.clone(),
        columns.collect::<Result<_, _>>()?,
        &row_count,
    )?);
    Ok(())
}

/// Whether offsets of 32 bits can count the values of an array.
fn fits(array: &ArrayRef) -> bool {
    const MOST: usize = i32::MAX as usize;
    let count = |offset: Option<&i64>| offset.is_none_or(|offset| *offset <= MOST as i64);
    match array.data_type() {
        DataType::LargeUtf8 => count(array.as_string::<i64>().value_offsets().last()),
        DataType::LargeBinary => count(array.as_binary::<i64>().value_offsets().last()),
        DataType::Utf8View => {
            array.as_string_view().lengths().map(|length| length as usize).sum::<usize>() <= MOST
        }
        DataType::BinaryView => {
            array.as_binary_view().lengths().map(|length| length as usize).sum::<usize>() <= MOST
        }
        DataType::Struct(_) => array.as_struct().columns().iter().all(fits),
        DataType::List(_) => fits(array.as_list::<i32>().values()),
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            count(list.value_offsets().last()) && fits(list.values())
        }
        _ => true,
    }
}
