//! Records as lines of text: what MARCMaker and Aleph sequential have in common. A field is a line, which only LF or CR LF
//! ends, and a record the lines from one that begins it up to one that does not belong to it.

use std::fmt::Debug;
use std::marker::PhantomData;

use wide::u8x16;

use super::framing::{Boundary, Marks, Token};
use super::split::{self, Split};
use crate::diagnostic::Diagnostic;
use crate::iso2709::framing::BYTE_ORDER_MARK;
use crate::places::Occurrences;

/// What a line is shows in this many bytes, unless all of them are blank.
const HEAD: usize = 32;

/// A format in lines.
pub(super) trait Form: Clone + Debug {
    /// What is said of a source without a record.
    const NOT_MARC: &'static str;
    /// Whether a record ends before a blank line.
    const BLANK_ENDS: bool;

    /// What a line is that begins with these bytes. More of them never change that a line begins a field.
    fn line(head: &[u8]) -> Line;
    /// The part of a record's first line that says which lines belong to it.
    fn mark(first: &[u8]) -> &[u8];
    /// Whether a line certainly belongs to the record with this mark, by a quick look.
    fn goes_on(mark: &[u8], line: &[u8]) -> bool;
    /// Whether a record that begins with the first line, or with its mark, has ended where the other line begins.
    fn ends(first: &[u8], head: &[u8]) -> bool;
}

/// What a line is, outside of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A field, which begins a record.
    Field,
    /// Something to be passed over.
    Comment,
    /// Anything else.
    Other,
}

/// Records in lines, and what was seen around them.
#[derive(Clone, Debug)]
pub(crate) struct Records<F> {
    /// The mark of the record that is being framed; nothing outside of one.
    mark: Vec<u8>,
    holds_records: bool,
    /// Whether anything but filler was seen around records.
    has_more: bool,
    form: PhantomData<F>,
}

impl<F> Default for Records<F> {
    fn default() -> Records<F> {
        Records { mark: Vec::new(), holds_records: false, has_more: false, form: PhantomData }
    }
}

impl<F: Form> Marks for Records<F> {
    const LONGEST: usize = HEAD;
    const END: &'static str = "the end of a line";

    fn step(&mut self, window: &[u8], at: usize, last: bool) -> Token {
        let Some(rest @ [_, ..]) = window.get(at..) else { return Token::More };
        let is_start = !self.holds_records && !self.has_more;
        if is_start && BYTE_ORDER_MARK.starts_with(&rest[..rest.len().min(BYTE_ORDER_MARK.len())]) {
            match rest.len() >= BYTE_ORDER_MARK.len() {
                true => return Token::Passed(at + BYTE_ORDER_MARK.len()),
                false if !last => return Token::More,
                false => {}
            }
        }
        self.mark.clear();
        let head = head(window, at);
        let line = F::line(head);
        if line != Line::Field && !is_known(head, last) {
            return Token::More;
        }
        let end = || match memchr::memchr(b'\n', rest) {
            Some(length) => Token::Passed(at + length + 1),
            None if last => Token::Passed(window.len()),
            None => Token::More,
        };
        match line {
            Line::Field => {
                self.mark.extend_from_slice(F::mark(head));
                Token::Record
            }
            Line::Comment => end(),
            Line::Other if is_blank(head, last) => end(),
            Line::Other => {
                self.has_more = true;
                Token::Stray
            }
        }
    }

    fn record_end(&self, window: &[u8], at: usize, last: bool) -> Boundary {
        for line_feed in Occurrences::<1>::of(b'\n', window, at, window.len()) {
            let place = line_feed + 1;
            if F::goes_on(&self.mark, &window[place..]) {
                continue;
            }
            let head = head(window, place);
            if F::ends(&self.mark, head) || F::BLANK_ENDS && is_blank(head, last) {
                return Boundary::End(place);
            }
            if !is_known(head, last) {
                return Boundary::None;
            }
        }
        if last { Boundary::End(window.len()) } else { Boundary::None }
    }

    fn stray_end(&self, window: &[u8], at: usize, _: bool) -> Boundary {
        self.boundary(window, at)
    }

    /// The next line that does not belong to the record that is open, or that begins one.
    fn boundary(&self, window: &[u8], from: usize) -> Boundary {
        let mut place = from;
        while let Some(line) = next_line(window, place) {
            let head = head(window, line);
            let is_boundary = match &*self.mark {
                [] => F::line(head) == Line::Field,
                mark => F::ends(mark, head) || F::BLANK_ENDS && is_blank(head, false),
            };
            if is_boundary {
                return Boundary::End(line);
            }
            place = line;
        }
        Boundary::None
    }

    fn note_record(&mut self, _: &[u8]) {
        self.holds_records = true;
    }

    fn may_hold_records(&self) -> bool {
        self.holds_records || !self.has_more
    }

    fn not_marc(&self) -> String {
        F::NOT_MARC.to_owned()
    }

    fn findings(&self, _: u64) -> Vec<Diagnostic> {
        Vec::new()
    }
}

/// The first bytes of the line that begins here, with what ends it; or all blanks of a line, and what follows them.
fn head(window: &[u8], at: usize) -> &[u8] {
    let line = &window[at.min(window.len())..];
    let head = &line[..line.len().min(HEAD)];
    match memchr::memchr(b'\n', head) {
        Some(length) => &head[..=length],
        None if head.len() == HEAD && are_blank(head) => {
            let blanks = line.iter().take_while(|byte| **byte != b'\n' && is_blank_byte(**byte)).count();
            &line[..line.len().min(blanks + 1)]
        }
        None => head,
    }
}

/// Whether more bytes would not change what the line is.
fn is_known(head: &[u8], last: bool) -> bool {
    last || head.ends_with(b"\n") || head.len() >= HEAD && !are_blank(head)
}

/// Whether a line is blank, as far as it goes.
fn is_blank(head: &[u8], last: bool) -> bool {
    (head.ends_with(b"\n") || last) && are_blank(head)
}

pub(super) fn are_blank(text: &[u8]) -> bool {
    text.iter().all(|byte| is_blank_byte(*byte))
}

/// White space, and what files of DOS end with.
fn is_blank_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x1A)
}

/// Where the line after this place begins.
fn next_line(window: &[u8], at: usize) -> Option<usize> {
    memchr::memchr(b'\n', window.get(at..)?).map(|length| at + length + 1)
}

/// The first line at or after `from` that begins a record whatever comes before: the lines before it belong to another.
pub(super) fn next_split<F: Form>(bytes: &[u8], from: usize) -> Split {
    let mut line = from.checked_sub(1).and_then(|before| next_line(bytes, before));
    while let Some(place) = line {
        let head = head(bytes, place);
        if !is_known(head, false) {
            return Split::Beyond(place);
        }
        let begins = |first| F::line(head) == Line::Field && F::ends(first, head);
        if field_before::<F>(bytes, place).is_some_and(begins) {
            return Split::At(place);
        }
        line = next_line(bytes, place);
    }
    Split::Beyond(bytes.len().max(from))
}

/// The line before a place that begins a field, if it is near.
fn field_before<F: Form>(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let mut before = bytes.get(at.saturating_sub(split::BEFORE)..at)?;
    loop {
        let begin = memchr::memrchr(b'\n', before.get(..before.len().checked_sub(1)?)?)? + 1;
        let line = &before[begin..];
        if F::line(line) == Line::Field {
            return Some(line);
        }
        before = &before[..begin];
    }
}

/// Whether nothing odd is in text: no control character but LF, and not this byte either.
pub(super) fn are_plain(text: &[u8], unless: u8) -> bool {
    let [line_feed, delete, unless] = [b'\n', 0x7F, unless].map(u8x16::splat);
    let odd = |bytes: u8x16| {
        let is_control = bytes.min(u8x16::splat(b' ' - 1)).simd_eq(bytes);
        is_control & !bytes.simd_eq(line_feed) | bytes.simd_eq(delete) | bytes.simd_eq(unless)
    };
    let (blocks, rest) = text.as_chunks();
    let mut last = [b'\n'; 16];
    last.iter_mut().zip(rest).for_each(|(byte, from)| *byte = *from);
    let all = blocks.iter().fold(odd(u8x16::new(last)), |all, block| all | odd(u8x16::new(*block)));
    all == u8x16::ZERO
}

/// A line of a record, without what ends it.
#[derive(Clone, Copy)]
pub(super) struct Content<'a> {
    /// Where it begins in the record.
    pub(super) place: usize,
    pub(super) text: &'a str,
}

/// The lines of a record.
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    /// Where lines end.
    ends: Occurrences<'a, 1>,
}

impl<'a> Lines<'a> {
    /// The lines of a text.
    pub(super) fn of(text: &'a str) -> Lines<'a> {
        Lines { text, at: 0, ends: Occurrences::of(b'\n', text.as_bytes(), 0, text.len()) }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Content<'a>;

    #[inline]
    fn next(&mut self) -> Option<Content<'a>> {
        let (place, length) = (self.at, self.text.len());
        if place >= length {
            return None;
        }
        let end = self.ends.next().unwrap_or(length);
        self.at = end + 1;
        let text = self.text.get(place..end)?;
        let text = if end < length { text.strip_suffix('\r').unwrap_or(text) } else { text };
        Some(Content { place, text })
    }
}

#[cfg(test)]
mod tests;
