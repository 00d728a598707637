//! [`Written`]: a column of texts, each a part of another text, or several of them side by side. That they consist of
//! whole characters is checked of all at once.

use std::ops::Range;

use arrow_array::StringArray;
use arrow_buffer::NullBuffer;
use arrow_schema::ArrowError;

use super::buffers::checked_text_array;
use super::runs::except;
use crate::pen::STRIDE;

/// The number of bytes in a text that is called short.
pub(super) const SHORT: usize = 8;

/// Texts that may be missing.
pub(super) struct Written {
    bytes: Vec<u8>,
    /// Where each ends, behind a zero.
    offsets: Vec<i32>,
    /// The places of the values that are missing.
    missing: Vec<usize>,
}

impl Written {
    /// Room for `values` values of `bytes` bytes altogether.
    pub(super) fn with_capacity(bytes: usize, values: usize) -> Written {
        let mut offsets = Vec::with_capacity(values + 1);
        offsets.push(0);
        Written { bytes: Vec::with_capacity(bytes), offsets, missing: Vec::new() }
    }

    /// The number of values.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Writes a part of a text.
    #[inline(always)]
    pub(super) fn append(&mut self, text: &str, start: u32, end: u32) {
        let (from, length) = (start as usize, end.wrapping_sub(start) as usize);
        match text.as_bytes().get(from..from + STRIDE).and_then(<[u8]>::first_chunk::<STRIDE>) {
            Some(stride) if length <= STRIDE => {
                let before = self.bytes.len();
                self.bytes.extend_from_slice(stride);
                self.bytes.truncate(before + length);
            }
            _ => self.append_any(text, start, end),
        }
    }

    /// Writes the first bytes of a short text.
    #[inline(always)]
    pub(super) fn append_short(&mut self, text: &[u8; SHORT], length: usize) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(text);
        self.bytes.truncate(before + length);
    }

    /// Writes a part of any length.
    #[inline(never)]
    fn append_any(&mut self, text: &str, start: u32, end: u32) {
        self.bytes.extend_from_slice(text.as_bytes().get(start as usize..end as usize).unwrap_or_default());
    }

    /// Ends a value.
    #[inline(always)]
    pub(super) fn end(&mut self) {
        self.offsets.push(self.bytes.len() as i32);
    }

    /// Ends a value that is missing.
    #[inline(always)]
    pub(super) fn end_missing(&mut self) {
        self.missing.push(self.len());
        self.end();
    }

    /// The number of bytes written so far.
    #[inline(always)]
    pub(super) fn written(&self) -> usize {
        self.bytes.len()
    }

    /// Leaves only a part of what was written from `start` on.
    #[inline(always)]
    pub(super) fn keep(&mut self, start: usize, part: impl FnOnce(&[u8]) -> Range<usize>) {
        let text = self.bytes.get(start..).unwrap_or_default();
        let part = part(text);
        if part.end <= text.len() {
            if part.start > 0 {
                self.bytes.copy_within(start + part.start..start + part.end, start);
            }
            self.bytes.truncate(start + part.len());
        }
    }

    pub(super) fn finish(self) -> Result<StringArray, ArrowError> {
        let Written { bytes, offsets, missing } = self;
        let are_there = || except(&NullBuffer::new_valid(offsets.len() - 1), &missing);
        let nulls = (!missing.is_empty()).then(are_there);
        checked_text_array(offsets, bytes, nulls)
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::*;

    fn texts(values: Written) -> Vec<String> {
        values.finish().unwrap().iter().flatten().map(str::to_owned).collect()
    }

    #[test]
    fn parts_of_a_text_make_a_value_whatever_their_length() {
        let text = "é".repeat(2 * STRIDE);
        let mut values = Written::with_capacity(0, 0);
        let end = text.len() as u32;
        for (from, to) in [(0, 2), (2, 2), (0, STRIDE as u32), (2, end), (end - 2, end)] {
            values.append(&text, from, to);
            values.append("-", 0, 1);
            values.append(&text, from, to);
            values.end();
            values.end_missing();
        }
        assert_eq!(values.len(), 10);
        let values = values.finish().unwrap();
        assert_eq!(values.null_count(), 5);
        let halves: Vec<_> = values.iter().flatten().map(|text| text.split_once('-').unwrap()).collect();
        assert!(halves.iter().all(|(one, other)| one == other && text.starts_with(one)));
        let lengths: Vec<_> = halves.iter().map(|(one, _)| one.len()).collect();
        assert_eq!(lengths, [2, 0, STRIDE, text.len() - 2, 2]);
    }

    #[test]
    fn what_is_no_part_is_left_out() {
        let mut values = Written::with_capacity(0, 0);
        for (from, to) in [(0, 9), (2, 0), (9, 9), (u32::MAX, 0)] {
            values.append("éé", from, to);
        }
        values.end();
        assert_eq!(texts(values), [""]);
    }

    #[test]
    fn a_value_that_cuts_a_character_is_an_error() {
        for parts in [&[(0, 1)][..], &[(1, 4)], &[(0, 2), (2, 3)], &[(0, 1), (1, 2)]] {
            let mut values = Written::with_capacity(0, 0);
            for (from, to) in parts {
                values.append("éé", *from, *to);
                values.end();
            }
            assert!(values.finish().is_err(), "{parts:?}");
        }
    }

    #[test]
    fn of_a_value_a_part_can_be_kept() {
        for (part, kept) in [(0..6, "éaé."), (2..5, "aé"), (0..0, ""), (6..6, ""), (0..9, "éaé.")] {
            let mut values = Written::with_capacity(0, 0);
            values.append("one", 0, 3);
            values.end();
            let start = values.written();
            values.append("éaé.", 0, 6);
            values.keep(start, |text| {
                assert_eq!(text, "éaé.".as_bytes());
                part.clone()
            });
            values.end();
            values.append("two", 0, 3);
            values.end();
            assert_eq!(texts(values), ["one", kept, "two"], "{part:?}");
        }
    }
}
