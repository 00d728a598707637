//! Panics become errors, so that none ends the process or a thread of a pool.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Error;

/// Runs `work`; a panic becomes an [`Error::Internal`].
pub fn guarded<T, E: From<Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(internal(message_of(&*panic)).into()))
}

/// The error for a bug in this crate.
pub(crate) fn internal(message: &str) -> Error {
    Error::Internal(message.to_owned())
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}
