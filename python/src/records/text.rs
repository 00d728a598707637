//! From a record's bytes to what scripts see, as pymarc decodes them: where all is plain without Python,
//! else value by value with its warnings, its log lines and its errors.

use std::borrow::Cow;

use mrrc::charset::Charset;
use mrrc::charset::marc8::pymarc;
use mrrc::iso2709::lenient::{Fault, find_entries, split_field};
use mrrc::iso2709::{Entries, Entry, SUBFIELD_DELIMITER, directory};
use pyo3::exceptions::{PyUnicodeDecodeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyString};

use super::field::{Content, Field};
use super::raw_field::RawField;
use super::types;

/// How the values of a record are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// As UTF-8.
    Utf8,
    /// As MARC-8; control fields as ISO 8859-1.
    Marc8,
    /// Not at all.
    Raw,
    /// As columns are: by this encoding, with U+FFFD for what has no character.
    Declared(Charset),
}

/// What a reader was asked for, where it cannot be a [`Rule`].
#[derive(Clone)]
pub(super) struct Manner<'py> {
    pub(super) to_unicode: bool,
    /// Of data fields; control fields have the record's own.
    pub(super) force_utf8: bool,
    /// The record's.
    pub(super) is_forced: bool,
    pub(super) hide_utf8_warnings: Bound<'py, PyAny>,
    pub(super) utf8_handling: Bound<'py, PyAny>,
    pub(super) encoding: Bound<'py, PyAny>,
}

/// Takes the parts of a record's fields, one after the other.
pub(super) trait Parts {
    fn control(&mut self, tag: &str, data: Value<'_>) -> PyResult<()>;
    fn data(&mut self, tag: &str, indicators: [&str; 2]) -> PyResult<()>;
    fn subfield(&mut self, code: &str, value: Value<'_>) -> PyResult<()>;
    fn end(&mut self) -> PyResult<()>;
}

/// A value.
pub(super) enum Value<'a> {
    Text(Cow<'a, str>),
    /// Bytes of UTF-8.
    Utf8(&'a [u8]),
    /// Bytes that are to stay so.
    Bytes(&'a [u8]),
}

/// Whether pymarc takes a tag for that of a control field.
fn is_control(tag: [u8; 3]) -> bool {
    tag[0] == b'0' && tag[1] == b'0' && tag[2].is_ascii_digit()
}

/// The entries of a record that was found to be plain, so that no fault is left.
pub(super) fn entries(record: &[u8]) -> Entries {
    let mut entries = Entries::new();
    if !directory::sound(record, &mut entries) {
        let _ = find_entries(record, &mut entries);
    }
    entries
}

/// The bytes of a field; empty where an entry points to nothing.
pub(super) fn field_bytes<'a>(record: &'a [u8], entry: &Entry) -> &'a [u8] {
    let from = record.get(entry.start as usize..).unwrap_or_default();
    from.get(..entry.length as usize).unwrap_or_default()
}

/// Whether pymarc reads all fields without a warning, a log line or an error.
pub(super) fn is_plain(record: &[u8], entries: &[Entry], rule: Rule, is_sound: bool) -> bool {
    let is_ascii = record.is_ascii();
    let text = if is_ascii || rule != Rule::Utf8 { None } else { Charset::Utf8.plain_text(record) };
    let codes_are_plain = is_ascii || has_plain_codes(record);
    // Fields of a sound record end in a terminator, which is no part of a character.
    let is_text = is_ascii || rule == Rule::Raw || is_sound && text.is_some();
    if is_text && codes_are_plain && matches!(rule, Rule::Raw | Rule::Utf8) {
        return entries.iter().fold(true, |all, entry| {
            all & (is_control(entry.tag) || begins_with_two_indicators(record, entry))
        });
    }
    entries.iter().all(|entry| {
        let bytes = field_bytes(record, entry);
        let (start, end) = (entry.start as usize, (entry.start + entry.length) as usize);
        let is_text = || match text {
            Some(text) => text.is_char_boundary(start) && text.is_char_boundary(end),
            None => std::str::from_utf8(bytes).is_ok(),
        };
        if is_control(entry.tag) {
            return is_ascii || rule != Rule::Utf8 || is_text();
        }
        has_two_indicators(bytes)
            && match rule {
                Rule::Raw | Rule::Utf8 if is_ascii => true,
                Rule::Raw | Rule::Declared(_) => codes_are_plain || has_plain_codes(bytes),
                // A delimiter is no part of a character, so that values are whole if all is.
                Rule::Utf8 => is_text() && (codes_are_plain || has_plain_codes(bytes)),
                Rule::Marc8 => is_plain_marc8(bytes) || is_quiet_marc8(bytes),
            }
    })
}

fn begins_with_two_indicators(record: &[u8], entry: &Entry) -> bool {
    let Some(&[first, second, next]) = record.get(entry.start as usize..).and_then(<[u8]>::first_chunk)
    else {
        return has_two_indicators(field_bytes(record, entry));
    };
    let are_indicators =
        (first != SUBFIELD_DELIMITER) & (second != SUBFIELD_DELIMITER) & (first | second).is_ascii();
    are_indicators & ((entry.length == 2) | ((entry.length > 2) & (next == SUBFIELD_DELIMITER)))
}

fn has_two_indicators(bytes: &[u8]) -> bool {
    let is_indicator = |byte: u8| byte != SUBFIELD_DELIMITER && byte.is_ascii();
    match *bytes {
        [first, second] | [first, second, SUBFIELD_DELIMITER, ..] => {
            is_indicator(first) && is_indicator(second)
        }
        _ => false,
    }
}

/// Every code is ASCII.
fn has_plain_codes(bytes: &[u8]) -> bool {
    let behind = bytes.get(1..).unwrap_or_default();
    bytes
        .iter()
        .zip(behind)
        .fold(true, |all, (delimiter, code)| all & ((*delimiter != SUBFIELD_DELIMITER) | code.is_ascii()))
}

/// MARC-8 that is read without a word.
fn is_quiet_marc8(bytes: &[u8]) -> bool {
    let mut text = String::new();
    let (_, mut subfields) = split_field(bytes);
    subfields.all(|(code, value)| {
        text.clear();
        let mut noted = false;
        let read = pymarc::decode(value, &mut text, &mut |_| noted = true);
        code.is_ascii() && read.is_ok() && !noted
    })
}

/// ASCII without controls, which is itself.
fn is_plain_marc8(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, &byte| all & (matches!(byte, 0x20..=0x7E) | (byte == SUBFIELD_DELIMITER)))
}

/// Tells the parts of a record that is plain by `rule`.
pub(super) fn walk(record: &[u8], entries: &[Entry], rule: Rule, parts: &mut impl Parts) -> PyResult<()> {
    for entry in entries {
        let tag = std::str::from_utf8(&entry.tag).unwrap_or_default();
        let bytes = field_bytes(record, entry);
        if is_control(entry.tag) {
            parts.control(tag, control_value(bytes, rule))?;
            continue;
        }
        let (head, subfields) = split_field(bytes);
        let indicator = |place| head.get(place).and_then(|&byte| ascii(byte));
        parts.data(tag, [0, 1].map(|place| indicator(place).unwrap_or(" ")))?;
        for (code, value) in subfields {
            parts.subfield(ascii(code).unwrap_or("\u{FFFD}"), subfield_value(value, rule))?;
        }
        parts.end()?;
    }
    Ok(())
}

/// A byte as text; none if it is not ASCII.
fn ascii(byte: u8) -> Option<&'static str> {
    const BYTES: [u8; 128] = {
        let mut bytes = [0; 128];
        let mut byte = 0;
        while byte < 128 {
            bytes[byte as usize] = byte;
            byte += 1;
        }
        bytes
    };
    const TEXT: &str = match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => "",
    };
    TEXT.get(usize::from(byte)..usize::from(byte) + 1)
}

fn control_value(bytes: &[u8], rule: Rule) -> Value<'_> {
    match rule {
        Rule::Raw => Value::Bytes(bytes),
        Rule::Marc8 if !bytes.is_ascii() => Value::Text(bytes.iter().map(|&byte| char::from(byte)).collect()),
        Rule::Utf8 | Rule::Marc8 => Value::Utf8(bytes),
        Rule::Declared(charset) => declared_value(bytes, charset),
    }
}

fn declared_value(bytes: &[u8], charset: Charset) -> Value<'_> {
    if let Some(text) = charset.plain_text(bytes) {
        return Value::Text(text.into());
    }
    let mut text = String::new();
    charset.decode(bytes, &mut text, &mut |_| {});
    Value::Text(text.into())
}

pub(super) fn subfield_value(bytes: &[u8], rule: Rule) -> Value<'_> {
    match rule {
        Rule::Raw => Value::Bytes(bytes),
        Rule::Marc8 if !is_plain_marc8(bytes) => {
            let mut text = String::new();
            // There is nothing to note, or the record would not be plain.
            let _ = pymarc::decode(bytes, &mut text, &mut |_| {});
            Value::Text(text.into())
        }
        Rule::Utf8 | Rule::Marc8 => Value::Utf8(bytes),
        Rule::Declared(charset) => declared_value(bytes, charset),
    }
}

/// The fields of a plain record as objects.
pub(super) struct Objects<'py> {
    py: Python<'py>,
    fields: Vec<Bound<'py, PyAny>>,
    /// Tag and indicators of the field at hand.
    open: Option<(Bound<'py, PyString>, Bound<'py, PyAny>)>,
    subfields: Vec<Bound<'py, PyAny>>,
    is_raw: bool,
}

impl<'py> Objects<'py> {
    pub(super) fn of(
        py: Python<'py>,
        record: &[u8],
        entries: &[Entry],
        rule: Rule,
    ) -> PyResult<Bound<'py, PyList>> {
        let mut objects = Objects { is_raw: rule == Rule::Raw, ..Objects::new(py, entries.len()) };
        walk(record, entries, rule, &mut objects)?;
        objects.finish()
    }

    pub(super) fn new(py: Python<'py>, fields: usize) -> Objects<'py> {
        Objects { py, fields: Vec::with_capacity(fields), open: None, subfields: Vec::new(), is_raw: false }
    }

    pub(super) fn finish(self) -> PyResult<Bound<'py, PyList>> {
        PyList::new(self.py, self.fields)
    }
}

impl Parts for Objects<'_> {
    fn control(&mut self, tag: &str, data: Value<'_>) -> PyResult<()> {
        let content = Content::Control(data.as_object(self.py)?);
        self.fields.push(object(types::tag(self.py, tag), content, self.is_raw)?);
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2]) -> PyResult<()> {
        let indicators = match indicators.map(str::as_bytes) {
            [&[first], &[second]] => shared_indicators(self.py, [first, second])?,
            // A missing one is a blank.
            _ => {
                let text = |it: &str| PyString::new(self.py, if it.is_empty() { " " } else { it }).into_any();
                let [first, second] = indicators.map(text);
                types::pair(types::indicators(self.py)?, first, second)?
            }
        };
        self.open = Some((types::tag(self.py, tag), indicators));
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> PyResult<()> {
        let code = match *code.as_bytes() {
            [byte] => types::character(self.py, byte),
            _ => PyString::new(self.py, code),
        };
        let subfield = types::pair(types::subfield(self.py)?, code.into_any(), value.as_object(self.py)?)?;
        self.subfields.push(subfield);
        Ok(())
    }

    fn end(&mut self) -> PyResult<()> {
        let Some((tag, indicators)) = self.open.take() else { return Ok(()) };
        let subfields = PyList::new(self.py, self.subfields.drain(..))?;
        self.fields.push(object(tag, Content::Data { indicators, subfields }, self.is_raw)?);
        Ok(())
    }
}

impl Value<'_> {
    /// The text; of bytes that are to stay so, none.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Utf8(bytes) => match Charset::Utf8.plain_text(bytes) {
                Some(text) => Cow::Borrowed(text),
                None => String::from_utf8_lossy(bytes),
            },
            Value::Bytes(_) => "".into(),
        }
    }

    /// The same as bytes of UTF-8.
    pub(super) fn as_utf8(&self) -> &[u8] {
        match self {
            Value::Text(text) => text.as_bytes(),
            Value::Utf8(bytes) => bytes,
            Value::Bytes(_) => b"",
        }
    }

    fn as_object<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self {
            Value::Utf8(bytes) => types::text(py, bytes)?.into_any(),
            Value::Text(text) => types::text(py, text.as_bytes())?.into_any(),
            Value::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
        })
    }
}

fn object<'py>(
    tag: Bound<'py, PyString>,
    content: Content<'py>,
    is_raw: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = tag.py();
    let field = Field::made(tag, content)?;
    if is_raw {
        return Ok(Bound::new(py, RawField::made(field))?.into_any());
    }
    Ok(Bound::new(py, field)?.into_any())
}

/// `Indicators` cannot be changed, so that fields may share them.
fn shared_indicators(py: Python<'_>, indicators: [u8; 2]) -> PyResult<Bound<'_, PyAny>> {
    // Of blank, and of digits, each.
    static USUAL: [PyOnceLock<Py<PyAny>>; 121] = [const { PyOnceLock::new() }; 121];
    let place = |byte: u8| match byte {
        b' ' => Some(0),
        b'0'..=b'9' => Some(usize::from(byte - b'0') + 1),
        _ => None,
    };
    let make = || -> PyResult<Py<PyAny>> {
        let [first, second] = indicators.map(|byte| types::character(py, byte).into_any());
        Ok(types::pair(types::indicators(py)?, first, second)?.unbind())
    };
    let usual = place(indicators[0]).zip(place(indicators[1])).and_then(|(a, b)| USUAL.get(a * 11 + b));
    match usual {
        Some(cell) => Ok(cell.get_or_try_init(py, make)?.bind(py).clone()),
        None => Ok(make()?.into_bound(py)),
    }
}

/// Decodes a record of any kind as pymarc does, field by field: with its warnings, log lines and errors.
pub(super) fn decode<'py>(
    py: Python<'py>,
    record: &[u8],
    manner: &Manner<'py>,
    add: &mut dyn FnMut(Bound<'py, PyAny>) -> PyResult<()>,
) -> PyResult<()> {
    let mut entries = Entries::new();
    let found = find_entries(record, &mut entries);
    let mut decoding = Decoding {
        py,
        manner,
        says_utf8: record.get(9) == Some(&b'a'),
        encoding: manner.encoding.clone(),
        is_marc8: false,
    };
    if decoding.says_utf8 || manner.is_forced {
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
    manner: &'a Manner<'py>,
    says_utf8: bool,
    encoding: Bound<'py, PyAny>,
    is_marc8: bool,
}

impl<'py> Decoding<'_, 'py> {
    fn field(&self, tag: [u8; 3], bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let (py, is_raw) = (self.py, !self.manner.to_unicode);
        let whole = PyBytes::new(py, bytes);
        let name = types::tag(py, std::str::from_utf8(&tag).unwrap_or_default());
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
        object(name, Content::Data { indicators, subfields }, is_raw)
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
            Some((code, value)) if code.is_ascii() => (types::character(py, *code).into_any(), value),
            _ => {
                let bytes = PyBytes::new(py, part);
                let fields = py.import("mrrc._fields")?;
                fields.call_method1("_warn_of_code", (&bytes,))?;
                let (code, skipped): (Bound<'py, PyAny>, usize) =
                    fields.call_method1("normalize_subfield_code", (&bytes,))?.extract()?;
                (code, part.get(skipped..).unwrap_or_default())
            }
        };
        let value = PyBytes::new(py, value);
        let value = if !self.manner.to_unicode {
            value.into_any()
        } else if self.says_utf8 || self.manner.force_utf8 {
            value.call_method1(intern!(py, "decode"), ("utf-8", &self.manner.utf8_handling))?
        } else if self.is_marc8 {
            let marc8 = py.import("mrrc._marc8")?;
            marc8.call_method1("marc8_to_unicode", (value, &self.manner.hide_utf8_warnings))?
        } else {
            value.call_method1(intern!(py, "decode"), (&self.encoding,))?
        };
        types::pair(types::subfield(py)?, code, value)
    }
}

/// A line of pymarc's log.
pub(super) fn log(py: Python<'_>, message: &str, argument: &Bound<'_, PyAny>) -> PyResult<()> {
    let logger = py.import("logging")?.call_method1("getLogger", ("pymarc",))?;
    logger.call_method1("warning", (message, argument))?;
    Ok(())
}

/// The exception that pymarc raises for a fault.
pub(super) fn exception(py: Python<'_>, fault: &Fault) -> PyErr {
    match fault {
        Fault::LeaderInvalid => types::exception(py, "RecordLeaderInvalid"),
        Fault::BaseAddressNotFound => types::exception(py, "BaseAddressNotFound"),
        Fault::BaseAddressInvalid => types::exception(py, "BaseAddressInvalid"),
        Fault::Truncated => types::exception(py, "TruncatedRecord"),
        Fault::DirectoryInvalid => types::exception(py, "RecordDirectoryInvalid"),
        Fault::NoFields => types::exception(py, "NoFieldsFound"),
        Fault::NotAscii(bytes) => not_ascii(py, bytes),
        Fault::BaseAddressNotANumber(bytes) => not_a_number(PyBytes::new(py, bytes).into_any()),
        Fault::NotANumber(bytes) => {
            not_a_number(PyString::new(py, &String::from_utf8_lossy(bytes)).into_any())
        }
    }
}

fn not_a_number(found: Bound<'_, PyAny>) -> PyErr {
    match found.repr() {
        Ok(found) => PyValueError::new_err(format!("invalid literal for int() with base 10: {found}")),
        Err(error) => error,
    }
}

/// What `bytes.decode("ascii")` raises.
fn not_ascii(py: Python<'_>, bytes: &[u8]) -> PyErr {
    let start = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
    let arguments = ("ascii", PyBytes::new(py, bytes), start, start + 1, "ordinal not in range(128)");
    let make = || py.get_type::<PyUnicodeDecodeError>().call1(arguments);
    make().map_or_else(|failure| failure, PyErr::from_value)
}
