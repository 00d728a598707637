//! Passes the parts of a record to a visitor that writes or compares them: from its bytes, where nobody looked at them.

use mrrc::internals::record::Visit;
use mrrc::internals::record::fingerprint::Fingerprint;
use mrrc::internals::record::pymarc::visit;
use mrrc::internals::record::reading::Rules;
use pyo3::prelude::*;

use super::Record;
use super::singles::{Single, Step};
use crate::guard::shielded;
use crate::records::field::plain;
use crate::records::original::Original;

impl Record {
    /// Passes the parts of all fields to a visitor. False if one is not a string, or is of another class.
    pub(in crate::records) fn tell<V: Visit>(&self, py: Python<'_>, to: &mut V) -> PyResult<bool>
    where
        PyErr: From<V::Stop>,
    {
        self.tell_any(py, false, to)
    }

    /// The same; undecoded values are passed as bytes if `bytes` is true.
    pub(in crate::records) fn tell_any<V: Visit>(
        &self,
        py: Python<'_>,
        bytes: bool,
        to: &mut V,
    ) -> PyResult<bool>
    where
        PyErr: From<V::Stop>,
    {
        match (self.unmade(), self.singles_of()) {
            (Some((original, _)), _) | (None, Some(original)) if original.is_raw() && !bytes => Ok(false),
            (Some((original, _)), _) => original.visit(to).map(|()| true),
            (None, Some(original)) => self.tell_singles(py, &original, bytes, to),
            (None, None) => self.tell_listed(py, 0, bytes, to),
        }
    }

    /// The same of the fields in the list, from a place on.
    fn tell_listed<V: Visit>(&self, py: Python<'_>, from: usize, bytes: bool, to: &mut V) -> PyResult<bool>
    where
        PyErr: From<V::Stop>,
    {
        let mut place = 0;
        let untold = self.find(py, |field| {
            place += 1;
            match plain(field) {
                _ if place <= from => Ok(None),
                Some(field) if field.get().tell(py, bytes, to)? => Ok(None),
                _ => Ok(Some(())),
            }
        })?;
        Ok(untold.is_none())
    }

    /// Passes the parts of all fields to a visitor: of those that are not made, from their bytes. False as `tell_any` says.
    fn tell_singles<V: Visit>(
        &self,
        py: Python<'_>,
        original: &Original,
        bytes: bool,
        to: &mut V,
    ) -> PyResult<bool>
    where
        PyErr: From<V::Stop>,
    {
        let Some(Rules::Pymarc(rule)) = original.rules else { return Ok(false) };
        let mut next = 0;
        loop {
            match self.single(py, next) {
                Step::End => return Ok(true),
                // Another thread has asked for the list.
                Step::Listed => return self.tell_listed(py, next, bytes, to),
                Step::At(_, Single::Made(field)) => match plain(&field) {
                    Some(field) if field.get().tell(py, bytes, to)? => {}
                    _ => return Ok(false),
                },
                Step::At(place, Single::Unmade) => match original.entry_at(place) {
                    Some(entry) => shielded(|| visit(&original.bytes, &[entry], rule, to))??,
                    None => return Ok(false),
                },
            }
            next += 1;
        }
    }

    /// Whether leader and fields are as they were read, and needed no repair.
    pub(in crate::records) fn is_as_read(&self, py: Python<'_>) -> PyResult<bool> {
        let Some(original) = self.original().filter(|original| !original.is_repaired()) else {
            return Ok(false);
        };
        // Being written does not count as a change.
        let is_coded = self.parts().is_coded;
        if let Some(leader) = self.part(py, |it| &mut it.leader) {
            let (then, now) = (original.leader(false), leader.str()?);
            let now = now.to_string_lossy();
            if now != then && !(is_coded && now == original.leader(true)) {
                return Ok(false);
            }
        }
        if self.unmade().is_some() {
            return Ok(true);
        }
        let mut now = Fingerprint::default();
        Ok(self.tell_any(py, true, &mut now)? && original.fingerprint()?.is_some_and(|then| then == now))
    }

    /// Iteration over the record has come to its end.
    pub(in crate::records) fn exhaust(&self, fields: usize) {
        self.parts().cursor = fields;
    }

    /// And that over the fields that are made.
    pub(in crate::records) fn exhaust_fields(&self, py: Python<'_>) -> PyResult<()> {
        if self.unmade().is_some() {
            return Ok(());
        }
        let exhaust = |field: &Bound<'_, PyAny>| plain(field).map_or(Ok(()), |field| field.get().exhaust(py));
        if self.singles_of().is_some() {
            return self.made_singles(py).iter().try_for_each(exhaust);
        }
        self.find(py, |field| exhaust(field).map(|()| None::<()>)).map(drop)
    }
}
