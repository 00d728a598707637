"""What Spark writes is all of it or nothing, and reads back as it was."""

from __future__ import annotations

import os
from pathlib import Path

import mrrc
import pytest
from conftest import error_of, rows
from pyspark.sql import Column, DataFrame, DataFrameReader, DataFrameWriter, SparkSession
from pyspark.sql import functions as f
from pyspark_marc._options import WriteOptions
from pyspark_marc._writer import MarcWriter, Written

CHUNK = 300_000


@pytest.fixture
def frame(marc: DataFrameReader, fixture_1k: Path) -> DataFrame:
    return marc.option("chunk", CHUNK).load(str(fixture_1k))


def to_marc(frame: DataFrame, mode: str = "append", **options: str) -> DataFrameWriter:
    return frame.write.format("marc").mode(mode).options(**options)


def names(folder: Path) -> list[str]:
    """All that is in a folder, hidden or not."""
    return sorted(str(it.relative_to(folder)) for it in folder.rglob("*"))


def unwritable(frame: DataFrame) -> DataFrame:
    """The same rows, of which one cannot be written, while tasks of others write."""
    is_bad = f.col("control_number") == "000000500"

    def tag(field: Column) -> Column:
        return f.when(is_bad & (field["tag"] == "245"), "24x5").otherwise(field["tag"])

    return frame.withColumn("fields", f.transform("fields", lambda it: it.withField("tag", tag(it))))


@pytest.mark.parametrize("layout", ["nested", "fields", "subfields"])
def test_what_is_written_reads_back_as_it_was(
    marc: DataFrameReader, fixture_1k: Path, tmp_path: Path, layout: str
):
    frame = marc.option("layout", layout).option("chunk", CHUNK).load(str(fixture_1k))
    to_marc(frame).save(f"{tmp_path}/out")
    written = sorted((tmp_path / "out").iterdir())
    assert [it.name[:10] for it in written] == ["part-00000", "part-00001", "part-00002", "part-00003"]
    assert b"".join(it.read_bytes() for it in written) == fixture_1k.read_bytes()
    back = marc.option("layout", layout).load(f"{tmp_path}/out/*.mrc")
    assert rows(back, "record") == rows(frame, "record")


def test_append_adds_and_overwrite_replaces(frame: DataFrame, tmp_path: Path):
    folder = tmp_path / "out"
    to_marc(frame).save(str(folder))
    before = names(folder)
    (folder / "README").write_text("mine")
    to_marc(frame).save(f"file:{folder}")
    assert set(names(folder)) > {*before, "README"} and len(names(folder)) == 2 * len(before) + 1
    to_marc(frame.limit(10), "overwrite").save(str(folder))
    assert mrrc.scan(folder / "*.mrc").count() == 10
    assert (len(names(folder)), (folder / "README").read_text()) == (2, "mine")


def test_a_folder_is_overwritten_with_what_is_read_from_it(
    marc: DataFrameReader, frame: DataFrame, tmp_path: Path
):
    to_marc(frame).save(f"{tmp_path}/out")
    some = marc.load(f"{tmp_path}/out/*.mrc").where("control_number < '000000101'")
    to_marc(some, "overwrite").save(f"{tmp_path}/out")
    assert mrrc.read_arrow(tmp_path / "out/*.mrc").num_rows == 100


def test_partitions_without_rows_have_no_file(frame: DataFrame, tmp_path: Path):
    to_marc(frame.where("control_number > '000000999'"), accounts=f"{tmp_path}/accounts").save(
        f"{tmp_path}/out"
    )
    (file,) = (tmp_path / "out").iterdir()
    assert mrrc.scan(file).count() == 1
    to_marc(frame.where("false"), "overwrite").save(f"{tmp_path}/out")
    assert names(tmp_path / "out") == []


@pytest.mark.parametrize("mode", ["append", "overwrite"])
def test_a_job_that_fails_leaves_nothing(frame: DataFrame, tmp_path: Path, mode: str):
    accounts = str(tmp_path / "accounts")
    error = error_of(lambda: to_marc(unwritable(frame), mode, accounts=accounts).save(f"{tmp_path}/out"))
    assert "WriteError: " in error and "24x5" in error and "give the field a tag such as 500" in error
    assert not (tmp_path / "out").exists()
    to_marc(frame.limit(10)).save(f"{tmp_path}/out")
    before = names(tmp_path / "out")
    error_of(lambda: to_marc(unwritable(frame), mode, accounts=accounts).save(f"{tmp_path}/out"))
    assert names(tmp_path / "out") == before
    assert not (tmp_path / "accounts").exists()


def test_a_record_that_cannot_be_written_is_left_out_and_accounted_for(
    spark: SparkSession, frame: DataFrame, tmp_path: Path
):
    options = {"on_error": "skip", "accounts": f"{tmp_path}/accounts"}
    to_marc(unwritable(frame), **options).save(f"{tmp_path}/out")
    assert mrrc.scan(tmp_path / "out/*.mrc").count() == 999
    (unwritten,) = rows(spark.read.parquet(f"{tmp_path}/accounts/unwritten"))
    assert (unwritten["control_number"], unwritten["code"], unwritten["written"]) == (
        "000000500",
        "tag-unwritable",
        False,
    )


def test_records_are_written_in_marc8(frame: DataFrame, fixture_1k: Path, tmp_path: Path):
    options = {"encoding": "marc-8", "unencodable": "reference"}
    to_marc(frame.coalesce(1), **options).save(f"{tmp_path}/out")
    mrrc.write_marc(mrrc.scan(fixture_1k), tmp_path / "ours.mrc", **options)
    (file,) = (tmp_path / "out").iterdir()
    assert file.read_bytes() == (tmp_path / "ours.mrc").read_bytes() != fixture_1k.read_bytes()


def test_a_record_that_is_too_long_is_split_if_that_is_asked_for(
    marc: DataFrameReader, frame: DataFrame, tmp_path: Path
):
    long = frame.limit(1).withColumn("fields", f.flatten(f.array_repeat("fields", 300)))
    assert "record-too-long" in error_of(lambda: to_marc(long).save(f"{tmp_path}/out"))
    to_marc(long, oversize="split").save(f"{tmp_path}/out")
    assert mrrc.scan(tmp_path / "out/*.mrc").count() > 1


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (
            "storage.region",
            "here",
            'no option "storage.region"; there are path, encoding, unencodable, oversize, on_error, accounts',
        ),
        ("encoding", "latin-1", "latin-1"),
        ("on_error", "recover", "recover"),
        ("path", "s3://bucket/out", "path is no folder; name one in a file system that driver and workers"),
    ],
)
def test_an_option_that_is_wrong_leaves_nothing(
    frame: DataFrame, tmp_path: Path, name: str, value: str, text: str
):
    options = {"path": str(tmp_path / "out"), name: value}
    assert text in error_of(to_marc(frame, **options).save)
    assert names(tmp_path) == []


def test_rows_that_are_no_records_leave_nothing(frame: DataFrame, tmp_path: Path):
    text = error_of(lambda: to_marc(frame.select("leader")).save(f"{tmp_path}/out"))
    assert "records need the column fields" in text
    assert names(tmp_path) == []


def test_a_commit_that_fails_brings_back_what_it_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("old1.mrc", "old2.mrc"):
        (tmp_path / name).write_text(name)
    before = names(tmp_path)
    writer = MarcWriter(WriteOptions(str(tmp_path), {}), overwrite=True)
    (aside,) = (it for it in tmp_path.iterdir() if it.is_dir())
    new = f"part-00000-{aside.name[1:]}-1"
    (aside / f"{new}.mrc").write_text("new")
    moved = []

    def fail_at_the_second(path: Path, target: Path) -> None:
        if path.name.startswith("old") and target.parent != tmp_path:
            moved.append(path.name)
            if len(moved) == 2:
                raise OSError("the disk is gone")
        os.rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_at_the_second)
    with pytest.raises(OSError, match="the disk is gone"):
        writer.commit([Written(new), Written(None), None])
    assert len(names(tmp_path)) > len(before)
    writer.abort([Written(new), Written(None), None])
    assert names(tmp_path) == before
    assert [(tmp_path / name).read_text() for name in before] == before
