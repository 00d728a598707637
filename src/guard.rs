//! Panics become errors: none ends the process, or a thread of a pool.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Error;

/// Does `work`; a panic is an [`Error`] that asks to be reported.
pub fn guarded<T, E: From<Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(internal(message_of(&*panic)).into()))
}

/// An error that is the fault of this crate.
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
