//! Batches to a Parquet file, which appears complete or not at all.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use mrrc::Error;
use mrrc::parquet::ParquetOptions;

use crate::destination::Destination;
use crate::signals::output;

/// Writes batches to a Parquet file, or leaves none; its metadata names the sources.
pub(crate) fn write_parquet<E: Into<Error>>(
    schema: SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    destination: &Destination,
    source: Option<String>,
    threads: Option<usize>,
) -> Result<(), Error> {
    let mut options = ParquetOptions::default();
    options.metadata.extend(source.map(|source| ("mrrc.source".to_owned(), source)));
    options.threads = threads.unwrap_or(options.threads);
    mrrc::parquet::write_into(schema, batches, output(destination.path())?, &options)?;
    destination.arrive()
}
