//! How text is written in a form: characters that stand for themselves are copied, the others are spelled.

use wide::u8x16;

use super::Form;
use super::marks::marked;

/// Where in a record a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The value of a subfield.
    Value,
    /// A tag, an indicator or a subfield code.
    Name,
    /// A leader, a control field or an indicator: where blanks are counted.
    Fixed,
}

/// Whether a byte may begin a character that has to be spelled, in values of the form.
const fn is_marked(form: &[u8], byte: u8) -> bool {
    let mut place = 0;
    while place < form.len() {
        if form[place] == byte {
            return true;
        }
        place += 1;
    }
    byte < b' '
}

struct Tables<F>(std::marker::PhantomData<F>);

impl<F: Form> Tables<F> {
    const MARKED: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = is_marked(F::MARKED, byte as u8);
            byte += 1;
        }
        table
    };
}

/// Whether all characters of a value stand for themselves.
#[inline(always)]
pub(crate) fn is_plain<F: Form>(bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<16>();
    let all = blocks.iter().fold(u8x16::splat(0), |all, block| all | marked::<F>(u8x16::new(*block)));
    let in_rest = rest.iter().fold(false, |any, &byte| any | Tables::<F>::MARKED[usize::from(byte)]);
    all.to_bitmask() == 0 && !in_rest
}

/// Whether a byte is a printable character that stands for itself in a name.
#[inline(always)]
pub(crate) fn is_plain_name<F: Form>(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && !Tables::<F>::MARKED[usize::from(byte)]
}

/// Appends a text; the first character that the form does not have is returned, and replaced wherever it is.
pub(crate) fn spelled<F: Form>(text: &str, place: Place, out: &mut Vec<u8>) -> Option<char> {
    let is_spelled = |&byte: &u8| match place {
        _ if Tables::<F>::MARKED[usize::from(byte)] => true,
        Place::Value => false,
        Place::Name => byte == b'"',
        Place::Fixed => byte == b' ' && F::SHOWS_BLANKS,
    };
    let mut missing = None;
    if place == Place::Value && is_plain::<F>(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
        return None;
    }
    let mut rest = text;
    // Such a byte is ASCII, or the first of a character.
    while let Some((before, after)) =
        rest.as_bytes().iter().position(is_spelled).and_then(|at| rest.split_at_checked(at))
    {
        out.extend_from_slice(before.as_bytes());
        let mut characters = after.chars();
        if let Some(character) = characters.next()
            && !F::spell(character, place, out)
        {
            missing.get_or_insert(character);
            F::spell(F::REPLACEMENT, place, out);
        }
        rest = characters.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    missing
}
