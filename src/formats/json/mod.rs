//! MARC-in-JSON: a record as an object with a leader and a list of fields.
//!
//! `framing` finds the bytes of each record. `scan` reads the forms that programs write; what it does not know, `parse`
//! reads as JSON (RFC 8259). Both give the same. No map is ever made, in which members of the same name would be lost.

mod brackets;
mod framing;
mod parse;
mod scan;
mod split;

pub(crate) use framing::Records;
pub(super) use split::{is_in_lines, next as next_split};

use super::arena::Arena;

/// Lays out records, which are parts of `document`, one after another in the arena.
pub(crate) fn translate<'a>(document: &'a [u8], records: impl Iterator<Item = &'a [u8]>, arena: &mut Arena) {
    let is_text = simdutf8::basic::from_utf8(document).is_ok();
    for record in records {
        let may_be_scanned = is_text || simdutf8::basic::from_utf8(record).is_ok();
        if !(may_be_scanned && scan::scan(record, arena)) {
            parse::parse(record, arena);
        }
    }
}

#[cfg(test)]
mod tests;
