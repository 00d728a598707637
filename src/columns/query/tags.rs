//! Which tags a query looks at, in classes: each field of a record is asked for its class alone.

use crate::iso2709::Tag;
use crate::notation::TagPattern;

/// Tags that are looked at by the same patterns are of one class; 0 is the class of those that nothing looks at.
pub(super) type Class = u8;

/// The class of tags that have none of their own: such as have letters.
const OTHERS: Class = Class::MAX;

/// Which tags a query looks at.
pub(super) struct Tags {
    patterns: Vec<TagPattern>,
    /// The class of each tag of three digits.
    of_digits: Box<[Class; 1000]>,
    /// A tag of each class.
    examples: Vec<Option<Tag>>,
}

impl Tags {
    pub(super) fn new(patterns: &[TagPattern]) -> Tags {
        let mut patterns = patterns.to_vec();
        patterns.sort_by_key(|pattern| pattern.0);
        patterns.dedup();
        let mut classes = vec![Vec::new()];
        let mut tags = Tags { patterns, of_digits: Box::new([0; 1000]), examples: vec![None] };
        for number in 0..1000 {
            let tag = Tag::of_ascii([number / 100, number / 10 % 10, number % 10].map(|it| b'0' + it as u8));
            let matching: Vec<_> = tags.patterns.iter().map(|pattern| pattern.matches(tag)).collect();
            let class = if !matching.contains(&true) {
                0
            } else if let Some(known) = classes.iter().position(|known| *known == matching) {
                known
            } else if classes.len() < usize::from(OTHERS) {
                classes.push(matching);
                tags.examples.push(Some(tag));
                classes.len() - 1
            } else {
                usize::from(OTHERS)
            };
            tags.of_digits[number] = class as Class;
        }
        tags
    }

    /// The patterns, in order.
    pub(super) fn patterns(&self) -> impl Iterator<Item = TagPattern> {
        self.patterns.iter().copied()
    }

    /// The classes whose tags may match a pattern, in order.
    pub(super) fn classes(&self, pattern: TagPattern) -> impl Iterator<Item = Class> {
        let examples = self.examples.iter().enumerate();
        let matching = examples.filter(move |(_, tag)| tag.is_some_and(|tag| pattern.matches(tag)));
        matching.map(|(class, _)| class as Class).chain([OTHERS])
    }

    /// Whether fields with this tag are looked at.
    pub(super) fn have(&self, tag: Tag) -> bool {
        self.class(tag) != 0
    }

    /// The class of a tag.
    #[inline(always)]
    pub(super) fn class(&self, tag: Tag) -> Class {
        let [a, b, c] = tag.bytes().map(|byte| usize::from(byte.wrapping_sub(b'0')));
        if a < 10 && b < 10 && c < 10 {
            return self.of_digits.get(a * 100 + b * 10 + c).copied().unwrap_or(OTHERS);
        }
        if self.patterns.iter().any(|pattern| pattern.matches(tag)) { OTHERS } else { 0 }
    }
}
