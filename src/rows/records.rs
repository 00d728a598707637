//! [`Records`] that rows hold, and [`RowRecord`], one of them, borrowed from the arrays.

use std::cell::Cell;

use arrow_array::RecordBatch;

use super::columns::Layout;
use super::fields::FieldColumns;
use super::flat::Flat;
use super::nested::Nested;
use super::subfields::SubfieldColumns;
use crate::error::{Refusal, Result, WriteCode, WriteError};
use crate::iso2709::Leader;
use crate::iso2709::leader::LEADER_LENGTH;
use crate::record::{RecordBuf, Tell, Visit};

/// Whole records, as rows of one of the layouts hold them.
#[derive(Debug)]
pub struct Records {
    rows: Rows,
    /// The number of the first row.
    first_row: u64,
}

#[derive(Debug)]
enum Rows {
    Nested(Box<Nested>),
    Fields(Flat<FieldColumns>),
    Subfields(Flat<SubfieldColumns>),
}

/// Asks the rows, whatever their layout.
macro_rules! ask {
    ($rows:expr, $it:ident => $answer:expr) => {
        match &$rows {
            Rows::Nested($it) => $answer,
            Rows::Fields($it) => $answer,
            Rows::Subfields($it) => $answer,
        }
    };
}

impl Records {
    /// The records in these batches, of which the first row has this number. `bounds` are where records begin and end;
    /// in layout nested there is one batch, and each row is one.
    pub(super) fn of(
        layout: Layout,
        batches: &[RecordBatch],
        bounds: Vec<usize>,
        first_row: u64,
    ) -> Result<Records> {
        let rows = match (layout, batches) {
            (Layout::Nested, [batch]) => Rows::Nested(Nested::of(batch, first_row)?.into()),
            (Layout::Subfields, batches) => Rows::Subfields(Flat::of(batches, bounds, first_row)?),
            (_, batches) => Rows::Fields(Flat::of(batches, bounds, first_row)?),
        };
        Ok(Records { rows, first_row })
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        ask!(self.rows, it => it.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The record at this place; `None` if there are fewer.
    ///
    /// # Errors
    ///
    /// A [`WriteError`] that names row and column if a part is null, if the leader does not have 24 characters, or if
    /// rows contradict each other.
    pub fn get(&self, place: usize) -> Option<Result<RowRecord<'_>, WriteError>> {
        self.sound(place).map(|record| record.check().map(|()| record))
    }

    /// The same of a place at which [`get`](Records::get) has given a record: it is not checked again.
    pub fn sound(&self, place: usize) -> Option<RowRecord<'_>> {
        (place < self.len()).then(|| RowRecord { records: self, place, row: Cell::default() })
    }

    /// The records, in order.
    pub fn iter(&self) -> impl Iterator<Item = Result<RowRecord<'_>, WriteError>> {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

/// A record that rows hold: its leader, and its fields in the order of the rows.
#[derive(Debug)]
pub struct RowRecord<'a> {
    records: &'a Records,
    /// Which of them.
    place: usize,
    /// The row that was looked at last.
    row: Cell<usize>,
}

impl<'a> RowRecord<'a> {
    /// The number of the record, if a column has it.
    pub fn number(&self) -> Option<i64> {
        ask!(self.records.rows, it => it.number(self.place))
    }

    /// How many rows hold it.
    pub(super) fn rows(&self) -> usize {
        ask!(self.records.rows, it => it.rows(self.place)).len()
    }

    /// The first 001.
    pub fn control_number(&self) -> Option<&'a str> {
        ask!(self.records.rows, it => it.control_number(self.place))
    }

    /// The text of the leader; `None` if the rows have none.
    pub fn leader_text(&self) -> Option<&'a str> {
        ask!(self.records.rows, it => it.leader(self.place)).map(|(_, text)| text)
    }

    /// Whether all parts are there, and agree.
    fn check(&self) -> Result<(), WriteError> {
        let checked = ask!(self.records.rows, it => it.check(self.place, &self.row));
        checked.map_err(|error| self.locate(error, self.row.get()))?;
        match ask!(self.records.rows, it => it.leader(self.place)) {
            Some((row, text)) if leader(text).is_none() => {
                let error = WriteError::new(WriteCode::LeaderUnwritable).found(format!("{text:?}"));
                Err(self.locate(error, row))
            }
            _ => Ok(()),
        }
    }

    /// The row that was told last, or is being told.
    pub(super) fn row(&self) -> usize {
        self.row.get()
    }

    /// The row of the leader.
    pub(super) fn row_of_leader(&self) -> usize {
        ask!(self.records.rows, it => it.leader(self.place)).map_or_else(|| self.row.get(), |(row, _)| row)
    }

    /// The row of a field, or its first.
    pub(super) fn row_of(&self, tag: &str, occurrence: usize) -> usize {
        ask!(self.records.rows, it => it.row_of(self.place, tag, occurrence))
    }

    /// The same error with the row and the column, and the numbers of the record.
    pub(super) fn locate(&self, mut error: WriteError, row: usize) -> WriteError {
        let refusal = &mut *error.0;
        refusal.row = Some(self.records.first_row + row as u64);
        refusal.column = self.column(refusal);
        refusal.record = self.number().and_then(|number| u64::try_from(number).ok());
        refusal.control_number = self.control_number().map(str::to_owned);
        error
    }

    /// The column that is to be corrected.
    fn column(&self, refusal: &Refusal) -> Option<&'static str> {
        let [nested, fields, subfields] = match refusal.code {
            WriteCode::TagUnwritable | WriteCode::TagKind => ["fields.tag", "tag", "tag"],
            WriteCode::IndicatorUnwritable => ["fields.ind1 or ind2", "ind1 or ind2", "ind1 or ind2"],
            WriteCode::CodeUnwritable => ["fields.subfields.code", "subfields.code", "code"],
            WriteCode::LeaderUnwritable => ["leader", "value", "value"],
            WriteCode::CharacterUnwritable if refusal.tag.is_none() => ["leader", "value", "value"],
            WriteCode::RowsDisagree => ["fields", "field", "field"],
            WriteCode::FieldTooLong => ["fields", "subfields", "value"],
            WriteCode::RecordTooLong | WriteCode::NotRecoverable => return None,
            _ if refusal.subfield_code.is_some() => ["fields.subfields.value", "subfields.value", "value"],
            _ => ["fields.value", "value", "value"],
        };
        Some(match &self.records.rows {
            Rows::Nested(_) => nested,
            Rows::Fields(_) => fields,
            Rows::Subfields(_) => subfields,
        })
    }
}

impl Tell for RowRecord<'_> {
    /// The leader of the rows, or that of a new record.
    fn leader(&self) -> Leader {
        self.leader_text().and_then(leader).unwrap_or_else(|| RecordBuf::default().leader())
    }

    fn tell<V: Visit>(&self, to: &mut V) -> Result<(), V::Stop> {
        ask!(self.records.rows, it => it.tell(self.place, &self.row, to))
    }
}

/// A leader of 24 characters; what is no character of ISO 8859-1 becomes a byte that is not ASCII.
fn leader(text: &str) -> Option<Leader> {
    let mut characters = text.chars().map(|character| u8::try_from(character).unwrap_or(0xFF));
    let mut leader = [b' '; LEADER_LENGTH];
    for byte in &mut leader {
        *byte = characters.next()?;
    }
    characters.next().is_none().then_some(Leader(leader))
}
