//! The layouts: how a record becomes rows. One file for each.

mod nested;

pub(super) use nested::has_no_fault;

use std::sync::Arc;

use arrow_schema::SchemaRef;

use super::sink::Sink;
use crate::options::{self, Options};

/// The sink of the requested layout, with room for `records` records of `bytes` bytes altogether.
pub(super) fn sink(options: Arc<Options>, schema: SchemaRef, bytes: usize, records: usize) -> Box<dyn Sink> {
    match options.columns.layout {
        options::Layout::Nested => Box::new(nested::Nested::new(options, schema, bytes, records)),
    }
}

/// The schema of the requested layout, known before any data is read.
pub(super) fn schema(options: &Options) -> SchemaRef {
    match options.columns.layout {
        options::Layout::Nested => nested::schema(options),
    }
}

/// The names of the layout's columns, selected or not.
pub(super) fn columns(layout: options::Layout) -> &'static [&'static str] {
    match layout {
        options::Layout::Nested => &nested::COLUMNS,
    }
}
