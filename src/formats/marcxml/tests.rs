//! The quick way and the exact one give the same, and the exact one what XML says.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::{Code, Severity};
use crate::formats::arena::tests::made;
use crate::iso2709::Entry;

const LEADER: &str = "<leader>00000nam a2200000 a 4500</leader>";

fn parsed(record: &str) -> (Vec<String>, Vec<Code>) {
    let mut arena = Arena::default();
    parse::parse(record.as_bytes(), &mut arena);
    let (mut fields, codes) = made(&arena);
    (fields.split_off(1), codes)
}

fn of_field(field: &str) -> (Vec<String>, Vec<Code>) {
    parsed(&format!("<record>{LEADER}{field}</record>"))
}

#[test]
fn a_field_is_what_xml_says() {
    for (field, expected) in [
        ("<controlfield tag='001'>a &amp; b</controlfield>", "001=a & b"),
        ("<controlfield tag=\"FMT\">BK</controlfield>", "FMT=BK"),
        ("<datafield tag='001' ind1=' ' ind2='0'><subfield code='a'>x</subfield></datafield>", "001  0|ax"),
        (
            "<datafield ind2='0' tag='245' ind1='1'><subfield code='a'><![CDATA[A & B]]> C</subfield></datafield>",
            "245 10|aA & B C",
        ),
        (
            "<datafield tag='245' ind1='1' ind2='0'><subfield code='a'>A<!-- x -->B<?y?></subfield></datafield>",
            "245 10|aAB",
        ),
        (
            "<datafield tag='245' ind1='1' ind2='0'><subfield code='a'>&#233;&#x10FFFF;\r\n&#13;</subfield></datafield>",
            "245 10|aé\u{10FFFF}\n\r",
        ),
        ("<datafield tag='245' ind1='1' ind2='0'> <subfield code='é'/> </datafield>", "245 10|é"),
        (
            "<datafield tag='245' ind1='&quot;' ind2='0'><subfield code='&lt;'> </subfield></datafield>",
            "245 \"0|< ",
        ),
    ] {
        assert_eq!(of_field(field), (vec![expected.to_owned()], vec![]), "{field}");
    }
}

#[test]
fn what_is_odd_is_named() {
    use Code::*;
    let data = |inner: &str| format!("<datafield tag='245' ind1='1' ind2='0'>{inner}</datafield>");
    for (field, expected, code) in [
        (
            "<datafield tag='245' ind2=''><subfield code='a'>x</subfield></datafield>".into(),
            "245   |ax",
            IndicatorMissing,
        ),
        (data("<subfield code='a'>x<b>y</b>z</subfield>"), "245 10|axz", Unexpected),
        (data("<subfield code='a'>x\u{1}y</subfield>"), "245 10|ax\u{FFFD}y", Character),
        (data("<subfield code='a'>x&#31;y</subfield>"), "245 10|ax\u{FFFD}y", Character),
        (data("<subfield code='a'>x&#xD800;\u{FFFF}</subfield>"), "245 10|ax\u{FFFD}\u{FFFD}", Character),
        (data("<subfield>x</subfield>"), "245 10|x", CodeMissing),
        (data("<subfield code=''>x</subfield>"), "245 10|x", CodeMissing),
        (data("<subfield code='ab'>x</subfield>"), "245 10|abx", CodeLength),
        ("<datafield tag='245' ind1='12' ind2='é'/>".into(), "245   ", CodeLength),
        ("<controlfield tag='001' ind1='1'>x</controlfield>".into(), "001=x", Unexpected),
        ("text<controlfield tag='001'>x</controlfield>".into(), "001=x", Unexpected),
        (format!("{LEADER}<controlfield tag='001'>x</controlfield>"), "001=x", Unexpected),
    ] {
        let (fields, codes) = of_field(&field);
        assert_eq!(fields, [expected], "{field}");
        assert_eq!(codes, [code], "{field}");
    }
    // Whoever reads the field sees what is loose in it.
    let loose = of_field(&data("loose <subfield code='a'>x</subfield>tail"));
    assert_eq!(loose, (vec!["245 10loose tail|ax".to_owned()], vec![]));
    for field in ["<controlfield>x</controlfield>", "<datafield ind1='1' ind2='0'/>"] {
        assert_eq!(of_field(field), (vec![], vec![TagMissing]), "{field}");
    }
    for tag in ["42", "98765", "24\u{E9}", "", " "] {
        let (_, codes) = of_field(&format!("<controlfield tag='{tag}'>x</controlfield>"));
        assert_eq!(codes[0], EntryTag, "{tag}");
    }
    assert_eq!(parsed("<record/>"), (vec![], vec![LeaderMissing, NoFields]));
}

#[test]
fn what_is_no_xml_is_a_fatal_finding() {
    for field in [
        "<controlfield tag='001'>x",
        "<controlfield tag='001'>x</controlfeld>",
        "<controlfield tag='001'>&x;</controlfield>",
        "<controlfield tag='001'>& x</controlfield>",
        "<controlfield tag='001'>&#x;</controlfield>",
        "<controlfield tag='001'>&#1a;</controlfield>",
        "<controlfield tag='001'>]]></controlfield>",
        "<controlfield tag='001' tag='002'>x</controlfield>",
        "<controlfield tag='001'id='x'>x</controlfield>",
        "<controlfield tag=001>x</controlfield>",
        "<controlfield tag='0<1'>x</controlfield>",
        "<controlfield tag='&lt'>x</controlfield>",
        "<!-- a -- b -->",
        "<![CDATA[",
        "<!DOCTYPE x>",
        "<1/>",
        "<a&b/>",
        "</record><record>",
        "</record>text<record>",
    ] {
        let mut arena = Arena::default();
        parse::parse(format!("<record>{LEADER}{field}</record>").as_bytes(), &mut arena);
        let record = arena.records().next().unwrap();
        assert!(record.view().is_none(), "{field}: {:?}", made(&arena));
        let last = record.findings().last().unwrap();
        assert_eq!((last.code, last.severity), (Code::Syntax, Severity::Fatal), "{field}: {last}");
        let mut arena = Arena::default();
        assert!(
            !Scanner::default().scan(format!("<record>{LEADER}{field}</record>").as_bytes(), &mut arena),
            "{field}"
        );
    }
}

#[test]
fn leaders_are_24_characters() {
    let leader = |text: &str| {
        let mut arena = Arena::default();
        parse::parse(
            format!("<record><leader>{text}</leader><controlfield tag='001'/></record>").as_bytes(),
            &mut arena,
        );
        let record = arena.records().next().unwrap();
        let found: Vec<_> = record.findings().iter().map(|it| (it.code, it.severity)).collect();
        (made(&arena).0[0].clone(), found)
    };
    let short = (Code::LeaderLength, Severity::Warning);
    assert_eq!(leader("00000nam a2200000 a 4500").1, []);
    assert_eq!(leader("00000nam a2200000 a"), ("00000nam a2200000 a     ".into(), vec![short]));
    assert_eq!(leader("00000nam a2200000 a 4500  ").1, [short]);
    assert_eq!(leader("00000nam a2200000 a 450045").1, [(Code::LeaderLength, Severity::Repaired)]);
    assert_eq!(leader("00000nam\u{E9}a2200000 a 4500").1, [(Code::LeaderBytes, Severity::Warning)]);
}

#[test]
fn bytes_that_are_not_utf_8_stay_what_they_are() {
    let record = [
        b"<record>".as_slice(),
        LEADER.as_bytes(),
        b"<controlfield tag='001'>\xE9</controlfield><controlfield tag='002'>\xC3\xA9</controlfield></record>",
    ]
    .concat();
    let mut arena = Arena::default();
    translate(&record, std::iter::once(&record[..]), &mut arena);
    let record_of = arena.records().next().unwrap();
    let view = record_of.view().unwrap();
    assert_eq!(
        view.fields().map(|field| field.bytes().to_vec()).collect::<Vec<_>>(),
        [&b"\xE9"[..], b"\xC3\xA9"]
    );
    let second: &Entry = &view.entries()[1];
    assert_eq!(
        record_of.place_of(second.start.into()),
        memmem::rfind(&record, b"<controlfield").unwrap() as u64
    );
}

#[test]
fn the_declaration_names_the_encoding() {
    let named = |text: &str| declared_encoding(text.as_bytes()).map(str::to_owned);
    assert_eq!(named("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>").as_deref(), Some("UTF-8"));
    assert_eq!(
        named("\u{FEFF}<?xml version='1.0' encoding = 'windows-1250' ?>").as_deref(),
        Some("windows-1250")
    );
    assert_eq!(named("<?xml version='1.0'?><a encoding='UTF-8'/>"), None);
    assert_eq!(named("<a/>"), None);
}

/// Pieces that records are made of: of what programs write, what XML allows, and what it does not.
fn piece() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        8 => "[a-zé ]{0,40}",
        1 => "[\\t\\n\\r&<>\"'\u{1}\u{FFFF}\u{FFFD}\\]]{1,3}",
        2 => prop::sample::select(vec!["&amp;", "&lt;", "&#233;", "&x;", "]]>", "<![CDATA[<]]>", "<!-- a -->", "<!-- -- -->"])
            .prop_map(str::to_owned),
    ];
    let text = prop::collection::vec(text, 0..4).prop_map(|texts| texts.concat());
    let tag = prop_oneof![8 => "[0-9]{3}", 1 => "[0-9A-Z é&<\"']{0,4}"];
    let one = || prop_oneof![8 => "[ 0-9a-z]", 1 => "[ -~é]{0,2}"];
    let subfield =
        (one(), text.clone()).prop_map(|(code, text)| format!("<subfield code=\"{code}\">{text}</subfield>"));
    let subfields = prop::collection::vec(subfield, 0..4).prop_map(|all| all.join("\n    "));
    let control = (tag.clone(), text)
        .prop_map(|(tag, text)| format!("<controlfield tag=\"{tag}\">{text}</controlfield>"));
    let data = (tag, one(), one(), subfields, 0..4usize).prop_map(|(tag, ind1, ind2, subfields, order)| {
        let attributes = match order {
            0 => format!("ind1=\"{ind1}\" ind2=\"{ind2}\" tag=\"{tag}\""),
            1 => format!("tag='{tag}' ind1='{ind1}' ind2='{ind2}'"),
            _ => format!("tag=\"{tag}\" ind1=\"{ind1}\" ind2=\"{ind2}\""),
        };
        format!("<datafield {attributes}>\n    {subfields}\n  </datafield>")
    });
    prop_oneof![
        2 => control,
        6 => data,
        1 => prop::sample::select(vec!["\n", " <!-- c -->", "<x/>", "\r\n", "loose"]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_quick_way_and_the_exact_one_agree(
        start in prop::sample::select(vec!["<record>", "<m:record>", "<record xmlns=\"x\" type=\"y\">", "<record a=\"b\">"]),
        leader in prop_oneof![8 => Just(LEADER), 1 => Just(""), 1 => Just("<leader>short</leader>")],
        pieces in prop::collection::vec(piece(), 0..6),
        (at, length, with) in (any::<prop::sample::Index>(), 0..3usize, "[<>&\"'/ a\\r]{0,2}"),
        is_damaged in any::<bool>(),
    ) {
        let mut record = format!("<record>{leader}{}</record>", pieces.concat());
        if start.starts_with("<m:") {
            record = record.replace('<', "<m:").replace("<m:/", "</m:").replace("<m:!", "<!");
        } else {
            record = record.replacen("<record>", start, 1);
        }
        let mut record = record.into_bytes();
        if is_damaged {
            let at = at.index(record.len());
            record.splice(at..(at + length).min(record.len()), with.bytes());
        }
        let (mut quick, mut exact) = (Arena::default(), Arena::default());
        if Scanner::default().scan(&record, &mut quick) {
            parse::parse(&record, &mut exact);
            let text = String::from_utf8_lossy(&record).into_owned();
            if simdutf8::basic::from_utf8(&record).is_ok() && memmem::find(&record, b"\xEF\xBF").is_none() {
                prop_assert_eq!(made(&quick), made(&exact), "{}", text);
                let places = |arena: &Arena| arena.places.clone();
                prop_assert_eq!(places(&quick), places(&exact), "{}", text);
            }
        } else {
            prop_assert_eq!(quick.written, 0);
        }
    }
}
