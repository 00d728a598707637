//! `RawField`: a field whose values are undecoded bytes.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use super::{Field, code_of, value_of};
use crate::records::errors;

/// A field whose data and values are bytes, as read with `to_unicode=False`.
#[pyclass(module = "mrrc.field", frozen, subclass, dict, weakref, extends = Field)]
pub(crate) struct RawField;

#[pymethods]
impl RawField {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(tag, indicators=None, subfields=None, data=None)")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyClassInitializer<RawField> {
        RawField::made(Field::empty())
    }

    /// Return the field as bytes of ISO 2709, undecoded; `encoding` has no effect.
    #[pyo3(signature = (encoding=None))]
    fn as_marc<'py>(
        slf: &Bound<'py, Self>,
        encoding: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let py = slf.py();
        if let Some(encoding) = encoding {
            errors::log(py, "Attempt to force a RawField into encoding %s", encoding)?;
        }
        let field = slf.as_super().get();
        let mut out = Vec::new();
        if field.is_control(py)? {
            out.extend_from_slice(bytes(&field.get_data(py)?)?.as_bytes());
        } else {
            out.extend_from_slice(ascii(&field.get_indicator1(py)?)?.as_bytes());
            out.extend_from_slice(ascii(&field.get_indicator2(py)?)?.as_bytes());
            if let Some(stray) = field.stray(py) {
                out.extend_from_slice(bytes(&stray)?.as_bytes());
            }
            field.find(py, |_, item| -> PyResult<Option<()>> {
                out.push(0x1f);
                out.extend_from_slice(ascii(&code_of(item)?)?.as_bytes());
                out.extend_from_slice(bytes(&value_of(item)?)?.as_bytes());
                Ok(None)
            })?;
        }
        out.push(0x1e);
        Ok(PyBytes::new(py, &out))
    }

    /// Return the field as bytes of ISO 2709, undecoded; `encoding` has no effect.
    #[pyo3(signature = (encoding=None))]
    fn as_marc21<'py>(
        slf: &Bound<'py, Self>,
        encoding: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        RawField::as_marc(slf, encoding)
    }
}

impl RawField {
    pub(in crate::records) fn made(field: Field) -> PyClassInitializer<RawField> {
        PyClassInitializer::from(field).add_subclass(RawField)
    }
}

fn ascii<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    Ok(text.call_method1("encode", ("ascii",))?.cast_into::<PyBytes>()?)
}

fn bytes<'a, 'py>(value: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyBytes>> {
    value.cast::<PyBytes>().map_err(|_| {
        let name = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        PyTypeError::new_err(format!("can't concat {name} to bytes"))
    })
}
