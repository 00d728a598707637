//! A chunk: records that are decoded together, on any thread, into one batch and one account.
//!
//! This is where rows are counted, where it is decided whether a record is delivered, and where the account of its
//! bytes is kept.

use std::ops::Range;

use arrow_schema::ArrowError;
use bytes::Bytes;

use super::buffers::most;
use super::plan::Plan;
use super::provenance::Provenance;
use super::query::Filter;
use super::sink::{AT_ONCE, Outcome, Pushed, Sink};
use crate::accounts::SourceAccount;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::error::{Error, Result};
use crate::formats::{Arena, Syntax, Translated};
use crate::iso2709::{Entries, Entry, Item, Kind, RecordView, Tag, directory, framing};
use crate::options::{Options, Policy};
use crate::record::reading::{Reading, Rules};
use crate::words::grouped;

/// A stretch of a chunk, in the order of the source.
pub(crate) enum Stretch {
    /// Bytes that are records according to framing; decoding checks them.
    Frame(Range<usize>),
    /// Anything else, as decided by framing; it begins where the range does.
    Item(Range<usize>, Box<Item>),
    /// Bytes of an item that is too large to hold; the item that ends it counts them.
    Passed(Range<usize>),
}

/// Bytes, and what framing found in them.
pub(crate) struct Chunk {
    /// The bytes.
    pub(crate) bytes: Bytes,
    /// The offset of the first byte in the source.
    pub(crate) offset: u64,
    /// Their stretches, without a gap between them.
    pub(crate) stretches: Vec<Stretch>,
    /// What they are written in.
    pub(crate) syntax: Syntax,
}

/// The result of decoding a chunk.
pub(crate) struct Decoded {
    /// What was made of the delivered records.
    pub(crate) outcome: Outcome,
    /// The account of its bytes. Records are numbered from the first in the chunk.
    pub(crate) account: SourceAccount,
    /// Where its rows come from.
    pub(crate) provenance: Provenance,
    /// The finding that ends the read.
    pub(crate) error: Option<Diagnostic>,
}

impl Decoded {
    /// The number of rows, which may differ from the number of records.
    pub(crate) fn rows(&self) -> u64 {
        match &self.outcome {
            Outcome::Rows(batch) => batch.num_rows() as u64,
            Outcome::Records(records) => records.len() as u64,
            Outcome::Copied(copied) => copied.ends.len() as u64,
            Outcome::Described(_) => 0,
        }
    }
}

impl Chunk {
    /// The number of records, gaps and frames; filler is not counted, because it may be in any number of parts.
    pub(crate) fn items(&self) -> u64 {
        let is_item = |stretch: &&Stretch| match stretch {
            Stretch::Frame(_) => true,
            Stretch::Item(_, item) => item.kind != Kind::Filler,
            Stretch::Passed(_) => false,
        };
        self.stretches.iter().filter(is_item).count() as u64
    }

    /// Decodes the chunk's records, up to the one that completes `rows` rows.
    pub(crate) fn decode(&self, plan: &Plan, rows: u64) -> Result<Decoded> {
        Arena::with(|arena| self.decode_with(arena, plan, rows))
    }

    fn decode_with(&self, arena: &mut Arena, plan: &Plan, rows: u64) -> Result<Decoded> {
        let bytes = &*self.bytes;
        let frames = self.stretches.iter().filter_map(|stretch| match stretch {
            Stretch::Frame(range) => bytes.get(range.clone()),
            _ => None,
        });
        let rules = self.syntax.lay_out(bytes, frames, plan.options.records, arena);
        let size = if rules.is_some() { arena.len() } else { bytes.len() };
        let mut translated = rules.map(|rules| (rules, arena.records()));
        let mut decoding = Decoding {
            options: &plan.options,
            sink: plan.sink(size, self.stretches.len()),
            filter: plan.filter(),
            provenance: Provenance::new(&plan.beside),
            account: SourceAccount::of(None, plan.options.limits.kept_diagnostics),
            waiting: Vec::with_capacity(AT_ONCE),
            last: None,
            rows: 0,
            most_rows: usize::try_from(rows).unwrap_or(usize::MAX),
        };
        let mut error = None;
        let mut entries = Entries::new();
        for stretch in &self.stretches {
            let done = match stretch {
                Stretch::Frame(range) => match &mut translated {
                    None => decoding.frame(bytes, range.clone(), self.offset, &mut entries),
                    Some((rules, records)) => {
                        let offset = self.offset + range.start as u64;
                        decoding.translated(records.next(), *rules, &bytes[range.clone()], offset)
                    }
                },
                Stretch::Item(range, item) => {
                    decoding.item(&bytes[range.clone()], self.offset + range.start as u64, item)
                }
                Stretch::Passed(range) => {
                    decoding.sink.refuse(&bytes[range.clone()]);
                    Ok(())
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
        decoding.settle();
        let Decoding { sink, provenance, mut account, rows, last, .. } = decoding;
        account.format = Some(self.syntax.format());
        account.last_control_number = last.and_then(|last| last.control_number());
        let outcome = match sink.finish().map_err(|error| failure(self.offset, error))? {
            // The last record gave more rows than were requested.
            Outcome::Rows(batch) if batch.num_rows() > rows => Outcome::Rows(batch.slice(0, rows)),
            outcome => outcome,
        };
        Ok(Decoded { outcome, account, provenance, error })
    }
}

/// Adds to an error in building columns where in the source the records are, and what to do.
pub(crate) fn failure(offset: u64, error: ArrowError) -> Error {
    match error {
        ArrowError::OffsetOverflowError(length) => Error::Argument(format!(
            "the records from offset {} on need a column of {} bytes or elements in one batch; a column holds at \
             most {}: choose a smaller max_record",
            grouped(offset),
            grouped(length as u64),
            grouped(most() as u64)
        )),
        error => error.into(),
    }
}

struct Decoding<'a> {
    options: &'a Options,
    sink: Box<dyn Sink>,
    /// Decides which records become rows; `None` if all do.
    filter: Option<Filter>,
    provenance: Provenance,
    account: SourceAccount,
    /// The records that were added to the sink since it was settled.
    waiting: Vec<Waiting<'a>>,
    /// The rows of the delivered records.
    rows: usize,
    most_rows: usize,
    /// The last record, whose number locates what is found after it.
    last: Option<Origin<'a>>,
}

/// Where a record is in its source.
#[derive(Clone, Copy)]
struct Origin<'a> {
    /// Its bytes there.
    bytes: &'a [u8],
    offset: u64,
    /// What was made of it; `None` if its fields are where its directory says.
    translated: Option<Translated<'a>>,
}

impl<'a> Origin<'a> {
    /// The offset in the source of a byte of the record that was read.
    fn offset_of(&self, byte: u64) -> u64 {
        self.offset + self.translated.map_or(byte, |translated| translated.place_of(byte))
    }

    /// The bytes that the entries of the record point into.
    fn content(&self) -> &'a [u8] {
        self.translated.map_or(self.bytes, |translated| translated.bytes())
    }

    /// The control number of a record that may be damaged.
    fn control_number(&self) -> Option<String> {
        match &self.translated {
            Some(translated) => name(number_in(translated.entries(), translated.bytes())?),
            None => control_number(self.bytes),
        }
    }

    /// A finding in the record that was read, with offsets that count from the beginning of the source.
    fn placed(&self, mut finding: Diagnostic, number: u64) -> Diagnostic {
        finding.offset = self.offset_of(finding.offset);
        finding.record_offset = Some(self.offset);
        finding.record = Some(number);
        finding
    }
}

/// A record that was added to the sink, and what locates what is found in it.
struct Waiting<'a> {
    number: u64,
    origin: Origin<'a>,
    control_number: Option<&'a [u8]>,
    /// The record before it.
    before: Option<Origin<'a>>,
    /// What was found in it so far.
    findings: Vec<Diagnostic>,
}

impl<'a> Decoding<'a> {
    fn is_full(&self) -> bool {
        self.rows >= self.most_rows
    }

    /// Decodes the records of a frame; `entries` is reused from frame to frame.
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
            let origin = Origin { bytes: frame, offset, translated: None };
            return self.record(&Reading::new(record, self.options.records.into()), origin, Vec::new());
        }
        let mut at = 0;
        for item in framing::items(frame, self.options.limits.max_record) {
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
            Kind::Filler => self.account.counts.bytes_filler += extent,
            Kind::Gap => {
                let findings =
                    item.findings.iter().cloned().map(|finding| placed(finding, offset, None)).collect();
                self.refuse(findings, None)?;
                self.sink.refuse(bytes);
                self.account.counts.gaps += 1;
                self.account.counts.bytes_gap += extent;
            }
            Kind::Record => {
                let number = Some(self.account.counts.records());
                let findings: Vec<_> =
                    item.findings.iter().cloned().map(|finding| placed(finding, offset, number)).collect();
                if self.delivers(&findings)
                    && let Some(record) = RecordView::new(bytes, &item.entries)
                {
                    let record = item.leader.map_or(record, |leader| record.with_leader(leader));
                    let reading = Reading::new(record, self.options.records.into());
                    return self.record(&reading, Origin { bytes, offset, translated: None }, findings);
                }
                let number = proven_number(bytes, item).or_else(|| control_number(bytes));
                let raw = (extent <= self.options.limits.max_record as u64).then_some(bytes);
                self.reject(findings, Origin { bytes, offset, translated: None }, extent, raw, number)?;
            }
        }
        Ok(())
    }

    /// Decodes a record that was laid out anew; `bytes` is what it was found as.
    #[inline(never)]
    fn translated(
        &mut self,
        record: Option<Translated<'a>>,
        rules: Rules,
        bytes: &'a [u8],
        offset: u64,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(record) = record else { return Ok(()) };
        let number = Some(self.account.counts.records());
        let findings = record.findings().iter().cloned();
        let findings: Vec<_> = findings.map(|finding| placed(finding, offset, number)).collect();
        let origin = Origin { bytes, offset, translated: Some(record) };
        match record.view() {
            Some(view) if self.delivers(&findings) => {
                self.record(&Reading::translated(view, bytes, rules), origin, findings)
            }
            _ => self.reject(findings, origin, bytes.len() as u64, Some(bytes), origin.control_number()),
        }
    }

    fn record(
        &mut self,
        reading: &Reading<'_>,
        origin: Origin<'a>,
        mut findings: Vec<Diagnostic>,
    ) -> Result<(), Box<Diagnostic>> {
        let number = self.account.counts.records();
        let record = reading.record();
        if self.filter.as_mut().is_some_and(|filter| !filter.passes(reading)) {
            return self.filter_out(record, origin, findings);
        }
        let is_repaired = findings.iter().any(|finding| finding.severity == Severity::Repaired);
        let pushed = if is_repaired { self.sink.push_repaired(reading) } else { self.sink.push(reading) };
        let Pushed { rows, findings: content, waits } = pushed;
        if !content.is_empty() {
            findings.extend(content.into_iter().map(|finding| origin.placed(finding, number)));
        }
        if !self.delivers(&findings) {
            self.sink.undo();
            let control_number = number_in(record.entries(), origin.content()).and_then(name);
            let (extent, raw) = (origin.bytes.len() as u64, Some(origin.bytes));
            return self.reject(findings, origin, extent, raw, control_number);
        }
        let rows = rows.min(self.most_rows - self.rows);
        self.provenance.push(reading, number, origin.offset, &findings, rows);
        self.rows += rows;
        self.account.counts.delivered += 1;
        self.account.counts.bytes_delivered += origin.bytes.len() as u64;
        if !findings.is_empty() {
            self.count_faults(&findings);
        }
        let before = self.last.replace(origin);
        if waits || !findings.is_empty() {
            let control_number = number_in(record.entries(), origin.content());
            self.waiting.push(Waiting { number, origin, control_number, before, findings });
            if self.waiting.len() == AT_ONCE {
                self.settle();
            }
        }
        Ok(())
    }

    /// Notes what was found in the records that wait, in their order.
    fn settle(&mut self) {
        let found = self.sink.settle();
        if found.is_empty() && self.waiting.iter().all(|record| record.findings.is_empty()) {
            return self.waiting.clear();
        }
        let mut found = found.into_iter().peekable();
        for (place, record) in self.waiting.drain(..).enumerate() {
            let Waiting { number, origin, control_number, before, mut findings } = record;
            while let Some((_, finding)) = found.next_if(|(of, _)| *of == place) {
                findings.push(origin.placed(finding, number));
            }
            if !findings.is_empty() {
                let named = named(findings, control_number.and_then(name), before);
                named.into_iter().for_each(|finding| self.account.note(finding));
            }
        }
    }

    /// Accounts for a record that is not wanted; its text is not decoded.
    fn filter_out(
        &mut self,
        record: &RecordView<'_>,
        origin: Origin<'a>,
        findings: Vec<Diagnostic>,
    ) -> Result<(), Box<Diagnostic>> {
        self.account.counts.filtered += 1;
        self.account.counts.bytes_filtered += origin.bytes.len() as u64;
        if !findings.is_empty() {
            self.settle();
            let number = number_in(record.entries(), origin.content()).and_then(name);
            let named = named(findings, number, self.last);
            named.into_iter().for_each(|finding| self.account.note(finding));
        }
        self.last = Some(origin);
        Ok(())
    }

    /// Counts a record that is delivered in spite of these findings.
    #[cold]
    fn count_faults(&mut self, findings: &[Diagnostic]) {
        let has = |severity| findings.iter().any(|finding| finding.severity == severity);
        self.account.counts.repaired += u64::from(has(Severity::Repaired));
        self.account.counts.undecodable += u64::from(has(Severity::Decoding));
    }

    fn delivers(&self, findings: &[Diagnostic]) -> bool {
        findings.iter().all(|finding| self.options.records.on_error.delivers(finding.severity))
    }

    fn reject(
        &mut self,
        findings: Vec<Diagnostic>,
        origin: Origin<'a>,
        extent: u64,
        raw: Option<&[u8]>,
        number: Option<String>,
    ) -> Result<(), Box<Diagnostic>> {
        let before = self.last.filter(|_| number.is_none());
        let number_before = before.and_then(|before| before.control_number());
        if let Some(code) = self.refuse(findings, number.clone())? {
            self.sink.refuse(origin.bytes);
            let record = self.account.counts.records();
            self.account.reject(origin.offset, extent, code, raw);
            if let Some(reject) = self.account.rejects.last_mut().filter(|reject| reject.record == record) {
                reject.after = number_before;
                reject.control_number = number;
            }
        }
        self.last = Some(origin);
        Ok(())
    }

    /// Ends the read with the first finding that forbids delivery, or notes all of them: about the record with this
    /// control number, or after the last record.
    fn refuse(
        &mut self,
        findings: Vec<Diagnostic>,
        number: Option<String>,
    ) -> Result<Option<Code>, Box<Diagnostic>> {
        let policy = self.options.records.on_error;
        self.settle();
        let findings = named(findings, number, self.last);
        let cause = findings.iter().find(|finding| !policy.delivers(finding.severity));
        let code = cause.map(|cause| cause.code);
        match (policy, cause) {
            (Policy::Raise, Some(cause)) => return Err(Box::new(cause.clone())),
            _ => findings.into_iter().for_each(|finding| self.account.note(finding)),
        }
        Ok(code)
    }
}

/// A finding whose offsets count from the beginning of the source.
fn placed(mut finding: Diagnostic, offset: u64, record: Option<u64>) -> Diagnostic {
    finding.offset += offset;
    finding.record_offset = Some(offset);
    finding.record = record;
    finding
}

/// The findings, with the control number of their record or of the one before it.
fn named(
    mut findings: Vec<Diagnostic>,
    number: Option<String>,
    before: Option<Origin<'_>>,
) -> Vec<Diagnostic> {
    let after = before.filter(|_| number.is_none()).and_then(|before| before.control_number());
    for finding in &mut findings {
        finding.control_number.clone_from(&number);
        if finding.record.is_some() {
            finding.after.clone_from(&after);
        }
    }
    findings
}

/// The control number of a record of ISO 2709 that may be damaged.
fn control_number(record: &[u8]) -> Option<String> {
    name(directory::whole_field(record, *b"001")?)
}

/// The control number of a record whose entries are proven, though it is not delivered.
fn proven_number(bytes: &[u8], item: &Item) -> Option<String> {
    let is_proven = item.findings.iter().all(|finding| finding.severity <= Severity::Repaired);
    name(number_in(Some(&item.entries).filter(|_| is_proven)?, bytes)?)
}

/// The control number of a record that has these entries and bytes.
#[inline]
fn number_in<'a>(entries: &[Entry], bytes: &'a [u8]) -> Option<&'a [u8]> {
    let entry = entries.iter().find(|entry| entry.tag == Tag::CONTROL_NUMBER && entry.is_control)?;
    bytes.get(entry.start as usize..)?.get(..entry.length as usize)
}

/// A field used as a name; `None` if it is too long for one.
fn name(field: &[u8]) -> Option<String> {
    const LONGEST: usize = 64;
    (1..=LONGEST).contains(&field.len()).then(|| String::from_utf8_lossy(field).into_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::columns::Purpose;
    use crate::columns::buffers::with_most;
    use crate::iso2709::encode::encode;

    /// Decodes some records with a title of 60 bytes, into columns that hold `most` bytes.
    fn decode(records: usize, most: usize, options: Options) -> Result<Decoded> {
        let mut bytes = Vec::new();
        encode(b"00000nam a2200000 a 4500", [("245", format!("10\x1fa{}", "x".repeat(60)))], &mut bytes)
            .unwrap();
        let end = bytes.len();
        let chunk = Chunk {
            bytes: bytes.repeat(records).into(),
            offset: 1_000,
            syntax: Syntax::Iso2709,
            stretches: (0..records).map(|it| Stretch::Frame(it * end..(it + 1) * end)).collect(),
        };
        let plan = Plan::new(Arc::new(options), Purpose::Columns, false);
        with_most(most, || chunk.decode(&plan, u64::MAX))
    }

    #[test]
    fn text_beyond_what_a_column_holds_is_an_error_that_says_where_and_what_to_do() {
        assert_eq!(decode(1, 100, Options::default()).unwrap().rows(), 1);
        assert_eq!(
            decode(2, 100, Options::default()).err().unwrap().to_string(),
            "the records from offset 1,000 on need a column of 120 bytes or elements in one batch; a column holds \
             at most 100: choose a smaller max_record"
        );
    }

    #[test]
    fn so_is_text_that_functions_make_beyond_what_can_be_counted() {
        let columns = |count: usize| {
            let all: Vec<_> = (0..count).map(|column| format!("c{column}=lower(245$a)")).collect();
            decode(1, 150, Options::default().columns(all.join(", ").parse::<crate::Columns>().unwrap()))
        };
        assert_eq!(columns(1).unwrap().rows(), 1);
        let error = columns(5).err().unwrap().to_string();
        assert!(error.starts_with("the records from offset 1,000 on need a column of "), "{error}");
    }

    #[test]
    fn a_control_number_that_is_too_long_for_a_name_is_none() {
        assert_eq!(name(&[b'x'; 64]), Some("x".repeat(64)));
        assert_eq!((name(&[b'x'; 65]), name(b"")), (None, None));
    }
}
