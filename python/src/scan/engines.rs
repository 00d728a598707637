//! What other libraries take of a `Scan`, and what of their queries is done by the read.

use mrrc::Select;
use mrrc::internals::show;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyTuple};

use super::{OF_LAYOUTS, Scan, meeting};
use crate::batches::Pulled;
use crate::options::Argument;
use crate::stream::{schema_capsule, stream_capsule};

#[pymethods]
impl Scan {
    /// Read everything into a pandas DataFrame (`ArrowDtype`). Needs pandas and pyarrow.
    fn to_pandas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("mrrc._interop")?.call_method1("to_pandas", (self.read(py)?,))
    }

    /// Read everything into a pyarrow Table. Needs pyarrow.
    fn to_pyarrow<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("mrrc._interop")?.call_method1("to_pyarrow", (self.read(py)?,))
    }

    /// A pyarrow RecordBatchReader, which reads batch by batch. Needs pyarrow.
    fn to_reader<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_reader", (slf,))
    }

    /// A pyarrow Dataset, which reads what a query needs: some columns, some records. Needs pyarrow.
    ///
    /// It can be used again and again, by DuckDB, DataFusion, pyarrow and `pl.scan_pyarrow_dataset`. Their
    /// filters are conditions as in `where`, as far as they can be said there, as `to_polars` explains.
    fn to_dataset<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("to_dataset", (slf,))
    }

    /// A polars LazyFrame; queries only read what they use. Needs polars.
    ///
    /// Columns that a query does not use are not built. A filter is a condition as in `where`, as far as it
    /// can be said there: a record that the filter cannot keep is not decoded, so that damage to its text is
    /// no error, and the accounts count it as filtered. `explain()` of the LazyFrame shows the filter at the
    /// source.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("mrrc._interop")?.call_method1("scan_to_polars", (slf,))
    }

    /// The same read with some columns, with at most `n_rows` rows, of records that meet a condition too, and of
    /// their fields those with some tags.
    #[pyo3(signature = (columns=None, n_rows=None, r#where=None, tags=None))]
    fn _narrowed(
        &self,
        py: Python<'_>,
        columns: Option<Vec<String>>,
        n_rows: Option<u64>,
        r#where: Option<Bound<'_, PyAny>>,
        tags: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Scan> {
        let condition = r#where.map(|it| Argument::new("where", it).condition()).transpose()?;
        let tags = tags.map(|it| Argument::new("tags", it).tags()).transpose()?;
        let scan = self.asking(py, |mut options| {
            if let Some(columns) = columns {
                options = options.select(Select::Some(columns));
            }
            if let Some(condition) = condition {
                options = meeting(condition)(options);
            }
            if let Some(tags) = tags {
                options.columns.tags = Some(match &options.columns.tags {
                    Some(before) => before.and(&tags),
                    None => tags,
                });
            }
            let limits = [options.limits.n_rows, n_rows];
            options.n_rows(limits.into_iter().flatten().min())
        })?;
        Ok(self.with_scan(py, scan))
    }

    /// The columns about which a condition can be: the name, expression and type of each. `None` if the read stops
    /// after some rows, because a condition would let it go on to others.
    #[getter]
    fn _expressions(&self) -> Option<Vec<(String, String, String)>> {
        let options = self.scan.options();
        if options.limits.n_rows.is_some() {
            return None;
        }
        let columns = match &options.columns.expressions {
            Some(columns) => columns.iter().map(|(name, it)| (name.to_owned(), it.to_string())).collect(),
            None => OF_LAYOUTS.map(|(name, expression)| (name.into(), expression.into())).to_vec(),
        };
        let schema = self.scan.schema();
        let typed = |(name, expression): (String, String)| {
            let data_type = show::type_name(schema.field_with_name(&name).ok()?.data_type());
            Some((name, expression, data_type))
        };
        Some(columns.into_iter().filter_map(typed).collect())
    }

    #[getter]
    fn _has_progress(&self) -> bool {
        self.progress.is_some()
    }

    /// True if each read gives the same: nobody else moves on in its sources.
    #[getter]
    fn _is_pure(&self) -> bool {
        let is_own = |source: &mrrc::Source| source.as_path().is_some() || source.as_bytes().is_some();
        self.scan.sources().iter().filter(|it| is_own(it)).count() + self.stored.len()
            == self.scan.sources().len()
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let batches = self.batches(&self.scan, self.callback(py)?);
        stream_capsule(py, Pulled::new(batches, self.reads.clone_ref(py)), requested_schema)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.scan.schema())
    }

    /// numpy would make one object of it.
    #[pyo3(signature = (*_given, **_named))]
    fn __array__(&self, _given: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        Err(PyTypeError::new_err("a Scan is no array; read it first: scan.read()[name] is one"))
    }
}
