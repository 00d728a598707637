//! A field as text, and as bytes in ISO 2709.

use mrrc::internals::words::printable;
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use super::Field;
use super::subfields::{code_of, value_of};
use crate::records::strings::formatted;

impl Field {
    /// `=245  10$aEmma`, and what `control` makes of the data of a control field.
    fn line<'py>(
        &self,
        py: Python<'py>,
        control: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, PyString>> {
        let mut out = vec![PyString::new(py, "="), formatted(&self.get_tag(py)?)?, PyString::new(py, "  ")];
        if self.is_control(py)? {
            let data = self.get_data(py)?;
            if data.is_truthy()? {
                out.push(control(&data)?);
            }
            return joined(py, "", out);
        }
        for indicator in self.get_indicators(py)?.try_iter()? {
            let indicator = indicator?;
            let is_blank = indicator.eq(" ")? || indicator.eq("\\")?;
            out.push(if is_blank { PyString::new(py, "\\") } else { formatted(&indicator)? });
        }
        if let Some(stray) = self.stray(py) {
            out.push(formatted(&stray)?);
        }
        self.find(py, |_, item| -> PyResult<Option<()>> {
            out.push(PyString::new(py, "$"));
            out.push(formatted(&code_of(item)?)?);
            out.push(formatted(&value_of(item)?)?);
            Ok(None)
        })?;
        joined(py, "", out)
    }
}

#[pymethods]
impl Field {
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let (py, class) = (slf.py(), slf.get_type().name()?);
        // A field may hold any object; a debugger should show what can be shown.
        let line = slf.str().or_else(|_| slf.get().line(py, formatted));
        Ok(match line {
            Ok(line) => format!("<{class} {}>", printable(&line.to_string_lossy())),
            Err(error) if error.is_instance_of::<PyException>(py) => format!("<{class}>"),
            Err(error) => return Err(error),
        })
    }

    fn __str__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyString>> {
        slf.get()
            .line(slf.py(), |data| Ok(data.call_method1("replace", (" ", "\\"))?.cast_into::<PyString>()?))
    }

    /// Return all values, stripped and joined by spaces; the data of a control field.
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.is_control(py)? {
            let data = self.get_data(py)?;
            return Ok(if data.is_truthy()? { data } else { PyString::new(py, "").into_any() });
        }
        let mut values = Vec::new();
        if let Some(stray) = self.stray(py) {
            values.push(stray.call_method0(intern!(py, "strip"))?);
        }
        self.find(py, |_, item| -> PyResult<Option<()>> {
            values.push(value_of(item)?.call_method0(intern!(py, "strip"))?);
            Ok(None)
        })?;
        PyString::new(py, " ").call_method1(intern!(py, "join"), (PyList::new(py, values)?,))
    }
    /// Whether this is a control field.
    fn is_control_field<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.get_control_field(py)
    }

    /// Whether the tag begins with `6`.
    fn is_subject_field<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.get_tag(py)?.call_method1("startswith", ("6",))
    }

    /// Return the occurrence number in `$6`, such as `01` of `880-01`; None without a `$6`.
    fn linkage_occurrence_num<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let linkage = slf.call_method1(intern!(slf.py(), "get"), ("6", ""))?;
        if !linkage.is_truthy()? {
            return Ok(None);
        }
        let after = linkage.call_method1("split", ("-",))?.get_item(1)?;
        after.call_method1("split", ("/",))?.get_item(0).map(Some)
    }

    /// Return the values, except `$6`, joined by spaces, with ` -- ` before subdivisions of a subject.
    fn format_field<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, field) = (slf.py(), slf.get());
        if field.is_control(py)? {
            return field.value(py);
        }
        let is_subject = slf.call_method0(intern!(py, "is_subject_field"))?.is_truthy()?;
        let subdivisions = PyTuple::new(py, ["v", "x", "y", "z"])?;
        let mut out = Vec::new();
        if let Some(stray) = field.stray(py) {
            out.push(formatted(&stray)?);
        }
        field.find(py, |_, item| -> PyResult<Option<()>> {
            let code = code_of(item)?;
            if code.eq("6")? {
                return Ok(None);
            }
            let is_subdivision = is_subject && subdivisions.contains(&code)?;
            out.push(PyString::new(py, if is_subdivision { " -- " } else { " " }));
            out.push(formatted(&value_of(item)?)?);
            Ok(None)
        })?;
        joined(py, "", out)?.call_method0("strip")
    }

    /// Return the field as bytes of ISO 2709 in this encoding, with its terminator.
    fn as_marc<'py>(&self, py: Python<'py>, encoding: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let mut out = Vec::new();
        if self.is_control(py)? {
            out.push(formatted(&self.get_data(py)?)?);
        } else {
            out.push(formatted(&self.get_indicator1(py)?)?);
            out.push(formatted(&self.get_indicator2(py)?)?);
            if let Some(stray) = self.stray(py) {
                out.push(formatted(&stray)?);
            }
            self.find(py, |_, item| -> PyResult<Option<()>> {
                out.push(PyString::new(py, "\x1f"));
                out.push(formatted(&code_of(item)?)?);
                out.push(formatted(&value_of(item)?)?);
                Ok(None)
            })?;
        }
        out.push(PyString::new(py, "\x1e"));
        joined(py, "", out)?.call_method1("encode", (encoding,))
    }

    /// Return the field as bytes of ISO 2709 in this encoding, with its terminator.
    fn as_marc21<'py>(&self, py: Python<'py>, encoding: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.as_marc(py, encoding)
    }
}

fn joined<'py>(
    py: Python<'py>,
    between: &str,
    parts: Vec<Bound<'py, PyString>>,
) -> PyResult<Bound<'py, PyString>> {
    let joined = PyString::new(py, between).call_method1(intern!(py, "join"), (PyList::new(py, parts)?,))?;
    Ok(joined.cast_into::<PyString>()?)
}
