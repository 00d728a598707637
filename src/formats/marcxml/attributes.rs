//! The attributes in a start tag, as strictly as XML wants them.

use std::borrow::Cow;

/// The attributes of an element.
#[derive(Default)]
pub(super) struct Attributes<'a>(Vec<(&'a str, Cow<'a, str>)>);

impl<'a> Attributes<'a> {
    /// What is in a start tag after its name: each attribute, and its value as it stands; `None` for what is none, after
    /// which nothing follows.
    pub(super) fn split(text: &'a str) -> impl Iterator<Item = Option<(&'a str, &'a str)>> {
        let mut rest = Some(text);
        std::iter::from_fn(move || {
            let text = rest.take()?;
            let trimmed = text.trim_start_matches(is_space);
            if trimmed.is_empty() {
                return None;
            }
            let found = (trimmed.len() < text.len()).then(|| first(trimmed)).flatten();
            rest = found.map(|(_, _, rest)| rest);
            Some(found.map(|(name, value, _)| (name, value)))
        })
    }

    /// Adds one; false if there is one with this name.
    pub(super) fn add(&mut self, name: &'a str, value: Cow<'a, str>) -> bool {
        // Few elements have more than three, and how many a damaged one has is bounded by its record.
        let is_new = self.get(name).is_none();
        self.0.push((name, value));
        is_new
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(its, _)| *its == name).map(|(_, value)| &**value)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|(name, _)| *name)
    }
}

fn first(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('=')?;
    let name = name.trim_end_matches(is_space);
    let rest = rest.trim_start_matches(is_space);
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, rest) = rest[1..].split_once(quote)?;
    (is_name(name) && !value.contains('<')).then_some((name, value, rest))
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// Whether an element or an attribute may have this name; of characters beyond ASCII, any is taken for a letter.
pub(super) fn is_name(name: &str) -> bool {
    let begins = |it: char| it.is_ascii_alphabetic() || matches!(it, '_' | ':') || !it.is_ascii();
    name.starts_with(begins)
        && name.chars().all(|it| begins(it) || it.is_ascii_digit() || matches!(it, '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_stand_in_quotes_with_space_before_them() {
        let all = |text| Attributes::split(text).collect::<Vec<_>>();
        assert_eq!(all(" a='1'\n b = \"'\" "), [Some(("a", "1")), Some(("b", "'"))]);
        assert_eq!(all(" a='1'b='2'"), [Some(("a", "1")), None]);
        for odd in [" a", " a=1", " a='<'", " 1='a'", " a='1", " =''", "a='1'"] {
            assert_eq!(all(odd), [None], "{odd}");
        }
    }
}
