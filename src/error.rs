//! Errors, grouped by what has to be fixed: the data ([`ParseError`]), the source, the target, the call, or this
//! crate.

use std::io;

use arrow_schema::ArrowError;

use crate::diagnostic::{Code, Diagnostic, Kind, Severity};
use crate::io::Ended;

mod write;

pub use write::{Refusal, WriteCode, WriteError};

/// A record that cannot be read. The [`Diagnostic`] says what was found, and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The structure or the content of the record is invalid.
    #[error("{0}")]
    InvalidRecord(Box<Diagnostic>),
    /// The end of the record cannot be determined.
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

/// A failure of the source itself: damaged compression, or a file that became shorter while it was read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub Box<Diagnostic>);

impl SourceError {
    /// A failure with this code at an offset of the (decompressed) source; `found` says what was seen.
    pub fn new(code: Code, offset: u64, found: impl Into<String>) -> SourceError {
        let mut diagnostic = Diagnostic::new(code, Severity::Fatal, offset);
        diagnostic.found = found.into();
        SourceError(Box::new(diagnostic))
    }
}

/// The error type of this crate.
///
/// ```
/// use mrrc::accounts::Code;
/// use mrrc::{Error, Reader, Source};
///
/// let truncated = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTi";
/// let error = Reader::open(Source::bytes(truncated))?.next().unwrap().unwrap_err();
/// assert!(matches!(error, Error::Parse(_)));
/// assert_eq!(error.diagnostic().unwrap().code, Code::RecordTruncated);
/// # Ok::<(), mrrc::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A record that cannot be read.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A record that cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A source that is itself damaged.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A source that cannot be opened or read.
    #[error(transparent)]
    Input(io::Error),
    /// A target that cannot be written: a full disk, a missing folder.
    #[error(transparent)]
    Output(io::Error),
    /// An argument that is invalid, or a request that cannot be fulfilled.
    #[error("{0}")]
    Argument(String),
    /// Columns that cannot be built or written.
    #[error("{0}")]
    Columns(String),
    /// A bug in this crate, which should be reported.
    #[error("internal error (please report it): {0}")]
    Internal(String),
    /// The work was interrupted by its watcher, for this reason.
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

/// An I/O error is one of reading unless it is known to be one of writing, which becomes [`Error::Output`].
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        match error.downcast::<SourceError>() {
            Ok(source) => Error::Source(source),
            Err(io) => ended(io).unwrap_or_else(Error::Input),
        }
    }
}

/// The error that ended the writing of a pipe, or else the I/O error.
fn ended(error: io::Error) -> Result<Error, io::Error> {
    error.downcast::<Ended>().map(|Ended(reason)| Error::Interrupted(reason))
}

impl Error {
    /// An I/O error of writing.
    pub(crate) fn of_writing(error: io::Error) -> Error {
        ended(error).unwrap_or_else(Error::Output)
    }

    /// What was found, and where; `None` if the error is not about data.
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Error::Parse(ParseError::InvalidRecord(it) | ParseError::RecordBoundary(it)) => Some(it),
            Error::Source(SourceError(it)) => Some(it),
            _ => None,
        }
    }
}

/// The result type of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
