//! The guarded Arrow C stream, and the C array of one batch. A consumer cannot receive a panic, nor a text with a NUL: unguarded, either ends the
//! process.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader, StructArray};
use arrow_cast::display::FormatOptions;
use arrow_cast::{CastOptions, can_cast_types, cast_with_options};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use mrrc::internals::show;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};
use pyo3_arrow::PyField;
use pyo3_arrow::ffi::{ArrayIterator, to_array_pycapsules, to_stream_pycapsule};

use crate::guard::guarded;

/// A capsule `arrow_array_stream` of a reader's batches.
pub(crate) fn stream_capsule<'py>(
    py: Python<'py>,
    reader: impl RecordBatchReader + Send + 'static,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let rows = rows_of(&reader.schema());
    let arrays = reader.map(|batch| Ok(Arc::new(StructArray::from(batch?)) as ArrayRef));
    arrays_capsule(py, arrays, rows, requested_schema)
}

/// The capsules `arrow_schema` and `arrow_array` of a batch.
pub(crate) fn array_capsules<'py>(
    py: Python<'py>,
    batch: RecordBatch,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let (rows, as_asked) = asked(rows_of(&batch.schema()), requested_schema)?;
    let array = guarded(|| as_asked(Arc::new(StructArray::from(batch))));
    let array = array.map_err(|error: ArrowError| PyValueError::new_err(error.to_string()))?;
    Ok(to_array_pycapsules(py, rows, &array, None)?)
}

/// The rows of batches as values of one type.
fn rows_of(schema: &SchemaRef) -> FieldRef {
    let rows = Field::new_struct("", schema.fields().clone(), false);
    Arc::new(rows.with_metadata(in_order(schema.metadata())))
}

/// A capsule `arrow_array_stream` of arrays, in the type that the consumer requested; a value that does not fit is an
/// error.
pub(crate) fn arrays_capsule<'py>(
    py: Python<'py>,
    arrays: impl Iterator<Item = Result<ArrayRef, ArrowError>> + Send + 'static,
    field: FieldRef,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let (field, as_asked) = asked(field, requested_schema)?;
    let cast = arrays.map(move |array| as_asked(array?));
    Ok(to_stream_pycapsule(py, Box::new(ArrayIterator::new(Guarded { arrays: Some(cast) }, field)), None)?)
}

/// The type that the consumer requested, and what casts an array to it.
fn asked(
    field: FieldRef,
    requested_schema: Option<Bound<'_, PyCapsule>>,
) -> PyResult<(FieldRef, impl Fn(ArrayRef) -> Result<ArrayRef, ArrowError> + Send + 'static)> {
    const STRICT: CastOptions<'static> = CastOptions { safe: false, format_options: FormatOptions::new() };
    let asked = requested_schema.map(|capsule| PyField::from_arrow_pycapsule(&capsule)).transpose()?;
    let asked = asked.map(PyField::into_inner);
    if let Some(asked) = &asked {
        refuse_other_columns(&field, asked)?;
    }
    let field = match &asked {
        Some(asked) => Arc::new(asked.as_ref().clone().with_metadata(field.metadata().clone())),
        None => field,
    };
    let cast = move |array: ArrayRef| match &asked {
        Some(asked) => cast_with_options(&array, asked.data_type(), &STRICT),
        None => Ok(array),
    };
    Ok((field, cast))
}

/// A consumer may request the same columns in other types, but not other columns, nor types that none of their values
/// has.
fn refuse_other_columns(own: &Field, asked: &Field) -> PyResult<()> {
    let (DataType::Struct(columns), DataType::Struct(wanted)) = (own.data_type(), asked.data_type()) else {
        return refuse_other_type(own, asked);
    };
    if sorted_names(columns) != sorted_names(wanted) {
        let (asked, own) = (names(wanted).join(", "), names(columns).join(", "));
        return Err(PyValueError::new_err(format!(
            "the requested schema has the columns {asked}; the columns here are {own}"
        )));
    }
    let pairs = columns.iter().filter_map(|column| Some((column, wanted.find(column.name())?.1)));
    pairs.into_iter().try_for_each(|(column, wanted)| refuse_other_type(column, wanted))
}

fn refuse_other_type(own: &Field, asked: &Field) -> PyResult<()> {
    if can_cast_types(own.data_type(), asked.data_type()) {
        return Ok(());
    }
    let (name, asked) = (own.name(), show::type_name(asked.data_type()));
    Err(PyValueError::new_err(format!("the column {name} cannot be given as {asked}")))
}

fn names(fields: &Fields) -> Vec<&str> {
    fields.iter().map(|field| field.name().as_str()).collect()
}

fn sorted_names(fields: &Fields) -> Vec<&str> {
    let mut names = names(fields);
    names.sort_unstable();
    names
}

/// Ends after an error; a panic is one.
struct Guarded<I> {
    arrays: Option<I>,
}

impl<I: Iterator<Item = Result<ArrayRef, ArrowError>>> Iterator for Guarded<I> {
    type Item = Result<ArrayRef, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let arrays = self.arrays.as_mut()?;
        let next = guarded(|| {
            #[cfg(feature = "sabotage")]
            crate::guard::strike()?;
            arrays.next().transpose()
        });
        let next = next.map_err(without_nul).transpose();
        if !matches!(next, Some(Ok(_))) {
            self.arrays = None;
        }
        next
    }
}

/// A C string ends at its first NUL, and messages may contain bytes of records.
fn without_nul(error: ArrowError) -> ArrowError {
    let clean = |text: String| text.replace('\0', "\\0");
    match error {
        ArrowError::ParseError(text) => ArrowError::ParseError(clean(text)),
        ArrowError::IoError(text, cause) => ArrowError::IoError(clean(text), cause),
        ArrowError::ExternalError(cause) => ArrowError::ExternalError(clean(cause.to_string()).into()),
        other => ArrowError::ExternalError(clean(other.to_string()).into()),
    }
}

/// The schema of a stream without its data.
pub(crate) fn schema_capsule<'py>(py: Python<'py>, schema: &SchemaRef) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = Schema::new_with_metadata(schema.fields().clone(), in_order(schema.metadata()));
    Ok(pyo3_arrow::ffi::to_schema_pycapsule(py, &schema)?)
}

/// The same metadata, in a map that iterates in the order of its keys.
///
/// Arrow writes them in the iteration order of their `HashMap`, which differs from map to map, so files with the same
/// content would differ. Therefore the map is rebuilt until its order is that of the keys: there are three, so this
/// takes six maps on average.
fn in_order(metadata: &HashMap<String, String>) -> HashMap<String, String> {
    const MOST: usize = 1_000;
    let again =
        || metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<HashMap<_, _>>();
    let sorted = std::iter::repeat_with(again).take(MOST).find(|map| map.keys().is_sorted());
    sorted.unwrap_or_else(|| metadata.clone())
}
