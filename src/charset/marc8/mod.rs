//! MARC-8: ISO 2022 with two working sets, as MARC 21 prescribes it for a blank in leader/09.
//!
//! ```text
//! bytes   00-1F  20     21-7E  7F  80-9F           A0  A1-FE  FF
//! meaning  C0     space  G0     -   88 89 8D 8E     -   G1     -
//! ```
//!
//! Escape sequences designate sets to G0 or G1. Every value (subfield or control field) begins with ASCII in G0 and
//! ANSEL, the extended Latin set, in G1. A combining mark comes before its base. An East Asian character is three
//! bytes, all in G0 or all in G1.

pub(super) mod decode;
mod designation;
mod encode;
pub(crate) mod pymarc;
pub(crate) mod references;
mod sets;
#[cfg(test)]
mod tests;

pub(crate) use super::iso2022::ESCAPE;
use super::iso2022::{SUPERSCRIPT_ALEF, is_plain};
pub use decode::decode;
pub use encode::{Replace, Unencodable, encode, encode_with};
pub use references::decode_references;

/// Control bytes of C1 and their characters: the beginning and end of a part that is ignored in sorting, the joiner
/// and the non-joiner. They do not depend on the current sets.
const FUNCTIONS: [(u8, char); 4] =
    [(0x88, '\u{98}'), (0x89, '\u{9C}'), (0x8D, '\u{200D}'), (0x8E, '\u{200C}')];
