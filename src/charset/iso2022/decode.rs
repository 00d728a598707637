//! Decodes bytes in a code of ISO 2022.

use smallvec::SmallVec;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;

use super::sets::{Designation, Set, east_asian};
use super::{ESCAPE, SUPERSCRIPT_ALEF, is_plain};
use crate::charset::Fault;
use crate::diagnostic::Code;

/// Groups that the tables lack but catalogues have: punctuation written like a code point.
const STRAY_GROUPS: [([u8; 3], char); 6] = [
    (*b"\x21\x20\x3D", '\u{2026}'),
    (*b"\x21\x20\x40", '\u{201C}'),
    (*b"\x7F\x20\x14", '\u{2014}'),
    (*b"\x7F\x20\x19", '\u{2019}'),
    (*b"\x7F\x20\x20", '\u{201D}'),
    (*b"\x7F\x21\x22", '\u{2122}'),
];

/// A code with one-byte sets in G0 and G1 whose marks come before their base: MARC-8, or one built like it.
pub(in crate::charset) struct Iso2022 {
    /// The sets at the beginning of a value.
    pub(in crate::charset) g0: Set,
    pub(in crate::charset) g1: Set,
    /// The set that an escape sequence designates, by its intermediate bytes and its final byte.
    pub(in crate::charset) designation: fn(&[u8], u8) -> Option<Designation>,
    /// Control bytes of C1 and their characters.
    pub(in crate::charset) functions: &'static [(u8, char)],
    /// The codes that report a byte without a character, an unknown escape sequence, a truncated group, and a mark
    /// without a letter.
    pub(in crate::charset) byte: Code,
    pub(in crate::charset) escape: Code,
    pub(in crate::charset) cut: Code,
    pub(in crate::charset) mark: Code,
}

impl Iso2022 {
    /// Appends the text of one value.
    #[inline]
    pub(in crate::charset) fn decode(&self, bytes: &[u8], out: &mut String, fault: &mut dyn FnMut(Fault)) {
        let at = if self.g0 == Set::Ascii { append_plain(bytes, out) } else { 0 };
        if at == bytes.len() {
            return;
        }
        let start = out.len() - at;
        let decoder = Decoder {
            code: self,
            bytes,
            at,
            g0: self.g0,
            g1: self.g1,
            marks: SmallVec::new(),
            start,
            disordered: false,
            out,
            fault,
        };
        decoder.run()
    }

    /// The number of escape sequences that designate a set.
    pub(in crate::charset) fn designations(&self, bytes: &[u8]) -> usize {
        let designates = |at: &usize| {
            let (intermediates, end) = escape_sequence(bytes.get(at + 1..).unwrap_or_default());
            end.and_then(|end| (self.designation)(intermediates, end)).is_some()
        };
        memchr::memchr_iter(ESCAPE, bytes).filter(designates).count()
    }
}

/// The intermediate bytes after an ESC, and the final one if there is one.
fn escape_sequence(after: &[u8]) -> (&[u8], Option<u8>) {
    let length = after.iter().take_while(|byte| matches!(byte, 0x20..=0x2F)).count();
    let end = after.get(length).filter(|byte| matches!(byte, 0x30..=0x7E));
    (after.get(..length).unwrap_or_default(), end.copied())
}

/// Appends the plain bytes at the beginning and returns their number.
#[inline]
fn append_plain(bytes: &[u8], out: &mut String) -> usize {
    let plain = plain_length(bytes);
    // Plain bytes are ASCII; checking costs less than avoiding the check.
    match bytes.get(..plain).map(str::from_utf8) {
        Some(Ok(text)) => {
            out.push_str(text);
            plain
        }
        _ => 0,
    }
}

/// The number of plain bytes at the beginning.
#[inline]
pub(in crate::charset) fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let plain = plain_in_word(*word);
        if plain < 8 {
            return 8 * number + plain;
        }
    }
    match bytes.last_chunk::<8>() {
        // The last eight bytes overlap `words`, which are plain.
        Some(last) => bytes.len() - 8 + plain_in_word(*last),
        None => rest.iter().take_while(|byte| is_plain(**byte)).count(),
    }
}

/// The number of plain bytes before the first other one, computed on all eight at once.
#[inline]
fn plain_in_word(word: [u8; 8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
    let word = u64::from_le_bytes(word);
    // Subtracting one borrows into the highest bit of a byte that is 0. Bytes after the first such may be taken for 0
    // as well, which does not matter here.
    let zeros = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let escapes = zeros(word ^ (ONES * 0x1B));
    let deletes = zeros(word ^ (ONES * 0x7F));
    ((word | escapes | deletes) & HIGHS).trailing_zeros() as usize / 8
}

/// A mark that waits for its base.
struct Mark {
    character: char,
    /// Its byte, counted from the beginning of the value.
    at: usize,
    /// Where it would be in the text without a base.
    place: usize,
}

struct Decoder<'a> {
    code: &'a Iso2022,
    bytes: &'a [u8],
    at: usize,
    g0: Set,
    g1: Set,
    marks: SmallVec<[Mark; 4]>,
    /// Where the text of this value begins in `out`.
    start: usize,
    /// True if something was appended that may compose with, or belong before, what precedes it.
    disordered: bool,
    out: &'a mut String,
    fault: &'a mut dyn FnMut(Fault),
}

impl Decoder<'_> {
    fn run(mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                ESCAPE => self.escape(),
                0x21..=0x7E => self.graphic(byte, self.g0),
                0xA1..=0xFE => self.graphic(byte, self.g1),
                0x20 => {
                    self.append_base(' ');
                    self.at += 1;
                }
                0x7F if self.g0 == Set::EastAsian => self.east_asian(byte),
                0x00..=0x1F | 0x80..=0x9F => self.control(byte),
                0x7F | 0xA0 | 0xFF => self.undecodable(self.code.byte, 1),
            }
            if self.g0 == Set::Ascii && self.marks.is_empty() {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                self.at += append_plain(rest, self.out);
            }
        }
        self.release_marks();
        if self.disordered {
            let value = self.out.split_off(self.start);
            self.out.extend(value.nfc());
        }
    }

    #[inline]
    fn graphic(&mut self, byte: u8, set: Set) {
        let Some(characters) = set.one_byte() else { return self.east_asian(byte) };
        match characters.get(byte) {
            Some((character, true)) => {
                self.marks.push(Mark { character, at: self.at, place: self.out.len() });
                self.at += 1;
            }
            Some((character, false)) => {
                self.append_base(character);
                self.at += 1;
            }
            None => self.undecodable(self.code.byte, 1),
        }
    }

    /// A group of three bytes, all in the same half as the first.
    fn east_asian(&mut self, first: u8) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if let Some(group) = rest.first_chunk::<3>() {
            // The space is part of the group of the ideographic space and of no other.
            let [lead, second, third] = group.map(|byte| byte ^ (first & 0x80));
            let is_group = matches!((lead, second, third), (0x21..=0x7E, 0x21..=0x7E, 0x20..=0x7E));
            let stray = || STRAY_GROUPS.iter().find(|(stray, _)| stray == group).map(|(_, found)| *found);
            match east_asian(*group).filter(|_| is_group).or_else(stray) {
                Some(character) => {
                    self.append_base(character);
                    self.at += 3;
                    return;
                }
                None if is_group && third != 0x20 => return self.undecodable(self.code.byte, 3),
                None => {}
            }
        }
        let member = |byte: &&u8| matches!(**byte ^ (first & 0x80), 0x21..=0x7E);
        let length = rest.iter().take(3).take_while(member).count();
        match rest.get(length) {
            None | Some(&ESCAPE) => self.undecodable(self.code.cut, length),
            Some(_) => self.undecodable(self.code.byte, length.max(1)),
        }
    }

    /// Control bytes are not bases: marks wait for the letter after them, but not beyond delimiters.
    fn control(&mut self, byte: u8) {
        let character = match byte {
            0x00..=0x1F => char::from(byte),
            _ => match self.code.functions.iter().find(|(function, _)| *function == byte) {
                Some((_, character)) => *character,
                None => return self.undecodable(self.code.byte, 1),
            },
        };
        if matches!(byte, 0x1D..=0x1F) {
            self.release_marks();
        }
        self.out.push(character);
        self.at += 1;
    }

    fn escape(&mut self) {
        let (intermediates, end) = escape_sequence(self.bytes.get(self.at + 1..).unwrap_or_default());
        let designation = end.and_then(|end| (self.code.designation)(intermediates, end));
        let length = match (intermediates, end) {
            ([], _) => 1,
            (_, Some(_)) => intermediates.len() + 2,
            (_, None) => intermediates.len() + 1,
        };
        match designation {
            Some(Designation::G0(set)) => self.g0 = set,
            Some(Designation::G1(set)) => self.g1 = set,
            None => return self.undecodable(self.code.escape, length),
        }
        self.at += intermediates.len() + 2;
    }

    /// One U+FFFD, which is a base for marks like any other character.
    fn undecodable(&mut self, code: Code, length: usize) {
        (self.fault)(Fault { code, at: self.at, length });
        self.append_base(char::REPLACEMENT_CHARACTER);
        self.at += length;
    }

    /// Appends a character that is not a mark, and after it the marks that waited for it.
    #[inline]
    fn append_base(&mut self, base: char) {
        if base == SUPERSCRIPT_ALEF {
            self.disordered = true;
        }
        if self.marks.is_empty() {
            return self.out.push(base);
        }
        if !base.is_alphabetic() && base != char::REPLACEMENT_CHARACTER {
            self.report_marks();
        }
        match self.marks.as_slice() {
            // ASCII letters are never precomposed.
            [mark] if base.is_ascii() => {
                match compose(base, mark.character) {
                    Some(composed) => self.out.push(composed),
                    None => self.out.extend([base, mark.character]),
                }
                self.marks.clear();
            }
            marks => {
                self.out.extend(std::iter::once(base).chain(marks.iter().map(|mark| mark.character)).nfc());
                self.marks.clear();
            }
        }
    }

    /// Reports marks on something that is not a letter.
    #[cold]
    fn report_marks(&mut self) {
        for mark in &self.marks {
            (self.fault)(Fault { code: self.code.mark, at: mark.at, length: 1 });
        }
    }

    /// Puts marks that have no base where they were, after the text before them.
    fn release_marks(&mut self) {
        let Some(first) = self.marks.first() else { return };
        self.disordered = true;
        let after = self.out.split_off(first.place);
        let mut used = 0;
        for mark in &self.marks {
            (self.fault)(Fault { code: self.code.mark, at: mark.at, length: 1 });
            let until = mark.place - first.place;
            self.out.push_str(after.get(used..until).unwrap_or_default());
            self.out.push(mark.character);
            used = until;
        }
        self.out.push_str(after.get(used..).unwrap_or_default());
        self.marks.clear();
    }
}
