//! ISO 2709: a record as the bytes from which it can be read again.
//!
//! One rule: what comes back is written, and what is odd about it is reported; a record that would not come back is
//! refused, here or in `iso2709/encode.rs` when its fields are laid out. So whatever a read delivers can be written, but
//! for what is too long.

use std::convert::Infallible;
use std::ops::Range;

use memchr::{memchr, memchr3};

use crate::charset::marc8;
use crate::error::{Refusal, WriteCode, WriteError};
use crate::iso2709::encode::settle;
use crate::iso2709::oversize::{Encoder, Oversize};
use crate::iso2709::{FIELD_TERMINATOR, Leader, RECORD_TERMINATOR, SUBFIELD_DELIMITER, Tag};
use crate::record::pymarc;
use crate::record::{Value, Visit};

/// How records are written in ISO 2709.
///
/// ```
/// use mrrc::forms::{WriteEncoding, WriteOptions};
///
/// let options = WriteOptions { encoding: WriteEncoding::Marc8, ..WriteOptions::default() };
/// assert_eq!(WriteOptions::default().encoding, WriteEncoding::Utf8);
/// assert_ne!(options, WriteOptions::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// In which encoding text is written.
    pub encoding: WriteEncoding,
    /// What becomes of a character that the encoding lacks.
    pub unencodable: Unencodable,
    /// What happens to a record or field that is too long.
    pub oversize: Oversize,
}

/// In which encoding text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WriteEncoding {
    /// UTF-8; leader/09 becomes `a`.
    #[default]
    Utf8,
    /// MARC-8; leader/09 becomes a blank. Field 066 and the script codes in `$6` are not recomputed.
    Marc8,
    /// Values are bytes that were not decoded; they and leader/09 are written unchanged. Text is written if it is
    /// ASCII, or if leader/09 declares Unicode.
    Bytes,
}

/// What becomes of a character that the encoding lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unencodable {
    /// The record is refused.
    #[default]
    Refuse,
    /// It is written as a reference, `&#x4EBA;`.
    Reference,
}

/// A record that is written in ISO 2709, if it can be read again from that.
///
/// Values are written byte for byte. In the leader, lengths, encoding and layout are computed. A missing indicator becomes
/// a blank.
///
/// Some things are written though they are no good MARC, and reported:
///
/// * a subfield code of one character beyond ASCII, in UTF-8;
/// * a field or record terminator in a value, and a subfield delimiter in a control field;
/// * an indicator of other characters, of which the first is written if it is ASCII, and otherwise a blank;
/// * a leader with a terminator or a byte above 7F, which becomes a blank.
///
/// ```
/// use mrrc::forms::{Marc, WriteOptions};
/// use mrrc::iso2709::Leader;
/// use mrrc::record::{Value, Visit};
///
/// let mut marc = Marc::new(WriteOptions::default());
/// let Ok(()) = marc.control("001", Value::Text("A1".into()));
/// let mut out = Vec::new();
/// let odd = marc.finish(Leader(*b"00000nam  2200000 a 4500"), &mut out)?;
/// assert_eq!(out, b"00041nam a2200037 a 4500001000300000\x1eA1\x1e\x1d");
/// assert!(odd.is_empty());
/// # Ok::<(), mrrc::WriteError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Marc {
    options: WriteOptions,
    fields: Vec<(Tag, Range<usize>)>,
    bytes: Vec<u8>,
    open: Option<(Tag, usize)>,
    /// Text of other characters than those of ASCII was written.
    has_text: bool,
    has_data_fields: bool,
    /// Why a field without indicators and subfields has the wrong tag, unless the leader says that all are so.
    plain: Option<WriteError>,
    /// The first thing that cannot be written.
    refused: Option<WriteError>,
    /// What is odd and written nevertheless: the first of each code.
    odd: Vec<Refusal>,
}

impl Marc {
    /// A record without fields.
    pub fn new(options: WriteOptions) -> Marc {
        Marc {
            options,
            fields: Vec::new(),
            bytes: Vec::with_capacity(2048),
            open: None,
            has_text: false,
            has_data_fields: false,
            plain: None,
            refused: None,
            odd: Vec::new(),
        }
    }

    /// Appends the record to `out`, and returns what is odd about it: the first of each kind.
    ///
    /// # Errors
    ///
    /// The first [`WriteError`] about a part or a length. `out` is then unchanged.
    pub fn finish(mut self, leader: Leader, out: &mut Vec<u8>) -> Result<Vec<Refusal>, WriteError> {
        let written = self.append(leader, out);
        let number = self.control_number();
        match written {
            Ok(()) => {
                for odd in &mut self.odd {
                    odd.control_number.clone_from(&number);
                }
                Ok(self.odd)
            }
            Err(error) => Err(error.with_control_number(number)),
        }
    }

    fn append(&mut self, leader: Leader, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let is_plain = leader.fields_are_plain() && !self.has_data_fields && self.plain.is_some();
        let refused = self.refused.take().or(self.plain.take_if(|_| !is_plain));
        if let Some(refused) = refused {
            return Err(refused);
        }
        let is_unicode = leader.character_coding_scheme() == b'a';
        if self.has_text && self.options.encoding == WriteEncoding::Bytes && !is_unicode {
            return Err(WriteError::new(WriteCode::NotEncodable).found("text in a record of bytes"));
        }
        let mut leader = self.leader(leader);
        settle(&mut leader);
        if is_plain {
            leader[10..12].copy_from_slice(b"00");
        }
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|(tag, place)| (tag, self.bytes.get(place.clone()).unwrap_or_default()))
            .collect();
        Encoder::new(&leader).oversize(self.options.oversize).encode(&fields, out)
    }

    /// The leader with its encoding, and a blank for each byte that cannot be in one.
    fn leader(&mut self, leader: Leader) -> [u8; 24] {
        let is_writable = |byte: u8| byte.is_ascii() && !is_terminator(byte);
        if !leader.0.iter().all(|byte| is_writable(*byte)) {
            self.note(WriteCode::LeaderUnwritable, None, leader.0.escape_ascii().to_string());
        }
        let mut bytes = leader.0.map(|byte| if is_writable(byte) { byte } else { b' ' });
        match self.options.encoding {
            WriteEncoding::Utf8 => bytes[9] = b'a',
            WriteEncoding::Marc8 => bytes[9] = b' ',
            WriteEncoding::Bytes => {}
        }
        bytes
    }

    /// What is odd so far and will be written nevertheless.
    pub(crate) fn odd(&self) -> &[Refusal] {
        &self.odd
    }

    /// Whether something so far cannot be written.
    pub(crate) fn is_refused(&self) -> bool {
        self.refused.is_some() || self.plain.is_some()
    }

    /// The first 001, as text.
    pub fn control_number(&self) -> Option<String> {
        let (_, place) = self.fields.iter().find(|(tag, _)| *tag == Tag::CONTROL_NUMBER)?;
        self.bytes.get(place.clone()).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    fn begin(&mut self, tag: &str) {
        match tag.parse() {
            Ok(tag) => self.open = Some((tag, self.bytes.len())),
            Err(_) => {
                let error = WriteError::new(WriteCode::TagUnwritable).in_field(tag.as_bytes(), 0);
                self.refused.get_or_insert(error);
            }
        }
    }

    /// Something in the current field.
    fn about(&self, code: WriteCode, subfield_code: Option<&str>, found: impl Into<String>) -> WriteError {
        let mut error = WriteError::new(code).found(found);
        if let Some((tag, _)) = self.open {
            let before = self.fields.iter().filter(|(other, _)| *other == tag).count();
            error = error.in_field(&tag.bytes(), before);
        }
        error.in_subfield(subfield_code)
    }

    /// Refuses something in the current field.
    fn refuse(&mut self, code: WriteCode, subfield_code: Option<&str>, found: impl Into<String>) {
        if self.refused.is_none() {
            self.refused = Some(self.about(code, subfield_code, found));
        }
    }

    /// Reports something in the current field, which is written.
    #[cold]
    fn note(&mut self, code: WriteCode, subfield_code: Option<&str>, found: impl Into<String>) {
        if self.odd.iter().all(|odd| odd.code != code) {
            let WriteError(odd) = self.about(code, subfield_code, found);
            self.odd.push(Refusal { is_written: true, ..*odd });
        }
    }

    /// A value, or text outside subfields.
    fn value(&mut self, value: &Value<'_>, code: Option<&str>) {
        let start = self.bytes.len();
        match (self.options.encoding, value) {
            (WriteEncoding::Bytes, Value::Bytes(bytes)) => self.bytes.extend_from_slice(bytes),
            (_, Value::Bytes(_)) => self.refuse(WriteCode::NotText, code, "bytes"),
            (WriteEncoding::Marc8, _) => self.marc8(&value.text(), code),
            (encoding, _) => {
                let text = value.as_utf8();
                self.has_text |= encoding == WriteEncoding::Bytes && !text.is_ascii();
                self.bytes.extend_from_slice(text);
            }
        }
        let written = self.bytes.get(start..).unwrap_or_default();
        if memchr3(SUBFIELD_DELIMITER, FIELD_TERMINATOR, RECORD_TERMINATOR, written).is_some() {
            let is_in_data = self.open.is_some_and(|(tag, _)| !tag.is_control());
            match memchr(SUBFIELD_DELIMITER, written) {
                // It would begin another subfield.
                Some(_) if is_in_data => self.refuse(WriteCode::DelimiterInValue, code, r"\x1f"),
                Some(_) => self.note(WriteCode::DelimiterInValue, code, r"\x1f"),
                None => self.note(WriteCode::DelimiterInValue, code, r"\x1d or \x1e"),
            }
        }
    }

    fn marc8(&mut self, text: &str, code: Option<&str>) {
        match self.options.unencodable {
            Unencodable::Refuse => {
                if let Err(missing) = marc8::encode(text, &mut self.bytes) {
                    self.refuse(
                        WriteCode::NotEncodable,
                        code,
                        format!("U+{:04X}", u32::from(missing.character)),
                    );
                }
            }
            Unencodable::Reference => marc8::encode_with(text, &mut self.bytes, &mut |character, out| {
                out.extend(format!("&#x{:04X};", u32::from(character)).bytes());
            }),
        }
    }

    /// A character that is its own byte and comes back as it is.
    fn is_own_byte(&self, byte: u8) -> bool {
        match self.options.encoding {
            WriteEncoding::Marc8 => matches!(byte, b' '..=b'~'),
            _ => byte.is_ascii() && byte != SUBFIELD_DELIMITER,
        }
    }

    /// Two indicators; a missing one becomes a blank, and so does what is none.
    fn indicators(&mut self, indicators: [&str; 2]) {
        for indicator in indicators {
            let is_one = |byte: &u8| self.is_own_byte(*byte) && !is_terminator(*byte);
            let first = indicator.bytes().next().filter(is_one);
            self.bytes.push(first.unwrap_or(b' '));
            if !indicator.is_empty() && (first.is_none() || indicator.len() > 1) {
                self.note(WriteCode::IndicatorUnwritable, None, format!("{indicators:?}"));
            }
        }
    }

    /// A subfield code: one character, or none.
    fn code(&mut self, code: &str) {
        let mut characters = code.chars();
        match (characters.next(), characters.next()) {
            (Some(one), None) if one.is_ascii() && self.is_own_byte(one as u8) => {
                self.bytes.push(one as u8);
                if is_terminator(one as u8) {
                    self.note(WriteCode::CodeUnwritable, Some(code), "");
                }
            }
            (Some(one), None) if !one.is_ascii() && self.options.encoding == WriteEncoding::Utf8 => {
                self.bytes.extend_from_slice(code.as_bytes());
                self.note(WriteCode::CodeUnwritable, Some(code), "");
            }
            // A delimiter without a code.
            (None, _) => {}
            _ => self.refuse(WriteCode::CodeUnwritable, Some(code), ""),
        }
    }
}

/// Whether a byte ends fields or records.
fn is_terminator(byte: u8) -> bool {
    matches!(byte, FIELD_TERMINATOR | RECORD_TERMINATOR)
}

impl Visit for Marc {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.begin(tag);
        if self.plain.is_none() && self.open.is_some_and(|(tag, _)| !tag.is_control()) {
            self.plain = Some(self.about(WriteCode::TagKind, None, "a control field"));
        }
        self.value(&data, None);
        self.end()
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.begin(tag);
        self.has_data_fields = true;
        if self.open.is_some_and(|(tag, _)| pymarc::is_control(tag)) {
            self.refuse(WriteCode::TagKind, None, "a data field");
        }
        self.indicators(indicators);
        stray.iter().for_each(|stray| self.value(stray, None));
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.bytes.push(SUBFIELD_DELIMITER);
        let start = self.bytes.len();
        self.code(code);
        self.value(&value, Some(code));
        if code.is_empty() && self.bytes.len() > start {
            self.refuse(WriteCode::CodeUnwritable, Some(code), "a value without a code");
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        if let Some((tag, start)) = self.open.take() {
            self.fields.push((tag, start..self.bytes.len()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Tell;
    use crate::{Reader, Source, Writer};

    /// A part of a record, as a visitor is told it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    enum Part {
        Control(String, String),
        Data(String, [String; 2], Option<String>),
        Subfield(String, String),
    }

    #[derive(Clone, Debug)]
    struct Parts(Leader, Vec<Part>);

    impl Tell for Parts {
        fn leader(&self) -> Leader {
            self.0
        }

        fn tell<V: Visit>(&self, to: &mut V) -> Result<(), V::Stop> {
            let mut is_open = false;
            for part in &self.1 {
                if is_open && !matches!(part, Part::Subfield(..)) {
                    to.end()?;
                    is_open = false;
                }
                match part {
                    Part::Control(tag, data) => to.control(tag, text(data))?,
                    Part::Data(tag, [first, second], stray) => {
                        is_open = true;
                        to.data(tag, [first, second], stray.as_deref().map(text))?;
                    }
                    Part::Subfield(code, value) if is_open => to.subfield(code, text(value))?,
                    Part::Subfield(..) => {}
                }
            }
            if is_open { to.end() } else { Ok(()) }
        }
    }

    fn text(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    /// Parts that were told.
    impl Visit for Parts {
        type Stop = Infallible;

        fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
            self.1.push(Part::Control(tag.into(), data.text().into()));
            Ok(())
        }

        fn data(&mut self, tag: &str, ind: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
            // Text outside subfields that is empty says nothing.
            let stray = stray.map(|stray| stray.text().into_owned()).filter(|stray| !stray.is_empty());
            self.1.push(Part::Data(tag.into(), ind.map(str::to_owned), stray));
            Ok(())
        }

        fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
            self.1.push(Part::Subfield(code.into(), value.text().into()));
            Ok(())
        }

        fn end(&mut self) -> Result<(), Infallible> {
            Ok(())
        }
    }

    /// An indicator as it is written.
    fn indicator(given: &str) -> String {
        let first = given.chars().next().filter(|it| it.is_ascii() && !matches!(it, '\u{1d}'..='\u{1f}'));
        first.unwrap_or(' ').to_string()
    }

    fn part() -> impl Strategy<Value = Part> {
        let tag = prop_oneof![6 => "[1-9][0-9]{2}", 1 => "[ 1-~][ -~]{2}", 1 => "[1-9é]{2,3}"];
        let value =
            prop_oneof![6 => "[ -~é日]{0,9}", 1 => "[\\x00-\\x1e -~é]{0,5}", 1 => "[\\x1d-\\x1fa]{1,3}"];
        let indicator = || prop_oneof![6 => "[ 0-9]", 1 => "[\\x00-\\x7fé]?", 1 => "[0-9é]{2}"];
        let code = prop_oneof![6 => "[a-z]", 1 => "[\\x00-\\x7fé日\u{fffd}]?", 1 => "[a-z]{2}"];
        let stray = proptest::option::weighted(0.2, value.clone());
        prop_oneof![
            1 => ("00[0-9A]", value.clone()).prop_map(|(tag, data)| Part::Control(tag, data)),
            2 => (tag, [indicator(), indicator()], stray)
                .prop_map(|(tag, indicators, stray)| Part::Data(tag, indicators, stray)),
            4 => (code, value).prop_map(|(code, value)| Part::Subfield(code, value)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_comes_back_and_what_is_odd_is_told(
            parts in proptest::collection::vec(part(), 1..12),
            odd_byte in proptest::option::weighted(0.2, (prop_oneof![5..9_usize, 17..24_usize], any::<u8>())),
        ) {
            let mut leader = *b"00000nam a2200000 a 4500";
            if let Some((place, byte)) = odd_byte {
                leader[place] = byte;
            }
            let record = Parts(Leader(leader), parts);
            let mut told = Parts(Leader(leader), Vec::new());
            let Ok(()) = record.tell(&mut told);
            let mut writer = Writer::new(Vec::new());
            let Ok(odd) = writer.write(&record) else { return Ok(()) };
            let bytes = writer.finish().unwrap();
            if told.1.is_empty() {
                // A record without fields is none.
                return Ok(());
            }
            let mut records = Reader::open(Source::bytes(bytes)).unwrap();
            let again = records.next().unwrap().unwrap();
            prop_assert!(records.next().is_none());

            let mut read = Parts(again.leader(), Vec::new());
            let Ok(()) = again.tell(&mut read);
            let mut expected = told.1.clone();
            for part in &mut expected {
                if let Part::Data(_, indicators, _) = part {
                    *indicators = indicators.each_ref().map(|it| indicator(it));
                }
            }
            prop_assert_eq!(&read.1, &expected);
            let kept = |leader: [u8; 24]| [leader[5..9].to_vec(), leader[17..20].to_vec()].concat();
            let is_kept = kept(read.0.0) == kept(leader);
            prop_assert_eq!(is_kept, odd.iter().all(|odd| odd.code != WriteCode::LeaderUnwritable || odd_byte.is_some_and(|(place, _)| place >= 20)));
            prop_assert!(told.1 == expected || odd.iter().any(|odd| odd.code == WriteCode::IndicatorUnwritable)
                || told.1.iter().any(|part| matches!(part, Part::Data(_, indicators, _) if indicators.contains(&String::new()))));
        }
    }

    #[test]
    fn fields_without_indicators_are_written_where_the_leader_says_that_all_are_so() {
        let plain = |leader: &[u8; 24], more: &[Part]| {
            let own = [Part::Control("001".into(), "A1".into()), Part::Control("245".into(), "Title".into())];
            let mut writer = Writer::new(Vec::new());
            let written = writer.write(&Parts(Leader(*leader), [&own, more].concat()));
            written.map(|_| writer.finish().unwrap())
        };
        assert_eq!(
            plain(b"00000nam a0000000 a 4500", &[]).unwrap(),
            b"00059nam a0000049 a 4500001000300000245000600003\x1eA1\x1eTitle\x1e\x1d"
        );
        let data = Part::Data("500".into(), [" ".into(), " ".into()], None);
        for refused in [plain(b"00000nam a2200000 a 4500", &[]), plain(b"00000nam a0000000 a 4500", &[data])]
        {
            assert!(matches!(refused, Err(crate::Error::Write(error)) if error.code() == WriteCode::TagKind));
        }
    }

    #[test]
    fn an_odd_part_is_told_once_for_each_code() {
        let codes = ["é", "ü", "a"].map(|code| Part::Subfield(code.into(), "x\u{1e}".into()));
        let field = Part::Data("500".into(), ["é".into(), "12".into()], None);
        let record = Parts(Leader(*b"00000n\xe9m a2200000 a 4500"), [vec![field], codes.into()].concat());
        let odd = Writer::new(Vec::new()).write(&record).unwrap();
        let told: Vec<_> =
            odd.iter().map(|it| (it.code, it.subfield_code.as_deref(), it.is_written)).collect();
        assert_eq!(
            told,
            [
                (WriteCode::IndicatorUnwritable, None, true),
                (WriteCode::CodeUnwritable, Some("é"), true),
                (WriteCode::DelimiterInValue, Some("é"), true),
                (WriteCode::LeaderUnwritable, None, true),
            ]
        );
    }
}
