"""What the cookbook extracts is what a loop over records finds."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable

import mrrc
import pymarc
import pytest
from conftest import ROOT, sample

Values = list[str]


def values(*codes: str, tag: str) -> Callable[[pymarc.Record], Values]:
    return lambda record: [
        it for field in record.get_fields(*tag.split()) for it in field.get_subfields(*codes)
    ]


def joined(*codes: str, tag: str, sep: str = " ") -> Callable[[pymarc.Record], Values]:
    def of(record: pymarc.Record) -> Values:
        fields = [field.get_subfields(*codes) for field in record.get_fields(*tag.split())]
        return [sep.join(field) for field in fields if field]

    return of


def trimmed(text: str) -> str:
    """For the punctuation that the sample has."""
    text = re.sub(r"[\s,/;:=]+$", "", text)
    before = "".join(it for it in text.removesuffix(".") if not unicodedata.combining(it))
    is_heading = re.search(r"([^\W\d_]{3}|[0-9]{4}|[)\]])$", before)
    return text.removesuffix(".") if is_heading else text


def each(
    change: Callable[[str], object], of: Callable[[pymarc.Record], Values]
) -> Callable[[pymarc.Record], list]:
    return lambda record: [change(it) for it in of(record)]


def first(of: Callable[[pymarc.Record], list]) -> Callable[[pymarc.Record], object]:
    return lambda record: next(iter(of(record)), None)


def subjects_of(indicator: str) -> Callable[[pymarc.Record], Values]:
    letters = [chr(letter) for letter in range(ord("a"), ord("z") + 1)]

    def of(record: pymarc.Record) -> Values:
        fields = [field for field in record.get_fields("650") if field.indicator2 == indicator]
        return [trimmed(" -- ".join(field.get_subfields(*letters))) for field in fields]

    return of


def date(text: str) -> datetime.date:
    century = "" if len(text) != 6 else "20" if text < "60" else "19"
    return datetime.datetime.strptime(f"{century}{text[: 8 if not century else 6]}", "%Y%m%d").date()


def linked(tag: str, code: str) -> Callable[[pymarc.Record], Values]:
    def of(record: pymarc.Record) -> Values:
        fields = [field for field in record.get_fields(tag) if "6" in field]
        others = [other for field in fields for other in record.get_linked_fields(field)]
        return [it for other in others for it in other.get_subfields(code)]

    return of


def isbn(text: str) -> str:
    return re.match(r"[\dX]+", text)[0]


def fixed(first: int, last: int) -> Callable[[pymarc.Record], str]:
    return lambda record: record["008"].data[first : last + 1]


def year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{4}", text) else None


LOOPS = dict(
    re.findall(
        r"^\| `(.*)` \| `(.*)` \|$", (ROOT / "docs" / "migration-from-pymarc.md").read_text(), re.MULTILINE
    )
)
BY_HAND = {
    "001": lambda record: record["001"].data,
    "oclc(035$a)": lambda record: re.findall(
        r"\(OCoLC\)oc[mn]0*(\d+)", " ".join(values("a", tag="035")(record))
    ),
    "trim(010$a)": each(str.strip, values("a", tag="010")),
    "isbn(020$a)": each(isbn, values("a", tag="020")),
    "022$a": values("a", tag="022"),
    "first(trim(245$a))": first(each(trimmed, values("a", tag="245"))),
    "first(trim(join(245$a$b$n$p)))": first(each(trimmed, joined(*"abnp", tag="245"))),
    "first(filing(trim(join(245$a$b$n$p))))": lambda record: trimmed(joined(*"abnp", tag="245")(record)[0])[
        int(record["245"].indicator2) :
    ],
    "first(trim(245$c))": first(each(trimmed, values("c", tag="245"))),
    "trim(join(246$a$b$n$p))": each(trimmed, joined(*"abnp", tag="246")),
    "trim(700{$e~translator}$a)": lambda record: [
        trimmed(field["a"])
        for field in record.get_fields("700")
        if any("translator" in role for role in field.get_subfields("e"))
    ],
    "first(trim(alt(100$a)))": first(each(trimmed, linked("100", "a"))),
    "year(008/07-10)": lambda record: year(fixed(7, 10)(record)),
    "year(008/11-14)": lambda record: year(fixed(11, 14)(record)),
    "first(trim(250$a))": first(each(trimmed, values("a", tag="250"))),
    "first(trim(300$a))": first(each(trimmed, values("a", tag="300"))),
    "trim(join(490$a$v))": each(trimmed, joined(*"av", tag="490")),
    "code(008/35-37, 3)": fixed(35, 37),
    "code(041{^2!=7}$h, 3)": values("h", tag="041"),
    "trim(join(650{^2=0}$a-z, ' -- '))": subjects_of("0"),
    "trim(650{$2=fast}$a)": lambda record: [
        trimmed(field["a"]) for field in record.get_fields("650") if field.get("2") == "fast"
    ],
    "trim(join(600$a$b$c$d))": each(trimmed, joined(*"abcd", tag="600")),
    "first(join(050$a$b:090$a$b))": first(joined(*"ab", tag="050 090")),
    "first(082$a/0-2)": first(each(lambda text: text[:3], values("a", tag="082"))),
    "856{^2!=2}$u": values("u", tag="856"),
    "776$z": values("z", tag="776"),
    "first(520$a)": first(values("a", tag="520")),
    "first(505$a)": first(values("a", tag="505")),
    "date(008/00-05)": lambda record: date(fixed(0, 5)(record)),
    "date(005)": lambda record: date(record["005"].data),
}


@pytest.fixture(scope="module")
def records() -> list[pymarc.Record]:
    with open(sample("fixture_1k"), "rb") as file:
        return list(pymarc.MARCReader(file))


@pytest.fixture(scope="module")
def columns() -> mrrc.Table:
    return mrrc.read_arrow(sample("fixture_1k"), columns=list(BY_HAND))


def test_the_cookbook_has_these():
    page = (ROOT / "docs" / "cookbook.md").read_text()
    assert [it for it in BY_HAND if f"| `{it}` |" not in page] == []


@pytest.mark.parametrize("expression", BY_HAND)
def test_an_expression_gives_what_a_loop_finds(
    expression: str, records: list[pymarc.Record], columns: mrrc.Table
):
    found = columns.to_pyarrow()[expression].to_pylist()
    assert found == [BY_HAND[expression](record) for record in records]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_column_gives_what_the_loop_beside_it_gives(loop: str, records: list[pymarc.Record]):
    found = mrrc.read_arrow(sample("fixture_1k"), columns=[LOOPS[loop]]).to_pyarrow()[LOOPS[loop]].to_pylist()
    assert found == [eval(loop, {"record": record}) for record in records]


def test_the_page_for_scripts_has_columns():
    assert len(LOOPS) > 10
