//! Batches to Parquet (feature `parquet`): streamed, compressed with zstd, into a file that is complete or absent.
//!
//! ```text
//! batches ──pieces──> leaf columns ──encoded side by side (threads)──> row group ──> file
//! ```
//!
//! Each leaf column is encoded as soon as its part of a piece arrives, so an unfinished row group is held as encoded
//! pages, never as batches. The next piece is fetched meanwhile.

use std::path::Path;

use ::parquet::arrow::ArrowSchemaConverter;
use ::parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowLeafColumn, ArrowRowGroupWriterFactory, ArrowWriter,
    compute_leaves,
};
use ::parquet::basic::{Compression, Encoding, Type, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::ColumnPath;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};

use crate::columns::metadata::{has_rows_of_parts, is_computed, is_control_number};
use crate::error::{Error, Result};
use crate::io::{Output, Pool, pool, side_by_side};

/// How a Parquet file is written. The defaults suit catalogues; each method changes one option.
///
/// ```
/// use mrrc::parquet::ParquetOptions;
///
/// let options = ParquetOptions::default().level(6).metadata("mrrc.source", "catalogue.mrc");
/// assert_eq!((options.level, options.row_group_rows), (6, 122_880));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParquetOptions {
    /// The zstd level, 1 to 22. A catalogue of 66 MB took 16.9 MB at level 1, 15.0 MB at 3 and 13.6 MB at 6. Level 6
    /// takes twice as long as 3; level 1 takes about four fifths of it.
    pub level: i32,
    /// A row group ends when it has this many rows …
    pub row_group_rows: usize,
    /// … or this many bytes in its columns before encoding, whichever comes first. Of the same catalogue, in MB, and
    /// in milliseconds that DuckDB takes to look up a control number:
    ///
    /// | | nested | fields | subfields | `columns="bib"` |
    /// |---|---|---|---|---|
    /// | 8 MiB | 15.1, 17 ms | 15.2, 6 ms | 16.1, 5 ms | 8.4, 11 ms |
    /// | 12 MiB | 15.1, 25 ms | 15.2, 9 ms | 16.1, 6 ms | 8.2, 15 ms |
    /// | 24 MiB | 15.0, 46 ms | 15.2, 9 ms | 16.1, 5 ms | 8.1, 23 ms |
    ///
    /// Writing, and scanning a column, takes as long with each of them.
    pub row_group_bytes: usize,
    /// The number of threads that encode; 1 uses no pool. The file does not depend on it.
    pub threads: usize,
    /// Key-value metadata of the file, added to that of the schema.
    pub metadata: Vec<(String, String)>,
}

impl Default for ParquetOptions {
    fn default() -> ParquetOptions {
        ParquetOptions {
            level: 3,
            // The default of DuckDB; it matters only if rows are short.
            row_group_rows: 122_880,
            row_group_bytes: 12 << 20,
            threads: pool::available(),
            metadata: Vec::new(),
        }
    }
}

impl ParquetOptions {
    /// Sets the zstd level, 1 to 22. The default is 3.
    #[must_use]
    pub fn level(mut self, level: i32) -> ParquetOptions {
        self.level = level;
        self
    }

    /// Sets the maximum number of rows in a row group. The default is 122,880.
    #[must_use]
    pub fn row_group_rows(mut self, rows: usize) -> ParquetOptions {
        self.row_group_rows = rows;
        self
    }

    /// Sets the number of bytes at which a row group ends. The default is 12 MiB.
    #[must_use]
    pub fn row_group_bytes(mut self, bytes: usize) -> ParquetOptions {
        self.row_group_bytes = bytes;
        self
    }

    /// Sets the number of threads that encode. The default is all that this process may use.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> ParquetOptions {
        self.threads = threads;
        self
    }

    /// Adds a key and a value to the metadata of the file.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> ParquetOptions {
        self.metadata.push((key.into(), value.into()));
        self
    }
}

/// What [`write()`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The number of rows.
    pub rows: u64,
    /// The number of row groups.
    pub row_groups: usize,
    /// The size of the file in bytes.
    pub bytes: u64,
}

// Rows encoded at once. Bounds memory when a caller passes one huge batch, and the delay until Ctrl-C is noticed.
const PIECE: usize = 1_024;

// Each page is compressed separately. Layout nested takes 3 % more with the usual 1 MiB; layouts fields and subfields
// take 5 and 6 % more with the usual 20,000 rows, and a scan of a column a tenth longer. With those, DuckDB looks up a
// control number in 7 instead of 9 ms, and in 5 instead of 6.
const PAGE: usize = 4 << 20;

// A column begins with a dictionary, in each row group, and goes on without when it outgrows this. So tags, codes and
// languages have one and titles have none, whatever the columns are. With the usual 1 MiB, text has a dictionary for
// nothing: `columns="bib"` takes 6 % more.
const DICTIONARY: usize = 16 << 10;

// What is in the dictionary of numbers is the place of a field, of which there are few. Those of records only rise,
// which differences express best.
const DICTIONARY_OF_NUMBERS: usize = 4 << 10;

// The control numbers of a row group, if all fields of a record repeat it. polars looks one up in layout subfields in 7
// instead of 32 ms.
const DICTIONARY_OF_KEYS: usize = 1 << 20;

/// Writes `batches`, all of which have this `schema`, to a file at `path`.
///
/// The file appears when it is complete, or not at all.
///
/// ```
/// use mrrc::parquet::{self, ParquetOptions};
/// use mrrc::{Scan, Source};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = Scan::new(Source::bytes(bytes));
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("catalogue.parquet");
/// let written = parquet::write(scan.schema(), scan.batches(), &path, &ParquetOptions::default())?;
/// assert_eq!((written.rows, written.row_groups), (1, 1));
/// assert_eq!(written.bytes, std::fs::metadata(&path)?.len());
/// # Ok::<(), mrrc::Error>(())
/// ```
///
/// # Errors
///
/// The first error of `batches`, [`Error::Argument`] if an option is invalid, [`Error::Output`] if the file cannot be
/// written. No file is left then.
pub fn write<E: Into<Error>>(
    schema: SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    path: impl AsRef<Path>,
    options: &ParquetOptions,
) -> Result<Written> {
    // Refused before a file is created.
    properties(&schema, options)?;
    write_into(schema, batches, Output::create(path).map_err(Error::of_writing)?, options)
}

/// Like [`write()`], into a file that has begun.
///
/// # Errors
///
/// Those of [`write()`].
pub fn write_into<E: Into<Error>>(
    schema: SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    mut output: Output,
    options: &ParquetOptions,
) -> Result<Written> {
    let properties = properties(&schema, options)?;
    let pool = match options.threads {
        0 | 1 => None,
        threads => Some(Pool::get(threads - 1)?),
    };
    let (mut file, factory) = ArrowWriter::try_new(&mut output, schema.clone(), Some(properties))
        .and_then(ArrowWriter::into_serialized_writer)
        .map_err(failed)?;
    let mut pieces = Pieces { schema, batches: batches.into_iter(), batch: None };
    let mut group = RowGroup::begin(&factory, 0)?;
    let mut rows = 0;
    let limit = options.row_group_rows.max(1);
    let mut next = pieces.next(limit)?;
    while let Some(piece) = next {
        group.rows += piece.rows;
        group.bytes += piece.bytes;
        rows += piece.rows as u64;
        let left = limit - group.rows;
        next = group
            .encode(pool.as_deref(), piece.leaves, || pieces.next(if left == 0 { limit } else { left }))?;
        if next.is_some() && (left == 0 || group.bytes >= options.row_group_bytes) {
            let number = file.flushed_row_groups().len();
            std::mem::replace(&mut group, RowGroup::begin(&factory, number + 1)?)
                .finish(pool.as_deref(), &mut file)?;
        }
    }
    if group.rows > 0 {
        group.finish(pool.as_deref(), &mut file)?;
    }
    let row_groups = file.flushed_row_groups().len();
    file.finish().map_err(failed)?;
    let bytes = file.bytes_written() as u64;
    drop(file);
    output.finish().map_err(Error::of_writing)?;
    Ok(Written { rows, row_groups, bytes })
}

/// Compression, encodings and statistics of each leaf.
fn properties(schema: &SchemaRef, options: &ParquetOptions) -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(options.level)
        .map_err(|_| Error::Argument(format!("the level of zstd must be 1 to 22, not {}", options.level)))?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(None)
        .set_data_page_size_limit(PAGE)
        .set_data_page_row_count_limit(usize::MAX)
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(metadata(schema, options)));
    let leaves = ArrowSchemaConverter::new().convert(schema).map_err(failed)?;
    for leaf in leaves.columns() {
        let path = leaf.path().clone();
        if leaf.max_rep_level() > 0 {
            // No engine skips rows by the minimum and maximum in their lists.
            properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
        }
        properties = match leaf.physical_type() {
            Type::INT64 => properties
                .set_column_dictionary_page_size_limit(path.clone(), DICTIONARY_OF_NUMBERS)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            // 2 % smaller, and quicker to scan in DuckDB. What is in single subfields is 2 to 4 % larger so.
            Type::BYTE_ARRAY if is_computed(schema) => {
                properties.set_column_encoding(path, Encoding::DELTA_LENGTH_BYTE_ARRAY)
            }
            _ => properties,
        };
    }
    for field in schema.fields().iter().filter(|field| is_control_number(field)) {
        let path = ColumnPath::from(field.name().as_str());
        properties = properties
            .set_column_bloom_filter_enabled(path.clone(), true)
            .set_column_bloom_filter_max_ndv(path.clone(), options.row_group_rows.max(1) as u64);
        if has_rows_of_parts(schema) {
            // All rows of a record have the same.
            properties = properties.set_column_dictionary_page_size_limit(path, DICTIONARY_OF_KEYS);
        }
    }
    Ok(properties.build())
}

/// The file's own metadata, for tools that do not know Arrow's.
fn metadata(schema: &SchemaRef, options: &ParquetOptions) -> Vec<KeyValue> {
    let mut entries: std::collections::BTreeMap<&str, &str> =
        schema.metadata().iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    entries.entry("mrrc.version").or_insert(env!("CARGO_PKG_VERSION"));
    entries.extend(options.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    entries.into_iter().map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned())).collect()
}

/// Rows encoded at once, as leaf columns.
struct Piece {
    rows: usize,
    bytes: usize,
    leaves: Vec<ArrowLeafColumn>,
}

/// Batches, cut into pieces.
struct Pieces<I> {
    schema: SchemaRef,
    batches: I,
    batch: Option<RecordBatch>,
}

impl<I: Iterator<Item = Result<RecordBatch, E>>, E: Into<Error>> Pieces<I> {
    fn next(&mut self, at_most: usize) -> Result<Option<Piece>> {
        let batch = match self.batch.take() {
            Some(batch) => batch,
            None => loop {
                match self.batches.next() {
                    None => return Ok(None),
                    Some(Err(error)) => return Err(error.into()),
                    Some(Ok(batch)) if batch.num_rows() > 0 => break batch,
                    Some(Ok(_)) => {}
                }
            },
        };
        let rows = batch.num_rows().min(at_most).min(PIECE);
        if rows < batch.num_rows() {
            self.batch = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        if batch.num_columns() != self.schema.fields().len() {
            return Err(Error::Columns(format!(
                "a batch of {} columns where the schema has {}",
                batch.num_columns(),
                self.schema.fields().len()
            )));
        }
        let (mut leaves, mut size) = (Vec::new(), 0);
        for (field, column) in self.schema.fields().iter().zip(batch.slice(0, rows).columns()) {
            leaves.extend(compute_leaves(field, column).map_err(failed)?);
            size += bytes(column);
        }
        Ok(Some(Piece { rows, bytes: size, leaves }))
    }
}

/// The number of bytes in the values of an array; of a slice, only those in it.
fn bytes(array: &ArrayRef) -> usize {
    match array.data_type() {
        DataType::Struct(_) => array.as_struct().columns().iter().map(bytes).sum(),
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let (start, end) = (list.value_offsets()[0], list.value_offsets()[list.len()]);
            4 * list.len() + bytes(&list.values().slice(start as usize, (end - start) as usize))
        }
        DataType::Utf8View => {
            let text = array.as_string_view();
            16 * text.len() + text.lengths().map(|length| length as usize).sum::<usize>()
        }
        _ => array.to_data().get_slice_memory_size().unwrap_or(0),
    }
}

/// A row group under way.
struct RowGroup {
    leaves: Vec<Leaf>,
    rows: usize,
    bytes: usize,
}

struct Leaf {
    writer: ArrowColumnWriter,
    result: Result<(), ParquetError>,
}

impl RowGroup {
    fn begin(factory: &ArrowRowGroupWriterFactory, number: usize) -> Result<RowGroup> {
        let writers = factory.create_column_writers(number).map_err(failed)?;
        let leaves = writers.into_iter().map(|writer| Leaf { writer, result: Ok(()) }).collect();
        Ok(RowGroup { leaves, rows: 0, bytes: 0 })
    }

    /// Encodes a piece, and runs `meanwhile` on this thread.
    fn encode<R>(
        &mut self,
        pool: Option<&Pool>,
        piece: Vec<ArrowLeafColumn>,
        meanwhile: impl FnOnce() -> Result<R>,
    ) -> Result<R> {
        // Most of a catalogue is in the last leaf, so that one is begun first.
        let work = self.leaves.iter_mut().zip(piece).rev();
        let result =
            side_by_side(pool, work, |(leaf, part)| leaf.result = leaf.writer.write(&part), meanwhile);
        for leaf in &mut self.leaves {
            std::mem::replace(&mut leaf.result, Ok(())).map_err(failed)?;
        }
        result
    }

    /// Encodes the rest, and writes all pages to the file.
    fn finish(self, pool: Option<&Pool>, file: &mut SerializedFileWriter<&mut Output>) -> Result<()> {
        let mut chunks: Vec<Option<Result<ArrowColumnChunk, ParquetError>>> = Vec::new();
        chunks.resize_with(self.leaves.len(), || None);
        let work = self.leaves.into_iter().zip(&mut chunks).rev();
        side_by_side(pool, work, |(leaf, chunk)| *chunk = Some(leaf.writer.close()), || {});
        let mut group = file.next_row_group().map_err(failed)?;
        for chunk in chunks.into_iter().flatten() {
            chunk.and_then(|chunk| chunk.append_to_row_group(&mut group)).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        Ok(())
    }
}

/// The writer's errors: those of the file unchanged, all others as text.
fn failed(error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(io) => Error::of_writing(*io),
            Err(other) => Error::Columns(other.to_string()),
        },
        other => Error::Columns(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
