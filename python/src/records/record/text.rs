//! A record as MARCMaker text (`str`), in one line (`repr`), and as a card in a notebook.

use mrrc::forms::Mrk;
use mrrc::internals::show::Card;
use mrrc::internals::words::{counted, printable};
use mrrc::record::{Value, Visit};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use super::Record;
use crate::records::field::{code_of, tag_of, value_of};
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

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        let repairs = slf.getattr("repairs")?.extract()?;
        Ok(card(slf)?.repairs(repairs).html())
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

/// `=LDR`, and a line for each field; `None` if only Python can write it.
fn text(record: &Bound<'_, Record>) -> PyResult<Option<String>> {
    let py = record.py();
    let leader = record.get().get_leader(py)?.str()?;
    let Ok(leader) = leader.to_str() else { return Ok(None) };
    let mut mrk = Mrk::new(leader);
    Ok(record.get().tell(py, &mut mrk)?.then(|| mrk.finish()))
}

/// The record as a card, whatever its fields are.
fn card(record: &Bound<'_, Record>) -> PyResult<Card> {
    let (py, own) = (record.py(), record.get());
    let leader = own.get_leader(py)?.str()?.to_string_lossy().into_owned();
    let mut card = Card::new(&leader);
    if !own.tell(py, &mut card)? {
        card = Card::new(&leader);
        own.find(py, |field| tell_as_shown(field, &mut card).map(|()| None::<()>))?;
    }
    Ok(card)
}

/// The parts of a field as `str` shows them.
fn tell_as_shown(field: &Bound<'_, PyAny>, card: &mut Card) -> PyResult<()> {
    let shown = |it: &Bound<'_, PyAny>| match it.is_none() {
        true => Ok(String::new()),
        false => it.str().map(|text| text.to_string_lossy().into_owned()),
    };
    let tag = shown(&field.getattr("tag")?)?;
    if field.getattr("control_field")?.is_truthy()? {
        let data = shown(&field.getattr("data")?)?;
        let Ok(()) = card.control(&tag, Value::Text(data.into()));
        return Ok(());
    }
    let indicators = field.getattr("indicators")?;
    let [first, second] = [shown(&indicators.get_item(0)?)?, shown(&indicators.get_item(1)?)?];
    let stray = field.getattr_opt("_stray")?.filter(|stray| !stray.is_none());
    let stray = stray.as_ref().map(shown).transpose()?.map(|stray| Value::Text(stray.into()));
    let Ok(()) = card.data(&tag, [&first, &second], stray);
    for subfield in field.getattr("subfields")?.try_iter()? {
        let subfield = subfield?;
        let (code, value) = (shown(&code_of(&subfield)?)?, shown(&value_of(&subfield)?)?);
        let Ok(()) = card.subfield(&code, Value::Text(value.into()));
    }
    let Ok(()) = card.end();
    Ok(())
}
