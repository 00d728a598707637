//! Fields that are made one by one, each when it is looked at, as long as nobody has asked for the list of them.

use std::sync::Arc;

use mrrc::internals::iso2709::Entry;
use mrrc::internals::iso2709::pymarc::Stated;
use mrrc::internals::record::reading::Rules;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::Record;
use crate::records::field::tag_of;
use crate::records::objects::Objects;
use crate::records::original::Original;
use crate::records::strings::equal;

/// Fields that were made, each with its place, and not more than a few.
pub(super) type Singles = Vec<(usize, Py<PyAny>)>;

/// If more are looked at, all of them will be.
const MOST: usize = 16;

/// A field that is made, or the entry of one that is not.
pub(in crate::records) enum Single<'py> {
    Made(Bound<'py, PyAny>),
    Unmade(Entry),
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
    fn has(&self, tag: [u8; 3]) -> bool {
        match self {
            Wanted::One(wanted, _) => *wanted == tag,
            Wanted::Several(all) => all.iter().any(|(wanted, _)| *wanted == tag),
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
    fn step<'py>(&self, py: Python<'py>, from: usize, wanted: impl Fn([u8; 3]) -> bool) -> Step<'py> {
        let parts = self.parts();
        let original = parts.original.as_ref().filter(|_| parts.is_single_by_single());
        let Some(stated) = original.and_then(|original| Stated::of(&original.bytes)) else {
            return Step::Listed;
        };
        for (place, tag) in stated.tags().enumerate().skip(from) {
            if let Some((_, field)) = parts.singles.iter().find(|(its, _)| *its == place) {
                return Step::At(place, Single::Made(field.bind(py).clone()));
            }
            if wanted(tag) {
                return stated
                    .entry(place)
                    .map_or(Step::Listed, |entry| Step::At(place, Single::Unmade(entry)));
            }
        }
        Step::End
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
        let entry = match single {
            Single::Made(field) => return Ok(Some(field)),
            Single::Unmade(entry) => entry,
        };
        let (original, rule) = {
            let parts = self.parts();
            let is_one = parts.is_single_by_single() && parts.singles.len() < MOST;
            match parts.original.as_ref().filter(|_| is_one).map(|original| (original, original.rules)) {
                Some((original, Some(Rules::Pymarc(rule)))) => (original.clone(), rule),
                _ => return Ok(None),
            }
        };
        let field = Objects::one(py, &original, rule, entry)?;
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

    /// The original bytes, if fields are made one by one of them.
    pub(in crate::records) fn singles_of(&self) -> Option<Arc<Original>> {
        let parts = self.parts();
        let has_some = parts.fields.is_none() && !parts.singles.is_empty();
        parts.original.clone().filter(|_| has_some)
    }
}
