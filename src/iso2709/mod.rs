//! The structure of ISO 2709: bytes to records, entries and fields, and back. Works on slices only, without text or
//! I/O.
//!
//! ```text
//! leader (24)  directory: an entry of 12 for each field, FT   fields, each with its FT        RT
//! 00063nam a2200049 a 4500 | 001000300000 245001000003 <1E> | A1<1E> 10<1F>aTitle<1E> | <1D>
//! ```
//!
//! `framing` finds where a record ends, and `directory` its fields, or `recover` if the directory is wrong;
//! `pymarc` does both as pymarc does. `view` reads a record; `encode` writes one, and `oversize` one that is
//! too long.

pub(crate) mod directory;
pub(crate) mod encode;
pub(crate) mod framing;
pub(crate) mod leader;
pub(crate) mod oversize;
pub(crate) mod pymarc;
pub(crate) mod recover;
mod tag;
pub(crate) mod view;

pub(crate) use directory::Entries;
pub use directory::Entry;
pub use encode::encode;
pub(crate) use framing::{Framer, Item, Kind};
pub use leader::{EntryMap, Leader};
pub use tag::{Tag, TagError};
pub use view::{FieldView, RecordView, SubfieldView};

/// Begins a subfield (MARC 21: delimiter; ISO 2709: IS1).
pub const SUBFIELD_DELIMITER: u8 = 0x1F;
/// Ends a field and the directory (MARC 21: field terminator; ISO 2709: IS2).
pub const FIELD_TERMINATOR: u8 = 0x1E;
/// Ends a record (MARC 21: record terminator; ISO 2709: IS3).
pub const RECORD_TERMINATOR: u8 = 0x1D;

/// The number that ASCII digits spell; `None` for no byte, or any other byte.
#[inline]
pub(crate) fn number(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || bytes.len() > 9 {
        return None;
    }
    let (mut sum, mut are_digits) = (0u32, true);
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        are_digits &= digit <= 9;
        sum = sum.wrapping_mul(10).wrapping_add(u32::from(digit));
    }
    are_digits.then_some(sum)
}

/// Digits, spaces followed by digits, or spaces: what may stand in place of a length.
fn length_like(bytes: &[u8]) -> bool {
    bytes.iter().skip_while(|&&byte| byte == b' ').all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_only() {
        for (bytes, expected) in
            [(&b"00063"[..], Some(63)), (b"", None), (b"+0217", None), (b"2_17", None), (b"  217", None)]
        {
            assert_eq!(number(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_length_may_be_padded_with_spaces() {
        for (bytes, expected) in
            [(&b"00063"[..], true), (b"   63", true), (b"     ", true), (b"\t  63", false), (b"6 3  ", false)]
        {
            assert_eq!(length_like(bytes), expected, "{bytes:?}");
        }
    }
}
