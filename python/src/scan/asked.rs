//! Questions in the notation for columns: of a `Scan`.

use mrrc::{Layout, Select};
use pyo3::prelude::*;

use super::{Scan, meeting};
use crate::error::exception;
use crate::options::Argument;
use crate::table::Table;

#[pymethods]
impl Scan {
    /// The records that meet a condition, and the condition of this Scan if it has one.
    ///
    /// Args:
    ///     condition: in the notation for columns, such as `"245$a ~ 'railway' and not 880"`.
    ///
    /// Raises:
    ///     ValueError: the condition is not in that notation; the message says where, and what to write.
    ///
    /// Example:
    ///     >>> import mrrc
    ///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
    ///     >>> scan = mrrc.scan(mrrc.Record(fields=[title]).as_marc() * 3)
    ///     >>> scan.where("245$a ~ 'mm'").count(), scan.where("not 245").count()
    ///     (3, 0)
    #[pyo3(name = "where", signature = (condition, /))]
    fn filter(&self, py: Python<'_>, condition: Bound<'_, PyAny>) -> PyResult<Scan> {
        let condition = Argument::new("condition", condition).condition()?;
        self.derived(py, meeting(condition))
    }

    /// The same read with the columns of expressions: a further Scan, with one row for each record.
    ///
    /// `mrrc.scan(source, columns=columns)` makes the same one. The condition of this Scan remains.
    ///
    /// Args:
    ///     columns: a list of expressions, such as `["001", "245$a"]`; a dict of names and expressions, such
    ///         as `{"title": "first(trim(245$a))"}`; or a preset, `"bib"` or `"codes"`.
    ///
    /// Raises:
    ///     ValueError: an expression is not in the notation.
    ///
    /// Example:
    ///     >>> import mrrc
    ///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
    ///     >>> scan = mrrc.scan(mrrc.Record(fields=[title]).as_marc())
    ///     >>> scan.extract({"title": "first(trim(245$a))"}).read().to_polars().rows()
    ///     [('Emma',)]
    #[pyo3(signature = (columns, /))]
    fn extract(&self, py: Python<'_>, columns: Bound<'_, PyAny>) -> PyResult<Scan> {
        let columns = Argument::new("columns", columns).columns()?;
        self.derived(py, |options| options.columns(columns).layout(Layout::default()).select(Select::All))
    }

    /// Count the values of an expression.
    ///
    /// Args:
    ///     expression: in the notation for columns, such as `"trim(650$a)"`. The values of a list are counted
    ///         one by one.
    ///
    /// Returns:
    ///     A `Table` with one row for each value: `value`, and `count` (int64), the most frequent first. Null
    ///     counts the records and values for which the expression gives nothing. Memory grows with the number
    ///     of distinct values only.
    ///
    /// Raises:
    ///     ValueError: the expression is not in the notation, or gives whole fields.
    ///
    /// Example:
    ///     >>> import mrrc
    ///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
    ///     >>> scan = mrrc.scan(mrrc.Record(fields=[title]).as_marc() * 3)
    ///     >>> scan.value_counts("trim(245$a)").to_polars().rows()
    ///     [('Emma', 3)]
    #[pyo3(signature = (expression, /))]
    fn value_counts(&self, py: Python<'_>, expression: Bound<'_, PyAny>) -> PyResult<Table> {
        let expression = Argument::new("expression", expression).expression()?;
        let (scan, mut counts) =
            self.scan.counting_values(&expression).map_err(|error| exception(py, error))?;
        let (counts, book) = self.run(py, &scan, self.callback(py)?, |batches| {
            while let Some(batch) = batches.next_batch()? {
                counts.add(&batch);
            }
            counts.finish()
        })?;
        Ok(Table::new(counts.schema(), vec![counts], Some(book)))
    }

    /// What a read will do, in words.
    ///
    /// Its columns with their types, the tags that it looks at, and what is decided before a record is
    /// decoded.
    fn explain(&self) -> String {
        self.scan.explain()
    }

    /// Count the rows that `read` would return, without building columns.
    ///
    /// Args:
    ///     where: count only the records that meet this condition, in the notation for columns.
    #[pyo3(signature = (*, r#where=None))]
    fn count(&self, py: Python<'_>, r#where: Option<Bound<'_, PyAny>>) -> PyResult<u64> {
        let scan = match r#where {
            Some(condition) => self.asking(py, meeting(Argument::new("where", condition).condition()?))?,
            None => self.scan.clone(),
        };
        let scan = scan.select(Select::Some(Vec::new())).map_err(|error| exception(py, error))?;
        let (rows, _) = self.run(py, &scan, self.callback(py)?, |batches| {
            let mut rows = 0;
            while let Some(batch) = batches.next_batch()? {
                rows += batch.num_rows() as u64;
            }
            Ok(rows)
        })?;
        Ok(rows)
    }
}
