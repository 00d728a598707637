//! MARC-8 as pymarc 5.4 reads it, with its deviations, for callers that need the same text.
//!
//! The correct reading is [`decode`](super::decode()). This one confines each set to one half (G0 below 80, G1
//! above), drops control bytes and marks at the end of a value, and writes a blank for what it does not know.

mod codesets;
#[cfg(test)]
mod tests;

use std::fmt;

use smallvec::SmallVec;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;

pub use codesets::{ODD, codesets};
use codesets::{is_codeset, is_composed, odd};

use super::ESCAPE;

const ASCII: u32 = 0x42;
const ANSEL: u32 = 0x45;
const EAST_ASIAN: u32 = 0x31;

/// What pymarc prints to standard error, without the end of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Neither set has a character of this number, and a blank takes its place. pymarc can be told not to report it.
    Unparsed {
        /// The byte, or three bytes as one number.
        number: u64,
        /// The set in G0.
        g0: u32,
        /// The set in G1.
        g1: u32,
    },
    /// The end of the value cuts a group of three bytes.
    TooShort {
        /// Where the group would end.
        position: usize,
        /// The number of bytes in the value.
        length: usize,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Unparsed { number, g0, g1 } => {
                write!(to, "Unable to parse character 0x{number:x} in g0={g0} g1={g1}")
            }
            Note::TooShort { position, length } => {
                write!(to, "Multi-byte position {position} exceeds length of marc8 string {length}")
            }
        }
    }
}

/// The value ends where a byte must follow an escape sequence: there is no text, and pymarc raises a `TypeError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid multibyte character encoding")]
pub struct Cut;

/// Appends the text of one value, composed (NFC): pymarc's `marc8_to_unicode`. If the value is [`Cut`], nothing is
/// appended.
///
/// ```
/// use mrrc::internals::charset::marc8::pymarc;
///
/// let (mut text, mut notes) = (String::new(), Vec::new());
/// pymarc::decode(b"Caf\xe2e\n \x1b)N\xc1", &mut text, &mut |note| notes.push(note.to_string()))?;
///
/// assert_eq!(text, "Café  ");
/// assert_eq!(notes, ["Unable to parse character 0xc1 in g0=66 g1=78"]);
/// # Ok::<(), pymarc::Cut>(())
/// ```
pub fn decode(bytes: &[u8], out: &mut String, note: &mut dyn FnMut(Note)) -> Result<(), Cut> {
    Converter::default().translate(bytes, out, note)
}

/// pymarc's `MARC8ToUnicode`: the current sets, which carry over from one value to the next.
///
/// A number that names no set has no characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Converter {
    /// The number of the set for bytes up to 80.
    pub g0: u32,
    /// The number of the set for bytes above 80.
    pub g1: u32,
}

impl Default for Converter {
    /// ASCII in G0, ANSEL in G1.
    fn default() -> Converter {
        Converter { g0: ASCII, g1: ANSEL }
    }
}

impl Converter {
    /// Appends the text of the bytes, composed (NFC). If they are [`Cut`], nothing is appended; the sets stay as
    /// designated so far.
    #[inline]
    pub fn translate(
        &mut self,
        bytes: &[u8],
        out: &mut String,
        note: &mut dyn FnMut(Note),
    ) -> Result<(), Cut> {
        let at = if self.g0 == ASCII { append_printable(bytes, out) } else { 0 };
        if at == bytes.len() {
            return Ok(());
        }
        let start = out.len() - at;
        self.read(bytes, at, start, out, note)
    }

    /// The same for text passed in place of bytes: each code point is a number, and none is an escape.
    pub fn translate_code_points(
        &mut self,
        points: &[u32],
        out: &mut String,
        note: &mut dyn FnMut(Note),
    ) -> Result<(), Cut> {
        let start = out.len();
        self.read(points, 0, start, out, note)
    }

    /// Reads on from `at`; the text of this value begins at `start` in `out`.
    fn read<U: Unit>(
        &mut self,
        units: &[U],
        mut at: usize,
        start: usize,
        out: &mut String,
        note: &mut dyn FnMut(Note),
    ) -> Result<(), Cut> {
        let mut text = Text { out, marks: SmallVec::new(), composed: true };
        while let Some(unit) = units.get(at) {
            if unit.is_escape() {
                match self.escape(units, at) {
                    Ok(Escape::Done { next }) => {
                        at = next;
                        continue;
                    }
                    Ok(Escape::Kept) => {
                        text.out.push(char::from(ESCAPE));
                        at += 1;
                        continue;
                    }
                    Ok(Escape::Over) => break,
                    Ok(Escape::Through { next }) => at = next,
                    Err(cut) => {
                        text.out.truncate(start);
                        return Err(cut);
                    }
                }
            }
            let is_group = self.g0 == EAST_ASIAN;
            let number = match units.get(at..).unwrap_or_default() {
                [first, second, third, ..] if is_group => {
                    at += 3;
                    (first.number() << 16) + (second.number() << 8) + third.number()
                }
                _ if is_group => {
                    at += 3;
                    note(Note::TooShort { position: at, length: units.len() });
                    0x20
                }
                [first, ..] => {
                    at += 1;
                    first.number()
                }
                [] => {
                    text.out.truncate(start);
                    return Err(Cut);
                }
            };
            if number < 0x20 || (0x80 < number && number < 0xA0) {
                continue;
            }
            let set = if number > 0x80 && !is_group { self.g1 } else { self.g0 };
            match codesets::character(set, number) {
                Some((mark, true)) => text.marks.push(mark),
                Some((base, false)) => text.append_base(base),
                None => match odd(number) {
                    Some(odd) => text.out.push(odd),
                    None => {
                        note(Note::Unparsed { number, g0: self.g0, g1: self.g1 });
                        text.append_base(' ');
                    }
                },
            }
        }
        text.finish(start);
        Ok(())
    }

    /// Handles the escape at `at`.
    fn escape<U: Unit>(&mut self, units: &[U], at: usize) -> Result<Escape, Cut> {
        let byte = |place: usize| units.get(place).and_then(|unit| u8::try_from(unit.number()).ok());
        match (byte(at + 1).ok_or(Cut)?, byte(at + 2)) {
            (b'(' | b',' | b'$', None) => Ok(Escape::Kept),
            (b'$', Some(b',')) => {
                self.g0 = byte(at + 3).ok_or(Cut)?.into();
                Ok(Escape::Done { next: at + 4 })
            }
            (b'(' | b',' | b'$', Some(set)) => {
                self.g0 = set.into();
                Ok(Escape::Done { next: at + 3 })
            }
            (b')' | b'-', set) => {
                self.g1 = set.ok_or(Cut)?.into();
                Ok(Escape::Done { next: at + 3 })
            }
            (set, _) if is_codeset(set) => {
                self.g0 = set.into();
                Ok(Escape::Through { next: at + 2 })
            }
            (b's', next) => {
                self.g0 = ASCII;
                Ok(if next.is_none() { Escape::Over } else { Escape::Through { next: at + 2 } })
            }
            _ => Ok(Escape::Through { next: at }),
        }
    }
}

/// How reading continues after an escape.
enum Escape {
    /// A set is designated; reading continues at `next`.
    Done { next: usize },
    /// The byte at `next` is a character, even if it is an escape.
    Through { next: usize },
    /// No byte is left for a set: the escape and what follows it are text.
    Kept,
    /// The value ends here, and may do so.
    Over,
}

/// The unit of a value: a byte, or a code point if text was passed instead.
trait Unit: Copy {
    fn is_escape(self) -> bool;
    fn number(self) -> u64;
}

impl Unit for u8 {
    fn is_escape(self) -> bool {
        self == ESCAPE
    }

    fn number(self) -> u64 {
        self.into()
    }
}

impl Unit for u32 {
    fn is_escape(self) -> bool {
        false
    }

    fn number(self) -> u64 {
        self.into()
    }
}

/// Growing text: each base receives the marks that wait for it.
struct Text<'a> {
    out: &'a mut String,
    marks: SmallVec<[char; 4]>,
    /// True if all of it is in NFC already.
    composed: bool,
}

impl Text<'_> {
    #[inline]
    fn append_base(&mut self, base: char) {
        self.composed &= is_composed(base);
        match self.marks.as_slice() {
            [] => return self.out.push(base),
            // ASCII letters are never precomposed.
            [mark] if base.is_ascii() => match compose(base, *mark) {
                Some(composed) => self.out.push(composed),
                None => self.out.extend([base, *mark]),
            },
            marks => self.out.extend(std::iter::once(base).chain(marks.iter().copied()).nfc()),
        }
        self.marks.clear();
    }

    /// Marks without a base are lost.
    fn finish(self, start: usize) {
        if !self.composed {
            let value = self.out.split_off(start);
            self.out.extend(value.nfc());
        }
    }
}

/// Appends the printable ASCII at the beginning and returns its length in bytes.
#[inline]
fn append_printable(bytes: &[u8], out: &mut String) -> usize {
    let is_printable = |byte: &u8| matches!(byte, 0x20..=0x7E);
    let (blocks, _) = bytes.as_chunks::<16>();
    // Every byte of a block is examined, without a branch, so that it is vectorised.
    let is_all_printable = |block: &&[u8; 16]| block.iter().fold(true, |all, byte| all & is_printable(byte));
    let whole = 16 * blocks.iter().take_while(is_all_printable).count();
    let rest = bytes.get(whole..).unwrap_or_default();
    let length = whole + rest.iter().take_while(|byte| is_printable(byte)).count();
    // Printable bytes are ASCII; checking costs less than avoiding the check.
    match bytes.get(..length).map(str::from_utf8) {
        Some(Ok(text)) => {
            out.push_str(text);
            length
        }
        _ => 0,
    }
}
