//! Where rows go: to a table on a terminal, or as CSV.

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use clap::builder::TypedValueParser;

use super::args::one_of;
use super::terminal;
use crate::csv::{self, CsvOptions};
use crate::error::{Error, Result};
use crate::show::Rows;
use crate::words::counted;

/// The number of rows of a table, unless the command says otherwise.
pub(super) const ROWS: u64 = 20;

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Csv,
    Tsv,
}

pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    one_of(&[("table", Format::Table), ("csv", Format::Csv), ("tsv", Format::Tsv)])
}

impl Format {
    /// A table for people, CSV for programs.
    pub(super) fn usual() -> Format {
        if terminal::is_shown() { Format::Table } else { Format::Csv }
    }

    /// How its lines are written, unless it is a table.
    pub(super) fn csv(self) -> Option<CsvOptions> {
        match self {
            Format::Table => None,
            Format::Csv => Some(CsvOptions::default()),
            Format::Tsv => Some(CsvOptions::default().separator(b'\t')),
        }
    }
}

/// Rows that are shown as a table.
pub(super) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    pub(super) fn new(schema: SchemaRef) -> Table {
        Table { schema, batches: Vec::new() }
    }

    pub(super) fn push(&mut self, batch: RecordBatch) {
        self.batches.push(batch);
    }

    /// Prints the first rows, and says if there are others.
    pub(super) fn print(&self, most: u64) -> Result<()> {
        let mut left = most;
        let mut shown = Vec::new();
        for batch in &self.batches {
            let batch = first(batch, left);
            left -= batch.num_rows() as u64;
            shown.push(batch);
        }
        let rows = (most - left) as usize;
        let is_all = self.batches.iter().map(RecordBatch::num_rows).sum::<usize>() == rows;
        let table = Rows { schema: &self.schema, batches: &shown, bytes: 0, most: rows, news: None };
        let mut lines = table.lines(terminal::room());
        if !is_all {
            lines.push(format!("  … the first {}; -n shows more", counted(rows as u64, "row")));
        }
        terminal::print(&lines.join("\n"))
    }
}

/// The first rows of a batch.
pub(super) fn first(batch: &RecordBatch, most: u64) -> RecordBatch {
    let rows = usize::try_from(most).unwrap_or(usize::MAX).min(batch.num_rows());
    batch.slice(0, rows)
}

/// Prints a batch as CSV.
pub(super) fn print_csv(batch: &RecordBatch, options: &CsvOptions) -> Result<()> {
    let batches = [Ok::<_, Error>(batch.clone())];
    write_csv(batch.schema(), batches, &mut terminal::output(), options)
}

/// Refuses columns that no cell of CSV can hold, before anything is read.
pub(super) fn validate_csv(schema: &SchemaRef, options: &CsvOptions) -> Result<()> {
    options.validate(schema).map_err(|_| {
        let advice = "name its subfields, as in 245$a, or write text(245)";
        Error::Argument(format!("a cell of CSV cannot hold a field with its subfields; {advice}"))
    })
}

/// Writes batches as CSV, to the last byte.
pub(super) fn write_csv<E: Into<Error>>(
    schema: SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    output: &mut impl Write,
    options: &CsvOptions,
) -> Result<()> {
    csv::write_into(schema, batches, output, options)?;
    output.flush().map_err(Error::of_writing)
}
