//! The sets of the Encoding Standard, by name, and the real ISO 8859-1.
//!
//! In all of them ASCII is ASCII, and every byte of a longer character is 30 or higher (21 or higher in ISO-2022-JP,
//! whose characters are ASCII bytes between escape sequences). So no delimiter of a record is ever part of a
//! character.

use encoding_rs::{
    BIG5, DecoderResult, EUC_KR, Encoding, GBK, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8, UTF_16BE,
    UTF_16LE, WINDOWS_1252, X_USER_DEFINED,
};

use super::{Charset, Fault};
use crate::diagnostic::Code;

/// Bytes that Windows-1252 does not assign. (The Encoding Standard reads them as C1 controls.)
pub(super) const UNASSIGNED_IN_WINDOWS_1252: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

/// The set with a name in lower case, as spelled by the Encoding Standard, Python or Windows.
///
/// The standard reads the names of ISO 8859-1 and ASCII as Windows-1252. Here ISO 8859-1 is itself. ASCII is not
/// offered: UTF-8 reads it, and reports other bytes. Neither are UTF-16, which ISO 2709 cannot hold, nor
/// `replacement` and `x-user-defined`, which have no characters.
pub(super) fn named(name: &str) -> Option<Charset> {
    let hyphenated = name.replace('_', "-");
    let standard =
        || Encoding::for_label(name.as_bytes()).or_else(|| Encoding::for_label(hyphenated.as_bytes()));
    let encoding = match name {
        "ascii" | "us-ascii" | "ansi_x3.4-1968" => return None,
        "cp932" => SHIFT_JIS,
        "cp936" => GBK,
        "cp949" => EUC_KR,
        "cp950" => BIG5,
        _ => standard()?,
    };
    match name {
        _ if [UTF_16LE, UTF_16BE, REPLACEMENT, X_USER_DEFINED].contains(&encoding) => None,
        _ if encoding == UTF_8 => Some(Charset::Utf8),
        _ if encoding != WINDOWS_1252 => Some(Charset::Standard(encoding)),
        "windows-1252" | "windows_1252" | "cp1252" | "x-cp1252" => Some(Charset::Standard(encoding)),
        _ => Some(Charset::Latin1),
    }
}

/// Whether the bytes are ASCII, and mean ASCII in this set.
pub(super) fn is_ascii(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    bytes.is_ascii()
        && (encoding != ISO_2022_JP || !bytes.iter().any(|byte| matches!(byte, 0x0E | 0x0F | 0x1B)))
}

/// Appends the text of a value in ISO 8859-1, where each byte is its own code point. No byte is a fault.
pub(super) fn decode_latin1(bytes: &[u8], out: &mut String) {
    match str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => out.push_str(text),
        _ => out.extend(bytes.iter().map(|byte| char::from(*byte))),
    }
}

/// Appends the text of a value. Each byte or sequence without a character becomes one U+FFFD and is reported as
/// [`Code::CharsetByte`].
pub(super) fn decode(
    encoding: &'static Encoding,
    bytes: &[u8],
    out: &mut String,
    fault: &mut dyn FnMut(Fault),
) {
    let mut undecodable = |at: usize, length: usize, out: &mut String| {
        fault(Fault { code: Code::CharsetByte, at, length });
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
                undecodable(at + assigned.len(), 1, out);
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
    undecodable: &mut dyn FnMut(usize, usize, &mut String),
) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut used = 0;
    loop {
        let rest = bytes.get(used..).unwrap_or_default();
        out.reserve(decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(0));
        let (result, read) = decoder.decode_to_string_without_replacement(rest, out, true);
        used += read;
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            // The number of bytes, and the number of those read after them.
            DecoderResult::Malformed(length, after) => {
                let length = usize::from(length);
                undecodable(at + used.saturating_sub(length + usize::from(after)), length, out);
            }
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
            assert_eq!(fault.code, Code::CharsetByte);
            places.extend(fault.at..fault.at + fault.length);
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
        assert!(places.is_empty());
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
    fn reads_sets_of_several_bytes_a_character() {
        for (name, bytes, text) in [
            ("gb18030", &b"\xba\xec\xc2\xa5\xc3\xce \x95\x32\x82\x36"[..], "红楼梦 \u{20000}"),
            ("gbk", b"\xba\xec\xc2\xa5\xc3\xce", "红楼梦"),
            ("gb2312", b"\xba\xec", "红"),
            ("big5", b"\xac\xf5\xbc\xd3\xb9\xda a", "紅樓夢 a"),
            ("euc-kr", b"\xc7\xd1\xb1\xb9", "한국"),
            ("shift_jis", b"\x93\xfa\x96{", "日本"),
            ("euc-jp", b"\xc6\xfc\xcb\xdc", "日本"),
            ("iso-2022-jp", b"\x1b$BF|K\\\x1b(B.", "日本."),
        ] {
            assert_eq!(decoded(name, bytes), (text.to_owned(), vec![]), "{name}");
        }
    }

    #[test]
    fn a_character_that_is_cut_or_unknown_is_one_fault() {
        let replaced = |text: &str| text.replace('?', "\u{FFFD}");
        for (name, bytes, text, places) in [
            ("gbk", &b"a\xba"[..], "a?", vec![1]),
            ("gbk", b"\xba\xec\xff\xba\xec", "红?红", vec![2]),
            ("gb18030", b"a\x95\x32", "a?", vec![1, 2]),
            ("big5", b"\x81Pb", "?Pb", vec![0]),
            ("euc-kr", b"\xc7 a", "? a", vec![0]),
            ("shift_jis", b"a\x93", "a?", vec![1]),
        ] {
            assert_eq!(decoded(name, bytes), (replaced(text), places), "{name} {bytes:?}");
        }
    }

    #[test]
    fn no_delimiter_is_part_of_a_character() {
        let sets = ["gb18030", "gbk", "big5", "euc-kr", "euc-jp", "shift_jis", "windows-1251", "koi8-r"];
        for set in sets.map(|name| Charset::named(name).unwrap()) {
            for (lead, delimiter) in (0x80..=0xFF).flat_map(|lead| (0..0x30).map(move |byte| (lead, byte))) {
                let mut text = String::new();
                set.decode(&[lead, delimiter], &mut text, &mut |_| {});
                assert!(text.ends_with(char::from(delimiter)), "{lead:X} {delimiter:X} in {}", set.name());
            }
        }
    }

    #[test]
    fn names_of_python_and_of_windows_are_known() {
        for (name, known) in [
            ("cp936", "GBK"),
            ("cp949", "EUC-KR"),
            ("cp950", "Big5"),
            ("cp932", "Shift_JIS"),
            ("euc_kr", "EUC-KR"),
            ("koi8_r", "KOI8-R"),
            ("utf_8", "utf-8"),
            ("iso8859_2", "ISO-8859-2"),
        ] {
            assert_eq!(Charset::named(name).map(Charset::name), Some(known), "{name}");
        }
    }

    #[test]
    fn what_no_record_can_be_in_is_refused() {
        for name in
            ["utf-16", "utf-16le", "utf-16be", "replacement", "iso-2022-kr", "x-user-defined", "ascii", "no"]
        {
            assert_eq!(Charset::named(name), None, "{name}");
        }
    }
}
