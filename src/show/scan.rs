//! The sources and columns of a [`Scan`], as text.

use super::layout::{cut, cut_before, width_of};
use super::type_name;
use crate::Scan;
use crate::words::counted;

/// Its sources, its columns, and how many rows it is limited to, for a terminal of `room` columns.
pub fn scan(scan: &Scan, room: usize) -> String {
    let limit = scan.options().limits.n_rows;
    let limit = limit.map(|rows| format!(", at most {}", counted(rows, "row"))).unwrap_or_default();
    let before = "mrrc.Scan of ";
    let room_for_names = room.saturating_sub(width_of(before) + width_of(&limit));
    let names = scan.source_names(|name| match scan.sources() {
        [_] => cut_before(name, room_for_names),
        _ => cut_before(name, room_for_names.saturating_sub(width_of("1,000,000 sources:  … ")) / 2),
    });
    let schema = scan.schema();
    let columns = schema.fields().iter();
    let columns = columns.map(|field| format!("  {}: {}", field.name(), type_name(field.data_type())));
    let lines = std::iter::once(format!("{before}{names}{limit}")).chain(columns);
    lines.map(|line| cut(&line, room)).collect::<Vec<_>>().join("\n")
}
