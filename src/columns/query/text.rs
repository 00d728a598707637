//! Functions of text that know no records: trimming, standard numbers, dates.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use crate::calendar::days_since_1970;

/// What each byte is to trimming, some of the kinds below: one look answers what would take several comparisons.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let ascii = byte as u8;
        let mut all = 0;
        if matches!(ascii, b' ' | b',' | b'/' | b';' | b':' | b'=') {
            all |= MARK;
        }
        if ascii.is_ascii_alphabetic() {
            all |= LETTER;
        }
        if ascii.is_ascii_digit() {
            all |= DIGIT;
        }
        if ascii.is_ascii_graphic() && !matches!(ascii, b'[' | b'(') {
            all |= FIRST;
        }
        if ascii.is_ascii_graphic() && !matches!(ascii, b']' | b')') {
            all |= LAST;
        }
        kinds[byte] = all;
        byte += 1;
    }
    kinds
};

/// What is left out at the end.
const MARK: u8 = 1;
const LETTER: u8 = 2;
const DIGIT: u8 = 4;
/// What nothing is done about at the beginning.
const FIRST: u8 = 8;
/// What nothing is done about at the end.
const LAST: u8 = 16;

#[inline(always)]
fn is(byte: u8, kind: u8) -> bool {
    KINDS[usize::from(byte)] & kind != 0
}

/// Where in the text the part is that remains without the punctuation of ISBD at the end: blanks and ` , / ; : =`, a
/// full stop that ends a heading, and brackets that do not pair.
pub(super) fn trimmed(text: &[u8]) -> Range<usize> {
    let Some(range) = without_marks(text) else { return trimmed_after_all(text) };
    match text.get(range.clone()) {
        Some([first, .., last]) if is(*first, FIRST) && is(*last, LAST) => range,
        _ => trimmed_of_others(text, range),
    }
}

/// The same of a text without marks, which begins or ends in a bracket or in a character that is not ASCII.
#[inline(never)]
fn trimmed_of_others(text: &[u8], range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or_default();
    if begins_as_most(part) && ends_as_most(part) { range } else { trimmed_after_all(text) }
}

#[cold]
fn trimmed_after_all(text: &[u8]) -> Range<usize> {
    std::str::from_utf8(text).map_or(0..text.len(), thoroughly_trimmed)
}

/// The same of any text.
fn thoroughly_trimmed(text: &str) -> Range<usize> {
    // Marks of direction stand at the ends of text from right to left.
    let is_blank = |it: char| it.is_whitespace() || matches!(it, '\u{200E}' | '\u{200F}');
    let mut range = range_of(text, text.trim_matches(is_blank));
    loop {
        let before = range.clone();
        let part = &text[range.clone()];
        let kept =
            part.trim_end_matches(|it: char| is_blank(it) || matches!(it, ',' | '/' | ';' | ':' | '='));
        range.end = range.start + kept.len();
        let sentence = kept.strip_suffix('.').map(|sentence| sentence.trim_end_matches(is_blank));
        if let Some(sentence) = sentence.filter(|sentence| can_be_a_heading(sentence)) {
            range.end = range.start + sentence.len();
        }
        for (open, close) in [('[', ']'), ('(', ')')] {
            let part = &text[range.clone()];
            if part.ends_with(close) && !part.contains(open) {
                range.end = range.start + part.trim_end_matches(close).len();
            } else if part.starts_with(open) && !part.contains(close) {
                range.start = range.end - part.trim_start_matches(open).len();
            }
        }
        range =
            moved(range_of(&text[range.clone()], text[range.clone()].trim_matches(is_blank)), range.start);
        if range == before {
            return range;
        }
    }
}

/// Where the part is without marks at the end and a full stop; `None` if that takes a closer look.
#[inline(always)]
fn without_marks(text: &[u8]) -> Option<Range<usize>> {
    let mut rest = text;
    while let [b' ', after @ ..] = rest {
        rest = after;
    }
    let start = text.len() - rest.len();
    while let [before @ .., last] = rest
        && is(*last, MARK)
    {
        rest = before;
    }
    match rest {
        [] => None,
        [word @ .., b'.'] if is_usual_heading(word)? => Some(start..start + word.len()),
        _ => Some(start..start + rest.len()),
    }
}

/// Whether a text begins in a character that nothing is done about.
#[inline(always)]
fn begins_as_most(text: &[u8]) -> bool {
    match text {
        [b'[', rest @ ..] => rest.contains(&b']'),
        [b'(', rest @ ..] => rest.contains(&b')'),
        // Neither a control character nor a blank of any kind: one of Latin, Greek, Cyrillic, ...
        [first, ..] => first.is_ascii_graphic() || (0xC3..0xE0).contains(first),
        [] => false,
    }
}

/// Whether a text ends in a character that nothing is done about.
#[inline(always)]
fn ends_as_most(text: &[u8]) -> bool {
    match text {
        [rest @ .., b']'] => rest.contains(&b'['),
        [rest @ .., b')'] => rest.contains(&b'('),
        [.., 0xC3..0xE0, 0x80..0xC0] => true,
        [.., last] => last.is_ascii_graphic(),
        [] => false,
    }
}

/// Whether a full stop behind a word ends a heading; `None` if that takes a closer look.
#[inline(always)]
fn is_usual_heading(word: &[u8]) -> Option<bool> {
    let are = |bytes: &[u8], kind| bytes.iter().all(|byte| is(*byte, kind));
    match word {
        [.., b')' | b']'] => Some(true),
        [.., last] if !last.is_ascii_graphic() => None,
        [.., a, b, c] if are(&[*a, *b, *c], LETTER) => Some(true),
        [before @ .., a, b, c] if are(&[*a, *b, *c], DIGIT) => match before.last() {
            Some(byte) if byte.is_ascii() => Some(is(*byte, DIGIT)),
            _ => None,
        },
        [.., a, b, c] if [a, b, c].iter().all(|byte| byte.is_ascii()) => Some(false),
        _ => None,
    }
}

/// Whether a text ends in three letters, in four digits or in a bracket, so that a full stop behind it is no abbreviation.
/// Marks that combine with a letter are no letters.
fn can_be_a_heading(text: &str) -> bool {
    let ends_in = |number: usize, is_such: fn(char) -> bool| {
        let from_the_end = text.chars().rev().filter(|character| !is_combining_mark(*character));
        from_the_end.take(number).filter(|character| is_such(*character)).count() == number
    };
    ends_in(3, char::is_alphabetic)
        || ends_in(4, |character| character.is_ascii_digit())
        || text.ends_with([')', ']'])
}

/// Where a part of the text is in it.
pub(super) fn range_of(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len());
    start..start + part.len()
}

fn moved(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Whether a text consists of blanks and fill characters (`|`), which say in coded fields that there is nothing.
pub(super) fn says_nothing(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'|'))
}

/// A year of four digits.
pub(super) fn year(text: &str) -> Option<i64> {
    let digits = if text.len() == 4 { text } else { text.trim() };
    match digits.as_bytes() {
        [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9'] => {
            Some(digits.bytes().fold(0, |year, digit| year * 10 + i64::from(digit - b'0')))
        }
        _ => None,
    }
}

/// A whole number.
pub(super) fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// The day that `yyyymmdd...`, `yymmdd` (1960 to 2059) or `yyyy-mm-dd` names, as days since 1970-01-01.
pub(super) fn day(text: &str) -> Option<i64> {
    const FIRST_YEAR: i32 = 60;
    let text = text.trim();
    let digits = |range: Range<usize>| text.get(range).filter(|it| is_digits(it))?.parse::<i32>().ok();
    let (year, month, day) = if text.len() == 6 {
        let year = digits(0..2)?;
        (if year < FIRST_YEAR { 2000 + year } else { 1900 + year }, digits(2..4)?, digits(4..6)?)
    } else if text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(7) == Some(&b'-') {
        (digits(0..4)?, digits(5..7)?, digits(8..10)?)
    } else {
        (digits(0..4)?, digits(4..6)?, digits(6..8)?)
    };
    days_since_1970(year, month, day).map(i64::from)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Appends the International Standard Book Number in the text, without hyphens; false if there is none. What stands
/// before and behind it does not matter.
pub(super) fn isbn(text: &str, to: &mut String) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'x' | b'X');
    let mut rest = text;
    loop {
        let Some(start) = rest.bytes().position(|byte| byte.is_ascii_digit()) else { return false };
        let from = &rest[start..];
        let end = from.bytes().position(|byte| !is_part(byte)).unwrap_or(from.len());
        let before = to.len();
        match from[..end].bytes().any(|byte| matches!(byte, b'-' | b'x')) {
            true => to.extend(from[..end].chars().filter(|it| *it != '-').map(|it| it.to_ascii_uppercase())),
            false => to.push_str(&from[..end]),
        }
        if is_isbn(&to[before..]) {
            return true;
        }
        to.truncate(before);
        rest = &from[end..];
    }
}

/// Whether characters without hyphens have the form of an ISBN.
fn is_isbn(text: &str) -> bool {
    match text.len() {
        10 => is_digits(&text[..9]) && (text.ends_with('X') || is_digits(&text[9..])),
        13 => is_digits(text) && (text.starts_with("978") || text.starts_with("979")),
        _ => false,
    }
}

/// The same with 13 digits; false if its check digit is wrong.
pub(super) fn isbn13(text: &str, to: &mut String) -> bool {
    let before = to.len();
    if !isbn(text, to) {
        return false;
    }
    let is_sound = match to.len() - before {
        10 => {
            let is_sound = has_check_digit_of_10(&to[before..]);
            to.insert_str(before, "978");
            to.pop();
            let digit = check_digit_of_13(&to[before..]);
            to.push(char::from(b'0' + digit));
            is_sound
        }
        _ => to.as_bytes().last() == Some(&(b'0' + check_digit_of_13(&to[before..before + 12]))),
    };
    if !is_sound {
        to.truncate(before);
    }
    is_sound
}

fn has_check_digit_of_10(text: &str) -> bool {
    let value = |byte: u8| if byte == b'X' { 10 } else { u32::from(byte - b'0') };
    let weighted = text.bytes().zip((1..=10).rev()).map(|(byte, weight)| value(byte) * weight);
    weighted.sum::<u32>() % 11 == 0
}

fn check_digit_of_13(twelve: &str) -> u8 {
    let weighted =
        twelve.bytes().zip([1, 3].into_iter().cycle()).map(|(byte, weight)| (byte - b'0') * weight);
    let sum: u32 = weighted.map(u32::from).sum();
    ((10 - sum % 10) % 10) as u8
}

/// Where the number of an OCLC control number is, without leading zeros: `(OCoLC)ocm00012345`, `ocn123456789`.
pub(super) fn oclc(text: &str) -> Option<Range<usize>> {
    const AGENCY: &str = "(OCoLC)";
    let trimmed = text.trim_start();
    let has_agency = trimmed.get(..AGENCY.len()).is_some_and(|start| start.eq_ignore_ascii_case(AGENCY));
    let mut rest = if has_agency { trimmed[AGENCY.len()..].trim_start() } else { trimmed };
    let prefix = ["ocm", "ocn", "on"]
        .into_iter()
        .find(|prefix| rest.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)));
    if let Some(prefix) = prefix {
        rest = rest[prefix.len()..].trim_start();
    } else if !has_agency {
        return None;
    }
    let end = rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let digits = rest[..end].trim_start_matches('0');
    (!digits.is_empty()).then(|| range_of(text, digits))
}

/// Whether a text is a code of `length` letters or digits.
pub(super) fn is_code(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The text without what is between marks for characters that are not filed: U+0098 to U+009C, and `<<` to `>>`.
/// `None` if there are none.
pub(super) fn without_marked(text: &str, to: &mut String) -> Option<()> {
    const MARKS: [(&str, &str); 2] = [("\u{98}", "\u{9C}"), ("<<", ">>")];
    const FIRST_BYTES: (u8, u8) = (0xC2, b'<');
    memchr::memchr2(FIRST_BYTES.0, FIRST_BYTES.1, text.as_bytes())?;
    let (open, close) = MARKS.into_iter().find(|(open, _)| text.contains(open))?;
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once(open) {
        let Some((_, after)) = marked.split_once(close) else { break };
        to.push_str(before);
        rest = if before.is_empty() { after.trim_start() } else { after };
    }
    to.push_str(rest);
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn punctuation_of_isbd_is_trimmed() {
        for (text, expected) in [
            ("Emma /", "Emma"),
            ("Expenditures, Public.", "Expenditures, Public"),
            ("Austen, Jane,", "Austen, Jane"),
            ("Title :", "Title"),
            ("Title =", "Title"),
            (" Title ; ", "Title"),
            ("Smith, J.", "Smith, J."),
            ("U.S.", "U.S."),
            ("Austen, Jane, 1775-1817.", "Austen, Jane, 1775-1817"),
            ("Sonatas (Violin and piano).", "Sonatas (Violin and piano)"),
            ("v. 12.", "v. 12."),
            ("New York, N.Y. :", "New York, N.Y."),
            ("etc.", "etc"),
            ("[London]", "[London]"),
            ("London]", "London"),
            ("[London", "London"),
            ("1990)", "1990"),
            ("Paris (France)", "Paris (France)"),
            ("Ca\u{301}d\u{301}e\u{301}.", "Ca\u{301}d\u{301}e\u{301}"),
            ("Title / :", "Title"),
            ("", ""),
            (" / ", ""),
            ("...", "..."),
        ] {
            assert_eq!(&text[trimmed(text.as_bytes())], expected, "{text:?}");
        }
    }

    #[test]
    fn standard_numbers_are_found_in_what_stands_around_them() {
        for (text, ten, thirteen) in [
            ("0-19-852663-6 (pbk.)", Some("0198526636"), Some("9780198526636")),
            ("9780198526636", Some("9780198526636"), Some("9780198526636")),
            ("ISBN 080442957X :", Some("080442957X"), Some("9780804429573")),
            ("0804429579", Some("0804429579"), None),
            ("9780198526637", Some("9780198526637"), None),
            ("1234", None, None),
            ("(v. 1) 0198526636", Some("0198526636"), Some("9780198526636")),
            ("pbk.", None, None),
            ("", None, None),
        ] {
            let made = |make: fn(&str, &mut String) -> bool| {
                let mut to = String::from("before");
                make(text, &mut to).then(|| to["before".len()..].to_owned())
            };
            assert_eq!(made(isbn).as_deref(), ten, "{text}");
            assert_eq!(made(isbn13).as_deref(), thirteen, "{text}");
        }
        for (text, number) in [
            ("(OCoLC)ocm00012345 ", Some("12345")),
            ("(OCoLC)123456789", Some("123456789")),
            ("ocn123456789", Some("123456789")),
            ("on1234567890", Some("1234567890")),
            ("(DLC)123", None),
            ("12345", None),
            ("(OCoLC)000", None),
            ("", None),
        ] {
            assert_eq!(oclc(text).map(|range| &text[range]), number, "{text}");
        }
    }

    #[test]
    fn years_and_days_are_numbers_or_nothing() {
        assert_eq!(
            ["1990", " 1990", "19uu", "199", "    ", "９９９９"].map(year),
            [Some(1990), Some(1990), None, None, None, None]
        );
        for (text, expected) in [
            ("19700101000000.0", Some(0)),
            ("20000229120000.0", Some(11_016)),
            ("990230", None),
            ("000229", Some(11_016)),
            ("600101", Some(-3_653)),
            ("1969-12-31", Some(-1)),
            ("|||||| ", None),
            ("", None),
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_filed_is_left_out() {
        let without = |text: &str| {
            let mut to = String::new();
            without_marked(text, &mut to).map(|()| to)
        };
        assert_eq!(without("\u{98}The \u{9C}Hobbit").as_deref(), Some("Hobbit"));
        assert_eq!(without("<<Der>> Berg").as_deref(), Some("Berg"));
        assert_eq!(without("Berg, <<der>>").as_deref(), Some("Berg, "));
        assert_eq!(without("<<Der Berg").as_deref(), Some("<<Der Berg"));
        assert_eq!(without("Berg"), None);
    }

    #[test]
    fn brackets_of_two_kinds_that_have_no_other_half_are_left_out() {
        for text in ["(]]", "[))", "(a]]", "[a)"] {
            assert_eq!(text[thoroughly_trimmed(text)].trim_matches('a'), "", "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_usual_is_trimmed_like_any_text(text in "[ab1é\u{301}\u{a0}\u{1} .,/:=\\[\\]()-]{0,9}") {
            prop_assert_eq!(trimmed(text.as_bytes()), thoroughly_trimmed(&text), "{:?}", text);
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,30}") {
            let range = trimmed(text.as_bytes());
            prop_assert!(text.get(range.clone()).is_some());
            prop_assert_eq!(trimmed(&text.as_bytes()[range.clone()]), 0..range.len());
            let mut to = String::new();
            isbn(&text, &mut to);
            isbn13(&text, &mut to);
            oclc(&text);
            year(&text);
            day(&text);
            without_marked(&text, &mut to);
        }
    }
}
