//! Each mistake is an error that points at the character and says what to write.

use super::*;

/// Errors of expressions: where, and what is said.
const EXPRESSIONS: &[(&str, usize, &str)] = &[
    // Codes without $.
    ("245a", 3, "a $ stands before each code: write 245$a"),
    (
        "245abc",
        3,
        "a $ stands before each code: write 245$a$b$c for one value each, or join(245$a$b$c) for one text a field",
    ),
    ("join(245abc, ' ')", 8, "a $ stands before each code: write 245$a$b$c"),
    ("245a:130", 3, "a $ stands before each code: write 245$a"),
    (
        "245$ab",
        5,
        "a $ stands before each code: write 245$a$b for one value each, or join(245$a$b) for one text a field",
    ),
    ("245$a-$c", 6, "a range of codes has one $: write 245$a-c"),
    // Other signs before a code.
    ("245 $a", 4, "a path has no blanks: write 245$a"),
    ("245 a", 4, "an expression ends before a"),
    ("245 ‡a ‡b", 4, "a path has no blanks: write 245$a$b"),
    ("245$a $b", 6, "a path has no blanks: write 245$a$b"),
    ("245‡a", 3, "a $ stands before each code: write 245$a"),
    ("245ǂa", 3, "a $ stands before each code: write 245$a"),
    ("245|a", 3, "a $ stands before each code: write 245$a"),
    ("245_a", 3, "a $ stands before each code: write 245$a"),
    // Indicators.
    ("650|*0|a", 3, "an indicator is asked for in braces: write 650{^2=0}$a"),
    ("650(*0)a", 3, "an indicator is asked for in braces: write 650{^2=0}$a"),
    ("650/*0.a", 4, "an indicator is asked for in braces: write 650{^2=0}$a"),
    ("650?0.a", 3, "an indicator is asked for in braces: write 650{^2=0}$a"),
    ("650[,0]a", 4, "an indicator is asked for in braces: write 650{^2=0}$a"),
    ("650|10|ab", 3, "an indicator is asked for in braces: write 650{^1=1}{^2=0}$a$b"),
    ("650 #0 $a", 4, "an indicator is asked for in braces: write 650{^1=#}{^2=0}$a"),
    ("245.a", 3, "a $ stands before each code: write 245$a"),
    ("245/*.a", 4, "indicators are free unless they are asked for: write 245$a"),
    ("245??.a", 3, "indicators are free unless they are asked for: write 245$a"),
    // Characters.
    ("008[35-37]", 3, "a bracket counts fields, and characters stand behind /: write 008/35-37"),
    ("first(008[35-37])", 9, "a bracket counts fields, and characters stand behind /: write 008/35-37"),
    ("008_/35-37", 3, "characters stand behind /: write 008/35-37"),
    ("008[35:38]", 6, "a bracket counts fields, and characters stand behind /: write 008/35-37"),
    ("00835-37", 3, "characters stand behind /: write 008/35-37"),
    // The leader.
    ("000[6]", 0, "the leader is LDR, and its characters stand behind /: write LDR/06"),
    ("ldr/6", 0, "the leader is LDR, and its characters stand behind /: write LDR/06"),
    ("leader/06", 3, "the leader is LDR, and its characters stand behind /: write LDR/06"),
    ("ldr.type", 0, "the leader is LDR, and its characters stand behind /: write LDR/06"),
    ("LDR[6]", 3, "the leader is LDR, and its characters stand behind /: write LDR/06"),
    ("LDR/05-24", 3, "the leader has 24 characters, 0 to 23"),
    ("LDR$a", 3, "LDR has neither subfields nor indicators: write LDR/ and the characters"),
    // Tags.
    ("6XX", 0, "a point is any character of a tag: write 6.."),
    ("6xx", 0, "a point is any character of a tag: write 6.."),
    ("6**", 0, "a point is any character of a tag: write 6.."),
    ("6__", 0, "a point is any character of a tag: write 6.."),
    ("65Xa", 0, "a point is any character of a tag: write 65.$a"),
    ("abC", 0, "the letters of a tag are of one case: write ABC or abc"),
    ("24", 0, "a tag is three digits, letters of one case or points, as in 245 or 6.."),
    ("....", 3, "a path ends before ."),
    ("title", 0, "title is no tag, which has three characters: write first(trim(join(245$a$b$n$p)))"),
    ("Volume", 0, "Volume is no tag, which has three characters"),
    ("trim", 0, "trim is a function: write trim(245$a)"),
    ("bib", 0, "bib is a preset, which stands alone"),
    // Linked fields.
    ("LNK245a", 3, "alt finds what is linked in 880: write alt(245$a)"),
    ("880-245$a", 3, "alt finds what is linked in 880: write alt(245$a)"),
    // Conditions in braces.
    ("650{$a=$b}", 7, "a condition compares with a text, not with another place: write '$b' for the text"),
    (
        "650{245$a}$a",
        4,
        "a condition in braces is about its own field, the leader and control fields: for those of a record, write \
         where: 245$a",
    ),
    (
        "650{!245$a}$a",
        5,
        "a condition in braces is about its own field, the leader and control fields: for those of a record, write \
         where: not 245$a",
    ),
    (
        "650$a{245$a!~\\x}",
        6,
        "a condition in braces is about its own field, the leader and control fields: for those of a record, write \
         where: 245$a !~ 'x'",
    ),
    ("650{100$6~$6/3-5}", 4, "a condition in braces is about its own field, the leader and control fields"),
    (
        "650{?650$a}",
        5,
        "a condition in braces is about its own field, the leader and control fields: write $a without the tag",
    ),
    ("650$a{$b}$c", 5, "a condition is about the field: it stands before the first code or behind the last"),
    ("650{^2=0|1}$a", 9, "a whole condition stands behind |, as in {^2=0|^2=1}"),
    ("650{^2=}$a", 7, "a value is missing: write # for a blank"),
    ("650{$2=}$a", 7, "a value is missing: write '' for an empty one"),
    ("650{^2=01}$a", 7, "^2 has 1 character, and this text 2"),
    (
        "650{LDR/06-07=a}$a",
        14,
        "LDR/06-07 has 2 characters, and this text 1: write its blanks, too, in quotes",
    ),
    ("650{$a/0-2~Rome}", 11, "$a/0-2 has 3 characters, and this text 4"),
    ("650{^1}$a", 4, "a field always has indicators: write ^1!=# for one that is not blank"),
    ("650{$a<5}", 6, "in braces, values are only compared by = != ~ !~"),
    ("650{$a-c=x}", 4, "a condition is about all subfields of one code: write $a, or {$a|$b} for several"),
    (
        "650{}",
        4,
        "a condition asks for a subfield, an indicator or characters: {$2=fast}, {^2=0}, {LDR/06=a}",
    ),
    (
        "650{/0=a}",
        4,
        "only control fields have characters of their own: ask for those of a subfield, as in {$a/0=x}",
    ),
    (
        "650$a{/#=\\/}",
        6,
        "only control fields have characters of their own: ask for those of a subfield, as in {$a/0=x}",
    ),
    ("008{$a}", 4, "008 has neither subfields nor indicators"),
    ("650{ldr/06=a}", 4, "the leader is LDR"),
    ("650{$a=x=y}", 8, "a value with = stands in quotes"),
    ("650{$2=\\te st}", 10, "behind \\, a blank is written \\s; or put the value in quotes"),
    ("650{$2=\\a\\b}", 10, "behind this \\ stands s for a blank, or one of $ { } ! = ~ ? | \\"),
    ("650{$a", 3, "this brace is never closed: write } behind the condition"),
    ("650{$a='x}", 7, "the quote that begins here has no end: write ' behind the text"),
    // Places and codes.
    ("245/3", 3, "245 has subfields: count the characters of one, as in 245$a/0-3"),
    ("008$a", 3, "008 has neither subfields nor indicators: write 008/ and the characters"),
    ("00.^1", 3, "00. has neither subfields nor indicators: write 00./ and the characters"),
    ("245[3-1]", 4, "places are counted upwards: write 1-3"),
    ("245[0:2]", 5, "- stands between two places, and both count: [0-1] are the first two"),
    ("245[0", 5, "an index ends in ], as in [0] or [0-2]"),
    ("245[a]", 4, "a place is a number, counted from 0, or # for the last"),
    ("245[1234567890]", 4, "no record has so many places"),
    ("245^3", 4, "there are two indicators: write ^1 or ^2"),
    ("245$", 4, "a code stands behind each $, as in 245$a"),
    ("245$é", 4, "a code stands behind each $, as in 245$a"),
    ("245$|", 4, "| is no code of a subfield"),
    ("245$z-a", 4, "a range of codes goes upwards: write $a-z"),
    ("245$A-Z", 4, "a range of codes is of lower-case letters or digits: $a-z, $0-9"),
    ("245$a-", 6, "a range of codes ends in a code, as in $a-z"),
    // Functions.
    ("trimm(245$a)", 0, "there is no function trimm: write trim"),
    ("TRIM(245$a)", 0, "there is no function TRIM: write trim"),
    ("strip(245$a)", 0, "there is no function strip: write trim"),
    (
        "substring(245$a)",
        0,
        "there is no function substring; choose among alt, coalesce, code, concat, count, date, exists, filing, first, \
         int, isbn, isbn13, join, label, last, lower, oclc, pair, struct, text, trim, unique, year",
    ),
    ("trim()", 5, "trim takes an argument: write trim(245$a)"),
    ("trim(650$a, 3)", 10, "trim takes no further argument: write trim(245$a)"),
    ("trim('x')", 5, "an expression stands here, such as 245$a; a text does not"),
    ("first(245$a", 0, "the bracket of first is never closed: write )"),
    ("first(245$a))", 12, "this bracket closes nothing"),
    ("trim(650)", 5, "trim takes text, and 650 is a whole field: name subfields, or write trim(text(650))"),
    ("trim(count(650))", 5, "trim takes text, and count(650) is int64"),
    ("unique(pair(650$a))", 7, "unique takes single values, and pair(650$a) is a pair"),
    ("code(008/35-37)", 14, "code takes the length of a code, too: write code(041$a, 3)"),
    ("code(041$a, '3')", 12, "the length of a code is a number without quotes: write code(041$a, 3)"),
    ("code(041$a, 0)", 12, "a code has at least one character"),
    ("join(245$a, sep=x)", 16, "a text stands in quotes: write 'x'"),
    ("join(245$a, x)", 12, "a text stands in quotes: write 'x'"),
    (
        "join(245$a, order='up')",
        12,
        "order='field' is as in the field, order='spec' as you name the subfields",
    ),
    ("join(245$a, by='x')", 12, "join takes no such argument: write join(245$a$b, sep=' ', order='field')"),
    ("concat(245$a, order='x')", 14, "concat takes no such argument: write concat(650$a, '; ')"),
    (
        "coalesce(245$a, 650)",
        16,
        "coalesce takes values of one type: 650 is a whole field, and the first text",
    ),
    ("struct(650)", 7, "struct takes subfields by name: write struct(650$a$b)"),
    ("struct(650$a-c)", 7, "struct takes subfields by name: write $a$b$c"),
    ("struct(650$a$a)", 7, "struct has each subfield once: $a is named twice"),
    ("struct(trim(650$a))", 7, "struct takes paths alone: write struct(650$a$x)"),
    ("alt(008)", 4, "alt follows $6, and 008 has no subfields"),
    ("filing(concat(245$a))", 7, "concat forgets which field a text is of: write concat(filing(...))"),
    ("label(008)", 6, "008 is no code that label knows: name one, as in label(008/35-37)"),
    ("650:245$a", 4, "a union is of texts or of whole fields: name subfields of each, as in 650$a:651$a"),
    // What is no expression.
    ("", 0, "an expression is missing: write one, such as 245$a"),
    ("  ", 2, "an expression is missing: write one, such as 245$a"),
    ("245$a, 650$a", 5, "this is one expression: it ends before the comma"),
    ("245$a ~ 'x'", 6, "this is a condition, for where: a column holds an expression"),
    ("100 and 700", 4, "this is a condition, for where: a column holds an expression"),
];

/// Errors of conditions.
const CONDITIONS: &[(&str, usize, &str)] = &[
    ("", 0, "a condition is missing: write one, such as 245$a ~ 'railway'"),
    ("245a ~ 'x'", 3, "a $ stands before each code: write 245$a"),
    ("650 == 'x'", 0, "a whole field is compared by its text: write text(650)"),
    ("struct(650$a) == 'x'", 0, "a struct is not compared: name one subfield"),
    ("pair(650$a) ~ 'x'", 0, "pairs are not compared: write alt for the value in the other script"),
    ("exists(650) == 'x'", 0, "exists(650) is a condition by itself: write exists(650) or not exists(650)"),
    ("count(700)", 0, "a count is always there: write count(700) > 0"),
    ("count(700) ~ '1'", 0, "count(700) is int64, and ~ and matches look into text: compare it by == or <"),
    ("650$2 == fast", 9, "a text stands in quotes: write 'fast'"),
    ("650$2 == 'fast", 9, "the quote that begins here has no end: write ' behind the text"),
    (
        "008/07-10 == 1990",
        13,
        "a text stands in quotes: write '1990', or compare numbers: int(008/07-10) == 1990",
    ),
    ("245$a == 246$a", 9, "an expression is compared with a text in quotes, not with another expression"),
    (
        "245$a == trim(246$a)",
        9,
        "an expression is compared with a text in quotes, not with another expression",
    ),
    ("245$a ==", 8, "a text in quotes is missing"),
    (
        "008/35-37 == 'en'",
        13,
        "008/35-37 has 3 characters, and this text 2: write its blanks, too, in quotes",
    ),
    ("LDR/06 in ('a', 'ab')", 16, "LDR/06 has 1 character, and this text 2"),
    ("245^2 ~ '04'", 8, "245^2 has 1 character, and this text 2"),
    ("245$a/0-2 == 'Rome'", 13, "245$a/0-2 has 3 characters, and this text 4"),
    ("year(008/07-10) == '1990'", 19, "a number is written without quotes: write 1990"),
    ("year(008/07-10) > 19.5", 20, "only whole numbers can be compared: write 19"),
    ("year(008/07-10) > x", 18, "year(008/07-10) is compared with a number, such as 1990"),
    ("int(300$a) > 9223372036854775808", 13, "this is not a number up to 9223372036854775807"),
    ("date(005) >= '2023-02-29'", 13, "a date is written as '2020-01-31'"),
    ("date(005) >= 2020-01-01", 13, "a date stands in quotes: write '2020-01-01'"),
    ("245$a matches '(x'", 14, "this is no regular expression: unclosed group"),
    ("245$a matches x", 14, "a regular expression stands in quotes: write matches '^The '"),
    ("'x' == 245$a", 0, "the expression stands first, as in 245$a ~ 'railway'"),
    ("1 < count(650)", 0, "the expression stands first, as in count(650) > 1"),
    ("(245$a", 0, "this bracket is never closed: write )"),
    ("(245$a))", 7, "this bracket closes nothing"),
    ("245$a in 'x'", 9, "values in brackets stand behind in: write in ('a', 'b')"),
    ("245$a in ('x' 'y')", 14, "commas stand between values, and ) behind the last: write in ('a', 'b')"),
    ("245$a in ()", 10, "a text in quotes is missing"),
    ("245$a not 'x'", 6, "not stands before a condition, or before in: write not 245$a, 245$a not in ('x')"),
    ("!245", 0, "a condition is negated by not"),
    ("NOT 245", 0, "write not for NOT"),
    ("245 AND 100", 4, "write and for AND"),
    ("245 && 100", 4, "write and for &&"),
    ("245 || 100", 4, "write or for ||"),
    ("245$a <> 'x'", 6, "write != for <>"),
    ("245$a =~ 'x'", 6, "write matches for =~"),
    ("245$a === 'x'", 6, "write == for ==="),
    ("245$a LIKE 'x%'", 6, "write ~ or matches for LIKE"),
    ("245$a is null", 6, "write exists(...) or not exists(...) for is"),
    ("and 245", 0, "a condition is missing before and"),
    ("100 and", 7, "an expression is missing, such as 245$a"),
    ("100 650$a", 4, "a path ends before 6"),
    ("245$a ~ 'x' 650$a", 12, "a condition ends before 6; \"and\" or \"or\" stands before another"),
];

const COLUMNS: &[(&str, usize, &str)] = &[
    ("", 0, "columns are missing: write some, such as 001, 245$a"),
    ("001, 245a", 8, "a $ stands before each code: write 245$a"),
    ("001,", 4, "an expression is missing, such as 245$a"),
    ("001, 245$a, 001", 12, "two columns have the name \"001\": give each its own"),
    ("a = 001, a = 245$a", 9, "two columns have the name \"a\": give each its own"),
    ("001; 245$a", 3, "a path ends before ;"),
];

const TAGS: &[(&str, usize, &str)] = &[
    ("", 0, "tags are missing: write some, such as 245, 6.."),
    ("245, 6XX", 5, "a point is any character of a tag: write 6.."),
    ("245$a", 3, "tags are of whole fields: columns= takes parts of them"),
    ("LDR", 0, "the leader is no field, and always there"),
    ("245 650", 4, "tags have three characters, and commas between them, as in 245, 6.."),
    ("2450", 3, "tags have three characters, and commas between them, as in 245, 6.."),
];

fn check<T: std::str::FromStr<Err = NotationError> + std::fmt::Debug>(mistakes: &[(&str, usize, &str)]) {
    for (text, place, message) in mistakes {
        let error = text.parse::<T>().expect_err(text);
        assert_eq!((error.place(), error.message()), (*place, *message), "{text}");
    }
}

#[test]
fn a_mistake_in_an_expression_says_what_to_write() {
    check::<Expression>(EXPRESSIONS);
}

#[test]
fn a_mistake_in_a_condition_says_what_to_write() {
    check::<Condition>(CONDITIONS);
}

#[test]
fn what_looks_like_a_mistake_and_is_none_is_read() {
    for text in ["6..$a == 'x'", "24. or 1.0", "abc$a", "650$a{$b='}$'}", "008[0]", "245$,:245$)", "LDR/6"] {
        if let Err(error) = text.parse::<Condition>() {
            panic!("{error}");
        }
    }
    assert!("struct(abc$a)".parse::<Expression>().is_ok());
    assert!(r"245$a matches '\p{Han}' and 100$a matches '^\p{Lu}'".parse::<Condition>().is_ok());
}

#[test]
fn a_mistake_in_columns_or_tags_says_what_to_write() {
    check::<Columns>(COLUMNS);
    check::<Tags>(TAGS);
    let error = Columns::of([("id", "001"), ("title", "245a")]).unwrap_err();
    assert_eq!(error.message(), "column \"title\": a $ stands before each code: write 245$a");
    let error = Columns::preset("bibs").unwrap_err();
    assert_eq!(error.message(), "there is no preset of this name; write bib or codes");
}

#[test]
fn what_an_error_says_to_write_can_be_read() {
    let mut advised = 0;
    for (_, _, message) in EXPRESSIONS {
        let Some((_, advice)) = message.split_once("write ") else { continue };
        for advice in advice.split(" for one value each, or ") {
            let advice = advice.trim_end_matches(" for one text a field");
            if advice.contains(' ')
                || advice.contains("...")
                || !advice.starts_with(|it: char| it.is_ascii_alphanumeric())
            {
                continue;
            }
            if advice.contains(['$', '(', '/', '.']) {
                advice_is_read(advice);
            }
            advised += 1;
        }
    }
    assert!(advised > 40);
}

fn advice_is_read(advice: &str) {
    if let Err(error) = advice.parse::<Expression>() {
        panic!("{error}");
    }
}

#[test]
fn an_error_points_at_the_character() {
    let display = |text: &str| text.parse::<Condition>().unwrap_err().to_string();
    assert_eq!(
        display("650a ~ 'Rome'"),
        "a $ stands before each code: write 650$a\n    650a ~ 'Rome'\n       ^"
    );
    // Only what is near is shown of a long text, and its lines are one.
    let others = "and 650$a ~ 'b'\n".repeat(20);
    let error = display(&format!("245$a ~ 'a' {others} and 650$2 == lcsh {others}"));
    let lines: Vec<&str> = error.lines().collect();
    let [_, shown, pointer] = lines[..] else { panic!("{error}") };
    assert!(shown.starts_with("    …") && shown.ends_with('…') && shown.chars().count() < 80);
    assert_eq!(shown.chars().nth(pointer.len() - 1), Some('l'));
    // A character of two cells, and one of none.
    let error = display("245$a ~ '東e\u{301}' 650");
    assert_eq!(error.lines().last(), Some(format!("{}^", " ".repeat(18)).as_str()));
}

#[test]
fn deep_brackets_are_an_error() {
    let deep = |open: &str| open.repeat(100_000);
    let read = move || {
        for open in ["(", "not ", "not(", "exists(", "first(", "coalesce(245$a, ", "245{245{"] {
            assert!(deep(open).parse::<Condition>().is_err());
            assert!(deep(open).parse::<Expression>().is_err());
        }
        let nested = |depth: usize| {
            format!("{}245{}", "first(".repeat(depth), ")".repeat(depth)).parse::<Expression>()
        };
        assert!(nested(64).is_ok());
        assert_eq!(
            nested(65).unwrap_err().message(),
            "functions and brackets can be nested 64 deep; this is deeper"
        );
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(read).unwrap();
    thread.join().unwrap();
}
