//! `mrrc.Description`: the result of `describe`, as Tables and for display.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use mrrc::internals::columns::{accounts, description};
use mrrc::internals::description::Description as Counts;
use mrrc::internals::show::Described;
use mrrc::{Batches, Dialect, Error};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::table::Table;
use crate::terminal;

/// What `mrrc.describe` found: tags, subfield codes and encodings, with counts and examples.
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct Description {
    counts: Counts,
    dialect: Dialect,
    /// One line of accounts, if not every record could be read unchanged.
    news: Option<String>,
    fields: RecordBatch,
    encodings: RecordBatch,
    sources: RecordBatch,
}

impl Description {
    /// The result of a read that describes its records.
    pub(crate) fn of(batches: &Batches, dialect: Dialect) -> Result<Description, Error> {
        let (read, counts) = (batches.accounts(), batches.description().cloned().unwrap_or_default());
        let made = || -> Result<Description, ArrowError> {
            Ok(Description {
                news: read.has_news().then(|| read.to_string()),
                fields: description::fields(&counts)?,
                encodings: description::encodings(&counts)?,
                sources: accounts::sources(read)?,
                counts,
                dialect,
            })
        };
        Ok(made()?)
    }

    fn shown(&self) -> Described<'_> {
        Described { counts: &self.counts, all: ".fields", news: self.news.as_deref() }
    }
}

#[pymethods]
impl Description {
    #[new]
    #[pyo3(signature = (*_given, **_named), text_signature = None)]
    fn by_hand(_given: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> PyResult<Description> {
        Err(PyTypeError::new_err("a Description is made by mrrc.describe"))
    }

    /// The number of records that were examined.
    #[getter]
    fn records(&self) -> u64 {
        self.counts.records
    }

    /// One row for each tag, with a null `code`, followed by one for each of its subfield codes.
    ///
    /// Columns: the number of `records` that have it, their `share` of all (0 to 1), `occurrences`, and up to
    /// three `examples`. At most 4,096 tags and 8,192 unusual codes have rows of their own; the others are
    /// counted as `other`.
    #[getter]
    fn fields(&self) -> Table {
        Table::of_account(&self.fields)
    }

    /// One row for each pair of declared and found encoding, with the number of records.
    #[getter]
    fn encodings(&self) -> Table {
        Table::of_account(&self.encodings)
    }

    /// One row for each source: what became of its records and bytes.
    #[getter]
    fn sources(&self) -> Table {
        Table::of_account(&self.sources)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        self.shown().text(terminal::columns(py))
    }

    fn _repr_html_(&self) -> String {
        self.shown().html(self.dialect)
    }
}
