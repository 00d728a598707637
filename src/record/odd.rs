//! Characters that text should not have even if it is well-formed: controls, escapes of another encoding, and U+FFFD.
//!
//! Delimiters have findings of their own; U+0098 and U+009C mark a part that is ignored in sorting.

use memchr::memmem;

use crate::charset::{Charset, Fault};
use crate::diagnostic::Code;

const DELETE: u8 = 0x7F;
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// Which of these characters are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Odd {
    /// Those that the quick way sees at no cost: controls below 20.
    Seen,
    /// Also DEL, C1 controls and U+FFFD, which have to be searched for.
    All,
}

impl Odd {
    /// Whether the values of a record must be searched: controls below 20 are the same byte in every set.
    pub(super) fn may_be_in(self, record: &[u8]) -> bool {
        // No early exit, so that many bytes are examined at a time.
        self == Odd::All || record.iter().fold(false, |found, &byte| found | (byte < 0x1D))
    }

    /// Whether the text has such a character.
    pub(crate) fn is_in(self, text: &str) -> bool {
        text.bytes().any(|byte| byte < 0x1D) || (self == Odd::All && must_be_looked_for(text.as_bytes()))
    }

    /// Reports such characters in the text of a value; `bytes` are the undecoded value.
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

/// Whether there is a DEL, a C1 control or U+FFFD.
fn must_be_looked_for(bytes: &[u8]) -> bool {
    memchr::memchr3_iter(DELETE, 0xC2, 0xEF, bytes).any(|at| match bytes.get(at..).unwrap_or_default() {
        [DELETE, ..] => true,
        [0xC2, 0x98 | 0x9C, ..] => false,
        [0xC2, 0x80..=0x9F, ..] => true,
        rest => rest.starts_with(REPLACEMENT),
    })
}

/// The place and length of a control in the bytes: the same as in the text if everything before it is unchanged,
/// otherwise the place of the first byte with its number.
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
