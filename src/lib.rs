//! Library catalogues (MARC in ISO 2709) into Apache Arrow columns, with nothing lost.

pub mod charset;
pub mod diagnostic;
mod error;
#[cfg(feature = "fixture")]
pub mod fixture;
pub mod iso2709;

pub use error::{Error, ParseError, Result, SourceError, WriteError};
