//! Turns records into Arrow columns. Knows bytes and records, but no files.
//!
//! A chunk is the unit of decoding: bytes, and the stretches of them that framing found. Its records are passed one
//! by one to a sink: a layout, which makes rows of them, or one that keeps them (`records.rs`, `copied.rs`), writes them as
//! text (`texts.rs`) or only examines them (`check.rs`, `describe.rs`). The chunk decides what is delivered, and keeps the account.

pub mod accounts;
mod buffers;
mod check;
mod chunk;
mod copied;
mod delimiters;
mod describe;
pub mod description;
mod draft;
mod groups;
mod heads;
mod kept;
mod layout;
mod mark;
pub(crate) mod metadata;
mod plan;
pub(crate) mod provenance;
mod query;
mod records;
mod runs;
mod sink;
mod texts;
mod value_counts;
mod written;

pub(crate) use chunk::{Chunk, Decoded, Stretch, failure};
pub use copied::{Copied, Copying};
pub(crate) use plan::{Plan, Purpose};
pub(crate) use query::{Column, Computed, Filter, Query, schema};
pub(crate) use sink::Outcome;
pub use value_counts::ValueCounts;

use crate::options::Options;
use provenance::Beside;

/// The columns that can be selected.
pub(crate) fn names(options: &Options, several_sources: bool) -> Vec<&str> {
    let Beside { before, after } = Beside::available(options, several_sources);
    let name = |column: provenance::Column| -> &str { column.name() };
    let mut names: Vec<_> = before.into_iter().map(name).collect();
    match &options.columns.expressions {
        Some(columns) => names.extend(columns.names()),
        None => names.extend(layout::columns(options.columns.layout)),
    }
    names.extend(after.into_iter().map(name));
    names
}
