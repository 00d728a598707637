//! The values that an expression has in a record: a stack, so that nothing is allocated for a record.
//!
//! A value is a piece of the record's text, or of text that was made of it, a number, or a whole field. Each knows the
//! field that it comes from.

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
    /// The field itself; what is taken of it depends on this path of the expression.
    Field(u32),
}

/// The values of the current record; those of the outermost expression are the last.
#[derive(Default)]
pub(super) struct Values {
    pub(super) list: Vec<Value>,
    made: String,
    copy: String,
}

impl Values {
    /// Forgets the record before.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.made.clear();
    }

    #[inline(always)]
    pub(super) fn push(&mut self, held: Held, field: u32) {
        self.list.push(Value { held, field });
    }

    /// The text of a value; `None` for null and for what is not text.
    #[inline(always)]
    pub(super) fn text<'a>(&'a self, value: Value, record: &Looked<'a>) -> Option<&'a str> {
        match value.held {
            Held::Read(start, end) => Some(record.text(start, end)),
            Held::Made(start, end) => self.made.get(start as usize..end as usize),
            _ => None,
        }
    }

    /// Makes text: `write` appends it, and may read a text value that was there before.
    pub(super) fn make(
        &mut self,
        of: Value,
        record: &Looked<'_>,
        write: impl FnOnce(&str, &mut String),
    ) -> Held {
        let start = self.made.len();
        match of.held {
            Held::Read(from, to) => write(record.text(from, to), &mut self.made),
            Held::Made(from, to) => {
                self.copy.clear();
                self.copy.push_str(self.made.get(from as usize..to as usize).unwrap_or_default());
                write(&self.copy, &mut self.made);
            }
            _ => write("", &mut self.made),
        }
        Held::Made(start as u32, self.made.len() as u32)
    }

    /// Makes one text of the values from one place of the list to another: those that have any, with a separator.
    pub(super) fn join(&mut self, from: usize, to: usize, separator: &str, record: &Looked<'_>) -> Held {
        let start = self.made.len();
        let mut texts = 0;
        for place in from..to {
            let Some(Value { held, .. }) = self.list.get(place).copied() else { break };
            let (from, to) = match held {
                Held::Read(from, to) | Held::Made(from, to) if from < to => (from as usize, to as usize),
                _ => continue,
            };
            if texts > 0 {
                self.made.push_str(separator);
            }
            texts += 1;
            match held {
                Held::Read(..) => self.made.push_str(record.text(from as u32, to as u32)),
                _ => self.made.extend_from_within(from..to),
            }
        }
        Held::Made(start as u32, self.made.len() as u32)
    }

    /// A part of a text: from and to count from the beginning of that text.
    pub(super) fn part(held: Held, from: usize, to: usize) -> Held {
        match held {
            Held::Read(start, _) => Held::Read(start + from as u32, start + to as u32),
            Held::Made(start, _) => Held::Made(start + from as u32, start + to as u32),
            other => other,
        }
    }
}
