//! The subfields of the fields that a query looks at. Delimiters are found a block of bytes at a time, because most
//! fields fit into one.

use wide::u8x16;

use crate::iso2709::SUBFIELD_DELIMITER;

const BLOCK: usize = 64;

/// A subfield whose code is ASCII: where its value is in the text of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subfield {
    pub(super) code: u8,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Adds the subfields of a field of which one delimiter is at `first` and the last byte before `end`.
#[inline(always)]
pub(super) fn find_subfields(text: &[u8], first: usize, end: usize, to: &mut Vec<Subfield>) {
    let mut delimiter = first;
    for next in Delimiters::new(text, first + 1, end).chain([end]) {
        let code = text.get(delimiter + 1).copied().filter(|code| delimiter + 1 < next && code.is_ascii());
        if let Some(code) = code {
            to.push(Subfield { code, start: delimiter as u32 + 2, end: next as u32 });
        }
        delimiter = next;
    }
}

/// The places of the delimiters in a part of a text.
struct Delimiters<'a> {
    text: &'a [u8],
    /// Where the current block begins.
    block: usize,
    end: usize,
    /// A bit for each delimiter of the current block that is still to come.
    bits: u64,
}

impl<'a> Delimiters<'a> {
    #[inline(always)]
    fn new(text: &'a [u8], start: usize, end: usize) -> Delimiters<'a> {
        let mut delimiters = Delimiters { text, block: start, end, bits: 0 };
        delimiters.look();
        delimiters
    }

    /// Looks at the current block.
    #[inline(always)]
    fn look(&mut self) {
        let rest = self.text.get(self.block..).unwrap_or_default();
        self.bits = match rest.first_chunk() {
            Some(block) => delimiters_of(block),
            None => delimiters_of_rest(rest),
        };
        let length = self.end.saturating_sub(self.block);
        if length < BLOCK {
            self.bits &= (1 << length) - 1;
        }
    }
}

impl Iterator for Delimiters<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            self.block += BLOCK;
            if self.block >= self.end {
                return None;
            }
            self.look();
        }
        let place = self.block + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(place)
    }
}

/// A bit for each delimiter in a block.
#[inline(always)]
fn delimiters_of(block: &[u8; BLOCK]) -> u64 {
    let (quarters, _) = block.as_chunks::<16>();
    let bits = |quarter: &[u8; 16]| u8x16::new(*quarter).simd_eq(u8x16::splat(SUBFIELD_DELIMITER)).to_bitmask();
    quarters.iter().rev().fold(0, |all, quarter| all << 16 | u64::from(bits(quarter)))
}

/// The same for less than a block.
#[inline(never)]
fn delimiters_of_rest(rest: &[u8]) -> u64 {
    let mut block = [b' '; BLOCK];
    block.iter_mut().zip(rest).for_each(|(byte, from)| *byte = *from);
    delimiters_of(&block)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn subfields_are_what_is_between_delimiters(
            before in "[ -~\u{1f}]{0,70}",
            subfields in proptest::collection::vec("[a-zé]{0,3}|[ -~é]{0,200}", 1..12),
            after in "[ -~\u{1f}]{0,70}",
        ) {
            let field: String = subfields.iter().map(|subfield| format!("\u{1f}{subfield}")).collect();
            let (text, end) = (format!("{before}{field}{after}"), before.len() + field.len());
            let mut found = Vec::new();
            find_subfields(text.as_bytes(), before.len(), end, &mut found);
            let found: Vec<_> =
                found.iter().map(|it| (it.code, &text[it.start as usize..it.end as usize])).collect();
            let expected: Vec<_> = subfields
                .iter()
                .filter(|it| it.starts_with(|code: char| code.is_ascii()))
                .map(|it| (it.as_bytes()[0], &it[1..]))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
