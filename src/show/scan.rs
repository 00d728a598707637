//! The sources and columns of a [`Scan`], as text.

use unicode_width::UnicodeWidthStr;

use super::layout::{cut, cut_before};
use super::type_name;
use crate::words::{counted, printable};
use crate::{Scan, Source};

/// Its sources, its columns, and how many rows it is limited to, for a terminal of `room` columns.
pub fn scan(scan: &Scan, room: usize) -> String {
    let limit = scan.options().limits.n_rows;
    let limit = limit.map(|rows| format!(", at most {}", counted(rows, "row"))).unwrap_or_default();
    let before = "mrrc.Scan of ";
    let names = source_names(scan, room.saturating_sub(before.width() + limit.width()));
    let schema = scan.schema();
    let columns = schema.fields().iter();
    let columns = columns.map(|field| format!("  {}: {}", field.name(), type_name(field.data_type())));
    let lines = std::iter::once(format!("{before}{names}{limit}")).chain(columns);
    lines.map(|line| cut(&line, room)).collect::<Vec<_>>().join("\n")
}

/// The names of its sources, within `room` columns.
pub(super) fn source_names(scan: &Scan, room: usize) -> String {
    let name = |source: &Source, room| match (source.name(), source.as_bytes()) {
        (Some(name), _) => cut_before(&printable(&name), room),
        (None, Some(bytes)) => counted(bytes.len() as u64, "byte"),
        (None, None) => "a file object".into(),
    };
    match scan.sources() {
        [] => "nothing".into(),
        [only] => name(only, room),
        [first, .., last] => {
            let count = counted(scan.sources().len() as u64, "source");
            let room = room.saturating_sub(count.width() + ":  … ".width()) / 2;
            format!("{count}: {} … {}", name(first, room), name(last, room))
        }
    }
}
