//! What a record's fields were when it was read, to know later whether somebody changed them.

use pyo3::PyResult;

use super::text::{Parts, Value};

/// All parts of a record's fields, to be compared.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Print(Vec<u8>);

impl Print {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn of_bytes(bytes: Vec<u8>) -> Print {
        Print(bytes)
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

impl Parts for Print {
    fn control(&mut self, tag: &str, data: Value<'_>) -> PyResult<()> {
        self.push(tag.as_bytes());
        self.push_value(data);
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2]) -> PyResult<()> {
        self.push(tag.as_bytes());
        indicators.iter().for_each(|it| self.push(it.as_bytes()));
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> PyResult<()> {
        self.push(code.as_bytes());
        self.push_value(value);
        Ok(())
    }

    fn end(&mut self) -> PyResult<()> {
        self.push(b"\x1e\x1e");
        Ok(())
    }
}
