//! One way to measure, so that the lines of all programs mean the same.
//! `programs/measure.py` prints these lines for Python, with the same keys.

use std::env;
use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// What a program found in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that were delivered.
    pub records: u64,
    /// Records that the peer met and did not deliver.
    pub rejected: u64,
    /// Bytes of all values, added up: proof that each was touched.
    pub check: u64,
}

/// Runs `task` on the bytes of a file and prints one line of JSON.
///
/// The command line is `FILE [TIMES]`. The file is read before the clock starts. The first of several
/// runs pays for fresh pages, the later ones need not: all are in the line, in order.
///
/// # Errors
///
/// Without a file that can be read, or if a run finds something else than the run before.
pub fn run(mut task: impl FnMut(&Arc<[u8]>) -> Counts) -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let path = arguments.next().ok_or("the command line is: FILE [TIMES]")?;
    let times = match arguments.next() {
        Some(times) => times.to_string_lossy().parse::<usize>()?.max(1),
        None => 1,
    };
    let bytes: Arc<[u8]> = fs::read(path)?.into();

    let mut counts = None;
    let mut runs = Vec::with_capacity(times);
    for _ in 0..times {
        let (found, run) = Run::of(|| task(&bytes))?;
        if counts.is_some_and(|before| before != found) {
            return Err("two runs found different things in one file".into());
        }
        counts = Some(found);
        runs.push(run);
    }

    let Counts { records, rejected, check } = counts.unwrap_or_default();
    println!(
        "{{\"cpu_s\": {}, \"wall_s\": {}, \"minor_faults\": {}, \"bytes\": {}, \"records\": {records}, \
         \"rejected\": {rejected}, \"check\": {check}, \"peak_bytes\": {}}}",
        list(&runs, |run| format!("{:.6}", run.cpu.as_secs_f64())),
        list(&runs, |run| format!("{:.6}", run.wall.as_secs_f64())),
        list(&runs, |run| run.minor_faults.to_string()),
        bytes.len(),
        peak_bytes()?,
    );
    Ok(())
}

struct Run {
    cpu: Duration,
    wall: Duration,
    minor_faults: i64,
}

impl Run {
    fn of<T>(task: impl FnOnce() -> T) -> nix::Result<(T, Self)> {
        let (before, start) = (getrusage(UsageWho::RUSAGE_SELF)?, Instant::now());
        let result = task();
        let (wall, after) = (start.elapsed(), getrusage(UsageWho::RUSAGE_SELF)?);
        let run = Self {
            cpu: cpu(&after).saturating_sub(cpu(&before)),
            wall,
            minor_faults: after.minor_page_faults() - before.minor_page_faults(),
        };
        Ok((result, run))
    }
}

/// CPU seconds so far, of the program and of the system on its behalf, over all threads.
fn cpu(usage: &Usage) -> Duration {
    let duration = |time: TimeVal| {
        Duration::from_secs(time.tv_sec().unsigned_abs())
            + Duration::from_micros(time.tv_usec().unsigned_abs())
    };
    duration(usage.user_time()) + duration(usage.system_time())
}

/// The most memory that this process has held at once.
fn peak_bytes() -> nix::Result<u64> {
    // Linux carries the `max_rss` of the parent over into the program that it starts, so a small program
    // would report the memory of whoever called it. The high-water mark in /proc begins anew.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let high_water = status.lines().find_map(|line| {
        let kib = line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?;
        Some(kib.parse::<u64>().ok()? * 1024)
    });
    if let Some(bytes) = high_water {
        return Ok(bytes);
    }
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Ok(getrusage(UsageWho::RUSAGE_SELF)?.max_rss().unsigned_abs() * unit)
}

fn list(runs: &[Run], figure: impl Fn(&Run) -> String) -> String {
    let figures: Vec<String> = runs.iter().map(figure).collect();
    format!("[{}]", figures.join(", "))
}
