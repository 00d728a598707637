//! In which encoding the text of a record is: what the record declares, what was asked for, and what is odd
//! about the two.

use crate::charset::marc8::{ESCAPE, references};
use crate::charset::{Charset, auto};
use crate::diagnostic::{Code, Diagnostic, Severity, escaped};
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{FieldView, RecordView};
use crate::options::{Dialect, Encoding, Options};

/// The set of a record's text, and what was found about it.
pub(super) struct TextEncoding {
    pub(super) charset: Charset,
    /// References in it stand for characters.
    pub(super) references: bool,
    pub(super) findings: Vec<Diagnostic>,
}

/// The record's bytes as text, if every value in it is the text that it already spells, in the set that it
/// declares or that was asked for, and nothing is odd about that.
#[inline(always)]
pub(super) fn plain_text<'a>(record: &RecordView<'a>, options: &Options) -> Option<&'a str> {
    let bytes = record.bytes();
    let charset = match options.encoding {
        Encoding::Named(charset) => charset,
        // An ESC may begin a sequence that speaks for the older set.
        Encoding::Auto if memchr::memchr(ESCAPE, bytes).is_some() => return None,
        // In the older set only ASCII is plain, and of that there is nothing to say.
        Encoding::Auto | Encoding::Declared => {
            declared(record, options.dialect).unwrap_or(older_set(options.dialect))
        }
    };
    if has_references(charset, bytes, options) {
        return None;
    }
    charset.plain_text(bytes)
}

/// Decides in which set the text of the record is, on all its bytes.
pub(super) fn text_encoding(record: &RecordView<'_>, options: &Options) -> TextEncoding {
    let bytes = record.bytes();
    if let Encoding::Named(charset) = options.encoding {
        return TextEncoding {
            charset,
            references: has_references(charset, bytes, options),
            findings: Vec::new(),
        };
    }
    let declared = declared(record, options.dialect);
    let text = bytes.get(LEADER_LENGTH..).unwrap_or_default();
    let is_ascii = text.is_ascii();
    let is_utf8 = || std::str::from_utf8(text).is_ok();
    let as_declared = match (declared, options.dialect) {
        (Some(charset), _) => charset,
        (None, Dialect::Unimarc) if is_utf8() => Charset::Utf8,
        (None, dialect) => older_set(dialect),
    };
    let is_doubtful = || as_declared != Charset::Utf8 && !is_ascii && !text.contains(&ESCAPE) && is_utf8();
    let in_fact = match options.encoding {
        Encoding::Auto => auto::charset_of(text, as_declared, older_set(options.dialect)),
        _ if is_doubtful() => Charset::Utf8,
        _ => as_declared,
    };
    let mut findings = Vec::new();
    if declared.is_none() && !is_ascii {
        findings.push(undeclared(record, options.dialect));
    }
    if in_fact != as_declared {
        let mut finding = about(Code::EncodingMismatch, record, options.dialect);
        finding.found = in_fact.name().into();
        finding.expected = as_declared.name().into();
        findings.push(finding);
    }
    let charset = if options.encoding == Encoding::Auto { in_fact } else { as_declared };
    TextEncoding { charset, references: has_references(charset, bytes, options), findings }
}

/// Whether there may be references: MARC-8 alone has them.
fn has_references(charset: Charset, bytes: &[u8], options: &Options) -> bool {
    options.references && charset == Charset::Marc8 && references::may_be_in(bytes)
}

/// The set that the record declares; none if it names none that is known.
#[inline]
pub(super) fn declared(record: &RecordView<'_>, dialect: Dialect) -> Option<Charset> {
    match dialect {
        Dialect::Marc21 => Charset::declared_in_marc21(record.leader().character_coding_scheme()),
        Dialect::Unimarc => unimarc_codes(record).and_then(|(_, codes)| declared_by(codes)),
    }
}

fn declared_by(codes: &[u8]) -> Option<Charset> {
    codes.first_chunk().and_then(Charset::declared_in_unimarc)
}

/// What a dialect had before Unicode.
fn older_set(dialect: Dialect) -> Charset {
    match dialect {
        Dialect::Marc21 => Charset::Marc8,
        Dialect::Unimarc => Charset::ISO_5426,
    }
}

/// Positions 26 to 33 of the first $a of the first field 100, as far as they are there, and their offset.
#[inline(never)]
fn unimarc_codes<'a>(record: &RecordView<'a>) -> Option<(usize, &'a [u8])> {
    const CHARACTER_SETS: usize = 26;
    const LENGTH: usize = 8;
    let field: FieldView<'a> = record.fields().find(|field| field.tag() == b"100")?;
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

/// A finding about what the record declares, at the bytes that do.
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
