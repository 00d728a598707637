//! [`Stamp`]: what stands around short parts of a record, copied at once, with the parts then put into its gaps. Most of
//! what is written of a record is that, so that it is not appended piece by piece.

/// Pieces side by side, with gaps between them: in the first `length` bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp<const ROOM: usize> {
    pub(crate) bytes: [u8; ROOM],
    pub(crate) length: usize,
    /// Where each gap begins.
    pub(crate) gaps: [usize; 4],
}

impl<const ROOM: usize> Stamp<ROOM> {
    /// Pieces with gaps of these widths between them.
    pub(crate) const fn of(pieces: &[&[u8]], widths: &[usize]) -> Stamp<ROOM> {
        let mut stamp = Stamp { bytes: [0; ROOM], length: 0, gaps: [0; 4] };
        let mut gap = 0;
        let mut piece = 0;
        while piece < pieces.len() {
            stamp = stamp.and(pieces[piece]);
            if gap < widths.len() {
                stamp.gaps[gap] = stamp.length;
                stamp.length += widths[gap];
                gap += 1;
            }
            piece += 1;
        }
        stamp
    }

    /// The same with another piece behind it.
    pub(crate) const fn and(mut self, piece: &[u8]) -> Stamp<ROOM> {
        let mut place = 0;
        while place < piece.len() {
            self.bytes[self.length] = piece[place];
            self.length += 1;
            place += 1;
        }
        self
    }

    /// The same without a comma at its end.
    pub(crate) const fn without_comma(mut self) -> Stamp<ROOM> {
        if self.length > 0 && self.bytes[self.length - 1] == b',' {
            self.length -= 1;
        }
        self
    }
}
