//! Ranges of a source: whoever splits it anywhere gets each record exactly once.
//!
//! A split falls on *sync points*: the beginning, the end, and wherever, behind a record terminator and
//! filler, a leader stands whose length lands on the very next terminator. There an item begins for whoever
//! reads from the beginning too, whatever is damaged before it.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use crate::iso2709::RECORD_TERMINATOR;
use crate::iso2709::framing::{REACH, is_filler, is_sync_point};

/// Bytes that are looked at together, with what may follow of the last record that begins in them.
const BLOCK: usize = 1 << 20;
/// Bytes looked at together on the way back to a terminator.
const STEP: u64 = 1 << 12;

/// The stretch of a source of `size` bytes from the first sync point at or behind the range's start to the
/// first at or behind its end. `goes_on` is asked now and then; if it says no, the search is interrupted.
pub(super) fn between_sync_points(
    source: &mut (impl Read + Seek),
    size: u64,
    range: &Range<u64>,
    goes_on: &mut dyn FnMut() -> bool,
) -> io::Result<Range<u64>> {
    let start = next_sync_point(source, size, range.start, goes_on)?;
    let end = if range.end <= start { start } else { next_sync_point(source, size, range.end, goes_on)? };
    Ok(start..end)
}

fn next_sync_point(
    source: &mut (impl Read + Seek),
    size: u64,
    from: u64,
    goes_on: &mut dyn FnMut() -> bool,
) -> io::Result<u64> {
    if from == 0 || from >= size {
        return Ok(from.min(size));
    }
    let mut is_behind_terminator = is_behind_terminator(source, from)?;
    let (mut start, mut bytes) = (from, Vec::new());
    loop {
        if !goes_on() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        read_at(source, start, (BLOCK + REACH) as u64, &mut bytes)?;
        let last = bytes.len() < BLOCK + REACH;
        let end = if last { bytes.len() } else { BLOCK };
        let mut at = 0;
        while let Some(&byte) = bytes[..end].get(at) {
            if is_behind_terminator && is_sync_point(&bytes, at) {
                return Ok(start + at as u64);
            }
            is_behind_terminator = byte == RECORD_TERMINATOR || is_behind_terminator && is_filler(byte);
            at += 1;
            if !is_behind_terminator {
                let rest = &bytes[at..end];
                at += memchr::memchr(RECORD_TERMINATOR, rest).unwrap_or(rest.len());
            }
        }
        if last {
            return Ok(size);
        }
        start += end as u64;
    }
}

/// Whether nothing but filler stands between `at` and a record terminator before it.
fn is_behind_terminator(source: &mut (impl Read + Seek), mut at: u64) -> io::Result<bool> {
    let mut bytes = Vec::new();
    while at > 0 {
        let start = at.saturating_sub(STEP);
        read_at(source, start, at - start, &mut bytes)?;
        match bytes.iter().rfind(|&&byte| byte == RECORD_TERMINATOR || !is_filler(byte)) {
            Some(&byte) => return Ok(byte == RECORD_TERMINATOR),
            None => at = start,
        }
    }
    Ok(false)
}

/// Replaces `bytes` by so many from `start`; fewer only where the source ends.
fn read_at(source: &mut (impl Read + Seek), start: u64, count: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    source.seek(SeekFrom::Start(start))?;
    source.take(count).read_to_end(bytes)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const RECORD: &[u8] = b"00044nam a2200037 a 4500001000600000\x1e12345\x1e\x1d";

    fn between(bytes: &[u8], range: Range<u64>) -> Range<u64> {
        between_sync_points(&mut Cursor::new(bytes), bytes.len() as u64, &range, &mut || true).unwrap()
    }

    fn sync_points(bytes: &[u8]) -> Vec<u64> {
        let size = bytes.len() as u64;
        let mut points: Vec<_> = (0..=size).map(|from| between(bytes, from..size).start).collect();
        points.dedup();
        points
    }

    #[test]
    fn a_search_ends_when_nobody_waits_for_it() {
        let garbage = vec![b'x'; 5 * BLOCK];
        let mut asked = 0;
        let mut goes_on = || {
            asked += 1;
            asked < 3
        };
        let size = garbage.len() as u64;
        let found = between_sync_points(&mut Cursor::new(&garbage), size, &(1..size), &mut goes_on);
        assert_eq!(found.unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert_eq!(asked, 3);
    }

    #[test]
    fn records_begin_behind_terminators_and_filler() {
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
        let garbage = vec![b'x'; 3 * BLOCK + 17];
        let bytes = [RECORD, &garbage, RECORD, RECORD].concat();
        let size = bytes.len() as u64;
        assert_eq!(between(&bytes, 1..size), size - 44..size);
        let filler = vec![b'\n'; 3 * BLOCK + 17];
        let bytes = [RECORD, &filler, RECORD].concat();
        let size = bytes.len() as u64;
        assert_eq!(between(&bytes, size - 50..size), size - 44..size);
    }
}
