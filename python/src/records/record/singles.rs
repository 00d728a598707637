//! Fields that are made one by one, each when it is looked at, as long as nobody has asked for the list of them.

use std::sync::Arc;

use mrrc::internals::iso2709::{Entries, Entry};
use mrrc::internals::record::pymarc::entries;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::Record;
use crate::records::field::tag_of;
use crate::records::objects::Objects;
use crate::records::original::Original;
use crate::records::strings::equal;

/// The fields of a record by their places, made or not.
pub(super) struct Singles {
    pub(super) entries: Entries,
    pub(super) made: Box<[Option<Py<PyAny>>]>,
}

impl Singles {
    fn of(original: &Original) -> Singles {
        let entries = entries(&original.bytes);
        let made = entries.iter().map(|_| None).collect();
        Singles { entries, made }
    }
}

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
        let mut parts = self.parts();
        if parts.fields.is_some() {
            return Step::Listed;
        }
        if parts.singles.is_none() {
            let Some((original, _)) = parts.single_by_single() else { return Step::Listed };
            parts.singles = Some(Box::new(Singles::of(&original)));
        }
        let Some(singles) = &parts.singles else { return Step::Listed };
        for (place, (entry, made)) in singles.entries.iter().zip(&singles.made).enumerate().skip(from) {
            match made {
                Some(field) => return Step::At(place, Single::Made(field.bind(py).clone())),
                None if wanted(entry.tag.bytes()) => return Step::At(place, Single::Unmade(*entry)),
                None => {}
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
        let Some((original, rule)) = self.parts().single_by_single() else { return Ok(None) };
        let field = Objects::one(py, &original, rule, entry)?;
        let mut parts = self.parts();
        if parts.fields.is_some() {
            return Ok(None);
        }
        let Some(slot) = parts.singles.as_mut().and_then(|it| it.made.get_mut(place)) else {
            return Ok(None);
        };
        // What another thread made meanwhile, or else this.
        let kept = slot.get_or_insert_with(|| field.clone().unbind()).bind(py).clone();
        drop(parts);
        drop(field);
        Ok(Some(kept))
    }

    /// The original bytes, if fields are made one by one of them.
    pub(in crate::records) fn singles_of(&self) -> Option<Arc<Original>> {
        let parts = self.parts();
        let has_some = parts.fields.is_none() && parts.singles.is_some();
        parts.original.clone().filter(|_| has_some)
    }
}
