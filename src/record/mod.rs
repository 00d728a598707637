//! What a record is, whoever looks at it: in which encoding it is read, and what its parts are.
//!
//! ```text
//! iso2709 (bytes, entries) ──> judge: by which rules? ──> exact | pymarc ──> a Visit: columns, text forms, writers
//! ```
//!
//! [`reading`] decides the encoding, once; [`exact`] reads every value and names what is odd about it; [`pymarc`]
//! reads as pymarc does. Both tell a [`Visit`] the parts.

pub mod exact;
pub mod fingerprint;
pub mod judge;
pub(crate) mod odd;
mod owned;
pub mod pymarc;
pub mod reading;
mod tell;
pub mod visit;

pub use owned::{Field, RecordBuf};
pub use tell::Tell;
pub use visit::{Value, Visit};
