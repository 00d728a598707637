//! [`Straight`]: a column that is written while its values are found, because nothing is made of them but texts: one of
//! each value, or one of all values of a field.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::ArrowError;

use super::column::list_of;
use super::plan::Step;
use super::text;
use crate::columns::buffers::Ends;
use crate::columns::written::{SHORT, Written};
use crate::notation::Function;

/// How the values of a field become texts.
#[derive(Clone)]
pub(super) struct Manner {
    /// What is between the values of a field; each is a text of its own if there is none.
    separator: Option<Separator>,
    is_trimmed: bool,
}

#[derive(Clone)]
enum Separator {
    /// In the first bytes of these.
    Short([u8; SHORT], usize),
    Long(String),
}

impl Separator {
    fn new(separator: &str) -> Separator {
        let mut short = [0; SHORT];
        match short.get_mut(..separator.len()) {
            Some(room) => {
                room.copy_from_slice(separator.as_bytes());
                Separator::Short(short, separator.len())
            }
            None => Separator::Long(separator.into()),
        }
    }
}

impl Manner {
    /// The manner that takes all these steps; `None` if there is more to do.
    pub(super) fn of(steps: &[Step]) -> Option<Manner> {
        let (is_trimmed, steps) = match steps {
            [steps @ .., Step::Each(Function::Trim)] => (true, steps),
            steps => (false, steps),
        };
        let separator = match steps {
            [] => None,
            [Step::Join(separator)] => Some(Separator::new(separator)),
            _ => return None,
        };
        Some(Manner { separator, is_trimmed })
    }
}

/// The usual number of bytes for a record.
pub(super) const BYTES: usize = 24;

/// A column of texts that grows.
pub(super) struct Straight {
    manner: Manner,
    texts: Written,
    /// Where lists end, if rows are lists; otherwise a row has the first text.
    ends: Option<Ends>,
}

impl Straight {
    /// Room for `records` records.
    pub(super) fn new(manner: &Manner, is_list: bool, records: usize) -> Straight {
        Straight {
            manner: manner.clone(),
            texts: Written::with_capacity(records * BYTES, records),
            ends: is_list.then(|| Ends::with_capacity(records)),
        }
    }

    /// Adds to a row the values of a field, which are parts of a text.
    #[inline(always)]
    pub(super) fn add_field(&mut self, row: usize, text: &str, values: impl Iterator<Item = (u32, u32)>) {
        let is_full = self.end_rows_before(row);
        if is_full {
            return;
        }
        match &self.manner.separator {
            None => {
                for (start, end) in values {
                    let before = self.texts.written();
                    self.texts.append(text, start, end);
                    self.end_text(before);
                    if self.ends.is_none() {
                        return;
                    }
                }
            }
            Some(separator) => {
                let before = self.texts.written();
                let mut has_any = false;
                for (start, end) in values {
                    if start < end && self.texts.written() > before {
                        match separator {
                            Separator::Short(bytes, length) => self.texts.append_short(bytes, *length),
                            Separator::Long(text) => self.texts.append(text, 0, text.len() as u32),
                        }
                    }
                    self.texts.append(text, start, end);
                    has_any = true;
                }
                if has_any {
                    self.end_text(before);
                }
            }
        }
    }

    #[inline(always)]
    fn end_text(&mut self, start: usize) {
        if self.manner.is_trimmed {
            self.texts.keep(start, text::trimmed);
        }
        self.texts.end();
    }

    /// Ends the rows before this one. True if it needs no more texts, because it has the first.
    #[inline(always)]
    fn end_rows_before(&mut self, row: usize) -> bool {
        match &mut self.ends {
            Some(ends) => {
                while ends.lists() < row {
                    ends.push(self.texts.len());
                }
                false
            }
            None => {
                while self.texts.len() < row {
                    self.texts.end_missing();
                }
                self.texts.len() > row
            }
        }
    }

    /// The column with so many rows.
    pub(super) fn finish(mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        self.end_rows_before(rows);
        list_of(Arc::new(self.texts.finish()?), self.ends)
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;

    use super::*;

    /// The texts that a column makes of the fields in some rows; `None` for a row that is null.
    fn rows(
        steps: &[Step],
        is_list: bool,
        fields: &[(usize, &[&str])],
        rows: usize,
    ) -> Vec<Option<Vec<String>>> {
        let mut column = Straight::new(&Manner::of(steps).unwrap(), is_list, 0);
        for (row, values) in fields {
            let text = values.concat();
            let mut end = 0;
            let ranges = values.iter().map(|value| {
                end += value.len() as u32;
                (end - value.len() as u32, end)
            });
            column.add_field(*row, &text, ranges);
        }
        let column = column.finish(rows).unwrap();
        let texts = |array: ArrayRef| array.as_string::<i32>().iter().flatten().map(str::to_owned).collect();
        let row = |row| if is_list { column.as_list::<i32>().value(row) } else { column.slice(row, 1) };
        (0..rows).map(|at| column.is_valid(at).then(|| texts(row(at)))).collect()
    }

    #[test]
    fn a_list_has_a_text_of_each_value_or_of_each_field() {
        let fields: [(usize, &[&str]); 4] = [(1, &["a,", "", "b /"]), (1, &[]), (1, &["c"]), (3, &[""])];
        let trim = Step::Each(Function::Trim);
        for (steps, second, fourth) in [
            (vec![], vec!["a,", "", "b /", "c"], vec![""]),
            (vec![trim], vec!["a", "", "b", "c"], vec![""]),
            (vec![Step::Join(" ".into())], vec!["a, b /", "c"], vec![""]),
            (vec![Step::Join(" -- and -- ".into())], vec!["a, -- and -- b /", "c"], vec![""]),
            (vec![Step::Join(String::new()), Step::Each(Function::Trim)], vec!["a,b", "c"], vec![""]),
        ] {
            let expected = [vec![], second, vec![], fourth, vec![]];
            let expected = expected.map(|texts| Some(texts.into_iter().map(str::to_owned).collect()));
            assert_eq!(rows(&steps, true, &fields, 5), expected);
        }
    }

    #[test]
    fn any_other_row_has_the_first_text_or_is_null() {
        let fields: [(usize, &[&str]); 4] = [(1, &[]), (1, &["a", "b"]), (1, &["c"]), (2, &[""])];
        for (steps, second) in [(vec![], "a"), (vec![Step::Join(" ".into())], "a b")] {
            let expected = [None, Some(second), Some(""), None];
            let expected = expected.map(|text| text.map(|text| vec![text.to_owned()]));
            assert_eq!(rows(&steps, false, &fields, 4), expected);
        }
    }

    #[test]
    fn what_needs_more_than_texts_is_not_straight() {
        assert!(Manner::of(&[Step::Each(Function::Year)]).is_none());
        assert!(Manner::of(&[Step::Each(Function::Trim), Step::Join(" ".into())]).is_none());
    }
}
