//! Reads a file into memory as columns, counts its records, or writes it to Parquet, on all cores, and prints the
//! seconds of each time: `cargo run --release --features parquet --example read_count_write -- read_arrow one.mrc 5`
//!
//! It is what `mrrc.read_arrow`, `Scan.count` and `Scan.to_parquet` do in Python; `benches/rust.py` holds the two
//! side by side.

use std::path::Path;
use std::time::Instant;

use mrrc::parquet::{self, ParquetOptions};
use mrrc::{Result, Scan, Source};

/// Does one of the three works; says how many records there were.
fn work(name: &str, path: &str, target: &Path) -> Result<u64> {
    let scan = Scan::new(Source::path(path));
    match name {
        "read_arrow" => {
            let (mut batches, mut kept) = (scan.batches(), Vec::new());
            while let Some(batch) = batches.next_batch()? {
                kept.push(batch);
            }
            Ok(kept.iter().map(|batch| batch.num_rows() as u64).sum())
        }
        "to_parquet" => {
            let options = ParquetOptions::default();
            Ok(parquet::write(scan.schema(), scan.batches(), target, &options)?.rows)
        }
        _ => scan.count(),
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, path, times] = arguments.as_slice() else {
        eprintln!("usage: read_count_write read_arrow|count|to_parquet FILE TIMES");
        std::process::exit(2);
    };
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("out.parquet");
    for _ in 0..times.parse().unwrap_or(1) {
        let begin = Instant::now();
        let records = work(name, path, &target)?;
        println!("{:.6} {records}", begin.elapsed().as_secs_f64());
    }
    Ok(())
}
