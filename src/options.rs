//! What a caller can ask for: [`Options`] and the named choices in it.

use std::ops::Range;

use crate::charset::Charset;
use crate::diagnostic::Severity;

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
    /// No columns: every value is looked at, and what is odd about it is found ([`Scan::check`](crate::Scan::check)).
    Check,
    /// No columns: what there is is counted ([`Scan::describe`](crate::Scan::describe)).
    Describe,
}

impl Layout {
    /// The name used in Python and in the schema's metadata.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Nested => "nested",
            Layout::Check => "check",
            Layout::Describe => "describe",
        }
    }
}

/// Which columns behind those of the layout say where a row is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// Bytes of a window: a chunk is full of a MiB, and the record that fills it is mostly there.
const WINDOW: usize = (1 << 20) + (1 << 15);

/// How a source is read. The defaults read everything, in all columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How a record becomes rows.
    pub layout: Layout,
    /// Which of the layout's columns are built.
    pub select: Select,
    /// In which encoding text is read.
    pub encoding: Encoding,
    /// Whether a reference in MARC-8, such as `&#x2019;`, is read as the character that it stands for.
    pub references: bool,
    /// Which format the records are in.
    pub dialect: Dialect,
    /// What is done with records that cannot be delivered as they stand.
    pub on_error: Policy,
    /// Columns that say where a row is from.
    pub provenance: Provenance,
    /// Records in a batch.
    pub batch_size: usize,
    /// Of one source that is not compressed, a file or bytes in memory, those records alone that begin in this
    /// range: the parts of any split hold each record once. Numbers of records count from the part's first,
    /// offsets from the source's. A damaged record belongs to the range of the sound one before it.
    pub byte_range: Option<Range<u64>>,
    /// Stop after so many rows.
    pub n_rows: Option<u64>,
    /// Threads that decode, at most [`MAX_THREADS`](crate::io::pool::MAX_THREADS); none for all that this process
    /// may use. Results do not depend on it.
    pub threads: Option<usize>,
    /// Bytes of a source that are read before they are looked at. Results do not depend on it.
    pub window: usize,
    /// Bytes that an item without a believable length may have.
    pub max_record: usize,
    /// Diagnostics that are kept of a source; findings are counted all the same.
    pub kept_diagnostics: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            layout: Layout::default(),
            select: Select::default(),
            encoding: Encoding::default(),
            references: true,
            dialect: Dialect::default(),
            on_error: Policy::default(),
            provenance: Provenance::default(),
            batch_size: 8192,
            byte_range: None,
            n_rows: None,
            threads: None,
            window: WINDOW,
            max_record: 8 << 20,
            kept_diagnostics: 1000,
        }
    }
}
