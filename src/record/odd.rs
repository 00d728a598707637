//! Characters that no text should have, though it spells them: controls, escapes of another encoding, and U+FFFD.
//!
//! Delimiters have findings of their own, and U+0098 and U+009C say where a part begins and ends that is not sorted.

use memchr::memmem;

use crate::charset::{Charset, Fault};
use crate::diagnostic::Code;

const DELETE: u8 = 0x7F;
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// Which of these characters are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Odd {
    /// Those that the quick way sees for nothing: controls below 20.
    Seen,
    /// DEL, controls of C1 and U+FFFD too, which have to be looked for.
    All,
}

impl Odd {
    /// Whether values of the record have to be looked through: controls below 20 are the same byte in every set.
    pub(super) fn may_be_in(self, record: &[u8]) -> bool {
        // All bytes, without a way out: so they are looked at many at a time.
        self == Odd::All || record.iter().fold(false, |found, &byte| found | (byte < 0x1D))
    }

    /// Whether the text has such a character; a record has none if its bytes are text that has none.
    pub(crate) fn is_in(self, text: &str) -> bool {
        text.bytes().any(|byte| byte < 0x1D) || (self == Odd::All && must_be_looked_for(text.as_bytes()))
    }

    /// Names such characters in the text of a value; `bytes` is what it was before.
    #[cold]
    pub(crate) fn characters(self, charset: Charset, bytes: &[u8], text: &str, fault: &mut dyn FnMut(Fault)) {
        for (place, character) in text.char_indices() {
            let code = match character {
                '\u{1B}' => Code::EscapeInText,
                '\0'..'\u{1D}' => Code::ControlCharacter,
                '\u{1D}'..='\u{1F}' | '\u{98}' | '\u{9C}' => continue,
                control if control.is_control() && self == Odd::All => Code::ControlCharacter,
                _ => continue,
            };
            let (at, length) = place_in(bytes, text, place, character);
            fault(Fault { code, at, length });
        }
        if charset == Charset::Utf8 && self == Odd::All {
            for at in memmem::find_iter(bytes, REPLACEMENT) {
                fault(Fault { code: Code::ReplacementCharacter, at, length: REPLACEMENT.len() });
            }
        }
    }
}

/// Whether there is DEL, a control of C1 or U+FFFD.
fn must_be_looked_for(bytes: &[u8]) -> bool {
    memchr::memchr3_iter(DELETE, 0xC2, 0xEF, bytes).any(|at| match bytes.get(at..).unwrap_or_default() {
        [DELETE, ..] => true,
        [0xC2, 0x98 | 0x9C, ..] => false,
        [0xC2, 0x80..=0x9F, ..] => true,
        rest => rest.starts_with(REPLACEMENT),
    })
}

/// Where the bytes of a control stand, and how many they are: there as in the text, if all before it is as it was, or
/// where the first byte of its number is.
fn place_in(bytes: &[u8], text: &str, place: usize, control: char) -> (usize, usize) {
    let end = place + control.len_utf8();
    match text.as_bytes().get(..end) {
        Some(before) if bytes.starts_with(before) => (place, control.len_utf8()),
        _ => (memchr::memchr(control as u8, bytes).unwrap_or_default(), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(odd: Odd, charset: Charset, bytes: &[u8]) -> Vec<(&'static str, usize, usize)> {
        let (mut text, mut found) = (String::new(), Vec::new());
        charset.decode(bytes, &mut text, &mut |_| {});
        odd.characters(charset, bytes, &text, &mut |it| found.push((it.code.name(), it.at, it.length)));
        assert_eq!(odd.is_in(&text), !found.is_empty(), "{bytes:?}");
        found
    }

    #[test]
    fn what_no_text_should_have_is_named_with_its_place() {
        const CONTROL: &str = "control-character";
        for (bytes, charset, all) in [
            (&b"plain text"[..], Charset::Utf8, vec![]),
            ("«°C»: é 日本 \u{98}The \u{9C}title ﬁ".as_bytes(), Charset::Utf8, vec![]),
            (b"a\tb\nc", Charset::Utf8, vec![(CONTROL, 1, 1), (CONTROL, 3, 1)]),
            (b"\0\x1a\x1c", Charset::Marc8, vec![(CONTROL, 0, 1), (CONTROL, 1, 1), (CONTROL, 2, 1)]),
            (b"\xe2e\t", Charset::Marc8, vec![(CONTROL, 2, 1)]),
            (b"CO\x1bb2\x1bs", Charset::Utf8, vec![("escape-in-text", 2, 1), ("escape-in-text", 5, 1)]),
            (b"\x1b(NMIR\x1b(B", Charset::Marc8, vec![]),
            (b"\x88The \x89title", Charset::Marc8, vec![]),
            (b"\xff \x07", Charset::Utf8, vec![(CONTROL, 2, 1)]),
        ] {
            assert_eq!(found(Odd::All, charset, bytes), all, "{bytes:?}");
            assert_eq!(found(Odd::Seen, charset, bytes), all, "{bytes:?}");
        }
        for (bytes, charset, all) in [
            (&b"a\x7f"[..], Charset::Utf8, vec![(CONTROL, 1, 1)]),
            ("é\u{85}".as_bytes(), Charset::Utf8, vec![(CONTROL, 2, 2)]),
            (b"\xe9\x85", Charset::Latin1, vec![(CONTROL, 1, 1)]),
            ("a\u{FFFD}".as_bytes(), Charset::Utf8, vec![("replacement-character", 1, 3)]),
        ] {
            assert_eq!(found(Odd::All, charset, bytes), all, "{bytes:?}");
            let (mut text, mut quick) = (String::new(), 0);
            charset.decode(bytes, &mut text, &mut |_| {});
            Odd::Seen.characters(charset, bytes, &text, &mut |_| quick += 1);
            assert_eq!((quick, Odd::Seen.is_in(&text)), (0, false), "{bytes:?}");
        }
    }
}
