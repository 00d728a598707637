//! Escape sequences of MARC-8.

use crate::charset::iso2022::sets::{Designation, Set};

/// The set that an escape sequence of MARC-8 designates; `None` if MARC-8 does not have the sequence.
pub(super) fn designation(intermediates: &[u8], end: u8) -> Option<Designation> {
    match intermediates {
        [] => technique_1(end),
        _ => technique_2(intermediates, end),
    }
}

/// The set of an escape sequence of ISO 2022, given without its ESC.
fn technique_2(intermediates: &[u8], end: u8) -> Option<Designation> {
    let set = match (intermediates, end) {
        ([b'$', ..], b'1') => Set::EastAsian,
        ([b'$', ..], _) => return None,
        // ANSEL has two final bytes, `!E`, but is also found with one; extended Cyrillic is found the other way
        // round.
        ([_] | [_, b'!'], b'E') => Set::Ansel,
        ([_] | [_, b'!'], b'Q') => Set::CyrillicExtended,
        ([_], b'B') => Set::Ascii,
        ([_], b'2') => Set::Hebrew,
        ([_], b'3') => Set::Arabic,
        ([_], b'4') => Set::ArabicExtended,
        ([_], b'N') => Set::Cyrillic,
        ([_], b'S') => Set::Greek,
        _ => return None,
    };
    match intermediates {
        [b'(' | b',', ..] | [b'$'] | [b'$', b','] => Some(Designation::G0(set)),
        [b')' | b'-', ..] | [b'$', b')' | b'-'] => Some(Designation::G1(set)),
        _ => None,
    }
}

/// The set of an escape sequence of technique 1, which has one byte after ESC.
fn technique_1(end: u8) -> Option<Designation> {
    match end {
        b'g' => Some(Designation::G0(Set::GreekSymbols)),
        b'b' => Some(Designation::G0(Set::Subscripts)),
        b'p' => Some(Designation::G0(Set::Superscripts)),
        b's' => Some(Designation::G0(Set::Ascii)),
        _ => None,
    }
}
