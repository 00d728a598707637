//! What a caller can ask for: [`Options`] and the enums in it.

use std::ops::Range;

use crate::charset::Charset;
use crate::diagnostic::Severity;
use crate::error::{Error, Result};
use crate::notation::{self, Condition, Tags};
use crate::words::brief;

/// What happens to a record that cannot be delivered unchanged.
///
/// Of several sources, one that is missing or cannot be read is an error under `Raise`. Under the others the read goes
/// on with the next, and the accounts name it, unless none of them can be read.
///
/// ```
/// use mrrc::Policy;
/// use mrrc::accounts::Severity;
///
/// assert!(!Policy::Skip.delivers(Severity::Repaired));
/// assert!(Policy::Recover.delivers(Severity::Repaired));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// Reading stops with an error, after all records before it are delivered.
    #[default]
    Raise,
    /// It is left out and counted, and its bytes are kept.
    Skip,
    /// It is delivered if one reading of its structure can be proven, with U+FFFD for bytes without a character;
    /// otherwise it is left out.
    Recover,
}

impl Policy {
    /// Whether a record with a finding of this severity is delivered.
    pub fn delivers(self, found: Severity) -> bool {
        match self {
            Policy::Raise | Policy::Skip => found <= Severity::Warning,
            Policy::Recover => found <= Severity::Repaired,
        }
    }
}

/// The encoding that text is read in.
///
/// ```
/// use mrrc::charset::Charset;
/// use mrrc::{Encoding, Options};
///
/// let charset = Charset::named("windows-1251").expect("a known encoding");
/// let options = Options::default().encoding(Encoding::Named(charset));
/// assert_eq!(options.records.encoding, Encoding::Named(charset));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// The encoding that each record declares (MARC 21: leader/09; UNIMARC: 100$a, positions 26-33).
    #[default]
    Declared,
    /// The encoding that the bytes of each record suggest. Evidence is weighed, without statistics.
    ///
    /// ASCII is read as declared. Other text is UTF-8 if at least as many of its characters are well-formed as are
    /// not; it is MARC-8 (UNIMARC: the declared set, or ISO 5426) or Windows-1252 if at least four characters fit for
    /// each one that does not; otherwise it is read as declared. So a few faults do not change the encoding: they are
    /// findings, each in its value.
    Auto,
    /// This encoding, whatever the records declare.
    Named(Charset),
}

impl Encoding {
    /// The name, such as `declared` or `marc-8`.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Declared => "declared",
            Encoding::Auto => "auto",
            Encoding::Named(charset) => charset.name(),
        }
    }
}

/// The format of the records: where they declare their encoding, and which encodings they can have.
///
/// ```
/// let options = mrrc::Options::default().dialect(mrrc::Dialect::Unimarc);
/// assert_eq!(options.records.dialect, mrrc::Dialect::Unimarc);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// MARC 21.
    #[default]
    Marc21,
    /// UNIMARC.
    Unimarc,
}

/// What records are written in.
///
/// ```
/// let options = mrrc::Options::default().format(mrrc::Format::Marcxml);
/// assert_eq!(options.records.format, mrrc::Format::Marcxml);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// What the first bytes of each source look like; ISO 2709 if they look like nothing known.
    #[default]
    Auto,
    /// ISO 2709.
    Iso2709,
    /// MARCXML, or MarcXchange, by itself or in answers of OAI-PMH and SRU.
    Marcxml,
    /// MARC-in-JSON: each record in a line, in an array, one after another, or within other objects.
    Json,
    /// MARCMaker text, as MarcEdit writes it into files called `.mrk`.
    Mrk,
    /// Aleph sequential, also as Alma writes it.
    Aleph,
}

impl Format {
    /// All formats, with their names in Python, on the command line and in accounts.
    pub const ALL: &'static [(&'static str, Format)] = &[
        ("auto", Format::Auto),
        ("iso2709", Format::Iso2709),
        ("marcxml", Format::Marcxml),
        ("json", Format::Json),
        ("mrk", Format::Mrk),
        ("aleph", Format::Aleph),
    ];

    /// The name, such as `marcxml`.
    pub fn name(self) -> &'static str {
        Format::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

/// How records become rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// One row for each record, with all its fields in a nested column.
    #[default]
    Nested,
    /// One row for the leader of each record and for each of its fields, with its subfields in a nested column.
    Fields,
    /// One row for the leader of each record, for each of its control fields, and for each subfield.
    Subfields,
}

impl Layout {
    /// The name used in Python and in the schema's metadata.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Nested => "nested",
            Layout::Fields => "fields",
            Layout::Subfields => "subfields",
        }
    }
}

/// Columns that say where each row comes from, after those of the layout. `record`, the number of the record in its
/// source, is the first column of every layout and not among them.
///
/// ```
/// use mrrc::{Options, Provenance, Scan};
///
/// let options = Options::default().provenance(Provenance::Raw);
/// let schema = Scan::new("catalogue.mrc").with_options(options)?.schema();
/// assert_eq!(schema.fields().last().unwrap().name(), "raw");
/// # Ok::<(), mrrc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provenance {
    /// None, except `source` when there are several sources.
    #[default]
    Without,
    /// `source`, `offset`, `length`, `encoding_declared`, `encoding_used`, `undecodable`.
    With,
    /// The same, and `raw`: the bytes of the record, unchanged.
    Raw,
}

/// Which columns of a layout are built.
///
/// ```
/// use mrrc::Select;
///
/// let select = Select::Some(vec!["leader".into()]);
/// assert!(select.wants("leader") && !select.wants("fields"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Select {
    /// All of them.
    #[default]
    All,
    /// These, in this order.
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

    /// The place of a wanted column among them; all columns are in the order of the layout.
    pub(crate) fn place(&self, column: &str) -> usize {
        match self {
            Select::All => 0,
            Select::Some(names) => names.iter().position(|name| name == column).unwrap_or(names.len()),
        }
    }
}

/// Bytes read ahead: one full chunk (1 MiB) plus room for the record that crosses its end.
const WINDOW: usize = (1 << 20) + (1 << 15);

/// The options of a read. By default everything is read, into all columns; each method changes one option.
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
    /// Memory and threads. They do not change the result, except where one batch ends and the next begins.
    pub resources: Resources,
}

/// How records are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Records {
    /// What records are written in.
    pub format: Format,
    /// The encoding that text is read in.
    pub encoding: Encoding,
    /// Whether a character reference in MARC-8, such as `&#x2019;`, is read as the character it stands for.
    pub references: bool,
    /// The format of the records.
    pub dialect: Dialect,
    /// What happens to records that cannot be delivered unchanged.
    pub on_error: Policy,
}

impl Default for Records {
    fn default() -> Records {
        Records {
            format: Format::default(),
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
    /// How a record becomes rows, unless there are expressions.
    pub layout: Layout,
    /// What the columns hold, one row for each record; `None` for those of the layout.
    pub expressions: Option<notation::Columns>,
    /// Which fields a layout has rows or elements for; `None` for all.
    pub tags: Option<Tags>,
    /// Which records become rows; `None` for all.
    pub filter: Option<Condition>,
    /// Which columns are built.
    pub select: Select,
    /// Columns that say where each row comes from.
    pub provenance: Provenance,
}

/// How much is read and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Only records that begin in this range of bytes are read; see [`Options::byte_range`].
    pub byte_range: Option<Range<u64>>,
    /// Whether a source that cannot be split belongs to the range that begins at 0, and is no error.
    pub takes_whole: bool,
    /// The maximum number of rows; `None` for all.
    pub n_rows: Option<u64>,
    /// The maximum number of bytes in a record or gap whose stated length cannot be trusted.
    pub max_record: usize,
    /// The maximum number of diagnostics kept for each source.
    pub kept_diagnostics: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            byte_range: None,
            takes_whole: false,
            n_rows: None,
            max_record: 8 << 20,
            kept_diagnostics: 1000,
        }
    }
}

/// Memory and threads of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resources {
    /// The maximum number of records in a batch.
    pub batch_size: usize,
    /// The number of threads that decode; `None` for all that this process may use.
    pub threads: Option<usize>,
    /// The number of bytes of a source that are read at once.
    pub window: usize,
}

impl Default for Resources {
    fn default() -> Resources {
        Resources { batch_size: 8192, threads: None, window: WINDOW }
    }
}

impl Options {
    /// Sets what records are written in. The default is what each source looks like.
    #[must_use]
    pub fn format(mut self, format: Format) -> Options {
        self.records.format = format;
        self
    }

    /// Sets the encoding that text is read in. The default is the one that each record declares.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> Options {
        self.records.encoding = encoding;
        self
    }

    /// Sets whether a character reference in MARC-8, such as `&#x2019;`, is read as the character it stands for. The
    /// default is true.
    #[must_use]
    pub fn references(mut self, references: bool) -> Options {
        self.records.references = references;
        self
    }

    /// Sets the format of the records. The default is MARC 21.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Options {
        self.records.dialect = dialect;
        self
    }

    /// Sets what happens to records that cannot be delivered unchanged. The default is an error.
    #[must_use]
    pub fn on_error(mut self, policy: Policy) -> Options {
        self.records.on_error = policy;
        self
    }

    /// Sets how a record becomes rows.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Options {
        self.columns.layout = layout;
        self
    }

    /// Sets what the columns hold: one row for each record, and a column for each expression. They take the place of
    /// the columns of a layout.
    ///
    /// ```
    /// use mrrc::{Columns, Options, Scan, Source};
    ///
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let columns = Columns::of([("id", "001"), ("title", "first(245$a)")])?;
    /// let scan = Scan::new(Source::bytes(bytes)).with_options(Options::default().columns(columns))?;
    /// let batch = scan.batches().next().unwrap()?;
    /// assert_eq!(batch.schema().field(1).name(), "title");
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    #[must_use]
    pub fn columns(mut self, columns: impl Into<Option<notation::Columns>>) -> Options {
        self.columns.expressions = columns.into();
        self
    }

    /// Sets which fields a layout keeps. A record of which none is kept stays a row, or the row of its leader; `field`
    /// is the place in the whole record. The default is all fields.
    ///
    /// ```
    /// use mrrc::{Layout, Options, Scan, Source, Tags};
    ///
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let count = |tags: &str| {
    ///     let options = Options::default().layout(Layout::Fields).tags(tags.parse::<Tags>()?);
    ///     Scan::new(Source::bytes(bytes)).with_options(options)?.count()
    /// };
    /// assert_eq!((count("245, 6..")?, count("6..")?), (2, 1));
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    #[must_use]
    pub fn tags(mut self, tags: impl Into<Option<Tags>>) -> Options {
        self.columns.tags = tags.into();
        self
    }

    /// Sets which records become rows. A record that does not meet the condition is not decoded; the accounts count it
    /// as filtered out. The default is all records.
    ///
    /// ```
    /// use mrrc::{Options, Scan, Source};
    ///
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let count = |condition: &str| {
    ///     let options = Options::default().filter(condition.parse::<mrrc::Condition>()?);
    ///     Scan::new(Source::bytes(bytes)).with_options(options)?.count()
    /// };
    /// assert_eq!((count("245$a ~ 'it'")?, count("not 245")?), (1, 0));
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    #[must_use]
    pub fn filter(mut self, condition: impl Into<Option<Condition>>) -> Options {
        self.columns.filter = condition.into();
        self
    }

    /// Sets which columns are built. The default is all.
    #[must_use]
    pub fn select(mut self, select: Select) -> Options {
        self.columns.select = select;
        self
    }

    /// Adds columns that say where each row comes from. The default is none.
    #[must_use]
    pub fn provenance(mut self, provenance: Provenance) -> Options {
        self.columns.provenance = provenance;
        self
    }

    /// Reads only the records that begin in this range of bytes. Needs one source that is an uncompressed file or
    /// bytes in memory; ranges that partition it yield each record once.
    ///
    /// Record numbers count from the first record in the range, offsets from the first byte of the source. A damaged
    /// record belongs to the range of the sound one before it.
    ///
    /// ```
    /// use mrrc::{Options, Scan, Source};
    ///
    /// let record = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let scan = Scan::new(Source::bytes(record.repeat(10)));
    /// let count = |range: std::ops::Range<u64>| scan.clone().with_options(Options::default().byte_range(range))?.count();
    /// assert_eq!((count(0..300)?, count(300..630)?), (5, 5));
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    #[must_use]
    pub fn byte_range(mut self, range: impl Into<Option<Range<u64>>>) -> Options {
        self.limits.byte_range = range.into();
        self
    }

    /// Reads one part of a source, by the size of the source alone: the records that begin in this range of bytes, as
    /// [`Options::byte_range`] does, but a source that cannot be split, because it is compressed or an array of JSON, is
    /// wholly in the part that begins at 0. So each record is in one part, whatever the source is.
    ///
    /// ```
    /// use mrrc::{Options, Scan, Source};
    ///
    /// let scan = Scan::new(Source::bytes(b"[{\"leader\": \"\", \"fields\": []}]"));
    /// let count = |part: std::ops::Range<u64>| scan.clone().with_options(Options::default().part(part))?.count();
    /// assert_eq!((count(0..10)?, count(10..33)?), (1, 0));
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    #[must_use]
    pub fn part(mut self, range: Range<u64>) -> Options {
        self.limits.byte_range = Some(range);
        self.limits.takes_whole = true;
        self
    }

    /// Stops after this number of rows. The default is to read all.
    #[must_use]
    pub fn n_rows(mut self, rows: impl Into<Option<u64>>) -> Options {
        self.limits.n_rows = rows.into();
        self
    }

    /// Sets the maximum number of bytes in a record or gap whose stated length cannot be trusted. The default is 8
    /// MiB.
    #[must_use]
    pub fn max_record(mut self, bytes: usize) -> Options {
        self.limits.max_record = bytes;
        self
    }

    /// Sets the maximum number of diagnostics kept for each source. The default is 1,000. For all sources together
    /// the maximum is 100,000, or this number if it is larger. Findings beyond it are still counted.
    #[must_use]
    pub fn kept_diagnostics(mut self, diagnostics: usize) -> Options {
        self.limits.kept_diagnostics = diagnostics;
        self
    }

    /// Sets the maximum number of records in a batch. The default is 8,192.
    #[must_use]
    pub fn batch_size(mut self, records: usize) -> Options {
        self.resources.batch_size = records;
        self
    }

    /// Sets the number of threads that decode, at most 1,024. The default is all that this process may use.
    #[must_use]
    pub fn threads(mut self, threads: impl Into<Option<usize>>) -> Options {
        self.resources.threads = threads.into();
        self
    }

    /// Sets the number of bytes of a source that are read at once. The default is a little more than 1 MiB.
    #[must_use]
    pub fn window(mut self, bytes: usize) -> Options {
        self.resources.window = bytes;
        self
    }

    /// Refuses options that cannot be applied to sources with these columns.
    pub(crate) fn validate(&self, columns: &[&str]) -> Result<()> {
        if let Select::Some(names) = &self.columns.select
            && let Some(unknown) = names.iter().find(|name| !columns.contains(&name.as_str()))
        {
            return Err(Error::Argument(format!(
                "there is no column {}; choose among {}",
                brief(&format!("{unknown:?}")),
                columns.join(", ")
            )));
        }
        if self.columns.tags.is_some() && self.columns.expressions.is_some() {
            let problem = "tags and columns cannot both be given: expressions name the fields that they need";
            return Err(Error::Argument(problem.into()));
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
