//! [`Tell`]: anything that has the parts of a record, and can pass them to a visitor.

use super::reading::Reading;
use super::visit::Visit;
use crate::iso2709::Leader;

/// A source of the parts of a record: what a [`Writer`](crate::Writer) writes.
///
/// ```
/// use mrrc::iso2709::Leader;
/// use mrrc::record::{Tell, Value, Visit};
///
/// /// A record of a title.
/// struct Title<'a>(&'a str);
///
/// impl Tell for Title<'_> {
///     fn leader(&self) -> Leader {
///         Leader(*b"00000nam a2200000 a 4500")
///     }
///
///     fn tell<V: Visit>(&self, to: &mut V) -> Result<(), V::Stop> {
///         to.data("245", ["0", "0"], None)?;
///         to.subfield("a", Value::Text(self.0.into()))?;
///         to.end()
///     }
/// }
///
/// let mut writer = mrrc::Writer::new(Vec::new());
/// writer.write(&Title("Emma"))?;
/// assert!(writer.finish()?.ends_with(b"00\x1faEmma\x1e\x1d"));
/// # Ok::<(), mrrc::Error>(())
/// ```
pub trait Tell {
    /// The leader of the record; a writer computes its lengths and layout anew.
    fn leader(&self) -> Leader;

    /// Passes the parts of the record's fields to a visitor, in order. The error is the visitor's.
    fn tell<V: Visit>(&self, to: &mut V) -> Result<(), V::Stop>;
}

impl Tell for Reading<'_> {
    fn leader(&self) -> Leader {
        self.record().leader()
    }

    fn tell<V: Visit>(&self, to: &mut V) -> Result<(), V::Stop> {
        self.visit(to).map(drop)
    }
}
