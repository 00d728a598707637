//! Columns that grow together: those of fields, and those of their subfields.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, ListArray, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields};

use super::buffers::{Ends, FixedMark, FixedTexts, Texts, Validity, ValuesMark, complement};
use super::draft::Rows;

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
    ends: Ends,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let element = element(rows.fields().clone());
    let offsets = ends.finish(rows.len())?;
    Ok(Arc::new(ListArray::try_new(element, offsets, Arc::new(rows), nulls)?))
}

/// One row for each subfield: `code`, `value`.
pub(super) struct SubfieldColumns {
    code: FixedTexts,
    value: Texts,
}

/// The length of [`SubfieldColumns`] at some moment.
#[derive(Clone, Copy)]
pub(super) struct SubfieldMark {
    code: FixedMark,
    value: ValuesMark,
}

impl SubfieldColumns {
    /// Room for `rows` subfields of `bytes` bytes altogether.
    fn with_capacity(bytes: usize, rows: usize) -> SubfieldColumns {
        SubfieldColumns { code: FixedTexts::with_capacity(1, rows), value: Texts::with_capacity(bytes, rows) }
    }

    fn parts() -> Fields {
        Fields::from(vec![text_field("code"), text_field("value")])
    }

    fn rows(&self) -> usize {
        self.code.rows()
    }

    fn push(&mut self, code: &str, value: &str) {
        self.code.push(code);
        self.value.push(value);
    }

    fn extend(&mut self, rows: &Rows<'_>) {
        self.code.extend(rows.codes);
        self.value.extend(&rows.subfield_values);
    }

    fn mark(&self) -> SubfieldMark {
        SubfieldMark { code: self.code.mark(), value: self.value.mark() }
    }

    fn cut(&mut self, mark: SubfieldMark) {
        self.code.cut(mark.code);
        self.value.cut(mark.value);
    }

    fn finish(self) -> Result<StructArray, ArrowError> {
        let columns: Vec<ArrayRef> =
            vec![Arc::new(self.code.finish(None)?), Arc::new(self.value.finish(None)?)];
        StructArray::try_new(SubfieldColumns::parts(), columns, None)
    }
}

/// One row for each field: `tag`, `ind1`, `ind2`, `value`, `subfields`.
pub(super) struct FieldColumns {
    tag: FixedTexts,
    ind1: FixedTexts,
    ind2: FixedTexts,
    value: Texts,
    /// True for a data field, which has indicators and subfields; a control field has a value.
    is_data: Validity,
    /// Data fields that have a value nevertheless.
    values_of_data: Vec<usize>,
    /// The number of subfields up to the end of each field.
    ends: Ends,
    subfields: SubfieldColumns,
}

/// The length of [`FieldColumns`] at some moment.
#[derive(Clone, Copy)]
pub(super) struct FieldMark {
    rows: usize,
    tag: FixedMark,
    ind1: FixedMark,
    ind2: FixedMark,
    value: ValuesMark,
    subfields: SubfieldMark,
}

impl FieldColumns {
    /// Room for the fields of records of `bytes` bytes altogether.
    pub(super) fn with_capacity(bytes: usize) -> FieldColumns {
        // Real catalogues have a field per 50 bytes and a subfield per 30, with 18 bytes each.
        let (rows, subfields) = (bytes / 44, bytes / 24);
        FieldColumns {
            tag: FixedTexts::with_capacity(3, rows),
            ind1: FixedTexts::with_capacity(1, rows),
            ind2: FixedTexts::with_capacity(1, rows),
            value: Texts::with_capacity(bytes / 12, rows),
            is_data: Validity::with_capacity(rows),
            values_of_data: Vec::new(),
            ends: Ends::with_capacity(rows),
            subfields: SubfieldColumns::with_capacity(bytes, subfields),
        }
    }

    /// The columns, as a struct has them.
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
        self.ends.lists()
    }

    /// Appends the fields of a draft.
    #[inline(always)]
    pub(super) fn extend(&mut self, rows: &Rows<'_>) {
        self.tag.extend(rows.tags.as_flattened());
        self.ind1.extend(rows.ind1);
        self.ind2.extend(rows.ind2);
        self.is_data.extend(rows.is_data);
        self.value.extend(&rows.values);
        self.ends.extend(self.subfields.rows(), rows.field_ends);
        self.subfields.extend(rows);
    }

    pub(super) fn push_control_field(&mut self, tag: &str, value: &str) {
        self.tag.push(tag);
        self.ind1.push(" ");
        self.ind2.push(" ");
        self.value.push(value);
        self.is_data.push(false);
        self.end_field();
    }

    /// Begins a data field; its subfields follow, then [`end_field`](Self::end_field).
    pub(super) fn push_data_field(&mut self, tag: &str, [ind1, ind2]: [&str; 2], value: Option<&str>) {
        self.tag.push(tag);
        self.ind1.push(ind1);
        self.ind2.push(ind2);
        match value {
            Some(value) => {
                self.value.push(value);
                self.values_of_data.push(self.rows());
            }
            None => self.value.push_null(),
        }
        self.is_data.push(true);
    }

    pub(super) fn push_subfield(&mut self, code: &str, value: &str) {
        self.subfields.push(code, value);
    }

    pub(super) fn end_field(&mut self) {
        self.ends.push(self.subfields.rows());
    }

    pub(super) fn mark(&self) -> FieldMark {
        FieldMark {
            rows: self.rows(),
            tag: self.tag.mark(),
            ind1: self.ind1.mark(),
            ind2: self.ind2.mark(),
            value: self.value.mark(),
            subfields: self.subfields.mark(),
        }
    }

    pub(super) fn cut(&mut self, mark: FieldMark) {
        self.tag.cut(mark.tag);
        self.ind1.cut(mark.ind1);
        self.ind2.cut(mark.ind2);
        self.value.cut(mark.value);
        self.is_data.cut(mark.rows);
        self.values_of_data.retain(|&field| field < mark.rows);
        self.ends.cut(mark.rows);
        self.subfields.cut(mark.subfields);
    }

    pub(super) fn finish(self) -> Result<StructArray, ArrowError> {
        let is_data = self.is_data.finish();
        let has_value = complement(&is_data, &self.values_of_data);
        let is_data = Some(is_data).filter(|validity| validity.null_count() > 0);
        let subfields = lists(self.subfields.finish()?, self.ends, is_data.clone())?;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.tag.finish(None)?),
            Arc::new(self.ind1.finish(is_data.clone())?),
            Arc::new(self.ind2.finish(is_data)?),
            Arc::new(self.value.finish(Some(has_value))?),
            subfields,
        ];
        StructArray::try_new(FieldColumns::parts(), columns, None)
    }
}
