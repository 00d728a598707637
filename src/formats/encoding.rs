//! The encoding of a document that is not UTF-8: by its first bytes, or by what it declares.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Syntax, marcxml};
use crate::options::Format;

/// The encoding in which text has to be read first, by the first bytes of a source; `None` for UTF-8, and for ISO 2709,
/// whose records say that themselves.
pub(crate) fn of(first_bytes: &[u8], format: Format) -> Option<&'static Encoding> {
    if format == Format::Iso2709 {
        return None;
    }
    let encoding = match first_bytes {
        [0xFF, 0xFE, ..] | [b'<' | b'{' | b'[', 0, ..] => UTF_16LE,
        [0xFE, 0xFF, ..] | [0, b'<' | b'{' | b'[', ..] => UTF_16BE,
        _ => return declared(first_bytes),
    };
    let (text, _) = encoding.decode_with_bom_removal(first_bytes);
    (Syntax::of(text.as_bytes(), Format::Auto) != Syntax::Iso2709).then_some(encoding)
}

/// The encoding that an XML declaration names, if it can be true. One that is written in ASCII is not in UTF-16, and text
/// that is well-formed UTF-8 beyond ASCII is in no other.
fn declared(first_bytes: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(marcxml::declared_encoding(first_bytes)?.as_bytes())?;
    let is_usual = encoding == UTF_8 || encoding == UTF_16LE || encoding == UTF_16BE;
    (!is_usual && !is_utf8(first_bytes)).then_some(encoding)
}

/// Whether bytes, which may end in the middle of a character, are more than ASCII and well-formed.
fn is_utf8(bytes: &[u8]) -> bool {
    let is_well_formed = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_well_formed && !bytes.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf_8_is_known_by_its_first_bytes() {
        let utf16 =
            |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
        let document = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><collection/>";
        for (name, bytes, expected) in [
            ("UTF-16", utf16(document, u16::to_le_bytes), Some(UTF_16LE)),
            ("UTF-16 with its mark", utf16(&format!("\u{FEFF}{document}"), u16::to_be_bytes), Some(UTF_16BE)),
            ("JSON in UTF-16", utf16("{\"leader\": \"\"}", u16::to_be_bytes), Some(UTF_16BE)),
            ("other text in UTF-16", utf16("\u{FEFF}id,title", u16::to_le_bytes), None),
            ("UTF-16 only by its declaration", document.into(), None),
            ("UTF-8", "<?xml version=\"1.0\" encoding=\"utf-8\"?><é/>".into(), None),
            (
                "Latin-1",
                b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE9</a>".to_vec(),
                Some(encoding_rs::WINDOWS_1252),
            ),
            (
                "Latin-1 only by its declaration",
                "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><é/>".into(),
                None,
            ),
            ("nothing declared", b"<a>\xE9</a>".to_vec(), None),
            ("nothing", Vec::new(), None),
        ] {
            assert_eq!(of(&bytes, Format::Auto), expected, "{name}");
            assert_eq!(of(&bytes, Format::Iso2709), None, "{name}");
        }
    }
}
