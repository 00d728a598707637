//! Columns whose values come in runs: what all rows of a record have in common, and which rows have a value.

use arrow_array::{Array, StringArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, OffsetBuffer};
use arrow_schema::ArrowError;

use super::buffers::{Texts, most};

/// Each value in as many rows as its list has.
pub(super) fn repeated(values: &StringArray, lists: &OffsetBuffer<i32>) -> Result<StringArray, ArrowError> {
    let lengths = (0..values.len()).map(|place| values.value_length(place) as usize);
    let bytes = lengths.zip(lists.lengths()).map(|(length, rows)| length * rows).sum();
    if bytes > most() {
        return Err(ArrowError::OffsetOverflowError(bytes));
    }
    let rows = lists.last().map_or(0, |&rows| rows as usize);
    let mut texts = Texts::with_capacity(bytes, rows);
    for (value, rows) in values.iter().zip(lists.lengths()) {
        texts.push_repeatedly(value.unwrap_or_default(), rows);
    }
    let are_there = values.nulls().map(|nulls| {
        let mut runs = Runs::with_capacity(rows);
        nulls.iter().zip(lists.lengths()).for_each(|(is_there, rows)| runs.push(is_there, rows));
        runs.finish()
    });
    texts.finish(are_there)
}

/// Which rows have a value.
pub(super) struct Runs(BooleanBufferBuilder);

impl Runs {
    /// Room for `rows` rows.
    pub(super) fn with_capacity(rows: usize) -> Runs {
        Runs(BooleanBufferBuilder::new(rows))
    }

    /// Appends rows that all have a value, or all have none.
    pub(super) fn push(&mut self, are_there: bool, rows: usize) {
        self.0.append_n(rows, are_there);
    }

    pub(super) fn cut(&mut self, rows: usize) {
        self.0.truncate(rows);
    }

    pub(super) fn finish(mut self) -> NullBuffer {
        NullBuffer::new(self.0.finish())
    }
}

/// The same rows but those at these places.
pub(super) fn except(are_there: &NullBuffer, places: &[usize]) -> NullBuffer {
    if places.is_empty() {
        return are_there.clone();
    }
    let mut runs = BooleanBufferBuilder::new(are_there.len());
    runs.append_buffer(are_there.inner());
    places.iter().for_each(|&place| runs.set_bit(place, false));
    NullBuffer::new(runs.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::buffers::{Ends, with_most};

    fn lists(ends: &[usize]) -> OffsetBuffer<i32> {
        let mut lists = Ends::with_capacity(ends.len());
        ends.iter().for_each(|&end| lists.push(end));
        lists.finish(ends.last().copied().unwrap_or(0)).unwrap()
    }

    #[test]
    fn a_value_is_in_each_row_of_its_record() {
        let values = StringArray::from(vec![Some("a1"), None, Some(""), Some("é"), Some("none")]);
        let rows = repeated(&values, &lists(&[3, 4, 6, 11, 11])).unwrap();
        let expected = [Some("a1"); 3].into_iter().chain([None, Some(""), Some("")]).chain([Some("é"); 5]);
        assert_eq!(rows, expected.collect::<StringArray>());
        assert_eq!(repeated(&StringArray::from(Vec::<&str>::new()), &lists(&[])).unwrap().len(), 0);
    }

    #[test]
    fn values_that_repeat_beyond_what_a_column_holds_are_an_error_before_they_take_memory() {
        let repeat =
            |rows| with_most(100, || repeated(&StringArray::from(vec!["0123456789"]), &lists(&[rows])));
        assert!(repeat(10).is_ok());
        assert!(matches!(repeat(11), Err(ArrowError::OffsetOverflowError(110))));
    }

    #[test]
    fn rows_without_a_value_can_be_among_those_with_one() {
        let mut runs = Runs::with_capacity(0);
        runs.push(false, 2);
        runs.push(true, 70);
        runs.cut(4);
        runs.push(true, 1);
        let runs = runs.finish();
        assert_eq!(runs.iter().collect::<Vec<_>>(), [false, false, true, true, true]);
        assert_eq!(except(&runs, &[3]).iter().collect::<Vec<_>>(), [false, false, true, false, true]);
    }
}
