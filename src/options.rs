//! What a caller can ask for: [`Options`] and the named choices in it.

use std::ops::Range;

use crate::charset::Charset;
use crate::diagnostic::Severity;
use crate::error::{Error, Result};

/// What is done with a record that cannot be delivered as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// An error, after every record before it was delivered.
    #[default]
    Raise,
    /// Leave it out; count it and keep its bytes.
    Skip,
    /// Deliver it where one reading of its structure is proven, with U+FFFD for what has no character; else
    /// leave it out.
    Recover,
}

impl Policy {
    /// Whether a record is delivered in which this was found.
    pub fn delivers(self, found: Severity) -> bool {
        match self {
            Policy::Raise | Policy::Skip => found <= Severity::Warning,
            Policy::Recover => found <= Severity::Repaired,
        }
    }
}

/// In which encoding text is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// The one that each record declares (MARC 21: leader/09; UNIMARC: 100$a, positions 26-33).
    #[default]
    Declared,
    /// The one that the bytes of each record speak for: evidence is weighed, without statistics.
    ///
    /// ASCII is as declared. Else UTF-8, if at least as many of its characters are well-formed as are not; MARC-8
    /// (UNIMARC: the set declared, or ISO 5426) or Windows-1252, if at least four characters are good for each that is odd;
    /// else as declared. So a few faults do not make another encoding: they are findings, each in its value.
    Auto,
    /// This one, whatever records declare.
    Named(Charset),
}

/// Which format of ISO 2709 the records are in: where they declare their encoding, and which sets they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// MARC 21.
    #[default]
    Marc21,
    /// UNIMARC.
    Unimarc,
}

/// How a record becomes rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// One row for each record, with all its fields in a nested column.
    #[default]
    Nested,
}

impl Layout {
    /// The name used in Python and in the schema's metadata.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Nested => "nested",
        }
    }
}

/// Which columns after those of the layout say where a row is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provenance {
    /// None; but rows of several sources have `source`.
    #[default]
    Without,
    /// `source`, `record`, `offset`, `length`, `encoding_declared`, `encoding_used`, `undecodable`.
    With,
    /// These, and `raw`: the record's bytes as they stood.
    Raw,
}

/// Which of a layout's columns are built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Select {
    /// All of them.
    #[default]
    All,
    /// These, in the layout's own order.
    Some(Vec<String>),
}

impl Select {
    /// Whether the column is wanted.
    pub fn wants(&self, column: &str) -> bool {
        match self {
            Select::All => true,
            Select::Some(names) => names.iter().any(|name| name == column),
        }
    }
}

/// Bytes read ahead: one full chunk (1 MiB), and room for the record that crosses its end.
const WINDOW: usize = (1 << 20) + (1 << 15);

/// What is asked for of a read, by subject. The defaults read everything, in all columns; each method changes one of
/// them.
///
/// ```
/// use mrrc::{Encoding, Options, Policy, Scan, Source};
///
/// let options = Options::default().encoding(Encoding::Auto).on_error(Policy::Skip).n_rows(1_000);
/// let scan = Scan::new(Source::path("catalogue.mrc")).with_options(options)?;
/// assert_eq!(scan.options().limits.n_rows, Some(1_000));
/// # Ok::<(), mrrc::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How records are read.
    pub records: Records,
    /// What becomes of them.
    pub columns: Columns,
    /// How much is read and kept.
    pub limits: Limits,
    /// With what it is done; results do not depend on it, but for where batches end.
    pub resources: Resources,
}

/// How records are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Records {
    /// In which encoding text is read.
    pub encoding: Encoding,
    /// Whether a reference in MARC-8, such as `&#x2019;`, is read as the character that it stands for.
    pub references: bool,
    /// Which format the records are in.
    pub dialect: Dialect,
    /// What is done with records that cannot be delivered as they stand.
    pub on_error: Policy,
}

impl Default for Records {
    fn default() -> Records {
        Records {
            encoding: Encoding::default(),
            references: true,
            dialect: Dialect::default(),
            on_error: Policy::default(),
        }
    }
}

/// What becomes of records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Columns {
    /// How a record becomes rows.
    pub layout: Layout,
    /// Which of the columns are built.
    pub select: Select,
    /// Columns that say where a row is from.
    pub provenance: Provenance,
}

/// How much is read and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The records that begin in this range of bytes, and no others; see [`Options::byte_range`].
    pub byte_range: Option<Range<u64>>,
    /// The most rows; `None` for all.
    pub n_rows: Option<u64>,
    /// The most bytes of an item without a believable length.
    pub max_record: usize,
    /// The most diagnostics that are kept of a source.
    pub kept_diagnostics: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { byte_range: None, n_rows: None, max_record: 8 << 20, kept_diagnostics: 1000 }
    }
}

/// With what a read is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resources {
    /// The most records in a batch.
    pub batch_size: usize,
    /// The number of threads that decode; `None` for all that this process may use.
    pub threads: Option<usize>,
    /// Bytes of a source that are read before they are looked at.
    pub window: usize,
}

impl Default for Resources {
    fn default() -> Resources {
        Resources { batch_size: 8192, threads: None, window: WINDOW }
    }
}

impl Options {
    /// In which encoding text is read.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> Options {
        self.records.encoding = encoding;
        self
    }

    /// Whether a reference in MARC-8, such as `&#x2019;`, is read as the character that it stands for: it is, unless
    /// that is changed.
    #[must_use]
    pub fn references(mut self, references: bool) -> Options {
        self.records.references = references;
        self
    }

    /// Which format the records are in.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Options {
        self.records.dialect = dialect;
        self
    }

    /// What is done with records that cannot be delivered as they stand.
    #[must_use]
    pub fn on_error(mut self, policy: Policy) -> Options {
        self.records.on_error = policy;
        self
    }

    /// How a record becomes rows.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Options {
        self.columns.layout = layout;
        self
    }

    /// Which of the columns are built.
    #[must_use]
    pub fn select(mut self, select: Select) -> Options {
        self.columns.select = select;
        self
    }

    /// Columns that say where a row is from.
    #[must_use]
    pub fn provenance(mut self, provenance: Provenance) -> Options {
        self.columns.provenance = provenance;
        self
    }

    /// Reads only the records that begin in this range of one source, a file or bytes in memory that are not
    /// compressed: ranges that partition it give each record once. Numbers of records count from the first in the
    /// range, offsets from the source's first byte. A damaged record belongs to the range of the sound one before it.
    #[must_use]
    pub fn byte_range(mut self, range: impl Into<Option<Range<u64>>>) -> Options {
        self.limits.byte_range = range.into();
        self
    }

    /// Stops after this number of rows.
    #[must_use]
    pub fn n_rows(mut self, rows: impl Into<Option<u64>>) -> Options {
        self.limits.n_rows = rows.into();
        self
    }

    /// The most bytes that an item without a believable length may have: 8 MiB unless it is changed.
    #[must_use]
    pub fn max_record(mut self, bytes: usize) -> Options {
        self.limits.max_record = bytes;
        self
    }

    /// The most diagnostics that are kept of a source, a thousand unless it is changed. Of all sources together,
    /// 100,000 are kept, or this number if it is larger; findings are counted all the same.
    #[must_use]
    pub fn kept_diagnostics(mut self, diagnostics: usize) -> Options {
        self.limits.kept_diagnostics = diagnostics;
        self
    }

    /// The most records in a batch, 8,192 unless it is changed.
    #[must_use]
    pub fn batch_size(mut self, records: usize) -> Options {
        self.resources.batch_size = records;
        self
    }

    /// The number of threads that decode, at most [`MAX_THREADS`](crate::io::pool::MAX_THREADS): all that this process
    /// may use unless it is changed.
    #[must_use]
    pub fn threads(mut self, threads: impl Into<Option<usize>>) -> Options {
        self.resources.threads = threads.into();
        self
    }

    /// Bytes of a source that are read before they are looked at.
    #[must_use]
    pub fn window(mut self, bytes: usize) -> Options {
        self.resources.window = bytes;
        self
    }

    /// Refuses what cannot be done with sources whose columns have these names.
    pub(crate) fn validate(&self, columns: &[&str]) -> Result<()> {
        if let Select::Some(names) = &self.columns.select
            && let Some(unknown) = names.iter().find(|name| !columns.contains(&name.as_str()))
        {
            return Err(Error::Argument(format!(
                "there is no column {unknown:?}; choose among {}",
                columns.join(", ")
            )));
        }
        let at_least_one = [
            ("max_record", Some(self.limits.max_record)),
            ("batch_size", Some(self.resources.batch_size)),
            ("threads", self.resources.threads),
            ("window", Some(self.resources.window)),
        ];
        if let Some((name, _)) = at_least_one.iter().find(|(_, number)| *number == Some(0)) {
            return Err(Error::Argument(format!("{name}=0 is out of range; choose 1 or more")));
        }
        match &self.limits.byte_range {
            Some(range) if range.start > range.end => Err(Error::Argument(format!(
                "byte_range={}..{} ends before it begins",
                range.start, range.end
            ))),
            _ => Ok(()),
        }
    }
}
