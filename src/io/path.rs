//! [`PathError`]: a system error and the path it is about.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::words::printable;

/// A system error and the path it is about.
///
/// [`io::Error::get_ref`] and a downcast find it inside an [`io::Error`] about a path.
///
/// ```
/// use mrrc::{Error, PathError, Reader};
///
/// let error = Reader::open("no/such/file.mrc").err().unwrap();
/// let Error::Input(error) = error else { panic!("{error}") };
/// let error = error.get_ref().unwrap().downcast_ref::<PathError>().unwrap();
/// assert_eq!(error.path.to_str(), Some("no/such/file.mrc"));
/// ```
#[derive(Debug)]
pub struct PathError {
    /// The path.
    pub path: PathBuf,
    /// The error that the system returned.
    pub error: io::Error,
    /// The reason, if it is known better than the system says it.
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

    /// The same, with a message of our own.
    pub(super) fn with_message(path: &Path, error: io::Error, message: String) -> io::Error {
        io::Error::new(error.kind(), PathError { path: path.to_owned(), error, reason: None, message })
    }

    /// An error about a `path` that is written.
    pub(crate) fn of_writing(path: &Path, error: io::Error) -> io::Error {
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

/// Why a file cannot be opened or read, without its name.
pub(super) fn why(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<PathError>()) {
        Some(PathError { reason: Some(reason), .. }) => (*reason).to_owned(),
        Some(_) if error.kind() == io::ErrorKind::NotFound => "no such file".to_owned(),
        Some(about) => about.error.to_string(),
        None => error.to_string(),
    }
}

/// A path as messages show it: control characters in its name have no effect.
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

/// The error for a folder in place of a file.
pub(super) fn directory(path: &Path) -> io::Error {
    let (shown, glob) = (shown(path), shown(&path.join("*.mrc")));
    let message = format!("{shown} is a directory; name the files in it with a glob such as \"{glob}\"");
    let reason = Some("it is a directory; name the files in it with a glob such as \"*.mrc\"");
    let (path, error) = (path.to_owned(), is_directory());
    io::Error::new(error.kind(), PathError { path, error, reason, message })
}

/// What the system says of a folder in place of a file.
pub(super) fn is_directory() -> io::Error {
    #[cfg(unix)]
    {
        rustix::io::Errno::ISDIR.into()
    }
    #[cfg(not(unix))]
    {
        io::ErrorKind::IsADirectory.into()
    }
}

/// The error for a range of a source that cannot be split.
pub(super) fn no_ranges_here() -> io::Error {
    let message = "a byte range can only be read from ISO 2709, MARCMaker and Aleph, and in UTF-8 from MARCXML, and from \
                   JSON with a record in each line; read all of it";
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// The error for a range of a source that cannot have one.
pub(super) fn no_ranges() -> io::Error {
    let message = "a byte range can only be read from an uncompressed file, or from bytes in memory";
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// The error for a zip archive that can only be read in order.
#[cfg(feature = "archives")]
pub(super) fn only_in_order() -> io::Error {
    let message = "a zip archive has its directory at its end: it can only be read from a file that is named, or from \
                   bytes in memory";
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
