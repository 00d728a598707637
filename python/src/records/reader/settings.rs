//! The settings of a reader: what a script passed, which may be any object, and what it means.

use mrrc::internals::charset::Charset;
use mrrc::internals::record::judge;
use mrrc::internals::words::brief;
use pyo3::PyTraverseError;
use pyo3::exceptions::PyValueError;
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The settings as a script gave them; none before `__init__`.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) to_unicode: Option<Py<PyAny>>,
    pub(super) force_utf8: Option<Py<PyAny>>,
    pub(super) hide_utf8_warnings: Option<Py<PyAny>>,
    pub(super) utf8_handling: Option<Py<PyAny>>,
    pub(super) file_encoding: Option<Py<PyAny>>,
    pub(super) permissive: Option<Py<PyAny>>,
    pub(super) recovers: bool,
    /// What they come to; none since one of them changed.
    pub(super) judged: Option<judge::Settings>,
}

macro_rules! by_name {
    ($($name:ident),*) => {
        impl Settings {
            pub(super) fn shared(&self, py: Python<'_>) -> Settings {
                let shared = |setting: &Option<Py<PyAny>>| setting.as_ref().map(|it| it.clone_ref(py));
                Settings { $($name: shared(&self.$name),)* recovers: self.recovers, judged: self.judged }
            }

            pub(super) fn is(&self, other: &Settings) -> bool {
                let same = |one: &Option<Py<PyAny>>, two: &Option<Py<PyAny>>| match (one, two) {
                    (Some(one), Some(two)) => one.is(two),
                    (one, two) => one.is_none() && two.is_none(),
                };
                $(same(&self.$name, &other.$name) &&)* self.recovers == other.recovers
            }

            pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
                $(visit.call(&self.$name)?;)*
                Ok(())
            }
        }
    };
}

by_name!(to_unicode, force_utf8, hide_utf8_warnings, utf8_handling, file_encoding, permissive);

impl Settings {
    /// `force_utf8` and `to_unicode`, which records carry.
    pub(super) fn of_record(&self, py: Python<'_>) -> [Py<PyAny>; 2] {
        [&self.force_utf8, &self.to_unicode]
            .map(|setting| setting.as_ref().map_or_else(|| py.None(), |it| it.clone_ref(py)))
    }

    /// What they come to. Objects of scripts are asked, which may do anything.
    pub(super) fn judge(&self, py: Python<'_>) -> PyResult<judge::Settings> {
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
                "with recover=True, bytes that are not UTF-8 become U+FFFD; utf8_handling={} has no effect",
                brief(&handling.repr()?.to_string())
            )));
        }
        Ok(judge::Settings {
            to_unicode: is_true(&self.to_unicode)?,
            force_utf8: is_true(&self.force_utf8)?,
            other: self.other_charset(py)?,
            recovers: self.recovers,
            is_handled: handling.is_none_or(|handling| handling.is_instance_of::<PyString>()),
        })
    }

    /// The set of records that do not declare UTF-8; `None` if only Python knows it.
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
        let unknown = |shown: Bound<'_, PyString>| {
            let shown = shown.to_string();
            let shown = brief(&shown);
            PyValueError::new_err(format!(
                "file_encoding={shown} is not an encoding that recover=True can read"
            ))
        };
        known.map(Some).ok_or_else(|| encoding.repr().map_or_else(|error| error, unknown))
    }
}
