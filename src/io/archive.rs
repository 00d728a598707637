//! [`Archive`]: a source that holds others, which are read one after another. None of them is unpacked to disk or held
//! in memory.

use std::io::{self, Read};
use std::sync::Arc;

#[cfg(feature = "archives")]
use bytes::Buf;
use bytes::Bytes;

use super::Input;
#[cfg(feature = "archives")]
use crate::{diagnostic::Code, error::SourceError};

#[cfg(feature = "archives")]
mod tar;
#[cfg(feature = "archives")]
mod zip;

/// The kinds of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tar,
    Zip,
}

impl Kind {
    /// The kind of an archive, by its first (decompressed) bytes: those of a tar header, or a local file header of zip.
    pub(super) fn of(first_bytes: &[u8]) -> Option<Kind> {
        match first_bytes {
            [b'P', b'K', 3, 4, ..] => Some(Kind::Zip),
            _ => first_bytes.first_chunk().is_some_and(is_tar_header).then_some(Kind::Tar),
        }
    }

    /// The archive that a source is. Its first bytes were read already.
    #[cfg(feature = "archives")]
    pub(super) fn open(self, first: Bytes, input: Input) -> io::Result<Box<dyn Archive>> {
        match self {
            Kind::Tar => Ok(Box::new(tar::Members::new(Box::new(first.reader().chain(input))))),
            Kind::Zip => {
                let (bytes, size) = input.at_any_place()?;
                Ok(Box::new(zip::Members::of(bytes, size)?))
            }
        }
    }

    /// An error that names the feature.
    #[cfg(not(feature = "archives"))]
    pub(super) fn open(self, _: Bytes, _: Input) -> io::Result<Box<dyn Archive>> {
        let message = match self {
            Kind::Tar => "a tar archive; to read it, build mrrc with its feature `archives`",
            Kind::Zip => "a zip archive; to read it, build mrrc with its feature `archives`",
        };
        Err(io::Error::new(io::ErrorKind::Unsupported, message))
    }
}

/// Whether a block is a header as POSIX 1003.1 ("ustar Interchange Format") and GNU write it. A catalogue may have
/// `ustar` in its place, but not the sum of all bytes as well.
fn is_tar_header(block: &[u8; 512]) -> bool {
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    // The field of the sum counts as blanks.
    let expected = sum(block) - sum(&block[148..156]) + 8 * u32::from(b' ');
    let digits = block[148..156].trim_ascii_start();
    let stated = digits
        .iter()
        .take_while(|digit| (b'0'..=b'7').contains(digit))
        .fold(0, |number, digit| number * 8 + u32::from(digit - b'0'));
    block[257..262] == *b"ustar" && stated == expected
}

/// An archive whose members are read one after another.
pub(super) trait Archive: Send {
    /// The next file in it. Folders and links are passed over.
    ///
    /// # Errors
    ///
    /// `archive-damaged`, after which there is no further member.
    fn next(&mut self, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Option<Member>>;
}

/// A file in an archive.
pub(super) struct Member {
    /// Its name in the archive.
    pub(super) name: String,
    /// The number of its bytes.
    pub(super) size: u64,
    /// Its bytes, or why they cannot be read.
    pub(super) content: Result<Box<dyn Read + Send>, String>,
}

impl Member {
    /// The name of the member of an archive with this name: `dump.zip!part1.xml`.
    pub(super) fn name_in(&self, archive: Option<&str>) -> Arc<str> {
        match archive {
            Some(archive) => format!("{archive}!{}", self.name).into(),
            None => self.name.as_str().into(),
        }
    }
}

/// The error for an archive, or a member of it, that cannot be read further.
#[cfg(feature = "archives")]
fn damaged(offset: u64, found: impl Into<String>) -> io::Error {
    io::Error::other(SourceError::new(Code::ArchiveDamaged, offset, found))
}

/// Whether an error is about what was read, and not about reading it.
#[cfg(feature = "archives")]
fn is_of_content(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    let is_ours = error.get_ref().is_some_and(|inner| inner.is::<SourceError>());
    matches!(error.kind(), InvalidData | InvalidInput | Other | UnexpectedEof) && !is_ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> [u8; 512] {
        let mut block = [0; 512];
        block[..8].copy_from_slice(b"dump.mrc");
        block[257..262].copy_from_slice(b"ustar");
        let sum = block.iter().map(|&byte| u32::from(byte)).sum::<u32>() + 8 * 32;
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }

    #[test]
    fn an_archive_is_told_by_its_first_bytes() {
        assert_eq!(Kind::of(&header()), Some(Kind::Tar));
        assert_eq!(Kind::of(b"PK\x03\x04\x14\0"), Some(Kind::Zip));
        assert_eq!(Kind::of(b"00063nam a2200049 a 4500"), None);
        assert_eq!(Kind::of(b""), None);
    }

    #[test]
    fn a_book_on_mustard_is_no_archive() {
        let mut record = header();
        record[..24].copy_from_slice(b"00512nam a2200049 a 4500");
        assert_eq!(Kind::of(&record), None);
    }
}
