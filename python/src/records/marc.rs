//! A record in ISO 2709, as pymarc writes it. Where that is the octets as they were read, they are handed on.

use mrrc::iso2709::{Entries, FIELD_TERMINATOR, RECORD_TERMINATOR, SUBFIELD_DELIMITER, directory};
use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PySlice, PyString};

use super::field::{Field, RawField, formatted, is_digits, plain, tag_of};
use super::record::Record;
use super::text::Rule;

/// Octets of a field, and of a record, that their lengths can state.
const MOST_OF_A_FIELD: usize = 9_999;
const MOST_OF_A_RECORD: usize = 99_999;

pub(super) fn as_marc<'py>(record: &Bound<'py, Record>) -> PyResult<Bound<'py, PyBytes>> {
    let (py, own) = (record.py(), record.get());
    let is_coded = own.get_to_unicode(py)?.is_truthy()?;
    if record.is_exact_instance_of::<Record>()
        && let Some((octets, rule)) = own.untouched()
        && is_canonical(octets, rule)
    {
        return same_octets(record, octets, is_coded);
    }
    if is_coded {
        own.set_coded(py)?;
    }
    let leader = own.get_leader(py)?;
    let is_utf8 = leader.get_item(9)?.eq("a")? || own.get_force_utf8(py)?.is_truthy()?;
    let encoding = PyString::new(py, if is_utf8 { "utf-8" } else { "iso8859-1" });
    let mut written = Written { py, encoding, is_utf8, directory: Vec::new(), data: Vec::new(), doubt: None };
    own.find(py, |field| -> PyResult<Option<()>> { written.push(field).map(|()| None) })?;
    written.finish(&leader)
}

/// The octets, but for leader/09.
fn same_octets<'py>(
    record: &Bound<'py, Record>,
    octets: &[u8],
    is_coded: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = record.py();
    if is_coded {
        record.get().set_coded(py)?;
    }
    PyBytes::new_with(py, octets.len(), |room| {
        room.copy_from_slice(octets);
        if let Some(coding) = room.get_mut(9).filter(|_| is_coded) {
            *coding = b'a';
        }
        Ok(())
    })
}

/// Whether a plain record is written as it was read: its parts tile it in order, and every value is its octets.
fn is_canonical(record: &[u8], rule: Rule) -> bool {
    // What is no ASCII is other octets in UTF-8.
    let is_text = |octets: &[u8]| rule != Rule::Marc8 || octets.is_ascii();
    let mut entries = Entries::new();
    is_text(record) && !has_empty_subfield(record) && directory::sound(record, &mut entries)
}

/// Whether a delimiter stands before another or before FT: pymarc leaves such subfields out.
fn has_empty_subfield(record: &[u8]) -> bool {
    record.array_windows().fold(false, |any, [delimiter, next]| {
        any | (*delimiter == SUBFIELD_DELIMITER) & ((*next == SUBFIELD_DELIMITER) | (*next == FIELD_TERMINATOR))
    })
}

/// A record as it grows.
struct Written<'py> {
    py: Python<'py>,
    encoding: Bound<'py, PyString>,
    is_utf8: bool,
    directory: Vec<u8>,
    data: Vec<u8>,
    /// Why it cannot be read back.
    doubt: Option<String>,
}

impl<'py> Written<'py> {
    fn push(&mut self, field: &Bound<'py, PyAny>) -> PyResult<()> {
        let start = self.data.len();
        let tag = tag_of(field)?;
        let delimiters = self.push_data(field)?;
        let length = self.data.len() - start;
        let tag = directory_tag(&tag)?;
        if length > MOST_OF_A_FIELD {
            self.doubt(|| format!("field {tag} has {length} octets, and {MOST_OF_A_FIELD} at most can be stated"));
        }
        let found = self.data[start..].iter().filter(|octet| (0x1D..=0x1F).contains(*octet)).count();
        if delimiters.is_some_and(|expected| expected != found) {
            self.doubt(|| format!("field {tag} has a delimiter in a value"));
        }
        let entry = format!("{tag}{length:04}{start:05}");
        self.directory.extend(self.encoded(&entry)?);
        Ok(())
    }

    /// Appends a field; says how many delimiters it should have, where that is known.
    fn push_data(&mut self, field: &Bound<'py, PyAny>) -> PyResult<Option<usize>> {
        let py = self.py;
        let is_raw = field.is_instance_of::<RawField>();
        // What was decoded in place is text in a field of octets.
        if self.is_utf8
            && let Some(own) = plain(field)
            && (!is_raw || own.get().is_text(py)?)
        {
            let mut text = String::new();
            match own.get().push_text(py, &mut text) {
                Ok(subfields) => {
                    self.data.extend_from_slice(text.as_bytes());
                    return Ok(Some(subfields + 1));
                }
                // Below, the error names its place in the whole field.
                Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(py) => {}
                Err(error) => return Err(error),
            }
        }
        let name = intern!(py, "as_marc");
        let octets = if is_raw {
            field.call_method0(name)?
        } else {
            let named = PyDict::new(py);
            named.set_item("encoding", &self.encoding)?;
            field.call_method(name, (), Some(&named))?
        };
        self.data.extend_from_slice(octets.cast::<PyBytes>()?.as_bytes());
        Ok(match field.cast::<Field>() {
            Ok(own) if !own.get().is_control(py)? => own.get().subfields_len(py).ok().map(|count| count + 1),
            Ok(_) => Some(1),
            Err(_) => None,
        })
    }

    fn doubt(&mut self, reason: impl FnOnce() -> String) {
        self.doubt.get_or_insert_with(reason);
    }

    fn encoded(&self, text: &str) -> PyResult<Vec<u8>> {
        if self.is_utf8 || text.is_ascii() {
            return Ok(text.as_bytes().to_vec());
        }
        PyString::new(self.py, text).call_method1("encode", (&self.encoding,))?.extract()
    }

    fn finish(mut self, leader: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let py = self.py;
        self.directory.push(FIELD_TERMINATOR);
        self.data.push(RECORD_TERMINATOR);
        let base = 24 + self.directory.len();
        let length = base + self.data.len();
        if length > MOST_OF_A_RECORD {
            self.doubt(|| format!("it has {length} octets, and {MOST_OF_A_RECORD} at most can be stated"));
        }
        let slice = |start, end| formatted(&leader.get_item(PySlice::new(py, start, end, 1))?);
        let (before, behind) = (slice(5, 12)?, slice(17, isize::MAX)?);
        let leader = format!("{length:05}{}{base:05}{}", before.to_str()?, behind.to_str()?);
        if let Some(reason) = self.doubt.take() {
            let message = format!("this record cannot be read back: {reason}; MARCWriter(path, oversize=\"split\") writes it in parts that can");
            py.import("mrrc._errors")?.call_method1("_warn", (message,))?;
        }
        let leader = self.encoded(&leader)?;
        let parts = [leader.as_slice(), &self.directory, &self.data];
        PyBytes::new_with(py, parts.iter().map(|part| part.len()).sum(), |mut room| {
            for part in parts {
                let (now, rest) = room.split_at_mut(part.len());
                now.copy_from_slice(part);
                room = rest;
            }
            Ok(())
        })
    }
}

/// The tag as three characters of the directory, or more.
fn directory_tag(tag: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = tag.cast::<PyString>()
        && text.len()? == 3
        && (!is_digits(text)? || text.to_str()?.is_ascii())
    {
        return Ok(text.to_str()?.to_owned());
    }
    let py = tag.py();
    let (value, how) = match tag.call_method0(intern!(py, "isdigit"))?.is_truthy()? {
        true => (py.get_type::<pyo3::types::PyInt>().call1((tag,))?, "03d"),
        false => (tag.clone(), ">03"),
    };
    Ok(value.call_method1("__format__", (how,))?.extract()?)
}
