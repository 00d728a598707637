//! The quick way and the exact one give the same, and the exact one what JSON says.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::{Code, Severity};
use crate::formats::arena::tests::made;

const LEADER: &str = "\"leader\":\"00000nam a2200000 a 4500\"";

fn parsed(record: &str) -> (Vec<String>, Vec<Code>) {
    let mut arena = Arena::default();
    parse::parse(record.as_bytes(), &mut arena);
    let (mut fields, codes) = made(&arena);
    (fields.split_off(1), codes)
}

fn of_field(field: &str) -> (Vec<String>, Vec<Code>) {
    parsed(&format!("{{{LEADER},\"fields\":[{field}]}}"))
}

fn data(subfields: &str) -> String {
    format!("{{\"245\":{{\"ind1\":\"1\",\"ind2\":\"0\",\"subfields\":[{subfields}]}}}}")
}

#[test]
fn a_field_is_what_json_says() {
    for (field, expected) in [
        (r#"{"001":"a \"b\" \/ \\"}"#.to_owned(), &["001=a \"b\" / \\"][..]),
        (r#"{"FMT":"BK"}"#.into(), &["FMT=BK"]),
        (r#"{"001":{"ind1":" ","ind2":"0","subfields":[{"a":"x"}]}}"#.into(), &["001  0|ax"]),
        (r#"{"035":"1"}"#.into(), &["035=1"]),
        (r#"{"245":{"subfields":[{"a":"x"},{"a":"y"}],"ind2":"0","ind1":"1"}}"#.into(), &["245 10|ax|ay"]),
        (data(r#"{"a":"A\u00e9\ud83d\ude00\n","b":""}"#), &["245 10|aAé\u{1F600}\n|b"]),
        (data(r#"{"a":"x","a":"y"}"#), &["245 10|ax|ay"]),
        (data(r#"{"é":"x"}"#), &["245 10|éx"]),
        (r#"{"001":"x","003":"y"}"#.into(), &["001=x", "003=y"]),
        (r#"{"245":{"ind1":"1","ind2":"0","subfields":{"a":"x","b":"y"}}}"#.into(), &["245 10|ax|by"]),
    ] {
        let expected: Vec<_> = expected.iter().map(|field| (*field).to_owned()).collect();
        assert_eq!(of_field(&field), (expected, vec![]), "{field}");
    }
}

#[test]
fn what_is_odd_is_named() {
    use Code::*;
    for (field, expected, code) in [
        (r#"{"245":{"ind2":"","subfields":[{"a":"x"}]}}"#.to_owned(), "245   |ax", IndicatorMissing),
        (
            r#"{"245":{"ind1":"\\","ind2":"\\","subfields":[{"a":"x"}]}}"#.into(),
            "245   |ax",
            IndicatorMissing,
        ),
        (
            r#"{"245":{"ind1":"1","ind2":"0","tag":"245","subfields":[{"a":"x"}]}}"#.into(),
            "245 10|ax",
            Unexpected,
        ),
        (r#"{"245":{"ind1":"12","ind2":"0","subfields":[]}}"#.into(), "245  0", CodeLength),
        (data("{\"a\":\"x\ty\"}"), "245 10|ax\ty", Character),
        (data(r#"{"a":"x\u001fby"}"#), "245 10|ax\u{FFFD}by", Character),
        (data(r#"{"a":"x\ud83dy"}"#), "245 10|ax\u{FFFD}y", Character),
        (data(r#"{"":"x"}"#), "245 10|x", CodeMissing),
        (data(r#"{"ab":"x"}"#), "245 10|abx", CodeLength),
        (data(r#"{"a":null}"#), "245 10|a", Unexpected),
        (data(r#"{"a":-1.5e3}"#), "245 10|a-1.5e3", Unexpected),
        (data(r#"{"a":["x"]}"#), "245 10|a", Unexpected),
        (data(r#""x""#), "245 10", Unexpected),
        (r#"{"001":12}"#.into(), "001=12", Unexpected),
        (r#"{"001":["x"]}"#.into(), "001=", Unexpected),
    ] {
        let (fields, codes) = of_field(&field);
        assert_eq!(fields, [expected], "{field}");
        assert_eq!(codes, [code], "{field}");
    }
    for tag in ["42", "98765", "24é", "", " "] {
        let (_, codes) = of_field(&format!("{{\"{tag}\":\"x\"}}"));
        assert_eq!(codes[0], EntryTag, "{tag}");
    }
    assert_eq!(parsed("{\"fields\":[]}"), (vec![], vec![LeaderMissing, NoFields]));
    assert_eq!(
        parsed(&format!("{{\"_id\":{{\"a\":[1]}},{LEADER},\"fields\":[{{\"001\":\"x\"}}]}}")).1,
        [Unexpected]
    );
}

#[test]
fn what_is_no_json_is_a_fatal_finding() {
    for field in [
        r#"{"001":"x}"#,
        r#"{"001":x}"#,
        r#"{"001":"x"},"#,
        r#"{"001":"x",}"#,
        r#"{"001" "x"}"#,
        r#"{001:"x"}"#,
        r#"{'001':'x'}"#,
        r#"{"001":"\x"}"#,
        r#"{"001":"\u00g0"}"#,
        r#"{"001":"\u+0e9"}"#,
        r#"{"001":+1}"#,
        r#"{"001":.5}"#,
        r#"{"001":nan}"#,
        r#"{"001":"x"}} {"#,
        r#"{"001":"x"}]"#,
        &"[".repeat(100_000),
    ] {
        let record = format!("{{{LEADER},\"fields\":[{field}]}}");
        let mut arena = Arena::default();
        parse::parse(record.as_bytes(), &mut arena);
        let laid_out = arena.records().next().unwrap();
        assert!(laid_out.view().is_none(), "{field}: {:?}", made(&arena));
        let last = laid_out.findings().last().unwrap();
        assert_eq!((last.code, last.severity), (Code::Syntax, Severity::Fatal), "{field}: {last}");
        assert!(!scan::scan(record.as_bytes(), &mut Arena::default()), "{field}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_stay_what_they_are() {
    let record =
        b"{\"leader\":\"00000nam a2200000 a 4500\",\"fields\":[{\"001\":\"\xE9\"},{\"002\":\"\xC3\xA9\"}]}"
            .to_vec();
    let mut arena = Arena::default();
    translate(&record, std::iter::once(&record[..]), &mut arena);
    let laid_out = arena.records().next().unwrap();
    let view = laid_out.view().unwrap();
    assert_eq!(
        view.fields().map(|field| field.bytes().to_vec()).collect::<Vec<_>>(),
        [&b"\xE9"[..], b"\xC3\xA9"]
    );
    let place = memchr::memmem::find(&record, b"\"002\"").unwrap() as u64;
    assert_eq!(laid_out.place_of(view.entries()[1].start.into()), place);
}

/// Pieces that records are made of: of what programs write, what JSON allows, and what it does not.
fn piece() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        8 => "[a-zé ]{0,40}",
        1 => "[\\t\\n\u{1}\u{1F}\u{FFFF}/']{1,3}",
        2 => prop::sample::select(vec![
            r#"\""#, r"\\", r"\/", r"\n", r"\b", r"\u00e9", r"\uFFFF", r"\ud83d\ude00", r"\ud83d", r"\ude00", r"\ud83d\u0041",
            r"\u001f", r"\u001a", r"\x", r"\u00g0", r"\u12", "\"", "\\", "{", "]",
        ])
        .prop_map(str::to_owned),
    ];
    let text = prop::collection::vec(text, 0..4).prop_map(|texts| texts.concat());
    let tag = prop_oneof![8 => "[0-9]{3}", 1 => "[0-9A-Z é\"]{0,4}"];
    let one = || prop_oneof![8 => "[ 0-9a-z]", 1 => "[ -~é]{0,2}"];
    let subfield = (one(), text.clone()).prop_map(|(code, text)| format!("{{\"{code}\":\"{text}\"}}"));
    let subfields = prop::collection::vec(subfield, 0..4).prop_map(|all| all.join(",\n    "));
    let control = (tag.clone(), text).prop_map(|(tag, text)| format!("{{\"{tag}\": \"{text}\"}}"));
    let data = (tag, one(), one(), subfields, 0..8usize).prop_map(|(tag, ind1, ind2, subfields, order)| {
        let (ind1, ind2) = (format!("\"ind1\":\"{ind1}\""), format!("\"ind2\" : \"{ind2}\""));
        let subfields = format!("\"subfields\":[{subfields}]");
        let members = match order {
            0 => format!("{ind1},{ind1},{ind2},{subfields}"),
            1 => format!("{ind1},{subfields}"),
            2 => format!("{subfields},{ind2},{ind1}"),
            3 => format!("{ind2} , {subfields}\n,{ind1}"),
            4 => format!("{ind1},{ind2},\"x\":1,{subfields}"),
            _ => format!("{ind1},{ind2},{subfields}"),
        };
        format!("{{\"{tag}\":{{{members}}}}}")
    });
    prop_oneof![2 => control, 6 => data, 1 => Just("{}".to_owned()), 1 => Just("[]".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_quick_way_and_the_exact_one_agree(
        members in prop::sample::subsequence(vec![LEADER, LEADER, "FIELDS", "FIELDS", "\"x\": [1]"], 0..=3).prop_shuffle(),
        pieces in prop::collection::vec(piece(), 0..6),
        (at, length, with) in (any::<prop::sample::Index>(), 0..3usize, "[{}\",:\\\\\\[\\] a\\r]{0,2}"),
        is_damaged in any::<bool>(),
    ) {
        let fields = format!("\"fields\" : [ {} ]", pieces.join(","));
        let mut record = format!("{{{}}}", members.join(",").replace("FIELDS", &fields)).into_bytes();
        if is_damaged {
            let at = at.index(record.len());
            record.splice(at..(at + length).min(record.len()), with.bytes());
        }
        let (mut quick, mut exact) = (Arena::default(), Arena::default());
        if std::str::from_utf8(&record).is_ok() && scan::scan(&record, &mut quick) {
            parse::parse(&record, &mut exact);
            let text = String::from_utf8_lossy(&record).into_owned();
            prop_assert_eq!(made(&quick), made(&exact), "{}", text);
            prop_assert_eq!(&quick.places, &exact.places, "{}", text);
        } else {
            prop_assert_eq!(quick.written, 0);
        }
    }

    /// As another reader of JSON judges it.
    #[test]
    fn what_is_json_is_read_and_nothing_else(
        pieces in prop::collection::vec(piece(), 0..4),
        (at, length, with) in (any::<prop::sample::Index>(), 0..3usize, "[{}\",:\\\\\\[\\] a\\r1.-]{0,3}"),
    ) {
        let mut record = format!("{{{LEADER},\"fields\":[{}]}}", pieces.join(",")).into_bytes();
        let at = at.index(record.len());
        record.splice(at..(at + length).min(record.len()), with.bytes());
        if let Ok(text) = std::str::from_utf8(&record) {
            let mut arena = Arena::default();
            parse::parse(&record, &mut arena);
            let findings = arena.records().next().unwrap().findings().to_vec();
            let is_read = findings.iter().all(|finding| finding.code != Code::Syntax);
            let is_odd = findings.iter().any(|finding| finding.code == Code::Character);
            let judged = serde_json::from_str::<serde_json::Value>(text);
            prop_assert!(judged.is_ok() == is_read || is_odd, "{}: {:?} {:?}", text, judged.err(), findings);
        }
    }
}
