//! Where a reader's bytes come from: what scripts give, and whether it may be read ahead.

use mrrc::Source;
use mrrc::internals::io::Input;
use mrrc::internals::io::compression::Compression;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString, PyType};

use super::ahead::Ahead;
use crate::address;
use crate::error::exception;
use crate::options::Argument;

/// Where bytes come from.
#[derive(Default)]
pub(super) enum Origin {
    /// Nobody has said.
    #[default]
    Nowhere,
    /// An object that is asked for just what is needed next.
    File(Py<PyAny>),
    /// Bytes or a file, read ahead; `handle` gives what scripts expect as `file_handle`.
    Ahead { ahead: Box<Ahead>, handle: Handle },
}

/// What scripts gave, and expect as `file_handle`.
pub(super) enum Handle {
    Bytes(Py<PyBytes>),
    File(Py<PyAny>),
    Path(Py<PyAny>),
}

impl Origin {
    /// What a script gave.
    pub(super) fn of(target: &Bound<'_, PyAny>) -> PyResult<Origin> {
        let py = target.py();
        if let Ok(bytes) = target.cast::<PyBytes>() {
            let handle = Handle::Bytes(bytes.clone().unbind());
            let ahead = match Compression::of(bytes.as_bytes()) {
                None => Ahead::of_bytes(bytes),
                Some(_) => Ahead::of_input(open(py, &Source::bytes(PyBackedBytes::from(bytes.clone())))?),
            };
            return Ok(Origin::Ahead { ahead: Box::new(ahead), handle });
        }
        if target.is_instance_of::<PyByteArray>() || target.is_instance_of::<PyMemoryView>() {
            return Origin::of(&py.get_type::<PyBytes>().call1((target,))?);
        }
        if target.is_instance_of::<PyString>() || target.hasattr("__fspath__")? {
            let path = address::read_from(Argument::new("marc_target", target.clone()).path()?)?;
            let ahead = Box::new(Ahead::of_input(open(py, &Source::path(path))?));
            return Ok(Origin::Ahead { ahead, handle: Handle::Path(target.clone().unbind()) });
        }
        Ok(Origin::File(target.clone().unbind()))
    }
}

/// Whether a file may be read ahead and nobody sees it: one of Python's own that can go back, and that nobody has
/// but the reader, as in `MARCReader(open(path, "rb"))`. Who asks for `file_handle` gets it back as it should be.
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
    Ok(is_known && !file.getattr("closed")?.is_truthy()? && file.call_method0("seekable")?.is_truthy()?)
}

fn open(py: Python<'_>, source: &Source) -> PyResult<Input> {
    source.open().map_err(|error| exception(py, error.into()))
}
