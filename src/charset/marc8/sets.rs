//! The places of characters in the sets of MARC-8, and the escape sequences of each set: the encoder's tables.

use std::sync::LazyLock;

pub(super) use crate::charset::iso2022::sets::Set;
use crate::charset::iso2022::sets::{east_asian, east_asian_groups};

impl Set {
    /// The sets of MARC-8.
    pub(super) const ALL: [Set; 12] = [
        Set::Ascii,
        Set::Ansel,
        Set::Hebrew,
        Set::Arabic,
        Set::ArabicExtended,
        Set::Cyrillic,
        Set::CyrillicExtended,
        Set::Greek,
        Set::GreekSymbols,
        Set::Subscripts,
        Set::Superscripts,
        Set::EastAsian,
    ];

    /// The bytes after ESC that designate the set to G0.
    pub(super) fn into_g0(self) -> &'static [u8] {
        match self {
            Set::Ascii => b"(B",
            Set::Ansel => b"(!E",
            Set::Hebrew => b"(2",
            Set::Arabic => b"(3",
            Set::ArabicExtended => b"(4",
            Set::Cyrillic => b"(N",
            Set::CyrillicExtended => b"(Q",
            Set::Greek => b"(S",
            Set::GreekSymbols => b"g",
            Set::Subscripts => b"b",
            Set::Superscripts => b"p",
            Set::EastAsian => b"$1",
            Set::Iso5426 => b"(P",
        }
    }

    /// True if the code tables give the bytes of the set as in G1.
    pub(super) fn is_usual_in_g1(self) -> bool {
        matches!(self, Set::Ansel | Set::ArabicExtended | Set::CyrillicExtended)
    }

    /// The bytes after ESC that designate such a set to G1.
    pub(super) fn into_g1(self) -> &'static [u8] {
        match self {
            Set::ArabicExtended => b")4",
            Set::CyrillicExtended => b")Q",
            _ => b")!E",
        }
    }

    /// Sets of technique 1 end with ESC `s`, and are never in G1.
    pub(super) fn is_technique_1(self) -> bool {
        matches!(self, Set::GreekSymbols | Set::Subscripts | Set::Superscripts)
    }
}

/// One of the places of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) character: char,
    pub(super) set: Set,
    /// As in G0; one-byte sets use only the first byte.
    pub(super) bytes: [u8; 3],
    pub(super) combining: bool,
}

impl Place {
    pub(super) fn bytes(&self) -> &[u8] {
        if self.set == Set::EastAsian { &self.bytes } else { &self.bytes[..1] }
    }
}

/// All characters of all sets, sorted by character, then by set.
static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let mut places = Vec::with_capacity(17_000);
    for set in Set::ALL {
        let Some(characters) = set.one_byte() else { continue };
        for byte in 0x21..=0x7E {
            if let Some((character, combining)) = characters.get(byte) {
                places.push(Place { character, set, bytes: [byte, 0, 0], combining });
            }
        }
    }
    for bytes in east_asian_groups() {
        if let Some(character) = east_asian(bytes) {
            places.push(Place { character, set: Set::EastAsian, bytes, combining: false });
        }
    }
    places.sort_unstable();
    places
});

/// The places of a character, in order of preference; empty if MARC-8 lacks it.
pub(super) fn places(character: char) -> &'static [Place] {
    let begin = PLACES.partition_point(|place| place.character < character);
    let found = PLACES.get(begin..).unwrap_or_default();
    let count = found.iter().take_while(|place| place.character == character).count();
    found.get(..count).unwrap_or_default()
}
