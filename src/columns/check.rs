//! A sink that finds what is odd about every value, and keeps nothing else.

use arrow_schema::ArrowError;

use super::content::{Fields, read_fields};
use super::draft::Draft;
use super::encoding::{plain_text, text_encoding};
use super::sink::{Outcome, Pushed, Sink};
use crate::iso2709::RecordView;
use crate::options::Reading;

pub(super) struct Check {
    reading: Reading,
    draft: Draft,
}

impl Check {
    pub(super) fn new(reading: Reading) -> Check {
        Check { reading, draft: Draft::default() }
    }

    /// Nothing can be odd about a record of which a draft can be made.
    fn is_plain(&mut self, record: &RecordView<'_>) -> bool {
        let text = plain_text(record, &self.reading);
        text.is_some_and(|text| self.draft.rows(record, text).is_some())
    }
}

impl Sink for Check {
    fn push(&mut self, record: &RecordView<'_>) -> Pushed {
        if self.is_plain(record) {
            return Pushed::default();
        }
        let findings = read_fields(record, || text_encoding(record, &self.reading), &mut Unused);
        Pushed { rows: 0, findings }
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        Ok(Outcome::Looked)
    }
}

/// Takes fields and keeps nothing.
struct Unused;

impl Fields for Unused {
    fn control_field(&mut self, _: [u8; 3], _: &str) {}
    fn data_field(&mut self, _: [u8; 3], _: &str, _: &str, _: Option<&str>) {}
    fn subfield(&mut self, _: &str, _: &str) {}
    fn end_of_data_field(&mut self) {}
}
