"""CSV: as polars writes it and others read it, with lists as one cell; whole or not at all."""

import csv
import io
import warnings

import duckdb
import mrrc
import polars as pl
import pytest
from conftest import record, rows, skip
from hypothesis import given, settings
from hypothesis import strategies as st

TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle\x1fbrest"))
BROKEN = b"00000" + TITLE[5:]
TEXT = st.text(st.characters(exclude_characters="\x1d\x1e\x1f", exclude_categories=["Cs"]), max_size=20)
BOTH = [mrrc.read_arrow, mrrc.scan]


def numbers(texts):
    """Records with these control numbers, or none."""
    fields = ([("001", text.encode())] if text is not None else [] for text in texts)
    leader = b"00000nam a2200000 a 4500"
    return b"".join(record(*its, ("245", b"10\x1faT"), leader=leader) for its in fields)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | TEXT, max_size=8))
def test_csv_is_what_polars_writes(texts):
    table = mrrc.read_arrow(numbers(texts)).select("control_number", "leader")
    assert table.to_csv() == table.to_polars().write_csv()
    assert table.to_csv(separator="\t", header=False) == table.to_polars().write_csv(
        separator="\t", include_header=False
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.none() | TEXT, min_size=1, max_size=8))
def test_nulls_and_empty_text_are_read_back(texts):
    texts = [text if text is None else text.replace("\0", "") for text in texts]
    table = mrrc.read_arrow(numbers(texts)).select("leader", "control_number")
    file = io.StringIO(table.to_csv(), newline="")
    assert [row[1] for row in csv.reader(file)][1:] == [text or "" for text in texts]
    frame = pl.read_csv(table.to_csv().encode(), schema_overrides={"control_number": pl.String})
    assert frame["control_number"].to_list() == texts


def test_numbers_and_shares_are_as_polars_writes_them(fixture_1k):
    where = mrrc.read_arrow(fixture_1k, provenance=True).select("source", "offset", "undecodable", "leader")
    assert where.to_csv() == where.to_polars().write_csv()
    fields = mrrc.describe(fixture_1k).fields
    flat = fields.select([name for name in fields.columns if name != "examples"])
    assert flat.to_csv() == flat.to_polars().write_csv()


@pytest.mark.parametrize("way", BOTH)
def test_a_file_is_what_duckdb_reads(way, fixture_1k, tmp_path):
    path = tmp_path / "a.csv"
    it = way(fixture_1k, provenance=True, batch_size=77).select("control_number", "leader", "offset")
    assert it.to_csv(path) is None
    assert path.read_text() == it.to_csv()
    found = duckdb.sql(f"select * from read_csv('{path}', all_varchar=true)").fetchall()
    table = it.read() if way is mrrc.scan else it
    assert found == [(row["control_number"], row["leader"], str(row["offset"])) for row in rows(table)]


def test_the_values_of_a_list_are_one_cell(fixture_1k):
    fields = mrrc.describe(fixture_1k).fields
    lists = [row["examples"] for row in rows(fields)]
    for separator in ("; ", "|", ""):
        text = fields.select("examples").to_csv(list_separator=separator)
        found = [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]
        assert found == [separator.join(examples) for examples in lists]


@pytest.mark.parametrize("way", BOTH)
def test_what_csv_cannot_hold_is_refused_before_anything_is_read(way, tmp_path):
    path = tmp_path / "a.csv"
    it = way(TITLE, provenance="raw")
    with pytest.raises(
        ValueError, match=r"the column fields has nested values.*control_number, leader, source"
    ):
        it.to_csv(path)
    with pytest.raises(ValueError, match=r"the column raw has bytes, .*select other columns \(leader\)"):
        it.select("leader", "raw").to_csv(path)
    with pytest.raises(
        ValueError, match=r"the column fields has nested values, which CSV cannot hold; select other"
    ):
        it.select("fields").to_csv()
    assert list(tmp_path.iterdir()) == []
    if way is mrrc.scan:
        assert it.sources is it.error is None


@pytest.mark.parametrize("way", BOTH)
def test_arguments_that_are_wrong_say_what_is_right(way, tmp_path):
    it = way(TITLE).select("leader")
    for separator in ("", ",,", '"', "\n", "\r", "é"):
        with pytest.raises(ValueError, match=r"separator=.* cannot separate cells; choose one ASCII"):
            it.to_csv(separator=separator)
    with pytest.raises(TypeError, match="separator must be a string, not bytes"):
        it.to_csv(separator=b",")
    with pytest.raises(TypeError, match="list_separator must be a string, not int"):
        it.to_csv(list_separator=5)
    with pytest.raises(TypeError, match="header must be a bool, not int"):
        it.to_csv(header=1)
    with pytest.raises(TypeError, match="path must be a path, not StringIO"):
        it.to_csv(io.StringIO())
    with pytest.raises(FileNotFoundError):
        it.to_csv(tmp_path / "nowhere" / "a.csv")


def test_an_error_in_the_last_record_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.csv"
    scan = mrrc.scan(TITLE * 50_000 + BROKEN).select("control_number")
    for before in (None, "before"):
        if before:
            path.write_text(before)
        with pytest.raises(mrrc.MarcError) as caught:
            scan.to_csv(path)
        assert scan.error is caught.value
        assert [it.name for it in tmp_path.iterdir()] == (["a.csv"] if before else [])
    assert path.read_text() == "before"
    with pytest.raises(mrrc.MarcError):
        scan.to_csv()


def test_what_was_left_out_is_told_once(tmp_path):
    scan = mrrc.scan(TITLE + BROKEN + TITLE, on_error="skip").select("control_number")
    with pytest.warns(mrrc.MarcWarning, match="1 rejected") as told:
        scan.to_csv(tmp_path / "a.csv")
    assert len(told) == 1
    assert rows(scan.sources)[0]["rejected"] == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(mrrc.MarcWarning):
            scan.to_csv(tmp_path / "b.csv")
    assert not (tmp_path / "b.csv").exists()


def test_findings_are_written_with_all_their_columns():
    problems = mrrc.check(TITLE + BROKEN)
    (row,) = csv.DictReader(io.StringIO(problems.to_csv(), newline=""))
    assert (row["code"], row["severity"]) == ("record-length", "repaired")
    assert row["message"] == rows(problems)[0]["message"]
    rejects = skip(TITLE + BROKEN).rejects
    with pytest.raises(ValueError, match="the column raw has bytes"):
        rejects.to_csv()
