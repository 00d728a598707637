//! Finds where records begin and end, and the gaps and filler between them.
//!
//! A record states its end three times: by its length, its directory and its terminator. If length and terminator
//! agree, the stretch is a *frame*, which is found by looking at six bytes; whatever turns out to be wrong inside a
//! frame stays inside it. Otherwise the terminator decides, and then the directory. So items follow each other
//! without a hole, and an item depends only on its own bytes: neither on the records before it, nor on how the source
//! was cut into blocks. For a record whose directory is refused, [`recover`] either accepts the whole piece up to the
//! terminator or rejects it.

mod landmarks;

use std::cell::Cell;

use self::landmarks::{Landmark, Landmarks};
use super::directory::{Directory, Entries};
use super::leader::{LEADER_LENGTH, Leader};
use super::recover::{Recovered, recover};
use super::{FIELD_TERMINATOR, RECORD_TERMINATOR, directory, length_like, number};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::words::{counted, grouped};

/// The longest record that five digits can state, and therefore the farthest that a look ahead must reach.
pub(crate) const REACH: usize = 100_000;
/// The shortest record: a leader, a field terminator, a record terminator.
const SHORTEST: usize = LEADER_LENGTH + 2;
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The kind of a stretch of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A record; its findings say what is wrong with it, and a fatal one means that it has no fields to deliver.
    Record,
    /// Bytes that do not begin like a record.
    Gap,
    /// Harmless bytes between records.
    Filler,
}

/// A stretch of the source whose kind is decided.
#[derive(Debug)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Where it ends, exclusive, in the slice in which it was found.
    pub end: usize,
    /// The number of its bytes that were skipped before that slice; not 0 only if it is too large to hold.
    pub passed: u64,
    /// What was found; offsets count from the item's first byte.
    pub findings: Vec<Diagnostic>,
    /// The fields of a record; empty unless it can be delivered.
    pub entries: Entries,
    /// The leader of a record, if it is not its first 24 bytes.
    pub leader: Option<Leader>,
}

impl Item {
    pub(crate) fn new(kind: Kind, end: usize, findings: Vec<Diagnostic>) -> Item {
        Item { kind, end, passed: 0, findings, entries: Entries::new(), leader: None }
    }

    /// The severity of its gravest finding; `None` without findings.
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// The result of [`Framer::next`].
#[derive(Debug)]
pub enum Next {
    /// Length and terminator agree that a record ends here; [`items`] examines what is inside.
    Frame(usize),
    /// Anything else, decided.
    Item(Box<Item>),
    /// Up to here the bytes belong to an item that is too large to hold; they can be dropped.
    Passed(usize),
    /// More bytes are needed.
    More,
}

/// Finds one item after another in a window that moves over the source.
#[derive(Debug)]
pub struct Framer {
    max_record: usize,
    landmarks: Landmarks,
    /// An item that grew beyond `max_record`, and whose end is not yet found.
    oversize: Option<Oversize>,
}

#[derive(Debug)]
struct Oversize {
    passed: u64,
    like_record: bool,
    /// The number of its bytes, from where the search is, in which no leader is looked for.
    without_leader: usize,
}

impl Framer {
    /// `max_record` is the maximum number of bytes in an item whose stated length cannot be trusted.
    pub fn new(max_record: usize) -> Framer {
        Framer { max_record, landmarks: Landmarks::default(), oversize: None }
    }

    /// The item that begins at `at`. `last` means that the window reaches the end of the source.
    ///
    /// After [`Next::More`] the caller passes the same bytes followed by more, and reports bytes removed from the
    /// beginning of the window to [`Framer::forget`].
    pub fn next(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        if self.oversize.is_some() {
            return self.rest_of_oversize(window, at, last);
        }
        match Frame::at(window, at) {
            Frame::Ends(end) => return Next::Frame(end),
            Frame::Beyond if !last => return Next::More,
            _ => {}
        }
        let bytes = Bytes { all: window, max_record: self.max_record, landmarks: &self.landmarks };
        let filler = bytes.filler_end(at, window.len(), last);
        if filler > at {
            return Next::Item(Box::new(Item::new(Kind::Filler, filler, Vec::new())));
        }
        let endless = !last && bytes.next_terminator(at).is_none();
        if endless && window.len() - at <= self.max_record.saturating_add(REACH) {
            return Next::More;
        }
        if endless && bytes.piece_end(at, window.len()) == window.len() {
            let like_record = begins_like_record(&window[at..]);
            let without_leader = bytes.first_leader(at, window.len()) - at;
            self.oversize = Some(Oversize { passed: 0, like_record, without_leader });
            return self.rest_of_oversize(window, at, last);
        }
        Next::Item(Box::new(bytes.step(at, window.len())))
    }

    /// Removes the first `bytes` of the window.
    pub fn forget(&mut self, bytes: usize) {
        self.landmarks.forget(bytes);
    }

    fn rest_of_oversize(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        let Some(oversize) = &mut self.oversize else { return Next::More };
        let bytes = Bytes { all: window, max_record: self.max_record, landmarks: &self.landmarks };
        let end = bytes.piece_end_from(at, at + oversize.without_leader, window.len());
        if end == window.len() && !last && bytes.next_terminator(at).is_none() {
            // Only what follows can tell whether a leader begins here.
            let safe = window.len().saturating_sub(REACH + LEADER_LENGTH).max(at);
            oversize.passed += (safe - at) as u64;
            oversize.without_leader = oversize.without_leader.saturating_sub(safe - at);
            return if safe == at { Next::More } else { Next::Passed(safe) };
        }
        let (passed, like_record) = (oversize.passed, oversize.like_record);
        self.oversize = None;
        let extent = passed + (end - at) as u64;
        let mut item = bytes.too_large(end, extent, like_record);
        item.passed = passed;
        Next::Item(Box::new(item))
    }
}

/// The items in a frame. Damage in a frame never reaches beyond it.
pub fn items(frame: &[u8], max_record: usize) -> impl Iterator<Item = Item> {
    let landmarks = Landmarks::default();
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = Bytes { all: frame, max_record, landmarks: &landmarks };
        let item = (at < frame.len()).then(|| bytes.step(at, frame.len()))?;
        at = item.end;
        Some(item)
    })
}

/// Whether a leader begins at `at` whose length lands on the very next terminator. After a terminator, whatever
/// precedes it, an item begins here. `None` if more bytes are needed.
pub(crate) fn is_sync_point(bytes: &[u8], at: usize) -> Option<bool> {
    let end = match Frame::at(bytes, at) {
        Frame::Ends(end) => end,
        Frame::Beyond => return None,
        Frame::No => return Some(false),
    };
    let bytes = Bytes { all: &bytes[..end], max_record: REACH, landmarks: &Landmarks::default() };
    Some(bytes.next_terminator(at) == Some(end - 1) && bytes.is_leader(at, end))
}

enum Frame {
    /// The length lands on a terminator.
    Ends(usize),
    /// The length points to a byte that is not there (yet), or is itself cut off.
    Beyond,
    /// The length is not a number, or lands on something else.
    No,
}

impl Frame {
    fn at(bytes: &[u8], at: usize) -> Frame {
        let Some(digits) = bytes.get(at..at + 5) else { return Frame::Beyond };
        match number(digits) {
            Some(length) if length as usize >= SHORTEST => {
                let end = at + length as usize;
                match bytes.get(end - 1) {
                    Some(&RECORD_TERMINATOR) => Frame::Ends(end),
                    Some(_) => Frame::No,
                    None => Frame::Beyond,
                }
            }
            _ => Frame::No,
        }
    }
}

fn begins_like_record(bytes: &[u8]) -> bool {
    bytes.get(..LEADER_LENGTH).is_some_and(|head| {
        length_like(&head[0..5]) || (number(&head[12..17]).is_some() && head[20..22] == *b"45")
    })
}

pub(crate) fn is_filler(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | b'\r' | 0x1A | b' ' | RECORD_TERMINATOR)
}

/// Bytes in which items are searched.
struct Bytes<'a> {
    all: &'a [u8],
    max_record: usize,
    landmarks: &'a Landmarks,
}

impl<'a> Bytes<'a> {
    fn next(&self, byte: u8, kept: &Cell<Landmark>, from: usize) -> Option<usize> {
        Landmark::next(kept, from, |begin| {
            let rest = self.all.get(begin..).unwrap_or_default();
            memchr::memchr(byte, rest).map(|place| begin + place).ok_or(self.all.len())
        })
    }

    fn next_field_terminator(&self, from: usize) -> Option<usize> {
        self.next(FIELD_TERMINATOR, &self.landmarks.field_terminator, from)
    }

    fn next_terminator(&self, from: usize) -> Option<usize> {
        self.next(RECORD_TERMINATOR, &self.landmarks.record_terminator, from)
    }

    /// The next leader at or after `from` with twelve bytes before `end`.
    fn next_leader(&self, from: usize, end: usize, bound: usize) -> Option<usize> {
        let Landmarks { leader, leader_bound, .. } = self.landmarks;
        if leader_bound.replace(bound) != bound {
            leader.set(Landmark::default());
        }
        Landmark::next(leader, from, |begin| {
            let mut from = begin + 10;
            while let Some(rest) = self.all.get(from..end) {
                let Some(place) = memchr::memmem::find(rest, b"22") else { break };
                let leader = from + place - 10;
                if self.is_leader(leader, bound) {
                    return Ok(leader);
                }
                from += place + 1;
            }
            Err(end.saturating_sub(11))
        })
    }

    /// The item that begins at `at` and ends at or before `bound`.
    fn step(&self, at: usize, bound: usize) -> Item {
        let filler = self.filler_end(at, bound, true);
        if filler > at {
            return Item::new(Kind::Filler, filler, Vec::new());
        }
        if let Frame::Ends(end) = Frame::at(&self.all[..bound], at) {
            if let Some(item) = self.sound(at, end) {
                return item;
            }
            if let Ok(directory) = Directory::parse(&self.all[at..end], true) {
                return self.record(at, directory);
            }
        }
        let end = self.piece_end(at, bound);
        if end - at > self.max_record {
            return self.too_large(end, (end - at) as u64, begins_like_record(&self.all[at..end]));
        }
        match Directory::parse(&self.all[at..end], false) {
            Ok(directory) => self.record(at, directory),
            Err(damage) => match recover(&self.all[at..end]) {
                Some(recovered) => self.recovered(at, end, *damage, recovered),
                None => self.lost(at, end, *damage),
            },
        }
    }

    fn sound(&self, at: usize, end: usize) -> Option<Item> {
        let mut item = Item::new(Kind::Record, end, Vec::new());
        directory::sound(&self.all[at..end], &mut item.entries).then_some(item)
    }

    fn record(&self, at: usize, directory: Directory) -> Item {
        let repair = directory.repair();
        let mut item = Item::new(Kind::Record, at + directory.extent, directory.findings);
        for finding in &mut item.findings {
            finding.repair = repair;
        }
        item.entries = directory.entries;
        item
    }

    fn recovered(&self, at: usize, end: usize, mut damage: Diagnostic, recovered: Recovered) -> Item {
        let piece = &self.all[at..end];
        damage.severity = Severity::Repaired;
        let mut findings = directory::contradictions(piece, piece.len());
        findings.push(damage);
        findings.extend(directory::leader_bytes(piece));
        for finding in &mut findings {
            finding.repair = Some(recovered.repair);
        }
        let (entries, leader) = (recovered.entries, recovered.leader);
        Item { entries, leader, ..Item::new(Kind::Record, end, findings) }
    }

    fn lost(&self, at: usize, end: usize, mut damage: Diagnostic) -> Item {
        let piece = &self.all[at..end];
        if !begins_like_record(piece) {
            return gap(end, piece.len() as u64);
        }
        if piece.last() != Some(&RECORD_TERMINATOR) {
            let (entry, tag) = (damage.entry, damage.tag);
            damage = Diagnostic::new(Code::RecordTruncated, Severity::Fatal, piece.len() as u64);
            (damage.entry, damage.tag) = (entry, tag);
            damage.found = counted(piece.len() as u64, "byte");
            damage.expected = match number(&piece[..5]) {
                Some(length) if length as usize > piece.len() => {
                    format!("{}, the last of them \\x1d", counted(length.into(), "byte"))
                }
                _ => "\\x1d after them".into(),
            };
        }
        Item::new(Kind::Record, end, vec![damage])
    }

    fn too_large(&self, end: usize, extent: u64, like_record: bool) -> Item {
        if !like_record {
            return gap(end, extent);
        }
        let mut finding = Diagnostic::new(Code::RecordTooLarge, Severity::Fatal, 0);
        finding.found = counted(extent, "byte");
        finding.expected = format!("at most {}", grouped(self.max_record as u64));
        Item::new(Kind::Record, end, vec![finding])
    }

    /// The end of the filler at `at`. Unless `last`, filler that may prove to be a leader is kept.
    fn filler_end(&self, mut at: usize, bound: usize, last: bool) -> usize {
        while at < bound {
            let rest = &self.all[at..bound];
            if rest.starts_with(BYTE_ORDER_MARK) {
                at += BYTE_ORDER_MARK.len();
            } else if is_filler(rest[0]) {
                // Only a space can begin a leader.
                if rest[0] == b' ' && (self.is_leader(at, bound) || (!last && rest.len() < REACH)) {
                    break;
                }
                at += 1;
            } else {
                break;
            }
        }
        at
    }

    /// The end of the piece: after the first terminator or before the first leader, whichever comes first.
    fn piece_end(&self, at: usize, bound: usize) -> usize {
        self.piece_end_from(at, self.first_leader(at, bound), bound)
    }

    /// The first place where a leader may end the piece at `at`: after the directory of that piece, if it has one.
    fn first_leader(&self, at: usize, bound: usize) -> usize {
        match number(self.all.get(at + 12..at + 17).unwrap_or_default()) {
            Some(base) if self.is_leader(at, bound) => at + base as usize,
            _ => at + 1,
        }
    }

    fn piece_end_from(&self, at: usize, first_leader: usize, bound: usize) -> usize {
        let end = self.next_terminator(at).map_or(bound, |place| (place + 1).min(bound));
        self.next_leader(first_leader, end, bound).unwrap_or(end)
    }

    /// The strong test: only a leader followed by its directory passes.
    fn is_leader(&self, at: usize, bound: usize) -> bool {
        let Some(head) = self.all.get(at..bound).filter(|rest| rest.len() > LEADER_LENGTH) else {
            return false;
        };
        if head[10..12] != *b"22" || head[20..22] != *b"45" || !length_like(&head[0..5]) {
            return false;
        }
        let Some(base) = number(&head[12..17]).map(|base| base as usize) else { return false };
        if base <= LEADER_LENGTH || !(base - LEADER_LENGTH - 1).is_multiple_of(12) || base > head.len() {
            return false;
        }
        if base > LEADER_LENGTH + 1 && head.get(27..36).and_then(number).is_none() {
            return false;
        }
        self.next_field_terminator(at + LEADER_LENGTH) == Some(at + base - 1)
            && self.next_terminator(at + LEADER_LENGTH).is_none_or(|place| place >= at + base)
    }
}

fn gap(end: usize, extent: u64) -> Item {
    let mut finding = Diagnostic::new(Code::Gap, Severity::Fatal, 0);
    finding.found = counted(extent, "byte");
    Item::new(Kind::Gap, end, vec![finding])
}

#[cfg(test)]
mod tests;
