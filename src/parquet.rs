//! Batches to Parquet: streamed, compressed by zstd, a finished file or none.
//!
//! ```text
//! batches ──pieces──> leaf columns ──encoded side by side (threads)──> row group ──> file
//! ```
//!
//! Each leaf column's writer takes its part of a piece at once, so that a row group under way is held as
//! encoded pages, never as batches; the next piece is fetched meanwhile.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

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
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};

use crate::error::{Error, Result};
use crate::io::{Output, Pool, pool};

/// How a Parquet file is written. The defaults suit catalogues; each method changes one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParquetOptions {
    /// The level of zstd, 1 to 22. Over a catalogue of 66 MB, level 1 gave 16.9 MB, 3 gave 15.0 MB and
    /// 6 gave 13.6 MB; 6 takes twice the time of 3, and 1 some four fifths of it.
    pub level: i32,
    /// A row group is closed when it has this many rows …
    pub row_group_rows: usize,
    /// … or columns of so many bytes, before they are encoded, whichever comes first: small enough that a
    /// look-up reads little and threads find something to share, large enough that nothing is lost in size.
    pub row_group_bytes: usize,
    /// How many threads encode; one works without a pool. The file does not depend on it.
    pub threads: usize,
    /// Written into the file's own metadata, beside that of the schema: `mrrc.source` and the like.
    pub metadata: Vec<(String, String)>,
}

impl Default for ParquetOptions {
    fn default() -> ParquetOptions {
        ParquetOptions {
            level: 3,
            // What DuckDB writes, for layouts whose rows are short.
            row_group_rows: 122_880,
            row_group_bytes: 24 << 20,
            threads: pool::available(),
            metadata: Vec::new(),
        }
    }
}

impl ParquetOptions {
    /// The level of zstd, 1 to 22.
    #[must_use]
    pub fn level(mut self, level: i32) -> ParquetOptions {
        self.level = level;
        self
    }

    /// The most rows of a row group.
    #[must_use]
    pub fn row_group_rows(mut self, rows: usize) -> ParquetOptions {
        self.row_group_rows = rows;
        self
    }

    /// The bytes at which a row group is closed.
    #[must_use]
    pub fn row_group_bytes(mut self, bytes: usize) -> ParquetOptions {
        self.row_group_bytes = bytes;
        self
    }

    /// The number of threads that encode.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> ParquetOptions {
        self.threads = threads;
        self
    }

    /// Writes a value into the file's own metadata.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> ParquetOptions {
        self.metadata.push((key.into(), value.into()));
        self
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows in the file.
    pub rows: u64,
    /// Row groups in the file.
    pub row_groups: usize,
    /// The file's size.
    pub bytes: u64,
}

// Rows that are encoded in one go: bounds what is held when a caller comes with one huge batch, and how
// long Ctrl-C waits.
const PIECE: usize = 1_024;

// A page is compressed by itself: with the usual 1 MiB the file is 3 % larger, at the same time.
const PAGE: usize = 4 << 20;

/// Writes `batches`, all of `schema`, to a file at `path`, which appears there when it is finished.
///
/// The first error of `batches` ends it and is given back; then nothing is left of the file.
pub fn write<E: Into<Error>>(
    schema: SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    path: impl AsRef<Path>,
    options: &ParquetOptions,
) -> Result<Written> {
    let properties = properties(&schema, options)?;
    let pool = match options.threads {
        0 | 1 => None,
        threads => Some(Pool::get(threads - 1)?),
    };
    let mut output = Output::create(path).map_err(Error::Output)?;
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
    output.finish().map_err(Error::Output)?;
    Ok(Written { rows, row_groups, bytes })
}

/// Compression, encodings and statistics, leaf by leaf.
fn properties(schema: &SchemaRef, options: &ParquetOptions) -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(options.level)
        .map_err(|_| Error::Argument(format!("the level of zstd is 1 to 22, not {}", options.level)))?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(None)
        .set_data_page_size_limit(PAGE)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(metadata(schema, options)));
    let leaves = ArrowSchemaConverter::new().convert(schema).map_err(failed)?;
    for leaf in leaves.columns() {
        let path = leaf.path().clone();
        // A list's values go by the list's name.
        let name =
            path.parts().iter().rev().map(String::as_str).find(|part| !["element", "list"].contains(part));
        if leaf.max_rep_level() > 0 {
            // No engine skips rows by the least and greatest value in their lists.
            properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
        }
        if leaf.physical_type() == Type::INT64 {
            // Numbers that count up, or nearly.
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED);
        }
        match name {
            // Text that seldom repeats: a dictionary would be built and given up. Tags, indicators, codes
            // and whatever else there is keep theirs.
            Some("value" | "leader" | "raw") => {
                properties = properties.set_column_dictionary_enabled(path, false);
            }
            // What records are looked up by.
            Some("control_number") => {
                properties = properties
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_statistics_enabled(path.clone(), EnabledStatistics::Page)
                    .set_column_bloom_filter_enabled(path.clone(), true)
                    .set_column_bloom_filter_max_ndv(path, options.row_group_rows.max(1) as u64);
            }
            _ => {}
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

/// Rows that are encoded in one go, as leaf columns.
struct Piece {
    rows: usize,
    bytes: usize,
    leaves: Vec<ArrowLeafColumn>,
}

/// Batches, cut to pieces.
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

/// How many bytes an array's values take, of a slice only those in it.
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

    /// Encodes a piece, and does `meanwhile` on this thread.
    fn encode<R>(
        &mut self,
        pool: Option<&Pool>,
        piece: Vec<ArrowLeafColumn>,
        meanwhile: impl FnOnce() -> Result<R>,
    ) -> Result<R> {
        // The text of the last leaf is most of a catalogue, so that is begun first.
        let work = self.leaves.iter_mut().zip(piece).rev();
        let result =
            side_by_side(pool, work, |(leaf, part)| leaf.result = leaf.writer.write(&part), meanwhile);
        for leaf in &mut self.leaves {
            std::mem::replace(&mut leaf.result, Ok(())).map_err(failed)?;
        }
        result
    }

    /// Encodes what is left, and writes all pages to the file.
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

/// Does `meanwhile` on this thread while the pool's threads begin with the `work`, then helps them with what is
/// left of it.
fn side_by_side<T: Send, R>(
    pool: Option<&Pool>,
    work: impl Iterator<Item = T> + Send,
    does: impl Fn(T) + Sync,
    meanwhile: impl FnOnce() -> R,
) -> R {
    let work = Mutex::new(work);
    let next = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    let help = || {
        while let Some(part) = next() {
            does(part);
        }
    };
    let here = || {
        let result = meanwhile();
        help();
        result
    };
    match pool {
        None => here(),
        Some(pool) => pool.scope(|scope| {
            (0..pool.threads()).for_each(|_| scope.spawn(|_| help()));
            here()
        }),
    }
}

/// The writer's errors: those of the file as they are, anything else by its text.
fn failed(error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(io) => Error::Output(*io),
            Err(other) => Error::Columns(other.to_string()),
        },
        other => Error::Columns(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
