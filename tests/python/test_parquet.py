"""Parquet files: whole or absent, and read back by everyone."""

import _thread
import threading

import duckdb
import mrrc
import pandas as pd
import polars as pl
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from conftest import assert_accounts_add_up, record, rows

TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle"))


def test_everyone_reads_it_back(fixture_1k, tmp_path):
    path = tmp_path / "a.parquet"
    scan = mrrc.scan(fixture_1k)
    scan.to_parquet(path)
    assert_accounts_add_up(scan)
    table = scan.read()
    assert pq.read_table(path).equals(table.to_pyarrow())
    assert pl.read_parquet(path).equals(pl.DataFrame(table))
    assert pd.read_parquet(path, dtype_backend="pyarrow").equals(table.to_pandas())
    assert duckdb.sql(f"select count(*), count(control_number) from '{path}'").fetchall() == [(1000, 1000)]
    metadata = pq.read_metadata(path).metadata
    assert metadata[b"mrrc.version"] == mrrc.__version__.encode()
    assert metadata[b"mrrc.layout"] == b"nested"
    assert metadata[b"mrrc.source"] == str(fixture_1k).encode()
    assert duckdb.sql(f"select * from '{path}'").to_arrow_table().to_pylist() == rows(table)
    table.to_parquet(tmp_path / "b.parquet")
    assert pq.read_table(tmp_path / "b.parquet").equals(table.to_pyarrow())


LAYOUTS = [
    {"layout": "nested"},
    {"layout": "fields"},
    {"layout": "subfields"},
    {"columns": "bib"},
    {"columns": "codes"},
    {"provenance": "raw"},
    {"layout": "subfields", "provenance": True},
]


@pytest.mark.parametrize("options", LAYOUTS, ids=str)
def test_every_layout_comes_back_as_it_was(options, fixture_1k, tmp_path):
    path = tmp_path / "a.parquet"
    scan = mrrc.scan(fixture_1k, **options)
    scan.to_parquet(path)
    table = scan.read()
    again = pq.read_table(path)
    assert again.equals(table.to_pyarrow())
    named = {key: value for key, value in again.schema.metadata.items() if key != b"mrrc.source"}
    assert again.schema.with_metadata(named).equals(table.to_pyarrow().schema, check_metadata=True)
    assert pl.read_parquet(path).equals(pl.DataFrame(table))
    assert duckdb.sql(f"select * from '{path}'").to_arrow_table().to_pylist() == rows(table)
    mrrc.from_arrow(again).to_parquet(tmp_path / "b.parquet")
    assert pq.read_table(tmp_path / "b.parquet").equals(table.to_pyarrow())


def blooms(path):
    """The columns that have a bloom filter."""
    found = duckdb.sql(f"select path_in_schema from parquet_metadata('{path}') where bloom_filter_offset > 0")
    return {name for (name,) in found.fetchall()}


@pytest.mark.parametrize("options", LAYOUTS[:4], ids=str)
def test_a_look_up_by_control_number_reads_few_row_groups(options, tmp_path):
    path = tmp_path / "a.parquet"
    numbers = [f"{number * 7919 % 30_011:07}" for number in range(30_000)]
    title = b"10\x1fa" + b"A long title " * 100
    records = b"".join(record(("001", number.encode()), ("245", title)) for number in numbers)
    mrrc.scan(records, **options).to_parquet(path)
    assert blooms(path) == {"control_number"}
    file = pq.ParquetFile(path)
    groups = [file.read_row_group(it, ["control_number"]).column(0) for it in range(file.num_row_groups)]
    assert len(groups) >= 3
    sought, read = numbers[::1_000], 0
    for number in sought:
        probe = f"parquet_bloom_probe('{path}', 'control_number', '{number}')"
        skipped = duckdb.sql(f"select bloom_filter_excludes from {probe}").fetchall()
        has_it = [pc.index(group, number).as_py() >= 0 for group in groups]
        assert not any(skips and has for (skips,), has in zip(skipped, has_it, strict=True))
        read += skipped.count((False,))
    assert len(sought) <= read < 1.3 * len(sought)


def test_the_control_number_is_known_by_what_it_holds_and_not_by_its_name(fixture_1k, tmp_path):
    path = tmp_path / "a.parquet"
    columns = {"id": "trim(001)", "control_number": "first(245$a)", "agency": "003"}
    mrrc.scan(fixture_1k, columns=columns).to_parquet(path)
    assert blooms(path) == {"id"}
    table = mrrc.read_arrow(fixture_1k).to_pyarrow()
    renamed = table.rename_columns([{"control_number": "id"}.get(name, name) for name in table.column_names])
    mrrc.from_arrow(renamed.select(["id", "leader"])).to_parquet(path)
    assert blooms(path) == {"id"}


def test_row_groups_can_be_skipped_by_what_they_hold_at_most(fixture_1k, tmp_path):
    path = tmp_path / "a.parquet"
    mrrc.scan(fixture_1k, layout="subfields").to_parquet(path)
    group = pq.read_metadata(path).row_group(0)
    numbers = {group.column(it).path_in_schema: group.column(it).statistics for it in range(9)}
    assert (numbers["record"].min, numbers["record"].max) == (0, 999)
    assert (numbers["tag"].min, numbers["tag"].max) == ("001", "LDR")


def test_an_error_in_the_last_record_leaves_everything_as_it_was(tmp_path):
    path = tmp_path / "a.parquet"
    with pytest.raises(mrrc.MarcError):
        mrrc.scan(TITLE * 100 + TITLE[:-9]).to_parquet(path)
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"what was there")
    with pytest.raises(mrrc.MarcError):
        mrrc.scan(TITLE * 100 + TITLE[:-9]).to_parquet(path)
    assert [it.read_bytes() for it in tmp_path.iterdir()] == [b"what was there"]


@pytest.mark.filterwarnings("error")
def test_a_warning_that_is_made_an_error_leaves_everything_as_it_was(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"what was there")
    scan = mrrc.scan(TITLE + b"garbage" + TITLE, on_error="skip")
    with pytest.raises(mrrc.MarcWarning, match="1 gap of 7 bytes"):
        scan.to_parquet(path)
    assert [it.read_bytes() for it in tmp_path.iterdir()] == [b"what was there"]
    assert rows(scan.sources)[0]["delivered"] == 2
    mrrc.scan(TITLE).to_parquet(path)
    assert pq.read_table(path).num_rows == 1


def test_parquet_is_smaller_than_gzip(corpus, tmp_path):
    import gzip
    import lzma

    source = corpus / "bench" / "real_bib.mrc.xz"
    mrrc.scan(source).to_parquet(tmp_path / "a.parquet")
    packed = len(gzip.compress(lzma.decompress(source.read_bytes()), compresslevel=6))
    assert (tmp_path / "a.parquet").stat().st_size < packed


def test_what_progress_raises_ends_the_read(fixture_1k, tmp_path):
    def stop(*now):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        mrrc.scan(fixture_1k, progress=stop).to_parquet(tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []
    assert rows(mrrc.read_arrow(fixture_1k, progress=False).sources)[0]["delivered"] == 1000


def test_every_choice_of_speed_is_written_and_read_back(fixture_1k, tmp_path):
    expected = rows(mrrc.read_arrow(fixture_1k))
    for options in ({"batch_size": 10}, {"threads": 1}):
        scan = mrrc.scan(fixture_1k, **options)
        scan.to_parquet(tmp_path / "a.parquet")
        assert_accounts_add_up(scan)
        assert pq.read_table(tmp_path / "a.parquet").to_pylist() == expected


def test_a_table_without_rows_is_written_with_its_columns(tmp_path):
    mrrc.scan(b"").to_parquet(tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").column_names == [
        "record",
        "control_number",
        "leader",
        "fields",
    ]


def test_a_finished_file_takes_the_place_of_the_one_before(fixture_1k, tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"what was there")
    mrrc.scan(fixture_1k).to_parquet(path)
    assert pq.read_table(path).num_rows == 1000
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(fixture_1k, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no such folder: .*a\.parquet"):
        mrrc.scan(fixture_1k).to_parquet(tmp_path / "no such folder" / "a.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", ["to_parquet", "write_raw"])
def test_ctrl_c_while_a_table_is_written_leaves_nothing(write, fixture_1k, tmp_path):
    whole = mrrc.read_arrow([fixture_1k] * 100, provenance="raw")
    table = whole if write == "write_raw" else whole[["fields"]]
    threading.Timer(0.02, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        getattr(table, write)(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    getattr(table[:10], write)(tmp_path / "out")
    assert [it.name for it in tmp_path.iterdir()] == ["out"]
