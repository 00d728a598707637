//! The tables of codes and the places where they hold, as `codes.tsv` and `places.tsv` have them.

use std::sync::LazyLock;

use super::material::is_bibliographic;
use super::{Element, Material, Site};

const CODES: &str = include_str!("codes.tsv");
const PLACES: &str = include_str!("places.tsv");
/// A position of 006 is this much less than that of the same data element in 008.
const FROM_008_TO_006: usize = 17;

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| lines(CODES).filter_map(Row::parse).collect());
static EVERYWHERE: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let places = lines(PLACES).filter_map(Place::parse);
    places.flat_map(|place| std::iter::once(place).chain(place.in_006())).collect()
});

/// The places where values are coded.
pub(super) fn places() -> &'static [Place] {
    &EVERYWHERE
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// Codes with their labels, sorted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table(pub(super) &'static [Row]);

/// A code of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) table: &'static str,
    /// Without trailing blanks. `001-999` stands for all numbers from the first to the last, of as many digits.
    pub(super) code: &'static str,
    pub(super) label: &'static str,
    pub(super) is_obsolete: bool,
}

impl Row {
    fn parse(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let (table, code, label) = (cells.next()?, cells.next()?, cells.next()?);
        Some(Self { table, code, label, is_obsolete: cells.next() == Some("obsolete") })
    }

    fn has_number(&self, number: &str) -> bool {
        let range = self.code.split_once('-');
        range.is_some_and(|(first, last)| first.len() == number.len() && (first..=last).contains(&number))
    }
}

impl Table {
    fn named(name: &str) -> Option<Self> {
        let first = ROWS.partition_point(|row| row.table < name);
        let count = ROWS.get(first..)?.partition_point(|row| row.table == name);
        ROWS.get(first..first + count).filter(|rows| !rows.is_empty()).map(Self)
    }

    /// The row of a code, whatever blanks it ends with.
    #[inline]
    pub(super) fn get(&self, code: &str) -> Option<&'static Row> {
        let code = code.trim_end_matches(' ');
        match self.0.binary_search_by(|row| row.code.cmp(code)) {
            Ok(found) => self.0.get(found),
            Err(_) if code.len() > 1 && code.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.0.iter().find(|row| row.has_number(code))
            }
            Err(_) => None,
        }
    }
}

/// A place where values are coded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) part: Part,
    pub(super) when: When,
    pub(super) cut: Cut,
    pub(super) table: Table,
    /// The name of its column in the preset.
    pub(super) column: Option<&'static str>,
}

/// Where a place is in a record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// Positions of the control field with this tag; of the leader if there is none.
    Positions { tag: Option<[u8; 3]>, first: usize, last: usize },
    /// The subfields with any of these codes in the fields with this tag; in all fields if there is none.
    Subfields { tag: Option<[u8; 3]>, codes: &'static str },
}

/// In which records and fields a place is coded so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// In bibliographic records.
    Bibliographic,
    /// In records of this material.
    Record(Material),
    /// In fields 006 about this material.
    Form(Material),
    /// In fields 007 that begin with this character.
    Category(u8),
}

/// Where the codes are in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A code ends after so many characters, and the next begins.
    Every(usize),
    /// The value is a code.
    Whole,
    /// The value is a code, with hyphens up to its full length.
    Filled,
    /// The value is a code and a number.
    Numbered,
}

impl Place {
    fn parse(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let (field, when, positions) = (cells.next()?, cells.next()?, cells.next()?);
        let (cut, table, column) = (cells.next()?, cells.next()?, cells.next()?);
        Some(Self {
            part: Part::parse(field, positions)?,
            when: When::parse(when)?,
            cut: Cut::parse(cut)?,
            table: Table::named(table)?,
            column: Some(column).filter(|column| *column != "-"),
        })
    }

    /// The same data element in field 006, if this one is in field 008 of a material.
    fn in_006(self) -> Option<Self> {
        let (When::Record(material), Part::Positions { first, last, .. }) = (self.when, self.part) else {
            return None;
        };
        let (first, last) = (first.checked_sub(FROM_008_TO_006)?, last.checked_sub(FROM_008_TO_006)?);
        let part = Part::Positions { tag: Some(*b"006"), first, last };
        Some(Self { part, when: When::Form(material), column: None, ..self })
    }

    /// What is coded at a site, if that is here.
    pub(super) fn at(&self, site: Site) -> Option<Element> {
        let begins = match (self.part, site) {
            (Part::Positions { tag: None, first, last }, Site::Leader(from, to)) => {
                self.cut.begins(first, last, from, to)?
            }
            (Part::Positions { tag: Some(tag), first, last }, Site::Control(of, from, to)) if tag == of => {
                self.cut.begins(first, last, from, to)?
            }
            (Part::Subfields { tag, codes }, Site::Subfield(of, code))
                if tag.is_none_or(|tag| tag == of) && codes.as_bytes().contains(&code) =>
            {
                true
            }
            _ => return None,
        };
        Some(Element { when: self.when, cut: self.cut, begins, table: self.table })
    }
}

impl Part {
    fn parse(field: &'static str, positions: &'static str) -> Option<Self> {
        let tag = match field {
            "LDR" | "..." => None,
            tag => Some(tag.as_bytes().try_into().ok()?),
        };
        if let Some(codes) = positions.strip_prefix('$') {
            return Some(Self::Subfields { tag, codes });
        }
        let (first, last) = positions.split_once('-').unwrap_or((positions, positions));
        Some(Self::Positions { tag, first: first.parse().ok()?, last: last.parse().ok()? })
    }
}

impl When {
    fn parse(text: &str) -> Option<Self> {
        let material = Material::ALL.into_iter().find(|material| material.name() == text);
        match (text, text.as_bytes(), material) {
            ("*", ..) => Some(Self::Always),
            ("bib", ..) => Some(Self::Bibliographic),
            (_, &[category], _) => Some(Self::Category(category)),
            (.., material) => material.map(Self::Record),
        }
    }

    #[inline]
    pub(super) fn holds(self, leader: &str, field: &str) -> bool {
        match self {
            Self::Always => true,
            Self::Bibliographic => is_bibliographic(leader),
            Self::Record(material) => Material::of_leader(leader) == Some(material),
            Self::Form(material) => Material::of_006(field) == Some(material),
            Self::Category(category) => field.as_bytes().first() == Some(&category),
        }
    }
}

impl Cut {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "whole" => Some(Self::Whole),
            "filled" => Some(Self::Filled),
            "numbered" => Some(Self::Numbered),
            width => width.parse().ok().filter(|width| *width > 0).map(Self::Every),
        }
    }

    /// Whether the positions `from` to `to` begin where the place does, if they are one or more of its codes.
    fn begins(self, first: usize, last: usize, from: usize, to: usize) -> Option<bool> {
        let Self::Every(width) = self else { return None };
        let is_cut = from.checked_sub(first)? % width == 0 && (to + 1).checked_sub(from)? % width == 0;
        (is_cut && from <= to && to <= last).then_some(from == first)
    }
}
