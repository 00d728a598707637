//! The crate mrrc 0.9.2, another project of our name: every record by `read_record`, every value visited.
//!
//! Values are decoded to a `String` each. `Permissive` is what its Python package offers by default;
//! the crate's own default stops at the first malformed record.

use std::error::Error;

use mrrc_peer::{MarcReader, Record, RecoveryMode};
use peers::measure::{self, Counts};

fn main() -> Result<(), Box<dyn Error>> {
    measure::run(|bytes| {
        let mut counts = Counts::default();
        let mut reader = MarcReader::new(&bytes[..]).with_recovery_mode(RecoveryMode::Permissive);
        loop {
            match reader.read_record() {
                Ok(Some(record)) => {
                    counts.records += 1;
                    counts.check += bytes_of_values(&record);
                }
                Ok(None) => break,
                Err(_) => {
                    // Whether it can go on from here is not documented: what follows counts as not read.
                    counts.rejected += 1;
                    break;
                }
            }
        }
        counts
    })
}

fn bytes_of_values(record: &Record) -> u64 {
    let control = record.control_fields_iter().map(|(_, value)| value.len() as u64);
    let data = record.fields().flat_map(|field| &field.subfields).map(|subfield| subfield.value.len() as u64);
    control.chain(data).sum()
}
