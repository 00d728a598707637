//! The threads that decode the chunks of a read: those of a pool, and the reading thread whenever it would wait.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::pool::{self, Pool};
use crate::columns::{Chunk, Decoded, Plan};
use crate::error::Result;
use crate::guard::guarded;

/// The threads of one read, including the reading one.
pub(super) struct Decoders {
    threads: usize,
    pool: Option<Arc<Pool>>,
    work: Arc<Work>,
    /// The process in which work was first submitted. A fork has none of its other threads, but the locks they held.
    process: Option<u32>,
}

/// A chunk that was submitted.
pub(super) struct Awaited {
    /// Always present, except while it is dropped.
    outcome: Option<mpsc::Receiver<Outcome>>,
    process: u32,
}

/// A chunk is returned with its batch, so that its buffer can be reused.
pub(super) struct Outcome {
    pub(super) chunk: Chunk,
    pub(super) decoded: Result<Decoded>,
}

struct Work {
    plan: Plan,
    /// Chunks that no thread has begun, in the order of the source.
    waiting: Mutex<VecDeque<Task>>,
}

struct Task {
    chunk: Chunk,
    answer: mpsc::SyncSender<Outcome>,
}

impl Decoders {
    pub(super) fn new(plan: Plan, threads: Option<usize>) -> Decoders {
        let threads = threads.unwrap_or_else(pool::available).clamp(1, pool::MAX_THREADS);
        let work = Arc::new(Work { plan, waiting: Mutex::default() });
        Decoders { threads, pool: None, work, process: None }
    }

    /// The number of chunks that keeps all threads busy: one per thread, and one for the first that finishes.
    pub(super) fn chunks_wanted(&self) -> usize {
        if self.threads == 1 { 1 } else { self.threads + 1 }
    }

    /// Whether the work was submitted in this process, if any was.
    pub(super) fn is_here(&self) -> bool {
        self.process.is_none_or(|process| process == std::process::id())
    }

    /// Submits a chunk for decoding.
    pub(super) fn give(&mut self, chunk: Chunk) -> io::Result<Awaited> {
        let process = *self.process.get_or_insert_with(std::process::id);
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
        Ok(Awaited { outcome: Some(outcome), process })
    }

    /// Decodes the oldest waiting chunk on this thread; false if none is waiting.
    pub(super) fn help(&self) -> bool {
        self.work.decode_one()
    }

    /// Decodes a chunk again, with at most `rows` rows.
    pub(super) fn again(&self, chunk: &Chunk, rows: u64) -> Result<Decoded> {
        self.work.decode(chunk, rows)
    }
}

impl Drop for Decoders {
    /// Drops the waiting chunks.
    fn drop(&mut self) {
        if self.is_here() {
            self.work.waiting().clear();
        }
    }
}

impl Awaited {
    /// The outcome, if it is known within `patience`; `Err` if it never will be.
    pub(super) fn outcome(&self, patience: Duration) -> Result<Option<Outcome>, RecvTimeoutError> {
        match self.outcome.as_ref().map(|outcome| outcome.recv_timeout(patience)) {
            Some(Ok(outcome)) => Ok(Some(outcome)),
            Some(Err(RecvTimeoutError::Timeout)) => Ok(None),
            Some(Err(gone)) => Err(gone),
            None => Err(RecvTimeoutError::Disconnected),
        }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        // After a fork, a thread that does not exist here may hold the answer for ever.
        if self.process != std::process::id() {
            std::mem::forget(self.outcome.take());
        }
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
        // The receiver is gone if the read was abandoned.
        let _ = answer.send(Outcome { chunk, decoded });
        true
    }

    fn decode(&self, chunk: &Chunk, rows: u64) -> Result<Decoded> {
        guarded(|| chunk.decode(&self.plan, rows))
    }
}
