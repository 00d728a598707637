//! [`Compressor`]: what a suffix says about the file that is written.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
#[cfg(feature = "cli")]
use std::path::PathBuf;

/// The suffixes that say how a file is compressed, each with the feature that it needs.
const SUFFIXES: [(&str, &str); 4] = [("gz", "gzip"), ("bz2", "bzip2"), ("xz", "xz"), ("zst", "zstd")];

/// The path of the same file if it were not compressed.
#[cfg(feature = "cli")]
pub(crate) fn within(path: &Path) -> PathBuf {
    if suffix(path).is_some() { path.with_extension("") } else { path.to_owned() }
}

fn suffix(path: &Path) -> Option<(&'static str, &'static str)> {
    let suffix = path.extension()?.to_str()?;
    SUFFIXES.into_iter().find(|(it, _)| suffix.eq_ignore_ascii_case(it))
}

/// Compresses what is written, by the suffix of the file: `.gz`, `.bz2`, `.xz` or `.zst`, as much as the program of that
/// name does.
pub(super) struct Compressor(Box<dyn Encode>);

impl Compressor {
    /// The one that a suffix asks for.
    ///
    /// # Errors
    ///
    /// Of kind [`io::ErrorKind::Unsupported`] if this build does not have it.
    pub(super) fn of(path: &Path) -> io::Result<Option<Compressor>> {
        let Some((suffix, feature)) = suffix(path) else { return Ok(None) };
        let made: io::Result<Box<dyn Encode>> = match suffix {
            #[cfg(feature = "gzip")]
            "gz" => Ok(Box::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default()))),
            #[cfg(feature = "bzip2")]
            "bz2" => Ok(Box::new(bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best()))),
            #[cfg(feature = "xz")]
            "xz" => Ok(Box::new(liblzma::write::XzEncoder::new(Vec::new(), 6))),
            #[cfg(feature = "zstd")]
            "zst" => Ok(Box::new(zstd::Encoder::new(Vec::new(), zstd::DEFAULT_COMPRESSION_LEVEL)?)),
            _ => {
                let message =
                    format!("to compress it with {feature}, build mrrc with its feature `{feature}`");
                Err(io::Error::new(io::ErrorKind::Unsupported, message))
            }
        };
        made.map(|encode| Some(Compressor(encode)))
    }

    /// Takes bytes, and gives on what they have become so far.
    pub(super) fn write(&mut self, bytes: &[u8], target: &mut impl Write) -> io::Result<()> {
        let held = self.0.push(bytes)?;
        target.write_all(held)?;
        held.clear();
        Ok(())
    }

    /// What ends the stream.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        self.0.end()
    }
}

impl fmt::Debug for Compressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compressor")
    }
}

/// An encoder into memory.
trait Encode: Send + Sync {
    /// Takes bytes; what is ready is taken away by the caller.
    fn push(&mut self, bytes: &[u8]) -> io::Result<&mut Vec<u8>>;
    fn end(self: Box<Self>) -> io::Result<Vec<u8>>;
}

macro_rules! encode {
    ($feature:literal, $encoder:ty) => {
        #[cfg(feature = $feature)]
        impl Encode for $encoder {
            fn push(&mut self, bytes: &[u8]) -> io::Result<&mut Vec<u8>> {
                self.write_all(bytes)?;
                Ok(self.get_mut())
            }

            fn end(self: Box<Self>) -> io::Result<Vec<u8>> {
                self.finish()
            }
        }
    };
}

encode!("gzip", flate2::write::GzEncoder<Vec<u8>>);
encode!("bzip2", bzip2::write::BzEncoder<Vec<u8>>);
encode!("xz", liblzma::write::XzEncoder<Vec<u8>>);
encode!("zstd", zstd::Encoder<'static, Vec<u8>>);
