//! The stages of a read, each by itself, and whole reads. `make bench`, or `make bench FILES="a.mrc b.mrc"`.
//!
//! Throughput is in bytes of the source, on one thread. Beside it stands how many pages a read touched
//! for the first time: memory that goes back to the system and comes again costs more than any loop here.

// A bench stops where its figure would mean nothing.
#![allow(clippy::expect_used)]

use std::hint::black_box;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mrrc::internals::iso2709::framing::Next;
use mrrc::internals::iso2709::{Entries, Framer, directory};
use mrrc::parquet::{self, ParquetOptions};
use mrrc::{Batches, Options, Policy, Scan, Select, Source};
use smallvec::SmallVec;

fn files() -> Vec<PathBuf> {
    let named = std::env::var("MRRC_BENCH_FILES").unwrap_or_default();
    let mut files: Vec<PathBuf> = named.split_whitespace().map(PathBuf::from).collect();
    if files.is_empty() {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        files = ["fixture_10k.mrc", "fixture_10k_marc8.mrc"].map(|file| target.join(file)).into();
    }
    files
}

fn stages(criterion: &mut Criterion) {
    for path in files() {
        let bytes = Bytes::from(std::fs::read(&path).expect("a file to read: make samples"));
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut bench = |stage: &str, work: &mut dyn FnMut() -> u64| {
            let mut group = criterion.benchmark_group(stage);
            group.throughput(Throughput::Bytes(bytes.len() as u64));
            group.bench_function(&name, |bencher| bencher.iter(&mut *work));
            group.finish();
            println!("{:24}{} pages touched for the first time, in one read\n", "", faults(work));
        };

        bench("frame", &mut || frames(&bytes).count() as u64);
        let frames: Vec<_> = frames(&bytes).collect();
        let mut entries = Entries::new();
        bench("index", &mut || {
            let fields = frames.iter().map(|frame| {
                if directory::sound(&bytes[frame.clone()], &mut entries) { entries.len() } else { 0 }
            });
            fields.sum::<usize>() as u64
        });
        let shared: Arc<[u8]> = Arc::from(&bytes[..]);
        bench("records kept as ranges of a shared block", &mut || {
            frames.iter().map(|frame| black_box((shared.clone(), frame.clone())).0.len() as u64 & 1).sum()
        });
        bench("records kept in boxes of their size", &mut || {
            frames.iter().map(|frame| black_box(Box::<[u8]>::from(&bytes[frame.clone()])).len() as u64).sum()
        });
        bench("the same by way of SmallVec<[u8; 4096]>", &mut || {
            let crossed = frames.iter().map(|frame| {
                let crossing = black_box(SmallVec::<[u8; 4096]>::from_slice(&bytes[frame.clone()]));
                black_box(Box::<[u8]>::from(&crossing[..])).len() as u64
            });
            crossed.sum()
        });
        let memory = Source::bytes(bytes.clone());
        bench("nested", &mut || rows(scan(memory.clone()).batches()));
        let control_numbers = Select::Some(vec!["control_number".into()]);
        bench("control_number", &mut || {
            rows(scan(memory.clone()).select(control_numbers.clone()).expect("a column").batches())
        });
        bench("scan", &mut || rows(scan(Source::path(&path)).batches()));
        let folder = tempfile::tempdir().expect("a folder for Parquet");
        let target = folder.path().join("bench.parquet");
        bench("to_parquet", &mut || {
            let scan = scan(Source::path(&path));
            let options = ParquetOptions::default().threads(1);
            parquet::write(scan.schema(), scan.batches(), &target, &options).expect("a file").rows
        });
    }
}

fn frames(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut framer = Framer::new(Options::default().limits.max_record);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let from = at;
            match framer.next(bytes, at, true) {
                Next::Frame(end) => {
                    at = end;
                    return Some(from..end);
                }
                Next::Item(item) => at = item.end,
                Next::Passed(end) => at = end,
                Next::More => return None,
            }
        }
        None
    })
}

fn scan(source: Source) -> Scan {
    let options = Options::default().threads(1).on_error(Policy::Skip);
    Scan::new(source).with_options(options).expect("options that can be followed")
}

/// Reads it all, and drops each batch as a stream does.
fn rows(batches: Batches) -> u64 {
    batches.map(|batch| batch.expect("a batch").num_rows() as u64).sum()
}

/// Minor faults of one call, after one that warmed up; none where the system does not tell.
fn faults(work: &mut dyn FnMut() -> u64) -> u64 {
    work();
    let before = faults_so_far();
    work();
    faults_so_far() - before
}

fn faults_so_far() -> u64 {
    // Behind the command's name in parentheses (proc(5)).
    const MINOR_FAULTS: usize = 7;
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let (_, behind_name) = status.rsplit_once(") ").unwrap_or_default();
    behind_name.split(' ').nth(MINOR_FAULTS).and_then(|number| number.parse().ok()).unwrap_or_default()
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(5)).sample_size(20);
    targets = stages
}
criterion_main!(benches);
