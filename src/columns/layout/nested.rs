//! Layout "nested": one row for each record, the whole of it.
//!
//! Nearly every record takes the quick way, [`Nested::push_sound`]: one sweep over its octets finds the
//! delimiters, and what stands between them is copied into the columns as it is. It gives up, and leaves
//! no trace, at the first thing that is not as it should be; then the exact way decodes value by value.

use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, RecordBatch, RecordBatchOptions, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields as ArrowFields, Schema, SchemaRef};

use super::Layout;
use crate::columns::buffers::{Ends, FixedMark, FixedTexts, Texts, TextsMark, TextsRoom, Validity};
use crate::columns::content::{
    Fields, charset_of, is_usual_code, is_usual_tag, leader_text, read_fields, unrepeatable,
};
use crate::columns::delimiters::Delimiters;
use crate::columns::metadata;
use crate::columns::types::{CHARACTERS, TAGS, as_codes, as_text, code_field, text_field};
use crate::diagnostic::{Diagnostic, Severity};
use crate::iso2709::view::is_control;
use crate::iso2709::{RecordView, SUBFIELD_DELIMITER};
use crate::options::Options;

/// `control_number`, `leader`, `fields: list<struct<tag, ind1, ind2, value, subfields: list<struct<code, value>>>>`.
pub(super) fn schema(options: &Options) -> SchemaRef {
    let columns = [
        text_field("control_number", options),
        text_field("leader", options),
        Field::new("fields", DataType::List(element(field_parts(options))), true),
    ];
    let wanted: Vec<Field> =
        columns.into_iter().filter(|column| options.select.wants(column.name())).collect();
    Arc::new(Schema::new_with_metadata(wanted, metadata(options)))
}

/// Parquet's own name for the children of a list is `element`.
fn element(parts: ArrowFields) -> FieldRef {
    Arc::new(Field::new("element", DataType::Struct(parts), true))
}

fn field_parts(options: &Options) -> ArrowFields {
    let subfields = DataType::List(element(subfield_parts(options)));
    ArrowFields::from(vec![
        code_field("tag", options),
        code_field("ind1", options),
        code_field("ind2", options),
        text_field("value", options),
        Field::new("subfields", subfields, true),
    ])
}

fn subfield_parts(options: &Options) -> ArrowFields {
    ArrowFields::from(vec![code_field("code", options), text_field("value", options)])
}

pub(super) struct Nested {
    options: Arc<Options>,
    wants_fields: bool,
    delimiters: Delimiters,
    control_number: Texts,
    has_control_number: Validity,
    leader: FixedTexts,
    /// Behind the last field of each record.
    record_ends: Ends,
    tag: FixedTexts,
    ind1: FixedTexts,
    ind2: FixedTexts,
    value: Texts,
    has_value: Validity,
    /// A data field has indicators and subfields, a control field has neither.
    is_data: Validity,
    /// Behind the last subfield of each field.
    field_ends: Ends,
    code: FixedTexts,
    subfield_value: Texts,
}

/// How far the columns had grown.
#[derive(Clone, Copy)]
struct Mark {
    records: usize,
    fields: usize,
    control_number: TextsMark,
    leader: FixedMark,
    tag: FixedMark,
    ind1: FixedMark,
    ind2: FixedMark,
    value: TextsMark,
    code: FixedMark,
    subfield_value: TextsMark,
}

impl Nested {
    pub(super) fn new(options: Arc<Options>, octets: usize, records: usize) -> Nested {
        let wants_fields = options.select.wants("fields");
        // Real catalogues have a field for every 50 octets and a subfield for every 30, of 18 octets each.
        let room = if wants_fields { octets } else { 0 };
        let (fields, subfields) = (room / 44, room / 24);
        Nested {
            options,
            wants_fields,
            delimiters: Delimiters::default(),
            control_number: Texts::with_capacity(records * 16, records),
            has_control_number: Validity::with_capacity(records),
            leader: FixedTexts::with_capacity(24, records),
            record_ends: Ends::with_capacity(records),
            tag: FixedTexts::with_capacity(3, fields),
            ind1: FixedTexts::with_capacity(1, fields),
            ind2: FixedTexts::with_capacity(1, fields),
            value: Texts::with_capacity(room / 12, fields),
            has_value: Validity::with_capacity(fields),
            is_data: Validity::with_capacity(fields),
            field_ends: Ends::with_capacity(fields),
            code: FixedTexts::with_capacity(1, subfields),
            subfield_value: Texts::with_capacity(room, subfields),
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            records: self.record_ends.lists(),
            fields: self.field_ends.lists(),
            control_number: self.control_number.mark(),
            leader: self.leader.mark(),
            tag: self.tag.mark(),
            ind1: self.ind1.mark(),
            ind2: self.ind2.mark(),
            value: self.value.mark(),
            code: self.code.mark(),
            subfield_value: self.subfield_value.mark(),
        }
    }

    fn cut(&mut self, mark: Mark) {
        self.control_number.cut(mark.control_number);
        self.has_control_number.cut(mark.records);
        self.leader.cut(mark.leader);
        self.record_ends.cut(mark.records);
        self.tag.cut(mark.tag);
        self.ind1.cut(mark.ind1);
        self.ind2.cut(mark.ind2);
        self.value.cut(mark.value);
        self.has_value.cut(mark.fields);
        self.is_data.cut(mark.fields);
        self.field_ends.cut(mark.fields);
        self.code.cut(mark.code);
        self.subfield_value.cut(mark.subfield_value);
    }

    /// The quick way. False, and nothing appended, if anything in the record asks for the exact one.
    fn push_sound(&mut self, record: &RecordView<'_>) -> bool {
        let leader = record.leader();
        let Some(first) = record.entries().first() else { return false };
        if !self.wants_fields || !record.is_tiled() || leader.fields_are_plain() || leader.indicators() != 2 {
            return false;
        }
        let charset = charset_of(record, self.options.encoding);
        let Some(text) = charset.plain_text(record.octets()) else { return false };
        let mark = self.mark();
        let mut delimiters = std::mem::take(&mut self.delimiters);
        delimiters.find(record.octets(), first.start as usize);
        let pushed = self.push_fields(record, text, delimiters.places()).is_some();
        self.delimiters = delimiters;
        if !pushed {
            self.cut(mark);
        }
        pushed
    }

    fn push_fields(&mut self, record: &RecordView<'_>, text: &str, delimiters: &[u32]) -> Option<()> {
        // Each field ends in a delimiter and so does the record; all others begin a subfield.
        let fields = record.entries().len();
        let subfields = delimiters.len().checked_sub(fields + 1)?;
        let mut row = RowRoom {
            text,
            places: delimiters.iter(),
            tag: self.tag.room(fields).as_chunks_mut().0.get_mut(..fields)?,
            ind1: self.ind1.room(fields).get_mut(..fields)?,
            ind2: self.ind2.room(fields).get_mut(..fields)?,
            value: self.value.room(text.len(), fields),
            has_value: self.has_value.room(fields).get_mut(..fields)?,
            is_data: self.is_data.room(fields).get_mut(..fields)?,
            subfields_before: self.code.rows(),
            field_ends: self.field_ends.room(fields).get_mut(..fields)?,
            subfield: 0,
            code: self.code.room(subfields).get_mut(..subfields)?,
            subfield_value: self.subfield_value.room(text.len(), subfields),
        };
        let mut number = None;
        let mut seen = 0;
        for field in 0..fields {
            let entry = &record.entries()[field];
            let (start, end) = (entry.start as usize, (entry.start + entry.length) as usize);
            if !is_usual_tag(&entry.tag) {
                return None;
            }
            if is_control(&entry.tag) {
                let bit = unrepeatable(&entry.tag);
                if seen & bit != 0 {
                    return None;
                }
                seen |= bit;
                if bit == 1 {
                    number = Some((start, end));
                }
                row.control_field(field, entry.tag, start, end)?;
            } else {
                row.data_field(field, entry.tag, start, end)?;
            }
        }
        if row.subfield != subfields {
            return None;
        }
        self.leader.room(1).copy_from_slice(&record.leader().0);
        match number {
            Some((start, end)) => self.control_number.push(text.get(start..end)?),
            None => self.control_number.push_null(),
        }
        self.has_control_number.push(number.is_some());
        self.record_ends.push(self.field_ends.lists());
        Some(())
    }

    /// The record with its first 001 only, or with no field at all: what is not asked for is not decoded.
    fn control_number_alone<'a>(&self, record: &RecordView<'a>) -> RecordView<'a> {
        let is_wanted = self.options.select.wants("control_number");
        let number = record.entries().iter().position(|entry| is_wanted && entry.tag == *b"001");
        record.with_entries(number.map_or(&[], |place| &record.entries()[place..=place]))
    }

    /// The exact way: every value decoded by itself, everything odd named.
    fn push_exactly(&mut self, record: &RecordView<'_>) -> Vec<Diagnostic> {
        let mark = self.mark();
        let wanted = if self.wants_fields { *record } else { self.control_number_alone(record) };
        let mut row = Row { columns: self, number: None };
        let findings = read_fields(&wanted, row.columns.options.encoding, &mut row);
        let number = row.number;
        if findings.iter().any(|finding| finding.severity == Severity::Decoding) {
            self.cut(mark);
            return findings;
        }
        match &number {
            Some(number) => self.control_number.push(number),
            None => self.control_number.push_null(),
        }
        self.has_control_number.push(number.is_some());
        self.leader.push(&leader_text(record));
        self.record_ends.push(self.field_ends.lists());
        findings
    }
}

/// Room for the fields and subfields of one record in every column, filled from left to right.
///
/// All answers are none where something is not as it should be, or there is no room.
struct RowRoom<'a> {
    text: &'a str,
    /// Delimiters that were not come to yet.
    places: std::slice::Iter<'a, u32>,
    tag: &'a mut [[u8; 3]],
    ind1: &'a mut [u8],
    ind2: &'a mut [u8],
    value: TextsRoom<'a>,
    has_value: &'a mut [bool],
    is_data: &'a mut [bool],
    subfields_before: usize,
    field_ends: &'a mut [i32],
    /// Subfields of this record so far.
    subfield: usize,
    code: &'a mut [u8],
    subfield_value: TextsRoom<'a>,
}

impl RowRoom<'_> {
    #[inline(always)]
    fn next_place(&mut self) -> Option<usize> {
        self.places.next().map(|&place| place as usize)
    }

    #[inline(always)]
    fn field(&mut self, field: usize, tag: [u8; 3], ind1: u8, ind2: u8, is_data: bool) -> Option<()> {
        *self.tag.get_mut(field)? = tag;
        *self.ind1.get_mut(field)? = ind1;
        *self.ind2.get_mut(field)? = ind2;
        *self.has_value.get_mut(field)? = !is_data;
        *self.is_data.get_mut(field)? = is_data;
        *self.field_ends.get_mut(field)? = (self.subfields_before + self.subfield) as i32;
        Some(())
    }

    #[inline(always)]
    fn control_field(&mut self, field: usize, tag: [u8; 3], start: usize, end: usize) -> Option<()> {
        if self.next_place()? != end {
            return None;
        }
        self.value.write_within(field, self.text, start, end)?;
        self.field(field, tag, b' ', b' ', false)
    }

    /// Two indicators, and then subfields with usual codes.
    #[inline(always)]
    fn data_field(&mut self, field: usize, tag: [u8; 3], start: usize, end: usize) -> Option<()> {
        let octets = self.text.as_bytes();
        let mut delimiter = self.next_place()?;
        let [ind1, ind2, SUBFIELD_DELIMITER] = *octets.get(start..)?.first_chunk()? else { return None };
        if delimiter != start + 2 || !(ind1 | ind2).is_ascii() {
            return None;
        }
        loop {
            let next = self.next_place()?;
            let code = *octets.get(delimiter + 1)?;
            if !is_usual_code(code) {
                return None;
            }
            *self.code.get_mut(self.subfield)? = code;
            self.subfield_value.write_within(self.subfield, self.text, delimiter + 2, next)?;
            self.subfield += 1;
            if next == end {
                break;
            }
            if *octets.get(next)? != SUBFIELD_DELIMITER {
                return None;
            }
            delimiter = next;
        }
        self.value.write_null(field)?;
        self.field(field, tag, ind1, ind2, true)
    }
}

/// The row of the record at hand.
struct Row<'a> {
    columns: &'a mut Nested,
    number: Option<String>,
}

impl Fields for Row<'_> {
    fn control_field(&mut self, tag: [u8; 3], value: &str) {
        if tag == *b"001" && self.number.is_none() {
            self.number = Some(value.to_owned());
        }
        let columns = &mut *self.columns;
        if columns.wants_fields {
            columns.tag.room(1).copy_from_slice(&tag);
            columns.ind1.push(" ");
            columns.ind2.push(" ");
            columns.value.push(value);
            columns.has_value.push(true);
            columns.is_data.push(false);
            columns.field_ends.push(columns.code.rows());
        }
    }

    fn data_field(&mut self, tag: [u8; 3], ind1: &str, ind2: &str, value: Option<&str>) {
        let columns = &mut *self.columns;
        columns.tag.room(1).copy_from_slice(&tag);
        columns.ind1.push(ind1);
        columns.ind2.push(ind2);
        match value {
            Some(value) => columns.value.push(value),
            None => columns.value.push_null(),
        }
        columns.has_value.push(value.is_some());
        columns.is_data.push(true);
    }

    fn subfield(&mut self, code: &str, value: &str) {
        self.columns.code.push(code);
        self.columns.subfield_value.push(value);
    }

    fn end_of_data_field(&mut self) {
        self.columns.field_ends.push(self.columns.code.rows());
    }
}

impl Layout for Nested {
    fn push(&mut self, record: &RecordView<'_>) -> Vec<Diagnostic> {
        if self.push_sound(record) { Vec::new() } else { self.push_exactly(record) }
    }

    fn finish(self: Box<Self>, schema: SchemaRef) -> Result<RecordBatch, ArrowError> {
        let options = &*self.options;
        let rows = self.record_ends.lists();
        let is_data = Some(self.is_data.finish()).filter(|validity| validity.null_count() > 0);
        let subfields = list(
            subfield_parts(options),
            self.field_ends,
            is_data.clone(),
            vec![
                as_codes(self.code.finish(None)?, &CHARACTERS, options)?,
                as_text(self.subfield_value.finish(None)?, options),
            ],
        )?;
        let fields = list(
            field_parts(options),
            self.record_ends,
            None,
            vec![
                as_codes(self.tag.finish(None)?, &TAGS, options)?,
                as_codes(self.ind1.finish(is_data.clone())?, &CHARACTERS, options)?,
                as_codes(self.ind2.finish(is_data)?, &CHARACTERS, options)?,
                as_text(self.value.finish(Some(self.has_value.finish()))?, options),
                subfields,
            ],
        )?;
        let control_number =
            as_text(self.control_number.finish(Some(self.has_control_number.finish()))?, options);
        let leader = as_text(self.leader.finish(None)?, options);
        let columns = [("control_number", control_number), ("leader", leader), ("fields", fields)];
        let wanted =
            columns.into_iter().filter(|(name, _)| options.select.wants(name)).map(|(_, column)| column);
        let row_count = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(schema, wanted.collect(), &row_count)
    }
}

/// A list column of structs.
fn list(
    parts: ArrowFields,
    ends: Ends,
    nulls: Option<NullBuffer>,
    columns: Vec<ArrayRef>,
) -> Result<ArrayRef, ArrowError> {
    let elements = StructArray::try_new(parts.clone(), columns, None)?;
    Ok(Arc::new(ListArray::try_new(element(parts), ends.finish(), Arc::new(elements), nulls)?))
}
