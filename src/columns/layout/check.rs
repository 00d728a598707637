//! No columns: every value is looked at, and what is odd about it is named.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, SchemaRef};

use super::Layout;
use crate::columns::content::{Fields, read_fields};
use crate::columns::draft::Draft;
use crate::columns::encoding::{plain_text, text_encoding};
use crate::columns::odd::Odd;
use crate::diagnostic::Diagnostic;
use crate::iso2709::RecordView;
use crate::options::Options;

pub(super) struct Check {
    options: Arc<Options>,
    draft: Draft,
    records: usize,
}

impl Check {
    pub(super) fn new(options: Arc<Options>) -> Check {
        Check { options, draft: Draft::default(), records: 0 }
    }

    /// Nothing can be odd about a record of which a draft can be made.
    fn is_plain(&mut self, record: &RecordView<'_>) -> bool {
        let text = plain_text(record, &self.options);
        text.is_some_and(|text| self.draft.rows(record, text).is_some() && !Odd::All.is_in(text))
    }
}

impl Layout for Check {
    fn push(&mut self, record: &RecordView<'_>) -> Vec<Diagnostic> {
        self.records += 1;
        if self.is_plain(record) {
            return Vec::new();
        }
        read_fields(record, Odd::All, || text_encoding(record, &self.options), &mut Unused)
    }

    fn finish(self: Box<Self>, schema: SchemaRef) -> Result<RecordBatch, ArrowError> {
        rows_without_columns(schema, self.records)
    }
}

/// So many records were looked at.
pub(super) fn rows_without_columns(schema: SchemaRef, records: usize) -> Result<RecordBatch, ArrowError> {
    let row_count = RecordBatchOptions::new().with_row_count(Some(records));
    RecordBatch::try_new_with_options(schema, Vec::new(), &row_count)
}

/// Takes fields and keeps nothing.
struct Unused;

impl Fields for Unused {
    fn control_field(&mut self, _: [u8; 3], _: &str) {}
    fn data_field(&mut self, _: [u8; 3], _: &str, _: &str, _: Option<&str>) {}
    fn subfield(&mut self, _: &str, _: &str) {}
    fn end_of_data_field(&mut self) {}
}
