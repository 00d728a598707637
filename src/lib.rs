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
mod columns;
mod description;
mod diagnostic;
mod error;
pub mod forms;
mod guard;
mod io;
pub mod iso2709;
mod options;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod record;
#[cfg(feature = "show")]
mod show;
mod words;

/// The crates of Arrow whose types this one takes and returns, in the version that it uses.
pub mod arrow {
    pub use arrow_array as array;
    pub use arrow_schema as schema;
}

pub use error::{Error, ParseError, Refusal, Result, SourceError, WriteCode, WriteError};
pub use io::{Batches, Open, Output, PathError, Progress, Reader, Scan, Source, Writer};
pub use options::{Dialect, Encoding, Layout, Options, Policy, Provenance, Select};
pub use record::RecordBuf;

/// What this repository's own Python package, benches and fuzz targets use beside the API. Nothing in it is promised.
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
