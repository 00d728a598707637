//! Where bytes come from and go to: everything that touches files.
//!
//! ```text
//! Source ──open──> Input (bytes as they are in memory, or a stream, decompressed)
//! Writer ──finish──> Output ──finish──> a finished file, or none
//! ```

mod archive;
mod at;
pub mod atomic;
mod batches;
mod chunks;
pub mod compression;
mod compressor;
mod decoders;
#[cfg(feature = "glob")]
mod expand;
mod explain;
mod file;
mod input;
mod local;
mod opening;
mod path;
pub mod pool;
mod range;
mod reader;
mod scan;
mod source;
mod text;
mod transcode;
mod writer;

pub use crate::formats::NotMarc;
pub use at::ReadAt;
pub use atomic::Output;
pub use batches::{Batches, Progress};
#[cfg(feature = "cli")]
pub(crate) use compressor::within;
pub(crate) use file::Ended;
pub use file::GoesOn;
#[cfg(feature = "cli")]
pub(crate) use file::standard_input;
pub use input::Input;
pub use local::{local, scheme};
pub use path::PathError;
pub use pool::Pool;
pub(crate) use pool::side_by_side;
pub use reader::Reader;
pub use scan::Scan;
pub use source::{Open, Source};
pub use writer::Writer;

use std::time::Duration;

/// The longest wait between two checks whether a read is still wanted.
const PATIENCE: Duration = Duration::from_millis(50);
