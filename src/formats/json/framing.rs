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

/// The number of bytes of an object in which its members, and the end of its line, are looked for.
const LOOKED_THROUGH: usize = 1 << 16;
/// The most brackets that may be open around a record.
const MOST_OPEN: usize = 64;
/// The number of bytes by which a foreign form is recognised.
const HEAD: usize = 512;
/// More blanks stand nowhere between the bytes by which a record is found within another.
const MOST_BLANK: usize = 16;
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

/// What an object is.
enum Object {
    Record,
    /// Something else, of which the end is there.
    Other,
    /// Something else, of which the end is far away.
    Large,
    /// Nothing that its beginning explains.
    Damaged,
    /// More bytes are needed.
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
            b'{' => match self.object(window, at, last) {
                Object::Record => Token::Record,
                Object::More => Token::More,
                object => {
                    self.has_more = true;
                    let may_hold_records = match object {
                        Object::Other => is_within || self.holds_one(window, at),
                        Object::Large => true,
                        _ => false,
                    };
                    match may_hold_records && self.open.len() < MOST_OPEN {
                        true => self.enter(b'{', at),
                        false => Token::Stray,
                    }
                }
            },
            b'"' if is_within => {
                let seen = &window[..window.len().min(at + LONGEST_STRING)];
                match brackets::string_end(seen, at) {
                    Some(end) => Token::Passed(end),
                    None if last || rest.len() >= LONGEST_STRING => Token::Stray,
                    None => Token::More,
                }
            }
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
        let ends_its_line = ends_its_line(window, at, end, last);
        if let (Some(end), Some(true)) = (end, ends_its_line) {
            return Boundary::End(end);
        }
        // Where there is damage, brackets may close what they did not open.
        let until = end.unwrap_or(window.len());
        match (end, self.boundary(&window[..until], at + 1)) {
            (Some(end), Boundary::None) => Boundary::End(end),
            (None, Boundary::None) => Boundary::None,
            (_, other) => ends_its_line.map_or(Boundary::None, |_| other),
        }
    }

    fn stray_end(&self, window: &[u8], at: usize, _: bool) -> Boundary {
        self.beginning(window, at + 1, self.holds_records)
    }

    fn boundary(&self, window: &[u8], from: usize) -> Boundary {
        self.beginning(window, from, true)
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
const FOREIGN: [(&str, &str); 7] = [
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
    ("\"rawRecord\"", "this is a record of FOLIO as text within JSON; ask for its content as an object"),
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

    /// Whether there is a record within an object that is none.
    fn holds_one(&self, window: &[u8], at: usize) -> bool {
        let end = brackets::end(window, at).unwrap_or(window.len());
        self.keys.iter().any(|key| begun_with(&window[..end], at + 1, key).is_some())
    }

    /// What the object is that begins at `at`: a record, if it directly holds what one does.
    fn object(&self, window: &[u8], at: usize, last: bool) -> Object {
        let seen = &window[..window.len().min(at + LOOKED_THROUGH)];
        match object_at(seen, at) {
            Some(object) => object,
            None if seen.len() == at + LOOKED_THROUGH => Object::Large,
            None if last => Object::Damaged,
            None => Object::More,
        }
    }

    /// Where the next record begins: an object that begins as records do, or any in a line of its own, if these are
    /// records.
    fn beginning(&self, window: &[u8], from: usize, are_in_lines: bool) -> Boundary {
        let named = self.keys.iter().filter_map(|key| begun_with(window, from, key)).min();
        let until = named.unwrap_or(window.len());
        let line = are_in_lines.then(|| self.next_line(&window[..until], from)).flatten();
        let Some(next) = line.or(named) else { return Boundary::None };
        let blank =
            window[from..next].iter().rev().take(MOST_BLANK).take_while(|&&byte| is_blank(byte)).count();
        Boundary::Start(next - blank)
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

/// What the object is that begins at `at`, if these bytes are enough to tell.
fn object_at(window: &[u8], at: usize) -> Option<Object> {
    let mut place = at + 1;
    loop {
        place = after_blank(window, place);
        match window.get(place)? {
            b'"' => {}
            b'}' => return Some(Object::Other),
            _ => return Some(Object::Damaged),
        }
        let end = brackets::string_end(window, place)?;
        let key = window.get(place + 1..end - 1)?;
        place = after_blank(window, end);
        if *window.get(place)? != b':' {
            return Some(Object::Damaged);
        }
        place = after_blank(window, place + 1);
        place = match (key, window.get(place)?) {
            (b"leader", b'"' | b'n') | (b"fields", b'[') => return Some(Object::Record),
            (_, b'"') => brackets::string_end(window, place)?,
            (_, b'{' | b'[') => brackets::end(window, place)?,
            (_, first) if is_bare(*first) => {
                place + window[place..].iter().position(|&byte| !is_bare(byte))?
            }
            _ => return Some(Object::Damaged),
        };
    }
}

/// Where the first object begins at or after `from` whose first member has this key.
fn begun_with(window: &[u8], from: usize, key: &Finder<'_>) -> Option<usize> {
    let mut searched = from;
    loop {
        let place = searched + key.find(window.get(searched..)?)?;
        searched = place + 1;
        let blanks = window[from..place].iter().rev().take(MOST_BLANK);
        let blank = blanks.take_while(|&&byte| is_blank(byte)).count();
        let begin = (place - blank).checked_sub(1).filter(|&begin| begin >= from && window[begin] == b'{');
        let end = place + key.needle().len();
        let after = after_blank(&window[..window.len().min(end + MOST_BLANK + 1)], end);
        if let Some(begin) = begin.filter(|_| window.get(after) == Some(&b':')) {
            return Some(begin);
        }
    }
}

/// Whether the record that begins at `at`, which is not long, ends where its line does; `None` if more bytes are needed
/// to tell.
fn ends_its_line(window: &[u8], at: usize, end: Option<usize>, last: bool) -> Option<bool> {
    let until = end.unwrap_or(window.len());
    let line = &window[at..until.min(at + LOOKED_THROUGH)];
    if line.len() == LOOKED_THROUGH || memchr::memchr(b'\n', line).is_some() {
        return Some(false);
    }
    match end.map(|end| &window[end..]) {
        Some([b'\n', ..] | [b'\r', b'\n', ..]) => Some(true),
        Some([] | [b'\r']) => last.then_some(true),
        Some(_) => Some(false),
        None => last.then_some(false),
    }
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
