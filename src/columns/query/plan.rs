//! [`Query`]: expressions and a condition, prepared for many records.

use super::looked::{Class, Mask, Tags, bit};
use super::truth::{self, Truth};
use crate::notation::{
    Columns, Condition, Expression, Function, Node, Order, Path, TagPattern, Test, Type, What,
};

/// What is computed of each record, and which of its fields are looked at for it.
pub(crate) struct Query {
    pub(super) columns: Vec<Column>,
    pub(super) condition: Option<Truth>,
    pub(super) tags: Tags,
    /// True if fields 880 are followed to those that they are linked to.
    pub(super) follows_links: bool,
    looks_at_leader: bool,
}

/// A column: its name, its type, and what computes it.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) data_type: Type,
    pub(super) compute: Compute,
}

/// An expression, prepared.
pub(super) enum Compute {
    Union(Union),
    Each(Function, Box<Compute>),
    First(Box<Compute>),
    Last(Box<Compute>),
    Join {
        of: Box<Compute>,
        separator: String,
    },
    Concat {
        of: Box<Compute>,
        separator: String,
    },
    Coalesce(Vec<Compute>),
    Unique(Box<Compute>),
    /// The last is true if values are cut into codes.
    Code(Box<Compute>, usize, bool),
    Oclc(Box<Compute>),
    Count(Box<Compute>),
    Exists(Box<Compute>),
    Struct(Union),
    Alt(Box<Compute>),
    Pair(Box<Compute>),
}

/// Paths whose values come in the record's order.
pub(super) struct Union {
    pub(super) paths: Vec<Path>,
    pub(super) order: Order,
    /// The bits of the classes that the paths look at.
    pub(super) mask: Mask,
    /// For each class, which paths look at it, as a part of `places`.
    of_classes: Vec<(u16, u16)>,
    places: Vec<u16>,
    /// True if a path is about the leader.
    pub(super) has_leader: bool,
    /// True if a path counts the fields that it takes.
    pub(super) counts_fields: bool,
}

const ALTERNATE_GRAPHIC: TagPattern = TagPattern(*b"880");

impl Query {
    /// Prepares the columns that `is_wanted` chooses by name.
    pub(crate) fn of_columns(columns: &Columns, is_wanted: impl Fn(&str) -> bool) -> Query {
        let wanted: Vec<_> = columns.0.iter().filter(|(name, _)| is_wanted(name)).collect();
        let mut patterns = Patterns::default();
        wanted.iter().for_each(|(_, expression)| patterns.of_node(&expression.node));
        let tags = Tags::new(&patterns.list);
        let column = |(name, expression): &(String, Expression)| Column {
            name: name.clone(),
            data_type: expression.data_type(),
            compute: Compute::new(&expression.node, &tags, Order::Field),
        };
        let columns = wanted.into_iter().map(column).collect();
        Query::new(columns, None, tags, &patterns)
    }

    /// The tags that it looks at, in words.
    pub(crate) fn looks_at(&self) -> String {
        let leader = self.looks_at_leader.then(|| "LDR".to_owned());
        let tags = self.tags.patterns().map(|pattern| pattern.to_string());
        let all: Vec<_> = leader.into_iter().chain(tags).collect();
        if all.is_empty() { "nothing".into() } else { all.join(", ") }
    }

    /// Prepares a condition.
    pub(crate) fn of_condition(condition: &Condition) -> Query {
        let mut patterns = Patterns::default();
        truth::nodes(&condition.truth, &mut |node| patterns.of_node(node));
        let tags = Tags::new(&patterns.list);
        let condition = Some(Truth::new(&condition.truth, &tags));
        Query::new(Vec::new(), condition, tags, &patterns)
    }

    fn new(columns: Vec<Column>, condition: Option<Truth>, tags: Tags, patterns: &Patterns) -> Query {
        let (follows_links, looks_at_leader) = (patterns.has_links, patterns.has_leader);
        Query { columns, condition, tags, follows_links, looks_at_leader }
    }
}

impl Compute {
    pub(super) fn new(node: &Node, tags: &Tags, order: Order) -> Compute {
        let of = |node: &Node| Box::new(Compute::new(node, tags, Order::Field));
        match node {
            Node::Union(paths) => Compute::Union(Union::new(paths, tags, order)),
            Node::Each(function, node) => Compute::Each(*function, of(node)),
            Node::First(node) => Compute::First(of(node)),
            Node::Last(node) => Compute::Last(of(node)),
            Node::Join { of: node, separator, order } => {
                Compute::Join { of: Box::new(Compute::new(node, tags, *order)), separator: separator.clone() }
            }
            Node::Concat { of: node, separator } => {
                Compute::Concat { of: of(node), separator: separator.clone() }
            }
            Node::Coalesce(nodes) => {
                Compute::Coalesce(nodes.iter().map(|node| Compute::new(node, tags, Order::Field)).collect())
            }
            Node::Unique(node) => Compute::Unique(of(node)),
            Node::Code(node, length) => Compute::Code(of(node), *length, node.data_type().is_list),
            Node::Oclc(node) => Compute::Oclc(of(node)),
            Node::Count(node) => Compute::Count(of(node)),
            Node::Exists(node) => Compute::Exists(of(node)),
            Node::Struct(paths) => Compute::Struct(Union::new(paths, tags, Order::Field)),
            Node::Alt(node) => Compute::Alt(of(node)),
            Node::Pair(node) => Compute::Pair(of(node)),
        }
    }

    /// The number of values that make one element.
    pub(super) fn arity(&self) -> usize {
        match self {
            Compute::Pair(_) => 3,
            Compute::First(of) | Compute::Last(of) | Compute::Unique(of) => of.arity(),
            Compute::Coalesce(of) => of.first().map_or(1, Compute::arity),
            _ => 1,
        }
    }
}

impl Union {
    fn new(paths: &[Path], tags: &Tags, order: Order) -> Union {
        let classes = |path: &Path| -> Vec<Class> {
            path.tag.map(|pattern| tags.classes(pattern).collect()).unwrap_or_default()
        };
        let classes: Vec<_> = paths.iter().map(classes).collect();
        let (mut of_classes, mut places) = (Vec::new(), Vec::new());
        for class in 0..=Class::MAX {
            let from = places.len();
            let looking = classes.iter().enumerate().filter(|(_, classes)| classes.contains(&class));
            places.extend(looking.map(|(path, _)| path as u16));
            of_classes.push((from as u16, places.len() as u16));
        }
        Union {
            paths: paths.to_vec(),
            order,
            mask: classes.iter().flatten().fold(0, |all, class| all | bit(*class)),
            of_classes,
            places,
            has_leader: paths.iter().any(|path| path.tag.is_none()),
            counts_fields: paths.iter().any(|path| path.fields.is_some()),
        }
    }

    /// The paths that look at fields of a class: their places.
    #[inline(always)]
    pub(super) fn of_class(&self, class: Class) -> &[u16] {
        let (from, to) = self.of_classes.get(usize::from(class)).copied().unwrap_or_default();
        self.places.get(usize::from(from)..usize::from(to)).unwrap_or_default()
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
        match node {
            Node::Union(paths) | Node::Struct(paths) => paths.iter().for_each(|path| self.of_path(path)),
            Node::Alt(node) | Node::Pair(node) => {
                self.has_links = true;
                self.list.push(ALTERNATE_GRAPHIC);
                self.of_node(node);
            }
            Node::Coalesce(nodes) => nodes.iter().for_each(|node| self.of_node(node)),
            Node::Each(_, node)
            | Node::First(node)
            | Node::Last(node)
            | Node::Join { of: node, .. }
            | Node::Concat { of: node, .. }
            | Node::Unique(node)
            | Node::Code(node, _)
            | Node::Oclc(node)
            | Node::Count(node)
            | Node::Exists(node) => self.of_node(node),
        }
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
