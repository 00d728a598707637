//! `mrrc.Table`: finished data in memory, and its columns.

use std::sync::Arc;

use arrow_array::{BooleanArray, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use mrrc::internals::show::{ROWS_SHOWN, Rows};
use mrrc::internals::words::grouped;
use mrrc::{Condition, Error, rows};
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice, PyString, PyTuple};

use crate::accounts::Book;
use crate::attribute::missing;
use crate::column::Column;
use crate::options::RowCount;
use crate::records::rows::TableRecords;
use crate::schema::Schema;
use crate::signals::{ROWS, answer_signals};
use crate::slice::bytes_of;
use crate::{schema, terminal};

mod asked;
mod engines;
pub(crate) mod pickle;
mod written;

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

    pub(crate) fn reader(&self) -> impl RecordBatchReader + Send + use<> {
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
        Rows { schema: &self.schema, batches: &self.batches, bytes: self.bytes(), most: ROWS_SHOWN, news }
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

    /// One row for each finding: the first 1,000 of each source, at most 100,000 in all.
    #[getter]
    fn diagnostics(&self) -> Option<Table> {
        self.account(|book| &book.diagnostics)
    }

    /// One row for each record that was left out, with its bytes.
    #[getter]
    fn rejects(&self) -> Option<Table> {
        self.account(|book| &book.rejects)
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

    /// Iterate over the rows as `Record`s. A change to one of them does not change the Table.
    pub(crate) fn records(&self, py: Python<'_>) -> PyResult<TableRecords> {
        TableRecords::new(py, &self.schema, self.batches.clone())
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        self.shown().text(terminal::columns(py))
    }

    fn _repr_html_(&self) -> String {
        self.shown().html()
    }
}

/// A batch, cut so that signals are answered in between.
fn pieces(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> {
    let rows = batch.num_rows();
    (0..rows).step_by(ROWS).map(move |start| batch.slice(start, ROWS.min(rows - start)))
}
