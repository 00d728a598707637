//! Columns that grow together: those of fields, and those of their subfields.

use std::convert::Infallible;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, ListArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields};

use super::buffers::{Ends, FixedMark, FixedTexts, Texts, Validity, ValuesMark, complement};
use super::draft::Rows;
use super::mark::Marked;
use crate::record::visit::{Value, Visit};

/// A nullable text column.
pub(super) fn text_field(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

/// A nullable column of lists of structs.
pub(super) fn list_field(name: &str, parts: Fields) -> Field {
    Field::new(name, DataType::List(element(parts)), true)
}

/// The element of a list; Parquet names it `element`.
fn element(parts: Fields) -> FieldRef {
    Arc::new(Field::new("element", DataType::Struct(parts), true))
}

/// Lists of the rows of some columns.
pub(super) fn lists(
    rows: StructArray,
    offsets: OffsetBuffer<i32>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let element = element(rows.fields().clone());
    Ok(Arc::new(ListArray::try_new(element, offsets, Arc::new(rows), nulls)?))
}

/// One row for each subfield: `code`, `value`; and where the lists of them end.
pub(super) struct SubfieldColumns {
    code: FixedTexts,
    value: Texts,
    ends: Ends,
}

/// The length of [`SubfieldColumns`] at some moment.
#[derive(Clone, Copy)]
pub(super) struct SubfieldMark {
    lists: usize,
    code: FixedMark,
    value: ValuesMark,
}

impl SubfieldColumns {
    /// Room for `rows` subfields of `bytes` bytes altogether, in `lists` lists.
    fn with_capacity(bytes: usize, rows: usize, lists: usize) -> SubfieldColumns {
        SubfieldColumns {
            code: FixedTexts::with_capacity(1, rows),
            value: Texts::with_capacity(bytes, rows),
            ends: Ends::with_capacity(lists),
        }
    }

    fn parts() -> Fields {
        Fields::from(vec![text_field("code"), text_field("value")])
    }

    fn push(&mut self, code: &str, value: &str) {
        self.code.push(code);
        self.value.push(value);
    }

    fn end_list(&mut self) {
        self.ends.push(self.code.rows());
    }

    #[inline(always)]
    fn extend(&mut self, rows: &Rows<'_>) {
        self.ends.extend(self.code.rows(), rows.field_ends);
        self.code.extend(rows.codes);
        self.value.extend(&rows.subfield_values);
    }

    fn finish(self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let rows = self.code.rows();
        let columns: Vec<ArrayRef> =
            vec![Arc::new(self.code.finish(None)?), Arc::new(self.value.finish(None)?)];
        let pairs = StructArray::try_new(SubfieldColumns::parts(), columns, None)?;
        lists(pairs, self.ends.finish(rows)?, nulls)
    }
}

impl Marked for SubfieldColumns {
    type Mark = SubfieldMark;

    fn mark(&mut self) -> SubfieldMark {
        SubfieldMark { lists: self.ends.lists(), code: self.code.mark(), value: self.value.mark() }
    }

    fn cut(&mut self, mark: SubfieldMark) {
        self.ends.cut(mark.lists);
        self.code.cut(mark.code);
        self.value.cut(mark.value);
    }
}

/// One row for each field: those of `tag`, `ind1`, `ind2`, `value`, `subfields` that are wanted.
pub(super) struct FieldColumns {
    tag: Option<FixedTexts>,
    ind1: Option<FixedTexts>,
    ind2: Option<FixedTexts>,
    value: Option<Texts>,
    subfields: Option<SubfieldColumns>,
    /// True for a data field, which has indicators and subfields; a control field has a value.
    is_data: Validity,
    /// Data fields that have a value nevertheless.
    values_of_data: Vec<usize>,
}

/// The length of [`FieldColumns`] at some moment.
#[derive(Clone, Copy)]
pub(super) struct FieldMark {
    rows: usize,
    tag: Option<FixedMark>,
    ind1: Option<FixedMark>,
    ind2: Option<FixedMark>,
    value: Option<ValuesMark>,
    subfields: Option<SubfieldMark>,
}

impl FieldColumns {
    /// The columns that are wanted, with room for the fields of records of `bytes` bytes altogether.
    pub(super) fn with_capacity(bytes: usize, wants: impl Fn(&str) -> bool) -> FieldColumns {
        // Real catalogues have a field per 50 bytes and a subfield per 30, with 18 bytes each.
        let (rows, subfields) = (bytes / 44, bytes / 24);
        let text = |name, width| wants(name).then(|| FixedTexts::with_capacity(width, rows));
        FieldColumns {
            tag: text("tag", 3),
            ind1: text("ind1", 1),
            ind2: text("ind2", 1),
            value: wants("value").then(|| Texts::with_capacity(bytes / 12, rows)),
            subfields: wants("subfields").then(|| SubfieldColumns::with_capacity(bytes, subfields, rows)),
            is_data: Validity::with_capacity(rows),
            values_of_data: Vec::new(),
        }
    }

    /// All columns.
    pub(super) fn parts() -> Fields {
        Fields::from(vec![
            text_field("tag"),
            text_field("ind1"),
            text_field("ind2"),
            text_field("value"),
            list_field("subfields", SubfieldColumns::parts()),
        ])
    }

    pub(super) fn rows(&self) -> usize {
        self.is_data.values()
    }

    /// Appends the fields of a draft.
    #[inline(always)]
    pub(super) fn extend(&mut self, rows: &Rows<'_>) {
        if let Some(tag) = &mut self.tag {
            tag.extend(rows.tags.as_flattened());
        }
        if let Some(ind1) = &mut self.ind1 {
            ind1.extend(rows.ind1);
        }
        if let Some(ind2) = &mut self.ind2 {
            ind2.extend(rows.ind2);
        }
        self.is_data.extend(rows.is_data);
        if let Some(value) = &mut self.value {
            value.extend(&rows.values);
        }
        if let Some(subfields) = &mut self.subfields {
            subfields.extend(rows);
        }
    }

    fn push(&mut self, tag: &str, [ind1, ind2]: [&str; 2], value: Option<&str>, is_data: bool) {
        for (column, text) in [(&mut self.tag, tag), (&mut self.ind1, ind1), (&mut self.ind2, ind2)] {
            if let Some(column) = column {
                column.push(text);
            }
        }
        if is_data && value.is_some() {
            self.values_of_data.push(self.rows());
        }
        if let Some(column) = &mut self.value {
            column.push(value.unwrap_or_default());
        }
        self.is_data.push(is_data);
    }

    /// The columns in their order; `None` for those that are not wanted.
    pub(super) fn finish(self) -> Result<Vec<Option<ArrayRef>>, ArrowError> {
        let is_data = self.is_data.finish();
        let has_value = complement(&is_data, &self.values_of_data);
        let is_data = Some(is_data).filter(|validity| validity.null_count() > 0);
        let fixed = |column: Option<FixedTexts>, nulls| column.map(|column| column.finish(nulls)).transpose();
        Ok(vec![
            array(fixed(self.tag, None)?),
            array(fixed(self.ind1, is_data.clone())?),
            array(fixed(self.ind2, is_data.clone())?),
            array(self.value.map(|column| column.finish(Some(has_value))).transpose()?),
            self.subfields.map(|columns| columns.finish(is_data)).transpose()?,
        ])
    }

    /// All columns as a struct.
    pub(super) fn finish_struct(self) -> Result<StructArray, ArrowError> {
        let columns = self.finish()?.into_iter().flatten().collect();
        StructArray::try_new(FieldColumns::parts(), columns, None)
    }
}

impl Visit for FieldColumns {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.push(tag, [" ", " "], Some(&data.text()), false);
        self.end()
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.push(tag, indicators, stray.as_ref().map(Value::text).as_deref(), true);
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        if let Some(subfields) = &mut self.subfields {
            subfields.push(code, &value.text());
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        if let Some(subfields) = &mut self.subfields {
            subfields.end_list();
        }
        Ok(())
    }
}

impl Marked for FieldColumns {
    type Mark = FieldMark;

    fn mark(&mut self) -> FieldMark {
        FieldMark {
            rows: self.rows(),
            tag: self.tag.mark(),
            ind1: self.ind1.mark(),
            ind2: self.ind2.mark(),
            value: self.value.mark(),
            subfields: self.subfields.mark(),
        }
    }

    fn cut(&mut self, mark: FieldMark) {
        self.tag.cut(mark.tag);
        self.ind1.cut(mark.ind1);
        self.ind2.cut(mark.ind2);
        self.value.cut(mark.value);
        self.subfields.cut(mark.subfields);
        self.is_data.cut(mark.rows);
        self.values_of_data.retain(|&field| field < mark.rows);
    }
}

/// A column that may not be wanted, as an array.
pub(super) fn array(column: Option<impl Array + 'static>) -> Option<ArrayRef> {
    column.map(|column| Arc::new(column) as ArrayRef)
}
