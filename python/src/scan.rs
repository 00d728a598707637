//! `mrrc.read_arrow` and `mrrc.Scan`: a read, and the description of one.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use mrrc::columns::accounts;
use mrrc::parquet::ParquetOptions;
use mrrc::{Batches, Error, Options, Scan as CoreScan, Select};
use pyo3::exceptions::{PyBaseException, PyKeyboardInterrupt, PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyTuple};

use crate::accounts::{Book, book_of};
use crate::description::Description;
use crate::display;
use crate::error::exception;
use crate::guard::guarded;
use crate::options::{Argument, options};
use crate::source::{settled, sources};
use crate::stream::{schema_capsule, stream_capsule};
use crate::table::{Schema, Table};
use crate::watch::watch;

/// Writes batches to a Parquet file, or leaves none; the sources are named in its metadata.
pub(crate) fn write_parquet(
    schema: SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
    path: &Path,
    source: Option<String>,
    threads: Option<usize>,
) -> Result<(), Error> {
    let mut options = ParquetOptions::default();
    if let Some(source) = source {
        options = options.metadata("mrrc.source", source);
    }
    if let Some(threads) = threads {
        options = options.threads(threads);
    }
    mrrc::parquet::write(schema, batches, path, &options).map(drop)
}

/// What the last finished read left behind.
#[derive(Default)]
struct Last {
    book: Option<Arc<Book>>,
    error: Option<PyErr>,
}

/// Sources and options: a description of a read that can be read again and again.
///
/// `pl.LazyFrame`, DuckDB and pyarrow take it as it is; each time they ask, it is read anew, batch by batch.
/// The accounts are those of its last finished read, and `None` before.
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct Scan {
    scan: CoreScan,
    /// What it was made from, to make it again elsewhere.
    given: (Py<PyAny>, Py<PyDict>),
    progress: Option<Py<PyAny>>,
    last: Arc<Mutex<Last>>,
}

fn locked(last: &Mutex<Last>) -> MutexGuard<'_, Last> {
    last.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Scan {
    fn batches(&self, scan: &CoreScan, progress: Option<Py<PyAny>>) -> Batches {
        scan.batches().watched(watch(progress))
    }

    /// What is told how far a read has come: a callable, or a new bar for each read.
    fn callback(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let Some(progress) = &self.progress else { return Ok(None) };
        let made = py.import("mrrc._progress")?.call_method1("callback", (progress,))?;
        Ok(Some(made.unbind()))
    }

    /// Does work with the interpreter released; keeps the accounts, and raises the error as it is.
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        scan: &CoreScan,
        progress: Option<Py<PyAny>>,
        work: impl FnOnce(&mut Batches) -> Result<T, Error> + Send,
    ) -> PyResult<(T, Arc<Book>)> {
        let mut batches = self.batches(scan, progress);
        let (done, batches) = py.detach(move || (guarded(|| work(&mut batches)), batches));
        let book = book_of(py, batches.accounts())?;
        locked(&self.last).book = Some(book.clone());
        match done {
            Ok(done) => {
                let _earlier = locked(&self.last).error.take();
                book.warn(py)?;
                Ok((done, book))
            }
            Err(error) => {
                let error = exception(py, error);
                locked(&self.last).error = Some(error.clone_ref(py));
                Err(error)
            }
        }
    }

    /// Reads everything for the sake of what the read then knows.
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

    fn table(&self, py: Python<'_>, scan: &CoreScan) -> PyResult<Table> {
        let (batches, book) = self.run(py, scan, self.callback(py)?, |batches| {
            let mut all = Vec::new();
            while let Some(batch) = batches.next_batch()? {
                all.push(batch);
            }
            Ok(all)
        })?;
        Ok(Table::new(scan.schema(), batches, Some(book)))
    }

    fn account(&self, of: fn(&Book) -> &RecordBatch) -> Option<Table> {
        let last = locked(&self.last);
        last.book.as_deref().map(|book| Table::new(of(book).schema(), vec![of(book).clone()], None))
    }

    /// The read with some of its options changed.
    fn asking(&self, py: Python<'_>, change: impl FnOnce(Options) -> Options) -> PyResult<CoreScan> {
        let options = change(self.scan.options().clone());
        self.scan.clone().with_options(options).map_err(|error| exception(py, error))
    }

    fn with_scan(&self, py: Python<'_>, scan: CoreScan) -> Scan {
        let (source, keywords) = &self.given;
        Scan {
            scan,
            given: (source.clone_ref(py), keywords.clone_ref(py)),
            progress: self.progress.as_ref().map(|progress| progress.clone_ref(py)),
            last: self.last.clone(),
        }
    }
}

/// What `mrrc.scan` and a pickle make.
#[pyfunction]
pub(crate) fn _scan(source: &Bound<'_, PyAny>, keywords: &Bound<'_, PyDict>) -> PyResult<Scan> {
    let options = options(keywords)?;
    let progress = keywords.get_item("progress")?.map(|it| Argument::new("progress", it).progress());
    let progress = progress.transpose()?.flatten();
    let source = settled(source)?;
    let (found, names_sources) = sources(&source)?;
    if options.limits.byte_range.is_some() && (names_sources || found.len() != 1) {
        return Err(PyValueError::new_err(
            "byte_range=(a, b) is of one path or bytes, not of a list or a glob",
        ));
    }
    let scan = match <[mrrc::Source; 1]>::try_from(found) {
        Ok([only]) if !names_sources => CoreScan::new(only),
        Ok(one) => CoreScan::of_sources(one.into()),
        Err(many) => CoreScan::of_sources(many),
    };
    Ok(Scan {
        scan: scan.with_options(options).map_err(|error| exception(source.py(), error))?,
        given: (source.unbind(), keywords.clone().unbind()),
        progress: progress.map(Bound::unbind),
        last: Arc::default(),
    })
}

/// How many rows somebody asks for.
struct Rows(u64);

impl<'py> FromPyObject<'_, 'py> for Rows {
    type Error = PyErr;

    fn extract(n: Borrowed<'_, 'py, PyAny>) -> PyResult<Rows> {
        Argument::new("n", n.to_owned()).whole(0..=u64::MAX).map(Rows)
    }
}

#[pymethods]
impl Scan {
    #[new]
    #[pyo3(signature = (*_given, **_named), text_signature = None)]
    fn by_hand(_given: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> PyResult<Scan> {
        Err(PyTypeError::new_err("a Scan is made by mrrc.scan"))
    }

    /// Names and types of the columns, known before any data.
    #[getter]
    fn schema(&self) -> Schema {
        Schema(self.scan.schema())
    }

    /// Read everything, now; raises what is wrong with the data as a `MarcError`.
    fn read(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, &self.scan)
    }

    /// Read the first `n` rows, and no further than needed.
    #[pyo3(signature = (n=Rows(10)), text_signature = "($self, n=10)")]
    fn head(&self, py: Python<'_>, n: Rows) -> PyResult<Table> {
        let Rows(n) = n;
        let n = self.scan.options().limits.n_rows.map_or(n, |limit| limit.min(n));
        self.table(py, &self.asking(py, |options| options.n_rows(n))?)
    }

    /// Count the rows by structure alone: no text is decoded.
    fn count(&self, py: Python<'_>) -> PyResult<u64> {
        let scan = self.asking(py, |options| options.select(Select::Some(Vec::new())))?;
        let (rows, _) = self.run(py, &scan, self.callback(py)?, |batches| {
            let mut rows = 0;
            while let Some(batch) = batches.next_batch()? {
                rows += batch.num_rows() as u64;
            }
            Ok(rows)
        })?;
        Ok(rows)
    }

    /// What `mrrc.check` gives: everything wrong, the first so many of each source.
    fn _check(&self, py: Python<'_>, limit: Bound<'_, PyAny>) -> PyResult<Table> {
        let kept_diagnostics = Argument::new("limit", limit).whole(0..=u64::MAX)? as usize;
        let scan = self.asking(py, |options| options.kept_diagnostics(kept_diagnostics))?;
        let read = self.read_through(py, &scan.check())?.into_accounts();
        let problems = accounts::problems(&read).map_err(|error| exception(py, error.into()))?;
        Ok(Table::new(problems.schema(), vec![problems], Some(book_of(py, &read)?)))
    }

    /// What `mrrc.describe` gives.
    fn _describe(&self, py: Python<'_>) -> PyResult<Description> {
        let read = self.read_through(py, &self.scan.describe())?;
        Description::of(&read).map_err(|error| exception(py, error))
    }

    #[pyo3(signature = (path, progress=None))]
    fn _write_parquet(
        &self,
        py: Python<'_>,
        path: Bound<'_, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let path = Argument::new("path", path).path()?;
        let names: Vec<_> = self.scan.sources().iter().filter_map(mrrc::Source::name).collect();
        let threads = self.scan.options().resources.threads;
        self.run(
            py,
            &self.scan,
            progress.map_or_else(|| self.callback(py), |it| Ok(Some(it)))?,
            |batches| write_parquet(batches.schema(), batches, &path, Some(names.join("\n")), threads),
        )?;
        Ok(())
    }

    /// Stream into a Parquet file (zstd) in bounded memory; it is there whole, or not at all.
    fn to_parquet<'py>(slf: &Bound<'py, Self>, path: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._progress")?.call_method1("to_parquet", (slf, path))
    }

    /// A LazyFrame that builds the columns which a query asks for. Needs the extra `mrrc[polars]`.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("scan_to_polars", (slf,))
    }

    /// The same read with some columns, and with at most so many rows.
    #[pyo3(signature = (columns=None, n_rows=None))]
    fn _narrowed(&self, py: Python<'_>, columns: Option<Vec<String>>, n_rows: Option<u64>) -> PyResult<Scan> {
        let scan = self.asking(py, |mut options| {
            if let Some(columns) = columns {
                options = options.select(Select::Some(columns));
            }
            let limits = [options.limits.n_rows, n_rows];
            options.n_rows(limits.into_iter().flatten().min())
        })?;
        Ok(self.with_scan(py, scan))
    }

    #[getter]
    fn _has_progress(&self) -> bool {
        self.progress.is_some()
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<ScanBatches> {
        let batches = self.batches(&self.scan, self.callback(py)?);
        let schema = self.scan.schema();
        Ok(ScanBatches { schema, batches: Mutex::new(Some(batches)), last: self.last.clone() })
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let batches = self.batches(&self.scan, self.callback(py)?);
        let pulled = Pulled { batches, last: self.last.clone(), done: false };
        stream_capsule(py, pulled, requested_schema)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.scan.schema())
    }

    /// One row for each source: what became of its records and of each of its bytes.
    #[getter]
    fn sources(&self) -> Option<Table> {
        self.account(|book| &book.sources)
    }

    /// One row for each source and code: how often it was found, exactly.
    #[getter]
    fn findings(&self) -> Option<Table> {
        self.account(|book| &book.findings)
    }

    /// One row for each finding, the first thousand of a source.
    #[getter]
    fn diagnostics(&self) -> Option<Table> {
        self.account(|book| &book.diagnostics)
    }

    /// One row for each record that was not delivered, with its bytes.
    #[getter]
    fn rejects(&self) -> Option<Table> {
        self.account(|book| &book.rejects)
    }

    /// The exception that ended the last read. Whoever pulls the C stream gets its text only.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let last = locked(&self.last);
        last.error.as_ref().map(|error| error.clone_ref(py).into_value(py).into_any())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, scan) = (slf.py(), slf.get());
        if scan.scan.sources().iter().any(|source| source.as_path().is_none() && source.as_bytes().is_none())
        {
            return Err(PyValueError::new_err(
                "a Scan of a file object cannot be pickled; use its path, or bytes",
            ));
        }
        let (source, keywords) = &scan.given;
        let arguments = (source.clone_ref(py), keywords.clone_ref(py)).into_pyobject(py)?;
        Ok((py.import("mrrc._mrrc")?.getattr("_scan")?, arguments))
    }

    fn __repr__(&self) -> String {
        display::scan_text(&self.scan)
    }

    fn _repr_html_(&self) -> String {
        display::scan_html(&self.scan)
    }
}

/// The batches of one read of a `Scan`, as Tables.
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct ScanBatches {
    schema: SchemaRef,
    batches: Mutex<Option<Batches>>,
    last: Arc<Mutex<Last>>,
}

#[pymethods]
impl ScanBatches {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Table>> {
        let taken = self.batches.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        let Some(mut batches) = taken else { return Ok(None) };
        let (next, batches) = py.detach(move || (guarded(|| batches.next_batch()), batches));
        match next {
            Ok(Some(batch)) => {
                *self.batches.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(batches);
                Ok(Some(Table::new(self.schema.clone(), vec![batch], None)))
            }
            Ok(None) => {
                let book = book_of(py, batches.accounts())?;
                locked(&self.last).book = Some(book.clone());
                let _earlier = locked(&self.last).error.take();
                book.warn(py)?;
                Ok(None)
            }
            Err(error) => {
                let error = exception(py, error);
                let mut last = locked(&self.last);
                last.book = Some(book_of(py, batches.accounts())?);
                last.error = Some(error.clone_ref(py));
                Err(error)
            }
        }
    }
}

/// Batches that a consumer pulls through the C stream: it can be told of an error only as text, so the
/// exception itself is kept.
struct Pulled {
    batches: Batches,
    last: Arc<Mutex<Last>>,
    done: bool,
}

impl Pulled {
    fn finish(&mut self, error: Option<Error>) -> Option<ArrowError> {
        self.done = true;
        let book = Book::of(self.batches.accounts()).ok();
        Python::attach(|py| {
            let error = error.map(|error| (error.diagnostic().is_some(), exception(py, error)));
            let told = error.as_ref().map(|(is_of_data, error)| told(error.value(py), *is_of_data));
            let mut last = locked(&self.last);
            last.book = book;
            last.error = error.map(|(_, error)| error);
            told
        })
    }
}

/// An exception as all that a consumer of the C stream can be told: a text, and of which sort it is.
fn told(exception: &Bound<'_, PyBaseException>, is_of_data: bool) -> ArrowError {
    let text = exception.to_string();
    if is_of_data {
        return ArrowError::ParseError(text);
    }
    if exception.is_instance_of::<PyKeyboardInterrupt>() {
        // The consumer will raise something else; Ctrl-C is still to be answered behind it.
        let interrupt = exception.py().import("mrrc._interrupt");
        let _ = interrupt.and_then(|interrupt| interrupt.call_method0("interrupt_soon"));
    }
    let name = exception.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    let named = if text.is_empty() { name } else { format!("{name}: {text}") };
    if exception.is_instance_of::<PyOSError>() {
        return ArrowError::IoError(named.clone(), std::io::Error::other(named));
    }
    ArrowError::ExternalError(named.into())
}

impl Iterator for Pulled {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.batches.next_batch() {
            Ok(Some(batch)) => Some(Ok(batch)),
            Ok(None) => self.finish(None).map(Err),
            Err(error) => self.finish(Some(error)).map(Err),
        }
    }
}

impl RecordBatchReader for Pulled {
    fn schema(&self) -> SchemaRef {
        self.batches.schema()
    }
}
