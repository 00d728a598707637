//! [`Source`]: where bytes come from. Nothing else in the crate knows.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::compression::{Compression, Decompressor, LOOKED_AT};
use super::range::between_sync_points;
use super::{PathError, shown};
use crate::diagnostic::{Code, Diagnostic, grouped, printable};
use crate::error::SourceError;

/// Something that gives a reader each time it is read, from its beginning.
pub trait Open: Send + Sync {
    /// A fresh reader. Its errors reach the caller of a read as they are.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;

    /// What messages and the column `source` call it.
    fn name(&self) -> Option<String>;
}

/// Where bytes come from: a file, bytes in memory, or anything that can be opened.
///
/// A source is a description: cloning it copies no bytes, and it can be opened any number of times.
#[derive(Clone)]
pub struct Source(Kind);

#[derive(Clone)]
enum Kind {
    Path(PathBuf),
    Bytes(Bytes),
    Opener(Arc<dyn Open>),
}

impl Source {
    /// The file at `path`, as it stands: no glob.
    pub fn path(path: impl Into<PathBuf>) -> Source {
        Source(Kind::Path(path.into()))
    }

    /// Bytes in memory, kept by `bytes` and never copied.
    pub fn bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Source {
        Source(Kind::Bytes(Bytes::from_owner(bytes)))
    }

    /// Whatever `opener` opens.
    pub fn opener(opener: Arc<dyn Open>) -> Source {
        Source(Kind::Opener(opener))
    }

    /// The sources that a text names: the file of that name if there is one, else the files that it
    /// matches as a glob (`*`, `?`, `[…]`, `**` for any folders), sorted. Hidden files have to be named.
    ///
    /// Without the feature `glob` only the file of that name is found.
    ///
    /// Nothing found is an error of the kind [`io::ErrorKind::NotFound`]; never an empty list.
    pub fn expand(pattern: impl AsRef<Path>) -> io::Result<Vec<Source>> {
        let path = pattern.as_ref();
        let missing = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Err(directory(path)),
            Ok(_) => return Ok(vec![Source::path(path)]),
            Err(error) if error.kind() == io::ErrorKind::NotFound => error,
            // A pattern may hold what no name can, on some systems.
            Err(error) if error.kind() == io::ErrorKind::InvalidFilename => error,
            Err(error) => return Err(PathError::at(path, error)),
        };
        let pattern = match path.to_str() {
            Some(text) if text.contains(['*', '?', '[']) => text,
            _ => return Err(PathError::at(path, missing)),
        };
        let found = matches(pattern)?;
        if found.is_empty() {
            let message = format!("no file matches {}", printable(pattern));
            return Err(PathError::with_message(path, io::ErrorKind::NotFound.into(), message));
        }
        Ok(found.into_iter().map(Source::path).collect())
    }

    /// What messages and the column `source` call it; bytes in memory have no name.
    pub fn name(&self) -> Option<Arc<str>> {
        match &self.0 {
            Kind::Path(path) => Some(path.to_string_lossy().into()),
            Kind::Bytes(_) => None,
            Kind::Opener(opener) => opener.name().map(Arc::from),
        }
    }

    /// The path, if it is a file.
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The bytes as they lie in memory, compressed or not, if they do.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Opens it and looks at the first bytes, to tell whether it is compressed.
    pub fn open(&self) -> io::Result<Input> {
        self.open_while(&mut || true)
    }

    /// Opens the part of it that holds the records which begin in a range; `goes_on` is asked while it is looked for.
    pub(super) fn open_range(
        &self,
        range: &Range<u64>,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Input> {
        let name = self.name();
        match &self.0 {
            Kind::Bytes(bytes) if Compression::of(bytes).is_none() => {
                let part =
                    between_sync_points(&mut io::Cursor::new(bytes), bytes.len() as u64, range, goes_on)?;
                let (start, end) = (part.start as usize, part.end as usize);
                Ok(Input { offset: part.start, ..Input::bytes(name, bytes.slice(start..end)) })
            }
            Kind::Path(path) => {
                let (mut file, size) = open_file(path)?;
                let Some(size) = size else { return Err(no_ranges()) };
                let mut first = Vec::new();
                file.by_ref()
                    .take(LOOKED_AT as u64)
                    .read_to_end(&mut first)
                    .map_err(|error| PathError::at(path, error))?;
                if Compression::of(&first).is_some() {
                    return Err(no_ranges());
                }
                let part = between_sync_points(&mut file, size, range, goes_on)
                    .and_then(|part| file.seek(io::SeekFrom::Start(part.start)).map(|_| part))
                    .map_err(|error| PathError::at(path, error))?;
                let length = Some(part.end - part.start);
                let raw = Raw { path: Some(path.clone()), length, ..Raw::new(Box::new(file)) };
                Ok(Input { name, size: length, offset: part.start, content: Content::Plain(raw) })
            }
            _ => Err(no_ranges()),
        }
    }

    /// The same; `goes_on` is asked whenever a signal comes while the first bytes are waited for.
    pub(super) fn open_while(&self, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Input> {
        let name = self.name();
        let (raw, length) = match &self.0 {
            Kind::Bytes(bytes) => {
                let content = match Compression::of(bytes) {
                    None => return Ok(Input::bytes(name, bytes.clone())),
                    Some(compression) => Content::compressed(compression, Raw::memory(bytes.clone()))?,
                };
                return Ok(Input { name, size: None, offset: 0, content });
            }
            Kind::Opener(opener) => (Raw::new(opener.open()?), None),
            Kind::Path(path) => {
                let (file, length) = open_file(path)?;
                (Raw { path: Some(path.clone()), length, ..Raw::new(Box::new(file)) }, length)
            }
        };
        let mut raw = raw;
        let content = match Compression::of(raw.look(goes_on)?) {
            None => Content::Plain(raw),
            Some(compression) => Content::compressed(compression, raw)?,
        };
        let size = length.filter(|_| matches!(content, Content::Plain(_)));
        Ok(Input { name, size, offset: 0, content })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Path(path) => write!(f, "Source({})", shown(path)),
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

fn directory(path: &Path) -> io::Error {
    let (shown, glob) = (shown(path), shown(&path.join("*.mrc")));
    let message = format!("{shown} is a directory; name the files in it with a glob such as \"{glob}\"");
    PathError::with_message(path, io::ErrorKind::IsADirectory.into(), message)
}

fn no_ranges() -> io::Error {
    let message = "a range of bytes can be read of a file that is not compressed, or of bytes in memory";
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// The files, not the folders, that match.
#[cfg(feature = "glob")]
fn matches(pattern: &str) -> io::Result<Vec<PathBuf>> {
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let paths = glob::glob_with(pattern, options).map_err(|error| {
        let message = format!("no such file, and no valid glob: {}: {}", printable(pattern), error.msg);
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| {
            let path = error.path().to_owned();
            PathError::at(&path, error.into())
        })?;
        if !path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(not(feature = "glob"))]
fn matches(pattern: &str) -> io::Result<Vec<PathBuf>> {
    let shown = printable(pattern);
    let message = format!("no such file: {shown}; to take it as a glob, build mrrc with its feature `glob`");
    Err(PathError::with_message(Path::new(pattern), io::ErrorKind::Unsupported.into(), message))
}

/// An open file, and its length if it has one.
fn open_file(path: &Path) -> io::Result<(File, Option<u64>)> {
    let file = File::open(path).map_err(|error| PathError::at(path, error))?;
    let metadata = file.metadata().map_err(|error| PathError::at(path, error))?;
    if metadata.is_dir() {
        return Err(directory(path));
    }
    // Pipes have no length; files that the system makes up say 0 and have content.
    let length = (metadata.is_file() && metadata.len() > 0).then_some(metadata.len());
    Ok((file, length))
}

/// An opened source: its bytes, decompressed.
///
/// As a [`Read`] it gives them all. Bytes in memory that are not compressed are better taken whole,
/// without a copy, by [`Input::shared`].
pub struct Input {
    name: Option<Arc<str>>,
    size: Option<u64>,
    offset: u64,
    content: Content,
}

enum Content {
    Bytes { bytes: Bytes, position: usize },
    Plain(Raw),
    Compressed(Box<Decompressor<Raw>>),
}

impl Content {
    fn compressed(compression: Compression, raw: Raw) -> io::Result<Content> {
        let path = raw.path.clone();
        match Decompressor::new(compression, raw) {
            Ok(stream) => Ok(Content::Compressed(Box::new(stream))),
            Err(error) => Err(match path {
                Some(path) => PathError::at(&path, error),
                None => error,
            }),
        }
    }
}

impl Input {
    fn bytes(name: Option<Arc<str>>, bytes: Bytes) -> Input {
        let size = Some(bytes.len() as u64);
        Input { name, size, offset: 0, content: Content::Bytes { bytes, position: 0 } }
    }

    /// The source's name.
    pub fn name(&self) -> Option<&Arc<str>> {
        self.name.as_ref()
    }

    /// How many bytes there will be in all, where that is known: for files that are not compressed, and
    /// bytes in memory.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Offset of its first byte in the source.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// All bytes at once, shared, if they lie in memory uncompressed.
    pub fn shared(&self) -> Option<Bytes> {
        match &self.content {
            Content::Bytes { bytes, .. } => Some(bytes.clone()),
            _ => None,
        }
    }

    /// What was odd about the source itself; complete once its end was read.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let Content::Compressed(stream) = &self.content else { return Vec::new() };
        let mut warnings = Vec::from_iter(stream.warning().cloned());
        for warning in &mut warnings {
            warning.source.clone_from(&self.name);
        }
        warnings
    }
}

impl Read for Input {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let (result, position) = match &mut self.content {
            Content::Bytes { bytes, position } => {
                let count = output.len().min(bytes.len() - *position);
                output[..count].copy_from_slice(&bytes[*position..*position + count]);
                *position += count;
                return Ok(count);
            }
            Content::Plain(raw) => (raw.read(output), None),
            Content::Compressed(stream) => (stream.read(output), Some(stream.position())),
        };
        result.map_err(|error| match error.downcast::<SourceError>() {
            Err(error) => error,
            Ok(mut error) => {
                error.0.source.clone_from(&self.name);
                error.0.offset = position.unwrap_or(error.0.offset);
                io::Error::other(error)
            }
        })
    }
}

/// The bytes as they come, before any decompression; gives the first ones again after a look.
struct Raw {
    inner: Box<dyn Read + Send>,
    first: [u8; LOOKED_AT],
    first_start: usize,
    first_end: usize,
    path: Option<PathBuf>,
    /// The file's length when it was opened: not read beyond, so that a file that grows is read as it was.
    length: Option<u64>,
    read: u64,
}

impl Raw {
    fn new(inner: Box<dyn Read + Send>) -> Raw {
        Raw { inner, first: [0; LOOKED_AT], first_start: 0, first_end: 0, path: None, length: None, read: 0 }
    }

    fn memory(bytes: Bytes) -> Raw {
        Raw::new(Box::new(io::Cursor::new(bytes)))
    }

    /// The first bytes; fewer only if there are no more.
    fn look(&mut self, goes_on: &mut dyn FnMut() -> bool) -> io::Result<&[u8]> {
        let mut first = [0; LOOKED_AT];
        let mut count = 0;
        while count < LOOKED_AT {
            match self.read_inner(&mut first[count..]) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted && goes_on() => {}
                Err(error) => return Err(error),
            }
        }
        (self.first, self.first_end) = (first, count);
        Ok(&self.first[..count])
    }

    fn read_inner(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let left = self.length.map_or(u64::MAX, |length| length - self.read);
        let wanted = output.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        match self.inner.read(&mut output[..wanted]) {
            Ok(0) => match self.length {
                Some(length) => {
                    let mut error = SourceError::new(Code::SourceChanged, self.read, "its end");
                    error.0.expected = format!("{} bytes", grouped(length));
                    Err(io::Error::other(error))
                }
                None => Ok(0),
            },
            Ok(count) => {
                self.read += count as u64;
                Ok(count)
            }
            Err(error) => Err(match &self.path {
                Some(path) if error.kind() != io::ErrorKind::Interrupted => PathError::at(path, error),
                _ => error,
            }),
        }
    }
}

impl Read for Raw {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let held = &self.first[self.first_start..self.first_end];
        if held.is_empty() {
            return self.read_inner(output);
        }
        let count = held.len().min(output.len());
        output[..count].copy_from_slice(&held[..count]);
        self.first_start += count;
        Ok(count)
    }
}

#[cfg(test)]
#[cfg(all(feature = "gzip", feature = "glob"))]
mod tests;
