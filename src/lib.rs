//! Library catalogues (MARC in ISO 2709) into Apache Arrow columns, with nothing lost.

pub mod charset;
pub mod diagnostic;
mod error;
pub mod iso2709;

pub use error::{Error, ParseError, Result, SourceError, WriteError};
