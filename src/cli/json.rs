//! JSON lines, for programs.

use std::fmt::Write;

use crate::words::printable;

/// An object on one line.
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Object {
        Object(String::from("{"))
    }

    /// Adds a text; `None` is null.
    pub(super) fn text(&mut self, name: &str, text: Option<&str>) -> &mut Object {
        self.name(name);
        match text {
            Some(text) => self.string(text),
            None => self.0.push_str("null"),
        }
        self
    }

    /// Adds a number; `None` is null.
    pub(super) fn number(&mut self, name: &str, number: Option<u64>) -> &mut Object {
        self.name(name);
        self.0.push_str(&number.map_or_else(|| "null".to_owned(), |number| number.to_string()));
        self
    }

    /// The line, with its end.
    pub(super) fn finish(mut self) -> String {
        self.0.push_str("}\n");
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push_str(", ");
        }
        self.string(name);
        self.0.push_str(": ");
    }

    /// What is not printed as it is becomes an escape, so that a terminal can show the line.
    fn string(&mut self, text: &str) {
        self.0.push('"');
        let mut buffer = [0; 4];
        for character in text.chars() {
            let itself = &*character.encode_utf8(&mut buffer);
            match character {
                '"' | '\\' => self.0.extend(['\\', character]),
                _ if printable(itself) == itself => self.0.push(character),
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        // Writing to a String does not fail.
                        let _ = write!(self.0, "\\u{unit:04x}");
                    }
                }
            }
        }
        self.0.push('"');
    }
}
