//! [`Evaluation`]: what an expression gives for a record.

use super::labels::Tables;
use super::links::Link;
use super::looked::{Field, Looked};
use super::plan::{Compute, Origin, Step};
use super::subfields::Subfield;
use super::tags::Tags;
use super::text;
use super::values::{Held, Made, Value, has_any};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::RecordView;
use crate::notation::Function;
use crate::words::escaped;

/// The evaluation of a query, for record after record: first the values of its unions are found, then each function
/// changes those of the union that it is about.
#[derive(Default)]
pub(super) struct Evaluation {
    /// The values of each union.
    pub(super) lists: Vec<Vec<Value>>,
    pub(super) made: Made,
    /// The pairs of 880 of the current record.
    pub(super) links: Vec<Link>,
    /// The tables of coded values that were looked up.
    pub(super) tables: Tables,
    /// What functions could not take.
    odd: Vec<Odd>,
    /// The memory of a list that is made anew.
    spare: Vec<Value>,
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
        self.made.clear();
        self.links.clear();
    }

    /// Finds which fields 880 are linked to which fields.
    pub(super) fn follow_links(&mut self, tags: &Tags, record: &Looked<'_>) {
        let Evaluation { links, odd, .. } = self;
        record.find_links(tags, links, |code, field, text| note(odd, code, field, text));
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

    /// The values of an expression: the place of their list.
    #[inline(always)]
    pub(super) fn evaluate(&mut self, compute: &Compute, record: &Looked<'_>) -> usize {
        let place = match &compute.origin {
            Origin::Union(place) => *place,
            Origin::Coalesce(all) => self.coalesce(all, record),
            Origin::Pair(both) => self.pairs(both, record),
        };
        if compute.counts || !self.lists[place].is_empty() {
            compute.steps.iter().for_each(|step| self.take(step, place, record));
        }
        place
    }

    /// Takes a step with a list.
    fn take(&mut self, step: &Step, place: usize, record: &Looked<'_>) {
        let (list, made) = (&mut self.lists[place], &mut self.made);
        match step {
            Step::Each(function) => {
                let mut values = std::mem::take(list);
                for value in &mut values {
                    value.held = self.of_value(*function, *value, record);
                }
                self.lists[place] = values;
            }
            Step::Label(labels) => self.label(labels, place, record),
            Step::First(arity) => list.truncate(*arity),
            Step::Last(arity) => _ = list.drain(..list.len().saturating_sub(*arity)),
            Step::Join(separator) => join(list, made, separator, record),
            Step::Concat(separator) => concat(list, made, separator, record),
            Step::Unique(arity) => unique(list, made, *arity, record),
            Step::Code(length, is_cut) => self.codes(place, *length, *is_cut, record),
            Step::Oclc => list.retain_mut(|value| {
                let range = made.text(*value, record).and_then(text::oclc);
                range.is_some_and(|range| {
                    value.held = value.held.part(range.start, range.end);
                    true
                })
            }),
            Step::Count(arity) => {
                let count = match arity {
                    1 => list.iter().filter(|value| value.held != Held::Null).count(),
                    arity => list.len() / arity,
                };
                replace(list, count as i64);
            }
            Step::Exists(arity) => {
                let exists = is_there(list, *arity);
                replace(list, i64::from(exists));
            }
        }
    }

    /// The values of the first expression that has any, or of the last.
    fn coalesce(&mut self, all: &[Compute], record: &Looked<'_>) -> usize {
        let mut place = 0;
        for of in all {
            place = self.evaluate(of, record);
            if is_there(&self.lists[place], of.arity) {
                break;
            }
        }
        place
    }

    /// Each value with its twin in the linked field 880, and that field's script.
    fn pairs(&mut self, [of, alternate]: &[Compute; 2], record: &Looked<'_>) -> usize {
        let (place, other) = (self.evaluate(of, record), self.evaluate(alternate, record));
        let values = self.take_list(place);
        for (at, value) in values.iter().enumerate() {
            let turn = values[..at].iter().filter(|it| it.field == value.field).count();
            let link = self.links.iter().find(|link| link.field == value.field).copied();
            let alternate = link.and_then(|link| {
                self.lists[other].iter().filter(|it| it.field == link.alternate).nth(turn).copied()
            });
            let script = link.and_then(|link| {
                let script = record.linkage(link.alternate)?.script?;
                Some(self.made.make(*value, record, |_, to| to.push_str(script)))
            });
            let parts = [Some(value.held), alternate.map(|it| it.held), script];
            let parts = parts.map(|held| Value { held: held.unwrap_or(Held::Null), field: value.field });
            self.lists[place].extend(parts);
        }
        self.spare = values;
        place
    }

    /// The values of a list, which is empty then.
    fn take_list(&mut self, place: usize) -> Vec<Value> {
        let mut values = std::mem::take(&mut self.spare);
        values.clear();
        std::mem::swap(&mut values, &mut self.lists[place]);
        values
    }

    fn codes(&mut self, place: usize, length: usize, is_cut: bool, record: &Looked<'_>) {
        let is_a_code =
            |value: &Value| self.made.text(*value, record).is_some_and(|text| text::is_code(text, length));
        if self.lists[place].iter().all(is_a_code) {
            return;
        }
        let values = self.take_list(place);
        for value in values.iter().copied() {
            let Some(whole) = self.made.text(value, record) else {
                self.lists[place].push(Value { held: Held::Null, ..value });
                continue;
            };
            let text = whole.trim();
            let start = whole.len() - whole.trim_start().len();
            let is_cut = is_cut && length > 0 && text.len() > length && text.len().is_multiple_of(length);
            if text::is_code(text, if is_cut { text.len() } else { length }) {
                let pieces = (start..start + text.len()).step_by(length.max(1));
                let pieces =
                    pieces.map(|piece| Value { held: value.held.part(piece, piece + length), ..value });
                self.lists[place].extend(pieces);
            } else {
                if !text::says_nothing(whole) {
                    note(&mut self.odd, Code::NotACode, value.field, whole);
                }
                self.lists[place].push(Value { held: Held::Null, ..value });
            }
        }
        self.spare = values;
    }

    #[inline]
    fn of_value(&mut self, function: Function, value: Value, record: &Looked<'_>) -> Held {
        if function == Function::Text && value.held == Held::Field {
            return self.text_of_field(value, record);
        }
        let Some(text) = self.made.text(value, record) else { return Held::Null };
        let (held, code) = match function {
            Function::Trim => {
                let range = text::trimmed(text);
                return value.held.part(range.start, range.end);
            }
            Function::Text => return value.held,
            Function::Lower => return self.lower(value, record),
            Function::Filing => return self.filing(value, record),
            Function::Year => (text::year(text).map(Held::Number), Code::NotAYear),
            Function::Date => (text::day(text).map(Held::Number), Code::NotADate),
            Function::Int => (text::number(text).map(Held::Number), Code::NotANumber),
            Function::Isbn => (self.number(value, record, text::isbn), Code::NotAnIsbn),
            Function::Isbn13 => (self.number(value, record, text::isbn13), Code::NotAnIsbn),
        };
        held.unwrap_or_else(|| {
            let found = self.made.text(value, record).unwrap_or_default();
            if !text::says_nothing(found) {
                note(&mut self.odd, code, value.field, found);
            }
            Held::Null
        })
    }

    /// A standard number in a text; `None` if there is none.
    fn number(
        &mut self,
        value: Value,
        record: &Looked<'_>,
        find: fn(&str, &mut String) -> bool,
    ) -> Option<Held> {
        let mut is_found = false;
        let held = self.made.make(value, record, |text, to| is_found = find(text, to));
        is_found.then_some(held)
    }

    #[cold]
    pub(super) fn note_unknown_code(&mut self, value: Value, record: &Looked<'_>) {
        let found = self.made.text(value, record).unwrap_or_default();
        note(&mut self.odd, Code::UnknownCode, value.field, found);
    }

    fn lower(&mut self, value: Value, record: &Looked<'_>) -> Held {
        self.made.make(value, record, |text, to| match text.is_ascii() {
            true => to.extend(text.chars().map(|character| character.to_ascii_lowercase())),
            false => to.push_str(&text.to_lowercase()),
        })
    }

    /// The values of a whole field, with blanks between them.
    fn text_of_field(&mut self, value: Value, record: &Looked<'_>) -> Held {
        let Some(field) = record.field(value.field) else { return Held::Null };
        if !field.is_data {
            let (start, end) = record.range(field);
            return Held::Read(start, end);
        }
        self.made.make(value, record, |_, to| {
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
        let Some(text) = self.made.text(value, record) else { return Held::Null };
        let skipped = nonfiling(value.field, record);
        let start = text.char_indices().nth(skipped).map_or(text.len(), |(place, _)| place);
        // An indicator that skips all of it is wrong, and no other text of the field is meant than its first.
        let is_meant =
            start < text.len() && (start == 0 || begins_field(&text[..start], value.field, record));
        let held = if is_meant { value.held.part(start, text.len()) } else { value.held };
        let mut is_marked = None;
        let value = Value { held, ..value };
        let made = self.made.make(value, record, |text, to| is_marked = text::without_marked(text, to));
        if is_marked.is_some() { made } else { held }
    }
}

/// Whether there is an element among these values; one of several is there, whatever is in it.
pub(super) fn is_there(values: &[Value], arity: usize) -> bool {
    if arity > 1 { !values.is_empty() } else { has_any(values) }
}

/// Replaces all values by a number.
fn replace(values: &mut Vec<Value>, number: i64) {
    values.clear();
    values.push(Value { held: Held::Number(number), field: u32::MAX });
}

/// The values of each field as one text.
fn join(values: &mut Vec<Value>, made: &mut Made, separator: &str, record: &Looked<'_>) {
    let (mut read, mut written) = (0, 0);
    while let Some(Value { field, held }) = values.get(read).copied() {
        let group = values[read..].iter().take_while(|value| value.field == field).count();
        let held = match &values[read..read + group] {
            [_] => held,
            group if has_any(group) => made.join(group, separator, record),
            _ => Held::Null,
        };
        values[written] = Value { held, field };
        read += group;
        written += 1;
    }
    values.truncate(written);
}

/// All values as one text.
fn concat(values: &mut Vec<Value>, made: &mut Made, separator: &str, record: &Looked<'_>) {
    let held = match values.as_slice() {
        [] => return,
        [only] => only.held,
        all if has_any(all) => made.join(all, separator, record),
        _ => Held::Null,
    };
    values.clear();
    // A text of several fields is of none.
    values.push(Value { held, field: u32::MAX });
}

/// Keeps each element at its first place.
fn unique(values: &mut Vec<Value>, made: &Made, arity: usize, record: &Looked<'_>) {
    let is_same = |one: &[Value], other: &[Value]| {
        one.iter().zip(other).all(|(one, other)| match (made.text(*one, record), made.text(*other, record)) {
            (Some(one), Some(other)) => one == other,
            (None, None) => one.held == other.held,
            _ => false,
        })
    };
    let mut written = 0;
    for read in (0..values.len()).step_by(arity) {
        let (kept, rest) = values.split_at(read);
        let element = &rest[..arity.min(rest.len())];
        if !kept[..written].chunks(arity).any(|kept| is_same(kept, element)) {
            let end = (read + arity).min(values.len());
            values.copy_within(read..end, written);
            written += arity;
        }
    }
    values.truncate(written);
}

/// Adds something odd; the same in the same field is counted.
#[cold]
fn note(odd: &mut Vec<Odd>, code: Code, field: u32, text: &str) {
    match odd.iter_mut().find(|odd| odd.code == code && odd.field == field) {
        Some(known) => known.count += 1,
        None => odd.push(Odd { code, field, found: escaped(text.as_bytes()), count: 1 }),
    }
}

/// Whether the text of a field begins with this one; upper and lower case are alike.
fn begins_field(start: &str, place: u32, record: &Looked<'_>) -> bool {
    let Some(field) = record.field(place) else { return false };
    let is_text = |code: &&Subfield| !code.code.is_ascii_digit();
    let first = record.subfields(field).iter().find(is_text).map(|it| record.text(it.start, it.end));
    let of_first = first.unwrap_or_default().chars().take(start.chars().count());
    of_first.flat_map(char::to_lowercase).eq(start.chars().flat_map(char::to_lowercase))
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
