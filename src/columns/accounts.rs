//! The accounts of a read as record batches: `sources`, `findings`, `diagnostics`, `rejects`; and the one of writing rows.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use arrow_schema::ArrowError;

use super::buffers::{Binaries, OptionalTexts};
use crate::accounts::{Accounts, Counts, Reject};
use crate::diagnostic::{Diagnostic, Repair};
use crate::error::Refusal;
use crate::options::Format;

type Column = (&'static str, ArrayRef);

/// One row for each source: what it is written in, and its counts of records and bytes.
pub fn sources(accounts: &Accounts) -> Result<RecordBatch, ArrowError> {
    type Count = fn(&Counts) -> u64;
    let counts: [(&'static str, Count); 13] = [
        ("bytes", Counts::bytes),
        ("records", Counts::records),
        ("delivered", |it| it.delivered),
        ("repaired", |it| it.repaired),
        ("rejected", |it| it.rejected),
        ("filtered", |it| it.filtered),
        ("gaps", |it| it.gaps),
        ("bytes_delivered", |it| it.bytes_delivered),
        ("bytes_rejected", |it| it.bytes_rejected),
        ("bytes_filtered", |it| it.bytes_filtered),
        ("bytes_gap", |it| it.bytes_gap),
        ("bytes_filler", |it| it.bytes_filler),
        ("bytes_unread", |it| it.bytes_unread),
    ];
    let names = accounts.sources.iter().map(|it| it.source.as_deref());
    let formats = accounts.sources.iter().map(|it| it.format.map(Format::name));
    let mut columns = vec![("source", texts(names)?), ("format", texts(formats)?)];
    columns.extend(
        counts
            .map(|(name, count)| (name, numbers(accounts.sources.iter().map(|it| Some(count(&it.counts)))))),
    );
    batch(columns)
}

/// One row for each source and code: the exact number of times it was found.
pub fn findings(accounts: &Accounts) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<_> = accounts
        .sources
        .iter()
        .flat_map(|it| {
            it.findings.iter().map(|((code, severity), count)| (&it.source, code, severity, *count))
        })
        .collect();
    batch(vec![
        ("source", texts(rows.iter().map(|(source, ..)| source.as_deref()))?),
        ("code", texts(rows.iter().map(|(_, code, ..)| Some(code.name())))?),
        ("severity", texts(rows.iter().map(|(_, _, severity, _)| Some(severity.name())))?),
        ("count", numbers(rows.iter().map(|(.., count)| Some(*count)))),
    ])
}

/// The metadata of findings: the number of sources, and of records, that were read …
pub(crate) const SOURCES: &str = "mrrc.sources";
pub(crate) const RECORDS: &str = "mrrc.records";
/// … and the number of findings, kept or not.
pub(crate) const FINDINGS: &str = "mrrc.findings";

/// One row for each finding that was kept.
pub fn diagnostics(accounts: &Accounts) -> Result<RecordBatch, ArrowError> {
    with_counts(batch(parts_of(&kept(accounts))?)?, accounts)
}

/// The same with the most useful columns first and each finding as one line in the last column, `message`, which the
/// function makes.
pub fn problems(
    accounts: &Accounts,
    message: impl Fn(&Diagnostic) -> String,
) -> Result<RecordBatch, ArrowError> {
    const FIRST: [&str; 7] = ["record", "severity", "code", "tag", "subfield_code", "found", "expected"];
    let rows = kept(accounts);
    let messages = texts(rows.iter().map(|row| Some(message(row))))?;
    let mut columns = parts_of(&rows)?;
    columns.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    columns.push(("message", messages));
    with_counts(batch(columns)?, accounts)
}

fn with_counts(findings: RecordBatch, accounts: &Accounts) -> Result<RecordBatch, ArrowError> {
    let all: u64 = accounts.sources.iter().flat_map(|it| it.findings.values()).sum();
    let sources = accounts.sources.len() as u64;
    let counts = [(SOURCES, sources), (RECORDS, accounts.counts().records()), (FINDINGS, all)];
    let metadata = counts.map(|(key, count)| (key.to_owned(), count.to_string())).into();
    let schema = findings.schema_ref().as_ref().clone().with_metadata(metadata);
    findings.with_schema(Arc::new(schema))
}

fn kept(accounts: &Accounts) -> Vec<&Diagnostic> {
    accounts.sources.iter().flat_map(|it| &it.diagnostics).collect()
}

fn parts_of(rows: &[&Diagnostic]) -> Result<Vec<Column>, ArrowError> {
    let text = |of: fn(&Diagnostic) -> Option<&str>| texts(rows.iter().map(|row| of(row)));
    let number = |of: fn(&Diagnostic) -> Option<u64>| numbers(rows.iter().map(|row| of(row)));
    Ok(vec![
        ("code", text(|it| Some(it.code.name()))?),
        ("severity", text(|it| Some(it.severity.name()))?),
        ("source", text(|it| it.source.as_deref())?),
        ("record", number(|it| it.record)),
        ("offset", number(|it| Some(it.offset))),
        ("record_offset", number(|it| it.record_offset)),
        ("entry", number(|it| it.entry.map(u64::from))),
        ("tag", text(|it| it.tag.as_deref())?),
        ("occurrence", number(|it| it.occurrence.map(u64::from))),
        ("subfield_code", text(|it| it.subfield_code.as_deref())?),
        ("count", number(|it| Some(it.count))),
        ("found", text(|it| Some(&it.found))?),
        ("expected", text(|it| Some(&it.expected))?),
        ("control_number", text(|it| it.control_number.as_deref())?),
        ("after", text(|it| it.after.as_deref())?),
        ("repair", text(|it| it.repair.map(Repair::name))?),
    ])
}

/// One row for each record that was not delivered.
pub fn rejects(accounts: &Accounts) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<(Option<&str>, &Reject)> = accounts
        .sources
        .iter()
        .flat_map(|it| it.rejects.iter().map(|reject| (it.source.as_deref(), reject)))
        .collect();
    let number = |of: fn(&Reject) -> u64| numbers(rows.iter().map(|(_, reject)| Some(of(reject))));
    let raw: Binaries = rows.iter().map(|(_, reject)| reject.raw.as_deref()).collect();
    batch(vec![
        ("source", texts(rows.iter().map(|(source, _)| *source))?),
        ("record", number(|it| it.record)),
        ("offset", number(|it| it.offset)),
        ("length", number(|it| it.length)),
        ("code", texts(rows.iter().map(|(_, reject)| Some(reject.code.name())))?),
        ("control_number", texts(rows.iter().map(|(_, reject)| reject.control_number.as_deref()))?),
        ("after", texts(rows.iter().map(|(_, reject)| reject.after.as_deref()))?),
        ("raw", Arc::new(raw.finish()?)),
    ])
}

/// One row for each thing that kept a record from being written as it stands, with these messages.
pub fn refusals(refusals: &[Refusal], messages: &[String]) -> Result<RecordBatch, ArrowError> {
    let is_written: BooleanArray = refusals.iter().map(|it| Some(it.is_written)).collect();
    batch(vec![
        ("row", numbers(refusals.iter().map(|it| it.row))),
        ("record", numbers(refusals.iter().map(|it| it.record))),
        ("control_number", texts(refusals.iter().map(|it| it.control_number.as_deref()))?),
        ("code", texts(refusals.iter().map(|it| Some(it.code.name())))?),
        ("written", Arc::new(is_written)),
        ("message", texts(messages.iter().map(Some))?),
    ])
}

/// A text column; an error if it is too long for one.
pub(super) fn texts<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> Result<ArrayRef, ArrowError> {
    let mut column = OptionalTexts::with_capacity(0, 0);
    values.for_each(|value| column.push(value.as_ref().map(AsRef::as_ref)));
    Ok(Arc::new(column.finish()?))
}

pub(super) fn numbers(values: impl Iterator<Item = Option<u64>>) -> ArrayRef {
    Arc::new(values.map(|value| value.map(|value| value as i64)).collect::<Int64Array>())
}

pub(super) fn batch(columns: Vec<Column>) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
}
