//! The sets of UNIMARC: which of them 100$a declares, and how bytes in them become text.
//!
//! ```text
//! bytes   00-1F  20     21-7E  7F  80-9F  A0  A1-FE  FF
//! meaning  C0     space  G0     -   88 89  -   G1     -
//! ```
//! They are built like MARC-8: every value begins with the declared sets in G0 and G1, escape sequences of ISO 2022
//! designate others, and a combining mark comes before its base. Sets that MARC-8 also has are shared.

use super::Fault;
use super::iso2022::Iso2022;
use super::iso2022::sets::{Designation, Set};
use crate::diagnostic::Code;

/// The beginning and end of a part that is ignored in sorting (ISO 6630).
const FUNCTIONS: [(u8, char); 2] = [(0x88, '\u{98}'), (0x89, '\u{9C}')];

/// The sets in G0 and G1 at the beginning of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sets {
    g0: Set,
    g1: Set,
}

impl Sets {
    /// ISO 646 and ISO 5426, the usual pair: code `0103`.
    pub(super) const ISO_5426: Sets = Sets { g0: Set::Ascii, g1: Set::Iso5426 };

    /// The sets of a four-digit code; `None` if one of them is unknown.
    pub(super) fn declared(code: [u8; 4]) -> Option<Sets> {
        let [a, b, c, d] = code;
        Some(Sets { g0: set([a, b])?, g1: set([c, d])? })
    }

    /// The same with ISO 646 in G0: the sets of indicators, codes and control fields, which are not text.
    pub(super) fn beside_iso_646(self) -> Sets {
        Sets { g0: Set::Ascii, ..self }
    }

    /// Whether ASCII is ASCII in these sets.
    pub(super) fn have_iso_646(self) -> bool {
        self.g0 == Set::Ascii
    }

    pub(super) fn name(self) -> &'static str {
        match self.g1 {
            Set::Cyrillic => "iso-ir-37",
            Set::CyrillicExtended => "iso-5427",
            Set::Greek => "iso-5428",
            Set::Ascii => "iso-646",
            _ => "iso-5426",
        }
    }

    /// Bytes without a character and unknown escape sequences are all [`Code::CharsetByte`]; a mark without a letter
    /// is [`Code::CharsetMark`].
    pub(super) fn code(self) -> Iso2022 {
        Iso2022 {
            g0: self.g0,
            g1: self.g1,
            designation,
            functions: &FUNCTIONS,
            byte: Code::CharsetByte,
            escape: Code::CharsetByte,
            cut: Code::CharsetByte,
            mark: Code::CharsetMark,
        }
    }

    /// Appends the text of one value, composed (NFC).
    pub(super) fn decode(self, bytes: &[u8], out: &mut String, fault: &mut dyn FnMut(Fault)) {
        self.code().decode(bytes, out, fault);
    }
}

/// The set of a code in 100$a.
fn set(code: [u8; 2]) -> Option<Set> {
    match &code {
        b"01" => Some(Set::Ascii),
        b"02" => Some(Set::Cyrillic),
        b"03" => Some(Set::Iso5426),
        b"04" => Some(Set::CyrillicExtended),
        b"05" => Some(Set::Greek),
        _ => None,
    }
}

/// The set that an escape sequence designates, by the final bytes of the international register.
fn designation(intermediates: &[u8], end: u8) -> Option<Designation> {
    let set = match end {
        b'@' | b'B' => Set::Ascii,
        b'N' => Set::Cyrillic,
        b'P' => Set::Iso5426,
        b'Q' => Set::CyrillicExtended,
        b'S' => Set::Greek,
        _ => return None,
    };
    match intermediates {
        b"(" => Some(Designation::G0(set)),
        b")" => Some(Designation::G1(set)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::{UnicodeNormalization, is_nfc};

    use super::*;
    use crate::charset::Charset;

    type Found = (Code, usize, usize);

    fn decoded_in(code: &[u8; 8], bytes: &[u8]) -> (String, Vec<Found>) {
        let mut text = String::from("before");
        let mut faults = Vec::new();
        let charset = Charset::declared_in_unimarc(code).unwrap();
        charset.decode(bytes, &mut text, &mut |Fault { code, at, length }| faults.push((code, at, length)));
        (text.strip_prefix("before").unwrap().to_owned(), faults)
    }

    fn decoded(bytes: &[u8]) -> (String, Vec<Found>) {
        decoded_in(b"0103    ", bytes)
    }

    /// ISO 5426 in rows of sixteen; `_` where it has no character, and marks by their code points.
    const LETTERS: [(u8, &str); 4] = [
        (0xA0, "_¡„£$¥†§′‘“«♭©℗®"),
        (0xB0, "ʻʼ‚___‡·″’”»♯ʹʺ¿"),
        (0xE0, "_ÆĐ___Ĳ_ŁØŒ_Þ___"),
        (0xF0, "_æđð_ıĳ_łøœßþ___"),
    ];
    const MARKS: [u32; 32] = [
        0x309, 0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x308, 0x30A, 0x315, 0x312, 0x30B,
        0x31B, 0x30C, 0x327, 0x31C, 0x326, 0x328, 0x325, 0x32E, 0x323, 0x324, 0x332, 0x333, 0x329, 0x32D, 0,
        0xFE20, 0xFE21, 0xFE23,
    ];

    #[test]
    fn iso_5426_has_these_letters() {
        for (first, row) in LETTERS {
            assert_eq!(row.chars().count(), 16);
            for (byte, character) in (first..=first + 15).zip(row.chars()) {
                let expected = match character {
                    '_' => ("\u{FFFD}".to_owned(), vec![(Code::CharsetByte, 0, 1)]),
                    _ => (character.to_string(), vec![]),
                };
                assert_eq!(decoded(&[byte]), expected, "{byte:X}");
            }
        }
    }

    #[test]
    fn iso_5426_has_these_marks() {
        for (byte, mark) in (0xC0..=0xDF).zip(MARKS) {
            let mark = char::from_u32(mark).unwrap();
            if mark == '\0' {
                assert_eq!(decoded(&[byte, b'a']).1, [(Code::CharsetByte, 0, 1)]);
                continue;
            }
            let on_no_letter = vec![(Code::CharsetMark, 0, 1)];
            for base in (b'A'..=b'Z').chain(b'a'..=b'z').chain([b' ', b'1']) {
                let expected: String = [char::from(base), mark].into_iter().nfc().collect();
                let faults = if base.is_ascii_alphabetic() { vec![] } else { on_no_letter.clone() };
                assert_eq!(decoded(&[byte, base]), (expected, faults), "{byte:X} {base:X}");
            }
            assert_eq!(decoded(&[byte]), (mark.to_string(), on_no_letter), "{byte:X}");
        }
    }

    #[test]
    fn other_bytes_are_themselves_or_nothing() {
        for byte in 0x00..=0x9F {
            let expected = match byte {
                0x88 => ("\u{98}".to_owned(), vec![]),
                0x89 => ("\u{9C}".to_owned(), vec![]),
                0x1B | 0x7F..=0x9F => ("\u{FFFD}".to_owned(), vec![(Code::CharsetByte, 0, 1)]),
                _ => (char::from(byte).to_string(), vec![]),
            };
            assert_eq!(decoded(&[byte]), expected, "{byte:X}");
        }
    }

    #[test]
    fn catalogues_can_be_read() {
        for (name, bytes, text) in [
            (
                "French",
                &b"Op\xc2era, th\xc2e\xc3atre, \xfauvres compl\xc1etes: le gar\xd0con"[..],
                "Opéra, théâtre, œuvres complètes: le garçon",
            ),
            ("Czech", b"P\xcfr\xc2ili\xcfs \xcfzlu\xcftou\xcfck\xc2y k\xcau\xcfn", "Příliš žluťoučký kůň"),
            ("Polish", b"\xe8\xc2od\xc2z, ksi\xd3a\xc7zka", "Łódź, książka"),
            ("Romanian", b"\xd2Stiin\xd2te", "Științe"),
            ("German", b"\xc8Uber die gr\xc9o\xfbten", "Über die größten"),
            ("Vietnamese", b"\xcen\xc3\xd6a", "n\u{31B}ậ"),
            ("not sorted", b"\x88Le \x89livre", "\u{98}Le \u{9C}livre"),
            ("half marks", b"\xddt\xdes \xddn\xdfg", "t\u{FE20}s\u{FE21} n\u{FE20}g\u{FE23}"),
            ("Cyrillic and back", b"\x1b)N\xcd\xc9\xd2 \x1b)P\xc2e \x1b(NMIR\x1b(@", "мир é мир"),
            ("a mark before an escape sequence", b"\xc2\x1b(Na", "А\u{301}"),
        ] {
            assert_eq!(decoded(bytes), (text.to_owned(), vec![]), "{name}");
        }
    }

    #[test]
    fn each_undecodable_stretch_is_named() {
        let fault = |at, length| (Code::CharsetByte, at, length);
        for (name, bytes, text, faults) in [
            ("unassigned", &b"a\xb3b\xff"[..], "a?b?", vec![fault(1, 1), fault(3, 1)]),
            ("an unknown escape sequence", b"a\x1b(1b", "a?b", vec![fault(1, 3)]),
            ("one that is cut", b"a\x1b(", "a?", vec![fault(1, 2)]),
            ("ESC alone", b"a\x1bb", "a?b", vec![fault(1, 1)]),
            ("those of MARC-8 alone", b"\x1b$1\x1bg", "??g", vec![fault(0, 3), fault(3, 1)]),
        ] {
            let (found, places) = decoded(bytes);
            assert_eq!((found.replace('\u{FFFD}', "?"), places), (text.to_owned(), faults), "{name}");
        }
    }

    #[test]
    fn a_record_declares_g0_and_g1() {
        for (code, bytes, text) in [
            (b"0102    ", &b"Mir: \xcd\xc9\xd2"[..], "Mir: мир"),
            (b"0201    ", b"MIR \xcd", "мир M"),
            (b"0104    ", b"\xc0\xc1", "ґђ"),
            (b"0105    ", b"\xa2\xe1", "ά"),
            (b"010302  ", b"\xc2e", "é"),
            (b"0101    ", b"a\xe1", "aa"),
            (b"5050    ", "é".as_bytes(), "é"),
        ] {
            assert_eq!(decoded_in(code, bytes), (text.to_owned(), vec![]), "{code:?}");
        }
        for unknown in
            [b"01      ", b"0106    ", b"0111    ", b"0150    ", b"        ", b"||||||||", b"ba  0103"]
        {
            assert_eq!(Charset::declared_in_unimarc(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn no_letter_of_iso_5426_composes_with_what_stands_before_it() {
        for byte in 0xA1..=0xFE {
            let Some((character, combining)) = Set::Iso5426.one_byte().unwrap().get(byte) else { continue };
            assert!(is_nfc(character.encode_utf8(&mut [0; 4])));
            let class = unicode_normalization::char::canonical_combining_class(character);
            assert_eq!(combining, class != 0, "{character:?}");
        }
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            "[ -~]{0,20}".prop_map(String::into_bytes),
            prop::collection::vec(0xA1u8..=0xFE, 0..4),
            prop::collection::vec(0xC0u8..=0xDF, 0..4),
            prop::collection::vec(any::<u8>(), 0..4),
            "\x1b[(),$-]{0,2}[@BNPQS1]?".prop_map(String::into_bytes),
        ];
        prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_give_text_and_faults_that_agree(
            bytes in bytes(),
            code in prop::sample::select(vec![b"0103    ", b"0102    ", b"0201    ", b"0105    ", b"0301    "]),
        ) {
            let (text, faults) = decoded_in(code, &bytes);
            prop_assert!(is_nfc(&text), "{:?}", text);
            let mut end = 0;
            for (_, at, length) in &faults {
                prop_assert!(*at >= end && *length > 0, "{:?}", faults);
                end = at + length;
            }
            prop_assert!(end <= bytes.len());
            let undecodable = faults.iter().filter(|(code, _, _)| *code == Code::CharsetByte).count();
            prop_assert_eq!(text.matches('\u{FFFD}').count(), undecodable);
        }
    }
}
