//! Splits a source into chunks: read in blocks, framed in order, and cut after `batch_size` records or 1 MiB.
//!
//! Where the cuts are depends only on the options and the bytes, never on how the source delivers them.

use std::hint::black_box;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};
use encoding_rs::Encoding;

use super::Input;
use super::archive;
use crate::columns::{Chunk, Stretch};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::error::{Error, Result, SourceError};
use crate::formats::{self, Framing, NotMarc, Syntax, encoding};
use crate::iso2709::framing::{Next, items};
use crate::iso2709::{Item, Kind, RECORD_TERMINATOR, SUBFIELD_DELIMITER};
use crate::options::{Format, Options, Policy};

/// A chunk is full at this many bytes, whatever the number of its records: together with their columns it fits into
/// the cache of a core.
const CHUNK: usize = 1 << 20;
/// Read this much past a full chunk, so that its last record is usually complete; the remainder moves to the next
/// buffer.
const BLOCK: usize = 1 << 15;

/// Called repeatedly while a source is read; an error ends the read.
pub(super) type Pause<'a> = &'a mut dyn FnMut() -> Result<()>;

/// The chunks of one source.
pub(super) struct Chunks {
    window: Window,
    /// What the source is written in, and what finds its records.
    syntax: Syntax,
    framing: Framing,
    batch_size: usize,
    max_record: usize,
    policy: Policy,
    format: Format,
    /// The offset of the window's first byte in the source.
    offset: u64,
    /// Everything in the window before this place is framed or skipped.
    at: usize,
    /// Something other than filler was found.
    begun: bool,
    /// What the source seems to be instead of MARC, judged once by its first bytes other than filler.
    seems: Option<Option<NotMarc>>,
    /// True if the source is read from its beginning.
    is_whole: bool,
    /// The error that ended the source; returned after the records before it.
    failure: Option<Error>,
    /// Why a source that could not be decompressed further was taken to end there.
    cut_short: Option<Diagnostic>,
    /// Counts the sources that are something other than MARC, if this may be one.
    others: Option<Arc<AtomicUsize>>,
    /// What it is instead, if it may be.
    other: Option<Diagnostic>,
}

impl Chunks {
    pub(super) fn new(input: Input, options: &Options, pause: Pause<'_>) -> Chunks {
        let is_whole = input.head().is_none();
        let mut chunks = Chunks {
            offset: input.offset(),
            window: Window::new(input, options.resources.window),
            syntax: Syntax::Iso2709,
            framing: Syntax::Iso2709.framing(options.limits.max_record),
            format: options.records.format,
            batch_size: options.resources.batch_size,
            max_record: options.limits.max_record,
            policy: options.records.on_error,
            at: 0,
            begun: false,
            seems: None,
            is_whole,
            failure: None,
            cut_short: None,
            others: None,
            other: None,
        };
        let first = chunks.first_bytes(pause);
        if options.records.format != Format::Iso2709 {
            chunks.decide(&first, pause);
        }
        chunks
    }

    /// Lets the source be something other than MARC without harm, which is counted here.
    pub(super) fn tell_if_other(&mut self, others: Arc<AtomicUsize>) {
        self.others = Some(others);
    }

    /// The archive that the source is, if it is one.
    pub(super) fn archive(&self) -> Option<archive::Kind> {
        archive::Kind::of(self.window.bytes())
    }

    /// The source, and its first bytes, which it does not give again.
    ///
    /// # Errors
    ///
    /// That of reading the first bytes, unless it is about the source itself: then the source returns it again.
    pub(super) fn into_input(self) -> Result<(Bytes, Input)> {
        match self.failure {
            None | Some(Error::Source(_)) => Ok((self.window.bytes.taken(), self.window.input)),
            Some(error) => Err(error),
        }
    }

    /// What the source seems to be instead of MARC, by its first bytes, if these could be read.
    pub(super) fn not_marc(&self) -> Option<NotMarc> {
        let bytes = self.window.bytes();
        let first = &bytes[..bytes.len().min(formats::LOOKED_AT)];
        if self.syntax != Syntax::Iso2709 || self.failure.is_some() {
            return None;
        }
        match NotMarc::of(first) {
            // Text may precede records, and the end of a record may be missing.
            Some(NotMarc::Text) | None => {
                let begins_like_one = first.iter().take(5).all(u8::is_ascii_digit);
                let is_delimiter = |byte: &u8| matches!(*byte, RECORD_TERMINATOR..=SUBFIELD_DELIMITER);
                (!begins_like_one && !bytes.iter().any(is_delimiter)).then_some(NotMarc::Text)
            }
            kind => kind,
        }
    }

    /// The number of bytes that the chunks have together, if it is known.
    pub(super) fn size(&self) -> Option<u64> {
        self.window.input.size()
    }

    /// Findings about the source itself; complete at its end.
    pub(super) fn findings(&self) -> Vec<Diagnostic> {
        let mut findings = self.window.input.warnings();
        findings.extend(self.cut_short.clone());
        findings.extend(self.other.iter().cloned().map(|other| {
            let source = self.window.input.name().cloned();
            Diagnostic { severity: Severity::Warning, source, ..other }
        }));
        let end = self.offset + self.at as u64;
        let of_whole = if self.is_whole { self.framing.findings(end) } else { Vec::new() };
        findings.extend(of_whole.into_iter().map(|mut finding| {
            finding.source = self.window.input.name().cloned();
            finding
        }));
        if findings.is_empty() && self.is_whole && self.offset == 0 && self.window.bytes().is_empty() {
            let mut finding = Diagnostic::new(Code::EmptySource, Severity::Warning, 0);
            finding.source = self.window.input.name().cloned();
            findings.push(finding);
        }
        findings
    }

    /// The next chunk, of at most `most` records; `None` at the end. `spare` holds buffers for reuse.
    pub(super) fn next(
        &mut self,
        most: usize,
        spare: &mut Vec<BytesMut>,
        pause: Pause<'_>,
    ) -> Result<Option<Chunk>> {
        let most = most.min(self.batch_size);
        let begin = self.at;
        let mut stretches = Vec::new();
        let (mut items, mut size) = (0, 0);
        while items < most && size < CHUNK {
            let (bytes, from) = (self.window.bytes(), self.at);
            if from == bytes.len() && self.window.last {
                break;
            }
            match self.framing.next(bytes, from, self.window.last) {
                Next::Frame(end) => {
                    let frame = from - begin..end - begin;
                    let not_marc = if self.begun || self.syntax != Syntax::Iso2709 {
                        None
                    } else {
                        items_of_no_marc(&bytes[from..end], self.max_record)
                    };
                    match not_marc {
                        None => stretches.push(Stretch::Frame(frame)),
                        Some(items) => push_items(&mut stretches, frame.start, items),
                    }
                    (items, size) = (items + 1, size + end - from);
                    (self.at, self.begun) = (end, true);
                }
                Next::Item(item) if self.is_oversize(&item, from) && !stretches.is_empty() => {
                    // The next chunk begins with it and finds it again.
                    break;
                }
                Next::Item(mut item) => {
                    let end = item.end;
                    if let [finding] = &*item.findings
                        && finding.code == Code::NotMarc
                        && let Some(others) = &self.others
                    {
                        others.fetch_add(1, Ordering::Relaxed);
                        self.other = Some(finding.clone());
                    }
                    // What follows is no MARC either, until there is a record.
                    if self.other.is_some() && !self.begun && item.kind == Kind::Gap {
                        item.kind = Kind::Filler;
                        item.findings.clear();
                    }
                    if item.kind != Kind::Filler {
                        if !self.begun && self.syntax == Syntax::Iso2709 {
                            let is_all = self.window.last && end == bytes.len();
                            let seems = self.seems.get_or_insert_with(|| NotMarc::of(&bytes[from..]));
                            // Text may precede records, so only at the end does it say what the source is.
                            if let Some(kind) = seems.filter(|kind| is_all || *kind != NotMarc::Text) {
                                tell_what_it_is(&mut item, kind);
                            }
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
                    if !self.begun {
                        self.seems.get_or_insert_with(|| NotMarc::of(&bytes[from..]));
                    }
                    self.at = end;
                    stretches.push(Stretch::Passed(from - begin..end - begin));
                    return Ok(Some(self.cut(begin..end, stretches, spare)));
                }
                // What precedes a failure is still framed.
                Next::More if self.failure.is_some() => break,
                Next::More => self.fill(pause),
            }
        }
        if stretches.is_empty() {
            return self.failure.take().map_or(Ok(None), Err);
        }
        Ok(Some(self.cut(begin..self.at, stretches, spare)))
    }

    /// Decides by the first bytes what the source is written in. Text in another encoding than UTF-8 is UTF-8 from now
    /// on.
    fn decide(&mut self, first: &[u8], pause: Pause<'_>) {
        let format = self.format;
        self.syntax = match encoding::of(first, format) {
            None => Syntax::of(first, format),
            Some(encoding) => {
                self.window.transcode(encoding);
                Syntax::of(&self.first_bytes(pause), format)
            }
        };
        self.framing = match self.window.input.head() {
            Some(head) if self.offset > 0 => self.syntax.framing_behind(head, self.max_record),
            _ => self.syntax.framing(self.max_record),
        };
    }

    fn first_bytes(&mut self, pause: Pause<'_>) -> Bytes {
        if let Some(head) = self.window.input.head() {
            return head.slice(..head.len().min(formats::LOOKED_AT));
        }
        let is_enough = |window: &Window| window.bytes().len() >= formats::LOOKED_AT || window.last;
        while !is_enough(&self.window) && self.failure.is_none() {
            self.fill(pause);
        }
        let bytes = self.window.bytes();
        Bytes::copy_from_slice(&bytes[..bytes.len().min(formats::LOOKED_AT)])
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

    /// Whether a failure with this code is taken for the end of the source.
    fn ends_with(&self, code: Code) -> bool {
        self.policy == Policy::Recover
            && matches!(code, Code::CompressedTruncated | Code::CompressedDamaged | Code::ArchiveDamaged)
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
        self.framing.forget(moved);
        Chunk { bytes, offset, stretches, syntax: self.syntax }
    }
}

/// The bytes that can be examined.
struct Window {
    input: Input,
    bytes: Held,
    /// The number of bytes read at once.
    size: usize,
    /// No bytes follow these.
    last: bool,
}

enum Held {
    /// A source in memory, of which the first `shown` bytes can be examined.
    Shared { bytes: Bytes, shown: usize },
    /// Bytes that were read: the first `filled` are valid, and the rest is room that need not be cleared again.
    Read { bytes: BytesMut, filled: usize },
}

impl Held {
    /// The bytes that the source does not give again.
    fn taken(self) -> Bytes {
        match self {
            Held::Shared { .. } => Bytes::new(),
            Held::Read { mut bytes, filled } => bytes.split_to(filled).freeze(),
        }
    }
}

impl Window {
    fn new(input: Input, size: usize) -> Window {
        match input.shared() {
            Some(bytes) => {
                let last = bytes.is_empty();
                Window { input, bytes: Held::Shared { bytes, shown: 0 }, size, last }
            }
            None => {
                let bytes = Held::Read { bytes: BytesMut::new(), filled: 0 };
                Window { input, bytes, size, last: false }
            }
        }
    }

    /// Reads the source, from the first byte of the window, as text in this encoding.
    fn transcode(&mut self, encoding: &'static Encoding) {
        let empty = Held::Read { bytes: BytesMut::new(), filled: 0 };
        let first = std::mem::replace(&mut self.bytes, empty).taken();
        self.input.transcode(first, encoding);
        self.last = false;
    }

    fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Held::Shared { bytes, shown } => &bytes[..*shown],
            Held::Read { bytes, filled } => &bytes[..*filled],
        }
    }

    /// Enlarges the window: until it is full, by a block if it is full, or by the rest of the source.
    fn fill(&mut self, pause: Pause<'_>) -> Result<()> {
        pause()?;
        let (bytes, filled) = match &mut self.bytes {
            Held::Read { bytes, filled } => (bytes, filled),
            Held::Shared { bytes, shown } => {
                let before = *shown;
                *shown = bytes.len().min(before + self.size.max(CHUNK));
                fetch(&bytes[before..*shown]);
                self.last = *shown == bytes.len();
                return Ok(());
            }
        };
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

    /// Takes bytes out. Also returns by how many bytes those after them moved up.
    fn take(&mut self, range: Range<usize>, spare: &mut Vec<BytesMut>) -> (Bytes, usize) {
        match &mut self.bytes {
            Held::Shared { bytes, .. } => (bytes.slice(range), 0),
            Held::Read { bytes, filled } => {
                let taken = bytes.split_to(range.end);
                *filled -= range.end;
                if *filled <= BLOCK {
                    // The taken bytes can be reused only if nothing here refers to them.
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

/// Brings bytes in memory closer, in their order. Framing reads a few bytes here and there, and only each record says
/// where the next one is, so that it would wait for memory again and again.
fn fetch(bytes: &[u8]) {
    const CACHE_LINE: usize = 64;
    black_box(bytes.iter().step_by(CACHE_LINE).fold(0, |all, byte| all | byte));
}

/// The items of a source's first frame, if the first item is refused and it is known what the source is instead.
fn items_of_no_marc(frame: &[u8], max_record: usize) -> Option<Vec<Item>> {
    let kind = NotMarc::of(frame).filter(|kind| *kind != NotMarc::Text)?;
    let mut items: Vec<_> = items(frame, max_record).collect();
    tell_what_it_is(items.first_mut()?, kind).then_some(items)
}

fn push_items(stretches: &mut Vec<Stretch>, frame_start: usize, items: Vec<Item>) {
    let mut at = 0;
    for item in items {
        let end = item.end;
        stretches.push(Stretch::Item(frame_start + at..frame_start + end, Box::new(item)));
        at = end;
    }
}

/// A source whose first record is refused is often not MARC at all. If so, the finding says what it is.
fn tell_what_it_is(item: &mut Item, kind: NotMarc) -> bool {
    let refusal = item.findings.iter_mut().find(|finding| finding.severity == Severity::Fatal);
    let Some(refusal) = refusal else { return false };
    *refusal = Diagnostic::new(Code::NotMarc, Severity::Fatal, 0);
    refusal.found = kind.sentence().to_owned();
    true
}

#[cfg(test)]
mod tests {
    use crate::accounts::Accounts;
    use crate::diagnostic::Code;
    use crate::{Error, Options, Policy, Scan, Source};

    const RECORD: &[u8] = b"00044nam a2200037 a 4500001000600000\x1e12345\x1e\x1d";

    fn skipped(bytes: Vec<u8>) -> Accounts {
        let options = Options::default().on_error(Policy::Skip).max_record(1 << 16);
        let mut batches = Scan::new(Source::bytes(bytes)).with_options(options).unwrap().batches();
        while batches.next_batch().unwrap().is_some() {}
        batches.accounts().clone()
    }

    fn codes(bytes: Vec<u8>) -> Vec<Code> {
        skipped(bytes).sources[0].diagnostics.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn what_is_not_marc_is_known_whatever_its_first_item_is_taken_for() {
        for (name, bytes, says) in [
            ("a gap", &b"<?xml version=\"1.0\"?><mods/>"[..], "this is XML"),
            ("a record cut short", b"00975nam a2200265 i 4500\n001 a0\n245 10 $a Title\n", "lines of text"),
            ("a record", b"00050nM2.01200024      h001 X1\x1E331 Titel und so\x1E\x1D", "MAB2"),
            ("a table", b"12345,Title,Author,1999\n12346,Title,Author,1999\n", "this is text"),
        ] {
            let error = Scan::new(Source::bytes(bytes)).batches().next_batch().unwrap_err();
            assert_eq!(error.diagnostic().map(|finding| finding.code), Some(Code::NotMarc), "{name}");
            assert!(error.to_string().contains(says), "{name}: {error}");
            assert!(skipped(bytes.to_vec()).to_string().contains(says), "{name}");
            // However much there is of it.
            let much = [bytes, &b"<and so on/>\n".repeat(20_000)].concat();
            if name != "a record" {
                assert_eq!(codes(much)[0], Code::NotMarc, "{name}, and more than a record may have");
            }
        }
    }

    #[test]
    fn what_holds_sound_records_is_marc() {
        let prose = b"Dear colleague, here are the records that you asked for.\n".repeat(20);
        assert_eq!(codes([&prose, RECORD].concat()), [Code::Gap]);
        assert_eq!(codes([RECORD, &prose].concat()), [Code::Gap]);
        assert_eq!(codes([RECORD, b"<?xml version='1.0'?>"].concat()), [Code::Gap]);
        assert_eq!(codes(RECORD[..40].to_vec()), [Code::RecordTruncated]);
    }

    #[test]
    fn a_source_with_nothing_in_it_says_so() {
        assert_eq!(codes(Vec::new()), [Code::EmptySource]);
        assert_eq!(skipped(Vec::new()).to_string(), "0 records, 1 source empty");
        assert_eq!(codes(b"\n".to_vec()), []);
        let part = Options::default().byte_range(0..0);
        let mut batches = Scan::new(Source::bytes(RECORD)).with_options(part).unwrap().batches();
        assert_eq!(batches.next_batch().unwrap(), None);
        assert!(batches.accounts().sources[0].diagnostics.is_empty());
    }

    #[test]
    fn a_source_in_memory_is_watched_too() {
        let mut looks = 0;
        let filler = Source::bytes(vec![b'\n'; 64 << 20]);
        let mut batches = Scan::new(filler).batches().watched(move |_| {
            looks += 1;
            if looks < 10 { Ok(()) } else { Err(Error::Interrupted("enough".into())) }
        });
        assert_eq!(batches.next_batch().unwrap_err().to_string(), "interrupted: enough");
    }
}
