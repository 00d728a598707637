//! Records one at a time, with the faces that scripts written for pymarc know: the one place where the binding
//! decides anything.

mod ahead;
mod decode;
mod errors;
mod field;
mod json;
mod maker;
mod marc;
mod objects;
mod origin;
mod properties;
mod raw_field;
mod read;
mod reader;
mod record;
mod refusal;
mod rows;
mod types;
mod writer;
mod xml;

use pyo3::prelude::*;

pub(crate) use rows::TableRecords;

/// The classes of records, in the compiled module.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<field::Field>()?;
    module.add_class::<raw_field::RawField>()?;
    module.add_class::<record::Record>()?;
    module.add_class::<reader::Reader>()?;
    module.add_class::<reader::MARCReader>()?;
    module.add_class::<TableRecords>()?;
    module.add_class::<writer::_MarcFile>()?;
    module.add_function(wrap_pyfunction!(refusal::_written_as, module)?)?;
    module.add_function(wrap_pyfunction!(xml::_record_to_xml, module)?)?;
    Ok(())
}
