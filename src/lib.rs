//! Library catalogues (MARC in ISO 2709) into Apache Arrow columns, with nothing lost.

pub mod accounts;
pub mod charset;
pub mod columns;
pub mod diagnostic;
mod error;
pub mod io;
pub mod iso2709;
mod options;
#[cfg(feature = "parquet")]
pub mod parquet;

pub use error::{Error, ParseError, Result, SourceError};
pub use io::{Batches, Progress, Scan, Source};
pub use options::{Codes, Encoding, Layout, Options, Policy, Select, Strings};
