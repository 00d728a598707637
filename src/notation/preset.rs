//! The columns that most people want of bibliographic records. Each is an expression, to be copied and changed.

/// Whether there is a preset of this name.
pub(super) fn has(name: &str) -> bool {
    ["bib", "codes"].contains(&name)
}

/// What the preset "bib" has under this name.
pub(super) fn expression_of(name: &str) -> Option<&'static str> {
    BIB.iter().find_map(|(known, expression)| (*known == name).then_some(*expression))
}

/// The preset "bib".
pub(super) const BIB: [(&str, &str); 29] = [
    ("control_number", "001"),
    ("record_type", "LDR/06"),
    ("level", "LDR/07"),
    ("title", "first(trim(join(245$a$b$n$p)))"),
    ("title_sort", "first(filing(trim(join(245$a$b$n$p))))"),
    ("title_alt", "trim(join(246$a$b$n$p:240$a-s:247$a$b:740$a$n$p))"),
    ("author", "first(trim(join(100$a$b$c$d$q:110$a$b$n$d$c:111$a$n$d$c)))"),
    (
        "contributors",
        "trim(join(100$a$b$c$d$q:110$a$b$n$d$c:111$a$n$d$c:700{!$t}$a$b$c$d$q:710{!$t}$a$b$n$d$c:711{!$t}$a$n$d$c))",
    ),
    ("publisher", "trim(coalesce(264{^2=1}$b, 260$b))"),
    ("place", "trim(coalesce(264{^2=1}$a, 260$a))"),
    ("date", "first(trim(coalesce(264{^2=1}$c, 260$c)))"),
    ("year", "year(008/07-10)"),
    ("year_end", "year(008/11-14)"),
    ("date_type", "008/06"),
    ("language", "code(008/35-37, 3)"),
    ("languages", "unique(code(008/35-37:041{^2!=7}$a:041{^2!=7}$d, 3))"),
    ("country", "trim(008/15-17)"),
    ("isbn", "isbn(020$a)"),
    ("issn", "022$a"),
    ("lccn", "trim(010$a)"),
    ("oclc", "oclc(035$a)"),
    ("edition", "first(trim(join(250$a$b)))"),
    ("extent", "trim(join(300$a$b$c$e$f$g))"),
    ("series", "trim(join(490$a$v))"),
    ("subjects", "trim(join(600$a-z:610$a-z:611$a-z:630$a-z:648$a-z:650$a-z:651$a-z, ' -- '))"),
    ("genres", "trim(655$a:6..$v)"),
    ("lcc", "join(050$a$b)"),
    ("ddc", "082$a"),
    ("urls", "856{^2!=2}$u"),
];
