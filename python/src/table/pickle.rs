//! A `Table` in a pickle: its batches and its accounts as IPC streams, with a checksum.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use super::Table;
use crate::accounts::Book;
use crate::guard::guarded;
use crate::slice::alone;

#[pymethods]
impl Table {
    /// Pickles as Arrow IPC streams and their checksum.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, table) = (slf.py(), slf.get());
        let pickled = |schema: &SchemaRef, batches: &[RecordBatch]| -> PyResult<Bound<'py, PyBytes>> {
            let bytes = ipc(schema, batches).map_err(|error| PyValueError::new_err(error.to_string()))?;
            Ok(PyBytes::new(py, &bytes))
        };
        let mut streams = vec![pickled(&table.schema, &table.batches)?];
        if let Some(book) = table.book() {
            for batch in [&book.sources, &book.findings, &book.diagnostics, &book.rejects] {
                streams.push(pickled(&batch.schema(), std::slice::from_ref(batch))?);
            }
        }
        let checksum = checksum(py, &streams)?;
        let said = table.book().map(|book| (&book.summary, book.is_whole));
        let arguments = (streams, said, checksum).into_pyobject(py)?;
        Ok((py.import("mrrc._mrrc")?.getattr("_table_from_ipc")?, arguments))
    }
}

fn ipc(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<u8>, ArrowError> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, schema)?;
    batches.iter().try_for_each(|batch| writer.write(&alone(batch)?))?;
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

/// The CRC-32 of concatenated streams.
fn checksum<'py>(py: Python<'py>, streams: &[Bound<'py, PyBytes>]) -> PyResult<u32> {
    let crc32 = py.import("zlib")?.getattr("crc32")?;
    streams.iter().try_fold(0, |before, stream| crc32.call1((stream, before))?.extract())
}

/// Makes a Table from a pickle. The streams are read only if they are what was pickled, because the IPC reader trusts
/// the numbers in them.
#[pyfunction]
pub(crate) fn _table_from_ipc<'py>(
    py: Python<'py>,
    streams: Vec<Bound<'py, PyBytes>>,
    said: Option<(String, bool)>,
    pickled_checksum: u32,
) -> PyResult<Table> {
    if checksum(py, &streams)? != pickled_checksum {
        return Err(PyValueError::new_err("the pickled Table is damaged: its checksum does not agree"));
    }
    let read = |bytes: &Bound<'_, PyBytes>| -> Result<(SchemaRef, Vec<RecordBatch>), ArrowError> {
        let reader = StreamReader::try_new(bytes.as_bytes(), None)?;
        Ok((reader.schema(), reader.collect::<Result<_, _>>()?))
    };
    let one = |bytes: &Bound<'_, PyBytes>| -> Result<RecordBatch, ArrowError> {
        let (schema, batches) = read(bytes)?;
        Ok(batches.into_iter().next().unwrap_or_else(|| RecordBatch::new_empty(schema)))
    };
    let made = || -> Result<Option<Table>, ArrowError> {
        let (data, book) = match (streams.as_slice(), said) {
            ([data], None) => (data, None),
            ([data, sources, findings, diagnostics, rejects], Some((summary, is_whole))) => {
                let book = Book {
                    summary,
                    is_whole,
                    sources: one(sources)?,
                    findings: one(findings)?,
                    diagnostics: one(diagnostics)?,
                    rejects: one(rejects)?,
                };
                (data, Some(Arc::new(book)))
            }
            _ => return Ok(None),
        };
        let (schema, batches) = read(data)?;
        Ok(Some(Table::new(schema, batches, book)))
    };
    let table = guarded(made).map_err(|error| PyValueError::new_err(error.to_string()))?;
    table.ok_or_else(|| PyValueError::new_err("the pickled Table is damaged: its parts are not all there"))
}
