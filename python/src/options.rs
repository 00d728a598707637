//! Keyword arguments as [`mrrc::Options`].

use mrrc::charset::Charset;
use mrrc::{Codes, Encoding, Layout, Options, Policy, Strings};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What `read_arrow` and `scan` are called with, besides the source.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Keywords {
    layout: String,
    strings: String,
    codes: String,
    batch_size: usize,
    n_rows: Option<u64>,
    threads: Option<usize>,
    encoding: String,
    on_error: String,
}

impl Keywords {
    /// The options that they name.
    pub(crate) fn options(&self) -> PyResult<Options> {
        if self.batch_size == 0 {
            return Err(PyValueError::new_err("batch_size is 0; a batch holds at least one record"));
        }
        if self.threads == Some(0) {
            return Err(PyValueError::new_err("threads is 0; use 1 for one thread, or None for all cores"));
        }
        Ok(Options {
            layout: one_of("layout", &self.layout, &[("nested", Layout::Nested)])?,
            strings: one_of("strings", &self.strings, &[("utf8", Strings::Utf8), ("view", Strings::View)])?,
            codes: one_of("codes", &self.codes, &[("utf8", Codes::Utf8), ("dictionary", Codes::Dictionary)])?,
            batch_size: self.batch_size,
            n_rows: self.n_rows,
            threads: self.threads,
            encoding: encoding(&self.encoding)?,
            on_error: one_of(
                "on_error",
                &self.on_error,
                &[("raise", Policy::Raise), ("skip", Policy::Skip), ("recover", Policy::Recover)],
            )?,
            ..Options::default()
        })
    }
}

fn one_of<T: Copy>(argument: &str, given: &str, choices: &[(&str, T)]) -> PyResult<T> {
    choices.iter().find(|(name, _)| *name == given).map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
        PyValueError::new_err(format!("{argument}={given:?} is not known; choose {}", names.join(" or ")))
    })
}

fn encoding(name: &str) -> PyResult<Encoding> {
    if name == "declared" {
        return Ok(Encoding::Declared);
    }
    Charset::named(name).map(Encoding::Named).ok_or_else(|| {
        PyValueError::new_err(format!(
            "encoding={name:?} is not known; choose \"declared\", \"utf-8\", \"marc-8\", \"latin-1\", or a \
             single-octet set such as \"windows-1252\""
        ))
    })
}
