//! Where a reader's bytes come from: what scripts pass, and whether it may be read ahead.

use mrrc::Source;
use mrrc::internals::io::Input;
use mrrc::internals::io::compression::Compression;
use pyo3::PyTraverseError;
use pyo3::exceptions::PyValueError;
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString, PyType};

use super::ahead::Ahead;
use crate::address;
use crate::cpython::{File, call_method0};
use crate::error::exception;
use crate::file::{is_unopened, opened};
use crate::options::Argument;

/// Where bytes come from.
#[derive(Default)]
pub(super) enum Origin {
    /// Nobody has said.
    #[default]
    Nowhere,
    /// An object from which only what is needed next is read.
    File(File),
    /// Bytes or a file, read ahead; `handle` gives what scripts expect as `file_handle`.
    Ahead { ahead: Box<Ahead>, handle: Handle },
}

/// What scripts gave, and expect as `file_handle`.
pub(super) enum Handle {
    Bytes(Py<PyBytes>),
    File(File),
    Path(Py<PyAny>),
}

impl Origin {
    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Origin::Nowhere => Ok(()),
            Origin::File(file) => visit.call(&**file),
            Origin::Ahead { ahead, handle } => {
                ahead.traverse(visit)?;
                match handle {
                    Handle::File(file) => visit.call(&**file),
                    Handle::Path(path) => visit.call(path),
                    Handle::Bytes(_) => Ok(()),
                }
            }
        }
    }

    /// What a script gave.
    pub(super) fn of(target: &Bound<'_, PyAny>) -> PyResult<Origin> {
        let py = target.py();
        if let Ok(bytes) = target.cast::<PyBytes>() {
            let handle = Handle::Bytes(bytes.clone().unbind());
            let ahead = match Compression::of(bytes.as_bytes()) {
                None => Ahead::of_bytes(bytes),
                Some(_) => {
                    Ahead::of_input(open(py, &Source::bytes(PyBackedBytes::from(bytes.clone())))?, None)
                }
            };
            return Ok(Origin::Ahead { ahead: Box::new(ahead), handle });
        }
        if target.is_instance_of::<PyByteArray>() || target.is_instance_of::<PyMemoryView>() {
            return Origin::of(&py.get_type::<PyBytes>().call1((target,))?);
        }
        if is_unopened(target)? {
            return Ok(Origin::File(File::new(opened(target)?)));
        }
        if target.is_instance_of::<PyString>() || target.hasattr("__fspath__")? {
            let path = Argument::new("marc_target", target.clone()).path()?;
            if let Some(address) = address::in_store(py, &path)? {
                return Err(PyValueError::new_err(format!(
                    "a reader is of a file of this machine; mrrc.scan({address:?}).records() reads from a store"
                )));
            }
            let path = address::read_from(&path)?;
            let name = Some(path.to_string_lossy().into());
            let ahead = Box::new(Ahead::of_input(open(py, &Source::path(path))?, name));
            return Ok(Origin::Ahead { ahead, handle: Handle::Path(target.clone().unbind()) });
        }
        warn_of_text(target)?;
        Ok(Origin::File(File::new(target.clone())))
    }
}

impl Handle {
    /// A file object, positioned after the last record that was returned.
    pub(super) fn file_at<'py>(&self, py: Python<'py>, ahead: &Ahead) -> PyResult<Bound<'py, PyAny>> {
        let opened = match self {
            Handle::File(file) => {
                let file = file.bind(py).clone();
                if !file.getattr("closed")?.is_truthy()? && ahead.unread() > 0 {
                    file.call_method1("seek", (-(ahead.unread() as i64), 1))?;
                }
                return Ok(file);
            }
            _ if ahead.is_compressed() => {
                return Err(PyValueError::new_err(
                    "a compressed source has no file_handle to read on from; decompress it, or open it and pass the file object",
                ));
            }
            Handle::Bytes(bytes) => py.import("io")?.call_method1("BytesIO", (bytes,))?,
            Handle::Path(path) => py.import("builtins")?.call_method1("open", (path, "rb"))?,
        };
        opened.call_method1("seek", (ahead.position(),))?;
        Ok(opened)
    }
}

/// Whether a file may be read ahead unnoticed: it is one of Python's own classes, can seek, and only the reader has
/// it, as in `MARCReader(open(path, "rb"))`. `file_handle` returns it at the position that scripts expect.
pub(super) fn is_read_ahead(file: &Bound<'_, PyAny>) -> PyResult<bool> {
    static CLASSES: PyOnceLock<Vec<Py<PyType>>> = PyOnceLock::new();
    let py = file.py();
    let classes = CLASSES.get_or_try_init(py, || -> PyResult<Vec<Py<PyType>>> {
        let io = py.import("io")?;
        let names = ["BufferedReader", "BytesIO", "BufferedRandom", "FileIO"];
        names.iter().map(|name| Ok(io.getattr(name)?.cast_into::<PyType>()?.unbind())).collect()
    })?;
    let class = file.get_type();
    let is_known = classes.iter().any(|known| class.is(known));
    Ok(is_known
        && !file.getattr("closed")?.is_truthy()?
        && call_method0(file, intern!(py, "seekable"))?.is_truthy()?)
}

/// Text has no records, as their lengths count bytes: what is read fails, as in pymarc.
fn warn_of_text(target: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = target.py();
    if target.is_instance(&py.import("io")?.getattr("TextIOBase")?)? {
        let message =
            "MARC records are bytes, and this file gives text; open it in binary mode: open(path, \"rb\")";
        py.import("mrrc._errors")?.call_method1("_warn", (message,))?;
    }
    Ok(())
}

/// Opens a source; signals are answered while it keeps the opener waiting.
fn open(py: Python<'_>, source: &Source) -> PyResult<Input> {
    let mut signal = Ok(());
    let opened = py.detach(|| {
        source.open_while(&mut || {
            signal = Python::attach(|py| py.check_signals());
            signal.is_ok()
        })
    });
    signal?;
    opened.map_err(|error| exception(py, error.into()))
}
