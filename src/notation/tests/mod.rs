//! What is written becomes what is meant: types, conditions, presets.

mod mistakes;
mod round_trips;

use super::*;

fn type_of(text: &str) -> String {
    let expression: Expression = text.parse().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(expression.to_string(), text);
    expression.data_type().to_string()
}

#[test]
fn the_text_of_an_expression_decides_its_type() {
    const FIELD: &str = "struct<tag: utf8, ind1: utf8, ind2: utf8, value: utf8, subfields: list<struct<code: utf8, value: utf8>>>";
    let whole = (FIELD, format!("list<{FIELD}>"));
    for (text, expected) in [
        ("LDR", "utf8"),
        ("001", "utf8"),
        ("003", "utf8"),
        ("005", "utf8"),
        ("008", "utf8"),
        ("LDR/06", "utf8"),
        ("008/35-37", "utf8"),
        ("245[0]$a[0]", "utf8"),
        ("245[#]$a[#]/0-3", "utf8"),
        ("245[0]^2", "utf8"),
        ("007[0]/00", "utf8"),
        ("006", "list<utf8>"),
        ("007/00", "list<utf8>"),
        ("00.", "list<utf8>"),
        ("245$a", "list<utf8>"),
        ("245[0]$a", "list<utf8>"),
        ("245$a[0]", "list<utf8>"),
        ("245[0-1]$a[0]", "list<utf8>"),
        ("245[0]$a[0]$b[0]", "list<utf8>"),
        ("245^1", "list<utf8>"),
        ("001:003", "list<utf8>"),
        ("655$a:6..$v", "list<utf8>"),
        ("650", &whole.1),
        ("6..", &whole.1),
        ("650:651", &whole.1),
        ("650[0]", whole.0),
        ("first(650)", whole.0),
        ("first(245$a)", "utf8"),
        ("last(trim(245$a))", "utf8"),
        ("first(001)", "utf8"),
        ("join(245$a$b)", "list<utf8>"),
        ("join(245[0]$a$b)", "utf8"),
        ("join(trim(245[0]$a$b), sep=' / ')", "utf8"),
        ("join(008)", "utf8"),
        ("join(245$a$b, ' ', order='spec')", "list<utf8>"),
        ("concat(650$a, '; ')", "utf8"),
        ("concat(650$a)", "utf8"),
        ("coalesce(264{^2=1}$b, 260$b)", "list<utf8>"),
        ("coalesce(first(264$b), first(260$b))", "utf8"),
        ("coalesce(first(264$b), 260$b)", "list<utf8>"),
        ("trim(245$a)", "list<utf8>"),
        ("trim(008/15-17)", "utf8"),
        ("unique(852$b)", "list<utf8>"),
        ("lower(245$a)", "list<utf8>"),
        ("text(650)", "list<utf8>"),
        ("text(650[0])", "utf8"),
        ("filing(245$a)", "list<utf8>"),
        ("count(650)", "int64"),
        ("exists(650)", "bool"),
        ("year(008/07-10)", "int32"),
        ("year(260$c)", "list<int32>"),
        ("date(005)", "date32"),
        ("date(008/00-05)", "date32"),
        ("date(583$c)", "list<date32>"),
        ("int(300$a)", "list<int64>"),
        ("first(int(300$a))", "int64"),
        ("code(008/35-37, 3)", "utf8"),
        ("code(041$a, 3)", "list<utf8>"),
        ("isbn(020$a)", "list<utf8>"),
        ("isbn13(020$a)", "list<utf8>"),
        ("isbn(020[0]$a[0])", "utf8"),
        ("oclc(035$a)", "list<utf8>"),
        ("label(008/35-37)", "utf8"),
        ("struct(650$a$x)", "list<struct<a: list<utf8>, x: list<utf8>>>"),
        ("struct(650[0]$a)", "struct<a: list<utf8>>"),
        ("struct(650$a$x:651$a$z)", "list<struct<a: list<utf8>, x: list<utf8>, z: list<utf8>>>"),
        ("alt(245$a)", "list<utf8>"),
        ("first(alt(245$a))", "utf8"),
        ("pair(245$a)", "list<struct<value: utf8, alt: utf8, script: utf8>>"),
    ] {
        assert_eq!(type_of(text), expected, "{text}");
    }
}

#[test]
fn each_column_of_a_preset_has_its_type() {
    let columns = Columns::preset("bib").unwrap_or_else(|error| panic!("{error}"));
    let one = [
        "control_number",
        "record_type",
        "level",
        "title",
        "title_sort",
        "author",
        "date",
        "date_type",
        "language",
        "country",
        "edition",
    ];
    for (name, expression) in columns.iter() {
        let expected = match name {
            "year" | "year_end" => "int32",
            name if one.contains(&name) => "utf8",
            _ => "list<utf8>",
        };
        assert_eq!(expression.data_type().to_string(), expected, "{name}");
    }
    assert_eq!(columns.iter().len(), 29);
}

#[test]
fn conditions_bind_not_before_and_before_or() {
    for text in [
        "020$a",
        "not 245",
        "100 and not 700",
        "count(700) > 1",
        "245$a ~ 'railway'",
        "245$a !~ \"rail\"",
        "650$2 in ('fast', 'lcsh')",
        "650$2 not in ('fast')",
        "245$a matches '^The'",
        "245$a = 'x'",
        "date(008/00-05) >= '2020-01-01'",
        "(245 or 246) and not (exists(880) or 100)",
        "year(008/07-10) < 1990",
        "LDR/06 == 'a'",
    ] {
        let condition: Condition = text.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(condition.to_string(), text);
    }
    let truth = |text: &str| text.parse::<Condition>().unwrap_or_else(|error| panic!("{error}")).truth;
    assert_eq!(truth("not 245 and 100 or 700"), truth("((not 245) and 100) or 700"));
    assert_ne!(truth("not 245 and 100 or 700"), truth("not (245 and 100 or 700)"));
}
