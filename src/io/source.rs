//! [`Source`]: where bytes come from. No other part of the crate knows.

use std::fmt;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use super::at::ReadAt;
#[cfg(feature = "glob")]
use super::expand::expand;
use super::file::is_pipe;
use super::input::{Input, Ranged};
use super::local::{local, not_local, scheme};
#[cfg(not(feature = "glob"))]
use super::path::{PathError, directory};
use super::path::{no_ranges, shown};
use crate::options::Format;
use crate::words::grouped;

/// A source that can be opened repeatedly, each time from its beginning.
///
/// ```
/// use std::io::{self, Read};
/// use std::sync::Arc;
///
/// use mrrc::{Open, Scan, Source};
///
/// struct Dump(&'static [u8]);
///
/// impl Open for Dump {
///     fn open(&self) -> io::Result<Box<dyn Read + Send>> {
///         Ok(Box::new(self.0))
///     }
///
///     fn name(&self) -> Option<String> {
///         Some("dump".into())
///     }
/// }
///
/// let dump = Dump(b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d");
/// assert_eq!(Scan::new(Source::opener(Arc::new(dump))).count()?, 1);
/// # Ok::<(), mrrc::Error>(())
/// ```
pub trait Open: Send + Sync {
    /// Returns a new reader. Its errors are passed to the caller of a read unchanged.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;

    /// The name used in messages and in the column `source`.
    fn name(&self) -> Option<String>;

    /// The number of bytes, if it is known once the first of them were read.
    fn known_size(&self) -> Option<u64> {
        None
    }

    /// The same bytes, to be read at any place, if that is possible: byte ranges and zip archives need it.
    fn at_any_place(&self) -> io::Result<Option<Arc<dyn ReadAt>>> {
        Ok(None)
    }
}

/// Where bytes come from: a file, bytes in memory, or an [`Open`].
///
/// A source is a description: cloning it copies no bytes, and it can be opened any number of times, except a path to
/// a pipe, which can be opened once.
///
/// ```
/// use mrrc::Source;
///
/// let source = Source::bytes(vec![0u8; 3]).with_name("upload");
/// assert_eq!(source.name().as_deref(), Some("upload"));
/// assert_eq!(source.as_bytes().map(<[u8]>::len), Some(3));
/// assert!(source.as_path().is_none());
/// ```
#[derive(Clone)]
pub struct Source(Kind, Option<Arc<str>>);

#[derive(Clone)]
enum Kind {
    Path(Arc<Named>),
    Bytes(Bytes),
    Opener(Arc<dyn Open>),
}

struct Named {
    path: PathBuf,
    /// True if it is a pipe that was already opened.
    is_used_up: AtomicBool,
}

impl Source {
    /// The file at `path`, taken literally: it is not a glob.
    pub fn path(path: impl Into<PathBuf>) -> Source {
        Source(Kind::Path(Arc::new(Named { path: path.into(), is_used_up: AtomicBool::new(false) })), None)
    }

    /// Bytes in memory, which are never copied.
    pub fn bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Source {
        Source(Kind::Bytes(Bytes::from_owner(bytes)), None)
    }

    /// Anything that can be opened repeatedly.
    pub fn opener(opener: Arc<dyn Open>) -> Source {
        Source(Kind::Opener(opener), None)
    }

    /// The sources that a path or glob names: the file of that name if it exists, otherwise the files that match it
    /// (`*`, `?`, `[…]`, and `**` for any folders except links), sorted. Hidden files have to be named. `~/` is the
    /// home folder, and an address `file:///…` is the path in it.
    ///
    /// ```
    /// let folder = tempfile::tempdir()?;
    /// for name in ["b.mrc", "a.mrc", "notes.txt"] {
    ///     std::fs::write(folder.path().join(name), "")?;
    /// }
    /// let sources = mrrc::Source::expand(folder.path().join("*.mrc"))?;
    /// assert_eq!(sources.len(), 2);
    /// assert!(sources[0].as_path().unwrap().ends_with("a.mrc"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An error of kind [`io::ErrorKind::NotFound`] if nothing is found; the list is never empty.
    pub fn expand(pattern: impl AsRef<Path>) -> io::Result<Vec<Source>> {
        Source::expand_while(pattern, &mut || true)
    }

    /// Like [`Source::expand`]. `goes_on` is polled while folders are searched; if it returns false, the search ends
    /// with an error of kind [`io::ErrorKind::Interrupted`].
    pub fn expand_while(
        pattern: impl AsRef<Path>,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Vec<Source>> {
        let pattern = local(pattern.as_ref())?;
        let found = expand(&pattern, goes_on).map_err(|error| match scheme(&pattern) {
            Some(scheme) if error.kind() == io::ErrorKind::NotFound => not_local(scheme),
            _ => error,
        })?;
        Ok(found.into_iter().map(Source::path).collect())
    }

    /// The same source with another name.
    #[must_use]
    pub fn with_name(self, name: impl Into<Arc<str>>) -> Source {
        Source(self.0, Some(name.into()))
    }

    /// The name used in messages and in the column `source`; `None` for bytes in memory that were not given one.
    pub fn name(&self) -> Option<Arc<str>> {
        if self.1.is_some() {
            return self.1.clone();
        }
        match &self.0 {
            Kind::Path(named) => Some(named.path.to_string_lossy().into()),
            Kind::Bytes(_) => None,
            Kind::Opener(opener) => opener.name().map(Arc::from),
        }
    }

    /// The path, if it is a file.
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Path(named) => Some(&named.path),
            _ => None,
        }
    }

    /// The bytes, compressed or not, if they are in memory.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Opens the source, and examines its first bytes to recognise compression.
    pub fn open(&self) -> io::Result<Input> {
        self.open_while(&mut || true)
    }

    /// Like [`Source::open`]. `goes_on` is polled while nothing arrives; if it returns false, opening ends with an
    /// error of kind [`io::ErrorKind::Interrupted`].
    pub fn open_while(&self, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Input> {
        let name = self.name();
        match &self.0 {
            Kind::Bytes(bytes) => Input::of_bytes(name, bytes),
            Kind::Opener(opener) => Input::of_opener(name, opener, goes_on),
            Kind::Path(named) => Input::of_file(name, named.path()?, goes_on),
        }
    }

    /// Opens the part that holds the records beginning in a range, or says why the source cannot be split.
    pub(super) fn open_range(
        &self,
        range: &Range<u64>,
        format: Format,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Ranged> {
        let name = self.name();
        match &self.0 {
            Kind::Bytes(bytes) => Input::of_part_of_bytes(name, bytes, range, format, goes_on),
            Kind::Path(named) if !is_pipe(&named.path) => {
                Input::of_part_of_file(name, &named.path, range, format, goes_on)
            }
            Kind::Opener(opener) => match opener.at_any_place()? {
                Some(bytes) => Input::of_part_of(name, bytes, range, format, goes_on),
                None => Ok(Err(no_ranges())),
            },
            Kind::Path(_) => Ok(Err(no_ranges())),
        }
    }
}

impl Named {
    /// The path, the one time that a pipe can be read.
    fn path(&self) -> io::Result<&Path> {
        if is_pipe(&self.path) && self.is_used_up.swap(true, Ordering::Relaxed) {
            let shown = shown(&self.path);
            let message =
                format!("{shown} is a pipe: it was read, and cannot be read again; keep what a read gives");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(&self.path)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Path(named) => write!(f, "Source({})", shown(&named.path)),
            Kind::Bytes(bytes) => write!(f, "Source({} bytes)", grouped(bytes.len() as u64)),
            Kind::Opener(opener) => write!(f, "Source({})", opener.name().unwrap_or_default()),
        }
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Source {
        Source::path(path)
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Source {
        Source::path(path)
    }
}

impl From<&str> for Source {
    fn from(path: &str) -> Source {
        Source::path(path)
    }
}

impl From<String> for Source {
    fn from(path: String) -> Source {
        Source::path(path)
    }
}

/// The file at `path`.
#[cfg(not(feature = "glob"))]
fn expand(path: &Path, _: &mut dyn FnMut() -> bool) -> io::Result<Vec<PathBuf>> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(directory(path)),
        Ok(_) => Ok(vec![path.to_owned()]),
        Err(_) if path.to_string_lossy().contains(['*', '?', '[']) => {
            let shown = shown(path);
            let message =
                format!("no such file: {shown}; to take it as a glob, build mrrc with its feature `glob`");
            Err(PathError::with_message(path, io::ErrorKind::Unsupported.into(), message))
        }
        Err(error) => Err(PathError::at(path, error)),
    }
}

#[cfg(test)]
#[cfg(all(feature = "gzip", feature = "glob"))]
mod tests;
