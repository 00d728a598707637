//! Literals: quoted texts, numbers, days, and the values in braces.

use super::{Parser, Result};
use crate::calendar::days_since_1970;

/// Whether a word may consist of this character.
pub(in crate::notation) fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// The characters before which a literal of MARCspec has a `\`.
const ESCAPED: &[char] = &['$', '{', '}', '!', '=', '~', '?', '|', '\\'];

impl Parser<'_> {
    /// The name of a column, with `=` behind it, if there is one.
    pub(in crate::notation) fn column_name(&mut self) -> Result<Option<String>> {
        let start = self.at;
        let name = if self.is_quoted() { self.quoted()? } else { self.word().into() };
        if self.at == start {
            self.at += name.len();
        }
        self.skip_blanks();
        if !name.is_empty() && self.eat("=") {
            self.skip_blanks();
            return Ok(Some(name));
        }
        self.at = start;
        Ok(None)
    }

    /// Whether a quoted text is next.
    pub(super) fn is_quoted(&self) -> bool {
        self.rest().starts_with(['\'', '"'])
    }

    /// A quoted text. A quote in it is doubled, or has a `\` before it; any other `\` is itself, as two of them are.
    pub(super) fn quoted(&mut self) -> Result<String> {
        let start = self.at;
        let quote = self.peek().unwrap_or_default();
        self.skip(quote);
        let mut value = String::new();
        while let Some(character) = self.peek() {
            self.skip(character);
            let next = self.peek();
            let is_escape = character == '\\' && next.is_some_and(|next| next == quote || next == '\\');
            match next {
                Some(next) if is_escape || character == quote && next == quote => {
                    self.skip(next);
                    value.extend((next == '\\').then_some('\\'));
                    value.push(next);
                }
                _ if character == quote => return Ok(value),
                _ => value.push(character),
            }
        }
        Err(self
            .error_at(start, format!("the quote that begins here has no end: write {quote} behind the text")))
    }

    /// A number without quotes.
    pub(super) fn number(&mut self) -> Result<i64> {
        let start = self.at;
        self.eat("-");
        self.take_while(|character| character.is_ascii_digit());
        let digits = self.since(start);
        if self.peek().is_some_and(|next| is_word(next) || next == '.') {
            return Err(self.error(format!("only whole numbers can be compared: write {digits}")));
        }
        digits.parse().map_err(|_| self.error_at(start, "this is not a number up to 9223372036854775807"))
    }

    /// Whether a number is next.
    pub(super) fn is_number(&self) -> bool {
        let digits = self.rest().strip_prefix('-').unwrap_or(self.rest());
        digits.starts_with(|character: char| character.is_ascii_digit())
    }

    /// A literal of MARCspec: `\Poe`, with `\s` for a blank.
    pub(super) fn marcspec_literal(&mut self) -> Result<String> {
        self.eat("\\");
        let mut value = String::new();
        while let Some(character) = self.peek() {
            match character {
                '}' | '|' => break,
                '\\' => {
                    self.skip(character);
                    match self.peek() {
                        Some('s') => value.push(' '),
                        Some(escaped) if ESCAPED.contains(&escaped) => value.push(escaped),
                        _ => {
                            return Err(self
                                .error("behind this \\ stands s for a blank, or one of $ { } ! = ~ ? | \\"));
                        }
                    }
                    self.at += 1;
                    continue;
                }
                '=' if value.is_empty() => value.push(character),
                character if character.is_whitespace() => {
                    return Err(self.error("behind \\, a blank is written \\s; or put the value in quotes"));
                }
                character if ESCAPED.contains(&character) => {
                    return Err(self.error(format!(
                        "behind \\, {character} is written \\{character}; or put the value in quotes"
                    )));
                }
                character => value.push(character),
            }
            self.skip(character);
        }
        Ok(value)
    }
}

/// Days since 1970-01-01 of a date as `2020-01-31`.
pub(super) fn day(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    let [_, _, _, _, b'-', _, _, b'-', _, _] = bytes else { return None };
    let number = |range: std::ops::Range<usize>| -> Option<i32> {
        let digits = text.get(range)?;
        digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    days_since_1970(number(0..4)?, number(5..7)?, number(8..10)?)
}
