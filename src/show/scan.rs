//! The sources and columns of a [`Scan`], as text.

use super::type_name;
use crate::Scan;

/// Its sources and columns.
pub fn scan(scan: &Scan) -> String {
    let mut out = vec![format!("mrrc.Scan of {}", scan.source_names())];
    out.extend(
        scan.schema()
            .fields()
            .iter()
            .map(|field| format!("  {}: {}", field.name(), type_name(field.data_type()))),
    );
    out.join("\n")
}
