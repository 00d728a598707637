//! [`Scan`]: the description of a read.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};

use super::batches::Batches;
use super::reader::Reader;
use super::source::Source;
use crate::columns::{Purpose, provenance};
use crate::error::Result;
use crate::options::{self, Options, Policy, Select};

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
    pub(super) names_sources: bool,
    pub(super) purpose: Purpose,
}

impl Scan {
    /// Everything in one source.
    ///
    /// ```
    /// let scan = mrrc::Scan::new("catalogue.mrc");
    /// assert_eq!(scan.sources()[0].name().as_deref(), Some("catalogue.mrc"));
    /// ```
    pub fn new(source: impl Into<Source>) -> Scan {
        Scan {
            sources: vec![source.into()],
            options: Arc::default(),
            names_sources: false,
            purpose: Purpose::Columns,
        }
    }

    /// Everything in several sources, one after the other; the last column, `source`, names them.
    pub fn of_sources(sources: Vec<Source>) -> Scan {
        Scan { sources, options: Arc::default(), names_sources: true, purpose: Purpose::Columns }
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
        let made = self.purpose.schema(&self.options);
        let provenance =
            provenance::columns(&self.options, self.names_sources).map(|it| Arc::new(it.field()));
        let fields: Vec<_> = made.fields().iter().cloned().chain(provenance).collect();
        Arc::new(Schema::new_with_metadata(fields, made.metadata().clone()))
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

    /// The same read, to the end, for everything that can be found wrong: it gives no batches, but the accounts have
    /// the findings.
    #[must_use]
    pub fn check(&self) -> Scan {
        self.without_rows(Purpose::Check)
    }

    /// The same read, to the end, for what the records hold: it gives no batches, but a
    /// [description](Batches::description).
    #[must_use]
    pub fn describe(&self) -> Scan {
        self.without_rows(Purpose::Describe)
    }

    fn without_rows(&self, purpose: Purpose) -> Scan {
        let scan = self.clone().with_options(Options {
            on_error: Policy::Recover,
            provenance: options::Provenance::Without,
            select: Select::Some(Vec::new()),
            n_rows: None,
            ..(*self.options).clone()
        });
        Scan { purpose, ..scan }
    }

    /// The same read for something else.
    pub(crate) fn with_purpose(self, purpose: Purpose) -> Scan {
        Scan { purpose, ..self }
    }

    /// Reads the records themselves.
    ///
    /// ```
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let scan = mrrc::Scan::new(mrrc::Source::bytes(bytes));
    /// for record in scan.records() {
    ///     assert_eq!(record?.field("245").unwrap().subfield('a'), Some("Title"));
    /// }
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    pub fn records(&self) -> Reader {
        Reader::of_scan(self)
    }

    /// How many rows reading gives. Text is judged, since a record may be left out for it, and not kept.
    pub fn count(&self) -> Result<u64> {
        let mut batches = self.select(Select::Some(Vec::new())).batches();
        let mut rows = 0;
        while let Some(batch) = batches.next_batch()? {
            rows += batch.num_rows() as u64;
        }
        Ok(rows)
    }
}
