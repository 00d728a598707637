//! What a source holds, counted: tags, subfield codes, encodings. Bounded, and knows no Arrow.

use std::collections::BTreeMap;

/// Values that are kept as examples of each tag and subfield code.
const KEPT_EXAMPLES: usize = 3;

/// What the records of a source hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Records that were looked at: those that reading delivers.
    pub records: u64,
    /// Fields by their tags.
    pub fields: BTreeMap<String, FieldUse>,
    /// Records by the encoding that they declare, if it is a known one, and the one that their bytes are in
    /// (`ascii` where all read them alike).
    pub encodings: BTreeMap<(Option<&'static str>, &'static str), u64>,
}

/// How fields of one tag are used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldUse {
    /// The fields themselves.
    pub all: Use,
    /// Their subfields by codes.
    pub subfields: BTreeMap<String, Use>,
}

/// How often something stands in records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Records that have it at all.
    pub records: u64,
    /// How often it stands there.
    pub occurrences: u64,
    /// The first different values, shortened.
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

impl Description {
    /// Adds what the part of the source that follows holds.
    pub fn absorb(&mut self, part: Description) {
        self.records += part.records;
        for (tag, its) in part.fields {
            let field = self.fields.entry(tag).or_default();
            field.all.absorb(its.all);
            for (code, its) in its.subfields {
                field.subfields.entry(code).or_default().absorb(its);
            }
        }
        for (encodings, records) in part.encodings {
            *self.encodings.entry(encodings).or_default() += records;
        }
    }
}
