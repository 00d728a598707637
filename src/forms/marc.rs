//! ISO 2709: a record as the bytes from which it can be read again. A record that could not be read back is refused
//! here, or in `iso2709/encode.rs` when its fields are laid out.

use std::convert::Infallible;
use std::ops::Range;

use memchr::memchr3;

use crate::charset::marc8;
use crate::error::{WriteCode, WriteError};
use crate::iso2709::encode::check_leader;
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
/// Values are written byte for byte. In the leader, lengths, encoding and layout are computed, and each byte above 7F
/// becomes a blank; so does a missing indicator.
///
/// ```
/// use mrrc::forms::{Marc, WriteOptions};
/// use mrrc::iso2709::Leader;
/// use mrrc::record::{Value, Visit};
///
/// let mut marc = Marc::new(WriteOptions::default());
/// let Ok(()) = marc.control("001", Value::Text("A1".into()));
/// let mut out = Vec::new();
/// marc.finish(Leader(*b"00000nam  2200000 a 4500"), &mut out)?;
/// assert_eq!(out, b"00041nam a2200037 a 4500001000300000\x1eA1\x1e\x1d");
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
    /// The first thing that cannot be written.
    refused: Option<WriteError>,
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
            refused: None,
        }
    }

    /// Appends the record to `out`.
    ///
    /// # Errors
    ///
    /// The first [`WriteError`] about a part, the leader or a length. `out` is then unchanged.
    pub fn finish(self, leader: Leader, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let is_unicode = leader.character_coding_scheme() == b'a';
        let mut bytes = leader.0.map(|byte| if byte.is_ascii() { byte } else { b' ' });
        match self.options.encoding {
            WriteEncoding::Utf8 => bytes[9] = b'a',
            WriteEncoding::Marc8 => bytes[9] = b' ',
            WriteEncoding::Bytes => {}
        }
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|(tag, place)| (tag, self.bytes.get(place.clone()).unwrap_or_default()))
            .collect();
        let written = match &self.refused {
            Some(refused) => Err(refused.clone()),
            None if self.has_text && self.options.encoding == WriteEncoding::Bytes && !is_unicode => {
                Err(WriteError::new(WriteCode::NotEncodable).found("text in a record of bytes"))
            }
            None => check_leader(&bytes)
                .and_then(|()| Encoder::new(&bytes).oversize(self.options.oversize).encode(&fields, out)),
        };
        written.map_err(|error| error.with_control_number(self.control_number()))
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

    /// Refuses something in the current field.
    fn refuse(&mut self, code: WriteCode, subfield_code: Option<&str>, found: impl Into<String>) {
        if self.refused.is_some() {
            return;
        }
        let mut error = WriteError::new(code).found(found);
        if let Some((tag, _)) = self.open {
            let before = self.fields.iter().filter(|(other, _)| *other == tag).count();
            error = error.in_field(&tag.bytes(), before);
        }
        self.refused = Some(error.in_subfield(subfield_code));
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
        if let Some(place) = memchr3(SUBFIELD_DELIMITER, FIELD_TERMINATOR, RECORD_TERMINATOR, written) {
            let found = written.get(place..place + 1).unwrap_or_default().escape_ascii().to_string();
            self.refuse(WriteCode::DelimiterInValue, code, found);
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
            _ => byte.is_ascii() && !matches!(byte, RECORD_TERMINATOR..=SUBFIELD_DELIMITER),
        }
    }

    /// Two indicators; a missing one becomes a blank.
    fn indicators(&mut self, indicators: [&str; 2]) {
        for indicator in indicators {
            match *indicator.as_bytes() {
                [byte] if self.is_own_byte(byte) => self.bytes.push(byte),
                [] => self.bytes.push(b' '),
                _ => self.refuse(WriteCode::IndicatorUnwritable, None, format!("{indicators:?}")),
            }
        }
    }
}

impl Visit for Marc {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.begin(tag);
        if self.open.is_some_and(|(tag, _)| !tag.is_control()) {
            self.refuse(WriteCode::TagKind, None, "a control field");
        }
        self.value(&data, None);
        self.end()
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.begin(tag);
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
        match *code.as_bytes() {
            [byte] if self.is_own_byte(byte) => self.bytes.push(byte),
            // A delimiter without a code.
            [] => {}
            _ => self.refuse(WriteCode::CodeUnwritable, Some(code), ""),
        }
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
