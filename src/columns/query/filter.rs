//! Which records become rows: decided on the fields that the condition looks at, before anything else is decoded.

use std::sync::Arc;

use super::evaluate::Evaluation;
use super::looked::Looked;
use super::plan::Query;
use super::truth::Truth;
use crate::record::Tell;
use crate::record::reading::Reading;

/// Decides for record after record.
pub(crate) struct Filter {
    query: Arc<Query<Truth>>,
    looked: Looked,
    evaluation: Evaluation,
}

impl Filter {
    pub(crate) fn new(query: Arc<Query<Truth>>) -> Filter {
        Filter { query, looked: Looked::default(), evaluation: Evaluation::default() }
    }

    /// Whether the record passes.
    pub(crate) fn passes(&mut self, reading: &Reading<'_>) -> bool {
        let Filter { query, looked, .. } = self;
        looked.clear();
        if looked.push_plain_fields(&query.tags, reading).is_none() {
            looked.push_reading(&query.tags, reading, |_| true);
        }
        self.holds()
    }

    /// Whether a record passes of which there are only the parts; `leader` is empty if it has none.
    pub(crate) fn passes_parts(&mut self, leader: &str, record: &impl Tell) -> bool {
        self.looked.clear();
        self.looked.push_parts(&self.query.tags, leader, record);
        self.holds()
    }

    /// Whether the condition holds for the record that is looked at.
    fn holds(&mut self) -> bool {
        let Filter { query, looked, evaluation } = self;
        evaluation.find_values(query, looked, 0, &mut []);
        let holds = evaluation.holds(&query.asked, looked);
        evaluation.forget_findings();
        holds
    }
}
