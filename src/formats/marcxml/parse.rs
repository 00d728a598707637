//! The exact way: a record as XML 1.0, with everything odd named.
//!
//! quick-xml finds tags, text and references. It is not a conforming parser: which characters, references and
//! attributes XML allows, and that all that is opened is closed, is checked here. No entity is known but the five of
//! XML, no document type is read, and nothing is fetched.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::Event;

use super::super::arena::{Arena, Begin};
use super::attributes::{Attributes, is_name};
use super::standing_in;
use super::tags::local;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{SUBFIELD_DELIMITER, Tag};
use crate::words::{brief, escaped};

/// What the leader of a record without one is taken to be.
const DEFAULT_LEADER: [u8; LEADER_LENGTH] = *b"          22        4500";

/// Lays out a record. One that cannot be delivered has a fatal finding.
pub(super) fn parse(record: &[u8], arena: &mut Arena) {
    let begin = arena.begin(record.len());
    let (text, stands_in) = standing_in::text(record);
    let mut parser = Parser {
        arena,
        begin,
        stands_in,
        place: 0,
        open: Vec::new(),
        unknown: 0,
        has_leader: false,
        field: None,
        text: String::new(),
        findings: Vec::new(),
    };
    if let Err(finding) = parser.read(&text) {
        parser.findings.push(*finding);
    } else {
        (parser.place, parser.field) = (0, None);
        if !parser.has_leader {
            parser.note(Code::LeaderMissing, Severity::Warning, "");
        }
        let is_lost = parser.findings.iter().any(|finding| finding.severity == Severity::Fatal);
        if parser.arena.entries.len() == begin.field && !is_lost {
            parser.note(Code::NoFields, Severity::Warning, "");
        }
    }
    if !parser.has_leader {
        parser.arena.set_leader(begin, DEFAULT_LEADER);
    }
    let Parser { arena, mut findings, .. } = parser;
    if stands_in {
        let offsets = findings.iter_mut().map(|finding| &mut finding.offset);
        offsets.for_each(|offset| *offset = standing_in::place(&text, *offset as usize) as u64);
        let places = arena.places.iter_mut().skip(begin.field);
        places.for_each(|place| *place = standing_in::place(&text, *place as usize) as u32);
    }
    arena.end(begin, findings);
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

/// A field that is open.
struct Field {
    place: usize,
    tag: Option<Tag>,
    indicators: [u8; 2],
    /// Text outside of subfields.
    stray: String,
    /// The subfields, each with its delimiter.
    subfields: String,
    /// The code of the subfield that is open.
    code: Option<String>,
}

struct Parser<'a> {
    arena: &'a mut Arena,
    begin: Begin,
    /// Whether characters stand for bytes that are not UTF-8.
    stands_in: bool,
    /// Where what is being read begins.
    place: usize,
    open: Vec<Element>,
    /// The number of open elements that are no part of MARC.
    unknown: usize,
    has_leader: bool,
    field: Option<Field>,
    /// The text of the leader, the control field or the subfield that is open.
    text: String,
    findings: Vec<Diagnostic>,
}

type Read = Result<(), Box<Diagnostic>>;

impl Parser<'_> {
    fn read(&mut self, text: &str) -> Read {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_comments = true;
        loop {
            self.place = reader.buffer_position() as usize;
            if self.place > 0 && self.open.is_empty() && self.place < text.len() {
                return Err(self.syntax(&text[self.place..], "nothing after </record>"));
            }
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    self.place = reader.error_position() as usize;
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
                        return Err(self.syntax("]]>", "]]&gt;"));
                    }
                    self.take(&text.xml10_content());
                }
                Event::CData(text) => self.take(&text.xml10_content()),
                Event::GeneralRef(name) => {
                    let character = self.reference(&name)?;
                    self.take(character.encode_utf8(&mut [0; 4]));
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Decl(_) | Event::DocType(_) => return Err(self.syntax("a declaration", "an element")),
                Event::Eof => break,
            }
        }
        match self.open.is_empty() && self.unknown == 0 {
            true => Ok(()),
            false => Err(self.syntax("the end of the record", "an end tag")),
        }
    }

    fn start(&mut self, whole: &str, name: &str, attributes: &str) -> Read {
        if !is_name(name) {
            return Err(self.syntax(whole, "the name of an element"));
        }
        let mut parsed = Attributes::default();
        for attribute in Attributes::split(attributes) {
            let Some((name, value)) = attribute else {
                return Err(self.syntax(attributes.trim(), "name=\"value\""));
            };
            let value = self.attribute_value(value)?;
            if !parsed.add(name, value) {
                return Err(self.syntax(name, "an attribute once"));
            }
        }
        if self.unknown > 0 {
            self.unknown += 1;
            return Ok(());
        }
        let name = std::str::from_utf8(local(name.as_bytes())).unwrap_or_default();
        let element = match (self.open.last(), name) {
            (None, "record") => Element::Record,
            (Some(Element::Record), "leader") if !self.has_leader => Element::Leader,
            (Some(Element::Record), "controlfield") => Element::Control,
            (Some(Element::Record), "datafield") => Element::Data,
            (Some(Element::Data), "subfield") => Element::Subfield,
            _ => {
                self.note(Code::Unexpected, Severity::Warning, &format!("<{name}>"));
                self.unknown = 1;
                return Ok(());
            }
        };
        self.open.push(element);
        match element {
            Element::Control => self.begin_field(&parsed, false),
            Element::Data => self.begin_field(&parsed, true),
            Element::Subfield => self.begin_subfield(&parsed),
            Element::Record | Element::Leader => {}
        }
        let expected: &[&str] = match element {
            Element::Record | Element::Leader => &[],
            Element::Control => &["tag"],
            Element::Data => &["tag", "ind1", "ind2"],
            Element::Subfield => &["code"],
        };
        for name in parsed.names().filter(|name| !expected.contains(name) && !is_usual_attribute(name)) {
            self.note(Code::Unexpected, Severity::Warning, &format!("{name}=\"\""));
        }
        self.text.clear();
        Ok(())
    }

    fn begin_field(&mut self, attributes: &Attributes<'_>, is_data: bool) {
        let place = self.place;
        let tag = match attributes.get("tag") {
            None => {
                self.note(Code::TagMissing, Severity::Fatal, "");
                None
            }
            Some(tag) => {
                let known = tag.parse::<Tag>().ok();
                if known.is_none() {
                    let expected = "three printable characters";
                    self.note_expected(Code::EntryTag, Severity::Fatal, tag, expected);
                }
                known
            }
        };
        self.field = Some(Field {
            place,
            tag,
            indicators: [b' '; 2],
            stray: String::new(),
            subfields: String::new(),
            code: None,
        });
        if is_data {
            let indicators = ["ind1", "ind2"].map(|name| self.indicator(name, attributes.get(name)));
            if let Some(field) = &mut self.field {
                field.indicators = indicators;
            }
        }
    }

    /// One byte; a missing indicator is a blank.
    fn indicator(&mut self, name: &str, value: Option<&str>) -> u8 {
        match value.map(str::as_bytes) {
            None | Some([]) => {
                self.note(Code::IndicatorMissing, Severity::Warning, name);
                b' '
            }
            Some([byte @ b' '..=b'~']) => *byte,
            Some(_) => {
                let found = format!("{name}=\"{}\"", escaped(value.unwrap_or_default().as_bytes()));
                self.note_expected(Code::CodeLength, Severity::Fatal, &found, "one character of ASCII");
                b' '
            }
        }
    }

    fn begin_subfield(&mut self, attributes: &Attributes<'_>) {
        let code = match attributes.get("code") {
            None => {
                self.note(Code::CodeMissing, Severity::Fatal, "");
                String::new()
            }
            Some(code) => {
                let mut characters = code.chars();
                let (first, second) = (characters.next(), characters.next());
                if second.is_some() || first.is_some_and(|first| first < ' ' || first == '\u{7F}') {
                    let found = format!("code=\"{}\"", escaped(code.as_bytes()));
                    self.note_expected(Code::CodeLength, Severity::Fatal, &found, "one character");
                }
                code.to_owned()
            }
        };
        if let Some(field) = &mut self.field {
            field.code = Some(code);
        }
    }

    fn end(&mut self) {
        if self.unknown > 0 {
            self.unknown -= 1;
            return;
        }
        match self.open.pop() {
            Some(Element::Leader) => self.end_leader(),
            Some(Element::Control) => {
                let text = std::mem::take(&mut self.text);
                self.end_field(true, &[&text]);
                self.text = text;
            }
            Some(Element::Data) => {
                if let Some(field) = &mut self.field {
                    let stray = std::mem::take(&mut field.stray);
                    let subfields = std::mem::take(&mut field.subfields);
                    let indicators = field.indicators.map(char::from);
                    self.end_field(false, &[&String::from_iter(indicators), stray.trim(), &subfields]);
                }
            }
            Some(Element::Subfield) => self.end_subfield(),
            Some(Element::Record) | None => {}
        }
    }

    fn end_subfield(&mut self) {
        let Some(field) = &mut self.field else { return };
        let code = field.code.take().unwrap_or_default();
        field.subfields.push(char::from(SUBFIELD_DELIMITER));
        field.subfields.push_str(&code);
        field.subfields.push_str(&self.text);
        let is_named = self.findings.iter().any(|finding| finding.code == Code::CodeMissing);
        if code.is_empty() && !self.text.is_empty() && !is_named {
            self.note(Code::CodeMissing, Severity::Fatal, "code=\"\"");
        }
    }

    fn end_field(&mut self, is_control: bool, parts: &[&str]) {
        let Some(Field { place, tag: Some(tag), .. }) = self.field.take() else { return };
        let start = self.arena.written;
        for part in parts {
            match self.stands_in {
                true => self.arena.push(&standing_in::bytes(part)),
                false => self.arena.push(part.as_bytes()),
            }
        }
        self.arena.end_field(self.begin, tag, is_control, start, place);
    }

    fn end_leader(&mut self) {
        let text = std::mem::take(&mut self.text);
        let mut leader = [b' '; LEADER_LENGTH];
        let mut characters = text.chars();
        for (byte, character) in leader.iter_mut().zip(&mut characters) {
            // A byte above 7F is the character with that number.
            *byte = u8::try_from(u32::from(character)).unwrap_or(b'?');
            if !matches!(character, ' '..='~') {
                let severity = if character > '\u{FF}' { Severity::Repaired } else { Severity::Warning };
                self.note(Code::LeaderBytes, severity, &text);
            }
        }
        let rest = characters.as_str();
        let length = text.chars().count();
        if length != LEADER_LENGTH {
            let severity = match rest.trim_matches(' ') {
                "" => Severity::Warning,
                _ => Severity::Repaired,
            };
            let found = format!("{length} characters");
            self.note_expected(Code::LeaderLength, severity, &found, "24");
        }
        self.has_leader = true;
        self.arena.set_leader(self.begin, leader);
    }

    /// Takes text that belongs to what is open.
    fn take(&mut self, text: &str) {
        if self.unknown > 0 {
            return;
        }
        let text = self.allowed(text);
        match (self.open.last(), &mut self.field) {
            (Some(Element::Leader | Element::Control | Element::Subfield), _) => self.text.push_str(&text),
            (Some(Element::Data), Some(field)) => {
                if text.trim_ascii().is_empty() || field.stray.is_empty() {
                    field.stray.push_str(text.trim_ascii_start());
                } else {
                    field.stray.push_str(&text);
                }
            }
            _ if text.trim_ascii().is_empty() => {}
            _ => self.note(Code::Unexpected, Severity::Warning, text.trim()),
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
        self.note(Code::Character, Severity::Decoding, found);
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
            return Err(self.syntax(&format!("&{name};"), "one of the five entities of XML, or a character"));
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
                return Err(self.syntax(&format!("&{part}"), "&amp;"));
            };
            out.push(self.reference(name)?);
            out.push_str(rest);
        }
        Ok(Cow::Owned(out))
    }

    fn note(&mut self, code: Code, severity: Severity, found: &str) {
        self.note_expected(code, severity, found, "");
    }

    /// Findings with the same code in the same field are counted together.
    fn note_expected(&mut self, code: Code, severity: Severity, found: &str, expected: &str) {
        let place = self.field.as_ref().map_or(self.place, |field| field.place);
        let known = self.findings.iter_mut().find(|known| known.code == code && known.offset == place as u64);
        if let Some(known) = known {
            known.count += 1;
            return;
        }
        let finding = self.finding(code, severity, place, found, expected);
        self.findings.push(finding);
    }

    fn finding(&self, code: Code, severity: Severity, at: usize, found: &str, expected: &str) -> Diagnostic {
        let mut finding = Diagnostic::new(code, severity, at as u64);
        finding.found = brief(found).into_owned();
        finding.expected = expected.to_owned();
        if let Some(field) = &self.field {
            finding.tag = field.tag.map(|tag| tag.to_string());
            finding.subfield_code = field.code.clone().filter(|code| !code.is_empty());
        }
        finding
    }

    /// What makes the record no XML.
    fn syntax(&self, found: &str, expected: &str) -> Box<Diagnostic> {
        Box::new(self.finding(Code::Syntax, Severity::Fatal, self.place, found, expected))
    }

    fn ill_formed(&self, error: &Error) -> Box<Diagnostic> {
        match error {
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                self.syntax(&format!("</{found}>"), &format!("</{expected}>"))
            }
            Error::IllFormed(IllFormedError::UnclosedReference) => self.syntax("&", "&amp;"),
            error => self.syntax(&error.to_string(), ""),
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
