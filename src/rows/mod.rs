//! Rows as records again: the way back from columns to MARC.
//!
//! ```text
//! batches ──pieces──> whole records ──Tell──> forms::Marc, on any thread ──in order──> file
//! ```
//!
//! Rows of the layouts nested, fields and subfields are known by the names of their columns, in the types of any
//! library: large, views, dictionaries, lists with any name for their elements. Other columns are ignored.

mod arrays;
mod columns;
mod fields;
mod flat;
mod nested;
mod pieces;
mod records;
mod subfields;
mod write;

pub use pieces::{Piece, Pieces};
pub use records::{Records, RowRecord};
pub use write::{RowOptions, Written, write, write_into};

#[cfg(test)]
mod tests;
