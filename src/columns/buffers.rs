//! Growing buffers that become Arrow arrays without a copy: text, text of fixed width, list offsets, validity.
//!
//! Each can be cut back to a mark, so that a record whose content turns out to be unusable leaves no trace.

use std::sync::OnceLock;

use arrow_array::StringArray;
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

use super::draft::Text;

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
    /// Room for so many bytes in so many values.
    pub(super) fn with_capacity(bytes: usize, values: usize) -> Texts {
        let mut offsets = Vec::with_capacity(values + 1);
        offsets.push(0);
        Texts { values: Vec::with_capacity(bytes), offsets }
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

    /// Appends the values of a draft.
    pub(super) fn extend(&mut self, text: &Text<'_>) {
        let before = self.values.len();
        self.values.extend_from_slice(text.bytes);
        self.offsets.extend(text.ends.iter().map(|&end| (before + end as usize) as i32));
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

/// Text whose values have the same number of bytes, with few exceptions: tags, indicators, codes, leaders.
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
    /// Room for so many values of `width` bytes.
    pub(super) fn with_capacity(width: usize, rows: usize) -> FixedTexts {
        FixedTexts { width, values: Vec::with_capacity(rows * width), offsets: None }
    }

    /// Appends values of just the width, one behind the other.
    pub(super) fn extend(&mut self, values: &[u8]) {
        let before = self.values.len();
        self.values.extend_from_slice(values);
        if let Some(offsets) = &mut self.offsets {
            offsets.extend(
                (before..self.values.len()).step_by(self.width).map(|start| (start + self.width) as i32),
            );
        }
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
    // was appended; each value is a whole `str`, or what a draft took from between ASCII characters of
    // one (`Texts`), or ASCII (`FixedTexts`); there is one null bit for each value, because the layouts push
    // to both. Debug builds, and so the tests, check all of it.
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
    // More than the subfields of a chunk of real records.
    const ROWS: usize = 1 << 17;
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

    /// Appends lists that end so many children behind those appended before.
    pub(super) fn extend(&mut self, before: usize, ends: &[u32]) {
        self.0.extend(ends.iter().map(|&end| (before + end as usize) as i32));
    }

    pub(super) fn lists(&self) -> usize {
        self.0.len() - 1
    }

    pub(super) fn cut(&mut self, lists: usize) {
        self.0.truncate(lists + 1);
    }

    pub(super) fn finish(self) -> OffsetBuffer<i32> {
        rising(self.0)
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

    pub(super) fn extend(&mut self, are_there: &[bool]) {
        self.0.extend_from_slice(are_there);
    }

    pub(super) fn cut(&mut self, values: usize) {
        self.0.truncate(values);
    }

    pub(super) fn finish(self) -> NullBuffer {
        NullBuffer::new(self.0.into())
    }
}

/// The validity of values that are there where others are not, and at the places named besides.
pub(super) fn complement(others: &NullBuffer, besides: &[usize]) -> NullBuffer {
    let mut are_there = BooleanBufferBuilder::new(others.len());
    are_there.append_buffer(&!others.inner());
    besides.iter().for_each(|&place| are_there.set_bit(place, true));
    NullBuffer::new(are_there.finish())
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
        codes.extend(b"a");
        codes.push("é");
        codes.push("");
        codes.extend(b"bc");
        assert_eq!(texts(&codes.finish(None).unwrap()), ["a", "é", "", "b", "c"]);
    }

    #[test]
    fn values_of_a_draft_follow_those_before() {
        let mut values = Texts::with_capacity(8, 1);
        values.push("one");
        values.extend(&Text { bytes: "twothré".as_bytes(), ends: &[3, 3, 8] });
        assert_eq!(texts(&values.finish(None).unwrap()), ["one", "two", "", "thré"]);

        let mut lists = Ends::with_capacity(1);
        lists.push(2);
        lists.extend(2, &[0, 3]);
        assert_eq!(&*lists.finish(), [0, 2, 2, 5]);
    }

    #[test]
    fn what_is_there_where_others_are_not_may_be_elsewhere_too() {
        let mut others = Validity::with_capacity(3);
        others.extend(&[true, false, true]);
        let validity = complement(&others.finish(), &[2]);
        assert_eq!(validity.iter().collect::<Vec<_>>(), [false, true, true]);
    }

    #[test]
    fn what_is_cut_leaves_no_trace() {
        let mut values = Texts::with_capacity(8, 1);
        values.push("kept");
        let mark = values.mark();
        values.push("dropped");
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
        for rows in [0, 1, 5, (1 << 17) + 1] {
            let mut tags = FixedTexts::with_capacity(3, rows);
            tags.extend(&b"245".repeat(rows));
            assert_eq!(tags.finish(None).unwrap().len(), rows);
        }
    }
}
