//! The plan of a read: which sink its records go to, and which columns stand beside those that it makes.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};

use super::check::Check;
use super::describe::Describe;
use super::layout;
use super::provenance::Beside;
use super::records::Records;
use super::sink::Sink;
use crate::options::Options;

/// The purpose of a read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The columns of the requested layout.
    #[default]
    Columns,
    /// The records themselves.
    Records,
    /// Everything odd about the records.
    Check,
    /// Counts of what the records hold.
    Describe,
    /// A number of rows chosen by each record, for tests.
    #[cfg(test)]
    Uneven,
}

/// The plan of a read, made before any data is read.
pub(crate) struct Plan {
    pub(super) options: Arc<Options>,
    purpose: Purpose,
    /// The columns of the sink.
    schema: SchemaRef,
    pub(super) beside: Beside,
}

impl Plan {
    pub(crate) fn new(options: Arc<Options>, purpose: Purpose, several_sources: bool) -> Plan {
        let (schema, beside) = (purpose.schema(&options), purpose.beside(&options, several_sources));
        Plan { options, purpose, schema, beside }
    }

    /// A sink with room for `records` records of `bytes` bytes altogether.
    pub(super) fn sink(&self, bytes: usize, records: usize) -> Box<dyn Sink> {
        let (options, schema) = (&self.options, self.schema.clone());
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
    /// The columns that a sink makes, without those beside them.
    pub(crate) fn schema(self, options: &Options) -> SchemaRef {
        match self {
            Purpose::Columns => layout::schema(options),
            Purpose::Records | Purpose::Check | Purpose::Describe => Arc::new(Schema::empty()),
            #[cfg(test)]
            Purpose::Uneven => tests::Uneven::schema(),
        }
    }

    /// The columns beside those that a sink makes.
    pub(crate) fn beside(self, options: &Options, several_sources: bool) -> Beside {
        let available = match self {
            Purpose::Columns => Beside::of_layout(options, several_sources),
            Purpose::Records | Purpose::Check | Purpose::Describe => Beside::default(),
            #[cfg(test)]
            Purpose::Uneven => Beside::of_rows(options, several_sources),
        };
        available.selected(&options.columns.select)
    }
}

#[cfg(test)]
mod tests;
