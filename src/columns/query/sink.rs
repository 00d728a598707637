//! The columns of a query: one row for each record.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Schema, SchemaRef};

use super::column::{self, Growing};
use super::evaluate::Evaluation;
use super::looked::Looked;
use super::plan::{Column, Query, Way};
use super::straight::Straight;
use crate::columns::buffers::most;
use crate::columns::metadata;
use crate::columns::sink::{AT_ONCE, Outcome, Pushed, Sink};
use crate::diagnostic::Diagnostic;
use crate::notation::Columns;
use crate::options::Options;
use crate::record::Tell;
use crate::record::reading::Reading;

/// The columns that are wanted of these, known before any data is read.
pub(crate) fn schema(columns: &Columns, options: &Options) -> SchemaRef {
    let wanted = columns.iter().filter(|(name, _)| options.columns.select.wants(name));
    let fields: Vec<_> = wanted.map(|(name, expression)| column::field(name, expression)).collect();
    Arc::new(Schema::new_with_metadata(fields, metadata::of_schema(options)))
}

/// A sink that computes columns.
pub(crate) struct Computed {
    query: Arc<Query<Vec<Column>>>,
    options: Arc<Options>,
    schema: SchemaRef,
    /// The records that wait to be computed together.
    looked: Looked,
    evaluation: Evaluation,
    /// The columns that are written while values are found, and those that are computed from them.
    straight: Vec<Straight>,
    growing: Vec<Growing>,
    /// The number of rows that were computed.
    length: usize,
    /// The most bytes of text that there ever were at once.
    most_text: usize,
}

impl Computed {
    /// Room for `records` records.
    pub(crate) fn new(
        query: Arc<Query<Vec<Column>>>,
        options: Arc<Options>,
        schema: SchemaRef,
        records: usize,
    ) -> Computed {
        let (mut straight, mut growing) = (Vec::new(), Vec::new());
        for Column { data_type, way } in &query.asked {
            match way {
                Way::Straight(manner) => straight.push(Straight::new(manner, data_type.is_list, records)),
                Way::Computed(_) => growing.push(Growing::new(data_type, records)),
            }
        }
        let (looked, evaluation) = (Looked::default(), Evaluation::default());
        Computed { query, options, schema, looked, evaluation, straight, growing, length: 0, most_text: 0 }
    }

    /// Adds the row of a record of which there are only the parts; returns the number of bytes that were looked at.
    /// `leader` is empty if it has none. What functions could not take is null, and nothing more is told of it.
    pub(crate) fn push_parts(&mut self, leader: &str, record: &impl Tell) -> usize {
        let bytes = self.looked.push_parts(&self.query.tags, leader, record);
        if self.looked.len() >= AT_ONCE {
            self.compute();
        }
        bytes
    }

    /// Adds the row of a record of which nothing else is looked at.
    pub(in crate::columns) fn push_looked_at(&mut self, reading: &Reading<'_>) {
        if self.looked.push_plain_fields(&self.query.tags, reading).is_none() {
            self.looked.push_reading(&self.query.tags, reading, |_| true);
        }
        if self.looked.len() >= AT_ONCE {
            self.compute();
        }
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.length + self.looked.len()
    }

    /// The rows.
    pub(crate) fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        self.compute();
        // Places in it have 32 bits.
        if self.most_text > 2 * most() {
            return Err(ArrowError::OffsetOverflowError(self.most_text));
        }
        let rows = self.len();
        let row_count = RecordBatchOptions::new().with_row_count(Some(rows));
        let (mut straight, mut growing) = (self.straight.into_iter(), self.growing.into_iter());
        let columns = self.query.asked.iter().filter_map(|column| match column.way {
            Way::Straight(_) => straight.next().map(|column| column.finish(rows)),
            Way::Computed(_) => growing.next().map(Growing::finish),
        });
        let columns = columns.collect::<Result<_, _>>()?;
        RecordBatch::try_new_with_options(self.schema, columns, &row_count)
    }

    /// Computes the rows of the records that wait, column by column. What functions could not take is null, and is told
    /// with the places of the records.
    fn compute(&mut self) -> Vec<(usize, Diagnostic)> {
        let Computed { query, looked, evaluation, straight, growing, length, most_text, .. } = self;
        evaluation.find_values(query, looked, *length, straight);
        let computed = query.asked.iter().filter_map(|column| match &column.way {
            Way::Straight(_) => None,
            Way::Computed(compute) => Some(compute),
        });
        for (growing, compute) in growing.iter_mut().zip(computed) {
            let place = evaluation.evaluate(compute, looked);
            if let Some(lists) = evaluation.lists.get(place) {
                growing.extend(lists, compute, &query.unions, looked);
            }
        }
        let findings = evaluation.findings(looked);
        *length += looked.len();
        *most_text = looked.all_text().len().max(*most_text);
        looked.clear();
        findings
    }
}

impl Sink for Computed {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        let Computed { query, options, looked, .. } = self;
        if looked.push_plain(&query.tags, reading).is_some() {
            return Pushed { rows: 1, findings: Vec::new(), waits: true };
        }
        // A record that is not delivered leaves no trace.
        let delivers = |finding: &Diagnostic| options.records.on_error.delivers(finding.severity);
        let findings = looked.push_reading(&query.tags, reading, |findings| findings.iter().all(delivers));
        Pushed { rows: 1, findings, waits: true }
    }

    fn settle(&mut self) -> Vec<(usize, Diagnostic)> {
        self.compute()
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        Computed::finish(*self).map(Outcome::Rows)
    }
}
