//! The lines of a record of MARCMaker, as a leader and fields.

use std::borrow::Cow;

use super::super::arena::Arena;
use super::super::draft::Draft;
use super::super::lines::{self, Content, Lines};
use super::mnemonics::{Stands, expand};
use super::{Beginning, LEADER_TAG};
use crate::diagnostic::{Code, Severity};
use crate::iso2709::{SUBFIELD_DELIMITER, Tag};
use crate::options::Records as Asked;

/// The number of blanks after a tag.
const BLANKS: usize = 2;

/// Lays out a record. A field with nothing odd in it may be copied as a whole, which gives the same.
pub(super) fn lay_out(record: &[u8], asked: Asked, may_copy: bool, arena: &mut Arena) {
    Draft::lay_out(record, arena, |text, draft| {
        let are_plain = lines::are_plain(text.as_bytes(), b'{');
        let is_utf8 = !draft.stands_in;
        Reader { text, asked, may_copy, are_plain, is_utf8, coding: None, stands: None, draft }.record();
        Ok(())
    });
}

struct Reader<'a, 'b, 'c> {
    text: &'a str,
    asked: Asked,
    may_copy: bool,
    /// Whether no field has anything odd in its text.
    are_plain: bool,
    is_utf8: bool,
    /// Position 9 of the leader.
    coding: Option<u8>,
    /// What mnemonics stand for, as soon as there is one.
    stands: Option<Stands>,
    draft: &'b mut Draft<'c>,
}

impl<'a> Reader<'a, '_, '_> {
    fn record(mut self) {
        let mut lines = Lines::of(self.text).map(|line| (line, Beginning::of(line.text.as_bytes())));
        let mut next = lines.next();
        while let Some((line, beginning)) = next.take() {
            self.draft.place = line.place;
            let Some(beginning) = beginning else {
                // What precedes the fields is no part of the record.
                self.draft.note(Code::Unexpected, Severity::Fatal, line.text);
                next = lines.next();
                continue;
            };
            let mut content = Cow::Borrowed(&line.text[beginning.content..]);
            let mut notes = Vec::new();
            for other in lines.by_ref() {
                let (Content { text, .. }, None) = other else {
                    next = Some(other);
                    break;
                };
                match text.as_bytes() {
                    [b'#', ..] => notes.push(text),
                    _ => content.to_mut().push_str(text),
                }
                if seems_field(text) {
                    notes.push(text);
                }
            }
            let tag = &line.text[1..beginning.tag_end];
            if beginning.is_sound && beginning.content != beginning.tag_end + BLANKS {
                let shown = line.text.get(..beginning.content + 1).unwrap_or(line.text);
                self.draft.note(Code::Unexpected, Severity::Warning, shown);
            }
            let is_whole = matches!(content, Cow::Borrowed(_));
            if !(is_whole && self.may_copy && self.copied(tag, line, beginning.content)) {
                self.field(tag, &content);
            }
            for note in notes {
                self.draft.note(Code::Unexpected, Severity::Warning, note);
            }
        }
    }

    fn field(&mut self, tag: &str, content: &str) {
        if tag.as_bytes() == LEADER_TAG {
            self.coding = content.as_bytes().get(9).copied();
            let content = blanks(content);
            let content = self.expanded(&content, false);
            self.draft.leader(&content);
            return;
        }
        self.draft.begin_field(Some(tag));
        match tag.parse().is_ok_and(|tag: Tag| tag.is_control()) {
            true => {
                let content = blanks(content);
                let content = self.expanded(&content, false).into_owned();
                self.draft.end_control_field(&content);
            }
            false => self.data_field(content),
        }
    }

    /// Appends the field whose content begins at this place of a line, if nothing is odd in it.
    fn copied(&mut self, tag: &str, line: Content<'_>, content: usize) -> bool {
        let Some(tag) = tag.parse::<Tag>().ok().filter(|_| tag.as_bytes() != LEADER_TAG) else {
            return false;
        };
        if !(self.are_plain || lines::are_plain(line.text.as_bytes(), b'{')) {
            return false;
        }
        let (text, start, end) = (self.text.as_bytes(), line.place + content, line.place + line.text.len());
        let room = end - start;
        if tag.is_control() {
            return self.draft.plain_field(tag, true, room, |pen| {
                pen.write_replacing(text, start as u32, room as u32, b'\\', b' ')
            });
        }
        let (&[first, second], rest) = match text.get(start..end).and_then(<[u8]>::split_first_chunk::<2>) {
            Some((indicators, rest)) if matches!(rest, [] | [b'$', ..]) => (indicators, rest.len()),
            _ => return false,
        };
        let is_indicator = |byte: u8| byte.is_ascii() && byte != b'$';
        is_indicator(first)
            && is_indicator(second)
            && self.draft.plain_field(tag, false, room, |pen| {
                pen.put(&[first, second].map(|byte| if byte == b'\\' { b' ' } else { byte }), 2)?;
                pen.write_replacing(text, start as u32 + 2, rest as u32, b'$', SUBFIELD_DELIMITER)
            })
    }

    fn data_field(&mut self, content: &str) {
        let mut rest = content;
        for number in 0..2 {
            let Some(indicator) = rest.chars().next().filter(|indicator| *indicator != '$') else { break };
            let (indicator, after) = rest.split_at(indicator.len_utf8());
            self.draft.indicator(number, if indicator == "\\" { " " } else { indicator });
            rest = after;
        }
        let parts: Vec<_> = rest.split('$').map(|part| self.value(part)).collect();
        self.draft.end_data_field_in_parts(&parts);
    }

    /// A part of a data field, in which there can be no delimiter.
    fn value<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let value = self.expanded(text, true);
        self.draft.without_delimiter(value)
    }

    fn expanded<'t>(&mut self, text: &'t str, is_value: bool) -> Cow<'t, str> {
        if !text.contains('{') {
            return text.into();
        }
        let Reader { text: record, is_utf8, coding, asked, .. } = *self;
        let stands = *self.stands.get_or_insert_with(|| Stands::for_record(record, is_utf8, coding, asked));
        expand(text, is_value, stands, self.draft)
    }
}

/// Whether a line that begins no field may have been meant to.
fn seems_field(line: &str) -> bool {
    let line = line.trim_start().as_bytes();
    let has_tag = |tag: &[u8; 3]| tag.iter().all(u8::is_ascii_digit) && line[3..].starts_with(b"  ");
    line.starts_with(b"=") || line.first_chunk().is_some_and(has_tag)
}

/// Content in which `\` stands for a blank.
fn blanks(content: &str) -> Cow<'_, str> {
    match content.contains('\\') {
        true => content.replace('\\', " ").into(),
        false => content.into(),
    }
}
