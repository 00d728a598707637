//! Numbers, and text from elsewhere, prepared for messages.

use std::borrow::Cow;

/// Digits in groups of three: `20,113,004`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number and a noun, with its plural: `1 byte`, `20,113 bytes`.
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A share to a tenth of a percent: `33.3 %`. Only all is 100.0 %, and only nothing is 0.0 %.
pub fn percent(part: u64, whole: u64) -> String {
    let share = 100.0 * part as f64 / whole.max(1) as f64;
    match format!("{share:.1}").as_str() {
        "100.0" if part < whole => ">99.9 %".to_owned(),
        "0.0" if part > 0 => "<0.1 %".to_owned(),
        rounded => format!("{rounded} %"),
    }
}

/// Text from elsewhere, made safe to show. Replaced by U+FFFD are control characters, which would move the cursor,
/// directional ones, which would reverse the line, separators, which would end it, and characters without width,
/// which cannot be seen.
///
/// The joiner and non-joiner of some scripts (U+200D, U+200C) stay.
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if is_printable(character) { character } else { '\u{FFFD}' }).collect()
}

/// Whether a character can be shown as it is.
pub(crate) fn is_printable(character: char) -> bool {
    match character {
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}' => false,
        '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}' => false,
        '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E007F}' => false,
        character => !character.is_control(),
    }
}

/// At most 100 characters; `…` marks a cut.
pub fn brief(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 100;
    match text.char_indices().nth(SHOWN) {
        None => text.into(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
    }
}

/// At most 32 bytes: printable ASCII unchanged, the rest as `\x1e`. `…` marks a cut.
pub fn escaped(bytes: &[u8]) -> String {
    const SHOWN: usize = 32;
    let mut out = String::new();
    for byte in bytes.iter().take(SHOWN) {
        out.extend(std::ascii::escape_default(*byte).map(char::from));
    }
    if bytes.len() > SHOWN {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_all_is_not_all_and_hardly_any_is_some() {
        let shown = [(0, 0), (0, 9), (3, 10_000), (1, 3), (9_994, 10_000), (9_997, 10_000), (9, 9)];
        let shown = shown.map(|(part, whole)| percent(part, whole));
        assert_eq!(shown, ["0.0 %", "0.0 %", "<0.1 %", "33.3 %", "99.9 %", ">99.9 %", "100.0 %"]);
    }

    #[test]
    fn long_findings_are_cut() {
        assert_eq!(escaped(&[b'a'; 40]).chars().count(), 33);
        assert_eq!(brief(&"é".repeat(101)), "é".repeat(100) + "…");
        assert_eq!(brief(&"é".repeat(100)), "é".repeat(100));
    }
}
