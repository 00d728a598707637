//! A sink that finds what is odd about every value, and keeps nothing else.

use std::sync::Arc;

use arrow_schema::ArrowError;

use super::draft::Draft;
use super::sink::{Outcome, Pushed, Sink};
use crate::iso2709::RecordView;
use crate::options::Options;
use crate::record::reading::{Reading, plain_text};
use crate::record::visit::Ignore;

pub(super) struct Check {
    options: Arc<Options>,
    draft: Draft,
}

impl Check {
    pub(super) fn new(options: Arc<Options>) -> Check {
        Check { options, draft: Draft::default() }
    }

    /// Nothing can be odd about a record of which a draft can be made.
    fn is_plain(&mut self, record: &RecordView<'_>) -> bool {
        let text = plain_text(record, self.options.encoding, self.options.dialect);
        text.is_some_and(|text| self.draft.rows(record, text).is_some())
    }
}

impl Sink for Check {
    fn push(&mut self, record: &RecordView<'_>) -> Pushed {
        if self.is_plain(record) {
            return Pushed::default();
        }
        let Ok(findings) = Reading::new(*record, self.options.rules()).visit(&mut Ignore);
        Pushed { rows: 0, findings }
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        Ok(Outcome::Looked)
    }
}
