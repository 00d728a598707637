"""Expressions and conditions give what `plain.py` gives, for any record and any of them."""

from __future__ import annotations

import lzma
from collections import Counter

import mrrc
import plain
import pyarrow as pa
import pytest
from conftest import assert_accounts_add_up, read_quietly, record, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import RECORDS, conditions, expressions

pytestmark = pytest.mark.filterwarnings("ignore::mrrc.MarcWarning")

# What functions say of values that they cannot take.
OF_VALUES = {"not-a-year", "not-a-date", "not-a-number", "not-a-code", "not-an-isbn"} | {
    "linkage-unreadable",
    "linkage-missing",
}


def findings(read: mrrc.Table, numbers: list[int]) -> Counter:
    """What is told of values: how often, by row, code and field."""
    told = [it for it in rows(read.diagnostics) if it["code"] in OF_VALUES]
    places = {number: place for place, number in enumerate(numbers)}
    return Counter(
        {(places[it["record"]], it["code"], it["tag"], it["occurrence"]): it["count"] for it in told}
    )


def assert_columns_are_plain(data: bytes, texts: list[str]) -> Counter:
    """Hold columns to the plain evaluation; gives the codes of what is found in values."""
    named = {f"c{place}": text for place, text in enumerate(texts)}
    schema = pa.schema([(name, plain.data_type(plain.expression(text))) for name, text in named.items()])
    assert pa.schema(mrrc.scan(data, columns=named).schema).equals(schema)
    nested = rows(read_quietly(data, on_error="recover", provenance=True))
    cells, found = plain.columns(named, nested)
    table = read_quietly(data, columns=named, on_error="recover")
    assert table.to_pyarrow().schema.equals(schema)
    assert table.num_rows == len(cells)
    assert rows(table) == cells
    codes = Counter(code for _, code, _, _ in found)
    assert {it["code"]: it["count"] for it in rows(table.findings) if it["code"] in OF_VALUES} == codes
    if table.diagnostics.num_rows < 1000:
        assert findings(table, [row["record"] for row in nested]) == found
    return codes


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(RECORDS, min_size=1, max_size=3), st.lists(expressions(), min_size=1, max_size=4))
def test_columns_are_what_the_plain_evaluation_gives(records, texts):
    assert_columns_are_plain(b"".join(records), texts)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(RECORDS, min_size=1, max_size=7),
    st.lists(expressions(), min_size=1, max_size=4),
    st.sampled_from([1, 12]),
    st.sampled_from(["skip", "recover"]),
)
def test_a_record_gives_the_same_whatever_is_computed_with_it(records, texts, times, policy):
    """Records are computed some at a time, but one that is a batch by itself is computed alone."""
    data = b"".join(records) * times
    named = {f"c{place}": text for place, text in enumerate(texts)}
    alone, together = (
        read_quietly(data, columns=named, on_error=policy, provenance=True, batch_size=size)
        for size in (1, 8192)
    )
    assert rows(together) == rows(alone)
    assert rows(together.diagnostics) == rows(alone.diagnostics)
    assert rows(together.rejects) == rows(alone.rejects)
    assert rows(together.sources) == rows(alone.sources)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(RECORDS, min_size=1, max_size=5), conditions())
def test_conditions_choose_the_records_that_the_plain_evaluation_chooses(records, condition):
    data = b"".join(records)
    nested = rows(read_quietly(data, on_error="recover"))
    met = plain.those_that_meet(condition, nested)
    table = read_quietly(data, where=condition, on_error="recover")
    assert rows(table) == met
    # What is told of those that are left out is as before.
    scan = mrrc.scan(data, on_error="recover")
    assert scan.count(where=condition) == len(met)
    assert_accounts_add_up(scan)
    assert scan.where(f"not ({condition})").count() == len(nested) - len(met)


# Every function and every form of a path.
FORMS = [
    *(
        "LDR",
        "LDR/06",
        "LDR/#",
        "LDR/#-3",
        "LDR/05-07",
        "LDR/06{LDR/07=m}",
        "001",
        "003",
        "005",
        "008",
        "007",
        "00.",
    ),
    *(
        "008/35-37",
        "008/7-10",
        "008/38-#",
        "008{/06=s}/07-10",
        "007/00",
        "006[0]/00",
        "007[#]",
        "008/39{!006}",
    ),
    *(
        "245$a",
        "245$a$b",
        "245$a-c",
        "245$0-9",
        "245$a/0-9",
        "245[0]$a[0]",
        "650[1]$a",
        "650[#-1]$a[0]",
        "650$a[0]",
    ),
    *(
        "650$x[1-#]",
        "...$6",
        "6..$2",
        "6..$D",
        "LKR$b",
        "245^1",
        "245^2",
        "650[0]^2",
        "245{^2!=0}$a",
        "650{^2=0}$a",
    ),
    *(
        "650$a{$2=fast}",
        "650{$2!=fast}$a",
        "650{$2}$a",
        "650{!$2}$a",
        "650{^2=7|^2=4}$a",
        "650{^2=7}{$2=fast|$2=gnd}$a",
    ),
    *(
        "856{^2!=2}{$u~http}$u",
        "700{!$t}$a",
        "245{LDR/06=a}$a",
        "245{008/35-37!=eng}$a",
        "856{$u/0-4=https}$u",
    ),
    *("100$a:110$a:111$a", "655$a:6..$v", "245$b:245$a", "LDR/06:008/06", "001:003", "008/35-37:041$a:041$d"),
    *(
        "245",
        "650[0]",
        "6..:700",
        "...",
        "first(700)",
        "last(6..)",
        "count(...)",
        "count(650)",
        "exists(880)",
        "text(245)",
    ),
    *("first(245$a)", "last(650$a)", "first(count(700))", "join(245$a$b$n$p)", "join(650$a-z, ' -- ')"),
    *(
        "join(245$c$b$a, order='spec')",
        "join(trim(300$a$b$c), sep='|')",
        "join(245[0]$a$b)",
        "concat(650$a, '; ')",
    ),
    *("concat(join(650$a$x, '--'))", "coalesce(264{^2=1}$b, 260$b)", "coalesce(first(130$a), first(245$a))"),
    *(
        "trim(245$a$b$c)",
        "trim(260$a$b$c)",
        "trim(100$a:700$a)",
        "unique(650$a)",
        "unique(trim(6..$a))",
        "lower(245$a)",
    ),
    *(
        "lower(880$a)",
        "text(6..)",
        "text(001)",
        "filing(245$a)",
        "filing(join(245$a$b))",
        "filing(130$a:240$a:740$a:830$a)",
    ),
    *(
        "year(008/07-10)",
        "year(008/11-14)",
        "year(260$c)",
        "date(005)",
        "date(008/00-05)",
        "int(300$a)",
        "int(245^2)",
    ),
    *(
        "code(008/35-37, 3)",
        "code(041$a, 3)",
        "unique(code(008/35-37:041$a, 3))",
        "code(043$a, 7)",
        "code(008/15-17, 2)",
    ),
    *(
        "isbn(020$a)",
        "isbn(020$a:020$z)",
        "isbn13(020$a)",
        "first(isbn13(020$a))",
        "oclc(035$a)",
        "oclc(001)",
    ),
    *("coalesce(struct(240$a), struct(245$a))", "coalesce(struct(650[1]$a), struct(651$a), struct(650$a))"),
    *("struct(650$a$x$y$z)", "struct(650[0]$a$2)", "struct(100$a$e:700$a$e)", "struct(...$6)"),
    *(
        "alt(245$a)",
        "first(alt(245$a))",
        "alt(text(245))",
        "join(alt(245$a$b))",
        "filing(alt(245$a))",
        "pair(245$a)",
    ),
    *(
        "alt(100$a:700$a)",
        "pair(trim(264$b:260$b))",
        "first(pair(245$a))",
        "count(pair(...$a))",
        "trim(alt(...$a))",
    ),
    # UNIMARC, and formats with letters in their tags.
    *(
        "200$a",
        "join(200$a$e)",
        "year(100$a/9-12)",
        "code(101$a, 3)",
        "700$a:701$a",
        "6..$a",
        "isbn(010$a)",
        "FMT",
        "CAT$a",
    ),
]
CONDITIONS = [
    *(
        "245",
        "not 245",
        "100 and not 700",
        "count(700) > 1",
        "245$a ~ 'railway'",
        "245$a ~ 'e' and not 880",
        "020$a",
    ),
    *(
        "008/35-37 == 'eng'",
        "008/35-37 != 'eng'",
        "LDR/06 in ('a', 't')",
        "650$2 not in ('fast', 'gnd')",
        "650$2 == 'fast'",
    ),
    *("650{$2=fast}$a == 'History' or 6..$v", "year(008/07-10) < 1990", "year(008/07-10) >= 1900 and 856$u"),
    *("date(005) > '2000-12-31'", "date(008/00-05) <= '1999-12-31'", "int(245^2) > 0", "exists(alt(245$a))"),
    *(
        "lower(245$a) ~ 'the'",
        "trim(245$a) matches '[aeiou]$'",
        "245$a matches '(?i)^the '",
        "count(6..) == 0",
    ),
    *(
        "isbn(020$a) > '978'",
        "oclc(035$a)",
        "unique(code(041$a, 3)) == 'eng'",
        "not (245^2 == '0' or 245^1 == '0')",
    ),
    *(
        "text(245) ~ 'é'",
        "880$6 ~ '245'",
        "001 < 'b'",
        "003 == 'DLC'",
        "...$a ~ ' :'",
        "200$a or 245$a !~ 'a'",
    ),
]


def assert_forms_are_plain(data: bytes) -> Counter:
    codes = assert_columns_are_plain(data, FORMS)
    nested = [plain.Evaluation(plain.Record(row)) for row in rows(read_quietly(data, on_error="recover"))]
    numbered = {"columns": ["001"], "provenance": True, "on_error": "recover"}
    numbers = rows(read_quietly(data, **numbered))
    for text in CONDITIONS:
        truth = plain.condition(text)
        met = [number for number, of in zip(numbers, nested, strict=True) if of.holds(truth)]
        assert rows(read_quietly(data, where=text, **numbered)) == met, text
    return codes


def test_real_files_give_what_the_plain_evaluation_gives(corpus):
    found = Counter()
    for path in sorted((corpus / "real").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            found += assert_forms_are_plain(data if data.startswith(b"\x1f\x8b") else data[:60_000])
    assert set(found) == OF_VALUES


@pytest.mark.parametrize("name", ["real_bib", "real_marc8"])
def test_large_files_give_what_the_plain_evaluation_gives(name, corpus):
    with lzma.open(corpus / "bench" / f"{name}.mrc.xz") as file:
        data = file.read(600_000)
    assert_forms_are_plain(data[: data.rindex(b"\x1d") + 1])


@pytest.mark.parametrize("sample_name", ["fixture_1k", "fixture_10k_marc8"])
def test_made_up_files_give_what_the_plain_evaluation_gives(sample_name, request):
    assert_forms_are_plain(request.getfixturevalue(sample_name).read_bytes()[:300_000])


TEXT, TEXTS = pa.string(), plain.TEXTS


def of_880(asked: str, *fields: tuple[str, bytes]) -> tuple[list, list[str]]:
    """The values of a column of one record, and what was found."""
    table = mrrc.read_arrow(record(*fields), columns={"it": asked})
    return table["it"].to_pylist()[0], sorted(row["code"] for row in rows(table.diagnostics))


def test_a_value_is_paired_with_that_of_the_same_subfield():
    title = ("245", b"10\x1f6880-01\x1faA\x1fbB\x1faC")
    other = ("880", b"10\x1f6245-01/(N\x1fbb\x1faa")
    pairs, _ = of_880("pair(245$a$b)", title, other)
    assert [(it["value"], it["alt"], it["script"]) for it in pairs] == [
        ("A", "a", "(N"),
        ("B", "b", "(N"),
        ("C", None, "(N"),
    ]
    pairs, _ = of_880("pair(lower(join(245$a$b)))", title, other)
    assert [(it["value"], it["alt"]) for it in pairs] == [("a b c", "b a")]


@pytest.mark.parametrize(
    ("fields", "alternates", "expected"),
    [
        (["A"], "abc", [["a", "b", "c"]]),
        (["A", "B"], "ab", [["a"], ["b"]]),
        (["A", "B"], "abc", [["a"], ["b", "c"]]),
        (["A", "B", "C"], "a", [["a"], ["a"], ["a"]]),
        (["A"], "", [[]]),
    ],
)
def test_fields_with_one_number_have_the_880_at_their_turn(fields, alternates, expected):
    those = [("700", b"1 \x1f6880-03\x1fa" + name.encode()) for name in fields]
    others = [("880", b"1 \x1f6700-03\x1fa" + name.encode()) for name in alternates]
    for turn, of_field in enumerate(expected):
        assert of_880(f"alt(700[{turn}]$a)", *those, *others)[0] == of_field
    _, found = of_880("alt(700$a)", *those, *others)
    assert found == ([] if alternates else ["linkage-missing"])


def test_thousands_of_linked_fields_are_linked():
    numbers = range(20_000)
    field = b'{"%b":{"ind1":" ","ind2":" ","subfields":[{"6":"%b-01"},{"a":"%d"}]}}'
    tags = (b"700", b"880"), (b"880", b"700")
    fields = [field % (*both, number) for both in tags for number in numbers]
    source = b'{"leader":"00000nam a2200000 a 4500","fields":[%b]}' % b",".join(fields)
    columns = {"alt": "alt(700$a)", "pair": "pair(700$a)", "unique": "unique(700$a)", "int": "int(700$6)"}
    [row] = rows(mrrc.read_arrow(source, columns=columns))
    expected = [str(number) for number in numbers]
    assert row["alt"] == row["unique"] == expected
    assert [(it["value"], it["alt"]) for it in row["pair"]] == [(it, it) for it in expected]
    assert row["int"] == [None] * len(numbers)


def list_of(element: pa.DataType) -> pa.DataType:
    return pa.list_(pa.field("element", element))


# Each row of the table of types, with more than one text where it is about several.
TYPES = {
    "LDR": TEXT,
    "LDR/06": TEXT,
    "001": TEXT,
    "003": TEXT,
    "005": TEXT,
    "008": TEXT,
    "008/35-37": TEXT,
    "245[0]$a[0]": TEXT,
    "245[#]$a[#]/0-3": TEXT,
    "245[0]^2": TEXT,
    "007[0]/00": TEXT,
    "006": TEXTS,
    "007/00": TEXTS,
    "00.": TEXTS,
    "245$a": TEXTS,
    "245[0]$a": TEXTS,
    "245$a[0]": TEXTS,
    "245[0-1]$a[0]": TEXTS,
    "245[0]$a[0]$b[0]": TEXTS,
    "245^1": TEXTS,
    "001:003": TEXTS,
    "100$a:700$a": TEXTS,
    "650": list_of(plain.FIELD),
    "650:651": list_of(plain.FIELD),
    "650[0]": plain.FIELD,
    "first(650)": plain.FIELD,
    "first(245$a)": TEXT,
    "last(year(260$c))": pa.int32(),
    "join(650$a$x)": TEXTS,
    "join(245[0]$a$b, ' ', order='spec')": TEXT,
    "concat(650$a, '; ')": TEXT,
    "coalesce(264{^2=1}$b, 260$b)": TEXTS,
    "coalesce(first(264$b), first(260$b))": TEXT,
    "coalesce(first(264$b), 260$b)": TEXTS,
    "trim(245$a)": TEXTS,
    "trim(008/15-17)": TEXT,
    "unique(650$a)": TEXTS,
    "lower(245$a)": TEXTS,
    "text(650)": TEXTS,
    "text(650[0])": TEXT,
    "filing(245$a)": TEXTS,
    "count(650)": pa.int64(),
    "exists(650)": pa.bool_(),
    "year(008/07-10)": pa.int32(),
    "year(260$c)": list_of(pa.int32()),
    "date(005)": pa.date32(),
    "date(008/00-05)": pa.date32(),
    "int(245^2)": list_of(pa.int64()),
    "code(008/35-37, 3)": TEXT,
    "code(041$a, 3)": TEXTS,
    "isbn(020$a)": TEXTS,
    "isbn13(020$a)": TEXTS,
    "oclc(035$a)": TEXTS,
    "struct(650$a$x)": list_of(pa.struct([("a", TEXTS), ("x", TEXTS)])),
    "struct(650[0]$a)": pa.struct([("a", TEXTS)]),
    "alt(245$a)": TEXTS,
    "first(alt(245$a))": TEXT,
    "pair(245$a)": list_of(plain.PAIR),
}


def test_the_text_of_a_column_alone_decides_its_type(fixture_1k):
    schema = pa.schema(list(TYPES.items()))
    assert pa.schema(mrrc.scan(b"", columns=list(TYPES)).schema).equals(schema)
    for data in (b"", record(("001", b"A1")), fixture_1k.read_bytes()[:50_000]):
        assert read_quietly(data, columns=list(TYPES), on_error="recover").to_pyarrow().schema.equals(schema)
    assert {text: plain.data_type(plain.expression(text)) for text in TYPES} == TYPES


# In other encodings.

BYTES = [
    *(
        b"Emma",
        b"e\xe2e",
        b"\xe2e",
        b"Caf\xe9",
        "Café".encode(),
        b"&#x2019;",
        b"\x1b(Nabc\x1b(B",
        b"\x1bg1\x1bs",
    ),
    *(
        b"\x1b$1!0!\x1b(B",
        b"\xff",
        b"\x81",
        b"\x88The \x89Hobbit",
        b"fast",
        b"1990",
        b"",
        b"\xc2e",
        b"\x1bQ",
        b"a",
    ),
]
ENCODED = st.builds(
    lambda fields, leader: record(*fields, leader=leader),
    st.lists(
        st.tuples(st.sampled_from(["001", "008"]), st.sampled_from(BYTES))
        | st.tuples(
            st.sampled_from(["245", "245", "650", "700", "880"]),
            st.lists(
                st.tuples(st.sampled_from([b"a", b"b", b"2", b"A"]), st.sampled_from(BYTES)), max_size=3
            ).map(lambda subfields: b"10" + b"".join(b"\x1f%b%b" % it for it in subfields)),
        ),
        max_size=5,
    ),
    st.sampled_from([b"00000nam  2200000 a 4500", b"00000nam a2200000 a 4500", b"00000nam z2200000 a 4500"]),
)
OF_ENCODED = [
    *(
        "245$a == 'Emma'",
        "245$a ~ 'é'",
        "245$a != 'Emma'",
        "not 650",
        "650{$2=fast}$a",
        "700{$a~é}",
        "245$a matches '.'",
    ),
    *(
        "001 == 'a'",
        "001 ~ '\ufffd'",
        "245$a < 'F'",
        "245$A or 880$b",
        "lower(245$a) ~ 'caf'",
        "filing(245$a) ~ 'Hob'",
    ),
    *(
        "245$a == '\u2019'",
        "count(245$a) > 1",
        "008/0 == '1' and not 245{$a=''}",
        "245$a in ('é', 'e\u0301')",
    ),
]


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(ENCODED, min_size=1, max_size=4),
    st.sampled_from(OF_ENCODED),
    st.sampled_from(["declared", "auto", "marc-8", "utf-8", "iso-5426", "latin-1", "gb18030"]),
    st.sampled_from(["skip", "recover"]),
    st.booleans(),
)
def test_a_condition_holds_for_bytes_as_for_their_text(records, text, encoding, policy, references):
    options = {"encoding": encoding, "references": references, "on_error": policy, "provenance": True}
    data = b"".join(records)
    whole = rows(read_quietly(data, **options))
    assert rows(read_quietly(data, where=text, **options)) == plain.those_that_meet(text, whole)
