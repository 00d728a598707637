//! [`Columns`]: names and what each holds.

use super::expression::Expression;

/// Columns, in order: a name for each, and the expression that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(pub(crate) Vec<(String, Expression)>);
