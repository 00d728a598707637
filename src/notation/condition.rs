//! [`Condition`]: which records are wanted.

use regex::Regex;

use super::expression::Node;

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
    Matches(Node, Pattern),
}

/// A regular expression; two are equal if their texts are.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(pub(crate) Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

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
