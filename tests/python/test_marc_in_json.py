"""MARC-in-JSON in the same columns: what a record is, what odd ones become, and that nothing is lost."""

from __future__ import annotations

import gzip
import io
import itertools
import json
from pathlib import Path

import mrrc
import pytest
from conftest import numbers_in_parts, rows, skip

LEADER = "00000nam a2200000 a 4500"
TITLE = {"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "Title"}]}}


def record(*fields: dict, leader: str = LEADER) -> dict:
    return {"leader": leader, "fields": list(fields)}


SECOND = record({"001": "second"})


def lines(*records: dict) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def assert_all_is_accounted_for(table: mrrc.Table, size: int) -> None:
    [source] = rows(table.sources)
    assert (source["bytes"], source["bytes_unread"]) == (size, 0)


def with_two_records() -> dict[str, bytes]:
    first, second = record({"001": "first"}, TITLE), SECOND
    return {
        "lines": lines(first, second),
        "lines of Windows": lines(first, second).replace(b"\n", b"\r\n"),
        "one after another": (json.dumps(first) + json.dumps(second)).encode(),
        "one after another, indented": (json.dumps(first, indent=2) + json.dumps(second, indent=2)).encode(),
        "an array": json.dumps([first, second]).encode(),
        "an array, indented": json.dumps([first, second], indent="\t").encode(),
        "after a mark": b"\xef\xbb\xbf" + lines(first, second),
        "in envelopes": lines(
            {
                "id": 1,
                "rawRecord": {"content": "00050nam"},
                "parsedRecord": {"content": first},
                "deleted": False,
            },
            {"id": 2, "parsedRecord": {"content": second}},
        ),
        "in a list in an envelope": json.dumps({"total": 2, "records": [first, second]}).encode(),
    }


def test_records_are_found_however_they_are_put_together():
    for name, source in with_two_records().items():
        for given in (source, io.BytesIO(source), gzip.compress(source)):
            table = mrrc.read_arrow(given)
            assert [row["control_number"] for row in rows(table)] == ["first", "second"], name
            assert rows(table)[0]["fields"][1]["subfields"] == [{"code": "a", "value": "Title"}], name
            assert table.diagnostics.num_rows == 0, name
            assert_all_is_accounted_for(table, len(source))
            assert rows(table.sources)[0]["format"] == "json"


@pytest.mark.parametrize("order", list(itertools.permutations(["ind1", "ind2", "subfields"])))
@pytest.mark.parametrize("fields_first", [True, False])
def test_members_are_in_any_order(order, fields_first):
    title = {"245": {key: TITLE["245"][key] for key in order}}
    first = record(title)
    if fields_first:
        first = dict(reversed(first.items()))
    assert rows(mrrc.read_arrow(lines(first))) == rows(mrrc.read_arrow(lines(record(TITLE))))


def test_every_way_of_reading_takes_it(tmp_path):
    path = tmp_path / "records.json"
    path.write_bytes(lines(record(TITLE), SECOND))
    scan = mrrc.scan(path)
    assert scan.count() == 2
    assert mrrc.scan(path, where="245$a = 'Title'").count() == 1
    assert mrrc.read_arrow(path, columns={"title": "first(245$a)"})["title"].to_pylist() == ["Title", None]
    assert mrrc.read_arrow(path, layout="subfields").num_rows == 4
    assert mrrc.describe(path).records == 2
    assert mrrc.check(path).num_rows == 0
    assert [it.title for it in scan.records()] == ["Title", None]
    scan.write_marc(tmp_path / "records.mrc")
    assert mrrc.scan(tmp_path / "records.mrc").count() == 2


def test_where_a_row_comes_from_is_a_place_in_the_document():
    source = json.dumps([record(TITLE), SECOND], indent=1).encode()
    for row in rows(mrrc.read_arrow(source, provenance="raw")):
        assert source[row["offset"] : row["offset"] + row["length"]] == row["raw"]
        assert json.loads(row["raw"])["leader"] == LEADER


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ({"245": {"ind1": "12", "ind2": "0", "subfields": []}}, "code-length"),
        ({"245": {"ind1": "1", "ind2": "0", "subfields": [{"": "Title"}]}}, "code-missing"),
        ({"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "A\x1fbB"}]}}, "character"),
        ({"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": ["Title"]}]}}, "unexpected"),
        ({"24": "x"}, "entry-tag"),
        ({"001": ["x"]}, "unexpected"),
    ],
)
def test_a_record_that_cannot_be_delivered_costs_no_other(odd, code):
    source = lines(record(odd), SECOND)
    table = skip(source)
    assert [row["control_number"] for row in rows(table)] == ["second"]
    assert [row["code"] for row in rows(table.diagnostics)] == [code]
    [reject] = rows(table.rejects)
    assert reject["raw"] == source.splitlines()[0]
    with pytest.raises(mrrc.MarcError) as told:
        mrrc.read_arrow(source)
    assert told.value.code == code


def test_members_with_the_same_name_are_all_read():
    source = b'{"leader":"' + LEADER.encode() + b'","fields":[{"245":{"ind1":"1","ind2":"0","subfields":'
    source += b'[{"a":"x","a":"y"}]},"650":"z"}]}'
    [row] = rows(mrrc.read_arrow(source))
    assert [field["tag"] for field in row["fields"]] == ["245", "650"]
    assert [subfield["value"] for subfield in row["fields"][0]["subfields"]] == ["x", "y"]


def test_the_same_records_give_the_same_rows(fixture_1k, tmp_path):
    with mrrc.MARCReader(fixture_1k) as reader:
        records = [record.as_json() for record in reader]
    theirs = rows(mrrc.read_arrow(fixture_1k))
    escaped = "\n".join(records).encode()
    plain = "\n".join(json.dumps(json.loads(it), ensure_ascii=False) for it in records).encode()
    assert plain != escaped
    for source in (plain, escaped):
        ours = rows(mrrc.read_arrow(source))
        assert len(ours) == len(theirs) == 1000
        for one, other in zip(ours, theirs, strict=True):
            assert one["fields"] == other["fields"]
            assert one["leader"][5:12] == other["leader"][5:12]


def test_a_damaged_record_costs_itself_and_every_byte_is_accounted_for():
    for whole in (lines(record(TITLE), SECOND), json.dumps([record(TITLE), SECOND]).encode()):
        for place in range(0, len(whole), 3):
            for damage in (b"", b"{", b"}", b"[", b"]", b'"', b"\\", b"\x00", b"\xff", b"\n", b"{\n"):
                source = whole[:place] + damage + whole[place + 1 :]
                table = skip(source)
                assert_all_is_accounted_for(table, len(source))
                assert table.num_rows <= 2


def test_damage_in_a_line_costs_that_line():
    whole = lines(SECOND, record(TITLE), SECOND)
    begin, end = whole.index(b"\n") + 1, whole.rindex(b"\n", 0, -1)
    for place in range(begin, end):
        for damage in (b"", b"{", b"}", b"[", b"]", b'"', b"\\", b"\x00", b"\xff"):
            table = skip(whole[:place] + damage + whole[place + 1 :])
            numbers = [row["control_number"] for row in rows(table)]
            assert (numbers[0], numbers[-1], numbers.count("second")) == ("second", "second", 2)


def test_a_record_without_end_is_bounded():
    source = b'[{"leader": "' + b"x" * 1_000_000 + b", " + json.dumps(SECOND).encode() + b"]"
    table = skip(source, max_record=10_000)
    assert [row["control_number"] for row in rows(table)] == ["second"]
    assert [row["code"] for row in rows(table.diagnostics)] == ["record-too-large"]
    assert_all_is_accounted_for(table, len(source))


def test_a_format_that_is_named_is_taken(tmp_path):
    source = lines(SECOND)
    assert mrrc.read_arrow(source, format="json").num_rows == 1
    with pytest.raises(mrrc.MarcError, match="this is JSON"):
        mrrc.read_arrow(source, format="iso2709")
    with pytest.raises(ValueError, match='format="yaml" is not known; choose "auto", "iso2709", '):
        mrrc.read_arrow(source, format="yaml")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_are_read_in_parts(end):
    records = [record({"001": str(number)}, TITLE) for number in range(20)]
    envelopes = [{"id": number, "content": record} for number, record in enumerate(records)]
    for all_of_them in (records, envelopes):
        source = lines(*all_of_them).replace(b"\n", end)
        for part in (1, 7, 100, 1000, 100_000):
            read = numbers_in_parts(source, len(source), part)
            assert read == [str(number) for number in range(20)]


def test_what_is_not_in_lines_has_no_parts():
    for source in (
        json.dumps([SECOND, SECOND]),
        json.dumps(SECOND, indent=1) + "\n" + json.dumps(SECOND, indent=1),
    ):
        with pytest.raises(ValueError, match="from JSON with a record in each line"):
            mrrc.read_arrow(source.encode(), byte_range=(0, 100))


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b'{"_id": "1", "record": [["245", "1", "0", "a", "Title"]]}\n', "Catmandu"),
        (b'[{"001": ["1"], "245": [{"10": [{"a": "Title"}]}]}]', "tags for names"),
        (b'{"a": 1}', "no record of MARC-in-JSON"),
    ],
)
def test_other_json_is_named(source, says):
    for much in (source, source * 50_000):
        with pytest.raises(mrrc.MarcError, match=says) as told:
            mrrc.read_arrow(much)
        assert told.value.code == "not-marc"
        table = skip(much)
        assert rows(table.sources)[0]["gaps"] <= 2
        assert_all_is_accounted_for(table, len(much))


# The records that are there, delivered or not, where it is not one.
RECORDS = {
    "edsu__pymarc__test__batch.json": 2,
    # Records as text within JSON.
    "folio-org__mod-source-record-manager__rawRecordsDto.json": 0,
    "folio-org__mod-source-record-manager__record.json": 0,
    "pkiraly__qa-catalogue__src__test__resources__general__sub-test-marc.json": 10,
}


def test_real_documents_have_the_records_that_are_in_them(corpus: Path):
    documents = [
        path
        for folder in ("json-mij", "json-folio")
        for path in sorted((corpus / "formats" / folder).iterdir())
    ]
    documents = [path for path in documents if ".json" in path.name]
    assert len(documents) == 23
    for path in documents:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        table = skip(path)
        [source] = rows(table.sources)
        expected = content.count(b"\n{") + 1 if path.suffix == ".gz" else RECORDS.get(path.name, 1)
        assert source["delivered"] + source["rejected"] == expected, path.name
        assert_all_is_accounted_for(table, len(content))
