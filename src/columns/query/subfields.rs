//! The subfields of the fields that a query looks at. Delimiters are found a block of bytes at a time, because most
//! fields fit into one.

use wide::u8x16;

use crate::iso2709::SUBFIELD_DELIMITER;

const BLOCK: usize = 64;

/// A subfield whose code is ASCII: where its value is in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subfield {
    pub(super) code: u8,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Adds the subfields of a field of which one delimiter is at `first` and the last byte before `end`.
#[inline(always)]
pub(super) fn find_subfields(text: &[u8], first: usize, end: usize, to: &mut Vec<Subfield>) {
    let (mut delimiter, mut block) = (first, first + 1);
    while block < end {
        let mut bits = delimiters_from(text, block);
        if end - block < BLOCK {
            bits &= (1 << (end - block)) - 1;
        }
        while bits != 0 {
            let next = block + bits.trailing_zeros() as usize;
            add(text, delimiter, next, to);
            delimiter = next;
            bits &= bits - 1;
        }
        block += BLOCK;
    }
    add(text, delimiter, end, to);
}

/// Adds the subfield between two delimiters, unless it has no code that is ASCII.
#[inline(always)]
fn add(text: &[u8], delimiter: usize, next: usize, to: &mut Vec<Subfield>) {
    let code = text.get(delimiter + 1).copied().filter(|code| delimiter + 1 < next && code.is_ascii());
    if let Some(code) = code {
        to.push(Subfield { code, start: delimiter as u32 + 2, end: next as u32 });
    }
}

/// A bit for each delimiter in the block that begins here.
#[inline(always)]
fn delimiters_from(text: &[u8], block: usize) -> u64 {
    let rest = text.get(block..).unwrap_or_default();
    match rest.first_chunk() {
        Some(block) => delimiters_of(block),
        None => delimiters_of_rest(rest),
    }
}

/// A bit for each delimiter in a block.
#[inline(always)]
fn delimiters_of(block: &[u8; BLOCK]) -> u64 {
    let (quarters, _) = block.as_chunks::<16>();
    let bits =
        |quarter: &[u8; 16]| u8x16::new(*quarter).simd_eq(u8x16::splat(SUBFIELD_DELIMITER)).to_bitmask();
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
