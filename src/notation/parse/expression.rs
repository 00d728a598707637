//! Expressions: unions of paths.

use std::str::FromStr;

use crate::notation::error::NotationError;
use crate::notation::expression::{Expression, Node};
use crate::notation::mistake;
use crate::notation::path::Path;
use crate::notation::preset;

use super::{Parser, Result};

impl FromStr for Expression {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Expression> {
        let empty = "an expression is missing: write one, such as 245$a";
        Parser::read_all(text, empty, Parser::expression, Parser::error_behind_expression)
    }
}

impl Parser<'_> {
    /// An expression, with its text.
    pub(in crate::notation) fn expression(&mut self) -> Result<Expression> {
        let start = self.at;
        let node = self.node()?;
        Ok(Expression { text: self.since(start).into(), node })
    }

    /// The error for what cannot stand behind an expression.
    pub(in crate::notation) fn error_behind_expression(&self) -> NotationError {
        let words = ["and", "or", "not", "in", "matches"];
        if self.rest().starts_with(['=', '!', '<', '>', '~']) || words.contains(&self.word()) {
            return self.error("this is a condition, for where: a column holds an expression");
        }
        match self.peek() {
            Some(',') => self.error("this is one expression: it ends before the comma"),
            Some(')') => self.error("this bracket closes nothing"),
            _ => self.error(format!("an expression ends before {}", self.found())),
        }
    }

    /// An expression.
    pub(super) fn node(&mut self) -> Result<Node> {
        let start = self.at;
        match self.peek() {
            None | Some(')' | ',') => return Err(self.error("an expression is missing, such as 245$a")),
            Some('\'' | '"') => {
                return Err(self.error("an expression stands here, such as 245$a; a text does not"));
            }
            _ => {}
        }
        let word = self.word();
        self.at += word.len();
        self.skip_blanks();
        if !word.is_empty() && self.eat("(") {
            return self.deeper(|parser| parser.call(start, word));
        }
        self.at = start;
        self.check_word(word)?;
        Ok(Node::Union(self.union()?))
    }

    /// That a word is no name of something else than a tag.
    fn check_word(&self, word: &str) -> Result<()> {
        if let Some(call) = super::call::usage(word) {
            return Err(self.error(format!("{word} is a function: write {call}")));
        }
        if preset::has(word) {
            return Err(self.error(format!("{word} is a preset, which stands alone")));
        }
        let is_name =
            word.len() > 3 && word.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '_');
        if !is_name || mistake::is_leader(word) {
            return Ok(());
        }
        let meant = preset::expression_of(&word.to_ascii_lowercase());
        let advice = meant.map_or_else(String::new, |expression| format!(": write {expression}"));
        Err(self.error(format!("{word} is no tag, which has three characters{advice}")))
    }

    pub(super) fn union(&mut self) -> Result<Vec<Path>> {
        let mut paths = vec![self.path()?];
        loop {
            let end = self.at;
            self.skip_blanks();
            if !self.eat(":") {
                self.at = end;
                return Ok(paths);
            }
            self.skip_blanks();
            let start = self.at;
            let path = self.path()?;
            if paths.last().is_some_and(|last| last.takes_fields() != path.takes_fields()) {
                let message =
                    "a union is of texts or of whole fields: name subfields of each, as in 650$a:651$a";
                return Err(self.error_at(start, message));
            }
            paths.push(path);
        }
    }
}
