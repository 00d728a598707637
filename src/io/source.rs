//! [`Source`]: where bytes come from. Nothing else in the crate knows.

use std::fmt;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

#[cfg(feature = "glob")]
use super::expand::expand;
use super::file::is_pipe;
use super::input::Input;
#[cfg(not(feature = "glob"))]
use super::path::{PathError, directory};
use super::path::{no_ranges, shown};
use crate::words::grouped;

/// Something that gives a reader each time it is read, from its beginning.
pub trait Open: Send + Sync {
    /// A fresh reader. Its errors reach the caller of a read as they are.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;

    /// What messages and the column `source` call it.
    fn name(&self) -> Option<String>;
}

/// Where bytes come from: a file, bytes in memory, or anything that can be opened.
///
/// A source is a description: cloning it copies no bytes, and it can be opened any number of times; only a path that
/// names a pipe can be opened once.
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
    /// It is a pipe, and was opened.
    is_used_up: AtomicBool,
}

impl Source {
    /// The file at `path`, as it stands: no glob.
    pub fn path(path: impl Into<PathBuf>) -> Source {
        Source(Kind::Path(Arc::new(Named { path: path.into(), is_used_up: AtomicBool::new(false) })), None)
    }

    /// Bytes in memory, kept by `bytes` and never copied.
    pub fn bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Source {
        Source(Kind::Bytes(Bytes::from_owner(bytes)), None)
    }

    /// Whatever `opener` opens.
    pub fn opener(opener: Arc<dyn Open>) -> Source {
        Source(Kind::Opener(opener), None)
    }

    /// The sources that a text names: the file of that name if there is one, else the files that it
    /// matches as a glob (`*`, `?`, `[…]`, `**` for any folders, no links among them), sorted. Hidden files have to
    /// be named.
    ///
    /// Without the feature `glob` only the file of that name is found.
    ///
    /// Nothing found is an error of the kind [`io::ErrorKind::NotFound`]; never an empty list.
    pub fn expand(pattern: impl AsRef<Path>) -> io::Result<Vec<Source>> {
        Source::expand_while(pattern, &mut || true)
    }

    /// Like [`Source::expand`]. `goes_on` is asked while folders are searched; if it says no, the search ends with
    /// an error of the kind [`io::ErrorKind::Interrupted`].
    pub fn expand_while(
        pattern: impl AsRef<Path>,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Vec<Source>> {
        Ok(expand(pattern.as_ref(), goes_on)?.into_iter().map(Source::path).collect())
    }

    /// The same source by another name.
    #[must_use]
    pub fn with_name(self, name: impl Into<Arc<str>>) -> Source {
        Source(self.0, Some(name.into()))
    }

    /// What messages and the column `source` call it; bytes in memory have no name unless they are given one.
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

    /// The bytes as they lie in memory, compressed or not, if they do.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Opens it and looks at the first bytes, to tell whether it is compressed.
    pub fn open(&self) -> io::Result<Input> {
        self.open_while(&mut || true)
    }

    /// Like [`Source::open`]. `goes_on` is asked while nothing comes; if it says no, the opening ends with an error
    /// of the kind [`io::ErrorKind::Interrupted`].
    pub fn open_while(&self, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Input> {
        let name = self.name();
        match &self.0 {
            Kind::Bytes(bytes) => Input::of_bytes(name, bytes),
            Kind::Opener(opener) => Input::of_reader(name, opener.open()?, goes_on),
            Kind::Path(named) => Input::of_file(name, named.path()?, goes_on),
        }
    }

    /// Opens the part of it that holds the records which begin in a range.
    pub(super) fn open_range(
        &self,
        range: &Range<u64>,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Input> {
        let name = self.name();
        match &self.0 {
            Kind::Bytes(bytes) => Input::of_part_of_bytes(name, bytes, range, goes_on),
            Kind::Path(named) if !is_pipe(&named.path) => {
                Input::of_part_of_file(name, &named.path, range, goes_on)
            }
            _ => Err(no_ranges()),
        }
    }
}

impl Named {
    /// The path, for the one time that a pipe can be read.
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
