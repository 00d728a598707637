//! Rows as records again: the way back from columns to MARC.
//!
//! ```text
//! batches ──pieces──> whole records ──Tell──> forms::Marc, on any thread ──in order──> file
//! ```
//!
//! [`write()`] writes a file of ISO 2709, [`write_text`] one of MARCXML, MARC-in-JSON or MARCMaker; [`Pieces`] gives the records, which any [`Writer`](crate::Writer) or visitor takes.
//! [`meeting`], [`extract`] and [`value_counts`] answer, from rows, what a [`Scan`](crate::Scan) answers from a source.
//!
//! ```
//! use mrrc::rows::Pieces;
//! use mrrc::{Scan, Source, Writer};
//!
//! let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
//! let scan = Scan::new(Source::bytes(bytes));
//! let mut pieces = Pieces::of(&scan.schema(), scan.batches())?;
//! let mut writer = Writer::new(Vec::new());
//! while let Some(piece) = pieces.next_piece()? {
//!     for record in piece.records()?.iter() {
//!         writer.write(&record?)?;
//!     }
//! }
//! assert_eq!(writer.finish()?, bytes);
//! # Ok::<(), mrrc::Error>(())
//! ```
//!
//! Rows of the layouts nested, fields and subfields are known by the names of their columns, in the types of any
//! library: large, views, dictionaries, lists with any name for their elements. Other columns are ignored.

mod arrays;
mod asked;
mod columns;
mod fields;
mod flat;
mod located;
mod nested;
mod pieces;
mod records;
mod subfields;
mod text;
mod write;

pub use asked::{Extracted, extract, meeting, value_counts};
pub use pieces::{Piece, Pieces};
pub use records::{Records, RowRecord};
pub use text::{TextOptions, write_text, write_text_into};
pub use write::{RowOptions, Written, write, write_into};

#[cfg(test)]
use columns::Layout;

#[cfg(test)]
mod tests;
