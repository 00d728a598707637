//! Errors, sorted by who can act: on the data ([`ParseError`]), the source, the target, the call, or the crate.

use std::io;

use arrow_schema::ArrowError;

use crate::diagnostic::{Code, Diagnostic, Kind, Severity};

mod write;

pub use write::{Refusal, WriteCode, WriteError};

/// Why no record could be read; the diagnostic says what was found and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The record's structure or content.
    #[error("{0}")]
    InvalidRecord(Box<Diagnostic>),
    /// Where a record ends cannot be told.
    #[error("{0}")]
    RecordBoundary(Box<Diagnostic>),
}

impl From<Diagnostic> for ParseError {
    fn from(diagnostic: Diagnostic) -> ParseError {
        match diagnostic.kind() {
            Kind::Length | Kind::End | Kind::Truncated => ParseError::RecordBoundary(Box::new(diagnostic)),
            _ => ParseError::InvalidRecord(Box::new(diagnostic)),
        }
    }
}

/// A source that fails for a reason of its own: damaged compression, a file that shrank.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub Box<Diagnostic>);

impl SourceError {
    /// The failure `code` at an offset of the (decompressed) source; `found` says how it showed.
    pub fn new(code: Code, offset: u64, found: impl Into<String>) -> SourceError {
        let mut diagnostic = Diagnostic::new(code, Severity::Fatal, offset);
        diagnostic.found = found.into();
        SourceError(Box::new(diagnostic))
    }
}

/// What the crate's public functions return.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A record that cannot be read.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A record that cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A source that is damaged itself.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A source that cannot be opened or read.
    #[error(transparent)]
    Input(io::Error),
    /// A target that cannot be written: a full disk, a missing folder.
    #[error(transparent)]
    Output(io::Error),
    /// What the caller asked for cannot be done.
    #[error("{0}")]
    Argument(String),
    /// Columns that cannot be built or written.
    #[error("{0}")]
    Columns(String),
    /// A fault of this crate, which should be reported.
    #[error("internal error (please report it): {0}")]
    Internal(String),
    /// Whoever watches the read wants it to end, for this reason.
    #[error("interrupted: {0}")]
    Interrupted(Box<dyn std::error::Error + Send + Sync>),
}

impl From<ArrowError> for Error {
    fn from(error: ArrowError) -> Error {
        match error {
            ArrowError::ExternalError(inner) => match inner.downcast::<Error>() {
                Ok(own) => *own,
                Err(other) => Error::Columns(other.to_string()),
            },
            other => Error::Columns(other.to_string()),
        }
    }
}

impl From<Error> for ArrowError {
    fn from(error: Error) -> ArrowError {
        ArrowError::ExternalError(Box::new(error))
    }
}

/// An error of reading: one of writing is made an [`Error::Output`] where it is known to be that.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        match error.downcast::<SourceError>() {
            Ok(source) => Error::Source(source),
            Err(io) => Error::Input(io),
        }
    }
}

impl Error {
    /// What was found and where, if the error is about data.
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Error::Parse(ParseError::InvalidRecord(it) | ParseError::RecordBoundary(it)) => Some(it),
            Error::Source(SourceError(it)) => Some(it),
            _ => None,
        }
    }
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
