//! Character sets: UTF-8, MARC-8, the sets of UNIMARC, those of the Encoding Standard and DOS code pages. This module
//! turns bytes into text and back, and knows nothing of records.
//!
//! A set decodes one value at a time, and reports each fault by its place in that value; the caller decides what to
//! do about it.

pub(crate) mod auto;
mod dos;
mod iso2022;
pub(crate) mod marc8;
mod standard;
mod unimarc;
pub(crate) mod utf8;

use encoding_rs::Encoding;

use crate::diagnostic::Code;
pub use dos::Page;
pub use unimarc::Sets;

/// Bytes of a value that have no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of fault.
    pub code: Code,
    /// The place of its first byte in the value.
    pub at: usize,
    /// The number of bytes.
    pub length: usize,
}

/// A character set: what a record declares, or what a caller names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// MARC-8; text is composed (NFC).
    Marc8,
    /// Sets of UNIMARC, such as ISO 5426; text is composed (NFC).
    Unimarc(Sets),
    /// ISO 8859-1: each byte is the code point of the same number.
    Latin1,
    /// A set of the Encoding Standard; Windows-1252 without its five unassigned bytes.
    Standard(&'static Encoding),
    /// A DOS code page.
    Dos(Page),
}

impl Charset {
    /// ISO 5426 together with ISO 646: what UNIMARC declares by `0103`.
    pub const ISO_5426: Charset = Charset::Unimarc(Sets::ISO_5426);

    /// The set with a name, in upper or lower case; `None` if the name is unknown.
    ///
    /// Names are `utf-8`, `marc-8`, `iso-5426`, `latin-1` and `iso-8859-1`; every name of the Encoding Standard
    /// (`windows-1251`, `koi8-r`, `gb18030`, `big5`, `euc-kr`, `shift_jis`, ...) except UTF-16; and `cp437`, `cp737`,
    /// `cp850` and `cp852`.
    ///
    /// ```
    /// use mrrc::charset::Charset;
    ///
    /// assert_eq!(Charset::named("MARC-8"), Some(Charset::Marc8));
    /// assert_eq!(Charset::named("cp1251").map(Charset::name), Some("windows-1251"));
    /// assert_eq!(Charset::named("gb2312").map(Charset::name), Some("GBK"));
    /// assert_eq!(Charset::named("utf-16"), None);
    /// ```
    pub fn named(name: &str) -> Option<Charset> {
        match name.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Charset::Utf8),
            "marc-8" | "marc8" => Some(Charset::Marc8),
            "iso-5426" | "iso5426" => Some(Charset::ISO_5426),
            "latin-1" => Some(Charset::Latin1),
            name => Page::named(name).map(Charset::Dos).or_else(|| standard::named(name)),
        }
    }

    /// The set that leader/09 of a MARC 21 record declares: UTF-8 for `a`, MARC-8 for a space, otherwise `None`.
    ///
    /// ```
    /// use mrrc::charset::Charset;
    ///
    /// assert_eq!(Charset::declared_in_marc21(b'a'), Some(Charset::Utf8));
    /// assert_eq!(Charset::declared_in_marc21(b'?'), None);
    /// ```
    pub fn declared_in_marc21(leader_09: u8) -> Option<Charset> {
        match leader_09 {
            b'a' => Some(Charset::Utf8),
            b' ' => Some(Charset::Marc8),
            _ => None,
        }
    }

    /// The set that 100$a of a UNIMARC record declares in positions 26-33; `None` if it is unknown.
    ///
    /// `50` is UTF-8. Otherwise these are the codes of G0 and G1: `01` ISO 646, `02` ISO registration 37, `03` ISO
    /// 5426, `04` ISO 5427, `05` ISO 5428. Those of G2 and G3 are ignored, because nothing invokes these.
    ///
    /// ```
    /// use mrrc::charset::Charset;
    ///
    /// assert_eq!(Charset::declared_in_unimarc(b"50      "), Some(Charset::Utf8));
    /// assert_eq!(Charset::declared_in_unimarc(b"0103    "), Some(Charset::ISO_5426));
    /// assert_eq!(Charset::declared_in_unimarc(b"ba      "), None);
    /// ```
    pub fn declared_in_unimarc(codes: &[u8; 8]) -> Option<Charset> {
        match *codes {
            [b'5', b'0', ..] => Some(Charset::Utf8),
            [a, b, c, d, ..] => Sets::declared([a, b, c, d]).map(Charset::Unimarc),
        }
    }

    /// Whether a value that is one letter, digit or blank of ASCII is that character.
    pub(crate) fn is_ascii_alone(self) -> bool {
        !matches!(self, Charset::Unimarc(_))
    }

    /// The set of everything in a record that is not text: its indicators, subfield codes and control fields.
    pub(crate) fn beside_text(self) -> Charset {
        match self {
            Charset::Unimarc(sets) => Charset::Unimarc(sets.beside_iso_646()),
            other => other,
        }
    }

    /// The name of the set; that of the Encoding Standard if it has one. [`Charset::named`] finds a set by this name
    /// if it can be requested.
    pub fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "utf-8",
            Charset::Marc8 => "marc-8",
            Charset::Unimarc(sets) => sets.name(),
            Charset::Latin1 => "iso-8859-1",
            Charset::Standard(encoding) => encoding.name(),
            Charset::Dos(page) => page.name(),
        }
    }

    /// The bytes as text, if decoding would change nothing; `None` if a value must be decoded, or cannot be.
    ///
    /// ```
    /// use mrrc::charset::Charset;
    ///
    /// assert_eq!(Charset::Marc8.plain_text(b"Title"), Some("Title"));
    /// assert_eq!(Charset::Marc8.plain_text(b"\x1b(NMIR\x1b(B"), None);
    /// ```
    pub fn plain_text(self, bytes: &[u8]) -> Option<&str> {
        const DELETE: u8 = 0x7F;
        let is_plain_ascii = || bytes.is_ascii() && memchr::memchr2(marc8::ESCAPE, DELETE, bytes).is_none();
        let plain = match self {
            Charset::Utf8 => true,
            Charset::Marc8 => is_plain_ascii(),
            Charset::Unimarc(sets) => sets.have_iso_646() && is_plain_ascii(),
            Charset::Latin1 | Charset::Dos(_) => bytes.is_ascii(),
            Charset::Standard(encoding) => standard::is_ascii(encoding, bytes),
        };
        if plain { simdutf8::basic::from_utf8(bytes).ok() } else { None }
    }

    /// Appends the text of one value (a subfield or a control field) to `out`.
    ///
    /// Bytes without a character become U+FFFD and are passed to `fault`, in order, one fault for each U+FFFD.
    /// ([`Code::Marc8Mark`], [`Code::CharsetMark`] and [`Code::Utf8Surrogates`] report characters that are kept.)
    ///
    /// ```
    /// use mrrc::charset::Charset;
    ///
    /// let mut text = String::new();
    /// Charset::Latin1.decode(b"caf\xe9", &mut text, &mut |_| unreachable!());
    /// assert_eq!(text, "café");
    /// ```
    pub fn decode(self, bytes: &[u8], out: &mut String, fault: &mut dyn FnMut(Fault)) {
        match self {
            Charset::Utf8 => utf8::decode(bytes, out, fault),
            Charset::Marc8 => marc8::decode(bytes, out, fault),
            Charset::Unimarc(sets) => sets.decode(bytes, out, fault),
            Charset::Latin1 => standard::decode_latin1(bytes, out),
            Charset::Standard(encoding) => standard::decode(encoding, bytes, out, fault),
            Charset::Dos(page) => page.decode(bytes, out),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_set_by_the_names_that_people_write() {
        for (charset, names) in [
            (Charset::Utf8, &["utf-8", "UTF-8", "utf8", " Utf-8 "][..]),
            (Charset::Marc8, &["marc-8", "MARC-8", "marc8"]),
            (Charset::ISO_5426, &["iso-5426", "ISO5426"]),
            (
                Charset::Latin1,
                &["latin-1", "latin1", "Latin-1", "iso-8859-1", "ISO8859-1", "iso_8859-1", "l1"],
            ),
            (Charset::Standard(encoding_rs::WINDOWS_1252), &["windows-1252", "CP1252"]),
            (Charset::Standard(encoding_rs::IBM866), &["ibm866", "cp866", "IBM866"]),
            (Charset::Standard(encoding_rs::ISO_8859_5), &["iso-8859-5", "cyrillic"]),
            (Charset::Standard(encoding_rs::GB18030), &["gb18030", "GB18030"]),
            (Charset::Standard(encoding_rs::SHIFT_JIS), &["shift_jis", "Shift-JIS", "sjis"]),
            (Charset::Dos(Page::Cp850), &["cp850", "CP850", "ibm850"]),
        ] {
            for name in names {
                assert_eq!(Charset::named(name), Some(charset), "{name}");
            }
            assert_eq!(Charset::named(charset.name()), Some(charset));
        }
    }

    #[test]
    fn text_is_plain_only_where_decoding_would_change_nothing() {
        for bytes in [&b"Title"[..], b"\t", "é".as_bytes(), b"\xe2e", b"\x1b(N", b"\x7f", b"caf\xe9"] {
            let others = ["gb18030", "iso-2022-jp", "cp437"].map(|name| Charset::named(name).unwrap());
            let ours = [Charset::Utf8, Charset::Marc8, Charset::ISO_5426, Charset::Latin1];
            for charset in ours.into_iter().chain(others) {
                let (mut text, mut faults) = (String::new(), 0);
                charset.decode(bytes, &mut text, &mut |_| faults += 1);
                let unchanged = faults == 0 && text.as_bytes() == bytes;
                assert_eq!(charset.plain_text(bytes).is_some(), unchanged, "{bytes:?} in {}", charset.name());
            }
        }
    }

    #[test]
    fn leader_09_declares_utf_8_or_marc_8() {
        assert_eq!(Charset::declared_in_marc21(b'a'), Some(Charset::Utf8));
        assert_eq!(Charset::declared_in_marc21(b' '), Some(Charset::Marc8));
        for other in [b'0', b'z', 0xFF] {
            assert_eq!(Charset::declared_in_marc21(other), None);
        }
    }
}
