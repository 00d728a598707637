//! A record as MARC-in-JSON: as pymarc's `dict`, and as text.

use std::fmt::Write;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::field::{code_of, value_of};
use super::record::Record;
use super::text::{Parts, Value};

/// `{"leader": ..., "fields": [{tag: data}, {tag: {"ind1", "ind2", "subfields": [{code: value}]}}]}`.
pub(super) fn as_dict<'py>(record: &Bound<'py, Record>) -> PyResult<Bound<'py, PyDict>> {
    let py = record.py();
    let fields = PyList::empty(py);
    let whole = PyDict::new(py);
    whole.set_item("leader", record.get().get_leader(py)?.str()?)?;
    whole.set_item("fields", &fields)?;
    for field in record.try_iter()? {
        fields.append(field_as_dict(&field?)?)?;
    }
    Ok(whole)
}

fn field_as_dict<'py>(field: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = field.py();
    let entry = PyDict::new(py);
    let tag = field.getattr(intern!(py, "tag"))?;
    if field.getattr(intern!(py, "control_field"))?.is_truthy()? {
        entry.set_item(tag, field.getattr(intern!(py, "data"))?)?;
        return Ok(entry);
    }
    let content = PyDict::new(py);
    content.set_item("ind1", field.getattr(intern!(py, "indicator1"))?)?;
    content.set_item("ind2", field.getattr(intern!(py, "indicator2"))?)?;
    let subfields = PyList::empty(py);
    for item in field.getattr(intern!(py, "subfields"))?.try_iter()? {
        let item = item?;
        let pair = PyDict::new(py);
        pair.set_item(code_of(&item)?, value_of(&item)?)?;
        subfields.append(pair)?;
    }
    content.set_item("subfields", subfields)?;
    entry.set_item(tag, content)?;
    Ok(entry)
}

/// `json.dumps(record.as_dict(), **options)`; without options, and of records that are only ours, written here.
pub(super) fn as_json<'py>(
    record: &Bound<'py, Record>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = record.py();
    if options.is_none_or(|options| options.is_empty())
        && record.is_exact_instance_of::<Record>()
        && let Some(text) = text(record, ": ", ", ")?
    {
        return Ok(PyString::new(py, &text).into_any());
    }
    let dict = record.call_method0(intern!(py, "as_dict"))?;
    py.import("json")?.call_method("dumps", (dict,), options)
}

/// The record as `json.dumps` writes it; none where only Python knows how.
fn text(record: &Bound<'_, Record>, colon: &'static str, comma: &'static str) -> PyResult<Option<String>> {
    let (py, own) = (record.py(), record.get());
    let mut json = Json { out: String::with_capacity(2048), colon, comma, is_first: true, fields: 0 };
    let leader = own.get_leader(py)?.str()?;
    let Ok(leader) = leader.to_str() else { return Ok(None) };
    json.out.push('{');
    json.key("leader");
    json.string(leader);
    json.out.push_str(comma);
    json.key("fields");
    json.out.push('[');
    if !own.tell(py, &mut json)? {
        return Ok(None);
    }
    json.out.push_str("]}");
    own.exhaust(json.fields);
    Ok(Some(json.out))
}

struct Json {
    out: String,
    colon: &'static str,
    comma: &'static str,
    /// Nothing stands before what comes next.
    is_first: bool,
    fields: usize,
}

impl Json {
    fn key(&mut self, key: &str) {
        self.string(key);
        self.out.push_str(self.colon);
    }

    fn between(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.out.push_str(self.comma);
        }
    }

    /// A string, in ASCII.
    fn string(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some(place) = rest.find(|it: char| !matches!(it, ' '..='~') || matches!(it, '"' | '\\')) {
            let (before, behind) = rest.split_at(place);
            self.out.push_str(before);
            let mut characters = behind.chars();
            if let Some(character) = characters.next() {
                self.escape(character);
            }
            rest = characters.as_str();
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    fn escape(&mut self, character: char) {
        match character {
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str("\\\\"),
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            '\x08' => self.out.push_str("\\b"),
            '\x0c' => self.out.push_str("\\f"),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a String does not fail.
                    let _ = write!(self.out, "\\u{unit:04x}");
                }
            }
        }
    }
}

impl Parts for Json {
    fn control(&mut self, tag: &str, data: Value<'_>) -> PyResult<()> {
        self.between();
        self.out.push('{');
        self.key(tag);
        self.string(&data.text());
        self.out.push('}');
        self.fields += 1;
        Ok(())
    }

    fn data(&mut self, tag: &str, [first, second]: [&str; 2]) -> PyResult<()> {
        self.between();
        self.out.push('{');
        self.key(tag);
        self.out.push('{');
        self.key("ind1");
        self.string(first);
        self.out.push_str(self.comma);
        self.key("ind2");
        self.string(second);
        self.out.push_str(self.comma);
        self.key("subfields");
        self.out.push('[');
        self.is_first = true;
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> PyResult<()> {
        self.between();
        self.out.push('{');
        self.key(code);
        self.string(&value.text());
        self.out.push('}');
        Ok(())
    }

    fn end(&mut self) -> PyResult<()> {
        self.out.push_str("]}}");
        self.is_first = false;
        self.fields += 1;
        Ok(())
    }
}
