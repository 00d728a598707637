//! A record in ISO 2709, as pymarc writes it. If these are the bytes that it was read from, they are reused.

use std::borrow::Cow;
use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;

use mrrc::internals::iso2709::encode::{MAX_FIELD, MAX_RECORD, digits};
use mrrc::internals::iso2709::{FIELD_TERMINATOR, RECORD_TERMINATOR, SUBFIELD_DELIMITER};
use mrrc::internals::record::pymarc::{Rule, field_bytes, has_empty_subfield};
use mrrc::internals::record::reading::Rules;
use mrrc::internals::record::{Value, Visit};
use mrrc::internals::words::grouped;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PySlice, PyString};

use super::field::{Field, RawField, plain, tag_of};
use super::original::Original;
use super::record::{Record, Single, Step};
use super::strings::{formatted, is_digits};

fn as_marc<'py>(record: &Bound<'py, Record>) -> PyResult<Bound<'py, PyBytes>> {
    let (py, own) = (record.py(), record.get());
    let is_coded = own.get_to_unicode(py)?.is_truthy()?;
    if record.is_exact_instance_of::<Record>()
        && let Some(original) = own.canonical()
    {
        return same_bytes(record, &original.bytes, is_coded);
    }
    let (bytes, doubt) = written(record)?;
    if let Some(reason) = doubt {
        let message =
            format!("this record cannot be read back: {reason}; MARCWriter(path) refuses to write it");
        py.import("mrrc._errors")?.call_method1("_warn", (message,))?;
    }
    Ok(bytes)
}

/// The record, laid out again, and the reason if it cannot be read back.
pub(super) fn written<'py>(record: &Bound<'py, Record>) -> PyResult<(Bound<'py, PyBytes>, Option<String>)> {
    let (py, own) = (record.py(), record.get());
    if own.get_to_unicode(py)?.is_truthy()? {
        own.set_coded(py)?;
    }
    let leader = LeaderParts::of(own, py)?;
    let is_utf8 = leader.is_coded || own.get_force_utf8(py)?.is_truthy()?;
    let encoding = PyString::new(py, if is_utf8 { "utf-8" } else { "iso8859-1" });
    let mut written = Written { py, encoding, is_utf8, directory: Vec::new(), data: Vec::new(), doubt: None };
    written.push_all(own)?;
    written.finish(leader)
}

/// The data of the first 001, if they are text.
pub(super) fn control_number(record: &Bound<'_, Record>) -> PyResult<Option<String>> {
    record.get().find(record.py(), |field| {
        if !tag_of(field)?.eq("001")? {
            return Ok(None);
        }
        let data = field.getattr(intern!(field.py(), "data"))?;
        Ok(data.cast::<PyString>().ok().map(|text| text.to_string_lossy().into_owned()))
    })
}

/// The parts of a record's leader that are written unchanged.
struct LeaderParts {
    /// Position 9 says UTF-8.
    is_coded: bool,
    /// Positions 5-11.
    before: String,
    /// Positions 17-23.
    after: String,
}

impl LeaderParts {
    fn of(record: &Record, py: Python<'_>) -> PyResult<LeaderParts> {
        if let Some(leader) = record.plain_leader(py)? {
            let text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect();
            let (before, after) = (text(&leader[5..12]), text(&leader[17..]));
            return Ok(LeaderParts { is_coded: leader[9] == b'a', before, after });
        }
        let leader = record.get_leader(py)?;
        let slice = |start, end| -> PyResult<String> {
            formatted(&leader.get_item(PySlice::new(py, start, end, 1))?)?.extract()
        };
        let is_coded = leader.get_item(9)?.eq("a")?;
        Ok(LeaderParts { is_coded, before: slice(5, 12)?, after: slice(17, isize::MAX)? })
    }
}

/// The bytes, except for leader/09.
fn same_bytes<'py>(
    record: &Bound<'py, Record>,
    bytes: &[u8],
    is_coded: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = record.py();
    if is_coded {
        record.get().set_coded(py)?;
    }
    PyBytes::new_with(py, bytes.len(), |room| {
        room.copy_from_slice(bytes);
        if let Some(coding) = room.get_mut(9).filter(|_| is_coded) {
            *coding = b'a';
        }
        Ok(())
    })
}

impl Record {
    /// The bytes as read, where these are written again: nothing of them changed, they tile the record in order, and
    /// every value is its bytes.
    pub(super) fn canonical(&self) -> Option<Arc<Original>> {
        let (original, rule) = self.untouched()?;
        let is_text = match rule {
            Rule::Bytes | Rule::Utf8 => true,
            Rule::Marc8 => is_itself_in_utf8(&original.bytes),
        };
        (original.is_sound && is_text && !has_empty_subfield(&original.bytes)).then_some(original)
    }
}

/// Whether MARC-8 is ASCII without escapes and controls.
fn is_itself_in_utf8(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, byte| all & matches!(byte, 0x1D..=0x7E))
}

/// The bytes of fields, in UTF-8.
struct Bytes<'a> {
    out: &'a mut Vec<u8>,
    delimiters: usize,
}

impl Visit for Bytes<'_> {
    type Stop = Infallible;

    fn control(&mut self, _: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.out.extend_from_slice(data.as_utf8());
        self.end()
    }

    fn data(&mut self, _: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.out.extend(indicators.iter().flat_map(|it| it.bytes()));
        if let Some(stray) = stray {
            self.out.extend_from_slice(stray.as_utf8());
        }
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.delimiters += 1;
        self.out.push(SUBFIELD_DELIMITER);
        self.out.extend_from_slice(code.as_bytes());
        self.out.extend_from_slice(value.as_utf8());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.out.push(FIELD_TERMINATOR);
        Ok(())
    }
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
    /// Appends the fields. Of one that nobody has looked at, the bytes are copied, if they are what is to be written.
    fn push_all(&mut self, record: &Record) -> PyResult<()> {
        let py = self.py;
        if let Some(original) = record.singles_of().filter(|it| it.is_sound && self.is_utf8) {
            let mut place = 0;
            loop {
                match record.single(py, place) {
                    Step::End => return Ok(()),
                    Step::Listed => break,
                    Step::At(at, Single::Unmade) if self.push_bytes(&original, at) => {}
                    Step::At(at, single) => match record.make_single(py, at, single)? {
                        Some(field) => self.push(&field)?,
                        None => break,
                    },
                }
                place += 1;
            }
            self.directory.clear();
            self.data.clear();
        }
        record.find(py, |field| -> PyResult<Option<()>> { self.push(field).map(|()| None) })?;
        Ok(())
    }

    /// Appends a field as it was read; not if it would be written in another way.
    fn push_bytes(&mut self, original: &Original, place: usize) -> bool {
        let Some(entry) = original.entry_at(place) else { return false };
        let bytes = field_bytes(&original.bytes, &entry);
        let is_text = match original.rules {
            Some(Rules::Pymarc(Rule::Utf8)) => true,
            Some(Rules::Pymarc(Rule::Marc8)) => bytes.is_ascii() && is_itself_in_utf8(bytes),
            _ => false,
        };
        let is_odd = |byte: &u8| matches!(*byte, RECORD_TERMINATOR | FIELD_TERMINATOR);
        if !is_text
            || bytes.iter().any(is_odd)
            || has_empty_subfield(bytes)
            || bytes.ends_with(&[SUBFIELD_DELIMITER])
        {
            return false;
        }
        self.directory.extend_from_slice(&entry.tag.bytes());
        self.directory.extend(digits::<4>(bytes.len() + 1));
        self.directory.extend(digits::<5>(self.data.len()));
        self.data.extend_from_slice(bytes);
        self.data.push(FIELD_TERMINATOR);
        true
    }

    fn push(&mut self, field: &Bound<'py, PyAny>) -> PyResult<()> {
        let start = self.data.len();
        let tag = tag_of(field)?;
        let delimiters = self.push_data(field)?;
        let length = self.data.len() - start;
        let tag = directory_tag(&tag)?;
        if length > MAX_FIELD {
            self.doubt(|| {
                format!(
                    "field {tag} has {} bytes, more than the 9,999 that can be stated",
                    grouped(length as u64)
                )
            });
        }
        let found = self.data[start..].iter().filter(|byte| (0x1D..=0x1F).contains(*byte)).count();
        if delimiters.is_some_and(|expected| expected != found) {
            self.doubt(|| format!("field {tag} has a delimiter in a value"));
        }
        if self.is_utf8 || tag.is_ascii() {
            self.directory.extend_from_slice(tag.as_bytes());
        } else {
            let tag = self.encoded(&tag)?;
            self.directory.extend(tag);
        }
        if length <= MAX_FIELD && start <= MAX_RECORD {
            self.directory.extend(digits::<4>(length));
            self.directory.extend(digits::<5>(start));
        } else {
            // Writing to a Vec does not fail.
            let _ = write!(self.directory, "{length:04}{start:05}");
        }
        Ok(())
    }

    /// Appends a field; says how many delimiters it should have, where that is known.
    fn push_data(&mut self, field: &Bound<'py, PyAny>) -> PyResult<Option<usize>> {
        let py = self.py;
        let is_raw = field.is_instance_of::<RawField>();
        // What was decoded in place is text in a field of bytes.
        if self.is_utf8
            && let Some(own) = plain(field)
            && (!is_raw || own.get().is_text(py)?)
        {
            let start = self.data.len();
            let mut bytes = Bytes { out: &mut self.data, delimiters: 1 };
            if own.get().tell(py, false, &mut bytes)? {
                return Ok(Some(bytes.delimiters));
            }
            // Whatever is not a string is written or refused as pymarc does it.
            self.data.truncate(start);
        }
        let name = intern!(py, "as_marc");
        let bytes = if is_raw {
            field.call_method0(name)?
        } else {
            let named = PyDict::new(py);
            named.set_item("encoding", &self.encoding)?;
            field.call_method(name, (), Some(&named))?
        };
        self.data.extend_from_slice(bytes.cast::<PyBytes>()?.as_bytes());
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

    fn finish(mut self, leader: LeaderParts) -> PyResult<(Bound<'py, PyBytes>, Option<String>)> {
        let py = self.py;
        self.directory.push(FIELD_TERMINATOR);
        self.data.push(RECORD_TERMINATOR);
        let base = 24 + self.directory.len();
        let length = base + self.data.len();
        if length > MAX_RECORD {
            self.doubt(|| {
                format!("it has {} bytes, more than the 99,999 that can be stated", grouped(length as u64))
            });
        }
        let LeaderParts { before, after, .. } = leader;
        let leader = format!("{length:05}{before}{base:05}{after}");
        let leader = self.encoded(&leader)?;
        let parts = [leader.as_slice(), &self.directory, &self.data];
        let bytes = PyBytes::new_with(py, parts.iter().map(|part| part.len()).sum(), |mut room| {
            for part in parts {
                let (now, rest) = room.split_at_mut(part.len());
                now.copy_from_slice(part);
                room = rest;
            }
            Ok(())
        })?;
        Ok((bytes, self.doubt))
    }
}

/// The tag as three characters of the directory, or more.
fn directory_tag<'a>(tag: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, str>> {
    if let Ok(text) = tag.cast::<PyString>()
        && text.len()? == 3
        && (!is_digits(text)? || text.to_str()?.is_ascii())
    {
        return Ok(text.to_str()?.into());
    }
    let py = tag.py();
    let (value, how) = match tag.call_method0(intern!(py, "isdigit"))?.is_truthy()? {
        true => (py.get_type::<pyo3::types::PyInt>().call1((tag,))?, "03d"),
        false => (tag.clone(), ">03"),
    };
    value.call_method1("__format__", (how,))?.extract::<String>().map(Cow::Owned)
}

#[pymethods]
impl Record {
    /// Return the record as bytes of ISO 2709 in UTF-8, and set leader/09 to say so.
    ///
    /// With `to_unicode=False`, values and leader/09 are written unchanged. Warns about a record that is too
    /// long to be read back, and about a delimiter in a value.
    fn as_marc<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        as_marc(slf)
    }

    /// Return the record as bytes of ISO 2709; the same as `as_marc`.
    fn as_marc21<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        as_marc(slf)
    }
}
