//! The notation for columns and conditions: `245$a`, `008/35-37`, `first(trim(join(245$a$b)))`,
//! `245$a ~ 'railway' and not 880`.
//!
//! Text becomes an [`Expression`], a [`Condition`] or [`Tags`], expressions with names become [`Columns`]; `columns/query` computes what they mean of a record.
//! The same text works in Rust, in Python and on the command line.

mod columns;
mod condition;
mod error;
mod expression;
mod mistake;
mod parse;
mod path;
mod preset;
#[cfg(test)]
mod tests;
mod types;

pub use columns::Columns;
pub use condition::Condition;
pub use error::NotationError;
pub use expression::Expression;
pub use path::Tags;

pub(crate) use condition::{Comparison, Literal, Truth};
pub(crate) use expression::{Function, Node, Order};
pub(crate) use path::{Codes, Part, Path, Place, Span, TagPattern, Test, What};
pub(crate) use types::{Element, Type};
