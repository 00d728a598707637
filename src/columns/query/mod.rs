//! What expressions and conditions of the notation give for records.
//!
//! A [`Query`] is prepared once (`plan.rs`). Of each record, the fields that it looks at are found in the directory
//! (`tags.rs`), and their text (`looked.rs`, `subfields.rs`). Some records wait until they are computed together, column by
//! column: the processor mispredicts less. What is done with a field is settled beforehand (`actions.rs`): a walk over the
//! fields of a record (`walk.rs`) finds the values of all paths (`paths.rs`, `values.rs`). Columns of nothing else are
//! written at once (`straight.rs`). For all others `evaluate.rs` computes with the values (`text.rs` what functions make of
//! a text, `labels.rs` what codes mean, `links.rs` which fields belong together), and `column.rs` makes rows of them.
//! `filter.rs` decides which records become rows at all, one by one, by `truth.rs`.

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
mod straight;
mod subfields;
mod tags;
mod text;
mod truth;
mod values;
mod walk;

pub(super) use column::field;
pub(crate) use filter::Filter;
pub(crate) use plan::{Column, Query};
pub(crate) use sink::{Computed, schema};
pub(crate) use truth::Truth;
