//! How far a read has come, on a terminal and only if it takes long.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use super::{interrupt, terminal};
use crate::io::{Batches, Progress};
use crate::words::counted;

/// Nothing is shown of work that is done sooner.
const SHORT: Duration = Duration::from_secs(1);

/// The read with its progress on standard error, if that is a terminal; Ctrl-C ends it.
pub(super) fn watched(batches: Batches) -> Batches {
    Bar::default().watched(batches)
}

/// The same without the progress if the output goes to a terminal meanwhile.
pub(super) fn watched_beside_output(batches: Batches) -> Batches {
    let bar = Bar::default();
    if terminal::is_shown() {
        bar.leave();
    }
    bar.watched(batches)
}

/// A bar that appears if a read takes long, and goes away with it, or for good when something is printed.
#[derive(Clone, Default)]
pub(super) struct Bar(Arc<Mutex<State>>);

#[derive(Default)]
enum State {
    #[default]
    Waits,
    Shown(ProgressBar),
    Left,
}

impl Bar {
    pub(super) fn watched(&self, batches: Batches) -> Batches {
        let (begin, ended) = (Instant::now(), interrupt::watch());
        if !io::stderr().is_terminal() {
            self.leave();
        }
        let state = self.0.clone();
        batches.watched(move |progress| {
            if begin.elapsed() >= SHORT {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                if let State::Waits = *state {
                    *state = State::Shown(bar(progress, begin.elapsed()));
                }
                if let State::Shown(bar) = &*state {
                    bar.set_message(counted(progress.records, "record"));
                    bar.set_position(progress.bytes);
                }
            }
            ended.check()
        })
    }

    pub(super) fn leave(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::Left;
    }
}

/// How many of some files are done, and how many records they had.
pub(super) struct Files {
    bar: ProgressBar,
    begin: Instant,
    records: Arc<AtomicU64>,
}

impl Files {
    pub(super) fn begin(files: u64) -> Files {
        let bar = ProgressBar::with_draw_target(Some(files), ProgressDrawTarget::hidden());
        let bar = bar.with_style(style("{bar:24} {pos} of {len} files, {msg}, {elapsed}"));
        Files { bar, begin: Instant::now(), records: Arc::default() }
    }

    /// The read of one of them, beside others; Ctrl-C ends it.
    pub(super) fn watched(&self, batches: Batches) -> Batches {
        let (bar, records, begin, ended) =
            (self.bar.clone(), self.records.clone(), self.begin, interrupt::watch());
        let is_shown = io::stderr().is_terminal();
        let mut before = 0;
        batches.watched(move |progress| {
            let all = records.fetch_add(progress.records - before, Ordering::Relaxed);
            let all = all + progress.records - before;
            before = progress.records;
            if is_shown && begin.elapsed() >= SHORT {
                if bar.is_hidden() {
                    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
                }
                bar.set_message(counted(all, "record"));
            }
            ended.check()
        })
    }

    pub(super) fn one_more(&self) {
        self.bar.inc(1);
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// It goes away when it is dropped.
fn bar(progress: &Progress, elapsed: Duration) -> ProgressBar {
    let (bar, template) = match progress.total {
        Some(total) => {
            (ProgressBar::new(total), "{bar:24} {bytes} of {total_bytes}, {msg}, {bytes_per_sec}, {eta} left")
        }
        None => (ProgressBar::no_length(), "{spinner} {bytes}, {msg}, {bytes_per_sec}, {elapsed}"),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
    // What is done already says nothing of the rate.
    bar.with_style(style(template))
        .with_position(progress.bytes)
        .with_elapsed(elapsed)
        .with_finish(ProgressFinish::AndClear)
}
