//! The fields of a record that a query looks at, as text: the others are never touched.
//!
//! A record that is plain keeps its text where it is; of any other the fields are decoded, and copied. So are those of a
//! record that has no bytes: one that rows hold.

use std::convert::Infallible;

use super::subfields::{Subfield, find_subfields};
use super::tags::{Class, NONE, Tags};
use crate::columns::layout::has_no_fault;
use crate::diagnostic::Diagnostic;
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{Entry, RecordView, SUBFIELD_DELIMITER, Tag};
use crate::record::Tell;
use crate::record::exact::leader_characters;
use crate::record::reading::Reading;
use crate::record::visit::{Value, Visit};

const DELIMITER: char = SUBFIELD_DELIMITER as char;
const USUAL_INDICATORS: [u16; 2] = [1, 1];

/// A field that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) tag: Tag,
    pub(super) class: Class,
    /// True if it has indicators and subfields.
    pub(super) is_data: bool,
    /// Its place in the record.
    pub(super) place: u32,
    start: u32,
    end: u32,
    /// The lengths of its indicators, which come first.
    indicators: [u16; 2],
    /// Where its subfields are among all.
    subfields: (u32, u32),
}

/// The fields of the current record that are looked at; their memory is reused.
#[derive(Default)]
pub(super) struct Fields {
    /// The leader and the decoded fields, of a record that is not plain.
    copy: String,
    /// The length of that leader.
    leader: u32,
    list: Vec<Field>,
    subfields: Vec<Subfield>,
}

/// The text of a record, and where in it the fields are that are looked at.
#[derive(Clone, Copy)]
pub(super) struct Looked<'a> {
    /// The leader comes first.
    pub(super) text: &'a str,
    leader: u32,
    pub(super) fields: &'a [Field],
    subfields: &'a [Subfield],
}

impl Fields {
    fn clear(&mut self) {
        self.copy.clear();
        self.list.clear();
        self.subfields.clear();
    }

    /// The quick way: `None` if anything requires the exact one.
    #[inline]
    pub(super) fn of_plain<'a>(&'a mut self, tags: &Tags, reading: &Reading<'a>) -> Option<Looked<'a>> {
        let record = reading.record();
        let text = reading.plain_text()?;
        let has_plain_edges = self.find(tags, record, text)?;
        (has_plain_edges || has_no_fault(record, text)).then_some(Looked {
            text,
            leader: LEADER_LENGTH as u32,
            fields: &self.list,
            subfields: &self.subfields,
        })
    }

    /// Finds the fields in the text of a plain record. True if the first two bytes of each field of the record, and the
    /// one after it, are ASCII: then no value can be at fault.
    #[inline(always)]
    fn find(&mut self, tags: &Tags, record: &RecordView<'_>, text: &str) -> Option<bool> {
        let (leader, bytes) = (record.leader(), text.as_bytes());
        if leader.fields_are_plain() || leader.indicators() != 2 || *bytes.first_chunk()? != leader.0 {
            return None;
        }
        if !leader.0.is_ascii() || u32::try_from(text.len()).is_err() {
            return None;
        }
        self.clear();
        let mut edges = 0;
        for (place, &Entry { tag, start, length }) in record.entries().iter().enumerate() {
            let end = start.checked_add(length)?;
            let [first, second] = *bytes.get(start as usize..)?.first_chunk()?;
            edges |= first | second | bytes.get(end as usize)?;
            let class = tags.class(tag);
            if class == NONE {
                continue;
            }
            let is_data = !tag.is_control();
            let before = self.subfields.len() as u32;
            if is_data {
                if length <= 2 || *bytes.get(start as usize + 2)? != SUBFIELD_DELIMITER {
                    return None;
                }
                find_subfields(bytes, start as usize + 2, end as usize, &mut self.subfields);
            }
            let subfields = (before, self.subfields.len() as u32);
            self.list.push(Field {
                tag,
                class,
                is_data,
                place: place as u32,
                start,
                end,
                indicators: USUAL_INDICATORS,
                subfields,
            });
        }
        Some(edges.is_ascii())
    }

    /// The exact way: every value is decoded, and everything odd is reported.
    pub(super) fn of_reading(&mut self, tags: &Tags, reading: &Reading<'_>) -> (Looked<'_>, Vec<Diagnostic>) {
        self.begin_copy(&leader_characters(&reading.record().leader().0));
        let Ok(findings) = reading.visit(&mut Copying::new(tags, self));
        (self.looked(), findings)
    }

    /// Anything that has the parts of a record; `leader` is empty if it has none.
    pub(super) fn of_parts(&mut self, tags: &Tags, leader: &str, record: &impl Tell) -> Looked<'_> {
        self.begin_copy(leader);
        let Ok(()) = record.tell(&mut Copying::new(tags, self));
        self.looked()
    }

    /// The fields alone, where the text of each is plain, whatever else is in the record; `None` if one is not.
    pub(super) fn of_plain_fields(&mut self, tags: &Tags, reading: &Reading<'_>) -> Option<Looked<'_>> {
        let record = reading.record();
        let leader = record.leader();
        if leader.fields_are_plain() || leader.indicators() != 2 || !leader.0.is_ascii() {
            return None;
        }
        self.begin_copy(std::str::from_utf8(&leader.0).ok()?);
        for (place, &Entry { tag, start, length }) in record.entries().iter().enumerate() {
            let class = tags.class(tag);
            if class == NONE {
                continue;
            }
            let field = record.bytes().get(start as usize..start.checked_add(length)? as usize)?;
            let text = reading.plain_part(field)?;
            let is_data = !tag.is_control();
            if is_data
                && !matches!(text.as_bytes(), [first, second, SUBFIELD_DELIMITER, ..] if (first | second).is_ascii())
            {
                return None;
            }
            self.begin(tag, class, is_data, place as u32);
            self.push(text);
        }
        Some(self.looked())
    }

    /// Begins the copy of a record that has this leader.
    fn begin_copy(&mut self, leader: &str) {
        self.clear();
        self.copy.push_str(leader);
        self.leader = leader.len() as u32;
    }

    fn looked(&mut self) -> Looked<'_> {
        self.split();
        Looked { text: &self.copy, leader: self.leader, fields: &self.list, subfields: &self.subfields }
    }

    /// Finds the subfields of the fields that were copied.
    fn split(&mut self) {
        for field in self.list.iter_mut().filter(|field| field.is_data) {
            let before = self.subfields.len() as u32;
            let (text, start, end) = (self.copy.as_bytes(), field.start as usize, field.end as usize);
            let first = memchr::memchr(SUBFIELD_DELIMITER, text.get(start..end).unwrap_or_default());
            if let Some(first) = first {
                find_subfields(text, start + first, end, &mut self.subfields);
            }
            field.subfields = (before, self.subfields.len() as u32);
        }
    }

    fn begin(&mut self, tag: Tag, class: Class, is_data: bool, place: u32) {
        let start = self.copy.len() as u32;
        let indicators = USUAL_INDICATORS;
        self.list.push(Field {
            tag,
            class,
            is_data,
            place,
            start,
            end: start,
            indicators,
            subfields: (0, 0),
        });
    }

    /// Appends to the field that was begun last.
    fn push(&mut self, text: &str) {
        self.copy.push_str(text);
        if let Some(field) = self.list.last_mut() {
            field.end = self.copy.len() as u32;
        }
    }
}

/// Copies the fields that are looked at.
struct Copying<'a> {
    tags: &'a Tags,
    fields: &'a mut Fields,
    /// The place of the next field in the record.
    place: u32,
    /// True if the current field is looked at.
    is_wanted: bool,
}

impl<'a> Copying<'a> {
    fn new(tags: &'a Tags, fields: &'a mut Fields) -> Copying<'a> {
        Copying { tags, fields, place: 0, is_wanted: false }
    }

    fn begin(&mut self, tag: &str, is_data: bool) {
        let place = self.place;
        self.place += 1;
        let found = tag.parse().map(|tag| (tag, self.tags.class(tag)));
        self.is_wanted = matches!(found, Ok((_, class)) if class != NONE);
        if let (true, Ok((tag, class))) = (self.is_wanted, found) {
            self.fields.begin(tag, class, is_data, place);
        }
    }

    fn push(&mut self, text: &str) {
        if self.is_wanted {
            self.fields.push(text);
        }
    }
}

impl Visit for Copying<'_> {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.begin(tag, false);
        self.push(&data.text());
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.begin(tag, true);
        indicators.iter().for_each(|indicator| self.push(indicator));
        if let Some(field) = self.fields.list.last_mut().filter(|_| self.is_wanted) {
            field.indicators = indicators.map(|it| u16::try_from(it.len()).unwrap_or(u16::MAX));
        }
        if let Some(stray) = stray {
            self.push(&stray.text());
        }
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.push("\u{1f}");
        self.push(code);
        self.push(&value.text());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl<'a> Looked<'a> {
    /// Where the leader is: nowhere, if the record has none.
    pub(super) fn leader(&self) -> (u32, u32) {
        (0, self.leader)
    }

    pub(super) fn has_leader(&self) -> bool {
        self.leader > 0
    }

    /// The number of bytes of the text.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    #[inline(always)]
    pub(super) fn text(&self, start: u32, end: u32) -> &'a str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    #[inline]
    pub(super) fn field(&self, place: u32) -> Option<&'a Field> {
        self.fields.get(place as usize)
    }

    /// Where the text of a field is.
    #[inline]
    pub(super) fn range(&self, field: &Field) -> (u32, u32) {
        (field.start, field.end)
    }

    /// The first indicator (0) or the second (1): where it is.
    pub(super) fn indicator(&self, field: &Field, which: usize) -> Option<(u32, u32)> {
        let length = *field.indicators.get(which)?;
        let before = field.indicators.iter().take(which).map(|length| u32::from(*length)).sum::<u32>();
        let start = field.start + before;
        field.is_data.then_some((start, start + u32::from(length)))
    }

    /// The text between the indicators of a data field and its first subfield, or of one without subfields.
    pub(super) fn stray(&self, field: &Field) -> Option<&'a str> {
        let indicators = field.indicators.iter().map(|length| u32::from(*length)).sum::<u32>();
        let text = self.text(field.start + indicators, field.end);
        let stray = match text.split_once(DELIMITER) {
            Some((before, _)) => Some(before).filter(|before| !before.is_empty()),
            None => Some(text),
        };
        stray.filter(|_| field.is_data)
    }

    /// All subfields, each with its code and its value.
    pub(super) fn texts(&self, field: &Field) -> impl Iterator<Item = (&'a str, &'a str)> {
        let text = if field.is_data { self.text(field.start, field.end) } else { "" };
        text.split(DELIMITER)
            .skip(1)
            .map(|subfield| subfield.split_at(subfield.chars().next().map_or(0, char::len_utf8)))
    }

    /// The subfields whose code is ASCII.
    #[inline(always)]
    pub(super) fn subfields(&self, field: &Field) -> &'a [Subfield] {
        let (from, to) = field.subfields;
        self.subfields.get(from as usize..to as usize).unwrap_or_default()
    }
}
