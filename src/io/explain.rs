//! What a read will do, in words.

use std::fmt::Write;

use super::scan::Scan;
use super::source::Source;
use crate::columns::Query;
use crate::notation::{Columns, Condition, Expression};
use crate::options::Select;
use crate::words::{counted, printable};

impl Scan {
    /// What a read will do: its columns with their types, the fields that it looks at, and what is decided before a
    /// record is decoded.
    ///
    /// ```
    /// use mrrc::{Columns, Options, Scan};
    ///
    /// let columns = Columns::of([("id", "001"), ("title", "first(245$a)")])?;
    /// let options = Options::default().columns(columns).filter("not 880".parse::<mrrc::Condition>()?);
    /// let lines = [
    ///     "read catalogue.mrc",
    ///     "where not 880",
    ///     "  looks at 880; a record that does not meet it is not decoded",
    ///     "columns",
    ///     "  id     utf8  001",
    ///     "  title  utf8  first(245$a)",
    ///     "  look at 001, 245",
    /// ];
    /// let scan = Scan::new("catalogue.mrc").with_options(options)?;
    /// assert_eq!(scan.explain(), lines.join("\n"));
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    pub fn explain(&self) -> String {
        let mut lines = format!("read {}", self.source_names(str::to_owned));
        let columns = &self.options.columns;
        if let Some(condition) = &columns.filter {
            explain_condition(condition, &mut lines);
        }
        match &columns.expressions {
            Some(expressions) => explain_columns(expressions, &columns.select, &mut lines),
            None => {
                let schema = self.schema();
                let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
                let _ = write!(lines, "\nlayout {}\n  {}", columns.layout.name(), names.join(", "));
                if let Some(tags) = &columns.tags {
                    let _ = write!(lines, "\n  fields {tags}");
                }
            }
        }
        if let Some(rows) = self.options.limits.n_rows {
            let _ = write!(lines, "\nat most {rows} rows");
        }
        lines
    }

    /// The names of its sources, each as `shown` shows it: that of one, or those of the first and the last.
    pub(crate) fn source_names(&self, shown: impl Fn(&str) -> String) -> String {
        let name = |source: &Source| match (source.name(), source.as_bytes()) {
            (Some(name), _) => shown(&printable(&name)),
            (None, Some(bytes)) => counted(bytes.len() as u64, "byte"),
            (None, None) => "a file object".into(),
        };
        match self.sources() {
            [] => "nothing".into(),
            [only] => name(only),
            [first, .., last] => {
                format!(
                    "{}: {} … {}",
                    counted(self.sources().len() as u64, "source"),
                    name(first),
                    name(last)
                )
            }
        }
    }
}

fn explain_condition(condition: &Condition, lines: &mut String) {
    let looks_at = Query::of_condition(condition).looks_at();
    let _ = write!(
        lines,
        "\nwhere {condition}\n  looks at {looks_at}; a record that does not meet it is not decoded"
    );
    for tag in condition.tags_compared_together() {
        let _ = write!(
            lines,
            "\n  each comparison with {tag} may hold for another field {tag}; to ask for one field that meets both, \
             write one of them in braces: {tag}{{$2=fast}}$a"
        );
    }
}

fn explain_columns(columns: &Columns, select: &Select, lines: &mut String) {
    let row = |(name, expression): (&str, &Expression)| {
        [name.to_owned(), expression.data_type().to_string(), expression.to_string()]
    };
    let rows: Vec<_> = columns.iter().filter(|(name, _)| select.wants(name)).map(row).collect();
    let width = |part: usize| rows.iter().map(|row| row[part].chars().count()).max().unwrap_or(0);
    let (names, types) = (width(0), width(1));
    lines.push_str("\ncolumns");
    for [name, data_type, text] in &rows {
        let _ = write!(lines, "\n  {name:names$}  {data_type:types$}  {text}");
    }
    let looks_at = Query::of_columns(columns, |name| select.wants(name)).looks_at();
    let _ = write!(lines, "\n  look at {looks_at}");
}
