//! Questions in the notation for columns: of a `Table`.

use arrow_array::RecordBatch;
use arrow_select::filter::filter_record_batch;
use mrrc::{Error, rows};
use pyo3::prelude::*;

use super::Table;
use crate::error::exception;
use crate::guard::guarded;
use crate::options::Argument;
use crate::signals::answer_signals;

#[pymethods]
impl Table {
    /// The rows of the records that meet a condition, with all columns.
    ///
    /// The rows have to be those of a layout: of a read without `columns`, or from `mrrc.from_arrow`. Of a
    /// record they are all kept, or none. What the rows do not have, such as fields that `tags` left out, the
    /// record does not have.
    ///
    /// Args:
    ///     condition: in the notation for columns, such as `"245$a ~ 'railway' and not 880"`.
    ///
    /// Raises:
    ///     ValueError: the condition is not in that notation, or the rows are not those of a layout.
    ///
    /// Example:
    ///     >>> import mrrc
    ///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
    ///     >>> table = mrrc.read_arrow(mrrc.Record(fields=[title]).as_marc() * 3)
    ///     >>> table.where("245$a ~ 'mm'").num_rows, table.where("not 245").num_rows
    ///     (3, 0)
    #[pyo3(name = "where", signature = (condition, /))]
    fn filter(&self, py: Python<'_>, condition: Bound<'_, PyAny>) -> PyResult<Table> {
        let condition = Argument::new("condition", condition).condition()?;
        let filter = || -> Result<Vec<RecordBatch>, Error> {
            let are_met = self.meeting(&condition)?;
            let mut batches = Vec::new();
            let mut before = 0;
            for batch in &self.batches {
                answer_signals()?;
                batches.push(filter_record_batch(batch, &are_met.slice(before, batch.num_rows()))?);
                before += batch.num_rows();
            }
            batches.retain(|batch| batch.num_rows() > 0);
            Ok(batches)
        };
        let batches = py.detach(|| guarded(filter)).map_err(|error| exception(py, error))?;
        Ok(Table::new(self.schema.clone(), batches, self.book.clone()))
    }

    /// Count the rows, or those of the records that meet a condition.
    ///
    /// Args:
    ///     where: in the notation for columns; the rows have to be those of a layout.
    #[pyo3(signature = (*, r#where=None))]
    fn count(&self, py: Python<'_>, r#where: Option<Bound<'_, PyAny>>) -> PyResult<usize> {
        let Some(condition) = r#where else { return Ok(self.rows()) };
        let condition = Argument::new("where", condition).condition()?;
        let are_met = py.detach(|| guarded(|| self.meeting(&condition)));
        are_met.map(|are_met| are_met.true_count()).map_err(|error| exception(py, error))
    }

    /// Count the values of an expression in the records that the rows hold.
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
    ///     ValueError: the expression is not in the notation or gives whole fields, or the rows are not those
    ///         of a layout.
    ///
    /// Example:
    ///     >>> import mrrc
    ///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
    ///     >>> table = mrrc.read_arrow(mrrc.Record(fields=[title]).as_marc() * 3)
    ///     >>> table.value_counts("trim(245$a)").to_polars().rows()
    ///     [('Emma', 3)]
    #[pyo3(signature = (expression, /))]
    fn value_counts(&self, py: Python<'_>, expression: Bound<'_, PyAny>) -> PyResult<Table> {
        let expression = Argument::new("expression", expression).expression()?;
        let count = || rows::value_counts(&self.schema, self.answering(), &expression);
        let counts = py.detach(|| guarded(count)).map_err(|error| exception(py, error))?;
        Ok(Table::new(counts.schema(), vec![counts], self.book.clone()))
    }

    /// The columns of expressions: one row for each record that the rows hold.
    ///
    /// They are those of a read with these `columns`. A value that a function cannot take is null; the
    /// accounts remain those of the read.
    ///
    /// Args:
    ///     columns: a list of expressions, such as `["001", "245$a"]`; a dict of names and expressions, such
    ///         as `{"title": "first(trim(245$a))"}`; or a preset, `"bib"` or `"codes"`.
    ///
    /// Raises:
    ///     ValueError: an expression is not in the notation, or the rows are not those of a layout.
    ///
    /// Example:
    ///     >>> import mrrc
    ///     >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
    ///     >>> table = mrrc.read_arrow(mrrc.Record(fields=[title]).as_marc(), layout="subfields")
    ///     >>> table.extract({"title": "first(trim(245$a))"}).to_polars().rows()
    ///     [('Emma',)]
    #[pyo3(signature = (columns, /))]
    fn extract(&self, py: Python<'_>, columns: Bound<'_, PyAny>) -> PyResult<Table> {
        let columns = Argument::new("columns", columns).columns()?;
        let extract = || -> Result<_, Error> {
            let extracted = rows::extract(&self.schema, self.answering(), &columns)?;
            Ok((extracted.schema(), extracted.collect::<Result<_, _>>()?))
        };
        let (schema, batches) = py.detach(|| guarded(extract)).map_err(|error| exception(py, error))?;
        Ok(Table::new(schema, batches, self.book.clone()))
    }
}
