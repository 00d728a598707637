//! Decodes MARC-8.

use super::FUNCTIONS;
use super::designation::designation;
use crate::charset::Fault;
use crate::charset::iso2022::Iso2022;
use crate::charset::iso2022::sets::Set;
use crate::diagnostic::Code;

/// Appends the text of one value (subfield or control field), composed (NFC).
///
/// A value begins with ASCII in G0 and ANSEL in G1. A combining mark moves after its base, even if control bytes or
/// an escape sequence come between them; one without a base stays where it is. A mark that is not on a letter (but on
/// nothing, a blank, a digit or a sign) is reported as [`Code::Marc8Mark`], a warning.
///
/// Each byte, East Asian group or escape sequence without a character becomes one U+FFFD and is reported as
/// [`Code::Marc8Byte`], [`Code::Marc8Escape`] or [`Code::Marc8Cut`]. A group that is interrupted by anything except
/// the end of the value or an escape sequence (a space, a control byte, a byte of the other half) consists of bytes
/// without a character; the interrupting byte is read separately. Faults are reported in order.
///
/// `&#x4E00;` is text like any other; [`decode_references`](super::decode_references) decodes it.
///
/// ```
/// use mrrc::internals::charset::marc8;
///
/// let mut text = String::new();
/// let mut faults = Vec::new();
/// // A mark before its letter, Cyrillic in G0, and a byte that ANSEL does not assign.
/// marc8::decode(b"Caf\xe2e \x1b(NMIR\x1b(B \xff", &mut text, &mut |fault| faults.push(fault));
///
/// assert_eq!(text, "Café мир \u{FFFD}");
/// assert_eq!(faults[0].at, 16);
/// ```
pub fn decode(bytes: &[u8], out: &mut String, fault: &mut dyn FnMut(Fault)) {
    MARC_8.decode(bytes, out, fault);
}

pub(in crate::charset) const MARC_8: Iso2022 = Iso2022 {
    g0: Set::Ascii,
    g1: Set::Ansel,
    designation,
    functions: &FUNCTIONS,
    byte: Code::Marc8Byte,
    escape: Code::Marc8Escape,
    cut: Code::Marc8Cut,
    mark: Code::Marc8Mark,
};
