//! Rows as a file of ISO 2709: pieces are encoded side by side, and written in order.

use std::io::Write;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use super::located::located;
use super::pieces::{Piece, Pieces};
use super::records::RowRecord;
use crate::error::{Error, Refusal, Result, WriteError};
use crate::forms::{Marc, WriteOptions};
use crate::io::{Output, Pool, pool, side_by_side};
use crate::record::Tell;

/// How rows are written. The defaults are those of [`WriteOptions`]; each method changes one option.
///
/// ```
/// let options = mrrc::rows::RowOptions::default().skips(true).threads(1);
/// assert!(options.skips);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowOptions {
    /// How records are written.
    pub records: WriteOptions,
    /// Whether a record that cannot be written is left out instead of ending the work.
    pub skips: bool,
    /// The number of threads that encode; 1 uses no pool. The file does not depend on it.
    pub threads: usize,
}

impl Default for RowOptions {
    fn default() -> RowOptions {
        RowOptions { records: WriteOptions::default(), skips: false, threads: pool::available() }
    }
}

impl RowOptions {
    /// Sets how records are written. The default is UTF-8, and records that are too long are refused.
    #[must_use]
    pub fn records(mut self, options: WriteOptions) -> RowOptions {
        self.records = options;
        self
    }

    /// Sets whether a record that cannot be written is left out. The default is false: it ends the work.
    #[must_use]
    pub fn skips(mut self, skips: bool) -> RowOptions {
        self.skips = skips;
        self
    }

    /// Sets the number of threads that encode. The default is all that this process may use.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> RowOptions {
        self.threads = threads;
        self
    }
}

/// What was written of rows, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The number of records in the rows.
    pub records: u64,
    /// How many of them were left out, because they cannot be written.
    pub skipped: u64,
    /// How many were written although something about them is odd.
    pub odd: u64,
    /// The number of bytes written.
    pub bytes: u64,
    /// Why records were left out, and what is odd about others: the first 100,000.
    pub refusals: Vec<Refusal>,
}

const KEPT: usize = 100_000;

impl Written {
    /// Counts records of which these are refused or odd; an error if one is refused, unless such are left out.
    pub(crate) fn count(&mut self, records: usize, refusals: Vec<Refusal>, skips: bool) -> Result<()> {
        self.records += records as u64;
        for of_record in refusals.chunk_by(|one, other| one.record == other.record) {
            match of_record.first() {
                Some(first) if first.is_written => self.odd += 1,
                Some(first) if !skips => return Err(WriteError(Box::new(first.clone())).into()),
                _ => self.skipped += 1,
            }
        }
        self.note(refusals);
        Ok(())
    }

    fn note(&mut self, refusals: impl IntoIterator<Item = Refusal>) {
        let room = KEPT.saturating_sub(self.refusals.len());
        self.refusals.extend(refusals.into_iter().take(room));
    }
}

/// Writes the records that rows of one of the layouts hold to a file at `path`.
///
/// The file appears when it is complete, or not at all. A record whose bytes were canonical, and whose row was not
/// changed, is the same bytes again.
///
/// ```
/// use mrrc::rows::{self, RowOptions};
/// use mrrc::{Scan, Source};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = Scan::new(Source::bytes(bytes));
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("catalogue.mrc");
/// let written = rows::write(&scan.schema(), scan.batches(), &path, &RowOptions::default())?;
/// assert_eq!((written.records, written.skipped), (1, 0));
/// assert_eq!(std::fs::read(&path)?, bytes);
/// # Ok::<(), mrrc::Error>(())
/// ```
///
/// # Errors
///
/// The first error of `batches`; [`Error::Argument`] if these are not the columns of a layout, or if a record comes
/// again after another one; [`Error::Write`] for a record that cannot be written, which names row and column;
/// [`Error::Output`] if the file cannot be written. No file is left then.
pub fn write<E: Into<Error>>(
    schema: &Schema,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    path: impl AsRef<Path>,
    options: &RowOptions,
) -> Result<Written> {
    let pieces = Pieces::of(schema, batches.into_iter())?;
    let mut output = Output::create(path).map_err(Error::of_writing)?;
    let written = write_into(pieces, &mut output, options)?;
    output.finish().map_err(Error::of_writing)?;
    Ok(written)
}

/// Like [`write()`], into anything that takes bytes.
///
/// # Errors
///
/// Those of [`write()`].
pub fn write_into<E, I>(pieces: Pieces<I>, to: &mut impl Write, options: &RowOptions) -> Result<Written>
where
    E: Into<Error>,
    I: Iterator<Item = Result<RecordBatch, E>>,
{
    in_order(
        pieces,
        options.threads,
        options.skips,
        |record, out| located(record, Marc::new(options.records), |marc| marc.finish(record.leader(), out)),
        |bytes| to.write_all(bytes).map_err(Error::of_writing),
    )
}

/// Encodes records side by side, and passes on their bytes in order. `encode` appends a record and returns what is
/// odd about it, or refuses it and appends nothing.
pub(super) fn in_order<E, I>(
    mut pieces: Pieces<I>,
    threads: usize,
    skips: bool,
    encode: impl Fn(&RowRecord<'_>, &mut Vec<u8>) -> Result<Vec<Refusal>, WriteError> + Sync,
    mut pass_on: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Written>
where
    E: Into<Error>,
    I: Iterator<Item = Result<RecordBatch, E>>,
{
    let pool = match threads {
        0 | 1 => None,
        threads => Some(Pool::get(threads - 1)?),
    };
    let at_once = threads.clamp(1, pool::MAX_THREADS) * 2;
    let mut written = Written::default();
    let mut next = take(&mut pieces, at_once);
    loop {
        // What came before an error is still written, so that an earlier record can be refused first.
        let (now, error) = next;
        let mut encoded: Vec<Option<Result<Encoded>>> = Vec::new();
        encoded.resize_with(now.len(), || None);
        next = side_by_side(
            pool.as_deref(),
            now.iter().zip(&mut encoded),
            |(piece, encoded)| *encoded = Some(Encoded::of(piece, skips, &encode)),
            || if error.is_none() { take(&mut pieces, at_once) } else { (Vec::new(), None) },
        );
        for encoded in encoded.into_iter().flatten() {
            let Encoded { bytes, records, skipped, odd, refusals } = encoded?;
            pass_on(&bytes)?;
            written.records += records;
            written.skipped += skipped;
            written.odd += odd;
            written.bytes += bytes.len() as u64;
            written.note(refusals);
        }
        match error {
            Some(error) => return Err(error),
            None if now.is_empty() => return Ok(written),
            None => {}
        }
    }
}

/// The next pieces, and the error after them.
fn take<E, I>(pieces: &mut Pieces<I>, at_most: usize) -> (Vec<Piece>, Option<Error>)
where
    E: Into<Error>,
    I: Iterator<Item = Result<RecordBatch, E>>,
{
    let mut taken = Vec::with_capacity(at_most);
    while taken.len() < at_most {
        match pieces.next_piece() {
            Ok(Some(piece)) => taken.push(piece),
            Ok(None) => break,
            Err(error) => return (taken, Some(error)),
        }
    }
    (taken, None)
}

/// The records of a piece as bytes.
#[derive(Default)]
struct Encoded {
    bytes: Vec<u8>,
    records: u64,
    skipped: u64,
    odd: u64,
    refusals: Vec<Refusal>,
}

impl Encoded {
    fn of(
        piece: &Piece,
        skips: bool,
        encode: impl Fn(&RowRecord<'_>, &mut Vec<u8>) -> Result<Vec<Refusal>, WriteError>,
    ) -> Result<Encoded> {
        let records = piece.records()?;
        let mut encoded = Encoded::default();
        for record in records.iter() {
            encoded.records += 1;
            match record.and_then(|record| encode(&record, &mut encoded.bytes)) {
                Ok(odd) => {
                    encoded.odd += u64::from(!odd.is_empty());
                    encoded.refusals.extend(odd);
                }
                Err(error) if skips => {
                    encoded.skipped += 1;
                    encoded.refusals.push(*error.0);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(encoded)
    }
}
