//! [`Query`]: expressions and a condition, prepared for many records.
//!
//! Everything that is looked at is in one list of actions, by the class of a tag: a walk over the fields of a record
//! performs them, and so finds the values of all paths at once.

use std::ops::Range;

use super::actions::{self, Action};
use super::labels::Labels;
use super::tags::{Class, Tags};
use super::truth::{self, Truth};
use super::values::Value;
use crate::notation::{
    Columns, Condition, Element, Expression, Function, Node, Order, Path, TagPattern, Test, Type, What,
};

/// What is computed of each record, and which of its fields are looked at for it.
pub(crate) struct Query {
    pub(super) columns: Vec<Column>,
    pub(super) condition: Option<Truth>,
    pub(super) tags: Tags,
    pub(super) unions: Vec<Union>,
    /// What is done with fields of each class.
    actions: Vec<Vec<Action>>,
    /// The unions that need a walk of their own.
    pub(super) apart: Vec<usize>,
    /// True if fields 880 are followed to those that they are linked to.
    pub(super) follows_links: bool,
    looks_at_leader: bool,
}

/// A column: its type, and what computes it.
pub(super) struct Column {
    pub(super) data_type: Type,
    pub(super) compute: Compute,
    /// What is between the values of each field, if they are joined while the column is written.
    pub(super) separator: Option<String>,
    /// Its unions.
    unions: Range<usize>,
    /// True if it has a value where its unions have none.
    counts: bool,
}

/// An expression, prepared: where its values come from, and what is made of them step by step.
pub(super) struct Compute {
    pub(super) origin: Origin,
    pub(super) steps: Vec<Step>,
}

/// Where values come from: a list of values, which each step changes.
pub(super) enum Origin {
    /// The union at this place.
    Union(usize),
    /// The first of these that has a value.
    Coalesce(Vec<Compute>),
    /// Values, and the same of the linked fields 880.
    Pair(Box<[Compute; 2]>),
}

/// What is made of values. Where elements count, the number is that of the values that make one element.
pub(super) enum Step {
    Each(Function),
    Label(Labels),
    First(usize),
    Last(usize),
    Join(String),
    Concat(String),
    Unique(usize),
    /// True if values are cut into codes of this length.
    Code(usize, bool),
    Oclc,
    Count(usize),
    Exists,
}

/// Paths whose values come in the record's order.
pub(super) struct Union {
    pub(super) paths: Vec<Path>,
    pub(super) order: Order,
    /// True if the values are those of the linked fields 880.
    pub(super) is_alternate: bool,
    /// True if the fields themselves are the values.
    pub(super) is_of_fields: bool,
}

const ALTERNATE_GRAPHIC: TagPattern = TagPattern(*b"880");

impl Query {
    /// Prepares the columns that `is_wanted` chooses by name.
    pub(crate) fn of_columns(columns: &Columns, is_wanted: impl Fn(&str) -> bool) -> Query {
        let wanted: Vec<_> = columns.0.iter().filter(|(name, _)| is_wanted(name)).collect();
        let mut patterns = Patterns::default();
        wanted.iter().for_each(|(_, expression)| patterns.of_node(&expression.node));
        let mut unions = Unions::default();
        let column = |(_, expression): &(String, Expression)| Column::new(expression, &mut unions);
        let columns = wanted.into_iter().map(column).collect();
        Query::new(columns, None, unions, &patterns)
    }

    /// Prepares a condition.
    pub(crate) fn of_condition(condition: &Condition) -> Query {
        let mut patterns = Patterns::default();
        truth::nodes(&condition.truth, &mut |node| patterns.of_node(node));
        let mut unions = Unions::default();
        let condition = Some(Truth::new(&condition.truth, &mut unions));
        Query::new(Vec::new(), condition, unions, &patterns)
    }

    fn new(columns: Vec<Column>, condition: Option<Truth>, unions: Unions, patterns: &Patterns) -> Query {
        let (tags, Unions(unions)) = (Tags::new(&patterns.list), unions);
        let actions = actions::of(&unions, &tags);
        let apart =
            unions.iter().enumerate().filter(|(_, union)| union.counts_fields() || union.has_leader());
        Query {
            columns,
            condition,
            apart: apart.map(|(place, _)| place).collect(),
            tags,
            unions,
            actions,
            follows_links: patterns.has_links,
            looks_at_leader: patterns.has_leader,
        }
    }

    /// What is done with fields of a class.
    #[inline(always)]
    pub(super) fn actions(&self, class: Class) -> &[Action] {
        self.actions.get(usize::from(class)).map_or(&[], Vec::as_slice)
    }

    /// The tags that it looks at, in words.
    pub(crate) fn looks_at(&self) -> String {
        let leader = self.looks_at_leader.then(|| "LDR".to_owned());
        let tags = self.tags.patterns().map(|pattern| pattern.to_string());
        let all: Vec<_> = leader.into_iter().chain(tags).collect();
        if all.is_empty() { "nothing".into() } else { all.join(", ") }
    }
}

impl Column {
    fn new(expression: &Expression, unions: &mut Unions) -> Column {
        let (before, data_type) = (unions.0.len(), expression.data_type());
        let mut compute = unions.compute(&expression.node);
        let join = compute.steps.pop_if(|step| data_type.is_list && matches!(step, Step::Join(_)));
        let separator = join.and_then(|step| match step {
            Step::Join(separator) => Some(separator),
            _ => None,
        });
        let counts = compute.counts();
        Column { data_type, compute, separator, unions: before..unions.0.len(), counts }
    }

    /// The union that its values are of, if there are none in any of its lists.
    #[inline]
    pub(super) fn empty_union(&self, lists: &[Vec<Value>]) -> Option<usize> {
        let lists = lists.get(self.unions.clone())?;
        (!self.counts && lists.iter().all(Vec::is_empty)).then_some(self.unions.start)
    }
}

impl Union {
    /// Whether a path counts the fields that it takes.
    pub(super) fn counts_fields(&self) -> bool {
        self.paths.iter().any(|path| path.fields.is_some())
    }

    /// Whether a path is about the leader.
    fn has_leader(&self) -> bool {
        self.paths.iter().any(|path| path.tag.is_none())
    }
}

/// The unions of some expressions.
#[derive(Default)]
pub(super) struct Unions(Vec<Union>);

impl Unions {
    pub(super) fn compute(&mut self, node: &Node) -> Compute {
        self.of(node, Order::Field, false)
    }

    fn add(&mut self, paths: &[Path], order: Order, is_alternate: bool, is_of_fields: bool) -> Compute {
        self.0.push(Union { paths: paths.to_vec(), order, is_alternate, is_of_fields });
        Compute::of(Origin::Union(self.0.len() - 1))
    }

    fn of(&mut self, node: &Node, order: Order, is_alternate: bool) -> Compute {
        let mut step = |of: &Node, step: Step| self.of(of, Order::Field, is_alternate).then(step);
        match node {
            Node::Union(paths) => self.add(paths, order, is_alternate, false),
            Node::Struct(paths) => self.add(paths, order, is_alternate, true),
            Node::Alt(node) => self.of(node, Order::Field, true),
            Node::Pair(node) => Compute::of(Origin::Pair(Box::new(
                [false, true].map(|is_alternate| self.of(node, Order::Field, is_alternate)),
            ))),
            Node::Coalesce(nodes) => Compute::of(Origin::Coalesce(
                nodes.iter().map(|node| self.of(node, Order::Field, is_alternate)).collect(),
            )),
            Node::Join { of, separator, order } => {
                self.of(of, *order, is_alternate).then(Step::Join(separator.clone()))
            }
            Node::Concat { of, separator } => step(of, Step::Concat(separator.clone())),
            Node::Code(of, length) => step(of, Step::Code(*length, of.data_type().is_list)),
            Node::Each(Function::Label, of) => step(of, Step::Label(Labels::of(of))),
            Node::Each(function, of) => step(of, Step::Each(*function)),
            Node::First(of) => step(of, Step::First(arity(of))),
            Node::Last(of) => step(of, Step::Last(arity(of))),
            Node::Unique(of) => step(of, Step::Unique(arity(of))),
            Node::Oclc(of) => step(of, Step::Oclc),
            Node::Count(of) => step(of, Step::Count(arity(of))),
            Node::Exists(of) => step(of, Step::Exists),
        }
    }
}

impl Compute {
    fn of(origin: Origin) -> Compute {
        Compute { origin, steps: Vec::new() }
    }

    fn then(mut self, step: Step) -> Compute {
        self.steps.push(step);
        self
    }

    /// Whether it counts values, and so has one where there is none.
    fn counts(&self) -> bool {
        let origins = match &self.origin {
            Origin::Union(_) => &[],
            Origin::Coalesce(all) => all.as_slice(),
            Origin::Pair(both) => both.as_slice(),
        };
        self.steps.iter().any(|step| matches!(step, Step::Count(_) | Step::Exists))
            || origins.iter().any(Compute::counts)
    }
}

/// The number of values that make one element of an expression.
fn arity(of: &Node) -> usize {
    if of.data_type().element == Element::Pair { 3 } else { 1 }
}

/// The tags that expressions look at.
#[derive(Default)]
struct Patterns {
    list: Vec<TagPattern>,
    has_links: bool,
    has_leader: bool,
}

impl Patterns {
    fn of_node(&mut self, node: &Node) {
        if node.follows_links() {
            self.has_links = true;
            self.list.push(ALTERNATE_GRAPHIC);
        }
        node.paths().into_iter().for_each(|path| self.of_path(path));
    }

    fn of_path(&mut self, path: &Path) {
        self.list.extend(path.tag);
        self.has_leader |= path.tag.is_none();
        for test in path.conditions.iter().flatten() {
            let (Test::Has(what)
            | Test::Lacks(what)
            | Test::Is(what, _)
            | Test::IsNot(what, _)
            | Test::Contains(what, _)
            | Test::ContainsNot(what, _)) = test;
            match what {
                What::Control(Some(tag), _) => self.list.push(TagPattern(tag.bytes())),
                What::Control(None, _) => self.has_leader = true,
                _ => {}
            }
        }
    }
}
