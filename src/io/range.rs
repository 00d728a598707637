//! Byte ranges of a source: ranges that partition it yield each record exactly once.
//!
//! Ranges are moved to *sync points*: the beginning, the end, and every place where a record begins whatever is damaged
//! before it, for a reader that starts at the beginning as well. In ISO 2709 that is where, after a record terminator and
//! filler, a leader begins whose length lands on the very next terminator; `formats/split.rs` says where it is in other
//! formats.

use std::io;
use std::ops::Range;

use super::at::{ReadAt, read_at};
use crate::formats::{BEFORE, Split, Syntax};
use crate::iso2709::RECORD_TERMINATOR;
use crate::iso2709::framing::{BYTE_ORDER_MARK, is_filler, is_sync_point};

/// The number of bytes examined first, and at most: each look takes twice as many as the one before.
const FIRST_LOOK: usize = 1 << 13;
const LONGEST_LOOK: usize = 1 << 20;
/// The most bytes that may be needed to tell whether a record begins.
const LONGEST_UNDECIDED: usize = 1 << 23;

/// The part of a source of `size` bytes from the first sync point at or after the start of the range to the first at
/// or after its end. `goes_on` is polled before each look; if it returns false, the search is interrupted.
pub(super) fn between_sync_points(
    source: &(impl ReadAt + ?Sized),
    size: u64,
    range: &Range<u64>,
    syntax: Syntax,
    goes_on: &mut dyn FnMut() -> bool,
) -> io::Result<Range<u64>> {
    let mut search = Search { source, size, goes_on };
    let mut next = |from: u64| match syntax {
        _ if from == 0 || from >= size => Ok(from.min(size)),
        Syntax::Iso2709 => search.next_sync_point(from),
        _ => search.next_split(syntax, from),
    };
    let start = next(range.start)?;
    let end = if range.end <= start { start } else { next(range.end)? };
    Ok(start..end)
}

struct Search<'a, S: ?Sized> {
    source: &'a S,
    size: u64,
    goes_on: &'a mut dyn FnMut() -> bool,
}

impl<S: ReadAt + ?Sized> Search<'_, S> {
    fn next_sync_point(&mut self, from: u64) -> io::Result<u64> {
        let from = self.before_byte_order_mark(from)?;
        let mut follows_terminator = self.follows_terminator(from)?;
        let (mut start, mut bytes, mut at) = (from, Vec::new(), 0);
        for look in looks() {
            bytes.drain(..at);
            (start, at) = (start + at as u64, 0);
            self.look(start + bytes.len() as u64, look, &mut bytes)?;
            let last = start + bytes.len() as u64 >= self.size || bytes.len() < look;
            while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
                if !follows_terminator {
                    let terminator = memchr::memchr(RECORD_TERMINATOR, rest);
                    follows_terminator = terminator.is_some();
                    at += terminator.map_or(rest.len(), |place| place + 1);
                    continue;
                }
                match is_sync_point(&bytes, at) {
                    Some(true) => return Ok(start + at as u64),
                    None if !last => break,
                    _ if rest.starts_with(BYTE_ORDER_MARK) => at += BYTE_ORDER_MARK.len(),
                    _ if is_filler(rest[0]) => at += 1,
                    _ => follows_terminator = false,
                }
            }
            if last {
                break;
            }
        }
        Ok(self.size)
    }

    fn next_split(&mut self, syntax: Syntax, from: u64) -> io::Result<u64> {
        let mut start = from.saturating_sub(BEFORE as u64);
        let (mut bytes, mut at) = (Vec::new(), (from - start) as usize);
        for look in looks() {
            let known = bytes.len();
            self.look(start + known as u64, look, &mut bytes)?;
            let is_all = bytes.len() < known + look;
            match syntax.next_split(&bytes, at) {
                Split::At(place) => return Ok(start + place as u64),
                Split::Beyond(_) if is_all => break,
                Split::Beyond(place) => {
                    // What does not end is passed over.
                    at = if bytes.len() - place > LONGEST_UNDECIDED { bytes.len() } else { place };
                    let passed = at.saturating_sub(BEFORE);
                    bytes.drain(..passed);
                    (start, at) = (start + passed as u64, at - passed);
                }
            }
        }
        Ok(self.size)
    }

    /// The beginning of the byte order mark that `from` is inside, or `from`.
    fn before_byte_order_mark(&mut self, from: u64) -> io::Result<u64> {
        let (start, mut around) = (from.saturating_sub(2), Vec::new());
        self.look(start, 4, &mut around)?;
        let place = around.windows(BYTE_ORDER_MARK.len()).position(|window| window == BYTE_ORDER_MARK);
        Ok(place.map_or(from, |place| from.min(start + place as u64)))
    }

    /// Whether only filler is between `at` and a record terminator before it.
    fn follows_terminator(&mut self, mut at: u64) -> io::Result<bool> {
        let mut bytes = Vec::new();
        for look in looks() {
            let start = at.saturating_sub(look as u64);
            bytes.clear();
            self.look(start, (at - start) as usize, &mut bytes)?;
            let mut rest = &bytes[..];
            // A byte order mark may begin before the bytes examined.
            while rest.len() >= BYTE_ORDER_MARK.len() || start == 0 {
                rest = match rest {
                    [.., RECORD_TERMINATOR] => return Ok(true),
                    [before @ .., byte] if is_filler(*byte) => before,
                    _ => match rest.strip_suffix(BYTE_ORDER_MARK) {
                        Some(before) => before,
                        None => return Ok(false),
                    },
                };
            }
            at = start + rest.len() as u64;
        }
        Ok(false)
    }

    fn look(&mut self, start: u64, count: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
        if !(self.goes_on)() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        read_at(self.source, start, count, bytes)
    }
}

/// The number of bytes of each look.
fn looks() -> impl Iterator<Item = usize> {
    std::iter::successors(Some(FIRST_LOOK), |look| Some((look * 2).min(LONGEST_LOOK)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use bytes::Bytes;

    use super::*;

    const RECORD: &[u8] = b"00044nam a2200037 a 4500001000600000\x1e12345\x1e\x1d";

    fn between(bytes: &[u8], range: Range<u64>) -> Range<u64> {
        let (bytes, size) = (Bytes::copy_from_slice(bytes), bytes.len() as u64);
        between_sync_points(&bytes, size, &range, Syntax::Iso2709, &mut || true).unwrap()
    }

    fn sync_points(bytes: &[u8]) -> Vec<u64> {
        let size = bytes.len() as u64;
        let mut points: Vec<_> = (0..=size).map(|from| between(bytes, from..size).start).collect();
        points.dedup();
        points
    }

    #[test]
    fn a_search_ends_when_nobody_waits_for_it() {
        let garbage = Bytes::from(vec![b'x'; 5 * LONGEST_LOOK]);
        let mut asked = 0;
        let mut goes_on = || {
            asked += 1;
            asked < 3
        };
        let size = garbage.len() as u64;
        let found = between_sync_points(&garbage, size, &(1..size), Syntax::Iso2709, &mut goes_on);
        assert_eq!(found.unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert_eq!(asked, 3);
    }

    #[test]
    fn records_begin_after_terminators_and_filler() {
        assert_eq!(RECORD.len(), 44);
        assert_eq!(sync_points(&[RECORD, RECORD].concat()), [0, 44, 88]);
        assert_eq!(sync_points(&[RECORD, b"\r\n \x1d", RECORD].concat()), [0, 48, 92]);
        assert_eq!(sync_points(&[b"\r\n", RECORD, RECORD].concat()), [0, 46, 90]);
        assert_eq!(sync_points(b""), [0]);
    }

    #[test]
    fn damaged_records_and_gaps_belong_to_the_range_before() {
        let longer = [b"00046", &RECORD[5..]].concat();
        assert_eq!(sync_points(&[RECORD, &longer, RECORD].concat()), [0, 88, 132]);
        assert_eq!(sync_points(&[RECORD, b"garbage", RECORD, RECORD].concat()), [0, 95, 139]);
    }

    #[test]
    fn a_point_is_found_beyond_any_number_of_blocks() {
        let garbage = vec![b'x'; 3 * LONGEST_LOOK + 17];
        let bytes = [RECORD, &garbage, RECORD, RECORD].concat();
        let size = bytes.len() as u64;
        assert_eq!(between(&bytes, 1..size), size - 44..size);
        let filler = vec![b'\n'; 3 * LONGEST_LOOK + 17];
        let bytes = [RECORD, &filler, RECORD].concat();
        let size = bytes.len() as u64;
        assert_eq!(between(&bytes, size - 50..size), size - 44..size);
    }

    #[test]
    fn records_begin_after_byte_order_marks() {
        let marked = [BYTE_ORDER_MARK, RECORD].concat();
        assert_eq!(sync_points(&marked.repeat(3)), [0, 50, 97, 141]);
        // However far before the range the mark begins.
        let filler = vec![b'\n'; FIRST_LOOK - 2];
        let bytes = [RECORD, BYTE_ORDER_MARK, &filler, RECORD].concat();
        let size = bytes.len() as u64;
        assert_eq!(between(&bytes, size - 44..size), size - 44..size);
    }

    /// Counts what is read.
    struct Counting(Bytes, AtomicU64);

    impl ReadAt for Counting {
        fn size(&self) -> io::Result<u64> {
            self.0.size()
        }

        fn read_at(&self, offset: u64, output: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read_at(offset, output)?;
            self.1.fetch_add(count as u64, Ordering::Relaxed);
            Ok(count)
        }
    }

    #[test]
    fn the_ends_of_a_range_are_found_by_a_look_at_few_bytes() {
        let source = Counting(RECORD.repeat(100_000).into(), AtomicU64::new(0));
        let (size, range) = (source.size().unwrap(), 1_300_000..2_600_000);
        between_sync_points(&source, size, &range, Syntax::Iso2709, &mut || true).unwrap();
        let read = source.1.into_inner();
        assert!(read <= 64 << 10, "{read}");
    }

    #[test]
    fn filler_is_passed_backwards_in_growing_looks() {
        let filler = vec![0; 64 << 20];
        let bytes = Bytes::from([RECORD, &filler, RECORD].concat());
        let mut looks = 0;
        let mut goes_on = || {
            looks += 1;
            true
        };
        let size = bytes.len() as u64;
        let found =
            between_sync_points(&bytes, size, &(size - 44..size), Syntax::Iso2709, &mut goes_on).unwrap();
        assert_eq!((found, looks < 80), (size - 44..size, true));
    }
}
