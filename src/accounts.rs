//! What became of each byte of a source: counts, findings, diagnostics and rejects. What is kept is bounded.

use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::AddAssign;
use std::sync::Arc;

pub use crate::description::{Description, FieldUse, Use};
pub use crate::diagnostic::{Advice, Code, Diagnostic, Kind, Repair, Severity};
use crate::options::Format;

mod line;

/// The most diagnostics kept for all sources of a read, unless more were requested for each.
const MOST_DIAGNOSTICS: usize = 100_000;
/// The most rejected records whose places are kept, for all sources together.
const MOST_REJECTS: usize = 250_000;
/// The most bytes of rejected records that are kept, for all sources together.
const MOST_BYTES: usize = 16 << 20;

/// Exact counts of records, gaps and bytes.
///
/// ```
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d\r\n";
/// let mut batches = mrrc::Scan::new(mrrc::Source::bytes(bytes)).batches();
/// while batches.next_batch()?.is_some() {}
/// let counts = batches.accounts().counts();
/// assert_eq!((counts.records(), counts.delivered), (1, 1));
/// assert_eq!((counts.bytes_delivered, counts.bytes_filler), (63, 2));
/// assert_eq!(counts.bytes(), 65);
/// # Ok::<(), mrrc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Records delivered.
    pub delivered: u64,
    /// Delivered records whose structure contradicted itself and was repaired.
    pub repaired: u64,
    /// Delivered records whose text has U+FFFD in place of bytes without a character.
    pub undecodable: u64,
    /// Records not delivered.
    pub rejected: u64,
    /// Records that a condition left out.
    pub filtered: u64,
    /// Gaps: stretches between records that are neither records nor filler.
    pub gaps: u64,
    /// Bytes of delivered records.
    pub bytes_delivered: u64,
    /// Bytes of rejected records.
    pub bytes_rejected: u64,
    /// Bytes of records that a condition left out.
    pub bytes_filtered: u64,
    /// Bytes of gaps.
    pub bytes_gap: u64,
    /// Harmless bytes between records.
    pub bytes_filler: u64,
    /// Bytes that were not read because reading stopped before them.
    pub bytes_unread: u64,
}

impl Counts {
    /// The number of records found, whatever became of them.
    pub fn records(&self) -> u64 {
        self.delivered + self.rejected + self.filtered
    }

    /// The number of bytes accounted for: the size of the source.
    pub fn bytes(&self) -> u64 {
        self.bytes_read() + self.bytes_unread
    }

    /// The number of bytes that were read.
    pub fn bytes_read(&self) -> u64 {
        let of_records = self.bytes_delivered + self.bytes_rejected + self.bytes_filtered;
        of_records + self.bytes_gap + self.bytes_filler
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.delivered += other.delivered;
        self.repaired += other.repaired;
        self.undecodable += other.undecodable;
        self.rejected += other.rejected;
        self.filtered += other.filtered;
        self.gaps += other.gaps;
        self.bytes_delivered += other.bytes_delivered;
        self.bytes_rejected += other.bytes_rejected;
        self.bytes_filtered += other.bytes_filtered;
        self.bytes_gap += other.bytes_gap;
        self.bytes_filler += other.bytes_filler;
        self.bytes_unread += other.bytes_unread;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(parts: I) -> Counts {
        parts.fold(Counts::default(), |mut all, part| {
            all += part;
            all
        })
    }
}

/// A record that was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Its number in the source, from 0.
    pub record: u64,
    /// The offset of its first byte in the (decompressed) source.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Why.
    pub code: Code,
    /// Its control number, or `None` if it cannot be determined.
    pub control_number: Option<String>,
    /// The control number of the record before it, if its own cannot be determined.
    pub after: Option<String>,
    /// Its bytes, unchanged; `None` once the limit on kept bytes is reached.
    pub raw: Option<Vec<u8>>,
}

/// How much may still be kept; counting continues beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    diagnostics: usize,
    rejects: usize,
    /// Bytes of rejected records.
    bytes: usize,
}

impl Room {
    fn of(diagnostics: usize) -> Room {
        Room { diagnostics, rejects: MOST_REJECTS, bytes: MOST_BYTES }
    }
}

/// The account of one source, or of part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceAccount {
    /// The source's name, if it has one.
    pub source: Option<Arc<str>>,
    /// What its records are written in, as soon as that is known.
    pub format: Option<Format>,
    /// What became of its records and bytes.
    pub counts: Counts,
    /// The exact number of times that each code was found.
    pub findings: BTreeMap<(Code, Severity), u64>,
    /// The first findings, up to the limit.
    pub diagnostics: Vec<Diagnostic>,
    /// The first rejected records, up to the limit.
    pub rejects: Vec<Reject>,
    room: Room,
    /// The control number of the last record; it locates a record after it that has none.
    pub(crate) last_control_number: Option<String>,
}

impl Default for SourceAccount {
    fn default() -> SourceAccount {
        SourceAccount::of(None, 0)
    }
}

impl SourceAccount {
    /// An empty account that keeps at most `kept_diagnostics` diagnostics.
    pub fn of(source: Option<Arc<str>>, kept_diagnostics: usize) -> SourceAccount {
        SourceAccount::with_room(source, Room::of(kept_diagnostics))
    }

    fn with_room(source: Option<Arc<str>>, room: Room) -> SourceAccount {
        SourceAccount {
            source,
            format: None,
            counts: Counts::default(),
            findings: BTreeMap::new(),
            diagnostics: Vec::new(),
            rejects: Vec::new(),
            room,
            last_control_number: None,
        }
    }

    /// True if the source is a compressed stream or an archive that ended early or was damaged.
    fn is_cut_short(&self) -> bool {
        let codes = [Code::CompressedTruncated, Code::CompressedDamaged, Code::ArchiveDamaged];
        codes.iter().any(|code| self.findings.contains_key(&(*code, Severity::Fatal)))
    }

    /// True if it could not be opened, or not be read to its end.
    fn is_unreadable(&self) -> bool {
        self.findings.contains_key(&(Code::SourceUnreadable, Severity::Fatal))
    }

    /// True if there was nothing to read.
    fn is_empty(&self) -> bool {
        self.findings.contains_key(&(Code::EmptySource, Severity::Warning))
    }

    /// Counts a finding, and keeps it if the limit allows.
    pub fn note(&mut self, diagnostic: Diagnostic) {
        *self.findings.entry((diagnostic.code, diagnostic.severity)).or_default() += 1;
        if self.room.diagnostics > 0 {
            self.room.diagnostics -= 1;
            self.diagnostics.push(diagnostic);
        }
    }

    /// Counts a rejected record, and keeps it if the limit allows. `offset` and `length` are in bytes.
    pub fn reject(&mut self, offset: u64, length: u64, code: Code, raw: Option<&[u8]>) {
        let raw = raw.map(<[u8]>::to_vec);
        self.keep(Reject {
            record: self.counts.records(),
            offset,
            length,
            code,
            control_number: None,
            after: None,
            raw,
        });
        self.counts.rejected += 1;
        self.counts.bytes_rejected += length;
    }

    /// Keeps a rejected record if the limit allows. The last one kept has no bytes, so that a truncated list cannot
    /// be mistaken for a complete one.
    fn keep(&mut self, mut reject: Reject) {
        if self.room.rejects == 0 {
            return;
        }
        self.room.rejects -= 1;
        let length = reject.raw.as_ref().map_or(0, Vec::len);
        if length > self.room.bytes || self.room.rejects == 0 {
            reject.raw = None;
        } else {
            self.room.bytes -= length;
        }
        self.rejects.push(reject);
    }

    /// If the first record of the next part has no control number, names the last record here in a finding about it.
    pub(crate) fn place_after_last(&self, diagnostic: &mut Diagnostic) {
        if diagnostic.record == Some(0) && diagnostic.control_number.is_none() {
            diagnostic.after.clone_from(&self.last_control_number);
        }
    }

    /// Adds the account of the next part of the source. Its records are numbered on from those of this one.
    pub fn absorb(&mut self, part: SourceAccount) {
        let before = self.counts.records();
        self.format = self.format.or(part.format);
        for mut diagnostic in part.diagnostics.into_iter().take(self.room.diagnostics) {
            self.place_after_last(&mut diagnostic);
            diagnostic.record = diagnostic.record.map(|record| record + before);
            diagnostic.source.clone_from(&self.source);
            self.room.diagnostics -= 1;
            self.diagnostics.push(diagnostic);
        }
        for mut reject in part.rejects {
            if reject.record == 0 && reject.control_number.is_none() {
                reject.after.clone_from(&self.last_control_number);
            }
            reject.record += before;
            self.keep(reject);
        }
        if part.counts.records() > 0 {
            self.last_control_number = part.last_control_number;
        }
        for (finding, count) in part.findings {
            *self.findings.entry(finding).or_default() += count;
        }
        self.counts += part.counts;
    }
}

/// The accounts of a read, one for each source. Counts are exact; what is kept is bounded, whatever the number of
/// sources.
///
/// Displayed, they are one line:
///
/// ```
/// use mrrc::{Scan, Source};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let mut batches = Scan::of_sources(vec![Source::bytes(bytes), Source::bytes(b"")]).batches();
/// while batches.next_batch()?.is_some() {}
/// let accounts = batches.into_accounts();
/// assert_eq!(accounts.sources[0].counts.delivered, 1);
/// assert_eq!(accounts.to_string(), "1 record, 1 source empty");
/// assert!(accounts.is_whole());
/// # Ok::<(), mrrc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// One account for each source, in the order of reading.
    pub sources: Vec<SourceAccount>,
    kept_diagnostics: usize,
    /// What the next source may keep.
    room: Room,
}

impl Accounts {
    /// Accounts without a source yet; at most `kept_diagnostics` diagnostics are kept of each.
    pub(crate) fn new(kept_diagnostics: usize) -> Accounts {
        let room = Room::of(kept_diagnostics.max(MOST_DIAGNOSTICS));
        Accounts { sources: Vec::new(), kept_diagnostics, room }
    }

    /// Begins the account of the next source, which may keep what the sources before it have left.
    pub(crate) fn begin(&mut self, source: Option<Arc<str>>) {
        if let Some(last) = self.sources.last() {
            let diagnostics = self.room.diagnostics - last.diagnostics.len();
            self.room = Room { diagnostics, ..last.room };
        }
        let diagnostics = self.kept_diagnostics.min(self.room.diagnostics);
        self.sources.push(SourceAccount::with_room(source, Room { diagnostics, ..self.room }));
    }

    /// The counts of all sources together.
    pub fn counts(&self) -> Counts {
        self.sources.iter().map(|source| source.counts).sum()
    }

    /// The number of sources that ended early: compressed streams and archives that are truncated or damaged.
    pub fn cut_short(&self) -> u64 {
        self.sources.iter().filter(|source| source.is_cut_short()).count() as u64
    }

    /// The number of sources that could not be opened, or not be read to their end.
    pub fn unreadable(&self) -> u64 {
        self.sources.iter().filter(|source| source.is_unreadable()).count() as u64
    }

    /// The number of empty sources.
    fn empty(&self) -> u64 {
        self.sources.iter().filter(|source| source.is_empty()).count() as u64
    }

    /// Whether the accounts have more to say than the number of records.
    pub fn has_news(&self) -> bool {
        !self.is_whole() || self.empty() > 0
    }

    /// Whether every record was delivered unchanged and nothing was lost between or after them.
    pub fn is_whole(&self) -> bool {
        let Counts { rejected, gaps, repaired, undecodable, .. } = self.counts();
        rejected + gaps + repaired + undecodable + self.cut_short() + self.unreadable() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(delivered: u64) -> SourceAccount {
        let mut part = SourceAccount::of(None, 1000);
        (part.counts.delivered, part.counts.bytes_delivered) = (delivered, delivered * 100);
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
        assert_eq!((whole.counts.records(), whole.counts.bytes()), (7, 600));
    }

    #[test]
    fn counts_go_on_where_keeping_ends() {
        let mut account = SourceAccount::of(None, 1000);
        for offset in 0..1500 {
            account.note(Diagnostic::new(Code::Padding, Severity::Warning, offset));
        }
        assert_eq!(account.diagnostics.len(), 1000);
        assert_eq!(account.findings[&(Code::Padding, Severity::Warning)], 1500);
        let large = vec![0; MOST_BYTES];
        account.reject(0, 1, Code::EntryTag, Some(b"x"));
        account.reject(1, large.len() as u64, Code::EntryTag, Some(&large));
        assert_eq!(account.rejects[1].raw, None);
        assert_eq!(account.counts.rejected, 2);

        let mut account = SourceAccount::default();
        for offset in 0..MOST_REJECTS as u64 + 7 {
            account.reject(offset, 1, Code::EntryTag, Some(b"x"));
        }
        assert_eq!((account.counts.rejected, account.rejects.len()), (MOST_REJECTS as u64 + 7, MOST_REJECTS));
        assert_eq!(account.rejects.last().map(|last| &last.raw), Some(&None));
    }

    #[test]
    fn what_is_kept_is_bounded_whatever_the_number_of_sources() {
        let mut accounts = Accounts::new(30_000);
        for source in 0..5 {
            accounts.begin(Some(format!("{source}.mrc").into()));
            let mut part = SourceAccount::of(None, usize::MAX);
            for offset in 0..60_000 {
                part.note(Diagnostic::new(Code::Padding, Severity::Warning, offset));
                part.reject(offset, 100, Code::EntryTag, Some(&[b'x'; 100]));
            }
            accounts.sources.last_mut().unwrap().absorb(part);
        }
        assert_eq!(accounts.counts().rejected, 300_000);
        assert!(accounts.sources.iter().all(|it| it.findings.values().sum::<u64>() == 60_000));
        let kept = |of: fn(&SourceAccount) -> usize| accounts.sources.iter().map(of).collect::<Vec<_>>();
        assert_eq!(kept(|it| it.diagnostics.len()), [30_000, 30_000, 30_000, 10_000, 0]);
        assert_eq!(kept(|it| it.rejects.len()), [60_000, 60_000, 60_000, 60_000, 10_000]);
        let with_bytes = |it: &SourceAccount| it.rejects.iter().filter(|reject| reject.raw.is_some()).count();
        assert_eq!(kept(with_bytes).iter().sum::<usize>(), MOST_BYTES / 100);
        // One source may keep as many as were requested for it.
        let mut accounts = Accounts::new(usize::MAX);
        accounts.begin(None);
        for offset in 0..MOST_DIAGNOSTICS as u64 + 1 {
            accounts.sources[0].note(Diagnostic::new(Code::Padding, Severity::Warning, offset));
        }
        assert_eq!(accounts.sources[0].diagnostics.len(), MOST_DIAGNOSTICS + 1);
    }
}
