//! A sink that keeps the records themselves, each as a [`RecordBuf`].

use arrow_schema::ArrowError;

use super::sink::{Outcome, Pushed, Sink};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::record::RecordBuf;
use crate::record::reading::Reading;

#[derive(Default)]
pub(super) struct Records(Vec<RecordBuf>);

impl Sink for Records {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        let mut record = RecordBuf::new(reading.record().leader());
        let findings = match reading.visit(&mut record) {
            Ok(findings) => findings,
            // A record that was read has no tag or value that a RecordBuf refuses; if it had, it would not be dropped
            // silently.
            Err(error) => {
                let mut finding = Diagnostic::new(Code::DelimiterInField, Severity::Fatal, 0);
                finding.found = error.to_string();
                vec![finding]
            }
        };
        self.0.push(record);
        Pushed { rows: 1, findings, waits: false }
    }

    fn undo(&mut self) {
        self.0.pop();
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        Ok(Outcome::Records(self.0))
    }
}
