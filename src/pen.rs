//! [`Pen`]: writes texts side by side into memory that has room for them.

/// Of each text a fixed number of bytes is copied: most texts are shorter, and a `memcpy` call costs more. What is too much
/// is overwritten by the next one.
pub(crate) const STRIDE: usize = 64;

/// Writes one text after another. Behind the last of them there is room for another [`STRIDE`].
pub(crate) struct Pen<'a> {
    bytes: &'a mut [u8],
    /// The number of bytes written so far.
    pub(crate) written: u32,
}

impl<'a> Pen<'a> {
    #[inline(always)]
    pub(crate) fn new(bytes: &'a mut [u8]) -> Pen<'a> {
        Pen { bytes, written: 0 }
    }

    /// Writes the `length` bytes of a source from `start` on.
    #[inline(always)]
    pub(crate) fn write(&mut self, source: &[u8], start: u32, length: u32) -> Option<()> {
        let (from, to) = (start as usize, self.written as usize);
        let stride = source.get(from..from + STRIDE).and_then(<[u8]>::first_chunk::<STRIDE>);
        let room = self.bytes.get_mut(to..to + STRIDE).and_then(<[u8]>::first_chunk_mut::<STRIDE>);
        match (stride, room) {
            (Some(stride), Some(room)) if length as usize <= STRIDE => *room = *stride,
            _ => copy(source.get(from..)?.get(..length as usize)?, self.bytes.get_mut(to..)?)?,
        }
        self.written += length;
        Some(())
    }

    /// Writes the same, but `first` in place of its first byte.
    #[inline(always)]
    pub(crate) fn write_with_first(
        &mut self,
        first: u8,
        source: &[u8],
        start: u32,
        length: u32,
    ) -> Option<()> {
        let at = self.written as usize;
        self.write(source, start, length)?;
        *self.bytes.get_mut(at)? = first;
        Some(())
    }

    /// Writes the same, but `to` in place of each byte `from`.
    #[inline(always)]
    pub(crate) fn write_replacing(
        &mut self,
        source: &[u8],
        start: u32,
        length: u32,
        from: u8,
        to: u8,
    ) -> Option<()> {
        let at = self.written as usize;
        self.write(source, start, length)?;
        let replace = |byte: &mut u8| *byte = if *byte == from { to } else { *byte };
        match self.bytes.get_mut(at..at + STRIDE).and_then(<[u8]>::first_chunk_mut::<STRIDE>) {
            // A loop of the exact count would have more to do at its end.
            Some(stride) if length as usize <= STRIDE => stride.iter_mut().for_each(replace),
            _ => self.bytes.get_mut(at..at + length as usize)?.iter_mut().for_each(replace),
        }
        Some(())
    }

    /// Writes the first `length` of some bytes, and returns all of them to be changed.
    #[inline(always)]
    pub(crate) fn put<const N: usize>(&mut self, bytes: &[u8; N], length: usize) -> Option<&mut [u8; N]> {
        let to = self.written as usize;
        let room = self.bytes.get_mut(to..to + N).and_then(<[u8]>::first_chunk_mut::<N>)?;
        *room = *bytes;
        self.written += length as u32;
        Some(room)
    }

    /// The last bytes that were written.
    #[inline(always)]
    pub(crate) fn last(&mut self, length: u32) -> &mut [u8] {
        let end = self.written as usize;
        self.bytes.get_mut(end - length.min(self.written) as usize..end).unwrap_or_default()
    }
}

/// Copies bytes of any number.
#[inline(never)]
fn copy(bytes: &[u8], room: &mut [u8]) -> Option<()> {
    room.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(())
}
