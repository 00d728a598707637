"""What people ask of a catalogue, each in one line, and what a loop with pymarc answers."""

from __future__ import annotations

import gc
import lzma
import os
import re
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import mrrc
import plain
import polars as pl
import pyarrow.parquet as pq
import pymarc
import pytest
from conftest import rows, sample

# Plain walks over pymarc's records.


def values(record: pymarc.Record, spec: str) -> list[str]:
    """The values of subfields, such as `020a:773z`, in the record's order."""
    codes = {path[:3]: path[3:] for path in spec.split(":")}
    return [
        it.value
        for field in record.fields
        if field.tag in codes
        for it in field.subfields
        if it.code in codes[field.tag]
    ]


def joined(record: pymarc.Record, spec: str, separator: str = " ") -> list[str]:
    """The values of each field as one text."""
    codes = {path[:3]: path[3:] for path in spec.split(":")}
    texts = []
    for field in record.fields:
        if field.tag in codes:
            its = [it.value for it in field.subfields if it.code in codes[field.tag]]
            texts += [separator.join(filter(None, its))] if its else []
    return texts


def control(record: pymarc.Record, tag: str) -> str | None:
    return next((field.data for field in record.get_fields(tag)), None)


def link(field: pymarc.Field) -> tuple[str, str] | None:
    """The tag and the number of the first `$6`."""
    found = re.match(r"(...)-(\d\d)", (field.get_subfields("6") or [""])[0].strip())
    return (found[1], found[2]) if found and found[2] != "00" else None


def vernacular(record: pymarc.Record) -> str | None:
    """The first `$a` of an 880 that is linked to a title."""
    numbers = {
        link(field)[1] for field in record.get_fields("245") if link(field) and link(field)[0] == "880"
    }
    linked = [field for field in record.get_fields("880") if link(field) in {("245", it) for it in numbers}]
    return next((value for field in linked for value in field.get_subfields("a")), None)


def first(all: list) -> object:
    return next(iter(all), None)


def properties(record: pymarc.Record) -> dict[str, str | None]:
    """What pymarc's properties say, where they ask for what columns of the preset ask for."""
    found = {}
    titles, authors = record.get_fields("245"), record.get_fields("100", "110", "111")
    codes = "".join(it.code for field in titles for it in field.subfields if it.code in "abnp")
    if len(titles) < 2 and codes in ("", "a", "ab"):
        found["title"] = record.title and plain.trim(record.title)
    parts = {(field.tag[2], it.code) for field in authors for it in field.subfields}
    if len(authors) < 2 and parts <= {("0", code) for code in "abcdq"}:
        found["author"] = record.author and plain.trim(record.author)
    # pymarc looks at the first field alone.
    for name, tag, code in [("isbn", "020", "a"), ("issn", "022", "a")]:
        if all(code in field for field in record.get_fields(tag)[:1]):
            found[name] = getattr(record, name)
    published = [it for it in record.get_fields("260", "264") if it.tag == "260" or it.indicator2 == "1"]
    for name, code in [("publisher", "b"), ("date", "c")]:
        if len({it.tag for it in published}) < 2 and all(code in it for it in published[:1]):
            value = record.publisher if code == "b" else record.pubyear
            found[name] = value and plain.trim(value)
    if number := found.get("isbn"):
        found["isbn"] = number.upper()
        if not is_isbn(number):
            del found["isbn"]
    return found


def is_isbn(number: str) -> bool:
    digits = [10 if it in "xX" else int(it) for it in number]
    if len(digits) == 10:
        return sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11 == 0
    return len(digits) == 13 and (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


class Walk:
    """Everything that the tests ask of a file, from one loop over its records."""

    def __init__(self, path: Path) -> None:
        self.records = 0
        self.terms, self.languages, self.decades, self.libraries = Counter(), Counter(), Counter(), Counter()
        self.with_isbn = self.with_many_700 = self.without_title = 0
        self.vernaculars, self.urls, self.alone, self.has_odd_code = [], [], [], []
        self.extracted = {name: [] for name in EXTRACTIONS}
        self.properties = []
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = pymarc.MARCReader(file, to_unicode=True)
            for record in reader:
                # pymarc takes a code that is no character of ASCII for another.
                self.has_odd_code.append(re.search(rb"\x1f[\x80-\xff]", reader.current_chunk) is not None)
                self.see(record)

    def see(self, record: pymarc.Record) -> None:
        self.records += 1
        number, coded = control(record, "001"), control(record, "008")
        self.terms.update(map(plain.trim, values(record, "650a")))
        language = coded[35:38] if coded and len(coded) > 35 else None
        self.languages[language] += 1
        if coded and re.fullmatch(r"[0-9]{4}", coded[7:11]):
            self.decades[int(coded[7:11]) // 10 * 10] += 1
        self.with_isbn += bool(values(record, "020a"))
        self.with_many_700 += len(record.get_fields("700")) > 1
        self.without_title += not record.get_fields("245")
        alternate = vernacular(record)
        if alternate is not None:
            self.vernaculars.append((first(values(record, "245a")), alternate))
        if any("railway" in title for title in values(record, "245a")):
            self.urls += [(number, url) for url in values(record, "856u")]
        self.libraries.update(set(values(record, "852b")))
        if record.get_fields("100") and not record.get_fields("700"):
            self.alone.append(number)
        for name, (_, walk) in EXTRACTIONS.items():
            self.extracted[name].append(walk(record))
        self.properties.append(properties(record))


def ranked(counts: Counter) -> list[tuple]:
    """The most frequent first, and what is as frequent in order."""
    return sorted(counts.items(), key=lambda it: (-it[1], it[0] is None, it[0] or ""))


# The ten questions, asked in several ways. A way is made of the path of a file.


class ByAsking:
    """`where`, `value_counts` and `extract`, which Scans and Tables of any layout have."""

    def __init__(self, asked: mrrc.Scan | mrrc.Table) -> None:
        self.asked = asked

    def extract(self, columns: list[str] | dict[str, str], condition: str) -> list[dict]:
        return rows(self.asked.where(condition).extract(columns))

    def counts(self, expression: str) -> list[tuple]:
        return [(row["value"], row["count"]) for row in rows(self.asked.value_counts(expression))]

    def frequent_terms(self):
        return self.counts("trim(650$a)")[:10]

    def languages(self):
        return dict(self.counts("008/35-37"))

    def share_with_isbn(self):
        return dict(self.counts("exists(020$a)"))[True] / sum(count for _, count in self.counts("count(001)"))

    def with_many_700(self):
        return len(self.extract(["001"], "count(700) > 1"))

    def decades(self):
        counts = Counter()
        for year, count in self.counts("year(008/07-10)"):
            if year is not None:
                counts[year // 10 * 10] += count
        return counts

    def vernaculars(self):
        columns = {"title": "first(245$a)", "vernacular": "first(alt(245$a))"}
        return [tuple(row.values()) for row in self.extract(columns, "exists(alt(245$a))")]

    def without_title(self):
        return len(self.extract(["001"], "not 245"))

    def urls(self):
        found = self.extract(["001", "856$u"], "245$a ~ 'railway'")
        return [(row["001"], url) for row in found for url in row["856$u"]]

    def libraries(self):
        return dict(self.counts("unique(852$b)"))

    def alone(self):
        return [row["001"] for row in self.extract(["001"], "100 and not 700")]


class ByScan(ByAsking):
    """The same of a Scan, whose rows are records: they are counted, and read into columns."""

    def __init__(self, path: Path) -> None:
        super().__init__(mrrc.scan(path))
        self.path = path

    def extract(self, columns, condition):
        return rows(mrrc.read_arrow(self.path, columns=columns, where=condition))

    def share_with_isbn(self):
        return self.asked.count(where="020$a") / self.asked.count()

    def with_many_700(self):
        return self.asked.where("count(700) > 1").count()

    def without_title(self):
        return self.asked.count(where="not 245")


# A library that reads the Parquet file of a Table.
ENGINES = {
    "pyarrow": pq.read_table,
    "polars": pl.read_parquet,
    "duckdb": lambda path: duckdb.connect().sql(f"from '{path}'").to_arrow_table(),
}


def by_table(layout: str) -> Callable[[Path], ByAsking]:
    return lambda path: ByAsking(mrrc.read_arrow(path, layout=layout))


def by_parquet(layout: str, engine: str) -> Callable[[Path], ByAsking]:
    def way(path: Path) -> ByAsking:
        with tempfile.TemporaryDirectory() as folder:
            parquet = Path(folder) / "table.parquet"
            mrrc.scan(path, layout=layout).to_parquet(parquet)
            return ByAsking(mrrc.from_arrow(ENGINES[engine](parquet)))

    return way


# A Table whose columns answer all of them.
ASKED = {
    "number": "001",
    "term": "trim(650$a)",
    "language": "008/35-37",
    "isbn": "020$a",
    "added": "count(700)",
    "year": "year(008/07-10)",
    "title": "first(245$a)",
    "titles": "245$a",
    "vernacular": "first(alt(245$a))",
    "has_title": "exists(245)",
    "url": "856$u",
    "library": "unique(852$b)",
    "has_author": "exists(100)",
}


class ByPolars:
    def __init__(self, path: Path) -> None:
        self.frame = pl.DataFrame(mrrc.read_arrow(path, columns=ASKED))

    def frequent_terms(self):
        terms = (
            self.frame["term"]
            .explode()
            .drop_nulls()
            .value_counts()
            .sort(["count", "term"], descending=[True, False])
        )
        return terms.head(10).rows()

    def languages(self):
        return dict(self.frame["language"].value_counts().rows())

    def share_with_isbn(self):
        return (self.frame["isbn"].list.len() > 0).mean()

    def with_many_700(self):
        return self.frame.filter(pl.col("added") > 1).height

    def decades(self):
        return dict((self.frame["year"].drop_nulls() // 10 * 10).value_counts().rows())

    def vernaculars(self):
        return self.frame.drop_nulls("vernacular").select("title", "vernacular").rows()

    def without_title(self):
        return self.frame.filter(~pl.col("has_title")).height

    def urls(self):
        has_word = pl.col("titles").list.eval(pl.element().str.contains("railway", literal=True)).list.any()
        return self.frame.filter(has_word).explode("url").drop_nulls("url").select("number", "url").rows()

    def libraries(self):
        return dict(self.frame["library"].explode().drop_nulls().value_counts().rows())

    def alone(self):
        return self.frame.filter(pl.col("has_author") & (pl.col("added") == 0))["number"].to_list()


class ByDuckDB:
    def __init__(self, path: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set threads to 1")
        self.connection.register("asked", mrrc.read_arrow(path, columns=ASKED).to_pyarrow())

    def ask(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def frequent_terms(self):
        return self.ask(
            "select term, count(*) from (select unnest(term) as term from asked) "
            "group by 1 order by 2 desc, 1 limit 10"
        )

    def languages(self):
        return dict(self.ask("select language, count(*) from asked group by 1"))

    def share_with_isbn(self):
        return self.ask("select count(*) filter (len(isbn) > 0) / count(*) from asked")[0][0]

    def with_many_700(self):
        return self.ask("select count(*) from asked where added > 1")[0][0]

    def decades(self):
        return dict(self.ask("select year // 10 * 10, count(*) from asked where year is not null group by 1"))

    def vernaculars(self):
        return self.ask("select title, vernacular from asked where vernacular is not null")

    def without_title(self):
        return self.ask("select count(*) from asked where not has_title")[0][0]

    def urls(self):
        has_word = "len(list_filter(titles, lambda it: contains(it, 'railway'))) > 0"
        return self.ask(f"select number, unnest(url) from asked where {has_word}")

    def libraries(self):
        return dict(
            self.ask(
                "select library, count(*) from (select unnest(library) as library from asked) group by 1"
            )
        )

    def alone(self):
        return [number for (number,) in self.ask("select number from asked where has_author and added = 0")]


class ByPandas:
    def __init__(self, path: Path) -> None:
        self.frame = mrrc.read_arrow(path, columns=ASKED).to_pandas()

    def frequent_terms(self):
        return ranked(Counter(self.frame["term"].explode().dropna()))[:10]

    def languages(self):
        counts = self.frame["language"].value_counts(dropna=False)
        return {(key if isinstance(key, str) else None): count for key, count in counts.items()}

    def share_with_isbn(self):
        return float((self.frame["isbn"].map(len) > 0).mean())

    def with_many_700(self):
        return int((self.frame["added"] > 1).sum())

    def decades(self):
        return Counter(int(year) // 10 * 10 for year in self.frame["year"].dropna())

    def vernaculars(self):
        pairs = self.frame.dropna(subset="vernacular")[["title", "vernacular"]]
        return [tuple(pair) for pair in pairs.itertuples(index=False)]

    def without_title(self):
        return int((~self.frame["has_title"]).sum())

    def urls(self):
        has_word = self.frame["titles"].map(lambda titles: any("railway" in title for title in titles))
        found = self.frame[has_word.astype(bool)].explode("url").dropna(subset="url")
        return [tuple(pair) for pair in found[["number", "url"]].itertuples(index=False)]

    def libraries(self):
        return dict(Counter(self.frame["library"].explode().dropna()))

    def alone(self):
        numbers = self.frame[self.frame["has_author"] & (self.frame["added"] == 0)]["number"]
        return [number if isinstance(number, str) else None for number in numbers]


WAYS = {"scan": ByScan, "polars": ByPolars, "duckdb": ByDuckDB, "pandas": ByPandas}
for layout in ("nested", "fields", "subfields"):
    WAYS[f"table-{layout}"] = by_table(layout)
    WAYS |= {f"parquet-{layout}-{engine}": by_parquet(layout, engine) for engine in ENGINES}
# What each question is answered by, from a walk.
ANSWERS = {
    "frequent_terms": lambda walk: ranked(walk.terms)[:10],
    "languages": lambda walk: walk.languages,
    "share_with_isbn": lambda walk: walk.with_isbn / walk.records,
    "with_many_700": lambda walk: walk.with_many_700,
    "decades": lambda walk: walk.decades,
    "vernaculars": lambda walk: walk.vernaculars,
    "without_title": lambda walk: walk.without_title,
    "urls": lambda walk: walk.urls,
    "libraries": lambda walk: walk.libraries,
    "alone": lambda walk: walk.alone,
}

# Thirty specifications as indexers have them, each written in the notation, and as a walk.
EXTRACTIONS = {
    "id": ("001", lambda it: control(it, "001")),
    "lccn": ("010$a", lambda it: values(it, "010a")),
    "isbn": ("020$a:773$z", lambda it: values(it, "020a:773z")),
    "issn": (
        "022$a:440$x:490$x:730$x:776$x:780$x:785$x",
        lambda it: values(it, "022a:440x:490x:730x:776x:780x:785x"),
    ),
    "system numbers": ("035$a", lambda it: values(it, "035a")),
    "language": ("008/35-37", lambda it: (control(it, "008") or "")[35:38] or None),
    "languages of 041": ("041$a$d$h$j", lambda it: values(it, "041adhj")),
    "call number": ("join(099$a$b:090$a$b:050$a$b)", lambda it: joined(it, "099ab:090ab:050ab")),
    "first call number": ("first(join(050$a$b))", lambda it: first(joined(it, "050ab"))),
    "dewey": ("082$a:083$a", lambda it: values(it, "082a:083a")),
    "author": ("first(join(100$a$b$c$d))", lambda it: first(joined(it, "100abcd"))),
    "corporate authors": ("join(110$a$b:710$a$b)", lambda it: joined(it, "110ab:710ab")),
    "added authors": ("join(700$a$b$c$d)", lambda it: joined(it, "700abcd")),
    "title": ("first(join(245$a$b))", lambda it: first(joined(it, "245ab"))),
    "short title": ("trim(245$a)", lambda it: [plain.trim(value) for value in values(it, "245a")]),
    "subtitle": ("245$b", lambda it: values(it, "245b")),
    "full title": ("join(245$a-z)", lambda it: joined(it, "245abcdefghijklmnopqrstuvwxyz")),
    "uniform titles": (
        "join(130$a-t:240$a-s)",
        lambda it: joined(it, "130abcdefghijklmnopqrst:240abcdefghijklmnopqrs"),
    ),
    "other titles": ("join(246$a$b$n$p)", lambda it: joined(it, "246abnp")),
    "earlier titles": ("join(780$a$s$t)", lambda it: joined(it, "780ast")),
    "publisher": ("260$b:264$b", lambda it: values(it, "260b:264b")),
    "published in": ("trim(260$a)", lambda it: [plain.trim(value) for value in values(it, "260a")]),
    "extent": ("join(300$a$b$c$e$f$g)", lambda it: joined(it, "300abcefg")),
    "edition": ("first(250$a)", lambda it: first(values(it, "250a"))),
    "series": ("join(440$a$p:800$a$b$c$d$f$p$q$t:830$a$p)", lambda it: joined(it, "440ap:800abcdfpqt:830ap")),
    "topics": ("join(650$a-z, ' -- ')", lambda it: joined(it, "650abcdefghijklmnopqrstuvwxyz", " -- ")),
    "topic facet": (
        "unique(600$x:610$x:650$a:650$x)",
        lambda it: list(dict.fromkeys(values(it, "600x:610x:650ax"))),
    ),
    "places": ("651$a:650$z", lambda it: values(it, "651a:650z")),
    "genres": (
        "655$a:6..$v",
        lambda it: [s.value for f in it.fields for s in f.subfields if is_genre(f.tag, s.code)],
    ),
    "contents": ("join(505$a$t)", lambda it: joined(it, "505at")),
    "links": ("856$u:555$u", lambda it: values(it, "856u:555u")),
    "full text": (
        "856{^2!=2}$u",
        lambda it: [
            value for f in it.get_fields("856") if f.indicator2 != "2" for value in f.get_subfields("u")
        ],
    ),
}


def is_genre(tag: str, code: str) -> bool:
    return (tag, code) == ("655", "a") or (tag[0] == "6" and code == "v")


@pytest.fixture(scope="session")
def walks() -> dict[str, SimpleNamespace]:
    """The files that were walked over, by name."""
    return {}


@pytest.fixture
def asked(request, walks, tmp_path_factory) -> SimpleNamespace:
    """A file, and a walk over it."""
    if request.param not in walks:
        path = sample("fixture_1k") if request.param == "fixture_1k" else real_bib(tmp_path_factory)
        walks[request.param] = SimpleNamespace(path=path, walk=Walk(path))
        # It is large, and stays until the end.
        gc.freeze()
    return walks[request.param]


def real_bib(tmp_path_factory) -> Path:
    if not os.environ.get("MRRC_CORPUS"):
        pytest.skip("MRRC_CORPUS names no folder of real catalogue files")
    packed = Path(os.environ["MRRC_CORPUS"]) / "bench" / "real_bib.mrc.xz"
    path = tmp_path_factory.mktemp("real") / "real_bib.mrc"
    path.write_bytes(lzma.decompress(packed.read_bytes()))
    return path


# Of a real catalogue, the Parquet of each layout is read back by one library; of the sample, by all.
IN_TURN = {"parquet-nested-polars", "parquet-fields-duckdb", "parquet-subfields-pyarrow"}
OF_REAL_FILES = [way for way in WAYS if way in IN_TURN or not way.startswith("parquet")]


@pytest.mark.parametrize(
    ("asked", "way"),
    [*(("fixture_1k", way) for way in WAYS), *(("real_bib", way) for way in OF_REAL_FILES)],
    indirect=["asked"],
)
def test_each_question_has_the_answer_of_a_loop(asked, way):
    answers = WAYS[way](asked.path)
    for question, answer in ANSWERS.items():
        assert getattr(answers, question)() == answer(asked.walk), question


@pytest.mark.parametrize("asked", ["fixture_1k", "real_bib"], indirect=True)
@pytest.mark.parametrize("name", EXTRACTIONS)
def test_what_indexers_extract_is_what_a_loop_extracts(name, asked):
    (text, _) = EXTRACTIONS[name]
    column = mrrc.read_arrow(asked.path, columns={name: text}).to_pyarrow()[name]
    both = zip(column.to_pylist(), asked.walk.extracted[name], asked.walk.has_odd_code, strict=True)
    assert [(ours, theirs) for ours, theirs, is_odd in both if ours != theirs and not is_odd] == []
    assert sum(asked.walk.has_odd_code) <= 5


@pytest.mark.parametrize("asked", ["fixture_1k", "real_bib"], indirect=True)
@pytest.mark.parametrize("name", ["title", "author", "publisher", "date", "isbn", "issn"])
def test_the_preset_says_what_the_properties_of_pymarc_say(asked, name):
    column = mrrc.read_arrow(asked.path, columns={name: mrrc.preset("bib")[name]}).to_pyarrow()[name]
    compared, differences = 0, []
    walk = asked.walk
    for ours, theirs, is_odd in zip(column.to_pylist(), walk.properties, walk.has_odd_code, strict=True):
        if name in theirs and not is_odd:
            compared += 1
            ours = first(ours or []) if isinstance(ours, list) else ours
            differences += [(ours, theirs[name])] if (ours or None) != (theirs[name] or None) else []
    assert compared > 0.7 * walk.records
    assert differences == []
