//! Library catalogues (MARC in ISO 2709) into Apache Arrow columns, with nothing lost.
//!
//! A [`Scan`] describes a read: sources and [`Options`]. Its [`Batches`] are Arrow record batches, decoded
//! in parallel and handed out in order, with [`accounts`] of what became of every byte.
//!
//! ```
//! let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
//! let mut batches = mrrc::Scan::new(mrrc::Source::bytes(bytes)).batches();
//! let batch = batches.next_batch()?.expect("one batch");
//! assert_eq!((batch.num_rows(), batch.num_columns()), (1, 3));
//! assert_eq!(batches.next_batch()?, None);
//! assert_eq!(batches.accounts().to_string(), "1 record");
//! # Ok::<(), mrrc::Error>(())
//! ```
//!
//! Three things a reader of the code looks for, and where they are:
//!
//! * where a record ends: [`iso2709::framing`], then [`iso2709::directory`];
//! * where a value becomes text: [`charset`], called by `columns/content.rs`;
//! * where a column is built: [`columns`], one file for each layout.

pub mod accounts;
pub mod charset;
pub mod columns;
pub mod description;
pub mod diagnostic;
mod error;
#[cfg(feature = "fixture")]
pub mod fixture;
pub mod forms;
pub mod guard;
pub mod io;
pub mod iso2709;
mod options;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod record;

pub use error::{Error, ParseError, Refusal, Result, SourceError, WriteCode, WriteError};
pub use io::{Batches, Progress, Scan, Source};
pub use options::{Dialect, Encoding, Layout, Options, Policy, Provenance, Select};
