//! [`Input`]: an opened source, as its decompressed bytes.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use encoding_rs::Encoding;

use super::archive;
use super::at::{ReadAt, read_at};
use super::compression::{Compression, Decompressor, LOOKED_AT};
use super::file::{self, Opened, Positioned};
use super::path::PathError;
#[cfg(feature = "archives")]
use super::path::only_in_order;
use super::path::{no_ranges, no_ranges_here};
use super::range::between_sync_points;
use super::source::Open;
use super::transcode::Transcoder;
use crate::diagnostic::{Code, Diagnostic};
use crate::error::SourceError;
use crate::formats::{self, Syntax, encoding};
use crate::options::Format;
use crate::words::grouped;

/// The number of bytes in which the first line of a source is looked for, if it is to be split between lines.
const FIRST_LINE: usize = 1 << 16;

/// An opened source: its decompressed bytes.
///
/// [`Read`] gives all of them. Uncompressed bytes in memory are better taken whole and without a copy, by
/// [`Input::shared`].
///
/// A read that has had nothing to return for a twentieth of a second, because nothing arrives or because a compressed
/// stream has no content, returns an error of kind [`io::ErrorKind::Interrupted`]: the caller checks whether the read
/// is still wanted, and reads again.
pub struct Input {
    name: Option<Arc<str>>,
    size: Option<u64>,
    offset: u64,
    /// The first bytes of the source, if this is a part of it.
    head: Option<Bytes>,
    content: Content,
}

/// A part of a source, or why there is none: the source cannot be split.
pub(super) type Ranged = Result<Input, io::Error>;

enum Content {
    Bytes { bytes: Bytes, position: usize },
    Plain(Raw),
    Compressed(Box<Decompressor<Raw>>),
    Transcoded(Transcoder),
}

impl Content {
    fn compressed(compression: Compression, raw: Raw) -> io::Result<Content> {
        let path = raw.path.clone();
        let decompressor = Decompressor::new(compression, raw).map_err(|error| match path {
            Some(path) => PathError::at(&path, error),
            None => error,
        })?;
        Ok(Content::Compressed(Box::new(decompressor)))
    }
}

/// What a source is written in that can be split, by its first bytes.
fn splittable(first_bytes: &[u8], format: Format) -> io::Result<Syntax> {
    if Compression::of(first_bytes).is_some() || archive::Kind::of(first_bytes).is_some() {
        return Err(no_ranges());
    }
    let shown = &first_bytes[..first_bytes.len().min(formats::LOOKED_AT)];
    let syntax = Syntax::of(shown, format);
    let is_splittable = syntax.can_be_split(first_bytes) && encoding::of(shown, format).is_none();
    if is_splittable { Ok(syntax) } else { Err(no_ranges_here()) }
}

impl Input {
    fn plain_bytes(name: Option<Arc<str>>, bytes: Bytes, offset: u64) -> Input {
        let size = Some(bytes.len() as u64);
        Input { name, size, offset, head: None, content: Content::Bytes { bytes, position: 0 } }
    }

    /// No bytes, of a source whose records are all in another part.
    pub(super) fn of_nothing(name: Option<Arc<str>>) -> Input {
        Input { head: Some(Bytes::new()), ..Input::plain_bytes(name, Bytes::new(), 0) }
    }

    pub(super) fn of_bytes(name: Option<Arc<str>>, bytes: &Bytes) -> io::Result<Input> {
        Ok(match Compression::of(bytes) {
            None => Input::plain_bytes(name, bytes.clone(), 0),
            Some(compression) => {
                let raw = Raw::new(Box::new(io::Cursor::new(bytes.clone())));
                Input {
                    name,
                    size: None,
                    offset: 0,
                    head: None,
                    content: Content::compressed(compression, raw)?,
                }
            }
        })
    }

    pub(super) fn of_opener(
        name: Option<Arc<str>>,
        opener: &Arc<dyn Open>,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Input> {
        let raw = Raw { opener: Some(opener.clone()), ..Raw::new(opener.open()?) };
        let input = Input::of_raw(name, raw, goes_on)?;
        Ok(match input.content {
            Content::Plain(_) => Input { size: opener.known_size(), ..input },
            _ => input,
        })
    }

    /// A file of `size` bytes in an archive.
    pub(super) fn of_member(
        name: Option<Arc<str>>,
        reader: Box<dyn Read + Send>,
        size: u64,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Input> {
        let input = Input::of_raw(name, Raw::new(reader), goes_on)?;
        Ok(match input.content {
            Content::Plain(_) => Input { size: Some(size), ..input },
            _ => input,
        })
    }

    pub(super) fn of_file(
        name: Option<Arc<str>>,
        path: &Path,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Input> {
        let raw = match file::open(path, goes_on)? {
            Opened::Stream(reader) => Raw { path: Some(path.to_owned()), ..Raw::new(reader) },
            Opened::File { file, length } => Raw::of_part(path, file, 0..length),
        };
        Input::of_raw(name, raw, goes_on)
    }

    /// Examines the first bytes, to recognise compression.
    fn of_raw(name: Option<Arc<str>>, mut raw: Raw, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Input> {
        let length = raw.part.as_ref().map(|part| part.end - part.start);
        Ok(match Compression::of(raw.look(goes_on)?) {
            None => Input { name, size: length, offset: 0, head: None, content: Content::Plain(raw) },
            Some(compression) => Input {
                name,
                size: None,
                offset: 0,
                head: None,
                content: Content::compressed(compression, raw)?,
            },
        })
    }

    /// The part of an opener that holds the records beginning in a range.
    pub(super) fn of_part_of(
        name: Option<Arc<str>>,
        bytes: Arc<dyn ReadAt>,
        range: &Range<u64>,
        format: Format,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Ranged> {
        let mut head = Vec::new();
        read_at(&*bytes, 0, FIRST_LINE, &mut head)?;
        let syntax = match splittable(&head, format) {
            Ok(syntax) => syntax,
            Err(reason) => return Ok(Err(reason)),
        };
        let part = between_sync_points(&*bytes, bytes.size()?, range, syntax, goes_on)?;
        let (size, offset) = (Some(part.end - part.start), part.start);
        let content = Content::Plain(Raw::new(bytes.read_part(part)?));
        Ok(Ok(Input { name, size, offset, head: Some(head.into()), content }))
    }

    pub(super) fn of_part_of_bytes(
        name: Option<Arc<str>>,
        bytes: &Bytes,
        range: &Range<u64>,
        format: Format,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Ranged> {
        let head = bytes.slice(..bytes.len().min(FIRST_LINE));
        let syntax = match splittable(&head, format) {
            Ok(syntax) => syntax,
            Err(reason) => return Ok(Err(reason)),
        };
        let part = between_sync_points(bytes, bytes.len() as u64, range, syntax, goes_on)?;
        let part = (part.start, bytes.slice(part.start as usize..part.end as usize));
        Ok(Ok(Input { head: Some(head), ..Input::plain_bytes(name, part.1, part.0) }))
    }

    pub(super) fn of_part_of_file(
        name: Option<Arc<str>>,
        path: &Path,
        range: &Range<u64>,
        format: Format,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Ranged> {
        let Opened::File { file, length } = file::open(path, goes_on)? else { return Ok(Err(no_ranges())) };
        let about = |error: io::Error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            _ => PathError::at(path, error),
        };
        let mut head = Vec::new();
        read_at(&file, 0, FIRST_LINE, &mut head).map_err(about)?;
        let syntax = match splittable(&head, format) {
            Ok(syntax) => syntax,
            Err(reason) => return Ok(Err(reason)),
        };
        let part = between_sync_points(&file, length, range, syntax, goes_on).map_err(about)?;
        let (size, offset) = (Some(part.end - part.start), part.start);
        let (head, content) = (Some(head.into()), Content::Plain(Raw::of_part(path, file, part)));
        Ok(Ok(Input { name, size, offset, head, content }))
    }

    /// All bytes, to be read in any order, and their number.
    ///
    /// # Errors
    ///
    /// Of kind [`io::ErrorKind::InvalidInput`] for a stream.
    #[cfg(feature = "archives")]
    pub(super) fn at_any_place(self) -> io::Result<(Arc<dyn ReadAt>, u64)> {
        match self.content {
            Content::Bytes { bytes, .. } => {
                let size = bytes.len() as u64;
                Ok((Arc::new(bytes), size))
            }
            Content::Plain(Raw { path: Some(path), part: Some(part), .. }) => {
                let file = File::open(&path).map_err(|error| PathError::at(&path, error))?;
                Ok((Arc::new(file), part.end))
            }
            Content::Plain(Raw { opener: Some(opener), .. }) => {
                let bytes = opener.at_any_place()?.ok_or_else(only_in_order)?;
                let size = bytes.size()?;
                Ok((bytes, size))
            }
            _ => Err(only_in_order()),
        }
    }

    /// Gives text in this encoding as UTF-8 from now on, with `first`, which was read before. Its size is not known.
    pub(super) fn transcode(&mut self, first: Bytes, encoding: &'static Encoding) {
        let nothing = Content::Bytes { bytes: Bytes::new(), position: 0 };
        let content = std::mem::replace(&mut self.content, nothing);
        let input = Input { name: self.name.clone(), size: None, offset: self.offset, head: None, content };
        self.content = Content::Transcoded(Transcoder::new(first, Box::new(input), encoding));
        self.size = None;
    }

    /// The first bytes of the source, if this is a part of it.
    pub(super) fn head(&self) -> Option<&Bytes> {
        self.head.as_ref()
    }

    /// The name of the source.
    pub fn name(&self) -> Option<&Arc<str>> {
        self.name.as_ref()
    }

    /// The size in bytes, if it is known: for uncompressed files, and for bytes in memory.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The offset of the first byte in the source.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// All bytes at once, shared, if they are in memory and not compressed.
    pub fn shared(&self) -> Option<Bytes> {
        match &self.content {
            Content::Bytes { bytes, .. } => Some(bytes.clone()),
            _ => None,
        }
    }

    /// Warnings about the source itself; complete once the end is read.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let stream = match &self.content {
            Content::Compressed(stream) => stream,
            Content::Transcoded(text) => return text.input.warnings(),
            Content::Bytes { .. } | Content::Plain(_) => return Vec::new(),
        };
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
            Content::Transcoded(text) => return text.read(output),
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

/// The bytes before any decompression; bytes that were examined are returned again.
struct Raw {
    inner: Box<dyn Read + Send>,
    first: [u8; LOOKED_AT],
    first_start: usize,
    first_end: usize,
    path: Option<PathBuf>,
    /// What opened it, if it is read from its beginning; archives ask it for bytes at any place.
    #[cfg_attr(not(feature = "archives"), allow(dead_code))]
    opener: Option<Arc<dyn Open>>,
    /// The part of a file that is read. It existed when the file was opened; what is added later is not read.
    part: Option<Range<u64>>,
}

impl Raw {
    fn new(inner: Box<dyn Read + Send>) -> Raw {
        Raw {
            inner,
            first: [0; LOOKED_AT],
            first_start: 0,
            first_end: 0,
            path: None,
            opener: None,
            part: None,
        }
    }

    fn of_part(path: &Path, file: File, part: Range<u64>) -> Raw {
        let inner = Box::new(Positioned { file, position: part.start });
        Raw { path: Some(path.to_owned()), part: Some(part), ..Raw::new(inner) }
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
        let left = self.part.as_ref().map_or(u64::MAX, |part| part.end - part.start);
        let wanted = output.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        match (self.inner.read(&mut output[..wanted]), &mut self.part) {
            (Ok(0), Some(part)) => {
                let mut error = SourceError::new(Code::SourceChanged, part.start, "its end");
                error.0.expected = format!("{} bytes", grouped(part.end));
                Err(io::Error::other(error))
            }
            (Ok(count), Some(part)) => {
                part.start += count as u64;
                Ok(count)
            }
            (Ok(count), None) => Ok(count),
            (Err(error), _) => Err(match &self.path {
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
