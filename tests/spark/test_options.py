"""Options that are wrong are errors that say what would be right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import error_of
from pyspark.sql import DataFrameReader, SparkSession
from pyspark_marc._options import ReadOptions

KNOWN = (
    "path, paths, columns, where, layout, tags, provenance, marc_format, encoding, references, dialect, "
    "on_error, max_record, chunk, accounts, storage.*"
)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("Column", "bib", f'no option "column"; there are {KNOWN}'),
        ("format", "mrk", f'no option "format"; there are {KNOWN}'),
        ("layout", "flat", 'layout="flat" is not known; choose "nested", "fields" or "subfields"'),
        ("where", "245$", "where: a code stands behind each $, as in 245$a"),
        ("columns", "[245$a]", "columns is no JSON: "),
        ("max_record", "8 MB", 'max_record="8 MB" is no number of bytes; write it as 1048576'),
        ("max_record", "0", "max_record=0 is out of range"),
        ("provenance", "yes", 'provenance="yes" is not known; choose one of "true", "false", "raw"'),
        ("references", "raw", 'references="raw" is not known; choose one of "true", "false"'),
        ("accounts", "s3://bucket/accounts", "accounts is no folder; name one in a file system that driver"),
    ],
)
def test_an_option_that_is_wrong_says_so_when_it_is_given(
    marc: DataFrameReader, fixture_1k: Path, name: str, value: str, text: str
):
    assert text in error_of(lambda: marc.option(name, value).load(str(fixture_1k)))


def test_no_path_is_an_error(marc: DataFrameReader, spark: SparkSession):
    assert "no path is given; name it in load(path)" in error_of(marc.load)
    assert "paths is no list; give load() a list of paths" in error_of(marc.option("paths", '"a.mrc"').load)
    frame = spark.range(1)
    assert "no path is given; name it in save(path)" in error_of(
        frame.write.format("marc").mode("append").save
    )


def test_what_cannot_be_planned_is_an_error(marc: DataFrameReader, tmp_path: Path, fixture_1k: Path):
    missing = marc.load(f"{tmp_path}/missing.mrc")
    assert f"No such file or directory: '{tmp_path}/missing.mrc'" in error_of(missing.collect)
    assert 'name the files in it with a glob such as "*.mrc"' in error_of(marc.load(str(tmp_path)).collect)
    nothing = marc.option("chunk", 0).load(str(fixture_1k))
    assert "chunk=0 is out of range; choose 1 or more bytes" in error_of(nothing.collect)


def test_relative_paths_are_those_of_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    there = {"path": "a.mrc", "paths": json.dumps(["*/b.mrc", "~/c.mrc", "file:/d.mrc", "s3://bucket/e.mrc"])}
    assert ReadOptions.of(there).sources == [
        f"{tmp_path}/a.mrc",
        f"{tmp_path}/*/b.mrc",
        "~/c.mrc",
        "file:/d.mrc",
        "s3://bucket/e.mrc",
    ]


def test_keys_are_not_shown():
    options = ReadOptions.of(
        {"path": "a.mrc", "storage.access_key_id": "me", "storage.secret_access_key": "my"}
    )
    assert options.storage == {"access_key_id": "me", "secret_access_key": "my"}
    assert "storage" not in repr(options)
