//! [`Framed`]: what stands before the first record of a file, between two, and behind the last.

use std::io::Write;

use super::TextForm;
use crate::error::{Error, Result};

const COLLECTION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                            <collection xmlns=\"http://www.loc.gov/MARC21/slim\">\n";

impl TextForm {
    /// What stands before each record; the first byte separates it from the one before.
    pub(crate) fn before(self) -> &'static [u8] {
        match self {
            TextForm::Marcxml | TextForm::Json => b"",
            TextForm::JsonArray => b",\n",
            TextForm::Mrk => b"\n",
        }
    }

    /// What stands behind each record.
    pub(crate) fn after(self) -> &'static [u8] {
        match self {
            TextForm::Marcxml | TextForm::Json => b"\n",
            TextForm::JsonArray | TextForm::Mrk => b"",
        }
    }

    fn begin(self) -> &'static [u8] {
        match self {
            TextForm::Marcxml => COLLECTION,
            TextForm::JsonArray => b"[",
            TextForm::Json | TextForm::Mrk => b"",
        }
    }

    fn end(self) -> &'static [u8] {
        match self {
            TextForm::Marcxml => b"</collection>\n",
            TextForm::JsonArray => b"\n]\n",
            TextForm::Json | TextForm::Mrk => b"",
        }
    }
}

/// A file of records, of which only the records are passed on in pieces.
pub(crate) struct Framed<'a, W> {
    form: TextForm,
    to: &'a mut W,
    is_first: bool,
    bytes: u64,
}

impl<'a, W: Write> Framed<'a, W> {
    /// Begins the file.
    pub(crate) fn begin(form: TextForm, to: &'a mut W) -> Result<Framed<'a, W>> {
        let mut framed = Framed { form, to, is_first: true, bytes: 0 };
        framed.write(form.begin())?;
        Ok(framed)
    }

    /// Passes on records.
    pub(crate) fn put(&mut self, records: &[u8]) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let is_first = std::mem::replace(&mut self.is_first, false);
        let separators = usize::from(is_first && !self.form.before().is_empty());
        self.write(records.get(separators..).unwrap_or_default())
    }

    /// Ends the file, and returns the number of bytes in it.
    pub(crate) fn end(mut self) -> Result<u64> {
        self.write(self.form.end())?;
        Ok(self.bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        self.to.write_all(bytes).map_err(Error::of_writing)
    }
}
