//! No columns: tags, subfield codes and encodings are counted, and a few values kept of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};

use super::Layout;
use super::check::rows_without_columns;
use crate::charset::Charset;
use crate::description::{Description, FieldUse, Use};
use crate::diagnostic::Diagnostic;
use crate::iso2709::{FieldView, RecordView};
use crate::options::{Encoding, Options};
use crate::record::reading::{Reading, declared};

/// Bytes of a value that are shown as an example, and what is looked at for that of all the values of a chunk.
const SHOWN: usize = 60;
/// Tags of three digits, which have a place of their own.
const NUMBERED: usize = 1000;

pub(super) struct Describe {
    options: Arc<Options>,
    /// The same, with the encoding left to the bytes.
    undecided: Options,
    records: u64,
    numbered: Vec<Option<Box<Field>>>,
    /// Fields of all other tags.
    others: BTreeMap<[u8; 3], Field>,
    encodings: BTreeMap<(Option<&'static str>, &'static str), u64>,
}

#[derive(Default)]
struct Field {
    all: Count,
    codes: BTreeMap<Option<u8>, Count>,
}

/// How often something was met, and in which record last.
#[derive(Default)]
struct Count {
    used: Use,
    last: u64,
    /// The bytes of the examples, to know them again.
    known: Vec<Vec<u8>>,
}

impl Count {
    fn note(&mut self, record: u64, bytes: &[u8], shown: impl FnOnce() -> String) {
        self.used.occurrences += 1;
        self.used.records += u64::from(self.last != record);
        self.last = record;
        if self.used.wants_examples() && !self.known.iter().any(|known| known == bytes) {
            self.known.push(bytes.to_vec());
            self.used.examples.push(shown());
        }
    }
}

impl Describe {
    pub(super) fn new(options: Arc<Options>) -> Describe {
        let numbered = std::iter::repeat_with(|| None).take(NUMBERED).collect();
        let undecided = Options { encoding: Encoding::Auto, ..(*options).clone() };
        Describe {
            options,
            undecided,
            records: 0,
            numbered,
            others: BTreeMap::new(),
            encodings: BTreeMap::new(),
        }
    }

    fn field(&mut self, tag: &[u8; 3]) -> &mut Field {
        let number = crate::iso2709::number(tag).and_then(|number| self.numbered.get_mut(number as usize));
        match number {
            Some(field) => field.get_or_insert_default(),
            None => self.others.entry(*tag).or_default(),
        }
    }

    /// The set that values are shown in. Which one the bytes speak for is counted.
    fn charset(&mut self, record: &RecordView<'_>) -> Charset {
        let declared = declared(record, self.options.dialect).map(Charset::name);
        let in_fact = Reading::new(*record, self.undecided.rules()).charset();
        let is_ascii = Charset::Marc8.plain_text(record.bytes()).is_some();
        let found = if is_ascii { "ascii" } else { in_fact.name() };
        *self.encodings.entry((declared, found)).or_default() += 1;
        match self.options.encoding {
            Encoding::Auto => in_fact,
            _ => Reading::new(*record, self.options.rules()).charset(),
        }
    }
}

impl Layout for Describe {
    fn push(&mut self, record: &RecordView<'_>) -> Vec<Diagnostic> {
        self.records += 1;
        let charset = self.charset(record);
        let number = self.records;
        for field in record.fields() {
            let its = self.field(field.tag());
            its.all.note(number, field.bytes(), || shown_field(&field, charset));
            if field.is_plain() {
                continue;
            }
            for subfield in field.subfields() {
                let code = subfield.bytes().first().copied();
                let value = subfield.bytes().get(1..).unwrap_or_default();
                its.codes.entry(code).or_default().note(number, value, || shown(value, charset));
            }
        }
        Vec::new()
    }

    fn finish(self: Box<Self>, schema: SchemaRef) -> Result<RecordBatch, ArrowError> {
        rows_without_columns(schema, self.records as usize)
    }

    fn description(&mut self) -> Option<Box<Description>> {
        let numbered = std::mem::take(&mut self.numbered).into_iter().enumerate();
        let numbered = numbered.filter_map(|(tag, field)| Some((format!("{tag:03}"), used(*field?))));
        let others = std::mem::take(&mut self.others).into_iter();
        let others =
            others.map(|(tag, field)| (tag.iter().map(|&byte| char::from(byte)).collect(), used(field)));
        let fields = numbered.chain(others).collect();
        let encodings = std::mem::take(&mut self.encodings);
        Some(Box::new(Description { records: self.records, fields, encodings }))
    }
}

fn used(field: Field) -> FieldUse {
    let name = |code: Option<u8>| code.map(char::from).map(String::from).unwrap_or_default();
    let subfields = field.codes.into_iter().map(|(code, count)| (name(code), count.used));
    FieldUse { all: field.all.used, subfields: subfields.collect() }
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
    // A character takes at most four bytes.
    let bytes = &bytes[..bytes.len().min(4 * SHOWN)];
    let mut text = String::new();
    charset.decode(bytes, &mut text, &mut |_| {});
    shortened(text)
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
