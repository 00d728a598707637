//! The settings of a reader as attributes, and how they are used.

use mrrc::internals::record::judge;
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;

use super::MARCReader;
use crate::records::decode::DecodeOptions;

macro_rules! attributes {
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
    };
}

attributes! {
    /// Whether to decode values; like every setting, it may change between records.
    to_unicode get_to_unicode set_to_unicode;
    /// Whether to read records as UTF-8 even if their leader does not say so.
    force_utf8 get_force_utf8 set_force_utf8;
    /// Whether to suppress warnings about UTF-8 in records that declare MARC-8.
    hide_utf8_warnings get_hide_utf8_warnings set_hide_utf8_warnings;
    /// What to do with bytes that are not UTF-8: an `errors` argument of `bytes.decode`.
    utf8_handling get_utf8_handling set_utf8_handling;
    /// The encoding of records that do not declare UTF-8; the default, `iso8859-1`, means MARC-8.
    file_encoding get_file_encoding set_file_encoding;
    /// Has no effect: a record that cannot be read is always None.
    permissive get_permissive set_permissive;
}

impl MARCReader {
    /// What decides how records are read, as long as it is not changed.
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
