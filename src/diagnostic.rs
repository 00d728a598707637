//! What was found wrong, and where: [`Diagnostic`], its [`Code`] and its [`Severity`].
//!
//! Codes are stable: they are never renamed and never given a new meaning.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::words::{grouped, printable};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Odd, and delivered as it stands.
    Warning,
    /// Bytes that have no character in the encoding of the record.
    Decoding,
    /// The structure contradicted itself; one reading of it is proven.
    Repaired,
    /// No record can be delivered from these bytes.
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
    ($($variant:ident $name:literal $meaning:literal $advice:expr;)*) => {
        /// What kind of finding it is.
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

            /// What a reader of the message can do about it; may be empty.
            pub fn advice(self) -> &'static str {
                match self { $(Code::$variant => $advice,)* }
            }
        }
    };
}

const SKIP: &str = "read with on_error=\"skip\" to leave it out";
const RECOVER: &str =
    "read with on_error=\"recover\" to have it repaired where that is proven, or \"skip\" to leave it out";
const AGAIN: &str = "get the file again, or read what there is of it with on_error=\"recover\"";
const ENCODING: &str =
    "name another encoding with encoding=..., or read with on_error=\"recover\" to have U+FFFD there";

codes! {
    RecordLength "record-length" "the record's length is not its extent" RECOVER;
    TerminatorMissing "terminator-missing" "no record terminator behind the last field" RECOVER;
    RecordTruncated "record-truncated" "the source ends, or the next record begins, before this record is complete" SKIP;
    RecordTooLarge "record-too-large" "it begins like a record and has no end within max_record" SKIP;
    Gap "gap" "bytes that do not begin like a record" SKIP;
    LeaderBytes "leader-bytes" "byte above 7F in the leader" "";
    BaseAddress "base-address" "the base address of data is not where the data begin" RECOVER;
    DirectoryTerminator "directory-terminator" "the directory does not end in a field terminator" RECOVER;
    DirectoryMissing "directory-missing" "there is no directory" SKIP;
    DirectoryLength "directory-length" "the directory is not a whole number of entries" RECOVER;
    EntryMap "entry-map" "leader 20-22 does not describe a directory entry; 450 assumed" "";
    EntryTag "entry-tag" "the tag is not three printable characters" SKIP;
    EntryDigits "entry-digits" "the entry's length or start is not digits" RECOVER;
    EntryEmpty "entry-empty" "an entry of length 0: a tag without a field" RECOVER;
    EntryRange "entry-range" "the field reaches beyond the record" RECOVER;
    EntryStart "entry-start" "the field begins in the middle of another" RECOVER;
    EntriesOverlap "entries-overlap" "bytes that two entries claim" RECOVER;
    FieldTerminator "field-terminator" "the field does not end in a field terminator" RECOVER;
    UnreferencedBytes "unreferenced-bytes" "bytes that no entry claims" RECOVER;
    Padding "padding" "filler between the fields that no entry claims" "";
    NoFields "no-fields" "the directory is empty" "";
    LeaderIndicators "leader-indicators" "leader 10-11 says that fields have no subfields, and they have; 22 assumed" "";
    TagUnusual "tag-unusual" "the tag is not digits and letters" "";
    IndicatorMissing "indicator-missing" "the field has fewer indicators than it should" "";
    IndicatorExtra "indicator-extra" "fields have more than two indicators, as leader 10 says" "";
    DataBeforeSubfield "data-before-subfield" "text between the indicators and the first subfield" "";
    NoSubfields "no-subfields" "a data field without subfields" "";
    EmptySubfield "empty-subfield" "a subfield delimiter with no code behind it" "";
    SubfieldCode "subfield-code" "the subfield code is not a digit or a lower-case letter" "";
    ControlSubfields "control-subfields" "subfield delimiter in a control field" "";
    DelimiterInField "delimiter-in-field" "field or record terminator inside a field" "";
    RepeatedControlField "repeated-control-field" "a control field that must not repeat stands twice" "";
    Utf8Invalid "utf8-invalid" "bytes that are not UTF-8" ENCODING;
    Utf8Surrogates "utf8-surrogates" "a character as two surrogates of UTF-16; read as the one that it is" "";
    Marc8Byte "marc8-byte" "byte without a character in the MARC-8 set in force" ENCODING;
    Marc8Escape "marc8-escape" "unknown or incomplete MARC-8 escape sequence" ENCODING;
    Marc8Cut "marc8-cut" "a MARC-8 character of three bytes is cut" ENCODING;
    Marc8Mark "marc8-mark" "a MARC-8 combining mark with no letter after it" "";
    CharsetByte "charset-byte" "byte without a character in the encoding" ENCODING;
    CharsetMark "charset-mark" "a combining mark with no letter after it" "";
    ControlCharacter "control-character" "a control character in the text" "";
    EscapeInText "escape-in-text" "an escape in text whose encoding has none, as conversions from MARC-8 leave it" "";
    ReplacementCharacter "replacement-character" "U+FFFD in the text: a character was lost before it came here" "";
    EncodingMismatch "encoding-mismatch" "the text is in another encoding than declared" "encoding=\"auto\" reads it as what was found";
    EncodingUndeclared "encoding-undeclared" "the record names no known encoding" "if the text looks wrong, name one with encoding=..., or read with encoding=\"auto\"";
    CompressedTruncated "compressed-truncated" "the compressed stream ends early" AGAIN;
    CompressedDamaged "compressed-damaged" "the compressed stream is damaged" AGAIN;
    CompressedTrailing "compressed-trailing" "bytes behind the compressed stream that belong to none" "";
    SourceChanged "source-changed" "the file is shorter than when it was opened" "read it again when nobody writes to it";
    EmptySource "empty-source" "the source is empty, or was already at its end" "";
    NotMarc "not-marc" "the source is not MARC in ISO 2709" "";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a record was given back whose structure contradicted itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Repair {
    /// The directory was believed as it is.
    Directory,
    /// The entries were paired with the runs of bytes between field terminators.
    Count,
    /// The entries were read by where the lengths before them add up to.
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

/// One finding: what, where, what was found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of finding it is.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The source's name, if it has one.
    pub source: Option<Arc<str>>,
    /// The record's number in its source, from 0; none for gaps and for the source itself.
    pub record: Option<u64>,
    /// Offset of the byte in question, from the beginning of the (decompressed) source.
    pub offset: u64,
    /// Offset of the record (or gap) it belongs to.
    pub record_offset: Option<u64>,
    /// Number of the directory entry, from 0.
    pub entry: Option<u32>,
    /// Tag of the field.
    pub tag: Option<String>,
    /// Which occurrence of the tag in the record, from 0.
    pub occurrence: Option<u32>,
    /// Code of the subfield.
    pub subfield_code: Option<String>,
    /// How often it was found: there is one finding for each code and field.
    pub count: u64,
    /// What stood there, escaped, at most 32 bytes of it.
    pub found: String,
    /// What should have stood there.
    pub expected: String,
    /// The record's control number, if it has one that can be told.
    pub control_number: Option<String>,
    /// Where it cannot be told: that of the record before it.
    pub after: Option<String>,
    /// How the record was given back.
    pub repair: Option<Repair>,
}

impl Diagnostic {
    /// A finding at an offset of its source; the other fields are filled in by whoever knows them.
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

impl Diagnostic {
    /// What can be done about it; may be empty. What has no proven reading is not to be recovered.
    fn advice(&self) -> &'static str {
        match self.severity {
            Severity::Fatal if self.code.advice() == RECOVER => SKIP,
            _ => self.code.advice(),
        }
    }
}

/// `catalogue.mrc: record 17 (ocm0001), offset 20,113, field 245: what (code); found ...; expected ...; what to do`
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        write!(f, "offset {}", grouped(self.offset))?;
        if let Some(tag) = &self.tag {
            write!(f, ", field {}", quoted(&printable(tag)))?;
        }
        if let Some(code) = &self.subfield_code {
            write!(f, " ${}", printable(code))?;
        }
        write!(f, ": {} ({})", self.code.meaning(), self.code)?;
        match self.code {
            Code::NotMarc => write!(f, ": {}", self.found)?,
            _ if self.found.is_empty() => {}
            _ => write!(f, "; found {}", quoted(&self.found))?,
        }
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        if !self.advice().is_empty() {
            write!(f, "; {}", self.advice())?;
        }
        Ok(())
    }
}

/// In quotation marks where spaces at its ends would not be seen.
fn quoted(text: &str) -> Cow<'_, str> {
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
             (entry-digits); found 00x1\\x1e; expected digits; read with on_error=\"skip\" to leave it out"
        );
        diagnostic.severity = Severity::Repaired;
        assert!(
            diagnostic.to_string().ends_with(
                "; read with on_error=\"recover\" to have it repaired where that is proven, or \"skip\" to leave it out"
            )
        );
    }

    #[test]
    fn a_message_names_the_record_or_one_before_it() {
        let mut diagnostic = Diagnostic::new(Code::NoFields, Severity::Warning, 7);
        diagnostic.record = Some(1);
        diagnostic.after = Some(" ocm1".into());
        assert_eq!(
            diagnostic.to_string(),
            "record 1 (after \" ocm1\"), offset 7: the directory is empty (no-fields)"
        );
        diagnostic.control_number = Some("ocm2".into());
        assert_eq!(diagnostic.to_string(), "record 1 (ocm2), offset 7: the directory is empty (no-fields)");
    }
}
