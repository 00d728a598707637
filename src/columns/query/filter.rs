//! Which records become rows: decided on the fields that the condition looks at, before anything else is decoded.

use std::sync::Arc;

use super::evaluate::Evaluation;
use super::looked::{Fields, Looked};
use super::plan::Query;
use super::truth::Truth;
use crate::record::Tell;
use crate::record::reading::Reading;

/// Decides for record after record.
pub(crate) struct Filter {
    query: Arc<Query<Truth>>,
    fields: Fields,
    evaluation: Evaluation,
}

impl Filter {
    pub(crate) fn new(query: Arc<Query<Truth>>) -> Filter {
        Filter { query, fields: Fields::default(), evaluation: Evaluation::default() }
    }

    /// Whether the record passes.
    pub(crate) fn passes(&mut self, reading: &Reading<'_>) -> bool {
        let Filter { query, fields, evaluation } = self;
        let looked = match fields.of_plain_fields(&query.tags, reading) {
            Some(looked) => looked,
            None => fields.of_reading(&query.tags, reading).0,
        };
        holds(query, evaluation, &looked)
    }

    /// Whether a record passes of which there are only the parts; `leader` is empty if it has none.
    pub(crate) fn passes_parts(&mut self, leader: &str, record: &impl Tell) -> bool {
        let looked = self.fields.of_parts(&self.query.tags, leader, record);
        holds(&self.query, &mut self.evaluation, &looked)
    }
}

fn holds(query: &Query<Truth>, evaluation: &mut Evaluation, record: &Looked<'_>) -> bool {
    evaluation.begin();
    evaluation.find_values(query, record);
    let holds = evaluation.holds(&query.asked, record);
    evaluation.forget_findings();
    holds
}
