//! What the lines of a record become, and that copying a field changes nothing.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::Code;
use crate::formats::arena::tests::made;

const LEADER: &str = "000000001 LDR   L 00000nam^a2200000^a^4500\n";

fn in_arena(record: &[u8], may_copy: bool) -> Arena {
    let mut arena = Arena::default();
    fields::lay_out(record, may_copy, &mut arena);
    arena
}

/// The fields after the leader, and what was found, in both ways; `N` is the number.
fn of_fields(lines: &str) -> (Vec<String>, Vec<Code>) {
    let record = format!("{LEADER}{lines}").replace("N ", "000000001 ");
    let copied = made(&in_arena(record.as_bytes(), true));
    assert_eq!(made(&in_arena(record.as_bytes(), false)), copied, "{lines}");
    let (mut fields, codes) = copied;
    (fields.split_off(1), codes)
}

#[test]
fn a_line_is_a_field() {
    for (lines, expected) in [
        ("N 001   L 000^1\n", &["001=000^1"][..]),
        ("N 008   L 750^07^\r\n", &["008=750 07 "]),
        ("N FMT   L BK\n", &["FMT=BK"]),
        ("N 24510 L $$aTitle$$b^d $c\n", &["245 10|aTitle|b^d $c"]),
        ("N 245 1 L $$aTitle\nN 500   L $$ax", &["245  1|aTitle", "500   |ax"]),
        ("N Z30-1 L $$lRUG01$$LRUG01\n", &["Z30 -1|lRUG01|LRUG01"]),
        ("N 24510 H $$aTitle\n", &["245 10|aTitle"]),
        ("N 24510 L Title$$cx\n", &["245 10Title|cx"]),
        ("N 24510 L Title\n", &["245 10Title"]),
        ("N 24510 L $$aTitle$$\n", &["245 10|aTitle|"]),
        ("N 24510 L $$$a$$$$b\n", &["245 10|$a||b"]),
        ("N 24510 L \n", &["245 10"]),
        ("N 24510 L\n", &["245 10"]),
        ("N 24510 L $$aé\u{85}ß\n\r\n", &["245 10|aé\u{85}ß"]),
        ("N LKR   L $$aUP\n", &["LKR   |aUP"]),
    ] {
        let expected: Vec<_> = expected.iter().map(|field| (*field).to_owned()).collect();
        assert_eq!(of_fields(lines), (expected, vec![]), "{lines}");
    }
}

#[test]
fn what_alma_writes_has_no_script() {
    let number = "990017782740205171 ";
    let record =
        "N LDR   01424nam a2200313 a 4500\nN 008   L 19\nN 24510 $$aTitle :$$bx\nN 500\nN 903   $$aL 1\n"
            .replace("N ", number);
    for may_copy in [true, false] {
        let (fields, codes) = made(&in_arena(record.as_bytes(), may_copy));
        let expected = ["01424nam a2200313 a 4500", "008=19", "245 10|aTitle :|bx", "500   ", "903   |aL 1"];
        assert_eq!(
            (fields.as_slice(), codes),
            (&expected.map(str::to_owned)[..], vec![Code::IndicatorMissing])
        );
    }
}

#[test]
fn what_is_odd_is_named() {
    use Code::*;
    for (lines, expected, code) in [
        ("N 24510 L $$aTi\ntle\n", "245 10|aTitle", Unexpected),
        ("N 24510 $$aTitle\n", "245 10|aTitle", Unexpected),
        ("N 24510L$$aTitle\n", "245 10L|aTitle", Unexpected),
        ("N 245é0 L $$aTitle\n", "245  0|aTitle", CodeLength),
        ("N 24510 L $$a\x1Fb\n", "245 10|a\u{FFFD}b", Character),
        ("N 24510 L $$\tx\n", "245 10|\tx", CodeLength),
        ("N 24510 L $$aTi\n00000x001 500   L $$ax\n", "245 10|aTi00000x001 500   L |ax", Unexpected),
    ] {
        let (fields, codes) = of_fields(lines);
        assert_eq!(
            (fields.as_slice(), codes.as_slice()),
            (&[expected.to_owned()][..], &[code][..]),
            "{lines}"
        );
    }
    for tag in ["2é5", "2\t5"] {
        assert_eq!(
            of_fields(&format!("N 001   L 1\nN {tag}10 L $$ax\n")),
            (vec!["001=1".into()], vec![EntryTag])
        );
    }
    for (leader, expected, codes) in [
        ("00000nam^a22^^^^^^a4500", "00000nam a22      a4500 ", [LeaderLength, NoFields]),
        ("00000nam^^22^^^^^uu^4500^", "00000nam  22     uu 4500", [LeaderLength, NoFields]),
    ] {
        let (fields, found) = made(&in_arena(format!("000000001 LDR   L {leader}\n").as_bytes(), true));
        assert_eq!((fields[0].as_str(), found), (expected, codes.to_vec()));
    }
}

#[test]
fn a_source_is_recognised_by_its_first_lines() {
    for text in [
        "000000001 LDR   L 00000nam^a2200000",
        "000000001 FMT   L BK\nand so on\n",
        "000000001 24510 H $$aTitle\n000000001 500   L\n",
        "990017782740205171 005   20200506174931.0\n",
        "990017782740205171 24510 $$aTitle\r\n990017782740205171 035   $$a1\r\n",
    ] {
        assert!(is_aleph(text.as_bytes()), "{text}");
    }
    for text in [
        "",
        "000000001",
        "000000001 245",
        "00000001 24510 L $$aTitle\n",
        "0000000001 24510 L $$aTitle\n",
        "000000001 24510 $$aTitle\n",
        "990017782740205171 24510 $$aTitle",
        "990017782740205171 24510 $$aTitle\nand so on\n",
        "9900177827402051711 24510 $$aTitle\n",
        "123456789 and so on\n",
    ] {
        assert!(!is_aleph(text.as_bytes()), "{text}");
    }
}

/// Pieces that records are made of.
fn line() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        8 => "[a-zé \\^]{0,40}",
        1 => "[\\t\u{1}\u{1F}\u{7F}\r]{1,3}",
        1 => prop::sample::select(vec!["$", "$$", "\n", "\n00000001 500   L $$a"]).prop_map(str::to_owned),
    ];
    let value = prop::collection::vec(text, 0..4).prop_map(|texts| texts.concat());
    let tag = prop_oneof![8 => "[0-9]{3}", 2 => "00[0-9]", 1 => "FMT|LDR|CAT", 1 => "[0-9A-Zé -]{1,4}"];
    let indicators = prop_oneof![8 => "[0-9 -]{2}", 1 => "[0-9é$]{0,2}"];
    let script =
        prop_oneof![8 => Just(" L "), 1 => Just(" H "), 1 => Just(" "), 1 => Just(""), 1 => Just(" L")];
    let subfields =
        prop::collection::vec(("\\$\\$[a-z0-9]", value).prop_map(|(code, text)| code + &text), 0..4);
    let stray = prop_oneof![8 => Just(String::new()), 1 => "[a-z]{1,3}"];
    (tag, indicators, script, stray, subfields).prop_map(|(tag, indicators, script, stray, subfields)| {
        format!("N {tag}{indicators}{script}{stray}{}\n", subfields.concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn copying_a_field_changes_nothing(
        lines in prop::collection::vec(line(), 0..6),
        number in prop::sample::select(vec!["000000001 ", "990017782740205171 "]),
        (at, length, with) in (any::<prop::sample::Index>(), 0..3usize, prop::collection::vec(any::<u8>(), 0..3)),
        is_damaged in any::<bool>(),
    ) {
        let mut record = format!("{LEADER}{}", lines.concat()).replace("N ", number).into_bytes();
        if is_damaged {
            let at = at.index(record.len());
            record.splice(at..(at + length).min(record.len()), with);
        }
        let [copied, exact] = [true, false].map(|may_copy| in_arena(&record, may_copy));
        prop_assert_eq!(made(&copied), made(&exact), "{}", String::from_utf8_lossy(&record));
        prop_assert_eq!(&copied.places, &exact.places);
        prop_assert_eq!(copied.written(), exact.written());
    }
}
