//! `mrrc.Table`: finished data in memory, and its columns.

use std::io::Write;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, RecordBatch, RecordBatchIterator, RecordBatchReader,
    StructArray,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::filter::filter_record_batch;
use mrrc::internals::show::Rows;
use mrrc::internals::words::{counted, grouped};
use mrrc::{Condition, Error, rows};
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList, PySlice, PyString, PyTuple};

use crate::accounts::Book;
use crate::address;
use crate::attribute::missing;
use crate::column::Column;
use crate::csv::Csv;
use crate::error::exception;
use crate::guard::guarded;
use crate::marc::{Target, row_options, write_reader};
use crate::options::{Argument, RowCount};
use crate::parquet::write_parquet;
use crate::records::rows::TableRecords;
use crate::schema::{self, Schema};
use crate::signals::{ROWS, answer_signals, output};
use crate::slice::{alone, bytes_of};
use crate::stream::{array_capsules, schema_capsule, stream_capsule};
use crate::terminal;
use crate::values::values;

/// Records in memory as Arrow columns, with the accounts of the read that made them.
///
/// Any library that speaks Arrow takes it without a copy: `pl.DataFrame(table)`, `pa.table(table)`,
/// `duckdb.sql("from table")`. `table[name]` is a `Column`; `table[[name, ...]]` has some of the columns,
/// `table[10:20]` some of the rows.
///
/// The accounts say what became of every record: `sources`, `findings`, `diagnostics` and `rejects` are
/// Tables themselves. They are `None` for a Table that is itself an account, or a batch of a `Scan`.
///
/// Example:
///     >>> import mrrc
///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
///     >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), title]).as_marc()
///     >>> table = mrrc.read_arrow(data)
///     >>> table.num_rows, table.column_names
///     (1, ['record', 'control_number', 'leader', 'fields'])
///     >>> table.sources["delivered"]
///     mrrc.Column delivered: int64, 1 value
///       1
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    book: Option<Arc<Book>>,
}

impl Table {
    pub(crate) fn new(schema: SchemaRef, batches: Vec<RecordBatch>, book: Option<Arc<Book>>) -> Table {
        Table { schema, batches, book }
    }

    pub(crate) fn of_account(batch: &RecordBatch) -> Table {
        Table::new(batch.schema(), vec![batch.clone()], None)
    }

    pub(crate) fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    pub(crate) fn book(&self) -> Option<&Book> {
        self.book.as_deref()
    }

    /// The number of bytes that the rows take in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.batches.iter().flat_map(RecordBatch::columns).map(bytes_of).sum()
    }

    fn reader(&self) -> impl RecordBatchReader + Send + use<> {
        RecordBatchIterator::new(self.batches.clone().into_iter().map(Ok), self.schema.clone())
    }

    /// The rows in pieces; signals are answered in between.
    fn answering(&self) -> impl Iterator<Item = Result<RecordBatch, Error>> + Send {
        self.batches.iter().flat_map(pieces).map(|piece| answer_signals().map(|()| piece))
    }

    /// Whether each row is of a record that meets a condition.
    fn meeting(&self, condition: &Condition) -> Result<BooleanArray, Error> {
        rows::meeting(&self.schema, self.answering(), condition)
    }

    fn account(&self, of: fn(&Book) -> &RecordBatch) -> Option<Table> {
        self.book.as_deref().map(|book| Table::of_account(of(book)))
    }

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
                "{} of {} were not kept, so not all can be written; \
                 sources keep 16 MiB of rejected bytes each",
                counted(missing as u64, "record"),
                grouped(self.rows() as u64)
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

    /// The columns with these names, with all rows.
    fn project(&self, names: &[String]) -> PyResult<Table> {
        let places = schema::places(&self.schema, names)?;
        let project = || -> Result<Table, ArrowError> {
            let schema = Arc::new(self.schema.project(&places)?);
            let batches = self.batches.iter().map(|batch| batch.project(&places));
            Ok(Table::new(schema, batches.collect::<Result<_, _>>()?, self.book.clone()))
        };
        project().map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Rows `start` to `stop`, with all columns.
    pub(crate) fn slice(&self, start: usize, stop: usize) -> Table {
        let mut batches = Vec::new();
        let mut before = 0;
        for batch in &self.batches {
            let (from, to) = (start.max(before), stop.min(before + batch.num_rows()));
            if from < to {
                batches.push(batch.slice(from - before, to - from));
            }
            before += batch.num_rows();
        }
        Table::new(self.schema.clone(), batches, self.book.clone())
    }

    fn shown(&self) -> Rows<'_> {
        let book = self.book.as_ref().filter(|book| !book.is_whole);
        let news = book.map(|book| book.summary.as_str());
        Rows { schema: &self.schema, batches: &self.batches, bytes: self.bytes(), news }
    }
}

#[pymethods]
impl Table {
    #[new]
    #[pyo3(signature = (*_given, **_named), text_signature = None)]
    fn by_hand(_given: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> PyResult<Table> {
        Err(PyTypeError::new_err("a Table is made by mrrc.read_arrow, or by a Scan's read()"))
    }

    /// The number of rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.rows()
    }

    /// The number of columns.
    #[getter]
    fn num_columns(&self) -> usize {
        self.schema.fields().len()
    }

    /// The number of rows and the number of columns.
    #[getter]
    fn shape(&self) -> (usize, usize) {
        (self.rows(), self.num_columns())
    }

    /// The names of the columns, in order.
    #[getter]
    fn columns(&self) -> Vec<&str> {
        schema::names(&self.schema)
    }

    /// The names of the columns, in order.
    #[getter]
    fn column_names(&self) -> Vec<&str> {
        schema::names(&self.schema)
    }

    /// The names and types of the columns.
    #[getter]
    fn schema(&self) -> Schema {
        Schema(self.schema.clone())
    }

    /// The size of the rows in memory, in bytes; for a slice, that of its own rows only.
    #[getter]
    fn nbytes(&self) -> usize {
        self.bytes()
    }

    fn __len__(&self) -> usize {
        self.rows()
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> bool {
        name.extract::<String>().is_ok_and(|name| self.schema.index_of(&name).is_ok())
    }

    fn __iter__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "a Table has columns and is not iterated over: table[name] is one of them, table.to_pylist() and \
             table.records() have the rows; a library that wants a pyarrow Table takes table.to_pyarrow(), others \
             table.to_polars() or table.to_pandas()",
        ))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(name) = key.cast::<PyString>() {
            let place = schema::place(&self.schema, &name.to_cow()?)?;
            let chunks = self.batches.iter().map(|batch| batch.column(place).clone()).collect();
            let column = Column::new(self.schema.fields()[place].clone(), chunks);
            return Ok(Bound::new(py, column)?.into_any());
        }
        let table = if let Ok(slice) = key.cast::<PySlice>() {
            let range = slice.indices(self.rows() as isize)?;
            if range.step != 1 {
                return Err(PyIndexError::new_err("a slice of a Table cannot have a step"));
            }
            self.slice(range.start as usize, range.stop.max(range.start) as usize)
        } else if let Ok(names) = key.extract::<Vec<String>>() {
            self.project(&names)?
        } else {
            return Err(PyTypeError::new_err(
                "a Table takes a column name, a list of names, or a slice of rows",
            ));
        };
        Ok(Bound::new(py, table)?.into_any())
    }

    /// The first `n` rows, or all if there are fewer.
    #[pyo3(signature = (n=RowCount(5)), text_signature = "($self, n=5)")]
    fn head(&self, n: RowCount) -> Table {
        self.slice(0, n.at_most(self.rows()))
    }

    /// The last `n` rows, or all if there are fewer.
    #[pyo3(signature = (n=RowCount(5)), text_signature = "($self, n=5)")]
    fn tail(&self, n: RowCount) -> Table {
        let rows = self.rows();
        self.slice(rows - n.at_most(rows), rows)
    }

    /// The columns with these names, in this order: `table.select("leader", "fields")`.
    ///
    /// Args:
    ///     columns: the names, one by one or as a list.
    ///
    /// Raises:
    ///     KeyError: there is no column with one of the names.
    ///     ValueError: a column is named twice.
    #[pyo3(signature = (*columns))]
    fn select(&self, columns: &Bound<'_, PyTuple>) -> PyResult<Table> {
        self.project(&schema::named(columns)?)
    }

    /// The rows of the records that meet a condition, with all columns.
    ///
    /// The rows have to be those of a layout: of a read without `columns`, or from `mrrc.from_arrow`. Of a
    /// record they are all kept, or none. What the rows do not have, such as fields that `tags` left out, the
    /// record does not have.
    ///
    /// Args:
    ///     condition: in the notation for columns, such as `"245$a ~ 'railway' and not 880"`.
    ///
    /// Raises:
    ///     ValueError: the condition is not in that notation, or the rows are not those of a layout.
    ///
    /// Example:
    ///     >>> import mrrc
    ///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
    ///     >>> table = mrrc.read_arrow(mrrc.Record(fields=[title]).as_marc() * 3)
    ///     >>> table.where("245$a ~ 'mm'").num_rows, table.where("not 245").num_rows
    ///     (3, 0)
    #[pyo3(name = "where", signature = (condition, /))]
    fn filter(&self, py: Python<'_>, condition: Bound<'_, PyAny>) -> PyResult<Table> {
        let condition = Argument::new("condition", condition).condition()?;
        let filter = || -> Result<Vec<RecordBatch>, Error> {
            let are_met = self.meeting(&condition)?;
            let mut batches = Vec::new();
            let mut before = 0;
            for batch in &self.batches {
                answer_signals()?;
                batches.push(filter_record_batch(batch, &are_met.slice(before, batch.num_rows()))?);
                before += batch.num_rows();
            }
            batches.retain(|batch| batch.num_rows() > 0);
            Ok(batches)
        };
        let batches = py.detach(|| guarded(filter)).map_err(|error| exception(py, error))?;
        Ok(Table::new(self.schema.clone(), batches, self.book.clone()))
    }

    /// Count the rows, or those of the records that meet a condition.
    ///
    /// Args:
    ///     where: in the notation for columns; the rows have to be those of a layout.
    #[pyo3(signature = (*, r#where=None))]
    fn count(&self, py: Python<'_>, r#where: Option<Bound<'_, PyAny>>) -> PyResult<usize> {
        let Some(condition) = r#where else { return Ok(self.rows()) };
        let condition = Argument::new("where", condition).condition()?;
        let are_met = py.detach(|| guarded(|| self.meeting(&condition)));
        are_met.map(|are_met| are_met.true_count()).map_err(|error| exception(py, error))
    }

    /// Count the values of an expression in the records that the rows hold.
    ///
    /// Args:
    ///     expression: in the notation for columns, such as `"trim(650$a)"`. The values of a list are counted
    ///         one by one.
    ///
    /// Returns:
    ///     A `Table` with one row for each value: `value`, and `count` (int64), the most frequent first. Null
    ///     is what the expression could not take. Only different values need memory.
    ///
    /// Raises:
    ///     ValueError: the expression is not in the notation or gives whole fields, or the rows are not those
    ///         of a layout.
    ///
    /// Example:
    ///     >>> import mrrc
    ///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
    ///     >>> table = mrrc.read_arrow(mrrc.Record(fields=[title]).as_marc() * 3)
    ///     >>> table.value_counts("trim(245$a)").to_polars().rows()
    ///     [('Emma', 3)]
    #[pyo3(signature = (expression, /))]
    fn value_counts(&self, py: Python<'_>, expression: Bound<'_, PyAny>) -> PyResult<Table> {
        let expression = Argument::new("expression", expression).expression()?;
        let count = || rows::value_counts(&self.schema, self.answering(), &expression);
        let counts = py.detach(|| guarded(count)).map_err(|error| exception(py, error))?;
        Ok(Table::new(counts.schema(), vec![counts], self.book.clone()))
    }

    /// The columns of expressions: one row for each record that the rows hold.
    ///
    /// They are those of a read with these `columns`. A value that a function cannot take is null; the
    /// accounts remain those of the read.
    ///
    /// Args:
    ///     columns: a list of expressions, such as `["001", "245$a"]`; a dict of names and expressions, such
    ///         as `{"title": "first(trim(245$a))"}`; or a preset, `"bib"` or `"codes"`.
    ///
    /// Raises:
    ///     ValueError: an expression is not in the notation, or the rows are not those of a layout.
    ///
    /// Example:
    ///     >>> import mrrc
    ///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
    ///     >>> table = mrrc.read_arrow(mrrc.Record(fields=[title]).as_marc(), layout="subfields")
    ///     >>> table.extract({"title": "first(trim(245$a))"}).to_polars().rows()
    ///     [('Emma',)]
    #[pyo3(signature = (columns, /))]
    fn extract(&self, py: Python<'_>, columns: Bound<'_, PyAny>) -> PyResult<Table> {
        let columns = Argument::new("columns", columns).columns()?;
        let extract = || -> Result<_, Error> {
            let extracted = rows::extract(&self.schema, self.answering(), &columns)?;
            Ok((extracted.schema(), extracted.collect::<Result<_, _>>()?))
        };
        let (schema, batches) = py.detach(|| guarded(extract)).map_err(|error| exception(py, error))?;
        Ok(Table::new(schema, batches, self.book.clone()))
    }

    /// One row for each source: what became of its records and bytes.
    #[getter]
    fn sources(&self) -> Option<Table> {
        self.account(|book| &book.sources)
    }

    /// One row for each source and code, with the exact number of findings.
    #[getter]
    fn findings(&self) -> Option<Table> {
        self.account(|book| &book.findings)
    }

    /// One row for each finding: the first 1,000 of each source.
    #[getter]
    fn diagnostics(&self) -> Option<Table> {
        self.account(|book| &book.diagnostics)
    }

    /// One row for each record that was left out, with its bytes.
    #[getter]
    fn rejects(&self) -> Option<Table> {
        self.account(|book| &book.rejects)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        stream_capsule(py, self.reader(), requested_schema)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.schema)
    }

    /// A Table of one chunk, such as a batch of a Scan, has `__arrow_c_array__` too. Others do not: polars would
    /// prefer it to the stream, and it can give one chunk only.
    fn __getattr__<'py>(slf: &Bound<'py, Self>, name: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
        if name.to_cow()? != "__arrow_c_array__" {
            return missing(slf, name);
        }
        match slf.get().batches.len() {
            0 | 1 => slf.getattr("_arrow_c_array"),
            chunks => Err(PyAttributeError::new_err(format!(
                "__arrow_c_array__ gives one chunk, and this Table has {}; __arrow_c_stream__ gives all of them, \
                 as pa.table(table) does",
                grouped(chunks as u64)
            ))),
        }
    }

    #[pyo3(signature = (requested_schema=None))]
    fn _arrow_c_array<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let only = self.batches.first().cloned();
        let batch = only.unwrap_or_else(|| RecordBatch::new_empty(self.schema.clone()));
        array_capsules(py, batch, requested_schema)
    }

    /// The rows as a list of dicts, with values as those of `Column.to_pylist`.
    fn to_pylist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let all = PyList::empty(py);
        for batch in &self.batches {
            let rows: ArrayRef = Arc::new(StructArray::from(batch.clone()));
            values(py, &rows)?.into_iter().try_for_each(|row| all.append(row))?;
        }
        Ok(all)
    }

    /// A pandas DataFrame over the same data (`ArrowDtype`). Needs the extra `mrrc[pandas]`.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_pandas", (slf,))
    }

    /// A polars DataFrame over the same data. Needs the extra `mrrc[polars]`.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_polars", (slf,))
    }

    /// A pyarrow Table over the same data. Needs pyarrow.
    fn to_pyarrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_pyarrow", (slf,))
    }

    /// A pyarrow RecordBatchReader over the same data. Needs pyarrow.
    fn to_reader<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_reader", (slf,))
    }

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
        let csv = Csv::new(&self.schema, path, separator, list_separator, header)?;
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
        let path = address::written_to(Argument::new("path", path).path()?)?;
        let threads = threads.map(|it| Argument::new("threads", it).threads()).transpose()?.flatten();
        let schema = self.schema.clone();
        let written = py.detach(|| guarded(|| write_parquet(schema, self.answering(), &path, None, threads)));
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
        let path = address::written_to(Argument::new("path", path).path()?)?;
        let records = self.raw_records()?;
        let write = || -> Result<(), Error> {
            let mut output = output(&path)?;
            for (place, record) in records.iter().copied().flatten().flatten().enumerate() {
                if place % ROWS == 0 {
                    answer_signals()?;
                }
                output.write_all(record)?;
            }
            Ok(output.finish()?)
        };
        py.detach(|| guarded(write)).map_err(|error| exception(py, error))
    }

    /// Iterate over the rows as `Record`s. A change to one of them does not change the Table.
    pub(crate) fn records(&self, py: Python<'_>) -> PyResult<TableRecords> {
        TableRecords::new(py, &self.schema, self.batches.clone())
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
        let threads = threads.map(|it| Argument::new("threads", it).threads()).transpose()?.flatten();
        let options = row_options(py, [encoding, unencodable, oversize, on_error], threads)?;
        write_reader(py, &self.schema, self.reader(), &Target::of(target)?, &options)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        self.shown().text(terminal::columns(py))
    }

    fn _repr_html_(&self) -> String {
        self.shown().html()
    }

    /// Pickles as Arrow IPC streams and their checksum.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, table) = (slf.py(), slf.get());
        let pickled = |schema: &SchemaRef, batches: &[RecordBatch]| -> PyResult<Bound<'py, PyBytes>> {
            let bytes = ipc(schema, batches).map_err(|error| PyValueError::new_err(error.to_string()))?;
            Ok(PyBytes::new(py, &bytes))
        };
        let mut streams = vec![pickled(&table.schema, &table.batches)?];
        if let Some(book) = table.book() {
            for batch in [&book.sources, &book.findings, &book.diagnostics, &book.rejects] {
                streams.push(pickled(&batch.schema(), std::slice::from_ref(batch))?);
            }
        }
        let checksum = checksum(py, &streams)?;
        let said = table.book().map(|book| (&book.summary, book.is_whole));
        let arguments = (streams, said, checksum).into_pyobject(py)?;
        Ok((py.import("mrrc._mrrc")?.getattr("_table_from_ipc")?, arguments))
    }
}

fn ipc(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<u8>, ArrowError> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, schema)?;
    batches.iter().try_for_each(|batch| writer.write(&alone(batch)?))?;
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

/// The CRC-32 of concatenated streams.
fn checksum<'py>(py: Python<'py>, streams: &[Bound<'py, PyBytes>]) -> PyResult<u32> {
    let crc32 = py.import("zlib")?.getattr("crc32")?;
    streams.iter().try_fold(0, |before, stream| crc32.call1((stream, before))?.extract())
}

/// Makes a Table from a pickle. The streams are read only if they are what was pickled, because the IPC reader trusts
/// the numbers in them.
#[pyfunction]
pub(crate) fn _table_from_ipc<'py>(
    py: Python<'py>,
    streams: Vec<Bound<'py, PyBytes>>,
    said: Option<(String, bool)>,
    pickled_checksum: u32,
) -> PyResult<Table> {
    if checksum(py, &streams)? != pickled_checksum {
        return Err(PyValueError::new_err("the pickled Table is damaged: its checksum does not agree"));
    }
    let read = |bytes: &Bound<'_, PyBytes>| -> Result<(SchemaRef, Vec<RecordBatch>), ArrowError> {
        let reader = StreamReader::try_new(bytes.as_bytes(), None)?;
        Ok((reader.schema(), reader.collect::<Result<_, _>>()?))
    };
    let one = |bytes: &Bound<'_, PyBytes>| -> Result<RecordBatch, ArrowError> {
        let (schema, batches) = read(bytes)?;
        Ok(batches.into_iter().next().unwrap_or_else(|| RecordBatch::new_empty(schema)))
    };
    let made = || -> Result<Option<Table>, ArrowError> {
        let (data, book) = match (streams.as_slice(), said) {
            ([data], None) => (data, None),
            ([data, sources, findings, diagnostics, rejects], Some((summary, is_whole))) => {
                let book = Book {
                    summary,
                    is_whole,
                    sources: one(sources)?,
                    findings: one(findings)?,
                    diagnostics: one(diagnostics)?,
                    rejects: one(rejects)?,
                };
                (data, Some(Arc::new(book)))
            }
            _ => return Ok(None),
        };
        let (schema, batches) = read(data)?;
        Ok(Some(Table::new(schema, batches, book)))
    };
    let table = guarded(made).map_err(|error| PyValueError::new_err(error.to_string()))?;
    table.ok_or_else(|| PyValueError::new_err("the pickled Table is damaged: its parts are not all there"))
}

/// A batch, cut so that signals are answered in between.
fn pieces(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> {
    let rows = batch.num_rows();
    (0..rows).step_by(ROWS).map(move |start| batch.slice(start, ROWS.min(rows - start)))
}
