//! The settings of a reader: what a script gave, which may be anything, and what it comes to.

use mrrc::internals::charset::Charset;
use mrrc::internals::record::judge;
use pyo3::PyTraverseError;
use pyo3::exceptions::{PyAttributeError, PyValueError};
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::MARCReader;
use crate::records::decode::DecodeOptions;

/// The settings as a script gave them; none before `__init__`.
#[derive(Default)]
pub(super) struct Settings {
    to_unicode: Option<Py<PyAny>>,
    force_utf8: Option<Py<PyAny>>,
    hide_utf8_warnings: Option<Py<PyAny>>,
    utf8_handling: Option<Py<PyAny>>,
    file_encoding: Option<Py<PyAny>>,
    permissive: Option<Py<PyAny>>,
    pub(super) recovers: bool,
    /// What they come to; none since one of them changed.
    judged: Option<judge::Settings>,
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident $get:ident $set:ident;)*) => {
        #[pymethods]
        impl MARCReader {
            $(
                $(#[$doc])*
                #[getter($name)]
                pub(super) fn $get<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                    let setting = self.state(py).settings.$name.as_ref().map(|it| it.bind(py).clone());
                    setting.ok_or_else(|| {
                        let name = stringify!($name);
                        PyAttributeError::new_err(format!("'MARCReader' object has no attribute '{name}'"))
                    })
                }

                #[setter($name)]
                pub(super) fn $set(&self, value: Bound<'_, PyAny>) {
                    let before = {
                        let settings = &mut self.state(value.py()).settings;
                        settings.judged = None;
                        settings.$name.replace(value.unbind())
                    };
                    drop(before);
                }
            )*
        }

        impl Settings {
            fn shared(&self, py: Python<'_>) -> Settings {
                let shared = |setting: &Option<Py<PyAny>>| setting.as_ref().map(|it| it.clone_ref(py));
                Settings { $($name: shared(&self.$name),)* recovers: self.recovers, judged: self.judged }
            }

            fn is(&self, other: &Settings) -> bool {
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

settings! {
    /// Whether to decode values; like every setting, it may change between records.
    to_unicode get_to_unicode set_to_unicode;
    /// Whether to read records as UTF-8 even if their leader does not say so.
    force_utf8 get_force_utf8 set_force_utf8;
    /// Whether to suppress warnings about UTF-8 in records that declare MARC-8.
    hide_utf8_warnings get_hide_utf8_warnings set_hide_utf8_warnings;
    /// What to do with bytes that are not UTF-8: an `errors` name of `bytes.decode`.
    utf8_handling get_utf8_handling set_utf8_handling;
    /// The encoding of records that do not declare UTF-8; the default, `iso8859-1`, stands for MARC-8.
    file_encoding get_file_encoding set_file_encoding;
    /// Has no effect: a record that cannot be read is always None.
    permissive get_permissive set_permissive;
}

impl MARCReader {
    /// What decides how records are read, as long as nobody changes it.
    pub(super) fn judge_settings(&self, py: Python<'_>) -> PyResult<judge::Settings> {
        let settings = {
            let state = self.state(py);
            match state.settings.judged {
                Some(settings) => return Ok(settings),
                None => state.settings.shared(py),
            }
        };
        let judged = settings.judge(py)?;
        let mut state = self.state(py);
        if state.settings.is(&settings) {
            state.settings.judged = Some(judged);
        }
        drop(state);
        Ok(judged)
    }

    /// How a record is decoded that has to be decoded at once.
    pub(super) fn decode_options<'py>(&self, py: Python<'py>) -> PyResult<DecodeOptions<'py>> {
        let is_forced = self.get_force_utf8(py)?.is_truthy()?;
        Ok(DecodeOptions {
            to_unicode: self.get_to_unicode(py)?.is_truthy()?,
            force_utf8: is_forced,
            is_forced,
            hide_utf8_warnings: self.get_hide_utf8_warnings(py)?,
            utf8_handling: self.get_utf8_handling(py)?,
            encoding: self.get_file_encoding(py)?,
        })
    }
}

impl Settings {
    /// `force_utf8` and `to_unicode`, which records carry.
    pub(super) fn of_record(&self, py: Python<'_>) -> [Py<PyAny>; 2] {
        [&self.force_utf8, &self.to_unicode]
            .map(|setting| setting.as_ref().map_or_else(|| py.None(), |it| it.clone_ref(py)))
    }

    /// What they come to. Objects of scripts are asked, which may do anything.
    fn judge(&self, py: Python<'_>) -> PyResult<judge::Settings> {
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
        Ok(judge::Settings {
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
