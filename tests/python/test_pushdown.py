"""Filters of polars, pyarrow and DuckDB: a Scan skips what they cannot keep, and results are the same."""

import datetime as dt
import re

import duckdb
import mrrc
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from conftest import assert_accounts_add_up, record, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from mrrc._dataset import MarcDataset
from mrrc._interop import scan_to_polars

COLUMNS = {
    "id": "001",
    "kind": "LDR/06",
    "language": "008/35-37",
    "title": "first(245$a)",
    "year": "year(008/07-10)",
    "subjects": "650$a",
    "added": "count(700)",
    "online": "exists(856)",
    "changed": "date(005)",
    "isbn": "isbn(020$a)",
}
ODD_TITLES = [
    "",
    " ",
    "it's",
    'a "title"',
    "back\\slash",
    "a.b*c[d]",
    "50 % _",
    "line\nend",
    "\0",
    "größer",
    "x' or 001",
]
FIELDS_008 = [
    b"700101s1990    enk           000 0 eng d",
    b"830230q19uu19zz|||     |    00| 0 fre  ",
    b"short",
]


def odd_record(number, title):
    """A record of which some things are missing."""
    given = {
        "001": b"odd%d" % number,
        "005": [b"20240229120000.0", b"no date", b"19691231000000.0"][number % 3],
        "008": FIELDS_008[number // 3 % 3],
        "020": b"  \x1fa0198526636\x1faunknown",
        "245": b"10\x1fa" + title.encode(),
        "650": b" 0\x1fa" + title.encode() + "\x1faRome\u0301".encode(),
        "700": b"1 \x1faOther",
        "856": b"40\x1fuhttps://library.example.org",
    }
    fields = [(tag, data) for place, (tag, data) in enumerate(given.items()) if number % 9 != place]
    return record(*fields, leader=b"00000nam a2200000 a 4500" if number % 2 else b"00000cgm a2200000 a 4500")


ODD = b"".join(odd_record(number, title) for number, title in enumerate(ODD_TITLES * 3))
DATA = ODD + sample("fixture_1k").read_bytes()[:200_000].rpartition(b"\x1d")[0] + b"\x1d"


def scan_of_all(**options):
    return mrrc.scan(DATA, **options)


ALL = scan_of_all(columns=COLUMNS).read().to_pyarrow()
VALUES = {
    name: sorted({it for it in ALL[name].to_pylist() if it is not None})
    for name in COLUMNS
    if name not in ("subjects", "isbn")
}
TEXTS = [*VALUES["title"], *VALUES["language"], "zz", "m", "ma"]

# A predicate is a tuple, which each engine has in its own way.
ORDER = {
    "==": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}
TEXT_COLUMNS = st.sampled_from(["id", "kind", "language", "title"])


def of_column(names):
    return st.sampled_from(names).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(VALUES[name]))
    )


COMPARED = st.one_of(
    st.tuples(TEXT_COLUMNS, st.sampled_from(TEXTS)),
    of_column(["id", "kind", "language", "title", "year", "added", "changed"]),
    st.tuples(
        st.sampled_from(["year", "added"]), st.integers(-1, 3) | st.sampled_from([1990, -(1 << 31), 1 << 31])
    ),
)
SIMPLE = st.one_of(
    st.builds(lambda sign, it: (sign, *it), st.sampled_from([*ORDER]), COMPARED),
    st.tuples(st.just("in"), TEXT_COLUMNS, st.lists(st.sampled_from(TEXTS), max_size=4)),
    st.tuples(
        st.just("in"),
        st.sampled_from(["year", "added"]),
        st.lists(st.sampled_from([0, 1, 1990, 2001]), min_size=1, max_size=3),
    ),
    st.tuples(st.just("null"), st.sampled_from([*COLUMNS])),
    st.tuples(st.just("is"), st.just("online")),
    st.tuples(
        st.sampled_from(["contains", "starts"]),
        TEXT_COLUMNS,
        st.sampled_from(TEXTS).map(lambda it: it[:3]) | st.just(""),
    ),
    st.tuples(st.just("longer"), TEXT_COLUMNS, st.integers(0, 30)),
    st.builds(
        lambda sign, name, length: ("length", sign, name, length),
        st.sampled_from([*ORDER]),
        st.sampled_from(["subjects", "isbn"]),
        st.integers(0, 2),
    ),
    st.tuples(st.just("has"), st.just("subjects"), st.sampled_from([*TEXTS, "Rome\u0301", "Education"])),
)
PREDICATES = st.recursive(
    SIMPLE,
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), inner, inner) | st.tuples(st.just("not"), inner),
    max_leaves=6,
)


def for_polars(it):
    match it:
        case "and", left, right:
            return for_polars(left) & for_polars(right)
        case "or", left, right:
            return for_polars(left) | for_polars(right)
        case "not", of:
            return ~for_polars(of)
        case "in", name, values:
            return pl.col(name).is_in(values)
        case "null", name:
            return pl.col(name).is_null()
        case "is", name:
            return pl.col(name)
        case "contains", name, part:
            return pl.col(name).str.contains(part, literal=True)
        case "starts", name, start:
            return pl.col(name).str.starts_with(start)
        case "longer", name, length:
            return pl.col(name).str.len_chars() > length
        case "has", name, value:
            return pl.col(name).list.contains(value)
        case "length", sign, name, length:
            return getattr(pl.col(name).list.len(), f"__{ORDER_OF_PYTHON[sign]}__")(length)
        case sign, name, value:
            return getattr(pl.col(name), f"__{ORDER_OF_PYTHON[sign]}__")(value)


ORDER_OF_PYTHON = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def for_pyarrow(it):
    match it:
        case "and", left, right:
            return for_pyarrow(left) & for_pyarrow(right)
        case "or", left, right:
            return for_pyarrow(left) | for_pyarrow(right)
        case "not", of:
            return ~for_pyarrow(of)
        case "in", name, values:
            return pc.field(name).isin(pa.array(values, None if values else pa.string()))
        case "null", name:
            return pc.field(name).is_null()
        case "is", name:
            return pc.field(name)
        case "contains", name, part:
            return pc.match_substring(pc.field(name), part)
        case "starts", name, start:
            return pc.starts_with(pc.field(name), start)
        case "longer", name, length:
            return pc.utf8_length(pc.field(name)) > length
        case "has", _, _:
            # It has no such function.
            return ds.scalar(True)
        case "length", sign, name, length:
            return getattr(pc, ORDER[sign])(pc.list_value_length(pc.field(name)), length)
        case sign, name, value:
            return getattr(pc, ORDER[sign])(pc.field(name), value)


def for_duckdb(it):
    def literal(value):
        match value:
            case str():
                return "'" + value.replace("'", "''") + "'"
            case dt.date():
                return f"date '{value}'"
        return str(value)

    match it:
        case ("and" | "or") as word, left, right:
            return f"({for_duckdb(left)} {word} {for_duckdb(right)})"
        case "not", of:
            return f"(not {for_duckdb(of)})"
        case "in", name, values:
            return f"{name} in ({', '.join(literal(it) for it in values)})" if values else "false"
        case "null", name:
            return f"{name} is null"
        case "is", name:
            return name
        case "contains", name, part:
            return f"contains({name}, {literal(part)})"
        case "starts", name, start:
            return f"starts_with({name}, {literal(start)})"
        case "longer", name, length:
            return f"length({name}) > {length}"
        case "has", name, value:
            return f"list_contains({name}, {literal(value)})"
        case "length", sign, name, length:
            return f"len({name}) {sign} {length}"
        case sign, name, value:
            return f"{name} {sign} {literal(value)}"


def rows_of(table):
    return pa.table(table).to_pylist()


@settings(deadline=None, derandomize=True)
@given(PREDICATES)
def test_a_filter_of_polars_keeps_the_rows_that_it_keeps_of_the_whole_frame(predicate):
    scan, asked = scan_of_all(columns=COLUMNS), for_polars(predicate)
    assert scan.to_polars().filter(asked).collect().equals(pl.DataFrame(ALL).filter(asked))
    assert (
        scan.to_polars()
        .filter(asked)
        .select("id")
        .collect()
        .equals(pl.DataFrame(ALL).filter(asked).select("id"))
    )
    assert_accounts_add_up(scan)


@settings(deadline=None, derandomize=True)
@given(PREDICATES)
def test_a_filter_of_pyarrow_keeps_the_rows_that_it_keeps_of_the_whole_table(predicate):
    data, asked = scan_of_all(columns=COLUMNS).to_dataset(), for_pyarrow(predicate)
    expected = ALL.filter(asked)
    assert data.to_table(filter=asked).equals(expected)
    assert data.filter(asked).count_rows() == expected.num_rows


@settings(deadline=None, derandomize=True)
@given(PREDICATES)
def test_a_condition_of_duckdb_keeps_the_rows_that_it_keeps_of_the_whole_table(predicate):
    data = scan_of_all(columns=COLUMNS).to_dataset()
    with duckdb.connect() as connection:
        connection.register("data", data).register("whole", ALL)
        query = "select * from {} where " + for_duckdb(predicate).replace("\0", "")
        found = connection.sql(query.format("data")).to_arrow_table()
        assert rows_of(found) == rows_of(connection.sql(query.format("whole")).to_arrow_table())


def filtered(scan):
    assert_accounts_add_up(scan)
    return sum(rows["filtered"] for rows in scan.sources.to_pyarrow().to_pylist())


# What each engine pushes down whole, so that no record is read in vain.
PUSHED = {
    "a text": ("==", "language", "eng"),
    "a text on the right": ("!=", "title", "it's"),
    "an order": ("<", "title", "m"),
    "a number": (">=", "year", 1990),
    "a count": (">", "added", 0),
    "a date": ("<", "changed", dt.date(2015, 1, 1)),
    "choices": ("in", "language", ["eng", "fre"]),
    "no choices": ("not", ("in", "language", ["eng", "fre"])),
    "numbers": ("in", "year", [1990, 2001]),
    "a null": ("null", "language"),
    "no null": ("not", ("null", "year")),
    "a bool": ("not", ("is", "online")),
    "a part": ("contains", "title", "it"),
    "a start": ("starts", "title", "a.b*"),
    "no start": ("not", ("starts", "title", "A")),
    "or": ("or", ("==", "kind", "g"), ("and", (">", "year", 1980), ("==", "language", "fre"))),
    "not or": ("not", ("or", ("==", "kind", "g"), ("not", (">", "year", 1980)))),
    "a list": ("has", "subjects", "Rome\u0301"),
    "the length of a list": ("length", ">", "subjects", 1),
}
# What an engine keeps to itself.
NOT_TOLD = {
    "polars": set(),
    "pyarrow": {"a list"},
    "DuckDB": {"a bool", "a part", "a start", "no start", "a list", "the length of a list"},
}
TOLD = [(engine, name) for engine, kept in NOT_TOLD.items() for name in PUSHED if name not in kept]


def read_by(engine, scan, predicate):
    """The number of rows that an engine keeps."""
    if engine == "polars":
        return scan.to_polars().filter(for_polars(predicate)).collect().height
    if engine == "pyarrow":
        return scan.to_dataset().to_table(filter=for_pyarrow(predicate)).num_rows
    with duckdb.connect() as connection:
        connection.register("data", scan.to_dataset())
        return len(connection.sql(f"select id from data where {for_duckdb(predicate)}").fetchall())


@pytest.mark.parametrize(("engine", "name"), TOLD)
def test_records_that_a_filter_does_not_keep_are_not_read(engine, name):
    scan = scan_of_all(columns=COLUMNS)
    kept = read_by(engine, scan, PUSHED[name])
    assert 0 < kept < ALL.num_rows
    if "not" in PUSHED[name]:
        # A null is not kept, but may be read.
        assert 0 < filtered(scan) <= ALL.num_rows - kept
    else:
        assert filtered(scan) == ALL.num_rows - kept


SAID_IN_PART = {
    "one of two": (("and", ("==", "language", "eng"), ("longer", "title", 3)), "008/35-37 == 'eng'"),
    "one of each": (
        ("or", ("and", ("==", "kind", "g"), ("longer", "title", 3)), ("==", "year", 1990)),
        "LDR/06 == 'g' or year(008/07-10) == 1990",
    ),
    "or": (("or", ("==", "language", "eng"), ("longer", "title", 3)), None),
    "not and": (("not", ("and", ("==", "language", "eng"), ("longer", "title", 3))), None),
    "not or": (
        ("not", ("or", ("starts", "language", "e"), ("longer", "title", 3))),
        "not 008/35-37 matches '^e'",
    ),
    "a text that cannot be there": (("==", "language", "english"), None),
    "a text that cannot be written": (("==", "title", "back\\slash"), None),
    "many choices": (("in", "id", [str(number) for number in range(1000)]), None),
    "a list with nulls": (("length", ">", "isbn", 0), None),
}


@pytest.mark.parametrize("engine", ["polars", "pyarrow"])
@pytest.mark.parametrize("name", SAID_IN_PART)
def test_what_cannot_be_said_of_a_filter_is_left_to_the_engine(engine, name):
    predicate, where = SAID_IN_PART[name]
    scan = scan_of_all(columns=COLUMNS)
    read_by(engine, scan, predicate)
    assert filtered(scan) == (ALL.num_rows - scan.count(where=where) if where else 0)


def test_a_plan_of_polars_shows_the_filter_at_the_source():
    plan = scan_of_all(columns=COLUMNS).to_polars().filter(pl.col("year") > 1990).explain()
    assert re.search(r'^PYTHON\[MARC\] SCAN.*\nPROJECT.*\nSELECTION: .*"year"', plan), plan


def test_a_filter_is_of_the_rows_of_a_limited_scan():
    whole = pl.DataFrame(ALL)
    for limited in (scan_of_all(columns=COLUMNS, n_rows=20), scan_of_all(columns=COLUMNS).head(20)):
        asked = pl.col("kind") == "g"
        assert limited.to_polars().filter(asked).collect().equals(whole.head(20).filter(asked))
        assert limited.to_dataset().count_rows(filter=pc.field("kind") == "g") == 10


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_polars_cuts_and_filters_in_the_order_that_is_asked_for(engine):
    whole = pl.DataFrame(ALL)
    asked = pl.col("kind") == "g"
    for question in (
        lambda it: it.head(20).filter(asked),
        lambda it: it.filter(asked).head(5),
        lambda it: it.slice(0, 30).filter(asked).head(12),
        lambda it: it.slice(7, 30).filter(asked),
        lambda it: it.filter(asked).slice(3, 4),
        lambda it: it.head(20).filter(asked).select(pl.len()),
    ):
        found = question(scan_of_all(columns=COLUMNS).to_polars().lazy()).collect(engine=engine)
        assert found.equals(question(whole.lazy()).collect())


def test_a_filter_is_added_to_the_condition_of_a_scan():
    scan = scan_of_all(columns=COLUMNS, where="LDR/06 == 'g' or 008/35-37 == 'fre'")
    expected = scan.read().to_polars().filter(pl.col("year") == 1990)
    assert scan.to_polars().filter(pl.col("year") == 1990).collect().equals(expected)
    assert filtered(scan) == ALL.num_rows - expected.height


def test_text_of_a_record_that_a_filter_leaves_out_is_not_decoded():
    damaged = record(("001", b"A2"), ("245", b"10\x1fa\xff"), leader=b"00000nam a2200000 a 4500")
    scan = mrrc.scan(record(("001", b"A1")) + damaged)
    with pytest.raises(mrrc.MarcError):
        scan.read()
    assert scan.to_polars().filter(pl.col("control_number") == "A1").collect().height == 1
    assert scan.to_dataset().count_rows(filter=pc.field("control_number") == "A1") == 1
    with pytest.raises(mrrc.MarcError):
        scan.to_polars().filter(pl.col("control_number") == "A2").collect()


class Spy:
    """A Scan that notes of which tags it was to read fields."""

    def __init__(self, scan):
        self.scan, self.tags = scan, []
        self.schema, self._expressions, self._is_pure = scan.schema, scan._expressions, True

    def __contains__(self, name):
        return name in self.scan

    def _narrowed(self, *columns, **rows):
        self.tags.append(rows.get("tags"))
        return self.scan._narrowed(*columns, **rows)


ODD_TAGS = record(
    ("001", b"A1"),
    ("LDR", b"  \x1fax"),
    ("LDX", b"  \x1fax"),
    ("24 ", b"  \x1fax"),
    ("XXX", b"  \x1fax"),
    ("245", b"10\x1fa"),
    ("245", b"10"),
)
OF_TAGS = {
    "one": (pl.col("tag") == "650", ["650"]),
    "several": (pl.col("tag").is_in(["650", "245", "LDR"]), ["245", "650", "LD."]),
    "either": ((pl.col("tag") == "650") | (pl.col("tag") == "001"), ["001", "650"]),
    "some of them": (
        pl.col("tag").is_in(["650", "245"]) & pl.col("tag").is_in(["245", "100"]) & (pl.col("ind1") == "1"),
        ["245"],
    ),
    "none": ((pl.col("tag") == "650") & (pl.col("tag") == "245"), []),
    "the leader": (pl.col("tag") == "LDR", ["LD."]),
    "others": (pl.col("tag") != "650", None),
    "not one": (~(pl.col("tag") == "650"), None),
    "one, or something else": ((pl.col("tag") == "650") | (pl.col("ind1") == "1"), None),
    "an odd one": (pl.col("tag").is_in(["24 ", "650"]), None),
    "letters for any digit": (pl.col("tag").is_in(["XXX", "650"]), None),
    "with a record": ((pl.col("tag") == "245") & (pl.col("control_number") == "000000007"), ["245"]),
}


@pytest.mark.parametrize("layout", ["fields", "subfields"])
@pytest.mark.parametrize("kept", [None, ["2..", "LD."]])
@pytest.mark.parametrize("name", OF_TAGS)
def test_fields_whose_tags_a_filter_does_not_keep_are_not_read(name, kept, layout):
    asked, tags = OF_TAGS[name]
    spy = Spy(mrrc.scan(ODD_TAGS + DATA, layout=layout, tags=kept, on_error="recover"))
    whole = spy.scan.read().to_polars()
    assert scan_to_polars(spy).filter(asked).collect().equals(whole.filter(asked))
    assert spy.tags == [tags]


def test_tags_are_pushed_down_by_duckdb():
    spy = Spy(scan_of_all(layout="subfields"))
    data = MarcDataset(spy)  # noqa: F841
    query = "select value from {} where tag in ('650', '651') and code = 'a'"
    found = duckdb.sql(query.format("data")).fetchall()
    assert spy.tags == [["650", "651"]]
    whole = spy.scan.read()  # noqa: F841
    assert found == duckdb.sql(query.format("whole")).fetchall() != []
    # A column that is called so, of records.
    scan = scan_of_all(columns={"tag": "first(852$b)", "id": "001"})
    assert scan.to_polars().filter(pl.col("tag") == "650").collect().height == 0


IN_OTHER_WORDS = {
    "between": pl.col("year").is_between(1990, 2001),
    "between, without the ends": ~pl.col("year").is_between(1990, 2001, closed="none"),
    "equal, as nulls are": ~pl.col("language").eq_missing("eng"),
    "another, as a null is": pl.col("language").ne_missing("eng"),
    "null by comparison": pl.col("language").eq_missing(None),
    "among choices with a null": pl.col("language").is_in(["eng", None]),
    "not among choices with a null": ~pl.col("language").is_in(["eng", None]),
    "among choices, of which null is one": pl.col("language").is_in(["eng", None], nulls_equal=True),
    "not among choices where null counts": ~pl.col("language").is_in(["eng"], nulls_equal=True),
    "a list without a value": ~pl.col("isbn").list.contains("0198526636"),
    "a list with a null": pl.col("isbn").list.contains(None),
    "a literal first": pl.lit("eng") == pl.col("language"),
    "a fraction": pl.col("year") > 1990.5,
    "a date with a time": pl.col("changed") > dt.datetime(2015, 1, 1, 12),
    "a regular expression": pl.col("title").str.contains("^.t"),
    "two columns": pl.col("title") == pl.col("language"),
    "null": pl.col("language") == pl.lit(None),
    "many and": pl.all_horizontal([pl.col("year") != year for year in range(300)]),
}


@pytest.mark.parametrize("name", IN_OTHER_WORDS)
def test_whatever_polars_says_the_rows_are_the_same(name):
    asked = IN_OTHER_WORDS[name]
    found = scan_of_all(columns=COLUMNS).to_polars().filter(asked).collect()
    assert found.equals(pl.DataFrame(ALL).filter(asked))


def test_deep_filters_keep_the_same_rows():
    asked = pl.col("year") == 1990
    for year in range(100):
        asked = ((asked & pl.col("online")) | (pl.col("year") == year)) & (pl.col("added") < 3)
    found = scan_of_all(columns=COLUMNS).to_polars().filter(asked).collect()
    assert found.equals(pl.DataFrame(ALL).filter(asked))


@pytest.mark.parametrize("values", [["eng"], ["eng", None], [None]])
def test_choices_of_pyarrow_may_have_a_null_among_them(values):
    data = scan_of_all(columns=COLUMNS).to_dataset()
    for skip_nulls in (False, True):
        options = pc.SetLookupOptions(pa.array(values, pa.string()), skip_nulls=skip_nulls)
        asked = pc.is_in(pc.field("language"), options=options)
        for expression in (asked, ~asked):
            assert data.to_table(filter=expression).equals(ALL.filter(expression))
