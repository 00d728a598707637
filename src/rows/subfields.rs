//! Rows of the layout subfields: each is a subfield, a control field, or the text of a data field outside subfields.

use std::cell::Cell;
use std::ops::Range;

use super::arrays::{Numbers, Text};
use super::columns::Named;
use super::fields::{is_of_control_field, text};
use super::flat::{Columns, Flat, LEADER};
use crate::error::{Result, WriteCode, WriteError};
use crate::record::Visit;

/// Columns with a row for each subfield.
#[derive(Debug)]
pub(super) struct SubfieldColumns {
    field: Numbers,
    tag: Text,
    indicators: [Text; 2],
    code: Text,
    value: Text,
}

impl Columns for SubfieldColumns {
    fn of(named: &Named<'_>) -> Result<SubfieldColumns> {
        Ok(SubfieldColumns {
            field: named.numbers("field")?,
            tag: named.text("tag")?,
            indicators: [named.text("ind1")?, named.text("ind2")?],
            code: named.text("code")?,
            value: named.text("value")?,
        })
    }

    fn tag(&self) -> &Text {
        &self.tag
    }

    fn value(&self) -> &Text {
        &self.value
    }
}

/// What a row says.
#[derive(Clone, Copy)]
struct Row<'a> {
    field: Option<i64>,
    tag: Option<&'a str>,
    indicators: [Option<&'a str>; 2],
    code: Option<&'a str>,
    value: Option<&'a str>,
}

impl Row<'_> {
    /// Whether it is the row of a data field that has nothing, if it is the only one.
    fn has_nothing(&self) -> bool {
        self.code.is_none() && self.value.is_none() && !self.is_plain()
    }

    /// Whether it has no indicators, and no code: a control field, whatever its tag.
    fn is_plain(&self) -> bool {
        self.code.is_none() && (self.indicators == [None; 2] || self.tag.is_some_and(is_of_control_field))
    }
}

impl Flat<SubfieldColumns> {
    /// The first row of the occurrence of a tag in the record.
    pub(super) fn row_of(&self, record: usize, tag: &str, occurrence: usize) -> usize {
        let mut fields = self.fields(record).filter(|field| self.tag(field.start) == Some(tag));
        fields.nth(occurrence).unwrap_or(self.rows(record)).start
    }

    pub(super) fn check(&self, record: usize, at: &Cell<usize>) -> Result<(), WriteError> {
        let mut has_leader = false;
        for field in self.fields(record) {
            let Some(first) = self.row(field.start) else { continue };
            let about = |error: WriteError| error.in_field(first.tag.unwrap_or_default().as_bytes(), 0);
            let disagree = |found: &str| Err(about(WriteError::new(WriteCode::RowsDisagree).found(found)));
            let null = |code| Err(about(WriteError::new(code).found("null")));
            let mut has_text = false;
            for row in field.clone() {
                at.set(row);
                let Some(its) = self.row(row) else { continue };
                match its {
                    Row { field: None, .. } => return disagree("null for the number of the field"),
                    Row { tag: None, .. } => return null(WriteCode::TagUnwritable),
                    Row { value: None, .. } if field.len() > 1 || !its.has_nothing() => {
                        return null(WriteCode::NotText);
                    }
                    _ if its.indicators != first.indicators => return disagree("other indicators"),
                    Row { code: None, .. } if std::mem::replace(&mut has_text, true) => {
                        return disagree("a second row without a code");
                    }
                    Row { tag: Some(LEADER), .. } if std::mem::replace(&mut has_leader, true) => {
                        return disagree("a second leader");
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    pub(super) fn tell<V: Visit>(&self, record: usize, at: &Cell<usize>, to: &mut V) -> Result<(), V::Stop> {
        for field in self.fields(record) {
            at.set(field.start);
            let Some(first) = self.row(field.start).filter(|row| row.tag != Some(LEADER)) else { continue };
            let tag = first.tag.unwrap_or_default();
            if field.len() == 1 && first.is_plain() {
                to.control(tag, text(first.value.unwrap_or_default()))?;
                continue;
            }
            // It may be anywhere, since an engine may sort null to the end.
            let mut outside = field.clone().filter_map(|row| self.row(row)).filter(|row| row.code.is_none());
            let outside = outside.next().map(|row| text(row.value.unwrap_or_default()));
            to.data(tag, first.indicators.map(Option::unwrap_or_default), outside)?;
            for row in field {
                at.set(row);
                if let Some(Row { code: Some(code), value, .. }) = self.row(row) {
                    to.subfield(code, text(value.unwrap_or_default()))?;
                }
            }
            to.end()?;
        }
        Ok(())
    }

    /// The rows of each field of a record.
    fn fields(&self, record: usize) -> impl Iterator<Item = Range<usize>> {
        let Range { mut start, end } = self.rows(record);
        std::iter::from_fn(move || {
            let its = |row| self.at(row).map(|(columns, row)| (columns.field.get(row), columns.tag.get(row)));
            let first = (start < end).then(|| its(start))?;
            let next = (start + 1..end).find(|row| its(*row) != first).unwrap_or(end);
            Some(std::mem::replace(&mut start, next)..next)
        })
    }

    fn row(&self, row: usize) -> Option<Row<'_>> {
        let (columns, row) = self.at(row)?;
        Some(Row {
            field: columns.field.get(row),
            tag: columns.tag.get(row),
            indicators: columns.indicators.each_ref().map(|column| column.get(row)),
            code: columns.code.get(row),
            value: columns.value.get(row),
        })
    }
}
