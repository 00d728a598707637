//! `Record`, as scripts written for pymarc know it; a record that was read keeps its bytes, and makes its
//! fields of them, all at once, when somebody first looks.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use mrrc::internals::record::Visit;
use mrrc::internals::record::fingerprint::Fingerprint;
use mrrc::internals::record::pymarc::Rule;
use mrrc::internals::record::reading::Rules;
use pyo3::PyTraverseError;
use pyo3::exceptions::{PyAttributeError, PyKeyError, PyStopIteration, PyValueError};
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyList, PySet, PySlice, PyString, PyTuple};

use super::decode::{Manner, decode};
use super::errors::{named, named_with};
use super::field::{is_digits, plain, tag_of};
use super::objects::Objects;
use super::read::{Read, Told, leader_text};
use super::types::Given;
use super::{maker, marc, properties, types};

const BLANK_LEADER: &str = "          22        4500";

/// A record: a leader and fields.
///
/// Records are equal if they are the same object.
///
/// Args:
///     data: a record in ISO 2709, to be read; what is wrong with it is raised.
///     fields: a list of `Field`s, which is taken as it is and not copied; `data` is then not read.
///     to_unicode: whether values become text; otherwise they stay bytes, in `RawField`s.
///     force_utf8: whether to read as UTF-8 what does not say so; a new record will say that it is in UTF-8.
///     hide_utf8_warnings: whether to be silent about UTF-8 where MARC-8 should be.
///     utf8_handling: what to do with bytes that are no UTF-8: a name as for `bytes.decode`.
///     leader: the leader of a new record; the positions that never differ are filled in.
///     file_encoding: the encoding of what does not say UTF-8; as it is, MARC-8.
///
/// Example:
///     >>> from mrrc import Field, Record, Subfield
///     >>> record = Record()
///     >>> record.add_field(Field("245", subfields=[Subfield("a", "Emma")]))
///     >>> record["245"]["a"], record.title
///     ('Emma', 'Emma')
#[pyclass(module = "mrrc.record", frozen, subclass)]
pub(crate) struct Record {
    read: OnceLock<Read>,
    parts: Mutex<Parts>,
}

#[derive(Default)]
struct Parts {
    leader: Option<Py<PyAny>>,
    fields: Option<Py<PyAny>>,
    pos: Option<Py<PyAny>>,
    force_utf8: Option<Py<PyAny>>,
    to_unicode: Option<Py<PyAny>>,
    /// Where iteration has come to.
    cursor: usize,
    /// The leader says that the record is in UTF-8 since it was written, or will when it is made.
    is_coded: bool,
}

impl Record {
    /// A record that was read and is plain: nothing of it is made yet.
    pub(super) fn read(read: Read, force_utf8: Py<PyAny>, to_unicode: Py<PyAny>) -> Record {
        Record {
            read: OnceLock::from(read),
            parts: Mutex::new(Parts {
                force_utf8: Some(force_utf8),
                to_unicode: Some(to_unicode),
                ..Parts::default()
            }),
        }
    }

    /// A record whose fields are made at once.
    pub(super) fn decoded<'py>(
        bytes: &[u8],
        manner: &Manner<'py>,
        force_utf8: Bound<'py, PyAny>,
        to_unicode: Bound<'py, PyAny>,
    ) -> PyResult<Record> {
        let py = force_utf8.py();
        let fields = PyList::empty(py);
        decode(py, bytes, manner, &mut |field| fields.append(field))?;
        let leader = types::leader(py)?.call1((leader_text(bytes, false),))?;
        let parts = Parts {
            leader: Some(leader.unbind()),
            fields: Some(fields.into_any().unbind()),
            force_utf8: Some(force_utf8.unbind()),
            to_unicode: Some(to_unicode.unbind()),
            ..Parts::default()
        };
        let record = Record { read: OnceLock::new(), parts: Mutex::new(parts) };
        record.keep_as_read(py, bytes)?;
        Ok(record)
    }

    /// A record of these fields.
    pub(super) fn of_fields<'py>(leader: Bound<'py, PyAny>, fields: Bound<'py, PyList>) -> Record {
        let py = leader.py();
        let parts = Parts {
            leader: Some(leader.unbind()),
            fields: Some(fields.into_any().unbind()),
            force_utf8: Some(PyBool::new(py, false).to_owned().into_any().unbind()),
            to_unicode: Some(PyBool::new(py, true).to_owned().into_any().unbind()),
            ..Parts::default()
        };
        Record { read: OnceLock::new(), parts: Mutex::new(parts) }
    }

    /// These are the bytes that the fields, all of them, were made of.
    fn keep_as_read(&self, py: Python<'_>, bytes: &[u8]) -> PyResult<()> {
        let mut fingerprint = Fingerprint::default();
        let fingerprint = self.tell_any(py, true, &mut fingerprint)?.then_some(fingerprint);
        let _ = self.read.set(Read::of_fields(bytes.into(), fingerprint, Vec::new()));
        Ok(())
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, part: fn(&mut Parts) -> &mut Option<Py<PyAny>>, value: Bound<'_, PyAny>) {
        let before = part(&mut self.parts()).replace(value.unbind());
        drop(before);
    }

    fn part<'py>(
        &self,
        py: Python<'py>,
        part: fn(&mut Parts) -> &mut Option<Py<PyAny>>,
    ) -> Option<Bound<'py, PyAny>> {
        part(&mut self.parts()).as_ref().map(|value| value.bind(py).clone())
    }

    /// What was made meanwhile by somebody else, or else this.
    fn put_if_missing<'py>(
        &self,
        part: fn(&mut Parts) -> &mut Option<Py<PyAny>>,
        value: Bound<'py, PyAny>,
    ) -> Bound<'py, PyAny> {
        let py = value.py();
        let kept = part(&mut self.parts()).get_or_insert_with(|| value.clone().unbind()).bind(py).clone();
        drop(value);
        kept
    }

    /// The original bytes and their rules, while no field is made of them.
    pub(super) fn unmade(&self) -> Option<(&Read, Rules)> {
        let read = self.read.get()?;
        let rules = read.rules.filter(|_| self.parts().fields.is_none())?;
        Some((read, rules))
    }

    /// The bytes as read, where neither fields nor leader are made of them, and nothing was repaired.
    pub(super) fn untouched(&self) -> Option<(&Read, Rule)> {
        let (read, rules) = self.unmade()?;
        let is_theirs = matches!(read.told, Told::Nothing) && self.parts().leader.is_none();
        match rules {
            Rules::Pymarc(rule) if is_theirs => Some((read, rule)),
            _ => None,
        }
    }

    /// Leader/09 says UTF-8 from now on.
    pub(super) fn set_coded(&self, py: Python<'_>) -> PyResult<()> {
        let leader = {
            let mut parts = self.parts();
            parts.is_coded = true;
            match &parts.leader {
                Some(leader) => leader.bind(py).clone(),
                None => return Ok(()),
            }
        };
        if leader.is_instance(types::leader(py)?)? {
            return leader.setattr("coding_scheme", "a");
        }
        let slice = |start, end| leader.get_item(PySlice::new(py, start, end, 1));
        let (before, behind) = (slice(0, 9)?, slice(10, isize::MAX)?);
        self.put(|it| &mut it.leader, before.add("a")?.add(behind)?);
        Ok(())
    }

    /// The leader as 24 ASCII characters, if it is a `Leader` of these.
    pub(super) fn plain_leader(&self, py: Python<'_>) -> PyResult<Option<[u8; 24]>> {
        let is_coded = self.parts().is_coded;
        let text = match (self.part(py, |it| &mut it.leader), self.read.get()) {
            (None, Some(read)) => read.leader(is_coded),
            (Some(leader), _) if leader.get_type().is(types::leader(py)?) => {
                leader.str()?.to_str()?.to_owned()
            }
            _ => return Ok(None),
        };
        Ok(text.as_bytes().try_into().ok().filter(|_| text.is_ascii()))
    }

    /// The fields, one after the other, until `take` gives something.
    pub(super) fn find<'py, T>(
        &self,
        py: Python<'py>,
        mut take: impl FnMut(&Bound<'py, PyAny>) -> PyResult<Option<T>>,
    ) -> PyResult<Option<T>> {
        let fields = self.get_fields_attribute(py)?;
        if let Ok(list) = fields.cast_exact::<PyList>() {
            let mut place = 0;
            while let Ok(item) = list.get_item(place) {
                if let Some(taken) = take(&item)? {
                    return Ok(Some(taken));
                }
                place += 1;
            }
            return Ok(None);
        }
        for item in fields.try_iter()? {
            if let Some(taken) = take(&item?)? {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    }

    /// Tells the parts of all fields; false where one of them is no string, or is not ours to read.
    pub(super) fn tell<V: Visit>(&self, py: Python<'_>, to: &mut V) -> PyResult<bool>
    where
        PyErr: From<V::Stop>,
    {
        self.tell_any(py, false, to)
    }

    /// The same, with bytes for what is not decoded if these are told at all.
    pub(super) fn tell_any<V: Visit>(&self, py: Python<'_>, bytes: bool, to: &mut V) -> PyResult<bool>
    where
        PyErr: From<V::Stop>,
    {
        match self.unmade() {
            Some((read, _)) if !bytes && read.is_raw() => Ok(false),
            Some((read, _)) => Ok(read.visit(to).map(|()| true)?),
            None => {
                let untold = self.find(py, |field| match plain(field) {
                    Some(field) if field.get().tell(py, bytes, to)? => Ok(None),
                    _ => Ok(Some(())),
                })?;
                Ok(untold.is_none())
            }
        }
    }

    pub(super) fn bytes_as_read(&self) -> Option<&[u8]> {
        self.read.get().map(|read| &*read.bytes)
    }

    /// Whether leader and fields are as they were read.
    pub(super) fn is_unchanged(&self, py: Python<'_>) -> PyResult<bool> {
        let Some(read) = self.read.get() else { return Ok(false) };
        // To have been written is no change.
        let is_coded = self.parts().is_coded;
        if let Some(leader) = self.part(py, |it| &mut it.leader) {
            let (then, now) = (read.leader(false), leader.str()?);
            let now = now.to_string_lossy();
            if now != then && !(is_coded && now == read.leader(true)) {
                return Ok(false);
            }
        }
        if self.unmade().is_some() {
            return Ok(true);
        }
        let mut now = Fingerprint::default();
        Ok(self.tell_any(py, true, &mut now)? && read.fingerprint().is_some_and(|then| then == now))
    }

    fn first<'py>(&self, py: Python<'py>, tag: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.find(py, |field| Ok(types::equal(&tag_of(field)?, tag)?.then(|| field.clone())))
    }

    /// Iteration over the record has come to its end.
    pub(super) fn exhaust(&self, fields: usize) {
        self.parts().cursor = fields;
    }

    /// And that over the fields that are made.
    pub(super) fn exhaust_fields(&self, py: Python<'_>) -> PyResult<()> {
        if self.unmade().is_some() {
            return Ok(());
        }
        self.find(py, |field| match plain(field) {
            Some(field) => field.get().exhaust(py).map(|()| None::<()>),
            None => Ok(None),
        })?;
        Ok(())
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
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(data='', fields=None, to_unicode=True, force_utf8=False, hide_utf8_warnings=False, utf8_handling='strict', leader='                        ', file_encoding='iso8859-1')")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Record {
        Record { read: OnceLock::new(), parts: Mutex::default() }
    }

    #[pyo3(signature = (data=Given::Default, fields=None, to_unicode=Given::Default, force_utf8=Given::Default,
        hide_utf8_warnings=Given::Default, utf8_handling=Given::Default, leader=Given::Default,
        file_encoding=Given::Default))]
    #[allow(clippy::too_many_arguments)]
    fn __init__<'py>(
        slf: &Bound<'py, Self>,
        data: Given<'py>,
        fields: Option<Bound<'py, PyAny>>,
        to_unicode: Given<'py>,
        force_utf8: Given<'py>,
        hide_utf8_warnings: Given<'py>,
        utf8_handling: Given<'py>,
        leader: Given<'py>,
        file_encoding: Given<'py>,
    ) -> PyResult<()> {
        let (py, record) = (slf.py(), slf.get());
        let (to_unicode, force_utf8) = (to_unicode.or_bool(py, true), force_utf8.or_bool(py, false));
        record.put(|it| &mut it.leader, initial_leader(py, leader)?);
        record.put(|it| &mut it.fields, PyList::empty(py).into_any());
        record.put(|it| &mut it.pos, 0i32.into_pyobject(py)?.into_any());
        record.put(|it| &mut it.force_utf8, force_utf8.clone());
        record.put(|it| &mut it.to_unicode, to_unicode.clone());
        record.parts().cursor = 0;
        if let Some(fields) = fields.filter(|fields| fields.is_truthy().unwrap_or(true)) {
            record.put(|it| &mut it.fields, fields);
            return Ok(());
        }
        let data = data.or_text(py, "");
        if data.len()? > 0 {
            let named = PyDict::new(py);
            named.set_item("to_unicode", to_unicode)?;
            named.set_item("force_utf8", force_utf8)?;
            named.set_item("hide_utf8_warnings", hide_utf8_warnings.or_bool(py, false))?;
            named.set_item("utf8_handling", utf8_handling.or_text(py, "strict"))?;
            named.set_item("encoding", file_encoding.or_text(py, "iso8859-1"))?;
            slf.call_method("decode_marc", (data,), Some(&named))?;
        } else if force_utf8.is_truthy()? {
            let slice = |start, end| record.get_leader(py)?.get_item(PySlice::new(py, start, end, 1));
            let coded = slice(0, 9)?.add("a")?.add(slice(10, 24)?)?;
            record.put(|it| &mut it.leader, types::leader(py)?.call1((coded,))?);
        }
        Ok(())
    }

    /// The leader; a string may be put in its place.
    #[getter]
    pub(super) fn get_leader<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let is_coded = self.parts().is_coded;
        if let Some(leader) = self.part(py, |it| &mut it.leader) {
            return Ok(leader);
        }
        let Some(read) = self.read.get().filter(|read| read.rules.is_some()) else {
            return Err(PyAttributeError::new_err("'Record' object has no attribute 'leader'"));
        };
        let leader = types::leader(py)?.call1((read.leader(is_coded),))?;
        Ok(self.put_if_missing(|it| &mut it.leader, leader))
    }

    #[setter]
    fn set_leader(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.leader, value);
    }

    /// The list of fields; what is done to it is done to the record.
    #[getter(fields)]
    pub(super) fn get_fields_attribute<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(fields) = self.part(py, |it| &mut it.fields) {
            return Ok(fields);
        }
        let Some(read) = self.read.get().filter(|read| read.rules.is_some()) else {
            return Err(PyAttributeError::new_err("'Record' object has no attribute 'fields'"));
        };
        let fields = Objects::of(py, read)?;
        Ok(self.put_if_missing(|it| &mut it.fields, fields.into_any()))
    }

    #[setter(fields)]
    fn set_fields_attribute(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.fields, value);
    }

    /// A number that has no meaning.
    #[getter]
    fn get_pos<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.part(py, |it| &mut it.pos) {
            Some(pos) => Ok(pos),
            None => Ok(0i32.into_pyobject(py)?.into_any()),
        }
    }

    #[setter]
    fn set_pos(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.pos, value);
    }

    /// Whether the record is taken for UTF-8, whatever its leader says.
    #[getter]
    pub(super) fn get_force_utf8<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, |it| &mut it.force_utf8)
            .ok_or_else(|| PyAttributeError::new_err("'Record' object has no attribute 'force_utf8'"))
    }

    #[setter]
    fn set_force_utf8(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.force_utf8, value);
    }

    /// Whether values are text, and are written in UTF-8.
    #[getter]
    pub(super) fn get_to_unicode<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, |it| &mut it.to_unicode)
            .ok_or_else(|| PyAttributeError::new_err("'Record' object has no attribute 'to_unicode'"))
    }

    #[setter]
    fn set_to_unicode(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.to_unicode, value);
    }

    /// The bytes of the record as it was read; None if it was not.
    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.read.get().map(|read| PyBytes::new(py, &read.bytes))
    }

    /// Whether it is as it was read: its leader and its fields, in their order.
    #[getter]
    fn _is_as_read(&self, py: Python<'_>) -> PyResult<bool> {
        self.is_unchanged(py)
    }

    /// What was odd or repaired in it, as text, where it was read with `recover=True`.
    #[getter]
    fn repairs(&self) -> Vec<String> {
        self.read.get().map(Read::repairs).unwrap_or_default()
    }

    /// Read a record in ISO 2709 into this one: its leader replaces the old, its fields are added.
    #[pyo3(signature = (marc, to_unicode=Given::Default, force_utf8=Given::Default,
        hide_utf8_warnings=Given::Default, utf8_handling=Given::Default, encoding=Given::Default), text_signature = "(self, /, marc, to_unicode=True, force_utf8=False, hide_utf8_warnings=False, utf8_handling='strict', encoding='iso8859-1')")]
    #[allow(clippy::too_many_arguments)]
    fn decode_marc<'py>(
        slf: &Bound<'py, Self>,
        marc: Bound<'py, PyAny>,
        to_unicode: Given<'py>,
        force_utf8: Given<'py>,
        hide_utf8_warnings: Given<'py>,
        utf8_handling: Given<'py>,
        encoding: Given<'py>,
    ) -> PyResult<()> {
        let (py, record) = (slf.py(), slf.get());
        let leader_bytes = marc.get_item(PySlice::new(py, 0, 24, 1))?;
        let leader: Bound<'py, PyString> = leader_bytes.call_method1("decode", ("ascii",))?.cast_into()?;
        let bytes: Vec<u8> = marc.extract()?;
        if leader.len()? == 24 {
            record.put(|it| &mut it.leader, types::leader(py)?.call1((leader,))?);
        }
        let manner = Manner {
            to_unicode: to_unicode.or_bool(py, true).is_truthy()?,
            force_utf8: force_utf8.or_bool(py, false).is_truthy()?,
            is_forced: record.get_force_utf8(py)?.is_truthy()?,
            hide_utf8_warnings: hide_utf8_warnings.or_bool(py, false),
            utf8_handling: utf8_handling.or_text(py, "strict"),
            encoding: encoding.or_text(py, "iso8859-1"),
        };
        let was_empty = !record.get_fields_attribute(py)?.is_truthy()?;
        decode(py, &bytes, &manner, &mut |field| {
            slf.call_method1(intern!(py, "add_field"), (field,)).map(|_| ())
        })?;
        if was_empty { record.keep_as_read(py, &bytes) } else { Ok(()) }
    }

    /// Give the first field with this tag, or `default`.
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
        Ok(self.first(py, tag)?.is_some())
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.get().parts().cursor = 0;
        slf.clone()
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let fields = self.get_fields_attribute(py)?;
        let place = self.parts().cursor;
        if place >= fields.len()? {
            return Err(PyStopIteration::new_err(()));
        }
        self.parts().cursor = place + 1;
        fields.get_item(place)
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._card")?.call_method1("short", (slf,))
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._card")?.call_method1("html", (slf,))
    }

    fn __str__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, record) = (slf.py(), slf.get());
        if slf.is_exact_instance_of::<Record>()
            && let Some(text) = maker::text(slf)?
        {
            return Ok(PyString::new(py, &text).into_any());
        }
        let leader = super::field::formatted(&record.get_leader(py)?)?;
        let mut lines = vec![PyString::new(py, "=LDR  ").add(leader)?];
        record.find(py, |field| -> PyResult<Option<()>> {
            lines.push(field.str()?.into_any());
            Ok(None)
        })?;
        lines.push(PyString::new(py, "").into_any());
        PyString::new(py, "\n").call_method1("join", (PyList::new(py, lines)?,))
    }

    /// Add fields at the end.
    #[pyo3(signature = (*fields))]
    fn add_field(&self, fields: &Bound<'_, PyTuple>) -> PyResult<()> {
        let py = fields.py();
        let own = self.get_fields_attribute(py)?;
        match own.cast_exact::<PyList>() {
            Ok(list) => fields.iter().try_for_each(|field| list.append(field)),
            Err(_) => own.call_method1("extend", (fields,)).map(|_| ()),
        }
    }

    /// Add each field before the first whose tag begins with a greater digit, or is no number.
    #[pyo3(signature = (*fields))]
    fn add_grouped_field(&self, fields: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.add_in_order(fields, Order::FirstDigit)
    }

    /// Add each field before the first whose tag is greater, or is no number.
    #[pyo3(signature = (*fields))]
    fn add_ordered_field(&self, fields: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.add_in_order(fields, Order::Tag)
    }

    /// Remove these very fields.
    ///
    /// Raises:
    ///     FieldNotFound: a field is not there; those before it are gone.
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
        let wanted = Wanted::new(tags)?;
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

    /// Give all fields with these tags, in the record's order; without tags, the list `fields` itself.
    #[pyo3(signature = (*args))]
    fn get_fields<'py>(&self, py: Python<'py>, args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        if args.is_empty() {
            return self.get_fields_attribute(py);
        }
        let wanted = Wanted::new(args)?;
        let found = PyList::empty(py);
        self.find(py, |field| -> PyResult<Option<()>> {
            if wanted.has(&tag_of(field)?)? {
                found.append(field)?;
            }
            Ok(None)
        })?;
        Ok(found.into_any())
    }

    /// Give the 880 fields that have this field in another script.
    ///
    /// Raises:
    ///     MissingLinkedFields: there is none, though `$6` points to one.
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

    /// Give the record in ISO 2709, in UTF-8; leader/09 of the record says so from then on.
    ///
    /// After `to_unicode=False` bytes stay as they are, and the leader too. Warns of a record that is too
    /// long to be read back, and of a delimiter in a value.
    fn as_marc<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        marc::as_marc(slf)
    }

    /// Give the record in ISO 2709: another name of `as_marc`.
    fn as_marc21<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        marc::as_marc(slf)
    }

    /// Give the record as a `dict`, by the rules of MARC-in-JSON.
    fn as_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        super::json::as_dict(slf)
    }

    /// Give the record as MARC-in-JSON; options are those of `json.dumps`.
    #[pyo3(signature = (**kwargs))]
    fn as_json<'py>(
        slf: &Bound<'py, Self>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        super::json::as_json(slf, kwargs)
    }

    /// The title: 245 `$a` and `$b`.
    #[getter]
    fn title<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        properties::title(slf, *b"245")
    }

    /// The key title: 222 `$a` and `$b`.
    #[getter]
    fn issn_title<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        properties::title(slf, *b"222")
    }

    /// The first ISBN, without hyphens: 020 `$a`.
    #[getter]
    fn isbn<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        properties::isbn(slf)
    }

    /// The ISSN: 022 `$a`.
    #[getter]
    fn issn<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let field = slf.call_method1("get", ("022",))?;
        let has = field.is_truthy()? && field.contains("a")?;
        if has { field.call_method1("get", ("a",)).map(Some) } else { Ok(None) }
    }

    /// The linking ISSN: 022 `$l`.
    #[getter]
    fn issnl<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let field = slf.call_method1("get", ("022",))?;
        let has = field.is_truthy()? && field.contains("l")?;
        if has { field.get_item("l").map(Some) } else { Ok(None) }
    }

    /// The Superintendent of Documents classification number: 086.
    #[getter]
    fn sudoc<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        properties::formatted(slf, &["086"])
    }

    /// The main entry: 100, or else 110, or else 111.
    #[getter]
    fn author<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        properties::formatted(slf, &["100", "110", "111"])
    }

    /// The uniform title: 130, or else 240.
    #[getter]
    fn uniformtitle<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        properties::formatted(slf, &["130", "240"])
    }

    /// The fields of series: 440, 490, 800, 810, 811, 830.
    #[getter]
    fn series<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        properties::fields(slf, properties::SERIES)
    }

    /// The fields of subjects: 6XX.
    #[getter]
    fn subjects<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        properties::fields(slf, properties::SUBJECTS)
    }

    /// The fields of added entries: 7XX.
    #[getter]
    fn addedentries<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        properties::fields(slf, properties::ADDED_ENTRIES)
    }

    /// The fields of locations: 852.
    #[getter]
    fn location<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        properties::fields(slf, &["852"])
    }

    /// The fields of notes: 5XX.
    #[getter]
    fn notes<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        properties::fields(slf, properties::NOTES)
    }

    /// The fields of physical descriptions: 300.
    #[getter]
    fn physicaldescription<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        properties::fields(slf, &["300"])
    }

    /// The publisher: `$b` of the first 260, or 264 with second indicator 1.
    #[getter]
    fn publisher<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        properties::imprint(slf, "b")
    }

    /// The year of publication, as it is printed: `$c` of the same field.
    #[getter]
    fn pubyear<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        properties::imprint(slf, "c")
    }

    fn __getstate__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, record) = (slf.py(), slf.get());
        let state = PyDict::new(py);
        for (name, value) in [
            ("leader", record.get_leader(py)),
            ("fields", record.get_fields_attribute(py)),
            ("pos", record.get_pos(py)),
            ("force_utf8", record.get_force_utf8(py)),
            ("to_unicode", record.get_to_unicode(py)),
        ] {
            if let Ok(value) = value {
                state.set_item(name, value)?;
            }
        }
        state.set_item("_Record__pos", record.parts().cursor)?;
        if let Some(read) = record.read.get() {
            state.set_item("_read", (read.state(py)?, record.parts().is_coded))?;
        }
        let own = types::own_attributes(slf)?;
        (own, state).into_pyobject(py)
    }

    fn __setstate__(slf: &Bound<'_, Self>, state: &Bound<'_, PyAny>) -> PyResult<()> {
        let record = slf.get();
        let (own, slots): (Bound<'_, PyAny>, Bound<'_, PyDict>) = state.extract()?;
        if own.is_truthy()? {
            slf.getattr("__dict__")?.call_method1("update", (own,))?;
        }
        for (name, value) in slots.iter() {
            match name.cast::<PyString>()?.to_str()? {
                "_Record__pos" => record.parts().cursor = value.extract()?,
                "_read" => {
                    let (read, is_coded): (Bound<'_, PyAny>, bool) = value.extract()?;
                    let _ = record.read.set(Read::of_state(&read)?);
                    record.parts().is_coded = is_coded;
                }
                other => slf.setattr(other, value)?,
            }
        }
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Ok(parts) = self.parts.try_lock() else { return Ok(()) };
        for part in [&parts.leader, &parts.fields, &parts.pos, &parts.force_utf8, &parts.to_unicode] {
            visit.call(part)?;
        }
        Ok(())
    }

    fn __clear__(&self) {
        let parts = std::mem::take(&mut *self.parts());
        drop(parts);
    }
}

/// Positions 10-11 and 20-23 are what they must be.
fn initial_leader<'py>(py: Python<'py>, given: Given<'py>) -> PyResult<Bound<'py, PyAny>> {
    let class = types::leader(py)?;
    let Given::Object(given) = given else { return class.call1((BLANK_LEADER,)) };
    let slice = |start, end| given.get_item(PySlice::new(py, start, end, 1));
    let text = slice(0, 10)?.add("22")?.add(slice(12, 20)?)?.add("4500")?;
    class.call1((text,))
}

/// The tags that are asked for: one is compared, several are a set.
enum Wanted<'py> {
    One(Bound<'py, PyAny>),
    Several(Bound<'py, PySet>),
}

impl<'py> Wanted<'py> {
    fn new(tags: &Bound<'py, PyTuple>) -> PyResult<Wanted<'py>> {
        match tags.len() {
            1 => Ok(Wanted::One(tags.get_item(0)?)),
            _ => Ok(Wanted::Several(PySet::new(tags.py(), tags.iter())?)),
        }
    }

    fn has(&self, tag: &Bound<'py, PyAny>) -> PyResult<bool> {
        match self {
            Wanted::One(wanted) => types::equal(tag, wanted),
            Wanted::Several(wanted) => wanted.contains(tag),
        }
    }
}
