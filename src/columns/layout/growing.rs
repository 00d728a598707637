//! What all layouts have in common: rows grow record by record.
//!
//! Nearly every record goes the quick way, [`Growing::push_plain`]: the rows of its [`Draft`] are appended. The others
//! go the exact way, value by value.

use std::borrow::Cow;
use std::convert::Infallible;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, Field, SchemaRef};

use crate::columns::buffers::{Ends, OptionalMark, OptionalTexts};
use crate::columns::draft::{Draft, Rows};
use crate::columns::groups::text_field;
use crate::columns::kept::Kept;
use crate::columns::mark::Marked;
use crate::columns::metadata;
use crate::columns::sink::{Outcome, Pushed, Sink};
use crate::diagnostic::Diagnostic;
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{Entry, FieldView, RecordView, Tag};
use crate::options::{Options, Select};
use crate::record::exact::leader_text;
use crate::record::reading::Reading;
use crate::record::visit::{Value, Visit};

pub(super) const CONTROL_NUMBER: &str = "control_number";

pub(super) fn control_number_field() -> Field {
    metadata::of_control_number(text_field(CONTROL_NUMBER))
}

/// The columns of a layout.
///
/// A record begins with its leader. Its fields follow, all at once or one by one, or nothing if no column holds what
/// is in fields. Then it ends.
pub(super) trait Shape: Marked {
    /// The names of the columns after `record`.
    const COLUMNS: &'static [&'static str];
    /// True if a record is one row, false if each of its parts is.
    const IS_NESTED: bool;
    /// The columns that hold what is in fields.
    type Fields: Visit<Stop = Infallible>;

    /// The columns after `record`.
    fn columns() -> Vec<Field>;

    /// The selected columns, with room for `records` records of `bytes` bytes altogether.
    fn with_capacity(select: &Select, bytes: usize, records: usize) -> Self;

    /// Begins a plain record, and appends its fields.
    fn extend(&mut self, leader: &str, rows: &Rows<'_>);

    /// Begins any other record.
    fn push_leader(&mut self, leader: &str);

    /// Takes fields one by one; `None` if no selected column holds what is in them.
    fn fields(&mut self) -> Option<&mut Self::Fields>;

    /// Ends a record whose fields have these places.
    fn end_record(&mut self, places: Places<'_>);

    /// The number of parts.
    fn parts(&self) -> usize;

    /// The columns, `None` for those that are not selected. `records` are the parts of each record.
    fn finish(
        self,
        control_numbers: Option<StringArray>,
        records: OffsetBuffer<i32>,
    ) -> Result<Vec<Option<ArrayRef>>, ArrowError>;
}

/// The places of the fields of a row's record, whose leader is at 0.
#[derive(Clone, Copy)]
pub(super) enum Places<'a> {
    /// All of them, up to this one.
    UpTo(usize),
    /// Some of them.
    These(&'a [i64]),
}

/// The rows of a layout.
pub(super) struct Growing<S: Shape> {
    schema: SchemaRef,
    draft: Draft,
    /// Which fields are wanted, if not all are.
    kept: Option<Kept>,
    columns: Columns<S>,
    /// Where the last record that went the exact way begins.
    last: Mark<S::Mark>,
}

struct Columns<S> {
    /// One for each record.
    control_numbers: Option<OptionalTexts>,
    shape: S,
    /// The number of parts up to the end of each record.
    ends: Ends,
}

/// The length of the columns at some moment.
#[derive(Clone, Copy)]
struct Mark<M> {
    records: usize,
    control_numbers: Option<OptionalMark>,
    parts: M,
}

impl<S: Shape> Growing<S> {
    pub(super) fn new(options: &Options, schema: SchemaRef, bytes: usize, records: usize) -> Growing<S> {
        let select = &options.columns.select;
        let mut columns = Columns {
            control_numbers: select
                .wants(CONTROL_NUMBER)
                .then(|| OptionalTexts::with_capacity(records * 16, records)),
            shape: S::with_capacity(select, bytes, records),
            ends: Ends::with_capacity(records),
        };
        let last = columns.mark();
        let kept = options.columns.tags.clone().map(Kept::new);
        Growing { schema, draft: Draft::default(), kept, columns, last }
    }

    /// The quick way. Returns false, and appends nothing, if anything in the record requires the exact way.
    fn push_plain(&mut self, reading: &Reading<'_>) -> bool {
        let record = reading.record();
        let Some(text) = reading.plain_text() else { return false };
        let Some(rows) = self.draft.rows(record, text) else { return false };
        self.columns.shape.extend(&leader(record, text), &rows);
        self.columns.end_record(Places::UpTo(rows.tags.len()), rows.control_number);
        true
    }

    /// The quick way for some of the fields. The rows are those of a read of all fields, so text that is not plain is
    /// still checked.
    fn push_kept(&mut self, reading: &Reading<'_>) -> bool {
        let (Some(kept), Some(text)) = (&mut self.kept, faultless(reading)) else { return false };
        let record = reading.record();
        let Some((fields, fields_text)) = kept.copy(record, text) else { return false };
        if fields.entries().is_empty() {
            self.columns.shape.push_leader(&leader_text(record));
        } else {
            let Some(rows) = self.draft.rows(&fields, fields_text) else { return false };
            self.columns.shape.extend(&leader(record, text), &rows);
        }
        self.columns.end_record(Places::These(kept.places()), control_number(record, text));
        true
    }

    /// The quick way without what is in the fields. The rows are those of a read with it, so text that is not plain
    /// is still checked.
    fn push_without_fields(&mut self, reading: &Reading<'_>) -> bool {
        let record = reading.record();
        let Some(text) = faultless(reading) else { return false };
        match record.leader().0.is_ascii() {
            true => self.columns.shape.push_leader(&leader(record, text)),
            false => self.columns.shape.push_leader(&leader_text(record)),
        }
        let number = self.columns.control_numbers.is_some().then(|| control_number(record, text));
        let places = match &mut self.kept {
            Some(kept) => {
                kept.find(record);
                Places::These(kept.places())
            }
            None => Places::UpTo(record.entries().len()),
        };
        self.columns.end_record(places, number.flatten());
        true
    }

    /// The exact way: every value is decoded by itself, and everything odd is reported.
    fn push_exactly(&mut self, reading: &Reading<'_>) -> Vec<Diagnostic> {
        self.last = self.columns.mark();
        self.columns.shape.push_leader(&leader_text(reading.record()));
        if let Some(kept) = &mut self.kept {
            kept.begin();
        }
        let (fields, kept) = (self.columns.shape.fields(), self.kept.as_mut());
        let mut parts = Parts { control_number: None, fields, kept, is_wanted: true };
        let Ok(findings) = reading.visit(&mut parts);
        let control_number = parts.control_number;
        let places = match &self.kept {
            Some(kept) => Places::These(kept.places()),
            None => Places::UpTo(reading.record().entries().len()),
        };
        self.columns.end_record(places, control_number.as_deref());
        findings
    }
}

impl<S: Shape> Columns<S> {
    #[inline(always)]
    fn end_record(&mut self, places: Places<'_>, control_number: Option<&str>) {
        if let Some(control_numbers) = &mut self.control_numbers {
            control_numbers.push(control_number);
        }
        self.shape.end_record(places);
        self.ends.push(self.shape.parts());
    }
}

impl<S: Shape> Marked for Columns<S> {
    type Mark = Mark<S::Mark>;

    fn mark(&mut self) -> Self::Mark {
        Mark {
            records: self.ends.lists(),
            control_numbers: self.control_numbers.mark(),
            parts: self.shape.mark(),
        }
    }

    fn cut(&mut self, mark: Self::Mark) {
        self.ends.cut(mark.records);
        self.control_numbers.cut(mark.control_numbers);
        self.shape.cut(mark.parts);
    }
}

/// The leader of a record that is plain text and has an ASCII leader, which is nearly always as it stands.
#[inline(always)]
pub(in crate::columns) fn leader<'a>(record: &RecordView<'_>, text: &'a str) -> Cow<'a, str> {
    match text.get(..LEADER_LENGTH) {
        Some(leader) if leader.as_bytes() == record.leader().0 => leader.into(),
        _ => leader_text(record).into(),
    }
}

/// The bytes of a record that is plain, and of which no value can be at fault.
fn faultless<'a>(reading: &Reading<'a>) -> Option<&'a str> {
    reading.plain_text().filter(|text| has_no_fault(reading.record(), text))
}

/// Whether no value of a plain record can be at fault: each consists of whole characters, including indicators.
pub(in crate::columns) fn has_no_fault(record: &RecordView<'_>, text: &str) -> bool {
    let is_whole = |field: &FieldView<'_>| {
        let end = field.start() + field.bytes().len();
        text.is_char_boundary(field.start())
            && text.is_char_boundary(end)
            && (field.is_plain() || field.indicators().is_ascii())
    };
    begin_and_end_in_ascii(record) || record.fields().all(|field| is_whole(&field))
}

/// Whether the first two bytes of each field, and the one after it, are ASCII: true of nearly every record.
fn begin_and_end_in_ascii(record: &RecordView<'_>) -> bool {
    let mut bits = 0;
    for &Entry { start, length, .. } in record.entries() {
        let end = start.saturating_add(length) as usize;
        let Some([first, second, .., after]) = record.bytes().get(start as usize..=end) else { return false };
        bits |= first | second | after;
    }
    bits.is_ascii() && record.indicators() == 2
}

/// The first 001 of a record that is plain text.
fn control_number<'a>(record: &RecordView<'_>, text: &'a str) -> Option<&'a str> {
    let field = record.fields().find(|field| field.tag() == Tag::CONTROL_NUMBER && field.is_control())?;
    text.get(field.start()..field.start() + field.bytes().len())
}

/// Passes the wanted fields of a record on, and keeps its first 001.
struct Parts<'a, F> {
    control_number: Option<String>,
    /// `None` if no column holds what is in them.
    fields: Option<&'a mut F>,
    /// Which are wanted, if not all are.
    kept: Option<&'a mut Kept>,
    /// Whether the current one is.
    is_wanted: bool,
}

impl<F> Parts<'_, F> {
    /// Begins a field; returns what takes it if it is wanted.
    fn begin(&mut self, tag: &str) -> Option<&mut F> {
        if let Some(kept) = &mut self.kept {
            self.is_wanted = tag.parse().is_ok_and(|tag| kept.wants(tag));
        }
        self.wanted()
    }

    fn wanted(&mut self) -> Option<&mut F> {
        self.fields.as_deref_mut().filter(|_| self.is_wanted)
    }
}

impl<F: Visit<Stop = Infallible>> Visit for Parts<'_, F> {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        if tag == "001" && self.control_number.is_none() {
            self.control_number = Some(data.text().into_owned());
        }
        self.begin(tag).map_or(Ok(()), |fields| fields.control(tag, data))
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.begin(tag).map_or(Ok(()), |fields| fields.data(tag, indicators, stray))
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.wanted().map_or(Ok(()), |fields| fields.subfield(code, value))
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.wanted().map_or(Ok(()), |fields| fields.end())
    }
}

impl<S: Shape> Sink for Growing<S> {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        let before = self.columns.shape.parts();
        let is_done = match (self.columns.shape.fields(), &self.kept) {
            (Some(_), None) => self.push_plain(reading),
            (Some(_), Some(_)) => self.push_kept(reading),
            (None, _) => self.push_without_fields(reading),
        };
        let findings = if is_done { Vec::new() } else { self.push_exactly(reading) };
        let rows = if S::IS_NESTED { 1 } else { self.columns.shape.parts() - before };
        Pushed { rows, findings, waits: false }
    }

    /// Only records that went the exact way have findings, and may have to be removed.
    fn undo(&mut self) {
        self.columns.cut(self.last);
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        let Columns { control_numbers, shape, ends } = self.columns;
        let (records, parts) = (ends.lists(), shape.parts());
        let control_numbers = control_numbers.map(OptionalTexts::finish).transpose()?;
        let columns = shape.finish(control_numbers, ends.finish(parts)?)?;
        let rows = if S::IS_NESTED { records } else { parts };
        let row_count = RecordBatchOptions::new().with_row_count(Some(rows));
        let columns = columns.into_iter().flatten().collect();
        RecordBatch::try_new_with_options(self.schema, columns, &row_count).map(Outcome::Rows)
    }
}

#[cfg(test)]
mod tests;
