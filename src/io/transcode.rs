//! Text in another encoding as UTF-8, while it is read.

use std::io::{self, Read};
use std::ops::Range;

use bytes::{Buf, Bytes};
use encoding_rs::{CoderResult, Decoder, Encoding};

use super::Input;

/// The number of bytes that are read at once.
const BLOCK: usize = 1 << 16;

/// A source that is UTF-8 when it is read. What has no character becomes U+FFFD.
pub(super) struct Transcoder {
    /// What was read of the input before.
    first: Bytes,
    pub(super) input: Box<Input>,
    decoder: Decoder,
    /// Bytes of the input, of which this part is still to be decoded.
    read: Box<[u8]>,
    undecoded: Range<usize>,
    /// Bytes of UTF-8, of which this part is still to be given.
    decoded: Box<[u8]>,
    ready: Range<usize>,
    is_done: bool,
}

impl Transcoder {
    pub(super) fn new(first: Bytes, input: Box<Input>, encoding: &'static Encoding) -> Transcoder {
        let block = || vec![0; BLOCK].into_boxed_slice();
        Transcoder {
            first,
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            read: block(),
            undecoded: 0..0,
            decoded: block(),
            ready: 0..0,
            is_done: false,
        }
    }

    fn decode(&mut self) -> io::Result<()> {
        let mut is_at_end = false;
        if self.undecoded.is_empty() {
            let count = match self.first.is_empty() {
                true => self.input.read(&mut self.read)?,
                false => (&mut self.first).reader().read(&mut self.read)?,
            };
            (self.undecoded, is_at_end) = (0..count, count == 0);
        }
        let undecoded = self.read.get(self.undecoded.clone()).unwrap_or_default();
        let (result, read, written, _) = self.decoder.decode_to_utf8(undecoded, &mut self.decoded, is_at_end);
        self.undecoded.start += read;
        self.ready = 0..written;
        self.is_done = is_at_end && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl Read for Transcoder {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() && !self.is_done {
            self.decode()?;
        }
        let ready = self.decoded.get(self.ready.clone()).unwrap_or_default();
        let count = ready.len().min(output.len());
        output[..count].copy_from_slice(&ready[..count]);
        self.ready.start += count;
        Ok(count)
    }
}
