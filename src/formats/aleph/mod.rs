//! Aleph sequential, in columns: `000000001 24510 L $$aTitle$$b...`.
//!
//! ```text
//! 1-9 number │ 11-13 tag │ 14-15 indicators │ 17 script │ 19- content, with $$ before each subfield
//! ```
//!
//! Alma writes numbers of 15 to 18 digits, and no script. A record ends where the number changes. A line without a number
//! goes on with the one before it. `^` stands for a blank in the leader and in fields 006 to 008, and nowhere else.

mod fields;

use super::arena::Arena;
use super::lines::{self, Form, Line};

/// Records of Aleph.
pub(crate) type Records = lines::Records<Aleph>;

/// Aleph sequential as a format in lines.
#[derive(Clone, Debug)]
pub(crate) struct Aleph;

impl Form for Aleph {
    const NOT_MARC: &'static str =
        "there is no line of Aleph sequential in it, which looks like this: 000000001 24510 L $$aTitle";
    const BLANK_ENDS: bool = false;

    fn line(head: &[u8]) -> Line {
        let tag = number(head).and_then(|number| head.get(number.len() + 1..number.len() + 4));
        match tag {
            Some(tag) if tag.iter().all(u8::is_ascii_alphanumeric) => Line::Field,
            _ => Line::Other,
        }
    }

    fn mark(head: &[u8]) -> &[u8] {
        number(head).and_then(|number| head.get(..=number.len())).unwrap_or(head)
    }

    #[inline]
    fn goes_on(mark: &[u8], rest: &[u8]) -> bool {
        rest.starts_with(mark)
    }

    fn ends(first: &[u8], head: &[u8]) -> bool {
        number(head).is_some_and(|other| number(first) != Some(other))
    }
}

/// Lays out records one after another in the arena.
pub(crate) fn translate<'a>(records: impl Iterator<Item = &'a [u8]>, arena: &mut Arena) {
    records.for_each(|record| fields::lay_out(record, true, arena));
}

/// The number of digits in a number of Aleph.
const OF_ALEPH: usize = 9;
/// The fewest and the most digits in a number of Alma.
const OF_ALMA: (usize, usize) = (15, 18);

/// The number of the record to which a line belongs.
fn number(line: &[u8]) -> Option<&[u8]> {
    let (fewest, most) = OF_ALMA;
    let digits = line.iter().take(most + 1).take_while(|byte| byte.is_ascii_digit()).count();
    let is_number = digits == OF_ALEPH || (fewest..=most).contains(&digits);
    (is_number && line.get(digits) == Some(&b' ')).then(|| &line[..digits])
}

/// Whether text begins with a line of Aleph sequential; where there is no script, with two of them.
pub(super) fn is_aleph(text: &[u8]) -> bool {
    let mut lines = text.split_inclusive(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    match number(first).map(<[u8]>::len) {
        Some(OF_ALEPH) => is_line(first),
        Some(_) => is_line(first) && first.ends_with(b"\n") && lines.next().is_none_or(is_line),
        None => false,
    }
}

fn is_line(line: &[u8]) -> bool {
    let Some(number) = number(line) else { return false };
    match &line[number.len() + 1..] {
        [a, b, c, _, _, b' ', rest @ ..] => {
            let is_tag = [a, b, c].iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
            let has_script = matches!(rest, [b'A'..=b'Z', b' ' | b'\r' | b'\n', ..]);
            is_tag && (has_script || number.len() > OF_ALEPH)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
