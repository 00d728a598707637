//! Growing buffers that become Arrow arrays without a copy: text, bytes, fixed-width text, list offsets, validity.
//!
//! Each can be cut back to a mark. What Arrow takes on trust is checked here, when a buffer is finished. A column that is too long for 32-bit offsets is
//! an [`ArrowError::OffsetOverflowError`].

use std::ops::Range;
use std::sync::OnceLock;

use arrow_array::{BinaryArray, StringArray};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

use super::mark::Marked;
use super::runs::except;

/// The maximum number of bytes in a text column, and of elements in a list column: offsets have 32 bits.
#[cfg(not(test))]
pub(super) fn most() -> usize {
    i32::MAX as usize
}

#[cfg(test)]
pub(super) use tests::{most, with_most};

/// Concatenated values, and where each of them ends.
struct Values {
    bytes: Vec<u8>,
    offsets: Vec<i32>,
}

/// The length of a [`Texts`] or [`Binaries`] at some moment.
#[derive(Clone, Copy)]
pub(super) struct ValuesMark {
    bytes: usize,
    offsets: usize,
}

impl Values {
    fn with_capacity(bytes: usize, values: usize) -> Values {
        Values { bytes: Vec::with_capacity(bytes), offsets: starting(values) }
    }

    #[inline]
    fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.end();
    }

    /// Ends a value.
    #[inline(always)]
    fn end(&mut self) {
        self.offsets.push(self.bytes.len() as i32);
    }

    fn mark(&self) -> ValuesMark {
        ValuesMark { bytes: self.bytes.len(), offsets: self.offsets.len() }
    }

    fn cut(&mut self, mark: ValuesMark) {
        self.bytes.truncate(mark.bytes);
        self.offsets.truncate(mark.offsets);
    }
}

/// Text of any length.
pub(super) struct Texts(Values);

impl Texts {
    /// Room for `values` values of `bytes` bytes altogether.
    pub(super) fn with_capacity(bytes: usize, values: usize) -> Texts {
        Texts(Values::with_capacity(bytes, values))
    }

    /// Appends a value.
    pub(super) fn push(&mut self, text: &str) {
        self.0.push(text.as_bytes());
    }

    /// Appends the values of a draft.
    #[inline(always)]
    pub(super) fn extend(&mut self, text: &Text<'_>) {
        let Values { bytes, offsets } = &mut self.0;
        let before = bytes.len();
        bytes.extend_from_slice(text.bytes);
        offsets.extend(text.ends.iter().map(|&end| (before + end as usize) as i32));
    }

    /// Appends some of the values of a draft.
    pub(super) fn extend_from(&mut self, text: &Text<'_>, values: Range<usize>) {
        let first = values.start.checked_sub(1).and_then(|before| text.ends.get(before));
        let start = first.map_or(0, |&end| end as usize);
        let ends = text.ends.get(values).unwrap_or_default();
        let end = ends.last().map_or(start, |&end| end as usize);
        let Values { bytes, offsets } = &mut self.0;
        // Not yet below zero where the draft has more before these values than is in the column.
        let before = bytes.len().wrapping_sub(start);
        bytes.extend_from_slice(text.bytes.get(start..end).unwrap_or_default());
        offsets.extend(ends.iter().map(|&end| before.wrapping_add(end as usize) as i32));
    }

    /// Appends a value several times.
    pub(super) fn push_repeatedly(&mut self, text: &str, times: usize) {
        let Values { bytes, offsets } = &mut self.0;
        let before = bytes.len();
        if times > 0 {
            bytes.extend_from_slice(text.as_bytes());
        }
        // Each copy is as long as everything before it, so there are few.
        let mut done = 1;
        while done < times {
            let more = done.min(times - done);
            bytes.extend_from_within(before..before + more * text.len());
            done += more;
        }
        let mut end = before as i32;
        offsets.extend((0..times).map(|_| {
            end = end.wrapping_add(text.len() as i32);
            end
        }));
    }

    pub(super) fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let Values { bytes, offsets } = self.0;
        text_array(of_lengths(offsets, bytes.len())?, bytes, nulls)
    }
}

impl Marked for Texts {
    type Mark = ValuesMark;

    fn mark(&mut self) -> ValuesMark {
        self.0.mark()
    }

    fn cut(&mut self, mark: ValuesMark) {
        self.0.cut(mark);
    }
}

/// Concatenated values, each of them text.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    bytes: &'a [u8],
    /// The end of each value, exclusive.
    ends: &'a [u32],
}

impl<'a> Text<'a> {
    /// Values that end at `ends`, which is not checked.
    ///
    /// # Safety
    ///
    /// No end is less than the one before it, the last is the length of `bytes`, and the bytes of each value are
    /// UTF-8.
    #[allow(unsafe_code)]
    pub(super) unsafe fn new_unchecked(bytes: &'a [u8], ends: &'a [u32]) -> Text<'a> {
        Text { bytes, ends }
    }

    /// The values side by side, and where each ends.
    #[inline(always)]
    pub(super) fn parts(&self) -> (&'a [u8], &'a [u32]) {
        (self.bytes, self.ends)
    }
}

/// Text that may be missing.
pub(super) struct OptionalTexts {
    texts: Texts,
    /// The places of the values that are missing.
    missing: Vec<usize>,
}

/// The length of an [`OptionalTexts`] at some moment.
#[derive(Clone, Copy)]
pub(super) struct OptionalMark {
    texts: ValuesMark,
    missing: usize,
}

impl OptionalTexts {
    /// Room for `values` values of `bytes` bytes altogether.
    pub(super) fn with_capacity(bytes: usize, values: usize) -> OptionalTexts {
        OptionalTexts { texts: Texts::with_capacity(bytes, values), missing: Vec::new() }
    }

    /// The number of values.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.texts.0.offsets.len() - 1
    }

    #[inline]
    pub(super) fn push(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.texts.push(text),
            None => {
                self.missing.push(self.len());
                self.texts.0.end();
            }
        }
    }

    pub(super) fn finish(self) -> Result<StringArray, ArrowError> {
        let are_there = || except(&NullBuffer::new_valid(self.len()), &self.missing);
        let nulls = (!self.missing.is_empty()).then(are_there);
        self.texts.finish(nulls)
    }
}

impl Marked for OptionalTexts {
    type Mark = OptionalMark;

    fn mark(&mut self) -> OptionalMark {
        OptionalMark { texts: self.texts.mark(), missing: self.missing.len() }
    }

    fn cut(&mut self, mark: OptionalMark) {
        self.texts.cut(mark.texts);
        self.missing.truncate(mark.missing);
    }
}

impl<'a> FromIterator<Option<&'a str>> for OptionalTexts {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(values: I) -> OptionalTexts {
        let mut texts = OptionalTexts::with_capacity(0, 0);
        values.into_iter().for_each(|value| texts.push(value));
        texts
    }
}

/// Bytes of any length, which may be missing.
pub(super) struct Binaries {
    values: Values,
    are_there: Validity,
}

impl Binaries {
    pub(super) fn new() -> Binaries {
        Binaries { values: Values::with_capacity(0, 0), are_there: Validity::with_capacity(0) }
    }

    pub(super) fn push(&mut self, bytes: Option<&[u8]>) {
        self.values.push(bytes.unwrap_or_default());
        self.are_there.push(bytes.is_some());
    }

    pub(super) fn finish(self) -> Result<BinaryArray, ArrowError> {
        let Values { bytes, offsets } = self.values;
        let offsets = of_lengths(offsets, bytes.len())?;
        BinaryArray::try_new(offsets, Buffer::from_vec(bytes), self.are_there.if_any_is_missing())
    }
}

impl<'a> FromIterator<Option<&'a [u8]>> for Binaries {
    fn from_iter<I: IntoIterator<Item = Option<&'a [u8]>>>(values: I) -> Binaries {
        let mut binaries = Binaries::new();
        values.into_iter().for_each(|value| binaries.push(value));
        binaries
    }
}

/// Text whose values have the same number of bytes, with few exceptions: tags, indicators, codes, leaders.
pub(super) struct FixedTexts {
    width: usize,
    values: Vec<u8>,
    /// Created only when a value has another width.
    offsets: Option<Vec<i32>>,
}

/// The length of a [`FixedTexts`] at some moment.
#[derive(Clone, Copy)]
pub(super) struct FixedMark {
    values: usize,
    rows: usize,
}

impl FixedTexts {
    /// Room for `rows` values of `width` bytes.
    pub(super) fn with_capacity(width: usize, rows: usize) -> FixedTexts {
        FixedTexts { width, values: Vec::with_capacity(rows * width), offsets: None }
    }

    /// Appends concatenated values of exactly the width.
    #[inline(always)]
    pub(super) fn extend(&mut self, values: &[u8]) {
        let before = self.values.len();
        self.values.extend_from_slice(values);
        if let Some(offsets) = &mut self.offsets {
            offsets.extend(
                (before..self.values.len()).step_by(self.width).map(|start| (start + self.width) as i32),
            );
        }
    }

    /// Appends values of exactly the width that consist of this byte.
    pub(super) fn extend_by(&mut self, byte: u8, rows: usize) {
        let before = self.values.len();
        self.values.resize(before + rows * self.width, byte);
        if let Some(offsets) = &mut self.offsets {
            offsets.extend((1..=rows).map(|row| (before + row * self.width) as i32));
        }
    }

    /// Appends a value.
    #[inline(always)]
    pub(super) fn push(&mut self, text: &str) {
        if text.len() != self.width && self.offsets.is_none() {
            self.offsets = Some((0..=self.rows()).map(|row| (row * self.width) as i32).collect());
        }
        self.values.extend_from_slice(text.as_bytes());
        if let Some(offsets) = &mut self.offsets {
            offsets.push(self.values.len() as i32);
        }
    }

    /// The number of values.
    pub(super) fn rows(&self) -> usize {
        match &self.offsets {
            Some(offsets) => offsets.len() - 1,
            None => self.values.len() / self.width,
        }
    }

    pub(super) fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let rows = self.rows();
        let offsets = match self.offsets {
            Some(offsets) => checked(offsets, self.values.len())?,
            None => multiples(self.width, rows)?,
        };
        if self.values.is_ascii() {
            text_array(offsets, self.values, nulls)
        } else {
            StringArray::try_new(offsets, Buffer::from_vec(self.values), nulls)
        }
    }
}

impl Marked for FixedTexts {
    type Mark = FixedMark;

    fn mark(&mut self) -> FixedMark {
        FixedMark { values: self.values.len(), rows: self.rows() }
    }

    fn cut(&mut self, mark: FixedMark) {
        self.values.truncate(mark.values);
        if let Some(offsets) = &mut self.offsets {
            offsets.truncate(mark.rows + 1);
        }
    }
}

/// An array of values that may be no text, or cut a character, which is an error. All are checked at once.
pub(super) fn checked_text_array(
    offsets: Vec<i32>,
    bytes: Vec<u8>,
    nulls: Option<NullBuffer>,
) -> Result<StringArray, ArrowError> {
    let offsets = checked(offsets, bytes.len())?;
    if !bytes.is_ascii() && !cuts_no_character(&bytes, &offsets) {
        return Err(ArrowError::InvalidArgumentError("a value that cuts a character".into()));
    }
    text_array(offsets, bytes, nulls)
}

/// Whether the bytes are text, and each value in them is of whole characters.
fn cuts_no_character(bytes: &[u8], offsets: &[i32]) -> bool {
    let text = simdutf8::basic::from_utf8(bytes);
    text.is_ok_and(|text| offsets.iter().all(|&offset| text.is_char_boundary(offset as usize)))
}

/// An array of values known to be text. In a benchmark this is a sixth less work than checking them again.
#[allow(unsafe_code)]
fn text_array(
    offsets: OffsetBuffer<i32>,
    values: Vec<u8>,
    nulls: Option<NullBuffer>,
) -> Result<StringArray, ArrowError> {
    let rows = offsets.len() - 1;
    let is_whole = usize::try_from(offsets[rows]) == Ok(values.len());
    let values = Buffer::from_vec(values);
    let has_nulls_of_others = nulls.as_ref().is_some_and(|nulls| nulls.len() != rows);
    if cfg!(debug_assertions) || has_nulls_of_others || !is_whole {
        return StringArray::try_new(offsets, values, nulls);
    }
    // SAFETY: an `OffsetBuffer` rises from 0; the last offset is the number of bytes and there is a null bit for each
    // value, as was just checked. Each value is UTF-8: it is a `str`, or was just checked (`checked_text_array`), or what
    // `Text::new_unchecked` requires (`Texts`), or ASCII, because all values together are (`FixedTexts`). A cut removes
    // whole values. Debug builds, and so the tests, check all of it.
    Ok(unsafe { StringArray::new_unchecked(offsets, values, nulls) })
}

/// The offsets of no value yet, with room for more.
fn starting(values: usize) -> Vec<i32> {
    let mut offsets = Vec::with_capacity(values + 1);
    offsets.push(0);
    offsets
}

/// The offsets of values with `length` bytes altogether; an error if they are too many for 32 bits.
#[allow(unsafe_code)]
fn of_lengths(offsets: Vec<i32>, length: usize) -> Result<OffsetBuffer<i32>, ArrowError> {
    if length > most() {
        return Err(ArrowError::OffsetOverflowError(length));
    }
    if cfg!(debug_assertions) {
        return checked(offsets, length);
    }
    // SAFETY: the first is 0 (`starting`), and each was pushed as the number of bytes so far, or as what
    // `Text::new_unchecked` requires to rise up to that. None of these numbers was too large for 32 bits, since the
    // last is not, and a cut removes offsets and bytes together.
    Ok(unsafe { OffsetBuffer::new_unchecked(ScalarBuffer::from(offsets)) })
}

/// Offsets into `length` values, pushed by others or in steps.
#[allow(unsafe_code)]
fn checked(offsets: Vec<i32>, length: usize) -> Result<OffsetBuffer<i32>, ArrowError> {
    if length > most() {
        return Err(ArrowError::OffsetOverflowError(length));
    }
    let after = offsets.get(1..).unwrap_or_default();
    // Combined as bits, so that many pairs are compared at once.
    let falls =
        offsets.iter().zip(after).fold(0, |falls, (before, after)| falls | -i32::from(before > after));
    if falls != 0 || offsets.first() != Some(&0) {
        return Err(ArrowError::InvalidArgumentError("offsets that do not rise from 0".into()));
    }
    // SAFETY: they exist, begin with 0 and rise, as was just checked.
    Ok(unsafe { OffsetBuffer::new_unchecked(ScalarBuffer::from(offsets)) })
}

/// The offsets 0, w, 2w, ...: the same for every batch, so that all share one buffer.
fn multiples(width: usize, rows: usize) -> Result<OffsetBuffer<i32>, ArrowError> {
    // More than the subfields in a chunk of real records.
    const ROWS: usize = 1 << 17;
    static SHARED: [OnceLock<OffsetBuffer<i32>>; 4] = [const { OnceLock::new() }; 4];
    if width * rows > most() {
        return Err(ArrowError::OffsetOverflowError(width * rows));
    }
    let shared = match width {
        1 => Some(&SHARED[0]),
        3 => Some(&SHARED[1]),
        24 => Some(&SHARED[2]),
        _ => None,
    };
    Ok(match shared {
        Some(shared) if (1..=ROWS).contains(&rows) => {
            shared.get_or_init(|| OffsetBuffer::from_repeated_length(width, ROWS)).slice(0, rows)
        }
        _ => OffsetBuffer::from_repeated_length(width, rows),
    })
}

/// Where the lists of a list column end.
pub(super) struct Ends(Vec<i32>);

impl Ends {
    /// Room for `lists` lists.
    pub(super) fn with_capacity(lists: usize) -> Ends {
        Ends(starting(lists))
    }

    /// Ends a list after the elements appended so far.
    pub(super) fn push(&mut self, elements: usize) {
        self.0.push(elements as i32);
    }

    /// Appends lists that end at `ends`, counted from the `before` elements appended earlier.
    #[inline(always)]
    pub(super) fn extend(&mut self, before: usize, ends: &[u32]) {
        self.0.extend(ends.iter().map(|&end| (before + end as usize) as i32));
    }

    pub(super) fn lists(&self) -> usize {
        self.0.len() - 1
    }

    pub(super) fn cut(&mut self, lists: usize) {
        self.0.truncate(lists + 1);
    }

    /// The offsets of lists with `elements` elements altogether.
    pub(super) fn finish(self, elements: usize) -> Result<OffsetBuffer<i32>, ArrowError> {
        checked(self.0, elements)
    }
}

/// Which values are present.
pub(super) struct Validity(Vec<bool>);

impl Validity {
    /// Room for `values` values.
    pub(super) fn with_capacity(values: usize) -> Validity {
        Validity(Vec::with_capacity(values))
    }

    pub(super) fn push(&mut self, is_there: bool) {
        self.0.push(is_there);
    }

    pub(super) fn extend(&mut self, are_there: &[bool]) {
        self.0.extend_from_slice(are_there);
    }

    /// The number of values.
    pub(super) fn values(&self) -> usize {
        self.0.len()
    }

    pub(super) fn cut(&mut self, values: usize) {
        self.0.truncate(values);
    }

    pub(super) fn finish(self) -> NullBuffer {
        let (eights, rest) = self.0.as_chunks();
        let mut last = [false; 8];
        last[..rest.len()].copy_from_slice(rest);
        let bits: Vec<u8> = eights.iter().chain([&last]).map(|eight| packed(*eight)).collect();
        NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(bits), 0, self.0.len()))
    }

    fn if_any_is_missing(self) -> Option<NullBuffer> {
        Some(self.finish()).filter(|validity| validity.null_count() > 0)
    }
}

/// Eight bits, the first of them the lowest.
fn packed(bits: [bool; 8]) -> u8 {
    // Each bit is multiplied into its place in the highest byte.
    (u64::from_le_bytes(bits.map(u8::from)).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

/// The validity of values that are present where `others` are not, and at the places in `besides`.
pub(super) fn complement(others: &NullBuffer, besides: &[usize]) -> NullBuffer {
    let mut are_there = BooleanBufferBuilder::new(others.len());
    are_there.append_buffer(&!others.inner());
    besides.iter().for_each(|&place| are_there.set_bit(place, true));
    NullBuffer::new(are_there.finish())
}

#[cfg(test)]
pub(super) mod tests;
