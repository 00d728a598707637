//! [`Scan`]: sources and options. [`Batches`]: one read of them, in order, decoded in parallel.

use std::collections::VecDeque;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use arrow_array::{RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use bytes::BytesMut;

use super::chunks::Chunks;
use super::decoders::{Decoders, Outcome};
use super::source::Source;
use crate::accounts::{Accounts, SourceAccount};
use crate::columns::provenance::{self, Provenance};
use crate::columns::{Decoded, layout};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, ParseError, Result};
use crate::guard::internal;
use crate::options::{self, Layout, Options, Policy, Select};

/// A description of a read: sources and options. It holds no file open and can be read again and again.
///
/// ```
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = mrrc::Scan::new(mrrc::Source::bytes(bytes));
/// let rows: usize = scan.batches().map(|batch| batch.unwrap().num_rows()).sum();
/// assert_eq!(rows, 1);
/// ```
#[derive(Clone, Debug)]
pub struct Scan {
    sources: Vec<Source>,
    options: Arc<Options>,
    /// Rows say which source they are from.
    names_sources: bool,
}

impl Scan {
    /// Everything in one source.
    pub fn new(source: impl Into<Source>) -> Scan {
        Scan { sources: vec![source.into()], options: Arc::default(), names_sources: false }
    }

    /// Everything in several sources, one after the other; the last column, `source`, names them.
    pub fn of_sources(sources: Vec<Source>) -> Scan {
        Scan { sources, options: Arc::default(), names_sources: true }
    }

    /// The same sources, read so.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Scan {
        self.options = Arc::new(options);
        self
    }

    /// How the sources are read.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The sources, in the order of reading.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The columns, known before any data.
    pub fn schema(&self) -> SchemaRef {
        let layout = layout::schema(&self.options);
        let mut fields: Vec<_> = layout.fields().iter().cloned().collect();
        fields.extend(provenance::fields(&self.options, self.names_sources).into_iter().map(Arc::new));
        Arc::new(Schema::new_with_metadata(fields, layout.metadata().clone()))
    }

    /// Reads the sources; nothing is opened before the first batch is asked for.
    pub fn batches(&self) -> Batches {
        Batches::new(self.clone())
    }

    /// The same read with these columns only; others are not built.
    #[must_use]
    pub fn select(&self, columns: Select) -> Scan {
        self.clone().with_options(Options { select: columns, ..(*self.options).clone() })
    }

    /// The same read, for everything that can be found wrong: without columns, and to the end.
    #[must_use]
    pub fn check(&self) -> Scan {
        self.without_columns(Layout::Check)
    }

    /// The same read, for what the records hold: without columns, and to the end. The accounts have the
    /// [`Description`](crate::description::Description).
    #[must_use]
    pub fn describe(&self) -> Scan {
        self.without_columns(Layout::Describe)
    }

    fn without_columns(&self, layout: Layout) -> Scan {
        self.clone().with_options(Options {
            layout,
            on_error: Policy::Recover,
            provenance: options::Provenance::Without,
            select: Select::Some(Vec::new()),
            ..(*self.options).clone()
        })
    }

    /// How many rows there are, by structure alone: what reading gives unless text cannot be decoded.
    pub fn count(&self) -> Result<u64> {
        let mut batches = self.select(Select::Some(Vec::new())).batches();
        let mut rows = 0;
        while let Some(batch) = batches.next_batch()? {
            rows += batch.num_rows() as u64;
        }
        Ok(rows)
    }
}

/// How far a read has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read, decompressed.
    pub bytes: u64,
    /// Bytes in all, where that is known: of one source that is not compressed, and at the end.
    pub total: Option<u64>,
    /// Records delivered.
    pub records: u64,
}

type Watch = Box<dyn FnMut(&Progress) -> Result<()> + Send>;

/// One read of a [`Scan`]: an iterator of batches that keeps accounts.
///
/// Batches come in the order of the sources and are the same for any number of threads. At most
/// `threads + 1` chunks are held at a time.
pub struct Batches {
    scan: Scan,
    schema: SchemaRef,
    watch: Option<Watch>,
    progress: Progress,
    accounts: Accounts,
    /// Sources before this one were opened.
    next_source: usize,
    open: Option<Chunks>,
    /// Size of the source whose batches are handed out, where it is known.
    size: Option<u64>,
    /// Nothing more is read; what is in flight is still handed out.
    all_read: bool,
    /// All was handed out.
    ended: bool,
    in_flight: VecDeque<InFlight>,
    spare: Vec<BytesMut>,
    rows_left: Option<u64>,
    decoders: Decoders,
}

/// What is handed out in turn.
enum InFlight {
    Begin { name: Option<Arc<str>>, size: Option<u64> },
    Chunk { outcome: mpsc::Receiver<Outcome>, items: u64 },
    End { findings: Vec<Diagnostic> },
    Failure(Error),
}

impl Batches {
    fn new(scan: Scan) -> Batches {
        Batches {
            schema: scan.schema(),
            decoders: Decoders::new(scan.options.clone(), layout::schema(&scan.options)),
            watch: None,
            progress: Progress::default(),
            accounts: Accounts::default(),
            next_source: 0,
            open: None,
            size: None,
            all_read: scan.options.n_rows == Some(0),
            ended: false,
            in_flight: VecDeque::new(),
            spare: Vec::new(),
            rows_left: scan.options.n_rows,
            scan,
        }
    }

    /// Calls `watch` with every batch and at least every tenth of a second; its error ends the reading.
    #[must_use]
    pub fn watched(mut self, watch: impl FnMut(&Progress) -> Result<()> + Send + 'static) -> Batches {
        self.watch = Some(Box::new(watch));
        self
    }

    /// The accounts so far; complete when there are no more batches.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The next batch that has rows; none at the end, and after an error.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let batch = self.advance();
        if !matches!(batch, Ok(Some(_))) {
            self.all_read = true;
            self.open = None;
            self.in_flight.clear();
            self.account_for_unread_sources();
        }
        batch
    }

    fn advance(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            self.read_ahead()?;
            match self.in_flight.pop_front() {
                None => return self.end().map(|()| None),
                Some(InFlight::Begin { name, size }) => {
                    self.size = size;
                    self.accounts.sources.push(SourceAccount::of(name, self.scan.options.kept_diagnostics));
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
                Some(InFlight::Chunk { outcome, .. }) => {
                    let outcome = self.wait(&outcome)?;
                    let batch = self.take(outcome)?;
                    watch(&mut self.watch, &self.progress)?;
                    if batch.num_rows() > 0 {
                        return Ok(Some(batch));
                    }
                }
            }
        }
    }

    /// Tells the watch of the end, once.
    fn end(&mut self) -> Result<()> {
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
            let chunks = self.in_flight.iter().filter(|it| matches!(it, InFlight::Chunk { .. })).count();
            let most = self.items_wanted();
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
                    let items = chunk.stretches.len() as u64;
                    let outcome = self.decoders.give(chunk)?;
                    self.in_flight.push_back(InFlight::Chunk { outcome, items });
                }
                Ok(None) => {
                    self.in_flight.push_back(InFlight::End { findings: open.findings() });
                    self.open = None;
                }
                Err(error @ Error::Interrupted(_)) => return Err(error),
                Err(error) => self.fail(error),
            }
        }
    }

    /// How many items may yet be read without going beyond the rows that were asked for.
    fn items_wanted(&self) -> usize {
        let Some(left) = self.rows_left else { return usize::MAX };
        let in_flight: u64 = self
            .in_flight
            .iter()
            .map(|it| if let InFlight::Chunk { items, .. } = it { *items } else { 0 })
            .sum();
        usize::try_from(left.saturating_sub(in_flight)).unwrap_or(usize::MAX)
    }

    fn open_next(&mut self) -> Result<()> {
        let Some(source) = self.scan.sources.get(self.next_source) else {
            self.all_read = true;
            return Ok(());
        };
        if self.scan.options.byte_range.is_some() && self.scan.sources.len() > 1 {
            return Err(Error::Argument("a range of bytes is of one source; there are several".into()));
        }
        self.next_source += 1;
        let mut stopped = Ok(());
        let mut goes_on = || {
            stopped = watch(&mut self.watch, &self.progress);
            stopped.is_ok()
        };
        let opened = match &self.scan.options.byte_range {
            Some(range) => source.open_range(range, &mut goes_on),
            None => source.open_while(&mut goes_on),
        };
        stopped?;
        match opened {
            Ok(input) => {
                let size = input.size();
                self.progress.total = size.filter(|_| self.scan.sources.len() == 1);
                self.in_flight.push_back(InFlight::Begin { name: source.name(), size });
                self.open = Some(Chunks::new(input, &self.scan.options));
            }
            Err(error) => {
                self.in_flight.push_back(InFlight::Begin { name: source.name(), size: None });
                self.fail(error.into());
            }
        }
        Ok(())
    }

    /// The read ends with this error, after everything in flight.
    fn fail(&mut self, error: Error) {
        self.in_flight.push_back(InFlight::Failure(error));
        self.all_read = true;
        self.open = None;
    }

    /// Waits for a chunk; as long as any is left that nobody has begun, by decoding that.
    fn wait(&mut self, outcome: &mpsc::Receiver<Outcome>) -> Result<Outcome> {
        loop {
            match outcome.try_recv() {
                Ok(outcome) => return Ok(outcome),
                Err(mpsc::TryRecvError::Empty) if self.decoders.help() => continue,
                Err(_) => {}
            }
            match outcome.recv_timeout(PATIENCE) {
                Ok(outcome) => return Ok(outcome),
                Err(mpsc::RecvTimeoutError::Timeout) => watch(&mut self.watch, &self.progress)?,
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(internal("a decoding thread is gone"));
                }
            }
        }
    }

    /// Enters a chunk in the accounts and gives its batch.
    fn take(&mut self, Outcome { chunk, decoded }: Outcome) -> Result<RecordBatch> {
        let mut decoded = decoded?;
        if let Some(left) = &mut self.rows_left {
            if decoded.account.delivered > *left {
                // A frame held more records than one.
                decoded = self.decoders.again(&chunk, *left)?;
            }
            *left -= decoded.account.delivered;
        }
        if self.spare.len() < self.decoders.chunks_wanted()
            && let Ok(bytes) = chunk.bytes.try_into_mut()
        {
            self.spare.push(bytes);
        }
        let Decoded { batch, provenance, account: part, error } = decoded;
        let Some(account) = self.accounts.sources.last_mut() else { return Err(internal("no source")) };
        self.progress.bytes += part.bytes();
        self.progress.records += part.delivered;
        let before = account.records();
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
        self.with_provenance(batch, provenance, name.as_deref(), before)
    }

    fn with_provenance(
        &self,
        batch: RecordBatch,
        provenance: Provenance,
        source: Option<&str>,
        before: u64,
    ) -> Result<RecordBatch> {
        let fields = &self.schema.fields()[batch.num_columns()..];
        if fields.is_empty() {
            return Ok(batch);
        }
        let rows = batch.num_rows();
        let mut columns = batch.columns().to_vec();
        columns.extend(provenance.finish(fields, rows, source, before));
        let row_count = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &row_count)?)
    }

    /// Sources that the reading did not come to have an account with nothing in it.
    fn account_for_unread_sources(&mut self) {
        let unread = self.scan.sources.iter().skip(self.accounts.sources.len());
        let kept = self.scan.options.kept_diagnostics;
        self.accounts.sources.extend(unread.map(|source| SourceAccount::of(source.name(), kept)));
    }

    /// What the source still has was not read.
    fn close_account(&mut self) {
        if let (Some(account), Some(size)) = (self.accounts.sources.last_mut(), self.size) {
            account.bytes_unread = size.saturating_sub(account.bytes_read());
        }
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch().map_err(|error| ArrowError::ExternalError(Box::new(error))).transpose()
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// How long nobody looks whether the reading should end.
const PATIENCE: Duration = Duration::from_millis(50);

fn watch(watch: &mut Option<Watch>, progress: &Progress) -> Result<()> {
    watch.as_mut().map_or(Ok(()), |watch| watch(progress))
}
