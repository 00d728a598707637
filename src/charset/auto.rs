//! Guesses the set that bytes are in: evidence is weighed, without statistics and independently of other records.
//!
//! The evidence for a set is what fits and what is odd about the bytes when they are read in it:
//!
//! | set | good | odd |
//! |---|---|---|
//! | UTF-8 | well-formed characters beyond ASCII | ill-formed sequences |
//! | older set | characters beyond ASCII | bytes without a character, marks on no letter |
//! | Windows-1252 | bytes above 7F beside an ASCII letter, or alone among ASCII | bytes without a character, letters among other bytes above 7F |
//!
//! The older set is MARC-8; in UNIMARC the declared one, or ISO 5426. If it is not declared, what is rare in it
//! counts as odd too: marks that compose with no letter. If UTF-8 is not declared, so do escape sequences that
//! designate a set. A set holds if at least four good characters are found for each odd one. The first rule that
//! applies decides:
//!
//! 1. All bytes are ASCII without ESC: as declared, because there is nothing to decide.
//! 2. At least as many characters are good UTF-8 as are odd: UTF-8. Other text almost never has one, while any UTF-8
//!    can be read as something else. (ASCII with an ESC that designates no set is UTF-8 too.)
//! 3. The older set holds, and it is declared; or something in it is good, and either its bytes are placed like Latin
//!    letters (Windows-1252 would hold) or an escape sequence designates a set: the older set.
//! 4. Windows-1252 holds, and something in it is good: Windows-1252.
//! 5. Otherwise as declared, with its faults.
//!
//! So a declared set keeps a record with few faults, each of which is a finding in its own value, and another set is
//! chosen only if it explains more. Multi-byte sets such as GBK, and those of other scripts such as Windows-1251, are
//! not recognised: such records are read as declared, with faults, and the encoding must be named.

use encoding_rs::WINDOWS_1252;
use unicode_normalization::char::is_combining_mark;

use super::Charset;
use super::iso2022::{ESCAPE, Iso2022};
use super::marc8::decode::MARC_8;
use super::standard::UNASSIGNED_IN_WINDOWS_1252;
use super::utf8::{self, Stretch};

/// The set of a record's bytes, including its delimiters, by the rules above.
pub(crate) fn charset_of(bytes: &[u8], declared: Charset, older: Charset) -> Charset {
    if bytes.is_ascii() && memchr::memchr(ESCAPE, bytes).is_none() {
        return declared;
    }
    let older = if matches!(declared, Charset::Unimarc(_)) { declared } else { older };
    let code = match older {
        Charset::Unimarc(sets) => sets.code(),
        _ => MARC_8,
    };
    let designations = code.designations(bytes);
    let utf8 = Evidence::of_utf8(bytes);
    let against_utf8 = utf8.odd + if declared == Charset::Utf8 { 0 } else { designations };
    let is_utf8 = match utf8.good {
        0 => utf8.odd + designations == 0,
        good => good >= against_utf8,
    };
    if is_utf8 {
        return Charset::Utf8;
    }
    let windows_1252 = Evidence::of_windows_1252(bytes);
    let is_declared = older == declared;
    let in_older = Evidence::of_iso_2022(&code, bytes, is_declared);
    let is_latin = windows_1252.convinces() || designations > 0;
    if in_older.holds() && (is_declared || (in_older.convinces() && is_latin)) {
        older
    } else if windows_1252.convinces() {
        Charset::Standard(WINDOWS_1252)
    } else {
        declared
    }
}

/// Evidence for and against a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Evidence {
    good: usize,
    odd: usize,
}

impl Evidence {
    /// Odd characters are few, or none.
    fn holds(self) -> bool {
        const FEW: usize = 4;
        self.good >= FEW * self.odd
    }

    /// It holds, and something is good, which a set other than the declared one must show.
    fn convinces(self) -> bool {
        self.good > 0 && self.holds()
    }

    fn of_utf8(bytes: &[u8]) -> Evidence {
        let mut evidence = Evidence::default();
        for stretch in utf8::stretches(bytes) {
            match stretch {
                Stretch::Text(text) => evidence.good += text.bytes().filter(|byte| *byte >= 0xC0).count(),
                Stretch::Surrogates(_) => evidence.good += 1,
                Stretch::Invalid(_) => evidence.odd += 1,
            }
        }
        evidence
    }

    /// Evidence for a set built like MARC-8, value by value.
    fn of_iso_2022(code: &Iso2022, bytes: &[u8], is_declared: bool) -> Evidence {
        let mut evidence = Evidence::default();
        let mut text = String::new();
        for value in bytes.split(|byte| matches!(byte, 0x1D..=0x1F)) {
            text.clear();
            code.decode(value, &mut text, &mut |_| evidence.odd += 1);
            for character in text.chars().filter(|character| !character.is_ascii()) {
                match character {
                    char::REPLACEMENT_CHARACTER => {}
                    '\u{FE20}'..='\u{FE2F}' => evidence.good += 1,
                    mark if is_combining_mark(mark) => evidence.odd += usize::from(!is_declared),
                    _ => evidence.good += 1,
                }
            }
        }
        evidence
    }

    fn of_windows_1252(bytes: &[u8]) -> Evidence {
        let mut evidence = Evidence::default();
        let mut before = b' ';
        for (place, &byte) in bytes.iter().enumerate() {
            let after = bytes.get(place + 1).copied().unwrap_or(b' ');
            let is_beside_a_letter = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
            match byte {
                0x00..=0x7F => {}
                _ if UNASSIGNED_IN_WINDOWS_1252.contains(&byte) => evidence.odd += 1,
                _ if is_beside_a_letter || (before.is_ascii() && after.is_ascii()) => evidence.good += 1,
                0xC0..=0xFF => evidence.odd += 1,
                _ => {}
            }
            before = byte;
        }
        evidence
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOWS: Charset = Charset::Standard(WINDOWS_1252);
    const UTF8: Charset = Charset::Utf8;
    const MARC8: Charset = Charset::Marc8;
    const ISO_5426: Charset = Charset::ISO_5426;

    fn cyrillic() -> Charset {
        Charset::declared_in_unimarc(b"0102    ").unwrap()
    }

    #[test]
    fn the_first_rule_that_is_true_decides() {
        for (name, bytes, declared, older, decided) in [
            ("1: ASCII, declared UTF-8", &b"Cafe\x1f\x1e"[..], UTF8, MARC8, UTF8),
            ("1: ASCII, declared MARC-8", b"Cafe", MARC8, MARC8, MARC8),
            ("1: ASCII, declared ISO 5426", b"Cafe\x7f", ISO_5426, ISO_5426, ISO_5426),
            ("2: UTF-8, declared MARC-8", "Café".as_bytes(), MARC8, MARC8, UTF8),
            ("2: UTF-8, declared ISO 5426", "Café".as_bytes(), ISO_5426, ISO_5426, UTF8),
            ("2 and 3: UTF-8 that MARC-8 has as well", b"\xc3\xa9", MARC8, MARC8, UTF8),
            ("2 and 3: ASCII with an ESC that designates nothing", b"a\x1bzb", MARC8, MARC8, UTF8),
            ("2: pairs of surrogates", b"\xed\xa0\xbd\xed\xb8\x80", MARC8, MARC8, UTF8),
            ("2: half of it", b"\xc3\xa9 caf\xe9", MARC8, MARC8, UTF8),
            ("2: UTF-8 with escape sequences left in it", b"\xc2\xb0C\x1bp6\x1bb0\x1bs", UTF8, MARC8, UTF8),
            ("3: the same, declared MARC-8", b"\xc2\xb0C\x1bp6\x1bb0\x1bs", MARC8, MARC8, MARC8),
            ("3: MARC-8, declared UTF-8", b"Caf\xe2e", UTF8, MARC8, MARC8),
            ("3: a sign", b"\xc31998", UTF8, MARC8, MARC8),
            ("3: ASCII with an escape sequence", b"\x1b(NMIR\x1b(B", UTF8, MARC8, MARC8),
            ("3 and 4: Latin-1 that MARC-8 has as well", b"caf\xe9s", UTF8, MARC8, MARC8),
            ("3: ISO 5426, declared UTF-8", b"Caf\xc2e", UTF8, ISO_5426, ISO_5426),
            ("3: Cyrillic by declaration", b"\xcd\xc9\xd2", cyrillic(), ISO_5426, cyrillic()),
            ("3: sets end where values do", b"\x1b(NMIR\x1f\xe2e", UTF8, MARC8, MARC8),
            ("4: a mark that composes with no letter", b"p\xe8re", UTF8, MARC8, WINDOWS),
            ("4: a mark before a space", b"caf\xe9 noir", MARC8, MARC8, WINDOWS),
            ("4: a mark before a digit", b"caf\xe91", MARC8, MARC8, WINDOWS),
            ("4: a mark before the end of a value", b"caf\xe9\x1fe", UTF8, MARC8, WINDOWS),
            ("4: quotation marks", b"\x93caf\xe9s\x94", MARC8, MARC8, WINDOWS),
            ("4: a letter alone", b"\xe0 la carte", UTF8, MARC8, WINDOWS),
            ("4 and 5: of each value one set, but not of all", b"Caf\xe2e\x1fcaf\xe9.", UTF8, MARC8, WINDOWS),
            ("5: neither", b"caf\xe9 \x81", UTF8, MARC8, UTF8),
            ("5: neither, declared MARC-8", b"caf\xe9 \x81", MARC8, MARC8, MARC8),
            ("5: an escape sequence that leads nowhere", b"He\x1bp1\x1b(\"S\x1b(B", UTF8, MARC8, UTF8),
            ("5: ASCII and back to it", b"a\x1b(Bb", UTF8, MARC8, UTF8),
        ] {
            assert_eq!(charset_of(bytes, declared, older), decided, "{name}");
        }
    }

    /// The text of one record in a set, in values of a dozen words.
    fn text_in(charset: Charset) -> Vec<u8> {
        let word: &[u8] = match charset {
            UTF8 => "théâtre ".as_bytes(),
            MARC8 => b"th\xe2e\xe3atre ",
            ISO_5426 => b"th\xc2e\xc3atre ",
            Charset::Standard(_) => b"th\xe9\xe2tre \xe0 ",
            _ => b"\xcd\xc9\xd2, \xcd\xc9\xd2! ",
        };
        [word.repeat(12), b"\x1f".to_vec()].concat().repeat(8)
    }

    /// The text with `count` odd bytes inserted at even distances, each followed by a blank.
    fn with_odd(text: &[u8], odd: &[u8], count: usize) -> Vec<u8> {
        let words: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b' ').collect();
        let every = words.len() / count.max(1);
        let is_odd = |place: usize| place.is_multiple_of(every) && place / every < count;
        let word = |(place, word): (usize, &&[u8])| {
            if is_odd(place) { [odd, b" ", word].concat() } else { word.to_vec() }
        };
        words.iter().enumerate().flat_map(word).collect()
    }

    #[test]
    fn a_declared_set_keeps_what_has_few_faults() {
        for (declared, odd) in [
            (UTF8, &[&b"caf\xe9"[..], b"caf\xe2e", b"\xff", b"\x1b(N", b"\xed\xa0\xbd"][..]),
            (MARC8, &[b"\xe2", b"\xe21", b"x\xe2-", b"\xe2[", b"\xe2&", b"\xff", b"caf\xe9", "é".as_bytes()]),
            (ISO_5426, &[b"\xc2", b"\xc21", b"\xff", b"caf\xe9\x94"]),
            (cyrillic(), &[b"\xff", b"\x95"]),
        ] {
            let older = if declared == UTF8 || declared == MARC8 { MARC8 } else { ISO_5426 };
            let text = text_in(declared);
            // 0, 1, 2 and 10 % of some two hundred characters.
            for (odd, count) in odd.iter().flat_map(|odd| [0, 1, 2, 19].map(|count| (odd, count))) {
                let bytes = with_odd(&text, odd, count);
                assert_eq!(charset_of(&bytes, declared, older), declared, "{count} times {odd:?}");
            }
        }
    }

    #[test]
    fn another_set_explains_more_with_few_faults_too() {
        for (in_fact, declared, older, odd) in [
            (UTF8, MARC8, MARC8, &b"caf\xe9"[..]),
            (UTF8, ISO_5426, ISO_5426, b"\xff"),
            (MARC8, UTF8, MARC8, b"caf\xe9"),
            (ISO_5426, UTF8, ISO_5426, b"\xff"),
            (WINDOWS, UTF8, MARC8, b"\x81"),
            (WINDOWS, MARC8, MARC8, b"\x81"),
            (WINDOWS, MARC8, MARC8, b"caf\xe2e"),
        ] {
            for count in [0, 1, 2, 19] {
                let bytes = with_odd(&text_in(in_fact), odd, count);
                assert_eq!(charset_of(&bytes, declared, older), in_fact, "{count} times {odd:?}");
            }
        }
    }

    #[test]
    fn text_of_other_scripts_is_not_taken_for_latin() {
        use encoding_rs::{BIG5, EUC_KR, GBK, KOI8_R, SHIFT_JIS, WINDOWS_1251};
        for (encoding, text) in [
            (GBK, "红楼梦 / 曹雪芹著. -- 北京 : 人民文学出版社, 1996. -- 3 册 ; 21 cm"),
            (EUC_KR, "한국 문학사 / 김 윤식 지음. -- 서울 : 민음사, 1996. -- 3 책 ; 21 cm"),
            (BIG5, "紅樓夢 / 曹雪芹著. -- 臺北市 : 三民書局, 1996. -- 3 冊 ; 21 cm"),
            (SHIFT_JIS, "日本文学史 / 加藤周一著. -- 東京 : 筑摩書房, 1996. -- 3 冊 ; 21 cm"),
            (WINDOWS_1251, "Война и мир / Л. Н. Толстой. -- Москва : Наука, 1996. -- 3 т. ; 21 см"),
            (KOI8_R, "Война и мир / Л. Н. Толстой. -- Москва : Наука, 1996. -- 3 т. ; 21 см"),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            for declared in [UTF8, MARC8] {
                assert_eq!(charset_of(&bytes, declared, MARC8), declared, "{}", encoding.name());
            }
        }
    }

    proptest! {
        #[test]
        fn another_set_than_declared_shows_something(
            bytes in prop::collection::vec(prop_oneof![3 => b' '..=b'~', 2 => any::<u8>(), 1 => 0xC0u8..=0xE9], 0..30),
            (declared, older) in prop::sample::select(vec![
                (UTF8, MARC8), (MARC8, MARC8), (UTF8, ISO_5426), (ISO_5426, ISO_5426),
            ]),
        ) {
            let decided = charset_of(&bytes, declared, older);
            let faults_in = |charset: Charset| {
                let mut faults = 0;
                for value in bytes.split(|byte| matches!(byte, 0x1D..=0x1F)) {
                    charset.decode(value, &mut String::new(), &mut |_| faults += 1);
                }
                faults
            };
            if decided != declared && decided != Charset::Utf8 {
                prop_assert!(faults_in(declared) > 0);
            }
            if decided != declared && !bytes.is_ascii() {
                prop_assert!(faults_in(decided) <= bytes.iter().filter(|byte| !byte.is_ascii()).count());
            }
        }
    }
}
