//! The lines of a record of Aleph, as a leader and fields.

use std::borrow::Cow;

use super::super::arena::Arena;
use super::super::draft::Draft;
use super::super::lines::{self, Form, Lines, are_blank};
use super::{Aleph, OF_ALEPH, number};
use crate::diagnostic::{Code, Severity};
use crate::iso2709::{SUBFIELD_DELIMITER, Tag};

/// Lays out a record. A field with nothing odd in it may be copied as a whole, which gives the same.
pub(super) fn lay_out(record: &[u8], may_copy: bool, arena: &mut Arena) {
    Draft::lay_out(record, arena, |text, draft| {
        let are_plain = lines::are_plain(text.as_bytes(), 0);
        Reader { may_copy, are_plain, draft }.record(text);
        Ok(())
    });
}

struct Reader<'b, 'c> {
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

impl Reader<'_, '_> {
    fn record(mut self, text: &str) {
        // Mostly each line has the number of the first one.
        let mark = Aleph::mark(text.as_bytes());
        let mut lines = Lines::of(text).map(|(place, line)| {
            let is_marked = line.as_bytes().starts_with(mark) && mark.ends_with(b" ");
            let number =
                if is_marked { Some(mark.len() - 1) } else { number(line.as_bytes()).map(<[u8]>::len) };
            (place, line, number)
        });
        let mut next = lines.next();
        while let Some((place, line, number)) = next.take() {
            self.draft.place = place;
            let Some(number) = number else {
                // What precedes the fields is no part of the record.
                self.draft.note(Code::Unexpected, Severity::Fatal, line);
                next = lines.next();
                continue;
            };
            let columns = Columns::of(line, number);
            let mut content = Cow::Borrowed(&columns.rest[columns.content..]);
            let mut goes_on = None;
            for other in lines.by_ref() {
                let (_, line, None) = other else {
                    next = Some(other);
                    break;
                };
                if !are_blank(line.as_bytes()) {
                    let is_damaged = seems_field(line.as_bytes());
                    let severity = if is_damaged { Severity::Fatal } else { Severity::Warning };
                    goes_on = goes_on.max(Some((severity, line)));
                    content.to_mut().push_str(line);
                }
            }
            if !columns.is_usual {
                self.draft.note(Code::Unexpected, Severity::Warning, line);
            }
            let is_whole = matches!(content, Cow::Borrowed(_)) && columns.is_usual;
            if !(is_whole && self.may_copy && self.copied(&columns)) {
                self.field(&columns, &content);
            }
            if let Some((severity, line)) = goes_on {
                self.draft.note(Code::Unexpected, severity, line);
            }
        }
    }

    fn field(&mut self, columns: &Columns<'_>, content: &str) {
        let has_blanks = matches!(columns.tag, "LDR" | "006" | "007" | "008");
        let content = if has_blanks { blanks(content) } else { content.into() };
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
    fn copied(&mut self, columns: &Columns<'_>) -> bool {
        let (Ok(tag), content) = (columns.tag.parse::<Tag>(), columns.content) else { return false };
        let are_plain = self.are_plain;
        match columns.tag {
            "LDR" => false,
            "006" | "007" | "008" => self.draft.plain_field(tag, true, &columns.rest[content..], |bytes| {
                bytes.iter_mut().filter(|byte| **byte == b'^').for_each(|byte| *byte = b' ');
                Some(bytes.len())
            }),
            name if is_control(name) => {
                self.draft.plain_field(tag, true, &columns.rest[content..], |bytes| Some(bytes.len()))
            }
            _ => self
                .draft
                .plain_field(tag, false, columns.rest, |bytes| with_delimiters(bytes, content, are_plain)),
        }
    }
}

impl<'a> Columns<'a> {
    #[inline]
    fn of(line: &'a str, digits: usize) -> Columns<'a> {
        let (tag, rest) = split(line.get(digits + 1..).unwrap_or_default(), 3);
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
    tag.starts_with("00") || tag == "FMT" || tag == "LDR"
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

/// Makes a field of the indicators and of the content, which begins here, if nothing is odd in it.
fn with_delimiters(bytes: &mut [u8], content: usize, are_plain: bool) -> Option<usize> {
    let are_indicators = bytes.get(..2)?.is_ascii();
    let begins = bytes.get(content..)?;
    if !((are_plain || lines::are_plain(bytes, 0))
        && are_indicators
        && (begins.is_empty() || begins.starts_with(b"$$")))
    {
        return None;
    }
    let (mut read, mut written) = (content, 2);
    while read < bytes.len() {
        if bytes[read..].starts_with(b"$$") {
            bytes[written] = SUBFIELD_DELIMITER;
            (read, written) = (read + 2, written + 1);
        }
        // One `$` is a character like any other.
        let from = read + usize::from(bytes.get(read) == Some(&b'$') && bytes.get(read + 1) != Some(&b'$'));
        let end = memchr::memchr(b'$', &bytes[from..]).map_or(bytes.len(), |length| from + length);
        bytes.copy_within(read..end, written);
        (read, written) = (end, written + end - read);
    }
    Some(written)
}
