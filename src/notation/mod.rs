//! The notation for columns and conditions: `245$a`, `008/35-37`, `first(trim(join(245$a$b)))`,
//! `245$a ~ 'railway' and not 880`. The same text works in Rust, in Python and on the command line.
//!
//! Text becomes an [`Expression`], a [`Condition`], [`Tags`] or [`Columns`], or a [`NotationError`] that points at a
//! character and says what to write. `columns/query` computes what they mean of a record.
//!
//! ```text
//! columns     = preset | column { "," column }
//! column      = [ ( word | quoted ) "=" ] expression
//! expression  = word "(" argument { "," argument } ")" | union
//! argument    = expression | [ word "=" ] quoted | number
//! union       = path { ":" path }                     values in the order of the record
//! path        = tag [ index ] { condition } [ characters | "^" ( "1" | "2" ) | codes ] { condition }
//! tag         = "LDR" | three digits, letters of one case, or "." for any; an X for any digit is refused
//! index       = "[" places "]"                        of the fields that match, of a code's turns in a field
//! characters  = "/" places                            not bytes
//! places      = place [ "-" place ]                   from 0, both included; "#" the last, "#-1" the last two
//! codes       = code { code }
//! code        = "$" ( graphic but "|" | letter "-" letter | digit "-" digit ) [ index ] [ characters ]
//! condition   = "{" test { "|" test } "}"             "|" is or; one behind another is and
//! test        = [ "!" | "?" ] what | what ( "=" | "!=" | "~" | "!~" ) value
//! what        = "^1" | "^2" | "$" graphic [ characters ] | ( "LDR" | "00" digit ) [ characters ] | characters
//! value       = bare | quoted | "\" literal           always a text; "#" for an indicator: a blank
//!
//! truth       = conjunction { "or" conjunction }
//! conjunction = negation { "and" negation }
//! negation    = "not" negation | "(" truth ")" | comparison
//! comparison  = expression [ sign constant | [ "not" ] "in" "(" constant { "," constant } ")" | "matches" quoted ]
//! sign        = "==" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~"
//! constant    = quoted | number
//! ```
//!
//! * Blanks are free between all of these but inside a path, where they are free in braces alone.
//! * A quoted text stands in `'` or `"`. That quote in it is doubled, or has a `\` before it; any other `\` is itself.
//! * A bare value ends at `}` or `|`, and has none of `$ { = ~ \`. A literal is one of MARCspec: `\Poe`, `\s` for a
//!   blank, `\` before each of `$ { } ! = ~ ? | \`.
//! * A condition in braces is about the field; with `LDR` or `00x` on its left, about the record. `=` holds if any
//!   value is the text, `!=` if none is. In MARCspec, a value without a `\` can be another place; here it is a text.
//! * Outside braces, a comparison holds if it does for any value, and an expression alone if it has a value.
//! * The words of a condition are words there only. A name of a function is not taken for a tag.
//! * Functions and brackets are nested 64 deep at most, so that no text exhausts the stack.

mod columns;
mod condition;
mod error;
mod expression;
mod listed;
mod mistake;
mod parse;
mod path;
mod preset;
mod spelling;
mod tags;
#[cfg(test)]
mod tests;
mod types;

pub use columns::Columns;
pub use condition::Condition;
pub use error::NotationError;
pub use expression::Expression;
pub use listed::Listed;
pub use tags::Tags;

pub(crate) use condition::{Comparison, Literal, Truth};
pub(crate) use expression::{Function, Node, Order};
pub(crate) use path::{Codes, Part, Path, Place, Span, TagPattern, Test, What};
pub(crate) use types::{Element, Type};
