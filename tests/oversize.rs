//! Records of any size are written when recovery is asked for, and recovered as they were.

// `clippy.toml` allows it in tests, but not in what they share.
#![allow(clippy::unwrap_used)]

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use mrrc::internals::iso2709::oversize::{Encoder, Oversize};
use mrrc::{Options, Policy, Scan, Source};
use proptest::prelude::*;

const LEADER: &[u8; 24] = b"00000nam a2200000 a 4500";

fn fields(lengths: &[usize]) -> Vec<(&'static str, String)> {
    let number = ("001", "A1".to_owned());
    let notes = lengths.iter().map(|length| ("500", format!("  \x1fa{}", "x".repeat(*length))));
    std::iter::once(number).chain(notes).collect()
}

/// The lengths of the notes of each record, and how often something was repaired.
fn read(bytes: Vec<u8>) -> (Vec<Vec<usize>>, u64) {
    let options = Options::default().on_error(Policy::Recover);
    let mut batches = Scan::new(Source::bytes(bytes)).with_options(options).unwrap().batches();
    let mut records = Vec::new();
    while let Some(batch) = batches.next_batch().unwrap() {
        records.extend((0..batch.num_rows()).map(|row| notes(&batch, row)));
    }
    let counts = batches.accounts().counts();
    assert_eq!(counts.rejected + counts.gaps, 0);
    (records, counts.repaired)
}

fn notes(batch: &RecordBatch, row: usize) -> Vec<usize> {
    let fields = batch.column_by_name("fields").unwrap().as_list::<i32>().value(row);
    let subfields = fields.as_struct().column_by_name("subfields").unwrap().as_list::<i32>().clone();
    let of_field = |field| {
        let values = subfields.value(field);
        values.as_struct().column_by_name("value").unwrap().as_string::<i32>().value(0).len()
    };
    (1..subfields.len()).map(of_field).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_too_long_is_recovered(
        records in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(0usize..300, 0..5),
                prop::collection::vec(prop_oneof![0usize..300, 9_990usize..10_010, 0usize..60_000], 0..30),
                prop::collection::vec(0usize..4, 8_300..9_000),
            ],
            1..4,
        ),
    ) {
        let mut bytes = Vec::new();
        for lengths in &records {
            Encoder::new(LEADER).oversize(Oversize::Saturate).encode(&fields(lengths), &mut bytes).unwrap();
        }
        let mut strict = Vec::new();
        let long = records.iter().filter(|lengths| {
            Encoder::new(LEADER).encode(&fields(lengths), &mut strict).is_err()
        });
        let long = long.count() as u64;
        prop_assert_eq!(read(bytes), (records, long));
    }
}
