//! Reads one record after the other from a file object, and no more than is needed: five bytes, then the rest.

use mrrc::internals::iso2709::RECORD_TERMINATOR;
use mrrc::internals::iso2709::pymarc::{self, Boundary};
use pyo3::exceptions::{PyStopIteration, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt};

use super::{Chunk, MARCReader, boundary_error, warn_of_swallowed};
use crate::cpython::call_method1;

impl MARCReader {
    /// One record from an object from which no more is read than needed: five bytes, then the rest.
    pub(super) fn next_of_file<'py>(
        &self,
        file: &Bound<'py, PyAny>,
        offset: u64,
    ) -> PyResult<Result<Bound<'py, PyAny>, PyErr>> {
        let py = file.py();
        let fault = |boundary, bytes| boundary_error(py, boundary, offset, bytes);
        let read = intern!(py, "read");
        let first = call_method1(file, read, 5)?;
        if let Ok(bytes) = first.cast_exact::<PyBytes>()
            && let Some(digits) = bytes.as_bytes().first_chunk::<5>().filter(|_| bytes.as_bytes().len() == 5)
        {
            return self.rest_of_file(file, offset, bytes, pymarc::record_length(digits));
        }
        let keep = |chunk: &Bound<'py, PyAny>| self.keep(py, Chunk::Object(chunk.clone().unbind()));
        keep(&first);
        if !first.is_truthy()? {
            return Err(PyStopIteration::new_err(()));
        }
        if first.len()? < 5 {
            return Ok(Err(fault(Boundary::Truncated, first.len()?)));
        }
        let length = match py.get_type::<PyInt>().call1((&first,)) {
            Ok(length) => length,
            Err(error) if error.is_instance_of::<PyValueError>(py) => {
                return Ok(Err(fault(Boundary::LengthInvalid, first.len()?)));
            }
            Err(error) => return Err(error),
        };
        let chunk = first.add(call_method1(file, read, length.sub(5)?)?)?;
        keep(&chunk);
        if length.gt(chunk.len()?)? {
            return Ok(Err(fault(Boundary::Truncated, chunk.len()?)));
        }
        if !chunk.get_item(-1)?.eq(RECORD_TERMINATOR)? {
            return Ok(Err(fault(Boundary::TerminatorMissing, chunk.len()?)));
        }
        let bytes: Vec<u8> = chunk.extract()?;
        Ok(warn_of_swallowed(py, &bytes).and_then(|()| self.judged(py, bytes.into())))
    }

    /// The same after the first five bytes, if these are `bytes`.
    fn rest_of_file<'py>(
        &self,
        file: &Bound<'py, PyAny>,
        offset: u64,
        first: &Bound<'py, PyBytes>,
        length: Option<i64>,
    ) -> PyResult<Result<Bound<'py, PyAny>, PyErr>> {
        let py = file.py();
        let fault = |boundary, bytes| boundary_error(py, boundary, offset, bytes);
        let Some(length) = length else {
            self.keep(py, Chunk::Object(first.clone().into_any().unbind()));
            return Ok(Err(fault(Boundary::LengthInvalid, first.as_bytes().len())));
        };
        self.keep(py, Chunk::Parts(first.clone().unbind(), None));
        let rest = call_method1(file, intern!(py, "read"), length - 5)?;
        let bytes = match rest.cast_exact::<PyBytes>() {
            Ok(rest) => {
                self.keep(py, Chunk::Parts(first.clone().unbind(), Some(rest.clone().unbind())));
                [first.as_bytes(), rest.as_bytes()].concat()
            }
            Err(_) => {
                let chunk = first.add(rest)?;
                self.keep(py, Chunk::Object(chunk.clone().unbind()));
                chunk.extract()?
            }
        };
        if (bytes.len() as i64) < length {
            return Ok(Err(fault(Boundary::Truncated, bytes.len())));
        }
        if bytes.last() != Some(&RECORD_TERMINATOR) {
            return Ok(Err(fault(Boundary::TerminatorMissing, bytes.len())));
        }
        Ok(warn_of_swallowed(py, &bytes).and_then(|()| self.judged(py, bytes.into())))
    }
}
