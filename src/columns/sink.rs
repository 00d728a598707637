//! Where the records of a chunk go, one by one: to a layout, which makes rows of them, or to what only looks at
//! them.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema, SchemaRef};

use super::check::Check;
use super::describe::Describe;
use super::layout;
use super::records::Records;
use crate::description::Description;
use crate::diagnostic::Diagnostic;
use crate::options::Options;
use crate::record::RecordBuf;
use crate::record::reading::Reading;

/// Takes records.
pub(super) trait Sink {
    /// Adds a record.
    fn push(&mut self, record: &Reading<'_>) -> Pushed;

    /// Takes back the record that was added last, because it may not be delivered with what was found in it. A
    /// sink that keeps nothing of such records has nothing to do.
    fn undo(&mut self) {}

    /// What was made of all records.
    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError>;
}

/// What adding a record came to.
#[derive(Default)]
pub(super) struct Pushed {
    /// Rows that it gave.
    pub(super) rows: usize,
    /// What is odd or undecodable in it, with offsets from its first byte.
    pub(super) findings: Vec<Diagnostic>,
}

/// What a sink made.
pub(crate) enum Outcome {
    /// Rows.
    Rows(RecordBatch),
    /// The records.
    Records(Vec<RecordBuf>),
    /// A description of what the records hold.
    Described(Box<Description>),
    /// Nothing but findings.
    Looked,
}

/// What the records of a read are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The columns of the layout that was asked for.
    #[default]
    Columns,
    /// The records themselves.
    Records,
    /// Everything odd about them is found.
    Check,
    /// What they hold is counted.
    Describe,
    /// Rows in numbers of their own, for tests.
    #[cfg(test)]
    Uneven,
}

/// What is done with the chunks of a read, decided before any data.
pub(crate) struct Plan {
    pub(super) options: Arc<Options>,
    purpose: Purpose,
    schema: SchemaRef,
}

impl Plan {
    pub(crate) fn new(options: Arc<Options>, purpose: Purpose) -> Plan {
        let schema = purpose.schema(&options);
        Plan { options, purpose, schema }
    }

    /// A sink with room for `records` records of `bytes` bytes in all.
    pub(super) fn sink(&self, bytes: usize, records: usize) -> Box<dyn Sink> {
        let (options, schema) = (self.options.clone(), self.schema.clone());
        match self.purpose {
            Purpose::Columns => layout::sink(options, schema, bytes, records),
            Purpose::Records => Box::<Records>::default(),
            Purpose::Check => Box::new(Check::new()),
            Purpose::Describe => Box::new(Describe::new(options.records)),
            #[cfg(test)]
            Purpose::Uneven => Box::new(tests::Uneven::new(schema)),
        }
    }
}

impl Purpose {
    /// The columns that a sink makes; provenance comes after them.
    pub(crate) fn schema(self, options: &Options) -> SchemaRef {
        match self {
            Purpose::Columns => layout::schema(options),
            Purpose::Records | Purpose::Check | Purpose::Describe => Arc::new(Schema::empty()),
            #[cfg(test)]
            Purpose::Uneven => tests::Uneven::schema(),
        }
    }
}

#[cfg(test)]
mod tests;
