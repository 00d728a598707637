//! Where values are in a record: tags, subfields, positions, and conditions on the field.

use std::fmt;
use std::ops::Range;

use crate::coded::{Site, coded};
use crate::iso2709::Tag;

/// Three characters of a tag; `.` is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TagPattern(pub(crate) [u8; 3]);

impl TagPattern {
    /// The tag of a control field, if it is one.
    pub(super) fn control_tag(self) -> Option<Tag> {
        Tag::new(self.0).filter(|_| self.is_control() && self.0[2] != b'.')
    }

    /// Whether only control fields match.
    pub(super) fn is_control(self) -> bool {
        matches!(self.0, [b'0', b'0', _])
    }

    /// Whether control fields match, perhaps among others.
    pub(super) fn can_be_control(self) -> bool {
        matches!(self.0, [b'0' | b'.', b'0' | b'.', _])
    }

    /// Whether it is a control field that MARC 21 allows only once in a record.
    pub(super) fn is_not_repeated(self) -> bool {
        matches!(&self.0, b"001" | b"003" | b"005" | b"008")
    }

    /// What both match; `None` if there is nothing.
    pub(super) fn and(self, other: TagPattern) -> Option<TagPattern> {
        let mut both = self.0;
        for (byte, its) in both.iter_mut().zip(other.0) {
            match (*byte, its) {
                (_, b'.') => {}
                (b'.', _) => *byte = its,
                (mine, its) if mine == its => {}
                _ => return None,
            }
        }
        Some(TagPattern(both))
    }

    /// Whether a tag matches.
    pub(crate) fn matches(self, tag: Tag) -> bool {
        self.0.iter().zip(tag.bytes()).all(|(pattern, byte)| *pattern == b'.' || *pattern == byte)
    }
}

/// Values of a record: `650[0]{^2=0}$a`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// The fields looked at; `None` for the leader.
    pub(crate) tag: Option<TagPattern>,
    /// Which of the fields that match the tag and the conditions; `None` for all.
    pub(crate) fields: Option<Span>,
    /// All of these must hold for the field, each by at least one of its tests.
    pub(crate) conditions: Vec<Vec<Test>>,
    /// What is taken of each field.
    pub(crate) part: Part,
}

impl Path {
    /// Whether it is the whole of 001.
    pub(super) fn is_control_number(&self) -> bool {
        self.tag == Some(TagPattern(*b"001")) && self.conditions.is_empty() && self.part == Part::Whole
    }

    /// Its tag, as it is written.
    pub(super) fn tag_text(&self) -> String {
        self.tag.map_or_else(|| "LDR".into(), |tag| tag.to_string())
    }

    /// Whether all its fields are data fields.
    pub(super) fn is_of_data(&self) -> bool {
        self.tag.is_some_and(|tag| !tag.can_be_control())
    }

    /// Whether data fields can be among its fields.
    pub(super) fn can_be_of_data(&self) -> bool {
        self.tag.is_some_and(|tag| !tag.is_control())
    }

    /// Whether its values are whole fields, not text.
    pub(super) fn takes_fields(&self) -> bool {
        self.part == Part::Whole && self.can_be_of_data()
    }
}

/// What is taken of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it: the text of the leader or of a control field, or a whole data field.
    Whole,
    /// Some characters of the leader or of a control field.
    Characters(Span),
    /// The first indicator (0) or the second (1).
    Indicator(usize),
    /// Subfields with any of these codes, in the order of the field.
    Subfields(Vec<Codes>),
}

/// Subfields with a code from `first` to `last`: `$a`, `$a-z`, `$a[0]/0-3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codes {
    /// ASCII.
    pub(crate) first: u8,
    /// ASCII.
    pub(crate) last: u8,
    /// Which of the subfields of one field that have such a code; `None` for all.
    pub(crate) turns: Option<Span>,
    /// Which characters of the value; `None` for all.
    pub(crate) characters: Option<Span>,
}

/// Places from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Place,
    pub(crate) to: Place,
}

impl Span {
    /// Whether it is one place.
    pub(super) fn is_one(self) -> bool {
        self.from == self.to
    }

    /// The number of places, if it does not depend on how many there are.
    pub(super) fn length(self) -> Option<usize> {
        match (self.from, self.to) {
            (Place::At(first), Place::At(last)) => Some(last.saturating_sub(first) + 1),
            (Place::Last(back), Place::Last(0)) => Some(back + 1),
            _ => None,
        }
    }
}

/// A place, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// From the beginning.
    At(usize),
    /// Backwards from the last, which is 0.
    Last(usize),
}

/// A test of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// It is there: `{$9}`, `{?$9}`.
    Has(What),
    /// It is not there: `{!$9}`.
    Lacks(What),
    /// Any of its values is this text: `{$2=fast}`.
    Is(What, String),
    /// None of its values is this text: `{^2!=7}`.
    IsNot(What, String),
    /// Any of its values contains this text: `{$a~Rome}`.
    Contains(What, String),
    /// None of its values contains this text: `{$a!~Rome}`.
    ContainsNot(What, String),
}

/// What a test looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The first indicator (0) or the second (1) of the field.
    Indicator(usize),
    /// The subfields of the field with this code, or some of their characters.
    Subfield(u8, Option<Span>),
    /// Some characters of the control field itself.
    Characters(Span),
    /// The record's leader (`None`) or control fields with this tag, or some of their characters.
    Control(Option<Tag>, Option<Span>),
}

impl fmt::Display for TagPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl Codes {
    /// Whether a code is one of these.
    pub(crate) fn has(&self, code: u8) -> bool {
        (self.first..=self.last).contains(&code)
    }
}

impl Span {
    /// The places among `length`; `None` if the first of them does not exist.
    pub(crate) fn of(self, length: usize) -> Option<Range<usize>> {
        let last = length.checked_sub(1)?;
        let from = match self.from {
            Place::At(place) => place,
            Place::Last(back) => last.saturating_sub(back),
        };
        let to = match self.to {
            Place::At(place) => place.min(last),
            Place::Last(back) => last.checked_sub(back)?,
        };
        (from <= to).then(|| from..to + 1)
    }
}

impl Path {
    /// The positions that it names, from the first to the last.
    pub(crate) fn positions(&self) -> Option<(usize, usize)> {
        match self.part {
            Part::Characters(Span { from: Place::At(from), to: Place::At(to) }) => Some((from, to)),
            _ => None,
        }
    }

    /// Whether codes are defined for what it takes.
    pub(super) fn is_coded(&self) -> bool {
        match (self.tag, &self.part, self.positions()) {
            (None, _, Some((from, to))) => coded(Site::Leader(from, to)).is_some(),
            (Some(pattern), _, Some((from, to))) => coded(Site::Control(pattern.0, from, to)).is_some(),
            (Some(pattern), Part::Subfields(all), _) => {
                let mut codes = all.iter().flat_map(|codes| codes.first..=codes.last);
                codes.any(|code| coded(Site::Subfield(pattern.0, code)).is_some())
            }
            _ => false,
        }
    }
}
