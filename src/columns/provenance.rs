//! Columns that say where a row comes from: before those of a layout `record`, the number of the record in its source;
//! after them, if they are asked for, `source`, the place of the record in it, its bytes, and the encodings.

use std::iter::repeat_n;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema};

use super::accounts::texts;
use super::buffers::Binaries;
use crate::charset::Charset;
use crate::diagnostic::{Diagnostic, Severity};
use crate::options::{self, Options, Select};
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

/// The columns beside those that a sink makes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    pub(crate) before: Option<Column>,
    pub(crate) after: Vec<Column>,
}

impl Beside {
    /// The columns that can be selected beside those that are computed, or those of a layout, which begin with the
    /// number of the record. If there are several sources, `source` is always among them.
    pub(crate) fn available(options: &Options, several_sources: bool) -> Beside {
        match options.columns.expressions {
            Some(_) => Beside::of_rows(options, several_sources),
            None => Beside::of_layout(options, several_sources),
        }
    }

    fn of_layout(options: &Options, several_sources: bool) -> Beside {
        let Beside { mut after, .. } = Beside::of_rows(options, several_sources);
        after.retain(|&column| column != Column::Record);
        Beside { before: Some(Column::Record), after }
    }

    /// The same for rows that do not begin with the number of their record.
    pub(crate) fn of_rows(options: &Options, several_sources: bool) -> Beside {
        let provenance = options.columns.provenance;
        let is_available = |column: &Column| match column {
            Column::Source => several_sources || provenance != options::Provenance::Without,
            Column::Raw => provenance == options::Provenance::Raw,
            _ => provenance != options::Provenance::Without,
        };
        Beside { before: None, after: Column::ALL.into_iter().filter(is_available).collect() }
    }

    /// The numbers of records alone.
    pub(crate) fn of_numbers() -> Beside {
        Beside { before: Some(Column::Record), after: Vec::new() }
    }

    /// Those that are selected.
    pub(crate) fn selected(self, select: &Select) -> Beside {
        let is_wanted = |column: &Column| select.wants(column.name());
        Beside {
            before: self.before.filter(is_wanted),
            after: self.after.into_iter().filter(is_wanted).collect(),
        }
    }

    /// Those columns with the ones that a sink makes between them.
    pub(crate) fn around(&self, made: &Schema) -> Vec<FieldRef> {
        let field = |column: &Column| Arc::new(column.field());
        let before = self.before.iter().map(field);
        before.chain(made.fields().iter().cloned()).chain(self.after.iter().map(field)).collect()
    }

    fn any(&self, is_such: impl Fn(Column) -> bool) -> bool {
        self.before.iter().chain(&self.after).any(|&column| is_such(column))
    }
}

/// Where the rows of a chunk come from, as far as it was requested.
pub(crate) struct Provenance {
    wants_records: bool,
    wants_places: bool,
    wants_raw: bool,
    records: Vec<Record>,
    /// The place of each record.
    places: Vec<Place>,
    raw: Binaries,
}

/// A record that was delivered.
struct Record {
    /// Its number, from the first in the chunk.
    number: u64,
    /// The number of rows it gave.
    rows: usize,
}

/// Where a record is, and how it was read.
struct Place {
    offset: u64,
    length: usize,
    encoding_declared: Option<&'static str>,
    encoding_used: &'static str,
    undecodable: u64,
}

impl Provenance {
    pub(super) fn new(beside: &Beside) -> Provenance {
        Provenance {
            wants_records: beside.any(|column| column != Column::Source),
            wants_places: beside.any(|column| !matches!(column, Column::Source | Column::Record)),
            wants_raw: beside.any(|column| column == Column::Raw),
            records: Vec::new(),
            places: Vec::new(),
            raw: Binaries::new(),
        }
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
        if self.wants_records {
            self.records.push(Record { number, rows });
        }
        if self.wants_places {
            self.enter(reading, offset, findings, rows);
        }
    }

    #[cold]
    fn enter(&mut self, reading: &Reading<'_>, offset: u64, findings: &[Diagnostic], rows: usize) {
        let undecodable = findings.iter().filter(|finding| finding.severity == Severity::Decoding);
        self.places.push(Place {
            offset,
            length: reading.found_as().len(),
            encoding_declared: reading.declared().map(Charset::name),
            encoding_used: reading.charset().name(),
            undecodable: undecodable.map(|finding| finding.count).sum(),
        });
        if self.wants_raw {
            // Once: a record may be many rows.
            (0..rows).for_each(|row| self.raw.push((row == 0).then_some(reading.found_as())));
        }
    }

    /// The columns of the chunk's rows: those that the sink made, with those beside them. `records_before` is the
    /// number of records of the source before the chunk.
    pub(crate) fn complete(
        mut self,
        made: &RecordBatch,
        beside: &Beside,
        source: Option<&str>,
        records_before: u64,
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let mut raw = Some(std::mem::replace(&mut self.raw, Binaries::new()));
        let mut column = |column: Column| -> Result<ArrayRef, ArrowError> {
            Ok(match column {
                Column::Source => texts(repeat_n(source, made.num_rows()))?,
                Column::Record => self.ordinals(records_before, made.num_rows()),
                Column::Offset => self.numbers(|place| place.offset),
                Column::Length => self.numbers(|place| place.length as u64),
                Column::EncodingDeclared => self.texts(|place| place.encoding_declared)?,
                Column::EncodingUsed => self.texts(|place| Some(place.encoding_used))?,
                Column::Undecodable => self.numbers(|place| place.undecodable),
                Column::Raw => Arc::new(raw.take().unwrap_or_else(Binaries::new).finish()?),
            })
        };
        let mut columns = Vec::with_capacity(1 + made.num_columns() + beside.after.len());
        if let Some(before) = beside.before {
            columns.push(column(before)?);
        }
        columns.extend_from_slice(made.columns());
        for &after in &beside.after {
            columns.push(column(after)?);
        }
        Ok(columns)
    }

    /// The number of the delivered record at this place of the chunk.
    pub(crate) fn number_of(&self, place: u64, records_before: u64) -> Option<u64> {
        let record = self.records.get(usize::try_from(place).ok()?)?;
        Some(records_before + record.number)
    }

    /// The number of each row's record.
    fn ordinals(&self, before: u64, rows: usize) -> ArrayRef {
        let mut numbers: Vec<i64> = Vec::with_capacity(rows);
        for record in &self.records {
            numbers.extend(repeat_n((before + record.number) as i64, record.rows));
        }
        Arc::new(Int64Array::from(numbers))
    }

    fn numbers(&self, of: impl Fn(&Place) -> u64) -> ArrayRef {
        let rows = self.each_row().map(|place| of(place) as i64);
        Arc::new(Int64Array::from_iter_values(rows))
    }

    fn texts(&self, of: impl Fn(&Place) -> Option<&'static str>) -> Result<ArrayRef, ArrowError> {
        texts(self.each_row().map(of))
    }

    /// The place of each row's record.
    fn each_row(&self) -> impl Iterator<Item = &Place> {
        self.records.iter().zip(&self.places).flat_map(|(record, place)| repeat_n(place, record.rows))
    }
}
