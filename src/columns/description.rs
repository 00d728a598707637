//! The description of a source as record batches: `fields` and `encodings`.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field};

use super::accounts::{batch, numbers, texts};
use crate::description::{Description, Use};

/// Stands for tags, or codes, that are counted together.
const OTHER: &str = "other";

/// One row for each tag, with a null `code`, followed by one for each subfield code of its fields. Whatever is
/// counted together is called `other`; its number of records is unknown.
pub fn fields(description: &Description) -> Result<RecordBatch, ArrowError> {
    let rows = rows(description);
    let records = |row: &Row<'_>| row.used.map(|its| its.records);
    let share = |row: &Row<'_>| Some(records(row)? as f64 / description.records as f64);
    batch(vec![
        ("tag", texts(rows.iter().map(|row| Some(row.tag)))?),
        ("code", texts(rows.iter().map(|row| row.code))?),
        ("records", numbers(rows.iter().map(records))),
        ("share", Arc::new(rows.iter().map(share).collect::<Float64Array>())),
        ("occurrences", numbers(rows.iter().map(|row| Some(row.occurrences)))),
        ("examples", examples(rows.iter().map(|row| row.used.map_or(&[][..], |its| &its.examples)))),
    ])
}

struct Row<'a> {
    tag: &'a str,
    code: Option<&'a str>,
    occurrences: u64,
    /// `None` for what is counted together.
    used: Option<&'a Use>,
}

impl<'a> Row<'a> {
    fn told_apart(tag: &'a str, code: Option<&'a str>, used: &'a Use) -> Row<'a> {
        Row { tag, code, occurrences: used.occurrences, used: Some(used) }
    }

    fn together(tag: &'a str, code: Option<&'a str>, occurrences: u64) -> Row<'a> {
        Row { tag, code, occurrences, used: None }
    }
}

fn rows(description: &Description) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (tag, field) in &description.fields {
        rows.push(Row::told_apart(tag, None, &field.all));
        rows.extend(field.subfields.iter().map(|(code, its)| Row::told_apart(tag, Some(code), its)));
        rows.push(Row::together(tag, Some(OTHER), field.other_subfields));
    }
    rows.push(Row::together(OTHER, None, description.other_fields));
    rows.push(Row::together(OTHER, Some(OTHER), description.subfields_of_others));
    rows.retain(|row| row.occurrences > 0);
    rows
}

/// One row for each pair of declared and actual encoding: the number of records.
pub fn encodings(description: &Description) -> Result<RecordBatch, ArrowError> {
    let rows = || description.encodings.iter();
    batch(vec![
        ("declared", texts(rows().map(|((declared, _), _)| *declared))?),
        ("found", texts(rows().map(|((_, found), _)| Some(*found)))?),
        ("records", numbers(rows().map(|(_, records)| Some(*records)))),
    ])
}

fn examples<'a>(rows: impl Iterator<Item = &'a [String]>) -> ArrayRef {
    let element = Field::new("element", DataType::Utf8, true);
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(element);
    for examples in rows {
        examples.iter().for_each(|example| lists.values().append_value(example));
        lists.append(true);
    }
    Arc::new(lists.finish())
}
