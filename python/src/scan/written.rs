//! What a `Scan` writes: Parquet, CSV, and MARC again, in ISO 2709 or as text.

use std::sync::Arc;

use arrow_array::RecordBatchReader;
use mrrc::forms::TextForm;
use pyo3::prelude::*;

use super::{Scan, tell_losses, warned};
use crate::accounts::Book;
use crate::csv::Csv;
use crate::destination::Destination;
use crate::error::exception;
use crate::guard::guarded;
use crate::marc::{Target, account, row_options, write_marc};
use crate::options::Argument;
use crate::parquet::write_parquet;
use crate::table::Table;
use crate::text::{Texts, is_array};

#[pymethods]
impl Scan {
    /// Stream into a Parquet file, compressed with zstd, in bounded memory.
    ///
    /// The file appears complete, or not at all. A process that is killed while it writes may leave a
    /// hidden file that ends in `.part` next to it, which can be deleted.
    ///
    /// Raises:
    ///     MarcError: a record cannot be delivered, and `on_error` is `"raise"`.
    ///     OSError: a source cannot be read, or the file cannot be written.
    fn to_parquet<'py>(slf: &Bound<'py, Self>, path: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._progress")?.call_method1("to_parquet", (slf, path))
    }

    #[pyo3(signature = (path, progress=None))]
    fn _write_parquet(
        &self,
        py: Python<'_>,
        path: Bound<'_, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let destination = Destination::of("path", &path, self.storage(py)?.as_ref())?;
        let names: Vec<_> = self.scan.sources().iter().filter_map(mrrc::Source::name).collect();
        let threads = self.scan.options().resources.threads;
        self.written(py, progress, |schema, batches| {
            write_parquet(schema, warned(batches), &destination, Some(names.join("\n")), threads)
        })
    }

    /// Stream into CSV, in bounded memory, or return it as text.
    ///
    /// It is in UTF-8, with quotes as in RFC 4180, each line ended by a line feed. A null is nothing between
    /// two separators, and empty text is `""`. The values of a list are one cell, joined by `list_separator`;
    /// an empty list is nothing. A file appears complete, or not at all.
    ///
    /// Args:
    ///     path: where to write; an existing file is replaced. `None` returns the CSV as text.
    ///     separator: what stands between two cells, one ASCII character.
    ///     list_separator: what stands between two values of a list.
    ///     header: whether the first line has the names of the columns.
    ///
    /// Raises:
    ///     MarcError: a record cannot be delivered, and `on_error` is `"raise"`.
    ///     ValueError: a column is nested or has bytes, which CSV cannot hold: select others.
    ///     OSError: a source cannot be read, or the file cannot be written.
    #[pyo3(
        signature = (path=None, /, *, separator=None, list_separator=None, header=None),
        text_signature = "($self, path=None, /, *, separator=',', list_separator='; ', header=True)"
    )]
    fn to_csv<'py>(
        slf: &Bound<'py, Self>,
        path: Option<Bound<'py, PyAny>>,
        separator: Option<Bound<'py, PyAny>>,
        list_separator: Option<Bound<'py, PyAny>>,
        header: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let arguments = (slf, path, separator, list_separator, header);
        slf.py().import("mrrc._progress")?.call_method1("to_csv", arguments)
    }

    #[pyo3(signature = (path, separator, list_separator, header, progress=None))]
    fn _write_csv(
        &self,
        py: Python<'_>,
        path: Option<Bound<'_, PyAny>>,
        separator: Option<Bound<'_, PyAny>>,
        list_separator: Option<Bound<'_, PyAny>>,
        header: Option<Bound<'_, PyAny>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Option<String>> {
        let csv = Csv::new(
            &self.scan.schema(),
            path,
            self.storage(py)?.as_ref(),
            separator,
            list_separator,
            header,
        )?;
        self.written(py, progress, |schema, batches| csv.write(schema, warned(batches)))
    }

    /// Stream the records that are read into a file of ISO 2709, in bounded memory.
    ///
    /// Every record that is read is written, also one that was repaired. The file appears complete, or not at
    /// all. `mrrc.write_marc` explains all arguments.
    ///
    /// Returns:
    ///     A `Table` of what was not written as it stood.
    ///
    /// Raises:
    ///     MarcError: a record cannot be delivered, and `on_error` of the Scan is `"raise"`.
    ///     WriteError: a record cannot be written, and `on_error` is `"raise"`.
    ///     OSError: a source cannot be read, or the file cannot be written.
    #[pyo3(signature = (target, /, *, encoding="utf-8", unencodable="raise", oversize="raise", on_error="raise"))]
    fn write_marc<'py>(
        slf: &Bound<'py, Self>,
        target: Bound<'py, PyAny>,
        encoding: &str,
        unencodable: &str,
        oversize: &str,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let arguments = (slf, target, encoding, unencodable, oversize, on_error);
        slf.py().import("mrrc._progress")?.call_method1("write_marc", arguments)
    }

    #[pyo3(signature = (target, encoding, unencodable, oversize, on_error, progress=None))]
    #[allow(clippy::too_many_arguments)]
    fn _write_marc(
        &self,
        py: Python<'_>,
        target: Bound<'_, PyAny>,
        encoding: &str,
        unencodable: &str,
        oversize: &str,
        on_error: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        let threads = self.scan.options().resources.threads;
        let options = row_options(py, [encoding, unencodable, oversize, on_error], threads)?;
        let target = Target::of(target, self.storage(py)?.as_ref())?;
        let progress = progress.map_or_else(|| self.callback(py), |it| Ok(Some(Arc::new(it))))?;
        let mut batches = self.batches(&self.scan, progress);
        let schema = batches.schema();
        let write = || guarded(|| write_marc(&schema, warned(&mut batches), &target, &options));
        let done = py.detach(write).map_err(|error| exception(py, error));
        let (written, _) = self.reads.get().store(py, done, Book::of(batches.accounts()))?;
        account(py, &written)
    }

    /// Stream the records that are read into MARCXML, in bounded memory.
    ///
    /// It is a `collection` in UTF-8, without a prefix, and with a record on each line. The leader is written
    /// as it is. The file appears complete, or not at all.
    ///
    /// Args:
    ///     target: a path, whose existing file is replaced, or a binary file object.
    ///     unencodable: what to do with a character that XML forbids, such as a control: `"raise"`, or
    ///         `"replace"` to write U+FFFD, and to name the record.
    ///     on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.
    ///
    /// Returns:
    ///     A `Table` of what was not written as it stood, like that of `mrrc.write_marc`. Text outside
    ///     subfields, for which MARCXML has no place, becomes a subfield `a`, and is in it.
    ///
    /// Raises:
    ///     MarcError: a record cannot be delivered, and `on_error` of the Scan is `"raise"`.
    ///     WriteError: a record cannot be written, and `on_error` is `"raise"`.
    ///     ValueError: the columns of the Scan are not those of a layout.
    ///     OSError: a source cannot be read, or the file cannot be written.
    #[pyo3(signature = (target, /, *, unencodable="raise", on_error="raise"))]
    fn to_marcxml<'py>(
        slf: &Bound<'py, Self>,
        target: Bound<'py, PyAny>,
        unencodable: &str,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        with_bar(slf, ("marcxml", target, unencodable, on_error))
    }

    /// Stream the records that are read into MARC-in-JSON, in bounded memory.
    ///
    /// It is compact and in UTF-8: a record on each line, or one array of them. The file appears complete, or
    /// not at all.
    ///
    /// Args:
    ///     target: a path, whose existing file is replaced, or a binary file object.
    ///     array: whether it is one array, instead of a document on each line.
    ///     on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.
    ///
    /// Returns:
    ///     A `Table` of what was not written as it stood, like that of `mrrc.write_marc`. Text outside
    ///     subfields, for which MARC-in-JSON has no place, becomes a subfield `a`, and is in it.
    ///
    /// Raises:
    ///     MarcError: a record cannot be delivered, and `on_error` of the Scan is `"raise"`.
    ///     WriteError: a record cannot be written, and `on_error` is `"raise"`.
    ///     ValueError: the columns of the Scan are not those of a layout.
    ///     OSError: a source cannot be read, or the file cannot be written.
    #[pyo3(
        signature = (target, /, *, array=None, on_error="raise"),
        text_signature = "($self, target, /, *, array=False, on_error='raise')"
    )]
    fn to_json<'py>(
        slf: &Bound<'py, Self>,
        target: Bound<'py, PyAny>,
        array: Option<Bound<'py, PyAny>>,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let form = if is_array(array)? { "array" } else { "json" };
        with_bar(slf, (form, target, "raise", on_error))
    }

    /// Stream the records that are read into MARCMaker text, in bounded memory.
    ///
    /// It is in UTF-8, with a blank line between two records. `{dollar}`, `{lcub}`, `{rcub}` and `{bsol}`
    /// stand for what has a meaning in it, `{0A}` for a control character, and a backslash for a blank in
    /// leader, control fields and indicators. The file appears complete, or not at all.
    ///
    /// Args:
    ///     target: a path, whose existing file is replaced, or a binary file object.
    ///     unencodable: what to do with U+0085, U+2028 and U+2029, which would end a line: `"raise"`, or
    ///         `"replace"` to write a blank, and to name the record.
    ///     on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.
    ///
    /// Returns:
    ///     A `Table` of what was not written as it stood, like that of `mrrc.write_marc`.
    ///
    /// Raises:
    ///     MarcError: a record cannot be delivered, and `on_error` of the Scan is `"raise"`.
    ///     WriteError: a record cannot be written, and `on_error` is `"raise"`.
    ///     ValueError: the columns of the Scan are not those of a layout.
    ///     OSError: a source cannot be read, or the file cannot be written.
    #[pyo3(signature = (target, /, *, unencodable="raise", on_error="raise"))]
    fn to_mrk<'py>(
        slf: &Bound<'py, Self>,
        target: Bound<'py, PyAny>,
        unencodable: &str,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        with_bar(slf, ("mrk", target, unencodable, on_error))
    }

    #[pyo3(signature = (form, target, unencodable, on_error, progress=None))]
    fn _write_text(
        &self,
        py: Python<'_>,
        form: &str,
        target: Bound<'_, PyAny>,
        unencodable: &str,
        on_error: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        const FORMS: [(&str, TextForm); 4] = [
            ("marcxml", TextForm::Marcxml),
            ("json", TextForm::Json),
            ("array", TextForm::JsonArray),
            ("mrk", TextForm::Mrk),
        ];
        let form = Argument::of_text(py, "form", form).one_of(&FORMS)?;
        let texts = Texts::new(form, target, self.storage(py)?.as_ref(), unencodable, on_error, None)?;
        let scan = self.scan.writing(form, texts.options.replaces).map_err(|error| exception(py, error))?;
        let progress = progress.map_or_else(|| self.callback(py), |it| Ok(Some(Arc::new(it))))?;
        let mut batches = self.batches(&scan, progress);
        let write = || {
            texts.target.filled(texts.method(), |mut to| {
                let written = batches.write_text_into(&mut to, texts.options.skips)?;
                tell_losses(&batches).map(|()| written)
            })
        };
        let done = py.detach(|| guarded(write)).map_err(|error| exception(py, error));
        let (written, _) = self.reads.get().store(py, done, Book::of(batches.accounts()))?;
        account(py, &written)
    }
}

/// Writes text, with a bar if it takes long.
fn with_bar<'py>(
    scan: &Bound<'py, Scan>,
    (form, target, unencodable, on_error): (&str, Bound<'py, PyAny>, &str, &str),
) -> PyResult<Bound<'py, PyAny>> {
    let arguments = (scan, form, target, unencodable, on_error);
    scan.py().import("mrrc._progress")?.call_method1("write_text", arguments)
}
