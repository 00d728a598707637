"""pandas, polars, DuckDB and pyarrow answer one question alike, and as a pymarc loop does."""

import io
import lzma
import subprocess
import sys
import warnings
from collections import Counter

import duckdb
import engine_answers
import engines
import mrrc
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pymarc
import pytest
from conftest import ROOT, assert_accounts_add_up, sample

Answer = tuple[int, list[tuple[str, int]]]


def ten(counts) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda it: (-it[1], it[0]))[:10]


def by_pymarc(path) -> Answer:
    with_650, subjects = 0, Counter()
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rb") as file:
        for record in pymarc.MARCReader(file):
            found = record.get_fields("650")
            with_650 += bool(found)
            subjects.update(value for field in found for value in field.get_subfields("a"))
    return with_650, ten(subjects.items())


def by_polars(source) -> Answer:
    frame = pl.DataFrame(source).with_row_index("row")
    fields = frame.select("row", pl.col("fields")).explode("fields").unnest("fields")
    subjects = fields.filter(pl.col("tag") == "650")
    values = subjects.select(pl.col("subfields")).explode("subfields").unnest("subfields")
    counts = values.filter(pl.col("code") == "a").group_by("value").len()
    return subjects["row"].n_unique(), ten(counts.iter_rows())


def by_duckdb(source) -> Answer:
    count = duckdb.sql(
        "select count(*) from source where len(list_filter(fields, lambda f: f.tag = '650')) > 0"
    ).fetchall()[0][0]
    counts = duckdb.sql(
        """
        with f as (select unnest(fields) as f from source),
             s as (select unnest(f.subfields) as s from f where f.tag = '650')
        select s.value, count(*) from s where s.code = 'a' group by 1
        """
    ).fetchall()
    return count, ten(counts)


def by_pyarrow(source) -> Answer:
    fields = pa.table(source)["fields"].combine_chunks()
    is_650 = pc.equal(pc.struct_field(pc.list_flatten(fields), "tag"), "650")
    records = pc.list_parent_indices(fields).filter(is_650)
    subfields = pc.list_flatten(pc.struct_field(pc.list_flatten(fields).filter(is_650), "subfields"))
    is_a = pc.equal(pc.struct_field(subfields, "code"), "a")
    counts = pc.value_counts(pc.struct_field(subfields, "value").filter(is_a)).to_pylist()
    return len(pc.unique(records)), ten((it["values"], it["counts"]) for it in counts)


def by_pandas(source) -> Answer:
    fields = pd.DataFrame.from_arrow(source)["fields"].explode()
    subjects = fields[fields.str["tag"] == "650"]
    values = subjects.str["subfields"].explode()
    counts = values[values.str["code"] == "a"].str["value"].value_counts()
    return subjects.index.nunique(), ten(counts.items())


def by_our_to_pandas(source) -> Answer:
    table = source.read() if isinstance(source, mrrc.Scan) else source
    fields = table.to_pandas()["fields"].explode().struct.explode()
    subjects = fields[fields["tag"] == "650"]
    values = subjects["subfields"].explode().struct.explode()
    counts = values[values["code"] == "a"]["value"].value_counts()
    return subjects.index.nunique(), ten((str(k), int(v)) for k, v in counts.items())


ENGINES = [by_polars, by_duckdb, by_pyarrow, by_pandas, by_our_to_pandas]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("way", [mrrc.read_arrow, mrrc.scan])
def test_every_engine_answers_as_pymarc_does(engine, way, fixture_1k):
    source = way(fixture_1k)
    expected = by_pymarc(fixture_1k)
    assert expected[0] > 100
    assert engine(source) == expected
    assert engine(source) == expected, "asked again"
    assert_accounts_add_up(source)


def test_every_engine_answers_as_pymarc_does_on_real_records(corpus, capfd):
    path = corpus / "bench" / "real_bib.mrc.xz"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = by_pymarc(path)
    assert expected[0] > 10_000
    assert_all_answer(path, expected)


def test_every_engine_answers_as_pymarc_does_on_records_in_marc8(corpus, tmp_path, capfd):
    taken, refused = [], 0
    with lzma.open(corpus / "bench" / "real_marc8.mrc.xz") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = pymarc.MARCReader(file)
        for record in reader:
            if record is None:
                refused += 1
            else:
                taken.append(reader.current_chunk)
        # pymarc refuses some that the columns hold; those are compared elsewhere.
        assert (len(taken), refused) == (8_908, 403)
        path = tmp_path / "taken.mrc.xz"
        path.write_bytes(lzma.compress(b"".join(taken), preset=0))
        expected = by_pymarc(path)
    assert expected[0] > 1_000
    assert_all_answer(path, expected)


def test_recipes_of_the_page_answer_as_pymarc_does(monkeypatch):
    monkeypatch.chdir(ROOT)
    expected = engines.answer_of_pymarc(sample("fixture_10k"))
    for name in ("pandas", "polars", "DuckDB", "pyarrow", "DataFusion"):
        names = {}
        exec(engine_answers.recipe(name), names)
        assert engine_answers.answer_of(names) == expected, name


def assert_all_answer(path, expected: Answer) -> None:
    for engine in ENGINES:
        for source in (mrrc.read_arrow(path), mrrc.scan(path)):
            assert engine(source) == expected, engine.__name__
            assert_accounts_add_up(source)


def test_a_lazy_frame_reads_what_a_query_needs(fixture_1k):
    scan = mrrc.scan(fixture_1k)
    frame = scan.read().to_polars()
    lazy = scan.to_polars()
    assert lazy.collect().equals(frame)
    assert lazy.select("leader").collect().equals(frame.select("leader"))
    assert lazy.select(pl.len()).collect().item() == 1000
    assert lazy.head(7).collect().equals(frame.head(7))
    maps = pl.col("leader").str.slice(6, 1) == "e"
    assert (
        lazy.filter(maps)
        .select("control_number")
        .collect()
        .equals(frame.filter(maps).select("control_number"))
    )
    assert lazy.filter(maps).head(2).collect().equals(frame.filter(maps).head(2))


def test_columns_go_alone(fixture_1k):
    table = mrrc.read_arrow(fixture_1k)
    assert pl.Series(table["fields"]).len() == 1000
    assert pa.chunked_array(table["leader"]).type == pa.string()
    assert pd.DataFrame.from_arrow(table[["leader"]]).shape == (1000, 1)


def test_a_consumer_gets_the_schema_that_it_asks_for(fixture_1k):
    leaders = mrrc.read_arrow(fixture_1k)[["leader"]]
    wanted = pa.schema([("leader", pa.large_string())])
    assert pa.table(leaders, schema=wanted).schema.field("leader").type == pa.large_string()


def test_a_scan_gives_the_schema_that_is_asked_for(fixture_1k):
    scan = mrrc.scan(fixture_1k)
    plain = pa.schema(scan.schema)
    wanted = plain.set(plain.names.index("leader"), plain.field("leader").with_type(pa.large_string()))
    table = pa.table(scan, schema=wanted)
    assert table.schema.field("leader").type == pa.large_string()
    assert table.column("leader").to_pylist() == pa.table(scan).column("leader").to_pylist()
    assert_accounts_add_up(scan)


def test_a_lazy_frame_is_collected_again_and_again_with_its_parts(fixture_1k):
    lazy = mrrc.scan(fixture_1k, batch_size=64).to_polars()
    frame = lazy.collect()
    assert lazy.collect().equals(frame)
    assert lazy.collect_schema() == frame.schema
    assert lazy.slice(990, 100).collect().equals(frame.slice(990, 100))
    assert lazy.tail(3).collect().equals(frame.tail(3))
    assert lazy.head(0).collect().equals(frame.head(0))
    assert lazy.filter(pl.lit(False)).collect().height == 0
    number = pl.col("control_number") > "000000500"
    assert lazy.filter(number).select(pl.len()).collect().item() == 500
    assert lazy.filter(number).select("leader").head(3).collect().equals(frame[500:503].select("leader"))


@pytest.mark.parametrize("asked", [pa.int64(), pa.bool_(), pa.date32()], ids=str)
def test_a_type_that_values_do_not_have_is_an_error_not_nulls(asked, fixture_1k):
    schema = pa.schema([("leader", asked)])
    table = mrrc.read_arrow(fixture_1k)[["leader"]]
    scan = mrrc.scan(fixture_1k)
    whole = pa.schema(scan.schema)
    whole = whole.set(whole.names.index("leader"), pa.field("leader", asked))
    for pull in (
        lambda: pa.table(table, schema=schema),
        lambda: pa.RecordBatchReader.from_stream(table, schema=schema).read_all(),
        lambda: pa.chunked_array(table["leader"], type=asked),
        lambda: pa.table(scan, schema=whole),
        lambda: pa.RecordBatchReader.from_stream(scan, schema=whole).read_all(),
    ):
        with pytest.raises(pa.ArrowException, match=r"Cannot cast|not supported|type"):
            pull()


@pytest.mark.parametrize("way", [mrrc.read_arrow, mrrc.scan])
def test_a_type_that_a_column_cannot_take_at_all_is_refused_by_its_name(way, fixture_1k):
    source = way(fixture_1k)
    wanted = pa.schema(source.schema).set(3, pa.field("fields", pa.int64()))
    with pytest.raises(ValueError, match=r"the column fields cannot be given as int64"):
        pa.RecordBatchReader.from_stream(source, schema=wanted)
    with pytest.raises(ValueError, match=r"the column fields cannot be given as int64"):
        pa.chunked_array(mrrc.read_arrow(fixture_1k)["fields"], type=pa.int64())


@pytest.mark.parametrize("way", [mrrc.read_arrow, mrrc.scan])
@pytest.mark.parametrize(
    "names",
    [
        ["leader"],
        ["record", "control_number", "leader", "title"],
        ["record", "control_number", "leader", "fields", "fields"],
    ],
    ids=str,
)
def test_a_schema_of_other_columns_is_refused(names, way, fixture_1k):
    source = way(fixture_1k)
    wanted = pa.schema([(name, pa.string()) for name in names])
    with pytest.raises(ValueError, match="the columns here are record, control_number, leader, fields"):
        pa.RecordBatchReader.from_stream(source, schema=wanted)


def test_columns_come_in_the_order_that_is_asked_for(fixture_1k):
    table = mrrc.read_arrow(fixture_1k)
    names = ["fields", "leader", "control_number", "record"]
    wanted = pa.schema([pa.schema(table.schema).field(name) for name in names])
    turned = pa.RecordBatchReader.from_stream(table, schema=wanted).read_all()
    assert turned.equals(table.to_pyarrow().select(names))


def test_a_column_is_a_numpy_array_of_its_values(fixture_1k):
    table = mrrc.read_arrow(fixture_1k, provenance=True, batch_size=100)
    leaders, fields = np.asarray(table["leader"]), np.asarray(table["fields"])
    assert (leaders.shape, leaders.dtype) == (fields.shape, fields.dtype) == ((1000,), np.dtype(object))
    assert leaders[0] == table.to_pyarrow()["leader"][0].as_py()
    assert fields[0][0]["tag"] == "001"
    assert np.asarray(table["offset"]).dtype == np.int64
    assert np.asarray(table["offset"], dtype="f8").dtype == np.float64
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(table["leader"], copy=False)


def test_iterating_over_a_table_says_what_to_do(fixture_1k):
    with pytest.raises(TypeError, match=r"to_pyarrow\(\).*to_polars\(\)"):
        list(mrrc.read_arrow(fixture_1k))


class Counting(io.BytesIO):
    """A file that counts the bytes that are read from it."""

    def __init__(self, data):
        super().__init__(data)
        self.bytes = 0

    def read(self, size=-1):
        got = super().read(size)
        self.bytes += len(got)
        return got


FIRST_ROWS = {
    "polars": lambda scan: scan.to_polars().head(3).collect(),
    "polars, one column": lambda scan: scan.to_polars().select("leader").head(3).collect(),
    "head": lambda scan: scan.head(3).read().to_polars(),
    "reader": lambda scan: pl.from_arrow(scan.head(3).to_reader().read_all()),
}


@pytest.mark.parametrize("way", FIRST_ROWS)
def test_the_first_rows_of_a_large_file_are_read_without_the_rest(way, fixture_1k):
    data = fixture_1k.read_bytes() * 60
    for threads in (1, 2, 8):
        file = Counting(data)
        found = FIRST_ROWS[way](mrrc.scan(file, threads=threads))
        assert found.height == 3
        assert found["leader"].to_list() == mrrc.read_arrow(fixture_1k).head(3)["leader"].to_pylist()
        assert 0 < file.bytes < 10_000_000 < len(data)


def test_a_plan_of_polars_says_what_is_read(fixture_1k):
    plan = mrrc.scan(fixture_1k).to_polars().select("leader").explain()
    assert "MARC" in plan
    assert "PROJECT 1/4 COLUMNS" in plan


def reads(source):
    """How often the source is read for a self-join in polars; and the height of the result."""
    ends = []

    def told(done, total, records):
        if done == total:
            ends.append(records)

    lazy = mrrc.scan(source, provenance=True, progress=told).to_polars().select("record", "leader")
    height = lazy.join(lazy, on="record").collect().height
    return len(ends), height


def test_a_self_join_of_a_path_is_one_read(fixture_1k):
    assert reads(fixture_1k) == reads(fixture_1k.read_bytes()) == (1, 1000)
    # A file object may be moved on in between.
    assert reads(io.BytesIO(fixture_1k.read_bytes())) == (2, 1000)


def test_columns_of_a_lazy_frame_come_in_any_order(fixture_1k):
    lazy = mrrc.scan(fixture_1k, provenance=True).to_polars()
    frame = lazy.collect()
    for names in (["offset", "leader"], frame.columns[::-1], ["fields", "record", "control_number"]):
        assert lazy.select(names).collect().equals(frame.select(names))
        assert lazy.filter(pl.col("record") < 7).select(names).collect().equals(frame.head(7).select(names))


def test_batches_of_a_loop_are_frames(fixture_1k):
    whole = mrrc.read_arrow(fixture_1k).to_polars()
    frames = [pl.DataFrame(batch) for batch in mrrc.scan(fixture_1k, batch_size=300)]
    assert [frame.height for frame in frames] == [300, 300, 300, 100]
    assert pl.concat(frames).equals(whole)


HANDED_BACK = """
import io, sys, duckdb, mrrc
scan = mrrc.scan(sys.argv[1])
print(mrrc.from_arrow(duckdb.sql("from scan")).num_rows)
reader = scan.to_reader()
print(mrrc.from_arrow(duckdb.sql("from reader")).num_rows)
print(mrrc.write_marc(duckdb.sql("from scan"), io.BytesIO()).num_rows)
"""


def test_what_an_engine_reads_while_it_is_asked_comes_back(fixture_1k):
    # In a process of its own, which the wrong lock would end.
    done = subprocess.run(
        [sys.executable, "-c", HANDED_BACK, fixture_1k], capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.returncode) == ("1000\n1000\n0\n", 0), done.stderr
