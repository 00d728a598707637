//! What an expression or a condition of the notation gives for a record.
//!
//! A [`Query`] is prepared once. For each record the fields that it looks at are found in the directory
//! (`looked.rs`), which yields their text; `evaluate.rs` computes values of it (`paths.rs` where they are, `text.rs`
//! what functions make of them, `labels.rs` what codes mean), and `column.rs` makes rows of the values. `filter.rs` decides which records become
//! rows at all.

mod actions;
mod column;
mod evaluate;
mod filter;
mod labels;
mod links;
mod looked;
mod paths;
mod plan;
mod sink;
mod subfields;
mod tags;
mod text;
mod truth;
mod values;

pub(crate) use filter::Filter;
pub(crate) use plan::Query;
pub(crate) use sink::{Computed, schema};
