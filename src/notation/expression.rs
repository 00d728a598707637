//! [`Expression`]: what a column holds.

use std::fmt;

use super::path::Path;

/// What a column holds: `245$a`, `first(trim(245$a))`. Displayed, it is the text that it was made from.
///
/// A path names places in a record: `LDR/06` and `008/35-37` characters of control fields, `245$a$b` subfields,
/// `245^2` an indicator, `650` whole fields. `650[0]` is the first of them, `6..` has any character in place of a point,
/// `650{^2=0}$a` is of those fields whose second indicator is 0. A colon joins paths: `655$a:6..$v`.
///
/// Functions take expressions: `join(245$a$b)` is one text for each field, `trim` leaves out the punctuation at its end,
/// `first` is one value instead of a list. An error says what else there is.
///
/// ```
/// use mrrc::Expression;
///
/// let title: Expression = "first(trim(join(245$a$b$n$p)))".parse()?;
/// assert_eq!(title.to_string(), "first(trim(join(245$a$b$n$p)))");
///
/// let error = "245ab".parse::<Expression>().unwrap_err();
/// assert!(error.message().ends_with("write 245$a$b for one value each, or join(245$a$b) for one text a field"));
/// # Ok::<(), mrrc::NotationError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    pub(crate) text: String,
    pub(crate) node: Node,
}

impl Expression {
    /// Whether it is the text of 001, whole or without the blanks around it.
    pub(crate) fn is_control_number(&self) -> bool {
        let whole = match &self.node {
            Node::Each(Function::Trim | Function::Text, node) => node,
            node => node,
        };
        matches!(whole, Node::Union(paths) if matches!(paths.as_slice(), [path] if path.is_control_number()))
    }
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
    /// What each code means, as the place that it comes from decides.
    Label(Box<Node>),
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

impl Node {
    /// The paths whose values it has, or counts.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        match self {
            Node::Union(paths) | Node::Struct(paths) => paths.iter().collect(),
            _ => self.arguments().iter().flat_map(Node::paths).collect(),
        }
    }

    /// Whether each of its values is of one field.
    pub(super) fn keeps_fields(&self) -> bool {
        match self {
            Node::Concat { .. } | Node::Count(_) | Node::Exists(_) => false,
            Node::Union(_) | Node::Struct(_) => true,
            _ => self.arguments().iter().all(Node::keeps_fields),
        }
    }
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
}

/// The order in which `join` takes the subfields of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As they are in the field.
    Field,
    /// As the expression names them.
    Spec,
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
            | Node::Label(node)
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
            Node::Each(Function::Lower | Function::Filing | Function::Isbn | Function::Isbn13, _)
                | Node::Label(_)
                | Node::Join { .. }
                | Node::Concat { .. }
        );
        keeps && self.arguments().iter().all(Node::keeps_places)
    }

    /// Whether fields 880 are followed to those that they are linked to.
    pub(crate) fn follows_links(&self) -> bool {
        matches!(self, Node::Alt(_) | Node::Pair(_)) || self.arguments().iter().any(Node::follows_links)
    }
}
