//! Records that are read, written as text without becoming rows.

use std::io::Write;
use std::iter;
use std::path::Path;

use arrow_array::RecordBatch;

use super::{Batches, Output, Scan};
use crate::columns::Purpose;
use crate::error::{Error, Result};
use crate::forms::TextForm;
use crate::forms::text::Framed;
use crate::guard::internal;
use crate::options::Layout;
use crate::rows::{Pieces, TextOptions, Written};

impl Scan {
    /// Writes the records that are read to a file at `path`, as MARCXML, MARC-in-JSON or MARCMaker text.
    ///
    /// The file appears when it is complete, or not at all. Options of the scan say which records and which of their
    /// fields are written.
    ///
    /// ```
    /// use mrrc::forms::TextForm;
    /// use mrrc::rows::TextOptions;
    /// use mrrc::{Scan, Source};
    ///
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let scan = Scan::new(Source::bytes(bytes));
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("catalogue.xml");
    /// let written = scan.write_text(&path, TextForm::Marcxml, &TextOptions::default())?;
    /// assert_eq!((written.records, written.odd), (1, 0));
    /// assert_eq!(Scan::new(path).count()?, 1);
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the columns of the scan are not those of a layout, and the errors of
    /// [`Batches::next_batch`]; [`Error::Write`] for a record that cannot be written; [`Error::Output`] if the
    /// file cannot be written. No file is left then.
    pub fn write_text(
        &self,
        path: impl AsRef<Path>,
        form: TextForm,
        options: &TextOptions,
    ) -> Result<Written> {
        let mut batches = self.writing(form, options.replaces)?.batches();
        let mut output = Output::create(path).map_err(Error::of_writing)?;
        let written = batches.write_text_into(&mut output, options.skips)?;
        output.finish().map_err(Error::of_writing)?;
        Ok(written)
    }

    /// The same records as text, which [`Batches::write_text_into`] writes; what the form does not have is refused, or
    /// replaced if `replaces`.
    #[doc(hidden)]
    pub fn writing(&self, form: TextForm, replaces: bool) -> Result<Scan> {
        Pieces::of(&self.schema(), iter::empty::<Result<RecordBatch>>())?;
        if self.options.limits.n_rows.is_some() && self.options.columns.layout != Layout::Nested {
            let advice = "rows of this layout may end within a record; limit those of layout nested";
            return Err(Error::Argument(advice.into()));
        }
        Ok(self.clone().with_purpose(Purpose::Write { form, replaces }))
    }
}

impl Batches {
    /// Writes all records of a scan that [writes](Scan::writing) them. A record that cannot be written is an error, or
    /// left out if `skips`.
    #[doc(hidden)]
    pub fn write_text_into(&mut self, to: &mut impl Write, skips: bool) -> Result<Written> {
        let Some(form) = self.text_form() else { return Err(internal("a read that writes no text")) };
        let mut framed = Framed::begin(form, to)?;
        let mut written = Written::default();
        while let Some(copied) = self.next_copied()? {
            written.count(copied.ends.len(), copied.refusals, skips)?;
            framed.put(&copied.bytes)?;
        }
        written.bytes = framed.end()?;
        Ok(written)
    }
}
