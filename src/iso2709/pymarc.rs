//! Records and entries as pymarc finds them: only by their numbers, with the leniency of Python.
//!
//! A number is anything that Python's `int` accepts (surrounding blanks, a sign, `_` between digits), and a field is
//! what a Python slice yields: nothing is checked against anything else. A record is refused for a [`Fault`]; after a
//! [`Boundary`] no further record can be found.

use std::iter;

use memchr::memchr_iter;

use super::leader::LEADER_LENGTH;
use super::{Entries, Entry, RECORD_TERMINATOR, SUBFIELD_DELIMITER, Tag};

/// The number of bytes that hold the length of a record.
const LENGTH_DIGITS: usize = 5;
const ENTRY_LENGTH: usize = 12;

/// What the bytes from some place on are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// More bytes are needed: this number altogether.
    Wanted(usize),
    /// The bytes up to here may be a record.
    Record(usize),
    /// The bytes up to here are not a record, and nothing after them can be found.
    Fault(usize, Boundary),
    /// There are no bytes.
    End,
}

/// Why the end of a record cannot be determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// The first five bytes are not a number.
    LengthInvalid,
    /// The source ends before the record does.
    Truncated,
    /// The last byte is not RT.
    TerminatorMissing,
}

/// The next record of `bytes`; `is_end` means that no others follow them.
pub fn next(bytes: &[u8], is_end: bool) -> Found {
    let Some(digits) = bytes.first_chunk::<LENGTH_DIGITS>() else {
        return match bytes.len() {
            _ if !is_end => Found::Wanted(LENGTH_DIGITS),
            0 => Found::End,
            count => Found::Fault(count, Boundary::Truncated),
        };
    };
    let Some(length) = record_length(digits) else {
        return Found::Fault(LENGTH_DIGITS, Boundary::LengthInvalid);
    };
    // Python reads everything when asked for a negative number of bytes.
    let rest = usize::try_from(length - LENGTH_DIGITS as i64).ok();
    let end = match rest {
        Some(rest) if LENGTH_DIGITS + rest <= bytes.len() => LENGTH_DIGITS + rest,
        Some(rest) if !is_end => return Found::Wanted(LENGTH_DIGITS + rest),
        Some(_) => return Found::Fault(bytes.len(), Boundary::Truncated),
        None if !is_end => return Found::Wanted(usize::MAX),
        None => bytes.len(),
    };
    match bytes.get(end - 1) {
        Some(&RECORD_TERMINATOR) => Found::Record(end),
        _ => Found::Fault(end, Boundary::TerminatorMissing),
    }
}

/// True if the stated length is below 5: pymarc then takes the rest of the file, with the records in it, for this
/// one.
pub fn swallows(record: &[u8]) -> bool {
    let length = record.first_chunk::<LENGTH_DIGITS>().and_then(|digits| number(digits));
    let before = record.len().saturating_sub(1);
    length.is_some_and(|length| length < LENGTH_DIGITS as i64)
        && record[..before].contains(&RECORD_TERMINATOR)
}

/// The length at the beginning of a record; `None` if it is not a number.
pub fn record_length(digits: &[u8; LENGTH_DIGITS]) -> Option<i64> {
    number(digits)
}

/// Why a record is refused, with the bytes at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Fewer than 24 bytes.
    LeaderInvalid,
    /// The base address is not a number.
    BaseAddressNotANumber([u8; 5]),
    /// The base address is not above 0.
    BaseAddressNotFound,
    /// The base address is not within the record.
    BaseAddressInvalid,
    /// The stated length is more than there is.
    Truncated,
    /// The leader, or the directory, is not ASCII.
    NotAscii(Vec<u8>),
    /// The directory does not consist of entries.
    DirectoryInvalid,
    /// The record length, or a length or start in the directory, is not a number.
    NotANumber(Vec<u8>),
    /// There are no entries.
    NoFields,
}

/// Finds the fields of a record. After a fault, `entries` holds those before it.
pub fn find_entries(record: &[u8], entries: &mut Entries) -> Result<(), Fault> {
    entries.clear();
    let leader = &record[..record.len().min(LEADER_LENGTH)];
    if !leader.is_ascii() {
        return Err(Fault::NotAscii(leader.to_vec()));
    }
    let leader: &[u8; LEADER_LENGTH] = leader.first_chunk().ok_or(Fault::LeaderInvalid)?;
    let base = base_address(record, leader)?;
    let directory = record.get(LEADER_LENGTH..base - 1).unwrap_or_default();
    if !directory.is_ascii() {
        return Err(Fault::NotAscii(directory.to_vec()));
    }
    let (chunks, rest) = directory.as_chunks::<ENTRY_LENGTH>();
    if !rest.is_empty() {
        return Err(Fault::DirectoryInvalid);
    }
    for stated in chunks {
        entries.push(entry(stated, base, record.len())?);
    }
    if entries.is_empty() { Err(Fault::NoFields) } else { Ok(()) }
}

/// The directory of a record in which [`find_entries`] found no fault: an entry is read when it is asked for.
#[derive(Clone, Copy)]
pub struct Stated<'a> {
    entries: &'a [[u8; ENTRY_LENGTH]],
    base: usize,
    size: usize,
}

impl<'a> Stated<'a> {
    /// That of a record.
    pub fn of(record: &'a [u8]) -> Option<Stated<'a>> {
        let base = base_address(record, record.first_chunk()?).ok()?;
        let (entries, _) = record.get(LEADER_LENGTH..base - 1)?.as_chunks::<ENTRY_LENGTH>();
        Some(Stated { entries, base, size: record.len() })
    }

    /// The tags, in their order.
    pub fn tags(&self) -> impl Iterator<Item = [u8; 3]> + use<'a> {
        self.entries.iter().map(|&[a, b, c, ..]| [a, b, c])
    }

    /// The number of entries.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The entry at a place.
    pub fn entry(&self, place: usize) -> Option<Entry> {
        entry(self.entries.get(place)?, self.base, self.size).ok()
    }
}

/// The first field with a tag, in a record in which [`find_entries`] found no fault.
pub fn find_entry(record: &[u8], tag: [u8; 3]) -> Option<Entry> {
    let stated = Stated::of(record)?;
    stated.entry(stated.tags().position(|it| it == tag)?)
}

/// What precedes the first delimiter of a field, and the subfields: a one-byte code and a value each. Nothing between
/// two delimiters is not a subfield.
///
/// ```
/// let (indicators, mut subfields) = mrrc::internals::iso2709::pymarc::split_field(b"10\x1faEmma /\x1f\x1fcJane Austen.");
/// assert_eq!(indicators, b"10");
/// assert_eq!(subfields.next(), Some((b'a', &b"Emma /"[..])));
/// assert_eq!(subfields.next(), Some((b'c', &b"Jane Austen."[..])));
/// assert_eq!(subfields.next(), None);
/// ```
pub fn split_field(field: &[u8]) -> (&[u8], impl Iterator<Item = (u8, &[u8])>) {
    let mut delimiters = memchr_iter(SUBFIELD_DELIMITER, field);
    let mut next = delimiters.next();
    let head = &field[..next.unwrap_or(field.len())];
    let subfields = iter::from_fn(move || {
        loop {
            let start = next? + 1;
            next = delimiters.next();
            if let Some((&code, value)) = field[start..next.unwrap_or(field.len())].split_first() {
                return Some((code, value));
            }
        }
    });
    (head, subfields)
}

/// The bytes that an entry of a directory points to.
fn entry(stated: &[u8; ENTRY_LENGTH], base: usize, bytes: usize) -> Result<Entry, Fault> {
    let &[t, a, g, l0, l1, l2, l3, s0, s1, s2, s3, s4] = stated;
    let read = |digits: &[u8]| number(digits).ok_or_else(|| Fault::NotANumber(digits.to_vec()));
    let length = read(&[l0, l1, l2, l3])?;
    let start = base as i64 + read(&[s0, s1, s2, s3, s4])?;
    let (start, end) = slice(start, start + length - 1, bytes);
    Ok(Entry::new(Tag::of_ascii([t, a, g]), start as u32, (end - start) as u32))
}

fn base_address(record: &[u8], leader: &[u8; LEADER_LENGTH]) -> Result<usize, Fault> {
    let &[l0, l1, l2, l3, l4, _, _, _, _, _, _, _, b0, b1, b2, b3, b4, ..] = leader;
    let digits = [b0, b1, b2, b3, b4];
    let base = number(&digits).ok_or(Fault::BaseAddressNotANumber(digits))?;
    let base = usize::try_from(base).ok().filter(|&base| base > 0).ok_or(Fault::BaseAddressNotFound)?;
    if base >= record.len() {
        return Err(Fault::BaseAddressInvalid);
    }
    let digits = [l0, l1, l2, l3, l4];
    match number(&digits) {
        None => Err(Fault::NotANumber(digits.to_vec())),
        Some(length) if length > record.len() as i64 => Err(Fault::Truncated),
        Some(_) => Ok(base),
    }
}

/// Python's `bytes[start:end]` of this number of bytes, as places within them.
fn slice(start: i64, end: i64, bytes: usize) -> (usize, usize) {
    let bytes = bytes as i64;
    let place = |place: i64| if place < 0 { place + bytes } else { place }.clamp(0, bytes) as usize;
    let (start, end) = (place(start), place(end));
    (start, end.max(start))
}

/// The result of Python's `int` for bytes.
fn number(bytes: &[u8]) -> Option<i64> {
    if let Some(number) = super::number(bytes) {
        return Some(number.into());
    }
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let start = bytes.iter().position(|byte| !is_blank(byte))?;
    let end = bytes.iter().rposition(|byte| !is_blank(byte))?;
    let (negative, digits) = match bytes.get(start..=end)? {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let mut number = 0;
    for part in digits.split(|&byte| byte == b'_') {
        number = number * 10i64.pow(part.len() as u32) + i64::from(super::number(part)?);
    }
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_pythons_int_takes() {
        for (bytes, expected) in [
            (&b"00063"[..], Some(63)),
            (b"   63", Some(63)),
            (b"\n0006", Some(6)),
            (b"+0063", Some(63)),
            (b" -63 ", Some(-63)),
            (b"0_063", Some(63)),
            (b"1__23", None),
            (b"_0063", None),
            (b"0063_", None),
            (b"+ 063", None),
            (b"\x1c0063", None),
            (b"     ", None),
            (b"", None),
            (b"0x41", None),
        ] {
            assert_eq!(number(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_length_below_its_own_digits_swallows_the_records_after() {
        for (bytes, expected) in [
            (&b"00000one\x1dtwo\x1d"[..], true),
            (b"-0001one\x1dtwo\x1d", true),
            (b"00004one\x1d", false),
            (b"00005one\x1dtwo\x1d", false),
            (b"00009one\x1d", false),
            (b"0x000one\x1dtwo\x1d", false),
            (b"000", false),
            (b"", false),
        ] {
            assert_eq!(swallows(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_record_ends_where_its_length_says() {
        let good = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
        let short = [b"00062".as_slice(), &good[5..]].concat();
        for (bytes, is_end, expected) in [
            (&b""[..], true, Found::End),
            (b"", false, Found::Wanted(5)),
            (b"000", false, Found::Wanted(5)),
            (b"000", true, Found::Fault(3, Boundary::Truncated)),
            (b"0x063nam", false, Found::Fault(5, Boundary::LengthInvalid)),
            (good, false, Found::Record(63)),
            (&good[..60], false, Found::Wanted(63)),
            (&good[..60], true, Found::Fault(60, Boundary::Truncated)),
            (&short, true, Found::Fault(62, Boundary::TerminatorMissing)),
            (b"00005", true, Found::Fault(5, Boundary::TerminatorMissing)),
            (b"00000 all that comes\x1d", false, Found::Wanted(usize::MAX)),
            (b"-0001 all that comes\x1d", true, Found::Record(21)),
        ] {
            assert_eq!(next(bytes, is_end), expected, "{bytes:?}");
        }
    }

    /// A one-field record with this stated length and start.
    fn fields(length: &str, start: &str) -> Result<Vec<Vec<u8>>, Fault> {
        let record = format!("00045nam a2200037 a 4500245{length}{start}\x1eabcdef\x1e\x1d");
        let mut entries = Entries::new();
        find_entries(record.as_bytes(), &mut entries)?;
        assert_eq!(find_entry(record.as_bytes(), *b"245"), entries.first().copied());
        assert_eq!(find_entry(record.as_bytes(), *b"246"), None);
        let field = |it: &Entry| record.as_bytes()[it.start as usize..][..it.length as usize].to_vec();
        Ok(entries.iter().map(field).collect())
    }

    #[test]
    fn a_field_is_what_a_slice_of_python_gives() {
        for (length, start, expected) in [
            ("0007", "00000", &b"abcdef"[..]),
            ("0004", "00002", b"cde"),
            ("9999", "00004", b"ef\x1e\x1d"),
            ("0004", "00099", b""),
            ("0001", "00000", b""),
            ("0004", "-0001", b"\x1eab"),
            // The end is as far before the record's last byte as the start is after its first.
            ("0000", "00000", b""),
            ("-001", "00000", b""),
        ] {
            assert_eq!(fields(length, start).unwrap(), [expected], "{length} {start}");
        }
        assert_eq!(fields("00x7", "00000"), Err(Fault::NotANumber(b"00x7".to_vec())));
    }
}
