use super::*;
use crate::diagnostic::Code;
use crate::formats::framing::{Framer, tests};
use crate::iso2709::framing::Next;

fn record(number: usize) -> String {
    let leader = "00000nam a2200000 a 4500";
    format!(
        "{{\"leader\":\"{leader}\",\"fields\":[{{\"001\":\"{number}\"}},{{\"245\":{{\"ind1\":\"1\",\"ind2\":\"0\",\"subfields\":\
         [{{\"a\":\"[A {{title}}\\\\ \\\"\"}}]}}}}]}}"
    )
}

/// The same, spread over lines.
fn in_lines(record: &str) -> String {
    record.replace(',', ",\n  ").replace("[{", "[\n{").replace("}]", "}\n]").replace("]}", "]\n}")
}

fn kinds(document: &str) -> String {
    tests::kinds::<Records>(document)
}

#[test]
fn records_are_found_in_what_is_around_them() {
    let [one, two] = [record(1), record(2)];
    let fields_first =
        one.replacen("{\"leader\":\"00000nam a2200000 a 4500\",", "{", 1).replace("]}", "],\"leader\":\"\"}");
    let with_id = one.replacen('{', "{\"_id\": [1, {\"a\": \"b\"}], \"n\": null, ", 1);
    for (name, document, expected) in [
        ("alone", one.clone(), "r"),
        ("a line for each", format!("\u{FEFF}{one}\n{two}\r\n{one}"), " r r r"),
        ("side by side", format!("{one}{two} {one}"), "rr r"),
        ("spread over lines", format!("{}\n{}\n", in_lines(&one), in_lines(&two)), "r r "),
        ("an array", format!("[{one},{two}]"), " r r "),
        ("an array, in lines", format!("[\n{},\n{}\n]\n", in_lines(&one), in_lines(&two)), " r r "),
        ("fields first", fields_first, "r"),
        ("other members first", format!("{with_id}\n{with_id}"), "r r"),
        (
            "in another object",
            format!(
                "{{\"id\": \"x\", \"raw\": \"{{\\\"leader\\\":\\\"\", \"n\": [1.5e3, true], \"content\": {one}, \"d\": false}}\n{two}"
            ),
            " r r",
        ),
        (
            "in a list in another object",
            format!("{{\"total\": 2, \"records\": [{{\"content\":{one}}}, {{\"content\":{two}}}]}}"),
            " r r ",
        ),
        ("in an object without a list", one.replace('[', " [ "), "r"),
        ("nothing", "[]".into(), " "),
        ("no fields", "{\"leader\": \"\"}".into(), "r"),
    ] {
        assert_eq!(kinds(&document), expected, "{name}");
    }
}

#[test]
fn damage_costs_one_record() {
    let [one, two] = [record(1), record(2)];
    let quote = one.replace("\"1\"}", "\"1}");
    let with_id = two.replacen('{', "{\"_id\": \"2\", ", 1);
    for (name, document, expected) in [
        ("a line without a quotation mark", format!("{quote}\n{two}\n{two}"), "t r r"),
        ("one without a quotation mark in a list", format!("[{quote},{two},{two}]"), " t r r "),
        ("a line without its end", format!("{}\n{two}", &one[..90]), "t r"),
        (
            "the first line, and other members first",
            format!("{}\n{with_id}\n{with_id}", &with_id[..with_id.len() - 2]),
            "t r r",
        ),
        ("a bracket too few", format!("{}\n{two}", one.replacen("]}", "]", 1)), "t r"),
        ("a bracket too many", format!("{}\n{two}\n{two}", one.replacen("\"},", "\"}}]},", 1)), "rg r r"),
        ("text", format!("what is this\n{two}"), "g r"),
        ("text between records", format!("{one}\nwhat is this\n{two}\n"), "r g r "),
        ("another object", format!("{one}\n{{\"deleted\": \"1\"}}\n{two}\n"), "r g r "),
        ("cut", format!("[{one},{}", &two[..40]), " r t"),
    ] {
        assert_eq!(kinds(&document), expected, "{name}");
    }
}

#[test]
fn what_grows_too_large_is_passed() {
    let [one, two] = [record(1), record(2)];
    let large = one.replace("title", &"x".repeat(10_000));
    for (name, document, expected) in [
        ("a record", format!("{large}\n{two}"), "l r"),
        ("one without end", format!("[{}, {two}]", large.trim_end_matches(['}', ']'])), " l r "),
        ("text", format!("{two}\n{}\n{two}", "x".repeat(10_000)), "r g r"),
    ] {
        for window in [64, 1000, 100_000] {
            let found: String =
                tests::items::<Records>(&document, window, 1000).into_iter().map(|(kind, _)| kind).collect();
            assert_eq!(found, expected, "{name}, in windows of {window}");
        }
    }
}

#[test]
fn a_source_without_records_says_what_it_is() {
    for (document, expected) in [
        ("{\"_id\": 1, \"record\": [[\"245\", \"1\"]]}\n", "JSON of Catmandu"),
        ("[{\"001\": [\"1\"], \"245\": []}]", "tags for names"),
        ("{\"a\": \"b\"}", "no record of MARC-in-JSON"),
        ("[1, 2, 3]", "no record of MARC-in-JSON"),
    ] {
        for document in [document.to_owned(), document.repeat(100_000)] {
            let mut framer = Framer::new(1 << 20, Records::default());
            let (mut at, mut found, mut gaps) = (0, Vec::new(), 0);
            while at < document.len() {
                at = match framer.next(document.as_bytes(), at, true) {
                    Next::Item(item) => {
                        gaps += usize::from(!item.findings.is_empty());
                        found.extend(item.findings);
                        item.end
                    }
                    Next::Frame(end) | Next::Passed(end) => end,
                    Next::More => panic!("there is no more"),
                };
            }
            assert_eq!((found[0].code, gaps), (Code::NotMarc, 1), "{document:.40}");
            assert!(found[0].found.contains(expected), "{}", found[0].found);
        }
    }
}

#[test]
fn a_document_that_is_not_closed_is_told() {
    let of = |document: &str| {
        let mut framer = Framer::new(1 << 20, Records::default());
        let mut at = 0;
        while at < document.len() {
            at = match framer.next(document.as_bytes(), at, true) {
                Next::Item(item) => item.end,
                Next::Frame(end) | Next::Passed(end) => end,
                Next::More => panic!("there is no more"),
            };
        }
        framer.findings(0).into_iter().map(|finding| finding.expected).collect::<Vec<_>>()
    };
    let one = record(1);
    assert_eq!(of(&format!("[{one}")), ["]"]);
    assert_eq!(of(&format!("[{one}]")), [""; 0]);
}
