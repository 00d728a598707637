//! [`Tags`]: which fields a query looks at, decided by their tags alone.

use crate::iso2709::Tag;
use crate::notation::TagPattern;

/// Tags that match the same patterns are of one class.
pub(super) type Class = u16;

/// The class of tags that nothing looks at.
pub(super) const NONE: Class = 0;

/// The class of tags that have none of their own, such as have letters: what looks at them is found one by one.
pub(super) const OTHERS: Class = 1;

/// A digit, or the low half of another character that has a place with it.
const HALVES: usize = 16;

/// Which tags a query looks at.
pub(super) struct Tags {
    patterns: Vec<TagPattern>,
    /// The class of each tag of three digits, at the place of its digits. [`NONE`] holds for any tag at that place.
    classes: Box<[Class; HALVES * HALVES * HALVES]>,
    /// The number of classes.
    count: usize,
}

impl Tags {
    pub(super) fn new(patterns: &[TagPattern]) -> Tags {
        let mut patterns = patterns.to_vec();
        patterns.sort_by_key(|pattern| pattern.0);
        patterns.dedup();
        let mut classes = Box::new([NONE; HALVES * HALVES * HALVES]);
        let mut count = OTHERS + 1;
        for pattern in &patterns {
            // What matches this pattern leaves its class for a new one.
            let mut divided: Vec<(Class, Class)> = Vec::new();
            for place in places_of_digits(*pattern) {
                let before = classes[place];
                let known = divided.iter().find(|(class, _)| *class == before);
                classes[place] = known.map_or(count, |(_, class)| *class);
                if known.is_none() {
                    divided.push((before, count));
                    count += 1;
                }
            }
        }
        for place in patterns.iter().flat_map(|pattern| places(*pattern)) {
            classes[place] = classes[place].max(OTHERS);
        }
        Tags { patterns, classes, count: usize::from(count) }
    }

    /// The patterns, in order.
    pub(super) fn patterns(&self) -> impl Iterator<Item = TagPattern> {
        self.patterns.iter().copied()
    }

    /// Whether fields with this tag are looked at.
    pub(super) fn have(&self, tag: Tag) -> bool {
        self.class(tag) != NONE
    }

    /// The number of classes.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The classes whose tags match a pattern, and that of all others.
    pub(super) fn classes(&self, pattern: TagPattern) -> Vec<Class> {
        let mut classes: Vec<_> = places_of_digits(pattern).map(|place| self.classes[place]).collect();
        classes.push(OTHERS);
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    /// The class of a tag.
    #[inline(always)]
    pub(super) fn class(&self, tag: Tag) -> Class {
        match self.classes[place(tag.bytes())] {
            NONE => NONE,
            class => self.exact_class(tag, class),
        }
    }

    /// The class of a tag that has a place with those of `class`.
    #[inline(always)]
    fn exact_class(&self, tag: Tag, class: Class) -> Class {
        match tag.strays() {
            0 if class == OTHERS => NONE,
            0 => class,
            _ => self.class_without_digits(tag),
        }
    }

    #[cold]
    fn class_without_digits(&self, tag: Tag) -> Class {
        if self.patterns().any(|pattern| pattern.matches(tag)) { OTHERS } else { NONE }
    }
}

/// The place of a tag: the low halves of its characters.
#[inline(always)]
fn place(tag: [u8; 3]) -> usize {
    // Multiplied, the three halves lie side by side.
    let [a, b, c] = tag;
    let halves = u32::from_le_bytes([a, b, c, 0]) & 0x0F_0F_0F;
    (halves.wrapping_mul(1 << 24 | 1 << 12 | 1) >> 16) as usize % (HALVES * HALVES * HALVES)
}

/// The places of all tags that match a pattern.
fn places(pattern: TagPattern) -> impl Iterator<Item = usize> {
    let halves = |byte: u8| match byte {
        b'.' => 0..HALVES,
        byte => usize::from(byte) % HALVES..usize::from(byte) % HALVES + 1,
    };
    let [first, second, third] = pattern.0.map(halves);
    let pairs = first.flat_map(move |first| second.clone().map(move |second| first * HALVES + second));
    pairs.flat_map(move |pair| third.clone().map(move |third| pair * HALVES + third))
}

/// The places of the tags of three digits that match a pattern.
fn places_of_digits(pattern: TagPattern) -> impl Iterator<Item = usize> {
    let may_match = pattern.0.iter().all(|byte| matches!(byte, b'.' | b'0'..=b'9'));
    let is_of_digits = |place: &usize| [0, 1, 2].iter().all(|turn| place >> (4 * turn) & 15 <= 9);
    places(pattern).filter(move |place| may_match && is_of_digits(place))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tags_of_one_class_match_the_same_patterns(
            patterns in proptest::collection::vec("[0-9.]{3}|[A-Z.]{3}|[0-9A-Z.]{3}", 0..12),
            tags in proptest::collection::vec("[0-9]{3}|[0-9A-Za-z]{3}|[!-~]{3}", 1..40),
        ) {
            let patterns: Vec<_> =
                patterns.iter().map(|it| TagPattern(it.as_bytes().try_into().unwrap())).collect();
            let tags_looked_at = Tags::new(&patterns);
            for tag in tags.iter().map(|tag| tag.parse::<Tag>().unwrap()) {
                let class = tags_looked_at.class(tag);
                prop_assert!(usize::from(class) < tags_looked_at.count());
                prop_assert_eq!(class != NONE, patterns.iter().any(|pattern| pattern.matches(tag)));
                for pattern in patterns.iter().filter(|_| class > OTHERS) {
                    prop_assert_eq!(tags_looked_at.classes(*pattern).contains(&class), pattern.matches(tag));
                }
            }
        }
    }
}
