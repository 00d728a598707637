//! Rows as a file of MARC-in-JSON, MARCXML or MARCMaker text.

use std::io::Write;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use super::located::located;
use super::pieces::Pieces;
use super::write::{Written, in_order};
use crate::error::{Error, Result};
use crate::forms::text::Framed;
use crate::forms::{Text, TextForm};
use crate::io::{Output, pool};
use crate::record::Tell;

/// How records are written as text. Each method changes one option.
///
/// ```
/// let options = mrrc::rows::TextOptions::default().replaces(true).threads(1);
/// assert!(options.replaces && !options.skips);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextOptions {
    /// Whether what the form cannot express is replaced, by U+FFFD or in MARCMaker by a blank, and reported.
    pub replaces: bool,
    /// Whether a record that cannot be written is left out instead of ending the work.
    pub skips: bool,
    /// The number of threads that write rows as text; 1 uses no pool, and a [`Scan`](crate::Scan) has as many as it
    /// reads with. The file does not depend on it.
    pub threads: usize,
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions { replaces: false, skips: false, threads: pool::available() }
    }
}

impl TextOptions {
    /// Sets whether what the form cannot express is replaced. The default is false: the record cannot be written.
    #[must_use]
    pub fn replaces(mut self, replaces: bool) -> TextOptions {
        self.replaces = replaces;
        self
    }

    /// Sets whether a record that cannot be written is left out. The default is false: it ends the work.
    #[must_use]
    pub fn skips(mut self, skips: bool) -> TextOptions {
        self.skips = skips;
        self
    }

    /// Sets the number of threads that write rows as text. The default is all that this process may use.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> TextOptions {
        self.threads = threads;
        self
    }
}

/// Writes the records that rows of one of the layouts hold as text to a file at `path`.
///
/// The file appears when it is complete, or not at all. [`Scan::write_text`](crate::Scan::write_text) writes what is
/// read, without rows.
///
/// ```
/// use mrrc::forms::TextForm;
/// use mrrc::rows::{self, TextOptions};
/// use mrrc::{Scan, Source};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = Scan::new(Source::bytes(bytes));
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("catalogue.mrk");
/// let options = TextOptions::default();
/// rows::write_text(&scan.schema(), scan.batches(), &path, TextForm::Mrk, &options)?;
/// assert!(std::fs::read_to_string(&path)?.ends_with("=001  A1\n=245  10$aTitle\n"));
/// # Ok::<(), mrrc::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`write()`](super::write()).
pub fn write_text<E: Into<Error>>(
    schema: &Schema,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    path: impl AsRef<Path>,
    form: TextForm,
    options: &TextOptions,
) -> Result<Written> {
    let pieces = Pieces::of(schema, batches.into_iter())?;
    let mut output = Output::create(path).map_err(Error::of_writing)?;
    let written = write_text_into(pieces, &mut output, form, options)?;
    output.finish().map_err(Error::of_writing)?;
    Ok(written)
}

/// Like [`write_text`], into anything that takes bytes.
///
/// # Errors
///
/// Those of [`write_text`].
pub fn write_text_into<E, I>(
    pieces: Pieces<I>,
    to: &mut impl Write,
    form: TextForm,
    options: &TextOptions,
) -> Result<Written>
where
    E: Into<Error>,
    I: Iterator<Item = Result<RecordBatch, E>>,
{
    let mut framed = Framed::begin(form, to)?;
    let written = in_order(
        pieces,
        options.threads,
        options.skips,
        |record, out| {
            located(record, Text::begin(form, options.replaces, record.leader(), out), Text::finish)
        },
        |bytes| framed.put(bytes),
    )?;
    Ok(Written { bytes: framed.end()?, ..written })
}
