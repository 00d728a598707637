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
    Simple(Simple),
    /// What the path says.
    Path,
}

/// What can be taken without a look at the path.
pub(super) enum Simple {
    /// The subfields with these codes, in the order of the field.
    Subfields(CodeSet),
    /// Some characters of a control field, or of the leader.
    Characters(Span),
}

/// Codes of subfields: true at the place of each.
pub(super) struct CodeSet(Box<[bool; 1 << u8::BITS]>);

/// What is done with the fields of a class.
pub(super) struct Actions {
    /// What one path of a union takes without more ado.
    pub(super) taken: Vec<Taken>,
    /// All else, which adds to the lists of unions.
    pub(super) others: Vec<Action>,
    /// Whose lists a straight column takes after that: the places of these unions and columns.
    pub(super) moved: Vec<(usize, usize)>,
}

/// Values that are taken of a field, or of the leader, if certain conditions hold for it.
pub(super) struct Taken {
    pub(super) conditions: Vec<Vec<Test>>,
    pub(super) simple: Simple,
    pub(super) to: Taker,
}

/// Who takes values.
pub(super) enum Taker {
    /// The list of this union.
    List(usize),
    /// This straight column.
    Straight(usize),
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

/// What is taken of the leader, by the only path of each of these unions that is about it.
pub(super) fn of_leader(unions: &[Union]) -> Vec<Taken> {
    let simple = unions.iter().enumerate().filter(|(_, union)| union.is_simple());
    let taken = simple.filter_map(|(place, union)| {
        let path = union.paths.iter().find(|path| path.tag.is_none())?;
        let Take::Simple(simple) = union.take(path) else { return None };
        Some(Taken { conditions: path.conditions.clone(), simple, to: union.taker(place) })
    });
    taken.collect()
}

impl Actions {
    /// Actions for fields whose tags, if they `are_known`, match the paths of these.
    fn new(all: Vec<Action>, unions: &[Union], are_known: bool) -> Actions {
        let mut actions = Actions { taken: Vec::new(), others: Vec::new(), moved: Vec::new() };
        let are_alone: Vec<bool> =
            all.iter().map(|action| all.iter().filter(|it| it.union == action.union).count() == 1).collect();
        for (action, is_alone) in all.into_iter().zip(are_alone) {
            match action.take {
                Take::Simple(simple) if is_alone && are_known => {
                    let conditions = unions[action.union].paths[action.path].conditions.clone();
                    let to = unions[action.union].taker(action.union);
                    actions.taken.push(Taken { conditions, simple, to });
                }
                _ => {
                    let column = unions[action.union].straight.filter(|_| !action.is_further);
                    actions.moved.extend(column.map(|column| (action.union, column)));
                    actions.others.push(action);
                }
            }
        }
        actions
    }
}

/// Adds an action to those for the same class.
fn add(mut action: Action, unions: &[Union], to: &mut Vec<Action>) {
    if let Some(before) = to.last_mut().filter(|before| before.union == action.union) {
        let paths = &unions[action.union].paths;
        let [one, other] = [before.path, action.path].map(|path| (paths[path].tag, &paths[path].conditions));
        match (&mut before.take, &action.take) {
            (Take::Simple(Simple::Subfields(codes)), Take::Simple(Simple::Subfields(others)))
                if one == other || before.is_sure && action.is_sure =>
            {
                return codes.add_all(others);
            }
            _ => action.is_further = true,
        }
    }
    to.push(action);
}

impl Union {
    /// Whether all values can be taken without a look at the paths.
    pub(super) fn is_simple(&self) -> bool {
        let is_simple = |path: &Path| matches!(self.take(path), Take::Simple(_));
        let of_leader = self.paths.iter().filter(|path| path.tag.is_none());
        !self.counts_fields() && of_leader.count() < 2 && self.paths.iter().all(is_simple)
    }

    /// Who takes the values, if the union is at this place.
    fn taker(&self, place: usize) -> Taker {
        self.straight.map_or(Taker::List(place), Taker::Straight)
    }

    /// What a path takes of a field, if the fields are those that it is about.
    fn take(&self, path: &Path) -> Take {
        if self.is_alternate || self.is_of_fields {
            return Take::Path;
        }
        match &path.part {
            Part::Characters(span) => Take::Simple(Simple::Characters(*span)),
            Part::Subfields(all) if self.order == Order::Field => {
                CodeSet::of(all).map_or(Take::Path, |codes| Take::Simple(Simple::Subfields(codes)))
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
            let mut set = CodeSet(Box::new([false; _]));
            for code in all.iter().flat_map(|codes| codes.first..=codes.last) {
                set.0[usize::from(code)] = true;
            }
            set
        })
    }

    fn add_all(&mut self, others: &CodeSet) {
        self.0.iter_mut().zip(others.0.iter()).for_each(|(has, other)| *has |= other);
    }

    #[inline(always)]
    pub(super) fn has(&self, code: u8) -> bool {
        self.0[usize::from(code)]
    }
}
