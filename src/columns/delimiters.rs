//! Finds the delimiters of a record in one sweep: a search for each would cost more than the values between them.
//! Other control characters are found too, because no text should have them: a record with one is not plain.

use wide::u8x16;

const BLOCK: usize = 64;
/// The number of places written for every block, however many were found.
const AT_ONCE: usize = 8;

/// The places of a record's delimiters; reused from record to record.
#[derive(Default)]
pub(super) struct Delimiters {
    places: Vec<u32>,
    found: usize,
}

impl Delimiters {
    /// Finds all bytes below 20 from `start` on: delimiters, and anything odd.
    #[inline(always)]
    pub(super) fn find(&mut self, bytes: &[u8], start: usize) {
        let rest = bytes.get(start..).unwrap_or_default();
        self.found = 0;
        if self.places.len() < rest.len() + AT_ONCE {
            self.places.resize(rest.len() + AT_ONCE, 0);
        }
        let mut place = start as u32;
        let (blocks, rest) = rest.as_chunks::<BLOCK>();
        for block in blocks {
            self.note(place, look(block));
            place += BLOCK as u32;
        }
        if !rest.is_empty() {
            let mut block = [b' '; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.note(place, look(&block));
        }
    }

    /// Always writes eight places: a loop of the exact count would mispredict its exit.
    #[inline(always)]
    fn note(&mut self, place: u32, mut bits: u64) {
        let count = bits.count_ones() as usize;
        let Some(room) = self.places.get_mut(self.found..) else { return };
        if let Some(room) = room.first_chunk_mut::<AT_ONCE>() {
            for slot in room {
                *slot = place + bits.trailing_zeros();
                bits &= bits.wrapping_sub(1);
            }
        }
        for slot in room.iter_mut().take(count).skip(AT_ONCE) {
            *slot = place + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
        self.found += count;
    }

    /// The places found, counted from the record's first byte.
    pub(super) fn places(&self) -> &[u32] {
        &self.places[..self.found]
    }
}

/// A bit for each byte of a block that is below 20.
#[inline(always)]
fn look(block: &[u8; BLOCK]) -> u64 {
    let mut bits = 0;
    let (quarters, _) = block.as_chunks::<16>();
    for (quarter, bytes) in quarters.iter().enumerate() {
        let bytes = u8x16::new(*bytes);
        let is_control = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
        bits |= u64::from(is_control.to_bitmask()) << (16 * quarter);
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Byte by byte: the reference for the vectorised version.
    fn look_plainly(block: &[u8; BLOCK]) -> u64 {
        block.iter().enumerate().fold(0, |bits, (place, byte)| bits | u64::from(*byte < 0x20) << place)
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
        fn every_control_is_found(bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0usize..40) {
            let mut delimiters = Delimiters::default();
            delimiters.find(&bytes, start);
            let rest = bytes.get(start..).unwrap_or_default();
            let expected: Vec<u32> = rest
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte < 0x20)
                .map(|(place, _)| (start + place) as u32)
                .collect();
            prop_assert_eq!(delimiters.places(), expected);
        }
    }
}
