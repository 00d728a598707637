"""Layouts: whole records, their fields, or their subfields as rows; and which fields are kept."""

from __future__ import annotations

import pickle
import re
import warnings

import mrrc
import polars as pl
import pytest
from conftest import assert_accounts_add_up, read, record, recover, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import RECORDS
from test_corpus import files

LAYOUTS = ["nested", "fields", "subfields"]
TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle\x1fbrest"), ("500", b"  \x1faNote"))
TAGS = [["245"], ["001", "6.."], ["...", "245"], [".4.", "00."], ["999"], []]


def is_kept(tag: str, tags: list[str] | None) -> bool:
    return tags is None or any(re.fullmatch(pattern, tag) for pattern in tags)


def walked(row: dict, layout: str, tags: list[str] | None) -> list[dict]:
    """The rows of a record in a layout, found by walking through its row in layout nested."""
    key = {name: row[name] for name in ("record", "control_number")}
    leader = {"tag": "LDR", "ind1": None, "ind2": None, "value": row["leader"], "subfields": None}
    kept = [(place, field) for place, field in enumerate(row["fields"], 1) if is_kept(field["tag"], tags)]
    if layout == "nested":
        return [row | {"fields": [field for _, field in kept]}]
    made = []
    for place, field in [(0, leader), *kept]:
        if layout == "fields":
            made.append(key | {"field": place} | field)
            continue
        head = key | {"field": place} | {name: field[name] for name in ("tag", "ind1", "ind2")}
        nothing = {"subfield": None, "code": None}
        is_empty = field["subfields"] == [] and not field["value"]
        if is_empty or field["value"] is not None:
            made.append(head | nothing | {"value": None if is_empty else field["value"]})
        made += [head | {"subfield": at} | part for at, part in enumerate(field["subfields"] or [])]
    return made


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(RECORDS, max_size=3).map(b"".join), st.sampled_from([None, *TAGS]))
def test_every_layout_is_a_walk_through_the_records(data, tags):
    nested = rows(recover(data))
    for row, it in zip(nested, mrrc.MARCReader(data, recover=True), strict=True):
        assert row["leader"] == str(it.leader)
        for element, field in zip(row["fields"], it.fields, strict=True):
            assert element["tag"] == field.tag
            assert (element["value"] or None) == (field.data or None)
            assert [(*pair.values(),) for pair in element["subfields"] or []] == [
                *map(tuple, field.subfields)
            ]
    for layout in LAYOUTS:
        table = recover(data, layout=layout, tags=tags)
        assert rows(table) == [part for row in nested for part in walked(row, layout, tags)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", mrrc.MarcWarning)
            scan = mrrc.scan(data, layout=layout, tags=tags, on_error="recover")
            assert scan.count() == table.num_rows
        assert_accounts_add_up(table)


def frame(source, **options) -> pl.DataFrame:
    return recover(source, **options).to_polars()


@pytest.mark.parametrize("tags", TAGS, ids=str)
def test_of_real_files_every_layout_has_the_same(tags, corpus):
    seen = 0
    for path in files(corpus):
        if path.stat().st_size > 4_000_000:
            continue
        nested, fields, subfields = (frame(path, layout=layout) for layout in LAYOUTS)
        elements = nested.explode("fields").drop("leader").unnest("fields").drop_nulls("tag")
        assert fields.filter(pl.col("field") > 0).drop("field").equals(elements)
        pairs = (
            fields.explode("subfields").drop_nulls("subfields").select("record", "field", "tag", "subfields")
        )
        assert (
            subfields.drop_nulls("code")
            .select("record", "field", "tag", "code", "value")
            .equals(pairs.unnest("subfields"))
        )
        is_kept = pl.col("tag").str.contains("|".join(f"^{it}$" for it in ["LDR", *tags]))
        assert frame(path, layout="fields", tags=tags).equals(fields.filter(is_kept))
        assert frame(path, layout="subfields", tags=tags).equals(subfields.filter(is_kept))
        kept = frame(path, tags=tags)
        assert kept.drop("fields").equals(nested.drop("fields"))
        assert (
            kept.explode("fields")
            .unnest("fields")
            .drop_nulls("tag")
            .drop("leader")
            .equals(elements.filter(is_kept))
        )
        seen += 1
    assert seen > 20


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("tags", [None, ["6.."]])
def test_an_option_does_not_change_what_a_layout_has(layout, tags, fixture_1k):
    whole = rows(read(fixture_1k, layout=layout, tags=tags))
    assert rows(read(fixture_1k, layout=layout, tags=tags, batch_size=7, threads=3)) == whole
    assert rows(read(fixture_1k, layout=layout, tags=tags, n_rows=1234)) == whole[:1234]
    scan = mrrc.scan(fixture_1k, layout=layout, tags=tags, provenance="raw")
    assert rows(pickle.loads(pickle.dumps(scan)).head(99).read().select(*whole[0])) == whole[:99]
    with_650 = {number for number, it in enumerate(mrrc.MARCReader(fixture_1k)) if "650" in it}
    found = rows(scan.where("650").read().select(*whole[0]))
    assert found == [row for row in whole if row["record"] in with_650]


def test_a_row_knows_its_record_and_the_first_row_has_its_bytes(tmp_path):
    table = read([TITLE, TITLE], layout="subfields", provenance="raw")
    assert [row["raw"] for row in rows(table)] == [TITLE, None, None, None, None] * 2
    table.write_raw(tmp_path / "copy.mrc")
    assert (tmp_path / "copy.mrc").read_bytes() == TITLE * 2
    with pytest.raises(
        ValueError, match=r"the bytes of 1 record are not here.*the first row of a record has"
    ):
        table[2:].write_raw(tmp_path / "copy.mrc")
    assert [row["source"] for row in rows(table)] == ["[0]"] * 5 + ["[1]"] * 5
    assert [(row["record"], row["field"], row["subfield"]) for row in rows(table)][:5] == [
        (0, 0, None),
        (0, 1, None),
        (0, 2, 0),
        (0, 2, 1),
        (0, 3, 0),
    ]
    assert {(row["offset"], row["length"]) for row in rows(table)} == {(0, len(TITLE))}


@pytest.mark.parametrize("tags", ["245, 6..", ["245", "6.."], ("245", "6..")])
def test_tags_are_a_list_or_text_with_commas(tags):
    assert read(TITLE, layout="fields", tags=tags).to_polars()["tag"].to_list() == ["LDR", "245"]


@pytest.mark.parametrize("tag", ["6XX", "24", "245$a", "", "ldr"])
def test_a_tag_that_is_none_is_refused_with_what_to_write(tag):
    with pytest.raises(ValueError, match=r"(?s)^tags: .*\^"):
        mrrc.scan(TITLE, tags=[tag])


def test_tags_are_of_layouts_alone():
    with pytest.raises(ValueError, match="tags and columns cannot both be given"):
        mrrc.scan(TITLE, tags=["245"], columns=["245"])
    with pytest.raises(TypeError, match="tags must be a list of tags, not int"):
        mrrc.scan(TITLE, tags=5)
    with pytest.raises(TypeError, match="tags: 245 is no string"):
        mrrc.scan(TITLE, tags=[245])
    for columns in (["245$a", None], {"title": "245$a", "year": None}):
        with pytest.raises(TypeError, match="columns: None is no string"):
            mrrc.scan(TITLE, columns=columns)
    with pytest.raises(
        ValueError, match='layout="flat" is not known; choose "nested", "fields" or "subfields"'
    ):
        mrrc.scan(TITLE, layout="flat")


def test_what_will_be_read_says_which_fields(fixture_1k):
    plan = mrrc.scan(fixture_1k, layout="fields", tags=["245", "6.."]).explain()
    assert plan.splitlines()[1:] == [
        "layout fields",
        "  record, control_number, field, tag, ind1, ind2, value, subfields",
        "  fields 245, 6..",
    ]
