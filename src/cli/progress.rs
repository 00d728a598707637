//! How far a read has come, on a terminal and only if it takes long.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use super::{interrupt, terminal};
use crate::io::{Batches, Progress};
use crate::words::counted;

/// Nothing is shown of work that is done sooner.
const SHORT: Duration = Duration::from_secs(1);

/// The read with its progress on standard error, if that is a terminal; Ctrl-C ends it.
pub(super) fn watched(batches: Batches) -> Batches {
    watched_if(batches, io::stderr().is_terminal())
}

/// The same without the progress if the output goes to a terminal meanwhile.
pub(super) fn watched_beside_output(batches: Batches) -> Batches {
    watched_if(batches, io::stderr().is_terminal() && !terminal::is_shown())
}

fn watched_if(batches: Batches, is_shown: bool) -> Batches {
    let (begin, ended) = (Instant::now(), interrupt::watch());
    let mut bar = None;
    batches.watched(move |progress| {
        if is_shown && begin.elapsed() >= SHORT {
            let bar = bar.get_or_insert_with(|| self::bar(progress, begin.elapsed()));
            bar.set_message(counted(progress.records, "record"));
            bar.set_position(progress.bytes);
        }
        ended.check()
    })
}

/// It goes away when the read is dropped.
fn bar(progress: &Progress, elapsed: Duration) -> ProgressBar {
    let (bar, template) = match progress.total {
        Some(total) => {
            (ProgressBar::new(total), "{bar:24} {bytes} of {total_bytes}, {msg}, {bytes_per_sec}, {eta} left")
        }
        None => (ProgressBar::no_length(), "{spinner} {bytes}, {msg}, {bytes_per_sec}, {elapsed}"),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // What is done already says nothing of the rate.
    bar.with_style(style)
        .with_position(progress.bytes)
        .with_elapsed(elapsed)
        .with_finish(ProgressFinish::AndClear)
}
