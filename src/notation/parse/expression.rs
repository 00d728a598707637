//! Expressions: unions of paths, and functions of them.

use crate::notation::expression::{Expression, Function, Node, Order};
use crate::notation::path::{Part, Path};
use crate::notation::types::Element;

use super::{Parser, Result};

/// Each function, as it is called.
const CALLS: &[(&str, &str)] = &[
    ("alt", "alt(x)"),
    ("coalesce", "coalesce(x, y, ...)"),
    ("code", "code(x, 3)"),
    ("concat", "concat(x, ' ')"),
    ("count", "count(x)"),
    ("date", "date(x)"),
    ("exists", "exists(x)"),
    ("filing", "filing(x)"),
    ("first", "first(x)"),
    ("int", "int(x)"),
    ("isbn", "isbn(x)"),
    ("isbn13", "isbn13(x)"),
    ("join", "join(x, sep=' ', order='field')"),
    ("label", "label(x)"),
    ("last", "last(x)"),
    ("lower", "lower(x)"),
    ("oclc", "oclc(x)"),
    ("pair", "pair(x)"),
    ("struct", "struct(650$a$x)"),
    ("text", "text(x)"),
    ("trim", "trim(x)"),
    ("unique", "unique(x)"),
    ("year", "year(x)"),
];

impl Parser<'_> {
    /// An expression, with its text.
    pub(in crate::notation) fn expression(&mut self) -> Result<Expression> {
        let start = self.at;
        let node = self.node()?;
        Ok(Expression { text: self.since(start).trim_end().into(), node })
    }

    /// An expression.
    pub(super) fn node(&mut self) -> Result<Node> {
        let start = self.at;
        let word = self.word();
        self.at += word.len();
        self.skip_blanks();
        if !word.is_empty() && self.eat("(") {
            self.skip_blanks();
            return self.deeper(|parser| parser.call(start, word));
        }
        self.at = start;
        Ok(Node::Union(self.union()?))
    }

    fn union(&mut self) -> Result<Vec<Path>> {
        let mut paths = vec![self.path()?];
        loop {
            let end = self.at;
            self.skip_blanks();
            if !self.eat(":") {
                self.at = end;
                return Ok(paths);
            }
            self.skip_blanks();
            let start = self.at;
            let path = self.path()?;
            if path.takes_data_fields() != paths.iter().any(Path::takes_data_fields) {
                return Err(
                    self.error_at(start, "values and whole fields have no type in common: write text(650)")
                );
            }
            paths.push(path);
        }
    }

    /// A call of the function with this name, behind its bracket.
    fn call(&mut self, start: usize, name: &str) -> Result<Node> {
        let Some((_, call)) = CALLS.iter().find(|(known, _)| *known == name) else {
            return Err(self.error_at(start, format!("there is no function {name}")));
        };
        let node = match name {
            "first" => Node::First(self.any()?),
            "last" => Node::Last(self.any()?),
            "count" => Node::Count(self.any()?),
            "exists" => Node::Exists(self.any()?),
            "alt" => Node::Alt(self.texts(name)?),
            "pair" => Node::Pair(self.texts(name)?),
            "oclc" => Node::Oclc(self.texts(name)?),
            "unique" => Node::Unique(self.scalars(name)?),
            "join" => self.join(call)?,
            "concat" => self.concat(call)?,
            "coalesce" => self.coalesce()?,
            "code" => self.code_of(call)?,
            "struct" => self.structure()?,
            "trim" => Node::Each(Function::Trim, self.texts(name)?),
            "lower" => Node::Each(Function::Lower, self.texts(name)?),
            "filing" => Node::Each(Function::Filing, self.texts(name)?),
            "year" => Node::Each(Function::Year, self.texts(name)?),
            "date" => Node::Each(Function::Date, self.texts(name)?),
            "int" => Node::Each(Function::Int, self.texts(name)?),
            "isbn" => Node::Each(Function::Isbn, self.texts(name)?),
            "isbn13" => Node::Each(Function::Isbn13, self.texts(name)?),
            "label" => Node::Each(Function::Label, self.coded()?),
            _ => Node::Each(Function::Text, self.text_of()?),
        };
        self.end_of_call(start, call)?;
        Ok(node)
    }

    /// That the bracket is closed.
    fn end_of_call(&mut self, start: usize, call: &str) -> Result<()> {
        self.skip_blanks();
        if self.eat(")") {
            return Ok(());
        }
        Err(match self.peek() {
            None => self.error_at(start, format!("the bracket of {call} is never closed: write )")),
            Some(',') => self.error(format!("this argument is too many: write {call}")),
            Some(_) => self.error(format!("{call} ends before {}", self.found())),
        })
    }

    /// Any argument.
    fn any(&mut self) -> Result<Box<Node>> {
        self.node().map(Box::new)
    }

    /// An argument whose values are text.
    fn texts(&mut self, name: &str) -> Result<Box<Node>> {
        let start = self.at;
        let node = self.node()?;
        match node.element() {
            Element::Text => Ok(Box::new(node)),
            other => Err(self.error_at(start, format!("{name} takes text, and this is {other}"))),
        }
    }

    /// An argument whose values are codes, each at its place in the record.
    fn coded(&mut self) -> Result<Box<Node>> {
        let start = self.at;
        let node = self.texts("label")?;
        if !node.keeps_places() {
            let message =
                "label takes a place of codes as it is, or through first, last, unique, trim or code";
            return Err(self.error_at(start, message));
        }
        let mut are_coded = true;
        node.paths(&mut |path| are_coded &= path.is_coded());
        if !are_coded {
            let message = "no codes are defined here: write a place that has some, such as LDR/06, 008/35-37, 041$a, \
                           043$a or 700$4";
            return Err(self.error_at(start, message));
        }
        Ok(node)
    }

    /// An argument whose values can be compared.
    fn scalars(&mut self, name: &str) -> Result<Box<Node>> {
        let start = self.at;
        let node = self.node()?;
        match node.element() {
            other @ (Element::Field | Element::Struct(_) | Element::Pair) => {
                Err(self.error_at(start, format!("{name} takes values, and this is {other}")))
            }
            _ => Ok(Box::new(node)),
        }
    }

    /// An argument of `text`: text, or whole fields.
    fn text_of(&mut self) -> Result<Box<Node>> {
        let start = self.at;
        let node = self.node()?;
        match node.element() {
            Element::Text | Element::Field => Ok(Box::new(node)),
            other => {
                Err(self.error_at(start, format!("text takes text or whole fields, and this is {other}")))
            }
        }
    }

    fn join(&mut self, call: &str) -> Result<Node> {
        let of = self.texts("join")?;
        let (mut separator, mut order) = (None, None);
        while self.comma() {
            let start = self.at;
            match self.named()? {
                (None | Some("sep"), value) if separator.is_none() => separator = Some(value),
                (Some("order"), value) if order.is_none() => {
                    order = Some(match value.as_str() {
                        "field" => Order::Field,
                        "spec" => Order::Spec,
                        _ => {
                            let message = "order is 'field', as in the field, or 'spec', as you name them";
                            return Err(self.error_at(start, message));
                        }
                    });
                }
                _ => return Err(self.error_at(start, format!("join has no such argument: write {call}"))),
            }
        }
        Ok(Node::Join {
            of,
            separator: separator.unwrap_or_else(|| " ".into()),
            order: order.unwrap_or(Order::Field),
        })
    }

    fn concat(&mut self, call: &str) -> Result<Node> {
        let of = self.texts("concat")?;
        if !self.comma() {
            return Ok(Node::Concat { of, separator: " ".into() });
        }
        let start = self.at;
        match self.named()? {
            (None | Some("sep"), separator) => Ok(Node::Concat { of, separator }),
            _ => Err(self.error_at(start, format!("concat has no such argument: write {call}"))),
        }
    }

    fn coalesce(&mut self) -> Result<Node> {
        let mut nodes = vec![self.node()?];
        while self.comma() {
            let start = self.at;
            let node = self.node()?;
            let (first, element) = (nodes.first().map(Node::element), node.element());
            if first.as_ref() != Some(&element) {
                let first = first.map_or_else(String::new, |first| first.to_string());
                let message =
                    format!("coalesce takes values of one type, and this is {element}, the first {first}");
                return Err(self.error_at(start, message));
            }
            nodes.push(node);
        }
        Ok(Node::Coalesce(nodes))
    }

    fn code_of(&mut self, call: &str) -> Result<Node> {
        let of = self.texts("code")?;
        if !self.comma() {
            return Err(self.error(format!("code needs the length of a code: write {call}")));
        }
        let start = self.at;
        match self.number().ok().and_then(|number| usize::try_from(number).ok()) {
            Some(length) if length > 0 => Ok(Node::Code(of, length)),
            _ => Err(self.error_at(start, format!("the length of a code is a number: write {call}"))),
        }
    }

    fn structure(&mut self) -> Result<Node> {
        let start = self.at;
        let paths = self.union()?;
        for path in &paths {
            match &path.part {
                Part::Subfields(codes) if codes.iter().all(|it| it.first == it.last) => {}
                _ => return Err(self.error_at(start, "struct takes named codes: write struct(650$a$x)")),
            }
        }
        Ok(Node::Struct(paths))
    }

    /// Whether there is another argument.
    fn comma(&mut self) -> bool {
        self.skip_blanks();
        let is_next = self.eat(",");
        self.skip_blanks();
        is_next
    }

    /// A text, perhaps with the name of its argument.
    fn named(&mut self) -> Result<(Option<&str>, String)> {
        let name = self.word();
        self.at += name.len();
        self.skip_blanks();
        if !name.is_empty() && !self.eat("=") {
            return Err(self.error("a text is written in quotes"));
        }
        self.skip_blanks();
        if !self.is_quoted() {
            return Err(self.error("a text is written in quotes"));
        }
        Ok(((!name.is_empty()).then_some(name), self.quoted()?))
    }
}
