//! tar archives (POSIX 1003.1, ustar and pax, and GNU): a stream of headers, each with the bytes of its member after it.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tar::EntryType;

use super::{Archive, Member, damaged, is_of_content};
use crate::error::SourceError;
use crate::words::counted;

/// Members fill whole blocks of this many bytes.
const BLOCK: u64 = 512;
/// The most bytes that are read for one header, with its long names and the zeros before it.
const LONGEST_HEADER: usize = 16 << 20;
/// The number of bytes passed over at once.
const STEP: usize = 1 << 16;

/// The members of an archive, in their order.
pub(super) struct Members(Arc<Mutex<Stream>>);

impl Members {
    pub(super) fn new(bytes: Box<dyn Read + Send>) -> Members {
        let stream = Stream { bytes, position: 0, member: 0, left: 0, padding: 0, is_cut_short: false };
        Members(Arc::new(Mutex::new(stream)))
    }
}

impl Archive for Members {
    fn next(&mut self, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Option<Member>> {
        let mut stream = lock(&self.0);
        loop {
            stream.pass_over_the_rest(goes_on)?;
            let Some(Header { name, size, kind }) = stream.next_header(goes_on)? else { return Ok(None) };
            stream.member += 1;
            (stream.left, stream.padding) = (size, size.next_multiple_of(BLOCK) - size);
            let content: Result<Box<dyn Read + Send>, _> = match kind {
                EntryType::Regular | EntryType::Continuous => {
                    Ok(Box::new(Content { stream: self.0.clone(), member: stream.member, position: 0 }))
                }
                EntryType::GNUSparse => Err("a sparse file; pack it again without --sparse".to_owned()),
                _ => continue,
            };
            return Ok(Some(Member { name, size, content }));
        }
    }
}

fn lock(stream: &Mutex<Stream>) -> MutexGuard<'_, Stream> {
    stream.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is said of a member before its bytes.
struct Header {
    name: String,
    size: u64,
    kind: EntryType,
}

/// The archive, read once from its beginning to its end.
struct Stream {
    bytes: Box<dyn Read + Send>,
    /// The number of bytes read.
    position: u64,
    /// The number of the current member.
    member: u64,
    /// Bytes of the current member that were not read.
    left: u64,
    /// Bytes after it that fill its last block.
    padding: u64,
    /// It ended too early, and that was told.
    is_cut_short: bool,
}

impl Stream {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(output);
        match &read {
            Ok(count) => self.position += *count as u64,
            Err(error) => self.is_cut_short = error.get_ref().is_some_and(|inner| inner.is::<SourceError>()),
        }
        read
    }

    /// Reads bytes of the current member.
    fn read_member(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let most = output.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let count = self.read(&mut output[..most])?;
        if count == 0 {
            self.is_cut_short = true;
            let missing = counted(self.left, "byte");
            return Err(damaged(self.position, format!("the end of the tar archive, and {missing} missing")));
        }
        self.left -= count as u64;
        Ok(count)
    }

    fn pass_over_the_rest(&mut self, goes_on: &mut dyn FnMut() -> bool) -> io::Result<()> {
        let mut passed = [0; STEP];
        self.left += std::mem::take(&mut self.padding);
        while self.left > 0 && !self.is_cut_short {
            match self.read_member(&mut passed) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ if !goes_on() => return Err(io::ErrorKind::Interrupted.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The header that is next; `None` at the end. Zeros, which end an archive, are passed over: another may follow.
    fn next_header(&mut self, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Option<Header>> {
        if self.is_cut_short {
            return Ok(None);
        }
        let offset = self.position;
        let mut archive = tar::Archive::new(Headers { stream: self, goes_on, left: LONGEST_HEADER });
        archive.set_ignore_zeros(true);
        let entry = archive.entries().and_then(|mut entries| entries.next().transpose());
        match entry {
            Ok(None) => Ok(None),
            Ok(Some(entry)) => {
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                let kind = entry.header().entry_type();
                // That of a sparse file is its size when it is unpacked.
                let size = if kind.is_gnu_sparse() { entry.header().entry_size()? } else { entry.size() };
                Ok(Some(Header { name, size, kind }))
            }
            Err(error) if is_of_content(&error) => Err(damaged(offset, format!("tar: {error}"))),
            Err(error) => Err(error),
        }
    }
}

/// The bytes of a header. Those that are slow to arrive are waited for.
struct Headers<'a> {
    stream: &'a mut Stream,
    goes_on: &'a mut dyn FnMut() -> bool,
    left: usize,
}

impl Read for Headers<'_> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let most = output.len().min(self.left);
        if most == 0 && !output.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a header that does not end"));
        }
        loop {
            match self.stream.read(&mut output[..most]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted && (self.goes_on)() => {}
                read => {
                    self.left -= read.as_ref().map_or(0, |count| *count);
                    return read;
                }
            }
        }
    }
}

/// The bytes of one member. They end when the next member is asked for.
struct Content {
    stream: Arc<Mutex<Stream>>,
    member: u64,
    position: u64,
}

impl Read for Content {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let mut stream = lock(&self.stream);
        if stream.member != self.member {
            return Ok(0);
        }
        match stream.read_member(output) {
            Ok(count) => {
                self.position += count as u64;
                Ok(count)
            }
            Err(error) => Err(match error.downcast::<SourceError>() {
                Ok(mut error) => {
                    error.0.offset = self.position;
                    io::Error::other(error)
                }
                Err(error) => error,
            }),
        }
    }
}
