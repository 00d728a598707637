//! What a source is written in, and formats other than ISO 2709: their bytes to fields. Works on slices only, without
//! text or I/O.
//!
//! ```text
//! bytes ── Syntax::of ──> a format ── its framing ──> a record's bytes ── its translation ──> Arena: leader, fields
//! ```
//!
//! A record of another format is laid out anew in an [`Arena`], so that all that reads ISO 2709 reads it as well.

mod aleph;
mod arena;
mod draft;
pub(crate) mod encoding;
mod framing;
mod json;
mod lines;
pub(crate) mod maker;
mod marcxml;
pub(crate) mod not_marc;
mod split;
mod standing_in;

pub(crate) use arena::{Arena, Translated};
pub use not_marc::NotMarc;
pub(crate) use split::{BEFORE, Split};

use self::framing::Framer;
use crate::charset::Charset;
use crate::diagnostic::Diagnostic;
use crate::iso2709;
use crate::iso2709::framing::Next;
use crate::options::{self, Encoding, Format};
use crate::record::reading::Rules;

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
    Json,
    Maker,
    Aleph,
}

impl Syntax {
    /// The format of a source, by its first (decompressed) bytes, unless it is told. What is not recognised is read as
    /// ISO 2709.
    pub(crate) fn of(first_bytes: &[u8], format: Format) -> Syntax {
        let marcxml =
            || Syntax::Marcxml { declared: marcxml::declared_encoding(first_bytes).and_then(Charset::named) };
        match format {
            Format::Iso2709 => Syntax::Iso2709,
            Format::Marcxml => marcxml(),
            Format::Json => Syntax::Json,
            Format::Mrk => Syntax::Maker,
            Format::Aleph => Syntax::Aleph,
            Format::Auto => match NotMarc::of(first_bytes) {
                Some(NotMarc::Xml) => marcxml(),
                Some(NotMarc::Json) => Syntax::Json,
                Some(NotMarc::Maker) => Syntax::Maker,
                Some(NotMarc::Aleph) => Syntax::Aleph,
                _ => Syntax::Iso2709,
            },
        }
    }

    /// The format that this is.
    pub(crate) fn format(self) -> Format {
        match self {
            Syntax::Iso2709 => Format::Iso2709,
            Syntax::Marcxml { .. } => Format::Marcxml,
            Syntax::Json => Format::Json,
            Syntax::Maker => Format::Mrk,
            Syntax::Aleph => Format::Aleph,
        }
    }

    /// What finds the records in a part of a source that begins like `head`; `max_record` as for the whole.
    pub(crate) fn framing_behind(self, head: &[u8], max_record: usize) -> Framing {
        match self {
            Syntax::Marcxml { .. } => {
                Framing::Marcxml(Box::new(Framer::new(max_record, marcxml::Records::behind(head))))
            }
            _ => self.framing(max_record),
        }
    }

    /// What finds the records; `max_record` is the maximum number of bytes in one whose length cannot be trusted.
    pub(crate) fn framing(self, max_record: usize) -> Framing {
        match self {
            Syntax::Iso2709 => Framing::Iso2709(iso2709::Framer::new(max_record)),
            Syntax::Marcxml { .. } => Framing::Marcxml(Box::new(Framer::new(max_record, Default::default()))),
            Syntax::Json => Framing::Json(Box::new(Framer::new(max_record, Default::default()))),
            Syntax::Maker => Framing::Maker(Box::new(Framer::new(max_record, Default::default()))),
            Syntax::Aleph => Framing::Aleph(Box::new(Framer::new(max_record, Default::default()))),
        }
    }

    /// Lays out records, which are parts of `bytes`, one after another in the arena, and says by which rules they are to
    /// be read. `None` if they can be read as they are.
    pub(crate) fn lay_out<'a>(
        self,
        bytes: &'a [u8],
        records: impl Iterator<Item = &'a [u8]> + Clone,
        asked: options::Records,
        arena: &mut Arena,
    ) -> Option<Rules> {
        match self {
            Syntax::Iso2709 => None,
            Syntax::Marcxml { declared } => {
                marcxml::translate(bytes, records, arena);
                Some(Rules::Utf8 { declared })
            }
            Syntax::Json => {
                json::translate(bytes, records, arena);
                Some(Rules::Utf8 { declared: None })
            }
            Syntax::Maker => {
                maker::translate(records, asked, arena);
                Some(rules_of_text(asked))
            }
            Syntax::Aleph => {
                aleph::translate(records, arena);
                Some(rules_of_text(asked))
            }
        }
    }
}

/// The rules for a file of text, in which leader/09 says what the record was in, and not what the file is in: if no
/// encoding is named, the bytes of the record decide.
fn rules_of_text(asked: options::Records) -> Rules {
    let encoding = match asked.encoding {
        Encoding::Declared => Encoding::Auto,
        encoding => encoding,
    };
    options::Records { encoding, ..asked }.into()
}

/// Finds the records of a source.
#[derive(Debug)]
pub(crate) enum Framing {
    Iso2709(iso2709::Framer),
    Marcxml(Box<Framer<marcxml::Records>>),
    Json(Box<Framer<json::Records>>),
    Maker(Box<Framer<maker::Records>>),
    Aleph(Box<Framer<aleph::Records>>),
}

impl Framing {
    /// The item that begins at `at`, as [`iso2709::Framer::next`] says.
    #[inline]
    pub(crate) fn next(&mut self, window: &[u8], at: usize, last: bool) -> Next {
        match self {
            Framing::Iso2709(framer) => framer.next(window, at, last),
            Framing::Marcxml(framer) => framer.next(window, at, last),
            Framing::Json(framer) => framer.next(window, at, last),
            Framing::Maker(framer) => framer.next(window, at, last),
            Framing::Aleph(framer) => framer.next(window, at, last),
        }
    }

    /// Removes the first `bytes` of the window.
    pub(crate) fn forget(&mut self, bytes: usize) {
        match self {
            Framing::Iso2709(framer) => framer.forget(bytes),
            // They remember no place.
            Framing::Marcxml(_) | Framing::Json(_) | Framing::Maker(_) | Framing::Aleph(_) => {}
        }
    }

    /// What was found about the source as a whole; complete at its end, which is at this offset.
    pub(crate) fn findings(&self, end: u64) -> Vec<Diagnostic> {
        match self {
            Framing::Iso2709(_) => Vec::new(),
            Framing::Marcxml(framer) => framer.findings(end),
            Framing::Json(framer) => framer.findings(end),
            Framing::Maker(framer) => framer.findings(end),
            Framing::Aleph(framer) => framer.findings(end),
        }
    }
}

#[cfg(test)]
mod tests;
