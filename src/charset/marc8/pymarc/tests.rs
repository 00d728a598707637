//! How pymarc reads bytes that MARC-8 reads differently, or cannot read.

#![allow(clippy::unwrap_used)]

use unicode_normalization::{IsNormalized, is_nfc_quick};

use super::*;

fn decoded(bytes: &[u8]) -> Result<(String, Vec<String>), Cut> {
    let (mut text, mut notes) = (String::from("before"), Vec::new());
    let read = decode(bytes, &mut text, &mut |note| notes.push(note.to_string()));
    let text = text.strip_prefix("before").unwrap().to_owned();
    assert!(read.is_ok() || text.is_empty());
    read.map(|()| (text, notes))
}

#[track_caller]
fn reads(cases: &[(&str, &[u8], &str)]) {
    for (name, bytes, text) in cases {
        assert_eq!(decoded(bytes), Ok(((*text).to_owned(), vec![])), "{name}");
    }
}

#[test]
fn well_formed_values_are_text() {
    reads(&[
        ("nothing", b"", ""),
        ("ASCII", b"Plain text, longer than one block.", "Plain text, longer than one block."),
        ("a letter", b"Plain text, and then a caf\xe2e", "Plain text, and then a café"),
        ("two marks in canonical order", b"\xf2\xe4a", "\u{1EA1}\u{303}"),
        ("a mark on a blank", b"a\xe2 b", "a \u{301}b"),
        ("a mark before an escape", b"\xe2\x1b(NA\x1b(B", "\u{430}\u{301}"),
        ("half marks", b"\xebi\xeca", "i\u{FE20}a\u{FE21}"),
        ("Cyrillic", b"\x1b(NMIR\x1b(B", "мир"),
        ("technique 1", b"H\x1bb2\x1bsO", "H\u{2082}O"),
        ("back to ASCII at the end", b"H\x1bb2\x1bs", "H\u{2082}"),
        ("East Asian", b"\x1b$1!0!\x1b(B \x1b$,1!0!", "一 一"),
        ("canonically another", b"\x1b(S4;?\x1b(B;", "\u{2B9}\u{B7};;"),
        ("a superscript alef", b"\x1b(3nGt", "\u{627}\u{64E}\u{670}"),
        ("compatibility ideographs", b"\x1b$1!C9\x1b$1Kt!", "\u{6674}\u{56F9}"),
    ]);
}

#[test]
fn text_is_lost_in_silence() {
    reads(&[
        ("a mark at the end", b"abc\xe2", "abc"),
        ("non-sorting characters", b"\x88The \x89Title", "The Title"),
        ("control characters", b"a\tb\nc\x1d\x1e\x1f", "abc"),
        ("an unknown escape", b"a\x1bzb", "azb"),
        ("an escape after a final byte", b"\x1bB\x1b(Nx", "(Nx"),
        ("an escape without a set", b"abc\x1b(", "abc\x1b("),
        ("beyond U+FFFF", b"\x1b$1!uY", "\u{3013}"),
        ("private", b"\x1b$1ov%", "\u{E8B1}"),
        ("the mark of a stray group", b"\xe2\x1b$1! =\x1b(Be", "\u{2026}é"),
    ]);
}

#[test]
fn a_blank_is_in_place_of_what_is_unknown() {
    let cases: [(&str, &[u8], &str, &[&str]); 6] = [
        ("an unassigned byte", b"\xaf", " ", &["Unable to parse character 0xaf in g0=66 g1=69"]),
        ("Cyrillic as G1", b"\x1b)N\xc1", " ", &["Unable to parse character 0xc1 in g0=66 g1=78"]),
        ("a blank of Greek", b"\x1b(S \x1b(Ba", " a", &["Unable to parse character 0x20 in g0=83 g1=69"]),
        ("an unknown set", b"\x1b(Xb", " ", &["Unable to parse character 0x62 in g0=88 g1=69"]),
        ("no such group", b"\x1b$1!!!", " ", &["Unable to parse character 0x212121 in g0=49 g1=69"]),
        (
            "a group that is cut",
            b"\x1b$1!0!!",
            "一 ",
            &[
                "Multi-byte position 9 exceeds length of marc8 string 7",
                "Unable to parse character 0x20 in g0=49 g1=69",
            ],
        ),
    ];
    for (name, bytes, text, notes) in cases {
        let notes = notes.iter().map(|note| (*note).to_owned()).collect();
        assert_eq!(decoded(bytes), Ok((text.to_owned(), notes)), "{name}");
    }
}

#[test]
fn escapes_at_the_end_leave_no_text() {
    for bytes in [&b"abc\x1bb"[..], b"abc\x1bN", b"abc\x1b", b"abc\x1b)", b"abc\x1b-", b"abc\x1b$,"] {
        assert_eq!(decoded(bytes), Err(Cut), "{bytes:?}");
    }
    assert_eq!(decoded(b"\x1b1").unwrap().0, " ", "East Asian groups may be cut");
}

#[test]
fn sets_stay_from_one_value_to_the_next() {
    let mut converter = Converter::default();
    let mut text = String::new();
    converter.translate(b"\x1b(N\x1b)Q", &mut text, &mut |_| unreachable!()).unwrap();
    converter.translate(b"A\xc0", &mut text, &mut |_| unreachable!()).unwrap();
    assert_eq!((converter, text.as_str()), (Converter { g0: 0x4E, g1: 0x51 }, "а\u{491}"));

    assert_eq!(converter.translate(b"A\x1b(BA\x1bb", &mut text, &mut |_| unreachable!()), Err(Cut));
    assert_eq!((converter, text.as_str()), (Converter { g0: 0x62, g1: 0x51 }, "а\u{491}"));
}

#[test]
fn code_points_are_numbers_and_never_escapes() {
    let points: Vec<u32> = "\x1b(Né".chars().map(u32::from).chain([0xD800]).collect();
    let (mut text, mut notes) = (String::new(), Vec::new());
    Converter::default().translate_code_points(&points, &mut text, &mut |note| notes.push(note)).unwrap();
    assert_eq!(text, "(N \u{30C}", "E9 is a caron");
    assert_eq!(notes, [Note::Unparsed { number: 0xD800, g0: 0x42, g1: 0x45 }]);
}

/// What may be appended without looking at the text before it.
#[test]
fn a_base_is_composed_or_known_not_to_be() {
    let mut sizes = Vec::new();
    for (set, entries) in codesets() {
        sizes.push((set, entries.len()));
        for (number, character, combining) in entries {
            let quick = is_nfc_quick(std::iter::once(character)) == IsNormalized::Yes
                && unicode_normalization::char::canonical_combining_class(character) == 0;
            assert!(combining || quick == is_composed(character), "{set:x} {number:x} {character:?}");
        }
    }
    let sets = *b"4E321pQSBbgN";
    assert_eq!(
        sizes,
        sets.into_iter().zip([90, 69, 83, 78, 15_739, 14, 42, 73, 99, 14, 3, 94]).collect::<Vec<_>>()
    );
}
