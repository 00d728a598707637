//! What the reads of a `Scan` share: the file objects that they read, and the result of the last one.
//!
//! Each Python object reachable from a Scan is owned by exactly one object that the garbage collector can see, so
//! that a Scan is freed even if its error's traceback, its file or its progress refers back to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use mrrc::Error;
use pyo3::exceptions::PyBaseException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::accounts::Book;
use crate::error::exception;
use crate::table::Table;

/// A Python object that a running read uses too; [`Reads`] or an iterator reports it to the collector, once.
pub(crate) type Shared = Arc<Py<PyAny>>;

/// Owned by a Scan, by those narrowed from it for an engine, and by their iterators.
#[pyclass(frozen, module = "mrrc._mrrc", name = "_Reads")]
pub(crate) struct Reads {
    files: Vec<Shared>,
    /// Those of the Scan that this one was made from, whose file objects it reads.
    origin: Option<Py<Reads>>,
    last: Mutex<Last>,
}

/// The result of the last finished read.
#[derive(Default)]
struct Last {
    book: Option<Arc<Book>>,
    error: Option<Py<PyBaseException>>,
}

impl Reads {
    pub(crate) fn new(files: Vec<Shared>) -> Reads {
        Reads { files, origin: None, last: Mutex::default() }
    }

    /// Reads of the same file objects, with a result of their own.
    pub(crate) fn from(py: Python<'_>, of: &Py<Reads>) -> Reads {
        let origin = of.get().origin.as_ref().unwrap_or(of).clone_ref(py);
        Reads { files: Vec::new(), origin: Some(origin), last: Mutex::default() }
    }

    /// No Python code may run while this is held, so that no thread waits for itself.
    fn last(&self, py: Python<'_>) -> MutexGuard<'_, Last> {
        self.last.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the accounts of a read, warns of what was lost, and returns its result, or its error.
    pub(crate) fn finish<T>(
        &self,
        py: Python<'_>,
        result: PyResult<T>,
        book: Result<Arc<Book>, Error>,
    ) -> PyResult<(T, Arc<Book>)> {
        let (result, book) = self.store(py, result, book)?;
        book.warn(py)?;
        Ok((result, book))
    }

    /// The same without the warning.
    pub(crate) fn store<T>(
        &self,
        py: Python<'_>,
        result: PyResult<T>,
        book: Result<Arc<Book>, Error>,
    ) -> PyResult<(T, Arc<Book>)> {
        let (result, book) = match (result, book) {
            (Ok(result), Ok(book)) => (Ok((result, book.clone())), Some(book)),
            (Ok(_), Err(error)) => (Err(exception(py, error)), None),
            (Err(error), book) => (Err(error), book.ok()),
        };
        self.keep(py, book, result.as_ref().err());
        result
    }

    pub(crate) fn keep(&self, py: Python<'_>, book: Option<Arc<Book>>, error: Option<&PyErr>) {
        let error = error.map(|error| error.clone_ref(py).into_value(py));
        let earlier = std::mem::replace(&mut *self.last(py), Last { book, error });
        // Its exception may run code of its own, which may access the Scan.
        drop(earlier);
    }

    /// An account of the last read, as a Table.
    pub(crate) fn account(&self, py: Python<'_>, of: fn(&Book) -> &RecordBatch) -> Option<Table> {
        let book = self.last(py).book.clone();
        book.map(|book| Table::of_account(of(&book)))
    }

    pub(crate) fn error(&self, py: Python<'_>) -> Option<Py<PyBaseException>> {
        let last = self.last(py);
        last.error.as_ref().map(|error| error.clone_ref(py))
    }
}

#[pymethods]
impl Reads {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.files.iter().try_for_each(|file| visit.call(&**file))?;
        visit.call(&self.origin)?;
        let Ok(last) = self.last.try_lock() else { return Ok(()) };
        visit.call(&last.error)
    }

    fn __clear__(&self) {
        let earlier = self.last.try_lock().map(|mut last| std::mem::take(&mut *last));
        drop(earlier);
    }
}
