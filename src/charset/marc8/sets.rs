//! The sets of characters, their designations, and the way from bytes to a character and back.

use std::sync::LazyLock;

use super::tables;
use crate::charset::iso5426::ISO_5426;

/// A graphic set: those of MARC-8, in the order in which the encoder prefers them, and ISO 5426.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::charset) enum Set {
    Ascii,
    Ansel,
    Hebrew,
    Arabic,
    ArabicExtended,
    Cyrillic,
    CyrillicExtended,
    Greek,
    GreekSymbols,
    Subscripts,
    Superscripts,
    EastAsian,
    Iso5426,
}

impl Set {
    /// Those of MARC-8.
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

    /// The characters of a set of one byte; none for the East Asian set.
    pub(in crate::charset) fn one_byte(self) -> Option<&'static OneByte> {
        Some(match self {
            Set::Ascii => &tables::ASCII,
            Set::Ansel => &tables::ANSEL,
            Set::Hebrew => &tables::HEBREW,
            Set::Arabic => &tables::ARABIC,
            Set::ArabicExtended => &tables::ARABIC_EXTENDED,
            Set::Cyrillic => &tables::CYRILLIC,
            Set::CyrillicExtended => &tables::CYRILLIC_EXTENDED,
            Set::Greek => &tables::GREEK,
            Set::GreekSymbols => &tables::GREEK_SYMBOLS,
            Set::Subscripts => &tables::SUBSCRIPTS,
            Set::Superscripts => &tables::SUPERSCRIPTS,
            Set::EastAsian => return None,
            Set::Iso5426 => &ISO_5426,
        })
    }

    /// What stands behind ESC to put the set into G0.
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

    /// The code tables give the bytes of the set as it stands in G1.
    pub(super) fn is_usual_in_g1(self) -> bool {
        matches!(self, Set::Ansel | Set::ArabicExtended | Set::CyrillicExtended)
    }

    /// What stands behind ESC to put such a set into G1.
    pub(super) fn into_g1(self) -> &'static [u8] {
        match self {
            Set::ArabicExtended => b")4",
            Set::CyrillicExtended => b")Q",
            _ => b")!E",
        }
    }

    /// Sets of technique 1 are left by ESC `s`, and know no G1.
    pub(super) fn is_technique_1(self) -> bool {
        matches!(self, Set::GreekSymbols | Set::Subscripts | Set::Superscripts)
    }
}

/// Where an escape sequence puts a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::charset) enum Designation {
    G0(Set),
    G1(Set),
}

impl Designation {
    /// What an escape sequence of MARC-8 designates; none for those that it does not have.
    pub(super) fn in_marc8(intermediates: &[u8], end: u8) -> Option<Designation> {
        match intermediates {
            [] => Designation::technique_1(end),
            _ => Designation::technique_2(intermediates, end),
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
}

/// A set of one byte a character.
pub(in crate::charset) struct OneByte {
    /// Code points in the order of the bytes from 21 (or A1); 0 where there is none.
    pub(in crate::charset) characters: [u16; 94],
    /// Bit n: the n-th of them is a combining mark.
    pub(in crate::charset) combining: u128,
}

impl OneByte {
    /// The character of a byte, 21-7E or A1-FE, and whether it is a combining mark.
    #[inline]
    pub(in crate::charset) fn get(&self, byte: u8) -> Option<(char, bool)> {
        let place = (byte & 0x7F).wrapping_sub(0x21);
        let point = *self.characters.get(usize::from(place))?;
        let character = char::from_u32(u32::from(point)).filter(|found| *found != '\0')?;
        Some((character, self.combining >> place & 1 == 1))
    }
}

/// The East Asian characters that share their first two bytes.
pub(super) struct Row {
    prefix: u16,
    /// Bit n: the third byte 0x20 + n has a character.
    present: u128,
    /// The characters, three bytes each.
    text: &'static str,
}

/// A line of the table.
pub(super) const fn row(prefix: u16, present: u128, text: &'static str) -> Row {
    assert!(text.len() == 3 * present.count_ones() as usize);
    Row { prefix, present, text }
}

/// The place of a pair of first bytes in `EAST_ASIAN_ROWS`.
const fn pair(first: u8, second: u8) -> usize {
    (first & 0x7F) as usize * 128 + (second & 0x7F) as usize
}

/// For each pair of first bytes the number of its row in the table, from 1; 0 if it has none.
static EAST_ASIAN_ROWS: [u16; 1 << 14] = {
    let mut rows = [0; 1 << 14];
    let mut number = 0;
    while number < tables::EAST_ASIAN.len() {
        let [first, second] = tables::EAST_ASIAN[number].prefix.to_be_bytes();
        number += 1;
        rows[pair(first, second)] = number as u16;
    }
    rows
};

/// The character of three bytes, each 21-7E or A1-FE (the third also 20 or A0).
#[inline]
pub(super) fn east_asian([first, second, third]: [u8; 3]) -> Option<char> {
    let number = usize::from(*EAST_ASIAN_ROWS.get(pair(first, second))?).checked_sub(1)?;
    let row = tables::EAST_ASIAN.get(number)?;
    let bit = 1u128 << (third & 0x7F).checked_sub(0x20)?;
    if row.present & bit == 0 {
        return None;
    }
    let place = 3 * (row.present & (bit - 1)).count_ones() as usize;
    match row.text.get(place..)?.chars().next()? {
        char::REPLACEMENT_CHARACTER => {
            let group = [first, second, third].map(|byte| byte & 0x7F);
            tables::EAST_ASIAN_BEYOND.iter().find(|(found, _)| *found == group).map(|(_, beyond)| *beyond)
        }
        character => Some(character),
    }
}

/// The groups of three bytes, as G0, that have a character; in ascending order.
pub(super) fn east_asian_groups() -> impl Iterator<Item = [u8; 3]> {
    tables::EAST_ASIAN.iter().flat_map(|row| {
        let [first, second] = row.prefix.to_be_bytes();
        let thirds = (0x20..=0x7E).filter(|third| row.present >> (third - 0x20) & 1 == 1);
        thirds.map(move |third| [first, second, third])
    })
}

/// One of the places where a character stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) character: char,
    pub(super) set: Set,
    /// As G0; one-byte sets use the first byte alone.
    pub(super) bytes: [u8; 3],
    pub(super) combining: bool,
}

impl Place {
    pub(super) fn bytes(&self) -> &[u8] {
        if self.set == Set::EastAsian { &self.bytes } else { &self.bytes[..1] }
    }
}

/// All characters of all sets, by character, then by set.
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

/// Where a character stands, in the order of preference; nowhere if MARC-8 lacks it.
pub(super) fn places(character: char) -> &'static [Place] {
    let begin = PLACES.partition_point(|place| place.character < character);
    let found = PLACES.get(begin..).unwrap_or_default();
    let count = found.iter().take_while(|place| place.character == character).count();
    found.get(..count).unwrap_or_default()
}
