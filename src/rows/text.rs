//! Rows as a file of MARC-in-JSON, MARCXML or MARCMaker text.

use std::io::Write;

use arrow_array::RecordBatch;

use super::pieces::Pieces;
use super::records::RowRecord;
use super::write::{Written, in_order};
use crate::error::{Error, Refusal, Result, WriteError};
use crate::forms::Expressible;
use crate::io::pool;

/// How rows are written as text. Each method changes one option.
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
    /// The number of threads that write text; 1 uses no pool. The file does not depend on it.
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

    /// Sets the number of threads that write text. The default is all that this process may use.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> TextOptions {
        self.threads = threads;
        self
    }
}

/// Writes the records that rows of one of the layouts hold as text into anything that takes bytes: MARC-in-JSON with a
/// record on each line, a collection of MARCXML, or MARCMaker text with a blank line between two records.
///
/// ```
/// use mrrc::forms::Expressible;
/// use mrrc::rows::{Pieces, TextOptions, write_text_into};
/// use mrrc::{Scan, Source};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = Scan::new(Source::bytes(bytes));
/// let pieces = Pieces::of(&scan.schema(), scan.batches())?;
/// let mut text = Vec::new();
/// write_text_into(pieces, &mut text, Expressible::Mrk, &TextOptions::default())?;
/// assert!(text.ends_with(b"=001  A1\n=245  10$aTitle\n"));
/// # Ok::<(), mrrc::Error>(())
/// ```
///
/// # Errors
///
/// The first error of the batches; [`Error::Argument`] if a record comes again after another one; [`Error::Write`] for a
/// record that cannot be written; [`Error::Output`] if the text cannot be passed on.
pub fn write_text_into<E, I>(
    pieces: Pieces<I>,
    to: &mut impl Write,
    form: Expressible,
    options: &TextOptions,
) -> Result<Written>
where
    E: Into<Error>,
    I: Iterator<Item = Result<RecordBatch, E>>,
{
    let Frame { begin, before, end } = Frame::of(form);
    to.write_all(begin).map_err(Error::of_writing)?;
    let mut is_first = true;
    let written = in_order(
        pieces,
        options.threads,
        options.skips,
        |record, out| encode(record, form, options.replaces, out),
        |bytes| {
            let bytes = if is_first { bytes.strip_prefix(before).unwrap_or(bytes) } else { bytes };
            is_first &= bytes.is_empty();
            to.write_all(bytes).map_err(Error::of_writing)
        },
    )?;
    to.write_all(end).map_err(Error::of_writing)?;
    Ok(written)
}

/// What stands around records.
struct Frame {
    begin: &'static [u8],
    /// Before each but the first.
    before: &'static [u8],
    end: &'static [u8],
}

impl Frame {
    fn of(form: Expressible) -> Frame {
        match form {
            Expressible::Json => Frame { begin: b"", before: b"", end: b"" },
            Expressible::Mrk => Frame { begin: b"", before: b"\n", end: b"" },
            Expressible::Xml => Frame {
                begin: b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                         <collection xmlns=\"http://www.loc.gov/MARC21/slim\">\n",
                before: b"",
                end: b"</collection>\n",
            },
        }
    }
}

/// Appends a record to `out`; returns what was replaced in it.
fn encode(
    record: &RowRecord<'_>,
    form: Expressible,
    replaces: bool,
    out: &mut Vec<u8>,
) -> Result<Vec<Refusal>, WriteError> {
    let of_record = |error: WriteError| match record.number().and_then(|number| u64::try_from(number).ok()) {
        Some(number) => error.in_record(number),
        None => error,
    };
    let (text, replaced) = match form.text(record, false) {
        Ok(text) => (text, None),
        Err(error) if replaces => {
            let refusal = Refusal { is_written: true, ..*of_record(error).0 };
            (form.text(record, true).map_err(of_record)?, Some(refusal))
        }
        Err(error) => return Err(of_record(error)),
    };
    out.extend_from_slice(Frame::of(form).before);
    out.extend_from_slice(text.as_bytes());
    if form != Expressible::Mrk {
        out.push(b'\n');
    }
    Ok(replaced.into_iter().collect())
}
