//! `MARCWriter` on a path: records gathered with the interpreter's lock; laid out, and written, without it.

use std::convert::Infallible;
use std::io::Write;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use mrrc::charset::marc8;
use mrrc::io::Output;
use mrrc::iso2709::SUBFIELD_DELIMITER;
use mrrc::iso2709::encode::{MAX_FIELD, MAX_RECORD};
use mrrc::iso2709::oversize::{Oversize, encode_oversize};
use mrrc::record::{Value, Visit};
use mrrc::{Error, WriteError};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyDict;

use super::marc;
use super::record::Record;
use crate::error::exception;
use crate::guard::gate;
use crate::options::Argument;

/// Bytes that are gathered before they are written.
const BLOCK: usize = 256 << 10;

/// A file of records, there when it is whole or not at all.
#[pyclass(module = "mrrc._mrrc", frozen)]
pub(super) struct _MarcFile {
    preserve: bool,
    is_marc8: bool,
    /// What has no place in MARC-8 is written as `&#xXXXX;`.
    references: bool,
    oversize: Oversize,
    file: Mutex<Option<File>>,
}

struct File {
    output: Output,
    gathered: Vec<Gathered>,
    bytes: usize,
    records: u64,
}

/// A record that waits to be written.
enum Gathered {
    Bytes(Vec<u8>),
    Fields { leader: [u8; 24], fields: Vec<([u8; 3], Range<usize>)>, bytes: Vec<u8> },
}

impl Gathered {
    fn len(&self) -> usize {
        match self {
            Gathered::Bytes(bytes) | Gathered::Fields { bytes, .. } => bytes.len(),
        }
    }

    fn lay_out(&self, oversize: Oversize, out: &mut Vec<u8>) -> Result<(), WriteError> {
        match self {
            Gathered::Bytes(bytes) => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            Gathered::Fields { leader, fields, bytes } => {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|(tag, place)| (tag, bytes.get(place.clone()).unwrap_or_default()))
                    .collect();
                encode_oversize(leader, &fields, oversize, out)
            }
        }
    }
}

impl File {
    fn flush(&mut self, oversize: Oversize) -> Result<(), Error> {
        gate();
        let mut out = Vec::with_capacity(self.bytes + self.bytes / 4);
        for record in self.gathered.drain(..) {
            record.lay_out(oversize, &mut out)?;
        }
        self.bytes = 0;
        Ok(self.output.write_all(&out)?)
    }
}

#[pymethods]
impl _MarcFile {
    #[new]
    fn new(
        path: Bound<'_, PyAny>,
        preserve: bool,
        encoding: &str,
        unencodable: &str,
        oversize: &str,
    ) -> PyResult<_MarcFile> {
        let py = path.py();
        let is_marc8 = chosen("encoding", encoding, [("utf-8", false), ("marc-8", true)])?;
        let references = chosen("unencodable", unencodable, [("raise", false), ("reference", true)])?;
        let all = [("raise", Oversize::Refuse), ("split", Oversize::Split), ("recover", Oversize::Recover)];
        let oversize = chosen("oversize", oversize, all)?;
        let path = Argument::new("path", path).path()?;
        let output = py.detach(|| Output::create(&path)).map_err(|error| exception(py, error.into()))?;
        let file = File { output, gathered: Vec::new(), bytes: 0, records: 0 };
        Ok(_MarcFile { preserve, is_marc8, references, oversize, file: Mutex::new(Some(file)) })
    }

    /// Gather a record; write those gathered once there are enough.
    fn write(&self, record: &Bound<'_, Record>) -> PyResult<()> {
        let py = record.py();
        let lock = || self.file.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        let Some(number) = lock().as_ref().map(|file| file.records) else { return Ok(()) };
        // The parts of a record may be anything, and do anything when they are asked for their text.
        let gathered = self.gather(record, number)?;
        let mut file = lock();
        let Some(file) = file.as_mut() else { return Ok(()) };
        file.records += 1;
        file.bytes += gathered.len();
        file.gathered.push(gathered);
        if file.bytes >= BLOCK {
            py.detach(|| file.flush(self.oversize)).map_err(|error| exception(py, error))?;
        }
        Ok(())
    }

    /// Write the rest, and put the file in its place.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let Some(mut file) = self.take(py) else { return Ok(()) };
        let finish = || -> Result<(), Error> {
            file.flush(self.oversize)?;
            Ok(file.output.finish()?)
        };
        py.detach(finish).map_err(|error| exception(py, error))
    }

    /// Leave no file.
    fn discard(&self, py: Python<'_>) {
        drop(self.take(py));
    }
}

/// What a script chose by name.
fn chosen<T, const N: usize>(option: &str, name: &str, all: [(&str, T); N]) -> PyResult<T> {
    let names = all.each_ref().map(|(name, _)| format!("{name:?}")).join(" or ");
    let found = all.into_iter().find(|(known, _)| *known == name);
    let unknown = || PyValueError::new_err(format!("{option}={name:?} is not known; choose {names}"));
    found.map(|(_, choice)| choice).ok_or_else(unknown)
}

impl _MarcFile {
    fn take(&self, py: Python<'_>) -> Option<File> {
        self.file.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner).take()
    }

    fn gather(&self, record: &Bound<'_, Record>, number: u64) -> PyResult<Gathered> {
        let (py, own) = (record.py(), record.get());
        if self.preserve
            && own.is_unchanged(py)?
            && let Some(original) = own.original()
        {
            return Ok(Gathered::Bytes(original.bytes.to_vec()));
        }
        let is_coded = own.get_to_unicode(py)?.is_truthy()?;
        if !self.is_marc8
            && let Some(original) = own.canonical()
        {
            let mut bytes = original.bytes.to_vec();
            if is_coded {
                own.set_coded(py)?;
                bytes.iter_mut().skip(9).take(1).for_each(|coding| *coding = b'a');
            }
            return Ok(Gathered::Bytes(bytes));
        }
        let mut gathering =
            Gathering { file: self, fields: Vec::new(), bytes: Vec::new(), open: None, failure: None };
        if !own.tell(py, &mut gathering)? {
            return match marc::written(record)? {
                (bytes, None) => Ok(Gathered::Bytes(bytes.as_bytes().to_vec())),
                (_, Some(reason)) => Err(refused(py, number, &Refusal::new("record-unwritable", reason))),
            };
        }
        if !self.is_marc8 && is_coded {
            own.set_coded(py)?;
        }
        let text = own.get_leader(py)?.str()?;
        let mut leader: [u8; 24] = text.to_str()?.as_bytes().try_into().map_err(|_| {
            refused(py, number, &Refusal::new("leader-unwritable", "the leader is not 24 ASCII characters"))
        })?;
        leader[9] = if self.is_marc8 { b' ' } else { b'a' };
        let Gathering { fields, bytes, failure, .. } = gathering;
        if let Some(failure) = failure {
            return Err(refused(py, number, &failure));
        }
        let gathered = Gathered::Fields { leader, fields, bytes };
        gathered.check(self.oversize).map_err(|reason| refused(py, number, &reason))?;
        Ok(gathered)
    }
}

impl Gathered {
    /// What laying out would refuse.
    fn check(&self, oversize: Oversize) -> Result<(), Refusal> {
        let mut room = Vec::new();
        match self {
            Gathered::Fields { fields, bytes, .. } => {
                let longest = fields.iter().map(|(_, place)| place.len() + 1).max().unwrap_or(0);
                let length = 26 + fields.len() * 13 + bytes.len();
                let has_terminator = bytes.iter().any(|byte| matches!(byte, 0x1D | 0x1E));
                if longest <= MAX_FIELD && length <= MAX_RECORD && !has_terminator {
                    return Ok(());
                }
            }
            Gathered::Bytes(_) => return Ok(()),
        }
        self.lay_out(oversize, &mut room).map_err(Refusal::from)
    }
}

/// Why a record is not written.
struct Refusal {
    code: &'static str,
    tag: Option<String>,
    text: String,
}

impl Refusal {
    fn new(code: &'static str, text: impl Into<String>) -> Refusal {
        Refusal { code, tag: None, text: text.into() }
    }
}

impl From<WriteError> for Refusal {
    fn from(error: WriteError) -> Refusal {
        let (code, tag) = match &error {
            WriteError::FieldTooLong { tag, .. } => ("field-too-long", Some(tag.clone())),
            WriteError::RecordTooLong { .. } => ("record-too-long", None),
            WriteError::DelimiterInValue { tag, .. } => ("delimiter-in-value", Some(tag.clone())),
            WriteError::TagUnwritable { tag, .. } => ("tag-unwritable", Some(tag.clone())),
            _ => ("delimiter-in-value", None),
        };
        Refusal { code, tag, text: error.to_string() }
    }
}

fn refused(py: Python<'_>, number: u64, refusal: &Refusal) -> PyErr {
    let make = || {
        let fields = PyDict::new(py);
        fields.set_item("code", refusal.code)?;
        fields.set_item("record", number)?;
        fields.set_item("tag", refusal.tag.as_deref())?;
        let way_out = match refusal.code {
            "field-too-long" => "; oversize=\"recover\" would write it",
            "record-too-long" => "; oversize=\"split\" or \"recover\" would write it",
            _ => "",
        };
        let Refusal { text, .. } = refusal;
        let message = format!("record {number} of this writer: {text}; nothing of it is written{way_out}");
        py.import("mrrc._errors")?.call_method1("_write_error", (message, fields))
    };
    make().map_or_else(|failure| failure, PyErr::from_value)
}

/// The bytes of a record's fields.
struct Gathering<'a> {
    file: &'a _MarcFile,
    fields: Vec<([u8; 3], Range<usize>)>,
    bytes: Vec<u8>,
    open: Option<([u8; 3], usize)>,
    failure: Option<Refusal>,
}

impl Gathering<'_> {
    fn begin(&mut self, tag: &str) {
        match tag.as_bytes().try_into() {
            Ok(bytes) => self.open = Some((bytes, self.bytes.len())),
            Err(_) => self.fail("tag-unwritable", tag, "the tag is not three ASCII characters".into()),
        }
    }

    fn fail(&mut self, code: &'static str, tag: &str, text: String) {
        let text = format!("field {tag}: {text} ({code})");
        self.failure.get_or_insert(Refusal { code, tag: Some(tag.to_owned()), text });
    }

    fn value(&mut self, text: &str) {
        if text.bytes().any(|byte| byte == SUBFIELD_DELIMITER) {
            self.fail_here("delimiter-in-value", "a subfield delimiter inside a value".into());
        }
        if !self.file.is_marc8 {
            self.bytes.extend_from_slice(text.as_bytes());
            return;
        }
        let mut rest = text;
        while let Err(missing) = marc8::encode(rest, &mut self.bytes) {
            if !self.file.references {
                self.fail_here("not-encodable", format!("{missing}; encoding=\"utf-8\" has it"));
                return;
            }
            let (before, behind) = rest.split_at(missing.at);
            let mut characters = behind.chars();
            characters.next();
            // What stands before it was found to have a place.
            let _ = marc8::encode(before, &mut self.bytes);
            self.bytes.extend(format!("&#x{:04X};", u32::from(missing.character)).bytes());
            rest = characters.as_str();
        }
    }

    fn fail_here(&mut self, code: &'static str, text: String) {
        let tag = self.open.map(|(tag, _)| String::from_utf8_lossy(&tag).into_owned()).unwrap_or_default();
        self.fail(code, &tag, text);
    }
}

impl Visit for Gathering<'_> {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.begin(tag);
        self.value(&data.text());
        self.end()
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.begin(tag);
        for indicator in indicators {
            match indicator.as_bytes() {
                [byte @ b' '..=b'~'] => self.bytes.push(*byte),
                _ => self.fail_here("indicator-unwritable", "an indicator is not one ASCII character".into()),
            }
        }
        if let Some(stray) = stray {
            self.value(&stray.text());
        }
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.bytes.push(SUBFIELD_DELIMITER);
        self.bytes.extend_from_slice(code.as_bytes());
        if code.len() != 1 {
            self.fail_here("code-unwritable", "a subfield code is not one ASCII character".into());
        }
        self.value(&value.text());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        if let Some((tag, start)) = self.open.take() {
            self.fields.push((tag, start..self.bytes.len()));
        }
        Ok(())
    }
}
