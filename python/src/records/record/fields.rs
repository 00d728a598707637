//! The fields of a record, by tag and in their order.

use pyo3::exceptions::{PyKeyError, PyStopIteration, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PySet, PySlice, PyString, PyTuple};

use super::Record;
use super::singles::{Step, Wanted};
use crate::records::errors::{named, named_with};
use crate::records::field::tag_of;
use crate::records::strings::{equal, is_digits};

impl Record {
    fn first<'py>(&self, py: Python<'py>, tag: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Some(wanted) = Wanted::one(tag) {
            match self.next_single(py, 0, &wanted)? {
                Step::End => return Ok(None),
                Step::Listed => {}
                Step::At(place, single) => {
                    if let Some(field) = self.make_single(py, place, single)? {
                        return Ok(Some(field));
                    }
                }
            }
        }
        self.find(py, |field| Ok(equal(&tag_of(field)?, tag)?.then(|| field.clone())))
    }

    /// All with these tags; `None` if the list of fields has the answer.
    fn all<'py>(&self, py: Python<'py>, tags: &Bound<'py, PyTuple>) -> PyResult<Option<Bound<'py, PyList>>> {
        let Some(wanted) = Wanted::several(tags.iter()) else { return Ok(None) };
        let (found, mut from) = (PyList::empty(py), 0);
        loop {
            match self.next_single(py, from, &wanted)? {
                Step::End => return Ok(Some(found)),
                Step::Listed => return Ok(None),
                Step::At(place, single) => {
                    let Some(field) = self.make_single(py, place, single)? else { return Ok(None) };
                    found.append(field)?;
                    from = place + 1;
                }
            }
        }
    }

    fn add_in_order(&self, given: &Bound<'_, PyTuple>, by: Order) -> PyResult<()> {
        let py = given.py();
        for field in given.iter() {
            let fields = self.get_fields_attribute(py)?;
            let tag = tag_of(&field)?;
            if !fields.is_truthy()? || !tag.call_method0(intern!(py, "isdigit"))?.is_truthy()? {
                fields.call_method1("append", (field,))?;
                continue;
            }
            let key = by.key(&tag)?;
            let (mut place, mut found) = (0, None);
            self.find(py, |other| -> PyResult<Option<()>> {
                let tag = tag_of(other)?;
                let is_number = tag.call_method0(intern!(py, "isdigit"))?.is_truthy()?;
                if !is_number || by.key(&tag)?.gt(&key)? {
                    found = Some(place);
                    return Ok(Some(()));
                }
                place += 1;
                Ok(None)
            })?;
            match found {
                Some(place) => fields.call_method1("insert", (place, field))?,
                None => fields.call_method1("append", (field,))?,
            };
        }
        Ok(())
    }
}

/// By what fields are put in order.
#[derive(Clone, Copy)]
enum Order {
    Tag,
    FirstDigit,
}

impl Order {
    fn key<'py>(self, tag: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = tag.py();
        let digits = match self {
            Order::Tag => tag.clone(),
            Order::FirstDigit => tag.get_item(0)?,
        };
        if let Ok(text) = digits.cast::<PyString>()
            && is_digits(text)?
            && let Ok(number) = text.to_str()?.parse::<u32>()
        {
            return Ok(number.into_pyobject(py)?.into_any());
        }
        py.get_type::<PyInt>().call1((digits,))
    }
}

#[pymethods]
impl Record {
    /// Return the first field with this tag, or `default`.
    #[pyo3(signature = (tag, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        tag: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.first(py, tag)?.or(default))
    }

    /// The first field with this tag; a `KeyError` if there is none.
    fn __getitem__<'py>(&self, py: Python<'py>, tag: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.first(py, tag)?.ok_or_else(|| PyKeyError::new_err(()))
    }

    fn __contains__<'py>(&self, py: Python<'py>, tag: &Bound<'py, PyAny>) -> PyResult<bool> {
        if let Some(wanted) = Wanted::one(tag) {
            match self.next_single(py, 0, &wanted)? {
                Step::End => return Ok(false),
                Step::At(..) => return Ok(true),
                Step::Listed => {}
            }
        }
        Ok(self.first(py, tag)?.is_some())
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.get().parts().cursor = 0;
        slf.clone()
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let place = self.parts().cursor;
        match self.single(py, place) {
            Step::End => return Err(PyStopIteration::new_err(())),
            Step::Listed => {}
            Step::At(place, single) => {
                if let Some(field) = self.make_single(py, place, single)? {
                    self.parts().cursor = place + 1;
                    return Ok(field);
                }
            }
        }
        let fields = self.get_fields_attribute(py)?;
        if place >= fields.len()? {
            return Err(PyStopIteration::new_err(()));
        }
        self.parts().cursor = place + 1;
        fields.get_item(place)
    }

    /// Add fields at the end.
    #[pyo3(signature = (*fields))]
    fn add_field(&self, fields: &Bound<'_, PyTuple>) -> PyResult<()> {
        if self.add_singles(fields) {
            return Ok(());
        }
        let own = self.get_fields_attribute(fields.py())?;
        match own.cast_exact::<PyList>() {
            Ok(list) => fields.iter().try_for_each(|field| list.append(field)),
            Err(_) => own.call_method1("extend", (fields,)).map(|_| ()),
        }
    }

    /// Add each field before the first whose tag begins with a greater digit or is not a number.
    #[pyo3(signature = (*fields))]
    fn add_grouped_field(&self, fields: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.add_in_order(fields, Order::FirstDigit)
    }

    /// Add each field before the first whose tag is greater or is not a number.
    #[pyo3(signature = (*fields))]
    fn add_ordered_field(&self, fields: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.add_in_order(fields, Order::Tag)
    }

    /// Remove these fields, compared by identity.
    ///
    /// Raises:
    ///     FieldNotFound: a field is not in the record; those given before it have been removed.
    #[pyo3(signature = (*fields))]
    fn remove_field(&self, fields: &Bound<'_, PyTuple>) -> PyResult<()> {
        let py = fields.py();
        for field in fields.iter() {
            let removed = self.get_fields_attribute(py)?.call_method1("remove", (field,));
            if let Err(error) = removed {
                let is_missing = error.is_instance_of::<PyValueError>(py);
                return Err(if is_missing { named(py, "FieldNotFound") } else { error });
            }
        }
        Ok(())
    }

    /// Remove all fields with these tags.
    #[pyo3(signature = (*tags))]
    fn remove_fields(&self, tags: &Bound<'_, PyTuple>) -> PyResult<()> {
        let py = tags.py();
        if tags.is_empty() {
            return Ok(());
        }
        let wanted = Tags::new(tags)?;
        let kept = PyList::empty(py);
        self.find(py, |field| -> PyResult<Option<()>> {
            if !wanted.has(&tag_of(field)?)? {
                kept.append(field)?;
            }
            Ok(None)
        })?;
        let fields = self.get_fields_attribute(py)?;
        match fields.cast_exact::<PyList>() {
            Ok(list) => list.set_slice(0, list.len(), &kept),
            Err(_) => fields.set_item(PySlice::full(py), kept),
        }
    }

    /// Return the fields with any of these tags, in their order; without tags, the list `fields`.
    #[pyo3(signature = (*args))]
    fn get_fields<'py>(&self, py: Python<'py>, args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        if args.is_empty() {
            return self.get_fields_attribute(py);
        }
        if let Some(found) = self.all(py, args)? {
            return Ok(found.into_any());
        }
        let wanted = Tags::new(args)?;
        let found = PyList::empty(py);
        self.find(py, |field| -> PyResult<Option<()>> {
            if wanted.has(&tag_of(field)?)? {
                found.append(field)?;
            }
            Ok(None)
        })?;
        Ok(found.into_any())
    }

    /// Return the 880 fields that hold this field in another script.
    ///
    /// Raises:
    ///     MissingLinkedFields: `$6` points to a field that is not there.
    fn get_linked_fields<'py>(
        slf: &Bound<'py, Self>,
        field: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = slf.py();
        let name = intern!(py, "linkage_occurrence_num");
        let number = field.call_method0(name)?;
        let linked = PyList::empty(py);
        for other in slf.call_method1(intern!(py, "get_fields"), ("880",))?.try_iter()? {
            let other = other?;
            if other.call_method0(name)?.eq(&number)? {
                linked.append(other)?;
            }
        }
        if !number.is_none() && linked.is_empty() {
            return Err(named_with(py, "MissingLinkedFields", (field,)));
        }
        Ok(linked)
    }
}

/// The requested tags: one is compared, several are a set.
enum Tags<'py> {
    One(Bound<'py, PyAny>),
    Several(Bound<'py, PySet>),
}

impl<'py> Tags<'py> {
    fn new(tags: &Bound<'py, PyTuple>) -> PyResult<Tags<'py>> {
        match tags.len() {
            1 => Ok(Tags::One(tags.get_item(0)?)),
            _ => Ok(Tags::Several(PySet::new(tags.py(), tags.iter())?)),
        }
    }

    fn has(&self, tag: &Bound<'py, PyAny>) -> PyResult<bool> {
        match self {
            Tags::One(wanted) => equal(tag, wanted),
            Tags::Several(wanted) => wanted.contains(tag),
        }
    }
}
