//! The layout "nested": one row for each whole record.

use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, Field};

use super::growing::{CONTROL_NUMBER, Places, Shape, control_number_field};
use crate::columns::buffers::{FixedMark, FixedTexts};
use crate::columns::draft::Rows;
use crate::columns::groups::{FieldColumns, FieldMark, array, list_field, lists, text_field};
use crate::columns::mark::Marked;
use crate::iso2709::leader::LEADER_LENGTH;
use crate::options::Select;

/// `control_number`, `leader`, `fields: list<struct<tag, ind1, ind2, value, subfields: list<struct<code, value>>>>`.
pub(super) struct Nested {
    leader: Option<FixedTexts>,
    fields: Option<FieldColumns>,
}

impl Shape for Nested {
    const COLUMNS: &'static [&'static str] = &[CONTROL_NUMBER, "leader", "fields"];
    const IS_NESTED: bool = true;
    type Fields = FieldColumns;

    fn columns() -> Vec<Field> {
        vec![control_number_field(), text_field("leader"), list_field("fields", FieldColumns::parts())]
    }

    fn with_capacity(select: &Select, bytes: usize, records: usize) -> Nested {
        Nested {
            leader: select.wants("leader").then(|| FixedTexts::with_capacity(LEADER_LENGTH, records)),
            fields: select.wants("fields").then(|| FieldColumns::with_capacity(bytes, |_| true)),
        }
    }

    #[inline(always)]
    fn push_leader(&mut self, leader: &str) {
        if let Some(column) = &mut self.leader {
            column.push(leader);
        }
    }

    #[inline(always)]
    fn extend(&mut self, leader: &str, rows: &Rows<'_>) {
        self.push_leader(leader);
        if let Some(fields) = &mut self.fields {
            fields.extend(rows);
        }
    }

    fn fields(&mut self) -> Option<&mut FieldColumns> {
        self.fields.as_mut()
    }

    fn end_record(&mut self, _: Places<'_>) {}

    fn parts(&self) -> usize {
        self.fields.as_ref().map_or(0, FieldColumns::rows)
    }

    fn finish(
        self,
        control_numbers: Option<StringArray>,
        records: OffsetBuffer<i32>,
    ) -> Result<Vec<Option<ArrayRef>>, ArrowError> {
        let leader = self.leader.map(|column| column.finish(None)).transpose()?;
        let fields = self.fields.map(FieldColumns::finish_struct).transpose()?;
        let fields = fields.map(|fields| lists(fields, records, None)).transpose()?;
        Ok(vec![array(control_numbers), array(leader), fields])
    }
}

impl Marked for Nested {
    type Mark = (Option<FixedMark>, Option<FieldMark>);

    fn mark(&mut self) -> Self::Mark {
        (self.leader.mark(), self.fields.mark())
    }

    fn cut(&mut self, (leader, fields): Self::Mark) {
        self.leader.cut(leader);
        self.fields.cut(fields);
    }
}
