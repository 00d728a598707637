//! What a source is written in, and formats other than ISO 2709: their bytes to fields. Works on slices only, without
//! text or I/O.
//!
//! ```text
//! bytes ── Syntax::of ──> a format ── its framing ──> a record's bytes ── its translation ──> Arena: leader, fields
//! ```
//!
//! A record of another format is laid out anew in an [`Arena`], so that all that reads ISO 2709 reads it as well.

mod arena;
pub(crate) mod marcxml;
pub(crate) mod not_marc;

pub(crate) use arena::{Arena, Translated};
pub use not_marc::NotMarc;

use crate::charset::Charset;
use crate::diagnostic::Diagnostic;
use crate::iso2709;
use crate::iso2709::framing::Next;

/// The number of bytes by which a format is recognised.
pub(crate) const LOOKED_AT: usize = 4096;

/// What records are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Iso2709,
    Marcxml {
        /// The encoding that the document declares.
        declared: Option<Charset>,
    },
}

/// Finds the records of a source.
#[derive(Debug)]
pub(crate) enum Framing {
    Iso2709(iso2709::Framer),
    Marcxml(Box<marcxml::Framer>),
}

impl Framing {
    /// The item that begins at `at`, as [`iso2709::Framer::next`] says.
    #[inline]
    pub(crate) fn next(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        match self {
            Framing::Iso2709(framer) => framer.next(window, at, last),
            Framing::Marcxml(framer) => framer.next(window, at, last),
        }
    }

    /// Removes the first `bytes` of the window.
    pub(crate) fn forget(&mut self, bytes: usize) {
        match self {
            Framing::Iso2709(framer) => framer.forget(bytes),
            // It remembers no place.
            Framing::Marcxml(_) => {}
        }
    }

    /// What was found about the source as a whole; complete at its end, which is at this offset.
    pub(crate) fn findings(&self, end: u64) -> Vec<Diagnostic> {
        match self {
            Framing::Iso2709(_) => Vec::new(),
            Framing::Marcxml(framer) => framer.findings(end),
        }
    }
}

impl Syntax {
    /// What finds the records; `max_record` is the maximum number of bytes in one whose length cannot be trusted.
    pub(crate) fn framing(self, max_record: usize) -> Framing {
        match self {
            Syntax::Iso2709 => Framing::Iso2709(iso2709::Framer::new(max_record)),
            Syntax::Marcxml { .. } => Framing::Marcxml(Box::new(marcxml::Framer::new(max_record))),
        }
    }

    /// The format of a source, by its first (decompressed) bytes. What is not recognised is read as ISO 2709.
    pub(crate) fn of(first_bytes: &[u8]) -> Syntax {
        match NotMarc::of(first_bytes) {
            Some(NotMarc::Xml) => Syntax::marcxml(first_bytes),
            _ => Syntax::Iso2709,
        }
    }

    /// MARCXML in a document that begins with these bytes.
    pub(crate) fn marcxml(first_bytes: &[u8]) -> Syntax {
        Syntax::Marcxml { declared: marcxml::declared_encoding(first_bytes) }
    }
}
