//! [`PathError`]: an error of the system, with the file it is about.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::words::printable;

/// An error of the system, with the file it is about.
///
/// An [`io::Error`] about a path carries one: [`io::Error::get_ref`] and a downcast give it.
#[derive(Debug)]
pub struct PathError {
    /// The file.
    pub path: PathBuf,
    /// The error as the system gave it.
    pub error: io::Error,
    /// Why it is so, where more can be told than the system does.
    pub reason: Option<&'static str>,
    message: String,
}

impl PathError {
    /// An error about `path`, in the words of the system.
    pub(super) fn at(path: &Path, error: io::Error) -> io::Error {
        let shown = shown(path);
        let message = match error.kind() {
            io::ErrorKind::NotFound => format!("no such file: {shown}"),
            _ => format!("{shown}: {error}"),
        };
        PathError::with_message(path, error, message)
    }

    /// The same in words of our own.
    pub(super) fn with_message(path: &Path, error: io::Error, message: String) -> io::Error {
        io::Error::new(error.kind(), PathError { path: path.to_owned(), error, reason: None, message })
    }

    /// An error about a `path` that is written.
    pub(super) fn of_writing(path: &Path, error: io::Error) -> io::Error {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => Some("there is no such folder"),
            io::ErrorKind::IsADirectory => Some("it is a directory; name a file in it"),
            _ => None,
        };
        let why = reason.map_or_else(|| error.to_string(), str::to_owned);
        let message = format!("cannot write {}: {why}", shown(path));
        io::Error::new(error.kind(), PathError { path: path.to_owned(), error, reason, message })
    }
}

/// A path as messages show it: nothing in its name can command the screen.
pub(super) fn shown(path: &Path) -> String {
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

/// The error where a file was to be read.
pub(super) fn directory(path: &Path) -> io::Error {
    let (shown, glob) = (shown(path), shown(&path.join("*.mrc")));
    let message = format!("{shown} is a directory; name the files in it with a glob such as \"{glob}\"");
    PathError::with_message(path, io::ErrorKind::IsADirectory.into(), message)
}

/// The error of a range of what has none.
pub(super) fn no_ranges() -> io::Error {
    let message = "a range of bytes can be read of a file that is not compressed, or of bytes in memory";
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
