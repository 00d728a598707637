//! `Table.records()`: the rows of a table as records.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use mrrc::internals::record::Tell;
use mrrc::rows::{Pieces, Records};
use mrrc::{Error, RecordBuf};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use super::classes;
use super::objects::Objects;
use super::record::Record;
use crate::error::exception;

/// An iterator over the records that the rows of a `Table` hold.
#[pyclass(module = "mrrc", frozen)]
pub(crate) struct TableRecords(Mutex<Place>);

/// The next record.
struct Place {
    pieces: Pieces<Box<dyn Iterator<Item = Result<RecordBatch, Error>> + Send>>,
    records: Option<Arc<Records>>,
    next: usize,
}

impl TableRecords {
    /// The batches have to have the columns of one of the layouts.
    pub(crate) fn new(py: Python<'_>, schema: &Schema, batches: Vec<RecordBatch>) -> PyResult<TableRecords> {
        let batches = batches.into_iter().map(Ok);
        let pieces = Pieces::of(schema, Box::new(batches) as _).map_err(|error| exception(py, error))?;
        Ok(TableRecords(Mutex::new(Place { pieces, records: None, next: 0 })))
    }
}

#[pymethods]
impl TableRecords {
    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.clone()
    }

    pub(crate) fn __next__(&self, py: Python<'_>) -> PyResult<Option<Record>> {
        let next = {
            let mut place = self.0.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
            place.advance().map_err(|error| exception(py, error))?
        };
        next.map(|(records, place)| record(py, &records, place)).transpose()
    }
}

impl Place {
    /// The next record: its place among the records of a piece.
    fn advance(&mut self) -> Result<Option<(Arc<Records>, usize)>, Error> {
        loop {
            if let Some(records) = self.records.as_ref().filter(|records| self.next < records.len()) {
                let next = (records.clone(), self.next);
                self.next += 1;
                return Ok(Some(next));
            }
            let Some(piece) = self.pieces.next_piece()? else { return Ok(None) };
            (self.records, self.next) = (Some(Arc::new(piece.records()?)), 0);
        }
    }
}

fn record(py: Python<'_>, records: &Records, place: usize) -> PyResult<Record> {
    let record = records.get(place).ok_or_else(|| PyValueError::new_err("there is no such record"))?;
    let record = record.map_err(|error| PyValueError::new_err(error.to_string()))?;
    let usual = RecordBuf::default().leader().0.map(char::from);
    let leader = record.leader_text().map_or_else(|| usual.iter().collect(), str::to_owned);
    let leader = classes::leader(py)?.call1((leader,))?;
    let mut objects = Objects::new(py, 32);
    record.tell(&mut objects)?;
    Ok(Record::of_fields(leader, objects.finish()?))
}
