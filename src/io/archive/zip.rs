//! zip archives (APPNOTE.TXT of PKWARE): the directory at the end says where the members are.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use zip::read::ZipFileEntry;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{Archive, Member, damaged, is_of_content};
use crate::io::at::ReadAt;
use crate::words::{counted, grouped};

/// The bytes of a local file header before the name and what is extra. The lengths of these come last.
const LOCAL_HEADER: u64 = 30;

/// The members of an archive, in the order of its directory.
pub(super) struct Members {
    directory: ZipArchive<BufReader<Place>>,
    bytes: Place,
    next: usize,
}

impl Members {
    /// The members of an archive of `size` bytes.
    pub(super) fn of(bytes: Arc<dyn ReadAt>, size: u64) -> io::Result<Members> {
        let bytes = Place { bytes, position: 0, end: size };
        let directory = ZipArchive::new(BufReader::new(bytes.clone())).map_err(failure)?;
        if directory.has_duplicate_names() {
            return Err(damaged(0, "zip: several files of the same name"));
        }
        let members = Members { directory, bytes, next: 0 };
        let mut packed = 0;
        for number in 0..members.directory.len() {
            packed += u128::from(members.entry(number)?.compressed_size());
        }
        // So each byte of it is decompressed once at most.
        if packed > u128::from(size) {
            return Err(damaged(0, "zip: files that overlap"));
        }
        Ok(members)
    }

    fn entry(&self, number: usize) -> io::Result<ZipFileEntry<'_>> {
        self.directory.by_index_data(number).map_err(failure)
    }

    fn member(&self, entry: &ZipFileEntry<'_>) -> io::Result<Member> {
        let raw = || String::from_utf8_lossy(entry.name_raw()).into_owned();
        let name = entry.name().map_or_else(|_| raw(), |name| name.into_owned());
        Ok(Member { name, size: entry.size(), content: self.content(entry)? })
    }

    /// Where the bytes of a member begin, after its local file header (APPNOTE 4.3.7).
    fn start(&self, entry: &ZipFileEntry<'_>) -> io::Result<Option<u64>> {
        let mut header = Vec::new();
        let place = Place { position: entry.header_start(), ..self.bytes.clone() };
        place.take(LOCAL_HEADER).read_to_end(&mut header)?;
        let [b'P', b'K', 3, 4, .., name, name_high, extra, extra_high] = *header else { return Ok(None) };
        let lengths = [u16::from_le_bytes([name, name_high]), u16::from_le_bytes([extra, extra_high])];
        let length = LOCAL_HEADER + lengths.into_iter().map(u64::from).sum::<u64>();
        Ok((header.len() as u64 == LOCAL_HEADER).then(|| entry.header_start().saturating_add(length)))
    }

    /// The bytes of a member, or why they cannot be read.
    fn content(&self, entry: &ZipFileEntry<'_>) -> io::Result<Result<Box<dyn Read + Send>, String>> {
        if entry.encrypted() {
            return Ok(Err("it is encrypted; unpack the archive with its password".to_owned()));
        }
        let Some(start) = self.start(entry)? else {
            return Ok(Err("the archive has no header for it".to_owned()));
        };
        let end = start.saturating_add(entry.compressed_size());
        if end > self.bytes.end {
            return Ok(Err("the archive has not all of its bytes".to_owned()));
        }
        let packed = Place { position: start, end, ..self.bytes.clone() };
        let bytes: Box<dyn Read + Send> = match entry.compression() {
            CompressionMethod::Stored => Box::new(packed),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
            other => return Ok(Err(format!("it is compressed as {other}; unpack the archive first"))),
        };
        Ok(Ok(Box::new(Content {
            bytes: CrcReader::new(bytes),
            position: 0,
            size: entry.size(),
            crc: entry.crc32(),
        })))
    }
}

impl Archive for Members {
    fn next(&mut self, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Option<Member>> {
        while self.next < self.directory.len() {
            if !goes_on() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let entry = self.entry(self.next)?;
            let is_file = !entry.is_dir() && !entry.is_symlink();
            let member = if is_file { Some(self.member(&entry)?) } else { None };
            self.next += 1;
            if member.is_some() {
                return Ok(member);
            }
        }
        Ok(None)
    }
}

/// The error for a directory that cannot be read.
fn failure(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) if !is_of_content(&error) => error,
        error => damaged(0, format!("zip: {error}")),
    }
}

/// A stretch of the archive, and the place in it from which is read.
#[derive(Clone)]
struct Place {
    bytes: Arc<dyn ReadAt>,
    position: u64,
    end: u64,
}

impl Read for Place {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let most = output.len().min(left);
        let count = if most == 0 { 0 } else { self.bytes.read_at(self.position, &mut output[..most])? };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Place {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(from) => self.end.checked_add_signed(from),
            SeekFrom::Current(from) => self.position.checked_add_signed(from),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// The bytes of a member, which have the size and the sum that the directory says.
struct Content {
    bytes: CrcReader<Box<dyn Read + Send>>,
    position: u64,
    size: u64,
    crc: u32,
}

impl Read for Content {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        match self.bytes.read(output) {
            Ok(0) if !output.is_empty() && self.position != self.size => {
                let (found, expected) = (counted(self.position, "byte"), grouped(self.size));
                Err(damaged(self.position, format!("zip: {found}, and {expected} in the directory")))
            }
            Ok(0) if !output.is_empty() && self.bytes.crc().sum() != self.crc => {
                Err(damaged(self.position, "zip: incorrect data check"))
            }
            Ok(count) => {
                self.position += count as u64;
                Ok(count)
            }
            Err(error) if is_of_content(&error) => {
                Err(damaged(self.position, "zip: not a valid deflate stream"))
            }
            Err(error) => Err(error),
        }
    }
}
