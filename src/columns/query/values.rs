//! The values that an expression has in a record: pieces of the record's text, or of text that was made of it, numbers,
//! or whole fields. Each knows the field that it comes from.

use std::ops::Range;

use super::looked::Looked;

/// A value and the field it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) held: Held,
    /// Its place among the fields looked at.
    pub(super) field: u32,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing: a function could not take what was there.
    Null,
    /// From one place to another in the record's text.
    Read(u32, u32),
    /// The same in the text that was made.
    Made(u32, u32),
    /// A number, a day, or a truth value.
    Number(i64),
    /// The field itself.
    Field,
}

impl Held {
    /// A part of a text; `from` and `to` count from its beginning.
    pub(super) fn part(self, from: usize, to: usize) -> Held {
        match self {
            Held::Read(start, _) => Held::Read(start + from as u32, start + to as u32),
            Held::Made(start, _) => Held::Made(start + from as u32, start + to as u32),
            other => other,
        }
    }
}

/// Whether there is a value among these.
pub(super) fn has_any(values: &[Value]) -> bool {
    values.iter().any(|value| value.held != Held::Null)
}

/// Text that was made of the current record's; its memory is reused.
#[derive(Default)]
pub(super) struct Made {
    text: String,
    copy: String,
}

impl Made {
    #[inline]
    pub(super) fn clear(&mut self) {
        self.text.clear();
    }

    /// The text of a value; `None` for null and for what is not text.
    #[inline(always)]
    pub(super) fn text<'a>(&'a self, value: Value, record: &Looked<'a>) -> Option<&'a str> {
        match value.held {
            Held::Read(start, end) => Some(record.text(start, end)),
            Held::Made(start, end) => self.text.get(start as usize..end as usize),
            _ => None,
        }
    }

    /// The text that a value is a part of, and the part; `None` for null and for what is not text.
    #[inline(always)]
    pub(super) fn place<'a>(&'a self, value: Value, record: &Looked<'a>) -> Option<(&'a str, Range<usize>)> {
        match value.held {
            Held::Read(start, end) => Some((record.text, start as usize..end as usize)),
            Held::Made(start, end) => Some((&self.text, start as usize..end as usize)),
            _ => None,
        }
    }

    /// Makes text: `write` appends it, and is given the text of the value that it is made of.
    pub(super) fn make(
        &mut self,
        of: Value,
        record: &Looked<'_>,
        write: impl FnOnce(&str, &mut String),
    ) -> Held {
        let start = self.text.len();
        match of.held {
            Held::Read(from, to) => write(record.text(from, to), &mut self.text),
            Held::Made(from, to) => {
                self.copy.clear();
                self.copy.push_str(self.text.get(from as usize..to as usize).unwrap_or_default());
                write(&self.copy, &mut self.text);
            }
            _ => write("", &mut self.text),
        }
        Held::Made(start as u32, self.text.len() as u32)
    }

    /// Makes one text of values: of those that have any, with a separator between them.
    pub(super) fn join(&mut self, values: &[Value], separator: &str, record: &Looked<'_>) -> Held {
        let start = self.text.len();
        let mut is_first = true;
        for Value { held, .. } in values {
            let (Held::Read(from, to) | Held::Made(from, to)) = *held else { continue };
            if from == to {
                continue;
            }
            if !std::mem::replace(&mut is_first, false) {
                self.text.push_str(separator);
            }
            match held {
                Held::Read(..) => self.text.push_str(record.text(from, to)),
                _ => self.text.extend_from_within(from as usize..to as usize),
            }
        }
        Held::Made(start as u32, self.text.len() as u32)
    }
}
