//! A record as MARCMaker text, which is what `str` gives.

use mrrc::forms::Mrk;
use pyo3::prelude::*;

use super::record::Record;

/// `=LDR`, and a line for each field; none where only Python knows how.
pub(super) fn text(record: &Bound<'_, Record>) -> PyResult<Option<String>> {
    let py = record.py();
    let leader = record.get().get_leader(py)?.str()?;
    let Ok(leader) = leader.to_str() else { return Ok(None) };
    let mut mrk = Mrk::new(leader);
    Ok(record.get().tell(py, &mut mrk)?.then(|| mrk.finish()))
}
