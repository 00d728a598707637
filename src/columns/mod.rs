//! Structure to Arrow columns. Knows bytes and records, and nothing of files.
//!
//! A chunk is what is decoded together: bytes, and the stretches of them that framing found. Its records go one by
//! one to a sink: a layout, which makes rows of them, what keeps them (`records.rs`), or what only looks at them
//! (`check.rs`, `describe.rs`). The chunk decides what is delivered, and keeps the account.

pub mod accounts;
mod buffers;
mod check;
mod chunk;
mod delimiters;
mod describe;
pub mod description;
mod draft;
mod groups;
mod layout;
mod plan;
pub(crate) mod provenance;
mod records;
mod sink;

use std::collections::HashMap;

pub(crate) use chunk::{Chunk, Decoded, Stretch, failure};
pub(crate) use plan::{Plan, Purpose};
pub(crate) use sink::Outcome;

use crate::options::Options;

/// The columns that can be selected.
pub(crate) fn names(options: &Options, several_sources: bool) -> Vec<&'static str> {
    let provenance = provenance::available(options, several_sources).map(provenance::Column::name);
    layout::columns(options.columns.layout).iter().copied().chain(provenance).collect()
}

/// Counts changes of the layouts' columns and types.
const SCHEMA_VERSION: &str = "1";

/// What a schema says about itself.
fn metadata(options: &Options) -> HashMap<String, String> {
    [
        ("mrrc.version", env!("CARGO_PKG_VERSION")),
        ("mrrc.layout", options.columns.layout.name()),
        ("mrrc.schema", SCHEMA_VERSION),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}
