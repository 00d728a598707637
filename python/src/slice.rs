//! Rows that are a slice of more: the number of their own bytes, and a copy without the others.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, RecordBatchOptions, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType};

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
        DataType::List(element) => {
            let list = array.as_list::<i32>();
            let offsets = OffsetBuffer::from_lengths(list.offsets().lengths());
            let elements = alone_in_array(&elements(list))?;
            Arc::new(ListArray::try_new(element.clone(), offsets, elements, nulls)?)
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns().iter().map(alone_in_array).collect::<Result<_, _>>()?;
            Arc::new(StructArray::try_new(fields.clone(), columns, nulls)?)
        }
        DataType::Utf8View => Arc::new(array.as_string_view().gc()),
        _ => array.clone(),
    })
}

/// The elements of a list array's own rows.
fn elements(list: &ListArray) -> ArrayRef {
    let (first, last) = (list.offsets()[0] as usize, list.offsets()[list.len()] as usize);
    list.values().slice(first, last - first)
}
