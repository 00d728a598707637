//! A record together with the rules by which it is read. This is where the encoding of its text is decided, once,
//! with the findings about that.

use std::cell::OnceCell;

use crate::charset::marc8::{ESCAPE, references};
use crate::charset::{Charset, auto};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{FieldView, RecordView};
use crate::options::{Dialect, Encoding, Records};
use crate::words::escaped;

use super::odd::Odd;
use super::visit::Visit;
use super::{exact, pymarc};

/// The rules by which a record is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Those of the standards: everything is read, with U+FFFD for bytes without a character.
    Standard {
        /// The encoding of text.
        encoding: Encoding,
        /// Where a record declares its encoding.
        dialect: Dialect,
        /// Whether references in MARC-8 stand for characters.
        references: bool,
    },
    /// The same, where the format says that text is UTF-8, whatever a record says.
    Utf8 {
        /// The encoding that the source declares.
        declared: Option<Charset>,
    },
    /// Those of the standards, but values stay bytes.
    Bytes,
    /// Those of pymarc, for a record that is plain by them.
    Pymarc(pymarc::Rule),
}

impl From<Records> for Rules {
    fn from(Records { encoding, dialect, references, .. }: Records) -> Rules {
        Rules::Standard { encoding, dialect, references }
    }
}

/// A record that is read by some rules.
///
/// ```
/// use mrrc::RecordBuf;
/// use mrrc::charset::Charset;
/// use mrrc::iso2709::{Entry, RecordView};
/// use mrrc::record::{Reading, Rules};
/// use mrrc::{Dialect, Encoding};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let entries = [Entry::new("245".parse()?, 52, 9)];
/// let record = RecordView::new(bytes, &entries).unwrap();
/// let rules = Rules::Standard { encoding: Encoding::Declared, dialect: Dialect::Marc21, references: true };
/// let reading = Reading::new(record, rules);
/// assert_eq!(reading.charset(), Charset::Utf8);
///
/// let mut copy = RecordBuf::new(record.leader());
/// assert!(reading.visit(&mut copy)?.is_empty());
/// assert_eq!(copy.field("245").unwrap().subfield('a'), Some("Title"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reading<'a> {
    record: RecordView<'a>,
    rules: Rules,
    /// What the record is in its source, if that is not its own bytes.
    found_as: Option<&'a [u8]>,
    encoding: OnceCell<TextEncoding>,
}

impl<'a> Reading<'a> {
    /// A record to be read by these rules.
    pub fn new(record: RecordView<'a>, rules: Rules) -> Reading<'a> {
        Reading { record, rules, found_as: None, encoding: OnceCell::new() }
    }

    /// A record of another format than ISO 2709: it is other bytes in its source, `found_as`.
    pub(crate) fn translated(record: RecordView<'a>, found_as: &'a [u8], rules: Rules) -> Reading<'a> {
        Reading { found_as: Some(found_as), ..Reading::new(record, rules) }
    }

    /// Whether the record is of another format than ISO 2709, so that its bytes are not those of a record.
    pub(crate) fn is_translated(&self) -> bool {
        self.found_as.is_some()
    }

    /// The bytes of the record in its source.
    pub(crate) fn found_as(&self) -> &'a [u8] {
        self.found_as.unwrap_or_else(|| self.record.bytes())
    }

    /// The rules by which it is read.
    pub(crate) fn rules(&self) -> Rules {
        self.rules
    }

    /// The record itself.
    pub fn record(&self) -> &RecordView<'a> {
        &self.record
    }

    /// The record as `&str`, if decoding would change nothing and report nothing.
    #[inline(always)]
    pub fn plain_text(&self) -> Option<&'a str> {
        match self.rules {
            Rules::Standard { encoding, dialect, references } => {
                plain_text(&self.record, encoding, dialect, references)
            }
            Rules::Utf8 { .. } => Charset::Utf8.plain_text(self.record.bytes()),
            Rules::Bytes | Rules::Pymarc(_) => None,
        }
    }

    /// A part of the record as `&str`, if decoding would change nothing in it and report nothing about it.
    pub(crate) fn plain_part(&self, bytes: &'a [u8]) -> Option<&'a str> {
        let Rules::Standard { encoding, dialect, references } = self.rules else {
            return matches!(self.rules, Rules::Utf8 { .. })
                .then(|| Charset::Utf8.plain_text(bytes))
                .flatten();
        };
        let charset = match encoding {
            Encoding::Named(charset) => charset,
            // Only the whole record shows in which set other text is.
            Encoding::Auto if !bytes.is_ascii() || bytes.contains(&ESCAPE) => return None,
            Encoding::Auto | Encoding::Declared => {
                declared(&self.record, dialect).unwrap_or(older_set(dialect))
            }
        };
        if has_references(charset, references, bytes) {
            return None;
        }
        charset.plain_text(bytes)
    }

    /// The set in which its text is read.
    pub fn charset(&self) -> Charset {
        self.encoding().charset
    }

    /// Passes the parts of the record to a visitor, and returns what is odd about them, with offsets from the
    /// record's first byte. The error is the visitor's.
    pub fn visit<V: Visit>(&self, to: &mut V) -> Result<Vec<Diagnostic>, V::Stop> {
        self.visit_for(Odd::Seen, to)
    }

    /// The same, reporting these odd characters.
    pub(crate) fn visit_for<V: Visit>(&self, odd: Odd, to: &mut V) -> Result<Vec<Diagnostic>, V::Stop> {
        match self.rules {
            Rules::Pymarc(rule) => {
                let (bytes, entries) = (self.record.bytes(), self.record.entries());
                pymarc::visit(bytes, entries, rule, to).map(|()| Vec::new())
            }
            Rules::Bytes => exact::visit(&self.record, exact::Text::Bytes, odd, Vec::new(), to),
            Rules::Standard { .. } | Rules::Utf8 { .. } if self.record.entries().is_empty() => Ok(Vec::new()),
            Rules::Utf8 { .. } => {
                let text = exact::Text::Decoded { charset: Charset::Utf8, references: false };
                exact::visit(&self.record, text, odd, Vec::new(), to)
            }
            Rules::Standard { references, .. } => {
                let TextEncoding { charset, findings } = self.encoding();
                let references = has_references(*charset, references, self.record.bytes());
                let text = exact::Text::Decoded { charset: *charset, references };
                exact::visit(&self.record, text, odd, findings.clone(), to)
            }
        }
    }

    /// The set that the record declares, or its source; `None` if it declares no known one.
    pub fn declared(&self) -> Option<Charset> {
        match self.rules {
            Rules::Standard { dialect, .. } => declared(&self.record, dialect),
            Rules::Utf8 { declared } => declared,
            Rules::Bytes | Rules::Pymarc(_) => declared(&self.record, Dialect::Marc21),
        }
    }

    fn encoding(&self) -> &TextEncoding {
        self.encoding.get_or_init(|| match self.rules {
            Rules::Standard { encoding, dialect, .. } => text_encoding(&self.record, encoding, dialect),
            Rules::Bytes | Rules::Pymarc(pymarc::Rule::Bytes) => TextEncoding::of(Charset::Latin1),
            Rules::Utf8 { .. } | Rules::Pymarc(pymarc::Rule::Utf8) => TextEncoding::of(Charset::Utf8),
            Rules::Pymarc(pymarc::Rule::Marc8) => TextEncoding::of(Charset::Marc8),
        })
    }
}

/// The set of a record's text, and what was found about it.
#[derive(Debug)]
struct TextEncoding {
    charset: Charset,
    findings: Vec<Diagnostic>,
}

impl TextEncoding {
    fn of(charset: Charset) -> TextEncoding {
        TextEncoding { charset, findings: Vec::new() }
    }
}

#[inline(always)]
fn plain_text<'a>(
    record: &RecordView<'a>,
    encoding: Encoding,
    dialect: Dialect,
    references: bool,
) -> Option<&'a str> {
    let bytes = record.bytes();
    let charset = match encoding {
        Encoding::Named(charset) => charset,
        // An ESC may begin a sequence that is evidence for the older set.
        Encoding::Auto if memchr::memchr(ESCAPE, bytes).is_some() => return None,
        // In the older set only ASCII is plain, and nothing can be reported about that.
        Encoding::Auto | Encoding::Declared => declared(record, dialect).unwrap_or(older_set(dialect)),
    };
    if has_references(charset, references, bytes) {
        return None;
    }
    charset.plain_text(bytes)
}

/// Whether references may stand in the bytes: MARC-8 alone has them.
fn has_references(charset: Charset, asked: bool, bytes: &[u8]) -> bool {
    asked && charset == Charset::Marc8 && references::may_be_in(bytes)
}

/// Decides, from all bytes of the record, in which set its text is.
fn text_encoding(record: &RecordView<'_>, encoding: Encoding, dialect: Dialect) -> TextEncoding {
    if let Encoding::Named(charset) = encoding {
        return TextEncoding::of(charset);
    }
    let declared = declared(record, dialect);
    let text = record.bytes().get(LEADER_LENGTH..).unwrap_or_default();
    let is_ascii = text.is_ascii();
    let is_utf8 = || std::str::from_utf8(text).is_ok();
    let as_declared = match (declared, dialect) {
        (Some(charset), _) => charset,
        (None, Dialect::Unimarc) if is_utf8() => Charset::Utf8,
        (None, dialect) => older_set(dialect),
    };
    let is_doubtful = || as_declared != Charset::Utf8 && !is_ascii && !text.contains(&ESCAPE) && is_utf8();
    let in_fact = match encoding {
        Encoding::Auto => auto::charset_of(text, as_declared, older_set(dialect)),
        _ if is_doubtful() => Charset::Utf8,
        _ => as_declared,
    };
    let mut findings = Vec::new();
    if declared.is_none() && !is_ascii {
        findings.push(undeclared(record, dialect));
    }
    if in_fact != as_declared {
        let mut finding = about(Code::EncodingMismatch, record, dialect);
        finding.found = in_fact.name().into();
        finding.expected = as_declared.name().into();
        findings.push(finding);
    }
    let charset = if encoding == Encoding::Auto { in_fact } else { as_declared };
    TextEncoding { charset, findings }
}

/// The set that the record declares; `None` if it declares no known one.
#[inline]
fn declared(record: &RecordView<'_>, dialect: Dialect) -> Option<Charset> {
    match dialect {
        Dialect::Marc21 => Charset::declared_in_marc21(record.leader().character_coding_scheme()),
        Dialect::Unimarc => unimarc_codes(record).and_then(|(_, codes)| declared_by(codes)),
    }
}

fn declared_by(codes: &[u8]) -> Option<Charset> {
    codes.first_chunk().and_then(Charset::declared_in_unimarc)
}

/// The set of a dialect before Unicode.
fn older_set(dialect: Dialect) -> Charset {
    match dialect {
        Dialect::Marc21 => Charset::Marc8,
        Dialect::Unimarc => Charset::ISO_5426,
    }
}

/// Positions 26 to 33 of the first $a of the first field 100, as far as they exist, and their offset.
#[inline(never)]
fn unimarc_codes<'a>(record: &RecordView<'a>) -> Option<(usize, &'a [u8])> {
    const CHARACTER_SETS: usize = 26;
    const LENGTH: usize = 8;
    let field: FieldView<'a> = record.fields().find(|field| field.tag() == "100")?;
    let general = field.subfields().find(|subfield| subfield.code(1) == b"a")?;
    let codes = general.value(1).get(CHARACTER_SETS..)?;
    let at = field.start() + general.start() + 1 + CHARACTER_SETS;
    Some((at, codes.get(..LENGTH).unwrap_or(codes)))
}

fn undeclared(record: &RecordView<'_>, dialect: Dialect) -> Diagnostic {
    let mut finding = about(Code::EncodingUndeclared, record, dialect);
    (finding.found, finding.expected) = match dialect {
        Dialect::Marc21 => (escaped(&[record.leader().character_coding_scheme()]), "a space or a".into()),
        Dialect::Unimarc => {
            let codes = unimarc_codes(record).map(|(_, codes)| escaped(codes));
            (codes.unwrap_or_default(), "50, or codes of known sets such as 0103".into())
        }
    };
    finding
}

/// A finding about what the record declares, at the bytes that declare it.
fn about(code: Code, record: &RecordView<'_>, dialect: Dialect) -> Diagnostic {
    const CHARACTER_CODING_SCHEME: u64 = 9;
    match dialect {
        Dialect::Marc21 => Diagnostic::new(code, Severity::Warning, CHARACTER_CODING_SCHEME),
        Dialect::Unimarc => {
            let at = unimarc_codes(record).map_or(0, |(at, _)| at);
            let mut finding = Diagnostic::new(code, Severity::Warning, at as u64);
            finding.tag = Some("100".into());
            finding.subfield_code = Some("a".into());
            finding
        }
    }
}
