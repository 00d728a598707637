//! Rows of which several are a record: each record is some of them, one after another, perhaps of several batches.

use std::ops::Range;

use arrow_array::RecordBatch;

use super::arrays::{Numbers, Text};
use super::columns::Named;
use crate::error::Result;

/// The tag of the row that is the leader.
pub(super) const LEADER: &str = "LDR";

/// The columns of such rows.
pub(super) trait Columns: Sized {
    fn of(named: &Named<'_>) -> Result<Self>;
    fn tag(&self) -> &Text;
    fn value(&self) -> &Text;
}

/// Rows of whole records.
#[derive(Debug)]
pub(super) struct Flat<C> {
    parts: Vec<Part<C>>,
    /// Where each record begins, and the end of the last.
    bounds: Vec<usize>,
}

/// Rows of one batch.
#[derive(Debug)]
struct Part<C> {
    /// The number of rows before them.
    begin: usize,
    record: Numbers,
    columns: C,
}

impl<C: Columns> Flat<C> {
    pub(super) fn of(batches: &[RecordBatch], bounds: Vec<usize>, first_row: u64) -> Result<Flat<C>> {
        let (mut parts, mut begin) = (Vec::with_capacity(batches.len()), 0);
        for batch in batches {
            let named = Named::of(batch, first_row + begin as u64);
            parts.push(Part { begin, record: named.numbers("record")?, columns: C::of(&named)? });
            begin += batch.num_rows();
        }
        Ok(Flat { parts, bounds })
    }

    pub(super) fn len(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    pub(super) fn number(&self, record: usize) -> Option<i64> {
        let (part, row) = self.part(self.rows(record).start)?;
        part.record.get(row)
    }

    /// The row of the leader, and its text.
    pub(super) fn leader(&self, record: usize) -> Option<(usize, &str)> {
        let row = self.with_tag(record, LEADER).next()?;
        Some((row, self.value(row).unwrap_or_default()))
    }

    pub(super) fn control_number(&self, record: usize) -> Option<&str> {
        self.value(self.with_tag(record, "001").next()?)
    }

    /// The rows of a record.
    pub(super) fn rows(&self, record: usize) -> Range<usize> {
        match self.bounds.get(record..).unwrap_or_default() {
            [start, end, ..] => *start..*end,
            _ => 0..0,
        }
    }

    /// The columns that have a row, and its place in them.
    #[inline]
    pub(super) fn at(&self, row: usize) -> Option<(&C, usize)> {
        self.part(row).map(|(part, row)| (&part.columns, row))
    }

    /// The rows of a record that have this tag.
    pub(super) fn with_tag(&self, record: usize, tag: &str) -> impl Iterator<Item = usize> {
        self.rows(record).filter(move |row| self.tag(*row) == Some(tag))
    }

    #[inline]
    pub(super) fn tag(&self, row: usize) -> Option<&str> {
        let (columns, row) = self.at(row)?;
        columns.tag().get(row)
    }

    #[inline]
    pub(super) fn value(&self, row: usize) -> Option<&str> {
        let (columns, row) = self.at(row)?;
        columns.value().get(row)
    }

    #[inline]
    fn part(&self, row: usize) -> Option<(&Part<C>, usize)> {
        let part = match self.parts.as_slice() {
            // It has most rows: before it are those that were left of another piece.
            [.., last] if last.begin <= row => last,
            parts => parts.get(parts.partition_point(|part| part.begin <= row).checked_sub(1)?)?,
        };
        Some((part, row - part.begin))
    }
}
