//! How sets are written down: the types that [`tables`](super::tables) and [`iso5426`](super::iso5426) consist of.

/// A set with one byte per character.
pub(in crate::charset) struct OneByte {
    /// Code points in the order of the bytes from 21 (or A1); 0 for none.
    pub(in crate::charset) characters: [u16; 94],
    /// Bit n: the n-th character is a combining mark.
    pub(in crate::charset) combining: u128,
}

impl OneByte {
    /// The character of a byte, 21-7E or A1-FE, and whether it is a combining mark.
    #[inline]
    pub(in crate::charset) fn get(&self, byte: u8) -> Option<(char, bool)> {
        let place = (byte & 0x7F).wrapping_sub(0x21);
        let point = *self.characters.get(usize::from(place))?;
        let character = char::from_u32(u32::from(point)).filter(|found| *found != '\0')?;
        Some((character, self.combining >> place & 1 == 1))
    }
}

/// The East Asian characters that share their first two bytes.
pub(super) struct Row {
    pub(super) prefix: u16,
    /// Bit n: the third byte 0x20 + n has a character.
    pub(super) present: u128,
    /// The characters, three bytes each.
    pub(super) text: &'static str,
}

/// A line of the table.
pub(super) const fn row(prefix: u16, present: u128, text: &'static str) -> Row {
    assert!(text.len() == 3 * present.count_ones() as usize);
    Row { prefix, present, text }
}
