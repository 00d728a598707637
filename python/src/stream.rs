//! The guarded Arrow C stream. Consumers cannot be told of a panic, nor of a text with a NUL: unguarded,
//! either ends the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatchReader, StructArray};
use arrow_cast::display::FormatOptions;
use arrow_cast::{CastOptions, can_cast_types, cast_with_options};
use arrow_schema::{ArrowError, Field, FieldRef, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3_arrow::PyField;
use pyo3_arrow::ffi::{ArrayIterator, to_stream_pycapsule};

/// A capsule `arrow_array_stream` of the reader's batches.
pub(crate) fn stream_capsule<'py>(
    py: Python<'py>,
    reader: impl RecordBatchReader + Send + 'static,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = reader.schema();
    let rows = Field::new_struct("", schema.fields().clone(), false).with_metadata(schema.metadata().clone());
    let arrays = reader.map(|batch| Ok(Arc::new(StructArray::from(batch?)) as ArrayRef));
    arrays_capsule(py, arrays, Arc::new(rows), requested_schema)
}

/// A capsule `arrow_array_stream` of arrays, in the type that the consumer asked for where there is a way
/// from one to the other; then a value that cannot go it is an error.
pub(crate) fn arrays_capsule<'py>(
    py: Python<'py>,
    arrays: impl Iterator<Item = Result<ArrayRef, ArrowError>> + Send + 'static,
    field: FieldRef,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    const STRICT: CastOptions<'static> = CastOptions { safe: false, format_options: FormatOptions::new() };
    let asked = requested_schema.map(|capsule| PyField::from_arrow_pycapsule(&capsule)).transpose()?;
    let asked = asked.map(PyField::into_inner).filter(|it| can_cast_types(field.data_type(), it.data_type()));
    let field = match &asked {
        Some(asked) => Arc::new(asked.as_ref().clone().with_metadata(field.metadata().clone())),
        None => field,
    };
    let cast = arrays.map(move |array| match &asked {
        Some(asked) => cast_with_options(&array?, asked.data_type(), &STRICT),
        None => array,
    });
    Ok(to_stream_pycapsule(py, Box::new(ArrayIterator::new(Guarded { arrays: Some(cast) }, field)), None)?)
}

/// Nothing comes after an error, and a panic is one.
struct Guarded<I> {
    arrays: Option<I>,
}

impl<I: Iterator<Item = Result<ArrayRef, ArrowError>>> Iterator for Guarded<I> {
    type Item = Result<ArrayRef, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let arrays = self.arrays.as_mut()?;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(feature = "sabotage")]
            sabotage::strike()?;
            arrays.next().transpose()
        }));
        let next = match outcome {
            Ok(Ok(Some(array))) => return Some(Ok(array)),
            Ok(Ok(None)) => None,
            Ok(Err(error)) => Some(Err(without_nul(error))),
            Err(panic) => {
                let message = mrrc::io::message_of(&*panic);
                Some(Err(without_nul(ArrowError::ComputeError(format!(
                    "internal error (please report it): {message}"
                )))))
            }
        };
        self.arrays = None;
        next
    }
}

/// A C string ends at its first NUL, and octets of records do get into messages.
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
    Ok(pyo3_arrow::ffi::to_schema_pycapsule(py, schema.as_ref())?)
}

/// For the tests of the guard: the next batch of any stream is a panic, or an error whose text has a NUL.
#[cfg(feature = "sabotage")]
#[pyfunction]
pub(crate) fn _sabotage(with: Option<String>) {
    sabotage::plan(with);
}

#[cfg(feature = "sabotage")]
mod sabotage {
    use std::sync::Mutex;

    use arrow_schema::ArrowError;

    static PLAN: Mutex<Option<String>> = Mutex::new(None);

    pub(super) fn plan(with: Option<String>) {
        *PLAN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = with;
    }

    #[allow(clippy::panic)]
    pub(super) fn strike() -> Result<(), ArrowError> {
        match PLAN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take().as_deref() {
            Some("panic") => panic!("planted panic"),
            Some("nul") => Err(ArrowError::ComputeError("planted \0 octet".into())),
            _ => Ok(()),
        }
    }
}
