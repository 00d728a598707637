//! The walk over the fields of a record that are looked at: the values of all paths are found in it, and given to those
//! who take them.

use super::actions::{Action, Actions, Simple, Take, Taken, Taker};
use super::evaluate::Evaluation;
use super::links::Link;
use super::looked::{Field, Looked, Record};
use super::paths::{characters_of, characters_of_field, counted, holds, leader, settle};
use super::plan::Query;
use super::straight::Straight;
use super::subfields::Subfield;
use super::values::{Held, Lists, NO_CODE, NO_FIELD, Value};

impl Evaluation {
    /// Finds the values of all unions of a query in records. Straight columns are written, from this row on.
    pub(super) fn find_values<A>(
        &mut self,
        query: &Query<A>,
        looked: &Looked,
        row: usize,
        straight: &mut [Straight],
    ) {
        self.links.clear();
        if query.follows_links {
            self.follow_links(&query.tags, looked);
        }
        if self.lists.len() != query.unions.len() {
            self.lists.resize_with(query.unions.len(), || Lists::with_capacity(looked.len()));
        }
        self.lists.iter_mut().for_each(|lists| lists.begin(looked.len()));
        let takers = Takers { lists: &mut self.lists, straight, text: looked.all_text(), at: 0, row };
        let mut walk = Walk { query, links: &self.links, takers };
        for record in looked.records() {
            walk.find_values(record);
        }
        self.lists.iter_mut().for_each(Lists::end);
    }
}

/// Those who take values.
struct Takers<'a> {
    lists: &'a mut [Lists],
    straight: &'a mut [Straight],
    /// The text that values are parts of.
    text: &'a str,
    /// The place of the current record among those that are looked at.
    at: usize,
    /// Its row.
    row: usize,
}

impl Takers<'_> {
    /// Gives subfields of a field, or characters, to the one who takes them.
    #[inline(always)]
    fn give(&mut self, to: &Taker, field: u32, values: impl Iterator<Item = Subfield>) {
        match to {
            Taker::List(union) => {
                if let Some(lists) = self.lists.get_mut(*union) {
                    for value in values {
                        lists.values.push(Value::subfield(value, field));
                    }
                    lists.reach(self.at);
                }
            }
            Taker::Straight(column) => {
                if let Some(column) = self.straight.get_mut(*column) {
                    column.add_field(self.row, self.text, values.map(|it| (it.start, it.end)));
                }
            }
        }
    }

    /// Lets the list of a union take what `add` adds to it.
    fn list(&mut self, union: usize, add: impl FnOnce(&mut Vec<Value>)) {
        if let Some(lists) = self.lists.get_mut(union) {
            add(&mut lists.values);
            lists.reach(self.at);
        }
    }

    /// Moves the values in the list of a union, which are of one field, to a straight column.
    fn move_list(&mut self, union: usize, column: usize) {
        if let (Some(lists), Some(column)) = (self.lists.get_mut(union), self.straight.get_mut(column)) {
            let texts = lists.values.drain(..).filter_map(|value| match value.held {
                Held::Text(start, end) => Some((start, end)),
                _ => None,
            });
            column.add_field(self.row, self.text, texts);
        }
    }
}

/// The walk over records.
struct Walk<'a, A> {
    query: &'a Query<A>,
    links: &'a [Link],
    takers: Takers<'a>,
}

impl<A> Walk<'_, A> {
    /// Finds the values of the next record.
    #[inline(always)]
    fn find_values(&mut self, record: Record<'_>) {
        let query = self.query;
        for taken in &query.of_leader {
            self.take_of_leader(taken, record);
        }
        for union in &query.more_of_leader {
            self.takers.list(*union, |values| leader(&query.unions[*union], record, values));
        }
        for union in &query.counting {
            self.takers.list(*union, |values| counted(&query.unions[*union], record, self.links, values));
        }
        for (place, field) in record.placed_fields() {
            let Some(Actions { taken, others, moved }) = query.actions(field.class) else { continue };
            self.take(taken, place, field, record);
            if !others.is_empty() {
                self.take_others(others, place, field, record);
                moved.iter().for_each(|(union, column)| self.takers.move_list(*union, *column));
            }
        }
        self.takers.at += 1;
        self.takers.row += 1;
    }

    fn take_of_leader(&mut self, Taken { conditions, simple, to }: &Taken, record: Record<'_>) {
        if let Simple::Characters(span) = simple
            && record.has_leader()
            && (conditions.is_empty() || holds(conditions, None, record))
        {
            let value = characters_of(record.leader(), *span, record.all);
            self.takers.give(to, NO_FIELD, value.map(without_code).into_iter());
        }
    }

    /// Takes what can be taken without a look at the paths.
    #[inline(always)]
    fn take(&mut self, all: &[Taken], place: u32, field: &Field, record: Record<'_>) {
        let subfields = record.all.subfields(field);
        for Taken { conditions, simple, to } in all {
            if !(conditions.is_empty() || holds(conditions, Some(field), record)) {
                continue;
            }
            match simple {
                Simple::Subfields(codes) => {
                    let subfields = subfields.clone().filter(|subfield| codes.has(subfield.code));
                    self.takers.give(to, place, subfields);
                }
                Simple::Characters(span) => {
                    let value = characters_of_field(*span, field, record.all);
                    self.takers.give(to, place, value.map(without_code).into_iter());
                }
            }
        }
    }

    /// Takes all else.
    #[inline(never)]
    fn take_others(&mut self, others: &[Action], place: u32, field: &Field, record: Record<'_>) {
        let Walk { query, links, takers } = self;
        let mut before = 0;
        for action in others {
            takers.list(action.union, |values| {
                if !action.is_further {
                    before = values.len();
                }
                if action.is_sure || query.takes(action, field, record) {
                    match &action.take {
                        Take::Simple(Simple::Subfields(codes)) => {
                            let subfields = record.all.subfields(field).filter(|it| codes.has(it.code));
                            values.extend(subfields.map(|it| Value::subfield(it, place)));
                        }
                        _ => query.follow(action, place, record.all, links, values),
                    }
                }
                if action.is_further {
                    settle(&query.unions[action.union], values, before);
                }
            });
        }
    }
}

fn without_code((start, end): (u32, u32)) -> Subfield {
    Subfield { code: NO_CODE, start, end }
}
