//! The quick way: the rows of one record, laid out side by side before they are appended anywhere.
//!
//! Nearly every record is sound and plain. One sweep over its bytes finds the delimiters, and the values between them
//! are copied unchanged. If anything is not as it should be, the draft is abandoned; since nothing was appended, it
//! leaves no trace. Then the exact way (`record/exact.rs`) decodes the record value by value. All memory is reserved
//! before the first field, and written without checking capacity.

use super::buffers::Text;
use super::delimiters::Delimiters;
use crate::iso2709::{Entry, FIELD_TERMINATOR, RECORD_TERMINATOR, RecordView, Tag};
use crate::pen::{Pen, STRIDE};
use crate::record::exact::is_usual_code;

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
        if record.promises_plain_fields() || record.indicators() != 2 || !leader.0.is_ascii() {
            return None;
        }
        let (fields, first) = (record.entries().len(), record.entries().first()?);
        // Places in the text are 32-bit numbers.
        if !text.is_char_boundary(first.start as usize) || i32::try_from(text.len()).is_err() {
            return None;
        }
        let subfields = self.lay_out(text, record.entries())?;
        // SAFETY: the record is plain, so that fields follow each other from the first byte of a character on, and
        // each value is what is in `text` between two delimiters, or between one and a subfield code: all of them
        // ASCII.
        let (values, subfield_values) =
            unsafe { (self.values.filled(fields)?, self.subfield_values.filled(subfields)?) };
        let number =
            record.entries().iter().find(|entry| entry.tag == Tag::CONTROL_NUMBER && entry.is_control);
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
    #[allow(unsafe_code)]
    fn lay_out(&mut self, text: &str, entries: &[Entry]) -> Option<usize> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("popcnt")
        {
            // SAFETY: the processor has these instructions, as was just asked.
            return unsafe { self.lay_out_with_avx2(text, entries) };
        }
        self.lay_out_anywhere(text, entries)
    }

    /// The same with instructions that not all processors have.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn lay_out_with_avx2(&mut self, text: &str, entries: &[Entry]) -> Option<usize> {
        self.lay_out_anywhere(text, entries)
    }

    #[inline(always)]
    fn lay_out_anywhere(&mut self, text: &str, entries: &[Entry]) -> Option<usize> {
        let bytes = text.as_bytes();
        self.delimiters.find(bytes, entries.first()?.start as usize);
        let subfields = self.delimiters.places().len().checked_sub(1)?;
        // Each field ends in a terminator, and so does the record.
        if self.delimiters.others() != entries.len() + 1 || bytes.last() != Some(&RECORD_TERMINATOR) {
            return None;
        }
        self.make_room(bytes.len(), entries.len(), subfields);
        let is_plain = self.fill_tags(entries)? & self.fill_fields(bytes, entries, subfields)?;
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
        let mut strays = 0;
        for ((tag, is_data), entry) in tags.iter_mut().zip(is_data).zip(entries) {
            *tag = entry.tag.bytes();
            *is_data = !entry.is_control;
            strays |= entry.tag.strays();
        }
        Some(strays == 0 || entries.iter().all(|entry| entry.tag.is_usual()))
    }

    #[inline(always)]
    fn fill_fields(&mut self, bytes: &[u8], entries: &[Entry], subfields: usize) -> Option<bool> {
        let fields = entries.len();
        let indicators = self.ind1.get_mut(..fields)?.iter_mut().zip(self.ind2.get_mut(..fields)?);
        let ends = self.values.ends.get_mut(..fields)?.iter_mut().zip(self.field_ends.get_mut(..fields)?);
        let mut values = Pen::new(&mut self.values.bytes);
        let mut subfield_values = Pen::new(&mut self.subfield_values.bytes);
        let (&first_place, places) = self.delimiters.places().split_first()?;
        let columns =
            self.codes.get_mut(..subfields)?.iter_mut().zip(self.subfield_values.ends.get_mut(..subfields)?);
        let mut rows = columns.zip(places);
        let (mut is_plain, mut seen, mut after, mut place, mut subfield) =
            (true, 0, entries.first()?.start, first_place, 0);
        for ((&Entry { tag, is_control, start, length }, (ind1, ind2)), (value_end, field_end)) in
            entries.iter().zip(indicators).zip(ends)
        {
            let end = start.wrapping_add(length);
            // Fields follow each other, so each value is between delimiters and consists of whole characters.
            is_plain &= (start == after) & (*bytes.get(end as usize)? == FIELD_TERMINATOR);
            after = end + 1;
            if is_control {
                let once = tag.unrepeatable();
                is_plain &= seen & once == 0;
                seen |= once;
                (*ind1, *ind2) = (b' ', b' ');
                values.write(bytes, start, length)?;
            } else {
                let [first, second] = *bytes.get(start as usize..start as usize + 2)?.first_chunk()?;
                is_plain &= (first | second).is_ascii() & (place == start + 2);
                (*ind1, *ind2) = (first, second);
                loop {
                    let ((code, value_end), &next) = rows.next()?;
                    *code = *bytes.get(place as usize + 1)?;
                    is_plain &= is_usual_code(*code);
                    subfield_values.write(bytes, place + 2, next.min(end).wrapping_sub(place + 2))?;
                    *value_end = subfield_values.written;
                    subfield += 1;
                    place = next;
                    if place > end {
                        break;
                    }
                }
            }
            *value_end = values.written;
            *field_end = subfield;
        }
        Some(is_plain & (place == u32::MAX))
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
