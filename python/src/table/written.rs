//! What a `Table` writes: Parquet, CSV, bytes as they were, and MARC again, in ISO 2709 or as text.

use std::io::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, BinaryArray};
use mrrc::Error;
use mrrc::forms::TextForm;
use mrrc::internals::words::counted;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::Table;
use crate::csv::Csv;
use crate::destination::Destination;
use crate::error::exception;
use crate::guard::guarded;
use crate::marc::{Target, row_options, write_reader};
use crate::options::threads_of;
use crate::parquet::write_parquet;
use crate::signals::{ROWS, answer_signals, output};
use crate::text::{Texts, is_array};

impl Table {
    /// The records of the column `raw`; an error if one is missing.
    fn raw_records(&self) -> PyResult<Vec<&BinaryArray>> {
        let place = self.schema.index_of("raw").map_err(|_| {
            PyValueError::new_err("there is no column raw to write; read with provenance=\"raw\"")
        })?;
        let columns: Option<Vec<_>> =
            self.batches.iter().map(|batch| batch.column(place).as_binary_opt::<i32>()).collect();
        let columns = columns.ok_or_else(|| PyValueError::new_err("the column raw does not hold bytes"))?;
        match self.records_without(&columns) {
            0 => Ok(columns),
            missing => Err(PyValueError::new_err(format!(
                "the bytes of {} are not here, so not all can be written; sources keep 16 MiB of rejected bytes \
                 each, and in other Tables the first row of a record has its bytes",
                counted(missing as u64, "record")
            ))),
        }
    }

    /// How many records have no bytes. If a record is several rows, the first has them.
    fn records_without(&self, raw: &[&BinaryArray]) -> usize {
        let (mut missing, mut last) = (0, None);
        for (batch, raw) in self.batches.iter().zip(raw) {
            let number = batch.column_by_name("record").and_then(|it| it.as_primitive_opt::<Int64Type>());
            let source = batch.column_by_name("source").and_then(|it| it.as_string_opt::<i32>());
            for row in 0..batch.num_rows() {
                let source = source.filter(|column| column.is_valid(row)).map(|column| column.value(row));
                let record = number.map(|column| (source, column.value(row)));
                let goes_on = record.is_some() && record == last;
                missing += usize::from(raw.is_null(row) && !goes_on);
                last = record;
            }
        }
        missing
    }
}

#[pymethods]
impl Table {
    /// Write CSV: in UTF-8, with quotes as in RFC 4180, each line ended by a line feed.
    ///
    /// A null is nothing between two separators, and empty text is `""`. The values of a list are one cell,
    /// joined by `list_separator`; an empty list is nothing. A file appears complete, or not at all.
    ///
    /// Args:
    ///     path: where to write; an existing file is replaced. `None` returns the CSV as text.
    ///     separator: what stands between two cells, one ASCII character.
    ///     list_separator: what stands between two values of a list.
    ///     header: whether the first line has the names of the columns.
    ///
    /// Raises:
    ///     ValueError: a column is nested or has bytes, which CSV cannot hold: select others.
    ///     OSError: the file cannot be written.
    #[pyo3(
        signature = (path=None, /, *, separator=None, list_separator=None, header=None),
        text_signature = "($self, path=None, /, *, separator=',', list_separator='; ', header=True)"
    )]
    fn to_csv(
        &self,
        py: Python<'_>,
        path: Option<Bound<'_, PyAny>>,
        separator: Option<Bound<'_, PyAny>>,
        list_separator: Option<Bound<'_, PyAny>>,
        header: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Option<String>> {
        let csv = Csv::new(&self.schema, path, None, separator, list_separator, header)?;
        let schema = self.schema.clone();
        py.detach(|| guarded(|| csv.write(schema, self.answering()))).map_err(|error| exception(py, error))
    }

    /// Write a Parquet file, compressed with zstd.
    ///
    /// The file appears complete, or not at all.
    ///
    /// Args:
    ///     path: where to write; an existing file is replaced.
    ///     threads: the number of threads that encode; `None` for one per core.
    ///
    /// Raises:
    ///     OSError: the file cannot be written.
    #[pyo3(signature = (path, /, *, threads=None))]
    fn to_parquet(
        &self,
        py: Python<'_>,
        path: Bound<'_, PyAny>,
        threads: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let destination = Destination::of("path", &path, None)?;
        let threads = threads_of(threads)?;
        let schema = self.schema.clone();
        let written =
            py.detach(|| guarded(|| write_parquet(schema, self.answering(), &destination, None, threads)));
        written.map_err(|error| exception(py, error))
    }

    /// Write the column `raw` of `rejects`, or of a read with `provenance="raw"`, byte for byte.
    ///
    /// The file appears complete, or not at all.
    ///
    /// Raises:
    ///     ValueError: there is no column `raw`, or the bytes of one of its records were not kept.
    ///     OSError: the file cannot be written.
    #[pyo3(signature = (path, /))]
    fn write_raw(&self, py: Python<'_>, path: Bound<'_, PyAny>) -> PyResult<()> {
        let destination = Destination::of("path", &path, None)?;
        let records = self.raw_records()?;
        let write = || -> Result<(), Error> {
            let mut output = output(destination.path())?;
            for (place, record) in records.iter().copied().flatten().flatten().enumerate() {
                if place % ROWS == 0 {
                    answer_signals()?;
                }
                output.write_all(record)?;
            }
            output.finish()?;
            destination.arrive()
        };
        py.detach(|| guarded(write)).map_err(|error| exception(py, error))
    }

    /// Write the records that the rows hold in ISO 2709; `mrrc.write_marc` explains all arguments.
    ///
    /// The file appears complete, or not at all.
    ///
    /// Returns:
    ///     A `Table` of what was not written as it stood.
    ///
    /// Raises:
    ///     WriteError: a record cannot be written, and `on_error` is `"raise"`.
    ///     ValueError: the rows are not those of a layout.
    ///     OSError: the file cannot be written.
    #[pyo3(signature = (target, /, *, encoding="utf-8", unencodable="raise", oversize="raise", on_error="raise", threads=None))]
    #[allow(clippy::too_many_arguments)]
    fn write_marc(
        &self,
        py: Python<'_>,
        target: Bound<'_, PyAny>,
        encoding: &str,
        unencodable: &str,
        oversize: &str,
        on_error: &str,
        threads: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Table> {
        let threads = threads_of(threads)?;
        let options = row_options(py, [encoding, unencodable, oversize, on_error], threads)?;
        write_reader(py, &self.schema, self.reader(), &Target::of(target, None)?, &options)
    }

    /// Write the records that the rows hold as MARCXML: a collection in UTF-8, with a record on each line.
    ///
    /// The file appears complete, or not at all.
    ///
    /// Args:
    ///     target: a path, whose existing file is replaced, or a binary file object.
    ///     unencodable: what to do with a character that XML forbids, such as a control: `"raise"`, or
    ///         `"replace"` to write U+FFFD, and to name the record.
    ///     on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.
    ///     threads: the number of threads that write; `None` for one per core.
    ///
    /// Returns:
    ///     A `Table` of what was not written as it stood, like that of `mrrc.write_marc`. Text outside
    ///     subfields, for which MARCXML has no place, becomes a subfield `a`, and is in it.
    ///
    /// Raises:
    ///     WriteError: a record cannot be written, and `on_error` is `"raise"`.
    ///     ValueError: the rows are not those of a layout.
    ///     OSError: the file cannot be written.
    #[pyo3(signature = (target, /, *, unencodable="raise", on_error="raise", threads=None))]
    fn to_marcxml(
        &self,
        py: Python<'_>,
        target: Bound<'_, PyAny>,
        unencodable: &str,
        on_error: &str,
        threads: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Table> {
        let threads = threads_of(threads)?;
        Texts::new(TextForm::Marcxml, target, None, unencodable, on_error, threads)?.write_table(py, self)
    }

    /// Write the records that the rows hold as MARC-in-JSON: a record on each line, or one array of them.
    ///
    /// It is compact and in UTF-8. The file appears complete, or not at all.
    ///
    /// Args:
    ///     target: a path, whose existing file is replaced, or a binary file object.
    ///     array: whether it is one array, instead of a document on each line.
    ///     on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.
    ///     threads: the number of threads that write; `None` for one per core.
    ///
    /// Returns:
    ///     A `Table` of what was not written as it stood, like that of `mrrc.write_marc`. Text outside
    ///     subfields, for which MARC-in-JSON has no place, becomes a subfield `a`, and is in it.
    ///
    /// Raises:
    ///     WriteError: a record cannot be written, and `on_error` is `"raise"`.
    ///     ValueError: the rows are not those of a layout.
    ///     OSError: the file cannot be written.
    #[pyo3(
        signature = (target, /, *, array=None, on_error="raise", threads=None),
        text_signature = "($self, target, /, *, array=False, on_error='raise', threads=None)"
    )]
    fn to_json(
        &self,
        py: Python<'_>,
        target: Bound<'_, PyAny>,
        array: Option<Bound<'_, PyAny>>,
        on_error: &str,
        threads: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Table> {
        let form = if is_array(array)? { TextForm::JsonArray } else { TextForm::Json };
        Texts::new(form, target, None, "raise", on_error, threads_of(threads)?)?.write_table(py, self)
    }

    /// Write the records that the rows hold as MARCMaker text, with a blank line between two records.
    ///
    /// `{dollar}`, `{lcub}`, `{rcub}` and `{bsol}` stand for what has a meaning in it, `{0A}` for a control
    /// character, and a backslash for a blank in leader, control fields and indicators. The file appears
    /// complete, or not at all.
    ///
    /// Args:
    ///     target: a path, whose existing file is replaced, or a binary file object.
    ///     unencodable: what to do with U+0085, U+2028 and U+2029, which would end a line: `"raise"`, or
    ///         `"replace"` to write a blank, and to name the record.
    ///     on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.
    ///     threads: the number of threads that write; `None` for one per core.
    ///
    /// Returns:
    ///     A `Table` of what was not written as it stood, like that of `mrrc.write_marc`.
    ///
    /// Raises:
    ///     WriteError: a record cannot be written, and `on_error` is `"raise"`.
    ///     ValueError: the rows are not those of a layout.
    ///     OSError: the file cannot be written.
    #[pyo3(signature = (target, /, *, unencodable="raise", on_error="raise", threads=None))]
    fn to_mrk(
        &self,
        py: Python<'_>,
        target: Bound<'_, PyAny>,
        unencodable: &str,
        on_error: &str,
        threads: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Table> {
        let threads = threads_of(threads)?;
        Texts::new(TextForm::Mrk, target, None, unencodable, on_error, threads)?.write_table(py, self)
    }
}
