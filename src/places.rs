//! Where certain bytes are: [`Places`] are found in one sweep, [`Occurrences`] when they are asked for. A search for each
//! would cost more than what is between them.

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
            self.note(place, look(&filled_up(rest)));
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

/// The places at which a byte stands in a part of a text, once or twice in a row, from left to right. They are found a
/// block at a time, when they are asked for.
#[derive(Clone)]
pub(crate) struct Occurrences<'a, const TIMES: usize> {
    text: &'a [u8],
    byte: u8,
    /// The least place that can be next.
    from: usize,
    /// All places are before this one.
    end: usize,
    /// Where the block begins that is looked at.
    block: usize,
    /// A bit for each place in it that is still to come.
    bits: u64,
}

impl<'a, const TIMES: usize> Occurrences<'a, TIMES> {
    #[inline(always)]
    pub(crate) fn of(byte: u8, text: &'a [u8], start: usize, end: usize) -> Occurrences<'a, TIMES> {
        let mut all = Occurrences {
            text,
            byte,
            from: start,
            end: (end + 1).saturating_sub(TIMES),
            block: start,
            bits: 0,
        };
        if start < end {
            all.look();
        }
        all
    }

    #[inline(always)]
    fn look(&mut self) {
        self.bits = bits_from(self.text, self.block, |bytes| bytes.simd_eq(u8x16::splat(self.byte)));
        if TIMES == 2 {
            let behind = u64::from(self.text.get(self.block + BLOCK) == Some(&self.byte));
            self.bits &= self.bits >> 1 | behind << (BLOCK - 1);
        }
    }
}

impl<const TIMES: usize> Iterator for Occurrences<'_, TIMES> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        loop {
            while self.bits == 0 {
                if self.end.saturating_sub(self.block) <= BLOCK {
                    return None;
                }
                self.block += BLOCK;
                self.look();
            }
            let place = self.block + self.bits.trailing_zeros() as usize;
            self.bits &= self.bits - 1;
            if place >= self.end {
                return None;
            }
            // Of three in a row, the first two are a pair.
            if TIMES == 1 || place >= self.from {
                self.from = place + TIMES;
                return Some(place);
            }
        }
    }
}

/// A bit for each byte of a block in which `is` sets all bits.
#[inline(always)]
pub(crate) fn bits(block: &[u8; BLOCK], is: impl Fn(u8x16) -> u8x16) -> u64 {
    let (quarters, _) = block.as_chunks::<16>();
    let [a, b, c, d] = [0, 1, 2, 3].map(|quarter| is(u8x16::new(quarters[quarter])).to_bitmask());
    u64::from(a | b << 16) | u64::from(c | d << 16) << 32
}

/// The same for the block that begins at a place of a text; there are blanks behind its end.
#[inline(always)]
pub(crate) fn bits_from(text: &[u8], at: usize, is: impl Fn(u8x16) -> u8x16) -> u64 {
    let last;
    let block = match text.get(at..at + BLOCK).and_then(<[u8]>::first_chunk) {
        Some(block) => block,
        None => {
            last = filled_up(text.get(at..).unwrap_or_default());
            &last
        }
    };
    bits(block, is)
}

/// A block of less than that, with blanks behind it.
#[inline(never)]
fn filled_up(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [b' '; BLOCK];
    if let Some(room) = block.get_mut(..rest.len()) {
        room.copy_from_slice(rest);
    }
    block
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

        #[test]
        fn every_occurrence_in_a_part_is_found(
            bytes in proptest::collection::vec(prop_oneof![Just(b'$'), Just(b'$'), Just(b' '), any::<u8>()], 0..300),
            byte in prop_oneof![Just(b'$'), Just(b'#')],
            parts in (0usize..320, 0usize..320),
        ) {
            let (start, end) = (parts.0.min(bytes.len()), parts.1.min(bytes.len()));
            let found: Vec<_> = Occurrences::<1>::of(byte, &bytes, start, end).collect();
            let expected: Vec<_> = (start..end).filter(|place| bytes[*place] == byte).collect();
            prop_assert_eq!(found, expected);

            let pairs: Vec<_> = Occurrences::<2>::of(byte, &bytes, start, end).collect();
            let part = bytes.get(start..end).unwrap_or_default();
            let expected: Vec<_> = memchr::memmem::find_iter(part, &[byte; 2]).map(|place| start + place).collect();
            prop_assert_eq!(pairs, expected);
        }
    }
}
