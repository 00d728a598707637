//! The values of paths: whether one takes a field, and what of it.

use std::ops::Range;

use smallvec::SmallVec;

use super::actions::Action;
use super::links::{Link, linked};
use super::looked::{Field, Looked, Record};
use super::plan::{Query, Union};
use super::subfields::Subfield;
use super::values::{Held, NO_FIELD, Value, keep_first};
use crate::iso2709::Tag;
use crate::notation::{Codes, Order, Part, Path, Place, Span, Test, What};

impl<A> Query<A> {
    /// Whether the path of an action takes a field.
    pub(super) fn takes(&self, action: &Action, field: &Field, record: Record<'_>) -> bool {
        let path = self.unions.get(action.union).and_then(|union| union.paths.get(action.path));
        path.is_some_and(|path| takes(path, field, record))
    }

    /// Adds what the path of an action takes of a field.
    pub(super) fn follow(
        &self,
        action: &Action,
        place: u32,
        looked: &Looked,
        links: &[Link],
        to: &mut Vec<Value>,
    ) {
        if let Some(union) = self.unions.get(action.union) {
            of_field(union, action.path, place, looked, links, to);
        }
    }
}

/// Adds what paths take of the leader.
pub(super) fn leader(union: &Union, record: Record<'_>, to: &mut Vec<Value>) {
    let before = to.len();
    let is_there = record.has_leader() && !union.is_alternate;
    let paths = union.paths.iter().filter(|path| path.tag.is_none() && is_there);
    for path in paths.filter(|path| holds(&path.conditions, None, record)) {
        match path.part {
            Part::Characters(span) => {
                let value = characters_of(record.leader(), span, record.all);
                to.extend(value.map(|range| Value::text(range, NO_FIELD)));
            }
            _ => to.push(Value::text(record.leader(), NO_FIELD)),
        }
    }
    settle(union, to, before);
}

/// Adds what the paths of a union take of which one counts the fields that it takes.
pub(super) fn counted(union: &Union, record: Record<'_>, links: &[Link], to: &mut Vec<Value>) {
    for fields in taken(union, record).chunk_by(|(before, _), (after, _)| before == after) {
        let before = to.len();
        for (place, path) in fields {
            of_field(union, *path, *place, record.all, links, to);
        }
        settle(union, to, before);
    }
}

/// The fields that each path takes: their places, and the path's, in the order of the fields.
fn taken(union: &Union, record: Record<'_>) -> Vec<(u32, usize)> {
    let mut all = Vec::new();
    for (at, path) in union.paths.iter().enumerate() {
        let before = all.len();
        let matching = record.placed_fields().filter(|(_, field)| takes(path, field, record));
        all.extend(matching.map(|(place, _)| (place, at)));
        if let Some(span) = path.fields {
            let chosen = span.of(all.len() - before).unwrap_or(0..0);
            all.truncate(before + chosen.end);
            all.drain(before..before + chosen.start);
        }
    }
    all.sort_unstable();
    all
}

/// Puts the values that several paths take of one field in their order, each of them once.
pub(super) fn settle(union: &Union, values: &mut Vec<Value>, from: usize) {
    match union.order {
        Order::Field => sort(values, from),
        Order::Spec => keep_first(values, from, |value| *value),
    }
}

/// Puts the values of one field in its order, each of them once.
fn sort(values: &mut Vec<Value>, from: usize) {
    let place = |value: &Value| match value.held {
        Held::Text(start, end) => (start, end),
        _ => (0, 0),
    };
    let of_field = values.get(from..).unwrap_or_default();
    if of_field.is_sorted_by(|one, other| place(one) < place(other)) {
        return;
    }
    keep_first(values, from, |value| *value);
    values[from..].sort_by_key(place);
}

/// The paths of a union that take a field.
pub(super) fn taking<'a>(union: &'a Union, place: u32, record: Record<'_>) -> Vec<&'a Path> {
    let Some(field) = record.all.field(place) else { return Vec::new() };
    match union.counts_fields() {
        true => {
            let taken = taken(union, record).into_iter().filter(|it| it.0 == place);
            taken.filter_map(|(_, at)| union.paths.get(at)).collect()
        }
        false => union.paths.iter().filter(|path| takes(path, field, record)).collect(),
    }
}

/// The values that a field has for a code of `struct(...)`, of whose paths these take it.
pub(super) fn of_struct(paths: &[&Path], code: u8, place: u32, record: Record<'_>) -> Vec<Value> {
    let Some(field) = record.all.field(place) else { return Vec::new() };
    let mut values = Vec::new();
    for path in paths {
        if let Part::Subfields(all) = &path.part {
            for codes in all.iter().filter(|it| it.first == code) {
                subfields(std::slice::from_ref(codes), field, place, record.all, &mut values);
            }
        }
    }
    sort(&mut values, 0);
    values
}

/// Adds what a path takes of a field, or of the fields 880 that are linked to it.
fn of_field(union: &Union, path: usize, place: u32, looked: &Looked, links: &[Link], to: &mut Vec<Value>) {
    let mut take = |place| {
        if union.is_of_fields {
            let is_data = looked.field(place).is_some_and(|field| field.is_data);
            to.extend(is_data.then_some(Value::field(place)));
        } else if let Some(path) = union.paths.get(path) {
            part(path, union.order, place, looked, to);
        }
    };
    if union.is_alternate {
        linked(links, place).for_each(take);
    } else {
        take(place);
    }
}

/// Adds a part of a field.
fn part(path: &Path, order: Order, place: u32, looked: &Looked, to: &mut Vec<Value>) {
    let Some(field) = looked.field(place) else { return };
    match &path.part {
        Part::Whole if field.is_data || !is_control(path) => {
            to.push(Value::field(place));
        }
        Part::Whole => to.push(Value::text(looked.range(field), place)),
        Part::Characters(span) => {
            let value = characters_of_field(*span, field, looked);
            to.extend(value.map(|range| Value::text(range, place)));
        }
        Part::Indicator(which) => {
            let range = looked.indicator(field, *which);
            to.extend(range.map(|range| Value::text(range, place)));
        }
        Part::Subfields(all) if order == Order::Spec => {
            for codes in all {
                subfields_of(codes, all, field, place, looked, to);
            }
        }
        Part::Subfields(all) => subfields(all, field, place, looked, to),
    }
}

/// Some characters of a control field.
#[inline(always)]
pub(super) fn characters_of_field(span: Span, field: &Field, looked: &Looked) -> Option<(u32, u32)> {
    let (start, end) = looked.range(field);
    if field.is_ascii {
        let range = span.of((end - start) as usize)?;
        Some((start + range.start as u32, start + range.end as u32))
    } else if field.is_data {
        None
    } else {
        characters_of((start, end), span, looked)
    }
}

/// Adds the subfields with any of the codes, in the field's order.
fn subfields(all: &[Codes], field: &Field, place: u32, looked: &Looked, to: &mut Vec<Value>) {
    for_each_taken(all, field, looked, |codes, subfield| some_of(codes, subfield, place, looked, to));
}

/// Adds those that some codes take, and none of all before them.
fn subfields_of(
    codes: &Codes,
    all: &[Codes],
    field: &Field,
    place: u32,
    looked: &Looked,
    to: &mut Vec<Value>,
) {
    for_each_taken(all, field, looked, |first, subfield| {
        if std::ptr::eq(first, codes) {
            some_of(codes, subfield, place, looked, to);
        }
    });
}

/// Passes on each subfield of a field that is taken, and the first of the codes that take it.
fn for_each_taken<'a>(
    all: &'a [Codes],
    field: &Field,
    looked: &Looked,
    mut to: impl FnMut(&'a Codes, &Subfield),
) {
    let subfields: SmallVec<[Subfield; 8]> = looked.subfields(field).collect();
    let turns_of = |codes: &Codes| match codes.turns {
        None => Some(0..usize::MAX),
        Some(span) => span.of(subfields.iter().filter(|it| codes.has(it.code)).count()),
    };
    let mut having: SmallVec<[_; 8]> = all.iter().map(|codes| (codes, turns_of(codes), 0)).collect();
    for subfield in &subfields {
        let mut taking = None;
        for (codes, turns, turn) in having.iter_mut().filter(|(codes, ..)| codes.has(subfield.code)) {
            if taking.is_none() && turns.as_ref().is_some_and(|turns| turns.contains(turn)) {
                taking = Some(*codes);
            }
            *turn += 1;
        }
        if let Some(codes) = taking {
            to(codes, subfield);
        }
    }
}

fn some_of(codes: &Codes, subfield: &Subfield, place: u32, looked: &Looked, to: &mut Vec<Value>) {
    let part = match codes.characters {
        Some(span) => characters_of((subfield.start, subfield.end), span, looked),
        None => Some((subfield.start, subfield.end)),
    };
    to.extend(part.map(|(start, end)| Value::subfield(Subfield { start, end, ..*subfield }, place)));
}

/// Some characters of a text, if it has the first of them.
pub(super) fn characters_of((start, end): (u32, u32), span: Span, looked: &Looked) -> Option<(u32, u32)> {
    let range = characters(looked.text(start, end), span)?;
    Some((start + range.start as u32, start + range.end as u32))
}

/// Whether a path takes a field.
#[inline(always)]
fn takes(path: &Path, field: &Field, record: Record<'_>) -> bool {
    path.tag.is_some_and(|pattern| pattern.matches(field.tag))
        && (path.conditions.is_empty() || holds(&path.conditions, Some(field), record))
}

/// Whether a path is about control fields alone.
fn is_control(path: &Path) -> bool {
    path.tag.is_some_and(|pattern| pattern.0.starts_with(b"00"))
}

/// Whether all conditions hold for a field, or for the leader, each by at least one of its tests.
pub(super) fn holds(conditions: &[Vec<Test>], field: Option<&Field>, record: Record<'_>) -> bool {
    conditions.iter().all(|tests| tests.iter().any(|test| is_true(test, field, record)))
}

fn is_true(test: &Test, field: Option<&Field>, record: Record<'_>) -> bool {
    match test {
        Test::Has(what) => any(what, field, record, |_| true),
        Test::Lacks(what) => !any(what, field, record, |_| true),
        Test::Is(what, value) => any(what, field, record, |text| text == value),
        Test::IsNot(what, value) => !any(what, field, record, |text| text == value),
        Test::Contains(what, value) => any(what, field, record, |text| text.contains(value.as_str())),
        Test::ContainsNot(what, value) => !any(what, field, record, |text| text.contains(value.as_str())),
    }
}

/// Whether any of the values that a test looks at is as it should be.
fn any(what: &What, field: Option<&Field>, record: Record<'_>, is: impl Fn(&str) -> bool) -> bool {
    let looked = record.all;
    let part = |text: &str, span: &Option<Span>| match span {
        Some(span) => characters(text, *span).is_some_and(|range| is(&text[range])),
        None => is(text),
    };
    let text_of = |(start, end): (u32, u32)| looked.text(start, end);
    match (what, field) {
        (What::Indicator(which), Some(field)) => {
            looked.indicator(field, *which).is_some_and(|range| is(text_of(range)))
        }
        (What::Subfield(code, span), Some(field)) => {
            let mut subfields = looked.subfields(field);
            subfields.any(|it| it.code == *code && part(text_of((it.start, it.end)), span))
        }
        (What::Characters(span), Some(field)) => {
            !field.is_data && part(text_of(looked.range(field)), &Some(*span))
        }
        (What::Characters(span), None) => part(text_of(record.leader()), &Some(*span)),
        (What::Control(None, span), _) => part(text_of(record.leader()), span),
        (What::Control(Some(tag), span), _) => {
            of_tag(record, *tag).any(|it| part(text_of(looked.range(it)), span))
        }
        (What::Indicator(_) | What::Subfield(..), None) => false,
    }
}

fn of_tag<'a>(record: Record<'a>, tag: Tag) -> impl Iterator<Item = &'a Field> {
    record.fields().iter().filter(move |field| field.tag == tag)
}

/// Where some characters are in a text, in bytes; `None` if it does not have the first of them.
fn characters(text: &str, span: Span) -> Option<Range<usize>> {
    if let (Place::At(from), Place::At(to)) = (span.from, span.to)
        && text.as_bytes().get(..=to).is_some_and(<[u8]>::is_ascii)
    {
        return (from <= to).then(|| from..to + 1);
    }
    if text.is_ascii() {
        return span.of(text.len());
    }
    let length = text.chars().count();
    let range = span.of(length)?;
    let place = |character| text.char_indices().nth(character).map_or(text.len(), |(place, _)| place);
    Some(place(range.start)..place(range.end))
}
