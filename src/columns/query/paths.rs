//! The values of paths: which fields are taken, and what of them.

use std::ops::Range;

use super::evaluate::Evaluation;
use super::links::Link;
use super::looked::{Field, Looked, Subfield, bit};
use super::plan::Union;
use super::values::{Held, Values};
use crate::iso2709::Tag;
use crate::notation::{Codes, Order, Part, Path, Span, Test, What};

impl Evaluation {
    /// Adds the values of a union.
    #[inline]
    pub(super) fn union(&mut self, union: &Union, record: &Looked<'_>, is_alternate: bool) {
        if union.has_leader && !is_alternate {
            let leader = record.leader();
            for path in union.paths.iter().filter(|path| path.tag.is_none()) {
                if let Part::Characters(span) = path.part {
                    self.characters(leader, span, u32::MAX, record);
                } else {
                    self.values.push(Held::Read(leader.0, leader.1), u32::MAX);
                }
            }
        }
        if union.mask & record.mask == 0 {
            return;
        }
        if union.counts_fields {
            return self.counted(union, record, is_alternate);
        }
        for (place, field) in record.fields.iter().enumerate() {
            if union.mask & bit(field.class) == 0 {
                continue;
            }
            let paths = union.of_class(field.class);
            let before = self.values.list.len();
            for path in paths.iter().filter_map(|path| union.paths.get(usize::from(*path))) {
                if takes(path, field, record) {
                    self.of_field(path, union.order, place as u32, record, is_alternate);
                }
            }
            if paths.len() > 1 && self.values.list.len() > before + 1 {
                self.sort(before);
            }
        }
    }

    /// The same where a path counts the fields that it takes.
    fn counted(&mut self, union: &Union, record: &Looked<'_>, is_alternate: bool) {
        let mut taken = std::mem::take(&mut self.taken);
        find(union, record, &mut taken);
        for fields in taken.chunk_by(|(before, _), (after, _)| before == after) {
            let before = self.values.list.len();
            for (place, path) in fields {
                if let Some(path) = union.paths.get(*path as usize) {
                    self.of_field(path, union.order, *place, record, is_alternate);
                }
            }
            if fields.len() > 1 {
                self.sort(before);
            }
        }
        self.taken = taken;
    }

    /// Puts the values of one field in its order, each of them once.
    fn sort(&mut self, from: usize) {
        let values = &mut self.values.list;
        let place = |held: &Held| match held {
            Held::Read(start, end) => (*start, *end),
            _ => (0, 0),
        };
        if let Some(values) = values.get_mut(from..) {
            values.sort_by_key(|value| place(&value.held));
        }
        let mut before = None;
        let mut at = 0;
        values.retain(|value| {
            at += 1;
            at <= from || before.replace(*value) != Some(*value)
        });
    }

    /// Adds what a path takes of a field, or of the fields 880 that are linked to it.
    #[inline]
    fn of_field(&mut self, path: &Path, order: Order, place: u32, record: &Looked<'_>, is_alternate: bool) {
        if !is_alternate {
            return self.part(path, order, place, record);
        }
        let links: Range<usize> = {
            let from = self.links.partition_point(|link| link.field < place);
            from..from + self.links.iter().skip(from).take_while(|link| link.field == place).count()
        };
        for at in links {
            if let Some(Link { alternate, .. }) = self.links.get(at).copied() {
                self.part(path, order, alternate, record);
            }
        }
    }

    /// Adds a part of a field.
    #[inline]
    fn part(&mut self, path: &Path, order: Order, place: u32, record: &Looked<'_>) {
        let Some(field) = record.field(place) else { return };
        match &path.part {
            Part::Whole if field.is_data || !is_control(path) => self.values.push(Held::Field(0), place),
            Part::Whole => {
                let (start, end) = record.range(field);
                self.values.push(Held::Read(start, end), place);
            }
            Part::Characters(span) if !field.is_data => {
                self.characters(record.range(field), *span, place, record);
            }
            Part::Characters(_) => {}
            Part::Indicator(which) => {
                if let Some((start, end)) = record.indicator(field, *which) {
                    self.values.push(Held::Read(start, end), place);
                }
            }
            Part::Subfields(codes) => match (codes.as_slice(), order) {
                ([codes], _) => self.subfields(std::slice::from_ref(codes), field, place, record),
                (all, Order::Field) => self.subfields(all, field, place, record),
                (all, Order::Spec) => {
                    for codes in all {
                        self.subfields(std::slice::from_ref(codes), field, place, record);
                    }
                }
            },
        }
    }

    /// Adds the subfields with any of the codes, in the field's order.
    #[inline(always)]
    fn subfields(&mut self, all: &[Codes], field: &Field, place: u32, record: &Looked<'_>) {
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
            match codes.characters {
                Some(span) => self.characters((subfield.start, subfield.end), span, place, record),
                None => self.values.push(Held::Read(subfield.start, subfield.end), place),
            }
        }
    }

    /// Adds some characters of a text, if it has the first of them.
    #[inline]
    fn characters(&mut self, (start, end): (u32, u32), span: Span, place: u32, record: &Looked<'_>) {
        if let Some(range) = characters(record.text(start, end), span) {
            self.values.push(Values::part(Held::Read(start, end), range.start, range.end), place);
        }
    }
}

/// Finds the fields that each path takes: their places, and the path's, in the order of the fields.
pub(super) fn find(union: &Union, record: &Looked<'_>, taken: &mut Vec<(u32, u32)>) {
    taken.clear();
    for (at, path) in union.paths.iter().enumerate() {
        let before = taken.len();
        let fields = record.fields.iter().enumerate();
        let matching = fields.filter(|(_, field)| takes(path, field, record));
        taken.extend(matching.map(|(place, _)| (place as u32, at as u32)));
        if let Some(span) = path.fields {
            let chosen = span.of(taken.len() - before).unwrap_or(0..0);
            taken.truncate(before + chosen.end);
            taken.drain(before..before + chosen.start);
        }
    }
    if union.paths.len() > 1 {
        taken.sort_unstable();
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
pub(super) fn holds(conditions: &[Vec<Test>], field: &Field, record: &Looked<'_>) -> bool {
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
