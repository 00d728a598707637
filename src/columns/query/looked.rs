//! The fields that a query looks at, as text: the others are never touched. They are those of some records, which are
//! looked at together.
//!
//! The text of a record that is plain is copied as it stands; of any other the fields are decoded. So are those of a
//! record that has no bytes: one that rows hold.

use std::convert::Infallible;

use super::subfields::Subfields;
use super::tags::{Class, NONE, Tags};
use super::text::range_of;
use super::values::Held;
use crate::columns::layout::has_no_fault;
use crate::diagnostic::Diagnostic;
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{Entry, RecordView, SUBFIELD_DELIMITER, Tag};
use crate::pen::STRIDE;
use crate::record::Tell;
use crate::record::exact::leader_characters;
use crate::record::reading::Reading;
use crate::record::visit::{Value, Visit};

const DELIMITER: char = SUBFIELD_DELIMITER as char;
const USUAL_INDICATORS: [u16; 2] = [1, 1];
/// Stands behind each plain record, so that whatever begins in it can be read a block at a time.
const PADDING: &str = match std::str::from_utf8(&[b' '; STRIDE]) {
    Ok(blanks) => blanks,
    Err(_) => "",
};

/// A field that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) tag: Tag,
    pub(super) class: Class,
    /// True if it has indicators and subfields.
    pub(super) is_data: bool,
    /// True of a control field that is known to be ASCII.
    pub(super) is_ascii: bool,
    /// Where it begins in the bytes of its record.
    pub(super) offset: u32,
    start: u32,
    end: u32,
    /// Where the delimiter of its first subfield is: not before its end, if it has none.
    delimiter: u32,
    /// The lengths of its indicators, which come first.
    indicators: [u16; 2],
}

/// Records, and where in their text the fields are that are looked at; their memory is reused.
#[derive(Default)]
pub(super) struct Looked {
    /// The text of the records, and what functions make of it.
    text: String,
    fields: Vec<Field>,
    records: Vec<Place>,
    /// What is being made.
    made: String,
}

/// Where a record is.
#[derive(Clone, Copy)]
struct Place {
    /// Its leader in the text: nowhere, if it has none.
    leader: (u32, u32),
    /// Its fields among all.
    fields: (u32, u32),
}

/// One of the records.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) all: &'a Looked,
    place: Place,
}

/// The length of [`Looked`] at some moment.
#[derive(Clone, Copy)]
struct Mark {
    text: usize,
    fields: usize,
}

impl Looked {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.records.clear();
    }

    /// The number of records.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Adds a record the quick way: `None` if anything requires the exact one.
    #[inline]
    pub(super) fn push_plain(&mut self, tags: &Tags, reading: &Reading<'_>) -> Option<()> {
        let record = reading.record();
        let text = reading.plain_text()?;
        let before = self.mark();
        match self.find(tags, record, text) {
            Some(has_plain_edges) if has_plain_edges || has_no_fault(record, text) => {
                self.note(before, LEADER_LENGTH);
                Some(())
            }
            _ => {
                self.cut(before);
                None
            }
        }
    }

    /// Finds the fields in the text of a plain record. True if the first two bytes of each field of the record, and the
    /// one after it, are ASCII: then no value can be at fault.
    #[inline(always)]
    fn find(&mut self, tags: &Tags, record: &RecordView<'_>, text: &str) -> Option<bool> {
        let (leader, bytes) = (record.leader(), text.as_bytes());
        if record.promises_plain_fields() || record.indicators() != 2 || *bytes.first_chunk()? != leader.0 {
            return None;
        }
        if !leader.0.is_ascii() || u32::try_from(self.text.len() + text.len()).is_err() {
            return None;
        }
        let before = self.text.len();
        self.text.push_str(text);
        self.text.push_str(PADDING);
        let (bytes, before) = (self.text.as_bytes().get(before..)?, before as u32);
        let mut edges = 0;
        for &Entry { tag, is_control, start, length } in record.entries() {
            let (from, to) = (start as usize, start as usize + length as usize);
            let head: &[u8; 3] = bytes.get(from..from + 3)?.first_chunk()?;
            edges |= head[0] | head[1] | bytes.get(to)?;
            let class = tags.class(tag);
            if class == NONE {
                continue;
            }
            let is_data = !is_control;
            if is_data && (length < 3 || !begins_as_usual(head)) {
                return None;
            }
            let is_ascii = is_control && bytes.get(from..to)?.is_ascii();
            self.fields.push(Field {
                tag,
                class,
                is_data,
                is_ascii,
                offset: start,
                start: before + start,
                end: before + to as u32,
                delimiter: if is_data { before + start + 2 } else { u32::MAX },
                indicators: USUAL_INDICATORS,
            });
        }
        Some(edges.is_ascii())
    }

    /// Adds a record the exact way, if it is `wanted` in spite of what is odd about it: every value is decoded, and
    /// everything odd is reported.
    pub(super) fn push_reading(
        &mut self,
        tags: &Tags,
        reading: &Reading<'_>,
        wanted: impl FnOnce(&[Diagnostic]) -> bool,
    ) -> Vec<Diagnostic> {
        let leader = leader_characters(&reading.record().leader().0);
        let before = self.begin(&leader);
        let Ok(findings) = reading.visit(&mut Copying::new(tags, self, reading.record().entries()));
        match wanted(&findings) {
            true => self.end(before, leader.len()),
            false => self.cut(before),
        }
        findings
    }

    /// Adds anything that has the parts of a record; `leader` is empty if it has none. Returns the number of bytes
    /// that are looked at.
    pub(super) fn push_parts(&mut self, tags: &Tags, leader: &str, record: &impl Tell) -> usize {
        let before = self.begin(leader);
        let Ok(()) = record.tell(&mut Copying::new(tags, self, &[]));
        let bytes = self.text.len() - before.text;
        self.end(before, leader.len());
        bytes
    }

    /// Adds the fields of a record alone, where the text of each is plain, whatever else is in it; `None` if one is not.
    pub(super) fn push_plain_fields(&mut self, tags: &Tags, reading: &Reading<'_>) -> Option<()> {
        let record = reading.record();
        let leader = record.leader();
        if record.promises_plain_fields() || record.indicators() != 2 || !leader.0.is_ascii() {
            return None;
        }
        let before = self.begin(std::str::from_utf8(&leader.0).ok()?);
        let copied = self.copy_plain_fields(tags, reading);
        match copied {
            Some(()) => self.note(before, LEADER_LENGTH),
            None => self.cut(before),
        }
        copied
    }

    fn copy_plain_fields(&mut self, tags: &Tags, reading: &Reading<'_>) -> Option<()> {
        let record = reading.record();
        for &Entry { tag, is_control, start, length } in record.entries() {
            let class = tags.class(tag);
            if class == NONE {
                continue;
            }
            let field = record.bytes().get(start as usize..start.checked_add(length)? as usize)?;
            let text = reading.plain_part(field)?;
            let is_data = !is_control;
            if is_data && !begins_as_usual(text.as_bytes()) {
                return None;
            }
            self.begin_field(tag, class, is_data, start);
            self.push(text);
        }
        Some(())
    }

    fn mark(&self) -> Mark {
        Mark { text: self.text.len(), fields: self.fields.len() }
    }

    fn cut(&mut self, mark: Mark) {
        self.text.truncate(mark.text);
        self.fields.truncate(mark.fields);
    }

    /// Begins the copy of a record that has this leader.
    fn begin(&mut self, leader: &str) -> Mark {
        let before = self.mark();
        self.text.push_str(leader);
        before
    }

    /// Ends the copy of a record that has so many bytes of leader, and fields that may begin in any way.
    fn end(&mut self, before: Mark, leader: usize) {
        self.find_delimiters(before);
        self.note(before, leader);
    }

    /// Notes where a record is that has so many bytes of leader.
    #[inline(always)]
    fn note(&mut self, before: Mark, leader: usize) {
        let (start, first) = (before.text as u32, before.fields as u32);
        self.records.push(Place {
            leader: (start, start + leader as u32),
            fields: (first, self.fields.len() as u32),
        });
    }

    /// Finds where the subfields begin in the fields that were copied since then.
    fn find_delimiters(&mut self, since: Mark) {
        for field in self.fields.iter_mut().skip(since.fields).filter(|field| field.is_data) {
            let text = self.text.as_bytes().get(field.start as usize..field.end as usize).unwrap_or_default();
            let before = match begins_as_usual(text) {
                true => 2,
                false => memchr::memchr(SUBFIELD_DELIMITER, text).unwrap_or(text.len()),
            };
            field.delimiter = field.start + before as u32;
        }
    }

    fn begin_field(&mut self, tag: Tag, class: Class, is_data: bool, offset: u32) {
        let start = self.text.len() as u32;
        let indicators = USUAL_INDICATORS;
        self.fields.push(Field {
            tag,
            class,
            is_data,
            is_ascii: false,
            offset,
            start,
            end: start,
            delimiter: if is_data { start + 2 } else { u32::MAX },
            indicators,
        });
    }

    /// Appends to the field that was begun last.
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        if let Some(field) = self.fields.last_mut() {
            field.end = self.text.len() as u32;
        }
    }
}

/// Whether a data field begins with two indicators in ASCII, and a subfield.
#[inline(always)]
fn begins_as_usual(field: &[u8]) -> bool {
    let is_indicator = |byte: u8| byte.is_ascii() && byte != SUBFIELD_DELIMITER;
    matches!(field, [first, second, SUBFIELD_DELIMITER, ..] if is_indicator(*first) & is_indicator(*second))
}

/// Copies the fields that are looked at.
struct Copying<'a> {
    tags: &'a Tags,
    looked: &'a mut Looked,
    /// The entries of the fields that follow, as far as they are known.
    entries: std::slice::Iter<'a, Entry>,
    /// True if the current field is looked at.
    is_wanted: bool,
}

impl<'a> Copying<'a> {
    fn new(tags: &'a Tags, looked: &'a mut Looked, entries: &'a [Entry]) -> Copying<'a> {
        Copying { tags, looked, entries: entries.iter(), is_wanted: false }
    }

    fn begin(&mut self, tag: &str, is_data: bool) {
        let offset = self.entries.next().map_or(0, |entry| entry.start);
        let found = tag.parse().map(|tag| (tag, self.tags.class(tag)));
        self.is_wanted = matches!(found, Ok((_, class)) if class != NONE);
        if let (true, Ok((tag, class))) = (self.is_wanted, found) {
            self.looked.begin_field(tag, class, is_data, offset);
        }
    }

    fn push(&mut self, text: &str) {
        if self.is_wanted {
            self.looked.push(text);
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
        if let Some(field) = self.looked.fields.last_mut().filter(|_| self.is_wanted) {
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

impl Looked {
    /// The records, in order.
    #[inline(always)]
    pub(super) fn records(&self) -> impl ExactSizeIterator<Item = Record<'_>> {
        self.records.iter().map(|place| Record { all: self, place: *place })
    }

    /// The record at this place.
    pub(super) fn record(&self, record: usize) -> Option<Record<'_>> {
        self.records.get(record).map(|place| Record { all: self, place: *place })
    }

    /// All text.
    #[inline(always)]
    pub(super) fn all_text(&self) -> &str {
        &self.text
    }

    #[inline(always)]
    pub(super) fn text(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The text that is held; `None` for null and for what is not text.
    #[inline(always)]
    pub(super) fn text_of(&self, held: Held) -> Option<&str> {
        match held {
            Held::Text(start, end) => Some(self.text(start, end)),
            _ => None,
        }
    }

    /// What holds a part of the text.
    pub(super) fn place_of(&self, part: &str) -> Held {
        let range = range_of(&self.text, part);
        Held::Text(range.start as u32, range.end as u32)
    }

    /// Makes text of what is held: `write` appends it to an empty one.
    pub(super) fn make(&mut self, of: Held, write: impl FnOnce(&str, &mut String)) -> Held {
        let mut made = std::mem::take(&mut self.made);
        made.clear();
        write(self.text_of(of).unwrap_or_default(), &mut made);
        let held = self.add(&made);
        self.made = made;
        held
    }

    /// Adds a text.
    pub(super) fn add(&mut self, text: &str) -> Held {
        let start = self.text.len();
        self.text.push_str(text);
        Held::Text(start as u32, self.text.len() as u32)
    }

    /// Makes one text of several: of those that are not empty, with a separator between them.
    pub(super) fn join(&mut self, parts: impl Iterator<Item = Held>, separator: &str) -> Held {
        let start = self.text.len();
        for held in parts {
            let Held::Text(from, to) = held else { continue };
            if from == to {
                continue;
            }
            if self.text.len() > start {
                self.text.push_str(separator);
            }
            self.text.extend_from_within(from as usize..to as usize);
        }
        Held::Text(start as u32, self.text.len() as u32)
    }

    #[inline]
    pub(super) fn field(&self, place: u32) -> Option<&Field> {
        self.fields.get(place as usize)
    }

    /// Where the text of a field is.
    #[inline]
    pub(super) fn range(&self, field: &Field) -> (u32, u32) {
        (field.start, field.end)
    }

    /// The first indicator (0) or the second (1): where it is.
    pub(super) fn indicator(&self, field: &Field, which: usize) -> Option<(u32, u32)> {
        let [first, second] = field.indicators.map(u32::from);
        let (start, length) = match which {
            0 => (field.start, first),
            _ => (field.start + first, second),
        };
        field.is_data.then_some((start, start + length))
    }

    /// The text between the indicators of a data field and its first subfield, or of one without subfields.
    pub(super) fn stray(&self, field: &Field) -> Option<&str> {
        let indicators = field.indicators.iter().map(|length| u32::from(*length)).sum::<u32>();
        let text = self.text(field.start + indicators, field.end);
        let stray = match text.split_once(DELIMITER) {
            Some((before, _)) => Some(before).filter(|before| !before.is_empty()),
            None => Some(text),
        };
        stray.filter(|_| field.is_data)
    }

    /// All subfields, each with its code and its value.
    pub(super) fn texts(&self, field: &Field) -> impl Iterator<Item = (&str, &str)> {
        let text = if field.is_data { self.text(field.start, field.end) } else { "" };
        text.split(DELIMITER)
            .skip(1)
            .map(|subfield| subfield.split_at(subfield.chars().next().map_or(0, char::len_utf8)))
    }

    /// The subfields whose code is ASCII.
    #[inline(always)]
    pub(super) fn subfields(&self, field: &Field) -> Subfields<'_> {
        Subfields::new(self.text.as_bytes(), field.delimiter, field.end)
    }
}

impl<'a> Record<'a> {
    /// Where the leader is: nowhere, if the record has none.
    pub(super) fn leader(&self) -> (u32, u32) {
        self.place.leader
    }

    pub(super) fn has_leader(&self) -> bool {
        self.place.leader.0 < self.place.leader.1
    }

    /// Its fields.
    #[inline(always)]
    pub(super) fn fields(&self) -> &'a [Field] {
        let (from, to) = self.place.fields;
        self.all.fields.get(from as usize..to as usize).unwrap_or_default()
    }

    /// The same, each with its place among all fields.
    #[inline(always)]
    pub(super) fn placed_fields(&self) -> impl Iterator<Item = (u32, &'a Field)> {
        (self.place.fields.0..).zip(self.fields())
    }
}
