//! The lines of a record of Aleph, as a leader and fields.

use std::borrow::Cow;

use super::super::arena::Arena;
use super::super::draft::Draft;
use super::super::lines::{self, Content, Form, Lines, are_blank};
use super::{Aleph, OF_ALEPH, number};
use crate::diagnostic::{Code, Severity};
use crate::iso2709::{SUBFIELD_DELIMITER, Tag};
use crate::places::Occurrences;

/// Lays out a record. A field with nothing odd in it may be copied as a whole, which gives the same.
pub(super) fn lay_out(record: &[u8], may_copy: bool, arena: &mut Arena) {
    Draft::lay_out(record, arena, |text, draft| {
        let are_plain = lines::are_plain(text.as_bytes(), 0);
        Reader { text, may_copy, are_plain, draft }.record();
        Ok(())
    });
}

struct Reader<'a, 'b, 'c> {
    text: &'a str,
    may_copy: bool,
    /// Whether no field has anything odd in its text.
    are_plain: bool,
    draft: &'b mut Draft<'c>,
}

/// A line, in its columns.
struct Columns<'a> {
    tag: &'a str,
    indicators: [&'a str; 2],
    /// What follows the tag.
    rest: &'a str,
    /// Where the content begins in that.
    content: usize,
    /// Whether what separates the columns is as it should be.
    is_usual: bool,
}

impl Reader<'_, '_, '_> {
    fn record(mut self) {
        // Mostly each line has the number of the first one.
        let mark = Aleph::mark(self.text.as_bytes());
        let mut lines = Lines::of(self.text).map(|line| {
            let bytes = line.text.as_bytes();
            let is_marked = bytes.starts_with(mark) && mark.ends_with(b" ");
            let number = if is_marked { Some(mark.len() - 1) } else { number(bytes).map(<[u8]>::len) };
            (line, number)
        });
        let mut next = lines.next();
        while let Some((line, number)) = next.take() {
            self.draft.place = line.place;
            let Some(number) = number else {
                // What precedes the fields is no part of the record.
                self.draft.note(Code::Unexpected, Severity::Fatal, line.text);
                next = lines.next();
                continue;
            };
            let columns = Columns::of(line.text, number);
            let mut content = Cow::Borrowed(&columns.rest[columns.content..]);
            let mut goes_on = None;
            for other in lines.by_ref() {
                let (Content { text, .. }, None) = other else {
                    next = Some(other);
                    break;
                };
                if !are_blank(text.as_bytes()) {
                    let is_damaged = seems_field(text.as_bytes());
                    let severity = if is_damaged { Severity::Fatal } else { Severity::Warning };
                    goes_on = goes_on.max(Some((severity, text)));
                    content.to_mut().push_str(text);
                }
            }
            if !columns.is_usual {
                self.draft.note(Code::Unexpected, Severity::Warning, line.text);
            }
            let is_whole = matches!(content, Cow::Borrowed(_)) && columns.is_usual;
            if !(is_whole && self.may_copy && self.copied(&columns, line)) {
                self.field(&columns, &content);
            }
            if let Some((severity, text)) = goes_on {
                self.draft.note(Code::Unexpected, severity, text);
            }
        }
    }

    fn field(&mut self, columns: &Columns<'_>, content: &str) {
        let content = if has_blanks(columns.tag) { blanks(content) } else { content.into() };
        if columns.tag == "LDR" && !self.draft.has_leader() {
            self.draft.leader(&content);
            return;
        }
        self.draft.begin_field(Some(columns.tag));
        if is_control(columns.tag) {
            self.draft.end_control_field(&content);
            return;
        }
        for (number, indicator) in columns.indicators.iter().enumerate() {
            self.draft.indicator(number, indicator);
        }
        let parts: Vec<_> = content.split("$$").map(|part| self.value(part)).collect();
        self.draft.end_data_field_in_parts(&parts);
    }

    /// A part of a data field, in which there can be no delimiter.
    fn value<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        self.draft.without_delimiter(text.into())
    }

    /// Appends the field as it is, if nothing is odd in it.
    fn copied(&mut self, columns: &Columns<'_>, line: Content<'_>) -> bool {
        let (Ok(tag), content) = (columns.tag.parse::<Tag>(), &columns.rest[columns.content..]) else {
            return false;
        };
        let (text, room) = (self.text.as_bytes(), content.len());
        let end = line.place + line.text.len();
        let start = end - room;
        if is_control(columns.tag) {
            // A caret stands for a blank in some fields, and for itself in others.
            let blank = if has_blanks(columns.tag) { b' ' } else { b'^' };
            return columns.tag != "LDR"
                && self.draft.plain_field(tag, true, room, |pen| {
                    pen.write_replacing(text, start as u32, room as u32, b'^', blank)
                });
        }
        let is_plain = self.are_plain || lines::are_plain(line.text.as_bytes(), 0);
        let [&[first @ ..=0x7F], &[second @ ..=0x7F]] = columns.indicators.map(str::as_bytes) else {
            return false;
        };
        is_plain
            && (content.is_empty() || content.starts_with("$$"))
            && self.draft.plain_field(tag, false, 2 + room, |pen| {
                pen.put(&[first, second], 2)?;
                // Each is written with the second `$` before it, which becomes the delimiter.
                let mut pairs = Occurrences::<2>::of(b'$', text, start, end);
                let mut next = pairs.next();
                while let Some(pair) = next {
                    next = pairs.next();
                    let length = next.unwrap_or(end) - (pair + 1);
                    pen.write_with_first(SUBFIELD_DELIMITER, text, pair as u32 + 1, length as u32)?;
                }
                Some(())
            })
    }
}

impl<'a> Columns<'a> {
    #[inline]
    fn of(line: &'a str, digits: usize) -> Columns<'a> {
        let after = line.get(digits + 1..).unwrap_or_default();
        if let Some([a, b, c, first, second, b' ', b'L', b' ']) = after.as_bytes().first_chunk()
            && (a | b | c | first | second).is_ascii()
        {
            let (tag, indicators) = (&after[..3], [&after[3..4], &after[4..5]]);
            return Columns { tag, indicators, rest: &after[3..], content: 5, is_usual: true };
        }
        let (tag, rest) = split(after, 3);
        let (first, after) = split(rest, 1);
        let (second, after) = split(after, 1);
        let indicators = [first, second];
        let before = rest.len() - after.len();
        let script = match after.as_bytes() {
            [b' ', b'L', b' ', ..] => Some(3),
            [b' ', b'A'..=b'Z', b' ', ..] if digits == OF_ALEPH => Some(3),
            [b' ', b'A'..=b'Z'] if digits == OF_ALEPH => Some(2),
            [b' ', ..] | [] if digits > OF_ALEPH => Some(after.len().min(1)),
            _ => None,
        };
        let length = script.unwrap_or(usize::from(after.starts_with(' ')));
        Columns { tag, indicators, rest, content: before + length, is_usual: script.is_some() }
    }
}

/// Text before and after so many characters.
#[inline]
fn split(text: &str, characters: usize) -> (&str, &str) {
    if text.as_bytes().get(..characters).is_some_and(<[u8]>::is_ascii) {
        return text.split_at(characters);
    }
    let end = text.char_indices().nth(characters).map_or(text.len(), |(place, _)| place);
    text.split_at(end)
}

fn is_control(tag: &str) -> bool {
    matches!(tag.as_bytes(), [b'0', b'0', ..] | b"FMT" | b"LDR")
}

/// Whether `^` stands for a blank in a field.
fn has_blanks(tag: &str) -> bool {
    matches!(tag.as_bytes(), b"LDR" | [b'0', b'0', b'6'..=b'8'])
}

/// Content in which `^` stands for a blank.
fn blanks(content: &str) -> Cow<'_, str> {
    match content.contains('^') {
        true => content.replace('^', " ").into(),
        false => content.into(),
    }
}

/// Whether a line without a number looks like one of a field that has lost it.
fn seems_field(line: &[u8]) -> bool {
    (OF_ALEPH - 1..=OF_ALEPH + 1).any(|at| match line.get(at..) {
        Some([b' ', a, b, c, _, _, b' ', b'L', b' ', ..]) => {
            [a, b, c].iter().all(|byte| byte.is_ascii_alphanumeric())
        }
        _ => false,
    })
}
