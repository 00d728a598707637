//! Reading ahead: octets in large blocks, with the interpreter's lock; framed, checked and judged record by record
//! without it; and handed out one by one, with it again.

use std::io::{ErrorKind, Read};

use mrrc::io::Input;
use mrrc::iso2709::{Entries, directory};
use mrrc::iso2709::lenient::{Boundary, Fault, Found, find_entries, next, swallows};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::text::{Rule, is_plain};
use crate::error::exception;

/// Octets that are read, or judged, at once: they stay in a core's own cache, and so small an object is made where
/// the one before was.
const BLOCK: usize = 96 << 10;
/// A record without a believable length is read in such steps.
const MOST: usize = 8 << 20;

/// What decides how a record is read; a change of it makes all judgements void.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) to_unicode: bool,
    pub(super) force_utf8: bool,
    /// The encoding of records that do not say UTF-8 is MARC-8.
    pub(super) is_marc8: bool,
    /// What to do with octets that are no UTF-8 is a name; anything else is an error in each value.
    pub(super) is_handled: bool,
}

impl Asked {
    /// How values are read in a record with this leader/09; none if only Python knows.
    fn rule(self, coding: Option<&u8>) -> Option<Rule> {
        match (self.to_unicode, coding) {
            (false, _) => Some(Rule::Raw),
            _ if !self.is_handled => None,
            (true, Some(b'a')) => Some(Rule::Utf8),
            (true, _) if self.force_utf8 => Some(Rule::Utf8),
            (true, _) => self.is_marc8.then_some(Rule::Marc8),
        }
    }
}

/// What was found about the next octets, as plain values.
pub(super) enum Judgement {
    /// A record that can be read without a word.
    Plain(Rule),
    /// A record that has to be decoded at once: it gives warnings, or an error.
    Doubtful,
    /// A record that cannot be read.
    Fault(Fault),
    /// Octets that are no record, behind which none can be found.
    Boundary(Boundary),
}

/// Where blocks come from.
enum Feed {
    /// All octets are there.
    Nothing,
    File(Py<PyAny>),
    Input(Box<Input>),
}

enum Block {
    Shared(PyBackedBytes),
    Own(Vec<u8>),
}

impl Block {
    fn octets(&self) -> &[u8] {
        match self {
            Block::Shared(octets) => octets,
            Block::Own(octets) => octets,
        }
    }
}

pub(super) struct Ahead {
    feed: Feed,
    block: Block,
    /// Offset of the block in the source.
    offset: u64,
    /// Octets of the block that were handed out.
    at: usize,
    is_end: bool,
    asked: Option<Asked>,
    judged: Vec<(usize, Judgement)>,
    handed: usize,
}

/// The next octets: where they are in the block, and what they are.
pub(super) struct Next {
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
            asked: None,
            judged: Vec::new(),
            handed: 0,
        }
    }

    pub(super) fn of_octets(octets: &Bound<'_, PyBytes>) -> Ahead {
        Ahead::new(Feed::Nothing, Block::Shared(octets.clone().into()))
    }

    pub(super) fn of_file(file: &Bound<'_, PyAny>) -> Ahead {
        Ahead::new(Feed::File(file.clone().unbind()), Block::Own(Vec::new()))
    }

    pub(super) fn of_input(input: Input) -> Ahead {
        Ahead::new(Feed::Input(Box::new(input)), Block::Own(Vec::new()))
    }

    pub(super) fn octets(&self) -> &[u8] {
        self.block.octets()
    }

    /// Offset in the source of an octet of the block.
    pub(super) fn offset_of(&self, place: usize) -> u64 {
        self.offset + place as u64
    }

    /// Octets that were read and not handed out.
    pub(super) fn unread(&self) -> usize {
        self.octets().len() - self.at
    }

    /// Octets that were handed out, of all.
    pub(super) fn position(&self) -> u64 {
        self.offset_of(self.at)
    }

    pub(super) fn next(&mut self, py: Python<'_>, asked: Asked) -> PyResult<Option<Next>> {
        if let Feed::File(file) = &self.feed
            && file.bind(py).getattr(intern!(py, "closed"))?.is_truthy()?
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
            let (octets, at, is_end) = (self.block.octets(), self.at, self.is_end);
            let judged = &mut self.judged;
            let wanted = py.detach(|| judge(octets, at, is_end, asked, judged));
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
        let next = Next { start: self.at, end: *end, judgement: std::mem::replace(judgement, Judgement::Doubtful) };
        self.handed += 1;
        self.at = next.end;
        Ok(Some(next))
    }

    /// Reads until the block holds so many octets that were not handed out, or the source ends.
    fn fill(&mut self, py: Python<'_>, wanted: usize) -> PyResult<()> {
        let Block::Own(octets) = &mut self.block else { return Ok(()) };
        octets.drain(..self.at);
        self.offset += self.at as u64;
        self.at = 0;
        let size = wanted.saturating_sub(octets.len()).clamp(BLOCK, MOST);
        match &mut self.feed {
            Feed::Nothing => self.is_end = true,
            Feed::File(file) => {
                let got = file.bind(py).call_method1(intern!(py, "read"), (size,))?;
                let got = got.cast::<PyBytes>()?.as_bytes();
                self.is_end = got.is_empty();
                octets.extend_from_slice(got);
            }
            Feed::Input(input) => {
                let start = octets.len();
                octets.resize(start + size, 0);
                let room = octets.get_mut(start..).unwrap_or_default();
                let count = py.detach(|| read(input, room));
                octets.truncate(start + *count.as_ref().unwrap_or(&0));
                self.is_end = count.map_err(|error| exception(py, error.into()))? == 0;
            }
        }
        Ok(())
    }
}

fn read(input: &mut Input, room: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match input.read(room) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Judges the records from `at` on; says how many octets there should be to find one, or none at the end.
fn judge(
    octets: &[u8],
    mut at: usize,
    is_end: bool,
    asked: Asked,
    judged: &mut Vec<(usize, Judgement)>,
) -> Option<usize> {
    let mut entries = Entries::new();
    let until = at + BLOCK;
    while at < until {
        let rest = octets.get(at..).unwrap_or_default();
        match next(rest, is_end) {
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

pub(super) fn judge_record(record: &[u8], asked: Asked, entries: &mut Entries) -> Judgement {
    // Where all parts agree, there is one way to read them.
    let is_sound = directory::sound(record, entries);
    if !is_sound && swallows(record) {
        return Judgement::Doubtful;
    }
    let found = if is_sound { Ok(()) } else { find_entries(record, entries) };
    match (asked.rule(record.get(9)), found) {
        // The fields before a fault are read first, and may have words of their own.
        (Some(rule), found) if is_plain(record, entries, rule) => {
            found.map_or_else(Judgement::Fault, |()| Judgement::Plain(rule))
        }
        _ => Judgement::Doubtful,
    }
}
