//! The layouts: how a record becomes rows. One file each.

mod nested;

use std::sync::Arc;

use arrow_schema::SchemaRef;

use super::sink::Sink;
use crate::options::{self, Options};

/// The sink of the layout that was asked for, with room for `records` records of `bytes` bytes in all.
pub(super) fn sink(options: Arc<Options>, schema: SchemaRef, bytes: usize, records: usize) -> Box<dyn Sink> {
    match options.columns.layout {
        options::Layout::Nested => Box::new(nested::Nested::new(options, schema, bytes, records)),
    }
}

/// The schema of the layout that was asked for, known before any data.
pub(super) fn schema(options: &Options) -> SchemaRef {
    match options.columns.layout {
        options::Layout::Nested => nested::schema(options),
    }
}

/// The names of the layout's columns, whether they were selected or not.
pub(super) fn columns(layout: options::Layout) -> &'static [&'static str] {
    match layout {
        options::Layout::Nested => &nested::COLUMNS,
    }
}
