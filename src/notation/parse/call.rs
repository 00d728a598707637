//! Calls of functions: what each takes, and what it may be given.

use crate::notation::expression::{Function, Node, Order};
use crate::notation::path::{Part, Path};
use crate::notation::spelling;
use crate::notation::types::Element;

use super::{Parser, Result, is_word};

/// Each function, as it is called.
const CALLS: &[(&str, &str)] = &[
    ("alt", "alt(245$a)"),
    ("coalesce", "coalesce(264$b, 260$b)"),
    ("code", "code(041$a, 3)"),
    ("concat", "concat(650$a, '; ')"),
    ("count", "count(650)"),
    ("date", "date(005)"),
    ("exists", "exists(650)"),
    ("filing", "filing(245$a)"),
    ("first", "first(245$a)"),
    ("int", "int(300$a)"),
    ("isbn", "isbn(020$a)"),
    ("isbn13", "isbn13(020$a)"),
    ("join", "join(245$a$b, sep=' ', order='field')"),
    ("label", "label(008/35-37)"),
    ("last", "last(245$a)"),
    ("lower", "lower(245$a)"),
    ("oclc", "oclc(035$a)"),
    ("pair", "pair(245$a)"),
    ("struct", "struct(650$a$x)"),
    ("text", "text(650)"),
    ("trim", "trim(245$a)"),
    ("unique", "unique(650$a)"),
    ("year", "year(008/07-10)"),
];

/// An example of the function with this name.
pub(super) fn usage(name: &str) -> Option<&'static str> {
    CALLS.iter().find_map(|(known, usage)| (*known == name).then_some(*usage))
}

impl Parser<'_> {
    /// A call of the function with this name, behind its bracket.
    pub(super) fn call(&mut self, start: usize, name: &str) -> Result<Node> {
        let Some(usage) = usage(name) else {
            let names: Vec<&str> = CALLS.iter().map(|(name, _)| *name).collect();
            let message = match spelling::nearest(name, &names) {
                Some(nearest) => format!("there is no function {name}: write {nearest}"),
                None => format!("there is no function {name}; choose among {}", names.join(", ")),
            };
            return Err(self.error_at(start, message));
        };
        self.skip_blanks();
        if self.rest().starts_with(')') {
            return Err(self.error(format!("{name} takes an argument: write {usage}")));
        }
        let each = |function| move |of| Node::Each(function, of);
        let node = match name {
            "first" => Node::First(self.argument()?.into()),
            "last" => Node::Last(self.argument()?.into()),
            "count" => Node::Count(self.argument()?.into()),
            "exists" => Node::Exists(self.argument()?.into()),
            "alt" => Node::Alt(self.linked_texts(name)?),
            "pair" => Node::Pair(self.linked_texts(name)?),
            "filing" => Node::Each(Function::Filing, self.texts_of_fields(name)?),
            "label" => Node::Label(self.codes_with_labels()?),
            "unique" => Node::Unique(self.scalars(name)?),
            "coalesce" => self.coalesce()?,
            "code" => self.code_of(usage)?,
            "concat" => self.concat(usage)?,
            "join" => self.join(usage)?,
            "struct" => self.structure(usage)?,
            "text" => Node::Each(Function::Text, self.texts_or_fields()?),
            "oclc" => Node::Oclc(self.texts(name)?),
            "trim" => self.texts(name).map(each(Function::Trim))?,
            "lower" => self.texts(name).map(each(Function::Lower))?,
            "year" => self.texts(name).map(each(Function::Year))?,
            "date" => self.texts(name).map(each(Function::Date))?,
            "int" => self.texts(name).map(each(Function::Int))?,
            "isbn" => self.texts(name).map(each(Function::Isbn))?,
            _ => self.texts(name).map(each(Function::Isbn13))?,
        };
        self.end_of_call(start, name, usage)?;
        Ok(node)
    }

    /// That the bracket is closed.
    fn end_of_call(&mut self, start: usize, name: &str, usage: &str) -> Result<()> {
        self.skip_blanks();
        if self.eat(")") {
            return Ok(());
        }
        Err(match self.peek() {
            None => self.error_at(start, format!("the bracket of {name} is never closed: write )")),
            Some(',') => self.error(format!("{name} takes no further argument: write {usage}")),
            Some(_) => self.error(format!("the argument of {name} ends before {}", self.found())),
        })
    }

    /// Any argument.
    fn argument(&mut self) -> Result<Node> {
        self.skip_blanks();
        self.node()
    }

    /// An argument for whose values `is_taken` holds.
    fn argument_of(&mut self, name: &str, taken: &str, is_taken: fn(&Element) -> bool) -> Result<Box<Node>> {
        self.skip_blanks();
        let start = self.at;
        let node = self.node()?;
        let element = node.element();
        if is_taken(&element) {
            return Ok(Box::new(node));
        }
        let argument = self.since(start);
        let message = match element {
            Element::Field => format!(
                "{name} takes {taken}, and {argument} is a whole field: name subfields, or write {name}(text({argument}))"
            ),
            element => format!("{name} takes {taken}, and {argument} is {}", in_words(&element)),
        };
        Err(self.error_at(start, message))
    }

    fn texts(&mut self, name: &str) -> Result<Box<Node>> {
        self.argument_of(name, "text", |element| *element == Element::Text)
    }

    fn texts_or_fields(&mut self) -> Result<Box<Node>> {
        self.argument_of("text", "text or fields", |it| matches!(it, Element::Text | Element::Field))
    }

    fn scalars(&mut self, name: &str) -> Result<Box<Node>> {
        let is_scalar = |it: &Element| !matches!(it, Element::Field | Element::Struct(_) | Element::Pair);
        self.argument_of(name, "single values", is_scalar)
    }

    /// Texts that are each of one field.
    fn texts_of_fields(&mut self, name: &str) -> Result<Box<Node>> {
        let start = self.at;
        let of = self.texts(name)?;
        if of.keeps_fields() {
            return Ok(of);
        }
        let message = format!("concat forgets which field a text is of: write concat({name}(...))");
        Err(self.error_at(start, message))
    }

    /// Texts of data fields.
    fn linked_texts(&mut self, name: &str) -> Result<Box<Node>> {
        let start = self.at;
        let of = self.texts_of_fields(name)?;
        match of.paths().into_iter().find(|path| !path.can_be_of_data()) {
            None => Ok(of),
            Some(path) => {
                let message = format!("{name} follows $6, and {} has no subfields", path.tag_text());
                Err(self.error_at(start, message))
            }
        }
    }

    /// Texts of places whose codes have labels.
    fn codes_with_labels(&mut self) -> Result<Box<Node>> {
        let start = self.at;
        let of = self.texts("label")?;
        if !of.keeps_places() {
            let message = "label takes codes as they are, or through first, last, unique, trim or code";
            return Err(self.error_at(start, message));
        }
        if of.paths().into_iter().all(Path::is_coded) {
            return Ok(of);
        }
        let argument = self.since(start);
        let message = format!("{argument} is no code that label knows: name one, as in label(008/35-37)");
        Err(self.error_at(start, message))
    }

    fn coalesce(&mut self) -> Result<Node> {
        let mut nodes = vec![self.argument()?];
        while self.comma() {
            let start = self.at;
            let node = self.node()?;
            let element = node.element();
            if let Some(first) = nodes.first().map(Node::element).filter(|first| *first != element) {
                let argument = self.since(start);
                let (element, first) = (in_words(&element), in_words(&first));
                let message = format!(
                    "coalesce takes values of one type: {argument} is {element}, and the first {first}"
                );
                return Err(self.error_at(start, message));
            }
            nodes.push(node);
        }
        Ok(Node::Coalesce(nodes))
    }

    fn code_of(&mut self, usage: &str) -> Result<Node> {
        let of = self.texts("code")?;
        if !self.comma() {
            return Err(self.error(format!("code takes the length of a code, too: write {usage}")));
        }
        let start = self.at;
        if !self.is_number() {
            return Err(self.error(format!("the length of a code is a number without quotes: write {usage}")));
        }
        match usize::try_from(self.number()?) {
            Ok(length) if length > 0 => Ok(Node::Code(of, length)),
            _ => Err(self.error_at(start, "a code has at least one character")),
        }
    }

    fn concat(&mut self, usage: &str) -> Result<Node> {
        let of = self.texts("concat")?;
        let mut separator = None;
        while self.comma() {
            let start = self.at;
            match self.named_text()? {
                (None | Some("sep"), text) if separator.is_none() => separator = Some(text),
                _ => {
                    return Err(self.error_at(start, format!("concat takes no such argument: write {usage}")));
                }
            }
        }
        Ok(Node::Concat { of, separator: separator.unwrap_or_else(|| " ".into()) })
    }

    fn join(&mut self, usage: &str) -> Result<Node> {
        let of = self.texts("join")?;
        let (mut separator, mut order) = (None, None);
        while self.comma() {
            let start = self.at;
            match self.named_text()? {
                (None | Some("sep"), text) if separator.is_none() => separator = Some(text),
                (Some("order"), text) if order.is_none() => {
                    order = Some(match text.as_str() {
                        "field" => Order::Field,
                        "spec" => Order::Spec,
                        _ => {
                            let message =
                                "order='field' is as in the field, order='spec' as you name the subfields";
                            return Err(self.error_at(start, message));
                        }
                    });
                }
                _ => return Err(self.error_at(start, format!("join takes no such argument: write {usage}"))),
            }
        }
        let separator = separator.unwrap_or_else(|| " ".into());
        Ok(Node::Join { of, separator, order: order.unwrap_or(Order::Field) })
    }

    fn structure(&mut self, usage: &str) -> Result<Node> {
        self.skip_blanks();
        let behind_word = self.rest().trim_start_matches(is_word).trim_start();
        if !self.word().is_empty() && behind_word.starts_with('(') {
            return Err(self.error(format!("struct takes paths alone: write {usage}")));
        }
        let start = self.at;
        let paths = self.union()?;
        match paths.iter().find_map(not_a_struct) {
            None => Ok(Node::Struct(paths)),
            Some(message) => Err(self.error_at(start, message)),
        }
    }

    /// Whether there is another argument.
    fn comma(&mut self) -> bool {
        self.skip_blanks();
        let is_next = self.eat(",");
        self.skip_blanks();
        is_next
    }

    /// A text, perhaps with the name of its argument.
    fn named_text(&mut self) -> Result<(Option<&str>, String)> {
        let start = self.at;
        let name = self.word();
        self.at += name.len();
        self.skip_blanks();
        let is_named = !name.is_empty() && self.eat("=");
        self.skip_blanks();
        if self.is_quoted() && (is_named || name.is_empty()) {
            return Ok((is_named.then_some(name), self.quoted()?));
        }
        let at = if is_named { self.at } else { start };
        let found = if is_named { self.word() } else { name };
        Err(self.error_at(at, format!("a text stands in quotes: write '{found}'")))
    }
}

/// The type of a value, as a message says it.
fn in_words(element: &Element) -> String {
    match element {
        Element::Text => "text".into(),
        Element::Field => "a whole field".into(),
        Element::Struct(_) => "a struct".into(),
        Element::Pair => "a pair".into(),
        other => other.to_string(),
    }
}

/// Why the subfields of a path are no struct.
fn not_a_struct(path: &Path) -> Option<String> {
    let Part::Subfields(codes) = &path.part else {
        let tag = path.tag_text();
        return Some(format!("struct takes subfields by name: write struct({tag}$a$b)"));
    };
    let range = codes.iter().find(|it| it.first != it.last);
    if let Some(range) = range {
        let each: String = (range.first..=range.last).flat_map(|code| ['$', char::from(code)]).collect();
        return Some(format!("struct takes subfields by name: write {each}"));
    }
    let twice = codes
        .iter()
        .enumerate()
        .find(|(place, it)| codes.iter().take(*place).any(|other| other.first == it.first));
    twice.map(|(_, it)| format!("struct has each subfield once: ${} is named twice", char::from(it.first)))
}
