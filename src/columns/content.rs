//! Values of a record as text, exactly, with everything odd about them named.
//!
//! This is the careful way that every layout shares; a layout may have a quick way of its own for
//! records in which nothing is odd, and must give the same columns.

use std::collections::HashMap;

use super::encoding::TextEncoding;
use super::odd::Odd;
use crate::charset::{Charset, Fault, marc8};
use crate::diagnostic::{Code, Diagnostic, Severity, escaped};
use crate::iso2709::view::is_control;
use crate::iso2709::{
    FIELD_TERMINATOR, FieldView, RECORD_TERMINATOR, RecordView, SUBFIELD_DELIMITER, SubfieldView,
};

/// Takes the fields of a record, one after the other.
pub(super) trait Fields {
    /// A control field, or any field of a record whose fields are plain.
    fn control_field(&mut self, tag: [u8; 3], value: &str);
    /// A data field; its subfields follow. `value` is the text outside subfields, if there may be some.
    fn data_field(&mut self, tag: [u8; 3], ind1: &str, ind2: &str, value: Option<&str>);
    /// A subfield of the data field before.
    fn subfield(&mut self, code: &str, value: &str);
    /// The data field has no more subfields.
    fn end_of_data_field(&mut self);
}

/// Whether a subfield code is one that MARC 21 defines: a digit or a lower-case letter.
#[inline(always)]
pub(super) fn is_usual_code(code: u8) -> bool {
    const USUAL: [bool; 256] = {
        let mut usual = [false; 256];
        let mut code = 0;
        while code < 128 {
            usual[code] = (code as u8).is_ascii_digit() || (code as u8).is_ascii_lowercase();
            code += 1;
        }
        usual
    };
    USUAL[usize::from(code)]
}

/// Whether a tag is made of digits and ASCII letters.
#[inline(always)]
pub(super) fn is_usual_tag(tag: &[u8; 3]) -> bool {
    let [a, b, c] = *tag;
    // A digit XOR 0x30 is 0 to 9; six more must not carry out of the low half.
    let digits = u32::from_le_bytes([a, b, c, b'0']) ^ 0x3030_3030;
    (digits | digits.wrapping_add(0x0606_0606)) & 0xF0F0_F0F0 == 0
        || tag.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether MARC 21 allows the control field once in a record only; its bit among those seen.
#[inline(always)]
pub(super) fn unrepeatable(tag: &[u8; 3]) -> u16 {
    const ONCE: u16 = 1 << 1 | 1 << 3 | 1 << 5 | 1 << 8;
    match tag {
        [b'0', b'0', digit @ b'0'..=b'9'] => ONCE & 1 << (digit - b'0'),
        _ => 0,
    }
}

/// Hands the fields of a record to `fields` and says what is odd, with offsets from the record's first byte.
/// The encoding is decided only if there is a field to read.
pub(super) fn read_fields(
    record: &RecordView<'_>,
    odd: Odd,
    encoding: impl FnOnce() -> TextEncoding,
    fields: &mut impl Fields,
) -> Vec<Diagnostic> {
    if record.entries().is_empty() {
        return Vec::new();
    }
    let TextEncoding { charset, references, mut findings } = encoding();
    findings.extend(about_indicators(record));
    let of_record = findings.len();
    let mut reader = Reader {
        charset,
        references,
        odd: Some(odd).filter(|odd| odd.may_be_in(record.bytes())),
        findings,
        place: 0,
        field_findings: 0,
    };
    let mut texts = Texts::default();
    let mut seen = 0;
    for (place, field) in record.fields().enumerate() {
        (reader.place, reader.field_findings) = (place, reader.findings.len());
        let bit = unrepeatable(field.tag());
        if seen & bit != 0 {
            reader.note(Code::RepeatedControlField, field.start(), &field, None);
        }
        seen |= bit;
        reader.field(&field, &mut texts, fields);
    }
    number_occurrences(record, &mut reader.findings[of_record..]);
    reader.findings
}

/// The leader as text: a byte above 7F is the character of that number.
pub(super) fn leader_text(record: &RecordView<'_>) -> String {
    record.leader().0.iter().map(|&byte| char::from(byte)).collect()
}

/// What the leader says of indicators, where the fields have others or more than the columns.
fn about_indicators(record: &RecordView<'_>) -> Option<Diagnostic> {
    const INDICATOR_LENGTH: usize = 10;
    const USUAL: usize = 2;
    let leader = record.leader();
    let code = match leader.indicators() {
        _ if leader.fields_are_plain() && !record.fields_are_plain() => Code::LeaderIndicators,
        USUAL.. if record.fields().any(|field| !field.is_plain() && field.indicators().len() > USUAL) => {
            Code::IndicatorExtra
        }
        _ => return None,
    };
    let mut finding = Diagnostic::new(code, Severity::Warning, INDICATOR_LENGTH as u64);
    finding.found = escaped(&leader.0[INDICATOR_LENGTH..INDICATOR_LENGTH + 2]);
    finding.expected = "22".into();
    Some(finding)
}

/// Texts of the field at hand, kept from field to field for their room.
#[derive(Default)]
struct Texts {
    ind1: String,
    ind2: String,
    code: String,
    value: String,
}

struct Reader {
    charset: Charset,
    /// References stand for characters.
    references: bool,
    odd: Option<Odd>,
    findings: Vec<Diagnostic>,
    /// Which field of the record is at hand, and how many findings there were before it.
    place: usize,
    field_findings: usize,
}

impl Reader {
    fn field(&mut self, field: &FieldView<'_>, texts: &mut Texts, fields: &mut impl Fields) {
        if !is_usual_tag(field.tag()) {
            self.note(Code::TagUnusual, field.start(), field, None);
        }
        if let Some(place) = memchr::memchr2(FIELD_TERMINATOR, RECORD_TERMINATOR, field.bytes()) {
            self.note(Code::DelimiterInField, field.start() + place, field, None);
        }
        if field.is_plain() {
            self.control_field(field, texts, fields);
        } else {
            self.data_field(field, texts, fields);
        }
    }

    fn control_field(&mut self, field: &FieldView<'_>, texts: &mut Texts, fields: &mut impl Fields) {
        let delimiter = memchr::memchr(SUBFIELD_DELIMITER, field.bytes());
        if let (true, Some(place)) = (is_control(field.tag()), delimiter) {
            self.note(Code::ControlSubfields, field.start() + place, field, None);
        }
        let charset = if is_control(field.tag()) { self.charset.beside_text() } else { self.charset };
        self.decode(charset, field.bytes(), field.start(), field, None, &mut texts.value);
        fields.control_field(*field.tag(), &texts.value);
    }

    fn data_field(&mut self, field: &FieldView<'_>, texts: &mut Texts, fields: &mut impl Fields) {
        let indicators = field.indicators();
        let behind = field.start() + indicators.len();
        if indicators.len() < field.indicators_promised() {
            self.note(Code::IndicatorMissing, behind, field, None);
        }
        let odd_text = match memchr::memchr(SUBFIELD_DELIMITER, field.bytes()) {
            None => Some(Code::NoSubfields),
            Some(_) if !field.text().is_empty() => Some(Code::DataBeforeSubfield),
            Some(_) => None,
        };
        if let Some(code) = odd_text {
            self.note(code, behind, field, None);
            self.decode(self.charset, field.text(), behind, field, None, &mut texts.value);
        }
        let (first, others) = indicators.split_at(indicators.len().min(1));
        let beside_text = self.charset.beside_text();
        self.decode(beside_text, first, field.start(), field, None, &mut texts.ind1);
        self.decode(beside_text, others, field.start() + first.len(), field, None, &mut texts.ind2);
        let value = odd_text.map(|_| texts.value.as_str());
        fields.data_field(*field.tag(), &texts.ind1, &texts.ind2, value);
        for subfield in field.subfields() {
            self.subfield(field, &subfield, texts);
            fields.subfield(&texts.code, &texts.value);
        }
        fields.end_of_data_field();
    }

    fn subfield(&mut self, field: &FieldView<'_>, subfield: &SubfieldView<'_>, texts: &mut Texts) {
        let start = field.start() + subfield.start();
        let length = self.code_length(subfield.bytes());
        self.decode(self.charset.beside_text(), subfield.code(length), start, field, None, &mut texts.code);
        match subfield.bytes().first() {
            None => self.note(Code::EmptySubfield, start - 1, field, None),
            Some(&code) if !is_usual_code(code) => {
                self.note(Code::SubfieldCode, start, field, Some(&texts.code));
            }
            Some(_) => {}
        }
        self.decode(
            self.charset,
            subfield.value(length),
            start + length,
            field,
            Some(&texts.code),
            &mut texts.value,
        );
    }

    /// Bytes of the code at the beginning of a subfield: those of the character that stands there.
    fn code_length(&self, subfield: &[u8]) -> usize {
        let lead = subfield.first().copied().unwrap_or_default();
        let character = match lead {
            _ if self.charset != Charset::Utf8 => 1,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        };
        match subfield.get(..character).map(std::str::from_utf8) {
            Some(Ok(_)) => character,
            _ => subfield.len().min(1),
        }
    }

    /// Replaces `text` by the decoded bytes, which begin at `start`.
    fn decode(
        &mut self,
        charset: Charset,
        bytes: &[u8],
        start: usize,
        field: &FieldView<'_>,
        code: Option<&str>,
        text: &mut String,
    ) {
        text.clear();
        charset.decode(bytes, text, &mut |fault| self.fault(bytes, fault, start, field, code));
        if let Some(odd) = self.odd.filter(|odd| odd.is_in(text)) {
            odd.characters(charset, bytes, text, &mut |fault| self.fault(bytes, fault, start, field, code));
        }
        if self.references {
            marc8::decode_references(text);
        }
    }

    fn fault(&mut self, bytes: &[u8], fault: Fault, start: usize, field: &FieldView<'_>, code: Option<&str>) {
        const SHOWN: usize = 32;
        let found = bytes.get(fault.at..fault.at + fault.length).map(escaped).unwrap_or_default();
        match self.known(fault.code) {
            Some(known) => {
                known.count += 1;
                if known.found.len() < SHOWN {
                    known.found.push(' ');
                    known.found.push_str(&found);
                } else if !known.found.ends_with('…') {
                    known.found.push('…');
                }
            }
            None => {
                let severity = match fault.code {
                    Code::Utf8Invalid
                    | Code::Marc8Byte
                    | Code::Marc8Escape
                    | Code::Marc8Cut
                    | Code::CharsetByte => Severity::Decoding,
                    _ => Severity::Warning,
                };
                let finding = self.about(fault.code, severity, start + fault.at, field, code);
                self.findings.push(Diagnostic { found, ..finding });
            }
        }
    }

    fn note(&mut self, code: Code, at: usize, field: &FieldView<'_>, subfield: Option<&str>) {
        if let Some(known) = self.known(code) {
            known.count += 1;
            return;
        }
        let found = match code {
            Code::TagUnusual => escaped(field.tag()),
            _ => field.bytes().get(at - field.start()..).map(escaped).unwrap_or_default(),
        };
        let finding = self.about(code, Severity::Warning, at, field, subfield);
        self.findings.push(Diagnostic { found, ..finding });
    }

    /// The finding of this code about the field at hand: there is one for each code and field.
    fn known(&mut self, code: Code) -> Option<&mut Diagnostic> {
        self.findings[self.field_findings..].iter_mut().find(|finding| finding.code == code)
    }

    /// `occurrence` is the field's place in the record until occurrences are numbered.
    fn about(
        &self,
        code: Code,
        severity: Severity,
        at: usize,
        field: &FieldView<'_>,
        subfield: Option<&str>,
    ) -> Diagnostic {
        let mut finding = Diagnostic::new(code, severity, at as u64);
        finding.tag = Some(String::from_utf8_lossy(field.tag()).into_owned());
        finding.subfield_code = subfield.map(str::to_owned);
        finding.occurrence = Some(self.place as u32);
        finding
    }
}

/// Replaces a field's place in the record by the occurrence of its tag.
fn number_occurrences(record: &RecordView<'_>, findings: &mut [Diagnostic]) {
    if findings.is_empty() {
        return;
    }
    let mut counts = HashMap::new();
    let occurrences: Vec<u32> = record
        .entries()
        .iter()
        .map(|entry| {
            let count = counts.entry(entry.tag).or_insert(0);
            std::mem::replace(count, *count + 1)
        })
        .collect();
    for finding in findings {
        finding.occurrence = finding.occurrence.and_then(|place| occurrences.get(place as usize).copied());
    }
}
