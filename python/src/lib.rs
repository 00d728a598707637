//! The compiled module of the Python package `mrrc`. It translates between Python and the crate; its only decisions
//! are how records behave in scripts written for pymarc (`records`).

mod accounts;
mod address;
mod attribute;
mod batches;
mod column;
mod command;
mod cpython;
mod csv;
mod description;
mod destination;
mod error;
mod exit;
mod file;
mod from_arrow;
mod guard;
mod marc;
mod marc8;
mod options;
mod output;
mod parquet;
mod reads;
mod records;
mod scan;
mod schema;
mod signals;
mod slice;
mod source;
mod store;
mod stream;
mod table;
mod terminal;
mod text;
mod turn;
mod values;
mod watch;

use pyo3::prelude::*;

// Records rely on Python's lock for short reads and changes; they have never been run without it.
#[pymodule(gil_used = true)]
fn _mrrc(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<table::Table>()?;
    module.add_class::<column::Column>()?;
    module.add_class::<column::ColumnValues>()?;
    module.add_class::<scan::Scan>()?;
    module.add_class::<description::Description>()?;
    module.add_class::<schema::Schema>()?;
    module.add_class::<batches::ScanBatches>()?;
    module.add_class::<batches::ScanRecords>()?;
    module.add_class::<output::_Output>()?;
    records::add_to(module)?;
    exit::prepare(module)?;
    module.add_function(wrap_pyfunction!(command::_run_command, module)?)?;
    module.add_function(wrap_pyfunction!(scan::_scan, module)?)?;
    module.add_function(wrap_pyfunction!(scan::_scan_from_pickle, module)?)?;
    module.add_function(wrap_pyfunction!(scan::_named_sources, module)?)?;
    module.add_function(wrap_pyfunction!(scan::_preset, module)?)?;
    module.add_function(wrap_pyfunction!(scan::_is_condition, module)?)?;
    module.add_function(wrap_pyfunction!(table::pickle::_table_from_ipc, module)?)?;
    module.add_function(wrap_pyfunction!(from_arrow::_from_arrow, module)?)?;
    module.add_function(wrap_pyfunction!(marc::_write_marc, module)?)?;
    module.add_function(wrap_pyfunction!(marc8::_marc8_translate, module)?)?;
    module.add_function(wrap_pyfunction!(marc8::_marc8_translate_code_points, module)?)?;
    module.add_function(wrap_pyfunction!(marc8::_marc8_codesets, module)?)?;
    module.add_function(wrap_pyfunction!(marc8::_marc8_odd_map, module)?)?;
    #[cfg(feature = "sabotage")]
    module.add_function(wrap_pyfunction!(guard::_sabotage, module)?)?;
    Ok(())
}
