//! Records one at a time, with the interface that scripts written for pymarc know. This is the one place where the
//! binding decides anything.

mod ahead;
mod classes;
mod decode;
mod errors;
mod field;
mod json;
mod marc;
mod objects;
mod origin;
mod original;
mod parameter;
mod pickle;
mod properties;
mod reader;
pub(crate) mod record;
mod refusal;
pub(crate) mod rows;
mod strings;
mod writer;
mod xml;

use pyo3::prelude::*;

/// The classes of records, in the compiled module.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<field::Field>()?;
    module.add_class::<field::RawField>()?;
    module.add_class::<record::Record>()?;
    module.add_class::<reader::Reader>()?;
    module.add_class::<reader::MARCReader>()?;
    module.add_class::<rows::TableRecords>()?;
    module.add_class::<writer::_MarcFile>()?;
    module.add_function(wrap_pyfunction!(record::text::_field_name, module)?)?;
    module.add_function(wrap_pyfunction!(refusal::_written_as, module)?)?;
    module.add_function(wrap_pyfunction!(xml::_record_to_xml, module)?)?;
    Ok(())
}
