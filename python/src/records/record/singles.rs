//! Fields that are made one by one, each when it is looked at, and fields that are added to them, as long as nobody has
//! asked for the list of all.

use std::sync::Arc;

use mrrc::internals::iso2709::pymarc::Stated;
use mrrc::internals::record::pymarc::Rule;
use mrrc::internals::record::reading::Rules;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::{Parts, Record};
use crate::records::field::tag_of;
use crate::records::objects::Objects;
use crate::records::original::{Original, Provenance};
use crate::records::rows::Row;
use crate::records::strings::equal;

/// Fields that were made, each with its place, and not more than a few. Those that were added have places behind all
/// others.
pub(super) type Singles = Vec<(usize, Py<PyAny>)>;

/// If more are looked at, all of them will be.
const MOST: usize = 16;

/// A field that is made, or one that is not.
pub(in crate::records) enum Single<'py> {
    Made(Bound<'py, PyAny>),
    Unmade,
}

/// What fields are made of, one by one.
#[derive(Clone)]
enum Makings {
    /// The bytes of a record, which are plain by this rule.
    Bytes(Arc<Original>, Rule),
    Row(Row),
}

impl Makings {
    /// The place of the first field at or after a place that is wanted: by its place and its tag. An error if that cannot
    /// be said.
    fn find(&self, from: usize, is_wanted: impl Fn(usize, &[u8]) -> bool) -> Result<Option<usize>, ()> {
        match self {
            Makings::Bytes(original, _) => {
                let stated = Stated::of(&original.bytes).ok_or(())?;
                let mut tags = stated.tags().enumerate().skip(from);
                Ok(tags.find(|(place, tag)| is_wanted(*place, tag)).map(|(place, _)| place))
            }
            Makings::Row(row) => row.find(from, is_wanted).map_err(drop),
        }
    }

    /// The number of fields.
    fn count(&self) -> Option<usize> {
        match self {
            Makings::Bytes(original, _) => Stated::of(&original.bytes).map(|stated| stated.count()),
            Makings::Row(row) => row.count().ok(),
        }
    }

    /// The field at a place.
    fn make<'py>(&self, py: Python<'py>, place: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self {
            Makings::Bytes(original, rule) => {
                let Some(entry) = original.entry_at(place) else { return Ok(None) };
                Objects::one(py, original, *rule, entry).map(Some)
            }
            Makings::Row(row) => row.field(py, place),
        }
    }
}

impl Parts {
    /// What fields are made of, as long as there is no list of them.
    fn makings(&self) -> Option<Makings> {
        if self.fields.is_some() {
            return None;
        }
        let Some(original) = &self.original else { return self.row.clone().map(Makings::Row) };
        match (original.rules, &original.provenance) {
            (Some(Rules::Pymarc(rule)), Provenance::Bytes) => Some(Makings::Bytes(original.clone(), rule)),
            _ => None,
        }
    }
}

/// What is looked for among fields that need not be made.
pub(in crate::records) enum Wanted<'py> {
    One([u8; 3], Bound<'py, PyAny>),
    Several(Vec<([u8; 3], Bound<'py, PyAny>)>),
}

impl<'py> Wanted<'py> {
    /// A tag as text of three ASCII characters; `None` if it is anything else.
    pub(super) fn one(tag: &Bound<'py, PyAny>) -> Option<Wanted<'py>> {
        Some(Wanted::One(three(tag)?, tag.clone()))
    }

    /// Several of them.
    pub(super) fn several(tags: impl Iterator<Item = Bound<'py, PyAny>>) -> Option<Wanted<'py>> {
        let mut wanted: Vec<_> = tags.map(|tag| Some((three(&tag)?, tag))).collect::<Option<_>>()?;
        match wanted.len() {
            1 => wanted.pop().map(|(bytes, tag)| Wanted::One(bytes, tag)),
            _ => Some(Wanted::Several(wanted)),
        }
    }

    #[inline]
    fn has(&self, tag: &[u8]) -> bool {
        match self {
            Wanted::One(wanted, _) => wanted == tag,
            Wanted::Several(all) => all.iter().any(|(wanted, _)| wanted == tag),
        }
    }

    /// Whether a field that is made has one of the tags now.
    fn has_made(&self, field: &Bound<'py, PyAny>) -> PyResult<bool> {
        let tag = tag_of(field)?;
        match self {
            Wanted::One(_, wanted) => equal(&tag, wanted),
            Wanted::Several(all) => {
                for (_, wanted) in all {
                    if equal(&tag, wanted)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

fn three(tag: &Bound<'_, PyAny>) -> Option<[u8; 3]> {
    tag.cast_exact::<PyString>().ok()?.to_str().ok()?.as_bytes().try_into().ok()
}

/// Where a search among fields has come to.
pub(in crate::records) enum Step<'py> {
    At(usize, Single<'py>),
    End,
    /// There is a list of fields, which has the answer.
    Listed,
}

impl Record {
    /// The first field at or after a place that is wanted, or that is made and may be.
    fn step<'py>(&self, py: Python<'py>, from: usize, wanted: impl Fn(&[u8]) -> bool) -> Step<'py> {
        let parts = self.parts();
        let Some(makings) = parts.makings() else { return Step::Listed };
        let made = |place: usize| parts.singles.iter().find(|(its, _)| *its == place);
        match makings.find(from, |place, tag| made(place).is_some() || wanted(tag)) {
            Err(()) => Step::Listed,
            Ok(None) => {
                let added = parts.singles.iter().filter(|(place, _)| *place >= from);
                added.min_by_key(|(place, _)| *place).map_or(Step::End, |(place, field)| {
                    Step::At(*place, Single::Made(field.bind(py).clone()))
                })
            }
            Ok(Some(place)) => match made(place) {
                Some((_, field)) => Step::At(place, Single::Made(field.bind(py).clone())),
                None => Step::At(place, Single::Unmade),
            },
        }
    }

    /// The next wanted field at or after a place.
    pub(super) fn next_single<'py>(
        &self,
        py: Python<'py>,
        from: usize,
        wanted: &Wanted<'py>,
    ) -> PyResult<Step<'py>> {
        let mut from = from;
        loop {
            match self.step(py, from, |tag| wanted.has(tag)) {
                Step::At(place, Single::Made(field)) if !wanted.has_made(&field)? => from = place + 1,
                step => return Ok(step),
            }
        }
    }

    /// The field at a place.
    pub(in crate::records) fn single<'py>(&self, py: Python<'py>, place: usize) -> Step<'py> {
        self.step(py, place, |_| true)
    }

    /// Makes the field at a place; `None` if there is a list of fields now.
    pub(in crate::records) fn make_single<'py>(
        &self,
        py: Python<'py>,
        place: usize,
        single: Single<'py>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Single::Made(field) = single {
            return Ok(Some(field));
        }
        let makings = {
            let parts = self.parts();
            parts.makings().filter(|_| parts.singles.len() < MOST)
        };
        let Some(makings) = makings else { return Ok(None) };
        let Some(field) = makings.make(py, place)? else { return Ok(None) };
        let mut parts = self.parts();
        if parts.fields.is_some() {
            return Ok(None);
        }
        // What another thread made meanwhile, or else this.
        let meanwhile = parts.singles.iter().find(|(its, _)| *its == place);
        if let Some(kept) = meanwhile.map(|(_, kept)| kept.bind(py).clone()) {
            drop(parts);
            return Ok(Some(kept));
        }
        parts.singles.push((place, field.clone().unbind()));
        Ok(Some(field))
    }

    /// Adds fields behind all others; false if that is to be done in the list of fields.
    pub(super) fn add_singles(&self, fields: &Bound<'_, PyTuple>) -> bool {
        let mut parts = self.parts();
        let has_room = parts.singles.len() + fields.len() <= MOST;
        let makings = parts.makings().filter(|_| has_room);
        let Some(number) = makings.and_then(|makings| makings.count()) else { return false };
        let next = parts.singles.iter().map(|(place, _)| place + 1).fold(number, usize::max);
        let added = (next..).zip(fields.iter().map(Bound::unbind));
        parts.singles.extend(added);
        true
    }

    /// The fields that are made one by one.
    pub(super) fn made_singles<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyAny>> {
        self.parts().singles.iter().map(|(_, field)| field.bind(py).clone()).collect()
    }

    /// The original bytes, if fields are made one by one of them.
    pub(in crate::records) fn singles_of(&self) -> Option<Arc<Original>> {
        let parts = self.parts();
        let has_some = parts.fields.is_none() && !parts.singles.is_empty();
        parts.original.clone().filter(|_| has_some)
    }
}
