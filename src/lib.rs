//! Reads library catalogues (MARC in ISO 2709 or MARCXML) into Apache Arrow columns or records, and writes records.
//! Nothing is lost silently: every byte of a source is accounted for, and every oddity is a finding.
//!
//! # Columns
//!
//! A [`Scan`] describes a read: sources and [`Options`]. Its [`Batches`] are Arrow record batches, decoded in parallel
//! and returned in order, with the [`accounts`] of the read. [`Columns`] says what is read, in the notation of an
//! [`Expression`]; without it, a row is a whole record, as [`Layout`] says.
//!
//! ```
//! use mrrc::arrow::array::cast::AsArray;
//! use mrrc::{Columns, Options, Scan, Source};
//!
//! let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
//! let columns: Columns = "id = 001, title = first(trim(245$a))".parse()?;
//! let scan = Scan::new(Source::bytes(bytes)).with_options(Options::default().columns(columns))?;
//!
//! let mut batches = scan.batches();
//! let batch = batches.next_batch()?.expect("one batch");
//! assert_eq!(batch.num_rows(), 1);
//! assert_eq!(batch["title"].as_string::<i32>().value(0), "Title");
//!
//! assert_eq!(batches.next_batch()?, None);
//! assert_eq!(batches.accounts().to_string(), "1 record");
//! # Ok::<(), mrrc::Error>(())
//! ```
//!
//! # Records
//!
//! A [`Reader`] yields each record as a [`RecordBuf`], which can be edited; a [`Writer`] writes it.
//!
//! ```
//! use mrrc::{Reader, Source, Writer};
//!
//! let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
//! let mut writer = Writer::new(Vec::new());
//! for record in Reader::open(Source::bytes(bytes))? {
//!     let mut record = record?;
//!     record.push_data("650", [' ', '0'], [('a', "Catalogues")])?;
//!     writer.write(&record)?;
//! }
//! assert!(writer.finish()?.ends_with(b"\x1e 0\x1faCatalogues\x1e\x1d"));
//! # Ok::<(), mrrc::Error>(())
//! ```
//!
//! # Back to MARC
//!
//! [`rows`] writes record batches as MARC again, after any change, from any library that speaks Arrow.
//! [`Scan::write_text`] writes what is read as MARCXML, MARC-in-JSON or MARCMaker text.
//!
//! # Features
//!
//! The default features build quickly and need no C compiler. If a source needs another one, the error names it.
//!
//! | Feature | Default | What it adds |
//! |---|---|---|
//! | `glob` | yes | [`Source::expand`] takes patterns such as `dumps/**/*.mrc` |
//! | `gzip` | yes | reads gzip and bgzip |
//! | `archives` | | reads files in tar and zip archives |
//! | `bzip2` | | reads bzip2 |
//! | `xz` | | reads xz; builds a C library |
//! | `zstd` | | reads Zstandard; builds a C library |
//! | `parquet` | | the module `parquet`, which writes batches to a file; builds a C library |
//! | `csv` | | the module `csv`, which writes batches as CSV |
//! | `show` | | tables and descriptions as text and HTML, for the Python package |
//! | `cli` | | the command `mrrc`, with all of the above |
//!
//! The Arrow types in this API are those of [`arrow`]. The minimum supported Rust version is 1.89.
//!
//! # Where to look
//!
//! In the source of this crate,
//!
//! * `iso2709/framing.rs` finds where a record ends, and `iso2709/directory.rs` its fields;
//! * `formats/mod.rs` decides what a source is written in, and a folder beside it reads each format;
//! * `record/reading.rs` decides the encoding of a record, and [`charset`] turns its values into text;
//! * `columns/chunk.rs` counts rows and decides whether a record is delivered; `columns/layout/` builds the columns;
//! * `forms/text.rs` writes records as MARCXML, MARC-in-JSON and MARCMaker text, and `columns/texts.rs` many of them;
//! * `forms/json.rs`, `forms/xml.rs` and `forms/mrk.rs` write one record as pymarc does;
//! * `forms/marc.rs` refuses a record that could not be read back from ISO 2709, `iso2709/encode.rs` one that is too
//!   long, and `forms/text/visit.rs` one that a form of text cannot express.

pub mod accounts;
mod calendar;
pub mod charset;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod coded;
mod columns;
#[cfg(feature = "csv")]
pub mod csv;
mod description;
mod diagnostic;
mod error;
mod formats;
pub mod forms;
mod guard;
mod io;
pub mod iso2709;
mod notation;
mod options;
#[cfg(feature = "parquet")]
pub mod parquet;
mod pen;
mod places;
pub mod record;
pub mod rows;
#[cfg(feature = "show")]
mod show;
mod words;

/// The Arrow crates whose types appear in this API, in the version that this crate uses.
///
/// ```
/// use mrrc::arrow::array::RecordBatchReader;
///
/// let batches = mrrc::Scan::new("catalogue.mrc").batches();
/// assert_eq!(batches.schema().fields().len(), 4);
/// ```
pub mod arrow {
    pub use arrow_array as array;
    pub use arrow_schema as schema;
}

pub use error::{Error, ParseError, Refusal, Result, SourceError, WriteCode, WriteError};
pub use io::{Batches, Open, Output, PathError, Progress, ReadAt, Reader, Scan, Source, Writer};
pub use notation::{Columns, Condition, Expression, NotationError, Tags};
pub use options::{Dialect, Encoding, Format, Layout, Options, Policy, Provenance, Select};
pub use record::RecordBuf;

/// Internals for this repository's Python package, benches and fuzz targets. Nothing in it is stable.
#[doc(hidden)]
#[allow(missing_docs)]
pub mod internals {
    pub mod charset {
        pub use crate::charset::*;
        pub mod marc8 {
            pub use crate::charset::marc8::*;
            pub mod pymarc {
                pub use crate::charset::marc8::pymarc::*;
            }
        }
    }
    pub mod coded {
        pub use crate::coded::*;
    }
    pub mod columns {
        pub use crate::columns::*;
    }
    pub mod description {
        pub use crate::description::*;
    }
    pub mod diagnostic {
        pub use crate::diagnostic::*;
    }
    pub mod guard {
        pub use crate::guard::*;
    }
    pub mod io {
        pub use crate::io::*;
    }
    pub mod iso2709 {
        pub use crate::iso2709::{directory::Entries, framing::*, *};
        pub mod directory {
            pub use crate::iso2709::directory::*;
        }
        pub mod encode {
            pub use crate::iso2709::encode::*;
        }
        pub mod framing {
            pub use crate::iso2709::framing::*;
        }
        pub mod leader {
            pub use crate::iso2709::leader::*;
        }
        pub mod oversize {
            pub use crate::iso2709::oversize::*;
        }
        pub mod pymarc {
            pub use crate::iso2709::pymarc::*;
        }
        pub mod recover {
            pub use crate::iso2709::recover::*;
        }
    }
    pub mod notation {
        pub use crate::notation::Listed;
    }
    pub mod record {
        pub use crate::record::*;
        pub mod exact {
            pub use crate::record::exact::*;
        }
        pub mod fingerprint {
            pub use crate::record::fingerprint::*;
        }
        pub mod judge {
            pub use crate::record::judge::*;
        }
        pub mod pymarc {
            pub use crate::record::pymarc::*;
        }
        pub mod reading {
            pub use crate::record::reading::*;
        }
    }
    #[cfg(feature = "show")]
    pub mod show {
        pub use crate::show::*;
    }
    pub mod words {
        pub use crate::words::*;
    }
}

/// The Rust code in the README and in the guide is compiled with the documentation's examples.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/rust.md")]
    struct Guide;
}
