//! Counts the records and titles of several files, each file by a thread of rayon:
//! `cargo run --release --example rayon_scan -- one.mrc two.mrc ...`
//!
//! A scan decodes on all cores by itself. Here each has one thread, since there are files enough.

use std::time::Instant;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use mrrc::{Options, Policy, Result, Scan, Select, Source};
use rayon::prelude::*;

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    records: usize,
    titles: usize,
    rejected: u64,
}

impl Counts {
    fn plus(self, other: Counts) -> Counts {
        Counts {
            records: self.records + other.records,
            titles: self.titles + other.titles,
            rejected: self.rejected + other.rejected,
        }
    }
}

/// Reads one file; damaged records are left out and counted.
fn count(path: &str) -> Result<Counts> {
    let options =
        Options::default().select(Select::Some(vec!["fields".into()])).on_error(Policy::Skip).threads(1);
    let mut batches = Scan::new(Source::path(path)).with_options(options)?.batches();
    let mut counts = Counts::default();
    while let Some(batch) = batches.next_batch()? {
        counts.records += batch.num_rows();
        counts.titles += titles(&batch);
    }
    counts.rejected = batches.accounts().counts().rejected;
    Ok(counts)
}

/// How many fields 245 there are: `fields` is a list of structs, whose first column is the tag.
fn titles(batch: &RecordBatch) -> usize {
    let fields = batch.column(0).as_list::<i32>().values().as_struct();
    let tags = fields.column(0).as_string::<i32>();
    tags.iter().filter(|tag| *tag == Some("245")).count()
}

fn main() -> Result<()> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let begin = Instant::now();
    let in_turn = paths.iter().map(|path| count(path)).collect::<Result<Vec<_>>>()?;
    let one = begin.elapsed().as_secs_f64();

    let begin = Instant::now();
    let by_threads = paths.par_iter().map(|path| count(path)).collect::<Result<Vec<_>>>()?;
    let many = begin.elapsed().as_secs_f64();
    assert_eq!(in_turn, by_threads);

    for (path, Counts { records, titles, rejected }) in paths.iter().zip(&by_threads) {
        println!("{path}: {records} records, {titles} titles, {rejected} rejected");
    }
    let Counts { records, titles, .. } = by_threads.into_iter().fold(Counts::default(), Counts::plus);
    println!(
        "{records} records, {titles} titles; {one:.3} s in turn, {many:.3} s by threads, {:.2} times",
        one / many
    );
    Ok(())
}
