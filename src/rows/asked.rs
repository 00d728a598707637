//! Rows, asked in the notation for columns: which are of records that meet a condition, and what expressions give for
//! each record.

use std::sync::Arc;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::{Schema, SchemaRef};

use super::pieces::Pieces;
use super::records::RowRecord;
use crate::columns::{self, Column, Computed, Filter, Query, ValueCounts};
use crate::error::{Error, Result, WriteError};
use crate::notation::{Columns, Condition, Expression};
use crate::options::Options;

/// The number of records in a batch, but for those of its last piece.
const RECORDS: usize = 8_192;
/// A batch ends when the text that was looked at for it has this many bytes.
const BYTES: usize = 16 << 20;

/// Whether each row is of a record that meets a condition. What the rows do not have, their records do not have.
///
/// ```
/// use mrrc::{Layout, Options, Scan, Source, rows};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = Scan::new(Source::bytes(bytes)).with_options(Options::default().layout(Layout::Fields))?;
/// let are_met = rows::meeting(&scan.schema(), scan.batches(), &"245$a ~ 'it'".parse()?)?;
/// assert_eq!((are_met.len(), are_met.true_count()), (3, 3));
/// # Ok::<(), mrrc::Error>(())
/// ```
///
/// # Errors
///
/// The first error of `batches`; [`Error::Argument`] if these are not the columns of a layout, if a record comes again
/// after another one, or if a part of one is null.
pub fn meeting<E: Into<Error>>(
    schema: &Schema,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    condition: &Condition,
) -> Result<BooleanArray> {
    let mut pieces = Pieces::of(schema, batches.into_iter())?;
    let mut filter = Filter::new(Arc::new(Query::of_condition(condition)));
    let mut are_met = Vec::new();
    while let Some(piece) = pieces.next_piece()? {
        for record in piece.records()?.iter() {
            let record = record.map_err(no_record)?;
            let is_met = filter.passes_parts(leader(&record), &record);
            are_met.resize(are_met.len() + record.rows(), is_met);
        }
    }
    Ok(are_met.into())
}

/// What expressions give for the records that rows hold: a row for each, in batches of some thousands. A value that a
/// function cannot take is null.
///
/// ```
/// use mrrc::arrow::array::cast::AsArray;
/// use mrrc::{Columns, Scan, Source, rows};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = Scan::new(Source::bytes(bytes));
/// let columns = Columns::of([("title", "first(245$a)")])?;
/// for batch in rows::extract(&scan.schema(), scan.batches(), &columns)? {
///     assert_eq!(batch?.column_by_name("title").unwrap().as_string::<i32>().value(0), "Title");
/// }
/// # Ok::<(), mrrc::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Argument`] if these are not the columns of a layout. The batches have the other errors of [`meeting`].
pub fn extract<E: Into<Error>, B: IntoIterator<Item = Result<RecordBatch, E>>>(
    schema: &Schema,
    batches: B,
    columns: &Columns,
) -> Result<Extracted<B::IntoIter>> {
    let options = Arc::new(Options::default().columns(columns.clone()));
    Ok(Extracted {
        pieces: Some(Pieces::of(schema, batches.into_iter())?),
        query: Arc::new(Query::of_columns(columns, |_| true)),
        schema: columns::schema(columns, &options),
        options,
    })
}

/// The batches of [`extract`].
pub struct Extracted<I> {
    /// The rest of the rows; `None` after an error.
    pieces: Option<Pieces<I>>,
    query: Arc<Query<Vec<Column>>>,
    options: Arc<Options>,
    schema: SchemaRef,
}

impl<I> Extracted<I> {
    /// The schema of the batches: that of a read with these columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

impl<E: Into<Error>, I: Iterator<Item = Result<RecordBatch, E>>> Extracted<I> {
    fn next_batch(&mut self, pieces: &mut Pieces<I>) -> Result<Option<RecordBatch>> {
        let (query, options) = (self.query.clone(), self.options.clone());
        let mut computed = Computed::new(query, options, self.schema.clone(), RECORDS);
        let mut bytes = 0;
        while computed.len() < RECORDS && bytes < BYTES {
            let Some(piece) = pieces.next_piece()? else { break };
            for record in piece.records()?.iter() {
                let record = record.map_err(no_record)?;
                bytes += computed.push_parts(leader(&record), &record);
            }
        }
        Ok(if computed.len() > 0 { Some(computed.finish()?) } else { None })
    }
}

impl<E: Into<Error>, I: Iterator<Item = Result<RecordBatch, E>>> Iterator for Extracted<I> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Result<RecordBatch>> {
        let mut pieces = self.pieces.take()?;
        let batch = self.next_batch(&mut pieces).transpose()?;
        self.pieces = batch.is_ok().then_some(pieces);
        Some(batch)
    }
}

/// How often each value of an expression occurs in the records that rows hold, as [`Scan::value_counts`] counts them.
///
/// ```
/// use mrrc::arrow::array::cast::AsArray;
/// use mrrc::{Scan, Source, rows};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = Scan::new(Source::bytes(bytes));
/// let counts = rows::value_counts(&scan.schema(), scan.batches(), &"245$a".parse()?)?;
/// assert_eq!(counts.column_by_name("value").unwrap().as_string::<i32>().value(0), "Title");
/// # Ok::<(), mrrc::Error>(())
/// ```
///
/// [`Scan::value_counts`]: crate::Scan::value_counts
///
/// # Errors
///
/// [`Error::Argument`] if the expression gives whole fields or structs, and the errors of [`meeting`].
pub fn value_counts<E: Into<Error>>(
    schema: &Schema,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    expression: &Expression,
) -> Result<RecordBatch> {
    let mut counts = ValueCounts::of(expression)?;
    for batch in extract(schema, batches, &Columns::of_one("value", expression.clone()))? {
        counts.add(&batch?);
    }
    counts.finish()
}

fn leader<'a>(record: &RowRecord<'a>) -> &'a str {
    record.leader_text().unwrap_or_default()
}

fn no_record(error: WriteError) -> Error {
    Error::Argument(error.to_string())
}
