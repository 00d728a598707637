//! The sources and columns of a [`Scan`], as text.

use super::type_name;
use crate::words::{counted, printable};
use crate::{Scan, Source};

/// Its sources and columns.
pub fn scan(scan: &Scan) -> String {
    let mut out = vec![format!("mrrc.Scan of {}", source_names(scan))];
    out.extend(
        scan.schema()
            .fields()
            .iter()
            .map(|field| format!("  {}: {}", field.name(), type_name(field.data_type()))),
    );
    out.join("\n")
}

pub(super) fn source_names(scan: &Scan) -> String {
    let name = |source: &Source| match (source.name(), source.as_bytes()) {
        (Some(name), _) => printable(&name),
        (None, Some(bytes)) => counted(bytes.len() as u64, "byte"),
        (None, None) => "a file object".into(),
    };
    match scan.sources() {
        [] => "nothing".into(),
        [only] => name(only),
        [first, .., last] => {
            format!("{}: {} … {}", counted(scan.sources().len() as u64, "source"), name(first), name(last))
        }
    }
}
