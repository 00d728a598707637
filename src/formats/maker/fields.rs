//! The lines of a record of MARCMaker, as a leader and fields.

use std::borrow::Cow;

use super::super::arena::Arena;
use super::super::draft::Draft;
use super::super::lines::{self, Lines};
use super::Beginning;
use super::mnemonics::{Stands, expand};
use crate::diagnostic::{Code, Severity};
use crate::iso2709::{SUBFIELD_DELIMITER, Tag};
use crate::options::Records as Asked;
use crate::places::Places;

/// The number of blanks after a tag.
const BLANKS: usize = 2;

/// Lays out a record. A field with nothing odd in it may be copied as a whole, which gives the same.
pub(super) fn lay_out(record: &[u8], asked: Asked, may_copy: bool, places: &mut Places, arena: &mut Arena) {
    Draft::lay_out(record, arena, |text, draft| {
        let are_plain = lines::are_plain(text.as_bytes(), b'{');
        let is_utf8 = !draft.stands_in;
        Reader { text, asked, may_copy, are_plain, is_utf8, coding: None, stands: None, draft }
            .record(places);
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
    fn record(mut self, places: &mut Places) {
        let mut lines = Lines::of(self.text, places)
            .map(|line| (line.place, line.text, Beginning::of(line.text.as_bytes())));
        let mut next = lines.next();
        while let Some((place, line, beginning)) = next.take() {
            self.draft.place = place;
            let Some(beginning) = beginning else {
                // What precedes the fields is no part of the record.
                self.draft.note(Code::Unexpected, Severity::Fatal, line);
                next = lines.next();
                continue;
            };
            let mut content = Cow::Borrowed(&line[beginning.content..]);
            let mut notes = Vec::new();
            for other in lines.by_ref() {
                let (_, line, None) = other else {
                    next = Some(other);
                    break;
                };
                match line.as_bytes() {
                    [b'#', ..] => notes.push(line),
                    _ => content.to_mut().push_str(line),
                }
                if line.starts_with('=') {
                    notes.push(line);
                }
            }
            let tag = &line[1..beginning.tag_end];
            if beginning.is_sound && beginning.content != beginning.tag_end + BLANKS {
                let shown = line.get(..beginning.content + 1).unwrap_or(line);
                self.draft.note(Code::Unexpected, Severity::Warning, shown);
            }
            self.field(tag, &content);
            for note in notes {
                self.draft.note(Code::Unexpected, Severity::Warning, note);
            }
        }
    }

    fn field(&mut self, tag: &str, content: &str) {
        if tag == "LDR" {
            self.coding = content.as_bytes().get(9).copied();
            let content = blanks(content);
            let content = self.expanded(&content, false);
            self.draft.leader(&content);
            return;
        }
        let (known, are_plain) = (tag.parse::<Tag>().ok(), self.are_plain);
        if let Some(tag) = known.filter(|_| self.may_copy)
            && self.draft.plain_field(tag, tag.is_control(), content, |bytes| copied(tag, bytes, are_plain))
        {
            return;
        }
        self.draft.begin_field(Some(tag));
        match known.is_some_and(|tag| tag.is_control()) {
            true => {
                let content = blanks(content);
                let content = self.expanded(&content, false).into_owned();
                self.draft.end_control_field(&content);
            }
            false => self.data_field(content),
        }
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

/// Content in which `\` stands for a blank.
fn blanks(content: &str) -> Cow<'_, str> {
    match content.contains('\\') {
        true => content.replace('\\', " ").into(),
        false => content.into(),
    }
}

/// Makes a field of its content, if nothing is odd in it.
#[inline]
fn copied(tag: Tag, content: &mut [u8], are_plain: bool) -> Option<usize> {
    if !(are_plain || lines::are_plain(content, b'{')) {
        return None;
    }
    let length = content.len();
    if tag.is_control() {
        replace(content, b'\\', b' ');
        return Some(length);
    }
    let (indicators, subfields) = content.split_first_chunk_mut::<2>()?;
    let are_indicators = indicators.iter().all(|byte| byte.is_ascii() && *byte != b'$');
    if !(are_indicators && matches!(subfields, [] | [b'$', ..])) {
        return None;
    }
    replace(indicators, b'\\', b' ');
    replace(subfields, b'$', SUBFIELD_DELIMITER);
    Some(length)
}

#[inline]
fn replace(bytes: &mut [u8], from: u8, to: u8) {
    for byte in bytes {
        *byte = if *byte == from { to } else { *byte };
    }
}
