//! Where rows go: to a table on a terminal, or as lines of CSV or JSON.

use std::io::Write;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{FieldRef, Schema, SchemaRef};
use clap::builder::TypedValueParser;

use super::args::one_of;
use super::failure::refused;
use super::json::write_json;
use super::terminal;
use crate::csv::{self, CsvOptions};
use crate::error::{Error, Result};
use crate::show::Rows;
use crate::words::{counted, printable};

/// The number of rows of a table, unless the command says otherwise.
pub(super) const ROWS: u64 = 20;

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Lines(Lines),
}

/// Rows as lines, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    Csv,
    Tsv,
    Json,
}

pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    one_of(&[
        ("table", Format::Table),
        ("csv", Format::Lines(Lines::Csv)),
        ("tsv", Format::Lines(Lines::Tsv)),
        ("json", Format::Lines(Lines::Json)),
    ])
}

impl Format {
    /// A table for people, CSV for programs.
    pub(super) fn usual() -> Format {
        if terminal::is_shown() { Format::Table } else { Format::Lines(Lines::Csv) }
    }
}

impl Lines {
    fn csv(self) -> Option<CsvOptions> {
        match self {
            Lines::Csv => Some(CsvOptions::default()),
            Lines::Tsv => Some(CsvOptions::default().separator(b'\t')),
            Lines::Json => None,
        }
    }

    /// Refuses columns that no cell of CSV can hold, before anything is read.
    pub(super) fn validate(self, schema: &SchemaRef) -> Result<()> {
        let Some(csv) = self.csv() else { return Ok(()) };
        let is_nested = |field: &&FieldRef| csv.validate(&Arc::new(Schema::new([(*field).clone()]))).is_err();
        match schema.fields().iter().find(is_nested) {
            None => Ok(()),
            Some(field) => Err(refused(&format!(
                "the column {} has nested values, which a cell of CSV cannot hold; name subfields, as in 245$a, or \
                 write text(245)",
                printable(field.name())
            ))),
        }
    }

    /// Writes batches; nothing is flushed.
    pub(super) fn write<E: Into<Error>>(
        self,
        schema: SchemaRef,
        batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
        output: &mut impl Write,
    ) -> Result<()> {
        match self.csv() {
            Some(options) => csv::write_into(schema, batches, output, &options).map(drop),
            None => write_json(batches, output),
        }
    }

    /// Prints a batch.
    pub(super) fn print(self, batch: &RecordBatch) -> Result<()> {
        let mut output = terminal::output();
        self.write(batch.schema(), [Ok::<_, Error>(batch.clone())], &mut output)?;
        output.flush().map_err(Error::of_writing)
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
