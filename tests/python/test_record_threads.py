"""Records in several threads and processes: the lock is free while bytes are judged and written."""

import io
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from mrrc import Field, MARCReader, MARCWriter, Subfield, _mrrc

THREADS = [1, 2, 4, 8]


@pytest.fixture
def gate():
    """Whoever works without the lock waits until Python takes the gate away."""
    _mrrc._sabotage("gate")
    yield lambda: _mrrc._sabotage(None)
    _mrrc._sabotage(None)


def assert_runs_beside_python(work, open_gate):
    begun, done = threading.Event(), threading.Event()

    def run():
        begun.set()
        work()
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(10)
    # Python goes on here, while the other thread waits at the gate.
    assert not done.wait(0.2)
    open_gate()
    assert done.wait(10)
    thread.join()


@pytest.mark.parametrize("recover", [False, True])
def test_bytes_are_judged_without_the_lock(recover, gate, fixture_1k):
    reader = MARCReader(fixture_1k, recover=recover)
    assert_runs_beside_python(lambda: next(reader), gate)


def test_records_are_laid_out_and_written_without_the_lock(fixture_1k, gate, tmp_path):
    gate()
    records = list(MARCReader(fixture_1k))
    writer = MARCWriter(tmp_path / "out.mrc")
    for one in records[:50]:
        writer.write(one)
    _mrrc._sabotage("gate")
    assert_runs_beside_python(writer.close, gate)
    assert len(list(MARCReader(tmp_path / "out.mrc"))) == 50


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("kind", ["path", "file", "bytes"])
def test_a_file_for_each_thread_is_read_as_by_one(threads, kind, fixture_1k):
    data = fixture_1k.read_bytes()
    expected = [one.as_dict() for one in MARCReader(data)]

    def work(_):
        source = {"path": lambda: fixture_1k, "file": lambda: fixture_1k.open("rb"), "bytes": lambda: data}
        with MARCReader(source[kind]()) as reader:
            return [one.as_dict() for one in reader]

    with ThreadPoolExecutor(threads) as pool:
        assert all(seen == expected for seen in pool.map(work, range(threads)))


@pytest.mark.parametrize("threads", THREADS)
def test_a_file_for_each_thread_is_written_as_by_one(threads, fixture_1k, tmp_path):
    def work(number):
        path = tmp_path / f"{number}.mrc"
        with MARCReader(fixture_1k) as reader, MARCWriter(path) as writer:
            for one in reader:
                one.add_field(Field("999", [" ", " "], [Subfield("a", "added")]))
                writer.write(one)
        return path.read_bytes()

    with ThreadPoolExecutor(threads) as pool:
        written = list(pool.map(work, range(threads)))
    assert written[0].count(b"\x1faadded") == 1000
    assert len(set(written)) == 1


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("kind", ["path", "bytes", "file"])
def test_threads_that_share_a_reader_get_each_record_once(threads, kind, fixture_1k):
    data = fixture_1k.read_bytes()
    sources = {"path": fixture_1k, "bytes": data, "file": io.BytesIO(data)}
    reader = MARCReader(sources[kind])
    seen = []

    def work(_):
        for one in reader:
            seen.append(one["001"].data)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    assert sorted(seen) == sorted(one["001"].data for one in MARCReader(data))


@pytest.mark.parametrize("threads", THREADS)
def test_threads_that_share_a_writer_lose_nothing(threads, fixture_1k, tmp_path):
    records = list(MARCReader(fixture_1k))
    with MARCWriter(tmp_path / "out.mrc") as writer, ThreadPoolExecutor(threads) as pool:
        list(pool.map(writer.write, records))
    again = [one["001"].data for one in MARCReader(tmp_path / "out.mrc")]
    assert sorted(again) == sorted(one["001"].data for one in records)


def test_threads_that_look_at_one_record_see_the_same_fields(fixture_1k):
    for one in list(MARCReader(fixture_1k))[:200]:
        with ThreadPoolExecutor(4) as pool:
            seen = list(pool.map(lambda _, it=one: it.fields, range(4)))
        assert all(fields is seen[0] for fields in seen)


def titles_of(path):
    return [one.title for one in MARCReader(path)]


def changed(one):
    one.add_field(Field("500", [" ", " "], [Subfield("a", one.title)]))
    return one


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_other_processes_read_and_change_records_as_well(way, fixture_1k):
    records = list(MARCReader(fixture_1k))[:200]
    with multiprocessing.get_context(way).Pool(2) as pool:
        assert pool.map_async(titles_of, [fixture_1k] * 2).get(60) == [titles_of(fixture_1k)] * 2
        again = pool.map_async(changed, records, chunksize=50).get(60)
    assert [one.raw for one in again] == [one.raw for one in records]
    assert [one.as_marc() for one in again] == [changed(one).as_marc() for one in records]


ENDS_WHILE_THREADS_READ = """
import sys, threading, time, mrrc
path, given = sys.argv[1:]

def read_on():
    while True:
        file = open(path, "rb")
        held = file if given == "a file that somebody holds" else None
        for record in mrrc.MARCReader(open(path, "rb") if held is None else held):
            record.title

for _ in range(4):
    threading.Thread(target=read_on, daemon=True).start()
time.sleep(0.15)
"""


@pytest.mark.parametrize("given", ["a file", "a file that somebody holds"])
def test_a_program_ends_well_while_daemon_threads_read(given, fixture_1k):
    for _ in range(8):
        command = [sys.executable, "-c", ENDS_WHILE_THREADS_READ, fixture_1k, given]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")


# A thread counts while the program waits for its source; the count is told when Ctrl-C has come.
WAITS = """
import signal, sys, threading, time, mrrc
signal.signal(signal.SIGINT, signal.default_int_handler)
ticks = 0

def tick():
    global ticks
    while True:
        time.sleep(0.01)
        ticks += 1

threading.Thread(target=tick, daemon=True).start()
print("ready", flush=True)
try:
    for _ in mrrc.MARCReader(sys.argv[1], recover=len(sys.argv) > 2):
        print("a record", flush=True)
except KeyboardInterrupt:
    print(ticks)
"""


def interrupted(*arguments, until="ready", stdin=subprocess.DEVNULL):
    """What a program says that waits for its source, and then is interrupted."""
    command = [sys.executable, "-c", WAITS, *map(str, arguments)]
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, text=True) as program:
        while program.stdout.readline().strip() != until:
            assert program.poll() is None
        time.sleep(0.5)
        program.send_signal(signal.SIGINT)
        try:
            return program.communicate(timeout=10)[0]
        except subprocess.TimeoutExpired:
            program.kill()
            raise


def test_waiting_for_the_writer_of_a_pipe_can_be_interrupted(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert int(interrupted(tmp_path / "pipe")) > 10


def test_waiting_for_the_first_bytes_of_a_pipe_can_be_interrupted():
    assert int(interrupted("/dev/stdin", stdin=subprocess.PIPE)) > 10


def test_waiting_for_more_of_a_pipe_can_be_interrupted(tmp_path, fixture_1k):
    os.mkfifo(tmp_path / "pipe")
    one = next(MARCReader(fixture_1k)).raw

    def write():
        with (tmp_path / "pipe").open("wb") as pipe:
            pipe.write(one)
            pipe.flush()
            done.wait(20)

    done = threading.Event()
    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert int(interrupted(tmp_path / "pipe", until="a record")) > 10
    finally:
        done.set()
        writer.join()


def test_a_search_for_records_in_endless_filler_can_be_interrupted(tmp_path):
    with (tmp_path / "filler.mrc").open("wb") as file:
        file.truncate(200 << 30)
    assert int(interrupted(tmp_path / "filler.mrc", "recover")) > 0


LOOKS_WHILE_COPIED = """
import copy, gc, mrrc

class Looker:
    def __init__(self, field):
        self.field, self.itself = field, self

    def __del__(self):
        self.field.tag

field = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
gc.set_threshold(1)
for _ in range(1000):
    Looker(field)
    copy.copy(field)
"""

LOOKS_WHILE_BEGUN = """
import io, mrrc

class Raw(io.RawIOBase):
    def readable(self):
        return True

    def seekable(self):
        if "reader" in globals():
            reader.to_unicode
        return True

    def readinto(self, room):
        return 0

reader = mrrc.MARCReader(io.BufferedReader(Raw()))
assert list(reader) == []
"""


@pytest.mark.parametrize("script", [LOOKS_WHILE_COPIED, LOOKS_WHILE_BEGUN], ids=["a copy", "a beginning"])
def test_what_python_runs_meanwhile_may_look_at_the_same_object(script):
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)


def test_a_fault_of_ours_is_an_ordinary_exception(fixture_1k):
    reader = MARCReader(fixture_1k)
    _mrrc._sabotage("panic")
    with pytest.raises(RuntimeError, match="please report it"):
        next(reader)
    one = next(reader)
    _mrrc._sabotage("panic")
    with pytest.raises(RuntimeError, match="please report it"):
        one.fields  # noqa: B018
    assert len(one.fields) > 5
