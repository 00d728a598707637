//! Where a source of another format than ISO 2709 can be split, so that each record is in one part, whoever reads it.

use super::aleph::Aleph;
use super::maker::Maker;
use super::{Syntax, json, lines, marcxml};

/// The number of bytes before a place that decide whether a record begins there.
pub(crate) const BEFORE: usize = 1 << 13;

/// Where a record begins that can be told from its surroundings alone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// Here.
    At(usize),
    /// Not before here, as far as these bytes tell.
    Beyond(usize),
}

impl Syntax {
    /// Whether a source that begins with these bytes can be split.
    pub(crate) fn can_be_split(self, first_bytes: &[u8]) -> bool {
        match self {
            Syntax::Iso2709 | Syntax::Marcxml { .. } | Syntax::Maker | Syntax::Aleph => true,
            Syntax::Json => json::is_in_lines(first_bytes),
        }
    }

    /// The first place at or after `from` where a record begins. The [`BEFORE`] bytes before `from` are there, too.
    pub(crate) fn next_split(self, bytes: &[u8], from: usize) -> Split {
        match self {
            Syntax::Iso2709 => Split::Beyond(bytes.len()),
            Syntax::Marcxml { .. } => marcxml::next_split(bytes, from),
            Syntax::Json => json::next_split(bytes, from),
            Syntax::Maker => lines::next_split::<Maker>(bytes, from),
            Syntax::Aleph => lines::next_split::<Aleph>(bytes, from),
        }
    }
}
