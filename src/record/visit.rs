//! The parts of a record's fields, passed one after another: how columns, text forms, writers and bindings see them.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::charset::Charset;

/// Receives the parts of a record's fields in order: [`control`](Visit::control) for a control field; for a data
/// field [`data`](Visit::data), a [`subfield`](Visit::subfield) for each, and [`end`](Visit::end).
/// [`Tell`](crate::record::Tell) has an example.
pub trait Visit {
    /// Why a visit ends early; [`Infallible`] where it never does.
    type Stop;

    /// A control field: its tag and data.
    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Self::Stop>;

    /// A data field begins. `stray` is text before its first subfield, or in a field without subfields.
    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Self::Stop>;

    /// A subfield of the current data field.
    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Self::Stop>;

    /// The current data field ends.
    fn end(&mut self) -> Result<(), Self::Stop>;
}

/// The value of a control field or a subfield.
///
/// ```
/// use mrrc::record::Value;
///
/// assert_eq!(Value::Utf8("é".as_bytes()).text(), "é");
/// assert_eq!(Value::Text("é".into()).as_utf8(), [0xC3, 0xA9]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes that are known to be UTF-8.
    Utf8(&'a [u8]),
    /// Bytes that were not decoded.
    Bytes(&'a [u8]),
}

impl Value<'_> {
    /// The text; empty for bytes that were not decoded.
    #[inline]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Utf8(bytes) => match Charset::Utf8.plain_text(bytes) {
                Some(text) => Cow::Borrowed(text),
                None => String::from_utf8_lossy(bytes),
            },
            Value::Bytes(_) => "".into(),
        }
    }

    /// Whether there is neither text nor a byte.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Text(text) => text.is_empty(),
            Value::Utf8(bytes) | Value::Bytes(bytes) => bytes.is_empty(),
        }
    }

    /// The same as bytes of UTF-8.
    pub fn as_utf8(&self) -> &[u8] {
        match self {
            Value::Text(text) => text.as_bytes(),
            Value::Utf8(bytes) => bytes,
            Value::Bytes(_) => b"",
        }
    }
}

/// Ignores all parts: for the findings of a visit alone.
#[derive(Clone, Copy, Debug)]
pub struct Ignore;

impl Visit for Ignore {
    type Stop = Infallible;

    fn control(&mut self, _: &str, _: Value<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn data(&mut self, _: &str, _: [&str; 2], _: Option<Value<'_>>) -> Result<(), Infallible> {
        Ok(())
    }

    fn subfield(&mut self, _: &str, _: Value<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
