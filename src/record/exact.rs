//! Reads every value of a record exactly, and reports everything odd about it.
//!
//! This is the careful way, used everywhere; columns also have a quick way for records in which nothing is odd, which
//! must give the same values.

use std::collections::HashMap;

use super::odd::Odd;
use super::visit::{Value, Visit};
use crate::charset::{Charset, Fault, marc8};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{
    FIELD_TERMINATOR, FieldView, RECORD_TERMINATOR, RecordView, SUBFIELD_DELIMITER, SubfieldView,
};
use crate::words::escaped;

/// Whether a subfield code is one that MARC 21 defines: a digit or a lower-case letter.
#[inline(always)]
pub(crate) fn is_usual_code(code: u8) -> bool {
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

/// What values become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Text decoded from this set, with U+FFFD for bytes without a character; in MARC-8, references may stand for
    /// characters.
    Decoded {
        /// The set.
        charset: Charset,
        /// True if references stand for characters.
        references: bool,
    },
    /// The original bytes; indicators and codes are characters of ISO 8859-1.
    Bytes,
}

impl Text {
    fn charset(self) -> Charset {
        match self {
            Text::Decoded { charset, .. } => charset,
            Text::Bytes => Charset::Latin1,
        }
    }
}

/// Passes the parts of a record to `visit`, and adds what is odd about them to `findings`, with offsets from the
/// record's first byte.
pub(super) fn visit<V: Visit>(
    record: &RecordView<'_>,
    text: Text,
    odd: Odd,
    mut findings: Vec<Diagnostic>,
    to: &mut V,
) -> Result<Vec<Diagnostic>, V::Stop> {
    findings.extend(about_indicators(record));
    let of_record = findings.len();
    let references = matches!(text, Text::Decoded { references: true, .. });
    let charset = text.charset();
    let odd = Some(odd).filter(|odd| odd.may_be_in(record.bytes()));
    let mut reader = Reader { text, charset, references, odd, findings, place: 0, field_findings: 0 };
    let mut texts = Texts::default();
    let mut seen = 0;
    for (place, field) in record.fields().enumerate() {
        (reader.place, reader.field_findings) = (place, reader.findings.len());
        let bit = if field.is_control() { field.tag().unrepeatable() } else { 0 };
        if seen & bit != 0 {
            reader.note(Code::RepeatedControlField, field.start(), &field, None);
        }
        seen |= bit;
        reader.field(&field, &mut texts, to)?;
    }
    number_occurrences(record, &mut reader.findings[of_record..]);
    Ok(reader.findings)
}

/// The leader of a record as text.
pub fn leader_text(record: &RecordView<'_>) -> String {
    leader_characters(&record.leader().0)
}

/// The first 24 bytes as text: a byte above 7F is the character with that number.
pub fn leader_characters(bytes: &[u8]) -> String {
    bytes.iter().take(LEADER_LENGTH).map(|&byte| char::from(byte)).collect()
}

/// The finding about what the leader says of indicators, if fields have others, or more than the columns.
fn about_indicators(record: &RecordView<'_>) -> Option<Diagnostic> {
    const INDICATOR_LENGTH: usize = 10;
    const USUAL: usize = 2;
    const MORE: usize = USUAL + 1;
    let leader = record.leader();
    let code = match record.indicators() {
        _ if record.promises_plain_fields() && !record.fields_are_plain() => Code::LeaderIndicators,
        MORE.. if record.fields().any(|field| !field.is_plain() && field.indicators().len() > USUAL) => {
            Code::IndicatorExtra
        }
        _ => return None,
    };
    let mut finding = Diagnostic::new(code, Severity::Warning, INDICATOR_LENGTH as u64);
    finding.found = escaped(&leader.0[INDICATOR_LENGTH..INDICATOR_LENGTH + 2]);
    finding.expected = "22".into();
    Some(finding)
}

/// Texts of the current field; their memory is reused.
#[derive(Default)]
struct Texts {
    ind1: String,
    ind2: String,
    code: String,
    value: String,
}

struct Reader {
    text: Text,
    charset: Charset,
    /// True if references stand for characters.
    references: bool,
    odd: Option<Odd>,
    findings: Vec<Diagnostic>,
    /// The place of the current field in the record, and the number of findings before it.
    place: usize,
    field_findings: usize,
}

impl Reader {
    fn field<V: Visit>(
        &mut self,
        field: &FieldView<'_>,
        texts: &mut Texts,
        to: &mut V,
    ) -> Result<(), V::Stop> {
        if !field.tag().is_usual() {
            self.note(Code::TagUnusual, field.start(), field, None);
        }
        if let Some(place) = memchr::memchr2(FIELD_TERMINATOR, RECORD_TERMINATOR, field.bytes()) {
            self.note(Code::DelimiterInField, field.start() + place, field, None);
        }
        if field.is_plain() {
            self.control_field(field, texts, to)
        } else {
            self.data_field(field, texts, to)
        }
    }

    fn control_field<V: Visit>(
        &mut self,
        field: &FieldView<'_>,
        texts: &mut Texts,
        to: &mut V,
    ) -> Result<(), V::Stop> {
        let delimiter = memchr::memchr(SUBFIELD_DELIMITER, field.bytes());
        if let (true, Some(place)) = (field.is_control(), delimiter) {
            self.note(Code::ControlSubfields, field.start() + place, field, None);
        }
        let charset = if field.is_control() { self.charset.beside_text() } else { self.charset };
        self.decode(charset, field.bytes(), field.start(), field, None, &mut texts.value);
        to.control(field.tag().as_str(), self.value(field.bytes(), &texts.value))
    }

    fn data_field<V: Visit>(
        &mut self,
        field: &FieldView<'_>,
        texts: &mut Texts,
        to: &mut V,
    ) -> Result<(), V::Stop> {
        let indicators = field.indicators();
        let after = field.start() + indicators.len();
        if indicators.len() < field.indicators_promised() {
            self.note(Code::IndicatorMissing, after, field, None);
        }
        let odd_text = match memchr::memchr(SUBFIELD_DELIMITER, field.bytes()) {
            None => Some(Code::NoSubfields),
            Some(_) if !field.text().is_empty() => Some(Code::DataBeforeSubfield),
            Some(_) => None,
        };
        if let Some(code) = odd_text {
            self.note(code, after, field, None);
            self.decode(self.charset, field.text(), after, field, None, &mut texts.value);
        }
        let (first, others) = indicators.split_at(indicators.len().min(1));
        let beside_text = self.charset.beside_text();
        self.decode(beside_text, first, field.start(), field, None, &mut texts.ind1);
        self.decode(beside_text, others, field.start() + first.len(), field, None, &mut texts.ind2);
        let stray = odd_text.map(|_| self.value(field.text(), &texts.value));
        to.data(field.tag().as_str(), [&texts.ind1, &texts.ind2], stray)?;
        for subfield in field.subfields() {
            let value = self.subfield(field, &subfield, texts);
            to.subfield(&texts.code, self.value(value, &texts.value))?;
        }
        to.end()
    }

    /// Reads code and value; returns the bytes of the value.
    fn subfield<'a>(
        &mut self,
        field: &FieldView<'a>,
        subfield: &SubfieldView<'a>,
        texts: &mut Texts,
    ) -> &'a [u8] {
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
        subfield.value(length)
    }

    /// The value to report: the decoded text, or its bytes.
    fn value<'a>(&self, bytes: &'a [u8], text: &'a str) -> Value<'a> {
        match self.text {
            Text::Decoded { .. } => Value::Text(text.into()),
            Text::Bytes => Value::Bytes(bytes),
        }
    }

    /// The number of bytes of the code at the beginning of a subfield: those of the character there.
    fn code_length(&self, subfield: &[u8]) -> usize {
        let lead = subfield.first().copied().unwrap_or_default();
        let character = match lead {
            _ if self.charset != Charset::Utf8 => return subfield.len().min(1),
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return subfield.len().min(1),
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
        // Nearly every indicator and code.
        if let [byte @ (b' ' | b'0'..=b'9' | b'a'..=b'z')] = bytes
            && charset.is_ascii_alone()
        {
            return text.push(char::from(*byte));
        }
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
            Code::TagUnusual => escaped(&field.tag().bytes()),
            _ => field.bytes().get(at - field.start()..).map(escaped).unwrap_or_default(),
        };
        let finding = self.about(code, Severity::Warning, at, field, subfield);
        self.findings.push(Diagnostic { found, ..finding });
    }

    /// The finding with this code about the current field: there is one for each code and field.
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
        finding.tag = Some(field.tag().to_string());
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
