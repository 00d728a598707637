//! Growing buffers that become Arrow arrays without a copy: text, text of fixed width, list offsets, validity.
//!
//! Each can be cut back to a mark, so that a record whose content turns out to be unusable leaves no trace.

use std::sync::OnceLock;

use arrow_array::StringArray;
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

/// Octets that are copied at once, whatever a value's length: shorter than a call of `memcpy`.
const STRIDE: usize = 32;

/// Text of any length. What is appended is `str`, cut at the ends of characters, so it stays UTF-8.
pub(super) struct Texts {
    /// Grown ahead of `used` so that a stride can be copied without a look at the value's length.
    values: Vec<u8>,
    used: usize,
    offsets: Vec<i32>,
}

/// How long a [`Texts`] was.
#[derive(Clone, Copy)]
pub(super) struct TextsMark {
    used: usize,
    offsets: usize,
}

impl Texts {
    /// Room for so many octets in so many values.
    pub(super) fn with_capacity(octets: usize, values: usize) -> Texts {
        let mut offsets = Vec::with_capacity(values + 1);
        offsets.push(0);
        Texts { values: vec![0; octets + STRIDE], used: 0, offsets }
    }

    /// Appends a value.
    pub(super) fn push(&mut self, text: &str) {
        self.append(text);
    }

    /// Room for so many values that take no more than so many octets.
    pub(super) fn room(&mut self, octets: usize, values: usize) -> TextsRoom<'_> {
        let end = self.used + octets + STRIDE;
        if self.values.len() < end {
            self.values.resize(end.max(self.values.len() * 2), 0);
        }
        let before = self.offsets.len();
        self.offsets.resize(before + values, 0);
        let offsets = &mut self.offsets[before..][..values];
        TextsRoom { values: &mut self.values, used: self.used, offsets }
    }

    /// Keeps what was written into the room: so many octets in all.
    pub(super) fn fill(&mut self, used: usize) {
        self.used = used;
    }

    #[inline(never)]
    fn append(&mut self, text: &str) {
        let end = self.used + text.len();
        if self.values.len() < end + STRIDE {
            self.values.resize((end + STRIDE).max(self.values.len() * 2), 0);
        }
        self.values[self.used..end].copy_from_slice(text.as_bytes());
        self.used = end;
        self.offsets.push(end as i32);
    }

    /// Appends the empty value that stands behind a null.
    #[inline]
    pub(super) fn push_null(&mut self) {
        self.offsets.push(self.used as i32);
    }

    pub(super) fn mark(&self) -> TextsMark {
        TextsMark { used: self.used, offsets: self.offsets.len() }
    }

    pub(super) fn cut(&mut self, mark: TextsMark) {
        self.used = mark.used;
        self.offsets.truncate(mark.offsets);
    }

    pub(super) fn finish(mut self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        self.values.truncate(self.used);
        text_array(rising(self.offsets), self.values, nulls)
    }
}

/// Room at the end of a [`Texts`], to be filled value by value without a look at its size.
pub(super) struct TextsRoom<'a> {
    values: &'a mut [u8],
    used: usize,
    offsets: &'a mut [i32],
}

impl TextsRoom<'_> {
    /// Writes `source[start..end]` as the value of this number; none if these are no ends of characters,
    /// or there is no room.
    #[inline(always)]
    pub(super) fn write_within(
        &mut self,
        value: usize,
        source: &str,
        start: usize,
        end: usize,
    ) -> Option<()> {
        let text = source.get(start..end)?;
        let room = self.values.get_mut(self.used..)?;
        match (source.as_bytes().get(start..start + STRIDE), room.first_chunk_mut::<STRIDE>()) {
            (Some(stride), Some(room)) if text.len() <= STRIDE => room.copy_from_slice(stride),
            _ => copy(text, room)?,
        }
        self.used += text.len();
        self.write_null(value)
    }

    /// Writes the empty value that stands behind a null.
    #[inline(always)]
    pub(super) fn write_null(&mut self, value: usize) -> Option<()> {
        *self.offsets.get_mut(value)? = self.used as i32;
        Some(())
    }

    /// Octets in all values so far, to be given to [`Texts::fill`].
    pub(super) fn used(&self) -> usize {
        self.used
    }
}

/// Kept out of line, or both ways of copying become one call of `memcpy` with a length.
#[inline(never)]
fn copy(text: &str, room: &mut [u8]) -> Option<()> {
    room.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    Some(())
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
        for (number, (start, end)) in [(3, 9), (0, 180), (198, 200)].into_iter().enumerate() {
            room.write_within(number, &source, start, end).unwrap();
        }
        let used = room.used();
        values.fill(used);
        assert_eq!(texts(&values.finish(None).unwrap()), [&source[3..9], &source[..180], "89"]);
    }

    #[test]
    fn half_a_character_is_not_taken() {
        let mut values = Texts::with_capacity(8, 1);
        let mut room = values.room(3, 1);
        assert_eq!(room.write_within(0, "né", 0, 2), None);
        assert_eq!(room.write_within(0, "né", 1, 3), Some(()));
        let used = room.used();
        values.fill(used);
        assert_eq!(texts(&values.finish(None).unwrap()), ["é"]);
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
