//! A source becomes chunks: read in blocks, framed in order, cut where `batch_size` records or 1 MiB are full.
//!
//! Where the cuts fall depends on the options and the bytes alone, never on how the source gives them.

use std::io::{ErrorKind, Read};
use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::{Input, not_marc};
use crate::columns::{Chunk, Stretch};
use crate::diagnostic::{Code, Diagnostic};
use crate::error::{Error, Result, SourceError};
use crate::iso2709::framing::Next;
use crate::iso2709::{Framer, Item, Kind};
use crate::options::{Options, Policy};

/// Bytes at which a chunk is full, whatever the number of its records: they and the columns made of them
/// stay in a core's own cache.
const CHUNK: usize = 1 << 20;
/// Bytes read beyond a full chunk, so that the record that fills it is mostly there; what of them belongs to
/// the next chunk is moved.
const BLOCK: usize = 1 << 15;

/// Called now and then while a source is read; an error ends the reading.
pub(super) type Pause<'a> = &'a mut dyn FnMut() -> Result<()>;

/// The chunks of one source.
pub(super) struct Chunks {
    window: Window,
    framer: Framer,
    batch_size: usize,
    max_record: usize,
    policy: Policy,
    /// Offset of the window's first byte in the source.
    offset: u64,
    /// Everything before it in the window is framed or passed over.
    at: usize,
    /// Something other than filler was found.
    begun: bool,
    /// What ended the source; told after the records before it.
    failure: Option<Error>,
    /// Why the source was taken to end where it could not be decompressed further.
    cut_short: Option<Diagnostic>,
}

impl Chunks {
    pub(super) fn new(input: Input, options: &Options) -> Chunks {
        Chunks {
            offset: input.offset(),
            window: Window::new(input, options.resources.window),
            framer: Framer::new(options.limits.max_record),
            batch_size: options.resources.batch_size,
            max_record: options.limits.max_record,
            policy: options.reading.on_error,
            at: 0,
            begun: false,
            failure: None,
            cut_short: None,
        }
    }

    /// What was found about the source itself; complete at its end.
    pub(super) fn findings(&self) -> Vec<Diagnostic> {
        let mut findings = self.window.input.warnings();
        findings.extend(self.cut_short.clone());
        findings
    }

    /// The next chunk, of at most `most` records; none at the end. `spare` are buffers to use again.
    pub(super) fn next(
        &mut self,
        most: usize,
        spare: &mut Vec<BytesMut>,
        pause: Pause<'_>,
    ) -> Result<Option<Chunk>> {
        let most = most.min(self.batch_size);
        let mut begin = self.at;
        let mut stretches = Vec::new();
        let (mut items, mut size) = (0, 0);
        while items < most && size < CHUNK {
            let (bytes, from) = (self.window.bytes(), self.at);
            if from == bytes.len() && self.window.last {
                break;
            }
            match self.framer.next(bytes, from, self.window.last) {
                Next::Frame(end) => {
                    stretches.push(Stretch::Frame(from - begin..end - begin));
                    (items, size) = (items + 1, size + end - from);
                    (self.at, self.begun) = (end, true);
                }
                Next::Item(item) if self.is_oversize(&item, from) && !stretches.is_empty() => {
                    // It is found again when the next chunk begins with it, as where it was passed over.
                    break;
                }
                Next::Item(mut item) => {
                    let end = item.end;
                    if item.kind != Kind::Filler {
                        if !self.begun && item.kind == Kind::Gap {
                            tell_what_it_is(&mut item.findings, &bytes[from..]);
                        }
                        items += 1;
                        self.begun = true;
                    }
                    if !self.is_oversize(&item, from) {
                        size += end - from;
                    }
                    stretches.push(Stretch::Item(from - begin..end - begin, item));
                    self.at = end;
                }
                Next::Passed(end) => {
                    (self.at, self.begun) = (end, true);
                    if !stretches.is_empty() {
                        return Ok(Some(self.cut(begin..from, stretches, spare)));
                    }
                    drop(self.cut(begin..end, Vec::new(), spare));
                    begin = self.at;
                }
                // What came before a failure is still framed.
                Next::More if self.failure.is_some() => break,
                Next::More => self.fill(pause),
            }
        }
        if stretches.is_empty() {
            return self.failure.take().map_or(Ok(None), Err);
        }
        Ok(Some(self.cut(begin..self.at, stretches, spare)))
    }

    fn fill(&mut self, pause: Pause<'_>) {
        match self.window.fill(pause) {
            Err(Error::Source(SourceError(finding))) if self.ends_with(finding.code) => {
                self.window.last = true;
                self.cut_short = Some(*finding);
            }
            filled => self.failure = filled.err(),
        }
    }

    /// Whether such a failure is taken for the end of the source.
    fn ends_with(&self, code: Code) -> bool {
        self.policy == Policy::Recover && matches!(code, Code::CompressedTruncated | Code::CompressedDamaged)
    }

    fn is_oversize(&self, item: &Item, from: usize) -> bool {
        item.kind != Kind::Filler && item.passed as usize + item.end - from > self.max_record
    }

    /// Takes framed bytes out of the window.
    fn cut(&mut self, range: Range<usize>, stretches: Vec<Stretch>, spare: &mut Vec<BytesMut>) -> Chunk {
        let offset = self.offset + range.start as u64;
        let (bytes, moved) = self.window.take(range, spare);
        self.offset += moved as u64;
        self.at -= moved;
        self.framer.forget(moved);
        Chunk { bytes, offset, stretches }
    }
}

/// The bytes that can be looked at.
struct Window {
    input: Input,
    bytes: Held,
    /// Bytes that are read before they are looked at.
    size: usize,
    /// No bytes come behind these.
    last: bool,
}

enum Held {
    /// A source in memory, whole.
    Shared(Bytes),
    /// Bytes as they were read: `filled` of them, and room behind these that need not be cleared again.
    Read { bytes: BytesMut, filled: usize },
}

impl Window {
    fn new(input: Input, size: usize) -> Window {
        match input.shared() {
            Some(bytes) => Window { input, bytes: Held::Shared(bytes), size, last: true },
            None => {
                let bytes = Held::Read { bytes: BytesMut::new(), filled: 0 };
                Window { input, bytes, size, last: false }
            }
        }
    }

    fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Held::Shared(bytes) => bytes,
            Held::Read { bytes, filled } => &bytes[..*filled],
        }
    }

    /// Reads what makes the window full, a block if it is, or what is left of the source.
    fn fill(&mut self, pause: Pause<'_>) -> Result<()> {
        pause()?;
        let Held::Read { bytes, filled } = &mut self.bytes else { return Ok(()) };
        let end = self.size.max(*filled + self.size.min(BLOCK));
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        while *filled < end {
            match self.input.read(&mut bytes[*filled..end]) {
                Ok(0) => {
                    self.last = true;
                    break;
                }
                Ok(count) => *filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => pause()?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Takes bytes out, and says by how many those behind them have moved up.
    fn take(&mut self, range: Range<usize>, spare: &mut Vec<BytesMut>) -> (Bytes, usize) {
        match &mut self.bytes {
            Held::Shared(bytes) => (bytes.slice(range), 0),
            Held::Read { bytes, filled } => {
                let taken = bytes.split_to(range.end);
                *filled -= range.end;
                if *filled <= BLOCK {
                    // What is taken can be used again only if nothing of it is held here.
                    let mut moved = spare.pop().unwrap_or_else(|| BytesMut::zeroed(CHUNK + BLOCK));
                    moved.resize(moved.len().max(*filled), 0);
                    moved[..*filled].copy_from_slice(&bytes[..*filled]);
                    *bytes = moved;
                }
                (taken.freeze().slice(range.start..), range.end)
            }
        }
    }
}

/// A source that begins with a gap is often no MARC at all.
fn tell_what_it_is(findings: &mut [Diagnostic], bytes: &[u8]) {
    if let (Some(finding), Some(sentence)) = (findings.first_mut(), not_marc(bytes)) {
        finding.code = Code::NotMarc;
        finding.found = sentence.to_owned();
    }
}
