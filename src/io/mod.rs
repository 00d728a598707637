//! Where bytes come from and go to: all that touches files.
//!
//! ```text
//! Source ──open──> Input (bytes as they are in memory, or a stream, decompressed)
//! Writer ──finish──> Output ──finish──> a finished file, or none
//! ```

pub mod atomic;
mod chunks;
pub mod compression;
mod decoders;
mod not_marc;
pub mod pool;
mod range;
mod scan;
mod source;
mod writer;

pub use atomic::Output;
pub use not_marc::not_marc;
pub use pool::Pool;
pub use scan::{Batches, Progress, Scan};
pub use source::{Input, Open, Source};
pub use writer::Writer;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::printable;

/// An error of the system, with the file it is about: what the [`io::Error`]s of this module carry when
/// they concern a path (found by [`io::Error::get_ref`] and a downcast).
#[derive(Debug)]
pub struct PathError {
    /// The file.
    pub path: PathBuf,
    /// The error as the system gave it.
    pub error: io::Error,
    message: String,
}

impl PathError {
    /// `path` and what the system says of it.
    fn at(path: &Path, error: io::Error) -> io::Error {
        let shown = shown(path);
        let message = match error.kind() {
            io::ErrorKind::NotFound => format!("no such file: {shown}"),
            _ => format!("{shown}: {error}"),
        };
        PathError::with_message(path, error, message)
    }

    fn with_message(path: &Path, error: io::Error, message: String) -> io::Error {
        io::Error::new(error.kind(), PathError { path: path.to_owned(), error, message })
    }
}

/// A path in a message, where nothing in its name commands the screen.
fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PathError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
