//! `MARCReader`, as scripts written for pymarc know it: a bad record is None, and says why.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mrrc::internals::charset::Charset;
use mrrc::internals::iso2709::pymarc::{self, Boundary, swallows};
use mrrc::internals::iso2709::{Entries, RECORD_TERMINATOR};
use mrrc::internals::record::judge::{Judged, Judgement, Settings, judge_record};
use pyo3::PyTraverseError;
use pyo3::exceptions::{PyAttributeError, PyException, PyRuntimeError, PyStopIteration, PyValueError};
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList, PyString, PyTuple};

use super::ahead::Ahead;
use super::decode::Manner;
use super::errors::{exception, named};
use super::origin::{Handle, Origin, is_read_ahead};
use super::read::Read;
use super::record::Record;
use super::types::{self, Given};
use crate::error::marc_error;

/// Base class of the readers.
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

/// An iterator over records in ISO 2709; of what cannot be read it gives None.
///
/// `current_exception` then says why, and `current_chunk` has the bytes. It goes on behind such a record,
/// unless the end of the record cannot be told (`FatalReaderError`).
///
/// Args:
///     marc_target: a binary file object; or bytes, or the path of a file, which may be compressed by
///         gzip, zstd, bzip2 or xz.
///     to_unicode: whether values become text; otherwise they stay bytes, in `RawField`s.
///     force_utf8: whether to read as UTF-8 what does not say so.
///     hide_utf8_warnings: whether to be silent about UTF-8 where MARC-8 should be.
///     utf8_handling: what to do with bytes that are no UTF-8: a name as for `bytes.decode`.
///     file_encoding: the encoding of records that do not say UTF-8; as it is, MARC-8.
///     permissive: has no effect.
///     recover: find records, and repair them, as `read_arrow` with `on_error="recover"`, and read their text
///         as columns are read. What cannot be proven is None, and the reader goes on behind it.
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
    turn: Mutex<()>,
    /// The thread whose turn it is.
    asking: AtomicUsize,
}

#[derive(Default)]
struct State {
    from: Origin,
    to_unicode: Option<Py<PyAny>>,
    force_utf8: Option<Py<PyAny>>,
    hide_utf8_warnings: Option<Py<PyAny>>,
    utf8_handling: Option<Py<PyAny>>,
    file_encoding: Option<Py<PyAny>>,
    permissive: Option<Py<PyAny>>,
    recovers: bool,
    /// Somebody asked for a record, or for the file.
    is_begun: bool,
    /// What the settings come to; none since one of them changed.
    settings: Option<Settings>,
    chunk: Chunk,
    /// Bytes that a file gave when it was asked for one record after the other, but for the last one.
    given: u64,
    exception: Option<Py<PyAny>>,
}

/// The bytes of the last record, or of what is none.
#[derive(Default)]
enum Chunk {
    #[default]
    None,
    Object(Py<PyAny>),
    /// As a file gave them: five, and the rest.
    Parts(Py<PyBytes>, Option<Py<PyBytes>>),
    /// In the block.
    Ahead(usize, usize),
}

impl Chunk {
    /// Bytes that a file gave for it.
    fn len(&self, py: Python<'_>) -> usize {
        match self {
            Chunk::None | Chunk::Ahead(..) => 0,
            Chunk::Object(chunk) => chunk.bind(py).cast::<PyBytes>().map_or(0, |it| it.as_bytes().len()),
            Chunk::Parts(first, rest) => {
                first.as_bytes(py).len() + rest.as_ref().map_or(0, |rest| rest.as_bytes(py).len())
            }
        }
    }
}

/// The right to ask the file of a reader.
struct Turn<'a> {
    asking: &'a AtomicUsize,
    _turn: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.asking.store(0, Ordering::Relaxed);
    }
}

/// A number that no other thread has meanwhile, and that is not 0.
fn this_thread() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

impl MARCReader {
    fn state(&self, py: Python<'_>) -> MutexGuard<'_, State> {
        self.state.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    /// What decides how records are read, as long as nobody changes it.
    fn settings(&self, py: Python<'_>) -> PyResult<Settings> {
        let given = {
            let state = self.state(py);
            match state.settings {
                Some(settings) => return Ok(settings),
                None => state.given(py),
            }
        };
        let settings = given.read(py)?;
        let mut state = self.state(py);
        if state.given(py).is(&given) {
            state.settings = Some(settings);
        }
        Ok(settings)
    }

    fn setting<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        setting: fn(&mut State) -> &mut Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let found = setting(&mut self.state(py)).as_ref().map(|value| value.bind(py).clone());
        found.ok_or_else(|| {
            PyAttributeError::new_err(format!("'MARCReader' object has no attribute '{name}'"))
        })
    }

    fn set(&self, setting: fn(&mut State) -> &mut Option<Py<PyAny>>, value: Bound<'_, PyAny>) {
        let before = {
            let mut state = self.state(value.py());
            state.settings = None;
            setting(&mut state).replace(value.unbind())
        };
        drop(before);
    }

    /// One record from an object that is asked for just what is needed: five bytes, and then the rest.
    fn next_of_file<'py>(
        &self,
        file: &Bound<'py, PyAny>,
        offset: u64,
    ) -> PyResult<Result<Bound<'py, PyAny>, PyErr>> {
        let py = file.py();
        let fault = |boundary, bytes| boundary_error(py, boundary, offset, bytes);
        let read = intern!(py, "read");
        let first = file.call_method1(read, (5,))?;
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
        let chunk = first.add(file.call_method1(read, (length.sub(5)?,))?)?;
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

    /// The same behind the first five bytes, where these are `bytes`.
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
        let rest = file.call_method1(intern!(py, "read"), (length - 5,))?;
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

    /// Held while a record is read, so that threads that share the reader get whole ones, each once.
    fn turn(&self, py: Python<'_>) -> PyResult<Turn<'_>> {
        let thread = this_thread();
        let turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) if self.asking.load(Ordering::Relaxed) == thread => {
                return Err(PyRuntimeError::new_err(
                    "the file asks its own reader for a record while it is read",
                ));
            }
            Err(_) => self.turn.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner),
        };
        self.asking.store(thread, Ordering::Relaxed);
        Ok(Turn { asking: &self.asking, _turn: turn })
    }

    /// A record whose fields are made when they are asked for, if it can be read without a word.
    fn judged<'py>(&self, py: Python<'py>, bytes: Box<[u8]>) -> PyResult<Bound<'py, PyAny>> {
        let settings = self.settings(py)?;
        match judge_record(&bytes, settings, &mut Entries::new()) {
            Judgement::Plain { rule, is_sound } => {
                let (force_utf8, to_unicode) = (self.get_force_utf8(py)?, self.get_to_unicode(py)?);
                let read = Read::new(bytes, rule, is_sound);
                let record = Record::read(read, force_utf8.unbind(), to_unicode.unbind());
                Ok(Bound::new(py, record)?.into_any())
            }
            Judgement::Fault(fault) => Err(exception(py, &fault)),
            _ => self.decoded(py, &bytes),
        }
    }

    /// A record that is decoded at once.
    fn decoded<'py>(&self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let force_utf8 = self.get_force_utf8(py)?;
        let to_unicode = self.get_to_unicode(py)?;
        let is_forced = force_utf8.is_truthy()?;
        let manner = Manner {
            to_unicode: to_unicode.is_truthy()?,
            force_utf8: is_forced,
            is_forced,
            hide_utf8_warnings: self.get_hide_utf8_warnings(py)?,
            utf8_handling: self.get_utf8_handling(py)?,
            encoding: self.get_file_encoding(py)?,
        };
        let record = Record::decoded(bytes, &manner, force_utf8, to_unicode)?;
        Ok(Bound::new(py, record)?.into_any())
    }

    fn keep(&self, py: Python<'_>, chunk: Chunk) {
        let before = std::mem::replace(&mut self.state(py).chunk, chunk);
        drop(before);
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

/// Warns of records that are taken for a part of the one before.
fn warn_of_swallowed(py: Python<'_>, record: &[u8]) -> PyResult<()> {
    if !swallows(record) {
        return Ok(());
    }
    let message = format!(
        "a record says that it is shorter than its own length, so that all {} bytes up to the end are taken for it, and the records among them are lost; mrrc.check says where it is",
        record.len()
    );
    py.import("mrrc._errors")?.call_method1("_warn", (message,)).map(|_| ())
}

/// An error about bytes whose end cannot be told, with their place as attributes.
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
        PyClassInitializer::from(Reader).add_subclass(MARCReader::default())
    }

    #[pyo3(signature = (marc_target, to_unicode=Given::Default, force_utf8=Given::Default,
        hide_utf8_warnings=Given::Default, utf8_handling=Given::Default, file_encoding=Given::Default,
        permissive=Given::Default, *, recover=false))]
    #[allow(clippy::too_many_arguments)]
    fn __init__<'py>(
        &self,
        marc_target: Bound<'py, PyAny>,
        to_unicode: Given<'py>,
        force_utf8: Given<'py>,
        hide_utf8_warnings: Given<'py>,
        utf8_handling: Given<'py>,
        file_encoding: Given<'py>,
        permissive: Given<'py>,
        recover: bool,
    ) -> PyResult<()> {
        let py = marc_target.py();
        self.set(|it| &mut it.to_unicode, to_unicode.or_bool(py, true));
        self.set(|it| &mut it.force_utf8, force_utf8.or_bool(py, false));
        self.set(|it| &mut it.hide_utf8_warnings, hide_utf8_warnings.or_bool(py, false));
        self.set(|it| &mut it.utf8_handling, utf8_handling.or_text(py, "strict"));
        self.set(|it| &mut it.file_encoding, file_encoding.or_text(py, "iso8859-1"));
        self.set(|it| &mut it.permissive, permissive.or_bool(py, false));
        {
            let mut state = self.state(py);
            (state.recovers, state.settings) = (recover, None);
        }
        if recover {
            self.settings(py)?;
        }
        self.set_file_handle(marc_target)
    }

    /// Whether values become text; like all settings it may be changed between two records.
    #[getter]
    fn get_to_unicode<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.setting(py, "to_unicode", |it| &mut it.to_unicode)
    }

    #[setter]
    fn set_to_unicode(&self, value: Bound<'_, PyAny>) {
        self.set(|it| &mut it.to_unicode, value);
    }

    /// Whether to read as UTF-8 what does not say so.
    #[getter]
    fn get_force_utf8<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.setting(py, "force_utf8", |it| &mut it.force_utf8)
    }

    #[setter]
    fn set_force_utf8(&self, value: Bound<'_, PyAny>) {
        self.set(|it| &mut it.force_utf8, value);
    }

    /// Whether to be silent about UTF-8 where MARC-8 should be.
    #[getter]
    fn get_hide_utf8_warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.setting(py, "hide_utf8_warnings", |it| &mut it.hide_utf8_warnings)
    }

    #[setter]
    fn set_hide_utf8_warnings(&self, value: Bound<'_, PyAny>) {
        self.set(|it| &mut it.hide_utf8_warnings, value);
    }

    /// What to do with bytes that are no UTF-8: a name as for `bytes.decode`.
    #[getter]
    fn get_utf8_handling<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.setting(py, "utf8_handling", |it| &mut it.utf8_handling)
    }

    #[setter]
    fn set_utf8_handling(&self, value: Bound<'_, PyAny>) {
        self.set(|it| &mut it.utf8_handling, value);
    }

    /// The encoding of records that do not say UTF-8; `iso8859-1` is MARC-8.
    #[getter]
    fn get_file_encoding<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.setting(py, "file_encoding", |it| &mut it.file_encoding)
    }

    #[setter]
    fn set_file_encoding(&self, value: Bound<'_, PyAny>) {
        self.set(|it| &mut it.file_encoding, value);
    }

    /// Kept without effect: of a bad record the reader gives None in any case.
    #[getter]
    fn get_permissive<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.setting(py, "permissive", |it| &mut it.permissive)
    }

    #[setter]
    fn set_permissive(&self, value: Bound<'_, PyAny>) {
        self.set(|it| &mut it.permissive, value);
    }

    /// The file that is read; it stands behind the last record.
    #[getter]
    fn get_file_handle<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        // What was read ahead is given back, and the reader goes on record by record.
        let taken = {
            let mut state = self.state(py);
            state.is_begun = true;
            std::mem::take(&mut state.from)
        };
        let (ahead, handle) = match taken {
            Origin::Nowhere => {
                return Err(PyAttributeError::new_err("'MARCReader' object has no attribute 'file_handle'"));
            }
            Origin::File(file) => {
                self.state(py).from = Origin::File(file.clone_ref(py));
                return Ok(file.into_bound(py));
            }
            Origin::Ahead { ahead, handle } => (ahead, handle),
        };
        // The bytes of the last record go with the block.
        let chunk = match self.state(py).chunk {
            Chunk::Ahead(start, end) => ahead.bytes().get(start..end).map(|it| PyBytes::new(py, it)),
            _ => None,
        };
        if let Some(chunk) = chunk {
            self.keep(py, Chunk::Object(chunk.into_any().unbind()));
        }
        let file = match &handle {
            Handle::File(file) => {
                let file = file.bind(py).clone();
                if !file.getattr("closed")?.is_truthy()? && ahead.unread() > 0 {
                    file.call_method1("seek", (-(ahead.unread() as i64), 1))?;
                }
                file
            }
            Handle::Path(_) | Handle::Bytes(_) if ahead.is_compressed() => {
                self.state(py).from = Origin::Ahead { ahead, handle };
                return Err(PyValueError::new_err(
                    "what is compressed cannot be gone on with by hand; decompress it, or open it and give the file",
                ));
            }
            Handle::Bytes(bytes) => {
                let file = py.import("io")?.call_method1("BytesIO", (bytes,))?;
                file.call_method1("seek", (ahead.position(),))?;
                file
            }
            Handle::Path(path) => {
                let file = py.import("builtins")?.call_method1("open", (path, "rb"))?;
                file.call_method1("seek", (ahead.position(),))?;
                file
            }
        };
        let mut state = self.state(py);
        state.given = ahead.position() - state.chunk.len(py) as u64;
        state.from = Origin::File(file.clone().unbind());
        drop(state);
        Ok(file)
    }

    #[setter]
    fn set_file_handle(&self, value: Bound<'_, PyAny>) -> PyResult<()> {
        let mut from = Origin::of(&value)?;
        if let Origin::File(file) = &from
            && self.state(value.py()).recovers
        {
            from = Origin::Ahead {
                ahead: Box::new(Ahead::of_file(&value)),
                handle: Handle::File(file.clone_ref(value.py())),
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

    /// The bytes of the last record, good or bad.
    #[getter]
    fn current_chunk<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.getattr(intern!(slf.py(), "_current_chunk"))
    }

    #[getter(_current_chunk)]
    fn get_chunk<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        let state = self.state(py);
        match (&state.chunk, &state.from) {
            (Chunk::Object(chunk), _) => chunk.bind(py).clone(),
            (Chunk::Parts(first, rest), _) => {
                let rest = rest.as_ref().map_or(&[][..], |rest| rest.as_bytes(py));
                PyBytes::new(py, &[first.as_bytes(py), rest].concat()).into_any()
            }
            (&Chunk::Ahead(start, end), Origin::Ahead { ahead, .. }) => {
                PyBytes::new(py, ahead.bytes().get(start..end).unwrap_or_default()).into_any()
            }
            _ => py.None().into_bound(py),
        }
    }

    #[setter(_current_chunk)]
    fn set_chunk(&self, value: Bound<'_, PyAny>) {
        self.keep(value.py(), Chunk::Object(value.clone().unbind()));
    }

    /// Why the last record is None; None after a good one.
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

    /// The next records, `n` at most; None for one that cannot be read. An empty list is the end.
    fn read_batch<'py>(slf: &Bound<'py, Self>, n: usize) -> PyResult<Bound<'py, PyList>> {
        let records = PyList::empty(slf.py());
        for record in slf.try_iter()?.take(n) {
            records.append(record?)?;
        }
        Ok(records)
    }

    /// Close the file, that of a caller too.
    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        let (py, reader) = (slf.py(), slf.get());
        let opened_here = match &reader.state(py).from {
            Origin::Ahead { handle, .. } => !matches!(handle, Handle::File(_)),
            _ => false,
        };
        if opened_here {
            reader.set_file_handle(py.import("io")?.call_method0("BytesIO")?)?;
        }
        reader.get_file_handle(py)?.call_method0("close").map(|_| ())
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
        let _turn = reader.turn(py)?;
        let settings = reader.settings(py)?;
        let mut state = reader.state(py);
        if let Some(exception) = state.exception.as_ref().filter(|_| !state.recovers) {
            let exception = exception.bind(py).clone();
            drop(state);
            if exception.is_instance(&py.import("mrrc._errors")?.getattr("FatalReaderError")?)? {
                return Err(PyStopIteration::new_err(()));
            }
            state = reader.state(py);
        }
        let before = (std::mem::take(&mut state.chunk), state.exception.take());
        state.given += before.0.len(py) as u64;
        let offset = state.given;
        if !std::mem::replace(&mut state.is_begun, true) {
            state.begin(py)?;
        }
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
                let file = file.into_bound(py);
                reader.state(py).from = Origin::File(file.clone().unbind());
                return match reader.next_of_file(&file, offset)? {
                    Ok(record) => Ok(record),
                    Err(error) => reader.fail(error, py),
                };
            }
            Origin::Nowhere => {
                return Err(PyAttributeError::new_err("'MARCReader' object has no attribute 'file_handle'"));
            }
        };
        let Some(Judged { range: place, judgement }) = next else {
            state.chunk = Chunk::Object(PyBytes::new(py, b"").into_any().unbind());
            return Err(PyStopIteration::new_err(()));
        };
        state.chunk = Chunk::Ahead(place.start, place.end);
        let offset = match &state.from {
            Origin::Ahead { ahead, .. } => ahead.offset_of(place.start),
            _ => 0,
        };
        let record = match judgement {
            Judgement::Plain { rule, is_sound } => {
                Ok(state.record(py, &place, |bytes| Read::new(bytes, rule, is_sound)))
            }
            Judgement::Recovered(recovered) => {
                Ok(state.record(py, &place, |bytes| Read::recovered(bytes, recovered)))
            }
            other => Err(other),
        };
        drop(state);
        let failure = match record {
            Ok(record) => return Ok(Bound::new(py, record)?.into_any()),
            Err(Judgement::Refused(mut finding)) => {
                finding.offset += offset;
                finding.record_offset = Some(offset);
                marc_error(py, &finding).unwrap_or_else(|failure| failure)
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
        let Ok(state) = self.state.try_lock() else { return Ok(()) };
        if let Origin::File(file) = &state.from {
            visit.call(file)?;
        }
        visit.call(&state.exception)
    }

    fn __clear__(&self) {
        let state = self.state.lock().map(|mut state| std::mem::take(&mut *state));
        drop(state);
    }
}

impl State {
    /// What decides how records are read, to be looked at when nothing is locked.
    fn given(&self, py: Python<'_>) -> GivenSettings {
        let shared = |setting: &Option<Py<PyAny>>| setting.as_ref().map(|it| it.clone_ref(py));
        GivenSettings {
            to_unicode: shared(&self.to_unicode),
            force_utf8: shared(&self.force_utf8),
            utf8_handling: shared(&self.utf8_handling),
            file_encoding: shared(&self.file_encoding),
            recovers: self.recovers,
        }
    }

    /// Reads ahead from now on, if nobody can see it.
    fn begin(&mut self, py: Python<'_>) -> PyResult<()> {
        let Origin::File(file) = &self.from else { return Ok(()) };
        if types::references(file.bind(py)) > 1 || !is_read_ahead(file.bind(py))? {
            return Ok(());
        }
        let (ahead, handle) = (Box::new(Ahead::of_file(file.bind(py))), Handle::File(file.clone_ref(py)));
        self.from = Origin::Ahead { ahead, handle };
        Ok(())
    }

    fn record(&self, py: Python<'_>, place: &Range<usize>, read: impl FnOnce(Box<[u8]>) -> Read) -> Record {
        let bytes = match &self.from {
            Origin::Ahead { ahead, .. } => ahead.bytes().get(place.clone()).unwrap_or_default(),
            _ => &[],
        };
        let shared =
            |setting: &Option<Py<PyAny>>| setting.as_ref().map_or_else(|| py.None(), |it| it.clone_ref(py));
        Record::read(read(bytes.into()), shared(&self.force_utf8), shared(&self.to_unicode))
    }
}

/// The settings of a reader as a script gave them.
struct GivenSettings {
    to_unicode: Option<Py<PyAny>>,
    force_utf8: Option<Py<PyAny>>,
    utf8_handling: Option<Py<PyAny>>,
    file_encoding: Option<Py<PyAny>>,
    recovers: bool,
}

impl GivenSettings {
    fn is(&self, other: &GivenSettings) -> bool {
        let same = |one: &Option<Py<PyAny>>, two: &Option<Py<PyAny>>| match (one, two) {
            (Some(one), Some(two)) => one.is(two),
            (one, two) => one.is_none() && two.is_none(),
        };
        same(&self.to_unicode, &other.to_unicode)
            && same(&self.force_utf8, &other.force_utf8)
            && same(&self.utf8_handling, &other.utf8_handling)
            && same(&self.file_encoding, &other.file_encoding)
            && self.recovers == other.recovers
    }

    /// What they come to. Objects of scripts are asked, which may do anything.
    fn read(&self, py: Python<'_>) -> PyResult<Settings> {
        let is_true = |setting: &Option<Py<PyAny>>| match setting {
            Some(setting) => setting.bind(py).is_truthy(),
            None => Ok(false),
        };
        let handling = self.utf8_handling.as_ref().map(|handling| handling.bind(py));
        if let Some(handling) = handling.filter(|_| self.recovers)
            && !["strict", "replace"]
                .iter()
                .try_fold(false, |any, name| handling.eq(name).map(|it| it | any))?
        {
            return Err(PyValueError::new_err(format!(
                "with recover=True, U+FFFD stands for bytes that are not UTF-8; utf8_handling={} has no effect there",
                handling.repr()?
            )));
        }
        Ok(Settings {
            to_unicode: is_true(&self.to_unicode)?,
            force_utf8: is_true(&self.force_utf8)?,
            other: self.other_charset(py)?,
            recovers: self.recovers,
            is_handled: handling.is_none_or(|handling| handling.is_instance_of::<PyString>()),
        })
    }

    /// The set of records that do not say UTF-8; none if only Python knows it.
    fn other_charset(&self, py: Python<'_>) -> PyResult<Option<Charset>> {
        let Some(encoding) = self.file_encoding.as_ref().map(|encoding| encoding.bind(py)) else {
            return Ok(Some(Charset::Marc8));
        };
        if encoding.eq(intern!(py, "iso8859-1"))? {
            return Ok(Some(Charset::Marc8));
        }
        if !self.recovers {
            return Ok(None);
        }
        let known = encoding.extract::<&str>().ok().and_then(Charset::named);
        let unknown = |shown| {
            PyValueError::new_err(format!("file_encoding={shown} is not a set that recover=True can read"))
        };
        known.map(Some).ok_or_else(|| encoding.repr().map_or_else(|error| error, unknown))
    }
}
