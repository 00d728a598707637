//! `Field`, as scripts written for pymarc know it: everything can be changed, nothing is checked.

mod plain;
mod raw;
mod subfields;
mod text;
mod unmade;
mod visit;

use std::sync::{Mutex, MutexGuard, PoisonError};

use mrrc::internals::record::pymarc::Rule;
use pyo3::PyTraverseError;
use pyo3::exceptions::{PyAttributeError, PyTypeError, PyValueError};
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString, PyTuple};

use self::unmade::Unmade;
use super::strings::{formatted, is_digits};
use super::{classes, pickle};

pub(super) use plain::{plain, tag_of};
pub(super) use raw::RawField;
pub(super) use subfields::{code_of, value_of};

const INDICATORS_ERROR: &str = "The indicators input no longer accepts an iterable of arbitrary length. Use
                   the Indicators() named tuple instead. Please consult the documentation
                   for details.
                ";
const SUBFIELDS_ERROR: &str = "The subfield input no longer accepts strings, and should use Subfield.
                   Please consult the documentation for details.
                ";

/// A field of a record: a tag with indicators and subfields, or a control field with data.
///
/// A tag of digits below `010` makes a control field. Values are not checked, and everything can be changed.
/// Two fields are equal only if they are the same object.
///
/// Args:
///     tag: three characters; a shorter number is padded with zeros.
///     indicators: the two indicators; blanks by default.
///     subfields: a list of `Subfield`s, kept without copying.
///     data: the data of a control field.
///
/// Raises:
///     ValueError: there are not exactly two `indicators`, or `subfields` are strings.
///
/// Example:
///     >>> from mrrc import Field, Indicators, Subfield
///     >>> subfields = [Subfield("a", "Emma /"), Subfield("c", "Jane Austen.")]
///     >>> field = Field("245", Indicators("1", "0"), subfields)
///     >>> field["a"], str(field)
///     ('Emma /', '=245  10$aEmma /$cJane Austen.')
#[pyclass(module = "mrrc.field", frozen, subclass)]
pub(crate) struct Field {
    parts: Mutex<Parts>,
}

/// What a field has; nothing of it before `__init__`.
#[derive(Default)]
struct Parts {
    tag: Option<Py<PyAny>>,
    data: Option<Py<PyAny>>,
    indicators: Option<Py<PyAny>>,
    subfields: Option<Py<PyAny>>,
    /// What the subfields are made of, as long as nobody has looked at them.
    unmade: Option<Unmade>,
    control_field: Option<Py<PyAny>>,
    /// The data are text that a reader found outside the subfields of a data field.
    is_stray: bool,
    /// Where iteration has come to.
    cursor: Option<usize>,
}

/// Everything that a field has, at one moment.
struct Snapshot<'py> {
    tag: Bound<'py, PyAny>,
    data: Bound<'py, PyAny>,
    indicators: Bound<'py, PyAny>,
    subfields: Bound<'py, PyAny>,
    control_field: Bound<'py, PyAny>,
    is_stray: bool,
}

impl Parts {
    fn snapshot<'py>(&self, py: Python<'py>) -> Option<Snapshot<'py>> {
        let bound = |part: &Option<Py<PyAny>>| part.as_ref().map(|it| it.bind(py).clone());
        Some(Snapshot {
            tag: bound(&self.tag)?,
            data: bound(&self.data)?,
            indicators: bound(&self.indicators)?,
            subfields: bound(&self.subfields)?,
            control_field: bound(&self.control_field)?,
            is_stray: self.is_stray,
        })
    }
}

/// What a new field is made of.
pub(super) enum Content<'py> {
    Control(Bound<'py, PyAny>),
    /// `stray` is text outside the subfields.
    Data {
        indicators: Bound<'py, PyAny>,
        stray: Option<Bound<'py, PyAny>>,
        subfields: Bound<'py, PyList>,
    },
}

impl Field {
    /// A field as a reader makes it.
    pub(super) fn made<'py>(tag: Bound<'py, PyString>, content: Content<'py>) -> PyResult<Field> {
        let py = tag.py();
        let tag = Some(tag.into_any().unbind());
        let parts = match content {
            Content::Control(data) => Parts {
                tag,
                data: Some(data.unbind()),
                indicators: Some(py.None()),
                subfields: Some(PyList::empty(py).into_any().unbind()),
                unmade: None,
                control_field: Some(truth(py, true)),
                is_stray: false,
                cursor: None,
            },
            Content::Data { indicators, stray, subfields } => Parts {
                tag,
                is_stray: stray.is_some(),
                data: Some(stray.map_or_else(|| py.None(), Bound::unbind)),
                indicators: Some(indicators.unbind()),
                subfields: Some(subfields.into_any().unbind()),
                unmade: None,
                control_field: Some(truth(py, false)),
                cursor: None,
            },
        };
        Ok(Field { parts: Mutex::new(parts) })
    }

    /// A data field whose subfields are made of these bytes when they are looked at.
    pub(super) fn unmade<'py>(
        tag: Bound<'py, PyString>,
        indicators: Bound<'py, PyAny>,
        bytes: &[u8],
        rule: Rule,
    ) -> Field {
        let py = tag.py();
        let parts = Parts {
            tag: Some(tag.into_any().unbind()),
            data: Some(py.None()),
            indicators: Some(indicators.unbind()),
            unmade: Some(Unmade::of(bytes, rule)),
            control_field: Some(truth(py, false)),
            ..Parts::default()
        };
        Field { parts: Mutex::new(parts) }
    }

    /// A field of nothing yet.
    pub(super) fn empty() -> Field {
        Field { parts: Mutex::default() }
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn part<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        part: fn(&Parts) -> &Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let found = part(&self.parts()).as_ref().map(|value| value.bind(py).clone());
        found.ok_or_else(|| PyAttributeError::new_err(format!("'Field' object has no attribute '{name}'")))
    }

    /// Everything, or `None` if something is missing.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Option<Snapshot<'py>>> {
        self.made_subfields(py)?;
        Ok(self.parts().snapshot(py))
    }

    /// Replaces a part; the old one is dropped after the lock is released.
    fn put(&self, part: fn(&mut Parts) -> &mut Option<Py<PyAny>>, value: Bound<'_, PyAny>) {
        let before = part(&mut self.parts()).replace(value.unbind());
        drop(before);
    }

    /// Text that a reader found outside the subfields.
    pub(super) fn stray<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        let parts = self.parts();
        parts.data.as_ref().filter(|_| parts.is_stray).map(|data| data.bind(py).clone())
    }

    pub(super) fn is_control(&self, py: Python<'_>) -> PyResult<bool> {
        self.get_control_field(py)?.is_truthy()
    }

    fn indicator<'py>(&self, py: Python<'py>, place: usize) -> PyResult<Bound<'py, PyAny>> {
        let indicators = self.get_indicators(py)?;
        if indicators.is_truthy()? {
            indicators.get_item(place)
        } else {
            Ok(PyString::new(py, "").into_any())
        }
    }

    fn set_indicator(&self, name: &str, value: Bound<'_, PyAny>) -> PyResult<()> {
        let py = value.py();
        if self.is_control(py)? {
            self.put(|it| &mut it.indicators, py.None().into_bound(py));
        }
        let named = PyDict::new(py);
        named.set_item(name, value)?;
        let replaced = self.get_indicators(py)?.call_method("_replace", (), Some(&named))?;
        self.put(|parts| &mut parts.indicators, replaced);
        Ok(())
    }
}

fn truth(py: Python<'_>, value: bool) -> Py<PyAny> {
    PyBool::new(py, value).to_owned().into_any().unbind()
}

/// Digits alone and not three of them are a number, written in three; anything else is taken as text.
fn normalised<'py>(tag: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = tag.py();
    let number = |tag: &Bound<'py, PyAny>| -> PyResult<Bound<'py, PyAny>> {
        py.get_type::<PyInt>().call1((tag,))?.call_method1("__format__", ("03",))
    };
    match tag.cast::<PyString>() {
        Ok(text) if !is_digits(text)? || text.len()? == 3 => Ok(tag.clone()),
        Ok(_) => number(tag),
        Err(_) => number(tag).or_else(|error| {
            if error.is_instance_of::<PyTypeError>(py) || error.is_instance_of::<PyValueError>(py) {
                formatted(tag).map(Bound::into_any)
            } else {
                Err(error)
            }
        }),
    }
}

/// A control field has a tag of digits below `010`.
fn is_control_tag(tag: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(tag.lt("010")? && tag.call_method0("isdigit")?.is_truthy()?)
}

/// `Indicators(*value)`.
fn indicators_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let class = classes::indicators(value.py())?.bind(value.py());
    let items = value.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    class.call1(PyTuple::new(value.py(), items)?)
}

#[pymethods]
impl Field {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(tag, indicators=None, subfields=None, data=None)")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Field {
        Field { parts: Mutex::default() }
    }

    #[pyo3(signature = (tag, indicators=None, subfields=None, data=None))]
    fn __init__<'py>(
        slf: &Bound<'py, Self>,
        tag: Bound<'py, PyAny>,
        indicators: Option<Bound<'py, PyAny>>,
        subfields: Option<Bound<'py, PyAny>>,
        data: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let (py, field) = (slf.py(), slf.get());
        let tag = normalised(&tag)?;
        let subfields = match subfields {
            Some(given) if given.is_truthy()? => Some(given),
            _ => None,
        };
        if let Some(given) = &subfields
            && given.get_item(0)?.is_instance_of::<PyString>()
        {
            return Err(PyValueError::new_err(SUBFIELDS_ERROR));
        }
        let is_control = is_control_tag(&tag)?;
        let none = || py.None().into_bound(py);
        let empty = || PyList::empty(py).into_any();
        field.put(|it| &mut it.tag, tag);
        field.put(|it| &mut it.control_field, truth(py, is_control).into_bound(py));
        field.put(|it| &mut it.indicators, none());
        if is_control {
            field.put(|it| &mut it.subfields, empty());
            field.put(|it| &mut it.data, data.unwrap_or_else(none));
            return Ok(());
        }
        field.put(|it| &mut it.data, none());
        field.put(|it| &mut it.subfields, subfields.unwrap_or_else(empty));
        match indicators {
            Some(given) if given.is_truthy()? => slf.setattr("indicators", given),
            _ => {
                let blank = PyString::new(py, " ").into_any();
                let blanks = classes::indicators(py)?.pair(blank.clone(), blank)?;
                field.put(|it| &mut it.indicators, blanks);
                Ok(())
            }
        }
    }

    /// The tag. Assigning another does not turn a control field into a data field, or the reverse.
    #[getter]
    pub(super) fn get_tag<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "tag", |it| &it.tag)
    }

    #[setter]
    fn set_tag(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.tag, value);
    }

    /// The data of a control field. For a data field, None, or the text outside its subfields.
    #[getter]
    pub(super) fn get_data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "data", |it| &it.data)
    }

    #[setter]
    fn set_data(&self, value: Bound<'_, PyAny>) {
        self.parts().is_stray &= !value.is_none();
        self.put(|it| &mut it.data, value);
    }

    /// Text outside the subfields of a data field, where recovery found some.
    #[getter(_stray)]
    fn get_stray<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.stray(py)
    }

    /// The list of `Subfield`s; changing it changes the field. Empty for a control field.
    #[getter(subfields)]
    pub(super) fn get_subfields_attribute<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.made_subfields(py)? {
            Some(subfields) => Ok(subfields),
            None => self.part(py, "subfields", |it| &it.subfields),
        }
    }

    #[setter(subfields)]
    fn set_subfields_attribute(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.subfields, value);
    }

    /// Whether this is a control field.
    #[getter]
    pub(super) fn get_control_field<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "control_field", |it| &it.control_field)
    }

    #[setter]
    fn set_control_field(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.control_field, value);
    }

    /// The two indicators; None for a control field.
    #[getter]
    pub(super) fn get_indicators<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "_indicators", |it| &it.indicators)
    }

    #[getter(_indicators)]
    fn get_indicators_slot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.get_indicators(py)
    }

    #[setter(_indicators)]
    fn set_indicators_slot(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.indicators, value);
    }

    #[setter]
    fn set_indicators(&self, value: Bound<'_, PyAny>) -> PyResult<()> {
        if value.is_none() {
            return Ok(());
        }
        let is_sequence = value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>();
        if is_sequence && value.is_truthy()? && value.len()? != 2 {
            return Err(PyValueError::new_err(INDICATORS_ERROR));
        }
        let is_done = value.is_instance(classes::indicators(value.py())?.bind(value.py()))?;
        let indicators = if is_done { value } else { indicators_of(&value)? };
        self.put(|it| &mut it.indicators, indicators);
        Ok(())
    }

    /// The first indicator; empty for a control field.
    #[getter]
    pub(super) fn get_indicator1<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.indicator(py, 0)
    }

    #[setter]
    fn set_indicator1(&self, value: Bound<'_, PyAny>) -> PyResult<()> {
        self.set_indicator("first", value)
    }

    /// The second indicator; empty for a control field.
    #[getter]
    pub(super) fn get_indicator2<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.indicator(py, 1)
    }

    #[setter]
    fn set_indicator2(&self, value: Bound<'_, PyAny>) -> PyResult<()> {
        self.set_indicator("second", value)
    }

    fn __getstate__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        slf.get().made_subfields(py)?;
        let (parts, cursor, is_stray) = {
            let parts = slf.get().parts();
            let shared = |part: &Option<Py<PyAny>>| part.as_ref().map(|it| it.bind(py).clone());
            let named = [
                ("tag", shared(&parts.tag)),
                ("data", shared(&parts.data)),
                ("_indicators", shared(&parts.indicators)),
                ("subfields", shared(&parts.subfields)),
                ("control_field", shared(&parts.control_field)),
            ];
            (named, parts.cursor, parts.is_stray)
        };
        let slots = PyDict::new(py);
        for (name, part) in parts {
            part.map_or(Ok(()), |part| slots.set_item(name, part))?;
        }
        cursor.map_or(Ok(()), |place| slots.set_item("_Field__pos", place))?;
        if is_stray {
            slots.set_item("_is_stray", true)?;
        }
        pickle::state(slf, slots)
    }

    fn __setstate__(slf: &Bound<'_, Self>, state: &Bound<'_, PyAny>) -> PyResult<()> {
        let field = slf.get();
        for (name, value) in pickle::restored(slf, state)?.iter() {
            match name.cast::<PyString>()?.to_str()? {
                "tag" => field.put(|it| &mut it.tag, value),
                "data" => field.put(|it| &mut it.data, value),
                "_indicators" => field.put(|it| &mut it.indicators, value),
                "subfields" => field.put(|it| &mut it.subfields, value),
                "control_field" => field.put(|it| &mut it.control_field, value),
                "_is_stray" => field.parts().is_stray = value.extract()?,
                "_Field__pos" => field.parts().cursor = value.extract()?,
                other => slf.setattr(other, value)?,
            }
        }
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Whoever holds the lock is at work with the parts, so that they are not to be collected.
        let Ok(parts) = self.parts.try_lock() else { return Ok(()) };
        for part in [&parts.tag, &parts.data, &parts.indicators, &parts.subfields, &parts.control_field] {
            visit.call(part)?;
        }
        Ok(())
    }

    fn __clear__(&self) {
        let parts = std::mem::take(&mut *self.parts());
        drop(parts);
    }
}
