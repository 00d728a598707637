//! [`Batches`]: one read of a [`Scan`], in order, decoded in parallel.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::{RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use bytes::BytesMut;

use super::PATIENCE;
use super::chunks::Chunks;
use super::decoders::{Awaited, Decoders, Outcome};
use super::opening::{Content, Opened, Opening};
use super::path::{PathError, why};
use super::scan::Scan;
use crate::accounts::Accounts;
use crate::columns::provenance::{Beside, Provenance};
use crate::columns::{self, Copied, Decoded, Plan, Purpose, ValueCounts};
use crate::description::Description;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::error::{Error, ParseError, Result};
use crate::forms::TextForm;
use crate::guard::internal;
use crate::notation::{Columns, Expression};
use crate::options::{self, Policy, Select};
use crate::record::RecordBuf;

impl Scan {
    /// Starts a read of the sources. Nothing is opened before the first batch is requested.
    ///
    /// ```
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// for batch in mrrc::Scan::new(mrrc::Source::bytes(bytes)).batches() {
    ///     assert_eq!(batch?.schema().field(0).name(), "record");
    /// }
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    pub fn batches(&self) -> Batches {
        Batches::new(self.clone())
    }

    /// Reads the sources and returns the number of rows. Text is decoded too, because a record may be left out for
    /// it.
    ///
    /// ```
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// assert_eq!(mrrc::Scan::new(mrrc::Source::bytes(bytes)).count()?, 1);
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Batches::next_batch`].
    pub fn count(&self) -> Result<u64> {
        let mut batches = self.select(Select::Some(Vec::new()))?.batches();
        let mut rows = 0;
        while let Some(batch) = batches.next_batch()? {
            rows += batch.num_rows() as u64;
        }
        Ok(rows)
    }

    /// Reads the sources and returns how often each value of an expression occurs: a column `value` of its type, and
    /// a column `count` (int64), the most frequent first. The values of a list are counted one by one.
    ///
    /// ```
    /// use mrrc::arrow::array::cast::AsArray;
    ///
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let scan = mrrc::Scan::new(mrrc::Source::bytes(bytes.repeat(3)));
    /// let counts = scan.value_counts(&"245$a".parse()?)?;
    /// assert_eq!(counts.column_by_name("value").unwrap().as_string::<i32>().value(0), "Title");
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the expression gives whole fields or structs, and those of [`Batches::next_batch`].
    pub fn value_counts(&self, expression: &Expression) -> Result<RecordBatch> {
        let (scan, mut counts) = self.counting_values(expression)?;
        let mut batches = scan.batches();
        while let Some(batch) = batches.next_batch()? {
            counts.add(&batch);
        }
        counts.finish()
    }

    /// The read that [`Scan::value_counts`] needs, and the counts of no value yet; for bindings that watch it.
    #[doc(hidden)]
    pub fn counting_values(&self, expression: &Expression) -> Result<(Scan, ValueCounts)> {
        let columns = Columns::of_one("value", expression.clone());
        let wanted = (*self.options).clone().columns(columns).select(Select::All);
        let scan =
            self.clone().with_options(wanted.provenance(options::Provenance::Without))?.without_source();
        Ok((scan, ValueCounts::of(expression)?))
    }
}

/// How far a read has come: what [`Batches::watched`] reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read, decompressed.
    pub bytes: u64,
    /// The size in bytes, if it is known: for one uncompressed source, and at the end.
    pub total: Option<u64>,
    /// Records delivered.
    pub records: u64,
}

type Watch = Box<dyn FnMut(&Progress) -> Result<()> + Send>;

/// One read of a [`Scan`]: an iterator over record batches that keeps accounts.
///
/// Batches come in the order of the sources, and are the same for any number of threads. At most `threads + 1` chunks
/// are held at a time.
pub struct Batches {
    scan: Scan,
    schema: SchemaRef,
    beside: Beside,
    watch: Option<Watch>,
    progress: Progress,
    accounts: Accounts,
    description: Option<Box<Description>>,
    opening: Opening,
    open: Option<Chunks>,
    /// The number of sources of which something was returned.
    begun: usize,
    /// The size of the source whose batches are returned now, if it is known.
    size: Option<u64>,
    /// Nothing more is read; chunks in flight are still returned.
    all_read: bool,
    /// Everything was returned.
    ended: bool,
    in_flight: VecDeque<InFlight>,
    spare: Vec<BytesMut>,
    rows_left: Option<u64>,
    /// How many items may be read before rows are counted again. So what is read ahead, and where batches end,
    /// depends only on the bytes.
    items_left: Option<u64>,
    decoders: Decoders,
    /// The number of sources that could not be read, and the first error.
    unreadable: usize,
    first_error: Option<io::Error>,
}

/// What is returned in turn.
enum InFlight {
    Begin {
        name: Option<Arc<str>>,
        size: Option<u64>,
        /// The number of sources opened so far; a member of an archive is part of one.
        opened: usize,
    },
    Chunk(Awaited),
    End {
        findings: Vec<Diagnostic>,
    },
    Failure(Error),
    /// The source cannot be read further; the read goes on with the next one.
    Unreadable(io::Error),
}

impl Batches {
    pub(super) fn new(scan: Scan) -> Batches {
        Batches {
            schema: scan.schema(),
            beside: scan.purpose.beside(&scan.options, scan.names_sources),
            decoders: Decoders::new(
                Plan::new(scan.options.clone(), scan.purpose, scan.names_sources),
                scan.options.resources.threads,
            ),
            watch: None,
            progress: Progress::default(),
            accounts: Accounts::new(scan.options.limits.kept_diagnostics),
            description: None,
            opening: Opening::default(),
            open: None,
            begun: 0,
            size: None,
            all_read: scan.options.limits.n_rows == Some(0),
            ended: false,
            in_flight: VecDeque::new(),
            spare: Vec::new(),
            rows_left: scan.options.limits.n_rows,
            items_left: scan.options.limits.n_rows,
            unreadable: 0,
            first_error: None,
            scan,
        }
    }

    /// Calls `watch` for each batch and at least every tenth of a second. If it returns an error, the read ends with
    /// it.
    ///
    /// ```
    /// use mrrc::{Scan, Source};
    ///
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let (send, seen) = std::sync::mpsc::channel();
    /// let batches = Scan::new(Source::bytes(bytes)).batches().watched(move |progress| {
    ///     let _ = send.send(progress.bytes);
    ///     Ok(())
    /// });
    /// assert_eq!(batches.count(), 1);
    /// assert_eq!(seen.iter().last(), Some(63));
    /// ```
    #[must_use]
    pub fn watched(mut self, watch: impl FnMut(&Progress) -> Result<()> + Send + 'static) -> Batches {
        self.watch = Some(Box::new(watch));
        self
    }

    /// The accounts so far; complete after the last batch.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The accounts, after the last batch.
    pub fn into_accounts(self) -> Accounts {
        self.accounts
    }

    /// What the records read so far hold; `None` unless the scan [describes](Scan::describe).
    pub fn description(&self) -> Option<&Description> {
        self.description.as_deref()
    }

    /// Returns the next batch, which has at least one row; `None` at the end, and after an error.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] for a record that cannot be delivered, [`Error::Source`] and [`Error::Input`] for a source
    /// that cannot be read, and the error of a [watcher](Batches::watched). A read that has begun cannot continue in
    /// a fork of its process: that is an [`Error::Argument`] in the fork, and does not affect the parent.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        self.next_of(|outcome| match outcome {
            columns::Outcome::Rows(batch) => Some(batch),
            _ => None,
        })
    }

    /// The next outcome of a kind; others are passed over.
    fn next_of<T>(&mut self, of_kind: impl Fn(columns::Outcome) -> Option<T>) -> Result<Option<T>> {
        while let Some(outcome) = self.next_outcome()? {
            if let Some(outcome) = of_kind(outcome) {
                return Ok(Some(outcome));
            }
        }
        Ok(None)
    }

    /// Opens the first source, so that an error in opening it is returned at once.
    pub(super) fn open_first(&mut self) -> Result<()> {
        self.open_next()?;
        match self.in_flight.pop_back() {
            Some(InFlight::Failure(error)) => Err(error),
            begun => {
                self.in_flight.extend(begun);
                Ok(())
            }
        }
    }

    /// The next records, if the scan reads records.
    pub(super) fn next_records(&mut self) -> Result<Option<Vec<RecordBuf>>> {
        self.next_of(|outcome| match outcome {
            columns::Outcome::Records(records) => Some(records),
            _ => None,
        })
    }

    /// The next records as bytes, if the scan [copies](Scan::copying) them.
    #[doc(hidden)]
    pub fn next_copied(&mut self) -> Result<Option<Copied>> {
        self.next_of(|outcome| match outcome {
            columns::Outcome::Copied(copied) => Some(copied),
            _ => None,
        })
    }

    /// The form of the text that the records become, if they do.
    pub(super) fn text_form(&self) -> Option<TextForm> {
        match self.scan.purpose {
            Purpose::Write { form, .. } => Some(form),
            _ => None,
        }
    }

    /// The next outcome that has rows, records or bytes; `None` at the end, and after an error.
    fn next_outcome(&mut self) -> Result<Option<columns::Outcome>> {
        if !self.decoders.is_here() {
            let message =
                "this read began in another process, and a fork cannot continue it; read the source again";
            return Err(Error::Argument(message.into()));
        }
        let outcome = self.advance();
        if !matches!(outcome, Ok(Some(_))) {
            self.all_read = true;
            self.open = None;
            self.in_flight.clear();
            self.account_for_unread_sources();
        }
        outcome
    }

    fn advance(&mut self) -> Result<Option<columns::Outcome>> {
        loop {
            self.read_ahead()?;
            match self.in_flight.pop_front() {
                None => return self.end().map(|()| None),
                Some(InFlight::Begin { name, size, opened }) => {
                    (self.size, self.begun) = (size, opened);
                    self.accounts.begin(name);
                }
                Some(InFlight::End { findings }) => {
                    self.close_account();
                    if let Some(account) = self.accounts.sources.last_mut() {
                        findings.into_iter().for_each(|finding| account.note(finding));
                    }
                }
                Some(InFlight::Failure(error)) => {
                    self.close_account();
                    return Err(error);
                }
                Some(InFlight::Unreadable(error)) => {
                    self.close_account();
                    self.note_unreadable(error);
                }
                Some(InFlight::Chunk(awaited)) => {
                    let outcome = self.wait(&awaited)?;
                    let outcome = self.take(outcome).inspect_err(|_| self.close_account())?;
                    watch(&mut self.watch, &self.progress)?;
                    if outcome.is_some() {
                        return Ok(outcome);
                    }
                }
            }
        }
    }

    /// Counts a source that cannot be read. Its error is kept in case none of them can.
    fn note_unreadable(&mut self, error: io::Error) {
        if let Some(account) = self.accounts.sources.last_mut() {
            let at = account.counts.bytes_read();
            let mut finding = Diagnostic::new(Code::SourceUnreadable, Severity::Fatal, at);
            finding.source.clone_from(&account.source);
            finding.found = why(&error);
            account.note(finding);
        }
        self.unreadable += 1;
        self.first_error.get_or_insert(error);
    }

    /// Reports the end to the watcher, once. A read of which no source could be opened is an error.
    fn end(&mut self) -> Result<()> {
        if let Some(error) = self.first_error.take().filter(|_| self.unreadable == self.scan.sources.len()) {
            self.ended = true;
            return Err(error.into());
        }
        let total = Some(self.progress.bytes);
        if std::mem::replace(&mut self.ended, true) {
            return Ok(());
        }
        self.progress.total = total;
        watch(&mut self.watch, &self.progress)
    }

    /// Keeps as many chunks in flight as the threads can use.
    fn read_ahead(&mut self) -> Result<()> {
        loop {
            let chunks = self.in_flight.iter().filter(|it| matches!(it, InFlight::Chunk(_))).count();
            let most = self.items_wanted(chunks);
            if self.all_read || chunks >= self.decoders.chunks_wanted() || most == 0 {
                return Ok(());
            }
            let Some(open) = &mut self.open else {
                self.open_next()?;
                continue;
            };
            let (seen, progress) = (&mut self.watch, &self.progress);
            match open.next(most, &mut self.spare, &mut || watch(seen, progress)) {
                Ok(Some(chunk)) => {
                    if let Some(left) = &mut self.items_left {
                        *left = left.saturating_sub(chunk.items());
                    }
                    self.in_flight.push_back(InFlight::Chunk(self.decoders.give(chunk)?));
                }
                Ok(None) => {
                    self.in_flight.push_back(InFlight::End { findings: open.findings() });
                    self.open = None;
                }
                Err(error @ Error::Interrupted(_)) => return Err(error),
                Err(Error::Input(error)) if self.goes_on_after(&error) => {
                    self.in_flight.push_back(InFlight::Unreadable(error));
                    self.open = None;
                }
                Err(error) => self.fail(error),
            }
        }
    }

    /// How many items may still be read. Nearly every record gives at least one row, so no more items are needed than
    /// rows are left. If they gave fewer, this is computed again when nothing is in flight.
    fn items_wanted(&mut self, chunks: usize) -> usize {
        if chunks == 0 && self.items_left == Some(0) {
            self.items_left = self.rows_left;
        }
        self.items_left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX))
    }

    fn open_next(&mut self) -> Result<()> {
        let (seen, progress) = (&mut self.watch, &mut self.progress);
        let is_only_one = self.scan.sources.len() == 1;
        let opened = self.opening.next(&self.scan.sources, &self.scan.options, &mut |size| {
            progress.total = size.filter(|_| is_only_one);
            watch(seen, progress)
        })?;
        let Some(Opened { name, size, content }) = opened else {
            self.all_read = true;
            return Ok(());
        };
        // Of text that is made UTF-8 first, and of an archive, it is not known.
        self.progress.total = size.filter(|_| is_only_one && !self.opening.is_in_archive());
        self.in_flight.push_back(InFlight::Begin { name, size, opened: self.opening.opened() });
        match content {
            Content::Chunks(chunks) => self.open = Some(*chunks),
            Content::NotRead(finding) => self.in_flight.push_back(InFlight::End { findings: vec![finding] }),
            Content::Failed(Error::Input(error)) if self.goes_on_after(&error) => {
                self.in_flight.push_back(InFlight::Unreadable(error));
            }
            Content::Failed(error) => self.fail(error),
        }
        Ok(())
    }

    /// Whether the read goes on with the next of several sources if one is missing or cannot be read.
    fn goes_on_after(&self, error: &io::Error) -> bool {
        use io::ErrorKind::{IsADirectory, NotFound, PermissionDenied};
        let is_of_file = matches!(error.kind(), NotFound | PermissionDenied | IsADirectory)
            || error.get_ref().is_some_and(|inner| inner.is::<PathError>());
        is_of_file && self.scan.options.records.on_error != Policy::Raise && self.scan.sources.len() > 1
    }

    /// Ends the read with this error, after everything in flight.
    fn fail(&mut self, error: Error) {
        self.in_flight.push_back(InFlight::Failure(error));
        self.all_read = true;
        self.open = None;
    }

    /// Waits for a chunk, and decodes waiting chunks meanwhile.
    fn wait(&mut self, awaited: &Awaited) -> Result<Outcome> {
        let mut patience = Duration::ZERO;
        loop {
            match awaited.outcome(patience) {
                Ok(Some(outcome)) => return Ok(outcome),
                Ok(None) if self.decoders.help() => patience = Duration::ZERO,
                Ok(None) if patience.is_zero() => patience = PATIENCE,
                Ok(None) => watch(&mut self.watch, &self.progress)?,
                Err(_) => return Err(internal("a decoding thread is gone")),
            }
        }
    }

    /// Adds a chunk to the accounts, and returns its rows or records.
    fn take(&mut self, Outcome { chunk, decoded }: Outcome) -> Result<Option<columns::Outcome>> {
        let mut decoded = decoded?;
        if let Some(left) = &mut self.rows_left {
            if decoded.rows() > *left {
                // A frame held more than one record, or a record gave more than one row.
                decoded = self.decoders.again(&chunk, *left)?;
            }
            *left -= decoded.rows();
        }
        let offset = chunk.offset;
        if self.spare.len() < self.decoders.chunks_wanted()
            && let Ok(bytes) = chunk.bytes.try_into_mut()
        {
            self.spare.push(bytes);
        }
        let Decoded { outcome, provenance, account: part, error } = decoded;
        let Some(account) = self.accounts.sources.last_mut() else { return Err(internal("no source")) };
        self.progress.bytes += part.counts.bytes();
        self.progress.records += part.counts.delivered;
        let before = account.counts.records();
        let error = error.map(|mut finding| {
            account.place_after_last(&mut finding);
            finding
        });
        account.absorb(part);
        let name = account.source.clone();
        if let Some(mut finding) = error {
            finding.record = finding.record.map(|record| record + before);
            finding.source.clone_from(&name);
            self.in_flight.clear();
            self.fail(ParseError::from(finding).into());
        } else if self.rows_left == Some(0) {
            self.in_flight.clear();
            self.in_flight.push_back(InFlight::End { findings: Vec::new() });
            self.all_read = true;
        }
        match outcome {
            columns::Outcome::Rows(batch) if batch.num_rows() > 0 => {
                let batch = self.complete(&batch, provenance, name.as_deref(), before);
                let batch = batch.map_err(|error| columns::failure(offset, error))?;
                Ok(Some(columns::Outcome::Rows(batch)))
            }
            columns::Outcome::Records(records) if !records.is_empty() => {
                Ok(Some(columns::Outcome::Records(records)))
            }
            columns::Outcome::Copied(mut copied) if !copied.is_empty() => {
                for refusal in &mut copied.refusals {
                    refusal.record = refusal.record.and_then(|place| provenance.number_of(place, before));
                }
                Ok(Some(columns::Outcome::Copied(copied)))
            }
            columns::Outcome::Described(part) => {
                self.description.get_or_insert_default().absorb(*part);
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Adds the columns beside those of the sink, and puts all of them into the order that was asked for.
    fn complete(
        &self,
        batch: &RecordBatch,
        provenance: Provenance,
        source: Option<&str>,
        before: u64,
    ) -> Result<RecordBatch, ArrowError> {
        let fields = self.beside.around(batch.schema_ref());
        let columns = provenance.complete(batch, &self.beside, source, before)?;
        let mut columns: Vec<_> = fields.iter().zip(columns).collect();
        columns.sort_by_key(|(field, _)| self.scan.options.columns.select.place(field.name()));
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        let row_count = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &row_count)
    }

    /// Sources that were never opened get an empty account.
    fn account_for_unread_sources(&mut self) {
        for source in self.scan.sources.iter().skip(self.begun) {
            self.accounts.begin(source.name());
        }
        self.begun = self.scan.sources.len();
    }

    /// The rest of the source was not read.
    fn close_account(&mut self) {
        if let (Some(account), Some(size)) = (self.accounts.sources.last_mut(), self.size) {
            account.counts.bytes_unread = size.saturating_sub(account.counts.bytes_read());
        }
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch().map_err(ArrowError::from).transpose()
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

fn watch(watch: &mut Option<Watch>, progress: &Progress) -> Result<()> {
    watch.as_mut().map_or(Ok(()), |watch| watch(progress))
}
