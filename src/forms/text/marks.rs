//! Finds, in one sweep over many values, the bytes at which something has to be spelled. Few values have one.

use wide::u8x16;

use super::Form;

const BLOCK: usize = 64;

/// The places of such bytes; reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    places: Vec<u32>,
}

impl Marks {
    /// Finds them, and returns their places, and one behind all of them.
    #[inline(always)]
    pub(crate) fn find<F: Form>(&mut self, bytes: &[u8]) -> &[u32] {
        self.places.clear();
        let mut place = 0;
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for block in blocks {
            self.note::<F>(place, block);
            place += BLOCK as u32;
        }
        if !rest.is_empty() {
            let mut block = [b' '; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.note::<F>(place, &block);
        }
        self.places.push(u32::MAX);
        &self.places
    }

    #[inline(always)]
    fn note<F: Form>(&mut self, place: u32, block: &[u8; BLOCK]) {
        let (quarters, _) = block.as_chunks::<16>();
        let bits = |quarter: usize| u64::from(marked::<F>(u8x16::new(quarters[quarter])).to_bitmask());
        let mut bits = bits(0) | bits(1) << 16 | bits(2) << 32 | bits(3) << 48;
        while bits != 0 {
            self.places.push(place + bits.trailing_zeros());
            bits &= bits - 1;
        }
    }
}

/// All bits of each byte at which a character may begin that has to be spelled.
#[inline(always)]
pub(super) fn marked<F: Form>(bytes: u8x16) -> u8x16 {
    let controls = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
    F::MARKED.iter().fold(controls, |all, &byte| all | bytes.simd_eq(u8x16::splat(byte)))
}
