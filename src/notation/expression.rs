//! [`Expression`]: what a column holds, and the one rule for its type.

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

/// The type of an expression, which its text alone decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) element: Element,
    pub(crate) is_list: bool,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    /// Text (utf8).
    Text,
    /// A year (int32).
    Int32,
    /// A number (int64).
    Int64,
    /// A truth value (bool).
    Bool,
    /// A day (date32).
    Date,
    /// A whole data field: `tag`, `ind1`, `ind2`, `value`, `subfields`.
    Field,
    /// A list of values for each of these codes.
    Struct(Vec<u8>),
    /// `value`, `alt`, `script`.
    Pair,
}

impl Expression {
    /// The type of its values.
    pub(crate) fn data_type(&self) -> Type {
        self.node.data_type()
    }
}

impl Node {
    /// The type of its values.
    pub(crate) fn data_type(&self) -> Type {
        Type { element: Element::Text, is_list: true }
    }
}
