//! What Python calls a source, as [`mrrc::Source`]: paths, globs, bytes, file objects, and lists of them.

use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mrrc::Source;
use mrrc::io::Open;
use pyo3::exceptions::{PyBlockingIOError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyList, PyMemoryView, PyString, PyTuple, PyType};

use crate::address;
use crate::error::exception;
use crate::options::Argument;
use crate::scan::Scan;

/// The argument as it is now: others may write into its bytes, or change its list, while it is read.
pub(crate) fn settled<'py>(argument: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = argument.py();
    if argument.is_instance_of::<PyList>() || argument.is_instance_of::<PyTuple>() {
        let items = argument.try_iter()?.map(|item| settled(&item?)).collect::<PyResult<Vec<_>>>()?;
        return Ok(PyList::new(py, items)?.into_any());
    }
    let is_other = argument.is_instance_of::<PyBytes>() || is_path(argument)? || is_file(argument)?;
    match PyMemoryView::from(argument) {
        Ok(view) if !is_other => bytes(&view),
        _ => Ok(argument.clone()),
    }
}

fn is_path(argument: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(argument.is_instance_of::<PyString>() || argument.hasattr("__fspath__")?)
}

/// Something that `read` can be asked of; a class, or a Scan, has a `read` of another kind.
fn is_file(argument: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_other = argument.is_instance_of::<PyType>() || argument.is_instance_of::<Scan>();
    Ok(!is_other && argument.hasattr("read")?)
}

/// The bytes of any buffer, copied in its own order.
fn bytes<'py>(view: &Bound<'py, PyMemoryView>) -> PyResult<Bound<'py, PyAny>> {
    let format: String = view.getattr("format")?.extract()?;
    if format.contains('O') {
        return Err(PyTypeError::new_err("an array of Python objects has no bytes of its own to read"));
    }
    view.call_method0("tobytes")
}

/// The sources that a settled argument names, and whether rows should say which one they are from.
pub(crate) fn sources(argument: &Bound<'_, PyAny>) -> PyResult<(Vec<Source>, bool)> {
    if argument.is_instance_of::<PyList>() {
        let mut all = Vec::new();
        for item in argument.try_iter()? {
            all.extend(one(&item?)?.0);
        }
        if all.is_empty() {
            return Err(PyValueError::new_err("the list of sources is empty; name at least one file"));
        }
        return Ok((all, true));
    }
    one(argument)
}

fn one(argument: &Bound<'_, PyAny>) -> PyResult<(Vec<Source>, bool)> {
    let py = argument.py();
    if let Ok(bytes) = argument.cast::<PyBytes>() {
        return Ok((vec![Source::bytes(PyBackedBytes::from(bytes.clone()))], false));
    }
    if is_path(argument)? {
        let path = address::read_from(Argument::new("source", argument.clone()).path()?)?;
        let found = expand(py, &path)?;
        let is_glob = !path.exists();
        return Ok((found, is_glob));
    }
    if is_file(argument)? {
        return Ok((vec![Source::opener(Arc::new(FileObject::new(argument)?))], false));
    }
    Err(PyTypeError::new_err(format!(
        "a source is a path, a glob, bytes, a binary file object, or one list of these; not {}",
        argument.get_type().name()?
    )))
}

/// The files that a path or glob names; signals are answered while folders are searched.
fn expand(py: Python<'_>, path: &Path) -> PyResult<Vec<Source>> {
    let mut answer = Ok(());
    let mut goes_on = || {
        answer = Python::attach(|py| py.check_signals());
        answer.is_ok()
    };
    let found = py.detach(|| Source::expand_while(path, &mut goes_on));
    answer?;
    found.map_err(|error| exception(py, error.into()))
}

/// A binary file object: read from where it stood, again and again if it can seek.
struct FileObject {
    file: Py<PyAny>,
    /// Where it stood; none if it cannot seek.
    position: Option<u64>,
    name: Option<String>,
    opened: AtomicBool,
    /// Held by whoever moves it: several readings may share it.
    turn: Arc<Mutex<()>>,
}

impl FileObject {
    fn new(file: &Bound<'_, PyAny>) -> PyResult<FileObject> {
        let can_seek = file.call_method0("seekable").and_then(|answer| answer.is_truthy()).unwrap_or(false);
        let position = if can_seek { Some(file.call_method0("tell")?.extract()?) } else { None };
        let name = file.getattr("name").ok().and_then(|name| name.extract().ok());
        Ok(FileObject {
            file: file.clone().unbind(),
            position,
            name,
            opened: false.into(),
            turn: Arc::default(),
        })
    }
}

impl Open for FileObject {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let again = self.opened.swap(true, Ordering::Relaxed);
        if again && self.position.is_none() {
            return Err(PyValueError::new_err(
                "this file object cannot seek, so it can be read once only; read it into a Table with read_arrow",
            )
            .into());
        }
        let file = Python::attach(|py| self.file.clone_ref(py));
        Ok(Box::new(Reading {
            file,
            position: self.position,
            turn: self.turn.clone(),
            rest: io::Cursor::default(),
        }))
    }

    fn name(&self) -> Option<String> {
        self.name.clone()
    }
}

/// One reading of a file object. It knows its own place, so that others may read the same object meanwhile.
struct Reading {
    file: Py<PyAny>,
    position: Option<u64>,
    turn: Arc<Mutex<()>>,
    /// What it gave beyond what it was asked for.
    rest: io::Cursor<Vec<u8>>,
}

impl Reading {
    /// What `read` gives when it is asked for so many bytes.
    fn answer<'py>(&mut self, py: Python<'py>, size: usize) -> PyResult<Bound<'py, PyBytes>> {
        let _turn = self.turn.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        if let Some(position) = self.position {
            self.file.call_method1(py, "seek", (position,))?;
        }
        let got = self.file.bind(py).call_method1("read", (size,))?;
        if got.is_none() {
            return Err(PyBlockingIOError::new_err(
                "read() gave None: the file is in non-blocking mode and had nothing yet; open it in blocking mode",
            ));
        }
        let got = match PyMemoryView::from(&got) {
            Ok(view) if !got.is_instance_of::<PyBytes>() => bytes(&view)?,
            _ => got,
        };
        let bytes = got.cast_into::<PyBytes>().map_err(|other| {
            let name = other.into_inner().get_type().name().map(|name| name.to_string());
            PyTypeError::new_err(format!(
                "read() gave {} where bytes were expected; open the file in binary mode (\"rb\")",
                name.unwrap_or_default()
            ))
        })?;
        self.position = self.position.map(|position| position + bytes.as_bytes().len() as u64);
        Ok(bytes)
    }
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
        // Whatever it is: an InterruptedError of its own is not a signal to be waited out.
        .map_err(|error: PyErr| io::Error::other(error))
    }
}
