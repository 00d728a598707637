//! The subfields of the fields that a query looks at, found when they are asked for.

use crate::iso2709::SUBFIELD_DELIMITER;
use crate::places::Occurrences;

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
    /// The delimiter of the next one, or the end.
    delimiter: usize,
    end: usize,
    /// The delimiters behind it.
    delimiters: Occurrences<'a, 1>,
}

impl<'a> Subfields<'a> {
    /// Those between this delimiter and the end; none if it is not before the end.
    #[inline(always)]
    pub(super) fn new(text: &'a [u8], delimiter: u32, end: u32) -> Subfields<'a> {
        let (delimiter, end) = (delimiter as usize, end as usize);
        let delimiters = Occurrences::of(SUBFIELD_DELIMITER, text, delimiter.saturating_add(1), end);
        Subfields { text, delimiter, end, delimiters }
    }
}

impl Iterator for Subfields<'_> {
    type Item = Subfield;

    #[inline(always)]
    fn next(&mut self) -> Option<Subfield> {
        while self.delimiter < self.end {
            let end = self.delimiters.next().unwrap_or(self.end);
            let delimiter = std::mem::replace(&mut self.delimiter, end);
            let code = *self.text.get(delimiter + 1)?;
            // Between two delimiters there is a subfield, unless it has no code that is ASCII.
            if delimiter + 1 < end && code.is_ascii() {
                return Some(Subfield { code, start: delimiter as u32 + 2, end: end as u32 });
            }
        }
        None
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
