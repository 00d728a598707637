//! The lines of a record of MARCMaker, as a leader and fields.

use std::borrow::Cow;

use super::super::arena::Arena;
use super::super::draft::Draft;
use super::super::lines::Lines;
use super::Beginning;
use super::mnemonics::{Stands, expand};
use crate::diagnostic::{Code, Severity};
use crate::iso2709::{SUBFIELD_DELIMITER, Tag};
use crate::options::Records as Asked;

/// The number of blanks after a tag.
const BLANKS: usize = 2;

/// Lays out a record. A field with nothing odd in it may be copied as a whole, which gives the same.
pub(super) fn lay_out(record: &[u8], asked: Asked, may_copy: bool, arena: &mut Arena) {
    Draft::lay_out(record, arena, |text, draft| {
        Reader { text, asked, may_copy, is_utf8: !draft.stands_in, coding: None, stands: None, draft }
            .record();
        Ok(())
    });
}

struct Reader<'a, 'b, 'c> {
    text: &'a str,
    asked: Asked,
    may_copy: bool,
    is_utf8: bool,
    /// Position 9 of the leader.
    coding: Option<u8>,
    /// What mnemonics stand for, as soon as there is one.
    stands: Option<Stands>,
    draft: &'b mut Draft<'c>,
}

impl<'a> Reader<'a, '_, '_> {
    fn record(mut self) {
        let mut lines =
            Lines::of(self.text).map(|(place, line)| (place, line, Beginning::of(line.as_bytes())));
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
            self.draft.leader(&blanks(content));
            return;
        }
        let known = tag.parse::<Tag>().ok();
        if let Some(tag) = known.filter(|_| self.may_copy)
            && self.draft.plain_field(tag, tag.is_control(), content, |bytes| copied(tag, bytes))
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
        let mut parts = rest.split('$');
        let stray = self.value(parts.next().unwrap_or_default()).into_owned();
        for part in parts {
            let part = self.value(part);
            let (code, value) = part.split_at(part.chars().next().map_or(0, char::len_utf8));
            self.draft.begin_subfield(Some(code));
            self.draft.end_subfield(value);
        }
        self.draft.end_data_field(&stray);
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
fn copied(tag: Tag, content: &mut [u8]) -> Option<usize> {
    let length = content.len();
    let (blanks, subfields) = match tag.is_control() {
        true => content.split_at_mut(length),
        false => content.split_at_mut_checked(2)?,
    };
    if let [one, other] = blanks
        && !tag.is_control()
        && !(one.is_ascii() & other.is_ascii() & (*one != b'$') & (*other != b'$')
            && matches!(subfields, [] | [b'$', ..]))
    {
        return None;
    }
    let are_plain = replace(blanks, b'\\', b' ') & replace(subfields, b'$', SUBFIELD_DELIMITER);
    are_plain.then_some(length)
}

/// Replaces a byte everywhere. False if something is odd in the text.
#[inline]
fn replace(bytes: &mut [u8], from: u8, to: u8) -> bool {
    let mut odd = 0;
    for byte in bytes {
        odd |= u8::from(*byte < b' ') | u8::from(*byte == b'{') | u8::from(*byte == 0x7F);
        *byte = if *byte == from { to } else { *byte };
    }
    odd == 0
}
