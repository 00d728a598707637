"""What Spark reads is what mrrc reads, in however many parts."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from pathlib import Path

import mrrc
import pytest
from conftest import error_of, rows
from pyspark.sql import DataFrame, DataFrameReader, SparkSession

REAL = [
    ("dchud__mrrc-testbed/wrong_lengths_234.mrc", 20_000),
    ("marc4j__marc4j/test__resources__pride-and-prejudice-with-many-errors.mrc", 20_000),
    ("marc4j__marc4j/test__resources__bad_hathi_records.mrc", 60_000),
    ("OpenDataNode__UVPlugin-ISO2709ToMarcXML/src__test__resources__comsode.mrc", 100_000),
]

# The diagnostics that one read keeps of a source.
KEPT = 1000


def damaged(data: bytes) -> bytes:
    """Records of which some are cut, some have a wrong length, and some bytes without a character."""
    pieces = [it + b"\x1d" for it in data.split(b"\x1d")[:-1]]
    pieces[50::97] = [it[:200] for it in pieces[50::97]]
    pieces[60::97] = [b"00042" + it[5:] for it in pieces[60::97]]
    pieces[70::97] = [it[:-30] + b"\xff" + it[-29:] for it in pieces[70::97]]
    pieces[80::97] = [b"\0" * 300 + it for it in pieces[80::97]]
    return b"".join(pieces)


def in_one_piece(path: Path, **options: object) -> mrrc.Table:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        return mrrc.read_arrow(path, **options)


def summed(table: list[dict], *by: str) -> dict[tuple, dict[str, int]]:
    """The sums of all numbers, by what is named."""
    sums: dict[tuple, dict[str, int]] = {}
    for row in table:
        of = sums.setdefault(tuple(row[name] for name in by), {})
        for name, value in row.items():
            if isinstance(value, int):
                of[name] = of.get(name, 0) + value
    return sums


def assert_accounts_are_those_of(whole: mrrc.Table, spark: SparkSession, folder: Path) -> None:
    """They add up; records are counted from the beginning of a part, and none is known before its first."""
    kept = {kind: rows(spark.read.parquet(f"{folder}/{kind}")) for kind in ("sources", "findings")}
    assert summed(kept["sources"], "source") == summed(rows(whole.sources), "source")
    by = ("source", "code", "severity")
    assert summed(kept["findings"], *by) == summed(rows(whole.findings), *by)
    for kind in ("rejects", "diagnostics"):
        found = Counter(map(str, rows(spark.read.parquet(f"{folder}/{kind}"), "record", "after")))
        there = Counter(map(str, rows(getattr(whole, kind), "record", "after")))
        assert found == there or (there < found and there.total() == KEPT), kind


def assert_reads_as_one_piece(
    spark: SparkSession, path: Path, chunk: int, policy: str, accounts: Path
) -> None:
    whole = in_one_piece(path, provenance=True, on_error=policy)
    options = {"provenance": "true", "on_error": policy, "chunk": chunk, "accounts": accounts}
    frame = spark.read.format("marc").options(**options).load(str(path))
    assert frame.rdd.getNumPartitions() == -(-path.stat().st_size // chunk) > 10
    for _ in range(2):
        assert rows(frame, "record") == rows(whole, "record")
        assert_accounts_are_those_of(whole, spark, accounts)


@pytest.mark.parametrize("policy", ["skip", "recover"])
def test_parts_of_a_damaged_file_give_what_one_piece_gives_however_often(
    spark: SparkSession, fixture_1k: Path, tmp_path: Path, policy: str
):
    path = tmp_path / "damaged.mrc"
    path.write_bytes(damaged(fixture_1k.read_bytes()))
    assert in_one_piece(path, on_error=policy).rejects.num_rows > 5
    assert_reads_as_one_piece(spark, path, 77_777, policy, tmp_path / "accounts")


@pytest.mark.parametrize("policy", ["skip", "recover"])
@pytest.mark.parametrize(("name", "chunk"), REAL)
def test_parts_of_a_real_damaged_file_do_so(
    spark: SparkSession, corpus: Path, tmp_path: Path, name: str, chunk: int, policy: str
):
    assert_reads_as_one_piece(spark, corpus / "real" / name, chunk, policy, tmp_path / "accounts")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tags": "245,6.."},
        {"layout": "fields"},
        {"layout": "subfields", "tags": "650"},
        {"columns": "245$a"},
        {"columns": "bib", "where": "650"},
        {"columns": "codes"},
        {"columns": ["001", "245$a$b"]},
        {"columns": {"id": "001", "year": "year(008/07-10)", "subjects": "650$a"}},
        {"provenance": "raw", "max_record": 10_000, "encoding": "utf-8", "dialect": "marc21"},
    ],
)
def test_options_mean_what_they_mean_in_mrrc(marc: DataFrameReader, fixture_1k: Path, options: dict):
    texts = {name: json.dumps(it) if isinstance(it, list | dict) else it for name, it in options.items()}
    frame = marc.options(**texts).load(str(fixture_1k))
    assert rows(frame) == rows(mrrc.scan(fixture_1k, **options))


def test_names_of_options_have_any_case(marc: DataFrameReader, fixture_1k: Path):
    frame = marc.option("Layout", "fields").option("TAGS", "245").load(str(fixture_1k))
    assert rows(frame) == rows(mrrc.scan(fixture_1k, layout="fields", tags="245"))


def test_the_form_of_records_has_a_name_of_its_own(marc: DataFrameReader, fixture_1k: Path, tmp_path: Path):
    # Without the blank lines at its beginning, it would be recognized.
    path = tmp_path / "records"
    mrrc.scan(fixture_1k).to_mrk(path)
    assert rows(marc.option("marc_format", "mrk").load(str(path))) == rows(mrrc.scan(path, format="mrk"))
    assert "iso2709" in error_of(lambda: marc.option("marc_format", "mark").load(str(path)))


def test_several_paths_and_globs_are_read_in_their_order(
    marc: DataFrameReader, fixture_1k: Path, tmp_path: Path
):
    records = [it + b"\x1d" for it in fixture_1k.read_bytes().split(b"\x1d")[:30]]
    for number in range(3):
        (tmp_path / f"{number}.mrc").write_bytes(b"".join(records[number * 10 : number * 10 + 10]))
    ids = mrrc.read_arrow(fixture_1k, columns="001", n_rows=30)["001"].to_pylist()

    def numbers(frame: DataFrame) -> list[str]:
        return [row["control_number"] for row in rows(frame)]

    assert numbers(marc.load(f"{tmp_path}/*.mrc")) == ids
    assert numbers(marc.load([f"{tmp_path}/2.mrc", f"{tmp_path}/[01].mrc"])) == ids[20:] + ids[:20]
    frame = marc.option("provenance", True).load(f"file:{tmp_path}/*.mrc")
    assert [row["source"] for row in rows(frame)][::10] == [f"{tmp_path}/{number}.mrc" for number in range(3)]


def test_it_is_a_table_in_sql(spark: SparkSession, fixture_1k: Path):
    spark.sql(f"create or replace temporary view books using marc options (path '{fixture_1k}', tags '650')")
    (found,) = spark.sql("select count(*), sum(size(fields)) from books").collect()
    assert tuple(found) == (1000, mrrc.scan(fixture_1k, layout="fields", tags="650").count() - 1000)


def test_a_schema_says_which_columns_are_built(marc: DataFrameReader, fixture_1k: Path):
    frame = marc.schema("leader string, control_number string").load(str(fixture_1k))
    assert frame.columns == ["leader", "control_number"]
    assert rows(frame) == rows(mrrc.scan(fixture_1k).select("leader", "control_number"))


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ("title string", 'schema: no column "title"; there are record, control_number, leader, fields'),
        ("record string", 'schema: column "record" is bigint and may be null; name it as that, and cast'),
        ("leader string not null", 'schema: column "leader" is string and may be null; name it as that'),
    ],
)
def test_a_schema_that_cannot_be_had_is_an_error(
    marc: DataFrameReader, fixture_1k: Path, schema: str, text: str
):
    assert text in error_of(lambda: marc.schema(schema).load(str(fixture_1k)).collect())


def test_a_damaged_record_is_an_error_that_says_where_and_what_to_do(
    marc: DataFrameReader, fixture_1k: Path, tmp_path: Path
):
    path = tmp_path / "damaged.mrc"
    path.write_bytes(damaged(fixture_1k.read_bytes()))
    with pytest.raises(mrrc.MarcError) as ours:
        mrrc.read_arrow(path)
    text = error_of(lambda: marc.load(str(path)).collect())
    assert f"{type(ours.value).__name__}: {ours.value}" in text
    assert 'on_error="skip"' in text and str(path) in text


def test_a_file_that_was_changed_after_the_plan_is_an_error(
    marc: DataFrameReader, fixture_1k: Path, tmp_path: Path
):
    path = tmp_path / "growing.mrc"
    path.write_bytes(fixture_1k.read_bytes())
    frame = marc.load(str(path))
    planned = frame.rdd
    path.write_bytes(fixture_1k.read_bytes() * 2)
    assert "it was changed after the plan was made; plan again" in error_of(planned.count)
    assert marc.load(str(path)).count() == 2000


def test_accounts_of_a_part_that_failed_are_not_there(
    marc: DataFrameReader, spark: SparkSession, fixture_1k: Path, tmp_path: Path
):
    data = fixture_1k.read_bytes()
    path = tmp_path / "damaged.mrc"
    path.write_bytes(data[:-1] + b"?")
    half = len(data) // 2 + 1
    frame = marc.option("chunk", half).option("accounts", f"file://{tmp_path}/accounts").load(str(path))
    # One task reads both parts.
    error_of(frame.coalesce(1).collect)
    first = mrrc.scan(mrrc.plan(path, half)[0]).read()
    assert rows(spark.read.parquet(f"{tmp_path}/accounts/sources")) == rows(first.sources)
