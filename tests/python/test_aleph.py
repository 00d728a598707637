"""Aleph sequential in the same columns: what a record is, what odd ones become, and that nothing is lost."""

from __future__ import annotations

import gzip
import io
from itertools import groupby
from pathlib import Path

import mrrc
import pytest
from conftest import assert_accounts_add_up, numbers_in_parts, rows, skip

LEADER = "00000nam^a2200000^a^4500"


def record(number: str, *fields: str) -> str:
    """A record with this number: its leader, its control number and these fields."""
    lines = (f"LDR   L {LEADER}", f"001   L {number}", *fields)
    return "".join(f"{number} {line}\n" for line in lines)


FIRST = record("000000001", "008   L 75^x", "24510 L $$aTitle$$cÄ^B", "CAT   L $$a1")
SECOND = record("000000002")


def of_alma(text: str) -> str:
    """The same as Alma writes it: longer numbers, and no script."""
    return text.replace("00000000", "99000000000000").replace(" L ", " ")


def numbers(table: mrrc.Table) -> list[str | None]:
    return [row["control_number"] for row in rows(table)]


def assert_all_is_accounted_for(table: mrrc.Table, size: int) -> None:
    assert_accounts_add_up(table)
    [source] = rows(table.sources)
    assert (source["bytes"], source["bytes_unread"]) == (size, 0)


@pytest.mark.parametrize("change", [str, of_alma])
@pytest.mark.parametrize(
    "text",
    [
        FIRST + SECOND,
        "\n" + FIRST + "\n" + SECOND + "\n\n",
        (FIRST + SECOND).replace("\n", "\r\n"),
        "\ufeff" + FIRST + SECOND.rstrip(),
    ],
)
def test_records_are_found_however_they_are_put_together(text, change):
    source = change(text).encode()
    for given in (source, io.BytesIO(source), gzip.compress(source)):
        table = mrrc.read_arrow(given)
        assert numbers(table) == [change("000000001"), change("000000002")]
        assert table.diagnostics.num_rows == 0
        assert_all_is_accounted_for(table, len(source))
        assert rows(table.sources)[0]["format"] == "aleph"
        row = rows(table)[0]
        assert row["leader"] == "00000nam a2200000 a 4500"
        assert [field["value"] for field in row["fields"][:2]] == [change("000000001"), "75 x"]
        assert row["fields"][2]["subfields"] == [
            {"code": "a", "value": "Title"},
            {"code": "c", "value": "Ä^B"},
        ]


def test_every_way_of_reading_takes_it(tmp_path):
    path = tmp_path / "records.seq"
    path.write_text(FIRST + SECOND, encoding="utf-8")
    scan = mrrc.scan(path)
    assert scan.count() == 2
    assert mrrc.scan(path, where="245$a = 'Title'").count() == 1
    assert mrrc.read_arrow(path, columns={"title": "first(245$a)"})["title"].to_pylist() == ["Title", None]
    assert mrrc.read_arrow(path, layout="subfields").num_rows == 8
    assert mrrc.describe(path).records == 2
    assert mrrc.check(path).num_rows == 0
    assert [it.get("001").data for it in scan.records()] == ["000000001", "000000002"]
    scan.write_marc(tmp_path / "records.mrc")
    assert mrrc.scan(tmp_path / "records.mrc").count() == 2


def test_where_a_row_comes_from_is_a_place_in_the_text():
    source = (FIRST + SECOND).encode()
    for row, text in zip(rows(mrrc.read_arrow(source, provenance="raw")), (FIRST, SECOND), strict=True):
        assert source[row["offset"] : row["offset"] + row["length"]] == row["raw"] == text.encode()


def test_format_and_links_are_fields_like_others():
    source = record("000000001", "FMT   L BK", "LKR   L $$aUP$$b2", "Z30-1 L $$aX")
    [row] = rows(mrrc.read_arrow(source.encode()))
    found = [(it["tag"], it["ind1"], it["ind2"], it["value"], it["subfields"]) for it in row["fields"][1:]]
    assert found == [
        ("FMT", None, None, "BK", None),
        ("LKR", " ", " ", None, [{"code": "a", "value": "UP"}, {"code": "b", "value": "2"}]),
        ("Z30", "-", "1", None, [{"code": "a", "value": "X"}]),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("245é0 L $$ax", "code-length"),
        ("2é510 L $$ax", "entry-tag"),
        ("24510 L $$a\x1fbB", "character"),
        ("24510 L $$ax\n00000x002 500   L $$ay", "unexpected"),
    ],
)
def test_a_record_that_cannot_be_delivered_costs_no_other(line, code):
    source = (record("000000001", line) + SECOND).encode()
    table = skip(source)
    assert numbers(table) == ["000000002"]
    assert [row["code"] for row in rows(table.diagnostics)] == [code]
    [reject] = rows(table.rejects)
    assert reject["raw"] + SECOND.encode() == source
    with pytest.raises(mrrc.MarcError) as told:
        mrrc.read_arrow(source)
    assert (told.value.code, told.value.control_number) == (code, "000000001")


def test_a_line_without_a_number_goes_on_with_the_one_before():
    table = mrrc.read_arrow(record("000000001", "24510 L $$aTi\ntle$$c\nx").encode())
    [row] = rows(table)
    assert row["fields"][1]["subfields"] == [{"code": "a", "value": "Title"}, {"code": "c", "value": "x"}]
    assert [row["code"] for row in rows(table.diagnostics)] == ["unexpected"]


def as_aleph(number: int, record: mrrc.Record) -> str:
    """A record in lines, by other code than ours."""
    lines = [("LDR  ", str(record.leader).replace(" ", "^"))]
    for field in record.fields:
        if field.tag < "010":
            data = field.data.replace(" ", "^") if field.tag in ("006", "007", "008") else field.data
            lines.append((field.tag + "  ", data))
        else:
            text = "".join(f"$${code}{value}" for code, value in field.subfields)
            lines.append((field.tag + "".join(field.indicators), text))
    return "".join(f"{number:09} {tag} L {text}\n" for tag, text in lines)


def test_the_same_records_give_the_same_rows(fixture_1k):
    with mrrc.MARCReader(fixture_1k) as reader:
        text = "".join(as_aleph(number, record) for number, record in enumerate(reader))
    theirs = rows(mrrc.read_arrow(fixture_1k))
    for source in (text, text.replace("\n", "\r\n")):
        table = mrrc.read_arrow(source.encode())
        ours = rows(table)
        assert len(ours) == len(theirs) == 1000
        for one, other in zip(ours, theirs, strict=True):
            assert (one["leader"], one["fields"]) == (other["leader"], other["fields"])
        assert_all_is_accounted_for(table, len(source.encode()))


def test_text_in_an_older_encoding_is_found_out():
    text = record("000000001", "24510 L $$aPrzegląd").replace("nam^a", "nam^^")
    for encoding, options in (("utf-8", {}), ("iso-8859-2", {"encoding": "iso-8859-2"})):
        [row] = rows(mrrc.read_arrow(text.encode(encoding), **options))
        assert row["fields"][1]["subfields"][0]["value"] == "Przegląd"
    marc8 = text.encode().replace("ą".encode(), b"\xf1a")
    [row] = rows(mrrc.read_arrow(marc8))
    assert row["fields"][1]["subfields"][0]["value"] == "Przegląd"


@pytest.mark.parametrize("change", [str, of_alma])
def test_a_damaged_record_costs_itself_and_every_byte_is_accounted_for(change):
    whole = change(FIRST + SECOND).encode()
    for place in range(0, len(whole), 3):
        for damage in (
            b"",
            b"\n",
            b"$",
            b"^",
            b" ",
            b"1",
            b"L",
            b"\x00",
            b"\xff",
            b"\x1f",
            b"\n000000003 001   L ",
        ):
            source = whole[:place] + damage + whole[place + 1 :]
            table = skip(source, format="aleph")
            assert_all_is_accounted_for(table, len(source))
            # A number that is damaged is another number.
            assert table.num_rows <= 5


def test_damage_behind_the_number_costs_that_record():
    whole = (SECOND + FIRST + SECOND.replace("2", "3")).encode()
    begin, end = len(SECOND), len(SECOND) + len(FIRST.encode())
    for place in range(begin, end):
        if place - whole.rindex(b"\n", 0, place) <= 10:
            continue
        for damage in (b"", b"$", b"^", b" ", b"1", b"L", b"\x00", b"\xff", b"\x1f"):
            if whole[place] == 10:
                continue
            found = numbers(skip(whole[:place] + damage + whole[place + 1 :]))
            assert (found[0], found[-1]) == ("000000002", "000000003")


def test_a_record_without_end_is_bounded():
    line = "500   L $$a" + "x" * 1_000_000
    source = (record("000000001", line, *["500   L $$ax"] * 10_000) + SECOND).encode()
    table = skip(source, max_record=10_000)
    assert numbers(table) == ["000000002"]
    assert [row["code"] for row in rows(table.diagnostics)] == ["record-too-large"]
    assert_all_is_accounted_for(table, len(source))


def test_a_format_that_is_named_is_taken():
    source = FIRST.encode()
    assert mrrc.read_arrow(source, format="aleph").num_rows == 1
    with pytest.raises(mrrc.MarcError, match="Aleph sequential"):
        mrrc.read_arrow(source * 40, format="iso2709")
    with pytest.raises(mrrc.MarcError, match="no line of Aleph sequential"):
        mrrc.read_arrow(b"Dear colleague, here are the records.\n", format="aleph")


@pytest.mark.parametrize("change", [str, of_alma])
def test_text_is_read_in_parts(change):
    numbers = [f"{number:09}" for number in range(1, 21)]
    text = change("".join(record(number, "24510 L $$aA title\nin two lines") for number in numbers))
    for source in (text.encode(), text.replace("\n", "\r\n").encode()):
        for part in (1, 7, 100, 1000, 100_000):
            assert numbers_in_parts(source, len(source), part) == [change(number) for number in numbers]


# What is found in each sample, and how many records are there.
SAMPLES = {
    "jorol__processing-marc__files__code4lib.seq": (1, set()),
    "jorol__processing-marc__files__example.seq": (1, set()),
    "pkiraly__qa-catalogue__alephseq-example2-continuing-resources.txt": (1, set()),
    "pkiraly__qa-catalogue__alephseq-example5-long-leader.txt": (1, {"leader-length"}),
    "pkiraly__qa-catalogue__alephseq-example5-short-leader.txt": (1, {"leader-length"}),
    "pkiraly__qa-catalogue__src__test__resources__alephseq__alephseq-example1.txt": (9, set()),
    "pkiraly__qa-catalogue__src__test__resources__alephseq__alephseq-example6-error.txt": (
        5,
        {"leader-length"},
    ),
    "xbib__marc__no_initial_subfield.seq": (1, {"no-subfields"}),
    "xbib__marc__src__test__resources__org__xbib__marc__dialects__aleph__batch.seq": (31, set()),
    "xbib__marc__src__test__resources__org__xbib__marc__dialects__aleph__newline.seq": (1, {"unexpected"}),
    "xbib__marc__src__test__resources__org__xbib__marc__dialects__aleph__single.seq": (1, set()),
}


def by_rule(text: str) -> list[list[tuple[str, str]]]:
    """The tags and contents of each record, by another reader: lines with the same number."""
    lines = [line for line in text.splitlines() if line[:9].isdigit()]
    return [
        [(line[10:13], line[18:]) for line in group] for _, group in groupby(lines, lambda line: line[:9])
    ]


def test_real_files_have_the_records_that_are_in_them(corpus: Path):
    paths = sorted((corpus / "formats" / "aleph").iterdir())
    assert [path.name for path in paths] == sorted(SAMPLES)
    for path in paths:
        content = path.read_bytes()
        table = skip(path)
        expected, codes = SAMPLES[path.name]
        records = by_rule(content.decode())
        assert table.num_rows == expected == len(records), path.name
        assert_all_is_accounted_for(table, len(content))
        assert {row["code"] for row in rows(table.diagnostics)} - {
            "encoding-mismatch",
            "subfield-code",
        } == codes
        for row, lines in zip(rows(table), records, strict=True):
            fields = [line for line in lines if line[0] != "LDR"]
            assert [field["tag"] for field in row["fields"]] == [tag for tag, _ in fields]
            if "unexpected" in codes:
                continue
            for field, (_, text) in zip(row["fields"], fields, strict=True):
                said = "".join(f"$${it['code']}{it['value']}" for it in field["subfields"] or [])
                assert (field["value"] or "") + said in (text, text.replace("^", " ")), path.name
