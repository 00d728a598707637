//! UTF-8: checked, and taken as it stands.

use super::Fault;
use crate::diagnostic::Code;

/// Appends the text of a value. Nothing is composed or decomposed.
///
/// Each maximal ill-formed sequence becomes one U+FFFD and is reported as [`Code::Utf8Invalid`].
///
/// ```
/// use mrrc::charset::utf8;
///
/// let mut text = String::new();
/// let mut faults = Vec::new();
/// utf8::decode(b"caf\xe9 cr\xc3\xa8me", &mut text, &mut |fault| faults.push(fault));
///
/// assert_eq!(text, "caf\u{FFFD} crème");
/// assert_eq!((faults[0].at, faults[0].length), (3, 1));
/// ```
pub fn decode(bytes: &[u8], out: &mut String, fault: &mut dyn FnMut(Fault)) {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => out.push_str(text),
        Err(_) => decode_damaged(bytes, out, fault),
    }
}

#[cold]
fn decode_damaged(bytes: &[u8], out: &mut String, fault: &mut dyn FnMut(Fault)) {
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        at += chunk.valid().len();
        let length = chunk.invalid().len();
        if length > 0 {
            fault(Fault { code: Code::Utf8Invalid, at, length });
            out.push(char::REPLACEMENT_CHARACTER);
            at += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8]) -> (String, Vec<(usize, usize)>) {
        let mut text = String::new();
        let mut places = Vec::new();
        decode(bytes, &mut text, &mut |fault| {
            assert_eq!(fault.code, Code::Utf8Invalid);
            places.push((fault.at, fault.length));
        });
        (text, places)
    }

    #[test]
    fn names_the_place_of_each_ill_formed_sequence() {
        for (name, bytes, text, places) in [
            ("nothing", &b""[..], "", &[][..]),
            ("well-formed", "e\u{301} 日本".as_bytes(), "e\u{301} 日本", &[]),
            ("a Latin-1 letter", b"caf\xe9", "caf\u{FFFD}", &[(3, 1)]),
            ("MARC-8 acute", b"caf\xe2e.", "caf\u{FFFD}e.", &[(3, 1)]),
            ("cut by the end of the value", b"x\xe6\x97", "x\u{FFFD}", &[(1, 2)]),
            ("too long for its character", b"\xc0\xaf", "\u{FFFD}\u{FFFD}", &[(0, 1), (1, 1)]),
            (
                "half of a pair for UTF-16",
                b"\xed\xa0\x80",
                "\u{FFFD}\u{FFFD}\u{FFFD}",
                &[(0, 1), (1, 1), (2, 1)],
            ),
            ("two, with text between", b"\xffab\xf0\x9f\x99z", "\u{FFFD}ab\u{FFFD}z", &[(0, 1), (3, 3)]),
        ] {
            assert_eq!(decoded(bytes), (text.to_owned(), places.to_vec()), "{name}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_the_standard_library_reads(bytes: Vec<u8>) {
            let (text, places) = decoded(&bytes);
            prop_assert_eq!(&text, &String::from_utf8_lossy(&bytes));
            let bad: usize = places.iter().map(|(_, length)| length).sum();
            prop_assert_eq!(text.len(), bytes.len() - bad + 3 * places.len());
        }
    }
}
