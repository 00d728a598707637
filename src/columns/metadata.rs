//! What a schema says of itself: the version and the layout, and which column holds the control number.
//!
//! The last is metadata of the field, which stays with a column that is renamed or selected.

use std::collections::HashMap;

use arrow_schema::Field;
#[cfg(feature = "parquet")]
use arrow_schema::Schema;

#[cfg(feature = "parquet")]
use crate::options::Layout;
use crate::options::Options;

const VERSION: &str = "mrrc.version";
const LAYOUT: &str = "mrrc.layout";
const SCHEMA: &str = "mrrc.schema";
const ROLE: &str = "mrrc.role";

/// Incremented when the columns or types of a layout change.
const SCHEMA_VERSION: &str = "1";

/// The layout of columns that are computed.
const COMPUTED: &str = "columns";

const OF_CONTROL_NUMBER: &str = "control_number";

/// The metadata of a schema.
pub(super) fn of_schema(options: &Options) -> HashMap<String, String> {
    let layout = match options.columns.expressions {
        Some(_) => COMPUTED,
        None => options.columns.layout.name(),
    };
    [(VERSION, env!("CARGO_PKG_VERSION")), (LAYOUT, layout), (SCHEMA, SCHEMA_VERSION)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

/// Marks the column that holds the control number of each row's record.
pub(super) fn of_control_number(field: Field) -> Field {
    field.with_metadata([(ROLE.to_owned(), OF_CONTROL_NUMBER.to_owned())].into())
}

/// Whether a column is marked as the one that holds control numbers.
#[cfg(feature = "parquet")]
pub(crate) fn is_control_number(field: &Field) -> bool {
    field.metadata().get(ROLE).is_some_and(|role| role == OF_CONTROL_NUMBER)
}

/// Whether columns are computed: rows of records, by the expressions of the notation.
#[cfg(feature = "parquet")]
pub(crate) fn is_computed(schema: &Schema) -> bool {
    layout(schema) == Some(COMPUTED)
}

/// Whether a record is several rows.
#[cfg(feature = "parquet")]
pub(crate) fn has_rows_of_parts(schema: &Schema) -> bool {
    layout(schema).is_some_and(|name| [Layout::Fields, Layout::Subfields].iter().any(|it| it.name() == name))
}

#[cfg(feature = "parquet")]
fn layout(schema: &Schema) -> Option<&str> {
    schema.metadata().get(LAYOUT).map(String::as_str)
}
