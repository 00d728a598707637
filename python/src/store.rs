//! Objects in stores as sources; `mrrc._store` knows addresses and makes the requests.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use mrrc::accounts::Code;
use mrrc::{Open, ReadAt, SourceError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};

use crate::cpython::{call_method0, call_method1};
use crate::reads::Shared;

/// An object in a store.
pub(crate) struct Stored {
    pub(crate) object: Shared,
    name: String,
}

impl Stored {
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Stored> {
        let name = object.getattr(intern!(object.py(), "name"))?.extract()?;
        Ok(Stored { object: Arc::new(object.clone().unbind()), name })
    }

    /// What `mrrc._store` makes of the object.
    fn made(&self, method: &str) -> io::Result<Py<PyAny>> {
        Python::attach(|py| Ok(self.object.bind(py).call_method0(method)?.unbind()))
            .map_err(|error: PyErr| error.into())
    }
}

/// Whether it is what `mrrc._store` has for an object in a store.
pub(crate) fn is_stored(argument: &Bound<'_, PyAny>) -> PyResult<bool> {
    let modules = argument.py().import(intern!(argument.py(), "sys"))?.getattr("modules")?;
    // As long as nobody has imported it, there are none.
    match modules.call_method1("get", ("mrrc._store",))? {
        module if module.is_none() => Ok(false),
        module => argument.is_instance(&module.getattr("Object")?),
    }
}

impl Open for Stored {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Reading { reading: self.made("reading")?, position: 0 }))
    }

    fn name(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn known_size(&self) -> Option<u64> {
        Python::attach(|py| self.object.bind(py).getattr(intern!(py, "size")).ok()?.extract().ok()?)
    }

    fn at_any_place(&self) -> io::Result<Option<Arc<dyn ReadAt>>> {
        Ok(Some(Arc::new(Nearby(self.made("nearby")?))))
    }
}

/// The bytes of an object at any place.
struct Nearby(Py<PyAny>);

impl ReadAt for Nearby {
    fn size(&self) -> io::Result<u64> {
        Python::attach(|py| self.0.bind(py).getattr(intern!(py, "size"))?.extract())
            .map_err(|error: PyErr| failure(error, 0))
    }

    fn read_at(&self, offset: u64, room: &mut [u8]) -> io::Result<usize> {
        Python::attach(|py| {
            let given = self.0.bind(py).call_method1(intern!(py, "read_at"), (offset, room.len()))?;
            Ok(put(given.cast::<PyBytes>()?, room))
        })
        .map_err(|error: PyErr| failure(error, offset))
    }

    fn read_part(self: Arc<Self>, part: Range<u64>) -> io::Result<Box<dyn Read + Send>> {
        let reading = Python::attach(|py| {
            let name = intern!(py, "reading");
            Ok(self.0.bind(py).call_method1(name, (part.start, part.end))?.unbind())
        });
        let reading = reading.map_err(|error: PyErr| failure(error, part.start))?;
        Ok(Box::new(Reading { reading, position: part.start }))
    }
}

/// The bytes of an object in their order, some of which are fetched ahead.
struct Reading {
    reading: Py<PyAny>,
    position: u64,
}

impl Read for Reading {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        Python::attach(|py| {
            let given = call_method1(self.reading.bind(py), intern!(py, "read"), room.len())?;
            if given.is_none() {
                return Ok(Err(io::ErrorKind::Interrupted.into()));
            }
            let count = put(given.cast::<PyBytes>()?, room);
            self.position += count as u64;
            Ok(Ok(count))
        })
        .unwrap_or_else(|error: PyErr| Err(failure(error, self.position)))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        Python::try_attach(|py| {
            let reading = self.reading.bind(py);
            if let Err(error) = call_method0(reading, intern!(py, "close")) {
                error.write_unraisable(py, Some(reading));
            }
        });
    }
}

fn put(given: &Bound<'_, PyBytes>, room: &mut [u8]) -> usize {
    let count = given.as_bytes().len().min(room.len());
    room[..count].copy_from_slice(&given.as_bytes()[..count]);
    count
}

/// The error of a request; that an object was replaced is one of the source.
fn failure(error: PyErr, offset: u64) -> io::Error {
    let is_changed = Python::attach(|py| {
        let changed = py.import("mrrc._store").and_then(|it| it.getattr("Changed"));
        changed.is_ok_and(|it| {
            it.cast_into::<PyType>().is_ok_and(|it| error.get_type(py).is_subclass(&it).unwrap_or(false))
        })
    });
    match is_changed {
        true => {
            io::Error::other(SourceError::new(Code::SourceChanged, offset, "another version of the object"))
        }
        false => error.into(),
    }
}
