//! [`Scan`]: the description of a read.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};

use super::batches::Batches;
use super::source::Source;
use crate::columns::{layout, provenance};
use crate::error::Result;
use crate::options::{self, Layout, Options, Policy, Select};

/// A description of a read: sources and options. It holds no file open and can be read again and again.
///
/// ```
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = mrrc::Scan::new(mrrc::Source::bytes(bytes));
/// let rows: usize = scan.batches().map(|batch| batch.unwrap().num_rows()).sum();
/// assert_eq!(rows, 1);
/// ```
#[derive(Clone, Debug)]
pub struct Scan {
    pub(super) sources: Vec<Source>,
    pub(super) options: Arc<Options>,
    /// Rows say which source they are from.
    names_sources: bool,
}

impl Scan {
    /// Everything in one source.
    ///
    /// ```
    /// let scan = mrrc::Scan::new("catalogue.mrc");
    /// assert_eq!(scan.sources()[0].name().as_deref(), Some("catalogue.mrc"));
    /// ```
    pub fn new(source: impl Into<Source>) -> Scan {
        Scan { sources: vec![source.into()], options: Arc::default(), names_sources: false }
    }

    /// Everything in several sources, one after the other; the last column, `source`, names them.
    pub fn of_sources(sources: Vec<Source>) -> Scan {
        Scan { sources, options: Arc::default(), names_sources: true }
    }

    /// The same sources, read so.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Scan {
        self.options = Arc::new(options);
        self
    }

    /// How the sources are read.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The sources, in the order of reading.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The columns, known before any data.
    pub fn schema(&self) -> SchemaRef {
        let layout = layout::schema(&self.options);
        let mut fields: Vec<_> = layout.fields().iter().cloned().collect();
        fields.extend(provenance::fields(&self.options, self.names_sources).into_iter().map(Arc::new));
        Arc::new(Schema::new_with_metadata(fields, layout.metadata().clone()))
    }

    /// Reads the sources; nothing is opened before the first batch is asked for.
    pub fn batches(&self) -> Batches {
        Batches::new(self.clone())
    }

    /// The same read with these columns only; others are not built.
    #[must_use]
    pub fn select(&self, columns: Select) -> Scan {
        self.clone().with_options(Options { select: columns, ..(*self.options).clone() })
    }

    /// The same read, for everything that can be found wrong: without columns, and to the end.
    #[must_use]
    pub fn check(&self) -> Scan {
        self.without_columns(Layout::Check)
    }

    /// The same read, for what the records hold: without columns, and to the end. The accounts have the
    /// [`Description`](crate::description::Description).
    #[must_use]
    pub fn describe(&self) -> Scan {
        self.without_columns(Layout::Describe)
    }

    fn without_columns(&self, layout: Layout) -> Scan {
        self.clone().with_options(Options {
            layout,
            on_error: Policy::Recover,
            provenance: options::Provenance::Without,
            select: Select::Some(Vec::new()),
            ..(*self.options).clone()
        })
    }

    /// The number of rows, by structure alone: what reading gives unless text cannot be decoded.
    pub fn count(&self) -> Result<u64> {
        let mut batches = self.select(Select::Some(Vec::new())).batches();
        let mut rows = 0;
        while let Some(batch) = batches.next_batch()? {
            rows += batch.num_rows() as u64;
        }
        Ok(rows)
    }
}
