//! A record as MARCMaker text (`str`), in one line (`repr`), and as a card in a notebook.

use mrrc::forms::Mrk;
use mrrc::internals::coded::field_name;
use mrrc::internals::words::{counted, printable};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use super::Record;
use crate::records::field::tag_of;
use crate::records::strings::formatted;

#[pymethods]
impl Record {
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let (py, class) = (slf.py(), slf.get_type().name()?);
        let number = slf.get().find(py, |field| match tag_of(field)?.eq("001")? {
            true => field.getattr("data")?.str().map(Some),
            false => Ok(None),
        })?;
        let title = slf.getattr("title")?;
        let mut named = Vec::new();
        if let Some(number) = number {
            named.push(number.to_string_lossy().into_owned());
        }
        if title.is_truthy()? {
            named.push(title.repr()?.to_string_lossy().into_owned());
        }
        let count = counted(slf.getattr("fields")?.len()? as u64, "field");
        let named = printable(&named.join(" "));
        let comma = if named.is_empty() { "" } else { ", " };
        Ok(format!("<{class} {named}{comma}{count}>"))
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._card")?.call_method1("html", (slf,))
    }

    fn __str__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, record) = (slf.py(), slf.get());
        if slf.is_exact_instance_of::<Record>()
            && let Some(text) = text(slf)?
        {
            return Ok(PyString::new(py, &text).into_any());
        }
        let leader = formatted(&record.get_leader(py)?)?;
        let mut lines = vec![PyString::new(py, "=LDR  ").add(leader)?];
        record.find(py, |field| -> PyResult<Option<()>> {
            lines.push(field.str()?.into_any());
            Ok(None)
        })?;
        lines.push(PyString::new(py, "").into_any());
        PyString::new(py, "\n").call_method1("join", (PyList::new(py, lines)?,))
    }
}

/// The name of the field with a tag in MARC 21; for cards.
#[pyfunction]
pub(crate) fn _field_name(tag: &str) -> Option<&'static str> {
    field_name(tag)
}

/// `=LDR`, and a line for each field; `None` if only Python can write it.
fn text(record: &Bound<'_, Record>) -> PyResult<Option<String>> {
    let py = record.py();
    let leader = record.get().get_leader(py)?.str()?;
    let Ok(leader) = leader.to_str() else { return Ok(None) };
    let mut mrk = Mrk::new(leader);
    Ok(record.get().tell(py, &mut mrk)?.then(|| mrk.finish()))
}
