//! A record as MARC-in-JSON: as pymarc's `dict`, and as text.

use mrrc::forms::{Json, STRAY_CODE};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::field::{Field, code_of, value_of};
use super::record::Record;

/// `{"leader": ..., "fields": [{tag: data}, {tag: {"ind1", "ind2", "subfields": [{code: value}]}}]}`.
fn as_dict<'py>(record: &Bound<'py, Record>) -> PyResult<Bound<'py, PyDict>> {
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
    if let Some(stray) = field.cast::<Field>().ok().and_then(|field| field.get().stray(py)) {
        let pair = PyDict::new(py);
        pair.set_item(STRAY_CODE, stray)?;
        subfields.append(pair)?;
    }
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
fn as_json<'py>(
    record: &Bound<'py, Record>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = record.py();
    if options.is_none_or(|options| options.is_empty())
        && record.is_exact_instance_of::<Record>()
        && let Some(text) = text(record)?
    {
        return Ok(PyString::new(py, &text).into_any());
    }
    let dict = record.call_method0(intern!(py, "as_dict"))?;
    py.import("json")?.call_method("dumps", (dict,), options)
}

/// The record as `json.dumps` writes it; `None` if only Python can write it.
fn text(record: &Bound<'_, Record>) -> PyResult<Option<String>> {
    let (py, own) = (record.py(), record.get());
    let leader = own.get_leader(py)?.str()?;
    let Ok(leader) = leader.to_str() else { return Ok(None) };
    let mut json = Json::new(leader);
    if !own.tell(py, &mut json)? {
        return Ok(None);
    }
    own.exhaust(json.fields());
    Ok(Some(json.finish()))
}

#[pymethods]
impl Record {
    /// Return the record as a dict in the shape of MARC-in-JSON.
    fn as_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        as_dict(slf)
    }

    /// Return the record as MARC-in-JSON text; keyword arguments are passed to `json.dumps`.
    #[pyo3(signature = (**kwargs))]
    fn as_json<'py>(
        slf: &Bound<'py, Self>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        as_json(slf, kwargs)
    }
}
