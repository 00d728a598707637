//! `mrrc.Schema`: the names and types of columns, and how columns are asked for by name.

use std::collections::HashSet;

use arrow_schema::SchemaRef;
use mrrc::internals::show;
use mrrc::internals::words::brief;
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyString, PyTuple};

use crate::stream::schema_capsule;

/// The names and types of columns. pyarrow takes it as it is: `pa.schema(schema)`.
///
/// Example:
///     >>> import mrrc
///     >>> schema = mrrc.scan(b"").schema
///     >>> schema.names
///     ['record', 'control_number', 'leader', 'fields']
///     >>> schema.metadata["mrrc.layout"]
///     'nested'
#[pyclass(frozen, module = "mrrc")]
pub(crate) struct Schema(pub(crate) SchemaRef);

#[pymethods]
impl Schema {
    #[new]
    #[pyo3(signature = (*_given, **_named), text_signature = None)]
    fn by_hand(_given: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> PyResult<Schema> {
        Err(PyTypeError::new_err("a Schema is made by scan.schema or table.schema"))
    }

    /// The names of the columns, in order.
    #[getter]
    fn names(&self) -> Vec<&str> {
        names(&self.0)
    }

    /// `mrrc.version`, `mrrc.layout` and `mrrc.schema`, the version number of the layout.
    #[getter]
    fn metadata(&self) -> std::collections::BTreeMap<String, String> {
        self.0.metadata().clone().into_iter().collect()
    }

    fn __len__(&self) -> usize {
        self.0.fields().len()
    }

    fn __eq__(&self, other: &Schema) -> bool {
        self.0 == other.0
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.0)
    }

    fn __repr__(&self) -> String {
        let lines = self.0.fields().iter();
        let lines = lines.map(|field| format!("{}: {}", field.name(), show::type_name(field.data_type())));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The names of columns, in order.
pub(crate) fn names(schema: &SchemaRef) -> Vec<&str> {
    schema.fields().iter().map(|field| field.name().as_str()).collect()
}

/// The place of the column with this name; a KeyError if there is none.
pub(crate) fn place(schema: &SchemaRef, name: &str) -> PyResult<usize> {
    schema.index_of(name).map_err(|_| {
        let name = format!("{name:?}");
        let names = names(schema).join(", ");
        PyKeyError::new_err(format!("no column {}; there are {names}", brief(&name)))
    })
}

/// The places of columns, each of which is named once.
pub(crate) fn places(schema: &SchemaRef, names: &[String]) -> PyResult<Vec<usize>> {
    let places = names.iter().map(|name| place(schema, name)).collect::<PyResult<Vec<_>>>()?;
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(*name)) {
        Some(twice) => Err(PyValueError::new_err(format!("the column {twice} is named twice"))),
        None => Ok(places),
    }
}

/// The names of columns, given one by one or as a list.
pub(crate) fn named(given: &Bound<'_, PyTuple>) -> PyResult<Vec<String>> {
    let mut names = Vec::new();
    for item in given {
        match item.cast::<PyString>() {
            Ok(_) => names.push(name(&item)?),
            Err(_) => {
                for item in item.try_iter().map_err(|_| not_a_name(&item))? {
                    names.push(name(&item?)?);
                }
            }
        }
    }
    Ok(names)
}

fn name(item: &Bound<'_, PyAny>) -> PyResult<String> {
    item.cast::<PyString>().map_err(|_| not_a_name(item))?.extract()
}

fn not_a_name(item: &Bound<'_, PyAny>) -> PyErr {
    let found = item.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    PyTypeError::new_err(format!("columns are named by strings, or a list of them, not {found}"))
}
