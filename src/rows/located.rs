//! Names the rows of what is odd or refused while a record of rows is written.

use std::convert::Infallible;

use super::records::RowRecord;
use crate::error::{Refusal, WriteError};
use crate::forms::{Marc, Text};
use crate::record::{Tell, Value, Visit};

/// Writes a record, and knows what in it is odd or cannot be written.
pub(super) trait Notes: Visit<Stop = Infallible> {
    /// What is odd so far and will be written nevertheless.
    fn odd(&self) -> &[Refusal];

    /// Whether something so far cannot be written.
    fn is_refused(&self) -> bool;
}

impl Notes for Marc {
    fn odd(&self) -> &[Refusal] {
        Marc::odd(self)
    }

    fn is_refused(&self) -> bool {
        Marc::is_refused(self)
    }
}

impl Notes for Text<'_> {
    fn odd(&self) -> &[Refusal] {
        Text::odd(self)
    }

    fn is_refused(&self) -> bool {
        Text::is_refused(self)
    }
}

/// Tells a record to what writes it; returns what is odd about it, or why it cannot be written, with row and column.
pub(super) fn located<V: Notes>(
    record: &RowRecord<'_>,
    to: V,
    finish: impl FnOnce(V) -> Result<Vec<Refusal>, WriteError>,
) -> Result<Vec<Refusal>, WriteError> {
    let mut located = Located { to, record, odd: Vec::new(), refused: None };
    located.note(record.row_of_leader());
    let Ok(()) = record.tell(&mut located);
    let Located { to, odd: mut rows, refused, .. } = located;
    match finish(to) {
        Ok(odd) => {
            rows.resize(odd.len(), record.row_of_leader());
            let locate = |(odd, row)| *record.locate(WriteError(Box::new(odd)), row).0;
            Ok(odd.into_iter().zip(rows).map(locate).collect())
        }
        Err(error) => {
            let tag = error.0.tag.clone().unwrap_or_default();
            let occurrence = error.0.occurrence.unwrap_or_default() as usize;
            let row = refused.unwrap_or_else(|| record.row_of(&tag, occurrence));
            Err(record.locate(error, row))
        }
    }
}

/// Notes the rows of what is odd or refused.
struct Located<'a, V> {
    to: V,
    record: &'a RowRecord<'a>,
    odd: Vec<usize>,
    refused: Option<usize>,
}

impl<V: Notes> Located<'_, V> {
    fn note(&mut self, row: usize) {
        if self.odd.len() < self.to.odd().len() {
            self.odd.resize(self.to.odd().len(), row);
        }
        if self.refused.is_none() && self.to.is_refused() {
            self.refused = Some(row);
        }
    }

    fn note_here(&mut self) {
        self.note(self.record.row());
    }
}

impl<V: Notes> Visit for Located<'_, V> {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.to.control(tag, data).map(|()| self.note_here())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.to.data(tag, indicators, stray).map(|()| self.note_here())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.to.subfield(code, value).map(|()| self.note_here())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.to.end()
    }
}
