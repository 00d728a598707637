//! [`Stamp`]: what stands around short parts of a record, copied at once, with the parts then put into its gaps. Most of
//! what is written of a record is that, so that it is not appended piece by piece.

/// Pieces side by side, with gaps between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    bytes: [u8; Stamp::ROOM],
    length: usize,
    /// Where each gap begins.
    gaps: [usize; 3],
}

impl Stamp {
    const ROOM: usize = 48;

    /// Pieces with gaps of these widths between them.
    pub(crate) const fn of(pieces: &[&[u8]], widths: &[usize]) -> Stamp {
        let mut stamp = Stamp { bytes: [0; Stamp::ROOM], length: 0, gaps: [0; 3] };
        let mut piece = 0;
        while piece < pieces.len() {
            let mut place = 0;
            while place < pieces[piece].len() {
                stamp.bytes[stamp.length] = pieces[piece][place];
                stamp.length += 1;
                place += 1;
            }
            if piece < widths.len() {
                stamp.gaps[piece] = stamp.length;
                stamp.length += widths[piece];
            }
            piece += 1;
        }
        stamp
    }

    /// Appends the pieces, with a tag in the first gap and bytes in the others.
    #[inline(always)]
    pub(crate) fn append_to(&self, out: &mut Vec<u8>, tag: [u8; 3], others: &[u8]) {
        self.append(out, |room| {
            room[self.gaps[0]..self.gaps[0] + 3].copy_from_slice(&tag);
            for (other, gap) in others.iter().zip(&self.gaps[1..]) {
                room[*gap] = *other;
            }
        });
    }

    /// Appends the pieces, with a byte in the only gap.
    #[inline(always)]
    pub(crate) fn append_byte_to(&self, out: &mut Vec<u8>, byte: u8) {
        self.append(out, |room| room[self.gaps[0]] = byte);
    }

    #[inline(always)]
    fn append(&self, out: &mut Vec<u8>, fill: impl FnOnce(&mut [u8; Stamp::ROOM])) {
        let before = out.len();
        out.extend_from_slice(&self.bytes);
        if let Some(room) = out.last_chunk_mut() {
            fill(room);
        }
        out.truncate(before + self.length);
    }
}
