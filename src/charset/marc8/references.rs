//! Numeric character references, which MARC-8 uses for characters that none of its sets has, such as `&#x2019;`.
//!
//! The Library of Congress prescribes `&#x`, four to six hexadecimal digits and `;` (MARC 21 Specifications,
//! Character Sets, lossless conversion).

use unicode_normalization::UnicodeNormalization;

const BEGIN: &str = "&#x";

/// Whether the bytes contain what may be a reference.
pub(crate) fn may_be_in(bytes: &[u8]) -> bool {
    let is_reference = |at: usize| bytes.get(at.wrapping_sub(1)..at + 2) == Some(BEGIN.as_bytes());
    memchr::memchr_iter(b'#', bytes).any(is_reference)
}

/// Replaces references by their characters, and composes the text (NFC).
///
/// A reference to a control, or to no character, stays unchanged.
///
/// ```
/// let mut text = String::from("l&#x2019;ami &amp; &#x41;");
/// mrrc::internals::charset::marc8::decode_references(&mut text);
/// assert_eq!(text, "l’ami &amp; &#x41;");
/// ```
pub fn decode_references(text: &mut String) {
    if !text.contains(BEGIN) {
        return;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(BEGIN) {
        out.push_str(before);
        rest = match reference(after) {
            Some((character, after)) => {
                out.push(character);
                after
            }
            None => {
                out.push_str(BEGIN);
                after
            }
        };
    }
    out.push_str(rest);
    *text = out.nfc().collect();
}

/// The character of the digits up to `;`, and the rest.
fn reference(text: &str) -> Option<(char, &str)> {
    const MOST: usize = 6;
    let end = text.bytes().take(MOST + 1).position(|byte| byte == b';').filter(|end| *end >= 4)?;
    let (digits, after) = (text.get(..end)?, text.get(end + 1..)?);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
    let character = char::from_u32(number).filter(|character| !character.is_control())?;
    Some((character, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_their_characters() {
        for (text, expected) in [
            ("plain & simple", "plain & simple"),
            ("l&#x2019;ami", "l’ami"),
            ("&#x4E00;&#x4e8c;", "一二"),
            ("&#x1F600;.", "😀."),
            ("&#x01F600;", "😀"),
            ("e&#x0301;", "é"),
            ("&#x;&#x&#x2019;", "&#x;&#x’"),
            ("&#x41;", "&#x41;"),
            ("&#x0000041;", "&#x0000041;"),
            ("&#x+041;", "&#x+041;"),
            ("&#xD800;", "&#xD800;"),
            ("&#x001F;", "&#x001F;"),
            ("&#x110000;", "&#x110000;"),
            ("&#x2019", "&#x2019"),
            ("&#8217;", "&#8217;"),
        ] {
            let mut decoded = text.to_owned();
            decode_references(&mut decoded);
            assert_eq!(decoded, expected, "{text}");
        }
    }
}
