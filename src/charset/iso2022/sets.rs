//! The graphic sets, and the lookup of a character by its bytes.

use super::iso5426::ISO_5426;
use super::table::OneByte;
use super::tables;

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
    /// The characters of a one-byte set; `None` for the East Asian set.
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
}

/// Where an escape sequence puts a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::charset) enum Designation {
    G0(Set),
    G1(Set),
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
pub(in crate::charset) fn east_asian([first, second, third]: [u8; 3]) -> Option<char> {
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

/// The groups of three bytes, as in G0, that have a character; in ascending order.
pub(in crate::charset) fn east_asian_groups() -> impl Iterator<Item = [u8; 3]> {
    tables::EAST_ASIAN.iter().flat_map(|row| {
        let [first, second] = row.prefix.to_be_bytes();
        let thirds = (0x20..=0x7E).filter(|third| row.present >> (third - 0x20) & 1 == 1);
        thirds.map(move |third| [first, second, third])
    })
}
