//! [`Condition`]: which records are wanted.

use std::fmt;
use std::str::FromStr;

use super::error::NotationError;
use super::expression::Node;
use super::parse::Parser;

/// Which records are wanted: `245$a ~ 'railway' and not 880`. Displayed, it is the text that it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub(crate) text: String,
    pub(crate) truth: Truth,
}

/// A part of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    And(Vec<Truth>),
    Or(Vec<Truth>),
    Not(Box<Truth>),
    /// There is a value; for an expression of type bool, it is true.
    Holds(Node),
    /// Any value compares so with this literal.
    Compare(Node, Comparison, Literal),
    /// Any value is one of these.
    In(Node, Vec<Literal>),
    /// Any value contains what matches this regular expression.
    Matches(Node, String),
}

/// How a value compares with a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
}

/// A literal of the type of the values that it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Number(i64),
    /// Days since 1970-01-01.
    Day(i32),
}

impl FromStr for Condition {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Condition, NotationError> {
        let empty = "a condition is missing: write one, such as 245$a ~ 'railway'";
        let truth = Parser::read_all(text, empty, Parser::truth)?;
        Ok(Condition { text: text.trim().into(), truth })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
