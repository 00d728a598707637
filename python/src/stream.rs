//! The guarded Arrow C stream. Consumers cannot be told of a panic, nor of a text with a NUL: unguarded,
//! either ends the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatchReader, StructArray};
use arrow_schema::{ArrowError, Field, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3_arrow::ffi::{ArrayIterator, to_stream_pycapsule};

/// A capsule `arrow_array_stream` of the reader's batches, in the schema that the consumer asked for where
/// they can be cast to it.
pub(crate) fn stream_capsule<'py>(
    py: Python<'py>,
    reader: impl RecordBatchReader + Send + 'static,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = reader.schema();
    let rows = Field::new_struct("", schema.fields().clone(), false).with_metadata(schema.metadata().clone());
    let guarded = Guarded { reader: Some(reader) };
    Ok(to_stream_pycapsule(py, Box::new(ArrayIterator::new(guarded, Arc::new(rows))), requested_schema)?)
}

/// Batches as struct arrays; nothing comes after an error.
struct Guarded<R> {
    reader: Option<R>,
}

impl<R: RecordBatchReader> Iterator for Guarded<R> {
    type Item = Result<ArrayRef, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(feature = "sabotage")]
            sabotage::strike()?;
            reader.next().transpose()
        }));
        let next = match outcome {
            Ok(Ok(Some(batch))) => return Some(Ok(Arc::new(StructArray::from(batch)))),
            Ok(Ok(None)) => None,
            Ok(Err(error)) => Some(Err(without_nul(error))),
            Err(panic) => {
                let message = mrrc::io::message_of(&*panic);
                Some(Err(without_nul(ArrowError::ComputeError(format!(
                    "internal error (please report it): {message}"
                )))))
            }
        };
        self.reader = None;
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
