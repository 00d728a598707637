use super::*;
use crate::diagnostic::{Code, Severity};
use crate::formats::framing::{Framer, tests};
use crate::iso2709::framing::Next;

const LEADER: &str = "<leader>00000nam a2200000 a 4500</leader>";

fn record(number: usize) -> String {
    format!("<record>{LEADER}<controlfield tag=\"001\">{number}</controlfield></record>")
}

#[test]
fn records_are_found_in_what_is_around_them() {
    let [one, two] = [record(1), record(2)];
    for (name, document, expected) in [
        ("alone", one.clone(), "r"),
        ("side by side", format!("{one}{two}"), "rr"),
        (
            "in a collection",
            format!("\u{FEFF}<?xml version=\"1.0\"?>\n<collection>{one}\n{two}</collection>\n"),
            " r r ",
        ),
        ("several roots", format!("<collection>{one}</collection><collection>{two}</collection>"), " r r "),
        ("a comment with a record", format!("<collection><!-- {one} -->{two}</collection>"), " r "),
        ("a document type", format!("<!DOCTYPE a [<!ENTITY b \"{}\">]><a>{one}</a>", "<record>"), " r "),
        ("a line for each", format!("1\t{one}\n22\t{two}\n"), " r r "),
        (
            "OAI-PMH",
            format!(
                "<OAI-PMH><request verb=\"x\">y</request><record><header><id>1</id></header><metadata>{one}\
                 </metadata></record><record><header status=\"deleted\"/></record></OAI-PMH>"
            ),
            " r ",
        ),
        (
            "an empty one",
            "<collection><record/><record></record><record> </record></collection>".into(),
            " rrr ",
        ),
        ("a prefix", one.replace('<', "<m:").replace("<m:/", "</m:"), "r"),
        ("space in tags", one.replace("<record>", "<record\n>").replace("</record>", "</record >"), "r"),
        ("other elements before", format!("<record><x><y/></x>{LEADER}</record>"), "r"),
        ("nothing", "<collection/>".into(), " "),
    ] {
        assert_eq!(tests::kinds::<Records>(&document), expected, "{name}");
    }
}

#[test]
fn what_only_looks_like_an_end_is_none() {
    for inside in [
        "<!-- </record> -->",
        "<datafield><![CDATA[</record>]]></datafield>",
        "<controlfield tag='002'>a record</controlfield>",
        "<controlfield tag='002'>a record </controlfield>",
        "<records/>",
    ] {
        assert_eq!(tests::kinds::<Records>(&format!("<record>{LEADER}{inside}</record>")), "r", "{inside}");
    }
}

#[test]
fn damage_costs_one_record() {
    let [one, two] = [record(1), record(2)];
    let in_collection = |text: &str| format!("<collection>{text}{two}</collection>");
    for (name, damaged, expected) in [
        ("no end tag", one.replace("</record>", ""), " tr "),
        ("no start tag", one.replace("<record>", ""), " gr "),
        ("text", "what is this".into(), " gr "),
        ("an end tag of a field", format!("{one}</datafield>"), " rgr "),
        ("a comment that does not end", one.replace("</record>", "<!-- </record>"), " rr "),
        ("a quotation mark too many", one.replace("<record>", "<record type=\"x>"), " gr "),
        ("a sign", format!("{one}<"), " rgr "),
        ("something between quotation marks", format!("{one}<a b='"), " rgr "),
    ] {
        let document = in_collection(&damaged);
        assert_eq!(tests::kinds::<Records>(&document), expected, "{name}");
    }
    assert_eq!(tests::kinds::<Records>(&format!("<collection>{one}{}", &two[..40])), " rt");
    assert_eq!(tests::kinds::<Records>(&format!("<collection>{one}<collec")), " rg");
}

#[test]
fn what_grows_too_large_is_passed() {
    let [one, two] = [record(1), record(2)];
    let large = one.replace("</record>", &format!("{}</record>", " ".repeat(10_000)));
    for (name, document, expected) in [
        ("a record", format!("<collection>{large}{two}</collection>"), " lr "),
        ("one without end", format!("<collection>{}{two}", large.replace("</record>", "")), " lr"),
        ("text", format!("<collection>{}{two}</collection>", "x".repeat(10_000)), " gr "),
        ("a comment", format!("<collection><!--{}-->{two}</collection>", "x".repeat(10_000)), " r "),
        ("text of the envelope", format!("<a><b>{}</b>{two}</a>", "x".repeat(10_000)), " r "),
    ] {
        for window in [50, 4000, 100_000] {
            let found: String =
                tests::items::<Records>(&document, window, 1000).into_iter().map(|(kind, _)| kind).collect();
            assert_eq!(found, expected, "{name}, {window}");
        }
    }
}

#[test]
fn a_document_without_records_says_what_it_is() {
    let codes = |document: &str| {
        let mut framer = Framer::new(1 << 20, Records::default());
        let found = match framer.next(document.as_bytes(), 0, true) {
            Next::Item(item) => item.findings,
            _ => Vec::new(),
        };
        let all: Vec<_> = found.into_iter().chain(framer.findings(0)).collect();
        all.into_iter().map(|finding| (finding.code, finding.severity, finding.found)).collect::<Vec<_>>()
    };
    assert_eq!(codes("<collection/>"), []);
    let oai = codes("<OAI-PMH><record><header/></record></OAI-PMH>");
    assert_eq!(oai.len(), 1);
    assert_eq!((oai[0].0, oai[0].1), (Code::NotMarc, Severity::Warning));
    let deleted = codes("<OAI-PMH><record><header status='deleted'/></record></OAI-PMH>");
    assert_eq!(deleted, [(Code::Deleted, Severity::Warning, "1 record".into())]);
    assert_eq!(codes("<collection><mods/></collection>")[0].0, Code::NotMarc);
    let turbomarc = codes("<collection xmlns='http://www.indexdata.com/turbomarc'><r><l/></r></collection>");
    assert!(
        turbomarc[0].1 == Severity::Fatal && turbomarc[0].2.contains("yaz-marcdump -i turbomarc"),
        "{turbomarc:?}"
    );
    let mods = codes("<mods><title/></mods>");
    assert_eq!((mods[0].0, mods[0].1), (Code::NotMarc, Severity::Fatal));
    assert!(mods[0].2.contains("<mods>"), "{mods:?}");
}

#[test]
fn foreign_namespaces_and_open_ends_are_found() {
    for (document, expected) in [
        (format!("<collection xmlns=\"{SLIM}\">{}</collection>", record(1)), vec![]),
        (format!("<collection xmlns=\"x\">{}</collection>", record(1)), vec![Code::Namespace]),
        (
            format!(
                "<collection xmlns=\"x\">{}</collection>",
                record(1).replace("<record", "<record xmlns=\"\"")
            ),
            vec![],
        ),
        (format!("<collection>{}", record(1)), vec![Code::Syntax]),
    ] {
        let mut framer = Framer::new(1 << 20, Records::default());
        let mut at = 0;
        while at < document.len() {
            at = match framer.next(document.as_bytes(), at, true) {
                Next::Frame(end) => end,
                Next::Item(item) => item.end,
                other => panic!("{other:?}"),
            };
        }
        let codes: Vec<_> = framer.findings(0).iter().map(|finding| finding.code).collect();
        assert_eq!(codes, expected, "{document}");
    }
}

const SLIM: &str = "http://www.loc.gov/MARC21/slim";
