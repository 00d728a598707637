//! A sink that makes no rows: it counts tags, subfield codes and encodings, and keeps a few values of each.

use std::collections::BTreeMap;

use arrow_schema::ArrowError;

use super::sink::{Outcome, Pushed, Sink};
use crate::charset::Charset;
use crate::description::{Description, FieldUse, MOST_UNUSUAL_CODES, MOST_UNUSUAL_TAGS, Use, is_usual_code};
use crate::iso2709::{FieldView, Tag};
use crate::options::{Encoding, Records};
use crate::record::reading::{Reading, Rules};

/// The number of bytes of a value that are shown as an example.
const SHOWN: usize = 60;
/// The number of three-digit tags, each of which has its own slot.
const NUMBERED: usize = 1000;

pub(super) struct Describe {
    options: Records,
    /// The same, with the encoding decided by the bytes.
    undecided: Records,
    records: u64,
    numbered: Vec<Option<Box<Field>>>,
    /// Fields of all other tags.
    others: BTreeMap<Tag, Field>,
    /// Unusual subfield codes, counted for each tag.
    unusual_codes: usize,
    other_fields: u64,
    subfields_of_others: u64,
    encodings: BTreeMap<(Option<&'static str>, &'static str), u64>,
}

#[derive(Default)]
struct Field {
    all: Count,
    codes: BTreeMap<Option<u8>, Count>,
    other_subfields: u64,
}

/// How often something occurred, and in which record last.
#[derive(Default)]
struct Count {
    used: Use,
    last: u64,
    /// The raw examples, so that they are recognised while more are wanted.
    known: Vec<Vec<u8>>,
}

impl Count {
    fn note(&mut self, record: u64, bytes: &[u8], shown: impl FnOnce() -> String) {
        self.used.occurrences += 1;
        self.used.records += u64::from(self.last != record);
        self.last = record;
        let bytes = seen(bytes);
        if self.used.wants_examples() && !self.known.iter().any(|known| known == bytes) {
            self.known.push(bytes.to_vec());
            self.used.examples.push(shown());
            if !self.used.wants_examples() {
                self.known = Vec::new();
            }
        }
    }
}

impl Describe {
    pub(super) fn new(options: Records) -> Describe {
        let numbered = std::iter::repeat_with(|| None).take(NUMBERED).collect();
        let undecided = Records { encoding: Encoding::Auto, ..options };
        Describe {
            options,
            undecided,
            records: 0,
            numbered,
            others: BTreeMap::new(),
            unusual_codes: 0,
            other_fields: 0,
            subfields_of_others: 0,
            encodings: BTreeMap::new(),
        }
    }

    /// The set in which values are shown. The one that the bytes suggest is counted.
    fn charset(&mut self, reading: &Reading<'_>) -> Charset {
        let (record, declared) = (reading.record(), reading.declared().map(Charset::name));
        let rules = match reading.rules() {
            Rules::Standard { .. } => self.undecided.into(),
            rules => rules,
        };
        let in_fact = Reading::new(*record, rules).charset();
        let is_ascii = Charset::Marc8.plain_text(record.bytes()).is_some();
        let found = if is_ascii { "ascii" } else { in_fact.name() };
        *self.encodings.entry((declared, found)).or_default() += 1;
        match self.options.encoding {
            Encoding::Auto => in_fact,
            _ => reading.charset(),
        }
    }
}

impl Sink for Describe {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        self.records += 1;
        let charset = self.charset(reading);
        for field in reading.record().fields() {
            self.note(&field, charset);
        }
        Pushed::default()
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        let numbered = self.numbered.into_iter().enumerate();
        let numbered = numbered.filter_map(|(tag, field)| Some((format!("{tag:03}"), used(*field?))));
        let others = self.others.into_iter();
        let others = others.map(|(tag, field)| (tag.to_string(), used(field)));
        Ok(Outcome::Described(Box::new(Description {
            records: self.records,
            fields: numbered.chain(others).collect(),
            other_fields: self.other_fields,
            subfields_of_others: self.subfields_of_others,
            encodings: self.encodings,
        })))
    }
}

impl Describe {
    fn note(&mut self, field: &FieldView<'_>, charset: Charset) {
        let number = crate::iso2709::number(&field.tag().bytes())
            .and_then(|number| self.numbered.get_mut(number as usize));
        let its = match number {
            Some(numbered) => numbered.get_or_insert_default(),
            None if self.others.len() < MOST_UNUSUAL_TAGS || self.others.contains_key(&field.tag()) => {
                self.others.entry(field.tag()).or_default()
            }
            None => {
                self.other_fields += 1;
                self.subfields_of_others += subfields(field).count() as u64;
                return;
            }
        };
        its.all.note(self.records, field.bytes(), || shown_field(field, charset));
        for subfield in subfields(field) {
            let (code, value) = subfield.split_at(subfield.len().min(1));
            if !is_usual_code(&field.tag().bytes(), code) && !its.codes.contains_key(&code.first().copied()) {
                if self.unusual_codes >= MOST_UNUSUAL_CODES {
                    its.other_subfields += 1;
                    continue;
                }
                self.unusual_codes += 1;
            }
            let count = its.codes.entry(code.first().copied()).or_default();
            count.note(self.records, value, || shown(value, charset));
        }
    }
}

/// The code and value of each subfield; a control field has none.
fn subfields<'a>(field: &FieldView<'a>) -> impl Iterator<Item = &'a [u8]> {
    let field = (!field.is_plain()).then_some(*field);
    field.into_iter().flat_map(|field| field.subfields().map(|subfield| subfield.bytes()))
}

fn used(field: Field) -> FieldUse {
    let name = |code: Option<u8>| code.map(char::from).map(String::from).unwrap_or_default();
    let subfields = field.codes.into_iter().map(|(code, count)| (name(code), count.used)).collect();
    FieldUse { all: field.all.used, subfields, other_subfields: field.other_subfields }
}

/// `10 $a Title $b rest`, or the text of a control field.
fn shown_field(field: &FieldView<'_>, charset: Charset) -> String {
    if field.is_plain() {
        return shown(field.bytes(), charset);
    }
    let head = [field.indicators(), field.text()].concat();
    let mut text = shown(&head, charset).replace(' ', "#");
    for subfield in field.subfields() {
        if text.len() > SHOWN {
            break;
        }
        let (code, value) = subfield.bytes().split_at(subfield.bytes().len().min(1));
        text.push_str(" $");
        text.push_str(&shown(code, charset));
        text.push(' ');
        text.push_str(&shown(value, charset));
    }
    shortened(text)
}

fn shown(bytes: &[u8], charset: Charset) -> String {
    let mut text = String::new();
    charset.decode(seen(bytes), &mut text, &mut |_| {});
    shortened(text)
}

/// The beginning of a value, as long as an example can need: a character takes at most four bytes.
fn seen(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(4 * SHOWN)]
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
