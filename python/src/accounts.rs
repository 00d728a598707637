//! The accounts of a finished read, as Tables and as one line.

use std::sync::Arc;

use arrow_array::RecordBatch;
use mrrc::Error;
use mrrc::accounts::Accounts;
use mrrc::internals::columns::accounts;
use pyo3::prelude::*;

use crate::error::exception;
use crate::guard::guarded;

/// The accounts of every byte.
#[derive(Clone)]
pub(crate) struct Book {
    /// One line; only the number of records if there is nothing else to report.
    pub(crate) summary: String,
    /// All records were delivered as they stood.
    pub(crate) is_whole: bool,
    pub(crate) sources: RecordBatch,
    pub(crate) findings: RecordBatch,
    pub(crate) diagnostics: RecordBatch,
    pub(crate) rejects: RecordBatch,
}

impl Book {
    pub(crate) fn of(accounts: &Accounts) -> Result<Arc<Book>, Error> {
        guarded(|| {
            Ok(Arc::new(Book {
                summary: accounts.to_string(),
                is_whole: accounts.is_whole(),
                sources: accounts::sources(accounts)?,
                findings: accounts::findings(accounts)?,
                diagnostics: accounts::diagnostics(accounts)?,
                rejects: accounts::rejects(accounts)?,
            }))
        })
    }

    /// Issues one warning if something was left out or changed; it names the call that shows the details.
    pub(crate) fn warn(&self, py: Python<'_>) -> PyResult<()> {
        if self.is_whole {
            return Ok(());
        }
        let shown_by = if self.rejects.num_rows() > 0 { ".rejects and .diagnostics" } else { ".diagnostics" };
        let message = format!("{}; see {shown_by}", self.summary);
        py.import("mrrc.exceptions")?.call_method1("_warn", (message,)).map(drop)
    }
}

/// The same, if the read itself failed.
pub(crate) fn book_of(py: Python<'_>, accounts: &Accounts) -> PyResult<Arc<Book>> {
    Book::of(accounts).map_err(|error| exception(py, error))
}
