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
//! * where a record's encoding is decided: [`record::reading`]; where a value becomes text: [`charset`];
//! * where a column is built: [`columns`], one file for each layout.
//!
//! # Features
//!
//! By default mrrc is what can be built in little time and without a C compiler. A source that asks for more is
//! an error that names the feature.
//!
//! | Feature | Default | What it adds |
//! |---|---|---|
//! | `glob` | yes | [`Source::expand`] takes patterns such as `dumps/**/*.mrc` |
//! | `gzip` | yes | reads sources in gzip and bgzip |
//! | `bzip2` | | reads sources in bzip2 |
//! | `xz` | | reads sources in xz; builds a library in C |
//! | `zstd` | | reads sources in Zstandard; builds a library in C |
//! | `show` | | the module `show`: tables and descriptions as text and HTML |
//! | `parquet` | | the module `parquet`, which writes batches to a file; builds a library in C |
//!
//! The types of Arrow in this API are those of [`arrow`].

pub mod accounts;
pub mod charset;
pub mod columns;
pub mod description;
pub mod diagnostic;
mod error;
pub mod forms;
pub mod guard;
pub mod io;
pub mod iso2709;
pub mod options;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod record;
#[cfg(feature = "show")]
pub mod show;

/// The crates of Arrow whose types this one takes and returns, in the version that it uses.
pub mod arrow {
    pub use arrow_array as array;
    pub use arrow_schema as schema;
}

pub use error::{Error, ParseError, Result, SourceError, WriteCode, WriteError};
pub use io::{Batches, Progress, Reader, Scan, Source, Writer};
pub use options::{Dialect, Encoding, Layout, Options, Policy, Provenance, Select};
pub use record::RecordBuf;
