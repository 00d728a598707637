//! What an escape sequence of MARC-8 designates.

use crate::charset::iso2022::sets::{Designation, Set};

/// What an escape sequence of MARC-8 designates; none for those that it does not have.
pub(super) fn designation(intermediates: &[u8], end: u8) -> Option<Designation> {
    match intermediates {
        [] => technique_1(end),
        _ => technique_2(intermediates, end),
    }
}

/// By an escape sequence of ISO 2022, without its ESC.
fn technique_2(intermediates: &[u8], end: u8) -> Option<Designation> {
    let set = match (intermediates, end) {
        ([b'$', ..], b'1') => Set::EastAsian,
        ([b'$', ..], _) => return None,
        // ANSEL has two final bytes, `!E`, and is also found with one; so is, the other way
        // round, extended Cyrillic.
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

/// By an escape sequence of technique 1, which has one byte behind ESC.
fn technique_1(end: u8) -> Option<Designation> {
    match end {
        b'g' => Some(Designation::G0(Set::GreekSymbols)),
        b'b' => Some(Designation::G0(Set::Subscripts)),
        b'p' => Some(Designation::G0(Set::Superscripts)),
        b's' => Some(Designation::G0(Set::Ascii)),
        _ => None,
    }
}
