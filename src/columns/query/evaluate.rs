//! [`Evaluation`]: what an expression gives for a record.

use super::links::Link;
use super::looked::{Field, Looked};
use super::plan::{Compute, Union};
use super::text;
use super::values::{Held, Value, Values};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::RecordView;
use crate::notation::Function;
use crate::words::escaped;

/// The evaluation of expressions, one after another, for record after record.
#[derive(Default)]
pub(super) struct Evaluation {
    pub(super) values: Values,
    /// The pairs of 880 of the current record.
    pub(super) links: Vec<Link>,
    /// The fields that paths take: their places, and those of the paths.
    pub(super) taken: Vec<(u32, u32)>,
    /// What functions could not take.
    odd: Vec<Odd>,
}

/// A value that could not be taken.
struct Odd {
    code: Code,
    /// The place of its field among those looked at.
    field: u32,
    found: String,
    count: u64,
}

impl Evaluation {
    /// Begins a record.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.values.clear();
        self.links.clear();
    }

    /// Finds which fields 880 are linked to which fields.
    pub(super) fn follow_links(&mut self, record: &Looked<'_>) {
        let mut links = std::mem::take(&mut self.links);
        record.find_links(&mut links, |code, field, text| self.note(code, field, text));
        self.links = links;
    }

    /// What was found about the current record: each code once for each field, with offsets from the record's first
    /// byte.
    #[inline]
    pub(super) fn findings(&mut self, looked: &[Field], record: &RecordView<'_>) -> Vec<Diagnostic> {
        if self.odd.is_empty() { Vec::new() } else { self.take_findings(looked, record) }
    }

    #[cold]
    fn take_findings(&mut self, looked: &[Field], record: &RecordView<'_>) -> Vec<Diagnostic> {
        let finding = |odd: Odd| {
            let field = looked.get(odd.field as usize);
            let entry = field.and_then(|field| record.entries().get(field.place as usize));
            let mut finding =
                Diagnostic::new(odd.code, Severity::Warning, entry.map_or(0, |entry| u64::from(entry.start)));
            if let (Some(field), Some(_)) = (field, entry) {
                finding.tag = Some(field.tag.to_string());
                let before = record.entries().iter().take(field.place as usize);
                finding.occurrence = Some(before.filter(|entry| entry.tag == field.tag).count() as u32);
            }
            finding.found = odd.found;
            finding.count = odd.count;
            finding
        };
        self.odd.drain(..).map(finding).collect()
    }

    pub(super) fn forget_findings(&mut self) {
        self.odd.clear();
    }

    #[cold]
    pub(super) fn note(&mut self, code: Code, field: u32, text: &str) {
        match self.odd.iter_mut().find(|odd| odd.code == code && odd.field == field) {
            Some(odd) => odd.count += 1,
            None => self.odd.push(Odd { code, field, found: escaped(text.as_bytes()), count: 1 }),
        }
    }

    /// Adds the values of an expression to those there are; of the linked fields 880, if it is about these.
    pub(super) fn evaluate(&mut self, compute: &Compute, record: &Looked<'_>, is_alternate: bool) {
        let from = self.values.list.len();
        match compute {
            Compute::Union(union) => self.union(union, record, is_alternate),
            Compute::Each(function, of) => {
                self.evaluate(of, record, is_alternate);
                self.each(*function, from, record);
            }
            Compute::First(of) => {
                self.evaluate(of, record, is_alternate);
                self.values.list.truncate(from + of.arity());
            }
            Compute::Last(of) => {
                self.evaluate(of, record, is_alternate);
                let kept = self.values.list.len().saturating_sub(of.arity()).max(from);
                self.values.list.drain(from..kept);
            }
            Compute::Join { of, separator } => {
                self.evaluate(of, record, is_alternate);
                self.join(from, separator, record);
            }
            Compute::Concat { of, separator } => {
                self.evaluate(of, record, is_alternate);
                self.concat(from, separator, record);
            }
            Compute::Coalesce(all) => {
                for of in all {
                    self.evaluate(of, record, is_alternate);
                    if self.has_any(from) {
                        break;
                    }
                    self.values.list.truncate(from);
                }
            }
            Compute::Unique(of) => {
                self.evaluate(of, record, is_alternate);
                self.unique(from, of.arity(), record);
            }
            Compute::Code(of, length, is_cut) => {
                self.evaluate(of, record, is_alternate);
                self.codes(from, *length, *is_cut, record);
            }
            Compute::Oclc(of) => {
                self.evaluate(of, record, is_alternate);
                self.oclc(from, record);
            }
            Compute::Count(of) => {
                let arity = of.arity() as i64;
                self.evaluate(of, record, is_alternate);
                let values = self.values.list[from..].iter().filter(|value| value.held != Held::Null);
                let count = if arity == 1 { values.count() as i64 } else { self.length(from) / arity };
                self.replace(from, Held::Number(count));
            }
            Compute::Exists(of) => {
                self.evaluate(of, record, is_alternate);
                let exists = self.has_any(from);
                self.replace(from, Held::Number(i64::from(exists)));
            }
            Compute::Struct(union) => self.structs(union, record, is_alternate),
            Compute::Alt(of) => self.evaluate(of, record, true),
            Compute::Pair(of) => self.pairs(of, from, record),
        }
    }

    fn length(&self, from: usize) -> i64 {
        (self.values.list.len() - from) as i64
    }

    /// Whether there is a value among those from a place on.
    pub(super) fn has_any(&self, from: usize) -> bool {
        self.values.list.iter().skip(from).any(|value| value.held != Held::Null)
    }

    fn replace(&mut self, from: usize, held: Held) {
        self.values.list.truncate(from);
        self.values.push(held, u32::MAX);
    }

    /// The fields that each path takes, each with the path.
    fn structs(&mut self, union: &Union, record: &Looked<'_>, is_alternate: bool) {
        let mut taken = std::mem::take(&mut self.taken);
        super::paths::find(union, record, &mut taken);
        for (place, path) in &taken {
            if !is_alternate {
                self.values.push(Held::Field(*path), *place);
                continue;
            }
            let links = self.links.iter().filter(|link| link.field == *place);
            let values = &mut self.values;
            links.for_each(|link| values.push(Held::Field(*path), link.alternate));
        }
        self.taken = taken;
    }

    /// The values of each field as one text.
    fn join(&mut self, from: usize, separator: &str, record: &Looked<'_>) {
        let (mut read, mut written) = (from, from);
        while let Some(Value { field, held }) = self.values.list.get(read).copied() {
            let group = self.values.list.iter().skip(read).take_while(|value| value.field == field).count();
            let held =
                if group == 1 { held } else { self.values.join(read, read + group, separator, record) };
            self.values.list[written] = Value { held, field };
            read += group;
            written += 1;
        }
        self.values.list.truncate(written);
    }

    fn concat(&mut self, from: usize, separator: &str, record: &Looked<'_>) {
        if !self.has_any(from) {
            return self.replace(from, Held::Null);
        }
        let (field, to) = (self.values.list[from].field, self.values.list.len());
        let held = if to - from == 1 {
            self.values.list[from].held
        } else {
            self.values.join(from, to, separator, record)
        };
        self.values.list.truncate(from);
        self.values.push(held, field);
    }

    /// Keeps each element at its first place.
    fn unique(&mut self, from: usize, arity: usize, record: &Looked<'_>) {
        let mut written = from;
        let mut read = from;
        let is_same = |values: &Values, one: usize, other: usize| {
            (0..arity).all(|part| {
                let (one, other) = (values.list[one + part], values.list[other + part]);
                match (values.text(one, record), values.text(other, record)) {
                    (Some(one), Some(other)) => one == other,
                    (None, None) => one.held == other.held,
                    _ => false,
                }
            })
        };
        while read + arity <= self.values.list.len() {
            if !(from..written).step_by(arity).any(|kept| is_same(&self.values, kept, read)) {
                self.values.list.copy_within(read..read + arity, written);
                written += arity;
            }
            read += arity;
        }
        self.values.list.truncate(written);
    }

    /// Each value with its twin in the linked field 880, and that field's script.
    fn pairs(&mut self, of: &Compute, from: usize, record: &Looked<'_>) {
        self.evaluate(of, record, false);
        let middle = self.values.list.len();
        self.evaluate(of, record, true);
        let end = self.values.list.len();
        for at in from..middle {
            let value = self.values.list[at];
            let turn = self.values.list[from..at].iter().filter(|it| it.field == value.field).count();
            let link = self.links.iter().find(|link| link.field == value.field).copied();
            let alternate = link.and_then(|link| {
                let of_link = self.values.list[middle..end].iter().filter(|it| it.field == link.alternate);
                of_link.copied().nth(turn)
            });
            let script = link.and_then(|link| {
                let script = record.linkage(link.alternate)?.script?;
                Some(self.values.make(value, record, |_, to| to.push_str(script)))
            });
            self.values.push(value.held, value.field);
            self.values.push(alternate.map_or(Held::Null, |it| it.held), value.field);
            self.values.push(script.unwrap_or(Held::Null), value.field);
        }
        self.values.list.drain(from..end);
    }

    fn codes(&mut self, from: usize, length: usize, is_cut: bool, record: &Looked<'_>) {
        let to = self.values.list.len();
        for at in from..to {
            let value = self.values.list[at];
            let Some(whole) = self.values.text(value, record) else {
                self.values.push(Held::Null, value.field);
                continue;
            };
            let text = whole.trim();
            let start = whole.len() - whole.trim_start().len();
            let is_cut = is_cut && length > 0 && text.len() > length && text.len().is_multiple_of(length);
            if text::is_code(text, if is_cut { text.len() } else { length }) {
                for piece in (start..start + text.len()).step_by(length.max(1)) {
                    self.values.push(Values::part(value.held, piece, piece + length), value.field);
                }
            } else {
                let found = whole.to_owned();
                self.note(Code::NotACode, value.field, &found);
                self.values.push(Held::Null, value.field);
            }
        }
        self.values.list.drain(from..to);
    }

    fn oclc(&mut self, from: usize, record: &Looked<'_>) {
        let mut written = from;
        for at in from..self.values.list.len() {
            let value = self.values.list[at];
            if let Some(range) = self.values.text(value, record).and_then(text::oclc) {
                let held = Values::part(value.held, range.start, range.end);
                self.values.list[written] = Value { held, ..value };
                written += 1;
            }
        }
        self.values.list.truncate(written);
    }

    /// Replaces each value from a place on by what the function makes of it.
    fn each(&mut self, function: Function, from: usize, record: &Looked<'_>) {
        for at in from..self.values.list.len() {
            let value = self.values.list[at];
            self.values.list[at].held = self.of_value(function, value, record);
        }
    }

    #[inline]
    fn of_value(&mut self, function: Function, value: Value, record: &Looked<'_>) -> Held {
        if function == Function::Text && matches!(value.held, Held::Field(_)) {
            return self.text_of_field(value, record);
        }
        let Some(text) = self.values.text(value, record) else { return Held::Null };
        let number = |number: Option<i64>| number.map(Held::Number);
        let held = match function {
            Function::Trim => {
                let range = text::trimmed(text);
                return Values::part(value.held, range.start, range.end);
            }
            Function::Text => return value.held,
            Function::Lower => return self.lower(value, record),
            Function::Filing => return self.filing(value, record),
            Function::Year => number(text::year(text)),
            Function::Date => number(text::day(text)),
            Function::Int => number(text::number(text)),
            Function::Isbn | Function::Isbn13 => {
                let make = if function == Function::Isbn { text::isbn } else { text::isbn13 };
                let mut is_made = false;
                let held = self.values.make(value, record, |text, to| is_made = make(text, to));
                is_made.then_some(held)
            }
            Function::Label => None,
        };
        held.unwrap_or_else(|| {
            let code = match function {
                Function::Year => Code::NotAYear,
                Function::Date => Code::NotADate,
                Function::Int => Code::NotANumber,
                Function::Isbn | Function::Isbn13 => Code::NotAnIsbn,
                _ => Code::UnknownCode,
            };
            let found = self.values.text(value, record).unwrap_or_default().to_owned();
            self.note(code, value.field, &found);
            Held::Null
        })
    }

    fn lower(&mut self, value: Value, record: &Looked<'_>) -> Held {
        self.values.make(value, record, |text, to| to.extend(text.chars().flat_map(char::to_lowercase)))
    }

    /// The values of a whole field, with blanks between them.
    fn text_of_field(&mut self, value: Value, record: &Looked<'_>) -> Held {
        let Some(field) = record.field(value.field) else { return Held::Null };
        if !field.is_data {
            let (start, end) = record.range(field);
            return Held::Read(start, end);
        }
        self.values.make(value, record, |_, to| {
            let start = to.len();
            let stray = record.stray(field).filter(|stray| !stray.is_empty());
            for text in stray.into_iter().chain(record.texts(field).map(|(_, text)| text)) {
                if to.len() > start && !text.is_empty() {
                    to.push(' ');
                }
                to.push_str(text);
            }
        })
    }

    /// The text without its characters that are not filed, as the field's indicator states or marks in it show.
    fn filing(&mut self, value: Value, record: &Looked<'_>) -> Held {
        let Some(text) = self.values.text(value, record) else { return Held::Null };
        let skipped = nonfiling(value.field, record);
        let start = text.char_indices().nth(skipped).map_or(text.len(), |(place, _)| place);
        // An indicator that skips all of it is wrong.
        let held = if start < text.len() { Values::part(value.held, start, text.len()) } else { value.held };
        let mut is_marked = None;
        let value = Value { held, ..value };
        let made = self.values.make(value, record, |text, to| is_marked = text::without_marked(text, to));
        if is_marked.is_some() { made } else { held }
    }
}

/// The number of characters that the field's indicator says are not filed (MARC 21: 245 and others).
fn nonfiling(place: u32, record: &Looked<'_>) -> usize {
    let tag = record.tag_read_as(place).map(|tag| tag.bytes());
    let which = match tag.as_ref() {
        Some(b"130" | b"630" | b"730" | b"740") => 0,
        Some(b"222" | b"240" | b"242" | b"243" | b"245" | b"440" | b"830") => 1,
        _ => return 0,
    };
    let range = record.field(place).and_then(|field| record.indicator(field, which));
    let digit = range.map(|(start, end)| record.text(start, end)).and_then(|text| text.chars().next());
    digit.and_then(|digit| digit.to_digit(10)).unwrap_or(0) as usize
}
