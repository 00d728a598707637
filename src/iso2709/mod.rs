//! The structure of ISO 2709: octets to records, entries and fields, and back. Slices only: no text, no I/O.
//!
//! ```text
//! leader (24)  directory: an entry of 12 for each field, FT   fields, each with its FT        RT
//! 00063nam a2200049 a 4500 | 001000300000 245001000003 <1E> | A1<1E> 10<1F>aTitle<1E> | <1D>
//! ```
//!
//! [`framing`] decides where a record ends, [`directory`] what its fields are, or [`recover`] where the
//! directory is wrong, and [`lenient`] both as pymarc does; [`view`] looks at them; [`encode`] is the way back, [`oversize`] what
//! is too long for it.

pub mod directory;
pub mod encode;
pub mod framing;
pub mod leader;
pub mod lenient;
pub mod oversize;
pub mod recover;
pub mod view;

pub use directory::{Entries, Entry};
pub use framing::{Framer, Item, Kind};
pub use leader::Leader;
pub use view::{FieldView, RecordView, SubfieldView};

/// Begins a subfield (MARC 21: delimiter; ISO 2709: IS1).
pub const SUBFIELD_DELIMITER: u8 = 0x1F;
/// Ends a field and the directory (MARC 21: field terminator; ISO 2709: IS2).
pub const FIELD_TERMINATOR: u8 = 0x1E;
/// Ends a record (MARC 21: record terminator; ISO 2709: IS3).
pub const RECORD_TERMINATOR: u8 = 0x1D;

/// The number that ASCII digits spell; none if there is another octet among them, or no octet.
pub(crate) fn number(octets: &[u8]) -> Option<u32> {
    if octets.is_empty() || octets.len() > 9 {
        return None;
    }
    octets
        .iter()
        .try_fold(0u32, |sum, octet| octet.is_ascii_digit().then(|| sum * 10 + u32::from(octet - b'0')))
}

/// Digits, or spaces and then digits, or spaces: what stands where a length should.
fn length_like(octets: &[u8]) -> bool {
    octets.iter().skip_while(|&&octet| octet == b' ').all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_only() {
        for (octets, expected) in
            [(&b"00063"[..], Some(63)), (b"", None), (b"+0217", None), (b"2_17", None), (b"  217", None)]
        {
            assert_eq!(number(octets), expected, "{octets:?}");
        }
    }

    #[test]
    fn a_length_may_be_padded_with_spaces() {
        for (octets, expected) in
            [(&b"00063"[..], true), (b"   63", true), (b"     ", true), (b"\t  63", false), (b"6 3  ", false)]
        {
            assert_eq!(length_like(octets), expected, "{octets:?}");
        }
    }
}
