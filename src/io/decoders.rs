//! Who decodes the chunks of a read: the threads of a pool, and the reading thread whenever it would wait.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use super::pool::{self, Pool};
use crate::columns::{Chunk, Decoded, Plan};
use crate::error::Result;
use crate::guard::guarded;

/// As many threads as a read has, this one among them.
pub(super) struct Decoders {
    threads: usize,
    pool: Option<Arc<Pool>>,
    work: Arc<Work>,
}

/// A chunk comes back with its batch, so that its room can be used again.
pub(super) struct Outcome {
    pub(super) chunk: Chunk,
    pub(super) decoded: Result<Decoded>,
}

struct Work {
    plan: Plan,
    /// Chunks that nobody has begun, in the order of the source.
    waiting: Mutex<VecDeque<Task>>,
}

struct Task {
    chunk: Chunk,
    answer: mpsc::SyncSender<Outcome>,
}

impl Decoders {
    pub(super) fn new(plan: Plan, threads: Option<usize>) -> Decoders {
        let threads = threads.unwrap_or_else(pool::available).clamp(1, pool::MAX_THREADS);
        Decoders { threads, pool: None, work: Arc::new(Work { plan, waiting: Mutex::default() }) }
    }

    /// How many chunks keep all threads busy: one for each, and one that waits for whoever is ready first.
    pub(super) fn chunks_wanted(&self) -> usize {
        if self.threads == 1 { 1 } else { self.threads + 1 }
    }

    /// Has a chunk decoded, sometime.
    pub(super) fn give(&mut self, chunk: Chunk) -> io::Result<mpsc::Receiver<Outcome>> {
        let (answer, outcome) = mpsc::sync_channel(1);
        self.work.waiting().push_back(Task { chunk, answer });
        if self.threads > 1 {
            let pool = match self.pool.take() {
                Some(pool) => pool,
                None => Pool::get(self.threads - 1)?,
            };
            let work = self.work.clone();
            pool.spawn(move || {
                work.decode_one();
            });
            self.pool = Some(pool);
        }
        Ok(outcome)
    }

    /// Decodes the oldest chunk that nobody has begun, on this thread; false if there is none.
    pub(super) fn help(&self) -> bool {
        self.work.decode_one()
    }

    /// Decodes a chunk once more, with so many rows at most.
    pub(super) fn again(&self, chunk: &Chunk, rows: u64) -> Result<Decoded> {
        self.work.decode(chunk, rows)
    }
}

impl Drop for Decoders {
    /// Nobody waits for what is not begun.
    fn drop(&mut self) {
        self.work.waiting().clear();
    }
}

impl Work {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Task>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decode_one(&self) -> bool {
        let next = self.waiting().pop_front();
        let Some(Task { chunk, answer }) = next else { return false };
        let decoded = self.decode(&chunk, u64::MAX);
        // Nobody waits for it if the read was given up.
        let _ = answer.send(Outcome { chunk, decoded });
        true
    }

    fn decode(&self, chunk: &Chunk, rows: u64) -> Result<Decoded> {
        guarded(|| chunk.decode(&self.plan, rows))
    }
}
