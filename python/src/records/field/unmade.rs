//! The subfields of a field that a reader made, as bytes, until they are looked at.

use mrrc::internals::iso2709::pymarc::split_field;
use mrrc::internals::record::pymarc::{Rule, subfield_value};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use super::Field;
use crate::records::objects::as_object;
use crate::records::{classes, strings};

/// The bytes of a field that is plain by a rule. They are its own: a field that is kept does not keep its record.
#[derive(Clone)]
pub(super) struct Unmade {
    bytes: Box<[u8]>,
    rule: Rule,
}

impl Unmade {
    pub(super) fn of(bytes: &[u8], rule: Rule) -> Unmade {
        Unmade { bytes: bytes.into(), rule }
    }

    fn subfields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let class = classes::subfield(py)?;
        let (_, subfields) = split_field(&self.bytes);
        let made = subfields.map(|(code, value)| {
            let value = as_object(py, &subfield_value(value, self.rule))?;
            class.pair(strings::character(py, code).into_any(), value)
        });
        PyList::new(py, made.collect::<PyResult<Vec<_>>>()?)
    }

    fn first(&self, code: u8) -> Option<&[u8]> {
        let (_, mut subfields) = split_field(&self.bytes);
        subfields.find(|(its, _)| *its == code).map(|(_, value)| value)
    }
}

impl Field {
    /// The list of subfields, which is made now if it is not yet there.
    pub(super) fn made_subfields<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let unmade = {
            let parts = self.parts();
            match (&parts.subfields, &parts.unmade) {
                (Some(subfields), _) => return Ok(Some(subfields.bind(py).clone())),
                (None, None) => return Ok(None),
                (None, Some(unmade)) => unmade.clone(),
            }
        };
        let made = unmade.subfields(py)?.into_any();
        let mut parts = self.parts();
        // What another thread made meanwhile, or else this.
        let kept = parts.subfields.get_or_insert_with(|| made.clone().unbind()).bind(py).clone();
        let bytes = parts.unmade.take();
        drop(parts);
        drop((made, bytes));
        Ok(Some(kept))
    }

    /// The value of the first subfield with a code, if the subfields are not made; `None` if they are, or the code is no
    /// character of ASCII.
    pub(super) fn first_unmade<'py>(
        &self,
        py: Python<'py>,
        code: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Option<Bound<'py, PyAny>>>> {
        let Ok(code) = code.cast_exact::<PyString>() else { return Ok(None) };
        let &[code] = code.to_str().unwrap_or_default().as_bytes() else { return Ok(None) };
        let parts = self.parts();
        let Some(unmade) = parts.unmade.as_ref().filter(|_| parts.subfields.is_none()) else {
            return Ok(None);
        };
        let value = unmade.first(code).map(|value| as_object(py, &subfield_value(value, unmade.rule)));
        value.transpose().map(Some)
    }
}
