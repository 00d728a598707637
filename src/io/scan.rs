//! [`Scan`]: the description of a read.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};

use super::source::Source;
use crate::columns::{self, Purpose, provenance};
use crate::error::{Error, Result};
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

    /// The same sources, read as `options` say.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] where they say what cannot be done: a column that does not exist, a number out of range, or
    /// a range of bytes of several sources.
    pub fn with_options(mut self, options: Options) -> Result<Scan> {
        options.validate(&columns::names(&options, self.names_sources))?;
        if options.limits.byte_range.is_some() && self.sources.len() > 1 {
            return Err(Error::Argument("a range of bytes is of one source; there are several".into()));
        }
        self.options = Arc::new(options);
        Ok(self)
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

    /// The same read with these columns only; others are not built.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] where there is no such column.
    pub fn select(&self, columns: Select) -> Result<Scan> {
        self.clone().with_options((*self.options).clone().select(columns))
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
        let options = (*self.options)
            .clone()
            .on_error(Policy::Recover)
            .provenance(options::Provenance::Without)
            .select(Select::Some(Vec::new()))
            .n_rows(None);
        Scan { purpose, options: Arc::new(options), ..self.clone() }
    }

    /// The same read for something else.
    pub(crate) fn with_purpose(self, purpose: Purpose) -> Scan {
        Scan { purpose, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(scan: Scan, options: Options) -> String {
        scan.with_options(options).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_cannot_be_done_is_refused_when_a_scan_is_made() {
        let one = || Scan::new(Source::bytes(b""));
        let several = || Scan::of_sources(vec![Source::bytes(b""), Source::bytes(b"")]);
        let titles = || Options::default().select(Select::Some(vec!["leader".into(), "titel".into()]));
        assert_eq!(
            refusal(one(), titles()),
            "there is no column \"titel\"; choose among control_number, leader, fields"
        );
        assert_eq!(
            refusal(several(), titles().provenance(options::Provenance::Raw)),
            "there is no column \"titel\"; choose among control_number, leader, fields, source, record, offset, \
             length, encoding_declared, encoding_used, undecodable, raw"
        );
        assert!(several().select(Select::Some(vec!["source".into()])).is_ok());
        assert!(one().select(Select::Some(vec!["source".into()])).is_err());
        assert_eq!(
            refusal(one(), Options::default().batch_size(0)),
            "batch_size=0 is out of range; choose 1 or more"
        );
        assert_eq!(
            refusal(one(), Options::default().threads(0)),
            "threads=0 is out of range; choose 1 or more"
        );
        let (start, end) = (7, 3);
        assert_eq!(
            refusal(one(), Options::default().byte_range(start..end)),
            "byte_range=7..3 ends before it begins"
        );
        assert_eq!(
            refusal(several(), Options::default().byte_range(3..7)),
            "a range of bytes is of one source; there are several"
        );
    }
}
