//! What tags and coded values of MARC 21 mean: the names of fields; the leader, fields 006 to 008, languages,
//! countries, areas and roles.
//!
//! `places.tsv` says which places are coded, by which table and for which records; `codes.tsv` has the tables.
//! [`tables`] reads both. What is coded at a [`Site`] is found once for a column; each value is then looked up.
//! `tags.tsv` has the names of fields.

mod material;
mod preset;
mod tables;
mod tags;

use std::borrow::Cow;

pub use material::Material;
pub use preset::preset_codes;
pub use tags::field_name;

use tables::{Cut, Table, When};

/// The place of a value, as an expression names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// Positions of the leader, from the first to the last.
    Leader(usize, usize),
    /// Positions of the control field with this tag, from the first to the last.
    Control([u8; 3], usize, usize),
    /// The subfields with this code in the fields with this tag.
    Subfield([u8; 3], u8),
}

/// How the values of a place are coded, in each kind of record.
#[derive(Clone, Debug)]
pub struct Coded(Vec<Element>);

/// What a value means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It has a label.
    Label(Label),
    /// The table does not have it.
    Unknown,
    /// It is no code: the place is not coded in such a record, or is one of those that were left blank behind the
    /// last code of a series.
    None,
}

/// What a code means, in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The words; those of several codes are joined by `; `.
    pub text: Cow<'static, str>,
    /// Whether a code is discontinued.
    pub is_obsolete: bool,
}

/// What is coded at a place in some records.
#[derive(Clone, Copy, Debug)]
struct Element {
    when: When,
    cut: Cut,
    /// Whether the place begins where a series of codes does.
    begins: bool,
    table: Table,
}

/// How the values of a place are coded; `None` if they never are.
///
/// Positions are coded if they are those of one data element, or some of a series of codes: of the four kinds of
/// illustrations in 008/18-21, `/18` and `/18-19`, too.
pub fn coded(site: Site) -> Option<Coded> {
    let elements = tables::places().iter().filter_map(|place| place.at(site)).collect::<Vec<_>>();
    (!elements.is_empty()).then_some(Coded(elements))
}

impl Coded {
    /// What a value means in a record with this leader and in a field with this text, of which 006 and 007 need the
    /// first character.
    ///
    /// A series of codes has the labels of all, each once. Blanks in it are left out, and fill characters (`|`),
    /// unless there is nothing else. If one code is unknown, all are.
    pub fn meaning(&self, leader: &str, field: &str, value: &str) -> Meaning {
        match self.0.iter().find(|element| element.when.holds(leader, field)) {
            Some(element) if !value.is_empty() => element.meaning(value),
            _ => Meaning::None,
        }
    }
}

impl Element {
    fn meaning(&self, value: &str) -> Meaning {
        match self.cut {
            Cut::Whole => self.of_code(value),
            Cut::Filled => self.of_code(value.trim_end_matches('-')),
            Cut::Numbered => self.of_code(value.trim_end_matches(|end: char| end.is_ascii_digit())),
            Cut::Every(1) if value.len() == 1 => self.of_code(value),
            Cut::Every(width) => self.of_series(value, width),
        }
    }

    /// Blank is no code behind the place where a series begins.
    fn of_code(&self, code: &str) -> Meaning {
        match self.table.get(code) {
            _ if !self.begins && is_blank(code) => Meaning::None,
            Some(row) => Meaning::Label(Label { text: row.label.into(), is_obsolete: row.is_obsolete }),
            None => Meaning::Unknown,
        }
    }

    fn of_series(&self, value: &str, width: usize) -> Meaning {
        let mut codes = pieces(value, width).filter(|code| !is_blank(code) && !is_fill(code));
        let Some(first) = codes.next() else {
            return self.of_code(pieces(value, width).next().unwrap_or_default());
        };
        let mut meaning = self.of_code(first);
        for code in codes {
            match (&mut meaning, self.of_code(code)) {
                (Meaning::Label(label), Meaning::Label(next)) => label.join(next),
                _ => return Meaning::Unknown,
            }
        }
        meaning
    }
}

impl Label {
    fn join(&mut self, next: Label) {
        if self.text.split("; ").all(|text| text != next.text) {
            let text = self.text.to_mut();
            text.push_str("; ");
            text.push_str(&next.text);
        }
        self.is_obsolete |= next.is_obsolete;
    }
}

/// The value in pieces of so many characters; the last may have fewer.
fn pieces(value: &str, width: usize) -> impl Iterator<Item = &str> {
    let mut rest = value;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(width).map_or(rest.len(), |(end, _)| end);
        let (piece, behind) = rest.split_at_checked(end)?;
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

fn is_blank(code: &str) -> bool {
    code.bytes().all(|byte| byte == b' ')
}

fn is_fill(code: &str) -> bool {
    code.bytes().all(|byte| byte == b'|')
}

#[cfg(test)]
mod tests;
