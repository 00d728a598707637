//! MARCMaker text (`.mrk`), as the Library of Congress defined it and MarcEdit writes it: `=245  10$aTitle`.
//!
//! A record ends at a blank line, or where the next one begins. A line that begins no field goes on with the one before
//! it. `\` stands for a blank in the leader, control fields and indicators, and nowhere else. What is in braces stands
//! for something else (`mnemonics`).

mod fields;
mod mnemonics;

use super::arena::Arena;
use super::lines::{self, Form, Line};
use crate::options::Records as Asked;

/// Records of MARCMaker.
pub(crate) type Records = lines::Records<Maker>;

/// MARCMaker as a format in lines.
#[derive(Clone, Debug)]
pub(crate) struct Maker;

impl Form for Maker {
    const NOT_MARC: &'static str =
        "there is no field of MARCMaker in it, which begins like this: =245  10$aTitle";
    const BLANK_ENDS: bool = true;

    fn line(head: &[u8]) -> Line {
        match head {
            [b'#', ..] => Line::Comment,
            _ if Beginning::of(head).is_some_and(|beginning| beginning.is_sound) => Line::Field,
            _ => Line::Other,
        }
    }

    fn mark(_: &[u8]) -> &[u8] {
        b"="
    }

    #[inline]
    fn goes_on(_: &[u8], rest: &[u8]) -> bool {
        matches!(rest, [b'=', b'0'..=b'9', ..])
    }

    fn ends(_: &[u8], head: &[u8]) -> bool {
        head.starts_with(b"=LDR")
    }
}

/// Lays out records one after another in the arena; the encoding that is asked for says what mnemonics stand for.
pub(crate) fn translate<'a>(records: impl Iterator<Item = &'a [u8]>, asked: Asked, arena: &mut Arena) {
    records.for_each(|record| fields::lay_out(record, asked, true, arena));
}

/// The tag of the line that has the leader.
pub(crate) const LEADER_TAG: [u8; 3] = *b"LDR";

/// Whether these are a tag, wherever they stand.
pub(crate) fn is_tag(bytes: [u8; 3]) -> bool {
    bytes.iter().all(u8::is_ascii_alphanumeric)
}

/// How a line begins a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Beginning {
    /// Where the tag ends; it begins after `=`.
    tag_end: usize,
    /// Where the content begins.
    content: usize,
    /// Whether the tag may be one.
    is_sound: bool,
}

impl Beginning {
    /// A tag is set off by two blanks. Fewer will do if it looks like one by itself, because text that goes on in another
    /// line may begin with `=` as well. A tag that is none, but set off like one, is damaged.
    #[inline(always)]
    fn of(line: &[u8]) -> Option<Beginning> {
        match line {
            [b'=', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b' ', b' ', ..] => {
                Some(Beginning { tag_end: 4, content: 6, is_sound: true })
            }
            _ => Beginning::of_any(line),
        }
    }

    fn of_any(line: &[u8]) -> Option<Beginning> {
        const LONGEST_DAMAGED: usize = 6;
        let rest = line.strip_prefix(b"=")?;
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        if let Some((tag, after)) = rest.split_first_chunk::<3>()
            && is_tag(*tag)
        {
            let blanks = after.iter().take(2).take_while(|&byte| is_blank(byte)).count();
            let will_do = match blanks {
                0 if *tag == LEADER_TAG || tag.starts_with(b"00") => true,
                0 => tag.iter().all(u8::is_ascii_digit) && after.get(2) == Some(&b'$'),
                1 => !tag.iter().any(u8::is_ascii_lowercase),
                _ => true,
            };
            if will_do {
                return Some(Beginning { tag_end: 4, content: 4 + blanks, is_sound: true });
            }
        }
        let length = rest.iter().take_while(|&byte| !is_blank(byte)).count();
        let is_set_off = length <= LONGEST_DAMAGED && rest.get(length..)?.starts_with(b"  ");
        let is_like_one = rest.first().is_some_and(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        (is_set_off && is_like_one).then_some(Beginning {
            tag_end: 1 + length,
            content: 3 + length,
            is_sound: false,
        })
    }
}

#[cfg(test)]
mod tests;
