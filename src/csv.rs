//! Batches to CSV (feature `csv`), for spreadsheets and command lines.
//!
//! Quotes are those of RFC 4180, where they are needed; lines end in `\n`, and text is UTF-8. A null is nothing
//! between two separators, and empty text is `""`. A list of values is one cell, in which they are joined; an empty
//! list is nothing. What has no such form is refused: structs, lists of them, and bytes.

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, Field, SchemaRef};
use csv_core::{Writer, WriterBuilder};

use crate::error::{Error, Result};
use crate::io::Output;
use crate::words::brief;

/// How CSV is written. Each method changes one option.
///
/// ```
/// use mrrc::csv::CsvOptions;
///
/// let options = CsvOptions::default().separator(b'\t').header(false);
/// assert_eq!((options.separator, options.list_separator.as_str()), (b'\t', "; "));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CsvOptions {
    /// What stands between two cells: an ASCII character.
    pub separator: u8,
    /// What stands between two values of a list.
    pub list_separator: String,
    /// Whether the first line has the names of the columns.
    pub header: bool,
}

impl Default for CsvOptions {
    fn default() -> CsvOptions {
        CsvOptions { separator: b',', list_separator: "; ".into(), header: true }
    }
}

impl CsvOptions {
    /// Sets what stands between two cells. The default is a comma.
    #[must_use]
    pub fn separator(mut self, separator: u8) -> CsvOptions {
        self.separator = separator;
        self
    }

    /// Sets what stands between two values of a list. The default is `"; "`.
    #[must_use]
    pub fn list_separator(mut self, separator: impl Into<String>) -> CsvOptions {
        self.list_separator = separator.into();
        self
    }

    /// Sets whether the first line has the names of the columns. By default it has.
    #[must_use]
    pub fn header(mut self, header: bool) -> CsvOptions {
        self.header = header;
        self
    }

    /// Refuses columns that cannot be written, and a separator that would not be understood.
    ///
    /// ```
    /// use mrrc::csv::CsvOptions;
    ///
    /// let nested = mrrc::Scan::new("catalogue.mrc").schema();
    /// assert!(CsvOptions::default().validate(&nested).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`], which names the column and the others.
    pub fn validate(&self, schema: &SchemaRef) -> Result<()> {
        if !self.separator.is_ascii() || b"\"\r\n".contains(&self.separator) {
            return Err(Error::Argument(format!(
                "the separator of CSV must be an ASCII character, but no quote or line end, not {:?}",
                char::from(self.separator)
            )));
        }
        let refused = schema.fields().iter().find(|field| !fits(field.data_type()));
        refused.map_or(Ok(()), |refused| Err(Error::Argument(refusal(refused, schema))))
    }
}

/// The number of bytes that are collected before they are written.
const BUFFER: usize = 1 << 16;

/// Writes `batches`, all of which have this `schema`, to a file at `path`, and returns the number of rows.
///
/// The file appears when it is complete, or not at all.
///
/// ```
/// use mrrc::csv::{self, CsvOptions};
/// use mrrc::{Scan, Select, Source};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = Scan::new(Source::bytes(bytes)).select(Select::Some(vec!["control_number".into()]))?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("numbers.csv");
/// assert_eq!(csv::write(scan.schema(), scan.batches(), &path, &CsvOptions::default())?, 1);
/// assert_eq!(std::fs::read_to_string(&path)?, "control_number\nA1\n");
/// # Ok::<(), mrrc::Error>(())
/// ```
///
/// # Errors
///
/// The first error of `batches`, [`Error::Argument`] if an option is invalid or a column cannot be written,
/// [`Error::Output`] if the file cannot be written. No file is left then.
pub fn write<E: Into<Error>>(
    schema: SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    path: impl AsRef<Path>,
    options: &CsvOptions,
) -> Result<u64> {
    // Before a file is created.
    options.validate(&schema)?;
    let mut output = Output::create(path).map_err(Error::of_writing)?;
    let rows = write_into(schema, batches, &mut output, options)?;
    output.finish().map_err(Error::of_writing)?;
    Ok(rows)
}

/// Like [`write()`], into anything that can be written to; it is not flushed.
///
/// ```
/// use mrrc::csv::{self, CsvOptions};
/// use mrrc::{Error, Scan, Source};
///
/// let scan = Scan::new(Source::bytes(b""));
/// let refused = csv::write_into(scan.schema(), scan.batches(), &mut Vec::new(), &CsvOptions::default());
/// assert!(matches!(refused, Err(Error::Argument(message)) if message.contains("fields")));
/// ```
///
/// # Errors
///
/// Those of [`write()`].
pub fn write_into<E: Into<Error>>(
    schema: SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
    output: &mut impl Write,
    options: &CsvOptions,
) -> Result<u64> {
    options.validate(&schema)?;
    let mut lines = Lines::new(options.separator);
    if options.header {
        let names = schema.fields().iter().map(|field| field.name().as_str());
        names.enumerate().for_each(|(place, name)| lines.cell(place, Some(name)));
        lines.end();
    }
    let (mut rows, mut text) = (0, String::new());
    for batch in batches {
        let batch = batch.map_err(Into::into)?;
        let columns = batch.columns().iter().map(Column::new).collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            for (place, column) in columns.iter().enumerate() {
                let is_there = column.write(row, &options.list_separator, &mut text)?;
                lines.cell(place, is_there.then_some(&text));
            }
            lines.end();
            if lines.bytes.len() >= BUFFER {
                lines.flush(output)?;
            }
        }
        rows += batch.num_rows() as u64;
    }
    lines.flush(output)?;
    Ok(rows)
}

/// Lines that are not written yet.
struct Lines {
    rules: Writer,
    bytes: Vec<u8>,
}

impl Lines {
    fn new(separator: u8) -> Lines {
        let rules = WriterBuilder::new().delimiter(separator).build();
        Lines { rules, bytes: Vec::with_capacity(2 * BUFFER) }
    }

    /// Adds the cell at this place of its line; `None` is null.
    fn cell(&mut self, place: usize, text: Option<impl AsRef<str>>) {
        if place > 0 {
            self.bytes.push(self.rules.get_delimiter());
        }
        let Some(text) = text else { return };
        let text = text.as_ref().as_bytes();
        if text.is_empty() || self.rules.should_quote(text) {
            self.quoted(text);
        } else {
            self.bytes.extend_from_slice(text);
        }
    }

    fn quoted(&mut self, text: &[u8]) {
        let quote = self.rules.get_quote();
        self.bytes.push(quote);
        let start = self.bytes.len();
        // Each byte may be a quote, which is doubled.
        self.bytes.resize(start + 2 * text.len(), 0);
        let room = self.bytes.get_mut(start..).unwrap_or_default();
        let (_, _, written) = csv_core::quote(text, room, quote, quote, true);
        self.bytes.truncate(start + written);
        self.bytes.push(quote);
    }

    fn end(&mut self) {
        self.bytes.push(b'\n');
    }

    fn flush(&mut self, output: &mut impl Write) -> Result<()> {
        output.write_all(&self.bytes).map_err(Error::of_writing)?;
        self.bytes.clear();
        Ok(())
    }
}

/// A column of a batch.
struct Column<'a> {
    nulls: Option<NullBuffer>,
    /// Where the values of each list are; `None` if the column has one value in each row.
    lists: Option<Offsets<'a>>,
    /// The values, or those of all lists.
    values: ArrayFormatter<'a>,
}

enum Offsets<'a> {
    Small(&'a [i32]),
    Large(&'a [i64]),
}

impl<'a> Column<'a> {
    fn new(array: &'a ArrayRef) -> Result<Column<'a>> {
        const STRICT: FormatOptions<'static> = FormatOptions::new().with_display_error(false);
        let (lists, values) = match array.data_type() {
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                (Some(Offsets::Small(list.value_offsets())), list.values())
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                (Some(Offsets::Large(list.value_offsets())), list.values())
            }
            _ => (None, array),
        };
        let values = ArrayFormatter::try_new(values, &STRICT)?;
        Ok(Column { nulls: array.logical_nulls(), lists, values })
    }

    /// Writes the value of a row in place of `text`; false if there is none.
    fn write(&self, row: usize, list_separator: &str, text: &mut String) -> Result<bool> {
        text.clear();
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(false);
        }
        let Some(lists) = &self.lists else {
            self.values.value(row).write(text)?;
            return Ok(true);
        };
        let places = lists.of(row);
        for place in places.clone() {
            if place > places.start {
                text.push_str(list_separator);
            }
            self.values.value(place).write(text)?;
        }
        Ok(!places.is_empty())
    }
}

impl Offsets<'_> {
    /// The places of the values of a row's list.
    fn of(&self, row: usize) -> Range<usize> {
        match self {
            Offsets::Small(offsets) => offsets[row] as usize..offsets[row + 1] as usize,
            Offsets::Large(offsets) => offsets[row] as usize..offsets[row + 1] as usize,
        }
    }
}

/// Why a column cannot be written, and which others can be.
fn refusal(refused: &Field, schema: &SchemaRef) -> String {
    let others = schema.fields().iter().filter(|field| fits(field.data_type()));
    let others: Vec<_> = others.map(|field| field.name().as_str()).collect();
    let others = if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
    let kind = if is_binary(refused.data_type()) { "bytes" } else { "nested values" };
    format!(
        "the column {} has {kind}, which CSV cannot hold; select other columns{}, or read in another layout",
        brief(refused.name()),
        brief(&others)
    )
}

/// Whether a cell can hold a value of this type: one value, or a list of them.
fn fits(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(element) | DataType::LargeList(element) => is_plain(element.data_type()),
        other => is_plain(other),
    }
}

fn is_plain(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_plain(values),
        DataType::Null | DataType::Boolean => true,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        other => other.is_primitive(),
    }
}

fn is_binary(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_)
    )
}

#[cfg(test)]
mod tests;
