//! The columns of a query: one row for each record.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Schema, SchemaRef};

use super::column::{self, Growing};
use super::evaluate::Evaluation;
use super::looked::{Fields, Looked};
use super::plan::{Column, Query};
use crate::columns::metadata;
use crate::columns::sink::{Outcome, Pushed, Sink};
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
    fields: Fields,
    rows: Rows,
}

/// The rows so far.
struct Rows {
    evaluation: Evaluation,
    columns: Vec<Growing>,
    length: usize,
}

impl Computed {
    pub(crate) fn new(
        query: Arc<Query<Vec<Column>>>,
        options: Arc<Options>,
        schema: SchemaRef,
        records: usize,
    ) -> Computed {
        let columns = query.asked.iter().map(|column| Growing::new(&column.data_type, records)).collect();
        let rows = Rows { evaluation: Evaluation::default(), columns, length: 0 };
        Computed { query, options, schema, fields: Fields::default(), rows }
    }

    /// Adds the row of a record of which there are only the parts; returns the number of bytes that were looked at.
    /// `leader` is empty if it has none. What functions could not take is null, and nothing more is told of it.
    pub(crate) fn push_parts(&mut self, leader: &str, record: &impl Tell) -> usize {
        let Computed { query, fields, rows, .. } = self;
        let looked = fields.of_parts(&query.tags, leader, record);
        rows.push(query, &looked);
        rows.evaluation.forget_findings();
        looked.bytes()
    }

    /// Adds the row of a record of which nothing else is looked at.
    pub(in crate::columns) fn push_looked_at(&mut self, reading: &Reading<'_>) {
        let Computed { query, fields, rows, .. } = self;
        let looked = match fields.of_plain_fields(&query.tags, reading) {
            Some(looked) => looked,
            None => fields.of_reading(&query.tags, reading).0,
        };
        rows.push(query, &looked);
        rows.evaluation.forget_findings();
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.length
    }

    /// The rows.
    pub(crate) fn finish(self) -> Result<RecordBatch, ArrowError> {
        let columns = self.rows.columns.into_iter().map(Growing::finish).collect::<Result<_, _>>()?;
        let row_count = RecordBatchOptions::new().with_row_count(Some(self.rows.length));
        RecordBatch::try_new_with_options(self.schema, columns, &row_count)
    }
}

impl Rows {
    /// Adds the row of a record.
    #[inline]
    fn push(&mut self, query: &Query<Vec<Column>>, record: &Looked<'_>) {
        let evaluation = &mut self.evaluation;
        evaluation.begin();
        evaluation.find_values(query, record);
        for (growing, column) in self.columns.iter_mut().zip(&query.asked) {
            let place = evaluation.evaluate(&column.compute, record);
            let (Some(values), Some(union)) = (evaluation.lists.get(place), query.unions.get(place)) else {
                continue;
            };
            match &column.separator {
                Some(separator) => growing.push_joined(values, separator, &evaluation.made, record),
                None => growing.push(values, union, &evaluation.made, record),
            }
        }
        self.length += 1;
    }
}

impl Sink for Computed {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        let Computed { query, options, fields, rows, .. } = self;
        if let Some(looked) = fields.of_plain(&query.tags, reading) {
            rows.push(query, &looked);
            return Pushed { rows: 1, findings: rows.evaluation.findings(looked.fields, reading.record()) };
        }
        let (looked, mut findings) = fields.of_reading(&query.tags, reading);
        // A record that is not delivered leaves no trace.
        if findings.iter().all(|finding| options.records.on_error.delivers(finding.severity)) {
            rows.push(query, &looked);
            findings.extend(rows.evaluation.findings(looked.fields, reading.record()));
        }
        Pushed { rows: 1, findings }
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        Computed::finish(*self).map(Outcome::Rows)
    }
}
