//! Conditions: comparisons of expressions, with `and`, `or`, `not` and brackets.

use std::str::FromStr;

use regex::Regex;

use crate::notation::condition::{Comparison, Condition, Literal, Pattern, Truth};
use crate::notation::error::NotationError;
use crate::notation::expression::Node;
use crate::notation::path::Part;
use crate::notation::spelling;
use crate::notation::types::Element;

use super::test::Length;
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

/// What is compared.
struct Operand<'a> {
    start: usize,
    text: &'a str,
    node: Node,
}

impl FromStr for Condition {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Condition> {
        let empty = "a condition is missing: write one, such as 245$a ~ 'railway'";
        let truth = Parser::read_all(text, empty, Parser::truth, Parser::error_behind_condition)?;
        Ok(Condition { text: text.trim().into(), truth })
    }
}

impl<'a> Parser<'a> {
    /// The error for what cannot stand behind a condition.
    fn error_behind_condition(&self) -> NotationError {
        match (self.peek(), spelling::of_operator(self.rest())) {
            (_, Some(message)) => self.error(message),
            (Some(')'), _) => self.error("this bracket closes nothing"),
            _ => self.error(format!(
                "a condition ends before {}; \"and\" or \"or\" stands before another",
                self.found()
            )),
        }
    }

    /// A condition.
    fn truth(&mut self) -> Result<Truth> {
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
            Some(_) => self.error_behind_condition(),
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
        if let Some(message) = spelling::of_operand(self.rest()) {
            return Err(self.error(message));
        }
        let start = self.at;
        let node = self.node()?;
        let operand = Operand { start, text: self.since(start), node };
        self.skip_blanks();
        if let Some(message) = spelling::of_operator(self.rest()) {
            return Err(self.error(message));
        }
        let at = self.at;
        if self.keyword("matches") {
            self.check_text(&operand)?;
            return Ok(Truth::Matches(operand.node, self.pattern()?));
        }
        if self.keyword("in") {
            return self.one_of(operand);
        }
        if self.keyword("not") {
            if self.keyword("in") {
                return Ok(Truth::Not(Box::new(self.one_of(operand)?)));
            }
            return Err(self.error_at(
                at,
                "not stands before a condition, or before in: write not 245$a, 245$a not in ('x')",
            ));
        }
        if self.eat("!~") {
            let contains = self.compare(operand, "~", Comparison::Contains)?;
            return Ok(Truth::Not(Box::new(contains)));
        }
        match SIGNS.iter().find(|(sign, _)| self.eat(sign)) {
            Some((sign, comparison)) => self.compare(operand, sign, *comparison),
            None => self.holds(operand),
        }
    }

    fn holds(&self, operand: Operand<'_>) -> Result<Truth> {
        if matches!(operand.node, Node::Count(_)) {
            let text = operand.text;
            return Err(self.error_at(operand.start, format!("a count is always there: write {text} > 0")));
        }
        Ok(Truth::Holds(operand.node))
    }

    fn compare(&mut self, operand: Operand<'_>, sign: &str, comparison: Comparison) -> Result<Truth> {
        if comparison == Comparison::Contains {
            self.check_text(&operand)?;
        }
        self.skip_blanks();
        let start = self.at;
        let literal = self.literal(&operand, sign)?;
        let is_whole = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if is_whole || comparison == Comparison::Contains {
            self.check_possible(start, &operand, &literal, is_whole)?;
        }
        Ok(Truth::Compare(operand.node, comparison, literal))
    }

    fn one_of(&mut self, operand: Operand<'_>) -> Result<Truth> {
        self.check_comparable(&operand)?;
        self.skip_blanks();
        if !self.eat("(") {
            return Err(self.error("values in brackets stand behind in: write in ('a', 'b')"));
        }
        let mut literals = Vec::new();
        loop {
            self.skip_blanks();
            let start = self.at;
            let literal = self.literal(&operand, "in")?;
            self.check_possible(start, &operand, &literal, true)?;
            literals.push(literal);
            self.skip_blanks();
            if self.eat(")") {
                return Ok(Truth::In(operand.node, literals));
            }
            if !self.eat(",") {
                return Err(
                    self.error("commas stand between values, and ) behind the last: write in ('a', 'b')")
                );
            }
        }
    }

    /// That values of the operand can be compared.
    fn check_comparable(&self, operand: &Operand<'_>) -> Result<()> {
        let text = operand.text;
        let message = match operand.node.element() {
            Element::Text | Element::Int32 | Element::Int64 | Element::Date => return Ok(()),
            Element::Bool => format!("{text} is a condition by itself: write {text} or not {text}"),
            Element::Field => format!("a whole field is compared by its text: write text({text})"),
            Element::Struct(_) => "a struct is not compared: name one subfield".into(),
            Element::Pair => "pairs are not compared: write alt for the value in the other script".into(),
        };
        Err(self.error_at(operand.start, message))
    }

    /// That values of the operand are text.
    fn check_text(&self, operand: &Operand<'_>) -> Result<()> {
        self.check_comparable(operand)?;
        match operand.node.element() {
            Element::Text => Ok(()),
            other => {
                let message = format!(
                    "{} is {other}, and ~ and matches look into text: compare it by == or <",
                    operand.text
                );
                Err(self.error_at(operand.start, message))
            }
        }
    }

    /// That the operand can have this value, or a value with it.
    fn check_possible(
        &self,
        start: usize,
        operand: &Operand<'_>,
        literal: &Literal,
        is_whole: bool,
    ) -> Result<()> {
        let (Node::Union(paths), Literal::Text(text)) = (&operand.node, literal) else { return Ok(()) };
        let [path] = paths.as_slice() else { return Ok(()) };
        let length = match &path.part {
            Part::Characters(characters) => Length::of_control(Some(*characters)),
            Part::Indicator(_) => Length::Exactly(1),
            Part::Subfields(codes) => match codes.as_slice() {
                [only] => Length::of_subfield(only.characters),
                _ => Length::Any,
            },
            Part::Whole => Length::Any,
        };
        self.check_length(start, operand.text, length, text, is_whole)
    }

    /// A literal of the type of the operand, behind this sign.
    fn literal(&mut self, operand: &Operand<'_>, sign: &str) -> Result<Literal> {
        self.check_comparable(operand)?;
        let start = self.at;
        let element = operand.node.element();
        let is_number = matches!(element, Element::Int32 | Element::Int64);
        match (is_number, self.is_quoted()) {
            (true, false) if self.is_number() => self.number().map(Literal::Number),
            (true, false) => {
                Err(self.error(format!("{} is compared with a number, such as 1990", operand.text)))
            }
            (true, true) => {
                let text = self.quoted()?;
                let advice =
                    if text.parse::<i64>().is_ok() { format!(": write {text}") } else { String::new() };
                Err(self.error_at(start, format!("a number is written without quotes{advice}")))
            }
            (false, false) => Err(self.error_of_bare_text(operand, sign)),
            (false, true) if element == Element::Date => {
                let text = self.quoted()?;
                let message = "a date is written as '2020-01-31'";
                day(&text).map(Literal::Day).ok_or_else(|| self.error_at(start, message))
            }
            (false, true) => self.quoted().map(Literal::Text),
        }
    }

    /// The error for something without quotes that is compared with text or days.
    fn error_of_bare_text(&self, operand: &Operand<'_>, sign: &str) -> NotationError {
        let is_end = |character: char| character.is_whitespace() || "(),'\"".contains(character);
        let word = self.rest().split(is_end).next().unwrap_or_default();
        if word.is_empty() {
            return self.error("a text in quotes is missing");
        }
        let is_place = Parser::is_path(word) && word.contains(['$', '/'])
            || self.rest().starts_with(&format!("{word}("));
        if is_place {
            return self
                .error("an expression is compared with a text in quotes, not with another expression");
        }
        let advice = match operand.node.element() {
            Element::Text if self.is_number() && !["~", "in"].contains(&sign) => {
                format!(", or compare numbers: int({}) {sign} {word}", operand.text)
            }
            _ => String::new(),
        };
        let what = if operand.node.element() == Element::Date { "date" } else { "text" };
        self.error(format!("a {what} stands in quotes: write '{word}'{advice}"))
    }

    /// A regular expression.
    fn pattern(&mut self) -> Result<Pattern> {
        self.skip_blanks();
        let start = self.at;
        if !self.is_quoted() {
            return Err(self.error("a regular expression stands in quotes: write matches '^The '"));
        }
        let pattern = self.quoted()?;
        match Regex::new(&pattern) {
            Ok(pattern) => Ok(Pattern(pattern)),
            Err(error) => {
                let error = error.to_string();
                let reason = error.rsplit("error: ").next().unwrap_or_default().trim();
                Err(self.error_at(start, format!("this is no regular expression: {reason}")))
            }
        }
    }
}

/// The only one, or all of them together.
fn one_or(mut truths: Vec<Truth>, together: fn(Vec<Truth>) -> Truth) -> Truth {
    match truths.pop() {
        Some(only) if truths.is_empty() => only,
        last => {
            truths.extend(last);
            together(truths)
        }
    }
}
