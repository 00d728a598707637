//! A record of another format while it is laid out, exactly: what the format names, one piece after another, becomes a
//! leader and fields, and what is odd becomes findings.

use std::borrow::Cow;

use super::arena::{Arena, Begin};
use super::standing_in;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{SUBFIELD_DELIMITER, Tag};
use crate::pen::Pen;
use crate::words::{brief, escaped};

/// What the leader of a record without one is taken to be.
const DEFAULT_LEADER: [u8; LEADER_LENGTH] = *b"          22        4500";

/// What reading a part gives: an error ends the record.
pub(super) type Read<T = ()> = Result<T, Box<Diagnostic>>;

/// A record that is being laid out.
pub(super) struct Draft<'a> {
    arena: &'a mut Arena,
    begin: Begin,
    /// Whether characters stand for bytes that are not UTF-8.
    pub(super) stands_in: bool,
    /// Where what is being read begins.
    pub(super) place: usize,
    has_leader: bool,
    field: Option<Field>,
    findings: Vec<Diagnostic>,
}

/// A field that is open.
struct Field {
    place: usize,
    tag: Option<Tag>,
    indicators: [Option<u8>; 2],
    /// The subfields, each with its delimiter.
    subfields: String,
    /// The code of the subfield that is open, if it has one.
    code: Option<String>,
}

impl<'a> Draft<'a> {
    /// Lays out a record, of which `read` reads the text. One that cannot be delivered has a fatal finding.
    pub(super) fn lay_out(
        record: &[u8],
        arena: &'a mut Arena,
        read: impl FnOnce(&str, &mut Draft<'a>) -> Read,
    ) {
        let begin = arena.begin(record.len());
        let (text, stands_in) = standing_in::text(record);
        let (has_leader, field, findings) = (false, None, Vec::new());
        let mut draft = Draft { arena, begin, stands_in, place: 0, has_leader, field, findings };
        match read(&text, &mut draft) {
            Ok(()) => draft.end(),
            Err(finding) => draft.findings.push(*finding),
        }
        let Draft { arena, mut findings, has_leader, .. } = draft;
        if !has_leader {
            arena.set_leader(begin, DEFAULT_LEADER);
        }
        if stands_in {
            let offsets = findings.iter_mut().map(|finding| &mut finding.offset);
            offsets.for_each(|offset| *offset = standing_in::place(&text, *offset as usize) as u64);
            let places = arena.places.iter_mut().skip(begin.field);
            places.for_each(|place| *place = standing_in::place(&text, *place as usize) as u32);
        }
        arena.end(begin, findings);
    }

    /// Names what a whole record lacks.
    fn end(&mut self) {
        (self.place, self.field) = (0, None);
        if !self.has_leader {
            self.note(Code::LeaderMissing, Severity::Warning, "");
        }
        let is_lost = self.findings.iter().any(|finding| finding.severity == Severity::Fatal);
        if self.arena.entries.len() == self.begin.field && !is_lost {
            self.note(Code::NoFields, Severity::Warning, "");
        }
    }

    /// Whether there was a leader.
    pub(super) fn has_leader(&self) -> bool {
        self.has_leader
    }

    /// The leader.
    pub(super) fn leader(&mut self, text: &str) {
        if let Ok(leader) = <[u8; LEADER_LENGTH]>::try_from(text.as_bytes())
            && leader.iter().all(|byte| matches!(byte, b' '..=b'~'))
        {
            self.has_leader = true;
            self.arena.set_leader(self.begin, leader);
            return;
        }
        let mut leader = [b' '; LEADER_LENGTH];
        let mut characters = text.chars();
        for (byte, character) in leader.iter_mut().zip(&mut characters) {
            // A byte above 7F is the character with that number.
            *byte = u8::try_from(u32::from(character)).unwrap_or(b'?');
            if !matches!(character, ' '..='~') {
                let severity = if character > '\u{FF}' { Severity::Repaired } else { Severity::Warning };
                self.note(Code::LeaderBytes, severity, text);
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

    /// Begins a field. One whose tag is none is read all the same, for what is odd in it.
    pub(super) fn begin_field(&mut self, tag: Option<&str>) {
        let place = self.place;
        let known = match tag {
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
        let (indicators, subfields, code) = ([None; 2], String::new(), None);
        self.field = Some(Field { place, tag: known, indicators, subfields, code });
    }

    /// An indicator of the field, the first or the second; one that is empty is a blank.
    pub(super) fn indicator(&mut self, number: usize, value: &str) {
        let value = match value.as_bytes() {
            [] => None,
            [byte @ b' '..=b'~'] => Some(*byte),
            _ => {
                let found = format!("ind{}=\"{}\"", number + 1, escaped(value.as_bytes()));
                self.note_expected(Code::CodeLength, Severity::Fatal, &found, "one character of ASCII");
                Some(b' ')
            }
        };
        if let Some(indicator) = self.field.as_mut().and_then(|field| field.indicators.get_mut(number)) {
            *indicator = value;
        }
    }

    /// Begins a subfield of the field.
    pub(super) fn begin_subfield(&mut self, code: Option<&str>) {
        let code = match code {
            None => {
                self.note(Code::CodeMissing, Severity::Fatal, "");
                None
            }
            Some(code) => {
                let mut characters = code.chars();
                let (first, second) = (characters.next(), characters.next());
                if second.is_some() || first.is_some_and(|first| first < ' ' || first == '\u{7F}') {
                    let found = format!("code=\"{}\"", escaped(code.as_bytes()));
                    self.note_expected(Code::CodeLength, Severity::Fatal, &found, "one character");
                }
                Some(code.to_owned())
            }
        };
        if let Some(field) = &mut self.field {
            field.code = code;
        }
    }

    /// Ends the subfield, whose text this is.
    pub(super) fn end_subfield(&mut self, text: &str) {
        let Some(field) = &mut self.field else { return };
        let code = field.code.take();
        field.subfields.push(char::from(SUBFIELD_DELIMITER));
        field.subfields.push_str(code.as_deref().unwrap_or_default());
        field.subfields.push_str(text);
        if code.as_deref() == Some("") && !text.is_empty() {
            self.note(Code::CodeMissing, Severity::Fatal, "code=\"\"");
        }
    }

    /// Ends the field as a control field with this text.
    pub(super) fn end_control_field(&mut self, text: &str) {
        self.end_field(true, &[text]);
    }

    /// Ends the field as a data field with this text before its subfields.
    pub(super) fn end_data_field(&mut self, text: &str) {
        let Some(field) = &mut self.field else { return };
        let subfields = std::mem::take(&mut field.subfields);
        let found = field.indicators;
        for (name, _) in ["ind1", "ind2"].iter().zip(found).filter(|(_, indicator)| indicator.is_none()) {
            self.note(Code::IndicatorMissing, Severity::Warning, name);
        }
        let indicators: String =
            found.iter().map(|indicator| char::from(indicator.unwrap_or(b' '))).collect();
        self.end_field(false, &[&indicators, text, &subfields]);
    }

    /// Ends the field as a data field: text before its subfields, and each subfield as its code and its value.
    pub(super) fn end_data_field_in_parts(&mut self, parts: &[Cow<'_, str>]) {
        let Some((before, subfields)) = parts.split_first() else { return };
        for subfield in subfields {
            let (code, value) = subfield.split_at(subfield.chars().next().map_or(0, char::len_utf8));
            self.begin_subfield(Some(code));
            self.end_subfield(value);
        }
        self.end_data_field(before);
    }

    /// Appends a field in which nothing is odd: what `write` writes, at most `room` bytes. Says whether it was appended.
    #[inline]
    pub(super) fn plain_field(
        &mut self,
        tag: Tag,
        is_control: bool,
        room: usize,
        write: impl FnOnce(&mut Pen<'_>) -> Option<()>,
    ) -> bool {
        if self.stands_in {
            return false;
        }
        let start = self.arena.written;
        let written = self.arena.write(room, write);
        if written.is_some() {
            self.arena.end_field(self.begin, tag, is_control, start, self.place);
        }
        written.is_some()
    }

    /// Text of a data field without the delimiter that would begin a subfield in it.
    pub(super) fn without_delimiter<'t>(&mut self, text: Cow<'t, str>) -> Cow<'t, str> {
        const DELIMITER: char = SUBFIELD_DELIMITER as char;
        if !text.contains(DELIMITER) {
            return text;
        }
        self.note(Code::Character, Severity::Decoding, &escaped(&[SUBFIELD_DELIMITER]));
        // In text that is not UTF-8, a byte that is no character anywhere.
        let replacement = if self.stands_in { self.byte(0xFF) } else { char::REPLACEMENT_CHARACTER };
        text.replace(DELIMITER, replacement.encode_utf8(&mut [0; 4])).into()
    }

    /// What stands for a byte in the text of a part.
    pub(super) fn byte(&mut self, byte: u8) -> char {
        self.stands_in |= !byte.is_ascii();
        if byte.is_ascii() { byte.into() } else { standing_in::character(byte) }
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

    /// Notes something odd.
    pub(super) fn note(&mut self, code: Code, severity: Severity, found: &str) {
        self.note_expected(code, severity, found, "");
    }

    /// Findings with the same code in the same field are counted together.
    fn note_expected(&mut self, code: Code, severity: Severity, found: &str, expected: &str) {
        let place = self.field.as_ref().map_or(self.place, |field| field.place);
        // Those of a field come one after another.
        let mut of_field = self.findings.iter_mut().rev().take_while(|known| known.offset == place as u64);
        if let Some(known) = of_field.find(|known| known.code == code) {
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

    /// What ends the record, at the place of what is being read: its syntax is not that of its format.
    pub(super) fn syntax(&self, found: &str, expected: &str) -> Box<Diagnostic> {
        Box::new(self.finding(Code::Syntax, Severity::Fatal, self.place, found, expected))
    }
}
