//! Ctrl-C: the first one ends a read at its next step, so that no part of a target is left; the second one ends the
//! program at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::failure::INTERRUPTED;
use crate::error::{Error, Result};

/// Whether the work is to end.
#[derive(Clone)]
pub(super) struct Watch(Arc<AtomicBool>);

impl Watch {
    pub(super) fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(Error::Interrupted("Ctrl-C".into())) } else { Ok(()) }
    }
}

/// Takes notice of signals from now on.
pub(super) fn watch() -> Watch {
    static WATCH: OnceLock<Watch> = OnceLock::new();
    let begin = || {
        let ended = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // Without notice, the signal ends the program. The order matters: the second signal finds what the first
            // one left.
            let _ = flag::register_conditional_shutdown(signal, INTERRUPTED.into(), ended.clone());
            let _ = flag::register(signal, ended.clone());
        }
        Watch(ended)
    };
    WATCH.get_or_init(begin).clone()
}
