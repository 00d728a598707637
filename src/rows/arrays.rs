//! Arrow arrays of any type that holds text, lists or whole numbers, read where they stand.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, GenericStringArray, LargeStringArray, OffsetSizeTrait, StringArray};
use arrow_array::{GenericListArray, GenericListViewArray, StringViewArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

/// A column of text.
#[derive(Debug)]
pub(super) enum Text {
    Small(StringArray),
    Large(LargeStringArray),
    View(StringViewArray),
    /// For each row its place among the values; `None` for null.
    Dictionary(Vec<Option<usize>>, Box<Text>),
    /// Members of structs, some of which are null.
    Of(NullBuffer, Box<Text>),
    /// Nothing but nulls: this many.
    Null(usize),
}

impl Text {
    /// `None` if the column has another type.
    pub(super) fn of(array: &dyn Array) -> Option<Text> {
        Some(match array.data_type() {
            DataType::Utf8 => Text::Small(array.as_string().clone()),
            DataType::LargeUtf8 => Text::Large(array.as_string().clone()),
            DataType::Utf8View => Text::View(array.as_string_view().clone()),
            DataType::Null => Text::Null(array.len()),
            DataType::Dictionary(..) => {
                let array = array.as_any_dictionary();
                let values = Text::of(array.values().as_ref())?;
                let keys = Numbers::of(array.keys())?;
                let place = |row| keys.get(row).and_then(|key| usize::try_from(key).ok());
                let places = (0..array.len()).map(|row| place(row).filter(|place| *place < values.len()));
                Text::Dictionary(places.collect(), Box::new(values))
            }
            _ => return None,
        })
    }

    fn len(&self) -> usize {
        match self {
            Text::Small(array) => array.len(),
            Text::Large(array) => array.len(),
            Text::View(array) => array.len(),
            Text::Dictionary(places, _) => places.len(),
            Text::Of(_, text) => text.len(),
            Text::Null(rows) => *rows,
        }
    }

    /// The text in a row; `None` for null.
    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        match self {
            Text::Small(array) => array.is_valid(row).then(|| array.value(row)),
            other => other.get_of_any(row),
        }
    }

    /// The same of a column of any type.
    #[inline(never)]
    fn get_of_any(&self, row: usize) -> Option<&str> {
        match self {
            Text::Small(array) => array.is_valid(row).then(|| array.value(row)),
            Text::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Text::View(array) => array.is_valid(row).then(|| array.value(row)),
            Text::Dictionary(places, values) => values.get((*places.get(row)?)?),
            Text::Of(structs, text) => text.get(row).filter(|_| structs.is_valid(row)),
            Text::Null(_) => None,
        }
    }

    /// Whether there is text in a row.
    #[inline]
    pub(super) fn has(&self, row: usize) -> bool {
        match self {
            Text::Small(array) => array.is_valid(row),
            other => other.get_of_any(row).is_some(),
        }
    }

    /// Whether there may be a null.
    pub(super) fn may_lack(&self) -> bool {
        match self {
            Text::Small(array) => array.null_count() > 0,
            Text::Large(array) => array.null_count() > 0,
            Text::View(array) => array.null_count() > 0,
            Text::Dictionary(places, values) => places.contains(&None) || values.may_lack(),
            Text::Of(structs, text) => structs.null_count() > 0 || text.may_lack(),
            Text::Null(rows) => *rows > 0,
        }
    }

    /// The first row that is not UTF-8: a library may say that bytes are text without looking.
    pub(super) fn first_that_is_no_text(&self) -> Option<usize> {
        let is_all_text = match self {
            Text::Small(array) => is_text(array),
            Text::Large(array) => is_text(array),
            Text::View(_) | Text::Dictionary(..) | Text::Of(..) => false,
            Text::Null(_) => true,
        };
        let is_no_text = |row: &usize| {
            self.get(*row).is_some_and(|text| simdutf8::basic::from_utf8(text.as_bytes()).is_err())
        };
        if is_all_text { None } else { (0..self.len()).find(is_no_text) }
    }
}

/// Whether every value is whole characters.
fn is_text<O: OffsetSizeTrait>(array: &GenericStringArray<O>) -> bool {
    let offsets = array.value_offsets();
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else { return true };
    let (first, last) = (first.as_usize(), last.as_usize());
    let Some(bytes) = array.value_data().get(first..last) else { return false };
    bytes.is_ascii()
        || simdutf8::basic::from_utf8(bytes)
            .is_ok_and(|text| offsets.iter().all(|offset| text.is_char_boundary(offset.as_usize() - first)))
}

/// A column of lists: which rows of their values each has.
#[derive(Debug)]
pub(super) struct Lists {
    ranges: Vec<Range<usize>>,
    nulls: Option<NullBuffer>,
    /// The values of all lists, and no others unless lists share them.
    pub(super) values: ArrayRef,
}

impl Lists {
    /// `None` if the column has another type.
    pub(super) fn of(array: &dyn Array) -> Option<Lists> {
        let (ranges, values) = match array.data_type() {
            DataType::List(_) => small_or_large(array.as_list::<i32>()),
            DataType::LargeList(_) => small_or_large(array.as_list::<i64>()),
            DataType::ListView(_) => views(array.as_list_view::<i32>()),
            DataType::LargeListView(_) => views(array.as_list_view::<i64>()),
            DataType::FixedSizeList(_, size) => {
                let size = usize::try_from(*size).ok()?;
                let list = array.as_fixed_size_list();
                ((0..list.len()).map(|row| row * size..(row + 1) * size).collect(), list.values().clone())
            }
            _ => return None,
        };
        Some(Lists { ranges, nulls: array.nulls().cloned(), values }.alone())
    }

    /// The rows that a list has; `None` for null.
    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<Range<usize>> {
        let is_null = self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        if is_null { None } else { self.ranges.get(row).cloned() }
    }

    /// The list that has this row.
    pub(super) fn list_of(&self, value: usize) -> usize {
        self.ranges.iter().position(|range| range.contains(&value)).unwrap_or_default()
    }

    /// The same with values from the first to the last that a list has.
    fn alone(mut self) -> Lists {
        let first = self.ranges.iter().map(|range| range.start).min().unwrap_or_default();
        let last = self.ranges.iter().map(|range| range.end).max().unwrap_or_default();
        self.values = self.values.slice(first, last - first);
        for range in &mut self.ranges {
            *range = range.start - first..range.end - first;
        }
        self
    }
}

fn small_or_large<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> (Vec<Range<usize>>, ArrayRef) {
    let pairs = list.value_offsets().windows(2);
    let ranges = pairs.map(|pair| pair[0].as_usize()..pair[1].as_usize());
    (ranges.collect(), list.values().clone())
}

fn views<O: OffsetSizeTrait>(list: &GenericListViewArray<O>) -> (Vec<Range<usize>>, ArrayRef) {
    let range = |(row, (offset, size)): (usize, (&O, &O))| match list.is_null(row) {
        // A null may point anywhere.
        true => 0..0,
        false => offset.as_usize()..offset.as_usize() + size.as_usize(),
    };
    let ranges = list.value_offsets().iter().zip(list.value_sizes()).enumerate().map(range);
    (ranges.collect(), list.values().clone())
}

/// A column of whole numbers.
#[derive(Debug)]
pub(super) struct Numbers(Vec<Option<i64>>);

impl Numbers {
    /// `None` if the column has another type.
    pub(super) fn of(array: &dyn Array) -> Option<Numbers> {
        Some(Numbers(match array.data_type() {
            DataType::Int8 => numbers::<Int8Type>(array),
            DataType::Int16 => numbers::<Int16Type>(array),
            DataType::Int32 => numbers::<Int32Type>(array),
            DataType::Int64 => numbers::<Int64Type>(array),
            DataType::UInt8 => numbers::<UInt8Type>(array),
            DataType::UInt16 => numbers::<UInt16Type>(array),
            DataType::UInt32 => numbers::<UInt32Type>(array),
            DataType::UInt64 => numbers::<UInt64Type>(array),
            DataType::Null => vec![None; array.len()],
            _ => return None,
        }))
    }

    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<i64> {
        self.0.get(row).copied().flatten()
    }
}

/// The values of a column of this type; one beyond 64 bits with a sign becomes null.
fn numbers<T: ArrowPrimitiveType<Native: TryInto<i64>>>(array: &dyn Array) -> Vec<Option<i64>> {
    array.as_primitive::<T>().iter().map(|value| value.and_then(|value| value.try_into().ok())).collect()
}
