//! Keyword arguments as [`mrrc::Options`]; an error names the argument, what was given, and what may be.

use std::ops::RangeInclusive;

use mrrc::charset::Charset;
use mrrc::io::pool::MAX_THREADS;
use mrrc::{Codes, Encoding, Layout, Options, Policy, Strings};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};

/// What `read_arrow` and `scan` are called with, besides the source and the progress.
pub(crate) fn options(keywords: &Bound<'_, PyDict>) -> PyResult<Options> {
    let given = |argument: &'static str| -> PyResult<Argument<'_>> {
        let value = keywords.get_item(argument)?;
        let value = value.ok_or_else(|| PyTypeError::new_err(format!("{argument} is missing")))?;
        Ok(Argument { name: argument, value })
    };
    Ok(Options {
        layout: given("layout")?.one_of(&[("nested", Layout::Nested)])?,
        strings: given("strings")?.one_of(&[("utf8", Strings::Utf8), ("view", Strings::View)])?,
        codes: given("codes")?.one_of(&[("utf8", Codes::Utf8), ("dictionary", Codes::Dictionary)])?,
        batch_size: given("batch_size")?.whole(1..=u64::MAX)? as usize,
        n_rows: given("n_rows")?.if_any(|it| it.whole(0..=u64::MAX))?,
        threads: given("threads")?.if_any(Argument::threads)?,
        encoding: given("encoding")?.encoding()?,
        on_error: given("on_error")?.one_of(&[
            ("raise", Policy::Raise),
            ("skip", Policy::Skip),
            ("recover", Policy::Recover),
        ])?,
        ..Options::default()
    })
}

/// An argument as it was given.
pub(crate) struct Argument<'py> {
    pub(crate) name: &'static str,
    pub(crate) value: Bound<'py, PyAny>,
}

impl Argument<'_> {
    /// None if it is None.
    pub(crate) fn if_any<T>(self, read: impl FnOnce(Self) -> PyResult<T>) -> PyResult<Option<T>> {
        if self.value.is_none() { Ok(None) } else { read(self).map(Some) }
    }

    /// A number of threads.
    pub(crate) fn threads(self) -> PyResult<usize> {
        self.whole(1..=MAX_THREADS as u64).map(|threads| threads as usize)
    }

    /// A whole number in a range.
    pub(crate) fn whole(self, range: RangeInclusive<u64>) -> PyResult<u64> {
        let index = if self.value.is_instance_of::<PyBool>() { None } else { self.index() };
        let Some(index) = index else { return Err(self.not_a("a whole number")) };
        index.extract().ok().filter(|number| range.contains(number)).ok_or_else(|| {
            let (name, least) = (self.name, range.start());
            let most =
                if *range.end() == u64::MAX { " or more".into() } else { format!(" to {}", range.end()) };
            PyValueError::new_err(format!("{name}={index} is out of range; choose {least}{most}"))
        })
    }

    /// What Python counts with, such as an `int`, or a number of numpy's.
    fn index(&self) -> Option<Bound<'_, PyAny>> {
        self.value.call_method0("__index__").ok()
    }

    fn text(&self) -> PyResult<&str> {
        let text = self.value.cast::<PyString>().map_err(|_| self.not_a("a string"))?;
        text.to_str()
    }

    fn one_of<T: Copy>(self, choices: &[(&str, T)]) -> PyResult<T> {
        let text = self.text()?;
        choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
            PyValueError::new_err(format!(
                "{}={text:?} is not known; choose {}",
                self.name,
                names.join(" or ")
            ))
        })
    }

    fn encoding(self) -> PyResult<Encoding> {
        match self.text()? {
            "declared" => Ok(Encoding::Declared),
            name => Charset::named(name).map(Encoding::Named).ok_or_else(|| {
                PyValueError::new_err(format!(
                    "encoding={name:?} is not known; choose \"declared\", \"utf-8\", \"marc-8\", \"latin-1\", \
                     or a single-octet set such as \"windows-1252\""
                ))
            }),
        }
    }

    pub(crate) fn not_a(&self, expected: &str) -> PyErr {
        let found = self.value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        PyTypeError::new_err(format!("{} must be {expected}, not {found}", self.name))
    }
}
