//! How often each value of a column occurs.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{DataType, Field, Schema};

use super::buffers::most;
use super::query;
use crate::error::{Error, Result};
use crate::notation::Expression;
use crate::words::grouped;

/// Counts of the values in the first column of batches; the elements of lists are values of their own.
///
/// It takes memory for each value that differs from the others, whatever the number of rows.
pub struct ValueCounts {
    /// The type of a value.
    data_type: DataType,
    texts: HashMap<Box<str>, u64>,
    numbers: HashMap<i64, u64>,
    nulls: u64,
}

impl ValueCounts {
    /// No values yet, of an expression; an error if it gives whole fields or structs.
    pub fn of(expression: &Expression) -> Result<ValueCounts> {
        let column = query::field("value", expression);
        ValueCounts::of_type(column.data_type()).ok_or_else(|| {
            Error::Argument(format!(
                "the values of {expression} are not text or numbers, and cannot be counted; write text({expression}), or \
                 name subfields"
            ))
        })
    }

    /// No values yet, of a column with this type; `None` if its values are neither text, numbers, days nor truth
    /// values.
    fn of_type(column: &DataType) -> Option<ValueCounts> {
        let data_type = match column {
            DataType::List(element) => element.data_type(),
            other => other,
        };
        let is_countable = matches!(
            data_type,
            DataType::Utf8 | DataType::Int32 | DataType::Int64 | DataType::Boolean | DataType::Date32
        );
        is_countable.then(|| ValueCounts {
            data_type: data_type.clone(),
            texts: HashMap::new(),
            numbers: HashMap::new(),
            nulls: 0,
        })
    }

    /// Counts the values of a batch.
    pub fn add(&mut self, batch: &RecordBatch) {
        let Some(column) = batch.columns().first() else { return };
        let elements = column.as_list_opt::<i32>().map(|lists| {
            let offsets = lists.value_offsets();
            let (from, to) = (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
            lists.values().slice(from as usize, (to - from) as usize)
        });
        self.add_values(elements.as_ref().unwrap_or(column));
    }

    fn add_values(&mut self, values: &ArrayRef) {
        self.nulls += values.null_count() as u64;
        if let Some(texts) = values.as_string_opt::<i32>() {
            for text in texts.iter().flatten() {
                match self.texts.get_mut(text) {
                    Some(count) => *count += 1,
                    None => _ = self.texts.insert(text.into(), 1),
                }
            }
            return;
        }
        let mut add = |number: i64| *self.numbers.entry(number).or_default() += 1;
        if let Some(numbers) = values.as_primitive_opt::<Int32Type>() {
            numbers.iter().flatten().for_each(|number| add(i64::from(number)));
        } else if let Some(numbers) = values.as_primitive_opt::<Int64Type>() {
            numbers.iter().flatten().for_each(add);
        } else if let Some(days) = values.as_primitive_opt::<Date32Type>() {
            days.iter().flatten().for_each(|day| add(i64::from(day)));
        } else if let Some(truths) = values.as_boolean_opt() {
            truths.iter().flatten().for_each(|is_true| add(i64::from(is_true)));
        }
    }

    /// One row for each value: `value` and `count`, the most frequent first; equal counts are in the order of the
    /// values, and null comes after the values that are as frequent. An error if the values are too long for a column.
    pub fn finish(self) -> Result<RecordBatch> {
        let nulls = self.nulls;
        let bytes = self.texts.keys().map(|text| text.len()).sum::<usize>();
        if bytes > most() {
            return Err(Error::Argument(format!(
                "{} values that differ have {} bytes, and a column holds at most {}: count them in parts, as in \
                 where=\"008/35-37 == 'eng'\"",
                grouped(self.texts.len() as u64),
                grouped(bytes as u64),
                grouped(most() as u64)
            )));
        }
        let (values, counts): (ArrayRef, Vec<i64>) = match self.data_type {
            DataType::Utf8 => {
                let (texts, counts) = ordered(self.texts, nulls);
                (Arc::new(texts.iter().map(Option::as_deref).collect::<StringArray>()), counts)
            }
            ref data_type => {
                let (numbers, counts) = ordered(self.numbers, nulls);
                let days = || numbers.iter().map(|it| it.and_then(|it| i32::try_from(it).ok()));
                let values: ArrayRef = match data_type {
                    DataType::Int32 => Arc::new(days().collect::<Int32Array>()),
                    DataType::Date32 => Arc::new(days().collect::<Date32Array>()),
                    DataType::Boolean => {
                        Arc::new(numbers.iter().map(|it| it.map(|it| it != 0)).collect::<BooleanArray>())
                    }
                    _ => Arc::new(Int64Array::from(numbers)),
                };
                (values, counts)
            }
        };
        let schema = Schema::new(vec![
            Field::new("value", values.data_type().clone(), true),
            Field::new("count", DataType::Int64, true),
        ]);
        Ok(RecordBatch::try_new(Arc::new(schema), vec![values, Arc::new(Int64Array::from(counts))])?)
    }
}

/// Values and counts, the most frequent first.
fn ordered<T: Ord + Hash>(counts: HashMap<T, u64>, nulls: u64) -> (Vec<Option<T>>, Vec<i64>) {
    let values = counts.into_iter().map(|(value, count)| (Some(value), count));
    let mut all: Vec<_> = values.chain((nulls > 0).then_some((None, nulls))).collect();
    all.sort_unstable_by(|(one, count), (other, others)| {
        (Reverse(count), one.is_none(), one).cmp(&(Reverse(others), other.is_none(), other))
    });
    all.into_iter().map(|(value, count)| (value, count as i64)).unzip()
}

#[cfg(test)]
mod tests {
    use arrow_array::ListArray;
    use arrow_schema::Fields;

    use super::*;
    use crate::columns::buffers::with_most;

    #[test]
    fn elements_of_lists_are_counted_and_null_is_a_value() {
        let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([
            Some(vec![Some(7), Some(3), None]),
            Some(vec![]),
            Some(vec![Some(3), Some(9)]),
        ]);
        let mut counts = ValueCounts::of_type(lists.data_type()).unwrap();
        let schema = Schema::new(vec![Field::new("x", lists.data_type().clone(), true)]);
        let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(lists)]).unwrap();
        counts.add(&batch);
        counts.add(&batch.slice(2, 1));
        let counts = counts.finish().unwrap();
        assert_eq!(
            counts.column(0).as_primitive::<Int32Type>().iter().collect::<Vec<_>>(),
            [Some(3), Some(9), Some(7), None]
        );
        assert_eq!(counts.column(1).as_primitive::<Int64Type>().values(), &[3, 2, 1, 1]);
    }

    #[test]
    fn values_that_are_too_long_for_a_column_are_an_error() {
        let schema = Schema::new(vec![Field::new("x", DataType::Utf8, true)]);
        let texts = Arc::new(StringArray::from(vec!["12345", "12345", "6789"]));
        let mut counts = ValueCounts::of_type(&DataType::Utf8).unwrap();
        counts.add(&RecordBatch::try_new(Arc::new(schema), vec![texts]).unwrap());
        let error = with_most(8, || counts.finish().unwrap_err());
        assert_eq!(
            error.to_string(),
            "2 values that differ have 9 bytes, and a column holds at most 8: count them in parts, as in \
             where=\"008/35-37 == 'eng'\""
        );
    }

    #[test]
    fn structs_are_not_counted() {
        assert!(ValueCounts::of_type(&DataType::Struct(Fields::empty())).is_none());
    }
}
