//! Binary Python file objects as sources: anything with a `read` method, or what opens such an object.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use mrrc::{Open, ReadAt};
use pyo3::exceptions::{PyBlockingIOError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView, PyType};

use crate::cpython::{call_method0, call_method1};
use crate::reads::Shared;
use crate::turn::Turn;

/// What is wrong if an object is asked for while it answers.
const READ_BY_ITSELF: &str = "the file object reads the Scan that it is read by";

/// A binary file object: read from its current position, and again if it can seek.
pub(crate) struct FileObject {
    pub(crate) file: Shared,
    /// Its position when it was passed; `None` if it cannot seek.
    position: Option<u64>,
    name: Option<String>,
    opened: AtomicBool,
    place: Arc<Place>,
    /// Seeking is free, so the caller may move it too.
    is_of_io: bool,
}

/// Where an object was left by its last reader in this package: several reads may share it.
#[derive(Default)]
struct Place {
    turn: Turn,
    left_at: Mutex<Option<u64>>,
}

impl Place {
    /// The place of the object at this address, which must be alive; all its readers share it.
    fn of(address: usize) -> Arc<Place> {
        static PLACES: Mutex<Vec<(usize, Weak<Place>)>> = Mutex::new(Vec::new());
        let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|(_, place)| place.strong_count() > 0);
        let known = places.iter().find(|(its, _)| *its == address).and_then(|(_, place)| place.upgrade());
        known.unwrap_or_else(|| {
            let place = Arc::default();
            places.push((address, Arc::downgrade(&place)));
            place
        })
    }

    /// The result of the object's `read` for this number of bytes, at a position if it can seek.
    fn read<'py>(
        &self,
        py: Python<'py>,
        file: &Py<PyAny>,
        position: Option<u64>,
        is_of_io: bool,
        size: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let _turn = self.turn.take(py, READ_BY_ITSELF)?;
        let left_at = self.left_at().take();
        if let Some(position) = position
            && (is_of_io || left_at != Some(position))
        {
            call_method1(file.bind(py), intern!(py, "seek"), position)?;
        }
        let bytes = given(&call_method1(file.bind(py), intern!(py, "read"), size)?)?;
        *self.left_at() = position.map(|position| position + bytes.as_bytes().len() as u64);
        Ok(bytes)
    }

    /// Locked only briefly, never while Python runs.
    fn left_at(&self) -> MutexGuard<'_, Option<u64>> {
        self.left_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileObject {
    pub(crate) fn new(file: &Bound<'_, PyAny>) -> PyResult<FileObject> {
        let can_seek = file.call_method0("seekable").and_then(|answer| answer.is_truthy()).unwrap_or(false);
        let position = if can_seek { Some(file.call_method0("tell")?.extract()?) } else { None };
        Ok(FileObject {
            position,
            name: name(file),
            opened: false.into(),
            place: Place::of(file.as_ptr() as usize),
            is_of_io: file.get_type().module()? == "_io",
            file: Arc::new(file.clone().unbind()),
        })
    }
}

/// Its name, under one of the attributes that libraries use: open(), s3fs, pyarrow, urllib.
pub(crate) fn name(file: &Bound<'_, PyAny>) -> Option<String> {
    ["name", "full_name", "path", "url"]
        .iter()
        .find_map(|name| file.getattr(*name).ok()?.extract().ok())
        .filter(|name: &String| !name.is_empty())
}

impl Open for FileObject {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let again = self.opened.swap(true, Ordering::Relaxed);
        if again && self.position.is_none() {
            return Err(PyValueError::new_err(
                "this file object cannot seek, so it can be read only once; read it into a Table with read_arrow",
            )
            .into());
        }
        // Others may have moved it since.
        *self.place.left_at() = None;
        Ok(Box::new(Reading {
            file: self.file.clone(),
            position: self.position,
            place: self.place.clone(),
            is_of_io: self.is_of_io,
            rest: io::Cursor::default(),
        }))
    }

    fn name(&self) -> Option<String> {
        self.name.clone()
    }

    fn at_any_place(&self) -> io::Result<Option<Arc<dyn ReadAt>>> {
        let Some(begin) = self.position else { return Ok(None) };
        let (file, place, is_of_io) = (self.file.clone(), self.place.clone(), self.is_of_io);
        Ok(Some(Arc::new(Seekable { file, begin, place, is_of_io })))
    }
}

/// A file object that can seek, from where it stood when it was passed.
struct Seekable {
    file: Shared,
    begin: u64,
    place: Arc<Place>,
    is_of_io: bool,
}

impl ReadAt for Seekable {
    fn size(&self) -> io::Result<u64> {
        Python::attach(|py| {
            let _turn = self.place.turn.take(py, READ_BY_ITSELF)?;
            *self.place.left_at() = None;
            let end: u64 = self.file.bind(py).call_method1(intern!(py, "seek"), (0, 2))?.extract()?;
            Ok(end.saturating_sub(self.begin))
        })
        .map_err(|error: PyErr| error.into())
    }

    fn read_at(&self, offset: u64, room: &mut [u8]) -> io::Result<usize> {
        Python::attach(|py| {
            let position = Some(self.begin + offset);
            let bytes = self.place.read(py, &self.file, position, self.is_of_io, room.len())?;
            let count = bytes.as_bytes().len().min(room.len());
            room[..count].copy_from_slice(&bytes.as_bytes()[..count]);
            Ok(count)
        })
        .map_err(|error: PyErr| error.into())
    }
}

/// What is not open yet: fsspec's `OpenFile`, or a path in an archive or a store, such as `zipfile.Path`.
///
/// Each read opens and closes it, so a list may have more of them than can be open at once.
pub(crate) struct Unopened {
    pub(crate) file: Shared,
    name: Option<String>,
}

impl Unopened {
    pub(crate) fn new(file: &Bound<'_, PyAny>) -> PyResult<Unopened> {
        // The path of an archive in memory has no text.
        let path = if is_path(file)? { file.str().ok() } else { None };
        let name = path.map_or_else(|| name(file), |path| Some(path.to_string()));
        Ok(Unopened { file: Arc::new(file.clone().unbind()), name })
    }
}

/// Whether an object is not open yet, and no path of this machine.
pub(crate) fn is_unopened(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_other = object.is_instance_of::<PyType>() || object.hasattr("read")? || !object.hasattr("open")?;
    Ok(!is_other && (is_path(object)? || object.hasattr("fs")? && object.hasattr("mode")?))
}

/// Whether it is like a path of pathlib, but not one that `open()` takes.
fn is_path(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.hasattr("read_bytes")? && !object.hasattr("__fspath__")?)
}

/// A file object that its caller closes.
pub(crate) fn opened<'py>(unopened: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match is_path(unopened)? {
        true => call_method1(unopened, intern!(unopened.py(), "open"), "rb"),
        false => call_method0(unopened, intern!(unopened.py(), "open")),
    }
}

impl Open for Unopened {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Python::attach(|py| {
            let file = Arc::new(opened(self.file.bind(py))?.unbind());
            Ok(Box::new(Opened(Reading {
                file,
                position: None,
                place: Arc::default(),
                is_of_io: false,
                rest: io::Cursor::default(),
            })) as Box<dyn Read + Send>)
        })
        .map_err(|error: PyErr| error.into())
    }

    fn name(&self) -> Option<String> {
        self.name.clone()
    }
}

/// A reading of a file object that was opened for it.
struct Opened(Reading);

impl Read for Opened {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.0.read(room)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        Python::try_attach(|py| {
            let file = self.0.file.bind(py);
            if let Err(error) = call_method0(file, intern!(py, "close")) {
                error.write_unraisable(py, Some(file));
            }
        });
    }
}

/// One reading of a file object. It keeps its own position, so that other readings may share the object.
struct Reading {
    file: Shared,
    position: Option<u64>,
    place: Arc<Place>,
    is_of_io: bool,
    /// Bytes returned beyond those requested.
    rest: io::Cursor<Vec<u8>>,
}

impl Reading {
    /// The result of `read` for this number of bytes.
    fn answer<'py>(&mut self, py: Python<'py>, size: usize) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.place.read(py, &self.file, self.position, self.is_of_io, size)?;
        self.position = self.position.map(|position| position + bytes.as_bytes().len() as u64);
        Ok(bytes)
    }
}

/// The result of `read`, as bytes.
fn given<'py>(answer: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if answer.is_none() {
        return Err(PyBlockingIOError::new_err(
            "read() gave None: the file is in non-blocking mode and had nothing yet; open it in blocking mode",
        ));
    }
    if let Ok(bytes) = answer.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    match PyMemoryView::from(answer) {
        Ok(view) => bytes(&view),
        Err(_) => Err(PyTypeError::new_err(format!(
            "read() returned {} instead of bytes; open the file in binary mode (\"rb\")",
            answer.get_type().name()?
        ))),
    }
}

/// The bytes of any buffer, copied in logical order.
pub(crate) fn bytes<'py>(view: &Bound<'py, PyMemoryView>) -> PyResult<Bound<'py, PyBytes>> {
    let format: String = view.getattr("format")?.extract()?;
    if format.contains('O') {
        return Err(PyTypeError::new_err("an array of Python objects has no bytes of its own to read"));
    }
    Ok(view.call_method0("tobytes")?.cast_into()?)
}

impl Read for Reading {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let left = self.rest.read(room)?;
        if left > 0 || room.is_empty() {
            return Ok(left);
        }
        Python::attach(|py| {
            let bytes = self.answer(py, room.len())?;
            let (now, rest) = bytes.as_bytes().split_at(bytes.as_bytes().len().min(room.len()));
            room[..now.len()].copy_from_slice(now);
            self.rest = io::Cursor::new(rest.to_vec());
            Ok(now.len())
        })
        // Wrapped: an InterruptedError would be taken for a signal, and retried.
        .map_err(|error: PyErr| io::Error::other(error))
    }
}
