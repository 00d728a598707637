//! [`NotationError`]: what is wrong with a text of the notation, and where.

use std::fmt;

use unicode_normalization::char::is_combining_mark;

use crate::error::Error;
use crate::words::printable;

/// A text of the notation that cannot be read. It says what to write instead, and points at the character.
///
/// ```
/// use mrrc::Expression;
///
/// let error = "first(245a)".parse::<Expression>().unwrap_err();
/// assert_eq!(error.place(), 9);
/// assert_eq!(
///     error.to_string(),
///     "a $ stands before each code: write 245$a
///     first(245a)
///              ^"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotationError {
    text: String,
    place: usize,
    message: String,
}

impl NotationError {
    /// An error at this byte of a text.
    pub(crate) fn new(text: &str, at: usize, message: impl Into<String>) -> NotationError {
        let place = text.char_indices().take_while(|(place, _)| *place < at).count();
        NotationError { text: text.into(), place, message: message.into() }
    }

    /// The text that was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in the text, in characters from 0; behind its last one if something is missing at the end.
    pub fn place(&self) -> usize {
        self.place
    }

    /// What is wrong, and what to write.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same error with better advice.
    pub(super) fn instead(mut self, message: String) -> NotationError {
        self.message = message;
        self
    }

    /// The same error, said of the column with this name.
    pub(crate) fn of_column(mut self, name: &str) -> NotationError {
        self.message = format!("column {name:?}: {}", self.message);
        self
    }
}

/// The characters of a text that are shown before the place, and from there on.
const SHOWN: (usize, usize) = (48, 24);
const INDENT: &str = "    ";

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |character: char| if character.is_whitespace() { ' ' } else { character };
        let start = self.place.saturating_sub(SHOWN.0);
        let end = self.place + SHOWN.1;
        let mut before = String::from(if start > 0 { "…" } else { "" });
        before.extend(self.text.chars().take(self.place).skip(start).map(shown));
        let mut behind: String = self.text.chars().take(end).skip(self.place).map(shown).collect();
        if self.text.chars().nth(end).is_some() {
            behind.push('…');
        }
        let indent = " ".repeat(before.chars().map(cells).sum());
        let message: String = self.message.chars().map(shown).collect();
        let (message, before, behind) = (printable(&message), printable(&before), printable(&behind));
        write!(f, "{message}\n{INDENT}{before}{behind}\n{INDENT}{indent}^")
    }
}

/// The cells of a terminal that a character takes, nearly always.
fn cells(character: char) -> usize {
    match character {
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' => 2,
        '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}' => 2,
        '\u{1F300}'..='\u{1FAFF}' | '\u{20000}'..='\u{3FFFD}' => 2,
        character if is_combining_mark(character) => 0,
        _ => 1,
    }
}

impl std::error::Error for NotationError {}

/// A text that cannot be read is an invalid argument.
impl From<NotationError> for Error {
    fn from(error: NotationError) -> Error {
        Error::Argument(error.to_string())
    }
}
