//! Rows to records of ISO 2709, in a file or a file object.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use mrrc::internals::columns::accounts;
use mrrc::internals::io::Output;
use mrrc::internals::words::counted;
use mrrc::rows::{Pieces, RowOptions, Written, write_into};
use mrrc::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::destination::Destination;
use crate::error::{exception, refused};
use crate::from_arrow::{answering, reader};
use crate::guard::guarded;
use crate::options::{Argument, threads_of, write_options};
use crate::signals::output;
use crate::table::Table;

/// Where records are written.
pub(crate) enum Target {
    Path(Destination),
    File(Py<PyAny>),
}

impl Target {
    /// A path, an address, or a binary file object.
    pub(crate) fn of(target: Bound<'_, PyAny>, storage: Option<&Bound<'_, PyAny>>) -> PyResult<Target> {
        let is_file = !target.hasattr("__fspath__")? && target.hasattr("write")?;
        if is_file {
            return Ok(Target::File(target.unbind()));
        }
        Destination::of("target", &target, storage).map(Target::Path)
    }

    /// Writes to it, for the method of this name. A file at a path appears complete or not at all, and not if the warning
    /// of what was left out is made an error.
    pub(crate) fn filled(
        &self,
        method: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<Written>,
    ) -> Result<Written> {
        match self {
            Target::Path(path) => {
                let mut output: Output = output(path.path())?;
                let written = write(&mut output)?;
                warn(&written, method)?;
                output.finish().map_err(Error::Output)?;
                path.arrive().map(|()| written)
            }
            Target::File(file) => {
                let mut file = io::BufWriter::with_capacity(BLOCK, File(file));
                let written = write(&mut file)?;
                file.flush()?;
                warn(&written, method)?;
                Ok(written)
            }
        }
    }
}

/// The keywords of `write_marc`.
pub(crate) fn row_options(
    py: Python<'_>,
    [encoding, unencodable, oversize, on_error]: [&str; 4],
    threads: Option<usize>,
) -> PyResult<RowOptions> {
    let skips = Argument::of_text(py, "on_error", on_error).one_of(&[("raise", false), ("skip", true)])?;
    let records = write_options(py, encoding, unencodable, oversize)?;
    let options = RowOptions::default().records(records).skips(skips);
    Ok(threads.map_or(options, |threads| options.threads(threads)))
}

/// Writes the rows of any object with an Arrow stream, for `mrrc.write_marc`.
#[pyfunction]
pub(crate) fn _write_marc(
    data: &Bound<'_, PyAny>,
    target: Bound<'_, PyAny>,
    encoding: &str,
    unencodable: &str,
    oversize: &str,
    on_error: &str,
    threads: Option<Bound<'_, PyAny>>,
) -> PyResult<Table> {
    let py = data.py();
    let threads = threads_of(threads)?;
    let options = row_options(py, [encoding, unencodable, oversize, on_error], threads)?;
    let target = Target::of(target, None)?;
    let reader = reader(data)?;
    write_reader(py, &reader.schema(), reader, &target, &options)
}

/// Writes the rows of batches, and returns the account.
pub(crate) fn write_reader<E: Into<Error>>(
    py: Python<'_>,
    schema: &Schema,
    batches: impl Iterator<Item = Result<RecordBatch, E>> + Send,
    target: &Target,
    options: &RowOptions,
) -> PyResult<Table> {
    let written = py.detach(|| guarded(|| write_marc(schema, answering(batches), target, options)));
    account(py, &written.map_err(|error| exception(py, error))?)
}

/// Writes the records of rows.
pub(crate) fn write_marc<E: Into<Error>>(
    schema: &Schema,
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
    target: &Target,
    options: &RowOptions,
) -> Result<Written> {
    let pieces = Pieces::of(schema, batches)?;
    target.filled("write_marc", |mut to| write_into(pieces, &mut to, options))
}

const BLOCK: usize = 256 << 10;

/// A binary file object of Python.
struct File<'a>(&'a Py<PyAny>);

impl Write for File<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let write = |py: Python<'_>| -> PyResult<usize> {
            let answer = self.0.call_method1(py, "write", (PyBytes::new(py, bytes),))?;
            // Some do not say how many they took.
            Ok(answer.extract(py).ok().filter(|taken| *taken <= bytes.len()).unwrap_or(bytes.len()))
        };
        // Wrapped: an InterruptedError would be taken for a signal, and retried.
        Python::attach(write).map_err(io::Error::other)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Issues one warning if not all was written as it stood.
fn warn(written: &Written, method: &str) -> Result<()> {
    let news = [(written.skipped, "left out"), (written.odd, "written with something odd")];
    let news: Vec<_> = news.iter().filter(|(count, _)| *count > 0).collect();
    if news.is_empty() {
        return Ok(());
    }
    let news: Vec<_> = news.iter().map(|(count, what)| format!("{count} {what}")).collect();
    let message = format!(
        "{}; {}; the Table that {method} returns says why",
        counted(written.records, "record"),
        news.join(", ")
    );
    let told = Python::attach(|py| py.import("mrrc._errors")?.call_method1("_warn", (message,)).map(drop));
    told.map_err(|exception| Error::Interrupted(Box::new(exception)))
}

/// What was not written as it stood, as a Table.
pub(crate) fn account(py: Python<'_>, written: &Written) -> PyResult<Table> {
    let messages =
        written.refusals.iter().map(|refusal| refused(py, refusal)).collect::<PyResult<Vec<_>>>()?;
    let batch = accounts::refusals(&written.refusals, &messages);
    Ok(Table::of_account(&batch.map_err(|error| exception(py, error.into()))?))
}
