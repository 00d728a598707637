//! Finds the delimiters of a record in one sweep: a search for each would cost more than the values between them.
//! Other control characters are counted, because no text should have them: only terminators do.

use wide::u8x16;

use crate::iso2709::SUBFIELD_DELIMITER;

const BLOCK: usize = 64;
/// The number of places written for every block, however many were found.
const AT_ONCE: usize = 4;

/// The places of a record's subfield delimiters; reused from record to record.
#[derive(Default)]
pub(super) struct Delimiters {
    places: Vec<u32>,
    found: usize,
    others: u32,
}

impl Delimiters {
    /// Finds the subfield delimiters from `start` on, and counts all other bytes below 20.
    #[inline(always)]
    pub(super) fn find(&mut self, bytes: &[u8], start: usize) {
        let rest = bytes.get(start..).unwrap_or_default();
        (self.found, self.others) = (0, 0);
        if self.places.len() < rest.len() + AT_ONCE {
            self.places.resize(rest.len() + AT_ONCE, 0);
        }
        let mut place = start as u32;
        let (blocks, rest) = rest.as_chunks::<BLOCK>();
        for block in blocks {
            self.note(place, block);
            place += BLOCK as u32;
        }
        if !rest.is_empty() {
            let mut block = [b' '; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.note(place, &block);
        }
        if let Some(after_last) = self.places.get_mut(self.found) {
            *after_last = u32::MAX;
        }
    }

    /// Always writes four places: a loop of the exact count would mispredict its exit.
    #[inline(always)]
    fn note(&mut self, place: u32, block: &[u8; BLOCK]) {
        let (controls, mut delimiters) = look(block);
        let count = delimiters.count_ones();
        self.others += controls.count_ones() - count;
        let Some(room) = self.places.get_mut(self.found..) else { return };
        if let Some(room) = room.first_chunk_mut::<AT_ONCE>() {
            for slot in room {
                *slot = place + delimiters.trailing_zeros();
                delimiters &= delimiters.wrapping_sub(1);
            }
        }
        for slot in room.iter_mut().take(count as usize).skip(AT_ONCE) {
            *slot = place + delimiters.trailing_zeros();
            delimiters &= delimiters.wrapping_sub(1);
        }
        self.found += count as usize;
    }

    /// The places of the subfield delimiters, counted from the record's first byte, and one behind all of them.
    pub(super) fn places(&self) -> &[u32] {
        self.places.get(..=self.found).unwrap_or_default()
    }

    /// The number of other bytes below 20.
    pub(super) fn others(&self) -> usize {
        self.others as usize
    }
}

/// A bit for each byte of a block that is below 20, and one for each subfield delimiter.
#[inline(always)]
fn look(block: &[u8; BLOCK]) -> (u64, u64) {
    let (halves, _) = block.as_chunks::<{ BLOCK / 2 }>();
    let [(low_controls, low_delimiters), (high_controls, high_delimiters)] =
        [look_at_half(&halves[0]), look_at_half(&halves[1])];
    (
        low_controls as u64 | (high_controls as u64) << 32,
        low_delimiters as u64 | (high_delimiters as u64) << 32,
    )
}

#[inline(always)]
fn look_at_half(half: &[u8; BLOCK / 2]) -> (u32, u32) {
    let (quarters, _) = half.as_chunks::<16>();
    let [low, high] = [u8x16::new(quarters[0]), u8x16::new(quarters[1])];
    let controls = |bytes: u8x16| bytes.min(u8x16::splat(0x1F)).simd_eq(bytes).to_bitmask();
    let delimiters = |bytes: u8x16| bytes.simd_eq(u8x16::splat(SUBFIELD_DELIMITER)).to_bitmask();
    (controls(low) | controls(high) << 16, delimiters(low) | delimiters(high) << 16)
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
