//! `MARCReader`, as scripts written for pymarc know it: a bad record is None, and the reader says why.

mod attributes;
mod by_file;
mod chunk;
mod settings;

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mrrc::internals::iso2709::Entries;
use mrrc::internals::iso2709::pymarc::{Boundary, swallows};
use mrrc::internals::record::judge::{Judged, Judgement, judge_record};
use pyo3::PyTraverseError;
use pyo3::exceptions::{PyAttributeError, PyException, PyStopIteration};
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use super::ahead::Ahead;
use super::errors::{exception, named};
use super::origin::{Handle, Origin, is_read_ahead};
use super::original::Original;
use super::parameter::Parameter;
use super::record::Record;
use crate::cpython::{File, call_method0, references};
use crate::error::marc_error_that_says;
use crate::guard::shielded;
use crate::turn::Turn;
use chunk::Chunk;
use settings::Settings;

const ASKS_ITSELF: &str = "the file asks its own reader for a record while it is read";

/// The base class of the readers.
#[pyclass(module = "mrrc.reader", frozen, subclass, dict, weakref)]
pub(crate) struct Reader;

#[pymethods]
impl Reader {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Reader {
        Reader
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.clone()
    }
}

/// An iterator over the records of a source in ISO 2709, with None for each that cannot be read.
///
/// After a None, `current_exception` says why and `current_chunk` holds the bytes. The reader continues with
/// the next record, unless the end of the bad one is unknown (a `FatalReaderError`).
///
/// Args:
///     marc_target: a binary file object, bytes, or the path of a file. Bytes, and files named by a path, may
///         be compressed with gzip, zstd, bzip2 or xz, or be a tar or zip archive.
///     to_unicode: whether to decode values; otherwise they stay bytes, in `RawField`s.
///     force_utf8: whether to read records as UTF-8 even if their leader does not say so.
///     hide_utf8_warnings: whether to suppress warnings about UTF-8 in records that declare MARC-8.
///     utf8_handling: what to do with bytes that are not UTF-8: an `errors` argument of `bytes.decode`. With
///         `recover`, they become U+FFFD, and only "strict" and "replace" are accepted.
///     file_encoding: the encoding of records that do not declare UTF-8; the default means MARC-8. With
///         `recover`, an encoding that `read_arrow` knows.
///     permissive: has no effect.
///     recover: whether to find, repair and decode records as `read_arrow` does with `on_error="recover"`.
///         Nothing is dropped: text outside the subfields of a data field is in `Field.data`, bytes without a
///         character become U+FFFD, and `Record.repairs` lists what was repaired or odd. A record that cannot
///         be repaired with certainty is None, and the reader continues after it.
///
/// Raises:
///     OSError: the file cannot be opened.
///     TypeError: `marc_target` is the text of records instead of their bytes.
///     ValueError: `recover` cannot be combined with another setting.
///
/// Example:
///     >>> from mrrc import Field, MARCReader, Record, Subfield
///     >>> data = Record(fields=[Field("245", subfields=[Subfield("a", "Emma")])]).as_marc()
///     >>> [record.title for record in MARCReader(data)]
///     ['Emma']
#[pyclass(module = "mrrc.reader", frozen, extends = Reader, subclass)]
#[derive(Default)]
pub(crate) struct MARCReader {
    state: Mutex<State>,
    turn: Turn,
    /// True once the others are there. Python 3.11 and 3.12 make the `__dict__` of a reader before that, and may look
    /// for garbage meanwhile: at memory that is all zeros.
    is_made: bool,
}

#[derive(Default)]
struct State {
    from: Origin,
    settings: Settings,
    /// Somebody asked for a record, or for the file.
    is_begun: bool,
    chunk: Chunk,
    /// The bytes of the records that were read from a file one by one, except the last.
    given: u64,
    exception: Option<Py<PyAny>>,
}

impl MARCReader {
    fn state(&self, py: Python<'_>) -> MutexGuard<'_, State> {
        self.state.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    /// A record whose fields are made on first use, if it can be read without a warning or log line.
    fn judged<'py>(&self, py: Python<'py>, bytes: Box<[u8]>) -> PyResult<Bound<'py, PyAny>> {
        let settings = self.judge_settings(py)?;
        match shielded(|| judge_record(&bytes, settings, &mut Entries::new()))? {
            Judgement::Plain { rule, is_sound } => {
                let [force_utf8, to_unicode] = self.state(py).settings.of_record(py);
                let record = Record::read(Original::new(bytes, rule, is_sound), force_utf8, to_unicode);
                Ok(Bound::new(py, record)?.into_any())
            }
            Judgement::Fault(fault) => Err(exception(py, &fault)),
            _ => self.decoded(py, &bytes),
        }
    }

    /// A record that is decoded at once.
    fn decoded<'py>(&self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let (force_utf8, to_unicode) = (self.get_force_utf8(py)?, self.get_to_unicode(py)?);
        let record = Record::decoded(bytes, &self.decode_options(py)?, force_utf8, to_unicode)?;
        Ok(Bound::new(py, record)?.into_any())
    }

    fn keep(&self, py: Python<'_>, chunk: Chunk) {
        let before = std::mem::replace(&mut self.state(py).chunk, chunk);
        drop(before);
    }

    /// Prepares for the next record: StopIteration if the previous one had no known end; the source is read ahead from
    /// now on, if no script can notice.
    fn begin(&self, py: Python<'_>) -> PyResult<()> {
        let (exception, file) = {
            let mut state = self.state(py);
            let is_begun = std::mem::replace(&mut state.is_begun, true);
            let exception = state.exception.as_ref().filter(|_| !state.settings.recovers);
            let file = match &state.from {
                Origin::File(file) if !is_begun && references(file.bind(py)) == 1 => {
                    Some(file.bind(py).clone())
                }
                _ => None,
            };
            (exception.map(|it| it.bind(py).clone()), file)
        };
        if let Some(exception) = exception
            && exception.is_instance(&py.import("mrrc._errors")?.getattr("FatalReaderError")?)?
        {
            return Err(PyStopIteration::new_err(()));
        }
        let Some(file) = file else { return Ok(()) };
        if is_read_ahead(&file)? {
            let ahead = Box::new(Ahead::of_file(&file));
            let before = std::mem::replace(
                &mut self.state(py).from,
                Origin::Ahead { ahead, handle: Handle::File(File::new(file)) },
            );
            drop(before);
        }
        Ok(())
    }

    /// The bytes of what was found, where they have to be seen once more.
    fn bytes_of(&self, py: Python<'_>, place: &Range<usize>) -> Vec<u8> {
        match &self.state(py).from {
            Origin::Ahead { ahead, .. } => ahead.bytes().get(place.clone()).unwrap_or_default().to_vec(),
            _ => Vec::new(),
        }
    }

    fn fail<'py>(&self, error: PyErr, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if !error.is_instance_of::<PyException>(py) {
            return Err(error);
        }
        let before = self.state(py).exception.replace(error.into_value(py).into_any());
        drop(before);
        Ok(py.None().into_bound(py))
    }
}

impl MARCReader {
    /// The source, read one record at a time from now on, with its file; what was read ahead is put back.
    fn as_file<'py>(&self, py: Python<'py>, ahead: &Ahead, handle: &Handle) -> PyResult<Bound<'py, PyAny>> {
        // The bytes of the last record go with the block.
        let chunk = self.state(py).chunk.bytes_of(ahead).map(<[u8]>::to_vec);
        if let Some(chunk) = chunk {
            self.keep(py, Chunk::Object(PyBytes::new(py, &chunk).into_any().unbind()));
        }
        handle.file_at(py, ahead)
    }
}

/// Warns of records that were read as part of the one before them.
fn warn_of_swallowed(py: Python<'_>, record: &[u8]) -> PyResult<()> {
    if !swallows(record) {
        return Ok(());
    }
    let message = format!(
        "the length of a record is stated as less than 5, so all {} bytes up to the end were read as that record, and the records among them are lost; mrrc.check says where it is",
        record.len()
    );
    py.import("mrrc._errors")?.call_method1("_warn", (message,)).map(|_| ())
}

/// An error about bytes whose end is unknown, with their place as attributes.
fn boundary_error(py: Python<'_>, boundary: Boundary, offset: u64, bytes: usize) -> PyErr {
    let name = match boundary {
        Boundary::LengthInvalid => "RecordLengthInvalid",
        Boundary::Truncated => "TruncatedRecord",
        Boundary::TerminatorMissing => "EndOfRecordNotFound",
    };
    let error = named(py, name);
    let value = error.value(py);
    let told = value.setattr("offset", offset).and_then(|()| value.setattr("length", bytes));
    told.err().unwrap_or(error)
}

#[pymethods]
impl MARCReader {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(marc_target, to_unicode=True, force_utf8=False, hide_utf8_warnings=False, utf8_handling='strict', file_encoding='iso8859-1', permissive=False, *, recover=False)")]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<MARCReader> {
        PyClassInitializer::from(Reader).add_subclass(MARCReader { is_made: true, ..MARCReader::default() })
    }

    #[pyo3(signature = (marc_target, to_unicode=Parameter::Default, force_utf8=Parameter::Default,
        hide_utf8_warnings=Parameter::Default, utf8_handling=Parameter::Default, file_encoding=Parameter::Default,
        permissive=Parameter::Default, *, recover=false))]
    #[allow(clippy::too_many_arguments)]
    fn __init__<'py>(
        &self,
        marc_target: Bound<'py, PyAny>,
        to_unicode: Parameter<'py>,
        force_utf8: Parameter<'py>,
        hide_utf8_warnings: Parameter<'py>,
        utf8_handling: Parameter<'py>,
        file_encoding: Parameter<'py>,
        permissive: Parameter<'py>,
        recover: bool,
    ) -> PyResult<()> {
        let py = marc_target.py();
        self.set_to_unicode(to_unicode.or_bool(py, true));
        self.set_force_utf8(force_utf8.or_bool(py, false));
        self.set_hide_utf8_warnings(hide_utf8_warnings.or_bool(py, false));
        self.set_utf8_handling(utf8_handling.or_text(py, "strict"));
        self.set_file_encoding(file_encoding.or_text(py, "iso8859-1"));
        self.set_permissive(permissive.or_bool(py, false));
        self.state(py).settings.recovers = recover;
        if recover {
            self.judge_settings(py)?;
        }
        self.set_file_handle(marc_target)
    }

    /// The file being read, positioned after the last record.
    #[getter]
    fn get_file_handle<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        {
            let mut state = self.state(py);
            state.is_begun = true;
            if let Origin::File(file) = &state.from {
                return Ok(file.bind(py).clone());
            }
        }
        // Another thread may be reading; a file that looks at its own reader may be, too.
        let _turn = self.turn.take(py, ASKS_ITSELF).ok();
        let taken = std::mem::take(&mut self.state(py).from);
        let Origin::Ahead { ahead, handle } = taken else {
            return match taken {
                Origin::File(file) => {
                    let handle = file.bind(py).clone();
                    self.state(py).from = Origin::File(file);
                    Ok(handle)
                }
                _ => Err(no_file()),
            };
        };
        match self.as_file(py, &ahead, &handle) {
            Ok(file) => {
                let mut state = self.state(py);
                state.given = ahead.position() - state.chunk.len(py) as u64;
                state.from = Origin::File(File::new(file.clone()));
                Ok(file)
            }
            Err(error) => {
                self.state(py).from = Origin::Ahead { ahead, handle };
                Err(error)
            }
        }
    }

    #[setter]
    fn set_file_handle(&self, value: Bound<'_, PyAny>) -> PyResult<()> {
        let mut from = Origin::of(&value)?;
        if matches!(from, Origin::File(_)) && self.state(value.py()).settings.recovers {
            from = Origin::Ahead {
                ahead: Box::new(Ahead::of_file(&value)),
                handle: Handle::File(File::new(value.clone())),
            };
        }
        let before = {
            let mut state = self.state(value.py());
            state.is_begun = false;
            state.given = 0;
            std::mem::replace(&mut state.from, from)
        };
        drop(before);
        Ok(())
    }

    /// The bytes of the last record, whether or not it could be read.
    #[getter]
    fn current_chunk<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.getattr(intern!(slf.py(), "_current_chunk"))
    }

    #[getter(_current_chunk)]
    fn get_chunk<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        let state = self.state(py);
        let ahead = match &state.from {
            Origin::Ahead { ahead, .. } => Some(&**ahead),
            _ => None,
        };
        state.chunk.object(py, ahead)
    }

    #[setter(_current_chunk)]
    fn set_chunk(&self, value: Bound<'_, PyAny>) {
        self.keep(value.py(), Chunk::Object(value.clone().unbind()));
    }

    /// The exception that explains why the last record is None; None after a record that was read.
    #[getter]
    fn current_exception<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.getattr(intern!(slf.py(), "_current_exception"))
    }

    #[getter(_current_exception)]
    fn get_exception<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        let state = self.state(py);
        state.exception.as_ref().map_or_else(|| py.None().into_bound(py), |it| it.bind(py).clone())
    }

    #[setter(_current_exception)]
    fn set_exception(&self, value: Bound<'_, PyAny>) {
        let value = Some(value).filter(|value| !value.is_none());
        let mut new = value.as_ref().map(|value| value.clone().unbind());
        if let Some(value) = value {
            std::mem::swap(&mut self.state(value.py()).exception, &mut new);
        } else {
            Python::attach(|py| std::mem::swap(&mut self.state(py).exception, &mut new));
        }
        drop(new);
    }

    /// Return the next `n` records, or those that are left; None for one that cannot be read.
    fn read_batch<'py>(slf: &Bound<'py, Self>, n: usize) -> PyResult<Bound<'py, PyList>> {
        let records = PyList::empty(slf.py());
        for record in slf.try_iter()?.take(n) {
            records.append(record?)?;
        }
        Ok(records)
    }

    /// Close the file, including one opened by the caller.
    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        let (py, reader) = (slf.py(), slf.get());
        let opened_here = match &reader.state(py).from {
            Origin::Ahead { handle, .. } => !matches!(handle, Handle::File(_)),
            _ => false,
        };
        if opened_here {
            reader.set_file_handle(py.import("io")?.call_method0("BytesIO")?)?;
        }
        call_method0(&reader.get_file_handle(py)?, intern!(py, "close")).map(|_| ())
    }

    fn __enter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.clone()
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(slf: &Bound<'_, Self>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        MARCReader::close(slf)
    }

    fn __next__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, reader) = (slf.py(), slf.get());
        let _turn = reader.turn.take(py, ASKS_ITSELF)?;
        let settings = reader.judge_settings(py)?;
        reader.begin(py)?;
        let mut state = reader.state(py);
        let before = (std::mem::take(&mut state.chunk), state.exception.take());
        state.given += before.0.len(py) as u64;
        let offset = state.given;
        let from = std::mem::take(&mut state.from);
        // Whoever gives bytes may look at the reader meanwhile.
        drop(state);
        drop(before);
        let (mut state, next) = match from {
            Origin::Ahead { mut ahead, handle } => {
                let next = ahead.next(py, settings);
                let mut state = reader.state(py);
                state.from = Origin::Ahead { ahead, handle };
                (state, next?)
            }
            Origin::File(file) => {
                let handle = file.bind(py).clone();
                reader.state(py).from = Origin::File(file);
                return match reader.next_of_file(&handle, offset)? {
                    Ok(record) => Ok(record),
                    Err(error) => reader.fail(error, py),
                };
            }
            Origin::Nowhere => {
                return Err(no_file());
            }
        };
        let Some(Judged { range: place, judgement }) = next else {
            state.chunk = Chunk::Object(PyBytes::new(py, b"").into_any().unbind());
            return Err(PyStopIteration::new_err(()));
        };
        state.chunk = Chunk::Ahead(place.clone());
        let offset = match &state.from {
            Origin::Ahead { ahead, .. } => ahead.offset_of(place.start),
            _ => 0,
        };
        let record = match judgement {
            Judgement::Plain { rule, is_sound } => {
                Ok(state.record(py, &place, |bytes| Original::new(bytes, rule, is_sound)))
            }
            Judgement::Recovered(recovered) => {
                Ok(state.record(py, &place, |bytes| Original::recovered(bytes, recovered)))
            }
            other => Err(other),
        };
        drop(state);
        let failure = match record {
            Ok(record) => return Ok(Bound::new(py, record)?.into_any()),
            // It is left out as it is: there is nothing to advise.
            Err(Judgement::Refused(finding)) => {
                marc_error_that_says(py, &finding, &finding.summary()).unwrap_or_else(|failure| failure)
            }
            Err(Judgement::Boundary(boundary)) => boundary_error(py, boundary, offset, place.len()),
            Err(Judgement::Fault(fault)) => exception(py, &fault),
            Err(_) => {
                let bytes = reader.bytes_of(py, &place);
                match warn_of_swallowed(py, &bytes).and_then(|()| reader.decoded(py, &bytes)) {
                    Ok(record) => return Ok(record),
                    Err(error) => error,
                }
            }
        };
        reader.fail(failure, py)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if !self.is_made {
            return Ok(());
        }
        let Ok(state) = self.state.try_lock() else { return Ok(()) };
        state.settings.traverse(&visit)?;
        state.from.traverse(&visit)?;
        state.chunk.traverse(&visit)?;
        visit.call(&state.exception)
    }

    fn __clear__(&self) {
        let state = self.state.lock().map(|mut state| std::mem::take(&mut *state));
        drop(state);
    }
}

impl State {
    fn record(
        &self,
        py: Python<'_>,
        place: &Range<usize>,
        read: impl FnOnce(Box<[u8]>) -> Original,
    ) -> Record {
        let bytes = match &self.from {
            Origin::Ahead { ahead, .. } => ahead.bytes().get(place.clone()).unwrap_or_default(),
            _ => &[],
        };
        let [force_utf8, to_unicode] = self.settings.of_record(py);
        Record::read(read(bytes.into()), force_utf8, to_unicode)
    }
}

fn no_file() -> PyErr {
    PyAttributeError::new_err("'MARCReader' object has no attribute 'file_handle'")
}
