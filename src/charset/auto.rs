//! Which set bytes are in, by what they are: a fixed order of tests, without statistics and without memory.

use encoding_rs::WINDOWS_1252;

use super::Charset;
use super::marc8::ESCAPE;
use super::marc8::decode::{Iso2022, MARC_8};
use super::single_byte::UNASSIGNED_IN_WINDOWS_1252;

/// The set of a record's bytes, its delimiters included: the first that holds.
///
/// 1. Only ASCII and no ESC: as declared, for there is nothing to decide.
/// 2. Well-formed UTF-8, and no escape sequence that designates a set: UTF-8. Text in other sets almost never
///    is, while any UTF-8 can be read as something else.
/// 3. In the older set (MARC-8 or ISO 5426; another one of UNIMARC, if that is declared) there is no fault, and
///    every combining mark stands before a letter: that.
/// 4. Windows-1252 has a character for every byte: that.
/// 5. As declared, with its faults.
pub(crate) fn charset_of(bytes: &[u8], declared: Charset, older: Charset) -> Charset {
    let older = if matches!(declared, Charset::Unimarc(_)) { declared } else { older };
    let code = match older {
        Charset::Unimarc(sets) => sets.code(),
        _ => MARC_8,
    };
    if bytes.is_ascii() && memchr::memchr(ESCAPE, bytes).is_none() {
        declared
    } else if simdutf8::basic::from_utf8(bytes).is_ok() && !code.has_designation(bytes) {
        Charset::Utf8
    } else if is_text(bytes, &code) {
        older
    } else if !bytes.iter().any(|byte| UNASSIGNED_IN_WINDOWS_1252.contains(byte)) {
        Charset::SingleByte(WINDOWS_1252)
    } else {
        declared
    }
}

/// Whether every value between the delimiters is text without a fault, each mark in it on a letter.
fn is_text(bytes: &[u8], code: &Iso2022) -> bool {
    let mut text = String::new();
    bytes.split(|byte| matches!(byte, 0x1D..=0x1F)).all(|value| {
        text.clear();
        let mut is_sound = true;
        code.decode(value, &mut text, &mut |_| is_sound = false) && is_sound
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOWS: Charset = Charset::SingleByte(WINDOWS_1252);

    #[test]
    fn the_first_test_that_holds_decides() {
        let (utf8, marc8, iso5426) = (Charset::Utf8, Charset::Marc8, Charset::ISO_5426);
        let cyrillic = Charset::declared_in_unimarc(b"0102    ").unwrap_or(utf8);
        for (name, bytes, declared, older, decided) in [
            ("1: ASCII, declared UTF-8", &b"Cafe\x1f\x1e"[..], utf8, marc8, utf8),
            ("1: ASCII, declared MARC-8", b"Cafe", marc8, marc8, marc8),
            ("1: ASCII, declared ISO 5426", b"Cafe\x7f", iso5426, iso5426, iso5426),
            ("2: UTF-8, declared MARC-8", "Café".as_bytes(), marc8, marc8, utf8),
            ("2: UTF-8, declared ISO 5426", "Café".as_bytes(), iso5426, iso5426, utf8),
            ("2 and 3: UTF-8 that MARC-8 has as well", b"\xc3\xa9", marc8, marc8, utf8),
            ("2 and 3: ASCII with an ESC that designates nothing", b"a\x1bzb", marc8, marc8, utf8),
            ("3: MARC-8, declared UTF-8", b"Caf\xe2e", utf8, marc8, marc8),
            ("3: ASCII with an escape sequence", b"\x1b(NMIR\x1b(B", utf8, marc8, marc8),
            ("3: UTF-8 with an escape sequence", b"\xc3\xa9 \x1b(NMIR\x1b(B", utf8, marc8, marc8),
            ("3 and 4: Latin-1 that MARC-8 has as well", b"caf\xe9s", utf8, marc8, marc8),
            ("3: ISO 5426, declared UTF-8", b"Caf\xc2e", utf8, iso5426, iso5426),
            ("3: Cyrillic by declaration", b"\xcd\xc9\xd2", cyrillic, iso5426, cyrillic),
            ("3: sets end where values do", b"\x1b(NMIR\x1f\xe2e", utf8, marc8, marc8),
            ("4: a mark before a space", b"caf\xe9 noir", marc8, marc8, WINDOWS),
            ("4: a mark before a digit", b"caf\xe91", marc8, marc8, WINDOWS),
            ("4: a mark before the end of a value", b"caf\xe9\x1fe", utf8, marc8, WINDOWS),
            ("4: quotation marks", b"\x93caf\xe9s\x94", marc8, marc8, WINDOWS),
            ("4 and 5: of each value one set, but not of all", b"Caf\xe2e\x1fcaf\xe9.", utf8, marc8, WINDOWS),
            ("5: neither", b"caf\xe9 \x81", utf8, marc8, utf8),
            ("5: neither, declared MARC-8", b"caf\xe9 \x81", marc8, marc8, marc8),
        ] {
            assert_eq!(charset_of(bytes, declared, older), decided, "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_decided_otherwise_than_declared_has_no_fault(
            bytes in prop::collection::vec(prop_oneof![3 => b' '..=b'~', 2 => any::<u8>(), 1 => 0xC0u8..=0xE9], 0..30),
            declared in prop::sample::select(vec![Charset::Utf8, Charset::Marc8, Charset::ISO_5426]),
            older in prop::sample::select(vec![Charset::Marc8, Charset::ISO_5426]),
        ) {
            let decided = charset_of(&bytes, declared, older);
            if decided != declared {
                for value in bytes.split(|byte| matches!(byte, 0x1D..=0x1F)) {
                    decided.decode(value, &mut String::new(), &mut |fault| panic!("{fault:?} in {value:?}"));
                }
            }
        }
    }
}
