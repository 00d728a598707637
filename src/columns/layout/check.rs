//! No columns: every value is looked at, and what is odd about it is named.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, SchemaRef};

use super::Layout;
use crate::columns::draft::Draft;
use crate::diagnostic::Diagnostic;
use crate::iso2709::RecordView;
use crate::options::Options;
use crate::record::reading::{Reading, plain_text};
use crate::record::visit::Ignore;

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
        let text = plain_text(record, self.options.encoding, self.options.dialect);
        text.is_some_and(|text| self.draft.rows(record, text).is_some())
    }
}

impl Layout for Check {
    fn push(&mut self, record: &RecordView<'_>) -> Vec<Diagnostic> {
        self.records += 1;
        if self.is_plain(record) {
            return Vec::new();
        }
        let Ok(findings) = Reading::new(*record, self.options.rules()).visit(&mut Ignore);
        findings
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
