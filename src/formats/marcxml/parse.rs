//! The exact way: a record as XML 1.0, with everything odd named.
//!
//! quick-xml finds tags, text and references. It is not a conforming parser: which characters, references and
//! attributes XML allows, and that all that is opened is closed, is checked here. No entity is known but the five of
//! XML, no document type is read, and nothing is fetched.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::Event;

use super::super::arena::Arena;
use super::super::draft::{Draft, Read};
use super::attributes::{Attributes, is_name};
use super::tags::local;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::words::escaped;

/// Lays out a record.
pub(super) fn parse(record: &[u8], arena: &mut Arena) {
    Draft::lay_out(record, arena, |text, draft| {
        let (open, unknown, stray) = (Vec::new(), 0, String::new());
        Parser { draft, open, unknown, stray, text: String::new() }.read(text)
    });
}

/// An element that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Record,
    Leader,
    Control,
    Data,
    Subfield,
}

struct Parser<'a, 'b> {
    draft: &'a mut Draft<'b>,
    open: Vec<Element>,
    /// The number of open elements that are no part of MARC.
    unknown: usize,
    /// The text of the data field that is open, outside of its subfields.
    stray: String,
    /// The text of the leader, the control field or the subfield that is open.
    text: String,
}

impl Parser<'_, '_> {
    fn read(&mut self, text: &str) -> Read {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_comments = true;
        loop {
            self.draft.place = reader.buffer_position() as usize;
            if self.draft.place > 0 && self.open.is_empty() && self.draft.place < text.len() {
                return Err(self.draft.syntax(&text[self.draft.place..], "nothing after </record>"));
            }
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    self.draft.place = reader.error_position() as usize;
                    return Err(self.ill_formed(&error));
                }
            };
            match event {
                Event::Start(tag) => self.start(&tag, tag.name().into_inner(), tag.attributes_raw())?,
                Event::Empty(tag) => {
                    self.start(&tag, tag.name().into_inner(), tag.attributes_raw())?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(text) => {
                    if text.contains("]]>") {
                        return Err(self.draft.syntax("]]>", "]]&gt;"));
                    }
                    self.take(&text.xml10_content());
                }
                Event::CData(text) => self.take(&text.xml10_content()),
                Event::GeneralRef(name) => {
                    let character = self.reference(&name)?;
                    self.take(character.encode_utf8(&mut [0; 4]));
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Decl(_) | Event::DocType(_) => {
                    return Err(self.draft.syntax("a declaration", "an element"));
                }
                Event::Eof => break,
            }
        }
        match self.open.is_empty() && self.unknown == 0 {
            true => Ok(()),
            false => Err(self.draft.syntax("the end of the record", "an end tag")),
        }
    }

    fn start(&mut self, whole: &str, name: &str, attributes: &str) -> Read {
        if !is_name(name) {
            return Err(self.draft.syntax(whole, "the name of an element"));
        }
        let mut parsed = Attributes::default();
        for attribute in Attributes::split(attributes) {
            let Some((name, value)) = attribute else {
                return Err(self.draft.syntax(attributes.trim(), "name=\"value\""));
            };
            let value = self.attribute_value(value)?;
            if !parsed.add(name, value) {
                return Err(self.draft.syntax(name, "an attribute once"));
            }
        }
        if self.unknown > 0 {
            self.unknown += 1;
            return Ok(());
        }
        let name = std::str::from_utf8(local(name.as_bytes())).unwrap_or_default();
        let element = match (self.open.last(), name) {
            (None, "record") => Element::Record,
            (Some(Element::Record), "leader") if !self.draft.has_leader() => Element::Leader,
            (Some(Element::Record), "controlfield") => Element::Control,
            (Some(Element::Record), "datafield") => Element::Data,
            (Some(Element::Data), "subfield") => Element::Subfield,
            _ => {
                self.draft.note(Code::Unexpected, Severity::Warning, &format!("<{name}>"));
                self.unknown = 1;
                return Ok(());
            }
        };
        self.open.push(element);
        match element {
            Element::Control => self.draft.begin_field(parsed.get("tag")),
            Element::Data => {
                self.draft.begin_field(parsed.get("tag"));
                for (number, name) in ["ind1", "ind2"].into_iter().enumerate() {
                    self.draft.indicator(number, parsed.get(name).unwrap_or_default());
                }
                self.stray.clear();
            }
            Element::Subfield => self.draft.begin_subfield(parsed.get("code")),
            Element::Record | Element::Leader => {}
        }
        let expected: &[&str] = match element {
            Element::Record | Element::Leader => &[],
            Element::Control => &["tag"],
            Element::Data => &["tag", "ind1", "ind2"],
            Element::Subfield => &["code"],
        };
        for name in parsed.names().filter(|name| !expected.contains(name) && !is_usual_attribute(name)) {
            self.draft.note(Code::Unexpected, Severity::Warning, &format!("{name}=\"\""));
        }
        self.text.clear();
        Ok(())
    }

    fn end(&mut self) {
        if self.unknown > 0 {
            self.unknown -= 1;
            return;
        }
        match self.open.pop() {
            Some(Element::Leader) => self.draft.leader(&self.text),
            Some(Element::Control) => self.draft.end_control_field(&self.text),
            Some(Element::Data) => self.draft.end_data_field(self.stray.trim()),
            Some(Element::Subfield) => self.draft.end_subfield(&self.text),
            Some(Element::Record) | None => {}
        }
    }

    /// Takes text that belongs to what is open.
    fn take(&mut self, text: &str) {
        if self.unknown > 0 {
            return;
        }
        let text = self.allowed(text);
        match self.open.last() {
            Some(Element::Leader | Element::Control | Element::Subfield) => self.text.push_str(&text),
            _ if text.trim_ascii().is_empty() => {}
            Some(Element::Data) if self.stray.is_empty() => self.stray.push_str(text.trim_ascii_start()),
            Some(Element::Data) => self.stray.push_str(&text),
            _ => self.draft.note(Code::Unexpected, Severity::Warning, text.trim()),
        }
    }

    /// Text with U+FFFD for what XML forbids.
    fn allowed<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if text.chars().all(is_allowed) {
            return Cow::Borrowed(text);
        }
        for character in text.chars().filter(|character| !is_allowed(*character)) {
            self.forbidden(&escaped(character.encode_utf8(&mut [0; 4]).as_bytes()));
        }
        let replaced = text.chars().map(|it| if is_allowed(it) { it } else { char::REPLACEMENT_CHARACTER });
        Cow::Owned(replaced.collect())
    }

    fn forbidden(&mut self, found: &str) {
        self.draft.note(Code::Character, Severity::Decoding, found);
    }

    /// The character that a reference stands for.
    fn reference(&mut self, name: &str) -> Result<char, Box<Diagnostic>> {
        let number = match name {
            "amp" => return Ok('&'),
            "lt" => return Ok('<'),
            "gt" => return Ok('>'),
            "quot" => return Ok('"'),
            "apos" => return Ok('\''),
            _ => match name.strip_prefix('#') {
                Some(number) => match number.strip_prefix('x') {
                    Some(number) => digits(number, 16),
                    None => digits(number, 10),
                },
                None => None,
            },
        };
        let Some(number) = number else {
            return Err(self
                .draft
                .syntax(&format!("&{name};"), "one of the five entities of XML, or a character"));
        };
        let character = char::from_u32(number).filter(|character| is_allowed(*character));
        if character.is_none() {
            self.forbidden(&format!("&{name};"));
        }
        Ok(character.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The value of an attribute: white space is blanks, and references are characters.
    fn attribute_value<'t>(&mut self, value: &'t str) -> Result<Cow<'t, str>, Box<Diagnostic>> {
        let value = self.allowed(value);
        if !value.contains(['&', '\t', '\n', '\r']) {
            return Ok(value);
        }
        let mut out = String::new();
        let normalised = value.replace("\r\n", " ").replace(['\t', '\n', '\r'], " ");
        let mut parts = normalised.split('&');
        out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let Some((name, rest)) = part.split_once(';') else {
                return Err(self.draft.syntax(&format!("&{part}"), "&amp;"));
            };
            out.push(self.reference(name)?);
            out.push_str(rest);
        }
        Ok(Cow::Owned(out))
    }

    fn ill_formed(&self, error: &Error) -> Box<Diagnostic> {
        match error {
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                self.draft.syntax(&format!("</{found}>"), &format!("</{expected}>"))
            }
            Error::IllFormed(IllFormedError::UnclosedReference) => self.draft.syntax("&", "&amp;"),
            error => self.draft.syntax(&error.to_string(), ""),
        }
    }
}

/// The number that all of these digits are.
fn digits(digits: &str, radix: u32) -> Option<u32> {
    let are_digits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    // A number beyond these is no character either.
    are_digits.then(|| u32::from_str_radix(digits, radix).unwrap_or(u32::MAX))
}

/// Whether XML 1.0 allows a character. Those of 1.1 that it does not would be delimiters in a record.
fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether an attribute may stand in any element: it says nothing about a field.
fn is_usual_attribute(name: &str) -> bool {
    matches!(name, "xmlns" | "id" | "type" | "format") || name.contains(':')
}
