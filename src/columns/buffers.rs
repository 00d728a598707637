//! Growing buffers that become Arrow arrays without a copy: text, text of fixed width, list offsets, validity.
//!
//! Each can be cut back to a mark, so that a record whose content turns out to be unusable leaves no trace.

use std::sync::OnceLock;

use arrow_array::StringArray;
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

/// Octets that are copied at once, whatever a value's length: shorter than a call of `memcpy`.
const STRIDE: usize = 32;

/// Text of any length.
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
        self.append(text.as_bytes());
    }

    /// Appends `source[start..end]`, which must be text.
    #[inline]
    pub(super) fn push_within(&mut self, source: &[u8], start: usize, end: usize) {
        let stride = source.get(start..start + STRIDE).and_then(|from| from.first_chunk::<STRIDE>());
        let room = self.values.get_mut(self.used..).and_then(|room| room.first_chunk_mut::<STRIDE>());
        match (stride, room) {
            (Some(from), Some(room)) if end - start <= STRIDE => {
                *room = *from;
                self.used += end - start;
                self.offsets.push(self.used as i32);
            }
            _ => self.append(&source[start..end]),
        }
    }

    #[inline(never)]
    fn append(&mut self, octets: &[u8]) {
        let end = self.used + octets.len();
        if self.values.len() < end + STRIDE {
            self.values.resize((end + STRIDE).max(self.values.len() * 2), 0);
        }
        self.values[self.used..end].copy_from_slice(octets);
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
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        StringArray::try_new(offsets, Buffer::from_vec(self.values), nulls)
    }
}

/// Text whose values have the same number of octets, with few exceptions: tags, indicators, codes, leaders.
pub(super) struct FixedTexts {
    width: usize,
    values: Vec<u8>,
    rows: usize,
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
        FixedTexts { width, values: Vec::with_capacity(rows * width), rows: 0, offsets: None }
    }

    /// Appends a value of just the width.
    #[inline]
    pub(super) fn push_fixed<const WIDTH: usize>(&mut self, text: [u8; WIDTH]) {
        debug_assert_eq!(WIDTH, self.width);
        self.values.extend_from_slice(&text);
        self.rows += 1;
        if let Some(offsets) = &mut self.offsets {
            offsets.push(self.values.len() as i32);
        }
    }

    /// Appends a value.
    pub(super) fn push(&mut self, text: &str) {
        if text.len() != self.width && self.offsets.is_none() {
            let (width, rows) = (self.width, self.rows);
            self.offsets = Some((0..=rows).map(|row| (row * width) as i32).collect());
        }
        self.values.extend_from_slice(text.as_bytes());
        self.rows += 1;
        if let Some(offsets) = &mut self.offsets {
            offsets.push(self.values.len() as i32);
        }
    }

    /// How many values there are.
    #[inline]
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn mark(&self) -> FixedMark {
        FixedMark { values: self.values.len(), rows: self.rows }
    }

    pub(super) fn cut(&mut self, mark: FixedMark) {
        self.values.truncate(mark.values);
        self.rows = mark.rows;
        if let Some(offsets) = &mut self.offsets {
            offsets.truncate(mark.rows + 1);
        }
    }

    pub(super) fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let offsets = match self.offsets {
            Some(offsets) => OffsetBuffer::new(ScalarBuffer::from(offsets)),
            None => multiples(self.width, self.rows),
        };
        StringArray::try_new(offsets, Buffer::from_vec(self.values), nulls)
    }
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
    #[inline]
    pub(super) fn push(&mut self, children: usize) {
        self.0.push(children as i32);
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
pub(super) struct Validity(BooleanBufferBuilder);

impl Validity {
    /// Room for so many values.
    pub(super) fn with_capacity(values: usize) -> Validity {
        Validity(BooleanBufferBuilder::new(values))
    }

    #[inline]
    pub(super) fn push(&mut self, is_there: bool) {
        self.0.append(is_there);
    }

    pub(super) fn cut(&mut self, values: usize) {
        self.0.truncate(values);
    }

    pub(super) fn finish(mut self) -> NullBuffer {
        NullBuffer::new(self.0.finish())
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::*;

    #[test]
    fn a_value_of_another_width_gets_offsets() {
        let mut codes = FixedTexts::with_capacity(1, 4);
        codes.push_fixed(*b"a");
        codes.push("é");
        codes.push("");
        codes.push_fixed(*b"b");
        let codes = codes.finish(None).unwrap();
        assert_eq!(codes.iter().flatten().collect::<Vec<_>>(), ["a", "é", "", "b"]);
    }

    #[test]
    fn values_longer_than_a_stride_and_beyond_the_room_are_whole() {
        let source = "0123456789".repeat(20);
        let mut texts = Texts::with_capacity(8, 1);
        texts.push_within(source.as_bytes(), 3, 9);
        texts.push_within(source.as_bytes(), 0, 180);
        texts.push_within(source.as_bytes(), 198, 200);
        let texts = texts.finish(None).unwrap();
        assert_eq!(texts.iter().flatten().collect::<Vec<_>>(), [&source[3..9], &source[..180], "89"]);
    }

    #[test]
    fn what_is_cut_leaves_no_trace() {
        let mut texts = Texts::with_capacity(8, 1);
        texts.push("kept");
        let mark = texts.mark();
        texts.push("dropped");
        texts.cut(mark);
        texts.push("also kept");
        let texts = texts.finish(None).unwrap();
        assert_eq!(texts.iter().flatten().collect::<Vec<_>>(), ["kept", "also kept"]);

        let mut codes = FixedTexts::with_capacity(1, 1);
        codes.push_fixed(*b"a");
        let mark = codes.mark();
        codes.push("wide");
        codes.cut(mark);
        codes.push_fixed(*b"b");
        assert_eq!(codes.finish(None).unwrap().value(1), "b");
    }

    #[test]
    fn shared_offsets_serve_every_length() {
        for rows in [0, 1, 5, (1 << 20) + 1] {
            let mut tags = FixedTexts::with_capacity(3, rows);
            (0..rows).for_each(|_| tags.push_fixed(*b"245"));
            assert_eq!(tags.finish(None).unwrap().len(), rows);
        }
    }
}
