//! Batches to CSV: to a file, which appears complete or not at all, or to text.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use mrrc::Error;
use mrrc::csv::{CsvOptions, write_into};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::destination::Destination;
use crate::options::Argument;
use crate::signals::output;

/// The arguments of `to_csv`.
pub(crate) struct Csv {
    /// `None` for text.
    path: Option<Destination>,
    options: CsvOptions,
}

impl Csv {
    /// Refuses columns that cannot be written, before anything is read.
    pub(crate) fn new(
        schema: &SchemaRef,
        path: Option<Bound<'_, PyAny>>,
        storage: Option<&Bound<'_, PyAny>>,
        separator: Option<Bound<'_, PyAny>>,
        list_separator: Option<Bound<'_, PyAny>>,
        header: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Csv> {
        let path = path.map(|path| Destination::of("path", &path, storage)).transpose()?;
        let mut options = CsvOptions::default();
        if let Some(separator) = separator {
            options = options.separator(Argument::new("separator", separator).separator()?);
        }
        if let Some(separator) = list_separator {
            let separator = Argument::new("list_separator", separator);
            options =
                options.list_separator(separator.text("what stands between two values, such as \"; \"")?);
        }
        if let Some(header) = header {
            options = options.header(Argument::new("header", header).yes_or_no()?);
        }
        options.validate(schema).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Csv { path, options })
    }

    /// Writes the batches, and returns them as text if there is no path.
    pub(crate) fn write<E: Into<Error>>(
        &self,
        schema: SchemaRef,
        batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    ) -> Result<Option<String>, Error> {
        let Some(path) = &self.path else {
            let mut bytes = Vec::new();
            write_into(schema, batches, &mut bytes, &self.options)?;
            let text = String::from_utf8(bytes).map_err(|error| Error::Columns(error.to_string()))?;
            return Ok(Some(text));
        };
        let mut output = output(path.path())?;
        write_into(schema, batches, &mut output, &self.options)?;
        output.finish()?;
        path.arrive().map(|()| None)
    }
}
