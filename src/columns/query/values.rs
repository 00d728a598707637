//! The values that an expression has in records: pieces of text, numbers, or whole fields. Each knows the field and the
//! subfield that it comes from.

use std::collections::HashSet;
use std::hash::Hash;

use super::subfields::Subfield;

/// A value and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Value {
    pub(super) held: Held,
    /// The place of its field among the fields looked at: [`NO_FIELD`] if it is of none.
    pub(super) field: u32,
    /// The code of its subfield: [`NO_CODE`] if it is of none, or of several.
    pub(super) code: u8,
}

pub(super) const NO_FIELD: u32 = u32::MAX;
pub(super) const NO_CODE: u8 = 0;

impl Value {
    /// A part of a field that is in no subfield.
    #[inline(always)]
    pub(super) fn text((start, end): (u32, u32), field: u32) -> Value {
        Value { held: Held::Text(start, end), field, code: NO_CODE }
    }

    /// The value of a subfield.
    #[inline(always)]
    pub(super) fn subfield(subfield: Subfield, field: u32) -> Value {
        Value { held: Held::Text(subfield.start, subfield.end), field, code: subfield.code }
    }

    /// A field itself.
    pub(super) fn field(field: u32) -> Value {
        Value { held: Held::Field, field, code: NO_CODE }
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Held {
    /// Nothing: a function could not take what was there.
    Null,
    /// From one place to another in the text.
    Text(u32, u32),
    /// A number, a day, or a truth value.
    Number(i64),
    /// The field itself.
    Field,
}

impl Held {
    /// A part of a text; `from` and `to` count from its beginning.
    pub(super) fn part(self, from: usize, to: usize) -> Held {
        match self {
            Held::Text(start, _) => Held::Text(start + from as u32, start + to as u32),
            other => other,
        }
    }
}

/// Whether there is a value among these.
pub(super) fn has_any(values: &[Value]) -> bool {
    values.iter().any(|value| value.held != Held::Null)
}

/// Whether there is an element among these values; one of several is there, whatever is in it.
pub(super) fn is_there(values: &[Value], arity: usize) -> bool {
    if arity > 1 { !values.is_empty() } else { has_any(values) }
}

/// Leaves out each value behind `from` whose key one before it has.
pub(super) fn keep_first<K: Eq + Hash>(values: &mut Vec<Value>, from: usize, key: impl Fn(&Value) -> K) {
    // So few are compared with each other sooner than they are put in a set.
    const FEW: usize = 16;
    let are_few = values.len() - from <= FEW;
    let mut known = HashSet::new();
    let mut kept = from;
    for at in from..values.len() {
        let key_of_this = key(&values[at]);
        let is_new = match are_few {
            true => values[from..kept].iter().all(|value| key(value) != key_of_this),
            false => known.insert(key_of_this),
        };
        if is_new {
            values.swap(kept, at);
            kept += 1;
        }
    }
    values.truncate(kept);
}

/// The values of record after record.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) values: Vec<Value>,
    /// Where those of each record end.
    pub(super) ends: Vec<u32>,
}

impl Lists {
    /// With room for a value of each of so many records.
    pub(super) fn with_capacity(records: usize) -> Lists {
        Lists { values: Vec::with_capacity(records), ends: Vec::with_capacity(records) }
    }

    /// Begins the values of so many records.
    pub(super) fn begin(&mut self, records: usize) {
        self.values.clear();
        self.ends.clear();
        self.ends.resize(records, 0);
    }

    /// Notes that all values so far are of the record at this place or of those before it.
    #[inline(always)]
    pub(super) fn reach(&mut self, record: usize) {
        if let Some(end) = self.ends.get_mut(record) {
            *end = self.values.len() as u32;
        }
    }

    /// Ends the values of all records: one that has none ends where the one before does.
    pub(super) fn end(&mut self) {
        let mut before = 0;
        for end in &mut self.ends {
            before = before.max(*end);
            *end = before;
        }
    }

    /// The values of each record.
    #[inline(always)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Value]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let before = std::mem::replace(&mut start, end as usize);
            self.values.get(before..end as usize).unwrap_or_default()
        })
    }

    /// The values of one record.
    pub(super) fn of(&self, record: usize) -> &[Value] {
        let end = |record: usize| self.ends.get(record).map_or(0, |&end| end as usize);
        self.values.get(record.checked_sub(1).map_or(0, end)..end(record)).unwrap_or_default()
    }

    /// The record that a value is of.
    pub(super) fn record_of(&self, value: usize) -> usize {
        self.ends.partition_point(|&end| end as usize <= value)
    }

    /// Replaces the values of each record by what `make` adds; `spare` is memory for it.
    #[inline(always)]
    pub(super) fn replace(
        &mut self,
        spare: &mut Vec<Value>,
        mut make: impl FnMut(usize, &[Value], &mut Vec<Value>),
    ) {
        spare.clear();
        std::mem::swap(spare, &mut self.values);
        let mut start = 0;
        for (record, end) in self.ends.iter_mut().enumerate() {
            let before = std::mem::replace(&mut start, *end as usize);
            make(record, spare.get(before..start).unwrap_or_default(), &mut self.values);
            *end = self.values.len() as u32;
        }
    }
}
