//! Finds where `record` elements begin and end, and what is between them.
//!
//! A record is a `record` that directly holds a leader, a controlfield or a datafield, or nothing at all: those of
//! OAI-PMH and SRU hold others and are an envelope. It ends at its end tag, whatever is in between: each record is
//! judged by itself, and damage in one costs no other. What is around records, such as declarations, envelopes, comments
//! and white space, is filler; text and parts of records that stand outside of any are gaps.

mod envelope;

use memchr::memmem;

use self::envelope::{Envelope, Named};
use super::super::framing::{Boundary, Marks, Token};
use super::tags::{End, is_part, is_space, local, name, tag_end};
use crate::diagnostic::Diagnostic;

/// The longest name with its prefix that a boundary is recognised by.
const LONGEST_NAME: usize = 128;
/// More bytes stand nowhere before the `>` of an end tag.
const MOST_SPACE: usize = 64;
/// The number of bytes of a `record` in which a part of a record is looked for.
const LOOKED_THROUGH: usize = 1 << 16;

/// The elements `record`, and those around them.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    word: memmem::Finder<'static>,
    envelope: Envelope,
}

/// Whether a `record` is one of MARC.
enum IsRecord {
    Yes,
    No,
    More,
}

impl Default for Records {
    fn default() -> Records {
        Records { word: memmem::Finder::new("record"), envelope: Envelope::default() }
    }
}

impl Marks for Records {
    const LONGEST: usize = LONGEST_NAME;
    const END: &'static str = "</record>";

    fn step(&mut self, window: &[u8], at: usize, last: bool) -> Token {
        match self.envelope.step(window, at, last) {
            Named::Token(token) => token,
            Named::Record(end) => match self.is_record(window, at, end, last) {
                IsRecord::Yes => Token::Record,
                IsRecord::No => {
                    self.envelope.open(&window[at..end]);
                    Token::Passed(end)
                }
                IsRecord::More => Token::More,
            },
        }
    }

    fn record_end(&self, window: &[u8], at: usize, last: bool) -> Boundary {
        match tag_end(window, at) {
            End::At(begun) if window[..begun].ends_with(b"/>") => Boundary::End(begun),
            End::At(begun) => self.boundary_outside(window, begun, last),
            End::Beyond | End::Never => Boundary::None,
        }
    }

    fn stray_end(&self, window: &[u8], at: usize, last: bool) -> Boundary {
        match window[at] {
            b'<' => self.boundary_outside(window, at + 1, last),
            // Text ends at the next tag.
            _ => {
                memchr::memchr(b'<', &window[at..]).map_or(Boundary::None, |place| Boundary::End(at + place))
            }
        }
    }

    fn boundary(&self, window: &[u8], from: usize) -> Boundary {
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
                [.., b'<', b'/'] => match tag_end(&window[..window.len().min(end + MOST_SPACE)], end - 1) {
                    End::At(end) => return Boundary::End(end),
                    End::Beyond if window.len() < end + MOST_SPACE => break,
                    End::Beyond | End::Never => return Boundary::End(end),
                },
                [.., b'<'] => return Boundary::Start(name - 1),
                _ => {}
            }
        }
        Boundary::None
    }

    fn note_record(&mut self, record: &[u8]) {
        if let End::At(begun) = tag_end(record, 0) {
            self.envelope.note_record(&record[..begun]);
        }
    }

    fn may_hold_records(&self) -> bool {
        self.envelope.may_hold_records()
    }

    fn not_marc(&self) -> String {
        self.envelope.not_marc()
    }

    fn findings(&self, end: u64) -> Vec<Diagnostic> {
        self.envelope.findings(end)
    }
}

impl Records {
    /// Those in a part of a document that begins like `head`: the part begins with a record.
    pub(crate) fn behind(head: &[u8]) -> Records {
        let mut records = Records::default();
        let mut at = 0;
        while let Token::Passed(end) = records.step(head, at, false) {
            at = end;
        }
        records.envelope.reach_record();
        records
    }

    /// Whether the `record` whose start tag is at `at..end` holds parts of a record of MARC, or nothing at all.
    fn is_record(&self, window: &[u8], at: usize, end: usize, last: bool) -> IsRecord {
        if window[..end].ends_with(b"/>") {
            return IsRecord::Yes;
        }
        let window = &window[..window.len().min(at + LOOKED_THROUGH)];
        let may_have_more = !last && window.len() < at + LOOKED_THROUGH;
        let (mut place, mut depth, mut is_empty) = (end, 0usize, true);
        loop {
            let rest = window.get(place..).unwrap_or_default();
            let Some(skipped) = memchr::memchr(b'<', rest) else {
                return match is_empty {
                    _ if may_have_more => IsRecord::More,
                    true => IsRecord::Yes,
                    false => IsRecord::No,
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
                _ if end == End::Beyond && may_have_more => return IsRecord::More,
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

    /// The first boundary at or after `from`, not in a comment or a CDATA section.
    fn boundary_outside(&self, window: &[u8], from: usize, last: bool) -> Boundary {
        let (mut from, mut found) = (from, self.boundary(window, from));
        loop {
            // Where its tag begins, and before which nothing of it matters.
            let (begin, until) = match found {
                Boundary::Start(place) => (place, place),
                Boundary::End(end) => {
                    let tag = memchr::memrchr(b'<', window.get(from..end).unwrap_or_default());
                    (from + tag.unwrap_or(0), end - 1)
                }
                Boundary::None => (window.len(), window.len()),
            };
            match self.special_end(window, from, until, last) {
                None => return found,
                Some(End::At(end)) => {
                    from = end;
                    if end > begin {
                        found = self.boundary(window, from);
                    }
                }
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
