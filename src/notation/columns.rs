//! [`Columns`]: names and what each holds.

use std::fmt;
use std::str::FromStr;

use crate::coded::preset_codes;

use super::error::NotationError;
use super::expression::Expression;
use super::parse::{Parser, is_word};
use super::preset::BIB;

/// Columns, in order: a name for each, and the expression that it holds.
///
/// ```
/// use mrrc::Columns;
///
/// let columns = Columns::of([("title", "first(245$a)"), ("subjects", "trim(650$a)")])?;
/// let names: Vec<&str> = columns.iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["title", "subjects"]);
/// assert_eq!("title = first(245$a), subjects = trim(650$a)".parse::<Columns>()?, columns);
/// # Ok::<(), mrrc::NotationError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(pub(crate) Vec<(String, Expression)>);

impl Columns {
    /// Columns with these names and expressions. Each name is used once.
    ///
    /// ```
    /// use mrrc::Columns;
    ///
    /// let columns = Columns::of([("id", "001"), ("year", "year(008/07-10)")])?;
    /// assert_eq!(columns.to_string(), "id = 001, year = year(008/07-10)");
    /// # Ok::<(), mrrc::NotationError>(())
    /// ```
    pub fn of<N, T>(columns: impl IntoIterator<Item = (N, T)>) -> Result<Columns, NotationError>
    where
        N: Into<String>,
        T: AsRef<str>,
    {
        let mut all = Columns(Vec::new());
        for (name, text) in columns {
            let (name, text) = (name.into(), text.as_ref());
            let expression = text.parse().map_err(|error: NotationError| error.of_column(&name))?;
            all.push(name, expression).map_err(|message| NotationError::new(text, 0, message))?;
        }
        Ok(all)
    }

    /// The columns of a preset: `bib`, what most people want of bibliographic records, or `codes`, the coded values of
    /// the leader and field 008 with their labels.
    ///
    /// ```
    /// use mrrc::Columns;
    ///
    /// let columns = Columns::preset("bib")?;
    /// let (name, expression) = columns.iter().nth(3).expect("there are 29");
    /// assert_eq!((name, expression.to_string()), ("title", "first(trim(join(245$a$b$n$p)))".to_string()));
    /// assert!(Columns::preset("all").is_err());
    /// # Ok::<(), mrrc::NotationError>(())
    /// ```
    pub fn preset(name: &str) -> Result<Columns, NotationError> {
        match name {
            "bib" => Columns::of(BIB),
            "codes" => Columns::of(preset_codes()),
            _ => Err(NotationError::new(name, 0, "there is no preset of this name; write bib or codes")),
        }
    }

    /// One column.
    pub(crate) fn of_one(name: &str, expression: Expression) -> Columns {
        Columns(vec![(name.into(), expression)])
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The name and the expression of each column.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Expression)> {
        self.0.iter().map(|(name, expression)| (name.as_str(), expression))
    }

    /// Adds a column, or says why it cannot be one.
    fn push(&mut self, name: String, expression: Expression) -> Result<(), String> {
        if self.0.iter().any(|(other, _)| *other == name) {
            return Err(format!("two columns have the name {name:?}: give each its own"));
        }
        self.0.push((name, expression));
        Ok(())
    }
}

/// The name of a preset; or expressions with commas between them, each with a name and `=` before it, or named by its
/// text.
impl FromStr for Columns {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Columns, NotationError> {
        if let Ok(preset) = Columns::preset(text.trim()) {
            return Ok(preset);
        }
        let empty = "columns are missing: write some, such as 001, 245$a";
        let read = |parser: &mut Parser<'_>| {
            let mut all = Columns(Vec::new());
            loop {
                parser.skip_blanks();
                let start = parser.at();
                let name = parser.column_name()?;
                let expression = parser.expression()?;
                let name = name.unwrap_or_else(|| expression.text.clone());
                all.push(name, expression).map_err(|message| parser.error_at(start, message))?;
                parser.skip_blanks();
                if !parser.eat(",") {
                    return Ok(all);
                }
            }
        };
        Parser::read_all(text, empty, read, Parser::error_behind_expression)
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, expression)) in self.0.iter().enumerate() {
            f.write_str(if place > 0 { ", " } else { "" })?;
            if *name != expression.text {
                let is_plain =
                    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(is_word);
                let name = if is_plain { name.clone() } else { format!("'{}'", name.replace('\'', "''")) };
                write!(f, "{name} = ")?;
            }
            write!(f, "{expression}")?;
        }
        Ok(())
    }
}
