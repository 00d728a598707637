//! Bytes that are not UTF-8 in a document that should be: while it is read as text, a character of the last private
//! plane stands for each, so that what is in the values is found out as in any other format.

use std::borrow::Cow;

/// The character that stands for byte 0, if that had to be.
const FIRST: u32 = 0x10_FF00;
/// What the characters begin with in UTF-8, and how long they are.
const HEAD: &str = "\u{10FF80}";
const LENGTH: usize = HEAD.len();

/// The record as text, and whether characters stand for bytes in it.
pub(super) fn text(record: &[u8]) -> (Cow<'_, str>, bool) {
    if let Ok(text) = simdutf8::basic::from_utf8(record) {
        return (text.into(), false);
    }
    let mut text = String::with_capacity(record.len() + record.len() / 8);
    for chunk in record.utf8_chunks() {
        // Those that stand there already would be taken for bytes.
        text.extend(
            chunk.valid().chars().map(|it| if is_one(it) { char::REPLACEMENT_CHARACTER } else { it }),
        );
        text.extend(chunk.invalid().iter().map(|&byte| character(byte)));
    }
    (text.into(), true)
}

/// The character that stands for a byte above 7F.
pub(super) fn character(byte: u8) -> char {
    char::from_u32(FIRST + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The bytes of text in which characters stand for bytes.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match is_one(character) {
            true => bytes.push((u32::from(character) - FIRST) as u8),
            false => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// A place in the text, as one in the record.
pub(super) fn place(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.len() - (LENGTH - 1) * before.chars().filter(|it| is_one(*it)).count()
}

fn is_one(character: char) -> bool {
    (FIRST + 0x80..=FIRST + 0xFF).contains(&u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        let record = b"caf\xE9 \xC3\xA9 \xFF";
        let (text, stands_in) = text(record);
        assert!(stands_in);
        assert_eq!(bytes(&text), record);
        assert_eq!(place(&text, text.len()), record.len());
    }
}
