//! [`Places`]: where certain bytes are, found in one sweep. A search for each would cost more than what is between them.

use wide::u8x16;

/// The number of bytes that are looked at together.
pub(crate) const BLOCK: usize = 64;
/// The number of places written for every block, however many were found.
const AT_ONCE: usize = 4;

/// Places of bytes; the memory is reused.
#[derive(Default)]
pub(crate) struct Places {
    places: Vec<u32>,
    found: usize,
}

impl Places {
    /// Finds the bytes from `start` on for which `look` sets a bit; no blank is one of them. The last block is filled up
    /// with blanks.
    #[inline(always)]
    pub(crate) fn find(&mut self, bytes: &[u8], start: usize, mut look: impl FnMut(&[u8; BLOCK]) -> u64) {
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
        if let Some(after_last) = self.places.get_mut(self.found) {
            *after_last = u32::MAX;
        }
    }

    /// Always writes four places: a loop of the exact count would mispredict its exit.
    #[inline(always)]
    fn note(&mut self, place: u32, mut bits: u64) {
        let count = bits.count_ones();
        let Some(room) = self.places.get_mut(self.found..) else { return };
        if let Some(room) = room.first_chunk_mut::<AT_ONCE>() {
            for slot in room {
                *slot = place + bits.trailing_zeros();
                bits &= bits.wrapping_sub(1);
            }
        }
        for slot in room.iter_mut().take(count as usize).skip(AT_ONCE) {
            *slot = place + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
        self.found += count as usize;
    }

    /// The number of places.
    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.found
    }

    /// The places, counted from the first byte, and one behind all of them.
    pub(crate) fn all(&self) -> &[u32] {
        self.places.get(..=self.found).unwrap_or_default()
    }
}

/// A bit for each byte of a block in which `is` sets all bits.
#[inline(always)]
pub(crate) fn bits(block: &[u8; BLOCK], is: impl Fn(u8x16) -> u8x16) -> u64 {
    let (quarters, _) = block.as_chunks::<16>();
    let [a, b, c, d] = [0, 1, 2, 3].map(|quarter| is(u8x16::new(quarters[quarter])).to_bitmask());
    u64::from(a | b << 16) | u64::from(c | d << 16) << 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_byte_that_is_looked_for_is_found(
            bytes in proptest::collection::vec(prop_oneof![Just(b'$'), Just(b'#'), any::<u8>()], 0..300),
            start in 0usize..40,
        ) {
            let mut places = Places::default();
            places.find(&bytes, start, |block| bits(block, |bytes| bytes.simd_eq(u8x16::splat(b'$'))));
            let found = bytes.iter().enumerate().skip(start).filter(|(_, byte)| **byte == b'$');
            let expected: Vec<u32> = found.map(|(place, _)| place as u32).chain([u32::MAX]).collect();
            prop_assert_eq!(places.all(), expected);
        }
    }
}
