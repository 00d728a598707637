//! The parts of a record's fields, told one after the other: the one way in which columns, text forms, writers and
//! bindings see them.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::charset::Charset;

/// Takes the parts of a record's fields in their order: for a control field [`control`](Visit::control); for a data
/// field [`data`](Visit::data), a [`subfield`](Visit::subfield) for each, and [`end`](Visit::end).
pub trait Visit {
    /// Why a visit ends early; [`Infallible`] where it never does.
    type Stop;

    /// A control field: a tag and data.
    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Self::Stop>;

    /// A data field begins. `stray` is text that stands before its first subfield, or in a field without one.
    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Self::Stop>;

    /// A subfield of the data field at hand.
    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Self::Stop>;

    /// The data field at hand has no more subfields.
    fn end(&mut self) -> Result<(), Self::Stop>;
}

/// The value of a control field or a subfield.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes that are known to be UTF-8.
    Utf8(&'a [u8]),
    /// Bytes that nobody decoded.
    Bytes(&'a [u8]),
}

impl Value<'_> {
    /// The text; of bytes that nobody decoded, nothing.
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

    /// The same as bytes of UTF-8.
    pub fn as_utf8(&self) -> &[u8] {
        match self {
            Value::Text(text) => text.as_bytes(),
            Value::Utf8(bytes) => bytes,
            Value::Bytes(_) => b"",
        }
    }
}

/// Sees nothing: for what a visit finds.
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
