//! Octets to text and back: UTF-8, MARC-8, and single-octet sets by name. Knows no record.

pub mod marc8;
use crate::diagnostic::Code;

/// Octets of a value that have no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub code: Code,
    /// Its first octet, counted from the beginning of the value.
    pub at: usize,
    /// How many octets it takes.
    pub length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    Marc8,
}
impl Charset {
    pub fn declared(leader_09: u8) -> Charset {
        if leader_09 == b'a' { Charset::Utf8 } else { Charset::Marc8 }
    }
    pub fn plain_text(self, octets: &[u8]) -> Option<&str> {
        let plain = self == Charset::Utf8 || (octets.is_ascii() && memchr::memchr(0x1B, octets).is_none());
        plain.then(|| simdutf8::basic::from_utf8(octets).ok()).flatten()
    }
    pub fn decode(self, octets: &[u8], out: &mut String, _fault: &mut dyn FnMut(Fault)) {
        out.push_str(&String::from_utf8_lossy(octets));
    }
}
