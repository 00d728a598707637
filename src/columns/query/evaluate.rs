//! [`Evaluation`]: what expressions give for some records, column by column.

use std::collections::HashMap;

use super::labels::Tables;
use super::links::{Link, linked};
use super::looked::Looked;
use super::plan::{Compute, Origin, Step};
use super::subfields::Subfield;
use super::tags::Tags;
use super::text;
use super::values::{Held, Lists, NO_CODE, NO_FIELD, Value, has_any, is_there, keep_first};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::notation::Function;
use crate::words::escaped;

/// The evaluation of a query: first the values of its unions are found, then each function changes those of the union
/// that it is about.
#[derive(Default)]
pub(super) struct Evaluation {
    /// The values of each union.
    pub(super) lists: Vec<Lists>,
    /// The pairs of 880, in the order of the fields that are linked to.
    pub(super) links: Vec<Link>,
    /// The tables of coded values that were looked up.
    pub(super) tables: Tables,
    /// What functions could not take.
    odd: Oddities,
    /// The memory of values that are made anew.
    pub(super) spare: Vec<Value>,
}

/// What was found about values, each code once for each field.
#[derive(Default)]
struct Oddities {
    all: Vec<Odd>,
    /// Where each is among all.
    places: HashMap<(Code, usize, u32), usize>,
}

/// A value that could not be taken.
struct Odd {
    code: Code,
    /// The place of its record.
    record: usize,
    /// The place of its field among those looked at.
    field: u32,
    found: String,
    count: u64,
}

impl Oddities {
    #[cold]
    fn note(&mut self, code: Code, record: usize, field: u32, text: &str) {
        let next = self.all.len();
        let place = *self.places.entry((code, record, field)).or_insert(next);
        match self.all.get_mut(place) {
            Some(known) => known.count += 1,
            None => self.all.push(Odd { code, record, field, found: escaped(text.as_bytes()), count: 1 }),
        }
    }

    /// All of them, in the order of the records.
    fn take(&mut self) -> Vec<Odd> {
        self.places.clear();
        let mut all = std::mem::take(&mut self.all);
        all.sort_by_key(|odd| odd.record);
        all
    }
}

impl Evaluation {
    /// Finds which fields 880 are linked to which fields.
    pub(super) fn follow_links(&mut self, tags: &Tags, looked: &Looked) {
        let Evaluation { links, odd, .. } = self;
        for (at, record) in looked.records().enumerate() {
            record.find_links(tags, links, |code, field, text| odd.note(code, at, field, text));
        }
    }

    /// What was found about the records, with their places: each code once for each field, with offsets from the
    /// record's first byte.
    #[inline]
    pub(super) fn findings(&mut self, looked: &Looked) -> Vec<(usize, Diagnostic)> {
        if self.odd.all.is_empty() { Vec::new() } else { self.take_findings(looked) }
    }

    #[cold]
    fn take_findings(&mut self, looked: &Looked) -> Vec<(usize, Diagnostic)> {
        let finding = |odd: Odd| {
            let field = looked.field(odd.field);
            let offset = field.map_or(0, |field| u64::from(field.offset));
            let mut finding = Diagnostic::new(odd.code, Severity::Warning, offset);
            if let (Some(field), Some(record)) = (field, looked.record(odd.record)) {
                finding.tag = Some(field.tag.to_string());
                let before = record.placed_fields().take_while(|(place, _)| *place < odd.field);
                finding.occurrence = Some(before.filter(|(_, it)| it.tag == field.tag).count() as u32);
            }
            finding.found = odd.found;
            finding.count = odd.count;
            (odd.record, finding)
        };
        self.odd.take().into_iter().map(finding).collect()
    }

    pub(super) fn forget_findings(&mut self) {
        self.odd.take();
    }

    /// The values of an expression: the place of their lists.
    pub(super) fn evaluate(&mut self, compute: &Compute, looked: &mut Looked) -> usize {
        let place = match &compute.origin {
            Origin::Union(place) => *place,
            Origin::Coalesce(all) => self.coalesce(all, looked),
            Origin::Pair(both) => self.pairs(both, looked),
        };
        if compute.counts || !self.lists[place].values.is_empty() {
            compute.steps.iter().for_each(|step| self.take(step, place, looked));
        }
        place
    }

    /// Takes a step with all lists of a union.
    fn take(&mut self, step: &Step, place: usize, looked: &mut Looked) {
        let mut lists = std::mem::take(&mut self.lists[place]);
        let spare = &mut self.spare;
        match step {
            Step::Each(Function::Trim) => trim(&mut lists.values, looked),
            Step::Each(function) => self.of_values(*function, &mut lists, looked),
            Step::Label(labels) => self.label(labels, &mut lists, looked),
            Step::Code(length, is_cut) => self.codes(*length, *is_cut, &mut lists, looked),
            Step::First(arity) => {
                lists.replace(spare, |_, list, to| to.extend(list.iter().take(*arity)));
            }
            Step::Last(arity) => {
                lists.replace(spare, |_, list, to| {
                    to.extend_from_slice(&list[list.len().saturating_sub(*arity)..]);
                });
            }
            Step::Unique => lists.replace(spare, |_, list, to| unique(list, to, looked)),
            Step::Join(separator) => lists.replace(spare, |_, list, to| {
                let of_fields = list.chunk_by(|one, other| one.field == other.field);
                to.extend(of_fields.map(|list| joined(list, list[0].field, separator, looked)));
            }),
            Step::Concat(separator) => lists.replace(spare, |_, list, to| {
                // A text of several fields is of none.
                to.extend((!list.is_empty()).then(|| joined(list, NO_FIELD, separator, looked)));
            }),
            Step::Oclc => lists.replace(spare, |_, list, to| {
                let number = |value: &Value| {
                    let range = text::oclc(looked.text_of(value.held)?)?;
                    Some(Value { held: value.held.part(range.start, range.end), ..*value })
                };
                to.extend(list.iter().filter_map(number));
            }),
            Step::Count(arity) => lists.replace(spare, |_, list, to| {
                to.push(number(match arity {
                    1 => list.iter().filter(|value| value.held != Held::Null).count() as i64,
                    arity => (list.len() / arity) as i64,
                }));
            }),
            Step::Exists(arity) => {
                lists.replace(spare, |_, list, to| to.push(number(i64::from(is_there(list, *arity)))));
            }
        }
        self.lists[place] = lists;
    }

    /// For each record the values of the first expression that has any, or of the last.
    fn coalesce(&mut self, all: &[Compute], looked: &mut Looked) -> usize {
        let Some((first, others)) = all.split_first() else { return 0 };
        let place = self.evaluate(first, looked);
        for of in others {
            if !of.is_union() {
                // What is not asked for is not computed, and nothing is found odd about it.
                let lists = self.lists[place].iter();
                let are_there: Vec<bool> = lists.map(|list| is_there(list, first.arity)).collect();
                self.clear_where(&are_there, of);
            }
            let other = self.evaluate(of, looked);
            let [mut lists, instead] = [place, other].map(|place| std::mem::take(&mut self.lists[place]));
            lists.replace(&mut self.spare, |record, list, to| {
                to.extend(if is_there(list, first.arity) { list } else { instead.of(record) });
            });
            (self.lists[place], self.lists[other]) = (lists, instead);
        }
        place
    }

    /// Leaves out the values of an expression in some records.
    fn clear_where(&mut self, are_left_out: &[bool], of: &Compute) {
        match &of.origin {
            Origin::Union(place) => self.lists[*place].replace(&mut self.spare, |record, list, to| {
                if !are_left_out[record] {
                    to.extend_from_slice(list);
                }
            }),
            Origin::Coalesce(all) => all.iter().for_each(|of| self.clear_where(are_left_out, of)),
            Origin::Pair(both) => both.iter().for_each(|of| self.clear_where(are_left_out, of)),
        }
    }

    /// Each value with its twin in the linked field 880, and that field's script: the twin of the second `$a` is the
    /// second `$a` there.
    fn pairs(&mut self, [of, alternate]: &[Compute; 2], looked: &mut Looked) -> usize {
        let (place, other) = (self.evaluate(of, looked), self.evaluate(alternate, looked));
        let [mut lists, alternates] = [place, other].map(|place| std::mem::take(&mut self.lists[place]));
        lists.replace(&mut self.spare, |record, list, to| {
            let mut twins: HashMap<_, Vec<Held>> = HashMap::new();
            for value in alternates.of(record) {
                twins.entry((value.field, value.code)).or_default().push(value.held);
            }
            let mut turns: HashMap<_, usize> = HashMap::new();
            for value in list {
                let turn = turns.entry((value.field, value.code)).or_default();
                let linked = linked(&self.links, value.field).next();
                let twin = linked.and_then(|linked| twins.get(&(linked, value.code))?.get(*turn));
                let script = linked.and_then(|linked| looked.linkage(linked)?.script);
                let script = script.map(|script| looked.place_of(script));
                let parts = [Some(value.held), twin.copied(), script];
                to.extend(parts.map(|held| Value { held: held.unwrap_or(Held::Null), ..*value }));
                *turn += 1;
            }
        });
        (self.lists[place], self.lists[other]) = (lists, alternates);
        place
    }

    fn codes(&mut self, length: usize, is_cut: bool, lists: &mut Lists, looked: &Looked) {
        let is_a_code =
            |value: &Value| looked.text_of(value.held).is_some_and(|text| text::is_code(text, length));
        if lists.values.iter().all(is_a_code) {
            return;
        }
        lists.replace(&mut self.spare, |record, list, to| {
            for value in list {
                let Some(whole) = looked.text_of(value.held) else {
                    to.push(Value { held: Held::Null, ..*value });
                    continue;
                };
                let text = whole.trim();
                let start = whole.len() - whole.trim_start().len();
                let is_cut = is_cut && length > 0 && text.len() > length && text.len().is_multiple_of(length);
                if text::is_code(text, if is_cut { text.len() } else { length }) {
                    let pieces = (start..start + text.len()).step_by(length.max(1));
                    let piece = |piece| Value { held: value.held.part(piece, piece + length), ..*value };
                    to.extend(pieces.map(piece));
                } else {
                    if !text::says_nothing(whole) {
                        self.odd.note(Code::NotACode, record, value.field, whole);
                    }
                    to.push(Value { held: Held::Null, ..*value });
                }
            }
        });
    }

    fn of_values(&mut self, function: Function, lists: &mut Lists, looked: &mut Looked) {
        for at in 0..lists.values.len() {
            let value = lists.values[at];
            match of_value(function, value, looked) {
                Ok(held) => lists.values[at].held = held,
                Err(code) => {
                    let found = looked.text_of(value.held).unwrap_or_default();
                    if !text::says_nothing(found) {
                        self.odd.note(code, lists.record_of(at), value.field, found);
                    }
                    lists.values[at].held = Held::Null;
                }
            }
        }
    }

    #[cold]
    pub(super) fn note_unknown_code(&mut self, record: usize, value: Value, looked: &Looked) {
        let found = looked.text_of(value.held).unwrap_or_default();
        self.odd.note(Code::UnknownCode, record, value.field, found);
    }
}

/// What a function makes of a value; an error if it cannot take it.
#[inline]
fn of_value(function: Function, value: Value, looked: &mut Looked) -> Result<Held, Code> {
    if function == Function::Text && value.held == Held::Field {
        return Ok(text_of_field(value, looked));
    }
    let Some(text) = looked.text_of(value.held) else { return Ok(Held::Null) };
    match function {
        Function::Trim => {
            let part = text::trimmed(text.as_bytes());
            Ok(value.held.part(part.start, part.end))
        }
        Function::Text => Ok(value.held),
        Function::Lower => Ok(lower(value, looked)),
        Function::Filing => Ok(filing(value, looked)),
        Function::Year => text::year(text).map(Held::Number).ok_or(Code::NotAYear),
        Function::Date => text::day(text).map(Held::Number).ok_or(Code::NotADate),
        Function::Int => text::number(text).map(Held::Number).ok_or(Code::NotANumber),
        Function::Isbn => standard_number(value, looked, text::isbn),
        Function::Isbn13 => standard_number(value, looked, text::isbn13),
    }
}

fn trim(values: &mut [Value], looked: &Looked) {
    let all = looked.all_text().as_bytes();
    for value in values {
        value.held = match value.held {
            Held::Text(start, end) => {
                let part = text::trimmed(all.get(start as usize..end as usize).unwrap_or_default());
                value.held.part(part.start, part.end)
            }
            _ => Held::Null,
        };
    }
}

/// A standard number in a text; an error if there is none.
fn standard_number(
    value: Value,
    looked: &mut Looked,
    find: fn(&str, &mut String) -> bool,
) -> Result<Held, Code> {
    let mut is_found = false;
    let held = looked.make(value.held, |text, to| is_found = find(text, to));
    if is_found { Ok(held) } else { Err(Code::NotAnIsbn) }
}

fn lower(value: Value, looked: &mut Looked) -> Held {
    looked.make(value.held, |text, to| match text.is_ascii() {
        true => to.extend(text.chars().map(|character| character.to_ascii_lowercase())),
        false => to.push_str(&text.to_lowercase()),
    })
}

/// The values of a whole field, with blanks between them.
fn text_of_field(value: Value, looked: &mut Looked) -> Held {
    let Some(field) = looked.field(value.field).copied() else { return Held::Null };
    if !field.is_data {
        let (start, end) = looked.range(&field);
        return Held::Text(start, end);
    }
    let stray = looked.stray(&field).filter(|stray| !stray.is_empty());
    let texts = stray.into_iter().chain(looked.texts(&field).map(|(_, text)| text));
    let texts: Vec<_> = texts.map(|text| looked.place_of(text)).collect();
    looked.join(texts.into_iter(), " ")
}

/// The text without its characters that are not filed, as the field's indicator states or marks in it show.
fn filing(value: Value, looked: &mut Looked) -> Held {
    let Some(text) = looked.text_of(value.held) else { return Held::Null };
    let skipped = nonfiling(value.field, looked);
    let start = text.char_indices().nth(skipped).map_or(text.len(), |(place, _)| place);
    // An indicator that skips all of it is wrong, and no other text of the field is meant than its first.
    let is_meant = start < text.len() && (start == 0 || begins_field(&text[..start], value.field, looked));
    let held = if is_meant { value.held.part(start, text.len()) } else { value.held };
    let mut is_marked = None;
    let made = looked.make(held, |text, to| is_marked = text::without_marked(text, to));
    if is_marked.is_some() { made } else { held }
}

/// A number, which is of no field.
fn number(number: i64) -> Value {
    Value { held: Held::Number(number), field: NO_FIELD, code: NO_CODE }
}

/// Several values as one text of this field; null if there is none.
fn joined(values: &[Value], field: u32, separator: &str, looked: &mut Looked) -> Value {
    let held = match values {
        [only] => only.held,
        all if has_any(all) => looked.join(all.iter().map(|value| value.held), separator),
        _ => Held::Null,
    };
    Value { held, field, code: NO_CODE }
}

/// Adds each value at its first place.
fn unique(values: &[Value], to: &mut Vec<Value>, looked: &Looked) {
    let before = to.len();
    to.extend_from_slice(values);
    keep_first(to, before, |value| match looked.text_of(value.held) {
        Some(text) => (text, None),
        None => ("", Some(value.held)),
    });
}

/// Whether the text of a field begins with this one; upper and lower case are alike.
fn begins_field(start: &str, place: u32, looked: &Looked) -> bool {
    let Some(field) = looked.field(place) else { return false };
    let is_text = |code: &Subfield| !code.code.is_ascii_digit();
    let first = looked.subfields(field).find(is_text).map(|it| looked.text(it.start, it.end));
    let of_first = first.unwrap_or_default().chars().take(start.chars().count());
    of_first.flat_map(char::to_lowercase).eq(start.chars().flat_map(char::to_lowercase))
}

/// The number of characters that the field's indicator says are not filed (MARC 21: 245 and others).
fn nonfiling(place: u32, looked: &Looked) -> usize {
    let tag = looked.tag_read_as(place).map(|tag| tag.bytes());
    let which = match tag.as_ref() {
        Some(b"130" | b"630" | b"730" | b"740") => 0,
        Some(b"222" | b"240" | b"242" | b"243" | b"245" | b"440" | b"830") => 1,
        _ => return 0,
    };
    let range = looked.field(place).and_then(|field| looked.indicator(field, which));
    let digit = range.map(|(start, end)| looked.text(start, end)).and_then(|text| text.chars().next());
    digit.and_then(|digit| digit.to_digit(10)).unwrap_or(0) as usize
}
