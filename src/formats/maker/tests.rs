//! What the lines of a record become, and that copying a field changes nothing.

use proptest::prelude::*;

use super::*;
use crate::charset::Charset;
use crate::diagnostic::Code;
use crate::formats::arena::tests::made;
use crate::options::{Dialect, Encoding};

const LEADER: &str = "=LDR  00000nam  2200000 a 4500\n";
const UNICODE: &str = "=LDR  00000nam a2200000 a 4500\n";

fn in_arena(record: &[u8], asked: Asked, may_copy: bool) -> Arena {
    let mut arena = Arena::default();
    fields::lay_out(record, asked, may_copy, &mut arena);
    arena
}

/// The fields after the leader, and what was found, in both ways.
fn of_fields(lines: &str) -> (Vec<String>, Vec<Code>) {
    let record = format!("{UNICODE}{lines}");
    let copied = made(&in_arena(record.as_bytes(), Asked::default(), true));
    assert_eq!(made(&in_arena(record.as_bytes(), Asked::default(), false)), copied, "{lines}");
    let (mut fields, codes) = copied;
    (fields.split_off(1), codes)
}

/// The bytes of the only field.
fn of_field(leader: &str, line: &str, asked: Asked) -> Vec<u8> {
    let arena = in_arena(format!("{leader}{line}").as_bytes(), asked, true);
    let view = arena.records().next().unwrap().view().unwrap();
    let field = view.fields().next().unwrap();
    field.bytes().to_vec()
}

#[test]
fn mnemonics_in_a_leader_are_what_they_stand_for() {
    let record = b"=LDR  00000nam  2200000Ii 45{02}0\n=001  A1\n";
    let (fields, codes) = made(&in_arena(record, Asked::default(), true));
    assert_eq!(fields, ["00000nam  2200000Ii 45\u{2}0", "001=A1"]);
    assert_eq!(codes, [Code::LeaderBytes]);
}

#[test]
fn a_line_is_a_field() {
    for (lines, expected) in [
        ("=001  a\\1 \\\\\n", &["001=a 1   "][..]),
        ("=008  750907c19509999enkqr\\p\r\n", &["008=750907c19509999enkqr p"]),
        ("=245  10$aTitle$b\\d \\$c\n", &["245 10|aTitle|b\\d \\|c"]),
        ("=245  \\1$aTitle\n=500  \\\\$ax", &["245  1|aTitle", "500   |ax"]),
        ("=245    $aTitle\n", &["245   |aTitle"]),
        ("=245  10$aTi\ntle$b\nA\r\n$cB\n=500  \\\\$ax\n", &["245 10|aTitle|bA|cB", "500   |ax"]),
        ("=245  10$aA =\n= B\n=the end\n", &["245 10|aA == B=the end"]),
        ("=245  10$aé\u{85}ß\n", &["245 10|aé\u{85}ß"]),
        ("=245  10$aa\rb\n", &["245 10|aa\rb"]),
        ("=245  10\n", &["245 10"]),
        ("=245  10Title$a\n", &["245 10Title|a"]),
        ("=245  10$$aTitle$\n", &["245 10||aTitle|"]),
        ("=FMT  BK\n", &["FMT BK"]),
        ("=abc  10$aTitle\n", &["abc 10|aTitle"]),
        ("=245  10$éTitle\n", &["245 10|éTitle"]),
    ] {
        let expected: Vec<_> = expected.iter().map(|field| (*field).to_owned()).collect();
        let (fields, codes) = of_fields(lines);
        assert_eq!(fields, expected, "{lines}");
        let is_odd = lines.contains("\n=the") || lines.contains("\n= ");
        assert_eq!(codes, if is_odd { vec![Code::Unexpected] } else { vec![] }, "{lines}");
    }
}

#[test]
fn what_is_odd_is_named() {
    use Code::*;
    for (lines, expected, code) in [
        ("=245 10$aTitle\n", "245 10|aTitle", Unexpected),
        ("=245\t10$aTitle\n", "245 10|aTitle", Unexpected),
        ("=24510$aTitle\n", "245 10|aTitle", Unexpected),
        ("=001A1\n", "001=A1", Unexpected),
        ("=500  \\\\$ax\n# A comment\n", "500   |ax", Unexpected),
        ("=500  \\\\$a{zilch}\n", "500   |a{zilch}", Unexpected),
        ("=500  \\\\$a{1F}\n", "500   |a{1F}", Unexpected),
        ("=500  \\\\$a\x1Fb\n", "500   |a\u{FFFD}b", Character),
        ("=500  \n", "500   ", IndicatorMissing),
        ("=500  $ax\n", "500   |ax", IndicatorMissing),
        ("=500  1$ax\n", "500 1 |ax", IndicatorMissing),
        ("=500  é1$ax\n", "500  1|ax", CodeLength),
        ("=500  \\\\$\tx\n", "500   |\tx", CodeLength),
    ] {
        let (fields, codes) = of_fields(lines);
        assert_eq!(
            (fields.as_slice(), codes.as_slice()),
            (&[expected.to_owned()][..], &[code][..]),
            "{lines}"
        );
    }
    for tag in ["2é5", "24", "2455"] {
        assert_eq!(
            of_fields(&format!("=001  1\n={tag}  10$ax\n")),
            (vec!["001=1".into()], vec![EntryTag]),
            "{tag}"
        );
    }
    let (fields, codes) = made(&in_arena(b"=001  1\n", Asked::default(), true));
    assert_eq!((fields[0].as_str(), codes), ("          22        4500", vec![LeaderMissing]));
    let (fields, codes) = made(&in_arena(b"=LDR  \\\\\\\\\\cam\\a22\n", Asked::default(), true));
    assert_eq!((fields[0].as_str(), codes), ("     cam a22            ", vec![LeaderLength, NoFields]));
}

#[test]
fn a_mnemonic_stands_for_its_bytes() {
    for (text, expected) in [
        ("{dollar}5 {lcub}{rcub} {bsol}{0D}{0A}{1E}{5}", &b"$5 {} \\\r\n\x1E5"[..]),
        ("{aacute}{Lstrok}{acute}od{acute}z", b"\xE2a\xA1\xE2od\xE2z"),
        ("{AE}{ea}{E2}", b"\xAE\xEA\xE2"),
        ("N 54{esc}p0{esc}s", b"N 54\x1Bp0\x1Bs"),
        ("({) {} {}} {a-b} {ninecharac}", b"({) {} {}} {a-b} {ninecharac}"),
    ] {
        let line = format!("=500  \\\\$a{text}\n");
        let field = of_field(LEADER, &line, Asked::default());
        assert_eq!(field.strip_prefix(b"  \x1Fa"), Some(expected), "{text}");
    }
    assert_eq!(of_field(LEADER, "=001  a{bsol}\\{1F}{us}\n", Asked::default()), b"a\\ \x1F\x1F");
    assert_eq!(of_field(LEADER, "=500  \\\\${dollar}x\n", Asked::default()), b"  \x1F$x");
}

#[test]
fn in_utf_8_a_mnemonic_stands_for_the_same_characters() {
    for (text, expected) in [
        ("{aacute}{Lstrok}{acute}od{acute}z", "á\u{141}ód\u{17A}"),
        ("é {llig}i{rlig}a {cedil}{acute}c", "é i\u{FE20}a\u{FE21} ḉ"),
        ("é{acute}ю{acute}", "éю\u{301}\u{301}"),
        ("{dollar} {C3}{A9}{copy}", "$ é©"),
        ("N 54{esc}p0{esc}s", "N 54⁰"),
    ] {
        let line = format!("=500  \\\\$a{text}\n");
        let field = of_field(UNICODE, &line, Asked::default());
        assert_eq!(String::from_utf8_lossy(&field).strip_prefix("  \x1Fa"), Some(expected), "{text}");
    }
}

#[test]
fn what_text_is_in_decides_what_mnemonics_stand_for() {
    let asked = |encoding, dialect| Asked { encoding, dialect, ..Asked::default() };
    let named = |name| Encoding::Named(Charset::named(name).unwrap());
    let (marc21, unimarc) = (Dialect::Marc21, Dialect::Unimarc);
    let [utf8, marc8, unknown] = ["é".as_bytes(), b"\xE2e", b"{eacute}"];
    for (leader, asked, other, expected) in [
        (LEADER, asked(Encoding::Declared, marc21), "", marc8),
        (UNICODE, asked(Encoding::Declared, marc21), "", utf8),
        (LEADER, asked(Encoding::Auto, marc21), "=500  \\\\$aß\n", utf8),
        (LEADER, asked(named("utf-8"), marc21), "", utf8),
        (UNICODE, asked(named("marc-8"), marc21), "", marc8),
        (UNICODE, asked(named("latin-1"), marc21), "", unknown),
        (LEADER, asked(Encoding::Declared, unimarc), "", utf8),
    ] {
        let line = format!("=001  {{eacute}}\n{other}");
        assert_eq!(of_field(leader, &line, asked), expected, "{leader} {asked:?}");
    }
    let record = [LEADER.as_bytes(), b"=001  {eacute}\xFA\n"].concat();
    let arena = in_arena(&record, Asked::default(), true);
    assert_eq!(
        arena.records().next().unwrap().view().unwrap().fields().next().unwrap().bytes(),
        b"\xE2e\xFA"
    );
}

#[test]
fn a_place_is_where_the_line_begins() {
    let record =
        format!("{LEADER}=001  1\n=245  10$a{{aacute}}\n=500  \\\\$ax\n").replace("1\n", "1\u{e9}\n");
    for record in
        [record.clone().into_bytes(), record.replace('é', "\u{1}").replace('\u{1}', "?").into_bytes()]
    {
        let damaged = record.iter().map(|&byte| if byte == b'?' { 0xE9 } else { byte }).collect::<Vec<_>>();
        let arena = in_arena(&damaged, Asked::default(), true);
        let laid_out = arena.records().next().unwrap();
        for entry in laid_out.entries() {
            let place = laid_out.place_of(entry.start.into()) as usize;
            assert_eq!(&damaged[place + 1..place + 4], entry.tag.as_str().as_bytes());
        }
    }
}

/// Pieces that records are made of.
fn line() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        8 => "[a-zé \\\\]{0,40}",
        1 => "[\\t\u{1}\u{1F}\u{7F}\u{10FF80}\r]{1,3}",
        2 => prop::sample::select(vec!["{aacute}", "{acute}", "{us}", "{FF}", "{", "}", "$", "\n", "\n=", "\n#"])
            .prop_map(str::to_owned),
    ];
    let value = prop::collection::vec(text, 0..4).prop_map(|texts| texts.concat());
    let tag = prop_oneof![8 => "[0-9]{3}", 2 => "00[0-9]", 1 => "[0-9A-Za-zé-]{1,4}"];
    let blanks = prop_oneof![8 => Just("  "), 1 => Just(" "), 1 => Just(""), 1 => Just("\t   ")];
    let indicators = prop_oneof![8 => "[0-9\\\\ ]{2}", 1 => "[0-9é$]{0,2}"];
    let subfields = prop::collection::vec(("\\$[a-z0-9]", value).prop_map(|(code, text)| code + &text), 0..4);
    (tag, blanks, indicators, subfields).prop_map(|(tag, blanks, indicators, subfields)| {
        format!("={tag}{blanks}{indicators}{}\n", subfields.concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn copying_a_field_changes_nothing(
        lines in prop::collection::vec(line(), 0..6),
        leader in prop::sample::select(vec![LEADER, UNICODE, "=LDR  é\n", ""]),
        (at, length, with) in (any::<prop::sample::Index>(), 0..3usize, prop::collection::vec(any::<u8>(), 0..3)),
        is_damaged in any::<bool>(),
    ) {
        let mut record = format!("{leader}{}", lines.concat()).into_bytes();
        if is_damaged && !record.is_empty() {
            let at = at.index(record.len());
            record.splice(at..(at + length).min(record.len()), with);
        }
        let [copied, exact] = [true, false].map(|may_copy| in_arena(&record, Asked::default(), may_copy));
        prop_assert_eq!(made(&copied), made(&exact), "{}", String::from_utf8_lossy(&record));
        prop_assert_eq!(&copied.places, &exact.places);
        prop_assert_eq!(copied.written(), exact.written());
    }
}
