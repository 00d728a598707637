//! [`Scan`]: the description of a read.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};

use super::source::Source;
use crate::columns::{self, Copying, Purpose};
use crate::error::{Error, Result};
use crate::options::{self, Options, Policy, Select};

/// The description of a read: sources and options. It keeps no file open and can be read any number of times.
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
    /// True if rows say which source they are from.
    pub(super) names_sources: bool,
    pub(super) purpose: Purpose,
}

impl Scan {
    /// Reads everything in one source.
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

    /// Reads everything in several sources, one after another; the last column, `source`, names them.
    ///
    /// ```
    /// use mrrc::{Scan, Source};
    ///
    /// let scan = Scan::of_sources(vec![Source::path("a.mrc"), Source::path("b.mrc")]);
    /// assert_eq!(scan.schema().fields().last().unwrap().name(), "source");
    /// ```
    pub fn of_sources(sources: Vec<Source>) -> Scan {
        Scan { sources, options: Arc::default(), names_sources: true, purpose: Purpose::Columns }
    }

    /// Sets the options.
    ///
    /// ```
    /// use mrrc::{Error, Options, Scan};
    ///
    /// let refused = Scan::new("catalogue.mrc").with_options(Options::default().batch_size(0));
    /// assert!(matches!(refused, Err(Error::Argument(_))));
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if they cannot be applied: a column that does not exist, a number out of range, or a byte
    /// range of several sources.
    pub fn with_options(mut self, options: Options) -> Result<Scan> {
        options.validate(&columns::names(&options, self.names_sources))?;
        if options.limits.byte_range.is_some() && self.sources.len() > 1 {
            return Err(Error::Argument("byte_range needs a single source; there are several".into()));
        }
        self.options = Arc::new(options);
        Ok(self)
    }

    /// The options of the read.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The sources, in reading order.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The schema of the batches, known before any data is read.
    ///
    /// ```
    /// let schema = mrrc::Scan::new("catalogue.mrc").schema();
    /// let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    /// assert_eq!(names, ["record", "control_number", "leader", "fields"]);
    /// ```
    pub fn schema(&self) -> SchemaRef {
        let made = self.purpose.schema(&self.options);
        let mut fields = self.purpose.beside(&self.options, self.names_sources).around(&made);
        fields.sort_by_key(|field| self.options.columns.select.place(field.name()));
        Arc::new(Schema::new_with_metadata(fields, made.metadata().clone()))
    }

    /// The same read with only these columns, in this order; the others are not built.
    ///
    /// ```
    /// use mrrc::{Scan, Select};
    ///
    /// let scan = Scan::new("catalogue.mrc").select(Select::Some(vec!["leader".into(), "control_number".into()]))?;
    /// let names: Vec<_> = scan.schema().fields().iter().map(|field| field.name().clone()).collect();
    /// assert_eq!(names, ["leader", "control_number"]);
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if a column does not exist.
    pub fn select(&self, columns: Select) -> Result<Scan> {
        self.clone().with_options((*self.options).clone().select(columns))
    }

    /// The same sources, checked for everything that can be found wrong. The read yields no batches; the findings are
    /// in the accounts.
    ///
    /// ```
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let mut batches = mrrc::Scan::new(mrrc::Source::bytes(bytes)).check().batches();
    /// assert!(batches.next_batch()?.is_none());
    /// assert!(batches.accounts().sources[0].findings.is_empty());
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    #[must_use]
    pub fn check(&self) -> Scan {
        self.without_rows(Purpose::Check)
    }

    /// The same sources, read for a [description](crate::Batches::description) of what the records hold. The read yields no
    /// batches.
    ///
    /// ```
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let mut batches = mrrc::Scan::new(mrrc::Source::bytes(bytes)).describe().batches();
    /// assert!(batches.next_batch()?.is_none());
    /// let description = batches.description().unwrap();
    /// assert_eq!(description.fields["245"].subfields["a"].examples, ["Title"]);
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    #[must_use]
    pub fn describe(&self) -> Scan {
        self.without_rows(Purpose::Describe)
    }

    /// The same records as bytes, which [`Batches::next_copied`](crate::Batches::next_copied) returns.
    #[doc(hidden)]
    #[must_use]
    pub fn copying(&self, copying: Copying) -> Scan {
        self.clone().with_purpose(Purpose::Copy(copying))
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

    /// The same read without the column that names sources.
    pub(super) fn without_source(self) -> Scan {
        Scan { names_sources: false, ..self }
    }

    /// The same read for another purpose.
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
            "there is no column \"titel\"; choose among record, control_number, leader, fields"
        );
        assert_eq!(
            refusal(several(), titles().provenance(options::Provenance::Raw)),
            "there is no column \"titel\"; choose among record, control_number, leader, fields, source, offset, \
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
            "byte_range needs a single source; there are several"
        );
    }
}
