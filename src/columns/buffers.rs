//! Growing buffers that become Arrow arrays without a copy: text, text of fixed width, list offsets, validity.
//!
//! Each can be cut back to a mark, so that a record whose content turns out to be unusable leaves no trace.

use std::sync::OnceLock;

use arrow_array::StringArray;
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

/// Octets that are copied at once, whatever a value's length.
const STRIDE: usize = 32;

/// Text of any length. What is appended is `str`, or whole characters of one, so it stays UTF-8.
pub(super) struct Texts {
    values: Vec<u8>,
    offsets: Vec<i32>,
}

/// How long a [`Texts`] was.
#[derive(Clone, Copy)]
pub(super) struct TextsMark {
    values: usize,
    offsets: usize,
}

impl Texts {
    /// Room for so many octets in so many values.
    pub(super) fn with_capacity(octets: usize, values: usize) -> Texts {
        let mut offsets = Vec::with_capacity(values + 1);
        offsets.push(0);
        Texts { values: Vec::with_capacity(octets + STRIDE), offsets }
    }

    /// Appends a value.
    pub(super) fn push(&mut self, text: &str) {
        self.values.extend_from_slice(text.as_bytes());
        self.push_null();
    }

    /// Appends the empty value that stands behind a null.
    pub(super) fn push_null(&mut self) {
        self.offsets.push(self.values.len() as i32);
    }

    /// Room for so many values that take no more than so many octets.
    pub(super) fn room(&mut self, octets: usize, values: usize) -> TextsRoom<'_> {
        self.values.reserve(octets + STRIDE);
        let before = self.offsets.len();
        self.offsets.resize(before + values, 0);
        TextsRoom { values: &mut self.values, offsets: &mut self.offsets[before..][..values] }
    }

    pub(super) fn mark(&self) -> TextsMark {
        TextsMark { values: self.values.len(), offsets: self.offsets.len() }
    }

    pub(super) fn cut(&mut self, mark: TextsMark) {
        self.values.truncate(mark.values);
        self.offsets.truncate(mark.offsets);
    }

    pub(super) fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        text_array(rising(self.offsets), self.values, nulls)
    }
}

/// Room at the end of a [`Texts`], to be filled value by value, from the first to the last.
pub(super) struct TextsRoom<'a> {
    values: &'a mut Vec<u8>,
    offsets: &'a mut [i32],
}

impl TextsRoom<'_> {
    /// Writes `source[start..end]` as the value of this number. It must stand between ASCII characters:
    /// so it is whole characters.
    #[inline(always)]
    pub(super) fn write_within(
        &mut self,
        value: usize,
        source: &str,
        start: usize,
        end: usize,
    ) -> Option<()> {
        let octets = source.as_bytes();
        let around = octets.get(start.wrapping_sub(1))? | octets.get(end)?;
        let text = octets.get(start..end)?;
        if !around.is_ascii() {
            return None;
        }
        match octets.get(start..start + STRIDE) {
            // Most values are shorter than a call of `memcpy` is long.
            Some(stride) if text.len() <= STRIDE => {
                let end = self.values.len() + text.len();
                self.values.extend_from_slice(stride);
                self.values.truncate(end);
            }
            _ => append(self.values, text),
        }
        self.write_null(value)
    }

    /// Writes the empty value that stands behind a null.
    #[inline(always)]
    pub(super) fn write_null(&mut self, value: usize) -> Option<()> {
        *self.offsets.get_mut(value)? = self.values.len() as i32;
        Some(())
    }
}

/// Out of line, or the compiler makes both ways of copying one call of `memcpy` with a length.
#[inline(never)]
fn append(values: &mut Vec<u8>, octets: &[u8]) {
    values.extend_from_slice(octets);
}

/// Text whose values have the same number of octets, with few exceptions: tags, indicators, codes, leaders.
pub(super) struct FixedTexts {
    width: usize,
    values: Vec<u8>,
    /// Made only when a value has another width.
    offsets: Option<Vec<i32>>,
}

/// How long a [`FixedTexts`] was.
#[derive(Clone, Copy)]
pub(super) struct FixedMark {
    values: usize,
    rows: usize,
}

impl FixedTexts {
    /// Room for so many values of `width` octets.
    pub(super) fn with_capacity(width: usize, rows: usize) -> FixedTexts {
        FixedTexts { width, values: Vec::with_capacity(rows * width), offsets: None }
    }

    /// Appends so many values of just the width; what they are is to be written into the room returned.
    pub(super) fn room(&mut self, rows: usize) -> &mut [u8] {
        let before = self.values.len();
        if let Some(offsets) = &mut self.offsets {
            offsets.extend((1..=rows).map(|row| (before + row * self.width) as i32));
        }
        self.values.resize(before + rows * self.width, 0);
        &mut self.values[before..]
    }

    /// Appends a value.
    pub(super) fn push(&mut self, text: &str) {
        if text.len() != self.width && self.offsets.is_none() {
            self.offsets = Some((0..=self.rows()).map(|row| (row * self.width) as i32).collect());
        }
        self.values.extend_from_slice(text.as_bytes());
        if let Some(offsets) = &mut self.offsets {
            offsets.push(self.values.len() as i32);
        }
    }

    /// How many values there are.
    pub(super) fn rows(&self) -> usize {
        match &self.offsets {
            Some(offsets) => offsets.len() - 1,
            None => self.values.len() / self.width,
        }
    }

    pub(super) fn mark(&self) -> FixedMark {
        FixedMark { values: self.values.len(), rows: self.rows() }
    }

    pub(super) fn cut(&mut self, mark: FixedMark) {
        self.values.truncate(mark.values);
        if let Some(offsets) = &mut self.offsets {
            offsets.truncate(mark.rows + 1);
        }
    }

    pub(super) fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let rows = self.rows();
        let offsets = match self.offsets {
            Some(offsets) => rising(offsets),
            None => multiples(self.width, rows),
        };
        if self.values.is_ascii() {
            text_array(offsets, self.values, nulls)
        } else {
            StringArray::try_new(offsets, Buffer::from_vec(self.values), nulls)
        }
    }
}

/// An array of values that are known to be text. A bench shows a sixth less work than checking them again.
#[allow(unsafe_code)]
fn text_array(
    offsets: OffsetBuffer<i32>,
    values: Vec<u8>,
    nulls: Option<NullBuffer>,
) -> Result<StringArray, ArrowError> {
    let values = Buffer::from_vec(values);
    if cfg!(debug_assertions) {
        return StringArray::try_new(offsets, values, nulls);
    }
    // SAFETY: the offsets rise and end with the values, because each was the values' length when a value
    // was appended (room that was not filled is cut away); each value is a whole `str` (`Texts`) or ASCII
    // (`FixedTexts`); there is one null bit
    // for each value, because the layouts push to both. Debug builds, and so the tests, check all of it.
    Ok(unsafe { StringArray::new_unchecked(offsets, values, nulls) })
}

/// Offsets that were pushed as lengths so far.
#[allow(unsafe_code)]
fn rising(offsets: Vec<i32>) -> OffsetBuffer<i32> {
    let offsets = ScalarBuffer::from(offsets);
    if cfg!(debug_assertions) {
        return OffsetBuffer::new(offsets);
    }
    // SAFETY: the first offset is 0, and each was pushed as a length that only grows (a cut takes away
    // offsets and what they counted together). Debug builds, and so the tests, check it.
    unsafe { OffsetBuffer::new_unchecked(offsets) }
}

/// The offsets 0, w, 2w, ...: the same for every batch, so one buffer serves them all.
fn multiples(width: usize, rows: usize) -> OffsetBuffer<i32> {
    const ROWS: usize = 1 << 20;
    static SHARED: [OnceLock<OffsetBuffer<i32>>; 4] = [const { OnceLock::new() }; 4];
    let shared = match width {
        1 => Some(&SHARED[0]),
        3 => Some(&SHARED[1]),
        24 => Some(&SHARED[2]),
        _ => None,
    };
    match shared {
        Some(shared) if rows <= ROWS => {
            shared.get_or_init(|| OffsetBuffer::from_repeated_length(width, ROWS)).slice(0, rows)
        }
        _ => OffsetBuffer::from_repeated_length(width, rows),
    }
}

/// Where the lists of a list column end.
pub(super) struct Ends(Vec<i32>);

impl Ends {
    /// Room for so many lists.
    pub(super) fn with_capacity(lists: usize) -> Ends {
        let mut offsets = Vec::with_capacity(lists + 1);
        offsets.push(0);
        Ends(offsets)
    }

    /// A list ends behind the children appended so far.
    pub(super) fn push(&mut self, children: usize) {
        self.0.push(children as i32);
    }

    /// Appends so many lists; where each ends is to be written into the room returned.
    pub(super) fn room(&mut self, lists: usize) -> &mut [i32] {
        let (before, last) = (self.0.len(), self.0.last().copied().unwrap_or_default());
        self.0.resize(before + lists, last);
        &mut self.0[before..]
    }

    pub(super) fn lists(&self) -> usize {
        self.0.len() - 1
    }

    pub(super) fn cut(&mut self, lists: usize) {
        self.0.truncate(lists + 1);
    }

    pub(super) fn finish(self) -> OffsetBuffer<i32> {
        OffsetBuffer::new(ScalarBuffer::from(self.0))
    }
}

/// Which values are there.
pub(super) struct Validity(Vec<bool>);

impl Validity {
    /// Room for so many values.
    pub(super) fn with_capacity(values: usize) -> Validity {
        Validity(Vec::with_capacity(values))
    }

    pub(super) fn push(&mut self, is_there: bool) {
        self.0.push(is_there);
    }

    /// Appends so many values; which are there is to be written into the room returned.
    pub(super) fn room(&mut self, values: usize) -> &mut [bool] {
        let before = self.0.len();
        self.0.resize(before + values, false);
        &mut self.0[before..]
    }

    pub(super) fn cut(&mut self, values: usize) {
        self.0.truncate(values);
    }

    pub(super) fn finish(self) -> NullBuffer {
        NullBuffer::new(self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::*;

    fn texts(array: &StringArray) -> Vec<&str> {
        array.iter().flatten().collect()
    }

    #[test]
    fn a_value_of_another_width_gets_offsets() {
        let mut codes = FixedTexts::with_capacity(1, 4);
        codes.room(1).copy_from_slice(b"a");
        codes.push("é");
        codes.push("");
        codes.room(2).copy_from_slice(b"bc");
        assert_eq!(texts(&codes.finish(None).unwrap()), ["a", "é", "", "b", "c"]);
    }

    #[test]
    fn values_longer_than_a_stride_and_at_the_end_are_whole() {
        let source = "0123456789".repeat(20);
        let mut values = Texts::with_capacity(8, 1);
        let mut room = values.room(source.len(), 3);
        for (number, (start, end)) in [(3, 9), (1, 180), (197, 199)].into_iter().enumerate() {
            room.write_within(number, &source, start, end).unwrap();
        }
        assert_eq!(texts(&values.finish(None).unwrap()), [&source[3..9], &source[1..180], "78"]);
    }

    #[test]
    fn only_what_stands_between_ascii_characters_is_taken() {
        let mut values = Texts::with_capacity(8, 1);
        let mut room = values.room(6, 1);
        for (start, end) in [(1, 3), (3, 4), (0, 3), (4, 6), (5, 3)] {
            assert_eq!(room.write_within(0, "xné.é", start, end), None, "{start}..{end}");
        }
        assert_eq!(room.write_within(0, "xné.é", 1, 4), Some(()));
        assert_eq!(texts(&values.finish(None).unwrap()), ["né"]);
    }

    #[test]
    fn what_is_cut_leaves_no_trace() {
        let mut values = Texts::with_capacity(8, 1);
        values.push("kept");
        let mark = values.mark();
        values.room(100, 7).write_within(0, "dropped", 0, 7);
        values.cut(mark);
        values.push("also kept");
        assert_eq!(texts(&values.finish(None).unwrap()), ["kept", "also kept"]);

        let mut codes = FixedTexts::with_capacity(1, 1);
        codes.push("a");
        let mark = codes.mark();
        codes.push("wide");
        codes.cut(mark);
        codes.push("b");
        assert_eq!(texts(&codes.finish(None).unwrap()), ["a", "b"]);
    }

    #[test]
    fn shared_offsets_serve_every_length() {
        for rows in [0, 1, 5, (1 << 20) + 1] {
            let mut tags = FixedTexts::with_capacity(3, rows);
            tags.room(rows).fill(b'0');
            assert_eq!(tags.finish(None).unwrap().len(), rows);
        }
    }
}
