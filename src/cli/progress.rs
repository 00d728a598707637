//! How far a read has come, on a terminal and only if it takes long.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use super::terminal;
use crate::io::{Batches, Progress};

/// Nothing is shown of work that is done sooner.
const SHORT: Duration = Duration::from_secs(1);

/// The read with its progress on standard error, if that is a terminal.
pub(super) fn watched(batches: Batches) -> Batches {
    if !io::stderr().is_terminal() {
        return batches;
    }
    let begin = Instant::now();
    let mut bar = None;
    batches.watched(move |progress| {
        if begin.elapsed() >= SHORT {
            let bar = bar.get_or_insert_with(|| self::bar(progress, begin.elapsed()));
            bar.set_message(crate::words::counted(progress.records, "record"));
            bar.set_position(progress.bytes);
        }
        Ok(())
    })
}

/// The same if the output does not go to the same terminal meanwhile.
pub(super) fn watched_beside_output(batches: Batches) -> Batches {
    if terminal::is_shown() { batches } else { watched(batches) }
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
