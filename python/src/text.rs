//! Records to MARCXML, MARC-in-JSON or MARCMaker text, in a file or a file object.

use arrow_array::RecordBatchReader;
use mrrc::forms::TextForm;
use mrrc::rows::{Pieces, TextOptions, write_text_into};
use pyo3::prelude::*;

use crate::error::exception;
use crate::from_arrow::answering;
use crate::guard::guarded;
use crate::marc::{Target, account};
use crate::options::Argument;
use crate::table::Table;

/// The arguments of `to_marcxml`, `to_json` and `to_mrk`.
pub(crate) struct Texts {
    pub(crate) form: TextForm,
    pub(crate) target: Target,
    pub(crate) options: TextOptions,
}

impl Texts {
    pub(crate) fn new(
        form: TextForm,
        target: Bound<'_, PyAny>,
        storage: Option<&Bound<'_, PyAny>>,
        unencodable: &str,
        on_error: &str,
        threads: Option<usize>,
    ) -> PyResult<Texts> {
        let py = target.py();
        let replaces = Argument::of_text(py, "unencodable", unencodable)
            .one_of(&[("raise", false), ("replace", true)])?;
        let skips =
            Argument::of_text(py, "on_error", on_error).one_of(&[("raise", false), ("skip", true)])?;
        let options = TextOptions::default().replaces(replaces).skips(skips);
        let options = threads.map_or(options, |threads| options.threads(threads));
        Ok(Texts { form, target: Target::of(target, storage)?, options })
    }

    /// The method that writes this form.
    pub(crate) fn method(&self) -> &'static str {
        match self.form {
            TextForm::Marcxml => "to_marcxml",
            TextForm::Json | TextForm::JsonArray => "to_json",
            TextForm::Mrk => "to_mrk",
        }
    }

    /// Writes the rows of a Table, and returns the account.
    pub(crate) fn write_table(&self, py: Python<'_>, table: &Table) -> PyResult<Table> {
        let write = || {
            let reader = table.reader();
            let pieces = Pieces::of(&reader.schema(), answering(reader))?;
            self.target
                .filled(self.method(), |mut to| write_text_into(pieces, &mut to, self.form, &self.options))
        };
        let written = py.detach(|| guarded(write)).map_err(|error| exception(py, error))?;
        account(py, &written)
    }
}

/// Whether `to_json` is asked for one array.
pub(crate) fn is_array(array: Option<Bound<'_, PyAny>>) -> PyResult<bool> {
    array.map_or(Ok(false), |array| Argument::new("array", array).yes_or_no())
}
