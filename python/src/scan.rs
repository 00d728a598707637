//! `mrrc.scan` and `mrrc.Scan`: the description of a read.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::SchemaRef;
use mrrc::internals::columns::accounts;
use mrrc::internals::show;
use mrrc::{Batches, Columns, Condition, Error, Options, Policy, Scan as CoreScan, Select};
use pyo3::exceptions::{PyAttributeError, PyBaseException, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyList, PyString, PyTuple};

use crate::accounts::{Book, book_of};
use crate::attribute::missing;
use crate::batches::{ScanBatches, ScanRecords};
use crate::description::Description;
use crate::error::{exception, message};
use crate::guard::guarded;
use crate::options::{Argument, RowCount, options};
use crate::reads::{Reads, Shared};
use crate::records::rows::TableRecords;
use crate::schema::Schema;
use crate::source::Sources;
use crate::table::Table;
use crate::watch::watch;
use crate::{schema, terminal};

mod asked;
mod engines;
mod written;

/// A description of a read: sources and options, as passed to `mrrc.scan`.
///
/// It can be read as often as you like, batch by batch, in bounded memory. polars, DuckDB and pyarrow accept
/// it as it is (`pa.table(scan)`, `duckdb.sql("from scan")`) and read it again each time. Iterating over it
/// yields a Table for each batch.
///
/// `sources`, `findings`, `diagnostics`, `rejects` and `error` are those of the last finished read, and
/// `None` before the first.
///
/// Example:
///     >>> import mrrc
///     >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1")]).as_marc()
///     >>> scan = mrrc.scan(data * 3, batch_size=2)
///     >>> scan.count()
///     3
///     >>> [batch.num_rows for batch in scan]
///     [2, 1]
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct Scan {
    scan: CoreScan,
    /// True if rows say which source they are from.
    names_sources: bool,
    /// The arguments it was made with, for pickling.
    keywords: Py<PyDict>,
    progress: Option<Py<PyAny>>,
    reads: Py<Reads>,
    /// The objects in stores among the sources, each with its place.
    stored: Vec<(usize, Shared)>,
}

impl Scan {
    fn new(sources: Sources, options: Options, keywords: &Bound<'_, PyDict>) -> PyResult<Scan> {
        let py = keywords.py();
        let progress = keywords.get_item("progress")?.map(|it| Argument::new("progress", it).progress());
        let progress = progress.transpose()?.flatten();
        let Sources { found, names_sources, files, stored } = sources;
        if options.limits.byte_range.is_some() && (names_sources || found.len() != 1) {
            return Err(PyValueError::new_err("byte_range needs one path or bytes, not a list or a glob"));
        }
        let scan = match <[mrrc::Source; 1]>::try_from(found) {
            Ok([only]) if !names_sources => CoreScan::new(only),
            Ok(one) => CoreScan::of_sources(one.into()),
            Err(many) => CoreScan::of_sources(many),
        };
        Ok(Scan {
            scan: scan.with_options(options).map_err(|error| exception(py, error))?,
            names_sources,
            keywords: keywords.clone().unbind(),
            progress: progress.map(Bound::unbind),
            reads: Py::new(
                py,
                Reads::new(files.into_iter().chain(stored.iter().map(|(_, it)| it.clone())).collect()),
            )?,
            stored,
        })
    }

    fn batches(&self, scan: &CoreScan, progress: Option<Shared>) -> Batches {
        scan.batches().watched(watch(progress))
    }

    /// The progress callback: a callable, or a new bar for each read.
    fn callback(&self, py: Python<'_>) -> PyResult<Option<Shared>> {
        let Some(progress) = &self.progress else { return Ok(None) };
        let made = py.import("mrrc._progress")?.call_method1("callback", (progress,))?;
        Ok(Some(Arc::new(made.unbind())))
    }

    /// What stores are told, unless there is nothing to tell.
    fn storage<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.keywords.bind(py).get_item("storage")
    }

    /// Runs work with the interpreter released; keeps the accounts, and raises the error unchanged.
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        scan: &CoreScan,
        progress: Option<Shared>,
        work: impl FnOnce(&mut Batches) -> Result<T, Error> + Send,
    ) -> PyResult<(T, Arc<Book>)> {
        let mut batches = self.batches(scan, progress);
        let (done, batches) = py.detach(move || (guarded(|| work(&mut batches)), batches));
        let done = done.map_err(|error| exception(py, error));
        self.reads.get().finish(py, done, Book::of(batches.accounts()))
    }

    /// Reads to the end, for what the read then knows.
    fn read_through(&self, py: Python<'_>, scan: &CoreScan) -> PyResult<Batches> {
        let mut batches = self.batches(scan, self.callback(py)?);
        let read = || {
            guarded(|| {
                while batches.next_batch()?.is_some() {}
                Ok(batches)
            })
        };
        py.detach(read).map_err(|error| exception(py, error))
    }

    /// Runs work that writes all batches, and that warns of what was lost, as [`warned`] does.
    fn written<T: Send>(
        &self,
        py: Python<'_>,
        progress: Option<Py<PyAny>>,
        write: impl FnOnce(SchemaRef, &mut Batches) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        let progress = progress.map_or_else(|| self.callback(py), |it| Ok(Some(Arc::new(it))))?;
        let mut batches = self.batches(&self.scan, progress);
        let schema = batches.schema();
        let done = py.detach(|| guarded(|| write(schema, &mut batches)));
        let done = done.map_err(|error| exception(py, error));
        self.reads.get().store(py, done, Book::of(batches.accounts())).map(|(done, _)| done)
    }

    fn account(&self, py: Python<'_>, of: fn(&Book) -> &RecordBatch) -> Option<Table> {
        self.reads.get().account(py, of)
    }

    fn shown(&self, room: usize) -> String {
        let hint = "read() gives a Table, head(5).read() its first rows; each reads anew";
        format!("{}\n{hint}", show::scan(&self.scan, room))
    }

    /// The read with some options changed.
    fn asking(&self, py: Python<'_>, change: impl FnOnce(Options) -> Options) -> PyResult<CoreScan> {
        let options = change(self.scan.options().clone());
        self.scan.clone().with_options(options).map_err(|error| exception(py, error))
    }

    /// Another read of the same sources, whose accounts are its own.
    fn derived(&self, py: Python<'_>, change: impl FnOnce(Options) -> Options) -> PyResult<Scan> {
        let scan = self.with_scan(py, self.asking(py, change)?);
        Ok(Scan { reads: Py::new(py, Reads::from(py, &self.reads))?, ..scan })
    }

    /// Another read, whose accounts are kept here.
    fn with_scan(&self, py: Python<'_>, scan: CoreScan) -> Scan {
        Scan {
            scan,
            names_sources: self.names_sources,
            keywords: self.keywords.clone_ref(py),
            progress: self.progress.as_ref().map(|progress| progress.clone_ref(py)),
            reads: self.reads.clone_ref(py),
            stored: self.stored.clone(),
        }
    }

    /// The arguments it would be made with, narrowed as it is.
    fn pickled_keywords<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let keywords = self.keywords.bind(py).copy()?;
        // What is secret in it stays here; objects have the rest.
        keywords.set_item("storage", py.None())?;
        keywords.set_item("n_rows", self.scan.options().limits.n_rows)?;
        let columns = &self.scan.options().columns;
        if let Some(expressions) = &columns.expressions {
            let texts = expressions.iter().map(|(name, expression)| (name, expression.to_string()));
            keywords.set_item("columns", texts.into_py_dict(py)?)?;
            keywords.set_item("layout", "nested")?;
        }
        keywords.set_item("where", columns.filter.as_ref().map(Condition::to_string))?;
        let selected = if let Select::Some(names) = &columns.select { Some(names) } else { None };
        keywords.set_item("select", selected)?;
        Ok(keywords)
    }
}

/// What columns of a layout hold that are of the record.
const OF_LAYOUTS: [(&str, &str); 2] = [("control_number", "001"), ("leader", "LDR")];

/// The records that meet a condition as well.
fn meeting(condition: Condition) -> impl FnOnce(Options) -> Options {
    move |mut options| {
        let before = options.columns.filter.take();
        options.filter(before.into_iter().fold(condition, |all, before| before.and(&all)))
    }
}

/// Makes the Scan of `mrrc.scan`.
#[pyfunction]
pub(crate) fn _scan(source: &Bound<'_, PyAny>, keywords: &Bound<'_, PyDict>) -> PyResult<Scan> {
    let options = options(keywords)?;
    let storage = keywords.get_item("storage")?;
    let sources = Sources::named_by(source, options.records.on_error != Policy::Raise, storage.as_ref())?;
    Scan::new(sources, options, keywords)
}

/// The paths and objects in stores that an argument names.
#[pyfunction]
pub(crate) fn _named_sources<'py>(
    source: &Bound<'py, PyAny>,
    storage: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let Sources { found, stored, .. } = Sources::named_by(source, false, storage)?;
    if found.iter().filter(|it| it.as_path().is_some()).count() + stored.len() < found.len() {
        let message = "a plan is of paths and addresses; bytes and file objects are at one place only";
        return Err(PyTypeError::new_err(message));
    }
    Sources::pickled(source.py(), &found, &stored)
}

/// The columns of a preset.
#[pyfunction]
pub(crate) fn _preset(name: &str) -> PyResult<Vec<(String, String)>> {
    let columns = Columns::preset(name).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(columns.iter().map(|(name, expression)| (name.to_owned(), expression.to_string())).collect())
}

/// Whether a text is a condition in the notation for columns.
#[pyfunction]
pub(crate) fn _is_condition(text: &str) -> bool {
    text.parse::<Condition>().is_ok()
}

/// Makes a Scan from a pickle: its sources are those that were found then, and no glob is expanded again.
#[pyfunction]
pub(crate) fn _scan_from_pickle(
    sources: &Bound<'_, PyAny>,
    names_sources: bool,
    keywords: &Bound<'_, PyDict>,
) -> PyResult<Scan> {
    Scan::new(Sources::from_pickle(sources, names_sources)?, options(keywords)?, keywords)
}

/// The warning of what was lost; an error where it is made one.
fn tell_losses(batches: &Batches) -> Result<(), Error> {
    let told = Python::attach(|py| book_of(py, batches.accounts())?.warn(py));
    told.map_err(|exception| Error::Interrupted(Box::new(exception)))
}

/// All batches, and then the warning of what was lost: where it is made an error, what is written is not finished.
fn warned(batches: &mut Batches) -> impl Iterator<Item = Result<RecordBatch, Error>> {
    let mut is_told = false;
    std::iter::from_fn(move || match batches.next_batch().transpose() {
        None if !is_told => {
            is_told = true;
            tell_losses(batches).err().map(Err)
        }
        batch => batch,
    })
}

#[pymethods]
impl Scan {
    #[new]
    #[pyo3(signature = (*_given, **_named), text_signature = None)]
    fn by_hand(_given: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> PyResult<Scan> {
        Err(PyTypeError::new_err("a Scan is made by mrrc.scan"))
    }

    /// The names and types of the columns, known before anything is read.
    #[getter]
    fn schema(&self) -> Schema {
        Schema(self.scan.schema())
    }

    /// The names of the columns, in order.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.column_names()
    }

    /// The names of the columns, in order.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        schema::names(&self.scan.schema()).into_iter().map(str::to_owned).collect()
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> bool {
        name.extract::<String>().is_ok_and(|name| self.scan.schema().index_of(&name).is_ok())
    }

    /// What a Table has and a Scan cannot know yet.
    fn __getattr__<'py>(slf: &Bound<'py, Self>, name: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
        match &*name.to_cow()? {
            "shape" | "num_rows" | "height" => Err(PyAttributeError::new_err(
                "the number of rows of a Scan is not known before it is read: scan.count() counts them, and \
                 scan.read() gives a Table, which has them",
            )),
            _ => missing(slf, name),
        }
    }

    /// Read everything into a `Table`.
    ///
    /// Raises:
    ///     MarcError: a record cannot be delivered, and `on_error` is `"raise"`.
    ///     OSError: a source cannot be read.
    fn read(&self, py: Python<'_>) -> PyResult<Table> {
        let (batches, book) = self.run(py, &self.scan, self.callback(py)?, |batches| {
            let mut all = Vec::new();
            while let Some(batch) = batches.next_batch()? {
                all.push(batch);
            }
            Ok(all)
        })?;
        Ok(Table::new(self.scan.schema(), batches, Some(book)))
    }

    /// The same read, limited to the first `n` rows: a further Scan, which reads no further than needed.
    ///
    /// `scan.head(5).read()` is a Table.
    #[pyo3(signature = (n=RowCount(5)), text_signature = "($self, n=5)")]
    fn head(&self, py: Python<'_>, n: RowCount) -> PyResult<Scan> {
        let RowCount(n) = n;
        self.derived(py, |options| {
            let n = options.limits.n_rows.map_or(n, |limit| limit.min(n));
            options.n_rows(n)
        })
    }

    /// Read everything, and return the last `n` rows as a `Table`; earlier ones are not kept.
    #[pyo3(signature = (n=RowCount(5)), text_signature = "($self, n=5)")]
    fn tail(&self, py: Python<'_>, n: RowCount) -> PyResult<Table> {
        let (last, book) = self.run(py, &self.scan, self.callback(py)?, |batches| {
            let (mut last, mut rows) = (VecDeque::<RecordBatch>::new(), 0);
            while let Some(batch) = batches.next_batch()? {
                rows += batch.num_rows();
                last.push_back(batch);
                while let Some(first) = last.front().map(RecordBatch::num_rows)
                    && first + n.at_most(rows) <= rows
                {
                    rows -= first;
                    last.pop_front();
                }
            }
            Ok(last)
        })?;
        let table = Table::new(self.scan.schema(), last.into(), Some(book));
        let rows = table.rows();
        Ok(table.slice(rows - n.at_most(rows), rows))
    }

    /// The same read with the columns that have these names, in this order: a further Scan.
    ///
    /// The other columns are not built.
    ///
    /// Args:
    ///     columns: the names, one by one or as a list.
    ///
    /// Raises:
    ///     KeyError: there is no column with one of the names.
    ///     ValueError: a column is named twice.
    #[pyo3(signature = (*columns))]
    fn select(&self, py: Python<'_>, columns: &Bound<'_, PyTuple>) -> PyResult<Scan> {
        let names = schema::named(columns)?;
        schema::places(&self.scan.schema(), &names)?;
        self.derived(py, |options| options.select(Select::Some(names)))
    }

    /// Read the rows as `Record`s, one after another, in bounded memory.
    ///
    /// Which records these are, and how damaged ones are read, is decided by the Scan, so they are those of
    /// `read().records()`.
    ///
    /// Raises:
    ///     ValueError: the columns of the Scan are not those of a layout.
    fn records(&self, py: Python<'_>) -> PyResult<ScanRecords> {
        // Columns that are missing are an error at once.
        TableRecords::new(py, &self.scan.schema(), Vec::new())?;
        Ok(ScanRecords::new(Py::new(py, self.__iter__(py)?)?))
    }

    /// The result of `mrrc.check`: findings, the first `limit` of each source.
    fn _check(&self, py: Python<'_>, limit: Bound<'_, PyAny>) -> PyResult<Table> {
        let kept_diagnostics = Argument::new("limit", limit).whole(0..=u64::MAX)? as usize;
        let scan = self.asking(py, |options| options.kept_diagnostics(kept_diagnostics))?;
        let read = self.read_through(py, &scan.check())?.into_accounts();
        let problems = accounts::problems(&read, message).map_err(|error| exception(py, error.into()))?;
        Ok(Table::new(problems.schema(), vec![problems], Some(book_of(py, &read)?)))
    }

    /// The result of `mrrc.describe`.
    fn _describe(&self, py: Python<'_>) -> PyResult<Description> {
        let read = self.read_through(py, &self.scan.describe())?;
        Description::of(&read, self.scan.options().records.dialect).map_err(|error| exception(py, error))
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<ScanBatches> {
        let progress = self.callback(py)?;
        let batches = self.batches(&self.scan, progress.clone());
        Ok(ScanBatches::new(batches, self.reads.clone_ref(py), progress))
    }

    /// One row for each source: what became of its records and bytes.
    #[getter]
    fn sources(&self, py: Python<'_>) -> Option<Table> {
        self.account(py, |book| &book.sources)
    }

    /// One row for each source and code, with the exact number of findings.
    #[getter]
    fn findings(&self, py: Python<'_>) -> Option<Table> {
        self.account(py, |book| &book.findings)
    }

    /// One row for each finding: the first 1,000 of each source, at most 100,000 in all.
    #[getter]
    fn diagnostics(&self, py: Python<'_>) -> Option<Table> {
        self.account(py, |book| &book.diagnostics)
    }

    /// One row for each record that was left out, with its bytes.
    #[getter]
    fn rejects(&self, py: Python<'_>) -> Option<Table> {
        self.account(py, |book| &book.rejects)
    }

    /// The exception that ended the last read; an engine that pulls the stream only gets its text.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyBaseException>> {
        self.reads.get().error(py)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, scan) = (slf.py(), slf.get());
        let sources = Sources::pickled(py, scan.scan.sources(), &scan.stored)?;
        let arguments = (sources, scan.names_sources, scan.pickled_keywords(py)?).into_pyobject(py)?;
        Ok((py.import("mrrc._mrrc")?.getattr("_scan_from_pickle")?, arguments))
    }

    // Everything it refers to existed before it, and can break every cycle that it is in.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.reads)?;
        visit.call(&self.keywords)?;
        visit.call(&self.progress)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        self.shown(terminal::columns(py))
    }

    fn _repr_html_(&self) -> String {
        format!("<pre>{}</pre>", show::escaped(&self.shown(usize::MAX)))
    }
}
