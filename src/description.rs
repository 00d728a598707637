//! What a source holds, counted: tags, subfield codes and encodings. Memory is bounded.

use std::collections::BTreeMap;

/// The number of example values kept for each tag and subfield code.
const KEPT_EXAMPLES: usize = 3;
/// The number of tags with rows of their own, in addition to the thousand that are three digits.
pub(crate) const MOST_UNUSUAL_TAGS: usize = 3_096;
/// The number of subfield codes with rows of their own, counted per tag, in addition to digits and lower-case letters
/// in fields whose tag is three digits.
pub(crate) const MOST_UNUSUAL_CODES: usize = 8_192;

/// Whether the tag is always counted by itself, so that tags made up by damage cannot take its place.
pub(crate) fn is_usual_tag(tag: &[u8]) -> bool {
    tag.iter().all(u8::is_ascii_digit)
}

/// Whether the code is always counted by itself in fields of this tag.
pub(crate) fn is_usual_code(tag: &[u8], code: &[u8]) -> bool {
    is_usual_tag(tag) && matches!(code, [b'0'..=b'9' | b'a'..=b'z'])
}

/// What the records of a source hold: the result of [`Scan::describe`](crate::Scan::describe).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The number of records described: those that a read delivers.
    pub records: u64,
    /// The fields, by tag.
    pub fields: BTreeMap<String, FieldUse>,
    /// The number of fields whose tags are beyond the 4,096 with rows of their own.
    pub other_fields: u64,
    /// The number of subfields in such fields.
    pub subfields_of_others: u64,
    /// The number of records for each pair of declared encoding (`None` if it is not a known one) and actual encoding
    /// (`ascii` if every encoding reads them alike).
    pub encodings: BTreeMap<(Option<&'static str>, &'static str), u64>,
}

/// How fields of one tag are used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldUse {
    /// The fields as a whole.
    pub all: Use,
    /// Their subfields, by code.
    pub subfields: BTreeMap<String, Use>,
    /// The number of subfields whose codes are beyond those with rows of their own.
    pub other_subfields: u64,
}

/// How often something occurs in records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// The number of records in which it occurs.
    pub records: u64,
    /// The number of times that it occurs.
    pub occurrences: u64,
    /// The first distinct values, shortened.
    pub examples: Vec<String>,
}

impl Use {
    /// Whether more examples are wanted.
    pub(crate) fn wants_examples(&self) -> bool {
        self.examples.len() < KEPT_EXAMPLES
    }

    fn absorb(&mut self, part: Use) {
        self.records += part.records;
        self.occurrences += part.occurrences;
        for example in part.examples {
            if self.wants_examples() && !self.examples.contains(&example) {
                self.examples.push(example);
            }
        }
    }
}

impl FieldUse {
    fn subfields(&self) -> u64 {
        self.subfields.values().map(|its| its.occurrences).sum::<u64>() + self.other_subfields
    }
}

impl Description {
    /// Adds the description of the next part of the source. Tags and codes without rows of their own are
    /// counted together.
    pub fn absorb(&mut self, part: Description) {
        self.records += part.records;
        self.other_fields += part.other_fields;
        self.subfields_of_others += part.subfields_of_others;
        let (mut tags, mut codes) = self.unusual();
        for (tag, its) in part.fields {
            if !is_usual_tag(tag.as_bytes()) && !self.fields.contains_key(&tag) {
                if tags >= MOST_UNUSUAL_TAGS {
                    self.other_fields += its.all.occurrences;
                    self.subfields_of_others += its.subfields();
                    continue;
                }
                tags += 1;
            }
            let field = self.fields.entry(tag.clone()).or_default();
            field.all.absorb(its.all);
            field.other_subfields += its.other_subfields;
            for (code, its) in its.subfields {
                if !is_usual_code(tag.as_bytes(), code.as_bytes()) && !field.subfields.contains_key(&code) {
                    if codes >= MOST_UNUSUAL_CODES {
                        field.other_subfields += its.occurrences;
                        continue;
                    }
                    codes += 1;
                }
                field.subfields.entry(code).or_default().absorb(its);
            }
        }
        for (encodings, records) in part.encodings {
            *self.encodings.entry(encodings).or_default() += records;
        }
    }

    /// The number of unusual tags, and of unusual codes.
    fn unusual(&self) -> (usize, usize) {
        let tags = self.fields.keys().filter(|tag| !is_usual_tag(tag.as_bytes())).count();
        let codes = self.fields.iter().map(|(tag, field)| {
            field.subfields.keys().filter(|code| !is_usual_code(tag.as_bytes(), code.as_bytes())).count()
        });
        (tags, codes.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One field for each tag, with one subfield for each code.
    fn part(tags: impl IntoIterator<Item = String>, codes: &[&str]) -> Description {
        let once = || Use { records: 1, occurrences: 1, examples: Vec::new() };
        let field = || FieldUse {
            all: once(),
            subfields: codes.iter().map(|code| (code.to_string(), once())).collect(),
            other_subfields: 0,
        };
        let fields = tags.into_iter().map(|tag| (tag, field())).collect();
        Description { records: 1, fields, ..Description::default() }
    }

    #[test]
    fn tags_without_number_are_counted_together_from_some_on() {
        let mut whole = Description::default();
        for begin in (0..6_000).step_by(1_000) {
            whole.absorb(part((begin..begin + 1_000).map(|number| format!("X{number:04}")), &["a", "b"]));
        }
        whole.absorb(part((0..1_000).map(|number| format!("{number:03}")), &["a"]));
        assert_eq!(whole.fields.len(), MOST_UNUSUAL_TAGS + 1_000);
        assert_eq!(whole.other_fields, 6_000 - MOST_UNUSUAL_TAGS as u64);
        let subfields: u64 = whole.fields.values().map(FieldUse::subfields).sum();
        assert_eq!(subfields + whole.subfields_of_others, 2 * 6_000 + 1_000);
    }

    #[test]
    fn codes_are_counted_together_from_some_on_but_for_the_usual() {
        let all: Vec<String> = (0..128_u8).map(|code| char::from(code).to_string()).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let mut whole = Description::default();
        for number in 0..1_000 {
            whole.absorb(part([format!("{number:03}")], &all));
        }
        assert_eq!(whole.unusual(), (0, MOST_UNUSUAL_CODES));
        assert!(whole.fields.values().all(|field| field.subfields() == 128));
        assert_eq!(whole.fields["999"].subfields.len(), 36);
        assert_eq!(whole.fields["999"].other_subfields, 92);
    }
}
