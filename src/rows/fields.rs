//! Fields with their subfields in a list: the elements of `fields` in layout nested, and the rows of layout fields.

use std::cell::Cell;

use super::arrays::{Lists, Text};
use super::columns::Named;
use super::flat::{Columns, Flat, LEADER};
use crate::error::{Result, WriteCode, WriteError};
use crate::record::{Value, Visit};

/// Columns with a row for each field.
#[derive(Debug)]
pub(super) struct FieldColumns {
    pub(super) tag: Text,
    pub(super) value: Text,
    indicators: [Text; 2],
    subfields: Lists,
    code: Text,
    subfield_value: Text,
    /// A subfield may be null, or a part of one.
    may_lack: bool,
}

impl FieldColumns {
    /// `prefix` is what the names of a subfield's parts begin with.
    pub(super) fn of(named: &Named<'_>, prefix: &'static str) -> Result<FieldColumns> {
        let subfields = named.lists("subfields")?;
        let pairs = named.members(&subfields, prefix);
        let (code, subfield_value) = (pairs.text("code")?, pairs.text("value")?);
        drop(pairs);
        Ok(FieldColumns {
            tag: named.text("tag")?,
            value: named.text("value")?,
            indicators: [named.text("ind1")?, named.text("ind2")?],
            may_lack: code.may_lack() || subfield_value.may_lack(),
            subfields,
            code,
            subfield_value,
        })
    }

    /// Whether all parts of a field are there.
    pub(super) fn check(&self, field: usize) -> Result<(), WriteError> {
        let null = |code| WriteError::new(code).found("null");
        let Some(tag) = self.tag.get(field) else { return Err(null(WriteCode::TagUnwritable)) };
        let about = |error: WriteError| error.in_field(tag.as_bytes(), 0);
        let Some(mut subfields) = self.subfields.get(field) else {
            return self.value.get(field).map(drop).ok_or_else(|| about(null(WriteCode::NotText)));
        };
        if !self.may_lack {
            return Ok(());
        }
        subfields.try_for_each(|subfield| {
            match (self.code.get(subfield), self.subfield_value.get(subfield)) {
                (Some(_), Some(_)) => Ok(()),
                (None, _) => Err(about(null(WriteCode::CodeUnwritable))),
                (code, None) => Err(about(null(WriteCode::NotText)).in_subfield(code)),
            }
        })
    }

    pub(super) fn tell<V: Visit>(&self, field: usize, to: &mut V) -> Result<(), V::Stop> {
        let tag = self.tag.get(field).unwrap_or_default();
        let value = self.value.get(field).map(text);
        let subfields = self.subfields.get(field).filter(|its| !(its.is_empty() && is_of_control_field(tag)));
        let Some(subfields) = subfields else { return to.control(tag, value.unwrap_or_else(|| text(""))) };
        to.data(tag, self.indicators.each_ref().map(|it| it.get(field).unwrap_or_default()), value)?;
        for subfield in subfields {
            let value = self.subfield_value.get(subfield).unwrap_or_default();
            to.subfield(self.code.get(subfield).unwrap_or_default(), text(value))?;
        }
        to.end()
    }
}

/// Whether a field with this tag has neither indicators nor subfields.
pub(super) fn is_of_control_field(tag: &str) -> bool {
    tag.starts_with("00")
}

pub(super) fn text(text: &str) -> Value<'_> {
    Value::Text(text.into())
}

impl Columns for FieldColumns {
    fn of(named: &Named<'_>) -> Result<FieldColumns> {
        FieldColumns::of(named, "subfields.")
    }

    fn tag(&self) -> &Text {
        &self.tag
    }

    fn value(&self) -> &Text {
        &self.value
    }
}

impl Flat<FieldColumns> {
    /// The row with the occurrence of a tag in the record.
    pub(super) fn row_of(&self, record: usize, tag: &str, occurrence: usize) -> usize {
        self.with_tag(record, tag).nth(occurrence).unwrap_or(self.rows(record).start)
    }

    pub(super) fn check(&self, record: usize, at: &Cell<usize>) -> Result<(), WriteError> {
        let mut has_leader = false;
        self.rows(record).try_for_each(|row| {
            at.set(row);
            if self.tag(row) == Some(LEADER) && std::mem::replace(&mut has_leader, true) {
                return Err(WriteError::new(WriteCode::RowsDisagree).found("a second leader"));
            }
            self.at(row).map_or(Ok(()), |(columns, row)| columns.check(row))
        })
    }

    pub(super) fn tell<V: Visit>(&self, record: usize, at: &Cell<usize>, to: &mut V) -> Result<(), V::Stop> {
        for row in self.rows(record) {
            at.set(row);
            match self.at(row) {
                Some((columns, row)) if columns.tag.get(row) != Some(LEADER) => columns.tell(row, to)?,
                _ => {}
            }
        }
        Ok(())
    }
}
