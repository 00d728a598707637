//! The subfields of a field, by code and by place.

use pyo3::exceptions::{PyAttributeError, PyIndexError, PyKeyError, PyStopIteration, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};

use super::Field;
use crate::records::classes;
use crate::records::strings::{equal, formatted};

impl Field {
    /// The subfields, one after the other, until `take` gives something.
    pub(in crate::records) fn find<'py, T>(
        &self,
        py: Python<'py>,
        mut take: impl FnMut(usize, &Bound<'py, PyAny>) -> PyResult<Option<T>>,
    ) -> PyResult<Option<T>> {
        let subfields = self.get_subfields_attribute(py)?;
        if let Ok(list) = subfields.cast_exact::<PyList>() {
            // The list may change while its items are looked at.
            let mut place = 0;
            while let Ok(item) = list.get_item(place) {
                if let Some(taken) = take(place, &item)? {
                    return Ok(Some(taken));
                }
                place += 1;
            }
            return Ok(None);
        }
        for (place, item) in subfields.try_iter()?.enumerate() {
            if let Some(taken) = take(place, &item?)? {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    }

    /// The value of the first subfield with a code.
    fn first<'py>(&self, py: Python<'py>, code: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Some(found) = self.first_unmade(py, code)? {
            return Ok(found);
        }
        self.find(
            py,
            |_, item| {
                if equal(&code_of(item)?, code)? { value_of(item).map(Some) } else { Ok(None) }
            },
        )
    }

    fn values<'py>(
        &self,
        py: Python<'py>,
        mut is_wanted: impl FnMut(&Bound<'py, PyAny>) -> PyResult<bool>,
    ) -> PyResult<Bound<'py, PyList>> {
        let values = PyList::empty(py);
        self.find(py, |_, item| -> PyResult<Option<()>> {
            if is_wanted(&code_of(item)?)? {
                values.append(value_of(item)?)?;
            }
            Ok(None)
        })?;
        Ok(values)
    }

    pub(in crate::records) fn subfields_len(&self, py: Python<'_>) -> PyResult<usize> {
        self.get_subfields_attribute(py)?.len()
    }
}

/// `item.code`.
pub(in crate::records) fn code_of<'py>(item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match item.cast::<PyTuple>() {
        Ok(pair) if classes::subfield(item.py())?.has(item) => pair.get_item(0),
        _ => item.getattr(intern!(item.py(), "code")),
    }
}

/// `item.value`.
pub(in crate::records) fn value_of<'py>(item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match item.cast::<PyTuple>() {
        Ok(pair) if classes::subfield(item.py())?.has(item) => pair.get_item(1),
        _ => item.getattr(intern!(item.py(), "value")),
    }
}

#[pymethods]
impl Field {
    /// Convert `["a", "x", "b", "y"]`, the form of subfields before pymarc 5, to a list of `Subfield`s.
    #[classmethod]
    fn convert_legacy_subfields<'py>(
        class: &Bound<'py, PyType>,
        subfields: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = class.py();
        let given = subfields.try_iter()?.collect::<PyResult<Vec<_>>>()?;
        let (pairs, rest) = given.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(PyValueError::new_err("zip() argument 2 is shorter than argument 1"));
        }
        let make = classes::subfield(py)?;
        let pairs = pairs.iter().map(|[code, value]| make.pair(code.clone(), value.clone()));
        PyList::new(py, pairs.collect::<PyResult<Vec<_>>>()?)
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.get().parts().cursor = Some(0);
        slf.clone()
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.is_control(py)? {
            return Ok(None);
        }
        let subfields = self.get_subfields_attribute(py)?;
        let place = self
            .parts()
            .cursor
            .ok_or_else(|| PyAttributeError::new_err("'Field' object has no attribute '_Field__pos'"))?;
        match subfields.get_item(place) {
            Ok(item) => {
                self.parts().cursor = Some(place + 1);
                Ok(Some(item))
            }
            Err(error) if error.is_instance_of::<PyIndexError>(py) => Err(PyStopIteration::new_err(())),
            Err(error) => Err(error),
        }
    }

    /// Return the value of the first subfield with this code, or `default`.
    #[pyo3(signature = (code, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        code: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.is_control(py)? {
            return Ok(default);
        }
        Ok(self.first(py, code)?.or(default))
    }

    /// The value of the first subfield with this code; a `KeyError` if there is none.
    fn __getitem__<'py>(&self, py: Python<'py>, code: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let found = if self.is_control(py)? { None } else { self.first(py, code)? };
        found.ok_or_else(|| PyKeyError::new_err(()))
    }

    fn __contains__<'py>(&self, py: Python<'py>, subfield: &Bound<'py, PyAny>) -> PyResult<bool> {
        if self.is_control(py)? {
            return Ok(false);
        }
        let found = self.find(py, |_, item| Ok(equal(&code_of(item)?, subfield)?.then_some(())))?;
        Ok(found.is_some())
    }

    /// Replaces the value of the one subfield with this code.
    fn __setitem__<'py>(
        &self,
        py: Python<'py>,
        code: &Bound<'py, PyAny>,
        value: Bound<'py, PyAny>,
    ) -> PyResult<()> {
        if self.is_control(py)? {
            return Err(PyKeyError::new_err("field is a control field"));
        }
        let mut found = None;
        self.find(py, |place, item| -> PyResult<Option<()>> {
            let has = code_of(item)?;
            if equal(&has, code)? && found.replace((place, has)).is_some() {
                let code = formatted(code)?;
                return Err(PyKeyError::new_err(format!("more than one code '{code}'")));
            }
            Ok(None)
        })?;
        let Some((place, code)) = found else {
            return Err(PyKeyError::new_err(format!("no code '{}'", formatted(code)?)));
        };
        let subfield = classes::subfield(py)?.pair(code, value)?;
        self.get_subfields_attribute(py)?.set_item(place, subfield)
    }

    fn __delitem__(&self, _code: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyAttributeError::new_err("__delitem__"))
    }

    /// Return the values of the subfields with any of these codes, in the order of the field.
    #[pyo3(signature = (*codes))]
    fn get_subfields<'py>(
        &self,
        py: Python<'py>,
        codes: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyList>> {
        if codes.is_empty() || self.is_control(py)? {
            return Ok(PyList::empty(py));
        }
        if codes.len() == 1 {
            let wanted = codes.get_item(0)?;
            return self.values(py, |code| equal(code, &wanted));
        }
        self.values(py, |code| codes.contains(code))
    }

    /// Add a subfield at the end, or at position `pos`. Does nothing to a control field.
    #[pyo3(signature = (code, value, pos=None))]
    fn add_subfield<'py>(
        &self,
        py: Python<'py>,
        code: Bound<'py, PyAny>,
        value: Bound<'py, PyAny>,
        pos: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        if self.is_control(py)? {
            return Ok(());
        }
        let subfields = self.get_subfields_attribute(py)?;
        let subfield = classes::subfield(py)?.pair(code, value)?;
        match pos {
            Some(pos) if !pos.gt(subfields.len()?)? => subfields.call_method1("insert", (pos, subfield))?,
            _ => subfields.call_method1("append", (subfield,))?,
        };
        Ok(())
    }

    /// Remove the first subfield with this code and return its value, or None if there is none.
    fn delete_subfield<'py>(
        &self,
        py: Python<'py>,
        code: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.is_control(py)? {
            return Ok(None);
        }
        let place = self.find(py, |place, item| Ok(equal(&code_of(item)?, code)?.then_some(place)))?;
        let Some(place) = place else { return Ok(None) };
        let removed = self.get_subfields_attribute(py)?.call_method1("pop", (place,))?;
        value_of(&removed).map(Some)
    }

    /// Return a dict from each code to the list of its values.
    fn subfields_as_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        if self.is_control(py)? {
            return Ok(all);
        }
        self.find(py, |_, item| -> PyResult<Option<()>> {
            let (code, value) = (code_of(item)?, value_of(item)?);
            match all.get_item(&code)? {
                Some(values) => values.cast_into::<PyList>()?.append(value)?,
                None => all.set_item(code, PyList::new(py, [value])?)?,
            }
            Ok(None)
        })?;
        Ok(all)
    }
}
