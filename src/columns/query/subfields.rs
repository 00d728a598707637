//! The subfields of the fields that a query looks at, found when they are asked for. Delimiters are found a block of
//! bytes at a time, because most fields fit into one.

use wide::u8x16;

use crate::iso2709::SUBFIELD_DELIMITER;
use crate::places::{BLOCK, bits_from};

/// A subfield whose code is ASCII: where its value is in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subfield {
    pub(super) code: u8,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// The subfields in a part of a text that begins with a delimiter.
#[derive(Clone)]
pub(super) struct Subfields<'a> {
    text: &'a [u8],
    /// The last delimiter that was passed: the end, when all were.
    delimiter: usize,
    end: usize,
    /// Where the block begins that is looked at.
    block: usize,
    /// A bit for each delimiter in it that is still to come, and one for the end.
    bits: u64,
}

impl<'a> Subfields<'a> {
    /// Those between this delimiter and the end; none if it is not before the end.
    #[inline(always)]
    pub(super) fn new(text: &'a [u8], delimiter: u32, end: u32) -> Subfields<'a> {
        let (delimiter, end) = (delimiter as usize, end as usize);
        let mut subfields = Subfields { text, delimiter, end, block: delimiter.wrapping_add(1), bits: 0 };
        if delimiter < end {
            subfields.look();
        }
        subfields
    }

    /// Looks at the block.
    #[inline(always)]
    fn look(&mut self) {
        let bits = bits_from(self.text, self.block, |bytes| bytes.simd_eq(u8x16::splat(SUBFIELD_DELIMITER)));
        let rest = self.end - self.block;
        self.bits = if rest < BLOCK { bits & !(u64::MAX << rest) | 1 << rest } else { bits };
    }
}

impl Iterator for Subfields<'_> {
    type Item = Subfield;

    #[inline(always)]
    fn next(&mut self) -> Option<Subfield> {
        loop {
            while self.bits == 0 {
                if self.delimiter >= self.end {
                    return None;
                }
                self.block += BLOCK;
                self.look();
            }
            let end = self.block + self.bits.trailing_zeros() as usize;
            self.bits &= self.bits - 1;
            let delimiter = std::mem::replace(&mut self.delimiter, end);
            let code = *self.text.get(delimiter + 1)?;
            // Between two delimiters there is a subfield, unless it has no code that is ASCII.
            if delimiter + 1 < end && code.is_ascii() {
                return Some(Subfield { code, start: delimiter as u32 + 2, end: end as u32 });
            }
        }
    }
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
            let found: Vec<_> = Subfields::new(text.as_bytes(), before.len() as u32, end as u32)
                .map(|it| (it.code, &text[it.start as usize..it.end as usize]))
                .collect();
            let expected: Vec<_> = subfields
                .iter()
                .filter(|it| it.starts_with(|code: char| code.is_ascii()))
                .map(|it| (it.as_bytes()[0], &it[1..]))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
