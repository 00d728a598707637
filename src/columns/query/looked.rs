//! The fields of a record that a query looks at, as text: the others are never touched.
//!
//! A record that is plain keeps its text where it is; of any other the fields are decoded, and copied.

use std::convert::Infallible;

use crate::columns::layout::has_no_fault;
use crate::diagnostic::Diagnostic;
use crate::iso2709::{RecordView, SUBFIELD_DELIMITER, Tag};
use crate::notation::TagPattern;
use crate::record::Tell;
use crate::record::exact::leader_characters;
use crate::record::reading::Reading;
use crate::record::visit::{Value, Visit};

const DELIMITER: char = SUBFIELD_DELIMITER as char;
const DATA_AFTER_INDICATORS: usize = 2;

/// A bit for each pattern that matches a tag. Patterns may share a bit, so a match is looked at again.
pub(super) type Mask = u64;

/// Which tags a query looks at.
pub(super) struct Tags {
    patterns: Vec<TagPattern>,
    /// For each tag of three digits its place in `masks`.
    of_digits: Box<[u8; 1000]>,
    masks: Vec<Mask>,
}

impl Tags {
    pub(super) fn new(patterns: &[TagPattern]) -> Tags {
        let mut patterns = patterns.to_vec();
        patterns.sort_by_key(|pattern| pattern.0);
        patterns.dedup();
        let mut tags = Tags { patterns, of_digits: Box::new([0; 1000]), masks: vec![0] };
        for number in 0..1000 {
            let digits = [number / 100, number / 10 % 10, number % 10].map(|digit| b'0' + digit as u8);
            let mask = tags.mask_of_patterns(Tag::of_ascii(digits));
            let known = tags.masks.iter().position(|known| *known == mask);
            // A query with more kinds of tags than there is room for looks at the fields of the others too.
            let place = known.unwrap_or_else(|| {
                if tags.masks.len() < usize::from(u8::MAX) {
                    tags.masks.push(mask);
                } else {
                    tags.masks[usize::from(u8::MAX) - 1] |= mask;
                }
                tags.masks.len() - 1
            });
            tags.of_digits[number] = place as u8;
        }
        tags
    }

    /// The patterns, in order.
    pub(super) fn patterns(&self) -> impl Iterator<Item = TagPattern> {
        self.patterns.iter().copied()
    }

    /// The bit of a pattern.
    pub(super) fn bit(&self, pattern: TagPattern) -> Mask {
        let place = self.patterns.iter().position(|known| *known == pattern);
        place.map_or(0, |place| 1 << (place % 64))
    }

    fn mask_of_patterns(&self, tag: Tag) -> Mask {
        let matching = self.patterns.iter().filter(|pattern| pattern.matches(tag));
        matching.map(|pattern| self.bit(*pattern)).fold(0, |mask, bit| mask | bit)
    }

    /// The bits of the patterns that match the tag; 0 if nothing looks at it.
    #[inline(always)]
    fn mask(&self, tag: Tag) -> Mask {
        let digits = tag.bytes().map(|byte| byte.wrapping_sub(b'0'));
        if digits.iter().all(|digit| *digit < 10) {
            let [a, b, c] = digits.map(usize::from);
            let place = self.of_digits[a * 100 + b * 10 + c];
            return self.masks.get(usize::from(place)).copied().unwrap_or(0);
        }
        self.mask_of_patterns(tag)
    }
}

/// A field that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) tag: Tag,
    pub(super) mask: Mask,
    /// True if it has indicators and subfields.
    pub(super) is_data: bool,
    /// Its place in the record.
    pub(super) place: u32,
    start: u32,
    end: u32,
}

/// The fields of the current record that are looked at; their memory is reused.
#[derive(Default)]
pub(super) struct Fields {
    /// The leader and the decoded fields, of a record that is not plain.
    copy: String,
    list: Vec<Field>,
    /// The bits of all of them.
    mask: Mask,
}

/// The text of a record, and where in it the fields are that are looked at.
#[derive(Clone, Copy)]
pub(super) struct Looked<'a> {
    text: &'a str,
    pub(super) fields: &'a [Field],
    /// The bits of all fields.
    pub(super) mask: Mask,
}

impl Fields {
    fn clear(&mut self) {
        self.copy.clear();
        self.list.clear();
        self.mask = 0;
    }

    /// The quick way: `None` if anything requires the exact one.
    #[inline]
    pub(super) fn of_plain<'a>(&'a mut self, tags: &Tags, reading: &Reading<'a>) -> Option<Looked<'a>> {
        let record = reading.record();
        let text = reading.plain_text().filter(|text| has_no_fault(record, text))?;
        self.find(tags, record, text)?;
        Some(Looked { text, fields: &self.list, mask: self.mask })
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
            let mask = tags.mask(entry.tag);
            if mask == 0 {
                continue;
            }
            let (start, end) = (entry.start, entry.start.checked_add(entry.length)?);
            let is_data = !entry.tag.is_control();
            if is_data {
                let [first, second, delimiter] = *text.as_bytes().get(start as usize..)?.first_chunk()?;
                if !(first | second).is_ascii() || delimiter != SUBFIELD_DELIMITER || entry.length < 3 {
                    return None;
                }
            }
            self.mask |= mask;
            self.list.push(Field { tag: entry.tag, mask, is_data, place: place as u32, start, end });
        }
        Some(())
    }

    /// The exact way: every value is decoded, and everything odd is reported.
    pub(super) fn of_reading(&mut self, tags: &Tags, reading: &Reading<'_>) -> (Looked<'_>, Vec<Diagnostic>) {
        self.clear();
        self.copy.push_str(&leader_characters(&reading.record().leader().0));
        let mut copying = Copying { tags, fields: self, place: 0, is_wanted: false };
        let Ok(findings) = reading.visit(&mut copying);
        (self.looked(), findings)
    }

    /// The fields of a record that is text already.
    pub(super) fn of_record(&mut self, tags: &Tags, record: &impl Tell) -> Looked<'_> {
        self.clear();
        self.copy.push_str(&leader_characters(&record.leader().0));
        let mut copying = Copying { tags, fields: self, place: 0, is_wanted: false };
        let Ok(()) = record.tell(&mut copying);
        self.looked()
    }

    /// The fields alone, where the text of each is plain, whatever else is in the record; `None` if one is not.
    pub(super) fn of_parts(&mut self, tags: &Tags, reading: &Reading<'_>) -> Option<Looked<'_>> {
        let record = reading.record();
        let leader = record.leader();
        if leader.fields_are_plain() || leader.indicators() != 2 || !leader.0.is_ascii() {
            return None;
        }
        self.clear();
        self.copy.push_str(std::str::from_utf8(&leader.0).ok()?);
        for (place, field) in record.fields().enumerate() {
            let mask = tags.mask(field.tag());
            if mask == 0 {
                continue;
            }
            let text = reading.plain_part(field.bytes())?;
            let is_data = !field.tag().is_control();
            if is_data
                && !matches!(text.as_bytes(), [first, second, SUBFIELD_DELIMITER, ..] if (first | second).is_ascii())
            {
                return None;
            }
            self.begin(field.tag(), mask, is_data, place as u32);
            self.push(text);
        }
        Some(self.looked())
    }

    fn looked(&self) -> Looked<'_> {
        Looked { text: &self.copy, fields: &self.list, mask: self.mask }
    }

    fn begin(&mut self, tag: Tag, mask: Mask, is_data: bool, place: u32) {
        let start = self.copy.len() as u32;
        self.mask |= mask;
        self.list.push(Field { tag, mask, is_data, place, start, end: start });
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

impl Copying<'_> {
    fn begin(&mut self, tag: &str, is_data: bool) {
        let place = self.place;
        self.place += 1;
        let mask = tag.parse().map(|tag| (tag, self.tags.mask(tag)));
        self.is_wanted = matches!(mask, Ok((_, mask)) if mask != 0);
        if let (true, Ok((tag, mask))) = (self.is_wanted, mask) {
            self.fields.begin(tag, mask, is_data, place);
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
        for indicator in indicators {
            self.push(indicator.get(..indicator.chars().next().map_or(0, char::len_utf8)).unwrap_or(" "));
            if indicator.is_empty() {
                self.push(" ");
            }
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

/// A subfield: its code, if that is ASCII, and where its value is in the text of the record.
pub(super) struct Subfield {
    pub(super) code: u8,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl<'a> Looked<'a> {
    /// The leader.
    pub(super) fn leader(&self) -> (u32, u32) {
        let end = self.text.char_indices().nth(24).map_or(self.text.len(), |(place, _)| place);
        (0, end as u32)
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
        let text = self.text(field.start, field.end);
        let (place, character) = text.char_indices().nth(which).filter(|_| field.is_data)?;
        let start = field.start + place as u32;
        Some((start, start + character.len_utf8() as u32))
    }

    /// The text between the indicators of a data field and its first subfield.
    pub(super) fn stray(&self, field: &Field) -> Option<&'a str> {
        let text = self.text(field.start, field.end);
        let head = text.split(DELIMITER).next().unwrap_or_default();
        let place = head.char_indices().nth(DATA_AFTER_INDICATORS)?.0;
        head.get(place..).filter(|_| field.is_data)
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
    pub(super) fn subfields(&self, field: &Field) -> Subfields<'a> {
        let text = if field.is_data { self.text(field.start, field.end).as_bytes() } else { b"" };
        let next = memchr::memchr(SUBFIELD_DELIMITER, text).unwrap_or(text.len());
        Subfields { text, next, before: field.start }
    }
}

/// An iterator over subfields.
pub(super) struct Subfields<'a> {
    text: &'a [u8],
    /// The place of the next delimiter, or the end.
    next: usize,
    /// Where the field begins.
    before: u32,
}

impl Iterator for Subfields<'_> {
    type Item = Subfield;

    #[inline(always)]
    fn next(&mut self) -> Option<Subfield> {
        loop {
            let rest = self.text.get(self.next + 1..)?;
            let length = memchr::memchr(SUBFIELD_DELIMITER, rest).unwrap_or(rest.len());
            let start = self.next + 1;
            self.next = start + length;
            if let Some(code) = rest.first().filter(|code| length > 0 && code.is_ascii()) {
                let (start, end) = (start as u32 + 1 + self.before, self.next as u32 + self.before);
                return Some(Subfield { code: *code, start, end });
            }
        }
    }
}
