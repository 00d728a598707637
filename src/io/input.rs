//! [`Input`]: an opened source, as its decompressed bytes.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use encoding_rs::Encoding;

use super::compression::{Compression, Decompressor, LOOKED_AT};
use super::file::{self, Opened, Positioned};
use super::path::PathError;
use super::path::{no_ranges, no_ranges_of};
use super::range::{between_sync_points, read_at};
use super::transcode::Transcoder;
use crate::diagnostic::{Code, Diagnostic};
use crate::error::SourceError;
use crate::formats::{self, Syntax};
use crate::options::Format;
use crate::words::grouped;

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
    content: Content,
}

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

/// Ranges are found by what only ISO 2709 has.
fn refuse_range_of(first_bytes: &[u8]) -> io::Result<()> {
    match Syntax::of(first_bytes, Format::Auto).format() {
        Format::Iso2709 => Ok(()),
        format => Err(no_ranges_of(format)),
    }
}

impl Input {
    fn plain_bytes(name: Option<Arc<str>>, bytes: Bytes, offset: u64) -> Input {
        let size = Some(bytes.len() as u64);
        Input { name, size, offset, content: Content::Bytes { bytes, position: 0 } }
    }

    pub(super) fn of_bytes(name: Option<Arc<str>>, bytes: &Bytes) -> io::Result<Input> {
        Ok(match Compression::of(bytes) {
            None => Input::plain_bytes(name, bytes.clone(), 0),
            Some(compression) => {
                let raw = Raw::new(Box::new(io::Cursor::new(bytes.clone())));
                Input { name, size: None, offset: 0, content: Content::compressed(compression, raw)? }
            }
        })
    }

    pub(super) fn of_reader(
        name: Option<Arc<str>>,
        reader: Box<dyn Read + Send>,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Input> {
        Input::of_raw(name, Raw::new(reader), goes_on)
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
            None => Input { name, size: length, offset: 0, content: Content::Plain(raw) },
            Some(compression) => {
                Input { name, size: None, offset: 0, content: Content::compressed(compression, raw)? }
            }
        })
    }

    pub(super) fn of_part_of_bytes(
        name: Option<Arc<str>>,
        bytes: &Bytes,
        range: &Range<u64>,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Input> {
        if Compression::of(bytes).is_some() {
            return Err(no_ranges());
        }
        refuse_range_of(&bytes[..bytes.len().min(formats::LOOKED_AT)])?;
        let part = between_sync_points(&bytes[..], bytes.len() as u64, range, goes_on)?;
        Ok(Input::plain_bytes(name, bytes.slice(part.start as usize..part.end as usize), part.start))
    }

    pub(super) fn of_part_of_file(
        name: Option<Arc<str>>,
        path: &Path,
        range: &Range<u64>,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Input> {
        let Opened::File { file, length } = file::open(path, goes_on)? else { return Err(no_ranges()) };
        let about = |error: io::Error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            _ => PathError::at(path, error),
        };
        let mut first = Vec::new();
        read_at(&file, 0, formats::LOOKED_AT, &mut first).map_err(about)?;
        if Compression::of(&first).is_some() {
            return Err(no_ranges());
        }
        refuse_range_of(&first)?;
        let part = between_sync_points(&file, length, range, goes_on).map_err(about)?;
        let (size, offset) = (Some(part.end - part.start), part.start);
        Ok(Input { name, size, offset, content: Content::Plain(Raw::of_part(path, file, part)) })
    }

    /// Gives text in this encoding as UTF-8 from now on, with `first`, which was read before. Its size is not known.
    pub(super) fn transcode(&mut self, first: Bytes, encoding: &'static Encoding) {
        let nothing = Content::Bytes { bytes: Bytes::new(), position: 0 };
        let content = std::mem::replace(&mut self.content, nothing);
        let input = Input { name: self.name.clone(), size: None, offset: self.offset, content };
        self.content = Content::Transcoded(Transcoder::new(first, Box::new(input), encoding));
        self.size = None;
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
    /// The part of a file that is read. It existed when the file was opened; what is added later is not read.
    part: Option<Range<u64>>,
}

impl Raw {
    fn new(inner: Box<dyn Read + Send>) -> Raw {
        Raw { inner, first: [0; LOOKED_AT], first_start: 0, first_end: 0, path: None, part: None }
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
