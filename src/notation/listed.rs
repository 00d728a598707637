//! [`Listed`]: texts of a list, however long, which knows those that were met.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Texts without the blanks around them, and whether a record had each as a value.
#[derive(Debug, Default)]
pub struct Listed(HashMap<Box<str>, AtomicBool>);

impl Listed {
    /// These texts, none of them met yet. What is blank is left out.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Listed {
        let texts = texts.into_iter().map(str::trim).filter(|text| !text.is_empty());
        Listed(texts.map(|text| (text.into(), AtomicBool::default())).collect())
    }

    /// Whether a text is among them; it is met then.
    pub(crate) fn meets(&self, text: &str) -> bool {
        let met = self.0.get(text.trim());
        if let Some(met) = met {
            met.store(true, Ordering::Relaxed);
        }
        met.is_some()
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts that were not met, in order.
    pub fn missing(&self) -> Vec<&str> {
        let missing = self.0.iter().filter(|(_, met)| !met.load(Ordering::Relaxed));
        let mut missing: Vec<&str> = missing.map(|(text, _)| &**text).collect();
        missing.sort_unstable();
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_met_without_the_blanks_around_it() {
        let listed = Listed::of(["a ", " b", "", "c", "c", " "]);
        assert_eq!(listed.len(), 3);
        assert!(listed.meets("  b") && listed.meets("c ") && !listed.meets("") && !listed.meets("A"));
        assert_eq!(listed.missing(), ["a"]);
    }
}
