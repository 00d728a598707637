//! Finds the records of a format other than ISO 2709, and what is between them: what all such formats have in common.
//!
//! A format says what it marks its records by. A record ends at its mark, whatever is in between: each is judged by
//! itself, and damage in one costs no other. What is around records and belongs there is filler; what stands outside of
//! any record and cannot be explained is a gap.

use std::fmt::Debug;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::framing::{Item, Kind, Next};
use crate::words::{counted, grouped};

/// How much of a document of an unknown kind is searched for a record.
const SEARCHED: usize = 1 << 20;

/// What a format marks its records by, and what was seen of what stands around them.
pub(crate) trait Marks: Clone + Debug {
    /// No mark has more bytes.
    const LONGEST: usize;
    /// What a record ends with, in words.
    const END: &'static str;

    /// What begins at `at`, where no record is open.
    fn step(&mut self, window: &[u8], at: usize, last: bool) -> Token;
    /// Where the record that begins at `at` ends. More bytes never change what is found.
    fn record_end(&self, window: &[u8], at: usize, last: bool) -> Boundary;
    /// Where something that begins at `at`, and should not be there, ends.
    fn stray_end(&self, window: &[u8], at: usize, last: bool) -> Boundary;
    /// The first mark at or after `from`, whatever it stands in.
    fn boundary(&self, window: &[u8], from: usize) -> Boundary;
    /// Takes note of a record.
    fn note_record(&mut self, record: &[u8]);
    /// Whether records are to be expected: there were some, or the document begins as those do that hold records.
    fn may_hold_records(&self) -> bool;
    /// What the source is, if there is no record in it.
    fn not_marc(&self) -> String;
    /// What was found about the whole source, which ends at this offset.
    fn findings(&self, end: u64) -> Vec<Diagnostic>;
}

/// What is next, where no record is open.
pub(crate) enum Token {
    /// Something that is not a record, up to here.
    Passed(usize),
    /// A record begins.
    Record,
    /// What should not stand outside of a record.
    Stray,
    /// More bytes are needed.
    More,
}

/// Where a record ends, or another one begins.
pub(crate) enum Boundary {
    /// Here it does not go on: another one begins.
    Start(usize),
    /// Here one ends.
    End(usize),
    /// Nowhere in these bytes.
    None,
}

impl Boundary {
    fn place(self) -> Option<usize> {
        match self {
            Boundary::Start(place) | Boundary::End(place) => Some(place),
            Boundary::None => None,
        }
    }
}

/// Finds one item after another in a window that moves over the source.
#[derive(Debug)]
pub(crate) struct Framer<M> {
    max_record: usize,
    marks: M,
    /// Whether a record was found, or it was told that there is none.
    begun: bool,
    /// What grew beyond `max_record`, and whose end is not yet found.
    oversize: Option<Oversize>,
}

/// A part of the window.
struct Seen<'a> {
    bytes: &'a [u8],
    /// Whether the source ends here.
    is_last: bool,
    /// Whether more of them are not looked at.
    is_enough: bool,
}

#[derive(Clone, Copy, Debug)]
struct Oversize {
    kind: Kind,
    passed: u64,
}

impl<M: Marks> Framer<M> {
    /// `max_record` is the maximum number of bytes in a record, and in what is none.
    pub(super) fn new(max_record: usize, marks: M) -> Framer<M> {
        Framer { max_record, marks, begun: false, oversize: None }
    }

    /// The item that begins at `at`. `last` means that the window reaches the end of the source.
    ///
    /// After [`Next::More`] the caller passes the same bytes followed by more.
    pub(super) fn next(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        if let Some(oversize) = self.oversize {
            return self.rest_of(oversize, window, at, last);
        }
        let before = (!self.begun).then(|| self.marks.clone());
        let mut place = at;
        let (found, is_enough) = loop {
            let Seen { bytes, is_last, is_enough } = self.seen(window, place, last);
            match self.marks.step(bytes, place, is_last) {
                Token::Passed(end) => place = end,
                Token::Record => break (Some(Kind::Record), true),
                Token::Stray => break (Some(Kind::Gap), true),
                Token::More => break (None, is_enough),
            }
        };
        let is_end = found.is_none() && last;
        if !self.begun && found.is_none() && !self.marks.may_hold_records() {
            if !is_end && place - at < SEARCHED {
                self.marks = before.unwrap_or_else(|| self.marks.clone());
                return Next::More;
            }
            if place > at {
                return self.not_marc(place);
            }
        }
        match found {
            _ if place > at => item(Kind::Filler, place, Vec::new()),
            Some(Kind::Record) => self.record(window, at, last),
            Some(_) => self.gap(window, at, last),
            // What is left is the beginning of something that does not end.
            None if last || is_enough => self.gap(window, at, last),
            None => Next::More,
        }
    }

    /// What was found about the whole source; complete at its end.
    pub(super) fn findings(&self, end: u64) -> Vec<Diagnostic> {
        self.marks.findings(end)
    }

    /// The record that begins at `at`.
    fn record(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        self.begun = true;
        let Seen { bytes, is_last, is_enough } = self.seen(window, at, last);
        let end = match self.marks.record_end(bytes, at, is_last) {
            Boundary::End(end) if end - at <= self.max_record => {
                self.marks.note_record(&window[at..end]);
                return Next::Frame(end);
            }
            Boundary::Start(end) if end - at <= self.max_record => end,
            Boundary::None if is_last && bytes.len() - at <= self.max_record => bytes.len(),
            Boundary::None if !is_last && !is_enough => return Next::More,
            _ => return self.rest_of(Oversize { kind: Kind::Record, passed: 0 }, window, at, last),
        };
        let mut finding = Diagnostic::new(Code::RecordTruncated, Severity::Fatal, (end - at) as u64);
        finding.found = counted((end - at) as u64, "byte");
        finding.expected = format!("{} after them", M::END);
        item(Kind::Record, end, vec![finding])
    }

    /// What stands outside of any record and cannot be explained.
    fn gap(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        let Seen { bytes, is_last, is_enough } = self.seen(window, at, last);
        let end = self.marks.stray_end(bytes, at, is_last).place();
        let may_be_foreign = !self.begun && !self.marks.may_hold_records();
        match end.filter(|end| end - at <= self.max_record) {
            Some(end) => self.whole(Kind::Gap, at, end),
            None if may_be_foreign && self.marks.stray_end(window, at, last).place().is_none() => {
                match last || window.len() - at >= SEARCHED {
                    true => self.not_marc(window.len()),
                    false => Next::More,
                }
            }
            None if is_last && bytes.len() - at <= self.max_record => self.whole(Kind::Gap, at, bytes.len()),
            None if !is_last && !is_enough => Next::More,
            None => self.rest_of(Oversize { kind: Kind::Gap, passed: 0 }, window, at, last),
        }
    }

    /// The bytes by which it is decided what begins at `at`. They are the same in whatever windows the source comes.
    fn seen<'a>(&self, window: &'a [u8], at: usize, last: bool) -> Seen<'a> {
        let enough = at.saturating_add(self.max_record).saturating_add(M::LONGEST);
        match window.get(..enough) {
            Some(bytes) => Seen { bytes, is_last: last && window.len() == enough, is_enough: true },
            None => Seen { bytes: window, is_last: last, is_enough: false },
        }
    }

    /// Up to here there is no record, and none is to be expected.
    fn not_marc(&mut self, end: usize) -> Next {
        self.begun = true;
        let mut finding = Diagnostic::new(Code::NotMarc, Severity::Fatal, 0);
        finding.found = self.marks.not_marc();
        item(Kind::Gap, end, vec![finding])
    }

    fn rest_of(&mut self, oversize: Oversize, window: &[u8], at: usize, last: bool) -> Next {
        let from = at + usize::from(oversize.passed == 0);
        let end = match self.marks.boundary(window, from).place() {
            Some(end) => end,
            None if last => window.len(),
            None => {
                let safe = window.len().saturating_sub(2 * M::LONGEST).max(at);
                let passed = oversize.passed + (safe - at) as u64;
                self.oversize = Some(Oversize { passed, ..oversize });
                return if safe == at { Next::More } else { Next::Passed(safe) };
            }
        };
        self.oversize = None;
        self.ended(oversize, at, end)
    }

    /// A gap, or a record that is too large.
    fn whole(&self, kind: Kind, at: usize, end: usize) -> Next {
        self.ended(Oversize { kind, passed: 0 }, at, end)
    }

    fn ended(&self, Oversize { kind, passed }: Oversize, at: usize, end: usize) -> Next {
        let code = if kind == Kind::Gap { Code::Gap } else { Code::RecordTooLarge };
        let mut finding = Diagnostic::new(code, Severity::Fatal, 0);
        finding.found = counted(passed + (end - at) as u64, "byte");
        if kind == Kind::Record {
            finding.expected = format!("at most {}", grouped(self.max_record as u64));
        }
        let mut item = Item::new(kind, end, vec![finding]);
        item.passed = passed;
        Next::Item(Box::new(item))
    }
}

fn item(kind: Kind, end: usize, findings: Vec<Diagnostic>) -> Next {
    Next::Item(Box::new(Item::new(kind, end, findings)))
}

#[cfg(test)]
pub(super) mod tests;
