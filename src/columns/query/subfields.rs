//! The subfields of the fields that a query looks at, found when they are asked for. Delimiters are found a block of
//! bytes at a time, because most fields fit into one.

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

/// Passes on the subfields in a part of the text that begins with a delimiter.
#[inline(always)]
pub(super) fn each_subfield(text: &[u8], first: u32, end: u32, mut to: impl FnMut(Subfield)) {
    // Between two delimiters there is a subfield, unless it has no code that is ASCII.
    let mut between = |delimiter: usize, next: usize| {
        let code = text.get(delimiter + 1).copied().filter(|code| delimiter + 1 < next && code.is_ascii());
        if let Some(code) = code {
            to(Subfield { code, start: delimiter as u32 + 2, end: next as u32 });
        }
    };
    let (mut delimiter, end) = (first as usize, end as usize);
    let mut block = delimiter + 1;
    while block < end {
        let mut bits = delimiters_from(text, block) & u64::MAX >> (BLOCK - (end - block).min(BLOCK));
        while bits != 0 {
            let next = block + bits.trailing_zeros() as usize;
            between(delimiter, next);
            delimiter = next;
            bits &= bits - 1;
        }
        block += BLOCK;
    }
    between(delimiter, end);
}

/// A bit for each delimiter in the block that begins here.
#[inline(always)]
fn delimiters_from(text: &[u8], block: usize) -> u64 {
    match text.get(block..block + BLOCK).and_then(<[u8]>::first_chunk) {
        Some(block) => delimiters_of(block),
        None => delimiters_of_rest(text.get(block..).unwrap_or_default()),
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
            each_subfield(text.as_bytes(), before.len() as u32, end as u32, |subfield| found.push(subfield));
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
