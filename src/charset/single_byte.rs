//! Sets of one byte a character, by name.

use encoding_rs::{DecoderResult, Encoding, WINDOWS_1252, X_USER_DEFINED};

use super::{Charset, Fault};
use crate::diagnostic::Code;

/// Bytes that Windows-1252 does not assign. (The Encoding Standard takes them for controls of C1.)
pub(super) const UNASSIGNED_IN_WINDOWS_1252: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

/// The set of a name in lower case, as the Encoding Standard spells it, if its characters take one
/// byte each.
///
/// The standard reads the names of ISO 8859-1 and of ASCII as Windows-1252. Here ISO 8859-1 is
/// itself, and ASCII is not offered: UTF-8 reads it, and reports what is none. Nor is `x-user-defined`,
/// which has no characters.
pub(super) fn named(name: &str) -> Option<Charset> {
    let encoding = Encoding::for_label(name.as_bytes()).filter(|found| found.is_single_byte())?;
    match name {
        _ if encoding == X_USER_DEFINED => None,
        _ if encoding != WINDOWS_1252 => Some(Charset::SingleByte(encoding)),
        "windows-1252" | "cp1252" | "x-cp1252" => Some(Charset::SingleByte(encoding)),
        "ascii" | "us-ascii" | "ansi_x3.4-1968" => None,
        _ => Some(Charset::Latin1),
    }
}

/// Appends the text of a value in ISO 8859-1, where each byte is its own code point. No byte is at
/// fault.
pub(super) fn decode_latin1(bytes: &[u8], out: &mut String) {
    match str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => out.push_str(text),
        _ => out.extend(bytes.iter().map(|byte| char::from(*byte))),
    }
}

/// Appends the text of a value. Each byte without a character becomes one U+FFFD and is reported
/// as [`Code::CharsetByte`].
pub(super) fn decode(
    encoding: &'static Encoding,
    bytes: &[u8],
    out: &mut String,
    fault: &mut dyn FnMut(Fault),
) {
    let mut undecodable = |at: usize, out: &mut String| {
        fault(Fault { code: Code::CharsetByte, at, length: 1 });
        out.push(char::REPLACEMENT_CHARACTER);
    };
    if encoding != WINDOWS_1252 {
        return decode_assigned(encoding, bytes, 0, out, &mut undecodable);
    }
    let mut at = 0;
    for part in bytes.split_inclusive(|byte| UNASSIGNED_IN_WINDOWS_1252.contains(byte)) {
        match part.split_last() {
            Some((last, assigned)) if UNASSIGNED_IN_WINDOWS_1252.contains(last) => {
                decode_assigned(encoding, assigned, at, out, &mut undecodable);
                undecodable(at + assigned.len(), out);
            }
            _ => decode_assigned(encoding, part, at, out, &mut undecodable),
        }
        at += part.len();
    }
}

/// Appends what encoding_rs decodes; `at` is the place of the bytes in their value.
fn decode_assigned(
    encoding: &'static Encoding,
    bytes: &[u8],
    at: usize,
    out: &mut String,
    undecodable: &mut dyn FnMut(usize, &mut String),
) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut used = 0;
    while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
        out.reserve(decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(0));
        let (result, read) = decoder.decode_to_string_without_replacement(rest, out, false);
        used += read;
        if let DecoderResult::Malformed(..) = result {
            undecodable(at + used - 1, out);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn decoded(name: &str, bytes: &[u8]) -> (String, Vec<usize>) {
        let mut text = String::new();
        let mut places = Vec::new();
        Charset::named(name).unwrap().decode(bytes, &mut text, &mut |fault| {
            assert_eq!((fault.code, fault.length), (Code::CharsetByte, 1));
            places.push(fault.at);
        });
        (text, places)
    }

    #[test]
    fn reads_sets_by_name() {
        for (name, bytes, text) in [
            ("windows-1251", &b"\xcc\xee\xf1\xea\xe2\xe0"[..], "Москва"),
            ("ibm866", b"\x8c\xae\xe1\xaa\xa2\xa0", "Москва"),
            ("koi8-r", b"\xed\xcf\xd3\xcb\xd7\xc1", "Москва"),
            ("iso-8859-5", b"\xbc\xde\xe1\xda\xd2\xd0", "Москва"),
            ("windows-1250", b"P\xf8\xedli\x9a", "Příliš"),
            ("iso-8859-2", b"P\xf8\xedli\xb9", "Příliš"),
            ("windows-1252", b"\x93caf\xe9\x94 \x80", "“café” €"),
            ("iso-8859-1", b"\x93caf\xe9\x94 \x80", "\u{93}café\u{94} \u{80}"),
            ("latin-1", b"plain", "plain"),
        ] {
            assert_eq!(decoded(name, bytes), (text.to_owned(), vec![]), "{name}");
        }
    }

    #[test]
    fn latin_1_has_a_character_for_every_byte() {
        let bytes: Vec<u8> = (0..=255).collect();
        let (text, places) = decoded("latin-1", &bytes);
        assert!(text.chars().map(u32::from).eq(0..256));
        assert_eq!(places, []);
    }

    #[test]
    fn names_the_place_of_each_byte_without_a_character() {
        let replaced = |text: &str| text.replace('?', "\u{FFFD}");
        assert_eq!(
            decoded("windows-1252", b"\x81a\x8db\x8fc\x90d\x9d"),
            (replaced("?a?b?c?d?"), vec![0, 2, 4, 6, 8])
        );
        assert_eq!(decoded("windows-1252", b"\x81\x81"), (replaced("??"), vec![0, 1]));
        assert_eq!(decoded("iso-8859-7", b"\xae\xc1\xff"), (replaced("?Α?"), vec![0, 2]));
        assert_eq!(decoded("windows-1253", b"\xc1 \xd2"), (replaced("Α ?"), vec![2]));
    }

    #[test]
    fn sets_of_more_bytes_a_character_are_refused() {
        for name in [
            "shift_jis",
            "gb18030",
            "big5",
            "euc-kr",
            "utf-16le",
            "iso-2022-jp",
            "replacement",
            "ascii",
            "no",
        ] {
            assert_eq!(Charset::named(name), None, "{name}");
        }
    }
}
