//! Which records become rows: decided on the fields that the condition looks at, before anything else is decoded.

use std::sync::Arc;

use super::evaluate::Evaluation;
use super::looked::Fields;
use super::plan::Query;
use super::truth::Truth;
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
        let looked = match fields.of_parts(&query.tags, reading) {
            Some(looked) => looked,
            None => fields.of_reading(&query.tags, reading).0,
        };
        evaluation.begin();
        evaluation.find_values(query, &looked);
        let passes = evaluation.holds(&query.asked, &looked);
        evaluation.forget_findings();
        passes
    }
}
