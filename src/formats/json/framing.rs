//! Finds the objects that are records, and what is around them.
//!
//! A record is an object that directly holds a `leader` or a list of `fields`. They come each in a line, in an array, one
//! after another, or within other objects, such as those of FOLIO; brackets, commas, white space, and what envelopes hold
//! besides are filler.

use memchr::memmem::{self, Finder};

use super::super::framing::{Boundary, Marks, Token};
use super::brackets;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::framing::BYTE_ORDER_MARK;

/// The number of bytes of an object in which its members are looked at.
const LOOKED_THROUGH: usize = 1 << 16;
/// The most brackets that may be open around a record.
const MOST_OPEN: usize = 64;
/// The number of bytes by which a foreign form is recognised.
const HEAD: usize = 512;
/// A longer string is no part of an envelope.
const LONGEST_STRING: usize = 1 << 23;

/// Objects that are records, and the brackets around them.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    /// The keys that records are known by.
    keys: [Finder<'static>; 2],
    line: Finder<'static>,
    /// The brackets that are open.
    open: Vec<u8>,
    holds_records: bool,
    /// Whether anything but brackets was seen around records.
    has_more: bool,
    /// What the source begins with.
    head: Vec<u8>,
}

/// Whether an object is a record.
enum IsRecord {
    Yes,
    No,
    More,
}

impl Default for Records {
    fn default() -> Records {
        Records {
            keys: [Finder::new("\"fields\""), Finder::new("\"leader\"")],
            line: Finder::new("\n{"),
            open: Vec::new(),
            holds_records: false,
            has_more: false,
            head: Vec::new(),
        }
    }
}

impl Marks for Records {
    const LONGEST: usize = 64;
    const END: &'static str = "the bracket that closes it";

    fn step(&mut self, window: &[u8], at: usize, last: bool) -> Token {
        let Some(rest @ [byte, ..]) = window.get(at..) else { return Token::More };
        if self.head.is_empty() {
            self.head = rest[..rest.len().min(HEAD)].to_vec();
        }
        let is_within = self.open.contains(&b'{');
        match byte {
            _ if is_blank(*byte) => {
                Token::Passed(at + rest.iter().take_while(|&&byte| is_blank(byte)).count())
            }
            b'[' if self.open.len() < MOST_OPEN => self.enter(b'[', at),
            b']' if self.open.last() == Some(&b'[') => self.leave(at),
            b'}' if self.open.last() == Some(&b'{') => self.leave(at),
            b'{' => match self.is_record(window, at, last) {
                IsRecord::Yes => Token::Record,
                IsRecord::More => Token::More,
                IsRecord::No => {
                    self.has_more = true;
                    match self.open.len() < MOST_OPEN && (is_within || self.may_hold_one(window, at)) {
                        true => self.enter(b'{', at),
                        false => Token::Stray,
                    }
                }
            },
            b'"' if is_within => match brackets::string_end(window, at) {
                Some(end) => Token::Passed(end),
                None if last || rest.len() > LONGEST_STRING => Token::Stray,
                None => Token::More,
            },
            _ if is_within && is_bare(*byte) => {
                Token::Passed(at + rest.iter().take_while(|&&byte| is_bare(byte)).count())
            }
            _ if BYTE_ORDER_MARK.starts_with(&rest[..rest.len().min(3)]) && self.is_at_start() => {
                match rest.len() {
                    0..3 if !last => Token::More,
                    length => Token::Passed(at + length.min(3)),
                }
            }
            _ => {
                self.has_more = true;
                Token::Stray
            }
        }
    }

    fn record_end(&self, window: &[u8], at: usize, last: bool) -> Boundary {
        let end = brackets::end(window, at);
        if let Some(end) = end.filter(|&end| is_line(window, at, end, last)) {
            return Boundary::End(end);
        }
        // Where there is damage, brackets may close what they did not open.
        let until = end.unwrap_or(window.len());
        match (self.boundary(&window[..until], at + 1), end) {
            (Boundary::None, Some(end)) => Boundary::End(end),
            (found, _) => found,
        }
    }

    fn stray_end(&self, window: &[u8], at: usize, _: bool) -> Boundary {
        self.boundary(window, at + 1)
    }

    fn boundary(&self, window: &[u8], from: usize) -> Boundary {
        let named = self.keys.iter().filter_map(|key| begun_with(window, from, key)).min();
        let until = named.unwrap_or(window.len());
        let line = self.holds_records.then(|| self.next_line(&window[..until], from)).flatten();
        let Some(next) = line.or(named) else { return Boundary::None };
        let blank = window[from..next].iter().rev().take_while(|&&byte| is_blank(byte)).count();
        Boundary::Start(next - blank)
    }

    fn note_record(&mut self, _: &[u8]) {
        self.holds_records = true;
    }

    fn may_hold_records(&self) -> bool {
        self.holds_records || !self.has_more && !self.head.is_empty()
    }

    fn not_marc(&self) -> String {
        let head: Vec<u8> = self.head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let known = FOREIGN.iter().find(|(mark, _)| memmem::find(&head, mark.as_bytes()).is_some());
        match known {
            Some((_, sentence)) => (*sentence).to_owned(),
            None => "this is JSON, and there is no record of MARC-in-JSON in it".to_owned(),
        }
    }

    fn findings(&self, end: u64) -> Vec<Diagnostic> {
        let Some(bracket) = self.open.last().filter(|_| self.holds_records) else { return Vec::new() };
        let mut finding = Diagnostic::new(Code::Syntax, Severity::Warning, end);
        finding.found = "the end of the source".into();
        finding.expected = if *bracket == b'[' { "]" } else { "}" }.into();
        vec![finding]
    }
}

/// Other forms of JSON, and what is said of them.
const FOREIGN: [(&str, &str); 6] = [
    (
        "\"marc-hash\"",
        "this is marc-hash, a form of JSON that is not read; convert it to MARC-in-JSON or ISO 2709",
    ),
    (
        "\"record\":[[",
        "this is JSON of Catmandu; write MARC-in-JSON with: catmandu convert JSON to MARC --type MiJ",
    ),
    ("\"varFields\"", "this is JSON of Sierra; ask its API for application/marc-in-json"),
    ("\"anies\"", "this is JSON of Alma with MARCXML inside; ask its API for XML"),
    (
        "\"initialRecords\"",
        "this is a request of FOLIO, in which records are text; read the records themselves",
    ),
    (
        "\"001\":[",
        "this is JSON with tags for names, which is not read; convert it to MARC-in-JSON or ISO 2709",
    ),
];

impl Records {
    fn enter(&mut self, bracket: u8, at: usize) -> Token {
        self.open.push(bracket);
        Token::Passed(at + 1)
    }

    fn leave(&mut self, at: usize) -> Token {
        self.open.pop();
        Token::Passed(at + 1)
    }

    fn is_at_start(&self) -> bool {
        self.open.is_empty() && !self.holds_records
    }

    /// Whether there may be a record within an object that is none.
    fn may_hold_one(&self, window: &[u8], at: usize) -> bool {
        let Some(end) = brackets::end(window, at) else { return true };
        self.keys.iter().any(|key| begun_with(&window[..end], at + 1, key).is_some())
    }

    /// Whether the object that begins at `at` directly holds what a record does.
    fn is_record(&self, window: &[u8], at: usize, last: bool) -> IsRecord {
        let mut place = at + 1;
        let is_there = loop {
            place = after_blank(window, place);
            match window.get(place) {
                Some(b'"') => {}
                Some(_) => break Some(false),
                None => break None,
            }
            let Some(end) = brackets::string_end(window, place) else { break None };
            let key = window.get(place + 1..end - 1).unwrap_or_default();
            place = after_blank(window, end);
            match window.get(place) {
                Some(b':') => place = after_blank(window, place + 1),
                Some(_) => break Some(false),
                None => break None,
            }
            let Some(&first) = window.get(place) else { break None };
            let end = match (key, first) {
                (b"leader", b'"' | b'n') | (b"fields", b'[') => break Some(true),
                (_, b'"') => brackets::string_end(window, place),
                (_, b'{' | b'[') => brackets::end(window, place),
                _ => window[place..]
                    .iter()
                    .position(|&byte| !is_bare(byte))
                    .map(|length| place + length.max(1)),
            };
            match end {
                Some(end) => place = end,
                None => break None,
            }
        };
        match is_there {
            Some(true) => IsRecord::Yes,
            None if !last && window.len() - at < LOOKED_THROUGH => IsRecord::More,
            _ => IsRecord::No,
        }
    }

    /// The first object that begins a line after an object that ends one. In JSON there is a comma between two that
    /// belong to the same.
    fn next_line(&self, window: &[u8], from: usize) -> Option<usize> {
        let mut searched = from;
        loop {
            let line = searched + self.line.find(window.get(searched..)?)?;
            let before = window.get(from..line)?;
            if before.strip_suffix(b"\r").unwrap_or(before).ends_with(b"}") {
                return Some(line + 1);
            }
            searched = line + 1;
        }
    }
}

/// Where the first object begins at or after `from` whose first member has this key.
fn begun_with(window: &[u8], from: usize, key: &Finder<'_>) -> Option<usize> {
    let mut searched = from;
    loop {
        let place = searched + key.find(window.get(searched..)?)?;
        searched = place + 1;
        let blank = window[from..place].iter().rev().take_while(|&&byte| is_blank(byte)).count();
        let begin = (place - blank).checked_sub(1).filter(|&begin| begin >= from && window[begin] == b'{');
        let after = after_blank(window, place + key.needle().len());
        if let Some(begin) = begin.filter(|_| window.get(after) == Some(&b':')) {
            return Some(begin);
        }
    }
}

/// Whether the record at `at..end` is a line by itself.
fn is_line(window: &[u8], at: usize, end: usize, last: bool) -> bool {
    let begins = at.checked_sub(1).is_none_or(|before| window[before] == b'\n');
    let ends = match &window[end..] {
        [] => last,
        [b'\n', ..] | [b'\r', b'\n', ..] => true,
        _ => false,
    };
    begins && ends && memchr::memchr(b'\n', &window[at..end]).is_none()
}

fn after_blank(window: &[u8], at: usize) -> usize {
    at + window.get(at..).unwrap_or_default().iter().take_while(|&&byte| is_blank(byte)).count()
}

/// What stands between values: white space and commas, and what files end with.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | 0 | 0x1A | 0x1E)
}

/// Part of a number, or of a name such as `true`, or what stands after a key.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b':')
}

#[cfg(test)]
mod tests;
