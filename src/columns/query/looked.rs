//! The fields of a record that a query looks at, as text: the others are never touched.
//!
//! A record that is plain keeps its text where it is; of any other the fields are decoded, and copied. So are those of a
//! record that has no bytes: one that rows hold.

use std::convert::Infallible;

use super::tags::{Class, Tags};
use crate::columns::layout::has_no_fault;
use crate::diagnostic::Diagnostic;
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{RecordView, SUBFIELD_DELIMITER, Tag};
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

/// A subfield whose code is ASCII: where its value is in the text of the record.
#[derive(Clone, Copy)]
pub(super) struct Subfield {
    pub(super) code: u8,
    pub(super) start: u32,
    pub(super) end: u32,
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
    text: &'a str,
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
        let text = reading.plain_text().filter(|text| has_no_fault(record, text))?;
        self.find(tags, record, text)?;
        Some(Looked { text, leader: LEADER_LENGTH as u32, fields: &self.list, subfields: &self.subfields })
    }

    /// Finds the fields in the text of a plain record.
    #[inline(always)]
    fn find(&mut self, tags: &Tags, record: &RecordView<'_>, text: &str) -> Option<()> {
        let leader = record.leader();
        if leader.fields_are_plain() || leader.indicators() != 2 || text.as_bytes().get(..24)? != leader.0 {
            return None;
        }
        if !leader.0.is_ascii() || u32::try_from(text.len()).is_err() {
            return None;
        }
        self.clear();
        for (place, entry) in record.entries().iter().enumerate() {
            let class = tags.class(entry.tag);
            if class == 0 {
                continue;
            }
            let (start, end) = (entry.start, entry.start.checked_add(entry.length)?);
            let is_data = !entry.tag.is_control();
            let first = self.subfields.len() as u32;
            if is_data {
                let field = text.as_bytes().get(start as usize..end as usize)?;
                let [first, second, delimiter] = *field.first_chunk()?;
                if !(first | second).is_ascii() || delimiter != SUBFIELD_DELIMITER {
                    return None;
                }
                find_subfields(field, start, 2, &mut self.subfields);
            }
            let subfields = (first, self.subfields.len() as u32);
            self.list.push(Field {
                tag: entry.tag,
                class,
                is_data,
                place: place as u32,
                start,
                end,
                indicators: USUAL_INDICATORS,
                subfields,
            });
        }
        Some(())
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
        for (place, field) in record.fields().enumerate() {
            let class = tags.class(field.tag());
            if class == 0 {
                continue;
            }
            let text = reading.plain_part(field.bytes())?;
            let is_data = !field.tag().is_control();
            if is_data
                && !matches!(text.as_bytes(), [first, second, SUBFIELD_DELIMITER, ..] if (first | second).is_ascii())
            {
                return None;
            }
            self.begin(field.tag(), class, is_data, place as u32);
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
            let first = self.subfields.len() as u32;
            let text = self.copy.as_bytes().get(field.start as usize..field.end as usize).unwrap_or_default();
            if let Some(delimiter) = memchr::memchr(SUBFIELD_DELIMITER, text) {
                find_subfields(text, field.start, delimiter, &mut self.subfields);
            }
            field.subfields = (first, self.subfields.len() as u32);
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
        self.is_wanted = matches!(found, Ok((_, class)) if class != 0);
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

/// Finds the subfields of a field that begins at `start`; the first delimiter is `delimiter` bytes behind that.
#[inline(always)]
fn find_subfields(field: &[u8], start: u32, delimiter: usize, to: &mut Vec<Subfield>) {
    let mut from = delimiter + 1;
    let ends = memchr::memchr_iter(SUBFIELD_DELIMITER, field.get(from..).unwrap_or_default());
    for end in ends.map(|end| delimiter + 1 + end).chain([field.len()]) {
        if let Some(code) = field.get(from..end).and_then(<[u8]>::first).filter(|code| code.is_ascii()) {
            to.push(Subfield { code: *code, start: start + from as u32 + 1, end: start + end as u32 });
        }
        from = end + 1;
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
