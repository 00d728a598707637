//! `Table.records()`: the rows of a table as records, whose fields are made when they are looked at.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use mrrc::internals::record::{Tell, Value, Visit};
use mrrc::rows::{Pieces, Records, RowRecord};
use mrrc::{Error, RecordBuf};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyList;

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
        next.map(|row| Ok(Record::of_row(py, row.checked()?))).transpose()
    }
}

impl Place {
    /// The next record.
    fn advance(&mut self) -> Result<Option<Row>, Error> {
        loop {
            if let Some(records) = self.records.as_ref().filter(|records| self.next < records.len()) {
                let next = Row { records: records.clone(), place: self.next };
                self.next += 1;
                return Ok(Some(next));
            }
            let Some(piece) = self.pieces.next_piece()? else { return Ok(None) };
            (self.records, self.next) = (Some(Arc::new(piece.records()?)), 0);
        }
    }
}

/// A record in the rows of a table.
#[derive(Clone)]
pub(super) struct Row {
    records: Arc<Records>,
    place: usize,
}

impl Row {
    /// An error if the rows make no record: then, nothing else is asked.
    fn checked(self) -> PyResult<Row> {
        match self.records.get(self.place) {
            Some(Err(error)) => Err(PyValueError::new_err(error.to_string())),
            _ => Ok(self),
        }
    }

    fn record(&self) -> PyResult<RowRecord<'_>> {
        self.records.sound(self.place).ok_or_else(|| PyValueError::new_err("there is no such record"))
    }

    /// The text of its leader, or of that of a new record.
    pub(super) fn leader(&self) -> PyResult<String> {
        let usual = || RecordBuf::default().leader().0.map(char::from).iter().collect();
        Ok(self.record()?.leader_text().map_or_else(usual, str::to_owned))
    }

    /// All its fields.
    pub(super) fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut objects = Objects::new(py, 32);
        self.record()?.tell(&mut objects)?;
        objects.finish()
    }

    /// The place of the first field at or after a place that is wanted: by its place and its tag.
    pub(super) fn find(
        &self,
        from: usize,
        is_wanted: impl Fn(usize, &[u8]) -> bool,
    ) -> PyResult<Option<usize>> {
        let is_wanted = |place, tag: &[u8]| place >= from && is_wanted(place, tag);
        Ok(self.record()?.tell(&mut Finding { next: 0, is_wanted }).err())
    }

    /// The number of its fields.
    pub(super) fn count(&self) -> PyResult<usize> {
        let mut none = Finding { next: 0, is_wanted: |_, _: &[u8]| false };
        Ok(self.record()?.tell(&mut none).err().unwrap_or(none.next))
    }

    /// The field at a place.
    pub(super) fn field<'py>(&self, py: Python<'py>, place: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        let mut only = Only { next: 0, place, objects: Objects::new(py, 1) };
        self.record()?.tell(&mut only)?;
        Ok(only.objects.finish()?.iter().next())
    }
}

/// Stops at a field, with its place.
struct Finding<F> {
    next: usize,
    is_wanted: F,
}

impl<F: Fn(usize, &[u8]) -> bool> Finding<F> {
    fn look(&mut self, tag: &str) -> Result<(), usize> {
        let place = self.next;
        self.next += 1;
        if (self.is_wanted)(place, tag.as_bytes()) { Err(place) } else { Ok(()) }
    }
}

impl<F: Fn(usize, &[u8]) -> bool> Visit for Finding<F> {
    type Stop = usize;

    fn control(&mut self, tag: &str, _: Value<'_>) -> Result<(), usize> {
        self.look(tag)
    }

    fn data(&mut self, tag: &str, _: [&str; 2], _: Option<Value<'_>>) -> Result<(), usize> {
        self.look(tag)
    }

    fn subfield(&mut self, _: &str, _: Value<'_>) -> Result<(), usize> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), usize> {
        Ok(())
    }
}

/// Makes one field of all.
struct Only<'py> {
    next: usize,
    place: usize,
    objects: Objects<'py>,
}

impl<'py> Only<'py> {
    /// What makes the current field, if it is the one.
    fn begun(&mut self) -> Option<&mut Objects<'py>> {
        self.next += 1;
        self.current()
    }

    fn current(&mut self) -> Option<&mut Objects<'py>> {
        (self.next == self.place + 1).then_some(&mut self.objects)
    }
}

impl Visit for Only<'_> {
    type Stop = PyErr;

    fn control(&mut self, tag: &str, data: Value<'_>) -> PyResult<()> {
        self.begun().map_or(Ok(()), |objects| objects.control(tag, data))
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> PyResult<()> {
        self.begun().map_or(Ok(()), |objects| objects.data(tag, indicators, stray))
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> PyResult<()> {
        self.current().map_or(Ok(()), |objects| objects.subfield(code, value))
    }

    fn end(&mut self) -> PyResult<()> {
        self.current().map_or(Ok(()), Visit::end)
    }
}
