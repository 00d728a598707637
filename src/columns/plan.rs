//! The plan of a read: which sink its records go to, and which columns stand beside those that it makes.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};

use super::check::Check;
use super::copied::{Copies, Copying};
use super::describe::Describe;
use super::layout;
use super::provenance::Beside;
use super::query::{self, Column, Computed, Filter, Query, Truth};
use super::records::Records;
use super::sink::Sink;
use super::texts::Texts;
use crate::forms::TextForm;
use crate::options::Options;

/// The purpose of a read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The columns of the requested layout.
    #[default]
    Columns,
    /// The records themselves.
    Records,
    /// Everything odd about the records.
    Check,
    /// Counts of what the records hold.
    Describe,
    /// The records as bytes.
    Copy(Copying),
    /// The records as text.
    Write {
        /// In which form.
        form: TextForm,
        /// Whether characters that the form does not have are replaced.
        replaces: bool,
    },
    /// A number of rows chosen by each record, for tests.
    #[cfg(test)]
    Uneven,
}

/// The plan of a read, made before any data is read.
pub(crate) struct Plan {
    pub(super) options: Arc<Options>,
    purpose: Purpose,
    /// The columns of the sink.
    schema: SchemaRef,
    /// What is computed, unless a layout makes the rows.
    columns: Option<Arc<Query<Vec<Column>>>>,
    condition: Option<Arc<Query<Truth>>>,
    pub(super) beside: Beside,
}

impl Plan {
    pub(crate) fn new(options: Arc<Options>, purpose: Purpose, several_sources: bool) -> Plan {
        let schema = purpose.schema(&options);
        let columns = computed(&options).map(Arc::new);
        let condition = options.columns.filter.as_ref().map(|it| Arc::new(Query::of_condition(it)));
        let beside = purpose.beside(&options, several_sources);
        Plan { options, purpose, schema, columns, condition, beside }
    }

    /// Decides which records become rows; `None` if all do.
    pub(super) fn filter(&self) -> Option<Filter> {
        self.condition.clone().map(Filter::new)
    }

    /// A sink with room for `records` records of `bytes` bytes altogether.
    pub(super) fn sink(&self, bytes: usize, records: usize) -> Box<dyn Sink> {
        let (options, schema) = (&*self.options, self.schema.clone());
        let computed = |query: &Arc<Query<_>>| {
            Computed::new(query.clone(), self.options.clone(), schema.clone(), records)
        };
        match self.purpose {
            Purpose::Columns => match &self.columns {
                Some(query) => Box::new(computed(query)),
                None => layout::sink(options, schema, bytes, records),
            },
            Purpose::Write { form, replaces } => {
                Box::new(Texts::new(form, replaces, self.options.clone(), bytes))
            }
            Purpose::Copy(copying) => {
                let computed = self.columns.as_ref().map(computed);
                Box::new(Copies::new(copying, self.options.clone(), computed, bytes))
            }
            Purpose::Records => Box::<Records>::default(),
            Purpose::Check => Box::new(Check::new()),
            Purpose::Describe => Box::new(Describe::new(options.records)),
            #[cfg(test)]
            Purpose::Uneven => Box::new(tests::Uneven::new(schema)),
        }
    }
}

impl Purpose {
    /// The columns that a sink makes, without those beside them.
    pub(crate) fn schema(self, options: &Options) -> SchemaRef {
        match self {
            Purpose::Columns => match &options.columns.expressions {
                Some(columns) => query::schema(columns, options),
                None => layout::schema(options),
            },
            Purpose::Copy(_) => {
                let columns = options.columns.expressions.as_ref();
                columns.map_or_else(|| Arc::new(Schema::empty()), |columns| query::schema(columns, options))
            }
            Purpose::Write { .. } | Purpose::Records | Purpose::Check | Purpose::Describe => {
                Arc::new(Schema::empty())
            }
            #[cfg(test)]
            Purpose::Uneven => tests::Uneven::schema(),
        }
    }

    /// The columns beside those that a sink makes.
    pub(crate) fn beside(self, options: &Options, several_sources: bool) -> Beside {
        let available = match self {
            Purpose::Columns => Beside::available(options, several_sources),
            Purpose::Copy(_) | Purpose::Write { .. } => Beside::of_numbers(),
            Purpose::Records | Purpose::Check | Purpose::Describe => Beside::default(),
            #[cfg(test)]
            Purpose::Uneven => Beside::of_rows(options, several_sources),
        };
        available.selected(&options.columns.select)
    }
}

/// What is computed of each record; `None` if a layout makes the rows.
fn computed(options: &Options) -> Option<Query<Vec<Column>>> {
    let columns = options.columns.expressions.as_ref()?;
    Some(Query::of_columns(columns, |name| options.columns.select.wants(name)))
}

#[cfg(test)]
mod tests;
