//! UTF-8: checked, and otherwise unchanged.

use super::Fault;
use crate::diagnostic::Code;

/// Appends the text of a value, neither composed nor decomposed.
///
/// Each maximal ill-formed sequence becomes one U+FFFD and is reported as [`Code::Utf8Invalid`]. Two surrogates of
/// three bytes each (CESU-8, written by exports that took UTF-16 units for code points) become the one character they
/// stand for, and are reported as [`Code::Utf8Surrogates`], a warning.
///
/// ```
/// use mrrc::charset::Charset;
///
/// let mut text = String::new();
/// let mut faults = Vec::new();
/// Charset::Utf8.decode(b"caf\xe9 cr\xc3\xa8me", &mut text, &mut |fault| faults.push(fault));
///
/// assert_eq!(text, "caf\u{FFFD} crème");
/// assert_eq!((faults[0].at, faults[0].length), (3, 1));
/// ```
pub(crate) fn decode(bytes: &[u8], out: &mut String, fault: &mut dyn FnMut(Fault)) {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => out.push_str(text),
        Err(_) => decode_damaged(bytes, out, fault),
    }
}

#[cold]
fn decode_damaged(bytes: &[u8], out: &mut String, fault: &mut dyn FnMut(Fault)) {
    let mut at = 0;
    for stretch in stretches(bytes) {
        match stretch {
            Stretch::Text(text) => out.push_str(text),
            Stretch::Surrogates(character) => {
                fault(Fault { code: Code::Utf8Surrogates, at, length: stretch.length() });
                out.push(character);
            }
            Stretch::Invalid(length) => {
                fault(Fault { code: Code::Utf8Invalid, at, length });
                out.push(char::REPLACEMENT_CHARACTER);
            }
        }
        at += stretch.length();
    }
}

/// What bytes that should be UTF-8 consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch<'a> {
    Text(&'a str),
    /// A character written as two surrogates.
    Surrogates(char),
    /// An ill-formed sequence of this many bytes.
    Invalid(usize),
}

impl Stretch<'_> {
    fn length(&self) -> usize {
        match self {
            Stretch::Text(text) => text.len(),
            Stretch::Surrogates(_) => PAIR,
            Stretch::Invalid(length) => *length,
        }
    }
}

/// The number of bytes of two surrogates.
const PAIR: usize = 6;

pub(super) fn stretches(mut rest: &[u8]) -> impl Iterator<Item = Stretch<'_>> {
    std::iter::from_fn(move || {
        let chunk = rest.utf8_chunks().next()?;
        let stretch = match (chunk.valid(), chunk.invalid().len()) {
            ("", length) => surrogates(rest).map_or(Stretch::Invalid(length), Stretch::Surrogates),
            (text, _) => Stretch::Text(text),
        };
        rest = rest.get(stretch.length()..).unwrap_or_default();
        Some(stretch)
    })
}

/// The character of two surrogates at the beginning of the bytes.
fn surrogates(bytes: &[u8]) -> Option<char> {
    let half = |lead: u8, trail: u8| u16::from(lead & 0x3F) << 6 | u16::from(trail & 0x3F) | 0xD000;
    let units = match *bytes.first_chunk::<PAIR>()? {
        [0xED, a @ 0xA0..=0xAF, b @ 0x80..=0xBF, 0xED, c @ 0xB0..=0xBF, d @ 0x80..=0xBF] => {
            [half(a, b), half(c, d)]
        }
        _ => return None,
    };
    char::decode_utf16(units).next()?.ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8]) -> (String, Vec<(usize, usize)>) {
        let mut text = String::new();
        let mut places = Vec::new();
        decode(bytes, &mut text, &mut |fault| {
            let is_pair = fault.length == PAIR;
            assert_eq!(fault.code, if is_pair { Code::Utf8Surrogates } else { Code::Utf8Invalid });
            places.push((fault.at, fault.length));
        });
        (text, places)
    }

    #[test]
    fn names_the_place_of_each_ill_formed_sequence() {
        for (name, bytes, text, places) in [
            ("nothing", &b""[..], "", &[][..]),
            ("well-formed", "e\u{301} 日本".as_bytes(), "e\u{301} 日本", &[]),
            ("a Latin-1 letter", b"caf\xe9", "caf\u{FFFD}", &[(3, 1)]),
            ("MARC-8 acute", b"caf\xe2e.", "caf\u{FFFD}e.", &[(3, 1)]),
            ("cut by the end of the value", b"x\xe6\x97", "x\u{FFFD}", &[(1, 2)]),
            ("too long for its character", b"\xc0\xaf", "\u{FFFD}\u{FFFD}", &[(0, 1), (1, 1)]),
            (
                "half of a pair for UTF-16",
                b"\xed\xa0\x80",
                "\u{FFFD}\u{FFFD}\u{FFFD}",
                &[(0, 1), (1, 1), (2, 1)],
            ),
            ("a pair for UTF-16", b"a\xed\xa0\xbd\xed\xb8\x80b", "a😀b", &[(1, 6)]),
            (
                "two pairs",
                b"\xed\xa1\x80\xed\xb0\x80\xed\xaf\xbf\xed\xbf\xbf",
                "𠀀\u{10FFFF}",
                &[(0, 6), (6, 6)],
            ),
            (
                "the second half, and a pair",
                b"\xed\xb8\x80\xed\xa0\xbd\xed\xb8\x80",
                "\u{FFFD}\u{FFFD}\u{FFFD}😀",
                &[(0, 1), (1, 1), (2, 1), (3, 6)],
            ),
            ("two, with text between", b"\xffab\xf0\x9f\x99z", "\u{FFFD}ab\u{FFFD}z", &[(0, 1), (3, 3)]),
        ] {
            assert_eq!(decoded(bytes), (text.to_owned(), places.to_vec()), "{name}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_the_standard_library_reads(bytes: Vec<u8>) {
            let (text, places) = decoded(&bytes);
            prop_assume!(!bytes.windows(PAIR).any(|pair| surrogates(pair).is_some()));
            prop_assert_eq!(&text, &String::from_utf8_lossy(&bytes));
            let bad: usize = places.iter().map(|(_, length)| length).sum();
            prop_assert_eq!(text.len(), bytes.len() - bad + 3 * places.len());
        }
    }
}
