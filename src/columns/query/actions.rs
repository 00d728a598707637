//! [`Action`]: what a query does with a field, which the class of its tag decides.

use super::plan::Union;
use super::tags::{OTHERS, Tags};
use crate::notation::{Codes, Order, Part, Path, Span, Test};

/// Something to be done with a field.
pub(super) struct Action {
    /// The places of the union, and of the path in it.
    pub(super) union: usize,
    pub(super) path: usize,
    pub(super) take: Take,
    /// True if the path takes all fields of the class.
    pub(super) is_sure: bool,
    /// True if the action before was for the same union.
    pub(super) is_further: bool,
}

/// What is taken of a field.
pub(super) enum Take {
    /// The subfields with these codes, in the order of the field.
    Subfields(CodeSet),
    /// Some characters of a control field.
    Characters(Span),
    /// What the path says.
    Path,
}

/// Codes of subfields: a bit for each.
#[derive(Clone, Copy, Default)]
pub(super) struct CodeSet([u64; 2]);

/// What is done with the fields of a class.
pub(super) struct Actions {
    /// Subfields that are dealt to unions.
    pub(super) deals: Vec<Deal>,
    /// All else.
    pub(super) others: Vec<Action>,
}

/// Which unions take a subfield of a field, if certain conditions hold for it.
pub(super) struct Deal {
    pub(super) conditions: Vec<Vec<Test>>,
    /// For each code the place of its unions.
    places: [u8; CODES],
    unions: Vec<Vec<usize>>,
}

const CODES: usize = 128;

impl Deal {
    fn new(conditions: Vec<Vec<Test>>) -> Deal {
        Deal { conditions, places: [0; CODES], unions: vec![Vec::new()] }
    }

    /// The unions that take subfields with a code, which is ASCII.
    #[inline(always)]
    pub(super) fn to(&self, code: u8) -> &[usize] {
        self.unions.get(usize::from(self.places[usize::from(code) % CODES])).map_or(&[], Vec::as_slice)
    }

    /// Deals subfields with these codes to a union as well.
    fn add(&mut self, codes: CodeSet, union: usize) {
        for code in (0..CODES).filter(|code| codes.has(*code as u8)) {
            let unions = [self.to(code as u8), &[union]].concat();
            let known = self.unions.iter().position(|known| *known == unions);
            let place = known.unwrap_or_else(|| {
                self.unions.push(unions);
                self.unions.len() - 1
            });
            self.places[code] = place as u8;
        }
    }
}

/// What is done with fields of each class.
pub(super) fn of(unions: &[Union], tags: &Tags) -> Vec<Actions> {
    let mut all: Vec<Vec<Action>> = (0..tags.count()).map(|_| Vec::new()).collect();
    for (union, of) in unions.iter().enumerate().filter(|(_, union)| !union.counts_fields()) {
        for (path, it) in of.paths.iter().enumerate() {
            for class in it.tag.iter().flat_map(|pattern| tags.classes(*pattern)) {
                let is_sure = class != OTHERS && it.conditions.is_empty();
                let action = Action { union, path, take: of.take(it), is_sure, is_further: false };
                add(action, unions, &mut all[usize::from(class)]);
            }
        }
    }
    let of_class = |(class, all)| Actions::new(all, unions, class != usize::from(OTHERS));
    all.into_iter().enumerate().map(of_class).collect()
}

impl Actions {
    /// Actions for fields whose tags, if they `are_known`, match the paths of these.
    fn new(all: Vec<Action>, unions: &[Union], are_known: bool) -> Actions {
        let mut actions = Actions { deals: Vec::new(), others: Vec::new() };
        let are_alone: Vec<bool> =
            all.iter().map(|action| all.iter().filter(|it| it.union == action.union).count() == 1).collect();
        for (action, is_alone) in all.into_iter().zip(are_alone) {
            match action.take {
                Take::Subfields(codes) if is_alone && are_known => {
                    let conditions = &unions[action.union].paths[action.path].conditions;
                    actions.deal(conditions).add(codes, action.union);
                }
                _ => actions.others.push(action),
            }
        }
        actions
    }

    /// The deal on these conditions.
    fn deal(&mut self, conditions: &[Vec<Test>]) -> &mut Deal {
        let known = self.deals.iter().position(|deal| deal.conditions == conditions);
        let place = known.unwrap_or(self.deals.len());
        if known.is_none() {
            self.deals.push(Deal::new(conditions.to_vec()));
        }
        &mut self.deals[place]
    }
}

/// Adds an action to those for the same class.
fn add(mut action: Action, unions: &[Union], to: &mut Vec<Action>) {
    if let Some(before) = to.last_mut().filter(|before| before.union == action.union) {
        let paths = &unions[action.union].paths;
        let [one, other] = [before.path, action.path].map(|path| (paths[path].tag, &paths[path].conditions));
        match (&mut before.take, &action.take) {
            (Take::Subfields(codes), Take::Subfields(others))
                if one == other || before.is_sure && action.is_sure =>
            {
                return codes.add_all(*others);
            }
            _ => action.is_further = true,
        }
    }
    to.push(action);
}

impl Union {
    /// What a path takes of a field, if the fields are those that it is about.
    fn take(&self, path: &Path) -> Take {
        if self.is_alternate || self.is_of_fields {
            return Take::Path;
        }
        match &path.part {
            Part::Characters(span) => Take::Characters(*span),
            Part::Subfields(all) if self.order == Order::Field => {
                CodeSet::of(all).map_or(Take::Path, Take::Subfields)
            }
            _ => Take::Path,
        }
    }
}

impl CodeSet {
    /// Those of a path's subfields; `None` if more than their codes matters.
    fn of(all: &[Codes]) -> Option<CodeSet> {
        let is_simple = all.iter().all(|codes| codes.turns.is_none() && codes.characters.is_none());
        is_simple.then(|| {
            let mut set = CodeSet::default();
            for code in all.iter().flat_map(|codes| codes.first..=codes.last) {
                set.0[usize::from(code >> 6 & 1)] |= 1 << (code & 63);
            }
            set
        })
    }

    fn add_all(&mut self, others: CodeSet) {
        self.0.iter_mut().zip(others.0).for_each(|(codes, others)| *codes |= others);
    }

    /// Whether a code, which is ASCII, is one of these.
    #[inline(always)]
    pub(super) fn has(self, code: u8) -> bool {
        self.0[usize::from(code >> 6 & 1)] >> (code & 63) & 1 != 0
    }
}
