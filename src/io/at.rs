//! [`ReadAt`]: bytes that can be read at any place, which byte ranges and zip archives need.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

/// Bytes that can be read at any place.
///
/// ```
/// use std::io::{self, Read};
/// use std::sync::Arc;
///
/// use mrrc::{Open, Options, ReadAt, Scan, Source};
///
/// struct Dump(Arc<[u8]>);
///
/// impl ReadAt for Dump {
///     fn size(&self) -> io::Result<u64> {
///         Ok(self.0.len() as u64)
///     }
///
///     fn read_at(&self, offset: u64, room: &mut [u8]) -> io::Result<usize> {
///         (&self.0[(offset as usize).min(self.0.len())..]).read(room)
///     }
/// }
///
/// impl Open for Dump {
///     fn open(&self) -> io::Result<Box<dyn Read + Send>> {
///         Arc::new(Dump(self.0.clone())).read_part(0..self.size()?)
///     }
///
///     fn name(&self) -> Option<String> {
///         None
///     }
///
///     fn at_any_place(&self) -> io::Result<Option<Arc<dyn ReadAt>>> {
///         Ok(Some(Arc::new(Dump(self.0.clone()))))
///     }
/// }
///
/// let record = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let scan = Scan::new(Source::opener(Arc::new(Dump(record.repeat(10).into()))));
/// assert_eq!(scan.with_options(Options::default().byte_range(0..300))?.count()?, 5);
/// # Ok::<(), mrrc::Error>(())
/// ```
pub trait ReadAt: Send + Sync + 'static {
    /// The number of bytes.
    fn size(&self) -> io::Result<u64>;

    /// Reads at least one byte from `offset` on, and returns the number of bytes read; 0 means the end.
    fn read_at(&self, offset: u64, room: &mut [u8]) -> io::Result<usize>;

    /// A reader of a part, from its beginning to its end.
    ///
    /// By default it calls [`ReadAt::read_at`] again and again; what takes long to answer may read ahead.
    fn read_part(self: Arc<Self>, part: Range<u64>) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Part { bytes: self, part }))
    }
}

/// A part that is read from its beginning to its end.
struct Part<T: ?Sized> {
    bytes: Arc<T>,
    part: Range<u64>,
}

impl<T: ReadAt + ?Sized> Read for Part<T> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.part.end.saturating_sub(self.part.start)).unwrap_or(usize::MAX);
        let most = room.len().min(left);
        let count = if most == 0 { 0 } else { self.bytes.read_at(self.part.start, &mut room[..most])? };
        self.part.start += count as u64;
        Ok(count)
    }
}

impl ReadAt for Bytes {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, offset: u64, room: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let count = rest.len().min(room.len());
        room[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// Appends `count` bytes from `offset`; fewer only if the source ends.
pub(super) fn read_at(
    source: &(impl ReadAt + ?Sized),
    offset: u64,
    count: usize,
    bytes: &mut Vec<u8>,
) -> io::Result<()> {
    let mut at = bytes.len();
    let first = at;
    bytes.resize(first + count, 0);
    while at < bytes.len() {
        match source.read_at(offset + (at - first) as u64, &mut bytes[at..]) {
            Ok(0) => break,
            Ok(more) => at += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(at);
    Ok(())
}
