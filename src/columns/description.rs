//! The description of a source as batches: `fields` and `encodings`.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field};

use crate::description::{Description, Use};

/// One row for each tag, with a null `code`, and behind it one for each subfield code of its fields.
pub fn fields(description: &Description) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<(&str, Option<&str>, &Use)> = description
        .fields
        .iter()
        .flat_map(|(tag, field)| {
            let subfields = field.subfields.iter();
            std::iter::once((tag.as_str(), None, &field.all))
                .chain(subfields.map(move |(code, its)| (tag.as_str(), Some(code.as_str()), its)))
        })
        .collect();
    let numbers = |of: fn(&Use) -> u64| -> ArrayRef {
        Arc::new(rows.iter().map(|(.., its)| Some(of(its) as i64)).collect::<Int64Array>())
    };
    let share = |its: &Use| its.records as f64 / description.records as f64;
    batch(vec![
        ("tag", Arc::new(StringArray::from_iter_values(rows.iter().map(|(tag, ..)| tag)))),
        ("code", Arc::new(rows.iter().map(|(_, code, _)| *code).collect::<StringArray>())),
        ("records", numbers(|its| its.records)),
        ("share", Arc::new(Float64Array::from_iter_values(rows.iter().map(|(.., its)| share(its))))),
        ("occurrences", numbers(|its| its.occurrences)),
        ("examples", examples(rows.iter().map(|(.., its)| &its.examples))),
    ])
}

/// One row for each encoding that records declare and each that they are in: how many records these are.
pub fn encodings(description: &Description) -> Result<RecordBatch, ArrowError> {
    let rows = || description.encodings.iter();
    batch(vec![
        ("declared", Arc::new(rows().map(|((declared, _), _)| *declared).collect::<StringArray>())),
        ("found", Arc::new(StringArray::from_iter_values(rows().map(|((_, found), _)| found)))),
        ("records", Arc::new(Int64Array::from_iter_values(rows().map(|(_, records)| *records as i64)))),
    ])
}

fn examples<'a>(rows: impl Iterator<Item = &'a Vec<String>>) -> ArrayRef {
    let element = Field::new("element", DataType::Utf8, true);
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(element);
    for examples in rows {
        examples.iter().for_each(|example| lists.values().append_value(example));
        lists.append(true);
    }
    Arc::new(lists.finish())
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
}
