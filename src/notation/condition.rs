//! [`Condition`]: which records are wanted.

use std::fmt;

use super::expression::Node;

/// Which records are wanted: `245$a ~ 'railway' and not 880`. Displayed, it is the text that it was made from.
///
/// An expression alone asks whether it has a value. Comparisons are `==`, `!=`, `<`, `<=`, `>`, `>=`, `~` (contains),
/// `!~`, `in ('a', 'b')`, `not in` and `matches` with a regular expression; each holds if it does for any value. They
/// are joined by `and`, `or`, `not` and brackets.
///
/// ```
/// use mrrc::Condition;
///
/// let condition: Condition = "year(008/07-10) >= 1990 and (650{$2=fast}$a matches '^Rail' or not 880)".parse()?;
/// assert!(condition.to_string().starts_with("year(008/07-10)"));
///
/// let error = "650$2 == fast".parse::<Condition>().unwrap_err();
/// assert_eq!(error.message(), "a text stands in quotes: write 'fast'");
/// # Ok::<(), mrrc::NotationError>(())
/// ```
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

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
