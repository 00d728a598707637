//! [`Type`]: what an expression is, which its text alone decides.
//!
//! An expression that can name one place at most is one value, null if that place is empty: the leader, a control field
//! that MARC 21 does not repeat, and a path whose every repeatable step has one index. All others are lists.

use std::fmt;

use super::expression::{Expression, Function, Node};
use super::path::{Codes, Part, Path, Span, TagPattern};

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
    /// Its type.
    pub(crate) fn data_type(&self) -> Type {
        self.node.data_type()
    }
}

impl Node {
    /// Its type.
    pub(crate) fn data_type(&self) -> Type {
        let is_list = match self {
            Node::Union(paths) => !matches!(paths.as_slice(), [path] if path.names_one_place()),
            Node::First(_) | Node::Last(_) | Node::Concat { .. } | Node::Count(_) | Node::Exists(_) => false,
            Node::Join { of, .. } => !of.names_one_field(),
            Node::Coalesce(nodes) => nodes.iter().any(|node| node.data_type().is_list),
            Node::Struct(paths) => !matches!(paths.as_slice(), [path] if path.names_one_field()),
            Node::Each(_, of)
            | Node::Unique(of)
            | Node::Code(of, _)
            | Node::Oclc(of)
            | Node::Label(of)
            | Node::Alt(of)
            | Node::Pair(of) => of.data_type().is_list,
        };
        Type { element: self.element(), is_list }
    }

    /// The type of each of its values.
    pub(super) fn element(&self) -> Element {
        match self {
            Node::Union(paths) if paths.iter().any(Path::takes_fields) => Element::Field,
            Node::Each(Function::Year, _) => Element::Int32,
            Node::Each(Function::Date, _) => Element::Date,
            Node::Each(Function::Int, _) | Node::Count(_) => Element::Int64,
            Node::Exists(_) => Element::Bool,
            Node::First(of) | Node::Last(of) | Node::Unique(of) => of.element(),
            Node::Coalesce(nodes) => nodes.first().map_or(Element::Text, Node::element),
            Node::Struct(paths) => Element::Struct(codes(paths)),
            Node::Pair(_) => Element::Pair,
            Node::Union(_)
            | Node::Each(..)
            | Node::Join { .. }
            | Node::Concat { .. }
            | Node::Code(..)
            | Node::Oclc(_)
            | Node::Label(_)
            | Node::Alt(_) => Element::Text,
        }
    }

    /// Whether all its values are of the same field, if there are any.
    fn names_one_field(&self) -> bool {
        match self {
            Node::Union(paths) => matches!(paths.as_slice(), [path] if path.names_one_field()),
            Node::Each(_, of)
            | Node::Unique(of)
            | Node::Code(of, _)
            | Node::Oclc(of)
            | Node::Label(of)
            | Node::Alt(of) => of.names_one_field(),
            other => !other.data_type().is_list,
        }
    }
}

/// The codes that paths name, each once.
fn codes(paths: &[Path]) -> Vec<u8> {
    let mut all = Vec::new();
    for path in paths {
        if let Part::Subfields(codes) = &path.part {
            for code in codes.iter().flat_map(|it| it.first..=it.last) {
                if !all.contains(&code) {
                    all.push(code);
                }
            }
        }
    }
    all
}

impl Path {
    /// Whether at most one field is meant.
    pub(super) fn names_one_field(&self) -> bool {
        self.fields.is_some_and(Span::is_one) || self.tag.is_none_or(TagPattern::is_not_repeated)
    }

    /// Whether at most one value is meant.
    fn names_one_place(&self) -> bool {
        self.names_one_field()
            && match &self.part {
                Part::Subfields(codes) => {
                    matches!(codes.as_slice(), [Codes { turns: Some(turns), .. }] if turns.is_one())
                }
                Part::Whole | Part::Characters(_) | Part::Indicator(_) => true,
            }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_list { write!(f, "list<{}>", self.element) } else { self.element.fmt(f) }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Element::Text => "utf8",
            Element::Int32 => "int32",
            Element::Int64 => "int64",
            Element::Bool => "bool",
            Element::Date => "date32",
            Element::Field => {
                "struct<tag: utf8, ind1: utf8, ind2: utf8, value: utf8, subfields: list<struct<code: utf8, value: \
                 utf8>>>"
            }
            Element::Pair => "struct<value: utf8, alt: utf8, script: utf8>",
            Element::Struct(codes) => {
                let fields: Vec<String> =
                    codes.iter().map(|code| format!("{}: list<utf8>", char::from(*code))).collect();
                return write!(f, "struct<{}>", fields.join(", "));
            }
        })
    }
}
