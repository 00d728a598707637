//! The preset "codes": every position of the leader and of field 008 that is defined today, as it is and in words.

use super::tables::{Part, Place, When, places};

/// Columns in front of those of the first position in field 008 that is coded.
const DATES: [(&str, &str); 3] =
    [("date_entered", "date(008/00-05)"), ("year", "year(008/07-10)"), ("year_end", "year(008/11-14)")];

/// The columns of the preset "codes": the name of each, and its expression.
///
/// A coded column is followed by one with its label. Columns of a material begin with its name and are null in records
/// of another.
pub fn preset_codes() -> Vec<(String, String)> {
    let of_leader = |place: &&Place| matches!(place.part, Part::Positions { tag: None, .. });
    let (leader, fields): (Vec<_>, Vec<_>) = places().iter().partition(of_leader);
    let dates = DATES.map(|(name, expression)| (name.to_owned(), expression.to_owned()));
    leader.into_iter().flat_map(columns).chain(dates).chain(fields.into_iter().flat_map(columns)).collect()
}

/// A place as two columns, if it is in the preset.
fn columns(place: &Place) -> impl Iterator<Item = (String, String)> {
    let columns = place.column.zip(path(place)).map(|(name, path)| {
        let coded = match name {
            "country" => format!("trim({path})"),
            "visual_running_time" => format!("int({path})"),
            _ => path.clone(),
        };
        [(name.to_owned(), coded), (format!("{name}_label"), format!("label({path})"))]
    });
    columns.into_iter().flatten()
}

/// The positions of a place in the records in which it is coded, as the notation has them.
fn path(place: &Place) -> Option<String> {
    let Part::Positions { tag, first, last } = place.part else { return None };
    let field = match &tag {
        None => "LDR",
        Some(tag) => str::from_utf8(tag).ok()?,
    };
    let conditions = match place.when {
        When::Record(material) => material.conditions(),
        _ => "",
    };
    Some(match first == last {
        true => format!("{field}{conditions}/{first:02}"),
        false => format!("{field}{conditions}/{first:02}-{last:02}"),
    })
}
