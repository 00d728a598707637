//! The columns of the layouts: found by name, in any type that can be a part of records.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, GenericListArray, OffsetSizeTrait, RecordBatch, StructArray, new_null_array,
};
use arrow_schema::{DataType, FieldRef, Schema};

use super::arrays::{Lists, Numbers, Text};
use crate::columns::Purpose;
use crate::error::{Error, Result};
use crate::options::{self, Options};
use crate::words::brief;

/// The layout of rows, known by the names of their columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Nested,
    Fields,
    Subfields,
}

impl Layout {
    pub(super) fn of(schema: &Schema) -> Result<Layout> {
        let has = |name: &&str| schema.column_with_name(name).is_some();
        let layout = match () {
            () if has(&"fields") => Layout::Nested,
            () if has(&"subfields") => Layout::Fields,
            () => Layout::Subfields,
        };
        if layout.needs().iter().all(has) {
            return Ok(layout);
        }
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Err(Error::Argument(format!(
            "records need the column fields, or the columns of layout fields or subfields; there are {}; keep those \
             columns, or read whole records",
            brief(&names)
        )))
    }

    fn needs(self) -> &'static [&'static str] {
        match self {
            Layout::Nested => &["fields"],
            Layout::Fields => &["record", "tag", "ind1", "ind2", "value", "subfields"],
            Layout::Subfields => &["record", "field", "tag", "ind1", "ind2", "code", "value"],
        }
    }
}

/// A column of nulls, or of lists of them, in the type of the layouts; `None` for any other. Libraries give such columns
/// no other type.
fn typed(name: &str, array: &dyn Array) -> Result<Option<ArrayRef>> {
    let layout = if name == "fields" { options::Layout::Nested } else { options::Layout::Fields };
    let schema = Purpose::Columns.schema(&Options::default().layout(layout));
    let DataType::List(element) = schema.field_with_name(name)?.data_type() else { return Ok(None) };
    Ok(match array.data_type() {
        DataType::Null => Some(new_null_array(&DataType::List(element.clone()), array.len())),
        DataType::List(of) if of.data_type() == &DataType::Null => {
            Some(lists_of_nulls(array.as_list::<i32>(), element)?)
        }
        DataType::LargeList(of) if of.data_type() == &DataType::Null => {
            Some(lists_of_nulls(array.as_list::<i64>(), element)?)
        }
        _ => None,
    })
}

fn lists_of_nulls<O: OffsetSizeTrait>(lists: &GenericListArray<O>, element: &FieldRef) -> Result<ArrayRef> {
    let values = new_null_array(element.data_type(), lists.values().len());
    let (offsets, nulls) = (lists.offsets().clone(), lists.nulls().cloned());
    Ok(Arc::new(GenericListArray::try_new(element.clone(), offsets, values, nulls)?))
}

/// Arrays with names: the columns of a batch, or the members of structs in it.
pub(super) struct Named<'a> {
    /// `fields.` for the members of the structs in `fields`.
    prefix: &'static str,
    arrays: StructArray,
    /// The row of the stream that a row of these arrays is in.
    row: Box<dyn Fn(usize) -> u64 + 'a>,
}

impl<'a> Named<'a> {
    /// The columns of a batch whose first row has this number.
    pub(super) fn of(batch: &RecordBatch, first_row: u64) -> Named<'a> {
        let row = Box::new(move |row| first_row + row as u64);
        Named { prefix: "", arrays: StructArray::from(batch.clone()), row }
    }

    pub(super) fn text(&self, name: &str) -> Result<Text> {
        let array = self.array(name)?;
        let text = Text::of(array).ok_or_else(|| self.wrong_type(name, array, "text", "a string"))?;
        let text = match self.arrays.nulls() {
            Some(nulls) => Text::Of(nulls.clone(), text.into()),
            None => text,
        };
        match text.first_that_is_no_text() {
            None => Ok(text),
            Some(row) => Err(Error::Argument(format!(
                "row {}, column {}{name}: bytes that are not UTF-8 in a column of text",
                (self.row)(row),
                self.prefix
            ))),
        }
    }

    pub(super) fn text_if_any(&self, name: &str) -> Result<Option<Text>> {
        self.arrays.column_by_name(name).map(|_| self.text(name)).transpose()
    }

    pub(super) fn numbers(&self, name: &str) -> Result<Numbers> {
        let array = self.array(name)?;
        Numbers::of(array).ok_or_else(|| self.wrong_type(name, array, "whole numbers", "int64"))
    }

    pub(super) fn numbers_if_any(&self, name: &str) -> Option<Numbers> {
        self.arrays.column_by_name(name).and_then(|array| Numbers::of(array))
    }

    pub(super) fn lists(&self, name: &str) -> Result<Lists> {
        let array = self.array(name)?;
        let typed = typed(name, array)?;
        let lists = Lists::of(typed.as_deref().unwrap_or(array));
        let lists = lists.filter(|lists| lists.values.as_struct_opt().is_some());
        lists.ok_or_else(|| self.wrong_type(name, array, "lists of structs", "those"))
    }

    /// The members of the structs in these lists.
    pub(super) fn members<'b>(&'b self, lists: &'b Lists, prefix: &'static str) -> Named<'b> {
        let row = Box::new(|row| (self.row)(lists.list_of(row)));
        Named { prefix, arrays: lists.values.as_struct().clone(), row }
    }

    fn array(&self, name: &str) -> Result<&dyn Array> {
        let array = self.arrays.column_by_name(name).map(|array| array.as_ref());
        array.ok_or_else(|| Error::Argument(format!("there is no {}{name}, which records need", self.prefix)))
    }

    fn wrong_type(&self, name: &str, array: &dyn Array, wanted: &str, cast: &str) -> Error {
        let (prefix, found) = (self.prefix, array.data_type().to_string());
        Error::Argument(format!(
            "the column {prefix}{name} is {} instead of {wanted}; cast it to {cast}",
            brief(&found)
        ))
    }
}
