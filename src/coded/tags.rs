//! The names of the fields of bibliographic records, as `tags.tsv` has them.

use std::sync::LazyLock;

const TAGS: &str = include_str!("tags.tsv");

static NAMES: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| TAGS.lines().filter_map(|line| line.split_once('\t')).collect());

/// The name of the field with this tag in MARC 21, such as `Title statement`.
pub fn field_name(tag: &str) -> Option<&'static str> {
    let place = NAMES.binary_search_by_key(&tag, |(tag, _)| tag).ok()?;
    NAMES.get(place).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_names_of_the_format() {
        assert_eq!(field_name("245"), Some("Title statement"));
        assert_eq!(field_name("001"), Some("Control number"));
        assert_eq!(field_name("887"), Some("Non-MARC field"));
        assert_eq!(field_name("#"), None);
        assert_eq!(field_name("999"), None);
        assert!(NAMES.is_sorted_by(|(tag, _), (next, _)| tag < next));
        assert!(NAMES.iter().all(|(tag, name)| tag.len() == 3 && name.trim() == *name && !name.is_empty()));
    }
}
