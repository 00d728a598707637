//! The values of paths: which fields are taken, and what of them.

use std::ops::Range;

use super::actions::{Action, CodeSet, Take};
use super::evaluate::Evaluation;
use super::links::Link;
use super::looked::{Field, Looked};
use super::plan::{Query, Union};
use super::subfields::Subfield;
use super::values::{Held, Value};
use crate::iso2709::Tag;
use crate::notation::{Codes, Order, Part, Path, Span, Test, What};

impl Evaluation {
    /// Finds the values of all unions of a query, in one walk over the fields that it looks at.
    #[inline]
    pub(super) fn find_values(&mut self, query: &Query, record: &Looked<'_>) {
        if query.follows_links {
            self.follow_links(record);
        }
        if self.lists.len() != query.unions.len() {
            self.lists.resize_with(query.unions.len(), Vec::new);
        }
        self.lists.iter_mut().for_each(Vec::clear);
        for place in &query.apart {
            if let (Some(union), Some(list)) = (query.unions.get(*place), self.lists.get_mut(*place)) {
                leader(union, record, list);
                counted(union, record, &self.links, list);
            }
        }
        for (place, field) in record.fields.iter().enumerate() {
            let mut before = 0;
            for action in query.actions(field.class) {
                let Some(list) = self.lists.get_mut(action.union) else { continue };
                if !action.is_further {
                    before = list.len();
                }
                if action.is_sure || query.takes(action, field, record) {
                    match &action.take {
                        Take::Subfields(codes) => simple_subfields(*codes, field, place as u32, record, list),
                        Take::Characters(span) => characters_of_field(*span, field, place as u32, record, list),
                        Take::Path => query.follow(action, place as u32, record, &self.links, list),
                    }
                }
                if action.is_further {
                    sort(list, before);
                }
            }
        }
    }
}

impl Query {
    /// Whether the path of an action takes a field.
    fn takes(&self, action: &Action, field: &Field, record: &Looked<'_>) -> bool {
        let path = self.unions.get(action.union).and_then(|union| union.paths.get(action.path));
        path.is_some_and(|path| takes(path, field, record))
    }

    /// Adds what the path of an action takes of a field.
    fn follow(&self, action: &Action, place: u32, record: &Looked<'_>, links: &[Link], to: &mut Vec<Value>) {
        if let Some(union) = self.unions.get(action.union) {
            of_field(union, action.path, place, record, links, to);
        }
    }
}

/// Adds what paths take of the leader.
fn leader(union: &Union, record: &Looked<'_>, to: &mut Vec<Value>) {
    for path in union.paths.iter().filter(|path| path.tag.is_none() && !union.is_alternate) {
        match path.part {
            Part::Characters(span) => some_characters(record.leader(), span, u32::MAX, record, to),
            _ => {
                let (start, end) = record.leader();
                to.push(Value { held: Held::Read(start, end), field: u32::MAX });
            }
        }
    }
}

/// Adds what the paths of a union take where one of them counts the fields that it takes.
fn counted(union: &Union, record: &Looked<'_>, links: &[Link], to: &mut Vec<Value>) {
    if union.paths.iter().all(|path| path.fields.is_none()) {
        return;
    }
    for fields in taken(union, record).chunk_by(|(before, _), (after, _)| before == after) {
        let before = to.len();
        for (place, path) in fields {
            of_field(union, *path, *place, record, links, to);
        }
        sort(to, before);
    }
}

/// The fields that each path takes: their places, and the path's, in the order of the fields.
fn taken(union: &Union, record: &Looked<'_>) -> Vec<(u32, usize)> {
    let mut all = Vec::new();
    for (at, path) in union.paths.iter().enumerate() {
        let before = all.len();
        let fields = record.fields.iter().enumerate();
        let matching = fields.filter(|(_, field)| takes(path, field, record));
        all.extend(matching.map(|(place, _)| (place as u32, at)));
        if let Some(span) = path.fields {
            let chosen = span.of(all.len() - before).unwrap_or(0..0);
            all.truncate(before + chosen.end);
            all.drain(before..before + chosen.start);
        }
    }
    all.sort_unstable();
    all
}

/// Puts the values of one field in its order, each of them once.
fn sort(values: &mut Vec<Value>, from: usize) {
    let place = |held: &Held| match held {
        Held::Read(start, end) => (*start, *end),
        _ => (0, 0),
    };
    let Some(of_field) = values.get_mut(from..) else { return };
    if of_field.is_sorted_by(|one, other| place(&one.held) < place(&other.held)) {
        return;
    }
    of_field.sort_by_key(|value| place(&value.held));
    let mut before = None;
    let mut at = 0;
    values.retain(|value| {
        at += 1;
        at <= from || before.replace(*value) != Some(*value)
    });
}

/// Adds what a path takes of a field, or of the fields 880 that are linked to it.
fn of_field(
    union: &Union,
    path: usize,
    place: u32,
    record: &Looked<'_>,
    links: &[Link],
    to: &mut Vec<Value>,
) {
    let mut take = |place| {
        if union.is_of_fields {
            to.push(Value { held: Held::Field(path as u32), field: place });
        } else if let Some(path) = union.paths.get(path) {
            part(path, union.order, place, record, to);
        }
    };
    if union.is_alternate {
        links.iter().filter(|link| link.field == place).for_each(|link| take(link.alternate));
    } else {
        take(place);
    }
}

/// Adds a part of a field.
fn part(path: &Path, order: Order, place: u32, record: &Looked<'_>, to: &mut Vec<Value>) {
    let Some(field) = record.field(place) else { return };
    let (start, end) = record.range(field);
    match &path.part {
        Part::Whole if field.is_data || !is_control(path) => {
            to.push(Value { held: Held::Field(0), field: place });
        }
        Part::Whole => to.push(Value { held: Held::Read(start, end), field: place }),
        Part::Characters(span) => characters_of_field(*span, field, place, record, to),
        Part::Indicator(which) => {
            let range = record.indicator(field, *which);
            to.extend(range.map(|(start, end)| Value { held: Held::Read(start, end), field: place }));
        }
        Part::Subfields(all) if order == Order::Spec => {
            all.iter().for_each(|codes| subfields(std::slice::from_ref(codes), field, place, record, to));
        }
        Part::Subfields(all) => subfields(all, field, place, record, to),
    }
}

/// Adds some characters of a control field.
#[inline]
fn characters_of_field(span: Span, field: &Field, place: u32, record: &Looked<'_>, to: &mut Vec<Value>) {
    if !field.is_data {
        some_characters(record.range(field), span, place, record, to);
    }
}

/// Adds the subfields with these codes, in the field's order.
#[inline(always)]
fn simple_subfields(codes: CodeSet, field: &Field, place: u32, record: &Looked<'_>, to: &mut Vec<Value>) {
    for subfield in record.subfields(field) {
        if codes.has(subfield.code) {
            to.push(Value { held: Held::Read(subfield.start, subfield.end), field: place });
        }
    }
}

/// Adds the subfields with any of the codes, in the field's order.
fn subfields(all: &[Codes], field: &Field, place: u32, record: &Looked<'_>, to: &mut Vec<Value>) {
    let subfields = record.subfields(field);
    for (at, subfield) in subfields.iter().enumerate() {
        let Some(codes) = all.iter().find(|codes| codes.has(subfield.code)) else { continue };
        if let Some(span) = codes.turns {
            let count = |of: &[Subfield]| of.iter().filter(|it| codes.has(it.code)).count();
            let turn = count(&subfields[..at]);
            if !span.of(count(subfields)).is_some_and(|range| range.contains(&turn)) {
                continue;
            }
        }
        let range = (subfield.start, subfield.end);
        match codes.characters {
            Some(span) => some_characters(range, span, place, record, to),
            None => to.push(Value { held: Held::Read(range.0, range.1), field: place }),
        }
    }
}

/// Adds some characters of a text, if it has the first of them.
fn some_characters(
    (start, end): (u32, u32),
    span: Span,
    place: u32,
    record: &Looked<'_>,
    to: &mut Vec<Value>,
) {
    if let Some(range) = characters(record.text(start, end), span) {
        to.push(Value { held: Held::Read(start, end).part(range.start, range.end), field: place });
    }
}

/// Whether a path takes a field.
#[inline(always)]
fn takes(path: &Path, field: &Field, record: &Looked<'_>) -> bool {
    path.tag.is_some_and(|pattern| pattern.matches(field.tag))
        && (path.conditions.is_empty() || holds(&path.conditions, field, record))
}

/// Whether a path is about control fields alone.
fn is_control(path: &Path) -> bool {
    path.tag.is_some_and(|pattern| pattern.0.starts_with(b"00"))
}

/// Whether all conditions hold, each by at least one of its tests.
fn holds(conditions: &[Vec<Test>], field: &Field, record: &Looked<'_>) -> bool {
    conditions.iter().all(|tests| tests.iter().any(|test| is_true(test, field, record)))
}

fn is_true(test: &Test, field: &Field, record: &Looked<'_>) -> bool {
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
fn any(what: &What, field: &Field, record: &Looked<'_>, is: impl Fn(&str) -> bool) -> bool {
    let part = |text: &str, span: &Option<Span>| match span {
        Some(span) => characters(text, *span).is_some_and(|range| is(&text[range])),
        None => is(text),
    };
    let text_of = |(start, end): (u32, u32)| record.text(start, end);
    match what {
        What::Indicator(which) => record.indicator(field, *which).is_some_and(|range| is(text_of(range))),
        What::Subfield(code, span) => record
            .subfields(field)
            .iter()
            .any(|it| it.code == *code && part(text_of((it.start, it.end)), span)),
        What::Characters(span) => !field.is_data && part(text_of(record.range(field)), &Some(*span)),
        What::Control(None, span) => part(text_of(record.leader()), span),
        What::Control(Some(tag), span) => {
            of_tag(record, *tag).any(|it| part(text_of(record.range(it)), span))
        }
    }
}

fn of_tag<'a>(record: &Looked<'a>, tag: Tag) -> impl Iterator<Item = &'a Field> {
    record.fields.iter().filter(move |field| field.tag == tag)
}

/// Where some characters are in a text, in bytes; `None` if it does not have the first of them.
fn characters(text: &str, span: Span) -> Option<Range<usize>> {
    if text.is_ascii() {
        return span.of(text.len());
    }
    let length = text.chars().count();
    let range = span.of(length)?;
    let place = |character| text.char_indices().nth(character).map_or(text.len(), |(place, _)| place);
    Some(place(range.start)..place(range.end))
}
