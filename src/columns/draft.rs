//! The quick way: the rows of one record, laid out side by side before they are appended anywhere.
//!
//! Nearly every record is sound and plain. One sweep over its bytes finds the delimiters, and the values between them
//! are copied unchanged. If anything is not as it should be, the draft is abandoned; since nothing was appended, it
//! leaves no trace. Then the exact way (`record/exact.rs`) decodes the record value by value. All memory is reserved
//! before the first field, and written without checking capacity.

use super::buffers::Text;
use super::delimiters::Delimiters;
use crate::iso2709::{Entry, RecordView, SUBFIELD_DELIMITER, Tag};
use crate::record::exact::is_usual_code;

/// Copy a fixed 64 bytes per value: most values are shorter, and a `memcpy` call costs more.
const STRIDE: usize = 64;

/// The memory of a draft, reused from record to record.
#[derive(Default)]
pub(super) struct Draft {
    delimiters: Delimiters,
    tags: Vec<[u8; 3]>,
    ind1: Vec<u8>,
    ind2: Vec<u8>,
    is_data: Vec<bool>,
    values: TextRoom,
    field_ends: Vec<u32>,
    codes: Vec<u8>,
    subfield_values: TextRoom,
}

/// What a sound and plain record adds to the columns.
pub(super) struct Rows<'a> {
    pub(super) control_number: Option<&'a str>,
    pub(super) tags: &'a [[u8; 3]],
    pub(super) ind1: &'a [u8],
    pub(super) ind2: &'a [u8],
    /// True for a data field, which has indicators and subfields; a control field has a value.
    pub(super) is_data: &'a [bool],
    pub(super) values: Text<'a>,
    /// The number of subfields up to the end of each field.
    pub(super) field_ends: &'a [u32],
    pub(super) codes: &'a [u8],
    pub(super) subfield_values: Text<'a>,
}

impl Draft {
    /// The rows of a record whose bytes are `text`; `None` if anything about it requires the exact way.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub(super) fn rows<'a>(&'a mut self, record: &RecordView<'a>, text: &'a str) -> Option<Rows<'a>> {
        let leader = record.leader();
        // A byte above 7F in the leader is a character of its own, whatever the text says.
        if leader.fields_are_plain() || leader.indicators() != 2 || !leader.0.is_ascii() {
            return None;
        }
        let (fields, first) = (record.entries().len(), record.entries().first()?);
        // Places in the text are 32-bit numbers.
        if !text.is_char_boundary(first.start as usize) || u32::try_from(text.len()).is_err() {
            return None;
        }
        let subfields = self.lay_out(text, record.entries())?;
        // SAFETY: the record is plain, so that fields follow each other from the first byte of a character on, and
        // each value is what is in `text` between two delimiters, or between one and a subfield code: all of them
        // ASCII.
        let (values, subfield_values) =
            unsafe { (self.values.filled(fields)?, self.subfield_values.filled(subfields)?) };
        let number = record.entries().iter().find(|entry| entry.tag == Tag::CONTROL_NUMBER);
        Some(Rows {
            control_number: match number {
                Some(entry) => Some(text.get(entry.start as usize..(entry.start + entry.length) as usize)?),
                None => None,
            },
            tags: self.tags.get(..fields)?,
            ind1: self.ind1.get(..fields)?,
            ind2: self.ind2.get(..fields)?,
            is_data: self.is_data.get(..fields)?,
            values,
            field_ends: self.field_ends.get(..fields)?,
            codes: self.codes.get(..subfields)?,
            subfield_values,
        })
    }

    /// Lays out the record and returns the number of subfields.
    fn lay_out(&mut self, text: &str, entries: &[Entry]) -> Option<usize> {
        self.delimiters.find(text.as_bytes(), entries.first()?.start as usize);
        // Each field ends in a delimiter, and so does the record; every other delimiter begins a subfield.
        let subfields = self.delimiters.places().len().checked_sub(entries.len() + 1)?;
        self.make_room(text.len(), entries.len(), subfields);
        let is_plain = self.fill_tags(entries)? & self.fill_fields(text.as_bytes(), entries, subfields)?;
        is_plain.then_some(subfields)
    }

    fn make_room(&mut self, bytes: usize, fields: usize, subfields: usize) {
        if self.tags.len() < fields {
            self.tags.resize(fields, [0; 3]);
            self.ind1.resize(fields, 0);
            self.ind2.resize(fields, 0);
            self.is_data.resize(fields, false);
            self.field_ends.resize(fields, 0);
        }
        if self.codes.len() < subfields {
            self.codes.resize(subfields, 0);
        }
        self.values.make_room(bytes, fields);
        self.subfield_values.make_room(bytes, subfields);
    }

    #[inline(always)]
    fn fill_tags(&mut self, entries: &[Entry]) -> Option<bool> {
        let tags = self.tags.get_mut(..entries.len())?;
        let is_data = self.is_data.get_mut(..entries.len())?;
        let (mut seen, mut is_plain) = (0, true);
        for ((tag, is_data), Entry { tag: found, .. }) in tags.iter_mut().zip(is_data).zip(entries) {
            let once = found.unrepeatable();
            is_plain &= found.is_usual() & (seen & once == 0);
            seen |= once;
            *tag = found.bytes();
            *is_data = !found.is_control();
        }
        Some(is_plain)
    }

    #[inline(always)]
    fn fill_fields(&mut self, bytes: &[u8], entries: &[Entry], subfields: usize) -> Option<bool> {
        let fields = entries.len();
        let mut places = self.delimiters.places().iter();
        let ind1 = self.ind1.get_mut(..fields)?;
        let ind2 = self.ind2.get_mut(..fields)?;
        let field_ends = self.field_ends.get_mut(..fields)?;
        let codes = self.codes.get_mut(..subfields)?;
        let mut values = self.values.pen(fields)?;
        let mut subfield_values = self.subfield_values.pen(subfields)?;
        let (mut is_plain, mut subfield, mut after) = (true, 0, entries.first()?.start);
        for (field, &Entry { tag, start, length }) in entries.iter().enumerate() {
            let end = start.checked_add(length)?;
            // Fields follow each other, so each value is between delimiters and consists of whole characters.
            is_plain &= start == after;
            after = end.wrapping_add(1);
            let mut delimiter = *places.next()?;
            if tag.is_control() {
                is_plain &= delimiter == end;
                (ind1[field], ind2[field]) = (b' ', b' ');
                values.write(field, bytes, start, end)?;
            } else {
                let [first, second] = *bytes.get(start as usize..)?.first_chunk()?;
                is_plain &= (first | second).is_ascii() & (delimiter == start + 2);
                (ind1[field], ind2[field]) = (first, second);
                loop {
                    let next = *places.next()?;
                    let [begin, code] = subfield_values.write_after_code(subfield, bytes, delimiter, next)?;
                    is_plain &= (begin == SUBFIELD_DELIMITER) & is_usual_code(code);
                    *codes.get_mut(subfield)? = code;
                    subfield += 1;
                    if next >= end {
                        is_plain &= next == end;
                        break;
                    }
                    delimiter = next;
                }
                values.write_nothing(field)?;
            }
            field_ends[field] = subfield as u32;
        }
        Some(is_plain & (subfield == subfields))
    }
}

/// Memory for concatenated values.
#[derive(Default)]
struct TextRoom {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl TextRoom {
    fn make_room(&mut self, bytes: usize, values: usize) {
        if self.bytes.len() < bytes + STRIDE {
            self.bytes.resize(bytes + STRIDE, 0);
        }
        if self.ends.len() < values {
            self.ends.resize(values, 0);
        }
    }

    fn pen(&mut self, values: usize) -> Option<Pen<'_>> {
        Some(Pen { bytes: &mut self.bytes, ends: self.ends.get_mut(..values)?, written: 0 })
    }

    /// The first `values` values, as a [`Pen`] wrote them.
    ///
    /// # Safety
    ///
    /// Each value consisted of whole characters of a `str`.
    #[allow(unsafe_code)]
    unsafe fn filled(&self, values: usize) -> Option<Text<'_>> {
        let ends = self.ends.get(..values)?;
        let bytes = self.bytes.get(..ends.last().map_or(0, |&end| end as usize))?;
        // SAFETY: a pen writes from the first value to the last, and what it has written so far is where each ends;
        // that they are text is the caller's obligation.
        Some(unsafe { Text::new_unchecked(bytes, ends) })
    }
}

/// Writes values into a [`TextRoom`], from the first to the last.
struct Pen<'a> {
    bytes: &'a mut [u8],
    ends: &'a mut [u32],
    written: u32,
}

impl Pen<'_> {
    /// Writes `source[start..end]`.
    #[inline(always)]
    fn write(&mut self, value: usize, source: &[u8], start: u32, end: u32) -> Option<()> {
        let (start, end, written) = (start as usize, end as usize, self.written as usize);
        let bytes = source.get(start..end)?;
        self.bytes.get_mut(written..written + bytes.len())?.copy_from_slice(bytes);
        self.written += bytes.len() as u32;
        self.write_nothing(value)
    }

    /// Writes what is between `start` and `end` except the first two bytes, which it returns.
    #[inline(always)]
    fn write_after_code(&mut self, value: usize, source: &[u8], start: u32, end: u32) -> Option<[u8; 2]> {
        let length = end.wrapping_sub(start + 2);
        let (from, to) = (start as usize, self.written as usize);
        let stride = source.get(from..from + 2 + STRIDE).and_then(<[u8]>::first_chunk::<{ 2 + STRIDE }>);
        let room = self.bytes.get_mut(to..to + STRIDE).and_then(<[u8]>::first_chunk_mut::<STRIDE>);
        match (stride, room) {
            (Some([first, second, stride @ ..]), Some(room)) if length as usize <= STRIDE => {
                *room = *stride;
                self.written += length;
                self.write_nothing(value)?;
                Some([*first, *second])
            }
            _ => self.write_long(value, source, start, end),
        }
    }

    /// The same for any length, and up to the end of the source.
    #[inline(never)]
    fn write_long(&mut self, value: usize, source: &[u8], start: u32, end: u32) -> Option<[u8; 2]> {
        self.write(value, source, start + 2, end)?;
        source.get(start as usize..)?.first_chunk().copied()
    }

    #[inline(always)]
    fn write_nothing(&mut self, value: usize) -> Option<()> {
        *self.ends.get_mut(value)? = self.written;
        Some(())
    }
}
