//! Whatever an expression or condition is, it can be written, and what is written means it again.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::iso2709::Tag;
use crate::notation::condition::Pattern;
use crate::notation::path::Place;

fn print_place(place: Place) -> String {
    match place {
        Place::At(place) => place.to_string(),
        Place::Last(_) => "#".into(),
    }
}

fn print_span(span: Span) -> String {
    match (span.from, span.to) {
        (Place::Last(back), Place::Last(0)) if back > 0 => format!("#-{back}"),
        (from, to) if from == to => print_place(from),
        (from, to) => format!("{}-{}", print_place(from), print_place(to)),
    }
}

fn print_characters(span: Option<Span>) -> String {
    span.map_or_else(String::new, |span| format!("/{}", print_span(span)))
}

fn print_index(span: Option<Span>) -> String {
    span.map_or_else(String::new, |span| format!("[{}]", print_span(span)))
}

fn print_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn print_what(what: &What) -> String {
    match what {
        What::Indicator(place) => format!("^{}", place + 1),
        What::Subfield(code, span) => format!("${}{}", char::from(*code), print_characters(*span)),
        What::Characters(span) => print_characters(Some(*span)),
        What::Control(tag, span) => {
            format!("{}{}", tag.map_or("LDR".into(), |tag| tag.to_string()), print_characters(*span))
        }
    }
}

fn print_test(test: &Test) -> String {
    let compared = |what, sign, text: &String| format!("{} {sign} {}", print_what(what), print_text(text));
    match test {
        Test::Has(what) => format!("?{}", print_what(what)),
        Test::Lacks(what) => format!("!{}", print_what(what)),
        Test::Is(what, text) => compared(what, "=", text),
        Test::IsNot(what, text) => compared(what, "!=", text),
        Test::Contains(what, text) => compared(what, "~", text),
        Test::ContainsNot(what, text) => compared(what, "!~", text),
    }
}

fn print_codes(codes: &Codes) -> String {
    let (first, last) = (char::from(codes.first), char::from(codes.last));
    let range = if first == last { format!("${first}") } else { format!("${first}-{last}") };
    range + &print_index(codes.turns) + &print_characters(codes.characters)
}

fn print_path(path: &Path) -> String {
    let mut out = path.tag_text() + &print_index(path.fields);
    for tests in &path.conditions {
        out += &format!("{{{}}}", tests.iter().map(print_test).collect::<Vec<_>>().join("|"));
    }
    out + &match &path.part {
        Part::Whole => String::new(),
        Part::Characters(span) => print_characters(Some(*span)),
        Part::Indicator(place) => format!("^{}", place + 1),
        Part::Subfields(codes) => codes.iter().map(print_codes).collect(),
    }
}

fn print_node(node: &Node) -> String {
    let paths = |paths: &[Path]| paths.iter().map(print_path).collect::<Vec<_>>().join(":");
    match node {
        Node::Union(of) => paths(of),
        Node::Each(function, of) => format!("{}({})", format!("{function:?}").to_lowercase(), print_node(of)),
        Node::First(of) => format!("first({})", print_node(of)),
        Node::Last(of) => format!("last({})", print_node(of)),
        Node::Join { of, separator, order: Order::Field } => {
            format!("join({}, {})", print_node(of), print_text(separator))
        }
        Node::Join { of, separator, order: Order::Spec } => {
            format!("join( {} , order = 'spec', sep={})", print_node(of), print_text(separator))
        }
        Node::Concat { of, separator } => format!("concat({}, {})", print_node(of), print_text(separator)),
        Node::Coalesce(of) => {
            format!("coalesce({})", of.iter().map(print_node).collect::<Vec<_>>().join(", "))
        }
        Node::Unique(of) => format!("unique({})", print_node(of)),
        Node::Code(of, length) => format!("code({}, {length})", print_node(of)),
        Node::Oclc(of) => format!("oclc({})", print_node(of)),
        Node::Label(of) => format!("label({})", print_node(of)),
        Node::Count(of) => format!("count({})", print_node(of)),
        Node::Exists(of) => format!("exists({})", print_node(of)),
        Node::Struct(of) => format!("struct({})", paths(of)),
        Node::Alt(of) => format!("alt({})", print_node(of)),
        Node::Pair(of) => format!("pair({})", print_node(of)),
    }
}

const DAYS: [(i32, &str); 4] =
    [(0, "1970-01-01"), (-1, "1969-12-31"), (18_321, "2020-02-29"), (-719_162, "0001-01-01")];

fn print_literal(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => print_text(text),
        Literal::Number(number) => number.to_string(),
        Literal::Day(day) => print_text(DAYS.iter().find(|(known, _)| known == day).unwrap().1),
    }
}

fn print_truth(truth: &Truth) -> String {
    let joined = |parts: &[Truth], word| {
        let parts: Vec<String> = parts.iter().map(|part| format!("({})", print_truth(part))).collect();
        parts.join(word)
    };
    match truth {
        Truth::And(parts) => joined(parts, " and "),
        Truth::Or(parts) => joined(parts, "or"),
        Truth::Not(part) => format!("not({})", print_truth(part)),
        Truth::Holds(node) => print_node(node),
        Truth::Compare(node, comparison, literal) => {
            let sign = match comparison {
                Comparison::Equal => "==",
                Comparison::NotEqual => "!=",
                Comparison::Less => "<",
                Comparison::LessOrEqual => "<=",
                Comparison::Greater => ">",
                Comparison::GreaterOrEqual => ">=",
                Comparison::Contains => "~",
            };
            format!("{}{sign}{}", print_node(node), print_literal(literal))
        }
        Truth::In(node, literals) => {
            let literals: Vec<String> = literals.iter().map(print_literal).collect();
            format!("{} in({})", print_node(node), literals.join(","))
        }
        Truth::Matches(node, pattern) => {
            format!("{} matches {}", print_node(node), print_text(pattern.0.as_str()))
        }
        Truth::Listed(..) => panic!("there is no text for a list"),
    }
}

fn at() -> impl Strategy<Value = Span> {
    prop_oneof![
        (0..40_usize).prop_map(|at| Span { from: Place::At(at), to: Place::At(at) }),
        (0..40_usize, 0..9_usize)
            .prop_map(|(from, more)| Span { from: Place::At(from), to: Place::At(from + more) }),
        (0..40_usize).prop_map(|from| Span { from: Place::At(from), to: Place::Last(0) }),
        (0..9_usize).prop_map(|back| Span { from: Place::Last(back), to: Place::Last(0) }),
    ]
}

fn text() -> impl Strategy<Value = String> {
    "[ -\\[\\]-~é東‡]{0,6}"
}

fn code() -> impl Strategy<Value = u8> {
    (b'!'..=b'~').prop_filter("| is no code", |code| *code != b'|')
}

/// What is tested, and a text that it can be.
fn what(of_data: bool) -> BoxedStrategy<(What, String)> {
    let characters = (0..9_usize, "[a-z#' ]{1,4}").prop_map(|(from, text)| {
        let to = from + text.chars().count() - 1;
        (Span { from: Place::At(from), to: Place::At(to) }, text)
    });
    let tag = select(vec![None, Some("001"), Some("007"), Some("008"), Some("009")])
        .prop_map(|tag| tag.map(|tag| tag.parse::<Tag>().unwrap()));
    let of_record = prop_oneof![
        (tag.clone(), characters.clone())
            .prop_map(|(tag, (span, text))| (What::Control(tag, Some(span)), text)),
        (tag, text()).prop_map(|(tag, text)| (What::Control(tag, None), text)),
    ];
    if of_data {
        prop_oneof![
            of_record,
            (0..2_usize, "[0-9 #|}']").prop_map(|(place, text)| (What::Indicator(place), text)),
            (code(), text()).prop_map(|(code, text)| (What::Subfield(code, None), text)),
            (code(), characters).prop_map(|(code, (span, text))| (What::Subfield(code, Some(span)), text)),
        ]
        .boxed()
    } else {
        prop_oneof![of_record, characters.prop_map(|(span, text)| (What::Characters(span), text))].boxed()
    }
}

fn test(of_data: bool) -> impl Strategy<Value = Test> {
    (what(of_data), 0..6).prop_map(|((what, text), kind)| match (kind, what) {
        (0, what) if !matches!(what, What::Indicator(_)) => Test::Has(what),
        (1, what) => Test::Lacks(what),
        (2, what) => Test::IsNot(what, text),
        (3, what) => Test::Contains(what, text),
        (4, what) => Test::ContainsNot(what, text),
        (_, what) => Test::Is(what, text),
    })
}

fn conditions(of_data: bool) -> impl Strategy<Value = Vec<Vec<Test>>> {
    vec(vec(test(of_data), 1..3), 0..3)
}

fn codes() -> impl Strategy<Value = Codes> {
    let range = prop_oneof![
        code().prop_map(|code| (code, code)),
        (b'a'..=b'm', 0..9_u8).prop_map(|(first, more)| (first, first + more)),
        Just((b'0', b'9')),
    ];
    (range, proptest::option::of(at()), proptest::option::of(at()))
        .prop_map(|((first, last), turns, characters)| Codes { first, last, turns, characters })
}

fn pattern(tag: &str) -> TagPattern {
    TagPattern(tag.as_bytes().try_into().unwrap())
}

/// Paths to texts in data fields.
fn data_path() -> impl Strategy<Value = Path> {
    let tag = select(vec!["245", "6..", "abc", "Z30", "...", ".01"]);
    let part =
        prop_oneof![vec(codes(), 1..4).prop_map(Part::Subfields), (0..2_usize).prop_map(Part::Indicator)];
    (tag, proptest::option::of(at()), conditions(true), part).prop_map(|(tag, fields, conditions, part)| {
        Path { tag: Some(pattern(tag)), fields, conditions, part }
    })
}

/// Paths to codes that have labels.
fn coded_path() -> impl Strategy<Value = Path> {
    let subfields = |(tag, code), conditions| {
        let codes = Codes { first: code, last: code, turns: None, characters: None };
        Path { tag: Some(pattern(tag)), fields: None, conditions, part: Part::Subfields(vec![codes]) }
    };
    (select(vec![("041", b'a'), ("043", b'a'), ("700", b'4')]), conditions(true))
        .prop_map(move |(place, conditions)| subfields(place, conditions))
}

/// Paths to texts in the leader and control fields.
fn fixed_path() -> impl Strategy<Value = Path> {
    let tag = select(vec!["LDR", "001", "008", "007", "00."]);
    let part = prop_oneof![Just(Part::Whole), at().prop_map(Part::Characters)];
    (tag, proptest::option::of(at()), conditions(false), part)
        .prop_map(|(tag, fields, conditions, part)| Path {
            tag: (tag != "LDR").then(|| pattern(tag)),
            fields: fields.filter(|_| tag == "007" || tag == "00."),
            conditions,
            part,
        })
        .prop_filter("the leader has 24 characters", |path| {
            let is_of_leader = |span: &Span| !matches!(span.to, Place::At(last) if last > 23);
            path.tag.is_some() || !matches!(&path.part, Part::Characters(span) if !is_of_leader(span))
        })
}

fn whole() -> impl Strategy<Value = Node> {
    let path = (select(vec!["650", "...", "6.."]), proptest::option::of(at()), conditions(true));
    let path = path.prop_map(|(tag, fields, conditions)| Path {
        tag: Some(pattern(tag)),
        fields,
        conditions,
        part: Part::Whole,
    });
    vec(path, 1..3).prop_map(Node::Union)
}

/// Expressions whose values are text.
fn texts() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        vec(prop_oneof![data_path(), fixed_path()], 1..3).prop_map(Node::Union),
        vec(data_path(), 1..3).prop_map(|paths| Node::Alt(Box::new(Node::Union(paths)))),
        whole().prop_map(|of| Node::Each(Function::Text, Box::new(of))),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        let of = inner.clone().prop_map(Box::new);
        let each =
            select(vec![Function::Trim, Function::Lower, Function::Text, Function::Isbn, Function::Isbn13]);
        let order = select(vec![Order::Field, Order::Spec]);
        prop_oneof![
            (each, of.clone()).prop_map(|(function, of)| Node::Each(function, of)),
            of.clone().prop_map(|of| match of.keeps_fields() {
                true => Node::Each(Function::Filing, of),
                false => Node::Last(of),
            }),
            of.clone().prop_map(Node::First),
            of.clone().prop_map(Node::Unique),
            of.clone().prop_map(Node::Oclc),
            (of.clone(), 1..9_usize).prop_map(|(of, length)| Node::Code(of, length)),
            (of.clone(), text(), order).prop_map(|(of, separator, order)| Node::Join {
                of,
                separator,
                order
            }),
            (of, text()).prop_map(|(of, separator)| Node::Concat { of, separator }),
            vec(inner, 1..4).prop_map(Node::Coalesce),
        ]
    })
}

fn node() -> impl Strategy<Value = Node> {
    let of = || texts().prop_map(Box::new);
    let codes =
        (b'a'..=b'z').prop_map(|code| Codes { first: code, last: code, turns: None, characters: None });
    let path =
        (data_path(), codes).prop_map(|(path, codes)| Path { part: Part::Subfields(vec![codes]), ..path });
    let each = select(vec![Function::Year, Function::Date, Function::Int]);
    prop_oneof![
        4 => texts(),
        1 => whole(),
        1 => (each, of()).prop_map(|(function, of)| Node::Each(function, of)),
        1 => of().prop_map(Node::Count),
        1 => of().prop_map(Node::Exists),
        1 => vec(data_path(), 1..3).prop_map(|paths| Node::Pair(Box::new(Node::Union(paths)))),
        1 => vec(path, 1..3).prop_map(Node::Struct),
        1 => coded_path().prop_map(|path| Node::Label(Box::new(Node::Union(vec![path])))),
    ]
}

fn truth() -> impl Strategy<Value = Truth> {
    let comparison = select(vec![
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ]);
    // Of `lower`, nobody knows how many characters it has.
    let texts = || texts().prop_map(|of| Node::Each(Function::Lower, Box::new(of)));
    let days = select(DAYS.map(|(day, _)| day).to_vec());
    let leaf = prop_oneof![
        node()
            .prop_filter("a count is always there", |node| !matches!(node, Node::Count(_)))
            .prop_map(Truth::Holds),
        (texts(), comparison.clone(), text()).prop_map(|(node, comparison, text)| Truth::Compare(
            node,
            comparison,
            Literal::Text(text)
        )),
        (texts(), text()).prop_map(|(node, text)| Truth::Compare(
            node,
            Comparison::Contains,
            Literal::Text(text)
        )),
        (texts(), comparison.clone(), any::<i32>()).prop_map(|(node, comparison, number)| {
            Truth::Compare(Node::Count(Box::new(node)), comparison, Literal::Number(number.into()))
        }),
        (texts(), comparison, days).prop_map(|(node, comparison, day)| {
            Truth::Compare(Node::Each(Function::Date, Box::new(node)), comparison, Literal::Day(day))
        }),
        (texts(), vec(text().prop_map(Literal::Text), 1..4)).prop_map(|(node, texts)| Truth::In(node, texts)),
        (texts(), "[a-z' ]{0,4}")
            .prop_map(|(node, pattern)| Truth::Matches(node, Pattern(pattern.parse().unwrap()))),
    ];
    leaf.prop_recursive(4, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|truth| Truth::Not(Box::new(truth))),
            vec(inner.clone(), 2..4).prop_map(Truth::And),
            vec(inner, 2..4).prop_map(Truth::Or),
        ]
    })
}

proptest! {
    #[test]
    fn an_expression_that_is_written_is_itself(node in node()) {
        let text = print_node(&node);
        let read: Expression = text.parse().unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(&read.node, &node, "{}", text);
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn a_condition_that_is_written_is_itself(truth in truth()) {
        let text = print_truth(&truth);
        let read: Condition = text.parse().unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(&read.truth, &truth, "{}", text);
    }

    #[test]
    fn columns_that_are_displayed_are_themselves(columns in vec(("[ -\\[\\]-~]{0,8}", node()), 1..4)) {
        let names = columns.iter().enumerate().map(|(place, (name, node))| (format!("{name}{place}"), print_node(node)));
        let columns = Columns::of(names).unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(columns.to_string().parse::<Columns>(), Ok(columns));
    }

    #[test]
    fn any_text_is_something_or_an_error_in_it(text in any_text()) {
        check_any(&text)?;
    }
}

/// Text that goes on as the notation does for a while.
fn any_text() -> impl Strategy<Value = String> {
    let tokens = [
        "245",
        "6..",
        "LDR",
        "00",
        "008",
        "$",
        "$a",
        "$a-z",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "/",
        "-",
        "#",
        "0",
        "35-37",
        "^1",
        "^",
        "=",
        "==",
        "!=",
        "!",
        "?",
        "~",
        "!~",
        "<",
        ">=",
        "|",
        ":",
        ",",
        "'",
        "\"",
        "\\",
        " ",
        "\n",
        "x",
        "X",
        "é",
        "‡",
        "\u{301}",
        "and",
        "or",
        "not",
        " in ",
        "matches ",
        "join(",
        "trim(",
        "count(",
        "struct(",
        "coalesce(",
        "code(",
        "label(",
        "alt(",
        "880-",
        "LNK",
        "leader",
        ".type",
        "*",
        "_",
        "sep=",
        "order=",
        "'spec'",
        "2020-01-01",
    ];
    prop_oneof![".*", vec(select(tokens.to_vec()), 0..16).prop_map(|tokens| tokens.concat())]
}

fn check_any(text: &str) -> Result<(), TestCaseError> {
    fn check<T: std::str::FromStr<Err = NotationError>>(text: &str) -> Result<(), TestCaseError> {
        if let Err(error) = text.parse::<T>() {
            prop_assert_eq!(error.text(), text);
            prop_assert!(error.place() <= text.chars().count());
            prop_assert_eq!(error.to_string().lines().count(), 3, "{}", error);
        }
        Ok(())
    }
    check::<Expression>(text)?;
    check::<Condition>(text)?;
    check::<Columns>(text)?;
    check::<Tags>(text)
}
