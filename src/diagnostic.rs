//! What was found wrong, and where: [`Diagnostic`], its [`Code`] and its [`Severity`].
//!
//! Codes are stable: they are never renamed, and their meaning never changes.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::words::{grouped, printable};

/// How serious a finding is.
///
/// ```
/// use mrrc::accounts::Severity;
///
/// assert!(Severity::Warning < Severity::Fatal);
/// assert_eq!(Severity::Repaired.name(), "repaired");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Odd, but delivered unchanged.
    Warning,
    /// Some bytes have no character in the encoding of the record.
    Decoding,
    /// The structure contradicts itself, but one reading of it is proven.
    Repaired,
    /// No record can be delivered.
    Fatal,
}

impl Severity {
    /// The word used in tables and messages.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Decoding => "decoding",
            Severity::Repaired => "repaired",
            Severity::Fatal => "fatal",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal $meaning:literal $advice:ident;)*) => {
        /// The kind of a finding.
        ///
        /// ```
        /// use mrrc::accounts::Code;
        ///
        /// assert_eq!(Code::EntryTag.name(), "entry-tag");
        /// assert_eq!(Code::EntryTag.meaning(), "the tag is not three printable characters");
        /// assert!(Code::ALL.contains(&Code::EntryTag));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $meaning] $variant,)* }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable name, such as `record-length`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// What the code means, in a clause.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)* }
            }

            /// What to do about it.
            pub fn advice(self) -> Advice {
                match self { $(Code::$variant => Advice::$advice,)* }
            }
        }
    };
}

/// What to do about a finding. Rust, Python and a command line each have their own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// Nothing has to be done.
    Nothing,
    /// Leave the record out.
    Skip,
    /// Repair the record if a repair can be proven, or leave it out.
    Recover,
    /// Get the file again, or read what is there.
    GetAgain,
    /// Read it again when nothing is writing to it.
    ReadAgain,
    /// Name another encoding, or accept U+FFFD for bytes without a character.
    NameEncoding,
    /// Let the bytes decide the encoding.
    ReadAsFound,
    /// Name an encoding if the text looks wrong, or let the bytes decide it.
    NameOrAuto,
}

impl Advice {
    /// The advice in the words of this crate; empty for [`Advice::Nothing`].
    pub fn text(self) -> &'static str {
        match self {
            Advice::Nothing => "",
            Advice::Skip => "leave it out with Policy::Skip",
            Advice::Recover => {
                "repair it with Policy::Recover if there is only one way to read it, or leave it out with Policy::Skip"
            }
            Advice::GetAgain => "get the file again, or read what is there with Policy::Recover",
            Advice::ReadAgain => "read it again when nothing is writing to it",
            Advice::NameEncoding => {
                "name another encoding with Options::encoding, or get U+FFFD instead with Policy::Recover"
            }
            Advice::ReadAsFound => "Encoding::Auto reads it in the encoding that was found",
            Advice::NameOrAuto => {
                "if the text looks wrong, name an encoding with Options::encoding, or read with Encoding::Auto"
            }
        }
    }
}

/// What a finding is about, in the groups that programs tell apart when they catch errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Something that should be a record does not begin like one.
    Length,
    /// A record does not end where it should.
    End,
    /// The source ends before the record does.
    Truncated,
    /// The base address of data is wrong.
    BaseAddress,
    /// There is no base address of data.
    BaseAddressMissing,
    /// The directory.
    Directory,
    /// There are no fields.
    NoFields,
    /// Bytes that have no character.
    Decoding,
    /// The source itself.
    Source,
    /// Anything else in a record.
    Record,
}

impl Kind {
    /// The name used by bindings.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Length => "length",
            Kind::End => "end",
            Kind::Truncated => "truncated",
            Kind::BaseAddress => "base-address",
            Kind::BaseAddressMissing => "base-address-missing",
            Kind::Directory => "directory",
            Kind::NoFields => "no-fields",
            Kind::Decoding => "decoding",
            Kind::Source => "source",
            Kind::Record => "record",
        }
    }
}

codes! {
    RecordLength "record-length" "the record length in the leader is wrong" Recover;
    TerminatorMissing "terminator-missing" "no record terminator after the last field" Recover;
    RecordTruncated "record-truncated" "the source ends, or the next record begins, before this record is complete" Skip;
    RecordTooLarge "record-too-large" "begins like a record but does not end within max_record" Skip;
    Gap "gap" "bytes that do not begin like a record" Skip;
    LeaderBytes "leader-bytes" "byte above 7F in the leader" Nothing;
    BaseAddress "base-address" "the base address of data is not where the data begin" Recover;
    DirectoryTerminator "directory-terminator" "the directory does not end in a field terminator" Recover;
    DirectoryMissing "directory-missing" "there is no directory" Skip;
    DirectoryLength "directory-length" "the directory is not a whole number of entries" Recover;
    EntryMap "entry-map" "leader 20-22 does not describe a directory entry; 450 assumed" Nothing;
    EntryTag "entry-tag" "the tag is not three printable characters" Skip;
    EntryDigits "entry-digits" "the entry's length or start is not digits" Recover;
    EntryEmpty "entry-empty" "an entry of length 0: a tag without a field" Recover;
    EntryRange "entry-range" "the field reaches beyond the record" Recover;
    EntryStart "entry-start" "the field begins in the middle of another" Recover;
    EntriesOverlap "entries-overlap" "bytes that two entries claim" Recover;
    FieldTerminator "field-terminator" "the field does not end in a field terminator" Recover;
    UnreferencedBytes "unreferenced-bytes" "bytes that no entry claims" Recover;
    Padding "padding" "filler between the fields that no entry claims" Nothing;
    NoFields "no-fields" "the record has no fields" Nothing;
    LeaderIndicators "leader-indicators" "leader 10-11 says that fields have no subfields, but they do; 22 assumed" Nothing;
    TagUnusual "tag-unusual" "the tag is not digits and letters" Nothing;
    IndicatorMissing "indicator-missing" "the field has fewer indicators than it should" Nothing;
    IndicatorExtra "indicator-extra" "fields have more than two indicators, as leader 10 says" Nothing;
    DataBeforeSubfield "data-before-subfield" "text between the indicators and the first subfield" Nothing;
    NoSubfields "no-subfields" "a data field without subfields" Nothing;
    EmptySubfield "empty-subfield" "a subfield delimiter without a code" Nothing;
    SubfieldCode "subfield-code" "the subfield code is not a digit or a lower-case letter" Nothing;
    ControlSubfields "control-subfields" "subfield delimiter in a control field" Nothing;
    DelimiterInField "delimiter-in-field" "field or record terminator inside a field" Nothing;
    RepeatedControlField "repeated-control-field" "a non-repeatable control field is repeated" Nothing;
    Syntax "syntax" "not well-formed XML or JSON" Skip;
    Character "character" "a character that the format forbids" Recover;
    LeaderMissing "leader-missing" "the record has no leader" Nothing;
    LeaderLength "leader-length" "the leader is not 24 characters" Recover;
    TagMissing "tag-missing" "a field without a tag" Skip;
    CodeMissing "code-missing" "a subfield without a code" Skip;
    CodeLength "code-length" "an indicator or a subfield code that is not one character" Skip;
    Unexpected "unexpected" "something in the record that is no part of MARC" Nothing;
    Namespace "namespace" "records in a namespace that is not one of MARCXML" Nothing;
    Deleted "deleted" "records that are said to be deleted, and are not there" Nothing;
    Unwritable "unwritable" "ISO 2709 cannot hold the record" Skip;
    Utf8Invalid "utf8-invalid" "bytes that are not UTF-8" NameEncoding;
    Utf8Surrogates "utf8-surrogates" "a character written as two UTF-16 surrogates; read as that character" Nothing;
    Marc8Byte "marc8-byte" "byte without a character in the MARC-8 set in force" NameEncoding;
    Marc8Escape "marc8-escape" "unknown or incomplete MARC-8 escape sequence" NameEncoding;
    Marc8Cut "marc8-cut" "a MARC-8 character of three bytes is cut" NameEncoding;
    Marc8Mark "marc8-mark" "a MARC-8 combining mark with no letter after it" Nothing;
    CharsetByte "charset-byte" "byte without a character in the encoding" NameEncoding;
    CharsetMark "charset-mark" "a combining mark with no letter after it" Nothing;
    ControlCharacter "control-character" "a control character in the text" Nothing;
    EscapeInText "escape-in-text" "an escape in an encoding that has none, often left by a conversion from MARC-8" Nothing;
    ReplacementCharacter "replacement-character" "U+FFFD in the text: a character was lost in an earlier conversion" Nothing;
    LinkageUnreadable "linkage-unreadable" "a subfield 6 that is no linkage, such as 880-01" Nothing;
    LinkageMissing "linkage-missing" "a linked field that is not there" Nothing;
    NotAYear "not-a-year" "a value that is not a year of four digits" Nothing;
    NotADate "not-a-date" "a value that is not a date" Nothing;
    NotANumber "not-a-number" "a value that is not a whole number" Nothing;
    NotACode "not-a-code" "a value that is not a code of as many letters or digits" Nothing;
    NotAnIsbn "not-an-isbn" "a value in which there is no ISBN" Nothing;
    UnknownCode "unknown-code" "a code that has no meaning in its place" Nothing;
    EncodingMismatch "encoding-mismatch" "the text is not in the declared encoding" ReadAsFound;
    EncodingUndeclared "encoding-undeclared" "the record names no known encoding" NameOrAuto;
    CompressedTruncated "compressed-truncated" "the compressed stream ends early" GetAgain;
    CompressedDamaged "compressed-damaged" "the compressed stream is damaged" GetAgain;
    CompressedTrailing "compressed-trailing" "trailing bytes after the compressed stream" Nothing;
    ArchiveDamaged "archive-damaged" "the archive is damaged, or ends early" GetAgain;
    SourceChanged "source-changed" "the source has changed since it was opened" ReadAgain;
    SourceUnreadable "source-unreadable" "the source cannot be read" Nothing;
    EmptySource "empty-source" "the source is empty, or was already at its end" Nothing;
    NotMarc "not-marc" "the source is none of the formats that are read" Nothing;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a record was repaired whose structure contradicted itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Repair {
    /// The directory was taken at its word.
    Directory,
    /// The directory's entries were paired, in order, with the bytes between field terminators.
    Count,
    /// Each entry was read at the place given by the lengths of those before it.
    Guide,
}

impl Repair {
    /// The word used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Repair::Directory => "directory",
            Repair::Count => "count",
            Repair::Guide => "guide",
        }
    }
}

/// A finding: what it is, where, what was found, and what was expected.
///
/// ```
/// use mrrc::accounts::Severity;
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1f Title\x1e\x1d";
/// let mut batches = mrrc::Scan::new(mrrc::Source::bytes(bytes)).check().batches();
/// while batches.next_batch()?.is_some() {}
/// let diagnostic = &batches.accounts().sources[0].diagnostics[0];
/// assert_eq!((diagnostic.code.name(), diagnostic.severity), ("subfield-code", Severity::Warning));
/// assert_eq!((diagnostic.record, diagnostic.tag.as_deref()), (Some(0), Some("245")));
/// # Ok::<(), mrrc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of finding.
    pub code: Code,
    /// How serious it is.
    pub severity: Severity,
    /// The source's name, if it has one.
    pub source: Option<Arc<str>>,
    /// The number of the record in its source, from 0; `None` for gaps and for the source itself.
    pub record: Option<u64>,
    /// The offset of the byte in question in the (decompressed) source.
    pub offset: u64,
    /// The offset of the record or gap that it belongs to.
    pub record_offset: Option<u64>,
    /// The number of the directory entry, from 0.
    pub entry: Option<u32>,
    /// The tag of the field.
    pub tag: Option<String>,
    /// Which occurrence of the tag in the record it is, from 0.
    pub occurrence: Option<u32>,
    /// The code of the subfield.
    pub subfield_code: Option<String>,
    /// How often it was found; findings with the same code in the same field are counted together.
    pub count: u64,
    /// The bytes found, escaped, at most 32 of them; or a description.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// The control number of the record, or `None` if it cannot be determined.
    pub control_number: Option<String>,
    /// The control number of the record before it, if its own cannot be determined.
    pub after: Option<String>,
    /// How the record was repaired.
    pub repair: Option<Repair>,
}

impl Diagnostic {
    /// A finding at an offset of its source. The caller fills in the other fields as far as they are known.
    pub fn new(code: Code, severity: Severity, offset: u64) -> Diagnostic {
        Diagnostic {
            code,
            severity,
            source: None,
            record: None,
            offset,
            record_offset: None,
            entry: None,
            tag: None,
            occurrence: None,
            subfield_code: None,
            count: 1,
            found: String::new(),
            expected: String::new(),
            control_number: None,
            after: None,
            repair: None,
        }
    }
}

/// The kind of a code, regardless of what was found.
fn kind_of(code: Code) -> Kind {
    match code {
        Code::RecordLength | Code::Gap | Code::NotMarc => Kind::Length,
        Code::TerminatorMissing | Code::RecordTooLarge => Kind::End,
        Code::RecordTruncated => Kind::Truncated,
        Code::BaseAddress => Kind::BaseAddress,
        Code::DirectoryTerminator
        | Code::DirectoryMissing
        | Code::DirectoryLength
        | Code::EntryTag
        | Code::EntryDigits
        | Code::EntryRange => Kind::Directory,
        Code::NoFields => Kind::NoFields,
        Code::Utf8Invalid | Code::Marc8Byte | Code::Marc8Escape | Code::Marc8Cut | Code::CharsetByte => {
            Kind::Decoding
        }
        Code::CompressedTruncated
        | Code::CompressedDamaged
        | Code::CompressedTrailing
        | Code::SourceChanged
        | Code::SourceUnreadable
        | Code::EmptySource => Kind::Source,
        _ => Kind::Record,
    }
}

impl Diagnostic {
    /// What it is about. A base address that is zero or not a number counts as missing.
    pub fn kind(&self) -> Kind {
        match (kind_of(self.code), self.severity) {
            (_, Severity::Decoding) => Kind::Decoding,
            (Kind::BaseAddress, _) if self.found.parse::<u32>().unwrap_or(0) == 0 => Kind::BaseAddressMissing,
            (kind, _) => kind,
        }
    }

    /// What to do about it. A fatal finding has no proven reading, so recovery is not advised.
    pub fn advice(&self) -> Advice {
        match self.code.advice() {
            Advice::Recover if self.severity == Severity::Fatal => Advice::Skip,
            Advice::Recover if self.severity == Severity::Warning => Advice::Nothing,
            advice => advice,
        }
    }

    /// The finding in one line, without advice:
    /// `catalogue.mrc: record 17 (ocm0001), offset 20,113, field 245: what (code); found ...; expected ...`
    pub fn summary(&self) -> String {
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = self.write_summary(&mut out);
        out
    }

    fn write_summary(&self, f: &mut impl fmt::Write) -> fmt::Result {
        if let Some(source) = &self.source {
            write!(f, "{}: ", printable(source))?;
        }
        if let Some(record) = self.record {
            write!(f, "record {record}")?;
            match (&self.control_number, &self.after) {
                (Some(number), _) => write!(f, " ({})", quoted(&printable(number)))?,
                (None, Some(before)) => write!(f, " (after {})", quoted(&printable(before)))?,
                (None, None) => {}
            }
            write!(f, ", ")?;
        }
        if has_place(self.code, self.offset) {
            write!(f, "offset {}", grouped(self.offset))?;
            if self.tag.is_some() {
                write!(f, ", ")?;
            }
            self.write_field(f)?;
            write!(f, ": ")?;
        }
        self.write_what(f)
    }

    /// The finding without its source, record and offset: `field 245: what (code); found ...; expected ...`
    pub fn sentence(&self) -> String {
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = self.write_field(&mut out);
        out.push_str(if out.is_empty() { "" } else { ": " });
        let _ = self.write_what(&mut out);
        out
    }

    fn write_field(&self, f: &mut impl fmt::Write) -> fmt::Result {
        if let Some(tag) = &self.tag {
            write!(f, "field {}", quoted(&printable(tag)))?;
        }
        if let Some(code) = &self.subfield_code {
            write!(f, " ${}", printable(code))?;
        }
        Ok(())
    }

    fn write_what(&self, f: &mut impl fmt::Write) -> fmt::Result {
        write!(f, "{} ({})", self.code.meaning(), self.code)?;
        write_details(f, self.code, &self.found, &self.expected)
    }
}

/// Whether a finding has a place in its source; some are about all of it.
pub(crate) fn has_place(code: Code, offset: u64) -> bool {
    offset > 0 || kind_of(code) != Kind::Source
}

/// What was found, and what was expected, after the meaning of the code.
pub(crate) fn write_details(f: &mut impl fmt::Write, code: Code, found: &str, expected: &str) -> fmt::Result {
    match code {
        Code::NotMarc | Code::SourceUnreadable => write!(f, ": {found}")?,
        _ if found.is_empty() => {}
        _ => write!(f, "; found {}", quoted(found))?,
    }
    if expected.is_empty() { Ok(()) } else { write!(f, "; expected {expected}") }
}

/// The [summary](Diagnostic::summary), and what to do.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_summary(f)?;
        match self.advice().text() {
            "" => Ok(()),
            advice => write!(f, "; {advice}"),
        }
    }
}

/// In quotation marks if it begins or ends with spaces, which would not be seen.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    if text.trim() == text { text.into() } else { format!("\"{text}\"").into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::escaped;

    #[test]
    fn codes_have_distinct_names() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn a_message_says_what_was_found_where_and_what_to_do() {
        let mut diagnostic = Diagnostic::new(Code::EntryDigits, Severity::Fatal, 20_113_004);
        diagnostic.source = Some("ven\u{1B}dor.mrc".into());
        diagnostic.record = Some(17);
        diagnostic.tag = Some("245".into());
        diagnostic.found = escaped(b"00x1\x1e");
        diagnostic.expected = "digits".into();
        assert_eq!(
            diagnostic.to_string(),
            "ven�dor.mrc: record 17, offset 20,113,004, field 245: the entry's length or start is not digits \
             (entry-digits); found 00x1\\x1e; expected digits; leave it out with Policy::Skip"
        );
        diagnostic.severity = Severity::Repaired;
        assert!(diagnostic.to_string().ends_with(
            "; repair it with Policy::Recover if there is only one way to read it, or leave it out with Policy::Skip"
        ));
    }

    #[test]
    fn a_message_names_the_record_or_one_before_it() {
        let mut diagnostic = Diagnostic::new(Code::NoFields, Severity::Warning, 7);
        diagnostic.record = Some(1);
        diagnostic.after = Some(" ocm1".into());
        assert_eq!(
            diagnostic.to_string(),
            "record 1 (after \" ocm1\"), offset 7: the record has no fields (no-fields)"
        );
        diagnostic.control_number = Some("ocm2".into());
        assert_eq!(diagnostic.to_string(), "record 1 (ocm2), offset 7: the record has no fields (no-fields)");
    }
}
