"""The Arrow C stream, Ctrl-C, threads and forks."""

import bz2
import gzip
import io
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import mrrc
import pyarrow as pa
import pytest
from conftest import assert_accounts_add_up
from mrrc import _mrrc

PULL = {
    "pyarrow": "import pyarrow as pa; pa.table(source)",
    "polars": "import polars as pl; pl.DataFrame(source)",
    "duckdb": "import duckdb; duckdb.sql('select count(leader) from source').fetchall()",
    "pandas": "import pandas as pd; pd.DataFrame.from_arrow(source)",
}


@pytest.mark.parametrize("planted", ["panic", "nul"])
@pytest.mark.parametrize("engine", PULL)
def test_a_fault_in_the_stream_is_an_exception_in_every_engine(engine, planted, fixture_1k):
    program = f"""
import mrrc
from mrrc import _mrrc
source = mrrc.scan({str(fixture_1k)!r})
_mrrc._sabotage({planted!r})
try:
    {PULL[engine]}
except Exception as error:
    assert "planted" in str(error), error
    print("caught")
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "caught\n"), done.stderr


@pytest.mark.parametrize("planted", ["panic", "nul"])
@pytest.mark.parametrize("engine", PULL)
def test_a_fault_is_an_exception_in_this_process_too(engine, planted, fixture_1k):
    for source in (mrrc.scan(fixture_1k), mrrc.read_arrow(fixture_1k)):
        _mrrc._sabotage(planted)
        with pytest.raises(Exception, match="planted"):
            exec(PULL[engine], {"source": source})
        exec(PULL[engine], {"source": source})
        assert_accounts_add_up(source)


OWN = {
    "read": "source.read()",
    "head": "source = source.head(); source.read()",
    "tail": "source.tail()",
    "records": "for record in source.records(): pass",
    "to_csv": "source = source.select('leader'); source.to_csv(target)",
    "count": "source.count()",
    "iteration": "for batch in source: pass",
    "to_parquet": "source.to_parquet(target)",
    "lazy frame": "source.to_polars().select('leader').collect()",
}


@pytest.mark.parametrize("planted", ["panic", "nul"])
@pytest.mark.parametrize("work", OWN)
def test_a_fault_in_our_own_methods_is_an_exception(work, planted, fixture_1k, tmp_path):
    source = mrrc.scan(fixture_1k)
    names = {"source": source, "target": tmp_path / "a.parquet"}
    _mrrc._sabotage(planted)
    with pytest.raises(Exception, match="planted") as told:
        exec(OWN[work], names)
    source = names["source"]
    assert isinstance(source.error, RuntimeError)
    assert source.error is told.value or work == "lazy frame"
    assert list(tmp_path.iterdir()) == []
    exec(OWN[work], names)
    source = names["source"]
    assert source.error is None
    assert_accounts_add_up(source)


def test_after_a_fault_the_next_read_is_whole(fixture_1k):
    scan = mrrc.scan(fixture_1k)
    _mrrc._sabotage("panic")
    with pytest.raises(pa.ArrowInvalid, match="planted"):
        pa.table(scan)
    assert pa.table(scan).num_rows == 1000


def test_an_error_in_a_pulled_stream_is_told_as_text_and_kept(fixture_1k):
    scan = mrrc.scan(fixture_1k.read_bytes()[:-5])
    with pytest.raises(pa.ArrowInvalid, match="record-truncated"):
        pa.table(scan)
    assert isinstance(scan.error, mrrc.TruncatedRecord)
    assert scan.error.record == 999


def interrupted(program):
    """The end of a program that said it has begun, and was then sent Ctrl-C."""
    command = [sys.executable, "-W", "ignore", "-c", program]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout.readline() == "begun\n"
            threading.Event().wait(0.5)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def assert_ctrl_c_stops(program):
    """Under Ctrl-C the program says that it has stopped."""
    ended = interrupted(program)
    assert ended.stdout == "stopped\n", ended.stderr


@pytest.mark.parametrize(
    "error", [TimeoutError(), KeyError("k"), OSError(5, "no more"), MemoryError()], ids=repr
)
def test_whatever_a_file_raises_is_named_in_a_pulled_stream(error):
    class Failing(io.RawIOBase):
        def read(self, size=-1):
            raise error

    scan = mrrc.scan(Failing())
    with pytest.raises((pa.ArrowException, OSError), match=type(error).__name__) as told:
        pa.table(scan)
    assert str(error) in str(told.value)
    assert scan.error is error


WORK = {
    "read_arrow": "mrrc.read_arrow(source)",
    "to_parquet": "mrrc.scan(source).to_parquet(target)",
    "iteration": "for batch in mrrc.scan(source): pass",
    "count": "mrrc.scan(source).count()",
    "tail": "mrrc.scan(source).tail()",
    "records": "for record in mrrc.scan(source).records(): pass",
    "to_csv": "mrrc.scan(source).select('leader').to_csv(target)",
}


@pytest.mark.parametrize("work", WORK)
def test_ctrl_c_ends_the_work_and_is_not_swallowed(work, fixture_1k, tmp_path):
    target = tmp_path / "a.parquet"
    program = f"""
import sys
import mrrc, pyarrow as pa
source = [{str(fixture_1k)!r}] * 100_000
target = {str(target)!r}
print("begun", flush=True)
try:
    {WORK[work]}
except KeyboardInterrupt:
    print("stopped", flush=True)
"""
    assert_ctrl_c_stops(program)
    assert list(tmp_path.iterdir()) == []


LAZY = "mrrc.scan(files).to_polars().select('leader').collect()"


@pytest.mark.parametrize("pull", [*PULL.values(), LAZY], ids=[*PULL, "lazy frame"])
def test_ctrl_c_reaches_the_caller_when_an_engine_pulls(pull, fixture_1k):
    # An engine may be told of it as text only and raise something of its own first.
    program = f"""
import os, time
import mrrc, pandas, polars, pyarrow, duckdb
files = [{str(fixture_1k)!r}] * 100_000
source = mrrc.scan(files)
print("begun", flush=True)
try:
    try:
        {pull}
    except Exception as error:
        assert "KeyboardInterrupt" in str(error), error
    for _ in range(100):
        time.sleep(0.1)
    os.write(1, b"swallowed\\n")
except KeyboardInterrupt:
    os.write(1, b"stopped\\n")
"""
    assert_ctrl_c_stops(program)


@pytest.mark.parametrize("pull", [pull for name, pull in PULL.items() if name != "duckdb"])
def test_ctrl_c_that_nobody_catches_ends_in_one_readable_error(pull, fixture_1k):
    program = f"""
import mrrc, pandas, polars, pyarrow, duckdb
source = mrrc.scan([{str(fixture_1k)!r}] * 100_000)
print("begun", flush=True)
{pull}
"""
    ended = interrupted(program)
    assert ended.returncode not in (0, None)
    assert "KeyboardInterrupt" in ended.stderr.splitlines()[-1]
    assert "lost sys.stderr" not in ended.stderr


@pytest.mark.parametrize("sent", [0, 5, 60_000])
def test_ctrl_c_ends_the_wait_for_a_pipe_that_is_silent(sent, fixture_1k, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    try:
        os.write(held, fixture_1k.read_bytes()[:sent])
        assert_ctrl_c_stops(f"""
import mrrc
print("begun", flush=True)
try:
    mrrc.read_arrow({str(pipe)!r})
except KeyboardInterrupt:
    print("stopped", flush=True)
""")
    finally:
        os.close(held)


def sparse(path, begin, size):
    """A file that begins so and goes on in zero bytes, which take no room."""
    path.write_bytes(begin)
    os.truncate(path, size)
    return path


EMPTY_FRAME = b"\x5a\x2a\x4d\x18\0\0\0\0"
HUGE = 200 << 30
# What goes on and on and has no record to give.
ENDLESS = {
    "a pipe that nobody writes to": lambda path: os.mkfifo(path),
    "zero bytes after gzip": lambda path: sparse(path, gzip.compress(b"\n"), HUGE),
    "bytes after gzip": lambda path: sparse(path, gzip.compress(b"\n") + b"trailing", HUGE),
    "empty frames of zstd": lambda path: path.write_bytes(EMPTY_FRAME * (48 << 20)),
    "empty members of bzip2": lambda path: path.write_bytes(bz2.compress(b"") * (3 << 20)),
    "filler": lambda path: sparse(path, b"\n", HUGE),
    "filler before a range": lambda path: sparse(path, b"\n", HUGE),
}


@pytest.mark.parametrize("endless", ENDLESS)
def test_ctrl_c_is_answered_by_a_read_that_has_nothing_to_give(endless, tmp_path):
    path = tmp_path / "endless"
    ENDLESS[endless](path)
    options = f"byte_range=({HUGE - 1}, {HUGE})" if "range" in endless else ""
    assert_ctrl_c_stops(f"""
import mrrc
print("begun", flush=True)
try:
    mrrc.read_arrow({str(path)!r}, {options})
except KeyboardInterrupt:
    print("stopped", flush=True)
""")
    path.unlink()


INTO_A_PIPE = {
    "MARCWriter": "put(mrrc.MARCWriter(pipe))",
    "XMLWriter": "put(mrrc.XMLWriter(pipe))",
    "Scan.to_parquet": "mrrc.scan([file] * 20).to_parquet(pipe)",
    "Table.to_parquet": "mrrc.read_arrow([file] * 20).to_parquet(pipe)",
    "Table.write_raw": "mrrc.read_arrow(file, provenance='raw').write_raw(pipe)",
}


@pytest.mark.parametrize("reader", ["nobody opens it", "nobody reads it"])
@pytest.mark.parametrize("way", INTO_A_PIPE)
def test_ctrl_c_is_answered_by_what_is_written_into_a_pipe(way, reader, fixture_1k, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR) if reader == "nobody reads it" else None
    try:
        assert_ctrl_c_stops(f"""
import threading, time
import mrrc
file, pipe, ticks = {str(fixture_1k)!r}, {str(pipe)!r}, 0

def tick():
    global ticks
    while True:
        time.sleep(0.01)
        ticks += 1

def put(writer):
    with writer:
        for record in mrrc.MARCReader(file):
            writer.write(record)

threading.Thread(target=tick, daemon=True).start()
print("begun", flush=True)
try:
    {INTO_A_PIPE[way]}
except KeyboardInterrupt:
    print("stopped" if ticks > 10 else "other threads stood still", flush=True)
""")
    finally:
        if held is not None:
            os.close(held)


def test_what_is_written_into_a_pipe_arrives(fixture_1k, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    table = mrrc.read_arrow(fixture_1k, provenance="raw")
    with ThreadPoolExecutor(1) as pool:
        arrived = pool.submit(pipe.read_bytes)
        table.write_raw(pipe)
        assert arrived.result(20) == fixture_1k.read_bytes()
        arrived = pool.submit(pipe.read_text)
        with mrrc.JSONWriter(pipe) as writer:
            for record in table.records():
                writer.write(record)
        assert len(json.loads(arrived.result(20))) == 1000


def test_ctrl_c_is_answered_while_a_glob_is_expanded(tmp_path):
    for name in range(40):
        for inner in range(40):
            (tmp_path / f"{name}" / f"{inner}").mkdir(parents=True)
    # All folders of all folders of all folders: more than can be looked at.
    assert_ctrl_c_stops(f"""
import mrrc
print("begun", flush=True)
try:
    mrrc.scan({str(tmp_path)!r} + "/**/" + "[0-9]*/../" * 12 + "*.mrc")
except KeyboardInterrupt:
    print("stopped", flush=True)
""")


def test_other_threads_go_on_while_a_file_is_read(fixture_1k):
    turns = []
    reading = threading.Event()

    def turn():
        reading.wait()
        while reading.is_set():
            turns.append(None)

    other = threading.Thread(target=turn)
    other.start()
    reading.set()
    mrrc.read_arrow([fixture_1k] * 30)
    reading.clear()
    other.join()
    assert len(turns) > 100


def _count(path):
    return mrrc.scan(path, threads=2, batch_size=50).read().num_rows


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_other_processes_read_as_well(way, fixture_1k):
    assert _count(fixture_1k) == 1000
    with multiprocessing.get_context(way).Pool(2) as pool:
        assert pool.map_async(_count, [os.fspath(fixture_1k)] * 4).get(60) == [1000] * 4


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_fork_cannot_go_on_with_a_read_that_has_begun(threads, fixture_1k, tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(fixture_1k.read_bytes() * 8)
    program = f"""
import os
import mrrc
for batch_size in range(10, 20):
    batches = iter(mrrc.scan({str(path)!r}, threads={threads}, batch_size=batch_size))
    seen = next(batches).num_rows
    child = os.fork()
    if child == 0:
        try:
            next(batches)
        except ValueError as error:
            assert "began in another process" in str(error), error
            assert mrrc.scan({str(path)!r}, threads={threads}).count() == 8000
            del batches
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert seen + sum(batch.num_rows for batch in batches) == 8000
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


def test_what_is_handed_out_is_the_same_each_time(fixture_1k):
    scan = mrrc.scan(fixture_1k, n_rows=3)

    def written(source):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, pa.schema(source)) as stream:
            stream.write_table(pa.table(source))
        return sink.getvalue().to_pybytes()

    table = scan.read()
    sources = [scan, table, pickle.loads(pickle.dumps(table)), *(scan.read() for _ in range(20))]
    assert len({written(source) for source in sources}) == 1
    assert list(pa.schema(scan.schema).metadata) == sorted(pa.table(scan).schema.metadata)
    assert list(scan.schema.metadata) == sorted(scan.schema.metadata)
