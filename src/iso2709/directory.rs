//! The directory: which bytes of a record are which field, and whether that can be trusted.
//!
//! [`sound`] is the one pass that nearly every record needs. If it fails, [`Directory::parse`] examines everything
//! and reports what is wrong.

use smallvec::SmallVec;
use wide::u8x16;

use super::leader::{EntryMap, LEADER_LENGTH};
use super::{FIELD_TERMINATOR, Leader, RECORD_TERMINATOR, Tag, number};
use crate::diagnostic::{Code, Diagnostic, Repair, Severity};
use crate::words::{counted, escaped};

/// Bytes in an entry of MARC 21 and UNIMARC: tag 3, length 4, start 5.
const ENTRY_LENGTH: usize = 12;
/// The shortest base address: a leader and the directory's field terminator.
const FIRST_BASE: usize = LEADER_LENGTH + 1;
/// An entry is compared together with the bytes before it: sixteen at once.
const BEFORE: usize = 16 - ENTRY_LENGTH;
/// The least and the greatest byte at each place: printable characters in a tag, digits in the numbers.
const LOWEST: u8x16 = u8x16::new(*b"\0\0\0\0   000000000");
const HIGHEST: u8x16 = u8x16::new(*b"\xFF\xFF\xFF\xFF~~~999999999");

/// Where a field is, without the limits of the format's four and five digits.
///
/// ```
/// use mrrc::iso2709::{Entry, Tag};
///
/// let entry = Entry::new(Tag::CONTROL_NUMBER, 49, 2);
/// assert!(entry.is_control);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The tag.
    pub tag: Tag,
    /// Whether it is a control field, which has neither indicators nor subfields. In ISO 2709 the tag says so.
    pub is_control: bool,
    /// The place of the field's first byte, counted from the record's first.
    pub start: u32,
    /// The number of bytes in the field, without its terminator.
    pub length: u32,
}

impl Entry {
    /// The entry of a field that is a control field if its tag says so.
    #[inline(always)]
    pub const fn new(tag: Tag, start: u32, length: u32) -> Entry {
        Entry { tag, is_control: tag.is_control(), start, length }
    }
}

/// The entries of a record. Few records have more fields than fit without an allocation.
pub type Entries = SmallVec<[Entry; 64]>;

/// The content of a directory that can be trusted.
#[derive(Debug, Default)]
pub struct Directory {
    /// The fields, in the directory's order.
    pub entries: Entries,
    /// The length of the record in bytes, with its terminator.
    pub extent: usize,
    /// Contradictions and oddities; offsets count from the record's first byte.
    pub findings: Vec<Diagnostic>,
}

/// Reads the directory of a record in which everything agrees: numbers are digits, the fields tile the data in the
/// order of the entries, each ends in FT, and the stated length is the actual one. Returns false for any other
/// record; then `entries`, which can be reused for every record, are meaningless.
pub fn sound(record: &[u8], entries: &mut Entries) -> bool {
    let Some((leader, _)) = record.split_first_chunk::<LEADER_LENGTH>() else { return false };
    let (Some(base), Some(length)) = (Leader(*leader).base_address(), Leader(*leader).record_length()) else {
        return false;
    };
    let base = base as usize;
    let (Some(directory), Some(end)) =
        (record.get(LEADER_LENGTH..base.wrapping_sub(1)), record.len().checked_sub(1))
    else {
        return false;
    };
    let (chunks, rest) = directory.as_chunks::<ENTRY_LENGTH>();
    let agrees = rest.is_empty()
        && !chunks.is_empty()
        && length as usize == record.len()
        && record[end] == RECORD_TERMINATOR
        && record[base - 1] == FIELD_TERMINATOR
        && leader[20..22] == *b"45"
        && !leader[22].is_ascii_digit() | (leader[22] == b'0')
        && leader.is_ascii();
    if !agrees {
        return false;
    }
    while entries.len() < chunks.len() {
        entries.extend_from_slice(&[Entry::new(Tag::CONTROL_NUMBER, 0, 0); 16]);
    }
    entries.truncate(chunks.len());
    let (mut expected, mut disagreements) = (base as u32, 0);
    let (mut lowest, mut highest) = (HIGHEST, LOWEST);
    let windows = record[LEADER_LENGTH - BEFORE..].windows(BEFORE + ENTRY_LENGTH).step_by(ENTRY_LENGTH);
    for ((entry, &[a, b, c, ref numbers @ .., unit]), window) in entries.iter_mut().zip(chunks).zip(windows) {
        let Some(window) = window.first_chunk() else { return false };
        let bytes = u8x16::new(*window);
        (lowest, highest) = (lowest.min(bytes), highest.max(bytes));
        let (length, start) = parse_numbers(*numbers, unit);
        // A length of 0 becomes the greatest number.
        *entry = Entry::new(Tag::of_ascii([a, b, c]), expected, length.wrapping_sub(1));
        let field_end = expected + length;
        let terminator = record.get(field_end as usize - 1).copied().unwrap_or_default();
        disagreements |= (start + base as u32) ^ expected;
        disagreements |= (entry.length & 1 << 31) | u32::from(terminator ^ FIELD_TERMINATOR);
        expected = field_end;
    }
    disagreements == 0
        && expected as usize == end
        && lowest.max(LOWEST) == lowest
        && highest.min(HIGHEST) == highest
}

/// The length of a field and its start, which ends in `unit`; meaningless unless all are digits.
#[inline(always)]
fn parse_numbers(numbers: [u8; 8], unit: u8) -> (u32, u32) {
    // Neighbours are added up, the first of them times ten, and then in the same way the pairs.
    let digits = u64::from_le_bytes(numbers) & 0x0F0F_0F0F_0F0F_0F0F;
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16;
    let (length, start) = (fours as u32 & 0xFFFF, (fours >> 32) as u32 & 0xFFFF);
    (length, start * 10 + u32::from(unit & 0x0F))
}

/// The first field with a tag in a record that may be damaged, if its entry is sound and the field is whole: between
/// field terminators, with no delimiter inside.
pub fn whole_field(record: &[u8], tag: [u8; 3]) -> Option<&[u8]> {
    let base = Leader(*record.first_chunk()?).base_address()? as usize;
    let (chunks, _) = record.get(LEADER_LENGTH..base.checked_sub(1)?)?.as_chunks::<ENTRY_LENGTH>();
    let (length, start) = chunks.iter().find_map(|entry| {
        let (length, start) = (number(&entry[3..7])?, number(&entry[7..])?);
        entry.starts_with(&tag).then_some((length as usize, base + start as usize))
    })?;
    let field = record.get(start - 1..start + length)?;
    match field {
        [FIELD_TERMINATOR, field @ .., FIELD_TERMINATOR] => {
            Some(field).filter(|field| !field.iter().any(|byte| matches!(byte, 0x1D..=0x1F)))
        }
        _ => None,
    }
}

/// One parsed entry, and its place in the directory.
struct Claim {
    number: u32,
    tag: Tag,
    /// From the record's first byte; `end` is after the field's FT.
    start: usize,
    end: usize,
}

impl Directory {
    /// Parses the directory of the record at the beginning of `bytes`, and trusts it if every entry proves itself.
    ///
    /// The record ends at or before the end of `bytes`. `framed` means that its stated length confirms exactly that
    /// end. The error is the first thing found wrong, with offsets from the record's first byte.
    pub fn parse(bytes: &[u8], framed: bool) -> Result<Directory, Box<Diagnostic>> {
        Parse::begin(bytes, framed)?.finish()
    }

    /// How the record was repaired, if its structure contradicted itself.
    pub fn repair(&self) -> Option<Repair> {
        self.findings
            .iter()
            .any(|finding| finding.severity == Severity::Repaired)
            .then_some(Repair::Directory)
    }
}

struct Parse<'a> {
    bytes: &'a [u8],
    framed: bool,
    base: usize,
    map: EntryMap,
    /// True if the byte before the base address is a field terminator.
    terminated: bool,
    repaired: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

fn fault(code: Code, at: usize) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(code, Severity::Fatal, at as u64))
}

fn about(mut finding: Box<Diagnostic>, number: u32, tag: Option<Tag>) -> Box<Diagnostic> {
    finding.entry = Some(number);
    finding.tag = tag.map(|tag| tag.to_string());
    finding
}

fn claimed_by(code: Code, at: usize, number: u32, tag: Tag) -> Box<Diagnostic> {
    about(fault(code, at), number, Some(tag))
}

/// Whether the byte is filler, as found between the last field and the terminator.
pub(super) fn is_padding(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | b'\r' | 0x1A | b' ' | FIELD_TERMINATOR)
}

impl<'a> Parse<'a> {
    fn begin(bytes: &'a [u8], framed: bool) -> Result<Parse<'a>, Box<Diagnostic>> {
        let Some((head, rest)) = bytes.split_first_chunk::<LEADER_LENGTH>() else {
            return Err(fault(Code::DirectoryMissing, 0));
        };
        if rest.is_empty() {
            return Err(fault(Code::DirectoryMissing, 0));
        }
        let leader = Leader(*head);
        let base = leader.base_address().map_or(0, |base| base as usize);
        if base < FIRST_BASE || base > bytes.len() {
            return Err(base_address(bytes));
        }
        let mut parse = Parse {
            bytes,
            framed,
            base,
            map: leader.entry_map(),
            terminated: bytes[base - 1] == FIELD_TERMINATOR,
            repaired: Vec::new(),
            warnings: Vec::new(),
        };
        if !parse.terminated {
            // If only this byte is damaged and the address is right, all the rest is sound.
            let mut finding = fault(Code::DirectoryTerminator, base - 1);
            finding.found = escaped(&bytes[base - 1..base]);
            finding.expected = "\\x1e".into();
            parse.repair(*finding);
        }
        parse.settle_map(&leader);
        Ok(parse)
    }

    fn settle_map(&mut self, leader: &Leader) {
        if !(self.base - FIRST_BASE).is_multiple_of(self.map.width()) {
            self.map = EntryMap::MARC;
        }
        let EntryMap { length, start, defined } = self.map;
        let stated = [b'0' + length as u8, b'0' + start as u8];
        let ninth_ignored = defined == 0 && matches!(leader.0[22], b'1'..=b'9');
        if leader.0[20..22] != stated || ninth_ignored {
            let mut finding = Diagnostic::new(Code::EntryMap, Severity::Warning, 20);
            finding.found = escaped(&leader.0[20..24]);
            finding.expected = "4500".into();
            self.warnings.push(finding);
        }
    }

    fn repair(&mut self, mut finding: Diagnostic) {
        finding.severity = Severity::Repaired;
        self.repaired.push(finding);
    }

    fn finish(mut self) -> Result<Directory, Box<Diagnostic>> {
        let (bytes, terminated) = (self.bytes, self.terminated);
        self.directory().map_err(|damage| if terminated { damage } else { base_address(bytes) })
    }

    fn directory(&mut self) -> Result<Directory, Box<Diagnostic>> {
        let room = self.base - FIRST_BASE;
        if !room.is_multiple_of(self.map.width()) {
            let mut damage = fault(Code::DirectoryLength, LEADER_LENGTH);
            damage.found = counted(room as u64, "byte");
            damage.expected = format!("a multiple of {}", self.map.width());
            return Err(damage);
        }
        if room == 0 && !self.terminated {
            return Err(fault(Code::DirectoryMissing, 0));
        }
        let claims = self.claims()?;
        let data_end = self.data_end(&claims)?;
        let extent = self.extent(data_end);
        self.settle_empty_entries()?;
        if claims.is_empty() {
            // Only its length proves a record without fields.
            if !self.framed || extent != self.bytes.len() || !self.repaired.is_empty() {
                return Err(fault(Code::DirectoryMissing, LEADER_LENGTH));
            }
            self.warnings.push(Diagnostic::new(Code::NoFields, Severity::Warning, LEADER_LENGTH as u64));
        }
        let entries = claims
            .iter()
            .map(|claim| Entry::new(claim.tag, claim.start as u32, (claim.end - claim.start - 1) as u32))
            .collect();
        let mut findings = contradictions(self.bytes, extent);
        findings.append(&mut self.repaired);
        findings.extend(leader_bytes(self.bytes));
        findings.append(&mut self.warnings);
        Ok(Directory { entries, extent, findings })
    }

    /// The entries, each in range and ending in FT.
    fn claims(&mut self) -> Result<Vec<Claim>, Box<Diagnostic>> {
        let bytes = self.bytes;
        let width = self.map.width();
        let limit = bytes.len() - usize::from(bytes.last() == Some(&RECORD_TERMINATOR));
        let directory = bytes.get(LEADER_LENGTH..self.base - 1).unwrap_or_default();
        let mut claims = Vec::with_capacity(directory.len() / width);
        for (place, entry) in directory.chunks_exact(width).enumerate() {
            let (at, number_of) = (LEADER_LENGTH + place * width, place as u32);
            let (tag, numbers) = entry.split_at(3);
            let tag = match <[u8; 3]>::try_from(tag).ok().and_then(Tag::new) {
                Some(tag) => tag,
                None => {
                    let mut damage = about(fault(Code::EntryTag, at), number_of, None);
                    damage.found = escaped(tag);
                    damage.expected = "three printable characters".into();
                    return Err(damage);
                }
            };
            let (length, rest) = numbers.split_at(self.map.length);
            let start = &rest[..self.map.start];
            let stated = &numbers[..self.map.length + self.map.start];
            let (Some(length), Some(start)) = (number(length), number(start)) else {
                let mut damage = claimed_by(Code::EntryDigits, at, number_of, tag);
                damage.found = escaped(stated);
                damage.expected = "digits".into();
                return Err(damage);
            };
            if length == 0 {
                self.repair(*claimed_by(Code::EntryEmpty, at, number_of, tag));
                continue;
            }
            let start = self.base + start as usize;
            let end = start + length as usize;
            if end > limit {
                let mut damage = claimed_by(Code::EntryRange, at, number_of, tag);
                damage.found = escaped(stated);
                damage.expected = format!("an end within {} bytes of data", limit.saturating_sub(self.base));
                return Err(damage);
            }
            if bytes[end - 1] != FIELD_TERMINATOR {
                let mut damage = claimed_by(Code::FieldTerminator, end - 1, number_of, tag);
                damage.found = escaped(&bytes[end - 1..end]);
                damage.expected = "\\x1e".into();
                return Err(damage);
            }
            claims.push(Claim { number: number_of, tag, start, end });
        }
        Ok(claims)
    }

    /// Where the data end; reports holes and overlaps between the fields.
    fn data_end(&mut self, claims: &[Claim]) -> Result<usize, Box<Diagnostic>> {
        let mut reached = self.base;
        if claims.iter().all(|claim| claim.start == std::mem::replace(&mut reached, claim.end)) {
            return Ok(reached);
        }
        let mut by_start: Vec<&Claim> = claims.iter().collect();
        by_start.sort_by_key(|claim| (claim.start, claim.end));
        let mut reached = self.base;
        let mut last: Option<&Claim> = None;
        let mut twice = false;
        for claim in by_start {
            let at = LEADER_LENGTH + claim.number as usize * self.map.width();
            if claim.start > self.base && self.bytes[claim.start - 1] != FIELD_TERMINATOR {
                return Err(claimed_by(Code::EntryStart, at, claim.number, claim.tag));
            }
            let same = last.is_some_and(|last| (last.start, last.end) == (claim.start, claim.end));
            if claim.start < reached {
                let overlap = claimed_by(Code::EntriesOverlap, at, claim.number, claim.tag);
                // The very same bytes once more are delivered twice; a third time would multiply them.
                if !same || twice {
                    return Err(overlap);
                }
                self.repair(*overlap);
            } else if claim.start > reached {
                self.hole(reached, claim)?;
            }
            reached = claim.end;
            twice = same;
            last = Some(claim);
        }
        Ok(reached)
    }

    fn hole(&mut self, from: usize, before: &Claim) -> Result<(), Box<Diagnostic>> {
        let hole = &self.bytes[from..before.start];
        let mut finding = claimed_by(Code::UnreferencedBytes, from, before.number, before.tag);
        finding.found = counted(hole.len() as u64, "byte");
        if hole.contains(&RECORD_TERMINATOR) {
            return Err(finding);
        }
        finding.entry = None;
        finding.tag = None;
        if hole.iter().all(|&byte| is_padding(byte)) {
            self.warn_padding(from, hole.len());
        } else {
            self.repair(*finding);
        }
        Ok(())
    }

    fn warn_padding(&mut self, at: usize, length: usize) {
        let mut finding = Diagnostic::new(Code::Padding, Severity::Warning, at as u64);
        finding.found = counted(length as u64, "byte");
        self.warnings.push(finding);
    }

    /// After the terminator that follows the last field, or where the data end.
    fn extent(&mut self, data_end: usize) -> usize {
        let after = &self.bytes[data_end..];
        let padding = after.iter().take_while(|&&byte| is_padding(byte)).count();
        if after.get(padding) == Some(&RECORD_TERMINATOR) {
            if padding > 0 {
                self.warn_padding(data_end, padding);
            }
            return data_end + padding + 1;
        }
        let body = after.split_last().map_or(after, |(_, body)| body);
        if self.framed && !body.contains(&RECORD_TERMINATOR) {
            // The stated length confirms the bytes that the directory omits.
            let mut finding = fault(Code::UnreferencedBytes, data_end);
            finding.found = counted(body.len() as u64, "byte");
            self.repair(*finding);
            return self.bytes.len();
        }
        data_end
    }

    /// An empty entry and unclaimed bytes in one record: probably the same field, but unprovable, so an error.
    fn settle_empty_entries(&mut self) -> Result<(), Box<Diagnostic>> {
        let has = |code| self.repaired.iter().any(|finding| finding.code == code);
        if has(Code::EntryEmpty) && has(Code::UnreferencedBytes) {
            let empty = self.repaired.iter().position(|finding| finding.code == Code::EntryEmpty);
            if let Some(place) = empty {
                let mut damage = self.repaired.swap_remove(place);
                damage.severity = Severity::Fatal;
                return Err(Box::new(damage));
            }
        }
        Ok(())
    }
}

/// Findings where the stated length or the terminator disagrees with `extent`.
pub(super) fn contradictions(bytes: &[u8], extent: usize) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let stated = bytes.get(0..5).unwrap_or_default();
    if number(stated) != Some(extent as u32) {
        let mut finding = Diagnostic::new(Code::RecordLength, Severity::Repaired, 0);
        finding.found = escaped(stated);
        finding.expected = format!("{extent:05}");
        findings.push(finding);
    }
    if bytes[..extent].last() != Some(&RECORD_TERMINATOR) {
        let mut finding = Diagnostic::new(Code::TerminatorMissing, Severity::Repaired, extent as u64);
        finding.found = bytes.get(extent..extent + 1).map(escaped).unwrap_or_default();
        finding.expected = "\\x1d".into();
        findings.push(finding);
    }
    findings
}

/// The warning about bytes in the leader that are not characters.
pub(super) fn leader_bytes(bytes: &[u8]) -> Option<Diagnostic> {
    let leader = bytes.get(..LEADER_LENGTH)?;
    (!leader.is_ascii()).then(|| {
        let mut finding = Diagnostic::new(Code::LeaderBytes, Severity::Warning, 0);
        finding.found = escaped(leader);
        finding
    })
}

fn base_address(bytes: &[u8]) -> Box<Diagnostic> {
    let mut damage = fault(Code::BaseAddress, 12);
    damage.found = bytes.get(12..17).map(escaped).unwrap_or_default();
    if let Some(place) = bytes.get(LEADER_LENGTH..).and_then(|rest| memchr::memchr(FIELD_TERMINATOR, rest)) {
        damage.expected = format!("{:05}", LEADER_LENGTH + place + 1);
    }
    damage
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two fields, 63 bytes.
    pub(crate) const RECORD: &[u8] = b"00063nam a2200049 a 4500\
        001000300000\
        245001000003\x1e\
        A1\x1e\
        10\x1faTitle\x1e\x1d";

    fn damaged(at: usize, with: &[u8]) -> Vec<u8> {
        let mut bytes = RECORD.to_vec();
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes
    }

    #[test]
    fn a_sound_directory_gives_its_fields() {
        let mut entries = Entries::new();
        assert!(sound(RECORD, &mut entries));
        let title = entries[1];
        assert_eq!(title.tag, "245");
        assert_eq!(&RECORD[title.start as usize..][..title.length as usize], b"10\x1faTitle");
    }

    #[test]
    fn the_quick_look_and_the_exact_one_agree() {
        let exact = Directory::parse(RECORD, true).unwrap();
        let mut entries = Entries::new();
        assert!(sound(RECORD, &mut entries));
        assert_eq!((exact.entries, exact.extent, exact.findings.len()), (entries, RECORD.len(), 0));
    }

    #[test]
    fn damage_is_named_where_it_is() {
        for (name, bytes, code, offset) in [
            ("letter in a length", damaged(30, b"x"), Code::EntryDigits, 24),
            ("slash in a length", damaged(30, b"/"), Code::EntryDigits, 24),
            ("colon in a start", damaged(35, b":"), Code::EntryDigits, 24),
            ("high byte in a start", damaged(33, b"\xb0"), Code::EntryDigits, 24),
            ("control character in a tag", damaged(24, b"\x01"), Code::EntryTag, 24),
            ("field beyond the record", damaged(43, b"99999"), Code::EntryRange, 36),
            ("length too small", damaged(39, b"0009"), Code::FieldTerminator, 60),
            ("base address no digits", damaged(12, b"     "), Code::BaseAddress, 12),
            ("base address too large", damaged(12, b"00099"), Code::BaseAddress, 12),
            ("directory of broken width", damaged(12, b"00052"), Code::DirectoryLength, 24),
        ] {
            let mut entries = Entries::new();
            assert!(!sound(&bytes, &mut entries), "{name}");
            let damage = Directory::parse(&bytes, true).unwrap_err();
            assert_eq!((damage.code, damage.offset), (code, offset), "{name}");
        }
    }

    #[test]
    fn an_entry_map_of_560_makes_entries_of_14_bytes() {
        let bytes = b"00043nam a2200039 a 5600\
            00100003000000\x1e\
            A1\x1e\x1d";
        let directory = Directory::parse(bytes, true).unwrap();
        assert_eq!(directory.findings, []);
        assert_eq!(directory.entries[0].length, 2);
    }
}
