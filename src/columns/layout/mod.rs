//! The layouts: how a record becomes rows. One file each.

mod check;
mod describe;
mod nested;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema, SchemaRef};

use crate::columns::metadata;
use crate::description::Description;
use crate::diagnostic::Diagnostic;
use crate::iso2709::RecordView;
use crate::options::{self, Options};

/// Builds the columns of one batch.
pub(super) trait Layout {
    /// Appends the rows of a record, unless its text cannot be decoded and `on_error` forbids to deliver it
    /// so; says what is odd or undecodable.
    fn push(&mut self, record: &RecordView<'_>) -> Vec<Diagnostic>;

    /// What was counted, where counting was asked for.
    fn description(&mut self) -> Option<Box<Description>> {
        None
    }

    /// The rows appended so far, as a batch.
    fn finish(self: Box<Self>, schema: SchemaRef) -> Result<RecordBatch, ArrowError>;
}

/// The builder of the layout that was asked for, with room for the records of so many bytes.
pub(super) fn builder(options: &Arc<Options>, bytes: usize, records: usize) -> Box<dyn Layout> {
    match options.layout {
        options::Layout::Nested => Box::new(nested::Nested::new(options.clone(), bytes, records)),
        options::Layout::Check => Box::new(check::Check::new(options.clone())),
        options::Layout::Describe => Box::new(describe::Describe::new(options.clone())),
    }
}

/// The schema of the layout that was asked for, known before any data.
pub fn schema(options: &Options) -> SchemaRef {
    match options.layout {
        options::Layout::Nested => nested::schema(options),
        options::Layout::Check | options::Layout::Describe => {
            Arc::new(Schema::empty().with_metadata(metadata(options)))
        }
    }
}
