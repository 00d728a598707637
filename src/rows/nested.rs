//! Rows of the layout nested: each is a record.

use std::cell::Cell;
use std::ops::Range;

use arrow_array::RecordBatch;

use super::arrays::{Lists, Numbers, Text};
use super::columns::Named;
use super::fields::FieldColumns;
use crate::error::{Result, WriteCode, WriteError};
use crate::record::Visit;

#[derive(Debug)]
pub(super) struct Nested {
    rows: usize,
    record: Option<Numbers>,
    leader: Option<Text>,
    fields: Lists,
    columns: FieldColumns,
}

impl Nested {
    pub(super) fn of(batch: &RecordBatch, first_row: u64) -> Result<Nested> {
        let named = Named::of(batch, first_row);
        let fields = named.lists("fields")?;
        let columns = FieldColumns::of(&named.members(&fields, "fields."), "fields.subfields.")?;
        Ok(Nested {
            rows: batch.num_rows(),
            record: named.numbers_if_any("record"),
            leader: named.text_if_any("leader")?,
            fields,
            columns,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn number(&self, row: usize) -> Option<i64> {
        self.record.as_ref()?.get(row)
    }

    pub(super) fn leader(&self, row: usize) -> Option<(usize, &str)> {
        Some((row, self.leader.as_ref()?.get(row)?))
    }

    pub(super) fn control_number(&self, row: usize) -> Option<&str> {
        let field = self.fields(row).find(|field| self.columns.tag.get(*field) == Some("001"))?;
        self.columns.value.get(field)
    }

    /// The rows of a record: its own.
    pub(super) fn rows(&self, row: usize) -> Range<usize> {
        row..row + 1
    }

    /// The row with the occurrence of a tag in the record.
    pub(super) fn row_of(&self, row: usize, _: &str, _: usize) -> usize {
        row
    }

    pub(super) fn check(&self, row: usize, at: &Cell<usize>) -> Result<(), WriteError> {
        at.set(row);
        if self.fields.get(row).is_none() {
            return Err(WriteError::new(WriteCode::NotText).found("null"));
        }
        self.fields(row).try_for_each(|field| self.columns.check(field))
    }

    pub(super) fn tell<V: Visit>(&self, row: usize, at: &Cell<usize>, to: &mut V) -> Result<(), V::Stop> {
        at.set(row);
        self.fields(row).try_for_each(|field| self.columns.tell(field, to))
    }

    fn fields(&self, row: usize) -> Range<usize> {
        self.fields.get(row).unwrap_or_default()
    }
}
