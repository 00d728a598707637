//! Columns that say where a row comes from, after those of the layout: `source`, the place of the record in it, its
//! bytes, and the encodings.

use std::iter::repeat_n;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array};
use arrow_schema::{ArrowError, DataType, Field};

use super::accounts::texts;
use super::buffers::Binaries;
use crate::charset::Charset;
use crate::diagnostic::{Diagnostic, Severity};
use crate::options::{self, Options};
use crate::record::reading::Reading;

/// A column that says where rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Source,
    Record,
    Offset,
    Length,
    EncodingDeclared,
    EncodingUsed,
    Undecodable,
    Raw,
}

impl Column {
    const ALL: [Column; 8] = [
        Column::Source,
        Column::Record,
        Column::Offset,
        Column::Length,
        Column::EncodingDeclared,
        Column::EncodingUsed,
        Column::Undecodable,
        Column::Raw,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Column::Source => "source",
            Column::Record => "record",
            Column::Offset => "offset",
            Column::Length => "length",
            Column::EncodingDeclared => "encoding_declared",
            Column::EncodingUsed => "encoding_used",
            Column::Undecodable => "undecodable",
            Column::Raw => "raw",
        }
    }

    pub(crate) fn field(self) -> Field {
        let data_type = match self {
            Column::Source | Column::EncodingDeclared | Column::EncodingUsed => DataType::Utf8,
            Column::Record | Column::Offset | Column::Length | Column::Undecodable => DataType::Int64,
            Column::Raw => DataType::Binary,
        };
        Field::new(self.name(), data_type, true)
    }
}

/// The columns that can be selected. If there are several sources, `source` is always among them.
pub(crate) fn available(options: &Options, several_sources: bool) -> impl Iterator<Item = Column> {
    let provenance = options.columns.provenance;
    Column::ALL.into_iter().filter(move |column| match column {
        Column::Source => several_sources || provenance != options::Provenance::Without,
        Column::Raw => provenance == options::Provenance::Raw,
        _ => provenance != options::Provenance::Without,
    })
}

/// The selected columns.
pub(crate) fn columns(options: &Options, several_sources: bool) -> impl Iterator<Item = Column> {
    available(options, several_sources).filter(|column| options.columns.select.wants(column.name()))
}

/// Where the rows of a chunk come from; empty unless it was requested.
pub(crate) struct Provenance {
    options: Arc<Options>,
    records: Vec<Record>,
    /// True if the bytes of records are wanted.
    is_raw: bool,
    raw: Binaries,
}

/// A record that was delivered.
struct Record {
    /// The number of rows it gave.
    rows: usize,
    /// Its number, from the first in the chunk.
    number: u64,
    offset: u64,
    length: usize,
    encoding_declared: Option<&'static str>,
    encoding_used: &'static str,
    undecodable: u64,
}

impl Provenance {
    pub(super) fn new(options: Arc<Options>) -> Provenance {
        let is_raw = columns(&options, false).any(|column| column == Column::Raw);
        Provenance { options, records: Vec::new(), is_raw, raw: Binaries::new() }
    }

    /// Adds a delivered record that gave `rows` rows.
    #[inline]
    pub(super) fn push(
        &mut self,
        reading: &Reading<'_>,
        number: u64,
        offset: u64,
        findings: &[Diagnostic],
        rows: usize,
    ) {
        if self.options.columns.provenance != options::Provenance::Without {
            self.enter(reading, number, offset, findings, rows);
        }
    }

    #[cold]
    fn enter(
        &mut self,
        reading: &Reading<'_>,
        number: u64,
        offset: u64,
        findings: &[Diagnostic],
        rows: usize,
    ) {
        let record = reading.record();
        let undecodable = findings.iter().filter(|finding| finding.severity == Severity::Decoding);
        self.records.push(Record {
            rows,
            number,
            offset,
            length: record.bytes().len(),
            encoding_declared: reading.declared().map(Charset::name),
            encoding_used: reading.charset().name(),
            undecodable: undecodable.map(|finding| finding.count).sum(),
        });
        if self.is_raw {
            repeat_n(record.bytes(), rows).for_each(|bytes| self.raw.push(Some(bytes)));
        }
    }

    /// The columns for the chunk's rows; `before` is the number of records of the source before the chunk.
    pub(crate) fn finish(
        mut self,
        columns: impl Iterator<Item = Column>,
        rows: usize,
        source: Option<&str>,
        before: u64,
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let mut raw = std::mem::replace(&mut self.raw, Binaries::new());
        let column = |column| {
            Ok(match column {
                Column::Source => texts(repeat_n(source, rows))?,
                Column::Record => self.numbers(|record| record.number + before),
                Column::Offset => self.numbers(|record| record.offset),
                Column::Length => self.numbers(|record| record.length as u64),
                Column::EncodingDeclared => self.texts(|record| record.encoding_declared)?,
                Column::EncodingUsed => self.texts(|record| Some(record.encoding_used))?,
                Column::Undecodable => self.numbers(|record| record.undecodable),
                Column::Raw => Arc::new(std::mem::replace(&mut raw, Binaries::new()).finish()?),
            })
        };
        columns.map(column).collect()
    }

    fn numbers(&self, of: impl Fn(&Record) -> u64) -> ArrayRef {
        let rows = self.records.iter().flat_map(|record| repeat_n(of(record) as i64, record.rows));
        Arc::new(Int64Array::from_iter_values(rows))
    }

    fn texts(&self, of: impl Fn(&Record) -> Option<&'static str>) -> Result<ArrayRef, ArrowError> {
        texts(self.records.iter().flat_map(|record| repeat_n(of(record), record.rows)))
    }
}
