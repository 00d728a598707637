//! Finds where `record` elements begin and end, and what is between them.
//!
//! A record is a `record` that directly holds a leader, a controlfield or a datafield, or nothing at all: those of
//! OAI-PMH and SRU hold others and are an envelope. It ends at its end tag, whatever is in between: each record is
//! judged by itself, and damage in one costs no other. What is around records, such as declarations, envelopes, comments
//! and white space, is filler; text and parts of records that stand outside of any are gaps.

mod envelope;

use memchr::memmem;

use self::envelope::{Envelope, Token};
use super::tags::{End, is_part, is_space, local, name, tag_end};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::framing::{Item, Kind, Next};
use crate::words::{counted, grouped};

/// The longest name with its prefix that a boundary is recognised by.
const LONGEST_NAME: usize = 128;
/// How much of a document of an unknown kind is searched for a record.
const SEARCHED: usize = 1 << 20;
/// The number of bytes of a `record` in which a part of a record is looked for.
const LOOKED_THROUGH: usize = 1 << 16;

/// Finds one item after another in a window that moves over the source.
#[derive(Debug)]
pub(crate) struct Framer {
    max_record: usize,
    word: memmem::Finder<'static>,
    envelope: Envelope,
    /// Whether a record was found, or it was told that there is none.
    begun: bool,
    /// What grew beyond `max_record`, and whose end is not yet found.
    oversize: Option<Oversize>,
}

#[derive(Clone, Copy, Debug)]
struct Oversize {
    kind: Kind,
    passed: u64,
}

/// Whether a `record` is one of MARC.
enum IsRecord {
    Yes,
    No,
    More,
}

/// Where a record ends, or another one begins.
enum Boundary {
    /// Before the end of the record: at this `<`.
    Start(usize),
    /// After this end tag.
    End(usize),
    None,
}

impl Framer {
    /// `max_record` is the maximum number of bytes in a record, and in what is none.
    pub(crate) fn new(max_record: usize) -> Framer {
        Framer {
            max_record,
            word: memmem::Finder::new("record"),
            envelope: Envelope::default(),
            begun: false,
            oversize: None,
        }
    }

    /// The item that begins at `at`. `last` means that the window reaches the end of the source.
    ///
    /// After [`Next::More`] the caller passes the same bytes followed by more.
    pub(crate) fn next(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        if let Some(oversize) = self.oversize {
            return self.rest_of(oversize, window, at, last);
        }
        let before = (!self.begun).then(|| self.envelope.clone());
        let mut place = at;
        let found = loop {
            match self.envelope.step(window, place, last) {
                Token::Passed(end) => place = end,
                Token::Tag(end) => match self.is_record(window, place, end, last) {
                    IsRecord::Yes => break Some(Kind::Record),
                    IsRecord::No => {
                        self.envelope.open(&window[place..end]);
                        place = end;
                    }
                    IsRecord::More => break None,
                },
                Token::Stray => break Some(Kind::Gap),
                Token::More => break None,
            }
        };
        let is_end = found.is_none() && last;
        if !self.begun && found.is_none() && !self.envelope.may_hold_records() {
            if !is_end && place - at < SEARCHED {
                self.envelope = before.unwrap_or_default();
                return Next::More;
            }
            if place > at {
                self.begun = true;
                return item(Kind::Gap, place, vec![self.envelope.not_marc()]);
            }
        }
        match found {
            _ if place > at => item(Kind::Filler, place, Vec::new()),
            Some(Kind::Record) => self.record(window, at, last),
            Some(_) => self.gap(window, at, last),
            // What is left is the beginning of something that does not end.
            None if last || window.len() - at > self.max_record => self.gap(window, at, last),
            None => Next::More,
        }
    }

    /// What was found about the whole document; complete at its end.
    pub(crate) fn findings(&self, end: u64) -> Vec<Diagnostic> {
        self.envelope.findings(end)
    }

    /// Whether the `record` whose start tag is at `at..end` holds parts of a record of MARC, or nothing at all.
    fn is_record(&self, window: &[u8], at: usize, end: usize, last: bool) -> IsRecord {
        if window[..end].ends_with(b"/>") {
            return IsRecord::Yes;
        }
        let (mut place, mut depth, mut is_empty) = (end, 0usize, true);
        loop {
            let rest = window.get(place..).unwrap_or_default();
            let Some(skipped) = memchr::memchr(b'<', rest).filter(|_| place - at < LOOKED_THROUGH) else {
                return match (last, is_empty) {
                    (false, _) if window.len() - at < LOOKED_THROUGH => IsRecord::More,
                    (_, true) => IsRecord::Yes,
                    (_, false) => IsRecord::No,
                };
            };
            place += skipped;
            let tag = &window[place..];
            let end = match tag {
                [b'<', b'!', b'-', b'-', ..] => ends_with(window, place, b"-->"),
                [b'<', b'!', ..] => ends_with(window, place, b"]]>"),
                [b'<', b'?', ..] => ends_with(window, place, b"?>"),
                _ => tag_end(window, place),
            };
            match tag {
                [b'<', b'!' | b'?', ..] => {}
                [b'<', b'/', rest @ ..] if depth == 0 => {
                    return if is_empty || local(name(rest)) != b"record" {
                        IsRecord::Yes
                    } else {
                        IsRecord::No
                    };
                }
                [b'<', b'/', ..] => depth -= 1,
                [b'<', rest @ ..] => {
                    let name = local(name(rest));
                    if depth == 0 && is_part(name) {
                        return IsRecord::Yes;
                    }
                    if name == b"record" {
                        return IsRecord::No;
                    }
                    is_empty = false;
                    if let End::At(end) = end
                        && !window[..end].ends_with(b"/>")
                    {
                        depth += 1;
                    }
                }
                _ => {}
            }
            place = match end {
                End::At(end) => end,
                End::Never => place + 1,
                End::Beyond => window.len(),
            };
        }
    }

    /// The record that begins at `at`.
    fn record(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        let End::At(begun) = tag_end(window, at) else { return self.gap(window, at, last) };
        self.begun = true;
        let end = match window[..begun].ends_with(b"/>") {
            true => Boundary::End(begun),
            false => self.boundary(window, begun, last),
        };
        let end = match end {
            Boundary::End(end) if end - at <= self.max_record => {
                self.envelope.note_record(&window[at..begun]);
                return Next::Frame(end);
            }
            Boundary::End(end) => return self.too_large(Kind::Record, end, (end - at) as u64, 0),
            Boundary::Start(end) => end,
            Boundary::None if last => window.len(),
            Boundary::None if window.len() - at <= self.max_record => return Next::More,
            Boundary::None => {
                let oversize = Oversize { kind: Kind::Record, passed: 0 };
                return self.rest_of(oversize, window, at, last);
            }
        };
        if end - at > self.max_record {
            return self.too_large(Kind::Record, end, (end - at) as u64, 0);
        }
        let mut finding = Diagnostic::new(Code::RecordTruncated, Severity::Fatal, (end - at) as u64);
        finding.found = counted((end - at) as u64, "byte");
        finding.expected = "</record> after them".into();
        item(Kind::Record, end, vec![finding])
    }

    /// What stands outside of any record and cannot be explained: up to a record, or the end of one; if it is text, up
    /// to the next tag.
    fn gap(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        let is_tag = window[at] == b'<';
        let end = match is_tag {
            false => memchr::memchr(b'<', &window[at..]).map(|place| at + place),
            true => match self.boundary(window, at + 1, last) {
                Boundary::Start(end) | Boundary::End(end) => Some(end),
                Boundary::None => None,
            },
        };
        match end {
            None if last => self.too_large(Kind::Gap, window.len(), (window.len() - at) as u64, 0),
            None if window.len() - at <= self.max_record => Next::More,
            None => self.rest_of(Oversize { kind: Kind::Gap, passed: 0 }, window, at, last),
            Some(end) => self.too_large(Kind::Gap, end, (end - at) as u64, 0),
        }
    }

    fn rest_of(&mut self, oversize: Oversize, window: &[u8], at: usize, last: bool) -> Next {
        let from = at + usize::from(oversize.passed == 0);
        let end = match self.plain_boundary(window, from) {
            Boundary::Start(end) | Boundary::End(end) => end,
            Boundary::None if last => window.len(),
            Boundary::None => {
                let safe = window.len().saturating_sub(2 * LONGEST_NAME).max(at);
                let passed = oversize.passed + (safe - at) as u64;
                self.oversize = Some(Oversize { passed, ..oversize });
                return if safe == at { Next::More } else { Next::Passed(safe) };
            }
        };
        self.oversize = None;
        self.too_large(oversize.kind, end, oversize.passed + (end - at) as u64, oversize.passed)
    }

    /// A gap, or a record that is too large.
    fn too_large(&self, kind: Kind, end: usize, extent: u64, passed: u64) -> Next {
        let code = if kind == Kind::Gap { Code::Gap } else { Code::RecordTooLarge };
        let mut finding = Diagnostic::new(code, Severity::Fatal, 0);
        finding.found = counted(extent, "byte");
        if kind == Kind::Record {
            finding.expected = format!("at most {}", grouped(self.max_record as u64));
        }
        let mut item = Item::new(kind, end, vec![finding]);
        item.passed = passed;
        Next::Item(Box::new(item))
    }

    /// The first boundary at or after `from`, not in a comment or a CDATA section.
    fn boundary(&self, window: &[u8], from: usize, last: bool) -> Boundary {
        let mut from = from;
        loop {
            let found = self.plain_boundary(window, from);
            let until = match found {
                Boundary::Start(place) => place,
                Boundary::End(end) => end - 1,
                Boundary::None => window.len(),
            };
            match self.special_end(window, from, until, last) {
                None => return found,
                Some(End::At(end)) => from = end,
                Some(_) => return Boundary::None,
            }
        }
    }

    /// The end of the first comment or CDATA section that begins in these bytes; one that is not well-formed has none,
    /// and is passed over.
    fn special_end(&self, window: &[u8], mut from: usize, until: usize, last: bool) -> Option<End> {
        loop {
            // Few values have an exclamation mark.
            let mark = from + memchr::memchr(b'!', window.get(from..until)?)?;
            let Some(place) = mark.checked_sub(1).filter(|&place| window[place] == b'<') else {
                from = mark + 1;
                continue;
            };
            let end = match &window[place..] {
                [b'<', b'!', b'-', b'-', text @ ..] => match memmem::find(text, b"--") {
                    Some(end) if text.get(end + 2) == Some(&b'>') => End::At(place + 4 + end + 3),
                    Some(end) if text.len() > end + 2 => End::Never,
                    _ => End::Beyond,
                },
                text if text.starts_with(b"<![CDATA[") => ends_with(window, place, b"]]>"),
                text if text.len() < 9 => End::Beyond,
                _ => End::Never,
            };
            match end {
                End::At(_) => return Some(end),
                End::Beyond if !last => return Some(end),
                _ => from = place + 2,
            }
        }
    }

    /// The same, wherever it is.
    fn plain_boundary(&self, window: &[u8], from: usize) -> Boundary {
        let mut searched = from;
        while let Some(rest) = window.get(searched..) {
            let Some(place) = self.word.find(rest) else { break };
            let (begin, end) = (searched + place, searched + place + b"record".len());
            searched = end;
            let Some(&after) = window.get(end) else { break };
            if !(is_space(after) || matches!(after, b'>' | b'/')) {
                continue;
            }
            let ends = |byte: &u8| matches!(byte, b'<' | b'/') || byte.is_ascii_whitespace();
            let name = match window[from..begin] {
                [.., b'<' | b'/'] => begin,
                [.., b':'] => {
                    let prefix = from.max(begin.saturating_sub(LONGEST_NAME));
                    window[prefix..begin].iter().rposition(ends).map_or(prefix, |place| prefix + place + 1)
                }
                _ => continue,
            };
            match window[from..name] {
                [.., b'<', b'/'] => match tag_end(window, end - 1) {
                    End::At(end) => return Boundary::End(end),
                    End::Never => return Boundary::End(end),
                    End::Beyond => break,
                },
                [.., b'<'] => return Boundary::Start(name - 1),
                _ => {}
            }
        }
        Boundary::None
    }
}

fn item(kind: Kind, end: usize, findings: Vec<Diagnostic>) -> Next {
    Next::Item(Box::new(Item::new(kind, end, findings)))
}

/// The end of what begins at `at` and ends with `mark`.
fn ends_with(bytes: &[u8], at: usize, mark: &[u8]) -> End {
    match memmem::find(&bytes[at..], mark) {
        Some(place) => End::At(at + place + mark.len()),
        None => End::Beyond,
    }
}

#[cfg(test)]
mod tests;
