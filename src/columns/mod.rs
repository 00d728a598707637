//! Turns records into Arrow columns. Knows bytes and records, but no files.
//!
//! A chunk is the unit of decoding: bytes, and the stretches of them that framing found. Its records are passed one
//! by one to a sink: a layout, which makes rows of them, or one that keeps them (`records.rs`) or only examines them
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
mod heads;
mod layout;
mod mark;
mod plan;
pub(crate) mod provenance;
mod records;
mod runs;
mod sink;

use std::collections::HashMap;

pub(crate) use chunk::{Chunk, Decoded, Stretch, failure};
pub(crate) use plan::{Plan, Purpose};
pub(crate) use sink::Outcome;

use crate::options::Options;
use provenance::{Beside, Column};

/// The columns that can be selected.
pub(crate) fn names(options: &Options, several_sources: bool) -> Vec<&'static str> {
    let beside = Beside::of_layout(options, several_sources);
    let (before, after) = (beside.before.into_iter(), beside.after.into_iter());
    let made = layout::columns(options.columns.layout).iter().copied();
    before.map(Column::name).chain(made).chain(after.map(Column::name)).collect()
}

/// Incremented when the columns or types of a layout change.
const SCHEMA_VERSION: &str = "1";

/// The metadata of a schema.
fn metadata(options: &Options) -> HashMap<String, String> {
    [
        ("mrrc.version", env!("CARGO_PKG_VERSION")),
        ("mrrc.layout", options.columns.layout.name()),
        ("mrrc.schema", SCHEMA_VERSION),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}
