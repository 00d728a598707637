//! Conditions: comparisons of expressions, with `and`, `or`, `not` and brackets.

use regex::Regex;

use crate::notation::condition::{Comparison, Literal, Truth};
use crate::notation::expression::Node;
use crate::notation::types::Element;

use super::value::day;
use super::{Parser, Result};

/// The signs of comparisons; one that begins like another comes before it.
const SIGNS: &[(&str, Comparison)] = &[
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("=", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
    ("~", Comparison::Contains),
];

impl Parser<'_> {
    /// A condition.
    pub(in crate::notation) fn truth(&mut self) -> Result<Truth> {
        let mut alternatives = vec![self.conjunction()?];
        while self.keyword("or") {
            alternatives.push(self.conjunction()?);
        }
        Ok(one_or(alternatives, Truth::Or))
    }

    fn conjunction(&mut self) -> Result<Truth> {
        let mut parts = vec![self.negation()?];
        while self.keyword("and") {
            parts.push(self.negation()?);
        }
        Ok(one_or(parts, Truth::And))
    }

    fn negation(&mut self) -> Result<Truth> {
        self.skip_blanks();
        if self.keyword("not") {
            return Ok(Truth::Not(Box::new(self.deeper(Self::negation)?)));
        }
        let start = self.at;
        if !self.eat("(") {
            return self.comparison();
        }
        let truth = self.deeper(Self::truth)?;
        self.skip_blanks();
        if self.eat(")") {
            return Ok(truth);
        }
        Err(match self.peek() {
            None => self.error_at(start, "this bracket is never closed: write )"),
            Some(_) => self.error(format!("the condition is complete before {}", self.found())),
        })
    }

    /// Whether this word is next; then it is passed.
    fn keyword(&mut self, keyword: &str) -> bool {
        let start = self.at;
        self.skip_blanks();
        let is_next = self.word() == keyword;
        self.at = if is_next { self.at + keyword.len() } else { start };
        is_next
    }

    fn comparison(&mut self) -> Result<Truth> {
        let start = self.at;
        let node = self.node()?;
        self.skip_blanks();
        let at = self.at;
        if self.keyword("matches") {
            self.of_text(start, &node)?;
            return Ok(Truth::Matches(node, self.pattern()?));
        }
        if self.keyword("in") {
            return self.one_of(start, node);
        }
        if self.word() == "not" {
            self.keyword("not");
            if self.keyword("in") {
                return Ok(Truth::Not(Box::new(self.one_of(start, node)?)));
            }
            return Err(self.error_at(at, "not stands before a condition, or before in"));
        }
        if self.eat("!~") {
            self.of_text(start, &node)?;
            let literal = self.literal(&node)?;
            return Ok(Truth::Not(Box::new(Truth::Compare(node, Comparison::Contains, literal))));
        }
        for (sign, comparison) in SIGNS {
            if self.eat(sign) {
                self.comparable(start, &node)?;
                if *comparison == Comparison::Contains {
                    self.of_text(start, &node)?;
                }
                let literal = self.literal(&node)?;
                return Ok(Truth::Compare(node, *comparison, literal));
            }
        }
        Ok(Truth::Holds(node))
    }

    fn one_of(&mut self, start: usize, node: Node) -> Result<Truth> {
        self.comparable(start, &node)?;
        self.skip_blanks();
        if !self.eat("(") {
            return Err(self.error("a list of values follows in: write in ('a', 'b')"));
        }
        let mut literals = vec![self.literal(&node)?];
        loop {
            self.skip_blanks();
            if self.eat(")") {
                return Ok(Truth::In(node, literals));
            }
            if !self.eat(",") {
                return Err(self.error("values are separated by commas and end in ): write in ('a', 'b')"));
            }
            literals.push(self.literal(&node)?);
        }
    }

    /// That values of the expression can be compared.
    fn comparable(&self, start: usize, node: &Node) -> Result<()> {
        match node.element() {
            Element::Text | Element::Int32 | Element::Int64 | Element::Date => Ok(()),
            other => Err(self.error_at(start, format!("values can be compared, and this is {other}"))),
        }
    }

    /// That values of the expression are text.
    fn of_text(&self, start: usize, node: &Node) -> Result<()> {
        match node.element() {
            Element::Text => Ok(()),
            other => {
                Err(self.error_at(start, format!("only text contains or matches text, and this is {other}")))
            }
        }
    }

    /// A literal of the type of the expression.
    fn literal(&mut self, node: &Node) -> Result<Literal> {
        self.skip_blanks();
        let start = self.at;
        match node.element() {
            Element::Int32 | Element::Int64 if self.is_number() => self.number().map(Literal::Number),
            Element::Int32 | Element::Int64 => Err(self.error("a number is written without quotes")),
            _ if !self.is_quoted() => Err(self.error("a text is written in quotes")),
            Element::Date => {
                let text = self.quoted()?;
                let day = day(&text).ok_or_else(|| self.error_at(start, "a date is written '2020-01-31'"))?;
                Ok(Literal::Day(day))
            }
            _ => self.quoted().map(Literal::Text),
        }
    }

    /// A regular expression.
    fn pattern(&mut self) -> Result<String> {
        self.skip_blanks();
        let start = self.at;
        if !self.is_quoted() {
            return Err(self.error("a regular expression is written in quotes"));
        }
        let pattern = self.quoted()?;
        match Regex::new(&pattern) {
            Ok(_) => Ok(pattern),
            Err(error) => Err(self.error_at(start, format!("not a regular expression: {error}"))),
        }
    }
}

/// The only one, or all of them together.
fn one_or(mut truths: Vec<Truth>, together: fn(Vec<Truth>) -> Truth) -> Truth {
    match truths.pop() {
        Some(only) if truths.is_empty() => only,
        Some(last) => {
            truths.push(last);
            together(truths)
        }
        None => together(truths),
    }
}
