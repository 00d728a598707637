//! The leader (ISO 2709: record label): 24 bytes with named positions.

use super::number;

/// Bytes in a leader.
pub const LEADER_LENGTH: usize = 24;

const CHARACTER_CODING_SCHEME: usize = 9;
const INDICATOR_LENGTH: usize = 10;
const IDENTIFIER_LENGTH: usize = 11;

/// The first 24 bytes of a record (MARC 21: leader; ISO 2709:2008 section 4.3: record label).
///
/// ```
/// let leader = mrrc::iso2709::Leader(*b"00063nam a2200049 a 4500");
/// assert_eq!(leader.record_length(), Some(63));
/// assert_eq!(leader.base_address(), Some(49));
/// assert_eq!(leader.character_coding_scheme(), b'a');
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leader(pub [u8; LEADER_LENGTH]);

impl Leader {
    /// Positions 0-4: the length of the record in bytes, with leader and terminator; `None` if they are not digits.
    pub fn record_length(&self) -> Option<u32> {
        number(&self.0[0..5])
    }

    /// Positions 12-16: the offset at which the data begin; `None` if they are not digits.
    pub fn base_address(&self) -> Option<u32> {
        number(&self.0[12..17])
    }

    /// Position 9: `a` for Unicode, a blank for MARC-8.
    pub fn character_coding_scheme(&self) -> u8 {
        self.0[CHARACTER_CODING_SCHEME]
    }

    /// Position 10: the number of indicators in a data field. Only 1, 3 and 4 are trusted; anything else means 2.
    ///
    /// ```
    /// use mrrc::iso2709::Leader;
    ///
    /// assert_eq!(Leader(*b"00063nam a2200049 a 4500").indicators(), 2);
    /// assert_eq!(Leader(*b"00063nam a3200049 a 4500").indicators(), 3);
    /// ```
    pub fn indicators(&self) -> usize {
        match self.0[INDICATOR_LENGTH] {
            b'1' => 1,
            b'3' => 3,
            b'4' => 4,
            _ => 2,
        }
    }

    /// Whether positions 10-11 are `00`: fields have neither indicators nor subfields.
    pub fn fields_are_plain(&self) -> bool {
        self.0[INDICATOR_LENGTH..=IDENTIFIER_LENGTH] == *b"00"
    }

    /// Positions 20-22: the layout of a directory entry.
    ///
    /// ```
    /// use mrrc::iso2709::{EntryMap, Leader};
    ///
    /// let leader = Leader(*b"00063nam a2200049 a 4500");
    /// assert_eq!(leader.entry_map(), EntryMap::MARC);
    /// assert_eq!(leader.entry_map().width(), 12);
    /// ```
    pub fn entry_map(&self) -> EntryMap {
        let digit = |place: usize| self.0[place].is_ascii_digit().then(|| usize::from(self.0[place] - b'0'));
        match (digit(20), digit(21), digit(22)) {
            (Some(length @ 1..), Some(start @ 1..), Some(defined)) => EntryMap { length, start, defined },
            _ => EntryMap::MARC,
        }
    }
}

/// The layout of a directory entry after its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryMap {
    /// The number of digits in the field's length.
    pub length: usize,
    /// The number of digits in the field's start.
    pub start: usize,
    /// The number of bytes in the implementation-defined part.
    pub defined: usize,
}

impl EntryMap {
    /// What MARC 21 and UNIMARC prescribe: `450`.
    pub const MARC: EntryMap = EntryMap { length: 4, start: 5, defined: 0 };

    /// The number of bytes in an entry.
    pub fn width(&self) -> usize {
        3 + self.length + self.start + self.defined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leader(with: &str) -> Leader {
        let mut bytes = *b"00063nam a2200049 a 4500";
        bytes[20..20 + with.len()].copy_from_slice(with.as_bytes());
        Leader(bytes)
    }

    #[test]
    fn an_unusable_entry_map_means_450() {
        for map in ["450 ", "45  ", "45x ", "    ", "||||", "0500"] {
            assert_eq!(leader(map).entry_map(), EntryMap::MARC, "{map}");
        }
        assert_eq!(leader("560 ").entry_map().width(), 14);
        assert_eq!(leader("453 ").entry_map().width(), 15);
    }

    #[test]
    fn numbers_that_are_no_digits_are_none() {
        let mut broken = leader("4500");
        broken.0[0..5].copy_from_slice(b"+0217");
        broken.0[12..17].copy_from_slice(b"     ");
        assert_eq!((broken.record_length(), broken.base_address()), (None, None));
    }
}
