//! The layout "fields": one row for the leader of each record and for each of its fields.

use arrow_array::{ArrayRef, Int64Array, StringArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType, Field};

use super::LEADER;
use super::growing::{CONTROL_NUMBER, Places, Shape, control_number_field};
use crate::columns::draft::Rows;
use crate::columns::groups::{FieldColumns, FieldMark, array};
use crate::columns::mark::Marked;
use crate::columns::runs::repeated;
use crate::options::Select;
use crate::record::visit::{Value, Visit};

/// `control_number`, `field`, `tag`, `ind1`, `ind2`, `value`, `subfields: list<struct<code, value>>`.
pub(super) struct Fields {
    rows: usize,
    places: Option<Vec<i64>>,
    fields: Option<FieldColumns>,
}

impl Shape for Fields {
    const COLUMNS: &'static [&'static str] =
        &[CONTROL_NUMBER, "field", "tag", "ind1", "ind2", "value", "subfields"];
    const IS_NESTED: bool = false;
    type Fields = FieldColumns;

    fn columns() -> Vec<Field> {
        let parts = FieldColumns::parts();
        let parts = parts.iter().map(|part| Field::clone(part));
        [control_number_field(), Field::new("field", DataType::Int64, true)]
            .into_iter()
            .chain(parts)
            .collect()
    }

    fn with_capacity(select: &Select, bytes: usize, records: usize) -> Fields {
        let wants_any = FieldColumns::parts().iter().any(|part| select.wants(part.name()));
        Fields {
            rows: 0,
            places: select.wants("field").then(|| Vec::with_capacity(records + bytes / 44)),
            fields: wants_any.then(|| FieldColumns::with_capacity(bytes, |column| select.wants(column))),
        }
    }

    fn push_leader(&mut self, leader: &str) {
        if let Some(fields) = &mut self.fields {
            let Ok(()) = fields.control(LEADER.as_str(), Value::Text(leader.into()));
        }
    }

    fn extend(&mut self, leader: &str, rows: &Rows<'_>) {
        self.push_leader(leader);
        if let Some(fields) = &mut self.fields {
            fields.extend(rows);
        }
    }

    fn fields(&mut self) -> Option<&mut FieldColumns> {
        self.fields.as_mut()
    }

    fn end_record(&mut self, places: Places<'_>) {
        self.rows += 1 + match places {
            Places::UpTo(last) => last,
            Places::These(places) => places.len(),
        };
        if let Some(column) = &mut self.places {
            match places {
                Places::UpTo(last) => column.extend(0..=last as i64),
                Places::These(places) => column.extend([0].iter().chain(places)),
            }
        }
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
        let mut columns = vec![array(control_numbers), array(self.places.map(Int64Array::from))];
        columns.extend(self.fields.map(FieldColumns::finish).transpose()?.into_iter().flatten());
        Ok(columns)
    }
}

impl Marked for Fields {
    type Mark = (usize, Option<FieldMark>);

    fn mark(&mut self) -> Self::Mark {
        (self.rows, self.fields.mark())
    }

    fn cut(&mut self, (rows, fields): Self::Mark) {
        self.rows = rows;
        if let Some(places) = &mut self.places {
            places.truncate(rows);
        }
        self.fields.cut(fields);
    }
}
