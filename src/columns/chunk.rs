//! A chunk: records that are decoded together, on any thread, into one batch and one account.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use bytes::Bytes;

use super::layout;
use super::provenance::Provenance;
use crate::accounts::SourceAccount;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::{Entries, Item, Kind, RecordView, directory, framing};
use crate::options::{Options, Policy};

/// A stretch of a chunk, in the order of the source.
pub enum Stretch {
    /// Length and terminator agree that these bytes are records; decoding checks them.
    Frame(Range<usize>),
    /// Anything else, decided by framing; it begins where the range does.
    Item(Range<usize>, Box<Item>),
}

/// Bytes and what framing found in them.
pub struct Chunk {
    /// The bytes.
    pub bytes: Bytes,
    /// Offset of the first of them in the source.
    pub offset: u64,
    /// What they are, without a hole.
    pub stretches: Vec<Stretch>,
}

/// What became of a chunk.
pub struct Decoded {
    /// Its rows.
    pub batch: RecordBatch,
    /// What became of its bytes. Records are numbered from the chunk's first.
    pub account: SourceAccount,
    /// Where its rows are from.
    pub(crate) provenance: Provenance,
    /// The finding that ends the reading.
    pub error: Option<Diagnostic>,
}

impl Chunk {
    /// Decodes the chunk's records, at most `rows` of them.
    pub fn decode(
        &self,
        options: &Arc<Options>,
        schema: &SchemaRef,
        rows: u64,
    ) -> Result<Decoded, ArrowError> {
        let bytes = &*self.bytes;
        let mut decoding = Decoding {
            options,
            columns: layout::builder(options, bytes.len(), self.stretches.len()),
            provenance: Provenance::new(options.clone()),
            account: SourceAccount::of(None, options.kept_diagnostics),
            last: None,
            rows,
        };
        let mut error = None;
        let mut entries = Entries::new();
        for stretch in &self.stretches {
            let done = match stretch {
                Stretch::Frame(range) => decoding.frame(bytes, range.clone(), self.offset, &mut entries),
                Stretch::Item(range, item) => {
                    decoding.item(&bytes[range.clone()], self.offset + range.start as u64, item)
                }
            };
            match done {
                Ok(()) if decoding.is_full() => break,
                Ok(()) => {}
                Err(finding) => {
                    error = Some(*finding);
                    break;
                }
            }
        }
        decoding.account.last_control_number = decoding.last.and_then(control_number);
        decoding.account.description = decoding.columns.description();
        let batch = decoding.columns.finish(schema.clone())?;
        Ok(Decoded { batch, account: decoding.account, provenance: decoding.provenance, error })
    }
}

struct Decoding<'a> {
    options: &'a Options,
    columns: Box<dyn layout::Layout>,
    provenance: Provenance,
    account: SourceAccount,
    /// The bytes of the last record, which names what is found after it.
    last: Option<&'a [u8]>,
    rows: u64,
}

impl<'a> Decoding<'a> {
    fn is_full(&self) -> bool {
        self.account.delivered >= self.rows
    }

    /// The records of a frame; `entries` is room kept from frame to frame.
    fn frame(
        &mut self,
        bytes: &'a [u8],
        range: Range<usize>,
        offset: u64,
        entries: &mut Entries,
    ) -> Result<(), Box<Diagnostic>> {
        let (frame, offset) = (&bytes[range.clone()], offset + range.start as u64);
        if directory::sound(frame, entries)
            && let Some(record) = RecordView::new(frame, entries)
        {
            return self.record(&record, frame, offset, Vec::new());
        }
        let mut at = 0;
        for item in framing::items(frame, self.options.max_record) {
            self.item(&frame[at..item.end], offset + at as u64, &item)?;
            if self.is_full() {
                break;
            }
            at = item.end;
        }
        Ok(())
    }

    fn item(&mut self, bytes: &'a [u8], offset: u64, item: &Item) -> Result<(), Box<Diagnostic>> {
        let extent = item.passed + bytes.len() as u64;
        let offset = offset - item.passed;
        match item.kind {
            Kind::Filler => self.account.bytes_filler += extent,
            Kind::Gap => {
                let findings = item.findings.iter().map(|finding| placed(finding, offset, None)).collect();
                self.refuse(findings, None)?;
                self.account.gaps += 1;
                self.account.bytes_gap += extent;
            }
            Kind::Record => {
                let number = Some(self.account.records());
                let findings: Vec<_> =
                    item.findings.iter().map(|finding| placed(finding, offset, number)).collect();
                if self.delivers(&findings)
                    && let Some(record) = RecordView::new(bytes, &item.entries)
                {
                    let record = item.leader.map_or(record, |leader| record.with_leader(leader));
                    return self.record(&record, bytes, offset, findings);
                }
                let raw = (extent <= self.options.max_record as u64).then_some(bytes);
                let number = proven_number(bytes, item).or_else(|| control_number(bytes));
                self.reject(findings, offset, extent, bytes, raw, number)?;
            }
        }
        Ok(())
    }

    fn record(
        &mut self,
        record: &RecordView<'_>,
        bytes: &'a [u8],
        offset: u64,
        mut findings: Vec<Diagnostic>,
    ) -> Result<(), Box<Diagnostic>> {
        let number = self.account.records();
        let content = self.columns.push(record);
        findings.extend(content.iter().map(|finding| placed(finding, offset, Some(number))));
        if !self.delivers(&findings) {
            return self.reject(findings, offset, bytes.len() as u64, bytes, Some(bytes), number_of(record));
        }
        self.provenance.push(record, number, offset, &findings);
        self.account.delivered += 1;
        self.account.bytes_delivered += bytes.len() as u64;
        if !findings.is_empty() {
            self.note_all(record, findings);
        }
        self.last = Some(bytes);
        Ok(())
    }

    /// Enters what was found in a record that is delivered.
    #[cold]
    fn note_all(&mut self, record: &RecordView<'_>, findings: Vec<Diagnostic>) {
        let has = |severity| findings.iter().any(|finding| finding.severity == severity);
        self.account.repaired += u64::from(has(Severity::Repaired));
        self.account.undecodable += u64::from(has(Severity::Decoding));
        self.named(findings, number_of(record)).into_iter().for_each(|finding| self.account.note(finding));
    }

    fn delivers(&self, findings: &[Diagnostic]) -> bool {
        findings.iter().all(|finding| self.options.on_error.delivers(finding.severity))
    }

    fn reject(
        &mut self,
        findings: Vec<Diagnostic>,
        offset: u64,
        extent: u64,
        bytes: &'a [u8],
        raw: Option<&[u8]>,
        number: Option<String>,
    ) -> Result<(), Box<Diagnostic>> {
        let number_before = self.last.filter(|_| number.is_none()).and_then(control_number);
        if let Some(code) = self.refuse(findings, number.clone())? {
            let record = self.account.records();
            self.account.reject(offset, extent, code, raw);
            if let Some(reject) = self.account.rejects.last_mut().filter(|reject| reject.record == record) {
                reject.after = number_before;
                reject.control_number = number;
            }
        }
        self.last = Some(bytes);
        Ok(())
    }

    /// The findings with the control number of their record, or of the one before it.
    fn named(&self, mut findings: Vec<Diagnostic>, number: Option<String>) -> Vec<Diagnostic> {
        let after = self.last.filter(|_| number.is_none()).and_then(control_number);
        for finding in &mut findings {
            finding.control_number.clone_from(&number);
            if finding.record.is_some() {
                finding.after.clone_from(&after);
            }
        }
        findings
    }

    /// Ends the reading with the first finding that forbids to deliver, or notes them all: about the record of this control
    /// number, or after the last one.
    fn refuse(
        &mut self,
        findings: Vec<Diagnostic>,
        number: Option<String>,
    ) -> Result<Option<Code>, Box<Diagnostic>> {
        let policy = self.options.on_error;
        let findings = self.named(findings, number);
        let cause = findings.iter().find(|finding| !policy.delivers(finding.severity));
        let code = cause.map(|cause| cause.code);
        match (policy, cause) {
            (Policy::Raise, Some(cause)) => return Err(Box::new(cause.clone())),
            _ => findings.into_iter().for_each(|finding| self.account.note(finding)),
        }
        Ok(code)
    }
}

/// A finding with its offsets counted from the beginning of the source.
fn placed(finding: &Diagnostic, offset: u64, record: Option<u64>) -> Diagnostic {
    let mut finding = finding.clone();
    finding.offset += offset;
    finding.record_offset = Some(offset);
    finding.record = record;
    finding
}

/// The control number of a record that need not be sound.
fn control_number(record: &[u8]) -> Option<String> {
    name(directory::whole_field(record, *b"001")?)
}

/// That of a record whose entries are proven, though it is not delivered.
fn proven_number(bytes: &[u8], item: &Item) -> Option<String> {
    let is_proven = item.findings.iter().all(|finding| finding.severity <= Severity::Repaired);
    number_of(&RecordView::new(bytes, &item.entries).filter(|_| is_proven)?)
}

fn number_of(record: &RecordView<'_>) -> Option<String> {
    name(record.fields().find(|field| field.tag() == b"001")?.bytes())
}

/// A field as a name; none if it is too long for one.
fn name(field: &[u8]) -> Option<String> {
    const LONGEST: usize = 64;
    (1..=LONGEST).contains(&field.len()).then(|| String::from_utf8_lossy(field).into_owned())
}
