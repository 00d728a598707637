//! Items of both formats, in whatever windows their bytes arrive.

use super::super::framing::tests::{items, kinds};
use super::super::{aleph, maker};

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
        ("a blank line of 40 characters", format!("{one}{:40}\n{two}{:40}", "", ""), "r r "),
        ("one of 1,000", format!("{:1000}\n{one}{:1000}\n{two}{:1000}\n", "", "", ""), " r r "),
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

const ALEPH: [&str; 2] = [
    "000000001 LDR   L 00000nam^a2200000^a^4500\n000000001 001   L first\n000000001 24510 L $$aTitle\n",
    "000000002 LDR   L 00000nam^a2200000^a^4500\n000000002 001   L second\n",
];

#[test]
fn records_of_aleph_are_found_in_what_is_around_them() {
    let [one, two] = ALEPH;
    let of_alma = |text: &str| text.replace("000000", "99000000000000").replace(" L ", " ");
    for (name, document, expected) in [
        ("one", one.to_owned(), "r"),
        ("two", format!("{one}{two}"), "rr"),
        ("two of Alma", of_alma(&format!("{one}{two}")), "rr"),
        ("blank lines around them", format!("\n\n{one}\n{two}\n\n"), " rr"),
        ("lines of DOS", format!("{one}{two}\x1A").replace('\n', "\r\n"), "rr"),
        ("a byte order mark", format!("\u{FEFF}{one}"), " r"),
        ("no leader", format!("{}{one}", &two[two.len() - 25..]), "rr"),
        ("no end of the last line", format!("{one}{}", two.trim_end()), "rr"),
        ("a line that goes on", format!("{one}and so on\n12345678 x\n1234567890 x\n{two}"), "rr"),
        ("text before them", format!("Records:\n\n{one}"), "gr"),
        ("text alone", "What is this\n".repeat(100), "g"),
    ] {
        assert_eq!(kinds::<aleph::Records>(&document), expected, "{name}");
    }
    for window in [1, 50, 10_000] {
        let document = format!("{one}{}{one}{two}", "000000001 500   L $$ax\n".repeat(100));
        let items = items::<aleph::Records>(&document, window, 200);
        assert_eq!(items.iter().map(|(kind, _)| *kind).collect::<String>(), "lr", "{window}");
    }
}
