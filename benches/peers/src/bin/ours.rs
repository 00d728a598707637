//! Our own crate: every record decoded to columns of layout "nested" on one thread, each batch dropped as a
//! stream does. All text is checked, and every byte accounted for.

use std::error::Error;

use arrow_array::Array;
use mrrc::{Options, Policy, Scan, Source};
use peers::measure::{self, Counts};

fn main() -> Result<(), Box<dyn Error>> {
    measure::run(|bytes| {
        let options = Options::default().threads(1).on_error(Policy::Skip);
        let mut batches = Scan::new(Source::bytes(bytes.clone())).with_options(options).unwrap().batches();
        let mut counts = Counts::default();
        while let Ok(Some(batch)) = batches.next_batch() {
            counts.check += batch.column(2).len() as u64;
        }
        counts.records = batches.accounts().counts().delivered;
        counts.rejected = batches.accounts().counts().rejected;
        counts
    })
}
