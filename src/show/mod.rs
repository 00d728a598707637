//! Tables, descriptions, scans and records as people see them: text for terminals, HTML for notebooks. Everything from
//! a source is escaped.

mod card;
mod description;
mod findings;
mod layout;
mod scan;
mod screen;
mod table;

use arrow_schema::DataType;

pub use card::{Card, mrk};
pub use description::Described;
pub use layout::{below, escaped};
pub use scan::scan;
pub use screen::{Screen, Style};
pub use table::{ROWS_SHOWN, Rows, column};

/// The name of a type, as in polars and pyarrow.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 => "string".into(),
        DataType::Utf8View => "string_view".into(),
        DataType::Boolean => "bool".into(),
        DataType::Int32 => "int32".into(),
        DataType::Int64 => "int64".into(),
        DataType::Date32 => "date32".into(),
        DataType::Binary => "binary".into(),
        DataType::Dictionary(_, values) => format!("dictionary<{}>", type_name(values)),
        DataType::List(element) => format!("list<{}>", type_name(element.data_type())),
        DataType::Struct(fields) => {
            let parts: Vec<_> = fields
                .iter()
                .map(|field| format!("{}: {}", field.name(), type_name(field.data_type())))
                .collect();
            format!("struct<{}>", parts.join(", "))
        }
        other => other.to_string(),
    }
}
