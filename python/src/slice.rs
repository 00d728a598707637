//! Rows that are a slice of more: the number of their own bytes, and a copy without the others.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, GenericListArray, LargeStringArray, OffsetSizeTrait, RecordBatch, RecordBatchOptions,
    StructArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, FieldRef};

/// The number of bytes of an array's own values: for lists, of their elements; for views, of what they point to.
pub(crate) fn bytes_of(array: &ArrayRef) -> usize {
    let nulls = array.nulls().map_or(0, |_| array.len().div_ceil(8));
    match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            nulls + list.offsets().inner().inner().len() + bytes_of(&elements(list))
        }
        DataType::Struct(_) => nulls + array.as_struct().columns().iter().map(bytes_of).sum::<usize>(),
        DataType::Utf8View => {
            let views = array.as_string_view();
            nulls + size_of_val(&views.views()[..]) + views.total_buffer_bytes_used()
        }
        _ => array.to_data().get_slice_memory_size().unwrap_or_default(),
    }
}

/// Copies the rows so that view buffers hold only their own bytes; the IPC writer trims all other buffers itself.
pub(crate) fn alone(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().map(alone_in_array).collect::<Result<_, _>>()?;
    let row_count = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &row_count)
}

fn alone_in_array(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let nulls = array.nulls().cloned();
    Ok(match array.data_type() {
        DataType::List(element) => Arc::new(list_alone(array.as_list::<i32>(), element, nulls)?),
        DataType::LargeList(element) => Arc::new(list_alone(array.as_list::<i64>(), element, nulls)?),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns().iter().map(alone_in_array).collect::<Result<_, _>>()?;
            Arc::new(StructArray::try_new(fields.clone(), columns, nulls)?)
        }
        DataType::Utf8View => Arc::new(array.as_string_view().gc()),
        DataType::LargeUtf8 => {
            let text = array.as_string::<i64>();
            let (first, last) = ends(text.offsets());
            let offsets = OffsetBuffer::from_lengths(text.offsets().lengths());
            Arc::new(LargeStringArray::try_new(
                offsets,
                text.values().slice_with_length(first, last - first),
                nulls,
            )?)
        }
        _ => array.clone(),
    })
}

fn list_alone<O: OffsetSizeTrait>(
    list: &GenericListArray<O>,
    element: &FieldRef,
    nulls: Option<NullBuffer>,
) -> Result<GenericListArray<O>, ArrowError> {
    let offsets = OffsetBuffer::from_lengths(list.offsets().lengths());
    GenericListArray::try_new(element.clone(), offsets, alone_in_array(&elements(list))?, nulls)
}

/// The elements of a list array's own rows.
fn elements<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> ArrayRef {
    let (first, last) = ends(list.offsets());
    list.values().slice(first, last - first)
}

/// Where the first value begins, and where the last one ends.
fn ends<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>) -> (usize, usize) {
    let [first, last] = [offsets.first(), offsets.last()].map(|it| it.map_or(0, |it| it.as_usize()));
    (first, last)
}
