use proptest::prelude::*;

use super::*;
use crate::forms::text::{MarcInJson, MarcMaker, Marcxml};
use crate::iso2709::encode::encode;
use crate::iso2709::{Entries, RecordView, directory};
use crate::options::{Dialect, Encoding};
use crate::record::reading::Rules;

const FORMS: [TextForm; 4] = [TextForm::Marcxml, TextForm::Json, TextForm::JsonArray, TextForm::Mrk];

fn encoded(leader: &[u8; 24], fields: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(leader, fields.iter().map(|(tag, field)| (tag, field)), &mut bytes).unwrap();
    bytes
}

/// A record whose text is in the encoding that it declares.
fn read<R>(bytes: &[u8], then: impl FnOnce(&Reading<'_>) -> R) -> R {
    let mut entries = Entries::new();
    assert!(directory::sound(bytes, &mut entries));
    let record = RecordView::new(bytes, &entries).unwrap();
    let (encoding, dialect) = (Encoding::Declared, Dialect::Marc21);
    then(&Reading::new(record, Rules::Standard { encoding, dialect, references: true }))
}

fn texts(form: TextForm, options: &Options) -> Texts {
    Texts::new(form, true, Arc::new(options.clone()), 1000)
}

/// Whether the quick way takes a record; if it does, it has to write what the exact way does, and nothing is odd.
fn is_quick(form: TextForm, options: &Options, bytes: &[u8]) -> bool {
    let (mut quick, mut exact) = (texts(form, options), texts(form, options));
    read(bytes, |reading| {
        let is_quick = in_form!(form, F => quick.push_plain::<F>(reading));
        let pushed = exact.push_exactly(reading);
        if is_quick {
            // What is odd in fields that are left out is told by the exact way alone.
            assert!(pushed.findings.is_empty() || options.columns.tags.is_some(), "{:?}", pushed.findings);
            assert_eq!(exact.copied.refusals, []);
            assert_eq!(String::from_utf8(quick.copied.bytes), String::from_utf8(exact.copied.bytes));
        } else {
            assert_eq!(quick.copied.bytes, b"");
        }
        is_quick
    })
}

fn field() -> impl Strategy<Value = (String, Vec<u8>)> {
    let tag = prop_oneof![8 => "[0-9]{3}", 2 => "00[1-9]", 1 => "[A-Z]{3}", 1 => "[!-~]{3}"];
    let indicators = prop_oneof![8 => "[0-9 ]{2}", 1 => "[ -~]{2}", 1 => "[0-9 é]{0,4}"];
    let subfield = prop_oneof![
        8 => "\u{1f}[a-z0-9][ -~]{0,20}",
        4 => "\u{1f}[a-z0-9][a-zéü日本]{0,90}",
        4 => "\u{1f}[a-z][a&<>\"\\\\${}]{0,9}",
        1 => "\u{1f}[a-z][a\u{fffe}\u{ffff}\u{85}\u{2028}\u{fb01}\u{7f}]{0,4}",
        1 => "\u{1f}[A-Zé]?[\\x00-\\x1ca-z]{0,3}",
    ];
    (tag, indicators, proptest::collection::vec(subfield, 0..5))
        .prop_map(|(tag, indicators, subfields)| (tag, (indicators + &subfields.concat()).into_bytes()))
}

fn record() -> impl Strategy<Value = Vec<u8>> {
    let leader = prop_oneof![
        8 => Just(b"00000nam a2200000 a 4500"),
        2 => Just(b"00000nam  2200000 a 4500"),
        1 => Just(b"00000n&m a2200000 \\ 4500"),
        1 => Just(b"00000n\x01m a2200000 a 4500"),
    ];
    (leader, proptest::collection::vec(field(), 1..8)).prop_map(|(leader, fields)| encoded(leader, &fields))
}

proptest! {
    #[test]
    fn both_ways_write_the_same(bytes in record()) {
        let some = Options::default().tags("0.., 5.5, 9..".parse::<crate::Tags>().unwrap());
        for form in FORMS {
            is_quick(form, &Options::default(), &bytes);
            is_quick(form, &some, &bytes);
        }
    }
}

#[test]
fn a_usual_record_goes_the_quick_way() {
    let title = "10\u{1f}aSense & <sense>ibility :\u{1f}b\"a\" {novel}, \\ for $2 /\u{1f}c日本 ﬁ".to_owned();
    let fields = [("001", "A 1".to_owned()), ("245", title), ("500", format!("  \u{1f}a{}", "é".repeat(90)))];
    let fields = fields.map(|(tag, field)| (tag.to_owned(), field.into_bytes()));
    let bytes = encoded(b"00000nam a2200000 a 4500", &fields);
    for form in FORMS {
        assert!(is_quick(form, &Options::default(), &bytes), "{form:?}");
    }
}

#[test]
fn what_is_taken_back_leaves_no_trace() {
    let [one, odd] = ["x", "text\u{1f}a\u{fffe}\u{85}"]
        .map(|it| encoded(b"00000nam a2200000 a 4500", &[("500".into(), format!("  {it}").into_bytes())]));
    for form in FORMS {
        let (mut with, mut without) = (texts(form, &Options::default()), texts(form, &Options::default()));
        for _ in 0..2 {
            read(&one, |reading| with.push(reading));
            read(&odd, |reading| with.push(reading));
            with.undo();
            read(&one, |reading| without.push(reading));
        }
        assert_eq!(with.copied.bytes, without.copied.bytes);
        assert_eq!(with.copied.ends, without.copied.ends);
        assert_eq!(with.copied.refusals, without.copied.refusals);
    }
}

/// All characters that begin with a byte that is not marked stand for themselves.
#[test]
fn what_is_not_marked_is_written_as_it_stands() {
    fn check<F: Form>() {
        for character in '\0'..=char::MAX {
            let mut bytes = [0; 4];
            let text = character.encode_utf8(&mut bytes);
            let mut out = Vec::new();
            let is_own = F::spell(character, Place::Value, &mut out) && out == text.as_bytes();
            assert!(is_own || !is_plain::<F>(text.as_bytes()), "{character:?}");
            let padded = format!("{text}{:20}", "");
            assert_eq!(is_plain::<F>(text.as_bytes()), is_plain::<F>(padded.as_bytes()), "{character:?}");
        }
    }
    check::<Marcxml>();
    check::<MarcInJson>();
    check::<MarcMaker>();
}
