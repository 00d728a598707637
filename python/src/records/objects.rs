//! The parts of a record as Python's objects.

use mrrc::internals::iso2709::Entry;
use mrrc::internals::record::pymarc::{Rule, field_bytes, is_control, visit};
use mrrc::internals::record::{Value, Visit};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyString};

use super::field::{Content, Field, RawField};
use super::original::Original;
use super::{classes, strings};
use crate::cpython::text;
use crate::guard::shielded;

/// The fields of a record as objects.
pub(super) struct Objects<'py> {
    py: Python<'py>,
    fields: Vec<Bound<'py, PyAny>>,
    /// The current data field, without its subfields.
    open: Option<Open<'py>>,
    subfields: Vec<Bound<'py, PyAny>>,
    is_raw: bool,
}

struct Open<'py> {
    tag: Bound<'py, PyString>,
    indicators: Bound<'py, PyAny>,
    stray: Option<Bound<'py, PyAny>>,
}

impl<'py> Objects<'py> {
    /// The fields of a record that was read.
    pub(super) fn of(py: Python<'py>, original: &Original) -> PyResult<Bound<'py, PyList>> {
        let mut objects = Objects { is_raw: original.is_raw(), ..Objects::new(py, 32) };
        original.visit(&mut objects)?;
        objects.finish()
    }

    /// One field of a record whose fields are plain by this rule.
    pub(super) fn one(
        py: Python<'py>,
        original: &Original,
        rule: Rule,
        entry: Entry,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (bytes, is_raw) = (field_bytes(&original.bytes, &entry), rule == Rule::Bytes);
        if let &[first, second, ..] = bytes
            && !is_control(entry.tag)
        {
            let (tag, indicators) =
                (strings::tag(py, entry.tag.as_str()), shared_indicators(py, [first, second])?);
            return wrapped(py, Field::unmade(tag, indicators, bytes, rule), is_raw);
        }
        let mut objects = Objects { is_raw, ..Objects::new(py, 1) };
        shielded(|| visit(&original.bytes, &[entry], rule, &mut objects))??;
        objects.fields.pop().ok_or_else(|| PyRuntimeError::new_err("a field is not there"))
    }

    pub(super) fn new(py: Python<'py>, fields: usize) -> Objects<'py> {
        Objects { py, fields: Vec::with_capacity(fields), open: None, subfields: Vec::new(), is_raw: false }
    }

    pub(super) fn finish(self) -> PyResult<Bound<'py, PyList>> {
        PyList::new(self.py, self.fields)
    }
}

impl Visit for Objects<'_> {
    type Stop = PyErr;

    fn control(&mut self, tag: &str, data: Value<'_>) -> PyResult<()> {
        let content = Content::Control(as_object(self.py, &data)?);
        self.fields.push(object(strings::tag(self.py, tag), content, self.is_raw)?);
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> PyResult<()> {
        let indicators = match indicators.map(str::as_bytes) {
            [&[first], &[second]] => shared_indicators(self.py, [first, second])?,
            // A missing one is a blank.
            _ => {
                let text = |it: &str| PyString::new(self.py, if it.is_empty() { " " } else { it }).into_any();
                let [first, second] = indicators.map(text);
                classes::indicators(self.py)?.pair(first, second)?
            }
        };
        let stray = stray.map(|stray| as_object(self.py, &stray)).transpose()?;
        let stray = stray.filter(|stray| stray.len().is_ok_and(|length| length > 0));
        self.open = Some(Open { tag: strings::tag(self.py, tag), indicators, stray });
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> PyResult<()> {
        let code = match *code.as_bytes() {
            [byte] => strings::character(self.py, byte),
            _ => PyString::new(self.py, code),
        };
        let value = as_object(self.py, &value)?;
        self.subfields.push(classes::subfield(self.py)?.pair(code.into_any(), value)?);
        Ok(())
    }

    fn end(&mut self) -> PyResult<()> {
        let Some(Open { tag, indicators, stray }) = self.open.take() else { return Ok(()) };
        let subfields = PyList::new(self.py, self.subfields.drain(..))?;
        self.fields.push(object(tag, Content::Data { indicators, stray, subfields }, self.is_raw)?);
        Ok(())
    }
}

pub(super) fn as_object<'py>(py: Python<'py>, value: &Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Utf8(bytes) => text(py, bytes)?.into_any(),
        Value::Text(value) => text(py, value.as_bytes())?.into_any(),
        Value::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
    })
}

pub(super) fn object<'py>(
    tag: Bound<'py, PyString>,
    content: Content<'py>,
    is_raw: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = tag.py();
    wrapped(py, Field::made(tag, content)?, is_raw)
}

fn wrapped(py: Python<'_>, field: Field, is_raw: bool) -> PyResult<Bound<'_, PyAny>> {
    if is_raw {
        return Ok(Bound::new(py, RawField::made(field))?.into_any());
    }
    Ok(Bound::new(py, field)?.into_any())
}

/// `Indicators` cannot be changed, so that fields may share them.
pub(super) fn shared_indicators(py: Python<'_>, indicators: [u8; 2]) -> PyResult<Bound<'_, PyAny>> {
    // Of blank, and of digits, each.
    static USUAL: [PyOnceLock<Py<PyAny>>; 121] = [const { PyOnceLock::new() }; 121];
    let place = |byte: u8| match byte {
        b' ' => Some(0),
        b'0'..=b'9' => Some(usize::from(byte - b'0') + 1),
        _ => None,
    };
    let make = || -> PyResult<Py<PyAny>> {
        let [first, second] = indicators.map(|byte| strings::character(py, byte).into_any());
        Ok(classes::indicators(py)?.pair(first, second)?.unbind())
    };
    let usual = place(indicators[0]).zip(place(indicators[1])).and_then(|(a, b)| USUAL.get(a * 11 + b));
    match usual {
        Some(cell) => Ok(cell.get_or_try_init(py, make)?.bind(py).clone()),
        None => Ok(make()?.into_bound(py)),
    }
}
