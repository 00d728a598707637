//! The crate marc21: every record by `next_byte_record`, every value visited.
//!
//! Fields and subfields are views into the record's bytes; nothing is decoded, and text is not checked
//! to be UTF-8 (that would be `validate()`). It rejects a record whose leader does not end in `4500`, and one
//! whose indicators, subfield codes or tags it does not expect: of real records, some in a hundred.

use std::error::Error;

use marc21::Field;
use marc21::prelude::*;
use peers::measure::{self, Counts};

fn main() -> Result<(), Box<dyn Error>> {
    measure::run(|bytes| {
        let mut counts = Counts::default();
        let mut reader = MarcReader::new(&bytes[..], MarcReadOptions::default());
        while let Some(record) = reader.next_byte_record() {
            // The reader goes on behind the next record terminator, so the loop ends.
            let Ok(record) = record else {
                counts.rejected += 1;
                continue;
            };
            counts.records += 1;
            counts.check += record.fields().map(bytes_of_values).sum::<u64>();
        }
        counts
    })
}

fn bytes_of_values(field: &Field<'_>) -> u64 {
    match field {
        Field::Control(field) => field.value().len() as u64,
        Field::Data(field) => field.subfields().map(|subfield| subfield.value().len() as u64).sum(),
    }
}
