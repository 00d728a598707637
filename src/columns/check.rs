//! A sink that finds everything odd about each value, and keeps nothing but the bytes that are no record.

use arrow_schema::ArrowError;

use super::copied::Copied;
use super::draft::Draft;
use super::sink::{Outcome, Pushed, Sink};
use crate::record::odd::Odd;
use crate::record::reading::Reading;
use crate::record::visit::Ignore;

pub(super) struct Check {
    draft: Draft,
    refused: Vec<u8>,
}

impl Check {
    pub(super) fn new() -> Check {
        Check { draft: Draft::default(), refused: Vec::new() }
    }

    /// A record that a draft can be made of has nothing odd about it.
    fn is_plain(&mut self, reading: &Reading<'_>) -> bool {
        let text = reading.plain_text();
        text.is_some_and(|text| self.draft.rows(reading.record(), text).is_some() && !Odd::All.is_in(text))
    }
}

impl Sink for Check {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        if self.is_plain(reading) {
            return Pushed::default();
        }
        let Ok(findings) = reading.visit_for(Odd::All, &mut Ignore);
        Pushed { findings, ..Pushed::default() }
    }

    fn refuse(&mut self, bytes: &[u8]) {
        self.refused.extend_from_slice(bytes);
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        Ok(Outcome::Copied(Copied { refused: self.refused, ..Copied::default() }))
    }
}
