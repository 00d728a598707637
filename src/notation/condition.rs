//! [`Condition`]: which records are wanted.

use std::fmt;
use std::sync::Arc;

use regex::Regex;

use super::expression::{Expression, Node};
use super::listed::Listed;
use super::path::TagPattern;

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
    Matches(Node, Pattern),
    /// Any value is in this list.
    Listed(Node, SameList),
}

/// A list; two are equal if they are the same.
#[derive(Clone, Debug)]
pub(crate) struct SameList(pub(crate) Arc<Listed>);

impl PartialEq for SameList {
    fn eq(&self, other: &SameList) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SameList {}

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

impl Condition {
    /// This condition and another.
    ///
    /// ```
    /// let both = "245".parse::<mrrc::Condition>()?.and(&"not 880".parse()?);
    /// assert_eq!(both.to_string(), "245 and not 880");
    /// # Ok::<(), mrrc::NotationError>(())
    /// ```
    #[must_use]
    pub fn and(&self, other: &Condition) -> Condition {
        let text = format!("{} and {}", self.in_brackets(), other.in_brackets());
        let truths = [self, other].map(|condition| match &condition.truth {
            Truth::And(all) => all.clone(),
            only => vec![only.clone()],
        });
        Condition { text, truth: Truth::And(truths.concat()) }
    }

    /// The opposite: it holds for all other records.
    ///
    /// ```
    /// let others = "245 or 880".parse::<mrrc::Condition>()?.negated();
    /// assert_eq!(others.to_string(), "not (245 or 880)");
    /// # Ok::<(), mrrc::NotationError>(())
    /// ```
    #[must_use]
    pub fn negated(&self) -> Condition {
        let is_whole = matches!(self.truth, Truth::And(_) | Truth::Or(_));
        let text = if is_whole { format!("not ({})", self.text) } else { format!("not {}", self.text) };
        Condition { text, truth: Truth::Not(Box::new(self.truth.clone())) }
    }

    /// Whether a value is in a list; blanks around it do not count.
    #[doc(hidden)]
    #[must_use]
    pub fn listed(value: &Expression, list: Arc<Listed>) -> Condition {
        let truth = Truth::Listed(value.node.clone(), SameList(list));
        Condition { text: format!("{value} in a list"), truth }
    }

    /// Its text, in brackets if `and` would bind more tightly than what is in it.
    fn in_brackets(&self) -> String {
        if matches!(self.truth, Truth::Or(_)) { format!("({})", self.text) } else { self.text.clone() }
    }

    /// The tags of fields with which several comparisons of one `and` deal: each may hold for another field.
    pub(crate) fn tags_compared_together(&self) -> Vec<TagPattern> {
        let mut tags = Vec::new();
        together(&self.truth, &mut tags);
        tags
    }
}

fn together(truth: &Truth, to: &mut Vec<TagPattern>) {
    match truth {
        Truth::And(all) => {
            let mut seen = Vec::new();
            for truth in all {
                match truth {
                    Truth::Compare(Node::Union(paths), ..)
                    | Truth::In(Node::Union(paths), _)
                    | Truth::Matches(Node::Union(paths), _) => {
                        let tags = paths.iter().filter_map(|path| path.tag);
                        for tag in tags.filter(|tag| !tag.0.starts_with(b"00")) {
                            if seen.contains(&tag) && !to.contains(&tag) {
                                to.push(tag);
                            }
                            seen.push(tag);
                        }
                    }
                    other => together(other, to),
                }
            }
        }
        Truth::Or(all) => all.iter().for_each(|truth| together(truth, to)),
        Truth::Not(truth) => together(truth, to),
        _ => {}
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
