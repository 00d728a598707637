//! `MARCWriter` on a path: each record is laid out at once, and blocks of them are written without the interpreter's
//! lock.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mrrc::forms::{Marc, WriteEncoding, WriteOptions};
use mrrc::internals::io::Output;
use mrrc::internals::iso2709::encode::settle;
use mrrc::internals::iso2709::{Entries, Leader, directory};
use mrrc::internals::words::counted;
use mrrc::{Error, Refusal, WriteCode, WriteError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use super::field::plain;
use super::marc;
use super::record::Record;
use super::refusal::{Unread, refused, tell_by_attributes};
use crate::destination::Destination;
use crate::error;
use crate::error::exception;
use crate::guard::gate;
use crate::options::write_options;
use crate::signals::output;

/// Bytes that are gathered before they are written.
const BLOCK: usize = 256 << 10;

/// A file of records that appears complete, or not at all.
#[pyclass(module = "mrrc._mrrc", frozen)]
pub(super) struct _MarcFile {
    preserve: bool,
    options: WriteOptions,
    /// The number of records passed to it, including refused ones.
    given: AtomicU64,
    odd: Mutex<Odd>,
    file: Mutex<Option<File>>,
}

/// What was odd in records that were written: the first of each kind is told at once, the others are counted.
#[derive(Default)]
struct Odd {
    told: BTreeSet<WriteCode>,
    untold: u64,
}

impl Odd {
    fn is_news(&mut self, code: WriteCode) -> bool {
        let is_news = self.told.insert(code);
        self.untold += u64::from(!is_news);
        is_news
    }
}

struct File {
    destination: Destination,
    output: Output,
    /// Records, laid out, waiting to be written.
    block: Vec<u8>,
}

impl File {
    fn flush(&mut self) -> Result<(), Error> {
        gate();
        self.output.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}

#[pymethods]
impl _MarcFile {
    #[new]
    fn new(
        path: Bound<'_, PyAny>,
        preserve: bool,
        encoding: &str,
        unencodable: &str,
        oversize: &str,
    ) -> PyResult<_MarcFile> {
        let py = path.py();
        let options = write_options(py, encoding, unencodable, oversize)?;
        let destination = Destination::of("path", &path, None)?;
        let output = py.detach(|| output(destination.path())).map_err(|error| exception(py, error.into()))?;
        let file = Mutex::new(Some(File { destination, output, block: Vec::new() }));
        Ok(_MarcFile { preserve, options, given: AtomicU64::new(0), odd: Mutex::default(), file })
    }

    /// Add a record; write a block when enough of them are waiting.
    fn write(&self, record: &Bound<'_, Record>) -> PyResult<()> {
        let py = record.py();
        let lock = || self.file.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        if lock().is_none() {
            return Ok(());
        }
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        // The parts of a record may be any object, and run any code when their text is requested.
        let (laid_out, odd) = self.lay_out(record, number)?;
        for it in odd {
            if self.odd(py).is_news(it.code) {
                warn(py, error::refused(py, &Refusal { record: Some(number), ..it })?)?;
            }
        }
        let mut file = lock();
        let Some(file) = file.as_mut() else { return Ok(()) };
        file.output.check().map_err(|error| exception(py, error.into()))?;
        file.block.extend_from_slice(&laid_out);
        if file.block.len() >= BLOCK {
            py.detach(|| file.flush()).map_err(|error| exception(py, error))?;
        }
        Ok(())
    }

    /// Write the rest, and move the file into place.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let Some(mut file) = self.take(py) else { return Ok(()) };
        let untold = self.odd(py).untold;
        if untold > 0 {
            let more = counted(untold, "such finding");
            warn(
                py,
                format!("{more} more in the records that were written: mrrc.check of the file lists them"),
            )?;
        }
        let finish = || -> Result<(), Error> {
            file.flush()?;
            file.output.finish()?;
            file.destination.arrive()
        };
        py.detach(finish).map_err(|error| exception(py, error))
    }

    /// Discard the file.
    fn discard(&self, py: Python<'_>) {
        drop(self.take(py));
    }
}

impl _MarcFile {
    fn odd(&self, py: Python<'_>) -> MutexGuard<'_, Odd> {
        self.odd.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, py: Python<'_>) -> Option<File> {
        self.file.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The bytes of a record, from which it can be read again, and what is odd about it.
    fn lay_out(&self, record: &Bound<'_, Record>, number: u64) -> PyResult<(Vec<u8>, Vec<Refusal>)> {
        let (py, own) = (record.py(), record.get());
        if self.preserve
            && own.is_as_read(py)?
            && let Some(original) = own.original()
        {
            return Ok((original.bytes.to_vec(), Vec::new()));
        }
        let is_coded = own.get_to_unicode(py)?.is_truthy()?;
        let is_utf8 = self.options.encoding == WriteEncoding::Utf8;
        if is_utf8 && is_coded {
            own.set_coded(py)?;
        }
        let refuse = |error| refused(py, number, error);
        if is_utf8
            && let Some(original) = own.canonical().filter(|original| has_plain_leader(&original.bytes))
        {
            let coding = is_coded.then_some(b'a');
            return settled(original.bytes.to_vec(), coding).map(|bytes| (bytes, Vec::new())).map_err(refuse);
        }
        let encoding = if is_coded { self.options.encoding } else { WriteEncoding::Bytes };
        let mut marc = Marc::new(WriteOptions { encoding, ..self.options });
        if !own.tell_any(py, !is_coded, &mut marc)? {
            if own.find(py, |field| Ok(plain(field).is_none().then_some(())))?.is_some() {
                return Ok((self.by_own_methods(record, number)?, Vec::new()));
            }
            marc = Marc::new(WriteOptions { encoding, ..self.options });
            let told = tell_by_attributes(record, &unread(is_coded), &mut marc)?;
            told.map_err(|error| refuse(error.with_control_number(marc.control_number())))?;
        }
        let mut out = Vec::new();
        let odd = leader_of(own, py)?.and_then(|leader| marc.finish(leader, &mut out)).map_err(refuse)?;
        Ok((out, odd))
    }

    /// The bytes that the record's own methods give, which may be those of a subclass.
    fn by_own_methods(&self, record: &Bound<'_, Record>, number: u64) -> PyResult<Vec<u8>> {
        let py = record.py();
        let is_coded = record.get().get_to_unicode(py)?.is_truthy()?;
        let control_number = marc::control_number(record)?;
        let refuse =
            |error: WriteError| refused(py, number, error.with_control_number(control_number.clone()));
        tell_by_attributes(record, &unread(is_coded), &mut mrrc::internals::record::Ignore)?
            .map_err(refuse)?;
        let cannot = |reason: &str| WriteError::new(WriteCode::RecordUnwritable).found(reason);
        let bytes = match marc::written(record)? {
            (bytes, None) => settled(bytes.as_bytes().to_vec(), None).map_err(refuse)?,
            (_, Some(reason)) => return Err(refuse(cannot(&reason))),
        };
        if !directory::sound(&bytes, &mut Entries::new()) {
            return Err(refuse(cannot("a directory that does not fit the fields")));
        }
        Ok(bytes)
    }
}

fn warn(py: Python<'_>, message: String) -> PyResult<()> {
    py.import("mrrc._errors")?.call_method1("_warn", (message,)).map(drop)
}

/// What to do with bytes in a record whose values are, or are not, text.
fn unread<'py>(is_coded: bool) -> Unread<'py> {
    if is_coded { Unread::Refused } else { Unread::Bytes }
}

/// Whether the leader has nothing that would become a blank.
fn has_plain_leader(record: &[u8]) -> bool {
    record.iter().take(24).all(|byte| byte.is_ascii() && !matches!(byte, 0x1D | 0x1E))
}

/// A record whose leader says how it is laid out, and in which encoding.
fn settled(mut bytes: Vec<u8>, coding: Option<u8>) -> Result<Vec<u8>, WriteError> {
    let Some(leader) = bytes.first_chunk_mut::<24>() else {
        return Err(WriteError::new(WriteCode::LeaderUnwritable));
    };
    if leader.iter().any(|byte| matches!(byte, 0x1D | 0x1E)) {
        return Err(WriteError::new(WriteCode::LeaderUnwritable).found(leader.escape_ascii().to_string()));
    }
    for byte in leader.iter_mut().filter(|byte| !byte.is_ascii()) {
        *byte = b' ';
    }
    leader[9] = coding.unwrap_or(leader[9]);
    settle(leader);
    Ok(bytes)
}

/// The leader of a record; a character that is no byte becomes one that is not ASCII.
fn leader_of(record: &Record, py: Python<'_>) -> PyResult<Result<Leader, WriteError>> {
    let text = record.get_leader(py)?.str()?;
    let text = text.to_string_lossy();
    let bytes: Vec<u8> = text.chars().map(|it| u8::try_from(it).unwrap_or(0xFF)).collect();
    let leader = bytes.try_into().map(Leader);
    Ok(leader.map_err(|_| WriteError::new(WriteCode::LeaderUnwritable).found(format!("{text:?}"))))
}
