//! A record as MARCXML, as `xml.etree` writes it.

use mrrc::forms::Xml;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::record::Record;

/// The element `record`, or None if only Python can write it. ASCII has references for the rest.
#[pyfunction]
pub(super) fn _record_to_xml<'py>(
    record: &Bound<'py, Record>,
    is_ascii: bool,
    namespace: bool,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let py = record.py();
    if !record.is_exact_instance_of::<Record>() {
        return Ok(None);
    }
    let leader = record.get().get_leader(py)?.str()?;
    let Ok(leader) = leader.to_str() else { return Ok(None) };
    let mut xml = Xml::new(leader, is_ascii, namespace);
    if !record.get().tell(py, &mut xml)? {
        return Ok(None);
    }
    record.get().exhaust(xml.fields());
    record.get().exhaust_fields(py)?;
    Ok(Some(PyBytes::new(py, xml.finish().as_bytes())))
}
