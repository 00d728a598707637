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

impl SubfieldColumns {
    #[inline]
    fn indicators(&self, row: usize) -> [Option<&str>; 2] {
        let [ind1, ind2] = &self.indicators;
        [ind1.get(row), ind2.get(row)]
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
            at.set(field.start);
            let Some(first) = self.row(field.start) else { continue };
            let about = |error: WriteError| error.in_field(first.tag.unwrap_or_default().as_bytes(), 0);
            let disagree = |found: &str| Err(about(WriteError::new(WriteCode::RowsDisagree).found(found)));
            let null = |code| Err(about(WriteError::new(code).found("null")));
            match first {
                Row { field: None, .. } => return disagree("null for the number of the field"),
                Row { tag: None, .. } => return null(WriteCode::TagUnwritable),
                _ => {}
            }
            let (is_leader, has_nothing) =
                (first.tag == Some(LEADER), field.len() == 1 && first.has_nothing());
            let mut has_text = false;
            for row in field.clone() {
                at.set(row);
                let Some((columns, its)) = self.at(row) else { continue };
                if !columns.value.has(its) && !has_nothing {
                    return null(WriteCode::NotText);
                }
                if row > field.start && columns.indicators(its) != first.indicators {
                    return disagree("other indicators");
                }
                if !columns.code.has(its) && std::mem::replace(&mut has_text, true) {
                    return disagree("a second row without a code");
                }
                if is_leader && std::mem::replace(&mut has_leader, true) {
                    return disagree("a second leader");
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
            let mut rows = field.clone().filter_map(|row| self.at(row));
            let outside = rows.find(|(columns, row)| !columns.code.has(*row));
            let outside = outside.map(|(columns, row)| text(columns.value.get(row).unwrap_or_default()));
            to.data(tag, first.indicators.map(Option::unwrap_or_default), outside)?;
            for row in field {
                at.set(row);
                let Some((columns, row)) = self.at(row) else { continue };
                if let Some(code) = columns.code.get(row) {
                    to.subfield(code, text(columns.value.get(row).unwrap_or_default()))?;
                }
            }
            to.end()?;
        }
        Ok(())
    }

    /// The rows of each field of a record: all of them have its number and its tag.
    fn fields(&self, record: usize) -> impl Iterator<Item = Range<usize>> {
        let Range { mut start, end } = self.rows(record);
        std::iter::from_fn(move || {
            let (columns, row) = self.at(start).filter(|_| start < end)?;
            let (field, tag) = (columns.field.get(row), columns.tag.get(row));
            let is_its = |row| {
                let at = self.at(row);
                at.is_some_and(|(columns, row)| {
                    columns.field.get(row) == field && columns.tag.get(row) == tag
                })
            };
            let next = (start + 1..end).find(|row| !is_its(*row)).unwrap_or(end);
            Some(std::mem::replace(&mut start, next)..next)
        })
    }

    fn row(&self, row: usize) -> Option<Row<'_>> {
        let (columns, row) = self.at(row)?;
        Some(Row {
            field: columns.field.get(row),
            tag: columns.tag.get(row),
            indicators: columns.indicators(row),
            code: columns.code.get(row),
            value: columns.value.get(row),
        })
    }
}
