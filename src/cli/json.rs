//! Rows as JSON lines: an object for each, with null, lists and numbers as JSON has them.

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_json::WriterBuilder;
use arrow_json::writer::LineDelimited;
use arrow_schema::ArrowError;

use crate::error::{Error, Result};

/// Writes batches; nothing is flushed.
pub(super) fn write_json<E: Into<Error>>(
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    output: &mut impl Write,
) -> Result<()> {
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(output);
    for batch in batches {
        writer.write(&batch.map_err(Into::into)?).map_err(of_writing)?;
    }
    writer.finish().map_err(of_writing)
}

fn of_writing(error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, error) => Error::of_writing(error),
        other => other.into(),
    }
}
