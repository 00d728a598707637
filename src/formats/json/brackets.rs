//! Where an object or an array ends: brackets are counted, those in strings are not.
//!
//! Bytes are looked at in blocks of 64, a bit for each.

use wide::u8x16;

const BLOCK: usize = 64;

/// The end of the object or the array that begins at `at`, after its last bracket; `None` if it is not in these bytes.
pub(super) fn end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut blocks = Blocks::default();
    let mut depth = 0u32;
    for (number, block) in bytes.get(at..)?.chunks(BLOCK).enumerate() {
        let Brackets { opening, closing } = blocks.next(block);
        // Only where all that is open could be closed does the order matter.
        if closing.count_ones() < depth {
            depth = depth + opening.count_ones() - closing.count_ones();
            continue;
        }
        let mut rest = opening | closing;
        while rest != 0 {
            let place = rest.trailing_zeros();
            rest &= rest - 1;
            if opening >> place & 1 == 1 {
                depth += 1;
            } else if depth > 1 {
                depth -= 1;
            } else {
                return Some(at + number * BLOCK + place as usize + 1);
            }
        }
    }
    None
}

/// The end of the string that begins at `at`, after its quotation mark; `None` if it is not in these bytes.
pub(super) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let place = from + memchr::memchr2(b'"', b'\\', bytes.get(from..)?)?;
        match bytes[place] {
            b'"' => return Some(place + 1),
            _ => from = place + 2,
        }
    }
}

/// What goes on from block to block.
#[derive(Default)]
struct Blocks {
    /// Whether the block begins in a string.
    in_string: bool,
    /// Whether a backslash stands before the block.
    is_escaped: bool,
}

/// The brackets in a block that are in no string.
struct Brackets {
    opening: u64,
    closing: u64,
}

impl Blocks {
    fn next(&mut self, bytes: &[u8]) -> Brackets {
        let Marks { quotes, backslashes, opening, closing } = match bytes.first_chunk::<BLOCK>() {
            Some(block) => Marks::of(block),
            None => {
                let mut block = [b' '; BLOCK];
                block[..bytes.len()].copy_from_slice(bytes);
                Marks::of(&block)
            }
        };
        let escaped = self.escaped(backslashes);
        let within = up_to_each(quotes & !escaped) ^ if self.in_string { u64::MAX } else { 0 };
        self.in_string = within >> (BLOCK - 1) == 1;
        Brackets { opening: opening & !within, closing: closing & !within }
    }

    /// The bytes before which a backslash stands that is not itself escaped.
    fn escaped(&mut self, backslashes: u64) -> u64 {
        let mut escaped = u64::from(self.is_escaped);
        self.is_escaped = false;
        let mut rest = backslashes & !escaped;
        while rest != 0 {
            let after = 2 << rest.trailing_zeros();
            self.is_escaped = after == 0;
            escaped |= after;
            rest &= (rest - 1) & !after;
        }
        escaped
    }
}

/// A bit for each byte of a block.
struct Marks {
    quotes: u64,
    backslashes: u64,
    opening: u64,
    closing: u64,
}

impl Marks {
    fn of(block: &[u8; BLOCK]) -> Marks {
        let mut marks = Marks { quotes: 0, backslashes: 0, opening: 0, closing: 0 };
        let (parts, _) = block.as_chunks::<16>();
        for (number, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            // Those of arrays and objects differ in this bit.
            let either = bytes | u8x16::splat(0x20);
            let bits = |these: u8x16| u64::from(these.to_bitmask()) << (number * 16);
            marks.quotes |= bits(bytes.simd_eq(u8x16::splat(b'"')));
            marks.backslashes |= bits(bytes.simd_eq(u8x16::splat(b'\\')));
            marks.opening |= bits(either.simd_eq(u8x16::splat(b'{')));
            marks.closing |= bits(either.simd_eq(u8x16::splat(b'}')));
        }
        marks
    }
}

/// Each bit says whether an odd number of bits is set up to it.
fn up_to_each(bits: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |bits, shift| bits ^ bits << shift)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, byte by byte.
    fn end_by_bytes(bytes: &[u8]) -> Option<usize> {
        let (mut depth, mut in_string, mut at) = (0, false, 0);
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'\\' => at += usize::from(matches!(bytes.get(at), Some(b'"' | b'\\'))),
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    #[test]
    fn strings_end_at_their_marks() {
        for (text, expected) in
            [("\"a\"b", Some(3)), (r#""a\"b\\"c"#, Some(8)), ("\"a", None), ("\"a\\", None)]
        {
            assert_eq!(string_end(text.as_bytes(), 0), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn brackets_are_counted_as_one_would(
            inside in prop::collection::vec(
                prop::sample::select(vec!["{", "}", "[", "]", "\"", "\\\"", "\\\\", "é", " text ", "\":\"", "{\"a\":\"b\"}"]),
                0..200,
            )
        ) {
            let text = format!("{{{}}}", inside.concat());
            prop_assert_eq!(end(text.as_bytes(), 0), end_by_bytes(text.as_bytes()), "{}", text);
        }
    }
}
