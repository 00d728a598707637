//! Text becomes paths, expressions and conditions. A [`Parser`] is a place in a text that moves on; each file adds what
//! it can read there.

mod call;
mod condition;
mod expression;
mod path;
mod test;
mod value;

use super::error::NotationError;

pub(super) use value::is_word;

/// How deep functions and brackets may be nested, so that no text exhausts the stack.
const DEEPEST: usize = 64;

type Result<T> = std::result::Result<T, NotationError>;

/// A place in a text.
pub(super) struct Parser<'a> {
    text: &'a str,
    /// In bytes, between characters.
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Parser<'a> {
        Parser { text, at: 0, depth: 0 }
    }

    /// What `read` finds, which must be all of the text: `behind` is the error if it is not, and `empty` says what is
    /// wrong with a text of blanks.
    pub(super) fn read_all<T>(
        text: &'a str,
        empty: &str,
        read: impl FnOnce(&mut Self) -> Result<T>,
        behind: impl FnOnce(&Self) -> NotationError,
    ) -> Result<T> {
        let mut parser = Parser::new(text);
        parser.skip_blanks();
        if parser.rest().is_empty() {
            return Err(parser.error(empty));
        }
        let found = read(&mut parser)?;
        parser.skip_blanks();
        if parser.rest().is_empty() { Ok(found) } else { Err(behind(&parser)) }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The text from a place up to here.
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn skip(&mut self, character: char) {
        self.at += character.len_utf8();
    }

    /// Whether this text is next; then it is passed.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let is_next = self.rest().starts_with(expected);
        if is_next {
            self.at += expected.len();
        }
        is_next
    }

    pub(super) fn skip_blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// The characters from here on for which `wanted` holds.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.find(|character| !wanted(character)).map_or(rest, |end| &rest[..end]);
        self.at += taken.len();
        taken
    }

    /// The word that is next: a letter, then letters, digits or `_`. It is not passed.
    pub(super) fn word(&self) -> &'a str {
        let rest = self.rest();
        if !rest.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return "";
        }
        rest.find(|character| !is_word(character)).map_or(rest, |end| &rest[..end])
    }

    /// What `read` finds one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEEPEST {
            return Err(
                self.error(format!("functions and brackets can be nested {DEEPEST} deep; this is deeper"))
            );
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    /// An error here.
    pub(super) fn error(&self, message: impl Into<String>) -> NotationError {
        self.error_at(self.at, message)
    }

    pub(super) fn error_at(&self, at: usize, message: impl Into<String>) -> NotationError {
        NotationError::new(self.text, at, message)
    }

    /// What is next, as a message shows it.
    fn found(&self) -> String {
        match self.peek() {
            None => "the end".into(),
            Some(_) if !self.word().is_empty() => self.word().into(),
            Some(character) => character.into(),
        }
    }
}
