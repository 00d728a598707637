//! What became of each byte of a source: counts, findings, diagnostics, rejects. Bounded, and knows no Arrow.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::description::Description;
use crate::diagnostic::{Code, Diagnostic, Severity, counted, grouped};

/// Rejected records whose places are kept of a source; counts go on.
const KEPT_REJECTS: usize = 250_000;
/// Bytes of rejected records that are kept of a source; places and counts go on.
const KEPT_BYTES: usize = 16 << 20;

/// A record that was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Its number in the source, from 0.
    pub record: u64,
    /// Offset of its first byte.
    pub offset: u64,
    /// Bytes in it.
    pub length: u64,
    /// Why.
    pub code: Code,
    /// Its control number, if that can be told.
    pub control_number: Option<String>,
    /// Where it cannot: that of the record before it.
    pub after: Option<String>,
    /// Its bytes as they were; none beyond the limit.
    pub raw: Option<Vec<u8>>,
}

/// The account of one source, or of a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceAccount {
    /// The source's name, if it has one.
    pub source: Option<Arc<str>>,
    /// Records delivered and rejected.
    pub delivered: u64,
    /// Of the delivered, those whose structure had contradicted itself.
    pub repaired: u64,
    /// Of the delivered, those in whose text U+FFFD stands for bytes without a character.
    pub undecodable: u64,
    /// Records not delivered.
    pub rejected: u64,
    /// Gaps between records.
    pub gaps: u64,
    /// Bytes of delivered records.
    pub bytes_delivered: u64,
    /// Bytes of rejected records.
    pub bytes_rejected: u64,
    /// Bytes of gaps.
    pub bytes_gap: u64,
    /// Harmless bytes between records.
    pub bytes_filler: u64,
    /// Bytes that were not looked at, because the reading stopped before them.
    pub bytes_unread: u64,
    /// How often each code was found: exact.
    pub findings: BTreeMap<(Code, Severity), u64>,
    /// The first findings, as many as were to be kept.
    pub diagnostics: Vec<Diagnostic>,
    /// Records that were not delivered, the first 250,000.
    pub rejects: Vec<Reject>,
    /// What its records hold, where that was asked for.
    pub description: Option<Box<Description>>,
    /// The control number of its last record, which names a record after it that has none.
    pub(crate) last_control_number: Option<String>,
    kept_diagnostics: usize,
    kept_bytes: usize,
}

impl SourceAccount {
    /// An account of nothing yet, which will keep so many diagnostics.
    pub fn of(source: Option<Arc<str>>, kept_diagnostics: usize) -> SourceAccount {
        SourceAccount { source, kept_diagnostics, ..SourceAccount::default() }
    }

    /// All bytes that are accounted for: the source's size.
    pub fn bytes(&self) -> u64 {
        self.bytes_read() + self.bytes_unread
    }

    /// The bytes that were looked at.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_delivered + self.bytes_rejected + self.bytes_gap + self.bytes_filler
    }

    /// Records found, delivered or not.
    pub fn records(&self) -> u64 {
        self.delivered + self.rejected
    }

    /// The compressed stream that it is in ended early, or was damaged.
    fn is_cut_short(&self) -> bool {
        let codes = [Code::CompressedTruncated, Code::CompressedDamaged];
        codes.iter().any(|code| self.findings.contains_key(&(*code, Severity::Fatal)))
    }

    /// Counts a finding, and keeps it while there is room.
    pub fn note(&mut self, diagnostic: Diagnostic) {
        *self.findings.entry((diagnostic.code, diagnostic.severity)).or_default() += 1;
        if self.diagnostics.len() < self.kept_diagnostics {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Counts a rejected record, and keeps its bytes while there is room.
    pub fn reject(&mut self, offset: u64, length: u64, code: Code, raw: Option<&[u8]>) {
        let raw = raw.map(<[u8]>::to_vec);
        self.keep(Reject {
            record: self.records(),
            offset,
            length,
            code,
            control_number: None,
            after: None,
            raw,
        });
        self.rejected += 1;
        self.bytes_rejected += length;
    }

    /// Keeps a rejected record within bounds. The last one never has its bytes, so that nobody takes for all of
    /// them what is not.
    fn keep(&mut self, mut reject: Reject) {
        let length = reject.raw.as_ref().map_or(0, Vec::len);
        if self.kept_bytes + length > KEPT_BYTES || self.rejects.len() + 1 >= KEPT_REJECTS {
            reject.raw = None;
        } else {
            self.kept_bytes += length;
        }
        if self.rejects.len() < KEPT_REJECTS {
            self.rejects.push(reject);
        }
    }

    /// Names the last record in a finding about the first one of the part that follows, if that has no name.
    pub(crate) fn place_after_last(&self, diagnostic: &mut Diagnostic) {
        if diagnostic.record == Some(0) && diagnostic.control_number.is_none() {
            diagnostic.after.clone_from(&self.last_control_number);
        }
    }

    /// Adds the account of the part of the source that follows; its records are numbered on from here.
    pub fn absorb(&mut self, part: SourceAccount) {
        let before = self.records();
        for mut diagnostic in part.diagnostics {
            if self.diagnostics.len() >= self.kept_diagnostics {
                break;
            }
            self.place_after_last(&mut diagnostic);
            diagnostic.record = diagnostic.record.map(|record| record + before);
            diagnostic.source.clone_from(&self.source);
            self.diagnostics.push(diagnostic);
        }
        for mut reject in part.rejects {
            if reject.record == 0 && reject.control_number.is_none() {
                reject.after.clone_from(&self.last_control_number);
            }
            reject.record += before;
            self.keep(reject);
        }
        if part.delivered + part.rejected > 0 {
            self.last_control_number = part.last_control_number;
        }
        if let Some(part) = part.description {
            self.description.get_or_insert_default().absorb(*part);
        }
        for (finding, count) in part.findings {
            *self.findings.entry(finding).or_default() += count;
        }
        self.delivered += part.delivered;
        self.repaired += part.repaired;
        self.undecodable += part.undecodable;
        self.rejected += part.rejected;
        self.gaps += part.gaps;
        self.bytes_delivered += part.bytes_delivered;
        self.bytes_rejected += part.bytes_rejected;
        self.bytes_gap += part.bytes_gap;
        self.bytes_filler += part.bytes_filler;
        self.bytes_unread += part.bytes_unread;
    }
}

/// The accounts of a read, source by source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// One account for each source, in the order of reading.
    pub sources: Vec<SourceAccount>,
}

impl Accounts {
    fn sum(&self, of: impl Fn(&SourceAccount) -> u64) -> u64 {
        self.sources.iter().map(of).sum()
    }

    /// Records delivered.
    pub fn delivered(&self) -> u64 {
        self.sum(|source| source.delivered)
    }

    /// Records not delivered.
    pub fn rejected(&self) -> u64 {
        self.sum(|source| source.rejected)
    }

    /// Gaps between records.
    pub fn gaps(&self) -> u64 {
        self.sum(|source| source.gaps)
    }

    /// Delivered records whose structure had contradicted itself.
    pub fn repaired(&self) -> u64 {
        self.sum(|source| source.repaired)
    }

    /// Delivered records in whose text U+FFFD stands for bytes without a character.
    pub fn undecodable(&self) -> u64 {
        self.sum(|source| source.undecodable)
    }

    /// Sources that ended before their end: compressed streams that are cut or damaged.
    pub fn cut_short(&self) -> u64 {
        self.sum(|source| u64::from(source.is_cut_short()))
    }

    /// Whether all records were delivered as they stood, with nothing lost between them or behind them.
    pub fn is_whole(&self) -> bool {
        self.rejected() + self.gaps() + self.repaired() + self.undecodable() + self.cut_short() == 0
    }
}

/// `46,883 records; 46,882 delivered (2 of them repaired), 1 rejected (offset 20,113,004: record-truncated)`
impl fmt::Display for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (delivered, rejected, gaps) = (self.delivered(), self.rejected(), self.gaps());
        let records = delivered + rejected;
        write!(f, "{}", counted(records, "record"))?;
        if self.is_whole() {
            return Ok(());
        }
        write!(f, "; {} delivered", grouped(delivered))?;
        match (self.repaired(), self.undecodable()) {
            (0, 0) => {}
            (repaired, 0) => write!(f, " ({} of them repaired)", grouped(repaired))?,
            (0, undecodable) => write!(f, " ({} of them with U+FFFD)", grouped(undecodable))?,
            (repaired, undecodable) => {
                write!(f, " ({} of them repaired, {} with U+FFFD)", grouped(repaired), grouped(undecodable))?
            }
        }
        if rejected > 0 {
            write!(f, ", {} rejected", grouped(rejected))?;
            if let Some(first) = self.sources.iter().flat_map(|source| &source.rejects).next() {
                let from = if rejected > 1 { "first at " } else { "" };
                write!(f, " ({from}offset {}: {})", grouped(first.offset), first.code)?;
            }
        }
        if gaps > 0 {
            let bytes = self.sum(|source| source.bytes_gap);
            write!(f, ", {} of {}", counted(gaps, "gap"), counted(bytes, "byte"))?;
        }
        match self.cut_short() {
            0 => Ok(()),
            sources => write!(f, ", {} cut short", counted(sources, "source")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(delivered: u64) -> SourceAccount {
        let mut part = SourceAccount::of(None, 1000);
        (part.delivered, part.bytes_delivered) = (delivered, delivered * 100);
        part.reject(delivered * 100, 50, Code::EntryTag, Some(b"raw"));
        part
    }

    #[test]
    fn records_are_numbered_on_from_part_to_part() {
        let mut whole = SourceAccount::of(Some("a.mrc".into()), 1000);
        whole.absorb(part(3));
        whole.absorb(part(2));
        let numbers: Vec<_> = whole.rejects.iter().map(|reject| reject.record).collect();
        assert_eq!(numbers, [3, 6]);
        assert_eq!((whole.records(), whole.bytes()), (7, 600));
    }

    #[test]
    fn counts_go_on_where_keeping_ends() {
        let mut account = SourceAccount::of(None, 1000);
        for offset in 0..1500 {
            account.note(Diagnostic::new(Code::Padding, Severity::Warning, offset));
        }
        assert_eq!(account.diagnostics.len(), 1000);
        assert_eq!(account.findings[&(Code::Padding, Severity::Warning)], 1500);
        let large = vec![0; KEPT_BYTES];
        account.reject(0, 1, Code::EntryTag, Some(b"x"));
        account.reject(1, large.len() as u64, Code::EntryTag, Some(&large));
        assert_eq!(account.rejects[1].raw, None);
        assert_eq!(account.rejected, 2);

        let mut account = SourceAccount::default();
        for offset in 0..KEPT_REJECTS as u64 + 7 {
            account.reject(offset, 1, Code::EntryTag, Some(b"x"));
        }
        assert_eq!((account.rejected, account.rejects.len()), (KEPT_REJECTS as u64 + 7, KEPT_REJECTS));
        assert_eq!(account.rejects.last().map(|last| &last.raw), Some(&None));
    }

    #[test]
    fn one_line_says_it_all() {
        let mut source = part(46_882);
        source.rejects[0].offset = 20_113_004;
        let mut accounts = Accounts { sources: vec![source] };
        assert_eq!(
            accounts.to_string(),
            "46,883 records; 46,882 delivered, 1 rejected (offset 20,113,004: entry-tag)"
        );
        accounts.sources[0].repaired = 2;
        accounts.sources[0].undecodable = 1;
        accounts.sources[0].note(Diagnostic::new(Code::CompressedDamaged, Severity::Fatal, 20_113_054));
        assert_eq!(
            accounts.to_string(),
            "46,883 records; 46,882 delivered (2 of them repaired, 1 with U+FFFD), \
             1 rejected (offset 20,113,004: entry-tag), 1 source cut short"
        );
    }
}
