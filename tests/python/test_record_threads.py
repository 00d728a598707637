"""Records in several threads and processes: the lock is free while bytes are judged and written."""

import io
import multiprocessing
import threading
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
