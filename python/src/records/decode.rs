//! Decoding a record that is not plain, as pymarc does it: value by value, with its warnings, its log lines and its
//! errors.

use mrrc::internals::iso2709::pymarc::find_entries;
use mrrc::internals::iso2709::{Entries, SUBFIELD_DELIMITER, Tag};
use mrrc::internals::record::pymarc::{field_bytes, is_control};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::errors::{exception, log, not_ascii};
use super::field::Content;
use super::objects::{object, shared_indicators};
use super::{classes, strings};
use crate::cpython::call_method1;

/// How a record is decoded, as a script says it: values of any kind, which Python makes something of.
#[derive(Clone)]
pub(super) struct DecodeOptions<'py> {
    pub(super) to_unicode: bool,
    /// Of data fields; control fields have the record's own.
    pub(super) force_utf8: bool,
    /// The record's.
    pub(super) is_forced: bool,
    pub(super) hide_utf8_warnings: Bound<'py, PyAny>,
    pub(super) utf8_handling: Bound<'py, PyAny>,
    pub(super) encoding: Bound<'py, PyAny>,
}

/// Decodes a record of any kind as pymarc does, field by field: with its warnings, log lines and errors.
pub(super) fn decode<'py>(
    py: Python<'py>,
    record: &[u8],
    options: &DecodeOptions<'py>,
    add: &mut dyn FnMut(Bound<'py, PyAny>) -> PyResult<()>,
) -> PyResult<()> {
    let mut entries = Entries::new();
    let found = find_entries(record, &mut entries);
    let mut decoding = Decoding {
        py,
        options,
        says_utf8: record.get(9) == Some(&b'a'),
        encoding: options.encoding.clone(),
        is_marc8: false,
    };
    if decoding.says_utf8 || options.is_forced {
        decoding.encoding = intern!(py, "utf-8").clone().into_any();
    }
    decoding.is_marc8 = decoding.encoding.eq("iso8859-1")?;
    for entry in &entries {
        add(decoding.field(entry.tag, field_bytes(record, entry))?)?;
    }
    found.map_err(|fault| exception(py, &fault))
}

struct Decoding<'a, 'py> {
    py: Python<'py>,
    options: &'a DecodeOptions<'py>,
    says_utf8: bool,
    encoding: Bound<'py, PyAny>,
    is_marc8: bool,
}

impl<'py> Decoding<'_, 'py> {
    fn field(&self, tag: Tag, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let (py, is_raw) = (self.py, !self.options.to_unicode);
        let whole = PyBytes::new(py, bytes);
        let name = strings::tag(py, tag.as_str());
        if is_control(tag) {
            let data = match is_raw {
                true => whole.into_any(),
                false => whole.call_method1(intern!(py, "decode"), (&self.encoding,))?,
            };
            return object(name, Content::Control(data), is_raw);
        }
        let mut parts = bytes.split(|&byte| byte == SUBFIELD_DELIMITER);
        let indicators = self.indicators(parts.next().unwrap_or_default(), &whole)?;
        let subfields = PyList::empty(py);
        for part in parts.filter(|part| !part.is_empty()) {
            subfields.append(self.subfield(part)?)?;
        }
        object(name, Content::Data { indicators, stray: None, subfields }, is_raw)
    }

    fn indicators(&self, head: &[u8], whole: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        if !head.is_ascii() {
            return Err(not_ascii(py, head));
        }
        let indicators = match *head {
            [] => {
                log(py, "missing indicators: %s", whole)?;
                *b"  "
            }
            [only] => {
                log(py, "only 1 indicator found: %s", whole)?;
                [only, b' ']
            }
            [first, second] => [first, second],
            [first, second, ..] => {
                log(py, "more than 2 indicators found: %s", whole)?;
                [first, second]
            }
        };
        shared_indicators(py, indicators)
    }

    fn subfield(&self, part: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        let (code, value) = match part.split_first() {
            Some((code, value)) if code.is_ascii() => (strings::character(py, *code).into_any(), value),
            _ => {
                let bytes = PyBytes::new(py, part);
                let fields = py.import("mrrc._fields")?;
                call_method1(&fields, intern!(py, "_warn_of_code"), &bytes)?;
                let (code, skipped): (Bound<'py, PyAny>, usize) =
                    fields.call_method1("normalize_subfield_code", (&bytes,))?.extract()?;
                (code, part.get(skipped..).unwrap_or_default())
            }
        };
        let value = PyBytes::new(py, value);
        let value = if !self.options.to_unicode {
            value.into_any()
        } else if self.says_utf8 || self.options.force_utf8 {
            value.call_method1(intern!(py, "decode"), ("utf-8", &self.options.utf8_handling))?
        } else if self.is_marc8 {
            let marc8 = py.import("mrrc._marc8")?;
            marc8.call_method1("marc8_to_unicode", (value, &self.options.hide_utf8_warnings))?
        } else {
            value.call_method1(intern!(py, "decode"), (&self.encoding,))?
        };
        classes::subfield(py)?.pair(code, value)
    }
}
