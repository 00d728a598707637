//! The layout "subfields": one row for the leader of each record, for each of its control fields, and for each
//! subfield.

use std::convert::Infallible;

use arrow_array::{ArrayRef, Int64Array, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field};

use super::LEADER;
use super::growing::{CONTROL_NUMBER, Places, Shape, control_number_field};
use crate::columns::buffers::{FixedMark, FixedTexts, Texts, ValuesMark};
use crate::columns::draft::Rows;
use crate::columns::groups::{array, text_field};
use crate::columns::heads::{Head, HeadMark, Heads};
use crate::columns::mark::Marked;
use crate::columns::runs::{Runs, except, repeated};
use crate::options::Select;
use crate::record::visit::{Value, Visit};

/// `control_number`, `field`, `tag`, `ind1`, `ind2`, `subfield`, `code`, `value`.
pub(super) struct Subfields {
    rows: usize,
    /// `None` if none of its columns is selected.
    heads: Option<Heads>,
    code: Option<FixedTexts>,
    value: Option<Texts>,
    /// True for rows of data fields, nearly all of which are subfields.
    are_data: Runs,
    /// Rows of data fields that are no subfields: text outside of subfields, and fields that have nothing.
    without_code: Vec<usize>,
    /// The latter.
    without_value: Vec<usize>,
    current: Current,
    /// The first row of the current record.
    record_row: usize,
}

/// The field that is taken part by part.
#[derive(Default)]
struct Current {
    /// Its place in the record; the leader is at 0.
    place: usize,
    tag: String,
    indicators: [String; 2],
    subfields: usize,
    /// Its first row.
    row: usize,
}

/// The length of [`Subfields`] at some moment.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    rows: usize,
    heads: Option<HeadMark>,
    code: Option<FixedMark>,
    value: Option<ValuesMark>,
}

impl Subfields {
    /// Begins a field.
    fn begin(&mut self, place: usize, tag: &str, indicators: [&str; 2]) {
        let current = &mut self.current;
        (current.place, current.subfields, current.row) = (place, 0, self.rows);
        current.tag.replace_range(.., tag);
        for (indicator, text) in current.indicators.iter_mut().zip(indicators) {
            indicator.replace_range(.., text);
        }
    }

    /// Appends a row of the current field.
    fn push(&mut self, is_data: bool, code: &str, value: &str) {
        let Current { place, tag, indicators: [ind1, ind2], subfields, .. } = &self.current;
        if let Some(heads) = &mut self.heads {
            heads.push(Head { field: *place, tag, indicators: [ind1, ind2], subfield: *subfields });
        }
        if let Some(column) = &mut self.code {
            column.push(code);
        }
        if let Some(column) = &mut self.value {
            column.push(value);
        }
        self.are_data.push(is_data, 1);
        self.rows += 1;
    }
}

/// The number of fields from `first` on that all are data fields, or all are not.
#[inline(always)]
fn run(is_data: &[bool], first: usize, are_data: bool) -> usize {
    let rest = is_data.get(first..).unwrap_or_default();
    // Without an early exit, so that many are looked at together.
    match are_data && rest.iter().fold(true, |all, it| all & it) {
        true => rest.len(),
        false => rest.iter().take_while(|&&it| it == are_data).count(),
    }
}

impl Shape for Subfields {
    const COLUMNS: &'static [&'static str] =
        &[CONTROL_NUMBER, "field", "tag", "ind1", "ind2", "subfield", "code", "value"];
    const IS_NESTED: bool = false;
    type Fields = Subfields;

    fn columns() -> Vec<Field> {
        let field = |&name: &&str| match name {
            CONTROL_NUMBER => control_number_field(),
            "field" | "subfield" => Field::new(name, DataType::Int64, true),
            _ => text_field(name),
        };
        Subfields::COLUMNS.iter().map(field).collect()
    }

    fn with_capacity(select: &Select, bytes: usize, records: usize) -> Subfields {
        // Real catalogues have a row per 27 bytes.
        let rows = records + bytes / 23;
        let wants_heads =
            ["field", "tag", "ind1", "ind2", "subfield"].iter().any(|column| select.wants(column));
        Subfields {
            rows: 0,
            heads: wants_heads.then(|| Heads::with_capacity(rows, |column| select.wants(column))),
            code: select.wants("code").then(|| FixedTexts::with_capacity(1, rows)),
            value: select.wants("value").then(|| Texts::with_capacity(bytes, rows)),
            are_data: Runs::with_capacity(rows),
            without_code: Vec::new(),
            without_value: Vec::new(),
            current: Current::default(),
            record_row: 0,
        }
    }

    fn extend(&mut self, leader: &str, rows: &Rows<'_>) {
        if let Some(heads) = &mut self.heads {
            heads.extend(LEADER, rows);
        }
        if let Some(value) = &mut self.value {
            value.push(leader);
        }
        // The leader is a row like those of control fields, which nearly always come first and all together.
        let (mut others, mut field, mut subfield) = (1, 0, 0);
        loop {
            let controls = field..field + run(rows.is_data, field, false);
            let fields = controls.end..controls.end + run(rows.is_data, controls.end, true);
            let ends = rows.field_ends.get(fields.clone()).unwrap_or_default();
            let subfields = subfield..ends.last().map_or(subfield, |&end| end as usize);
            others += controls.len();
            if let Some(code) = &mut self.code {
                code.extend_by(b' ', others);
                code.extend(rows.codes.get(subfields.clone()).unwrap_or_default());
            }
            if let Some(value) = &mut self.value {
                value.extend_from(&rows.values, controls);
                value.extend_from(&rows.subfield_values, subfields.clone());
            }
            self.are_data.push(false, others);
            self.are_data.push(true, subfields.len());
            self.rows += others + subfields.len();
            (others, field, subfield) = (0, fields.end, subfields.end);
            if field >= rows.is_data.len() {
                break;
            }
        }
    }

    fn push_leader(&mut self, leader: &str) {
        self.begin(0, LEADER.as_str(), [" "; 2]);
        self.push(false, " ", leader);
    }

    /// Always: what is in the fields decides how many rows there are.
    fn fields(&mut self) -> Option<&mut Subfields> {
        Some(self)
    }

    fn end_record(&mut self, places: Places<'_>) {
        if let (Some(heads), Places::These(places)) = (&mut self.heads, places) {
            heads.place_fields(self.rows - self.record_row, places);
        }
        self.record_row = self.rows;
    }

    fn parts(&self) -> usize {
        self.rows
    }

    fn finish(
        self,
        control_numbers: Option<StringArray>,
        records: OffsetBuffer<i32>,
    ) -> Result<Vec<Option<ArrayRef>>, ArrowError> {
        let control_numbers = control_numbers.map(|numbers| repeated(&numbers, &records)).transpose()?;
        let are_data = self.are_data.finish();
        let have_code = Some(except(&are_data, &self.without_code));
        let have_value = match self.without_value.as_slice() {
            [] => None,
            rows => Some(except(&NullBuffer::new_valid(self.rows), rows)),
        };
        let are_data = Some(are_data);
        let text = |column: Option<FixedTexts>, nulls| column.map(|column| column.finish(nulls)).transpose();
        let numbers = |column: Option<Vec<i64>>, nulls| {
            column.map(|column| Int64Array::try_new(column.into(), nulls)).transpose()
        };
        let heads = self.heads.map(Heads::finish).unwrap_or_default();
        Ok(vec![
            array(control_numbers),
            array(numbers(heads.field, None)?),
            array(text(heads.tag, None)?),
            array(text(heads.ind1, are_data.clone())?),
            array(text(heads.ind2, are_data)?),
            array(numbers(heads.subfield, have_code.clone())?),
            array(text(self.code, have_code)?),
            array(self.value.map(|column| column.finish(have_value)).transpose()?),
        ])
    }
}

impl Visit for Subfields {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.begin(self.current.place + 1, tag, [" "; 2]);
        self.push(false, " ", &data.text());
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.begin(self.current.place + 1, tag, indicators);
        let stray = stray.as_ref().map(Value::text).unwrap_or_default();
        if !stray.is_empty() {
            self.without_code.push(self.rows);
            self.push(true, " ", &stray);
        }
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.push(true, code, &value.text());
        self.current.subfields += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        if self.rows == self.current.row {
            self.without_code.push(self.rows);
            self.without_value.push(self.rows);
            self.push(true, " ", "");
        }
        Ok(())
    }
}

impl Marked for Subfields {
    type Mark = Mark;

    fn mark(&mut self) -> Mark {
        Mark { rows: self.rows, heads: self.heads.mark(), code: self.code.mark(), value: self.value.mark() }
    }

    fn cut(&mut self, mark: Mark) {
        (self.rows, self.record_row) = (mark.rows, mark.rows);
        self.heads.cut(mark.heads);
        self.code.cut(mark.code);
        self.value.cut(mark.value);
        self.are_data.cut(mark.rows);
        self.without_code.retain(|&row| row < mark.rows);
        self.without_value.retain(|&row| row < mark.rows);
    }
}
