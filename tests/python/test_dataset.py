"""A Scan as a pyarrow Dataset: each method is right or raises, and engines only read what a query needs."""

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import datafusion
import duckdb
import mrrc
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from conftest import assert_accounts_add_up, record, rows

TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle\x1fbrest"))
BROKEN = b"00000" + TITLE[5:]

BEFORE = """
import faulthandler
import pickle
import sys
import mrrc
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

# A method that waits for ever is an error, with the place where it waits.
faulthandler.dump_traceback_later(120, exit=True)
scan = mrrc.scan(sys.argv[1], provenance=True, batch_size=100)
data, table = scan.to_dataset(), scan.to_pyarrow()
early = pc.field("record") < 150
some = table.slice(0, 150)
AROUND = (FileNotFoundError, NotImplementedError)

def refused(call, kinds=NotImplementedError):
    try:
        call()
    except kinds as error:
        assert "scan.to_pyarrow()" in str(error) or "give it scan.to_reader()" in str(error), error
    else:
        raise AssertionError("nothing was raised")
"""
METHODS = {
    "schema": "assert data.schema.equals(table.schema)",
    "partition_expression": "assert data.partition_expression.equals(ds.scalar(True))",
    "scanner": """
assert data.scanner().to_table().equals(table)
assert data.scanner(["leader"]).to_table().equals(table.select(["leader"]))
turned = ["leader", "control_number"]
assert data.scanner(turned, early).to_table().equals(some.select(turned))
new = {"next": pc.add(pc.field("record"), 1), "tag": pc.field("leader")}
assert data.scanner(new, filter=early).to_table()["next"].to_pylist() == list(range(1, 151))
assert data.scanner([], early).count_rows() == 150
assert data.scanner(columns=["leader"], filter=pc.field(0) < 7).to_table().num_rows == 7
assert data.scanner(batch_size=10, use_threads=False).head(5).equals(table.slice(0, 5))
assert data.scanner().projected_schema.equals(table.schema)
assert data.scanner().dataset_schema.equals(table.schema)
try:
    data.scanner(["nothing"]).to_table()
except pa.ArrowInvalid as error:
    assert "nothing" in str(error)
else:
    raise AssertionError
""",
    "filter": """
assert data.filter(early).to_table().equals(some)
assert data.filter(early).filter(pc.field("record") >= 100).to_table().equals(table.slice(100, 50))
assert data.filter(early).count_rows() == 150
assert data.filter(early).to_table(["leader"]).equals(some.select(["leader"]))
assert data.filter(early).count_rows(filter=pc.field("record") >= 100) == 50
assert pickle.loads(pickle.dumps(data.filter(early))).to_table().equals(some)
""",
    "get_fragments": """
(all_of_it,) = data.get_fragments()
assert all_of_it.scanner(data.schema, columns=["leader"], filter=early, batch_size=10).to_table().equals(
    some.select(["leader"])
)
assert all_of_it.to_table(data.schema).equals(table)
assert pa.Table.from_batches(all_of_it.to_batches(columns=["leader"])).equals(table.select(["leader"]))
assert all_of_it.physical_schema.equals(table.schema)
assert all_of_it.partition_expression.equals(ds.scalar(True))
assert all_of_it.count_rows() == 1000
assert all_of_it.count_rows(filter=early) == 150
assert all_of_it.head(3).equals(table.slice(0, 3))
assert all_of_it.take([5]).equals(table.slice(5, 1))
(part,) = data.filter(early).get_fragments(filter=pc.field("record") > 7)
assert part.to_table().equals(some)
""",
    "to_table": """
assert data.to_table().equals(data.to_table()) and data.to_table().equals(table)
assert data.to_table(columns=["offset", "leader"], filter=early).equals(some.select(["offset", "leader"]))
assert data.to_table(columns=[]).num_rows == 1000
""",
    "to_batches": """
assert pa.Table.from_batches(data.to_batches()).equals(table)
batches = list(data.to_batches(columns=["leader"], filter=early))
assert pa.Table.from_batches(batches, batches[0].schema).equals(some.select(["leader"]))
""",
    "head": """
assert data.head(7).equals(table.slice(0, 7))
late = pc.field("record") > 10
assert data.head(7, columns=["leader"], filter=late).equals(table.slice(11, 7).select(["leader"]))
assert data.head(0).num_rows == 0
""",
    "take": """
assert data.take([7, 3, 900]).equals(table.take([7, 3, 900]))
assert data.take(pa.array([7]), columns=["leader"]).equals(table.take([7]).select(["leader"]))
""",
    "count_rows": """
assert data.count_rows() == data.count_rows() == 1000
assert data.count_rows(filter=early) == 150
""",
    "sort_by": "refused(lambda: data.sort_by('offset'))",
    "join": """
refused(lambda: data.join(data, "record"))
other, flat = ds.dataset(table.select(["record"])), scan.select("record", "leader").to_dataset()
refused(lambda: other.join(flat, "record"), AROUND)
""",
    "join_asof": """
refused(lambda: data.join_asof(data, on="record", by="leader", tolerance=1))
other = ds.dataset(table.select(["record", "leader"]))
flat = scan.select("record", "leader", "offset").to_dataset()
refused(lambda: other.join_asof(flat, "record", "leader", 1), AROUND)
""",
    "replace_schema": "refused(lambda: data.replace_schema(data.schema))",
    "those of a FileSystemDataset": """
(advice,) = data.files
assert "give it scan.to_reader() instead" in advice
assert isinstance(data.format, ds.IpcFileFormat)
str(data.filesystem), str(data.partitioning), repr(data)
""",
    "a scanner around it": """
refused(lambda: ds.Scanner.from_dataset(data).to_table(), AROUND)
refused(lambda: ds.dataset([data, data]).to_table(), AROUND)
""",
    "written": """
import tempfile
with tempfile.TemporaryDirectory() as folder:
    ds.write_dataset(data.scanner(), folder, format="parquet")
    assert ds.dataset(folder).to_table().sort_by("record").equals(table)
    ds.write_dataset(data.filter(early), folder + "/some", format="parquet")
    assert ds.dataset(folder + "/some").to_table().sort_by("record").equals(some)
""",
    "pickled": """
again = pickle.loads(pickle.dumps(data))
assert again.to_table(columns=["leader"]).equals(table.select(["leader"]))
""",
}


def in_a_process(code, *arguments):
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def outcomes():
    """How a process ended that called one method; many run side by side."""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "target", "fixture_1k.mrc")
    with ThreadPoolExecutor(4) as pool:
        ended = {name: pool.submit(in_a_process, BEFORE + code, path) for name, code in METHODS.items()}
        return {name: it.result() for name, it in ended.items()}


@pytest.mark.parametrize("name", METHODS)
def test_each_method_is_right_or_raises(name, outcomes):
    assert outcomes[name] == (0, "")


def test_each_method_of_a_dataset_was_called():
    assert {name for name in dir(ds.Dataset) if not name.startswith("_")} <= set(METHODS)


class Spy:
    """A Scan that notes which columns are asked of it."""

    def __init__(self, scan):
        self.scan, self.asked = scan, []
        self.schema, self._expressions = scan.schema, scan._expressions

    def __contains__(self, name):
        return name in self.scan

    def _narrowed(self, columns, **rows):
        self.asked.append(columns)
        return self.scan._narrowed(columns, **rows)

    def count(self):
        self.asked.append([])
        return self.scan.count()


def spied(source, **options):
    from mrrc._dataset import MarcDataset

    spy = Spy(mrrc.scan(source, **options))
    return MarcDataset(spy), spy


def test_duckdb_only_reads_the_columns_that_a_query_needs(fixture_1k):
    # DuckDB looks for `data` by its name.
    data, spy = spied(fixture_1k, provenance=True)  # noqa: RUF059
    assert duckdb.sql("select max(control_number) from data").fetchall() == [("000001000",)]
    assert duckdb.sql("select count(*) from data where record < 10").fetchall() == [(10,)]
    assert duckdb.sql("select leader from data where record = 7 or record is null").fetchall() == [
        (mrrc.read_arrow(fixture_1k).to_pylist()[7]["leader"],)
    ]
    # A query that only counts asks for the first column.
    assert spy.asked == [["control_number"], ["record"], ["record", "leader"]]
    assert_accounts_add_up(spy.scan)


def test_duckdb_answers_as_over_the_scan_itself(fixture_1k):
    scan = mrrc.scan(fixture_1k, provenance=True)
    data = scan.to_dataset()
    for query in (
        "select count(*) from {}",
        "select control_number, leader[7:7] as kind from {} where record between 10 and 20 order by 1 desc",
        "select f.tag, count(*) from (select unnest(fields) as f from {}) group by 1 order by 1",
        "select count(*) from {} as a join {} as b on a.record = b.record + 1 where a.leader like '%nam%'",
        "select leader from {} limit 3",
    ):
        over_data, over_scan = (
            duckdb.sql(query.format("data", "data")),
            duckdb.sql(query.format("scan", "scan")),
        )
        assert over_data.fetchall() == over_scan.fetchall() != []
    assert data.count_rows() == 1000


def test_polars_and_pyarrow_read_it(fixture_1k):
    data, spy = spied(fixture_1k, provenance=True)
    lazy = pl.scan_pyarrow_dataset(data).filter(pl.col("record") < 5).select("control_number")
    assert lazy.collect()["control_number"].to_list() == [f"00000000{number}" for number in range(1, 6)]
    assert set(spy.asked.pop()) == {"control_number", "record"}
    assert data.to_table(columns={"kind": pc.utf8_slice_codeunits(pc.field("leader"), 6, 7)}).num_rows == 1000
    assert spy.asked.pop() == ["leader"]


def test_datafusion_reads_it(fixture_1k):
    data, spy = spied(fixture_1k, provenance=True)
    context = datafusion.SessionContext()
    context.register_dataset("catalogue", data)
    query = "select max(control_number) as last, count(*) as rows from catalogue where record < 500"
    assert context.sql(query).to_pydict() == {"last": ["000000500"], "rows": [500]}
    assert {name for asked in spy.asked for name in asked} == {"control_number", "record"}
    by_tag = (
        "select f['tag'] as tag, count(*) as n from (select unnest(fields) as f from catalogue) group by 1"
    )
    found = dict(context.sql(by_tag).to_pandas().itertuples(index=False))
    assert found["245"] == 1000


def test_an_error_in_a_dataset_is_told_and_kept():
    scan = mrrc.scan(TITLE * 3 + BROKEN)
    data = scan.to_dataset()
    with pytest.raises(pa.ArrowException, match="record-length"):
        data.to_table()
    assert scan.error.record == 3
    with pytest.raises(duckdb.Error, match="record-length"):
        duckdb.sql("select count(*) from data").fetchall()
    with pytest.raises(mrrc.MarcError):
        data.count_rows()


def test_a_dataset_is_pickled_with_its_scan():
    data = mrrc.scan([TITLE] * 3).select("source", "leader").to_dataset().filter(pc.field("source") != "[1]")
    again = pickle.loads(pickle.dumps(data))
    assert again.to_table().to_pydict() == data.to_table().to_pydict()
    assert again.schema.names == ["source", "leader"]
    assert again.to_table()["source"].to_pylist() == ["[0]", "[2]"]


def test_the_scan_itself_still_streams_through_duckdb(fixture_1k):
    scan = mrrc.scan([fixture_1k] * 3)
    assert duckdb.sql("select count(*) from scan").fetchall() == [(3000,)]
    assert [row["delivered"] for row in rows(scan.sources)] == [1000] * 3


LEFT_EARLY = {
    "batches": "batches = scan.to_dataset().to_batches(); next(batches)",
    "head": "assert scan.to_dataset().head(3).num_rows == 3",
    "a filter that few records meet": """
import pyarrow.dataset as ds
data = scan.to_dataset().filter(ds.field("control_number") == "000000001")
batches = data.to_batches()
next(batches)
""",
    "DuckDB": """
import duckdb
data = scan.to_dataset()
assert len(duckdb.sql("select leader from data limit 3").fetchall()) == 3
""",
    "polars": """
import polars as pl
assert pl.scan_pyarrow_dataset(scan.to_dataset()).head(3).collect().height == 3
""",
    "a scanner of a stream": """
import pyarrow.dataset as ds
batches = ds.Scanner.from_batches(scan.to_reader()).to_batches()
next(batches)
""",
    "in a fork": """
import os
batches = scan.to_dataset().to_batches()
next(batches)
if child := os.fork():
    assert os.waitpid(child, 0)[1] == 0
""",
}


@pytest.mark.parametrize("way", LEFT_EARLY)
@pytest.mark.parametrize("source", ["slow", "data"])
def test_a_program_ends_while_an_engine_reads_ahead(way, source, fixture_1k):
    program = f"""
import io
import time
import mrrc

class Slow(io.BytesIO):
    def read(self, size=-1):
        time.sleep(0.01)
        return super().read(min(size, 1 << 16))

data = open({str(fixture_1k)!r}, "rb").read() * 40
slow = Slow(data)
scan = mrrc.scan({source}, batch_size=200, progress=lambda done, total, records: None)
{LEFT_EARLY[way]}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_functions_for_the_end_of_a_program_can_still_read(fixture_1k):
    program = f"""
import atexit
import mrrc
import pyarrow as pa

scan = mrrc.scan({str(fixture_1k)!r}, batch_size=100)
# The first to be registered is the last that is called.
atexit.register(lambda: print(pa.table(scan).num_rows, scan.read().num_rows, scan.count()))
import mrrc._mrrc
batches = scan.to_dataset().to_batches()
next(batches)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1000 1000 1000\n", "")
