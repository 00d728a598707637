//! Why a record cannot be written, as an exception; and records with parts of other classes, read by attribute.

use std::convert::Infallible;

use mrrc::forms::{Expressible, Json, Mrk, Strict, Xml};
use mrrc::internals::record::{Value, Visit};
use mrrc::{WriteCode, WriteError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::field::{code_of, value_of};
use super::marc;
use super::record::Record;
use crate::error::write_error;

/// The exception for the record of this number that is refused.
pub(super) fn refused(py: Python<'_>, number: u64, error: WriteError) -> PyErr {
    write_error(py, &error.in_record(number))
}

/// What becomes of values that are `bytes`.
pub(super) enum Unread<'py> {
    /// They are refused.
    Refused,
    /// They are passed on unchanged.
    Bytes,
    /// They are read by this, an `mrrc.marc8.MARC8ToUnicode`.
    Marc8(Bound<'py, PyAny>),
}

/// Tells the parts of fields of any class by their attributes, if all of them are strings.
pub(super) fn tell_by_attributes<V: Visit<Stop = Infallible>>(
    record: &Bound<'_, Record>,
    unread: &Unread<'_>,
    to: &mut V,
) -> PyResult<Result<(), WriteError>> {
    let py = record.py();
    let mut tags: Vec<String> = Vec::new();
    let refusal = record.get().find(py, |field| -> PyResult<Option<WriteError>> {
        let tag = field.getattr(intern!(py, "tag"))?;
        let shown = tag.str()?.to_string_lossy().into_owned();
        let occurrence = tags.iter().filter(|other| **other == shown).count();
        tags.push(shown.clone());
        let told = tell_field(field, &tag, unread, to)?;
        Ok(told.err().map(|(code, found)| {
            let error = WriteError::new(WriteCode::NotText);
            error.in_field(shown.as_bytes(), occurrence).in_subfield(code.as_deref()).found(found)
        }))
    })?;
    Ok(refusal.map_or(Ok(()), Err))
}

/// The code of the subfield, and what stood there instead of text.
type NotText = (Option<String>, String);

fn tell_field<V: Visit<Stop = Infallible>>(
    field: &Bound<'_, PyAny>,
    tag: &Bound<'_, PyAny>,
    unread: &Unread<'_>,
    to: &mut V,
) -> PyResult<Result<(), NotText>> {
    let py = field.py();
    macro_rules! string {
        ($value:expr, $what:literal) => {
            match text($value) {
                Ok(text) => text,
                Err(found) => return Ok(Err((None, format!("{found} for {}", $what)))),
            }
        };
    }
    let tag = string!(tag, "the tag");
    if field.getattr(intern!(py, "control_field"))?.is_truthy()? {
        let data = field.getattr(intern!(py, "data"))?;
        return Ok(match value(&data, unread)? {
            Ok(data) => {
                let Ok(()) = to.control(&tag, data);
                Ok(())
            }
            Err(found) => Err((None, found)),
        });
    }
    let indicators = field.getattr(intern!(py, "indicators"))?;
    let (first, second) = (indicators.get_item(0)?, indicators.get_item(1)?);
    let (first, second) = (string!(&first, "an indicator"), string!(&second, "an indicator"));
    let stray = match field.getattr_opt(intern!(py, "_stray"))?.filter(|stray| !stray.is_none()) {
        None => None,
        Some(stray) => match value(&stray, unread)? {
            Ok(Value::Text(text)) => Some(Value::Text(text.into_owned().into())),
            Ok(_) => None,
            Err(found) => return Ok(Err((None, found))),
        },
    };
    let Ok(()) = to.data(&tag, [&first, &second], stray);
    for item in field.getattr(intern!(py, "subfields"))?.try_iter()? {
        let item = item?;
        let code = string!(&code_of(&item)?, "a subfield code");
        let content = value_of(&item)?;
        match value(&content, unread)? {
            Ok(content) => {
                let Ok(()) = to.subfield(&code, content);
            }
            Err(found) => return Ok(Err((Some(code), found))),
        }
    }
    let Ok(()) = to.end();
    Ok(Ok(()))
}

/// A string of whole characters; or what it is instead.
fn text(value: &Bound<'_, PyAny>) -> Result<String, String> {
    match value.cast::<PyString>() {
        Ok(text) => text.to_str().map(str::to_owned).map_err(|_| "half a surrogate pair".to_owned()),
        Err(_) if value.is_none() => Err("None".to_owned()),
        Err(_) => Err(value.get_type().name().map_or_else(|_| "no string".to_owned(), |it| it.to_string())),
    }
}

fn value<'a>(value: &'a Bound<'_, PyAny>, unread: &Unread<'_>) -> PyResult<Result<Value<'a>, String>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        match unread {
            Unread::Refused => {}
            Unread::Bytes => return Ok(Ok(Value::Bytes(bytes.as_bytes()))),
            Unread::Marc8(marc8) => {
                let read: String = marc8.call_method1("translate", (bytes,))?.extract()?;
                return Ok(Ok(Value::Text(read.into())));
            }
        }
    }
    Ok(text(value).map(|text| Value::Text(text.into())))
}

/// A record as `"json"`, `"xml"` or `"mrk"`, from which it can be read again, for a writer on a path. `None` if only
/// the record's own methods can write it, and nothing in it has to be refused.
#[pyfunction]
pub(super) fn _written_as<'py>(
    record: &Bound<'py, Record>,
    form: &str,
    replaces: bool,
    number: u64,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = record.py();
    let written = match form {
        "xml" => {
            let make = |leader: &str| Xml::new(leader, false, false);
            written(record, Expressible::Xml, replaces, make, Xml::finish)?
        }
        "json" => written(record, Expressible::Json, replaces, Json::compact, Json::finish)?,
        _ => written(record, Expressible::Mrk, replaces, Mrk::new, Mrk::finish)?,
    };
    let text = written.map_err(|error| refused(py, number, error))?;
    // `as_dict` and `__str__` may be those of a subclass; XML asks for attributes alone, and is bytes.
    Ok(match form {
        "xml" => Some(PyBytes::new(py, text.as_bytes()).into_any()),
        _ => record.is_exact_instance_of::<Record>().then(|| PyString::new(py, &text).into_any()),
    })
}

fn written<V: Visit<Stop = Infallible>>(
    record: &Bound<'_, Record>,
    form: Expressible,
    replaces: bool,
    make: impl Fn(&str) -> V,
    finish: impl Fn(V) -> String,
) -> PyResult<Result<String, WriteError>> {
    let (py, own) = (record.py(), record.get());
    let leader = own.get_leader(py)?.str()?;
    let leader = leader.to_string_lossy();
    if let Some(missing) = form.first_missing(&leader).filter(|_| !replaces) {
        let found = format!("U+{:04X} in the leader", u32::from(missing));
        let error = WriteError::new(WriteCode::CharacterUnwritable).found(found);
        return Ok(Err(error.with_control_number(marc::control_number(record)?)));
    }
    let leader = form.replaced(&leader);
    let mut visitor = make(&leader);
    let mut strict = Strict::new(form, &mut visitor).replaces(replaces);
    if !own.tell(py, &mut strict)? {
        let unread = match form {
            Expressible::Xml => Unread::Marc8(py.import("mrrc.marc8")?.call_method0("MARC8ToUnicode")?),
            _ => Unread::Refused,
        };
        visitor = make(&leader);
        strict = Strict::new(form, &mut visitor).replaces(replaces);
        if let Err(error) = tell_by_attributes(record, &unread, &mut strict)? {
            return Ok(Err(error.with_control_number(strict.control_number)));
        }
    }
    Ok(strict.into_refused().map_or_else(|| Ok(finish(visitor)), Err))
}
