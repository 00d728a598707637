use std::sync::Arc;

use arrow_schema::Schema;
use proptest::prelude::*;

use super::super::fields::Fields;
use super::super::nested::Nested;
use super::super::subfields::Subfields;
use super::*;
use crate::charset::Charset;
use crate::iso2709::encode::encode;
use crate::iso2709::{Entries, directory};
use crate::notation::Tags;
use crate::options::{Dialect, Encoding};
use crate::record::reading::Rules;

const LEADER: &[u8; 24] = b"00000nam a2200000 a 4500";

/// How records are read.
#[derive(Clone, Copy, Debug)]
struct Read {
    encoding: Encoding,
    dialect: Dialect,
}

const AS_DECLARED: Read = Read { encoding: Encoding::Declared, dialect: Dialect::Marc21 };

impl Read {
    fn record<R>(self, bytes: &[u8], then: impl FnOnce(&Reading<'_>) -> R) -> R {
        let mut entries = Entries::new();
        assert!(directory::sound(bytes, &mut entries));
        let record = RecordView::new(bytes, &entries).unwrap();
        let Read { encoding, dialect } = self;
        then(&Reading::new(record, Rules::Standard { encoding, dialect, references: true }))
    }
}

fn growing<S: Shape>(select: Select) -> Growing<S> {
    with_options(&Options::default().select(select))
}

fn with_options<S: Shape>(options: &Options) -> Growing<S> {
    let is_wanted = |column: &Field| options.columns.select.wants(column.name());
    let wanted: Vec<_> = S::columns().into_iter().filter(is_wanted).collect();
    Growing::new(options, Arc::new(Schema::new(wanted)), 1000, 1)
}

fn batch<S: Shape>(growing: Growing<S>) -> RecordBatch {
    match Box::new(growing).finish().unwrap() {
        Outcome::Rows(batch) => batch,
        _ => unreachable!("a layout makes rows"),
    }
}

fn encoded<T: AsRef<[u8]>, F: AsRef<[u8]>>(leader: &[u8; 24], fields: &[(T, F)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(leader, fields.iter().map(|(tag, field)| (tag, field)), &mut bytes).unwrap();
    bytes
}

/// Whether the quick way takes a record; if it does, it has to append what the exact way does.
fn is_plain<S: Shape>(read: Read, bytes: &[u8]) -> bool {
    let (mut quick, mut exact) = (growing::<S>(Select::All), growing::<S>(Select::All));
    let (is_plain, findings) =
        read.record(bytes, |reading| (quick.push_plain(reading), exact.push_exactly(reading)));
    let (quick, exact) = (batch(quick), batch(exact));
    if is_plain {
        assert_eq!(findings, [], "the quick way would say nothing");
        assert_eq!(quick, exact);
    } else {
        assert_eq!(quick.num_rows(), 0);
    }
    is_plain
}

fn a_column_is_the_same_in_any_selection<S: Shape>(read: Read, records: &[Vec<u8>]) {
    let read = |select: Select| {
        let mut growing = growing::<S>(select);
        let mut rows = 0;
        for record in records {
            rows += read.record(record, |reading| growing.push(reading).rows);
        }
        let batch = batch(growing);
        assert_eq!(batch.num_rows(), rows);
        batch
    };
    let all = read(Select::All);
    for name in S::COLUMNS {
        let only = read(Select::Some(vec![(*name).to_owned()]));
        assert_eq!(only.columns(), std::slice::from_ref(all.column_by_name(name).unwrap()), "{name}");
    }
    assert_eq!(read(Select::Some(Vec::new())).num_rows(), all.num_rows());
}

/// Whichever way a record goes, the same fields of it are kept.
fn both_ways_keep_the_same_fields<S: Shape>(read: Read, bytes: &[u8]) {
    let options = Options::default().tags("0.., 5.5, 9..".parse::<Tags>().unwrap());
    let (mut quick, mut exact) = (with_options::<S>(&options), with_options::<S>(&options));
    read.record(bytes, |reading| (quick.push(reading), exact.push_exactly(reading)));
    assert_eq!(batch(quick), batch(exact));
    let rows = options.clone().select(Select::Some(Vec::new()));
    let (mut without, mut with) = (with_options::<S>(&rows), with_options::<S>(&options));
    let counts = read.record(bytes, |reading| (without.push(reading).rows, with.push(reading).rows));
    assert_eq!(counts.0, counts.1);
}

fn what_is_taken_back_leaves_no_trace<S: Shape>() {
    let plain = encoded(LEADER, &[("001", &b"kept"[..]), ("245", b"10\x1faTitle")]);
    let odd: [(_, &[u8]); 4] = [
        ("001", b"odd"),
        ("245", b"1\xc3\x1faT\xfftle\x1f\xc3\xa9wide"),
        ("500", b"  no subfield"),
        ("500", b"  "),
    ];
    let odd = encoded(LEADER, &odd);
    let (mut with, mut without) = (growing::<S>(Select::All), growing::<S>(Select::All));
    for _ in 0..2 {
        assert_eq!(AS_DECLARED.record(&plain, |reading| with.push(reading)).findings, []);
        assert_ne!(AS_DECLARED.record(&odd, |reading| with.push(reading)).findings, []);
        with.undo();
        AS_DECLARED.record(&plain, |reading| without.push(reading));
    }
    assert_eq!(batch(with), batch(without));
}

#[test]
fn in_no_layout_does_what_is_taken_back_leave_a_trace() {
    what_is_taken_back_leaves_no_trace::<Nested>();
    what_is_taken_back_leaves_no_trace::<Fields>();
    what_is_taken_back_leaves_no_trace::<Subfields>();
}

#[test]
fn a_plain_record_goes_the_quick_way() {
    let long = "10\u{1f}a".to_owned() + &"Überlänge ".repeat(30);
    let fields = [
        ("001", "A1"),
        ("245", "  \u{1f}aone\u{1f}b\u{1f}ctwo"),
        ("9XX", &long),
        ("003", "behind data"),
        ("880", "1 \u{1f}6245-01\u{1f}a日本語"),
    ];
    let bytes = encoded(LEADER, &fields);
    assert!(is_plain::<Nested>(AS_DECLARED, &bytes));
    assert!(is_plain::<Fields>(AS_DECLARED, &bytes));
    assert!(is_plain::<Subfields>(AS_DECLARED, &bytes));
}

fn field() -> impl Strategy<Value = (String, Vec<u8>)> {
    let tag = prop_oneof![8 => "[0-9]{3}", 2 => "00[1-9]", 1 => "[A-Z]{3}", 1 => "[!-~]{3}"];
    let indicators = prop_oneof![8 => "[0-9 ]{2}", 1 => "[0-9 é]{0,4}"];
    let subfield = prop_oneof![
        8 => "\u{1f}[a-z0-9][ -~]{0,20}",
        4 => "\u{1f}[a-z0-9][a-zéü日本]{0,90}",
        1 => "\u{1f}[A-Zé]?[a-z]{0,3}",
    ];
    (tag, indicators, proptest::collection::vec(subfield, 0..5))
        .prop_map(|(tag, indicators, subfields)| (tag, (indicators + &subfields.concat()).into_bytes()))
}

/// A record, and how it is read.
fn record() -> impl Strategy<Value = (Vec<u8>, Read)> {
    let leader = prop_oneof![
        8 => Just(LEADER),
        2 => Just(b"00000nam  2200000 a 4500"),
        1 => Just(b"00000nam x2200000 a 4500"),
    ];
    let encoding = prop_oneof![
        4 => Just(Encoding::Declared),
        2 => Just(Encoding::Auto),
        1 => Just(Encoding::Named(Charset::ISO_5426)),
    ];
    let dialect = prop_oneof![
        4 => Just((Dialect::Marc21, None)),
        4 => "(50  |5050|0103|0102|0201|01  |01)( {4})?".prop_map(|codes| (Dialect::Unimarc, Some(codes))),
    ];
    let damage = proptest::option::weighted(0.2, any::<(prop::sample::Index, prop::sample::Index, u8)>());
    let fields = proptest::collection::vec(field(), 1..8);
    (fields, leader, encoding, dialect, damage).prop_map(
        |(mut fields, leader, encoding, (dialect, codes), damage)| {
            if let Some(codes) = codes {
                let general = format!("  \u{1f}a20010101d2001    m  y0frey{codes}");
                fields.insert(0, ("100".into(), general.into_bytes()));
            }
            if let Some((field, place, byte)) = damage {
                let field = field.index(fields.len());
                let bytes = &mut fields[field].1;
                if !bytes.is_empty() && byte != 0x1D && byte != 0x1E {
                    let place = place.index(bytes.len());
                    bytes[place] = byte;
                }
            }
            (encoded(leader, &fields), Read { encoding, dialect })
        },
    )
}

proptest! {
    #[test]
    fn both_ways_give_the_same_columns((bytes, read) in record()) {
        is_plain::<Nested>(read, &bytes);
        is_plain::<Fields>(read, &bytes);
        is_plain::<Subfields>(read, &bytes);
    }

    #[test]
    fn both_ways_keep_the_same((bytes, read) in record()) {
        both_ways_keep_the_same_fields::<Nested>(read, &bytes);
        both_ways_keep_the_same_fields::<Fields>(read, &bytes);
        both_ways_keep_the_same_fields::<Subfields>(read, &bytes);
    }

    #[test]
    fn a_column_is_the_same_whichever_others_are_selected((first, read) in record(), (second, _) in record()) {
        let records = [first, second];
        a_column_is_the_same_in_any_selection::<Nested>(read, &records);
        a_column_is_the_same_in_any_selection::<Fields>(read, &records);
        a_column_is_the_same_in_any_selection::<Subfields>(read, &records);
    }
}
