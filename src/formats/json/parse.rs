//! The exact way: a record as JSON (RFC 8259), with everything odd named.
//!
//! Members are taken in their order, and those of the same name one after another. Strings may have characters that
//! should be escaped; those that would be delimiters in a record, and halves of characters, become U+FFFD.

use std::borrow::Cow;

use super::super::arena::Arena;
use super::super::draft::{Draft, Read};
use super::scan::is_delimiter;
use crate::diagnostic::{Code, Diagnostic, Severity};

/// The most brackets that may be open.
const MOST_OPEN: usize = 64;

/// Lays out a record.
pub(super) fn parse(record: &[u8], arena: &mut Arena) {
    Draft::lay_out(record, arena, |text, draft| Parser { text, at: 0, open: 0, draft }.record());
}

/// A value; what is in brackets is still to be read.
enum Value<'a> {
    String(Cow<'a, str>),
    Object,
    List,
    /// A number, `true`, `false` or `null`.
    Bare(&'a str),
}

impl Value<'_> {
    /// What is said of a value that is not expected.
    fn name(&self) -> &str {
        match self {
            Value::String(text) => text,
            Value::Object => "{",
            Value::List => "[",
            Value::Bare(text) => text,
        }
    }
}

struct Parser<'a, 'b, 'c> {
    text: &'a str,
    at: usize,
    /// The number of brackets that are open.
    open: usize,
    draft: &'b mut Draft<'c>,
}

impl<'a> Parser<'a, '_, '_> {
    fn record(mut self) -> Read {
        match self.value()? {
            Value::Object => self.members(Self::member)?,
            value => return Err(self.draft.syntax(value.name(), "{")),
        }
        self.skip_space();
        match self.rest() {
            "" => Ok(()),
            rest => Err(self.draft.syntax(rest, "nothing after the record")),
        }
    }

    fn member(&mut self, key: &str) -> Read {
        let value = self.value()?;
        match (key, value) {
            ("leader", Value::String(text)) if !self.draft.has_leader() => self.draft.leader(&text),
            ("fields", Value::List) => return self.elements(Self::field_object),
            (_, value) => {
                // Where another form has the fields.
                let has_fields = matches!(key, "fields" | "controlfield" | "datafield");
                let severity = if has_fields { Severity::Fatal } else { Severity::Warning };
                self.draft.note(Code::Unexpected, severity, &format!("\"{key}\""));
                return self.skip(value);
            }
        }
        Ok(())
    }

    fn field_object(&mut self) -> Read {
        match self.value()? {
            Value::Object => self.members(Self::field),
            value => {
                self.draft.note(Code::Unexpected, Severity::Fatal, value.name());
                self.skip(value)
            }
        }
    }

    fn field(&mut self, tag: &str) -> Read {
        self.draft.begin_field(Some(tag));
        match self.value()? {
            Value::String(text) => self.draft.end_control_field(&text),
            Value::Object => {
                self.members(Self::part)?;
                self.draft.end_data_field("");
            }
            Value::List => {
                self.draft.note(Code::Unexpected, Severity::Fatal, "[");
                self.elements(Self::any)?;
                self.draft.end_control_field("");
            }
            Value::Bare(text) => {
                self.draft.note(Code::Unexpected, Severity::Warning, text);
                self.draft.end_control_field(if text == "null" { "" } else { text });
            }
        }
        Ok(())
    }

    /// A member of a data field.
    fn part(&mut self, key: &str) -> Read {
        let indicator = match key {
            "ind1" => Some(0),
            "ind2" => Some(1),
            _ => None,
        };
        match (self.value()?, indicator) {
            (Value::String(text), Some(number)) => {
                // FOLIO writes a backslash for a blank.
                self.draft.indicator(number, if text == "\\" { "" } else { &text });
                Ok(())
            }
            (Value::List, _) if key == "subfields" => self.elements(Self::subfield_object),
            (Value::Object, _) if key == "subfields" => self.members(Self::subfield),
            (value, _) => {
                let severity = if key == "subfields" { Severity::Fatal } else { Severity::Warning };
                self.draft.note(Code::Unexpected, severity, &format!("\"{key}\""));
                self.skip(value)
            }
        }
    }

    fn subfield_object(&mut self) -> Read {
        match self.value()? {
            Value::Object => self.members(Self::subfield),
            value => {
                self.draft.note(Code::Unexpected, Severity::Fatal, value.name());
                self.skip(value)
            }
        }
    }

    fn subfield(&mut self, code: &str) -> Read {
        self.draft.begin_subfield(Some(code));
        match self.value()? {
            Value::String(text) => self.draft.end_subfield(&text),
            Value::Bare(text) => {
                self.draft.note(Code::Unexpected, Severity::Warning, text);
                self.draft.end_subfield(if text == "null" { "" } else { text });
            }
            value => {
                self.draft.note(Code::Unexpected, Severity::Fatal, value.name());
                self.skip(value)?;
                self.draft.end_subfield("");
            }
        }
        Ok(())
    }

    /// Passes over a value that is no part of a record.
    fn skip(&mut self, value: Value<'_>) -> Read {
        match value {
            Value::Object => self.members(|parser, _| parser.any()),
            Value::List => self.elements(Self::any),
            Value::String(_) | Value::Bare(_) => Ok(()),
        }
    }

    fn any(&mut self) -> Read {
        let value = self.value()?;
        self.skip(value)
    }

    /// The members of an object whose bracket was passed over; `each` reads the value.
    fn members(&mut self, mut each: impl FnMut(&mut Self, &str) -> Read) -> Read {
        self.all('}', |parser| {
            let place = parser.at;
            let Value::String(key) = parser.value()? else {
                return Err(parser.odd("a name in quotation marks", place));
            };
            parser.skip_space();
            parser.expect(':')?;
            parser.draft.place = place;
            each(parser, &key)
        })
    }

    /// The elements of a list whose bracket was passed over; `each` reads one.
    fn elements(&mut self, each: impl FnMut(&mut Self) -> Read) -> Read {
        self.all(']', each)
    }

    fn all(&mut self, bracket: char, mut each: impl FnMut(&mut Self) -> Read) -> Read {
        self.open += 1;
        if self.open > MOST_OPEN {
            return Err(self.odd("fewer brackets in one another", self.at - 1));
        }
        self.skip_space();
        if !self.rest().starts_with(bracket) {
            loop {
                self.skip_space();
                each(self)?;
                self.skip_space();
                match self.rest().starts_with(',') {
                    true => self.at += 1,
                    false => break,
                }
            }
        }
        self.open -= 1;
        self.expect(bracket)
    }

    fn value(&mut self) -> Read<Value<'a>> {
        self.skip_space();
        let rest = self.rest();
        match rest.as_bytes().first() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => {
                self.at += 1;
                Ok(Value::Object)
            }
            Some(b'[') => {
                self.at += 1;
                Ok(Value::List)
            }
            _ => {
                let length =
                    rest.find(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '-' | '+' | '.')));
                let bare = &rest[..length.unwrap_or(rest.len())];
                if !is_bare(bare) {
                    return Err(self.odd("a value", self.at));
                }
                self.at += bare.len();
                Ok(Value::Bare(bare))
            }
        }
    }

    fn string(&mut self) -> Read<Cow<'a, str>> {
        let begin = self.at;
        self.at += 1;
        let mut read: Option<String> = None;
        loop {
            let rest = self.rest();
            let Some(length) = rest.find(|it: char| matches!(it, '"' | '\\') || it < ' ') else {
                return Err(self.odd("a quotation mark after it", begin));
            };
            let plain = &rest[..length];
            self.at += length;
            let odd = rest[length..].chars().next().unwrap_or_default();
            self.at += 1;
            if odd == '"' && read.is_none() {
                return Ok(Cow::Borrowed(plain));
            }
            let text = read.get_or_insert_default();
            text.push_str(plain);
            match odd {
                '"' => return Ok(Cow::Owned(read.unwrap_or_default())),
                '\\' => {
                    let character = self.escape()?;
                    text.push(character);
                }
                _ => {
                    let (severity, character) = match is_delimiter(odd) {
                        true => (Severity::Decoding, char::REPLACEMENT_CHARACTER),
                        false => (Severity::Warning, odd),
                    };
                    self.draft.note(Code::Character, severity, &format!("\\x{:02X}", u32::from(odd)));
                    text.push(character);
                }
            }
        }
    }

    /// What stands for a character; its backslash was passed over.
    fn escape(&mut self) -> Read<char> {
        let place = self.at - 1;
        let escaped = self.rest().chars().next();
        self.at += escaped.map_or(0, char::len_utf8);
        let character = match escaped {
            Some(character @ ('"' | '\\' | '/')) => character,
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\x08',
            Some('f') => '\x0C',
            Some('u') => return self.number(place),
            _ => return Err(self.odd("a character that may be escaped", place)),
        };
        Ok(character)
    }

    /// A character by its number in UTF-16.
    fn number(&mut self, place: usize) -> Read<char> {
        let Some(high) = self.digits() else { return Err(self.odd("four hexadecimal digits", place)) };
        let mut number = high;
        if (0xD800..0xDC00).contains(&high) && self.rest().starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            match self.digits().and_then(|low| low.checked_sub(0xDC00)).filter(|low| *low < 0x400) {
                Some(low) => number = 0x10000 + ((high - 0xD800) << 10) + low,
                None => self.at = before,
            }
        }
        let character = char::from_u32(number).filter(|character| !is_delimiter(*character));
        if character.is_none() {
            self.draft.note(Code::Character, Severity::Decoding, &format!("\\u{number:04x}"));
        }
        Ok(character.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn digits(&mut self) -> Option<u32> {
        let digits =
            self.rest().get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.at +=
            self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
    }

    fn expect(&mut self, character: char) -> Read {
        if !self.rest().starts_with(character) {
            return Err(self.odd(&character.to_string(), self.at));
        }
        self.at += 1;
        Ok(())
    }

    /// What makes the record no JSON, at this place.
    fn odd(&mut self, expected: &str, place: usize) -> Box<Diagnostic> {
        const SHOWN: usize = 16;
        let found: String = self.text.get(place..).unwrap_or_default().chars().take(SHOWN).collect();
        self.draft.place = place;
        let found = if found.is_empty() { "the end of the record" } else { &found };
        self.draft.syntax(found, expected)
    }
}

/// Whether this is a number, or one of the three names.
fn is_bare(text: &str) -> bool {
    matches!(text, "true" | "false" | "null") || is_number(text)
}

fn is_number(text: &str) -> bool {
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_whole = are_digits(whole) && (whole == "0" || !whole.starts_with('0'));
    is_whole && are_digits(part) && are_digits(exponent)
}
