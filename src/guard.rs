//! A panic is an error of ours: told like one, and never the end of the process, nor of a pool.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_schema::ArrowError;

use crate::error::Error;

/// What `work` gives; an error if it panics.
pub fn guarded<T, E: From<ArrowError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let error = internal(message_of(&*panic));
        Err(ArrowError::ExternalError(Box::new(error)).into())
    })
}

/// An error that is our fault.
pub(crate) fn internal(message: &str) -> Error {
    Error::Columns(format!("internal error (please report it): {message}"))
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}
