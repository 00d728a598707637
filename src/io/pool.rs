//! The threads that decode and encode: created at first use, and safe after a fork.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// Threads for the work of this crate; everyone who asks for the same number shares them.
///
/// A panic in a spawned task is swallowed instead of aborting the process: the caller sees a closed channel and no
/// result.
pub struct Pool {
    // Always present, except while it is dropped.
    pool: Option<rayon::ThreadPool>,
    threads: usize,
    process: u32,
}

// The pool that was requested last. The lock is held to look or to replace, never while a pool is created.
static SHARED: Mutex<Option<Arc<Pool>>> = Mutex::new(None);

/// The maximum number of threads in a pool.
pub const MAX_THREADS: usize = 1_024;

/// The number of threads this process may use: its cores, less those that affinity and control groups exclude.
pub fn available() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Pool {
    /// A pool of `threads` threads: at least one, at most [`MAX_THREADS`].
    pub fn get(threads: usize) -> io::Result<Arc<Pool>> {
        let threads = threads.clamp(1, MAX_THREADS);
        let fits = |pool: &Arc<Pool>| pool.threads == threads && pool.is_here();
        if let Some(pool) = shared().and_then(|shared| shared.clone()).filter(fits) {
            return Ok(pool);
        }
        let mut pool = Arc::new(Pool::new(threads)?);
        let mut replaced = None;
        if let Some(mut shared) = shared() {
            match &*shared {
                Some(other) if fits(other) => pool = other.clone(),
                _ => replaced = shared.replace(pool.clone()),
            }
        }
        drop(replaced);
        Ok(pool)
    }

    fn new(threads: usize) -> io::Result<Pool> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("mrrc-{number}"))
            .panic_handler(|_| {})
            .build()
            .map_err(|error| io::Error::other(format!("cannot start {threads} threads: {error}")))?;
        Ok(Pool { pool: Some(pool), threads, process: std::process::id() })
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Whether its threads live in this process. After a fork the child has the pool but no threads, and work given
    /// to it would never be done.
    pub fn is_here(&self) -> bool {
        self.process == std::process::id()
    }

    /// Runs `task` on one of the threads.
    pub fn spawn(&self, task: impl FnOnce() + Send + 'static) {
        if let Some(pool) = &self.pool {
            pool.spawn(task);
        }
    }

    /// Runs the tasks that `work` spawns on the threads, runs `work` on this one, and waits for all of them. A panic
    /// is passed to the caller.
    fn scope<'scope, R>(&self, work: impl FnOnce(&rayon::Scope<'scope>) -> R) -> R {
        match &self.pool {
            Some(pool) => pool.in_place_scope(work),
            None => rayon::in_place_scope(work),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // A thread of the parent may have held a lock of the pool at the fork: it stays locked for ever.
        if !self.is_here() {
            std::mem::forget(self.pool.take());
        }
    }
}

/// Runs `meanwhile` on this thread while the threads of the pool begin with `work`, then helps with the rest.
pub(crate) fn side_by_side<T: Send, R>(
    pool: Option<&Pool>,
    work: impl Iterator<Item = T> + Send,
    does: impl Fn(T) + Sync,
    meanwhile: impl FnOnce() -> R,
) -> R {
    let work = Mutex::new(work);
    let next = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    let help = || {
        while let Some(part) = next() {
            does(part);
        }
    };
    let here = || {
        let result = meanwhile();
        help();
        result
    };
    match pool {
        None => here(),
        Some(pool) => pool.scope(|scope| {
            (0..pool.threads()).for_each(|_| scope.spawn(|_| help()));
            here()
        }),
    }
}

/// The shared pool's slot; `None` if a thread that the fork did not copy held the lock.
fn shared() -> Option<MutexGuard<'static, Option<Arc<Pool>>>> {
    const TRIES: usize = 1_000;
    for _ in 0..TRIES {
        match SHARED.try_lock() {
            Ok(shared) => return Some(shared),
            Err(TryLockError::Poisoned(shared)) => return Some(shared.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn done_by<T: Send>(pool: &Pool, task: impl FnOnce() -> T + Send) -> Option<T> {
        let mut done = None;
        pool.scope(|scope| scope.spawn(|_| done = Some(task())));
        done
    }

    #[test]
    fn work_is_done_on_as_many_threads_as_were_asked_for() {
        for threads in [1, 2, 7] {
            let pool = Pool::get(threads).unwrap();
            assert_eq!(pool.threads(), threads);
            assert_eq!(done_by(&pool, rayon::current_num_threads), Some(threads));
        }
    }

    #[test]
    fn a_panic_of_a_task_neither_aborts_nor_ends_the_pool() {
        let pool = Pool::get(2).unwrap();
        let (send, receive) = mpsc::channel::<()>();
        pool.spawn(move || {
            let _send = send;
            panic!("a task that fails, as this test wants it to");
        });
        assert!(receive.recv().is_err());
        let (send, receive) = mpsc::channel();
        pool.spawn(move || send.send(7).unwrap());
        assert_eq!(receive.recv(), Ok(7));
    }

    #[test]
    fn a_lock_that_is_never_given_back_stops_nobody() {
        let _held = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let pool = Pool::get(2).unwrap();
        assert_eq!(done_by(&pool, || 1 + 1), Some(2));
    }

    #[test]
    fn a_pool_of_another_process_is_replaced_and_left_alone() {
        let mut pool = Pool::new(3).unwrap();
        pool.process = pool.process.wrapping_add(1);
        let foreign = Arc::new(pool);
        assert!(!foreign.is_here());
        if let Some(mut shared) = shared() {
            *shared = Some(foreign.clone());
        }
        let ours = Pool::get(3).unwrap();
        assert!(ours.is_here());
        assert_eq!(done_by(&ours, || 1 + 1), Some(2));
    }
}
