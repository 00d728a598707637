//! Reads in progress: batches or records for an iterator over a `Scan`, and batches for a consumer of its C stream.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use mrrc::{Batches, Error};
use pyo3::exceptions::{PyBaseException, PyKeyboardInterrupt, PyOSError, PyRuntimeError, PyStopIteration};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::accounts::Book;
use crate::error::exception;
use crate::exit::Pull;
use crate::guard::guarded;
use crate::reads::{Reads, Shared};
use crate::records::record::Record;
use crate::records::rows::TableRecords;
use crate::table::Table;
use crate::turn::Turn;

/// The batches of one read of a `Scan`, as Tables. Threads that share it receive each batch once.
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct ScanBatches {
    schema: SchemaRef,
    turn: Turn,
    /// `None` after the last batch, and while one is read.
    batches: Mutex<Option<Batches>>,
    reads: Py<Reads>,
    progress: Option<Shared>,
}

impl ScanBatches {
    /// `progress` watches the batches.
    pub(crate) fn new(batches: Batches, reads: Py<Reads>, progress: Option<Shared>) -> ScanBatches {
        let schema = batches.schema();
        ScanBatches { schema, turn: Turn::default(), batches: Mutex::new(Some(batches)), reads, progress }
    }

    fn batches(&self, py: Python<'_>) -> MutexGuard<'_, Option<Batches>> {
        self.batches.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl ScanBatches {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    pub(crate) fn __next__(&self, py: Python<'_>) -> PyResult<Option<Table>> {
        let _turn =
            self.turn.take(py, "the source of a Scan asks for the batch that is being read from it")?;
        let taken = self.batches(py).take();
        let Some(mut batches) = taken else { return Ok(None) };
        let (next, batches) = py.detach(move || (guarded(|| batches.next_batch()), batches));
        let ended = match next {
            Ok(Some(batch)) => {
                *self.batches(py) = Some(batches);
                return Ok(Some(Table::new(self.schema.clone(), vec![batch], None)));
            }
            Ok(None) => Ok(()),
            Err(error) => Err(not_the_end(py, exception(py, error))),
        };
        self.reads.get().finish(py, ended, Book::of(batches.accounts())).map(|_| None)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.reads)?;
        self.progress.iter().try_for_each(|progress| visit.call(&**progress))
    }
}

/// The records of one read of a `Scan`. Threads that share it receive each record once.
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct ScanRecords {
    batches: Py<ScanBatches>,
    under_way: Mutex<VecDeque<Arc<TableRecords>>>,
}

impl ScanRecords {
    pub(crate) fn new(batches: Py<ScanBatches>) -> ScanRecords {
        ScanRecords { batches, under_way: Mutex::default() }
    }

    fn under_way(&self, py: Python<'_>) -> MutexGuard<'_, VecDeque<Arc<TableRecords>>> {
        self.under_way.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl ScanRecords {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Record>> {
        loop {
            let first = self.under_way(py).front().cloned();
            let Some(first) = first else {
                let Some(batch) = self.batches.get().__next__(py)? else { return Ok(None) };
                let records = Arc::new(batch.records(py)?);
                self.under_way(py).push_back(records);
                continue;
            };
            if let Some(record) = first.__next__(py)? {
                return Ok(Some(record));
            }
            self.under_way(py).retain(|records| !Arc::ptr_eq(records, &first));
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.batches)
    }
}

/// A StopIteration raised by a source would end the loop as if everything had been read: as in a generator, it
/// becomes a RuntimeError.
fn not_the_end(py: Python<'_>, error: PyErr) -> PyErr {
    if !error.is_instance_of::<PyStopIteration>(py) {
        return error;
    }
    let told = PyRuntimeError::new_err("the source of a Scan raised StopIteration");
    told.set_cause(py, Some(error));
    told
}

/// Batches that a consumer pulls through the C stream. It receives an error only as text, so the exception itself is
/// kept.
pub(crate) struct Pulled {
    schema: SchemaRef,
    /// `None` at the end, so that a consumer that is kept alive keeps nothing else alive.
    under_way: Option<(Batches, Py<Reads>)>,
}

impl Pulled {
    pub(crate) fn new(batches: Batches, reads: Py<Reads>) -> Pulled {
        Pulled { schema: batches.schema(), under_way: Some((batches, reads)) }
    }

    fn finish(&mut self, error: Option<Error>) -> Option<ArrowError> {
        let (batches, reads) = self.under_way.take()?;
        let book = Book::of(batches.accounts()).ok();
        Python::attach(|py| {
            let error = error.map(|error| (error.diagnostic().is_some(), exception(py, error)));
            reads.get().keep(py, book, error.as_ref().map(|(_, error)| error));
            error.map(|(is_of_data, error)| told(error.value(py), is_of_data))
        })
    }
}

/// An exception reduced to what a consumer of the C stream can receive: a text, and the kind of error.
fn told(exception: &Bound<'_, PyBaseException>, is_of_data: bool) -> ArrowError {
    let text = exception.to_string();
    if is_of_data {
        return ArrowError::ParseError(text);
    }
    if exception.is_instance_of::<PyKeyboardInterrupt>() {
        // The consumer will raise something else, but Ctrl-C must still be answered afterwards.
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
        let _pull = match Pull::begin() {
            Ok(pull) => pull,
            Err(error) => return Some(Err(ArrowError::ExternalError(error.into()))),
        };
        match self.under_way.as_mut()?.0.next_batch() {
            Ok(Some(batch)) => Some(Ok(batch)),
            Ok(None) => self.finish(None).map(Err),
            Err(error) => self.finish(Some(error)).map(Err),
        }
    }
}

impl RecordBatchReader for Pulled {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}
