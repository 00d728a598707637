//! `Field`, as scripts written for pymarc know them: everything can be changed, nothing is checked.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mrrc::internals::record::{Value, Visit};
use pyo3::PyTraverseError;
use pyo3::exceptions::{
    PyAttributeError, PyIndexError, PyKeyError, PyStopIteration, PyTypeError, PyValueError,
};
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList, PyString, PyTuple, PyType};

use super::raw_field::RawField;
use super::types;

const INDICATORS_ERROR: &str = "The indicators input no longer accepts an iterable of arbitrary length. Use
                   the Indicators() named tuple instead. Please consult the documentation
                   for details.
                ";
const SUBFIELDS_ERROR: &str = "The subfield input no longer accepts strings, and should use Subfield.
                   Please consult the documentation for details.
                ";

/// A field: a tag, and indicators and subfields, or data.
///
/// A tag of digits below `010` makes a control field, which has `data` only. Nothing is checked, and all can
/// be changed; fields are equal if they are the same object.
///
/// Args:
///     tag: three characters; a shorter number is filled up with zeros.
///     indicators: two, blank if they are not given.
///     subfields: a list of `Subfield`s, which is taken as it is and not copied.
///     data: the data of a control field.
///
/// Raises:
///     ValueError: there are not two indicators, or the subfields are strings.
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
    control_field: Option<Py<PyAny>>,
    /// The data are text that a reader found outside the subfields of a data field.
    is_stray: bool,
    /// Where iteration has come to.
    cursor: Option<usize>,
}

/// All that a field has, as it is at one time.
struct Whole<'py> {
    tag: Bound<'py, PyAny>,
    data: Bound<'py, PyAny>,
    indicators: Bound<'py, PyAny>,
    subfields: Bound<'py, PyAny>,
    control_field: Bound<'py, PyAny>,
    is_stray: bool,
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
                control_field: Some(truth(py, false)),
                cursor: None,
            },
        };
        Ok(Field { parts: Mutex::new(parts) })
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

    /// Everything; none if something is missing.
    fn whole<'py>(&self, py: Python<'py>) -> Option<Whole<'py>> {
        let parts = self.parts();
        let bound = |part: &Option<Py<PyAny>>| part.as_ref().map(|it| it.bind(py).clone());
        Some(Whole {
            tag: bound(&parts.tag)?,
            data: bound(&parts.data)?,
            indicators: bound(&parts.indicators)?,
            subfields: bound(&parts.subfields)?,
            control_field: bound(&parts.control_field)?,
            is_stray: parts.is_stray,
        })
    }

    /// Puts a part in; what was there is dropped when nobody is locked out any more.
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

    /// The subfields, one after the other, until `take` gives something.
    pub(super) fn find<'py, T>(
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
        self.find(
            py,
            |_, item| {
                if types::equal(&code_of(item)?, code)? { value_of(item).map(Some) } else { Ok(None) }
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

    /// Whether the data, or all values, are text, and there are any.
    pub(super) fn is_text(&self, py: Python<'_>) -> PyResult<bool> {
        if self.is_control(py)? {
            return Ok(self.get_data(py)?.is_instance_of::<PyString>());
        }
        let mut is_any = false;
        let other = self.find(py, |_, item| {
            is_any = true;
            Ok((!value_of(item)?.is_instance_of::<PyString>()).then_some(()))
        })?;
        Ok(is_any && other.is_none())
    }

    /// Iteration over a field of subfields has come to its end.
    pub(super) fn exhaust(&self, py: Python<'_>) -> PyResult<()> {
        if !self.is_control(py)? {
            let end = self.subfields_len(py)?;
            self.parts().cursor = Some(end);
        }
        Ok(())
    }

    pub(super) fn subfields_len(&self, py: Python<'_>) -> PyResult<usize> {
        self.get_subfields_attribute(py)?.len()
    }

    /// Tells the field's parts; false, and perhaps some of them told, where one is no string. Of a raw field values
    /// are bytes, if these are told at all.
    pub(super) fn tell<V: Visit>(&self, py: Python<'_>, bytes: bool, to: &mut V) -> PyResult<bool>
    where
        PyErr: From<V::Stop>,
    {
        let Some(Whole { tag, data, indicators, subfields, control_field, is_stray }) = self.whole(py) else {
            return Ok(false);
        };
        let Some(tag) = string(&tag) else { return Ok(false) };
        if control_field.is_truthy()? {
            let Some(data) = told(&data, bytes) else { return Ok(false) };
            return Ok(to.control(tag, data).map(|()| true)?);
        }
        let Ok(indicators) = indicators.cast::<PyTuple>() else { return Ok(false) };
        let (Ok(first), Ok(second)) = (indicators.get_borrowed_item(0), indicators.get_borrowed_item(1))
        else {
            return Ok(false);
        };
        let (Some(first), Some(second)) = (string(&first), string(&second)) else { return Ok(false) };
        let stray = match is_stray {
            true => Some(told(&data, bytes)),
            false => None,
        };
        if let Some(None) = stray {
            return Ok(false);
        }
        to.data(tag, [first, second], stray.flatten())?;
        let class = types::subfield(py)?;
        let Ok(subfields) = subfields.cast_exact::<PyList>() else { return Ok(false) };
        for item in subfields.iter() {
            let Ok(pair) = item.cast::<PyTuple>() else { return Ok(false) };
            if item.get_type_ptr() != class.as_type_ptr() {
                return Ok(false);
            }
            let (code, value) = (pair.get_borrowed_item(0)?, pair.get_borrowed_item(1)?);
            let (Some(code), Some(value)) = (string(&code), told(&value, bytes)) else { return Ok(false) };
            to.subfield(code, value)?;
        }
        Ok(to.end().map(|()| true)?)
    }
}

/// A string that is whole characters; none of anything else.
fn string<'a>(value: &'a Bound<'_, PyAny>) -> Option<&'a str> {
    value.cast_exact::<PyString>().ok()?.to_str().ok()
}

fn told<'a>(value: &'a Bound<'_, PyAny>, bytes: bool) -> Option<Value<'a>> {
    match value.cast::<PyBytes>() {
        Ok(value) if bytes => Some(Value::Bytes(value.as_bytes())),
        _ => string(value).map(|text| Value::Text(text.into())),
    }
}

fn truth(py: Python<'_>, value: bool) -> Py<PyAny> {
    pyo3::types::PyBool::new(py, value).to_owned().into_any().unbind()
}

fn is_subfield(item: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(item.get_type_ptr() == types::subfield(item.py())?.as_type_ptr())
}

/// `item.code`.
pub(super) fn code_of<'py>(item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match item.cast::<PyTuple>() {
        Ok(pair) if is_subfield(item)? => pair.get_item(0),
        _ => item.getattr(intern!(item.py(), "code")),
    }
}

/// `item.value`.
pub(super) fn value_of<'py>(item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match item.cast::<PyTuple>() {
        Ok(pair) if is_subfield(item)? => pair.get_item(1),
        _ => item.getattr(intern!(item.py(), "value")),
    }
}

/// What an f-string makes of it.
pub(super) fn formatted<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return Ok(text.clone());
    }
    let format = value.py().import("builtins")?.getattr("format")?;
    Ok(format.call1((value,))?.cast_into::<PyString>()?)
}

/// The tag of any object that a record has among its fields.
pub(super) fn tag_of<'py>(field: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match plain(field) {
        Some(field) => field.get().get_tag(field.py()),
        None => field.getattr(intern!(field.py(), "tag")),
    }
}

/// The object as a Field, if no subclass can have changed what its attributes are.
pub(super) fn plain<'a, 'py>(field: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, Field>> {
    if field.is_exact_instance_of::<RawField>() {
        return field.cast::<Field>().ok();
    }
    field.cast_exact::<Field>().ok()
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

/// Python's `isdigit`, which knows digits of all scripts.
pub(super) fn is_digits(text: &Bound<'_, PyString>) -> PyResult<bool> {
    match text.to_str() {
        Ok(text) if text.is_ascii() => Ok(!text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())),
        _ => text.call_method0("isdigit")?.extract(),
    }
}

/// A control field has a tag of digits below `010`.
fn is_control_tag(tag: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(tag.lt("010")? && tag.call_method0("isdigit")?.is_truthy()?)
}

/// `Indicators(*value)`.
fn indicators_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let class = types::indicators(value.py())?;
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
                let blanks = types::pair(types::indicators(py)?, blank.clone(), blank)?;
                field.put(|it| &mut it.indicators, blanks);
                Ok(())
            }
        }
    }

    /// The tag; a new one does not make a control field a data field, nor the other way round.
    #[getter]
    pub(super) fn get_tag<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "tag", |it| &it.tag)
    }

    #[setter]
    fn set_tag(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.tag, value);
    }

    /// The data of a control field; of a data field None, or the text outside its subfields.
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

    /// The list of `Subfield`s; empty for a control field. What is done to it is done to the field.
    #[getter(subfields)]
    pub(super) fn get_subfields_attribute<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "subfields", |it| &it.subfields)
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
        let is_done = value.is_instance(types::indicators(value.py())?)?;
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

    /// Make a list of `Subfield`s of `["a", "x", "b", "y"]`, as subfields were given before pymarc 5.
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
        let make = types::subfield(py)?;
        let pairs = pairs.iter().map(|[code, value]| types::pair(make, code.clone(), value.clone()));
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

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<String> {
        Ok(format!("<{} {}>", slf.get_type().name()?, slf.str()?.to_string_lossy()))
    }

    fn __str__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyString>> {
        let (py, field) = (slf.py(), slf.get());
        let mut out = vec![PyString::new(py, "="), formatted(&field.get_tag(py)?)?, PyString::new(py, "  ")];
        if field.is_control(py)? {
            let data = field.get_data(py)?;
            if data.is_truthy()? {
                out.push(data.call_method1("replace", (" ", "\\"))?.cast_into::<PyString>()?);
            }
        } else {
            for indicator in field.get_indicators(py)?.try_iter()? {
                let indicator = indicator?;
                let is_blank = indicator.eq(" ")? || indicator.eq("\\")?;
                out.push(if is_blank { PyString::new(py, "\\") } else { formatted(&indicator)? });
            }
            if let Some(stray) = field.stray(py) {
                out.push(formatted(&stray)?);
            }
            field.find(py, |_, item| -> PyResult<Option<()>> {
                out.push(PyString::new(py, "$"));
                out.push(formatted(&code_of(item)?)?);
                out.push(formatted(&value_of(item)?)?);
                Ok(None)
            })?;
        }
        joined(py, "", out)
    }

    /// Give the value of the first subfield with this code, or `default`.
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
        let found = self.find(py, |_, item| Ok(types::equal(&code_of(item)?, subfield)?.then_some(())))?;
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
            if types::equal(&has, code)? && found.replace((place, has)).is_some() {
                let code = formatted(code)?;
                return Err(PyKeyError::new_err(format!("more than one code '{code}'")));
            }
            Ok(None)
        })?;
        let Some((place, code)) = found else {
            return Err(PyKeyError::new_err(format!("no code '{}'", formatted(code)?)));
        };
        let subfield = types::pair(types::subfield(py)?, code, value)?;
        self.get_subfields_attribute(py)?.set_item(place, subfield)
    }

    fn __delitem__(&self, _code: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyAttributeError::new_err("__delitem__"))
    }

    /// Give all values, each stripped, with a blank between them; of a control field, the data.
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.is_control(py)? {
            let data = self.get_data(py)?;
            return Ok(if data.is_truthy()? { data } else { PyString::new(py, "").into_any() });
        }
        let mut values = Vec::new();
        if let Some(stray) = self.stray(py) {
            values.push(stray.call_method0(intern!(py, "strip"))?);
        }
        self.find(py, |_, item| -> PyResult<Option<()>> {
            values.push(value_of(item)?.call_method0(intern!(py, "strip"))?);
            Ok(None)
        })?;
        PyString::new(py, " ").call_method1(intern!(py, "join"), (PyList::new(py, values)?,))
    }

    /// Give the values of the subfields with these codes, in the field's order.
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
            return self.values(py, |code| types::equal(code, &wanted));
        }
        self.values(py, |code| codes.contains(code))
    }

    /// Add a subfield at the end, or before the one at `pos`; to a control field, nothing.
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
        let subfield = types::pair(types::subfield(py)?, code, value)?;
        match pos {
            Some(pos) if !pos.gt(subfields.len()?)? => subfields.call_method1("insert", (pos, subfield))?,
            _ => subfields.call_method1("append", (subfield,))?,
        };
        Ok(())
    }

    /// Remove the first subfield with this code, and give its value; None if there is none.
    fn delete_subfield<'py>(
        &self,
        py: Python<'py>,
        code: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.is_control(py)? {
            return Ok(None);
        }
        let place = self.find(py, |place, item| Ok(types::equal(&code_of(item)?, code)?.then_some(place)))?;
        let Some(place) = place else { return Ok(None) };
        let removed = self.get_subfields_attribute(py)?.call_method1("pop", (place,))?;
        value_of(&removed).map(Some)
    }

    /// Give each code with the list of its values, in the order in which codes first appear.
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

    /// Whether this is a control field.
    fn is_control_field<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.get_control_field(py)
    }

    /// Whether the tag begins with `6`.
    fn is_subject_field<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.get_tag(py)?.call_method1("startswith", ("6",))
    }

    /// Give the occurrence number in `$6`: `01` of `880-01`; None without it.
    fn linkage_occurrence_num<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let linkage = slf.call_method1(intern!(slf.py(), "get"), ("6", ""))?;
        if !linkage.is_truthy()? {
            return Ok(None);
        }
        let behind = linkage.call_method1("split", ("-",))?.get_item(1)?;
        behind.call_method1("split", ("/",))?.get_item(0).map(Some)
    }

    /// Give the values but `$6` with a blank between them, ` -- ` before the subdivisions of a subject.
    fn format_field<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, field) = (slf.py(), slf.get());
        if field.is_control(py)? {
            return field.value(py);
        }
        let is_subject = slf.call_method0(intern!(py, "is_subject_field"))?.is_truthy()?;
        let subdivisions = PyTuple::new(py, ["v", "x", "y", "z"])?;
        let mut out = Vec::new();
        if let Some(stray) = field.stray(py) {
            out.push(formatted(&stray)?);
        }
        field.find(py, |_, item| -> PyResult<Option<()>> {
            let code = code_of(item)?;
            if code.eq("6")? {
                return Ok(None);
            }
            let is_subdivision = is_subject && subdivisions.contains(&code)?;
            out.push(PyString::new(py, if is_subdivision { " -- " } else { " " }));
            out.push(formatted(&value_of(item)?)?);
            Ok(None)
        })?;
        joined(py, "", out)?.call_method0("strip")
    }

    /// Give the field in ISO 2709 and this encoding, with its terminator.
    fn as_marc<'py>(&self, py: Python<'py>, encoding: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let mut out = Vec::new();
        if self.is_control(py)? {
            out.push(formatted(&self.get_data(py)?)?);
        } else {
            out.push(formatted(&self.get_indicator1(py)?)?);
            out.push(formatted(&self.get_indicator2(py)?)?);
            if let Some(stray) = self.stray(py) {
                out.push(formatted(&stray)?);
            }
            self.find(py, |_, item| -> PyResult<Option<()>> {
                out.push(PyString::new(py, "\x1f"));
                out.push(formatted(&code_of(item)?)?);
                out.push(formatted(&value_of(item)?)?);
                Ok(None)
            })?;
        }
        out.push(PyString::new(py, "\x1e"));
        joined(py, "", out)?.call_method1("encode", (encoding,))
    }

    /// Give the field in ISO 2709 and this encoding, with its terminator.
    fn as_marc21<'py>(&self, py: Python<'py>, encoding: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.as_marc(py, encoding)
    }

    fn __getstate__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        let own = types::own_attributes(slf)?;
        let state = PyDict::new(py);
        let parts = slf.get().parts();
        for (name, part) in [
            ("tag", &parts.tag),
            ("data", &parts.data),
            ("_indicators", &parts.indicators),
            ("subfields", &parts.subfields),
            ("control_field", &parts.control_field),
        ] {
            if let Some(value) = part {
                state.set_item(name, value)?;
            }
        }
        if let Some(place) = parts.cursor {
            state.set_item("_Field__pos", place)?;
        }
        if parts.is_stray {
            state.set_item("_is_stray", true)?;
        }
        (own, state).into_pyobject(py)
    }

    fn __setstate__(slf: &Bound<'_, Self>, state: &Bound<'_, PyAny>) -> PyResult<()> {
        let field = slf.get();
        let (own, slots): (Bound<'_, PyAny>, Bound<'_, PyDict>) = state.extract()?;
        if own.is_truthy()? {
            slf.getattr("__dict__")?.call_method1("update", (own,))?;
        }
        for (name, value) in slots.iter() {
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

fn joined<'py>(
    py: Python<'py>,
    between: &str,
    parts: Vec<Bound<'py, PyString>>,
) -> PyResult<Bound<'py, PyString>> {
    let joined = PyString::new(py, between).call_method1(intern!(py, "join"), (PyList::new(py, parts)?,))?;
    Ok(joined.cast_into::<PyString>()?)
}
