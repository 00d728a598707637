//! Reading ahead: bytes in large blocks, with the interpreter's lock; framed, checked and judged record by record
//! without it; and handed out one by one, with it again.

use std::borrow::Cow;
use std::io::{ErrorKind, Read};

use mrrc::Policy;
use mrrc::charset::Charset;
use mrrc::diagnostic::Diagnostic;
use mrrc::io::Input;
use mrrc::iso2709::framing::{Next, items};
use mrrc::iso2709::lenient::{self, Boundary, Fault, Found, find_entries, swallows};
use mrrc::iso2709::{Entries, Framer, Item, Kind, Leader, directory};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::text::{Rule, is_plain};
use crate::error::exception;
use crate::guard::gate;

/// Bytes that are read, or judged, at once. With a tenth of it two threads hand the lock over so often that they take
/// four tenths more of the processor; with more of it a block no longer stays in a core's own cache.
const BLOCK: usize = 1 << 20;
/// A record without a believable length is read in such steps.
const MOST: usize = 8 << 20;

/// What decides how a record is read; a change of it makes all judgements void.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) to_unicode: bool,
    pub(super) force_utf8: bool,
    /// The encoding of records that do not say UTF-8 is MARC-8.
    pub(super) is_marc8: bool,
    /// Records are found, repaired and decoded as for columns.
    pub(super) recovers: bool,
    /// What to do with bytes that are no UTF-8 is a name; anything else is an error in each value.
    pub(super) is_handled: bool,
}

impl Asked {
    /// How values are read in a record with this leader/09; none if only Python knows.
    fn rule(self, coding: Option<&u8>) -> Option<Rule> {
        let is_utf8 = self.force_utf8 || coding == Some(&b'a');
        match (self.to_unicode, coding) {
            (false, _) => Some(Rule::Raw),
            (true, _) if self.recovers => {
                Some(Rule::Declared(if is_utf8 { Charset::Utf8 } else { Charset::Marc8 }))
            }
            _ if !self.is_handled => None,
            (true, Some(b'a')) => Some(Rule::Utf8),
            (true, _) if self.force_utf8 => Some(Rule::Utf8),
            (true, _) => self.is_marc8.then_some(Rule::Marc8),
        }
    }
}

/// What was found about the next bytes, as plain values.
pub(super) enum Judgement {
    /// A record that can be read without a word; whether all its parts agree.
    Plain { rule: Rule, is_sound: bool },
    /// A record that has to be decoded at once: it gives warnings, or an error.
    Doubtful,
    /// A record that cannot be read.
    Fault(Fault),
    /// Bytes that are no record, behind which none can be found.
    Boundary(Boundary),
    /// A record by the rules of columns.
    Recovered(Box<Recovered>),
    /// Bytes that are no record by these rules, or one that cannot be given back.
    Refused(Box<Diagnostic>),
    /// Bytes that nobody needs to hear of.
    Passed,
}

/// How a record was found by the rules of columns.
pub(super) struct Recovered {
    pub(super) rule: Rule,
    pub(super) entries: Entries,
    /// The leader, where it is not the first 24 bytes.
    pub(super) leader: Option<Leader>,
    pub(super) findings: Vec<Diagnostic>,
}

/// Where blocks come from.
enum Feed {
    /// All bytes are there.
    Nothing,
    File(Py<PyAny>),
    Input(Box<Input>),
}

enum Block {
    Shared(PyBackedBytes),
    Own(Vec<u8>),
}

impl Block {
    fn bytes(&self) -> &[u8] {
        match self {
            Block::Shared(bytes) => bytes,
            Block::Own(bytes) => bytes,
        }
    }
}

pub(super) struct Ahead {
    feed: Feed,
    block: Block,
    /// Offset of the block in the source.
    offset: u64,
    /// Bytes of the block that were handed out.
    at: usize,
    is_end: bool,
    framer: Framer,
    asked: Option<Asked>,
    judged: Vec<(usize, Judgement)>,
    handed: usize,
}

/// The next bytes: where they are in the block, and what they are.
pub(super) struct Handed {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) judgement: Judgement,
}

impl Ahead {
    fn new(feed: Feed, block: Block) -> Ahead {
        let is_end = matches!(feed, Feed::Nothing);
        Ahead {
            feed,
            block,
            offset: 0,
            at: 0,
            is_end,
            framer: Framer::new(MOST),
            asked: None,
            judged: Vec::new(),
            handed: 0,
        }
    }

    pub(super) fn of_bytes(bytes: &Bound<'_, PyBytes>) -> Ahead {
        Ahead::new(Feed::Nothing, Block::Shared(bytes.clone().into()))
    }

    pub(super) fn of_file(file: &Bound<'_, PyAny>) -> Ahead {
        Ahead::new(Feed::File(file.clone().unbind()), Block::Own(Vec::new()))
    }

    pub(super) fn of_input(input: Input) -> Ahead {
        Ahead::new(Feed::Input(Box::new(input)), Block::Own(Vec::new()))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.block.bytes()
    }

    /// Offset in the source of a byte of the block.
    pub(super) fn offset_of(&self, place: usize) -> u64 {
        self.offset + place as u64
    }

    /// Bytes that were read and not handed out.
    pub(super) fn unread(&self) -> usize {
        self.bytes().len() - self.at
    }

    /// Bytes that were handed out, of all.
    pub(super) fn position(&self) -> u64 {
        self.offset_of(self.at)
    }

    /// Places in it are not places in the file.
    pub(super) fn is_compressed(&self) -> bool {
        matches!(&self.feed, Feed::Input(input) if input.size().is_none())
    }

    /// The next bytes that anybody needs to hear of.
    pub(super) fn next_told(&mut self, py: Python<'_>, asked: Asked) -> PyResult<Option<Handed>> {
        loop {
            match self.next(py, asked)? {
                Some(Handed { judgement: Judgement::Passed, .. }) => {}
                next => return Ok(next),
            }
        }
    }

    fn next(&mut self, py: Python<'_>, asked: Asked) -> PyResult<Option<Handed>> {
        if let Feed::File(file) = &self.feed
            && let Some(closed) = file.bind(py).getattr_opt(intern!(py, "closed"))?
            && closed.is_truthy()?
        {
            // It says itself what is the matter.
            file.bind(py).call_method1(intern!(py, "read"), (0,))?;
        }
        if self.asked != Some(asked) {
            self.asked = Some(asked);
            self.judged.clear();
            self.handed = 0;
        }
        while self.handed == self.judged.len() {
            self.handed = 0;
            self.judged.clear();
            let (bytes, at, is_end) = (self.block.bytes(), self.at, self.is_end);
            let (framer, judged) = (&mut self.framer, &mut self.judged);
            let wanted = py.detach(|| {
                gate();
                match asked.recovers {
                    true => judge_by_frames(bytes, at, is_end, asked, framer, judged),
                    false => judge(bytes, at, is_end, asked, judged),
                }
            });
            match wanted {
                _ if !self.judged.is_empty() => {}
                Some(wanted) => self.fill(py, wanted)?,
                None => {
                    // A file may grow.
                    self.is_end = matches!(self.feed, Feed::Nothing);
                    return Ok(None);
                }
            }
        }
        let Some((end, judgement)) = self.judged.get_mut(self.handed) else { return Ok(None) };
        let next = Handed {
            start: self.at,
            end: *end,
            judgement: std::mem::replace(judgement, Judgement::Doubtful),
        };
        self.handed += 1;
        self.at = next.end;
        Ok(Some(next))
    }

    /// Reads until the block holds so many bytes that were not handed out, or the source ends.
    fn fill(&mut self, py: Python<'_>, wanted: usize) -> PyResult<()> {
        let Block::Own(bytes) = &mut self.block else { return Ok(()) };
        bytes.drain(..self.at);
        self.framer.forget(self.at);
        self.offset += self.at as u64;
        self.at = 0;
        let size = wanted.saturating_sub(bytes.len()).clamp(BLOCK, MOST);
        match &mut self.feed {
            Feed::Nothing => self.is_end = true,
            Feed::File(file) => {
                let got = file.bind(py).call_method1(intern!(py, "read"), (size,))?;
                let got: Cow<'_, [u8]> = got.extract()?;
                self.is_end = got.is_empty();
                bytes.extend_from_slice(&got);
            }
            Feed::Input(input) => {
                let count = py.detach(|| read(input, size, bytes));
                self.is_end = count.map_err(|error| exception(py, error.into()))? == 0;
            }
        }
        Ok(())
    }
}

/// Appends what comes at once, `size` bytes at most.
fn read(input: &mut Input, size: usize, bytes: &mut Vec<u8>) -> std::io::Result<usize> {
    let start = bytes.len();
    bytes.resize(start + size, 0);
    let count = loop {
        match input.read(bytes.get_mut(start..).unwrap_or_default()) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => break done,
        }
    };
    bytes.truncate(start + *count.as_ref().unwrap_or(&0));
    count
}

/// Judges the records from `at` on; says how many bytes there should be to find one, or none at the end.
fn judge(
    bytes: &[u8],
    mut at: usize,
    is_end: bool,
    asked: Asked,
    judged: &mut Vec<(usize, Judgement)>,
) -> Option<usize> {
    let mut entries = Entries::new();
    let until = at + BLOCK;
    while at < until {
        let rest = bytes.get(at..).unwrap_or_default();
        match lenient::next(rest, is_end) {
            Found::Wanted(wanted) => return Some(wanted),
            Found::End => return None,
            Found::Fault(end, boundary) => {
                judged.push((at + end, Judgement::Boundary(boundary)));
                return None;
            }
            Found::Record(end) => {
                let record = rest.get(..end).unwrap_or_default();
                judged.push((at + end, judge_record(record, asked, &mut entries)));
                at += end;
            }
        }
    }
    None
}

/// The same by the rules of columns.
fn judge_by_frames(
    bytes: &[u8],
    mut at: usize,
    is_end: bool,
    asked: Asked,
    framer: &mut Framer,
    judged: &mut Vec<(usize, Judgement)>,
) -> Option<usize> {
    let until = at + BLOCK;
    while at < until {
        if at == bytes.len() && is_end {
            return None;
        }
        match framer.next(bytes, at, is_end) {
            Next::More => return Some(bytes.len() - at + BLOCK),
            Next::Passed(end) => {
                judged.push((end, Judgement::Passed));
                at = end;
            }
            Next::Frame(end) => {
                let frame = bytes.get(at..end).unwrap_or_default();
                let mut start = 0;
                for item in items(frame, MOST) {
                    let item_end = item.end;
                    let bytes = frame.get(start..item_end).unwrap_or_default();
                    judged.push((at + item_end, judge_item(bytes, item, asked)));
                    start = item_end;
                }
                at = end;
            }
            Next::Item(item) => {
                let end = item.end;
                let bytes = bytes.get(at..end).unwrap_or_default();
                judged.push((end, judge_item(bytes, *item, asked)));
                at = end;
            }
        }
    }
    None
}

/// `bytes` are those of the item.
fn judge_item(bytes: &[u8], item: Item, asked: Asked) -> Judgement {
    let fatal = item.findings.iter().find(|finding| !Policy::Recover.delivers(finding.severity));
    match (item.kind, fatal) {
        (Kind::Filler, _) => Judgement::Passed,
        (_, Some(finding)) => Judgement::Refused(Box::new(finding.clone())),
        (Kind::Gap, None) => Judgement::Passed,
        (Kind::Record, None) => {
            let coding = item.leader.map_or_else(|| bytes.get(9).copied(), |leader| leader.0.get(9).copied());
            let rule = asked.rule(coding.as_ref()).unwrap_or(Rule::Raw);
            let Item { entries, leader, findings, .. } = item;
            Judgement::Recovered(Box::new(Recovered { rule, entries, leader, findings }))
        }
    }
}

pub(super) fn judge_record(record: &[u8], asked: Asked, entries: &mut Entries) -> Judgement {
    // Where all parts agree, there is one way to read them.
    let is_sound = directory::sound(record, entries);
    if !is_sound && swallows(record) {
        return Judgement::Doubtful;
    }
    let found = if is_sound { Ok(()) } else { find_entries(record, entries) };
    match (asked.rule(record.get(9)), found) {
        // The fields before a fault are read first, and may have words of their own.
        (Some(rule), found) if is_plain(record, entries, rule, is_sound) => {
            found.map_or_else(Judgement::Fault, |()| Judgement::Plain { rule, is_sound })
        }
        _ => Judgement::Doubtful,
    }
}
