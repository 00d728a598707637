//! Finds the delimiters of a record in one sweep. Other control characters are counted, because no text should have them:
//! only terminators do.

use wide::u8x16;

use crate::iso2709::SUBFIELD_DELIMITER;
use crate::places::{BLOCK, Places, bits};

/// The places of a record's subfield delimiters; reused from record to record.
#[derive(Default)]
pub(super) struct Delimiters {
    places: Places,
    others: usize,
}

impl Delimiters {
    /// Finds the subfield delimiters from `start` on, and counts all other bytes below 20.
    #[inline(always)]
    pub(super) fn find(&mut self, bytes: &[u8], start: usize) {
        let mut all = 0;
        self.places.find(bytes, start, |block| {
            let (controls, delimiters) = look(block);
            all += controls.count_ones() as usize;
            delimiters
        });
        self.others = all - self.places.count();
    }

    /// The places of the subfield delimiters, counted from the record's first byte, and one behind all of them.
    pub(super) fn places(&self) -> &[u32] {
        self.places.all()
    }

    /// The number of other bytes below 20.
    pub(super) fn others(&self) -> usize {
        self.others
    }
}

/// A bit for each byte of a block that is below 20, and one for each subfield delimiter.
#[inline(always)]
fn look(block: &[u8; BLOCK]) -> (u64, u64) {
    let controls = bits(block, |bytes| bytes.min(u8x16::splat(0x1F)).simd_eq(bytes));
    (controls, bits(block, |bytes| bytes.simd_eq(u8x16::splat(SUBFIELD_DELIMITER))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Byte by byte: the reference for the vectorised version.
    fn look_plainly(block: &[u8; BLOCK]) -> (u64, u64) {
        let bits = |is: fn(u8) -> bool| {
            block.iter().enumerate().fold(0, |bits, (place, byte)| bits | u64::from(is(*byte)) << place)
        };
        (bits(|byte| byte < 0x20), bits(|byte| byte == SUBFIELD_DELIMITER))
    }

    proptest! {
        #[test]
        fn the_quick_look_is_the_plain_one(bytes in proptest::collection::vec(0x18u8..0x24, BLOCK), high in any::<u8>()) {
            let mut block = [0; BLOCK];
            block.copy_from_slice(&bytes);
            block[usize::from(high) % BLOCK] = high;
            prop_assert_eq!(look(&block), look_plainly(&block));
        }

        #[test]
        fn every_control_is_found(
            bytes in proptest::collection::vec(prop_oneof![Just(0x1F), 0x18u8..0x24, any::<u8>()], 0..300),
            start in 0usize..40,
        ) {
            let mut delimiters = Delimiters::default();
            delimiters.find(&bytes, start);
            let controls = bytes.iter().enumerate().skip(start).filter(|(_, byte)| **byte < 0x20);
            let (found, others): (Vec<_>, Vec<_>) = controls.partition(|(_, byte)| **byte == SUBFIELD_DELIMITER);
            let places: Vec<u32> = found.iter().map(|(place, _)| *place as u32).chain([u32::MAX]).collect();
            prop_assert_eq!(delimiters.places(), places);
            prop_assert_eq!(delimiters.others(), others.len());
        }
    }
}
