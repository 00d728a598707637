"""Sources in parts: planned by their sizes, read by whoever has time, and exported to a folder of Parquet."""

from __future__ import annotations

import gzip
import json
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb
import mrrc
import polars as pl
import pyarrow.dataset as ds
import pytest
from conftest import record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SOUND = [
    record(("001", b"A%05d" % number), ("245", b"10\x1faTitle %d" % number), ("041", b"  \x1fa%b" % language))
    for number in range(3000)
    for language in [[b"eng", b"ger", b"fre"][number % 3]]
]
# Damaged here and there: a wrong length, lost bytes, what is no record.
DAMAGED = b"".join(
    one if number % 97 else [b"99999" + one[5:], one[:40], b"no record\n\n"][number % 3]
    for number, one in enumerate(SOUND)
)
COUNTS = [
    "records",
    "delivered",
    "repaired",
    "rejected",
    "gaps",
    "bytes",
    "bytes_delivered",
    "bytes_rejected",
]

pytestmark = pytest.mark.filterwarnings("ignore::mrrc.MarcWarning")


@pytest.fixture
def dump(tmp_path):
    """A damaged file, a sound one that is compressed, and a small one."""
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "a.mrc").write_bytes(DAMAGED)
    (folder / "b.mrc.gz").write_bytes(gzip.compress(b"".join(SOUND[:500])))
    (folder / "c.mrc").write_bytes(b"".join(SOUND[500:700]))
    return folder


def summed(accounts):
    return {name: sum(sum(account[name]) for account in accounts) for name in COUNTS}


def ids(folder):
    return sorted(pl.read_parquet(folder / "records" / "**" / "*.parquet")["control_number"].to_list())


# Plans


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunk=st.integers(1000, 400_000), policy=st.sampled_from(["skip", "recover"]))
def test_parts_give_each_record_once_and_their_accounts_add_up(dump, chunk, policy):
    whole = mrrc.read_arrow(str(dump / "*"), on_error=policy)
    parts = pickle.loads(pickle.dumps(mrrc.plan(str(dump / "*"), chunk)))
    tables = [mrrc.read_arrow(part, on_error=policy) for part in parts]
    assert [it for table in tables for it in table["control_number"]] == whole["control_number"].to_pylist()
    assert summed([table.sources for table in tables]) == summed([whole.sources])
    assert sum(sum(table.findings["count"]) for table in tables) == sum(whole.findings["count"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        # By their names nobody can tell that these cannot be split.
        ("compressed.mrc", gzip.compress(b"".join(SOUND))),
        ("array.json", json.dumps([json.loads(mrrc.Record(fields=[]).as_json())] * 50).encode()),
        ("utf16.xml", "<collection><record/><record/></collection>".encode("utf-16")),
        ("empty.mrc", b""),
    ],
)
def test_what_cannot_be_split_is_wholly_in_its_first_part(tmp_path, name, content):
    (path := tmp_path / name).write_bytes(content)
    whole = mrrc.read_arrow(path, on_error="recover")
    parts = mrrc.plan(path, 100)
    tables = [mrrc.read_arrow(part, on_error="recover") for part in parts]
    assert [table.num_rows for table in tables] == [whole.num_rows] + [0] * (len(parts) - 1)
    assert summed([table.sources for table in tables]) == summed([whole.sources])


def test_a_plan_names_files_and_sizes(dump):
    assert [
        (Path(part.source).name, part.begin, part.end, part.is_whole)
        for part in mrrc.plan(str(dump / "*"), 200_000)
    ] == [
        ("a.mrc", 0, 200_000, False),
        ("a.mrc", 200_000, len(DAMAGED), False),
        ("b.mrc.gz", 0, (dump / "b.mrc.gz").stat().st_size, True),
        ("c.mrc", 0, (dump / "c.mrc").stat().st_size, True),
    ]


def test_what_cannot_be_planned_says_so(dump):
    with pytest.raises(ValueError, match="chunk=0 is out of range"):
        mrrc.plan(dump / "a.mrc", 0)
    for chunk in (True, 1e6, "1"):
        with pytest.raises(TypeError, match=f"a number of bytes, not {type(chunk).__name__}"):
            mrrc.plan(dump / "a.mrc", chunk)
    with pytest.raises(FileNotFoundError):
        mrrc.plan(dump / "none.mrc")
    with pytest.raises(TypeError, match="at one place only"):
        mrrc.plan([SOUND[0]])
    with (dump / "a.mrc").open("rb") as file, pytest.raises(TypeError, match="at one place only"):
        mrrc.plan(file)
    part = mrrc.plan(dump / "a.mrc")[0]
    with pytest.raises(ValueError, match="cannot both be given"):
        mrrc.scan(part, byte_range=(0, 1))
    (dump / "a.mrc").write_bytes(SOUND[0])
    with pytest.raises(ValueError, match=r"a\.mrc: it was changed after the plan was made; plan again"):
        mrrc.scan(part)


# Exports


def test_an_export_has_all_rows_and_the_accounts_of_one_read(dump, tmp_path):
    scan = mrrc.scan(str(dump / "*"), on_error="recover", provenance=True)
    whole = scan.read()
    out = tmp_path / "out"
    with pytest.warns(mrrc.MarcWarning, match=r"^3,6\d\d records; .* rejected"):
        account = mrrc.export(str(dump / "*"), out, chunk=50_000, on_error="recover", provenance=True)
    assert account.to_polars().equals(whole.sources.to_polars())
    for kind in ("sources", "findings", "diagnostics", "rejects"):
        assert pl.read_parquet(out / "accounts" / f"{kind}.parquet").equals(
            getattr(whole, kind).to_polars()
        ), kind
    assert ids(out) == sorted(whole["control_number"])
    assert ds.dataset(out / "records").count_rows() == whole.num_rows
    assert duckdb.sql(f"select count(*) from '{out}/records/*.parquet'").fetchall() == [(whole.num_rows,)]


def test_a_sound_export_warns_of_nothing(dump, tmp_path, recwarn):
    mrrc.export(dump / "c.mrc", tmp_path / "out")
    assert not recwarn.list


def test_files_are_in_folders_by_a_column(dump, tmp_path):
    out = tmp_path / "out"
    columns = {"control_number": "001", "language": "first(041$a)"}
    mrrc.export(dump / "c.mrc", out, chunk=5000, columns=columns, partition_by="language")
    assert sorted(it.name for it in (out / "records").iterdir()) == [
        "language=eng",
        "language=fre",
        "language=ger",
    ]
    frame = pl.read_parquet(out / "records", hive_partitioning=True).sort("control_number")
    assert frame.equals(mrrc.read_arrow(dump / "c.mrc", columns=columns).to_polars())
    with pytest.raises(ValueError, match="is no column of single values; choose among control_number"):
        mrrc.export(
            dump / "c.mrc", tmp_path / "other", columns={"control_number": "001"}, partition_by="fields"
        )


def test_a_source_may_be_named_as_what_is_written_is(dump, tmp_path):
    source = (dump / "c.mrc").rename(dump / "c.parquet.mrc")
    columns = {"control_number": "001", "language": "first(041$a)"}
    mrrc.export(source, tmp_path / "out", columns=columns, partition_by="language")
    assert len(ids(tmp_path / "out")) == 200


def written(out):
    return {it: it.stat().st_mtime_ns for it in (out / "records").rglob("*.parquet")}


def test_what_is_done_is_not_done_again(dump, tmp_path):
    out = tmp_path / "out"
    first = mrrc.export(str(dump / "*"), out, chunk=50_000, on_error="skip")
    before = written(out)
    again = mrrc.export(str(dump / "*"), out, chunk=50_000, on_error="skip")
    assert written(out) == before
    assert again.to_polars().equals(first.to_polars())

    # A file that was changed takes the place of what it was; others stay.
    (dump / "c.mrc").write_bytes(b"".join(SOUND[1000:1100]))
    account = mrrc.export(str(dump / "*"), out, chunk=50_000, on_error="skip")
    assert account["records"].to_pylist()[2] == 100
    after = written(out)
    assert {it for it in after if "c.mrc" not in it.name} == {it for it in before if "c.mrc" not in it.name}
    assert len(ids(out)) == sum(account["delivered"])

    mrrc.export(str(dump / "*"), out, chunk=50_000, on_error="skip", force=True)
    assert all(time > before.get(it, 0) for it, time in written(out).items())


def test_a_folder_has_one_kind_of_rows(dump, tmp_path):
    out = tmp_path / "out"
    mrrc.export(dump / "c.mrc", out)
    with pytest.raises(ValueError, match=r"out has an export with other options.*force=True"):
        mrrc.export(dump / "c.mrc", out, columns=["001"])
    mrrc.export(dump / "c.mrc", out, columns=["001"], force=True)
    assert ds.dataset(out / "records").schema.names == ["001"]
    # Files may be added.
    mrrc.export(dump / "b.mrc.gz", out, columns=["001"])
    assert ds.dataset(out / "records").count_rows() == 700


def test_files_of_others_stay(dump, tmp_path):
    out = tmp_path / "out"
    others = [
        out / "records" / "mine.parquet",
        out / "records" / "a.mrc",
        out / "accounts" / "notes.txt",
        out / "x",
    ]
    for other in others:
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_bytes(b"mine")
    for force in (False, True):
        mrrc.export(dump / "c.mrc", out, force=force)
    assert all(other.read_bytes() == b"mine" for other in others)


def test_the_accounts_are_those_of_all_rows_in_the_folder(dump, tmp_path, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.chdir(dump)
    mrrc.export("*.mrc", out, on_error="skip")
    # By another name, twice, and fewer of them.
    account = mrrc.export(["./c.mrc", dump / "c.mrc"], out, on_error="skip")
    assert account.num_rows == 2
    assert sum(account["delivered"]) == ds.dataset(out / "records").count_rows() == len(ids(out))
    assert pl.read_parquet(out / "accounts" / "sources.parquet").equals(account.to_polars())


def test_what_is_sound_is_not_done_again_for_another_policy(dump, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(mrrc.MarcError):
        mrrc.export([dump / "c.mrc", dump / "a.mrc"], out, threads=1)
    before = written(out)
    account = mrrc.export([dump / "c.mrc", dump / "a.mrc"], out, on_error="skip")
    assert before.items() <= written(out).items()
    assert len(ids(out)) == sum(account["delivered"])


def test_parts_can_be_exported(dump, tmp_path):
    parts = mrrc.plan(dump / "c.mrc", 5_000)
    assert mrrc.export(parts[1:], tmp_path / "out")["records"][0] < 200
    # One after the other, by whomever; and the same bytes in other parts.
    for some in (parts[:1], parts, mrrc.plan(dump / "c.mrc", 3_000)):
        assert mrrc.export(some, tmp_path / "out")["records"].to_pylist() == [200]
        assert len(ids(tmp_path / "out")) == 200
    with pytest.raises(TypeError, match="'n_rows'"):
        mrrc.export(parts, tmp_path / "out", n_rows=5)


@pytest.fixture
def damaged_parts(tmp_path):
    """Parts of ten records each, in whose middle is one that is damaged: 5, 15, 25, 35."""
    records = SOUND[100:140]
    for number in range(5, 40, 10):
        records[number] = b"99999" + records[number][5:]
    (path := tmp_path / "damaged.mrc").write_bytes(b"".join(records))
    return mrrc.plan(path, len(records[0]) * 10)


def numbers(out, kind):
    frame = pl.read_parquet(out / "accounts" / f"{kind}.parquet")
    return list(dict.fromkeys(frame["record"].to_list()))


@pytest.mark.parametrize(
    "calls",
    [
        [[0, 1, 2, 3]],
        [[0, 1], [2, 3]],
        [[2, 3], [0, 1]],
        [[3, 2, 1, 0]],
        [[1, 3], [0], [2]],
    ],
)
def test_records_have_their_numbers_however_the_parts_come(damaged_parts, tmp_path, calls):
    whole = mrrc.read_arrow(damaged_parts[0].source, on_error="skip")
    assert whole.rejects["record"].to_pylist() == [5, 15, 25, 35]
    for call in calls:
        mrrc.export([damaged_parts[it] for it in call], tmp_path / "out", on_error="skip")
    for kind in ("sources", "findings", "diagnostics", "rejects"):
        summed = pl.read_parquet(tmp_path / "out" / "accounts" / f"{kind}.parquet")
        assert summed.equals(getattr(whole, kind).to_polars()), kind


def test_records_after_a_part_that_is_missing_have_no_numbers(damaged_parts, tmp_path):
    out = tmp_path / "out"
    mrrc.export([damaged_parts[3], damaged_parts[0], damaged_parts[1]], out, on_error="skip")
    for kind in ("diagnostics", "rejects"):
        assert numbers(out, kind) == [5, 15, None]
    mrrc.export(damaged_parts[2], out, on_error="skip")
    for kind in ("diagnostics", "rejects"):
        assert numbers(out, kind) == [5, 15, 25, 35]


def test_progress_is_that_of_the_parts_that_are_asked_for(damaged_parts, tmp_path):
    told = []
    mrrc.export(damaged_parts[:3], tmp_path / "out", on_error="skip")
    mrrc.export(damaged_parts[2:], tmp_path / "out", on_error="skip", progress=lambda *now: told.append(now))
    size = [part.end - part.begin for part in damaged_parts]
    assert told == [(size[2], size[2] + size[3], 0), (size[2] + size[3], size[2] + size[3], 10)]


def test_damage_ends_an_export_that_is_to_raise_and_what_was_done_stays(dump, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(mrrc.MarcError):
        mrrc.export([dump / "c.mrc", dump / "a.mrc"], out, threads=1)
    assert len(ids(out)) == 200
    with pytest.raises(TypeError, match=r"export\(\) got an unexpected keyword argument 'colums'"):
        mrrc.export(dump / "c.mrc", tmp_path / "other", colums=["001"])
    for threads in (0, -1, True, "2"):
        with pytest.raises((TypeError, ValueError), match="threads"):
            mrrc.export(dump / "c.mrc", tmp_path / "other", threads=threads)
    assert not (tmp_path / "other").exists()


def spawned(work, parts):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, parts))


def in_futures(work, parts):
    with ThreadPoolExecutor(2) as pool:
        return [pool.submit(work, part) for part in parts]


@pytest.mark.parametrize("map", [map, spawned, in_futures])
def test_others_may_do_the_work(dump, tmp_path, map):
    here, there = (
        mrrc.export(str(dump / "*"), tmp_path / name, chunk=50_000, on_error="skip", map=it)
        for name, it in [("here", None), ("there", map)]
    )
    assert here.to_polars().equals(there.to_polars())
    assert ids(tmp_path / "here") == ids(tmp_path / "there")


EXPORT = """
import sys, mrrc
mrrc.export(sys.argv[1], sys.argv[2], chunk=20_000, on_error="skip", threads=1)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_an_export_that_is_stopped_goes_on_where_it_was(dump, tmp_path, sign):
    out, whole = tmp_path / "out", mrrc.read_arrow(str(dump / "*"), on_error="skip")
    notes = out / "accounts" / "parts"
    parts = len(mrrc.plan(str(dump / "*"), 20_000))
    stopped = 0
    for wanted in range(1, parts, 4):
        program = [sys.executable, "-W", "ignore", "-c", EXPORT, str(dump / "*"), out]
        process = subprocess.Popen(program, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(list(notes.glob("*.json"))) < wanted:
            time.sleep(0.001)
        process.send_signal(sign)
        stopped += process.wait() != 0
    assert stopped
    done = {it: it.stat().st_mtime_ns for it in notes.glob("*.json")}
    account = mrrc.export(str(dump / "*"), out, chunk=20_000, on_error="skip")
    assert {it: it.stat().st_mtime_ns for it in done} == done
    assert len(list(notes.glob("*.json"))) == parts
    assert account.to_polars().equals(whole.sources.to_polars())
    assert ids(out) == sorted(whole["control_number"])
    left = {it.name for it in out.iterdir()} - {"records", "accounts", ".mrrc-lock"}
    assert not left


def test_two_exports_do_not_fill_a_folder_at_once(dump, tmp_path):
    out = tmp_path / "out"

    def meanwhile(work, parts):
        with pytest.raises(BlockingIOError, match="another export fills this folder"):
            mrrc.export(dump / "c.mrc", out)
        return map(work, parts)

    assert mrrc.export(dump / "c.mrc", out, map=meanwhile)["records"].to_pylist() == [200]
