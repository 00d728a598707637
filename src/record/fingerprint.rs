//! A fingerprint of a record's fields when it was read, to detect later changes.

use std::convert::Infallible;

use super::visit::{Value, Visit};

/// What an editable field has in place of an indicator that its bytes lack.
const MISSING_INDICATOR: &str = " ";

/// All parts of a record's fields, for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint(Vec<u8>);

impl Fingerprint {
    /// The fingerprint as bytes, for storage.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A stored fingerprint.
    pub fn of_bytes(bytes: Vec<u8>) -> Fingerprint {
        Fingerprint(bytes)
    }

    fn push(&mut self, part: &[u8]) {
        self.0.extend(part.len().to_le_bytes());
        self.0.extend(part);
    }

    fn push_value(&mut self, value: Value<'_>) {
        match value {
            Value::Bytes(bytes) | Value::Utf8(bytes) => self.push(bytes),
            Value::Text(text) => self.push(text.as_bytes()),
        }
    }
}

impl Visit for Fingerprint {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.push(tag.as_bytes());
        self.push_value(data);
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.push(tag.as_bytes());
        for indicator in indicators {
            let is_missing = indicator.is_empty();
            self.push(if is_missing { MISSING_INDICATOR } else { indicator }.as_bytes());
        }
        if let Some(stray) = stray.filter(|stray| !stray.is_empty()) {
            self.push(b"\x1e");
            self.push_value(stray);
        }
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.push(code.as_bytes());
        self.push_value(value);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.push(b"\x1e\x1e");
        Ok(())
    }
}
