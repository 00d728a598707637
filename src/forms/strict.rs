//! Finds what a text form cannot express, before it is written: it is refused or replaced.

use std::borrow::Cow;

use crate::error::{WriteCode, WriteError};
use crate::record::{Value, Visit};

/// The forms, by the characters that they can express.
///
/// ```
/// use mrrc::forms::Expressible;
///
/// assert_eq!(Expressible::Xml.first_missing("a\u{b}b"), Some('\u{b}'));
/// assert_eq!(Expressible::Mrk.replaced("two\nlines"), "two lines");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expressible {
    /// JSON: all characters.
    Json,
    /// XML 1.0, production `Char`: no controls except tab and line ends, and neither U+FFFE nor U+FFFF.
    Xml,
    /// MARCMaker: no line ends of any kind, because a field is a line.
    Mrk,
}

impl Expressible {
    pub(super) fn has(self, character: char) -> bool {
        match self {
            Expressible::Json => true,
            Expressible::Xml => {
                !matches!(character, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
            }
            Expressible::Mrk => {
                !matches!(character, '\n'..='\r' | '\x1C'..='\x1E' | '\u{85}' | '\u{2028}' | '\u{2029}')
            }
        }
    }

    /// What is written instead.
    fn replacement(self) -> &'static str {
        match self {
            Expressible::Mrk => " ",
            Expressible::Json | Expressible::Xml => "\u{FFFD}",
        }
    }

    /// The text with its inexpressible characters replaced.
    pub fn replaced(self, text: &str) -> Cow<'_, str> {
        match self.first_missing(text) {
            None => text.into(),
            Some(_) => text.split(|it| !self.has(it)).collect::<Vec<_>>().join(self.replacement()).into(),
        }
    }

    /// The first character that cannot be expressed.
    pub fn first_missing(self, text: &str) -> Option<char> {
        // For most text, its bytes already show that there is none.
        let is_doubtful = |byte: u8| match self {
            Expressible::Json => false,
            Expressible::Xml => (byte < b' ') | (byte == 0xEF),
            Expressible::Mrk => (byte < b' ') | (byte == 0xC2) | (byte == 0xE2),
        };
        let is_in_doubt = text.bytes().fold(false, |any, byte| any | is_doubtful(byte));
        if is_in_doubt { text.chars().find(|it| !self.has(*it)) } else { None }
    }
}

/// Passes on what it receives to another visitor, and refuses or replaces what the form cannot express.
///
/// ```
/// use mrrc::WriteCode;
/// use mrrc::forms::{Expressible, Strict, Xml};
/// use mrrc::record::{Value, Visit};
///
/// let mut xml = Xml::new("00000nam a2200000 a 4500", false, false);
/// let mut strict = Strict::new(Expressible::Xml, &mut xml);
/// let Ok(()) = strict.control("001", Value::Text("A\u{b}1".into()));
/// let refused = strict.refused.expect("a vertical tab cannot be in XML");
/// assert_eq!(refused.code(), WriteCode::CharacterUnwritable);
/// ```
#[derive(Debug)]
pub struct Strict<'a, V> {
    form: Expressible,
    replaces: bool,
    to: &'a mut V,
    /// The tags so far, each with a NUL after it.
    tags: String,
    is_of_number: bool,
    /// The record's first 001.
    pub control_number: Option<String>,
    /// The first character that cannot be expressed and is not replaced.
    pub refused: Option<WriteError>,
}

impl<'a, V: Visit> Strict<'a, V> {
    /// A visitor that refuses what the form cannot express.
    pub fn new(form: Expressible, to: &'a mut V) -> Strict<'a, V> {
        let tags = String::new();
        Strict { form, replaces: false, to, tags, is_of_number: false, control_number: None, refused: None }
    }

    /// Sets whether inexpressible characters are replaced instead: by U+FFFD, or in MARCMaker by a blank.
    pub fn replaces(self, replaces: bool) -> Strict<'a, V> {
        Strict { replaces, ..self }
    }

    /// What went wrong, with the number of the record.
    pub fn into_refused(self) -> Option<WriteError> {
        self.refused.map(|error| error.with_control_number(self.control_number))
    }

    fn begin<'t>(&mut self, tag: &'t str) -> Cow<'t, str> {
        self.is_of_number = tag == "001" && self.control_number.is_none();
        self.tags.extend([tag, "\0"]);
        self.text(tag, None)
    }

    fn text<'t>(&mut self, text: &'t str, code: Option<&str>) -> Cow<'t, str> {
        let Some(found) = self.form.first_missing(text) else { return text.into() };
        if self.replaces {
            return self.form.replaced(text);
        }
        if self.refused.is_none() {
            self.refused = Some(
                self.error(WriteCode::CharacterUnwritable, code).found(format!("U+{:04X}", u32::from(found))),
            );
        }
        text.into()
    }

    /// An error about the current field.
    fn error(&self, code: WriteCode, subfield_code: Option<&str>) -> WriteError {
        let mut error = WriteError::new(code);
        let mut tags = self.tags.split_terminator('\0').rev();
        if let Some(tag) = tags.next() {
            error = error.in_field(tag.as_bytes(), tags.filter(|other| *other == tag).count());
        }
        error.in_subfield(subfield_code)
    }

    fn value<'t>(&mut self, value: &'t Value<'_>, code: Option<&str>) -> Value<'t> {
        match value {
            Value::Bytes(bytes) => Value::Bytes(bytes),
            Value::Text(text) => Value::Text(self.text(text, code)),
            Value::Utf8(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Value::Text(self.text(text, code)),
                Err(_) => Value::Utf8(bytes),
            },
        }
    }
}

impl<V: Visit> Visit for Strict<'_, V> {
    type Stop = V::Stop;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), V::Stop> {
        let tag = self.begin(tag);
        if self.is_of_number {
            self.control_number = Some(data.text().into_owned());
        }
        let data = self.value(&data, None);
        self.to.control(&tag, data)
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), V::Stop> {
        let tag = self.begin(tag);
        let [first, second] = indicators.map(|it| self.text(it, None));
        let stray = stray.as_ref().map(|stray| self.value(stray, None));
        self.to.data(&tag, [&first, &second], stray)
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), V::Stop> {
        let written = self.text(code, Some(code));
        let value = self.value(&value, Some(code));
        self.to.subfield(&written, value)
    }

    fn end(&mut self) -> Result<(), V::Stop> {
        self.to.end()
    }
}
