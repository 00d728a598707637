//! Compressed streams, recognised by their first bytes: gzip, zstd, bzip2 and xz, with all their members.
//!
//! ```text
//! first bytes ──> Compression ──> Decompressor: [member][member]…[zero bytes][trailing bytes]
//! ```
//!
//! The decoders are called directly, not through their own readers, so that an error of the underlying reader is
//! never taken for damage, and everything before the damage is delivered before it is reported.

use std::io::{self, Read};
use std::time::Instant;

use super::PATIENCE;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::error::SourceError;
use crate::words::{escaped, grouped};

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip, RFC 1952; also what `bgzip` writes.
    Gzip,
    /// Zstandard, RFC 8878.
    Zstd,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
}

/// The number of bytes that [`Compression::of`] examines.
pub const LOOKED_AT: usize = 10;

/// RFC 1952, 2.3.1: ID1, ID2, and CM = deflate, the only method there is.
const GZIP: &[u8] = b"\x1F\x8B\x08";
/// RFC 8878, 3.1.1; a file may also begin with a skippable frame, 3.1.2: `[50-5F] 2A 4D 18`.
const ZSTD: &[u8] = b"\x28\xB5\x2F\xFD";
const ZSTD_SKIPPABLE: &[u8] = b"\x2A\x4D\x18";
/// Followed by the block size (`1` to `9`) and the first block, or by the end of an empty stream.
const BZIP2: &[u8] = b"BZh";
const BZIP2_BLOCK: &[u8] = b"\x31\x41\x59\x26\x53\x59";
const BZIP2_END: &[u8] = b"\x17\x72\x45\x38\x50\x90";
/// The .xz file format, 2.1.1.1.
const XZ: &[u8] = b"\xFD7zXZ\x00";

// More than any writer uses by default (`xz -9`: 65 MiB). A header that declares more is not believed.
#[cfg(feature = "xz")]
const XZ_MEMORY: u64 = 512 << 20;

const BUFFER: usize = 128 << 10;

impl Compression {
    /// The compression of a stream with these first bytes; [`LOOKED_AT`] of them are enough.
    pub fn of(first_bytes: &[u8]) -> Option<Compression> {
        [Compression::Gzip, Compression::Zstd, Compression::Bzip2, Compression::Xz]
            .into_iter()
            .find(|compression| compression.begins(first_bytes) || compression.cut_at_once(first_bytes))
    }

    /// The word used in messages.
    pub fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
        }
    }

    fn magic(self) -> &'static [u8] {
        match self {
            Compression::Gzip => GZIP,
            Compression::Zstd => ZSTD,
            Compression::Bzip2 => BZIP2,
            Compression::Xz => XZ,
        }
    }

    /// Whether a member begins here.
    fn begins(self, bytes: &[u8]) -> bool {
        match self {
            Compression::Gzip | Compression::Xz => bytes.starts_with(self.magic()),
            Compression::Zstd => {
                bytes.starts_with(ZSTD)
                    || matches!(bytes, [0x50..=0x5F, rest @ ..] if rest.starts_with(ZSTD_SKIPPABLE))
            }
            Compression::Bzip2 => match bytes.strip_prefix(BZIP2) {
                Some([b'1'..=b'9', block @ ..]) => {
                    let shown = block.len().min(BZIP2_BLOCK.len());
                    block[..shown] == BZIP2_BLOCK[..shown] || block[..shown] == BZIP2_END[..shown]
                }
                _ => false,
            },
        }
    }

    /// Whether a source ends within its first bytes. Text is not taken for the beginning of `BZh`.
    fn cut_at_once(self, bytes: &[u8]) -> bool {
        bytes.len() >= 2 && self.magic().starts_with(bytes) && !bytes.is_ascii()
    }

    /// Whether these bytes (all that are left, or the next [`LOOKED_AT`]) look like a member whose beginning was cut
    /// off or lost a byte, so that treating them as mere trailing bytes would lose data.
    fn hurt(self, bytes: &[u8]) -> Option<Code> {
        let magic = self.magic();
        if bytes.len() < LOOKED_AT && magic.starts_with(bytes) {
            return Some(Code::CompressedTruncated);
        }
        let same = magic.iter().zip(bytes).filter(|(a, b)| a == b).count();
        (same + 1 >= magic.len()).then_some(Code::CompressedDamaged)
    }

    fn member(self) -> io::Result<Box<dyn Member>> {
        match self {
            #[cfg(feature = "gzip")]
            Compression::Gzip => Ok(Box::new(flate2::Decompress::new_gzip(15))),
            #[cfg(feature = "zstd")]
            Compression::Zstd => {
                Ok(Box::new(Zstd { decoder: zstd::stream::raw::Decoder::new()?, wanted: LOOKED_AT }))
            }
            #[cfg(feature = "bzip2")]
            Compression::Bzip2 => Ok(Box::new(bzip2::Decompress::new(false))),
            #[cfg(feature = "xz")]
            Compression::Xz => Ok(Box::new(liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, 0)?)),
            #[cfg(not(all(feature = "gzip", feature = "zstd", feature = "bzip2", feature = "xz")))]
            _ => Err(self.missing()),
        }
    }

    /// The features have the names of the compressions.
    #[cfg(not(all(feature = "gzip", feature = "zstd", feature = "bzip2", feature = "xz")))]
    fn missing(self) -> io::Error {
        let name = self.name();
        let message = format!("compressed with {name}; to read it, build mrrc with its feature `{name}`");
        io::Error::new(io::ErrorKind::Unsupported, message)
    }
}

/// The result of one call of a decoder.
struct Step {
    consumed: usize,
    produced: usize,
    state: State,
}

#[cfg_attr(not(any(feature = "zstd", feature = "bzip2", feature = "xz")), allow(dead_code))]
enum State {
    Going,
    Ended,
    Damaged(String),
    /// Sound as far as is known, but not supported here.
    Refused(String),
    /// Not decoded for lack of memory.
    OutOfMemory,
}

/// The decoder of one member.
trait Member: Send {
    /// Decodes from `input` to `output`; bytes produced before damage count.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step;
}

/// The bytes that a call used and made, from the decoder's totals before and after it.
#[cfg(any(feature = "gzip", feature = "bzip2", feature = "xz"))]
fn difference(before: (u64, u64), after: (u64, u64), state: State) -> Step {
    Step { consumed: (after.0 - before.0) as usize, produced: (after.1 - before.1) as usize, state }
}

#[cfg(feature = "gzip")]
impl Member for flate2::Decompress {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let before = (self.total_in(), self.total_out());
        let state = match self.decompress(input, output, flate2::FlushDecompress::None) {
            Ok(flate2::Status::StreamEnd) => State::Ended,
            Ok(_) => State::Going,
            // The message depends on how much input the call was given.
            Err(error) => State::Damaged(match error.message() {
                Some(check @ ("incorrect data check" | "incorrect length check")) => check.to_owned(),
                _ => "not a valid deflate stream".to_owned(),
            }),
        };
        difference(before, (self.total_in(), self.total_out()), state)
    }
}

#[cfg(feature = "zstd")]
struct Zstd {
    decoder: zstd::stream::raw::Decoder<'static>,
    wanted: usize,
}

#[cfg(feature = "zstd")]
impl Zstd {
    /// The state for an error, by the library's own words (`zstd/lib/common/error_private.c`).
    fn failed(error: &str) -> State {
        if error.contains("too much memory") {
            State::Refused(
                "compressed with a window of over 128 MiB; decompress it with zstd -d --long=31".into(),
            )
        } else if error.contains("not enough memory") {
            State::OutOfMemory
        } else {
            State::Damaged(error.to_owned())
        }
    }
}

#[cfg(feature = "zstd")]
impl Member for Zstd {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        use zstd::stream::raw::{InBuffer, Operation, OutBuffer};
        // A failed call does not say what it wrote. A call that is given no more than it asked for decodes at most
        // one block, so nothing before the damaged block is lost.
        let mut input = InBuffer::around(&input[..input.len().min(self.wanted)]);
        let mut output = OutBuffer::around(output);
        let state = match self.decoder.run(&mut input, &mut output) {
            Ok(0) => State::Ended,
            Ok(wanted) => {
                self.wanted = wanted;
                State::Going
            }
            Err(error) => Zstd::failed(&error.to_string()),
        };
        Step { consumed: input.pos(), produced: output.pos(), state }
    }
}

#[cfg(feature = "bzip2")]
impl Member for bzip2::Decompress {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let before = (self.total_in(), self.total_out());
        let state = match self.decompress(input, output) {
            Ok(bzip2::Status::StreamEnd) => State::Ended,
            Ok(bzip2::Status::MemNeeded) => State::OutOfMemory,
            Ok(_) => State::Going,
            Err(error) => State::Damaged(error.to_string()),
        };
        difference(before, (self.total_in(), self.total_out()), state)
    }
}

#[cfg(feature = "xz")]
impl Member for liblzma::stream::Stream {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        use liblzma::stream::{Action, Error, Status};
        let before = (self.total_in(), self.total_out());
        let state = match self.process(input, output, Action::Run) {
            Ok(Status::StreamEnd) => State::Ended,
            // Also returned when there is no more input; the caller decides whether that is the end.
            Ok(_) => State::Going,
            Err(Error::Mem) => State::OutOfMemory,
            Err(Error::MemLimit) => State::Refused(
                "needs over 512 MiB of memory to decompress; decompress it with xz -d".to_owned(),
            ),
            Err(Error::Options) => {
                State::Refused("compressed with unsupported options; decompress it with xz -d".to_owned())
            }
            Err(error) => State::Damaged(error.to_string()),
        };
        difference(before, (self.total_in(), self.total_out()), state)
    }
}

/// The decompressed bytes of a stream.
///
/// Ends with the [`SourceError`] `compressed-truncated` or `compressed-damaged` (inside an [`io::Error`]), after all
/// bytes before the damage; of a damaged bzip2 block, which can only be checked as a whole, some or none are
/// delivered. Errors of the underlying reader are passed on, and reading can continue after them, as it can after
/// [`io::ErrorKind::Interrupted`], which is returned when a long stretch of the stream has no content: empty members,
/// zero bytes after a member, trailing bytes.
pub struct Decompressor<R> {
    compression: Compression,
    inner: R,
    inner_ended: bool,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    place: Place,
    delivered: u64,
    /// Since when it has had nothing to return.
    idle_since: Option<Instant>,
    warning: Option<Diagnostic>,
}

enum Place {
    Member(Box<dyn Member>),
    Between,
    Trailing { first: String, count: u64 },
    End,
    Broken(Code, String),
    Refused(String),
    OutOfMemory,
}

impl<R: Read> Decompressor<R> {
    /// Reads `inner`, which begins with a member of `compression`.
    pub fn new(compression: Compression, inner: R) -> io::Result<Decompressor<R>> {
        Ok(Decompressor {
            compression,
            inner,
            inner_ended: false,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            place: Place::Member(compression.member()?),
            delivered: 0,
            idle_since: None,
            warning: None,
        })
    }

    /// The number of bytes delivered so far.
    pub fn position(&self) -> u64 {
        self.delivered
    }

    /// The warning about trailing bytes after the last member, once the end is reached.
    pub fn warning(&self) -> Option<&Diagnostic> {
        self.warning.as_ref()
    }

    /// Returns an error now and then while there is nothing to return, so that the caller can check whether the read
    /// is still wanted.
    fn look_up(&mut self) -> io::Result<()> {
        if self.idle_since.get_or_insert_with(Instant::now).elapsed() < PATIENCE {
            return Ok(());
        }
        self.idle_since = None;
        Err(io::ErrorKind::Interrupted.into())
    }

    /// Reads until `wanted` bytes are buffered, or the underlying reader has ended.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        while self.end - self.start < wanted && !self.inner_ended {
            if self.start == self.end {
                (self.start, self.end) = (0, 0);
            } else if self.buffer.len() - self.start < wanted {
                self.buffer.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            }
            match self.inner.read(&mut self.buffer[self.end..])? {
                0 => self.inner_ended = true,
                count => self.end += count,
            }
        }
        Ok(())
    }

    /// After a member: zero bytes, another member, the end, or trailing bytes.
    fn between(&mut self) -> io::Result<Place> {
        self.fill(1)?;
        let zeros = self.buffer[self.start..self.end].iter().take_while(|byte| **byte == 0).count();
        self.start += zeros;
        if self.start == self.end {
            return Ok(if self.inner_ended { Place::End } else { Place::Between });
        }
        self.fill(LOOKED_AT)?;
        let next = &self.buffer[self.start..self.end.min(self.start + LOOKED_AT)];
        if self.compression.begins(next) {
            return Ok(Place::Member(self.compression.member()?));
        }
        if let Some(code) = self.compression.hurt(next) {
            return Ok(Place::Broken(code, format!("{} after a member", escaped(next))));
        }
        self.fill(64)?;
        let first = escaped(&self.buffer[self.start..self.end]);
        Ok(Place::Trailing { first, count: 0 })
    }
}

impl<R: Read> Read for Decompressor<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        if output.is_empty() {
            return Ok(0);
        }
        loop {
            match &mut self.place {
                Place::Member(_) => {
                    self.fill(1)?;
                    let Place::Member(member) = &mut self.place else { continue };
                    let input = &self.buffer[self.start..self.end];
                    let Step { consumed, produced, state } = member.step(input, output);
                    let idle = consumed == 0 && produced == 0;
                    let dry = input.is_empty();
                    self.start += consumed;
                    self.delivered += produced as u64;
                    match state {
                        State::Going if idle && dry => {
                            let found = format!("the end of the {} stream", self.compression.name());
                            self.place = Place::Broken(Code::CompressedTruncated, found);
                        }
                        State::Going if idle => {
                            let found = format!("{}: the decoder makes no progress", self.compression.name());
                            self.place = Place::Broken(Code::CompressedDamaged, found);
                        }
                        State::Going => {}
                        State::Ended => self.place = Place::Between,
                        State::Damaged(found) => {
                            let found = format!("{}: {found}", self.compression.name());
                            self.place = Place::Broken(Code::CompressedDamaged, found);
                        }
                        State::Refused(why) => self.place = Place::Refused(why),
                        State::OutOfMemory => self.place = Place::OutOfMemory,
                    }
                    if produced > 0 {
                        self.idle_since = None;
                        return Ok(produced);
                    }
                }
                Place::Between => self.place = self.between()?,
                // Read to the end, so that the warning can state their number.
                Place::Trailing { first, count } => {
                    *count += (self.end - self.start) as u64;
                    self.start = self.end;
                    if self.inner_ended {
                        let found = format!("{} bytes, beginning with {first}", grouped(*count));
                        let mut warning =
                            Diagnostic::new(Code::CompressedTrailing, Severity::Warning, self.delivered);
                        warning.found = found;
                        self.warning = Some(warning);
                        self.place = Place::End;
                    } else {
                        self.fill(1)?;
                    }
                }
                Place::End => return Ok(0),
                Place::Broken(code, found) => {
                    return Err(io::Error::other(SourceError::new(*code, self.delivered, found.as_str())));
                }
                Place::Refused(why) => {
                    return Err(io::Error::new(io::ErrorKind::Unsupported, why.as_str()));
                }
                Place::OutOfMemory => {
                    let message = format!("not enough memory to decompress {}", self.compression.name());
                    return Err(io::Error::new(io::ErrorKind::OutOfMemory, message));
                }
            }
            self.look_up()?;
        }
    }
}

#[cfg(test)]
#[cfg(all(feature = "gzip", feature = "zstd", feature = "bzip2", feature = "xz"))]
mod tests;
