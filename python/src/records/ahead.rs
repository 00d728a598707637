//! Reads ahead: bytes are read in large blocks with the interpreter's lock held, framed, checked and judged record by
//! record without it, and returned one by one with it again.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::sync::Arc;

use mrrc::accounts::{Code, Diagnostic};
use mrrc::internals::io::Input;
use mrrc::internals::iso2709::Framer;
use mrrc::internals::record::judge::{
    BLOCK, Judged, Judgement, MAX_RECORD, Progress, Settings, judge, judge_by_frames,
};
use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::cpython::{File, call_method1};
use crate::error::exception;
use crate::file::name;
use crate::guard::{gate, shielded};

/// Where blocks come from.
enum Feed {
    /// All bytes are there.
    Nothing,
    File(File),
    Input {
        input: Box<Input>,
        name: Option<Arc<str>>,
    },
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
    /// Bytes of the block that were returned.
    at: usize,
    /// The number of records that were handed out, or refused.
    records: u64,
    is_end: bool,
    framer: Framer,
    /// By which settings what follows was judged.
    settings: Option<Settings>,
    /// What was judged and not yet returned, and where judging continues.
    judged: VecDeque<Judged>,
    until: usize,
}

impl Ahead {
    fn new(feed: Feed, block: Block) -> Ahead {
        let is_end = matches!(feed, Feed::Nothing);
        Ahead {
            feed,
            block,
            offset: 0,
            at: 0,
            records: 0,
            is_end,
            framer: Framer::new(MAX_RECORD),
            settings: None,
            judged: VecDeque::new(),
            until: 0,
        }
    }

    pub(super) fn of_bytes(bytes: &Bound<'_, PyBytes>) -> Ahead {
        Ahead::new(Feed::Nothing, Block::Shared(bytes.clone().into()))
    }

    pub(super) fn of_file(file: &Bound<'_, PyAny>) -> Ahead {
        Ahead::new(Feed::File(File::new(file.clone())), Block::Own(Vec::new()))
    }

    /// The decompressed bytes of a source, which may have a name.
    pub(super) fn of_input(input: Input, name: Option<Arc<str>>) -> Ahead {
        Ahead::new(Feed::Input { input: Box::new(input), name }, Block::Own(Vec::new()))
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match &self.feed {
            Feed::File(file) => visit.call(&**file),
            _ => Ok(()),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.block.bytes()
    }

    /// Offset in the source of a byte of the block.
    pub(super) fn offset_of(&self, place: usize) -> u64 {
        self.offset + place as u64
    }

    /// Bytes that were read and not yet returned.
    pub(super) fn unread(&self) -> usize {
        self.bytes().len() - self.at
    }

    /// All bytes that were returned so far.
    pub(super) fn position(&self) -> u64 {
        self.offset_of(self.at)
    }

    /// Places in it are not places in the file.
    pub(super) fn is_compressed(&self) -> bool {
        matches!(&self.feed, Feed::Input { input, .. } if input.size().is_none())
    }

    /// The next record, or what should be one, and its place in the block.
    pub(super) fn next(&mut self, py: Python<'_>, settings: Settings) -> PyResult<Option<Judged>> {
        if let Feed::File(file) = &self.feed
            && let Some(closed) = file.bind(py).getattr_opt(intern!(py, "closed"))?
            && closed.is_truthy()?
        {
            // It says itself what is the matter.
            call_method1(file.bind(py), intern!(py, "read"), 0)?;
        }
        if self.settings != Some(settings) {
            self.settings = Some(settings);
            self.judge_again();
        }
        while self.judged.is_empty() {
            match self.judge(py, settings)? {
                Progress::Block => py.check_signals()?,
                _ if !self.judged.is_empty() => {}
                Progress::Wanted(wanted) => self.fill(py, wanted)?,
                Progress::End => {
                    // A file may grow.
                    self.is_end = matches!(self.feed, Feed::Nothing);
                    return Ok(None);
                }
            }
        }
        let mut next = self.judged.pop_front();
        if let Some(Judged { range, judgement }) = &mut next {
            self.at = range.end;
            match judgement {
                Judgement::Refused(finding) => self.locate(py, finding, range.start),
                _ => self.records += 1,
            }
        }
        Ok(next)
    }

    /// Says of a finding, which counts from the item at `start`, where it is in the source.
    fn locate(&mut self, py: Python<'_>, finding: &mut Diagnostic, start: usize) {
        let offset = self.offset_of(start);
        finding.offset += offset;
        finding.record_offset = Some(offset);
        finding.source = match &self.feed {
            Feed::Nothing => None,
            Feed::File(file) => name(file.bind(py)).map(Into::into),
            Feed::Input { name, .. } => name.clone(),
        };
        if finding.code != Code::Gap {
            finding.record = Some(self.records);
            self.records += 1;
        }
    }

    fn judge(&mut self, py: Python<'_>, settings: Settings) -> PyResult<Progress> {
        let (bytes, at, is_end) = (self.block.bytes(), &mut self.until, self.is_end);
        let (framer, judged) = (&mut self.framer, &mut self.judged);
        py.detach(|| {
            gate();
            shielded(|| match settings.recovers {
                true => judge_by_frames(bytes, at, is_end, settings, framer, judged),
                false => judge(bytes, at, is_end, settings, judged),
            })
        })
    }

    /// What was not yet returned is judged once more.
    fn judge_again(&mut self) {
        self.judged.clear();
        self.until = self.at;
        self.framer = Framer::new(MAX_RECORD);
    }

    /// Reads until the block has this number of bytes that were not yet returned, or the source ends.
    fn fill(&mut self, py: Python<'_>, wanted: usize) -> PyResult<()> {
        let Block::Own(bytes) = &mut self.block else { return Ok(()) };
        bytes.drain(..self.until);
        self.framer.forget(self.until);
        self.offset += self.until as u64;
        (self.at, self.until) = (0, 0);
        let size = wanted.saturating_sub(bytes.len()).clamp(BLOCK, MAX_RECORD);
        match &mut self.feed {
            Feed::Nothing => self.is_end = true,
            Feed::File(file) => {
                let got = call_method1(file.bind(py), intern!(py, "read"), size)?;
                let got: Cow<'_, [u8]> = got.extract()?;
                self.is_end = got.is_empty();
                bytes.extend_from_slice(&got);
            }
            Feed::Input { input, .. } => {
                let count = loop {
                    py.check_signals()?;
                    match py.detach(|| read(input, size, bytes)) {
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        done => break done.map_err(|error| exception(py, error.into()))?,
                    }
                };
                self.is_end = count == 0;
            }
        }
        Ok(())
    }
}

/// Appends what comes at once, at most `size` bytes.
fn read(input: &mut Input, size: usize, bytes: &mut Vec<u8>) -> std::io::Result<usize> {
    let start = bytes.len();
    bytes.resize(start + size, 0);
    let count = input.read(bytes.get_mut(start..).unwrap_or_default());
    bytes.truncate(start + *count.as_ref().unwrap_or(&0));
    count
}
