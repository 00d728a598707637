//! [`Expression`]: what a column holds.

use std::fmt;
use std::str::FromStr;

use super::error::NotationError;
use super::parse::Parser;
use super::path::Path;

/// What a column holds: `245$a`, `first(trim(245$a))`. Displayed, it is the text that it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    pub(crate) text: String,
    pub(crate) node: Node,
}

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// The values of all these paths, in the record's order.
    Union(Vec<Path>),
    /// One value for each: null stays null, and what the function cannot take becomes null.
    Each(Function, Box<Node>),
    /// The first value; null if there is none.
    First(Box<Node>),
    /// The last value; null if there is none.
    Last(Box<Node>),
    /// The values of each field as one text.
    Join { of: Box<Node>, separator: String, order: Order },
    /// All values as one text; null if there is none.
    Concat { of: Box<Node>, separator: String },
    /// The first of these that has a value.
    Coalesce(Vec<Node>),
    /// Each value once, at its first place.
    Unique(Box<Node>),
    /// Codes of this many letters or digits; each value of a list is cut into such pieces first.
    Code(Box<Node>, usize),
    /// The numbers of OCLC among control numbers.
    Oclc(Box<Node>),
    /// The number of values.
    Count(Box<Node>),
    /// Whether there is a value.
    Exists(Box<Node>),
    /// For each field, the values of each code.
    Struct(Vec<Path>),
    /// The same in the fields 880 that are linked by `$6`.
    Alt(Box<Node>),
    /// Each value together with its twin in the linked field 880, and that field's script.
    Pair(Box<Node>),
}

/// A function of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Trim,
    Lower,
    Text,
    Filing,
    Year,
    Date,
    Int,
    Isbn,
    Isbn13,
    Label,
}

/// The order in which `join` takes the subfields of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As they are in the field.
    Field,
    /// As the expression names them.
    Spec,
}

impl FromStr for Expression {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Expression, NotationError> {
        Parser::read_all(text, "an expression is missing: write one, such as 245$a", Parser::expression)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Node {
    /// The expressions that it is about.
    fn arguments(&self) -> &[Node] {
        match self {
            Node::Union(_) | Node::Struct(_) => &[],
            Node::Coalesce(nodes) => nodes,
            Node::Each(_, node)
            | Node::First(node)
            | Node::Last(node)
            | Node::Join { of: node, .. }
            | Node::Concat { of: node, .. }
            | Node::Unique(node)
            | Node::Code(node, _)
            | Node::Oclc(node)
            | Node::Count(node)
            | Node::Exists(node)
            | Node::Alt(node)
            | Node::Pair(node) => std::slice::from_ref(node),
        }
    }

    /// Whether its values are parts of the record's text, none of them made of several.
    pub(super) fn keeps_places(&self) -> bool {
        let keeps = !matches!(
            self,
            Node::Each(
                Function::Lower | Function::Filing | Function::Isbn | Function::Isbn13 | Function::Label,
                _
            ) | Node::Join { .. }
                | Node::Concat { .. }
        );
        keeps && self.arguments().iter().all(Node::keeps_places)
    }

    /// Passes all paths in it to `to`.
    pub(crate) fn paths(&self, to: &mut impl FnMut(&Path)) {
        if let Node::Union(paths) | Node::Struct(paths) = self {
            paths.iter().for_each(&mut *to);
        }
        self.arguments().iter().for_each(|node| node.paths(to));
    }

    /// Whether fields 880 are followed to those that they are linked to.
    pub(crate) fn follows_links(&self) -> bool {
        matches!(self, Node::Alt(_) | Node::Pair(_)) || self.arguments().iter().any(Node::follows_links)
    }
}
