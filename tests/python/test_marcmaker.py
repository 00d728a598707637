"""MARCMaker text (`.mrk`) in the same columns: what a record is, what odd ones become, and what is kept."""

from __future__ import annotations

import gzip
import io
import random
import re
from pathlib import Path

import mrrc
import pytest
from conftest import assert_accounts_add_up, numbers_in_parts, rows, skip

LEADER = "=LDR  00000nam a2200000 a 4500\n"
FIRST = LEADER + "=001  first\n=245  10$aTitle$c{aacute}\n"
SECOND = LEADER + "=001  second\n"


def numbers(table: mrrc.Table) -> list[str | None]:
    return [row["control_number"] for row in rows(table)]


def assert_all_is_accounted_for(table: mrrc.Table, size: int) -> None:
    assert_accounts_add_up(table)
    [source] = rows(table.sources)
    assert (source["bytes"], source["bytes_unread"]) == (size, 0)


@pytest.mark.parametrize(
    "text",
    [
        FIRST + "\n" + SECOND,
        FIRST + SECOND,
        "\n\n" + FIRST + "\n\n\n" + SECOND + "\n",
        (FIRST + "\n" + SECOND).replace("\n", "\r\n") + "\x1a",
        "\ufeff" + FIRST + "\n" + SECOND,
        "# Made by hand\n#\n" + FIRST + "\n# The last one\n" + SECOND.rstrip(),
    ],
)
def test_records_are_found_however_they_are_put_together(text):
    source = text.encode()
    for given in (source, io.BytesIO(source), gzip.compress(source)):
        table = mrrc.read_arrow(given)
        assert numbers(table) == ["first", "second"]
        assert rows(table)[0]["fields"][1]["subfields"] == [
            {"code": "a", "value": "Title"},
            {"code": "c", "value": "á"},
        ]
        assert table.diagnostics.num_rows == 0
        assert_all_is_accounted_for(table, len(source))
        assert rows(table.sources)[0]["format"] == "mrk"


def test_every_way_of_reading_takes_it(tmp_path):
    path = tmp_path / "records.mrk"
    path.write_text(FIRST + "\n" + SECOND, encoding="utf-8")
    scan = mrrc.scan(path)
    assert scan.count() == 2
    assert mrrc.scan(path, where="245$a = 'Title'").count() == 1
    assert mrrc.read_arrow(path, columns={"title": "first(245$a)"})["title"].to_pylist() == ["Title", None]
    assert mrrc.read_arrow(path, layout="subfields").num_rows == 6
    assert mrrc.describe(path).records == 2
    assert mrrc.check(path).num_rows == 0
    assert [it.get("001").data for it in scan.records()] == ["first", "second"]
    scan.write_marc(tmp_path / "records.mrc")
    assert mrrc.scan(tmp_path / "records.mrc").count() == 2


def test_where_a_row_comes_from_is_a_place_in_the_text():
    source = (FIRST + "\n" + SECOND).encode()
    for row, text in zip(rows(mrrc.read_arrow(source, provenance="raw")), (FIRST, SECOND), strict=True):
        assert source[row["offset"] : row["offset"] + row["length"]] == row["raw"] == text.encode()


def test_a_backslash_is_a_blank_where_it_stands_for_one():
    [row] = rows(mrrc.read_arrow(b"=LDR  \\\\\\\\\\nam\\a2200000\\a\\4500\n=001  a\\b\n=500  \\1$ac:\\d\n"))
    assert row["leader"] == "     nam a2200000 a 4500"
    assert row["control_number"] == "a b"
    field = row["fields"][1]
    assert (field["ind1"], field["ind2"], field["subfields"][0]["value"]) == (" ", "1", "c:\\d")


def test_a_line_that_begins_no_field_goes_on_with_the_one_before():
    text = LEADER + "=500  \\\\$aA long \r\nnote with 1\n=2 in it\n=520  \\\\$ax\n"
    table = mrrc.read_arrow(text.encode())
    [row] = rows(table)
    assert [field["subfields"][0]["value"] for field in row["fields"]] == ["A long note with 1=2 in it", "x"]
    # That line may have been a field, and so it is named.
    assert [row["code"] for row in rows(table.diagnostics)] == ["unexpected"]


@pytest.mark.parametrize("line", ["=2 in it", "520  \\\\$ax", " =520  \\\\$ax"])
def test_a_line_that_may_have_been_a_field_is_named(line):
    table = mrrc.read_arrow(f"{LEADER}=500  \\\\$aA note\n{line}\n".encode())
    assert [(row["code"], row["found"]) for row in rows(table.diagnostics)] == [("unexpected", line)]


def test_only_line_feeds_end_a_line():
    value = "a\x0bb\x0cc\x85d\u2028e\rf"
    [row] = rows(mrrc.read_arrow(f"{LEADER}=500  \\\\$a{value}\n".encode()))
    assert row["fields"][0]["subfields"][0]["value"] == value


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("{dollar}5 {lcub}a{rcub} {bsol} {0A}", {}, "$5 {a} \\ \n"),
        ("{Lstrok}{acute}od{acute}z", {}, "Łódź"),
        ("{aacute} {C3}{A9} é", {}, "á é é"),
        ("{zilch} {a b} {", {}, "{zilch} {a b} {"),
        ("{eacute}", {"encoding": "latin-1"}, "{eacute}"),
    ],
)
def test_what_is_in_braces_stands_for_something_else(text, options, expected):
    source = f"{LEADER}=500  \\\\$a{text}\n".encode()
    [row] = rows(mrrc.read_arrow(source, **options))
    if not options:
        assert row["fields"][0]["subfields"][0]["value"] == expected
    # A record that declares MARC-8 has the same text.
    source = source.replace(b"nam a", b"nam  ")
    [row] = rows(mrrc.read_arrow(source, **options))
    assert row["fields"][0]["subfields"][0]["value"] == expected.encode().decode(
        options.get("encoding", "utf-8")
    )


def test_text_is_in_what_the_file_is_in():
    text = LEADER.replace("nam a", "nam  ") + "=500  \\\\$aŁódź {aacute}\n"
    [row] = rows(mrrc.read_arrow(text.encode(), provenance=True))
    assert row["fields"][0]["subfields"][0]["value"] == "Łódź á"
    assert (row["encoding_declared"], row["encoding_used"]) == ("marc-8", "utf-8")
    older = text.replace("Łódź", "A").encode().replace(b"$aA", b"$a\xa1\xe2od\xe2z")
    [row] = rows(mrrc.read_arrow(older))
    assert row["fields"][0]["subfields"][0]["value"] == "Łódź á"
    named = text.replace("Łódź", "A").encode().replace(b"$aA", b"$acaf\xe9")
    [row] = rows(mrrc.read_arrow(named, encoding="windows-1252"))
    assert row["fields"][0]["subfields"][0]["value"] == "café {aacute}"


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ("=24  10$ax\n", "entry-tag"),
        ("=2é5  10$ax\n", "entry-tag"),
        ("=245  é0$ax\n", "code-length"),
        ("=245  10$a\x1fbB\n", "character"),
    ],
)
def test_a_record_that_cannot_be_delivered_costs_no_other(odd, code):
    source = (LEADER + "=001  odd\n" + odd + "\n" + SECOND).encode()
    table = skip(source)
    assert numbers(table) == ["second"]
    assert [row["code"] for row in rows(table.diagnostics)] == [code]
    [reject] = rows(table.rejects)
    assert reject["raw"] + b"\n" + SECOND.encode() == source
    with pytest.raises(mrrc.MarcError) as told:
        mrrc.read_arrow(source)
    assert (told.value.code, told.value.control_number) == (code, "odd")


@pytest.mark.parametrize("line", ["=245 10$aTitle", "=24510$aTitle", "=245\t10$aTitle"])
def test_a_line_that_lacks_a_blank_is_read_and_named(line):
    table = mrrc.read_arrow((LEADER + line + "\n").encode())
    [row] = rows(table)
    assert row["fields"][0]["subfields"] == [{"code": "a", "value": "Title"}]
    assert [row["code"] for row in rows(table.diagnostics)] == ["unexpected"]


def test_the_same_records_give_the_same_rows(fixture_1k):
    with mrrc.MARCReader(fixture_1k) as reader:
        # The code of a script in $6, which str does not escape.
        text = "\n".join(str(record) for record in reader).replace("/$1", "/{dollar}1")
    theirs = rows(mrrc.read_arrow(fixture_1k))
    for source in (text, text.replace("\n", "\r\n"), text.replace("\n\n", "\n")):
        table = mrrc.read_arrow(source.encode())
        ours = rows(table)
        assert len(ours) == len(theirs) == 1000
        for one, other in zip(ours, theirs, strict=True):
            assert (one["leader"], one["fields"]) == (other["leader"], other["fields"])
        assert_all_is_accounted_for(table, len(source.encode()))


def test_a_damaged_record_costs_itself_and_every_byte_is_accounted_for():
    whole = ("# All\n" + FIRST + "\n" + SECOND).encode()
    for place in range(0, len(whole), 3):
        for damage in (
            b"",
            b"\n",
            b"\n\n",
            b"=",
            b"$",
            b"{",
            b"\\",
            b"\x00",
            b"\xff",
            b"\n=LDR  ",
            b"#",
            b"\x1f",
        ):
            source = whole[:place] + damage + whole[place + 1 :]
            table = skip(source)
            assert_all_is_accounted_for(table, len(source))
            assert table.num_rows <= 4


def test_damage_in_a_record_costs_that_record():
    whole = (SECOND + "\n" + FIRST + "\n" + SECOND).encode()
    for place in range(len(SECOND) + 1, len(SECOND) + len(FIRST)):
        for damage in (b"", b"=", b"$", b"{", b"\\", b"\x00", b"\xff", b"#", b"\x1f"):
            found = numbers(skip(whole[:place] + damage + whole[place + 1 :]))
            assert (found[0], found[-1], found.count("second")) == ("second", "second", 2)


def test_a_record_without_end_is_bounded():
    source = (
        LEADER + "=500  \\\\$a" + "x" * 1_000_000 + "\n" + "=501  \\\\$ax\n" * 10_000 + "\n" + SECOND
    ).encode()
    table = skip(source, max_record=10_000)
    assert numbers(table) == ["second"]
    assert [row["code"] for row in rows(table.diagnostics)] == ["record-too-large"]
    assert_all_is_accounted_for(table, len(source))


def test_a_format_that_is_named_is_taken():
    source = SECOND.encode()
    assert mrrc.read_arrow(source, format="mrk").num_rows == 1
    with pytest.raises(mrrc.MarcError, match=r"\.mrk"):
        mrrc.read_arrow(source, format="iso2709")
    with pytest.raises(mrrc.MarcError, match="no field of MARCMaker"):
        mrrc.read_arrow(b"Dear colleague, here are the records.\n", format="mrk")


def test_text_is_read_in_parts():
    numbers = [str(number) for number in range(20)]
    text = "\n".join(f"{LEADER}=001  {number}\n=245  10$aA title\nin two lines\n" for number in numbers)
    for source in (text.encode(), text.replace("\n", "\r\n").encode()):
        for part in (1, 7, 100, 1000, 100_000):
            assert numbers_in_parts(source, len(source), part) == numbers


def test_iso_2709_is_never_taken_for_it(corpus: Path):
    for path in (path for path in sorted((corpus / "real").rglob("*")) if path.is_file()):
        sources = skip(path, n_rows=1).sources
        assert rows(sources)[0]["format"] in (None, "iso2709"), path


# The records that are there, delivered or not, and what is found in them.
SAMPLES = {
    "LibreCat__Catmandu-MARC__t__camel.mrk": 10,
    "folio-org__stripes-testing__cypress__fixtures__fileForC2356.mrk": 1,
    "folio-org__stripes-testing__cypress__fixtures__marcAuthFileForC466085_3.mrk": 1,
    "folio-org__stripes-testing__cypress__fixtures__marcBibFileC440126_1.mrk": 1,
    "folio-org__stripes-testing__cypress__fixtures__marcBibFileC468233_2.mrk": 1,
    "jorol__processing-marc__files__code4lib.mrk": 1,
    "jorol__processing-marc__files__example.mrk": 1,
    "marc4j__marc4j__test__resources__brkrtest1.mrk8": 8,
    "marc4j__marc4j__test__resources__u17_marc4j.mrk8": 1,
}


def by_rule(text: str) -> list[list[tuple[str, str]]]:
    """The fields of each record, by another reader: a line for each, and `$` before each subfield."""
    records = [it for it in re.split(r"\n(?==LDR)", text.replace("\r\n", "\n")) if it.strip()]
    return [
        [(line[1:4], line[6:]) for line in record.split("\n") if line.startswith("=")] for record in records
    ]


def test_real_files_have_the_records_that_are_in_them(corpus: Path):
    paths = sorted((corpus / "formats" / "mrk").iterdir())
    assert [path.name for path in paths] == sorted(SAMPLES)
    for path in paths:
        content = path.read_bytes()
        table = skip(path)
        assert table.num_rows == SAMPLES[path.name], path.name
        assert_all_is_accounted_for(table, len(content))
        assert {row["code"] for row in rows(table.diagnostics)} <= {"encoding-mismatch", "unexpected"}, (
            path.name
        )
        for row, lines in zip(rows(table), by_rule(content.decode()), strict=True):
            assert row["leader"] == dict(lines)["LDR"]
            assert [field["tag"] for field in row["fields"]] == [tag for tag, _ in lines[1:]]
            for field, (_, text) in zip(row["fields"], lines[1:], strict=True):
                subfields = field["subfields"] or []
                said = "".join(f"${it['code']}{it['value']}" for it in subfields)
                expected = text[2:].replace("{dollar}", "$").replace("{bsol}", "\\")
                assert said == (expected if subfields else ""), path.name


def test_the_library_s_file_of_mnemonics_is_read_whatever_it_is_cut_into(corpus: Path):
    source = (corpus / "formats" / "mrk" / "marc4j__marc4j__test__resources__brkrtest1.mrk8").read_bytes()
    whole = mrrc.read_arrow(source).to_pyarrow()
    for seed in range(5):
        assert mrrc.read_arrow(Parts(source, seed)).to_pyarrow().equals(whole)


class Parts(io.BytesIO):
    """What is read in parts of 1 to 100 bytes."""

    def __init__(self, source: bytes, seed: int):
        super().__init__(source)
        self.sizes = random.Random(seed)

    def read(self, size=-1):
        return super().read(self.sizes.randint(1, 100))
