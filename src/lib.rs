//! Library catalogues (MARC in ISO 2709) into Apache Arrow columns, with nothing lost.

pub mod charset;
pub mod diagnostic;
mod error;
pub mod io;

pub use error::{Error, ParseError, Result, SourceError};
