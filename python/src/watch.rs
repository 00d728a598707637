//! What happens while the crate works with the interpreter released: Ctrl-C is answered, and progress reported.

use std::time::{Duration, Instant};

use mrrc::{Error, Progress, Result};
use pyo3::prelude::*;

use crate::exit;
use crate::reads::Shared;

/// The shortest time between two calls of a progress callback.
const PACE: Duration = Duration::from_millis(100);

/// Answers signals on each call, and calls `progress(bytes_done, bytes_total, records)` at intervals.
pub(crate) fn watch(progress: Option<Shared>) -> impl FnMut(&Progress) -> Result<()> + Send + 'static {
    let mut told = None;
    move |now: &Progress| {
        #[cfg(feature = "sabotage")]
        crate::guard::strike()?;
        exit::goes_on()?;
        Python::attach(|py| {
            py.check_signals()?;
            let Some(callback) = &progress else { return Ok(()) };
            let is_news = told.is_none_or(|(before, at): (Progress, Instant)| {
                before != *now && (at.elapsed() >= PACE || now.total == Some(now.bytes))
            });
            if is_news {
                told = Some((*now, Instant::now()));
                callback.call1(py, (now.bytes, now.total, now.records))?;
            }
            Ok(())
        })
        .map_err(|exception: PyErr| Error::Interrupted(Box::new(exception)))
    }
}
