//! pymarc's sets by number: those of the Library of Congress, each at the bytes of its table, and the few entries in
//! which pymarc differs.

use super::super::sets::Set;
use super::super::{FUNCTIONS, SUPERSCRIPT_ALEF};
use crate::charset::iso2022::sets;

/// Which bytes a set occupies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Low,
    High,
}

/// The sets in pymarc's order, by the final byte of their escape sequence.
const CODESETS: [u8; 12] = *b"4E321pQSBbgN";

/// Groups of three bytes that are not East Asian characters, and how pymarc reads them.
pub const ODD: [(u32, char); 6] = [
    (0x21203D, '\u{2026}'),
    (0x212040, '\u{201C}'),
    (0x7F2014, '\u{2014}'),
    (0x7F2019, '\u{2019}'),
    (0x7F2020, '\u{201D}'),
    (0x7F2122, '\u{2122}'),
];

/// What ASCII has besides graphic characters.
const ASCII_ALSO: [u8; 5] = [0x1B, 0x1D, 0x1E, 0x1F, 0x20];

/// Greek punctuation as the Library of Congress gives it, before canonical replacement.
fn greek(byte: u8) -> Option<char> {
    match byte {
        0x34 => Some('\u{374}'),
        0x3B => Some('\u{387}'),
        0x3F => Some('\u{37E}'),
        _ => None,
    }
}

/// East Asian characters for which pymarc has a compatibility or private code point, or U+3013 in place of one beyond
/// U+FFFF.
fn east_asian(number: u32) -> Option<char> {
    Some(match number {
        0x214339 => '\u{FA12}',
        0x215061 => '\u{FA1D}',
        0x215C32 => '\u{FA25}',
        0x215F71 => '\u{FA1C}',
        0x217559 | 0x222A34 | 0x223339 => '\u{3013}',
        0x4B333E => '\u{F92E}',
        0x4B4B3E => '\u{F9AD}',
        0x4B5F58 => '\u{F9B2}',
        0x4B7421 => '\u{F9A9}',
        0x6F7625 => '\u{E8B1}',
        0x6F773C => '\u{E8CB}',
        _ => return None,
    })
}

/// Whether a character that is not a mark in its set is in NFC by itself, whatever precedes it.
#[inline]
pub(super) fn is_composed(base: char) -> bool {
    base.is_ascii()
        || !matches!(base, SUPERSCRIPT_ALEF | '\u{374}' | '\u{37E}' | '\u{387}' | '\u{F900}'..='\u{FAFF}')
}

pub(super) fn is_codeset(number: u8) -> bool {
    CODESETS.contains(&number)
}

pub(super) fn odd(number: u64) -> Option<char> {
    ODD.iter().find(|(odd, _)| u64::from(*odd) == number).map(|(_, character)| *character)
}

/// The character of a byte, or of three bytes as one number, and whether it is a combining mark.
#[inline]
pub(super) fn character(set: u32, number: u64) -> Option<(char, bool)> {
    let number = u32::try_from(number).ok()?;
    let (set, half) = match u8::try_from(set).ok()? {
        b'B' => (Set::Ascii, Half::Low),
        b'E' => (Set::Ansel, Half::High),
        b'2' => (Set::Hebrew, Half::Low),
        b'3' => (Set::Arabic, Half::Low),
        b'4' => (Set::ArabicExtended, Half::High),
        b'N' => (Set::Cyrillic, Half::Low),
        b'Q' => (Set::CyrillicExtended, Half::High),
        b'S' => (Set::Greek, Half::Low),
        b'g' => (Set::GreekSymbols, Half::Low),
        b'b' => (Set::Subscripts, Half::Low),
        b'p' => (Set::Superscripts, Half::Low),
        b'1' => return group(number).map(|character| (character, false)),
        _ => return None,
    };
    let byte = u8::try_from(number).ok()?;
    match (set, byte) {
        (Set::Ascii, 0x20..=0x7E) => return Some((char::from(byte), false)),
        (Set::Ascii, _) if ASCII_ALSO.contains(&byte) => return Some((char::from(byte), false)),
        (Set::Ansel, 0x80..=0x9F) => {
            let function = FUNCTIONS.iter().find(|(function, _)| *function == byte);
            return function.map(|(_, character)| (*character, false));
        }
        (Set::Greek, _) => {
            if let Some(character) = greek(byte) {
                return Some((character, false));
            }
        }
        _ => {}
    }
    let is_there = match half {
        Half::Low => matches!(byte, 0x21..=0x7E),
        Half::High => matches!(byte, 0xA1..=0xFE),
    };
    if is_there { set.one_byte()?.get(byte) } else { None }
}

/// The character of three bytes as one number, all of G0.
fn group(number: u32) -> Option<char> {
    let [0, bytes @ ..] = number.to_be_bytes() else { return None };
    match bytes {
        [0x21..=0x7E, 0x21..=0x7E, 0x20..=0x7E] => east_asian(number).or_else(|| sets::east_asian(bytes)),
        _ => None,
    }
}

/// Each set with its number, in pymarc's order: byte numbers with their character and whether it is a combining mark,
/// in ascending order.
pub fn codesets() -> impl Iterator<Item = (u8, Vec<(u32, char, bool)>)> {
    CODESETS.into_iter().map(|set| {
        let entry = |number: u32| {
            character(set.into(), number.into()).map(|(character, combining)| (number, character, combining))
        };
        let entries = match set {
            b'1' => sets::east_asian_groups()
                .filter_map(|bytes| {
                    let [first, second, third] = bytes;
                    entry(u32::from_be_bytes([0, first, second, third]))
                })
                .collect(),
            _ => (0..=0xFF).filter_map(entry).collect(),
        };
        (set, entries)
    })
}
