//! Who decodes the chunks of a read: the threads of a pool, and the reading thread whenever it would wait.

use std::any::Any;
use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use arrow_schema::SchemaRef;

use super::pool::{self, Pool};
use crate::columns::{Chunk, Decoded};
use crate::error::{Error, Result};
use crate::options::Options;

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
    options: Arc<Options>,
    schema: SchemaRef,
    /// Chunks that nobody has begun, in the order of the source.
    waiting: Mutex<VecDeque<Task>>,
}

struct Task {
    chunk: Chunk,
    answer: mpsc::SyncSender<Outcome>,
}

impl Decoders {
    pub(super) fn new(options: Arc<Options>, schema: SchemaRef) -> Decoders {
        let threads = options.threads.unwrap_or_else(pool::available).clamp(1, pool::MAX_THREADS);
        Decoders { threads, pool: None, work: Arc::new(Work { options, schema, waiting: Mutex::default() }) }
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

    /// A panic is an error of ours; it must not end the process, nor the pool.
    fn decode(&self, chunk: &Chunk, rows: u64) -> Result<Decoded> {
        match catch_unwind(AssertUnwindSafe(|| chunk.decode(&self.options, &self.schema, rows))) {
            Ok(decoded) => Ok(decoded?),
            Err(panic) => Err(internal(message_of(&*panic))),
        }
    }
}

/// An error that is our fault.
pub(super) fn internal(message: &str) -> Error {
    Error::Columns(format!("internal error (please report it): {message}"))
}

/// What a caught panic says.
pub fn message_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}
