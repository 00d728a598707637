//! MARCXML, and what is written like it: MarcXchange (ISO 25577), with any prefix or none.
//!
//! `framing` finds the bytes of each record. `scan` reads the form that programs write; what it does not know, `parse`
//! reads as XML. Both give the same.

mod attributes;
mod framing;
mod parse;
mod scan;
mod split;
mod tags;

pub(crate) use framing::Records;
pub(super) use split::next as next_split;

use memchr::memmem;

use self::scan::Scanner;
use super::arena::Arena;

/// What U+FFFE and U+FFFF begin with, which XML forbids.
const NO_CHARACTER: &[u8] = b"\xEF\xBF";

/// Lays out records, which are parts of `document`, one after another in the arena.
pub(crate) fn translate<'a>(
    document: &'a [u8],
    records: impl Iterator<Item = &'a [u8]> + Clone,
    arena: &mut Arena,
) {
    let is_text = simdutf8::basic::from_utf8(document).is_ok();
    lay_out(records.clone(), arena, |record| is_text || is_usual(record));
    // What is laid out is a third of the document.
    if is_text && memmem::find(arena.written(), NO_CHARACTER).is_some() {
        arena.clear();
        lay_out(records, arena, |record| memmem::find(record, NO_CHARACTER).is_none());
    }
}

fn lay_out<'a>(
    records: impl Iterator<Item = &'a [u8]>,
    arena: &mut Arena,
    may_be_scanned: impl Fn(&[u8]) -> bool,
) {
    let mut scanner = Scanner::default();
    for record in records {
        if !(may_be_scanned(record) && scanner.scan(record, arena)) {
            parse::parse(record, arena);
        }
    }
}

fn is_usual(record: &[u8]) -> bool {
    simdutf8::basic::from_utf8(record).is_ok() && memmem::find(record, NO_CHARACTER).is_none()
}

/// The name of the encoding that the declaration at the beginning of a document has.
pub(super) fn declared_encoding(document: &[u8]) -> Option<&str> {
    let document = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document).trim_ascii_start();
    let declaration = document.strip_prefix(b"<?xml")?;
    let declaration = &declaration[..memmem::find(declaration, b"?>")?];
    let after = &declaration[memmem::find(declaration, b"encoding")? + b"encoding".len()..];
    let value = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (&quote, value) = value.split_first()?;
    std::str::from_utf8(value.split(|&byte| byte == quote).next()?).ok()
}

#[cfg(test)]
mod tests;
