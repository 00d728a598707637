//! The bytes of a reader's last record, whether or not it could be read.

use std::ops::Range;

use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::records::ahead::Ahead;

#[derive(Default)]
pub(super) enum Chunk {
    #[default]
    None,
    Object(Py<PyAny>),
    /// As a file gave them: five, and the rest.
    Parts(Py<PyBytes>, Option<Py<PyBytes>>),
    /// In the block that was read ahead.
    Ahead(Range<usize>),
}

impl Chunk {
    /// The number of bytes that a file gave for it.
    pub(super) fn len(&self, py: Python<'_>) -> usize {
        match self {
            Chunk::None | Chunk::Ahead(_) => 0,
            Chunk::Object(chunk) => chunk.bind(py).cast::<PyBytes>().map_or(0, |it| it.as_bytes().len()),
            Chunk::Parts(first, rest) => {
                first.as_bytes(py).len() + rest.as_ref().map_or(0, |rest| rest.as_bytes(py).len())
            }
        }
    }

    /// Its bytes in the block that was read ahead, if they are there.
    pub(super) fn bytes_of<'a>(&self, ahead: &'a Ahead) -> Option<&'a [u8]> {
        match self {
            Chunk::Ahead(range) => ahead.bytes().get(range.clone()),
            _ => None,
        }
    }

    pub(super) fn object<'py>(&self, py: Python<'py>, ahead: Option<&Ahead>) -> Bound<'py, PyAny> {
        match self {
            Chunk::Object(chunk) => chunk.bind(py).clone(),
            Chunk::Parts(first, rest) => {
                let rest = rest.as_ref().map_or(&[][..], |rest| rest.as_bytes(py));
                PyBytes::new(py, &[first.as_bytes(py), rest].concat()).into_any()
            }
            Chunk::Ahead(_) | Chunk::None => match ahead.and_then(|ahead| self.bytes_of(ahead)) {
                Some(bytes) => PyBytes::new(py, bytes).into_any(),
                None => py.None().into_bound(py),
            },
        }
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Chunk::Object(chunk) => visit.call(chunk),
            _ => Ok(()),
        }
    }
}
