//! Growing buffers that become Arrow arrays without a copy: text, bytes, fixed-width text, list offsets, validity.
//!
//! Each can be cut back to a mark, so that a record whose content turns out to be unusable leaves no trace. What
//! Arrow takes on trust is checked here, when a buffer is finished. A column that is too long for 32-bit offsets is
//! an [`ArrowError::OffsetOverflowError`].

use std::ops::Range;
use std::sync::OnceLock;

use arrow_array::{BinaryArray, StringArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

/// The maximum number of bytes in a text column, and of elements in a list column: offsets have 32 bits.
#[cfg(not(test))]
pub(super) fn most() -> usize {
    i32::MAX as usize
}

#[cfg(test)]
pub(super) use tests::{most, with_most};

/// Of a part of a longer text, bytes are appended in this number, and those beyond the part are cut off: most parts are
/// shorter, and a `memcpy` call costs more.
const STRIDE: usize = 32;

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

    /// Appends to the current value a part of some bytes.
    #[inline(always)]
    fn append(&mut self, bytes: &[u8], part: Range<usize>) {
        match bytes.get(part.start..).and_then(<[u8]>::first_chunk::<STRIDE>) {
            Some(stride) if part.len() <= STRIDE => {
                let end = self.bytes.len() + part.len();
                self.bytes.extend_from_slice(stride);
                self.bytes.truncate(end);
            }
            _ => self.bytes.extend_from_slice(bytes.get(part).unwrap_or_default()),
        }
    }

    /// Ends the current value.
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

    /// Appends the empty value of a null.
    pub(super) fn push_null(&mut self) {
        self.push("");
    }

    /// Appends the values of a draft.
    pub(super) fn extend(&mut self, text: &Text<'_>) {
        let Values { bytes, offsets } = &mut self.0;
        let before = bytes.len();
        bytes.extend_from_slice(text.bytes);
        offsets.extend(text.ends.iter().map(|&end| (before + end as usize) as i32));
    }

    pub(super) fn mark(&self) -> ValuesMark {
        self.0.mark()
    }

    pub(super) fn cut(&mut self, mark: ValuesMark) {
        self.0.cut(mark);
    }

    pub(super) fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let Values { bytes, offsets } = self.0;
        text_array(of_lengths(offsets, bytes.len())?, bytes, nulls)
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
    pub(super) fn len(&self) -> usize {
        self.texts.0.offsets.len() - 1
    }

    #[inline]
    pub(super) fn push(&mut self, text: Option<&str>) {
        if text.is_none() {
            self.missing.push(self.len());
        }
        self.texts.push(text.unwrap_or_default());
    }

    /// Appends to the current value a part of a text.
    #[inline(always)]
    pub(super) fn append(&mut self, text: &str, part: Range<usize>) {
        if text.get(part.clone()).is_some() {
            self.texts.0.append(text.as_bytes(), part);
        }
    }

    /// Ends the current value.
    #[inline(always)]
    pub(super) fn end(&mut self) {
        self.texts.0.end();
    }

    pub(super) fn mark(&self) -> OptionalMark {
        OptionalMark { texts: self.texts.mark(), missing: self.missing.len() }
    }

    pub(super) fn cut(&mut self, mark: OptionalMark) {
        self.texts.cut(mark.texts);
        self.missing.truncate(mark.missing);
    }

    pub(super) fn finish(self) -> Result<StringArray, ArrowError> {
        let values = self.len();
        let nulls = (!self.missing.is_empty()).then(|| {
            let mut are_there = BooleanBufferBuilder::new(values);
            are_there.append_n(values, true);
            self.missing.iter().for_each(|place| are_there.set_bit(*place, false));
            NullBuffer::new(are_there.finish())
        });
        self.texts.finish(nulls)
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
    #[inline]
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
    // value, as was just checked. Each value is UTF-8: it is a `str`, or what `Text::new_unchecked` requires
    // (`Texts`), or ASCII, because all values together are (`FixedTexts`). A cut removes whole values. Debug builds,
    // and so the tests, check all of it.
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
        Some(shared) if rows <= ROWS => {
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

    pub(super) fn cut(&mut self, values: usize) {
        self.0.truncate(values);
    }

    pub(super) fn finish(self) -> NullBuffer {
        NullBuffer::new(self.0.into())
    }

    fn if_any_is_missing(self) -> Option<NullBuffer> {
        Some(self.finish()).filter(|validity| validity.null_count() > 0)
    }
}

/// The validity of values that are present where `others` are not, and at the places in `besides`.
pub(super) fn complement(others: &NullBuffer, besides: &[usize]) -> NullBuffer {
    let mut are_there = BooleanBufferBuilder::new(others.len());
    are_there.append_buffer(&!others.inner());
    besides.iter().for_each(|&place| are_there.set_bit(place, true));
    NullBuffer::new(are_there.finish())
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    use arrow_array::Array;

    use super::*;

    thread_local! {
        static MOST: Cell<usize> = const { Cell::new(i32::MAX as usize) };
    }

    /// Lowered in tests: the real limit takes 2 GiB of memory.
    pub(crate) fn most() -> usize {
        MOST.get()
    }

    /// Runs `work` with columns that hold no more than `most` bytes.
    pub(crate) fn with_most<T>(most: usize, work: impl FnOnce() -> T) -> T {
        let before = MOST.replace(most);
        let done = work();
        MOST.set(before);
        done
    }

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
        assert_eq!(&*lists.finish(5).unwrap(), [0, 2, 2, 5]);
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

    fn is_too_long<T>(finished: Result<T, ArrowError>) -> bool {
        matches!(finished, Err(ArrowError::OffsetOverflowError(_)))
    }

    #[test]
    fn a_column_that_is_too_long_for_its_offsets_is_an_error() {
        let texts = |texts: &[&str]| {
            let mut column = Texts::with_capacity(0, 0);
            texts.iter().for_each(|text| column.push(text));
            column.finish(None)
        };
        let tags = |tags: &[u8], odd: &str| {
            let mut column = FixedTexts::with_capacity(3, 0);
            column.extend(tags);
            column.push(odd);
            column.finish(None)
        };
        with_most(9, || {
            assert!(texts(&["one", "two", "six"]).is_ok());
            assert!(is_too_long(texts(&["one", "two", "three"])));
            assert!(tags(b"245", "700").is_ok());
            assert!(is_too_long(tags(b"245500650", "700")));
            assert!(is_too_long(tags(b"245500", "wide")));
            assert!(is_too_long(
                [Some("ten"), None, Some("letters")].into_iter().collect::<OptionalTexts>().finish()
            ));
            assert!(is_too_long([Some(&b"ten bytes "[..])].into_iter().collect::<Binaries>().finish()));
            let mut lists = Ends::with_capacity(1);
            lists.push(10);
            assert!(is_too_long(lists.finish(10)));
        });
    }

    #[test]
    fn what_is_cut_does_not_count_for_the_length() {
        with_most(9, || {
            let mut values = Texts::with_capacity(0, 0);
            values.push("kept");
            let mark = values.mark();
            values.push("far too long");
            values.cut(mark);
            assert_eq!(texts(&values.finish(None).unwrap()), ["kept"]);
        });
    }

    #[test]
    fn what_does_not_fit_together_is_an_error() {
        assert!(checked(vec![0, 2, 1], 2).is_err());
        assert!(checked(vec![1, 2], 2).is_err());
        assert!(checked(Vec::new(), 0).is_err());
        let mut values = Texts::with_capacity(0, 0);
        values.push("one");
        assert!(values.finish(Some(NullBuffer::new_valid(2))).is_err());
    }
}
