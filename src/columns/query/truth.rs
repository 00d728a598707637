//! Whether a condition holds for a record.

use std::sync::Arc;

use regex::Regex;

use super::evaluate::Evaluation;
use super::looked::Looked;
use super::plan::{Compute, Step, Unions};
use super::values::{Held, Value, is_there};
use crate::notation::{self, Comparison, Element, Listed, Literal, Node};

/// A condition, prepared.
pub(crate) enum Truth {
    And(Vec<Truth>),
    Or(Vec<Truth>),
    Not(Box<Truth>),
    Holds {
        of: Compute,
        /// True if a value of 0 says that it does not hold.
        is_counted: bool,
    },
    Compare(Compute, Comparison, Literal),
    In(Compute, Vec<Literal>),
    Matches(Compute, Regex),
    Listed(Compute, Arc<Listed>),
}

/// Passes the expressions in a condition to `to`.
pub(super) fn nodes(truth: &notation::Truth, to: &mut impl FnMut(&Node)) {
    match truth {
        notation::Truth::And(all) | notation::Truth::Or(all) => all.iter().for_each(|truth| nodes(truth, to)),
        notation::Truth::Not(truth) => nodes(truth, to),
        notation::Truth::Holds(node)
        | notation::Truth::Compare(node, ..)
        | notation::Truth::In(node, _)
        | notation::Truth::Matches(node, _)
        | notation::Truth::Listed(node, _) => to(node),
    }
}

impl Truth {
    pub(super) fn new(truth: &notation::Truth, unions: &mut Unions) -> Truth {
        // A column of one value has the first, so a condition looks at that one, too.
        let mut compute = |node: &Node| match unions.compute(node) {
            all if node.data_type().is_list => all,
            all => all.then_with(Step::First),
        };
        match truth {
            notation::Truth::And(all) => Truth::And(all.iter().map(|it| Truth::new(it, unions)).collect()),
            notation::Truth::Or(all) => Truth::Or(all.iter().map(|it| Truth::new(it, unions)).collect()),
            notation::Truth::Not(of) => Truth::Not(Box::new(Truth::new(of, unions))),
            notation::Truth::Holds(node) => {
                let is_counted = matches!(node, Node::Count(_)) || node.data_type().element == Element::Bool;
                Truth::Holds { of: compute(node), is_counted }
            }
            notation::Truth::Compare(node, comparison, literal) => {
                Truth::Compare(compute(node), *comparison, literal.clone())
            }
            notation::Truth::In(node, literals) => Truth::In(compute(node), literals.clone()),
            notation::Truth::Matches(node, pattern) => Truth::Matches(compute(node), pattern.0.clone()),
            notation::Truth::Listed(node, list) => Truth::Listed(compute(node), list.0.clone()),
        }
    }
}

impl Evaluation {
    /// Whether a condition holds for the only record that is looked at.
    pub(super) fn holds(&mut self, truth: &Truth, record: &mut Looked) -> bool {
        match truth {
            Truth::And(all) => all.iter().all(|truth| self.holds(truth, record)),
            Truth::Or(all) => all.iter().any(|truth| self.holds(truth, record)),
            Truth::Not(truth) => !self.holds(truth, record),
            Truth::Holds { of, is_counted: false } => {
                let place = self.evaluate(of, record);
                is_there(&self.lists[place].values, of.arity)
            }
            Truth::Holds { of, .. } => {
                self.any(of, record, |value, _| !matches!(value.held, Held::Null | Held::Number(0)))
            }
            Truth::Compare(of, comparison, literal) => {
                self.any(of, record, |value, text| compares(value, text, *comparison, literal))
            }
            Truth::In(of, literals) => self.any(of, record, |value, text| {
                literals.iter().any(|literal| compares(value, text, Comparison::Equal, literal))
            }),
            Truth::Matches(of, pattern) => {
                self.any(of, record, |_, text| text.is_some_and(|text| pattern.is_match(text)))
            }
            Truth::Listed(of, list) => {
                self.any(of, record, |_, text| text.is_some_and(|text| list.meets(text)))
            }
        }
    }

    /// Whether any of an expression's values is as it should be.
    fn any(&mut self, of: &Compute, record: &mut Looked, is: impl Fn(Value, Option<&str>) -> bool) -> bool {
        let place = self.evaluate(of, record);
        self.lists[place].values.iter().any(|value| is(*value, record.text_of(value.held)))
    }
}

fn compares(value: Value, text: Option<&str>, comparison: Comparison, literal: &Literal) -> bool {
    let ordering = match (literal, value.held, text) {
        (Literal::Text(literal), _, Some(text)) if comparison == Comparison::Contains => {
            return text.contains(literal.as_str());
        }
        (Literal::Text(literal), _, Some(text)) => text.cmp(literal.as_str()),
        (Literal::Number(literal), Held::Number(number), _) => number.cmp(literal),
        (Literal::Day(literal), Held::Number(day), _) => day.cmp(&i64::from(*literal)),
        _ => return false,
    };
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::NotEqual => ordering.is_ne(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
        Comparison::Contains => false,
    }
}
