//! The layouts: how a record becomes rows. One file for each; what they have in common is in `growing.rs`.

mod fields;
mod growing;
mod nested;
mod subfields;

pub(super) use growing::{has_no_fault, leader};

use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};

use self::fields::Fields;
use self::growing::{Growing, Shape};
use self::nested::Nested;
use self::subfields::Subfields;
use super::metadata;
use super::sink::Sink;
use crate::iso2709::Tag;
use crate::options::{self, Options};

/// The tag of the row that holds a leader.
const LEADER: Tag = Tag::of_ascii(*b"LDR");

/// The sink of the requested layout, with room for `records` records of `bytes` bytes altogether.
pub(super) fn sink(options: &Options, schema: SchemaRef, bytes: usize, records: usize) -> Box<dyn Sink> {
    match options.columns.layout {
        options::Layout::Nested => Box::new(Growing::<Nested>::new(options, schema, bytes, records)),
        options::Layout::Fields => Box::new(Growing::<Fields>::new(options, schema, bytes, records)),
        options::Layout::Subfields => Box::new(Growing::<Subfields>::new(options, schema, bytes, records)),
    }
}

/// The schema of the requested layout, known before any data is read.
pub(super) fn schema(options: &Options) -> SchemaRef {
    let columns = match options.columns.layout {
        options::Layout::Nested => Nested::columns(),
        options::Layout::Fields => Fields::columns(),
        options::Layout::Subfields => Subfields::columns(),
    };
    let wanted: Vec<Field> =
        columns.into_iter().filter(|column| options.columns.select.wants(column.name())).collect();
    Arc::new(Schema::new_with_metadata(wanted, metadata::of_schema(options)))
}

/// The names of the layout's columns after `record`, selected or not.
pub(super) fn columns(layout: options::Layout) -> &'static [&'static str] {
    match layout {
        options::Layout::Nested => Nested::COLUMNS,
        options::Layout::Fields => Fields::COLUMNS,
        options::Layout::Subfields => Subfields::COLUMNS,
    }
}
