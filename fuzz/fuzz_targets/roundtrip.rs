//! What was delivered can be written and read again: the same columns, and nothing worth more than a warning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mrrc::internals::iso2709::encode::encode;
use mrrc::{Encoding, Options, Policy, Source, WriteError};
use mrrc_fuzz::rows::{self, Row};
use mrrc_fuzz::{Outcome, Setting, in_blocks};

/// Columns say nothing of how a record is laid out, so only MARC's own layout comes back.
fn is_laid_out_as_marc(row: &Row) -> bool {
    let leader: Vec<char> = row.leader.chars().collect();
    let two_indicators = !matches!(leader[10], '1' | '3' | '4') && leader[10..12] != ['0', '0'];
    let bytes_are_characters = |text: &String| text.is_ascii() && !text.contains('\u{1f}');
    two_indicators && row.fields.iter().all(|it| it.indicators.iter().flatten().all(bytes_are_characters))
}

/// The record in UTF-8.
fn write(row: &Row, out: &mut Vec<u8>) -> Result<(), WriteError> {
    // A character of the leader is a byte of it.
    let mut leader = [b' '; 24];
    leader.iter_mut().zip(row.leader.chars()).for_each(|(byte, character)| *byte = character as u8);
    leader[9] = b'a';
    encode(&leader, row.fields.iter().map(|field| (&field.tag, field.bytes())), out)
}

/// The row but for what the encoder makes anew.
fn comparable(row: &Row) -> Row {
    let leader: Vec<char> = row.leader.chars().collect();
    assert_eq!(leader.len(), 24);
    Row { leader: leader[5..9].iter().chain(&leader[17..20]).collect(), ..row.clone() }
}

fuzz_target!(|input: &[u8]| {
    let Some((setting, bytes)) = Setting::of(input) else { return };
    for policy in [Policy::Recover, Policy::Skip, Policy::Raise] {
        let options = setting.options(Encoding::Declared).on_error(policy);
        let outcome = Outcome::of(Source::bytes(bytes.to_vec()), &options);
        if policy == setting.policy && setting.reads_a_stream() {
            outcome.assert_same(&Outcome::of(in_blocks(bytes, setting.block), &options));
        }
        let mut written = Vec::new();
        let mut rows = rows::of(&outcome.batches);
        rows.retain(|row| is_laid_out_as_marc(row) && write(row, &mut written).is_ok());

        let again = Outcome::of(Source::bytes(written), &Options::default().threads(1));
        if let Some(error) = again.error {
            panic!("{policy:?}: {error}");
        }
        assert_eq!(again.account.counts.bytes_delivered, again.account.counts.bytes());
        let again = rows::of(&again.batches);
        let comparable = |rows: &[Row]| rows.iter().map(comparable).collect::<Vec<_>>();
        assert_eq!(comparable(&again), comparable(&rows), "{policy:?}");
    }
});
