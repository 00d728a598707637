//! Passes the parts of a field to a visitor that writes or compares them.

use mrrc::internals::record::{Value, Visit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use super::subfields::value_of;
use super::{Field, Snapshot};
use crate::records::classes;

impl Field {
    /// Whether the data, or all values, are text, and there are any.
    pub(in crate::records) fn is_text(&self, py: Python<'_>) -> PyResult<bool> {
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
    pub(in crate::records) fn exhaust(&self, py: Python<'_>) -> PyResult<()> {
        if !self.is_control(py)? {
            let end = self.subfields_len(py)?;
            self.parts().cursor = Some(end);
        }
        Ok(())
    }

    /// Passes the field's parts to a visitor. False if one is not a string; others may have been passed by then. The
    /// values of a raw field are passed as bytes, if `bytes` is true.
    pub(in crate::records) fn tell<V: Visit>(&self, py: Python<'_>, bytes: bool, to: &mut V) -> PyResult<bool>
    where
        PyErr: From<V::Stop>,
    {
        let Some(Snapshot { tag, data, indicators, subfields, control_field, is_stray }) =
            self.snapshot(py)?
        else {
            return Ok(false);
        };
        let Some(tag) = string(&tag) else { return Ok(false) };
        if control_field.is_truthy()? {
            let Some(data) = part(&data, bytes) else { return Ok(false) };
            return Ok(to.control(tag, data).map(|()| true)?);
        }
        let Ok(indicators) = indicators.cast::<PyTuple>() else { return Ok(false) };
        let (Ok(first), Ok(second)) = (indicators.get_borrowed_item(0), indicators.get_borrowed_item(1))
        else {
            return Ok(false);
        };
        let (Some(first), Some(second)) = (string(&first), string(&second)) else { return Ok(false) };
        let stray = match is_stray {
            true => Some(part(&data, bytes)),
            false => None,
        };
        if let Some(None) = stray {
            return Ok(false);
        }
        to.data(tag, [first, second], stray.flatten())?;
        let class = classes::subfield(py)?;
        let Ok(subfields) = subfields.cast_exact::<PyList>() else { return Ok(false) };
        for item in subfields.iter() {
            let Ok(pair) = item.cast::<PyTuple>() else { return Ok(false) };
            if !class.has(&item) {
                return Ok(false);
            }
            let (code, value) = (pair.get_borrowed_item(0)?, pair.get_borrowed_item(1)?);
            let (Some(code), Some(value)) = (string(&code), part(&value, bytes)) else { return Ok(false) };
            to.subfield(code, value)?;
        }
        Ok(to.end().map(|()| true)?)
    }
}

/// A string that is whole characters; none of anything else.
fn string<'a>(value: &'a Bound<'_, PyAny>) -> Option<&'a str> {
    value.cast_exact::<PyString>().ok()?.to_str().ok()
}

fn part<'a>(value: &'a Bound<'_, PyAny>, bytes: bool) -> Option<Value<'a>> {
    match value.cast::<PyBytes>() {
        Ok(value) if bytes => Some(Value::Bytes(value.as_bytes())),
        _ => string(value).map(|text| Value::Text(text.into())),
    }
}
