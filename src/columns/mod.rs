//! Structure to Arrow columns. Knows bytes and records, and nothing of files.
//!
//! [`Chunk`] is what is decoded together: bytes, and the stretches of them that framing found. Its
//! records go one by one to a [`layout`], which makes the batch; everything else goes to the accounts.

pub mod accounts;
mod buffers;
mod chunk;
mod content;
mod delimiters;
pub mod description;
mod draft;
mod encoding;
pub mod layout;
mod odd;
pub(crate) mod provenance;

use std::collections::HashMap;

pub use chunk::{Chunk, Decoded, Stretch};

use crate::options::Options;

/// Counts changes of the layouts' columns and types.
const SCHEMA_VERSION: &str = "1";

/// What a schema says about itself.
fn metadata(options: &Options) -> HashMap<String, String> {
    [
        ("mrrc.version", env!("CARGO_PKG_VERSION")),
        ("mrrc.layout", options.layout.name()),
        ("mrrc.schema", SCHEMA_VERSION),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}
