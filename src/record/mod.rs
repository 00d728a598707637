//! Records: how one is read, what its parts are, and [`RecordBuf`], one that can be edited.
//!
//! ```text
//! iso2709 (bytes, entries) ──> judge: by which rules? ──> exact | pymarc ──> a Visit: columns, text forms, writers
//! ```
//!
//! `reading` decides the encoding, once; `exact` reads every value and reports what is odd about it; `pymarc`
//! reads as pymarc does. Both pass the parts to a [`Visit`].

pub(crate) mod exact;
pub(crate) mod fingerprint;
pub(crate) mod judge;
pub(crate) mod odd;
mod owned;
pub(crate) mod pymarc;
pub(crate) mod reading;
mod tell;
pub(crate) mod visit;

pub use owned::{Field, RecordBuf};
pub use reading::{Reading, Rules};
pub use tell::Tell;
pub use visit::{Ignore, Value, Visit};
