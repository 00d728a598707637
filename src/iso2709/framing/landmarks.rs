//! Results of earlier searches, kept so that each byte is examined a bounded number of times, whatever the input.

use std::cell::Cell;

/// Where the next terminators and leaders are.
#[derive(Debug, Default)]
pub(super) struct Landmarks {
    pub(super) field_terminator: Cell<Landmark>,
    pub(super) record_terminator: Cell<Landmark>,
    pub(super) leader: Cell<Landmark>,
    /// The end of the bytes for which leaders were searched; what is a leader depends on it.
    pub(super) leader_bound: Cell<usize>,
}

/// Nothing of its kind is in `from..place`; at `place` there is one, if it was `found`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landmark {
    from: usize,
    place: usize,
    found: bool,
}

impl Default for Landmark {
    /// Nothing is known.
    fn default() -> Landmark {
        Landmark { from: 1, place: 0, found: false }
    }
}

impl Landmark {
    /// Next match at or after `from`. `search(begin)` returns `Ok(place)`, or `Err(end)` if there is nothing before
    /// `end`.
    pub(super) fn next(
        kept: &Cell<Landmark>,
        from: usize,
        search: impl FnOnce(usize) -> Result<usize, usize>,
    ) -> Option<usize> {
        let known = kept.get();
        let is_known = (known.from..=known.place).contains(&from);
        if is_known && known.found {
            return Some(known.place);
        }
        let (from, begin) = if is_known { (known.from, known.place) } else { (from, from) };
        let found = search(begin);
        let place = found.unwrap_or_else(|end| end.max(begin));
        kept.set(Landmark { from, place, found: found.is_ok() });
        found.ok()
    }

    fn forget(self, bytes: usize) -> Landmark {
        match self.place.checked_sub(bytes) {
            Some(place) if self.from <= self.place => {
                Landmark { from: self.from.saturating_sub(bytes), place, ..self }
            }
            _ => Landmark::default(),
        }
    }
}

impl Landmarks {
    /// Removes this number of bytes from the beginning of those in which places are counted.
    pub(super) fn forget(&mut self, bytes: usize) {
        for kept in [&self.field_terminator, &self.record_terminator, &self.leader] {
            kept.set(kept.get().forget(bytes));
        }
        self.leader_bound.set(self.leader_bound.get().saturating_sub(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_looked_for_again() {
        let bytes = b"..x.......x....";
        let looked_at = Cell::new(0);
        let next = |kept: &Cell<Landmark>, bytes: &[u8], from| {
            Landmark::next(kept, from, |begin| {
                let found = bytes[begin..].iter().position(|&byte| byte == b'x');
                looked_at.set(looked_at.get() + found.map_or(bytes.len() - begin, |place| place + 1));
                found.map(|place| begin + place).ok_or(bytes.len())
            })
        };
        let mut landmarks = Landmarks::default();
        // The window grows and drops bytes; each byte is examined once.
        for end in [4, 6, 15] {
            for from in 3..=end.min(10) {
                let expected = (end == 15).then_some(10);
                assert_eq!(next(&landmarks.leader, &bytes[..end], from), expected, "{from} of {end}");
            }
        }
        assert_eq!(looked_at.get(), 8);
        landmarks.forget(8);
        assert_eq!(next(&landmarks.leader, &bytes[8..], 0), Some(2));
        assert_eq!(looked_at.get(), 8);
        landmarks.forget(3);
        assert_eq!(next(&landmarks.leader, &bytes[11..], 0), None);
    }
}
