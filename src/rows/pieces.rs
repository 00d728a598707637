//! [`Pieces`] of a stream of batches: rows of whole records, few enough to be worked on side by side.

use std::collections::HashMap;

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use super::arrays::Numbers;
use super::columns::{Layout, Named};
use super::records::Records;
use crate::error::{Error, Result};

/// The number of records in a piece of layout nested.
const RECORDS: usize = 256;
/// The number of rows in a piece of the other layouts, but for those of its last record.
const ROWS: usize = 8_192;

/// Batches, cut into pieces.
pub struct Pieces<I> {
    batches: I,
    layout: Layout,
    /// What is left of the batch that was taken last.
    rest: Option<RecordBatch>,
    next_row: u64,
    numbers: RecordNumbers,
    /// Rows of records whose last row is not known yet.
    open: Vec<RecordBatch>,
    bounds: Vec<usize>,
    open_rows: usize,
}

/// Rows of whole records, which can be sent to another thread.
#[derive(Debug)]
pub struct Piece {
    layout: Layout,
    batches: Vec<RecordBatch>,
    bounds: Vec<usize>,
    first_row: u64,
}

impl Piece {
    /// Its records.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if a column is missing, has a type that cannot be part of records, or is not UTF-8.
    pub fn records(&self) -> Result<Records> {
        Records::of(self.layout, &self.batches, self.bounds.clone(), self.first_row)
    }
}

impl<E: Into<Error>, I: Iterator<Item = Result<RecordBatch, E>>> Pieces<I> {
    /// The pieces of batches that have this schema.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if these are not the columns of one of the layouts.
    pub fn of(schema: &Schema, batches: I) -> Result<Pieces<I>> {
        Ok(Pieces {
            batches,
            layout: Layout::of(schema)?,
            rest: None,
            next_row: 0,
            numbers: RecordNumbers::default(),
            open: Vec::new(),
            bounds: Vec::new(),
            open_rows: 0,
        })
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// The first error of the batches; [`Error::Argument`] if a record comes again after another one, or has no
    /// number.
    pub fn next_piece(&mut self) -> Result<Option<Piece>> {
        loop {
            let Some(batch) = self.next_rows()? else { return Ok(self.close()) };
            if self.layout == Layout::Nested {
                let rows = batch.num_rows();
                self.open.push(batch);
                self.open_rows = rows;
                return Ok(self.close());
            }
            if let Some(piece) = self.push(batch)? {
                return Ok(Some(piece));
            }
        }
    }

    /// Rows of one batch, as many as a piece has.
    fn next_rows(&mut self) -> Result<Option<RecordBatch>> {
        let most = if self.layout == Layout::Nested { RECORDS } else { ROWS };
        loop {
            let batch = match self.rest.take() {
                Some(batch) => batch,
                None => match self.batches.next() {
                    None => return Ok(None),
                    Some(batch) => batch.map_err(Into::into)?,
                },
            };
            let rows = batch.num_rows().min(most);
            if rows < batch.num_rows() {
                self.rest = Some(batch.slice(rows, batch.num_rows() - rows));
            }
            if rows > 0 {
                return Ok(Some(batch.slice(0, rows)));
            }
        }
    }

    /// Adds rows; returns the piece that they complete.
    fn push(&mut self, batch: RecordBatch) -> Result<Option<Piece>> {
        let (begin, rows) = (self.open_rows, batch.num_rows());
        let first_row = self.next_row + begin as u64;
        let starts = self.numbers.starts(&batch, first_row)?;
        let mut piece = None;
        let mut from = 0;
        // The last record may go on.
        if let Some(last) = starts.last().copied().filter(|last| begin + last >= ROWS) {
            if last > 0 {
                self.open.push(batch.slice(0, last));
            }
            self.bounds.extend(starts.iter().filter(|start| **start < last).map(|start| begin + start));
            self.open_rows = begin + last;
            piece = self.close();
            from = last;
        }
        self.bounds
            .extend(starts.iter().filter(|start| **start >= from).map(|start| self.open_rows + start - from));
        self.open.push(batch.slice(from, rows - from));
        self.open_rows += rows - from;
        Ok(piece)
    }

    /// The open rows as a piece, if there are any.
    fn close(&mut self) -> Option<Piece> {
        let rows = std::mem::take(&mut self.open_rows);
        let first_row = self.next_row;
        self.next_row += rows as u64;
        let mut bounds = std::mem::take(&mut self.bounds);
        bounds.push(rows);
        let batches = std::mem::take(&mut self.open);
        (rows > 0).then_some(Piece { layout: self.layout, batches, bounds, first_row })
    }
}

/// The numbers of records in rows of which several are a record.
#[derive(Default)]
struct RecordNumbers {
    last: Option<(usize, i64)>,
    /// Sources by name, and the number that each has here.
    sources: HashMap<Option<String>, usize>,
    last_source: Option<(Option<String>, usize)>,
    /// Which records were seen: 64 by number, and a bit for each.
    seen: HashMap<(usize, i64), u64>,
}

impl RecordNumbers {
    /// The rows of a batch in which records begin.
    fn starts(&mut self, batch: &RecordBatch, first_row: u64) -> Result<Vec<usize>> {
        let named = Named::of(batch, first_row);
        let (numbers, sources) = (named.numbers("record")?, named.text_if_any("source")?);
        let mut starts = Vec::new();
        for row in 0..batch.num_rows() {
            let number = number(&numbers, row, first_row)?;
            let source = sources.as_ref().and_then(|sources| sources.get(row));
            let record = (self.source(source), number);
            if self.last == Some(record) {
                continue;
            }
            self.last = Some(record);
            self.note(record).map_err(|()| again(number, source, first_row + row as u64))?;
            starts.push(row);
        }
        Ok(starts)
    }

    /// The number of a source.
    fn source(&mut self, name: Option<&str>) -> usize {
        match &self.last_source {
            Some((last, number)) if last.as_deref() == name => *number,
            _ => {
                let name = name.map(str::to_owned);
                let next = self.sources.len();
                let number = *self.sources.entry(name.clone()).or_insert(next);
                self.last_source = Some((name, number));
                number
            }
        }
    }

    /// Notes a record; an error if it was seen before.
    fn note(&mut self, (source, number): (usize, i64)) -> Result<(), ()> {
        let (block, bit) = (number >> 6, 1 << (number & 63));
        let seen = self.seen.entry((source, block)).or_default();
        let is_new = *seen & bit == 0;
        *seen |= bit;
        if is_new { Ok(()) } else { Err(()) }
    }
}

fn number(numbers: &Numbers, row: usize, first_row: u64) -> Result<i64> {
    numbers.get(row).ok_or_else(|| {
        Error::Argument(format!(
            "row {}, column record: null; each row needs the number of its record",
            first_row + row as u64
        ))
    })
}

fn again(number: i64, source: Option<&str>, row: u64) -> Error {
    let of_source = source.map(|source| format!(" of {}", crate::words::brief(source))).unwrap_or_default();
    Error::Argument(format!(
        "row {row}, column record: record {number}{of_source} comes again after another; sort by record, field, \
         subfield, or tell records of several files apart by a column source"
    ))
}
