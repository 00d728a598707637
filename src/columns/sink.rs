//! Where the records of a chunk go, one by one: to a layout, which makes rows of them, or to something that only
//! examines them.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::copied::Copied;
use crate::description::Description;
use crate::diagnostic::Diagnostic;
use crate::record::RecordBuf;
use crate::record::reading::Reading;

/// The number of records that a sink may keep waiting: together, what is looked at in them fits into the nearest cache.
pub(super) const AT_ONCE: usize = 32;

/// Takes records.
pub(super) trait Sink {
    /// Adds a record.
    fn push(&mut self, record: &Reading<'_>) -> Pushed;

    /// Adds a record whose structure was repaired.
    fn push_repaired(&mut self, record: &Reading<'_>) -> Pushed {
        self.push(record)
    }

    /// Takes bytes that are no record, or one that is not delivered. Most sinks leave them to the account.
    fn refuse(&mut self, _bytes: &[u8]) {}

    /// Removes the record that was added last, because a finding forbids its delivery. A sink that keeps nothing of
    /// such records has nothing to do.
    fn undo(&mut self) {}

    /// Makes what it makes of the records that wait, and returns what was found in doing so: each finding with the place
    /// of its record among those that were added since the last call.
    fn settle(&mut self) -> Vec<(usize, Diagnostic)> {
        Vec::new()
    }

    /// Returns what was made of all records.
    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError>;
}

/// The result of adding a record.
#[derive(Default)]
pub(super) struct Pushed {
    /// The number of rows it gave.
    pub(super) rows: usize,
    /// What is odd or undecodable in it, with offsets from its first byte.
    pub(super) findings: Vec<Diagnostic>,
    /// True if more may be found in it when the sink is settled.
    pub(super) waits: bool,
}

/// What a sink made.
pub(crate) enum Outcome {
    /// Rows.
    Rows(RecordBatch),
    /// The records.
    Records(Vec<RecordBuf>),
    /// A description of what the records hold.
    Described(Box<Description>),
    /// The bytes of records, and those that were refused.
    Copied(Copied),
}
