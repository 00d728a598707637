//! [`Query`]: expressions and a condition, prepared for many records.
//!
//! Everything that is looked at is in one list of actions, by the class of a tag: a walk over the fields of a record
//! performs them, and so finds the values of all paths at once.

use super::actions::{self, Actions, Taken};
use super::labels::Labels;
use super::links::ALTERNATE_GRAPHIC;
use super::straight::Manner;
use super::tags::{Class, Tags};
use super::truth::{self, Truth};
use crate::notation::{
    Columns, Condition, Expression, Function, Node, Order, Path, TagPattern, Test, Type, What,
};

/// What is asked of each record, columns or a condition, and which of its fields are looked at for it.
pub(crate) struct Query<A> {
    pub(super) asked: A,
    pub(super) tags: Tags,
    pub(super) unions: Vec<Union>,
    /// What is done with fields of each class.
    actions: Vec<Actions>,
    /// What is taken of the leader.
    pub(super) of_leader: Vec<Taken>,
    /// The unions that take more of it than that.
    pub(super) more_of_leader: Vec<usize>,
    /// Those of which a path counts the fields that it takes, so that they need a walk of their own.
    pub(super) counting: Vec<usize>,
    /// True if fields 880 are followed to those that they are linked to.
    pub(super) follows_links: bool,
    looks_at_leader: bool,
}

/// A column: its type, and what its rows are made of.
pub(crate) struct Column {
    pub(super) data_type: Type,
    pub(super) way: Way,
}

/// How a column comes about.
pub(super) enum Way {
    /// It is written while the values of a union are found.
    Straight(Manner),
    /// It is computed.
    Computed(Compute),
}

/// An expression, prepared: where its values come from, and what is made of them, step by step.
pub(crate) struct Compute {
    pub(super) origin: Origin,
    pub(super) steps: Vec<Step>,
    /// The number of values that make one element.
    pub(super) arity: usize,
    /// True if values are counted, so that something is made even of none.
    pub(super) counts: bool,
}

/// Where values come from: they are a list, which each step changes.
pub(super) enum Origin {
    /// The union at this place.
    Union(usize),
    /// The first of these that has a value.
    Coalesce(Vec<Compute>),
    /// Values, and the same of the linked fields 880.
    Pair(Box<[Compute; 2]>),
}

/// What is made of the values of a list.
pub(super) enum Step {
    Each(Function),
    Label(Labels),
    /// Elements of this number of values.
    First(usize),
    Last(usize),
    Count(usize),
    Exists(usize),
    Unique,
    Join(String),
    Concat(String),
    /// Codes of this length; true if values are cut into them.
    Code(usize, bool),
    Oclc,
}

/// Paths whose values come in the record's order.
pub(super) struct Union {
    pub(super) paths: Vec<Path>,
    pub(super) order: Order,
    /// True if the values are those of the linked fields 880.
    pub(super) is_alternate: bool,
    /// True if the fields themselves are the values.
    pub(super) is_of_fields: bool,
    /// The place of the column, among the straight ones, that is written from the values; otherwise they are listed.
    pub(super) straight: Option<usize>,
}

impl Query<Vec<Column>> {
    /// Prepares the columns that `is_wanted` chooses by name.
    pub(crate) fn of_columns(columns: &Columns, is_wanted: impl Fn(&str) -> bool) -> Query<Vec<Column>> {
        let wanted: Vec<_> = columns.0.iter().filter(|(name, _)| is_wanted(name)).collect();
        let mut patterns = Patterns::default();
        wanted.iter().for_each(|(_, expression)| patterns.of_node(&expression.node));
        let mut unions = Unions::default();
        let column = |(_, expression): &(String, Expression)| Column::new(expression, &mut unions);
        let columns = wanted.into_iter().map(column).collect();
        Query::new(columns, unions, &patterns)
    }
}

impl Query<Truth> {
    /// Prepares a condition.
    pub(crate) fn of_condition(condition: &Condition) -> Query<Truth> {
        let mut patterns = Patterns::default();
        truth::nodes(&condition.truth, &mut |node| patterns.of_node(node));
        let mut unions = Unions::default();
        let truth = Truth::new(&condition.truth, &mut unions);
        Query::new(truth, unions, &patterns)
    }
}

impl<A> Query<A> {
    fn new(asked: A, unions: Unions, patterns: &Patterns) -> Query<A> {
        let (tags, unions) = (Tags::new(&patterns.list), unions.all);
        let actions = actions::of(&unions, &tags);
        let those = |are: fn(&Union) -> bool| (0..unions.len()).filter(|at| are(&unions[*at])).collect();
        Query {
            asked,
            of_leader: actions::of_leader(&unions),
            more_of_leader: those(|union| union.has_leader() && !union.is_simple()),
            counting: those(Union::counts_fields),
            tags,
            unions,
            actions,
            follows_links: patterns.has_links,
            looks_at_leader: patterns.has_leader,
        }
    }

    /// What is done with fields of a class.
    #[inline(always)]
    pub(super) fn actions(&self, class: Class) -> Option<&Actions> {
        self.actions.get(usize::from(class))
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
        let data_type = expression.data_type();
        let mut compute = unions.compute(&expression.node);
        if !data_type.is_list {
            // A row has the first value in any case.
            compute.steps.pop_if(|step| matches!(step, Step::First(_)));
        }
        let way = match (&compute.origin, Manner::of(&compute.steps)) {
            (Origin::Union(place), Some(manner)) if unions.write_straight(*place) => Way::Straight(manner),
            _ => Way::Computed(compute),
        };
        Column { data_type, way }
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
pub(super) struct Unions {
    all: Vec<Union>,
    /// The number of those that are written straight into columns.
    straight: usize,
}

impl Unions {
    pub(super) fn compute(&mut self, node: &Node) -> Compute {
        self.of(node, Order::Field, false)
    }

    fn add(&mut self, paths: &[Path], order: Order, is_alternate: bool, is_of_fields: bool) -> Compute {
        self.all.push(Union { paths: paths.to_vec(), order, is_alternate, is_of_fields, straight: None });
        Compute { origin: Origin::Union(self.all.len() - 1), steps: Vec::new(), arity: 1, counts: false }
    }

    /// Lets the values of a union be written straight into a column, if they are simple.
    fn write_straight(&mut self, place: usize) -> bool {
        let union = self.all.get_mut(place).filter(|union| union.is_simple());
        if let Some(union) = union {
            union.straight = Some(self.straight);
            self.straight += 1;
            return true;
        }
        false
    }

    fn of(&mut self, node: &Node, order: Order, is_alternate: bool) -> Compute {
        let mut of_node = |node: &Node| self.of(node, order, is_alternate);
        match node {
            Node::Union(paths) => self.add(paths, order, is_alternate, false),
            Node::Struct(paths) => self.add(paths, order, is_alternate, true),
            Node::Alt(node) => self.of(node, order, true),
            Node::Pair(node) => {
                let both = [false, true].map(|is_alternate| self.of(node, order, is_alternate));
                Compute { origin: Origin::Pair(Box::new(both)), steps: Vec::new(), arity: 3, counts: false }
            }
            Node::Coalesce(nodes) => {
                let all: Vec<_> = nodes.iter().map(of_node).collect();
                let arity = all.first().map_or(1, |of| of.arity);
                Compute { origin: Origin::Coalesce(all), steps: Vec::new(), arity, counts: false }
            }
            Node::Join { of, separator, order } => {
                self.of(of, *order, is_alternate).then(Step::Join(separator.clone()))
            }
            Node::Concat { of, separator } => of_node(of).then(Step::Concat(separator.clone())),
            Node::Code(of, length) => of_node(of).then(Step::Code(*length, of.data_type().is_list)),
            Node::Label(of) => of_node(of).then(Step::Label(Labels::of(of))),
            Node::Each(function, of) => of_node(of).then(Step::Each(*function)),
            Node::First(of) => of_node(of).then_with(Step::First),
            Node::Last(of) => of_node(of).then_with(Step::Last),
            Node::Unique(of) => of_node(of).then(Step::Unique),
            Node::Oclc(of) => of_node(of).then(Step::Oclc),
            Node::Count(of) => of_node(of).then_with(Step::Count),
            Node::Exists(of) => of_node(of).then_with(Step::Exists),
        }
    }
}

impl Compute {
    /// Whether nothing is made of the values of a union.
    pub(super) fn is_union(&self) -> bool {
        matches!(self.origin, Origin::Union(_)) && self.steps.is_empty()
    }

    /// The places of the unions that its values come from.
    pub(super) fn unions(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match &self.origin {
            Origin::Union(place) => Box::new(std::iter::once(*place)),
            Origin::Coalesce(all) => Box::new(all.iter().flat_map(Compute::unions)),
            Origin::Pair(both) => Box::new(both.iter().flat_map(Compute::unions)),
        }
    }

    /// The same with another step.
    pub(super) fn then(mut self, step: Step) -> Compute {
        if !matches!(step, Step::First(_) | Step::Last(_)) {
            self.arity = 1;
        }
        self.counts |= matches!(step, Step::Count(_) | Step::Exists(_));
        self.steps.push(step);
        self
    }

    /// The same with another step, which deals with elements.
    pub(super) fn then_with(self, step: fn(usize) -> Step) -> Compute {
        let step = step(self.arity);
        self.then(step)
    }
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
            self.list.push(TagPattern(ALTERNATE_GRAPHIC.bytes()));
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
