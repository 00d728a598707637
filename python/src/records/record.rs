//! `Record`, as scripts written for pymarc know it. A record that was read keeps its bytes, and each of its fields is made
//! from them when it is first looked at.

mod fields;
mod singles;
mod text;
mod visit;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mrrc::internals::record::fingerprint::Fingerprint;
use mrrc::internals::record::pymarc::Rule;
use mrrc::internals::record::reading::Rules;
use pyo3::PyTraverseError;
use pyo3::exceptions::PyAttributeError;
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyList, PySlice, PyString, PyTuple};

use self::singles::Singles;
pub(super) use self::singles::{Single, Step};
use super::decode::{DecodeOptions, decode};
use super::objects::Objects;
use super::original::{Earlier, Original, Provenance, leader_text, with_coding};
use super::parameter::Parameter;
use super::rows::Row;
use super::{classes, pickle};

const BLANK_LEADER: &str = "          22        4500";

/// A bibliographic record: a leader and a list of fields.
///
/// A record that was read keeps its bytes, and makes each field when it is first used. Two records are
/// equal only if they are the same object.
///
/// Args:
///     data: a record in ISO 2709 to read.
///     fields: a list of `Field`s, kept without copying; `data` is then ignored.
///     to_unicode: whether to decode values; otherwise they stay bytes, in `RawField`s.
///     force_utf8: whether to read `data` as UTF-8 even if its leader does not say so; the leader of a new
///         record then declares UTF-8.
///     hide_utf8_warnings: whether to suppress warnings about UTF-8 in a record that declares MARC-8.
///     utf8_handling: what to do with bytes that are not UTF-8: an `errors` argument of `bytes.decode`.
///     leader: the leader of a new record; positions 10-11 and 20-23 are set to their fixed values.
///     file_encoding: the encoding of a record that does not declare UTF-8; the default means MARC-8.
///
/// Raises:
///     MarcError: `data` is not a record that can be read.
///     UnicodeDecodeError: a value is not text in the encoding.
///
/// Example:
///     >>> from mrrc import Field, Record, Subfield
///     >>> record = Record()
///     >>> record.add_field(Field("245", subfields=[Subfield("a", "Emma")]))
///     >>> record["245"]["a"], record.title
///     ('Emma', 'Emma')
#[pyclass(module = "mrrc.record", frozen, subclass)]
pub(crate) struct Record {
    parts: Mutex<Parts>,
}

#[derive(Default)]
struct Parts {
    /// The bytes that were read; none of a record that a script makes.
    original: Option<Arc<Original>>,
    /// What a record of a table is made of, until all of it is made.
    row: Option<Row>,
    leader: Option<Py<PyAny>>,
    fields: Option<Py<PyAny>>,
    /// The fields one by one, until there is a list of them.
    singles: Singles,
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
    pub(super) fn read(original: Original, force_utf8: Py<PyAny>, to_unicode: Py<PyAny>) -> Record {
        Record {
            parts: Mutex::new(Parts {
                original: Some(Arc::new(original)),
                force_utf8: Some(force_utf8),
                to_unicode: Some(to_unicode),
                ..Parts::default()
            }),
        }
    }

    /// A record whose fields are made at once.
    pub(super) fn decoded<'py>(
        bytes: &[u8],
        options: &DecodeOptions<'py>,
        force_utf8: Bound<'py, PyAny>,
        to_unicode: Bound<'py, PyAny>,
    ) -> PyResult<Record> {
        let py = force_utf8.py();
        let fields = PyList::empty(py);
        decode(py, bytes, options, &mut |field| fields.append(field))?;
        let leader = classes::leader(py)?.call1((leader_text(bytes, false),))?;
        let parts = Parts {
            leader: Some(leader.unbind()),
            fields: Some(fields.into_any().unbind()),
            force_utf8: Some(force_utf8.unbind()),
            to_unicode: Some(to_unicode.unbind()),
            ..Parts::default()
        };
        let record = Record { parts: Mutex::new(parts) };
        record.keep_as_read(py, bytes)?;
        Ok(record)
    }

    /// A record in the rows of a table: nothing of it is made yet.
    pub(super) fn of_row(py: Python<'_>, row: Row) -> Record {
        let parts = Parts {
            row: Some(row),
            force_utf8: Some(PyBool::new(py, false).to_owned().into_any().unbind()),
            to_unicode: Some(PyBool::new(py, true).to_owned().into_any().unbind()),
            ..Parts::default()
        };
        Record { parts: Mutex::new(parts) }
    }

    /// These are the bytes that the fields, all of them, were made of.
    fn keep_as_read(&self, py: Python<'_>, bytes: &[u8]) -> PyResult<()> {
        let mut fingerprint = Fingerprint::default();
        let fingerprint = self.tell_any(py, true, &mut fingerprint)?.then_some(fingerprint);
        let earlier =
            fingerprint.map(|fingerprint| Earlier { fingerprint, repairs: Vec::new(), is_repaired: false });
        self.put_original(Original::of_fields(bytes.into(), earlier));
        Ok(())
    }

    pub(super) fn original(&self) -> Option<Arc<Original>> {
        self.parts().original.clone()
    }

    fn put_original(&self, original: Original) {
        self.parts().original = Some(Arc::new(original));
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

    /// What another thread has made of all there was; an error if there was nothing.
    fn made<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        part: fn(&mut Parts) -> &mut Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let made = self.part(py, part);
        made.ok_or_else(|| PyAttributeError::new_err(format!("'Record' object has no attribute '{name}'")))
    }

    /// What another thread made meanwhile, or else this.
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
    pub(super) fn unmade(&self) -> Option<(Arc<Original>, Rules)> {
        let parts = self.parts();
        let is_unmade = parts.fields.is_none() && parts.singles.is_empty();
        let original = parts.original.as_ref().filter(|_| is_unmade)?;
        Some((original.clone(), original.rules?))
    }

    /// The bytes as read, where neither fields nor leader are made of them, and nothing was repaired.
    pub(super) fn untouched(&self) -> Option<(Arc<Original>, Rule)> {
        let (original, rules) = self.unmade()?;
        let is_theirs = matches!(original.provenance, Provenance::Bytes) && self.parts().leader.is_none();
        match rules {
            Rules::Pymarc(rule) if is_theirs => Some((original, rule)),
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
        if leader.is_instance(classes::leader(py)?)? {
            return leader.setattr("coding_scheme", "a");
        }
        let slice = |start, end| leader.get_item(PySlice::new(py, start, end, 1));
        let (before, after) = (slice(0, 9)?, slice(10, isize::MAX)?);
        self.put(|it| &mut it.leader, before.add("a")?.add(after)?);
        Ok(())
    }

    /// The leader as 24 ASCII characters, if it is a `Leader` of these.
    pub(super) fn plain_leader(&self, py: Python<'_>) -> PyResult<Option<[u8; 24]>> {
        let is_coded = self.parts().is_coded;
        let text = match self.part(py, |it| &mut it.leader) {
            None => match self.unmade_leader(is_coded)? {
                Some(text) => text,
                None => return Ok(None),
            },
            Some(leader) if leader.get_type().is(classes::leader(py)?) => leader.str()?.to_str()?.to_owned(),
            Some(_) => return Ok(None),
        };
        Ok(text.as_bytes().try_into().ok().filter(|_| text.is_ascii()))
    }

    /// The text of the leader, as long as it is not made.
    fn unmade_leader(&self, is_coded: bool) -> PyResult<Option<String>> {
        let (original, row) = {
            let parts = self.parts();
            (parts.original.clone(), parts.row.clone())
        };
        match (original, row) {
            (Some(original), _) => Ok(Some(original.leader(is_coded))),
            (None, Some(row)) => Ok(Some(with_coding(row.leader()?, is_coded))),
            (None, None) => Ok(None),
        }
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

    /// All fields; `None` if there is nothing to make them of. The rows of a table are needed no longer then.
    fn make_fields<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        if let Some(original) = self.original().filter(|it| it.rules.is_some()) {
            return Objects::of(py, &original).map(Some);
        }
        let Some(row) = self.parts().row.clone() else { return Ok(None) };
        self.get_leader(py)?;
        row.fields(py).map(Some)
    }
}

#[pymethods]
impl Record {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(data='', fields=None, to_unicode=True, force_utf8=False, hide_utf8_warnings=False, utf8_handling='strict', leader='                        ', file_encoding='iso8859-1')")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Record {
        Record { parts: Mutex::default() }
    }

    #[pyo3(signature = (data=Parameter::Default, fields=None, to_unicode=Parameter::Default, force_utf8=Parameter::Default,
        hide_utf8_warnings=Parameter::Default, utf8_handling=Parameter::Default, leader=Parameter::Default,
        file_encoding=Parameter::Default))]
    #[allow(clippy::too_many_arguments)]
    fn __init__<'py>(
        slf: &Bound<'py, Self>,
        data: Parameter<'py>,
        fields: Option<Bound<'py, PyAny>>,
        to_unicode: Parameter<'py>,
        force_utf8: Parameter<'py>,
        hide_utf8_warnings: Parameter<'py>,
        utf8_handling: Parameter<'py>,
        leader: Parameter<'py>,
        file_encoding: Parameter<'py>,
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
            record.put(|it| &mut it.leader, classes::leader(py)?.call1((coded,))?);
        }
        Ok(())
    }

    /// The leader. May be set to a string.
    #[getter]
    pub(super) fn get_leader<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let is_coded = self.parts().is_coded;
        if let Some(leader) = self.part(py, |it| &mut it.leader) {
            return Ok(leader);
        }
        let is_made_at_once = self.original().is_some_and(|it| it.rules.is_none());
        let Some(text) = self.unmade_leader(is_coded)?.filter(|_| !is_made_at_once) else {
            return self.made(py, "leader", |it| &mut it.leader);
        };
        let leader = classes::leader(py)?.call1((text,))?;
        Ok(self.put_if_missing(|it| &mut it.leader, leader))
    }

    #[setter]
    fn set_leader(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.leader, value);
    }

    /// The list of fields; changing it changes the record.
    #[getter(fields)]
    pub(super) fn get_fields_attribute<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(fields) = self.part(py, |it| &mut it.fields) {
            return Ok(fields);
        }
        let Some(fields) = self.make_fields(py)? else { return self.made(py, "fields", |it| &mut it.fields) };
        let mut parts = self.parts();
        if parts.fields.is_none() {
            // Those that were made before are the same objects, and those that were added follow.
            for (place, field) in std::mem::take(&mut parts.singles) {
                match place < fields.len() {
                    true => fields.set_item(place, field)?,
                    false => fields.append(field)?,
                }
            }
        }
        drop(parts);
        let fields = self.put_if_missing(|it| &mut it.fields, fields.into_any());
        let made = self.parts().row.take();
        drop(made);
        Ok(fields)
    }

    #[setter(fields)]
    fn set_fields_attribute(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.fields, value);
    }

    /// Unused; kept because pymarc has it.
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

    /// Whether the record is treated as UTF-8 whatever its leader says.
    #[getter]
    pub(super) fn get_force_utf8<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.made(py, "force_utf8", |it| &mut it.force_utf8)
    }

    #[setter]
    fn set_force_utf8(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.force_utf8, value);
    }

    /// Whether values are text, to be written as UTF-8.
    #[getter]
    pub(super) fn get_to_unicode<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.made(py, "to_unicode", |it| &mut it.to_unicode)
    }

    #[setter]
    fn set_to_unicode(&self, value: Bound<'_, PyAny>) {
        self.put(|it| &mut it.to_unicode, value);
    }

    /// The bytes that the record was read from; None for a record that was not read.
    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.original().map(|original| PyBytes::new(py, &original.bytes))
    }

    /// Whether leader and fields are still as they were read.
    #[getter]
    fn _is_as_read(&self, py: Python<'_>) -> PyResult<bool> {
        self.is_as_read(py)
    }

    /// What was odd or repaired when the record was read with `recover=True`, one string per finding.
    #[getter]
    fn repairs(&self) -> Vec<String> {
        self.original().map(|original| original.repairs()).unwrap_or_default()
    }

    /// Read a record in ISO 2709 into this one: its leader replaces the old one, its fields are added.
    #[pyo3(signature = (marc, to_unicode=Parameter::Default, force_utf8=Parameter::Default,
        hide_utf8_warnings=Parameter::Default, utf8_handling=Parameter::Default, encoding=Parameter::Default), text_signature = "(self, /, marc, to_unicode=True, force_utf8=False, hide_utf8_warnings=False, utf8_handling='strict', encoding='iso8859-1')")]
    #[allow(clippy::too_many_arguments)]
    fn decode_marc<'py>(
        slf: &Bound<'py, Self>,
        marc: Bound<'py, PyAny>,
        to_unicode: Parameter<'py>,
        force_utf8: Parameter<'py>,
        hide_utf8_warnings: Parameter<'py>,
        utf8_handling: Parameter<'py>,
        encoding: Parameter<'py>,
    ) -> PyResult<()> {
        let (py, record) = (slf.py(), slf.get());
        let leader_bytes = marc.get_item(PySlice::new(py, 0, 24, 1))?;
        let leader: Bound<'py, PyString> = leader_bytes.call_method1("decode", ("ascii",))?.cast_into()?;
        let bytes: Vec<u8> = marc.extract()?;
        if leader.len()? == 24 {
            record.put(|it| &mut it.leader, classes::leader(py)?.call1((leader,))?);
        }
        let options = DecodeOptions {
            to_unicode: to_unicode.or_bool(py, true).is_truthy()?,
            force_utf8: force_utf8.or_bool(py, false).is_truthy()?,
            is_forced: record.get_force_utf8(py)?.is_truthy()?,
            hide_utf8_warnings: hide_utf8_warnings.or_bool(py, false),
            utf8_handling: utf8_handling.or_text(py, "strict"),
            encoding: encoding.or_text(py, "iso8859-1"),
        };
        let was_empty = !record.get_fields_attribute(py)?.is_truthy()?;
        decode(py, &bytes, &options, &mut |field| {
            slf.call_method1(intern!(py, "add_field"), (field,)).map(|_| ())
        })?;
        if was_empty { record.keep_as_read(py, &bytes) } else { Ok(()) }
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
        if let Some(original) = record.original() {
            state.set_item("_read", (original.state(py)?, record.parts().is_coded))?;
        }
        pickle::state(slf, state)
    }

    fn __setstate__(slf: &Bound<'_, Self>, state: &Bound<'_, PyAny>) -> PyResult<()> {
        let record = slf.get();
        for (name, value) in pickle::restored(slf, state)?.iter() {
            match name.cast::<PyString>()?.to_str()? {
                "_Record__pos" => record.parts().cursor = value.extract()?,
                "_read" => {
                    let (original, is_coded): (Bound<'_, PyAny>, bool) = value.extract()?;
                    record.put_original(Original::of_state(&original)?);
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
        parts.singles.iter().try_for_each(|(_, field)| visit.call(field))
    }

    fn __clear__(&self) {
        let parts = std::mem::take(&mut *self.parts());
        drop(parts);
    }
}

/// Positions 10-11 and 20-23 are what they must be.
fn initial_leader<'py>(py: Python<'py>, given: Parameter<'py>) -> PyResult<Bound<'py, PyAny>> {
    let class = classes::leader(py)?;
    let Parameter::Value(given) = given else { return class.call1((BLANK_LEADER,)) };
    let slice = |start, end| given.get_item(PySlice::new(py, start, end, 1));
    let text = slice(0, 10)?.add("22")?.add(slice(12, 20)?)?.add("4500")?;
    class.call1((text,))
}
