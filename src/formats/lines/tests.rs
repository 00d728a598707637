//! Items of both formats, in whatever windows their bytes arrive.

use super::super::framing::tests::{items, kinds};
use super::super::maker;

const MAKER: [&str; 2] = [
    "=LDR  00000nam a2200000 a 4500\n=001  first\n=245  10$aTitle\n",
    "=LDR  00000nam a2200000 a 4500\n=001  second\n",
];

fn of_maker(document: &str) -> String {
    kinds::<maker::Records>(document)
}

#[test]
fn records_of_marcmaker_are_found_in_what_is_around_them() {
    let [one, two] = MAKER;
    let dos = format!("{one}\n{two}").replace('\n', "\r\n");
    for (name, document, expected) in [
        ("one", one.to_owned(), "r"),
        ("a blank line between them", format!("{one}\n{two}"), "r r"),
        ("blank lines around them", format!("\n\n{one}\n \t\n\n{two}\n\n"), " r r "),
        ("nothing between them", format!("{one}{two}"), "rr"),
        ("lines of DOS, and the end of a file there", format!("{dos}\x1A"), "r r "),
        ("a byte order mark", format!("\u{FEFF}{one}"), " r"),
        ("comments", format!("# All\n#=245  10$a\n{one}\n# The second\n{two}\n#"), " r r "),
        ("no leader", format!("=001  third\n\n{one}"), "r r"),
        ("no end of the last line", format!("{one}\n{}", two.trim_end()), "r r"),
        ("only a leader", "=LDR  ".into(), "r"),
        ("a line that goes on", format!("{}\n=the sequel\n# 2\n\n{two}", one.trim_end()), "r r"),
        (
            "other characters that end lines",
            format!("{}\u{85}\u{2028}\x0B\x0C\r=LDR\n{two}", one.trim_end()),
            "rr",
        ),
        ("nothing", "\r\n".into(), " "),
    ] {
        assert_eq!(of_maker(&document), expected, "{name}");
    }
}

#[test]
fn what_is_no_record_of_marcmaker_is_a_gap() {
    let [one, two] = MAKER;
    for (name, document, expected) in [
        ("text before them", format!("Records:\n\n{one}"), "gr"),
        ("text between them", format!("{one}\nand then\n{two}"), "r gr"),
        ("a damaged leader", format!("{one}\n{}", two.replace("=L", "L")), "r gr"),
        ("text behind them", format!("{one}\n\nThe end"), "r g"),
        ("text alone", "What is this\n".repeat(100), "g"),
    ] {
        assert_eq!(of_maker(&document), expected, "{name}");
    }
}

#[test]
fn what_is_too_large_is_passed_over() {
    let [one, two] = MAKER;
    let [line, lines] = ["x".repeat(1000), "=500  \\\\$ax\n".repeat(100)];
    for (name, document, expected) in [
        ("a long line", format!("{one}\n{one}={line}\n{two}"), "r lr"),
        ("many lines", format!("{one}{lines}\n{two}"), "l r"),
        ("a long gap", format!("{one}\n{line}\n{line}\n\n{two}"), "r gr"),
        ("no end", format!("{two}{line}"), "l"),
    ] {
        for window in [1, 50, 10_000] {
            let items = items::<maker::Records>(&document, window, 200);
            assert_eq!(items.iter().map(|(kind, _)| *kind).collect::<String>(), expected, "{name} {window}");
        }
    }
}
