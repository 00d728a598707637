"""A Scan among other objects: freed, shared by threads, asked by what it reads, pickled."""

import gc
import io
import pickle
import resource
import threading
import weakref

import mrrc
import polars as pl
import pytest
from conftest import assert_accounts_add_up, record, rows

TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle"))
BROKEN = b"00000" + TITLE[5:]


class Witness:
    """Something that can be seen to be gone."""


def read(scan):
    scan.read()


def count(scan):
    scan.count()


def iterate(scan):
    for _ in scan:
        pass


def stream(scan):
    pl.DataFrame(scan)


def to_parquet(scan):
    scan.to_parquet("/nowhere/a.parquet")


WAYS = [read, count, iterate, stream, to_parquet]


@pytest.mark.parametrize("way", WAYS)
def test_a_scan_that_failed_is_freed_with_what_the_caller_held(way):
    def fail():
        witness = Witness()
        scan = mrrc.scan(TITLE + BROKEN)
        with pytest.raises(Exception):  # noqa: B017
            way(scan)
        assert scan.error is not None
        return weakref.ref(witness)

    gone = fail()
    gc.collect()
    assert gone() is None


class Holder(io.BytesIO):
    """A file object, and a method that is told of progress; whoever reads them is kept in them."""

    def told(self, done, total, records):
        pass


@pytest.mark.parametrize("begins", [False, True])
@pytest.mark.parametrize("what", ["file", "progress", "file in a list"])
def test_a_scan_that_its_own_source_holds_is_freed(what, begins):
    holder = Holder(TITLE * 3)
    given = {"file": holder, "file in a list": [holder, holder], "progress": TITLE * 3}[what]
    holder.scan = mrrc.scan(given, batch_size=1, progress=holder.told if what == "progress" else None)
    holder.part = holder.scan._narrowed(columns=["leader"])
    holder.batches = iter(holder.scan)
    if begins:
        next(holder.batches)
    gone = weakref.ref(holder)
    gc.collect()
    assert holder.scan.count() >= 3
    del holder, given
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("way", WAYS)
def test_failed_reads_keep_no_memory(way):
    data = record(("245", b"10\x1fa" + b"x" * 9_000)) * 140 + BROKEN

    def fail():
        with pytest.raises(Exception):  # noqa: B017
            way(mrrc.scan(bytes(bytearray(data))))

    for _ in range(5):
        fail()
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(60):
        fail()
        if number % 10 == 0:
            gc.collect()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # 60 times the data are 75 MB.
    assert grown < 40_000, f"{grown} kB"


class Asking(io.BytesIO):
    """Uses whatever reads it, while it is read."""

    ask = staticmethod(lambda: None)

    def read(self, size=-1):
        self.ask()
        return super().read(size)


@pytest.mark.parametrize("way", [read, count, iterate, stream])
def test_a_file_that_reads_its_own_scan_is_told_so(way):
    file = Asking(TITLE)
    scan = mrrc.scan(file)
    file.ask = scan.read
    with pytest.raises(Exception, match="reads the Scan that it is read by"):
        way(scan)
    assert isinstance(scan.error, RuntimeError)
    file.ask = lambda: (scan.error, scan.findings, scan.schema, repr(scan))
    way(scan)
    assert scan.error is None
    assert_accounts_add_up(scan)


def test_a_file_that_asks_for_the_batch_that_is_read_is_told_so():
    file = Asking(TITLE * 3)
    batches = iter(mrrc.scan(file))
    file.ask = lambda: next(batches)
    with pytest.raises(RuntimeError, match="asks for the batch"):
        next(batches)
    assert next(batches, None) is None


@pytest.mark.parametrize("way", WAYS)
def test_the_error_before_may_look_at_the_scan_when_it_goes(way, tmp_path):
    seen = []

    class Looking(OSError):
        def __del__(self):
            seen.append((scan.error is None, scan.findings is None))

    class Failing(io.BytesIO):
        fails = True

        def read(self, size=-1):
            if self.fails:
                raise Looking("no more")
            return super().read(size)

    file = Failing(TITLE)
    scan = mrrc.scan(file)
    with pytest.raises(Looking):
        scan.read()
    file.fails = False
    if way is to_parquet:
        scan.to_parquet(tmp_path / "a.parquet")
    else:
        way(scan)
    gc.collect()
    assert seen == [(True, False)]


@pytest.mark.parametrize("way", [read, count, iterate])
@pytest.mark.parametrize("method", ["read", "seek"])
def test_an_interrupted_error_reaches_the_caller(way, method):
    told = []

    class Interrupted(io.BytesIO):
        def fail(self, *given):
            told.append(given)
            raise InterruptedError("by the file")

    file = Interrupted(TITLE)
    scan = mrrc.scan(file)
    setattr(file, method, file.fail)
    if method == "seek":
        file.read(1)
    with pytest.raises(InterruptedError, match="by the file"):
        way(scan)
    assert len(told) == 1


@pytest.mark.parametrize("way", [read, count, iterate])
def test_a_stop_iteration_of_a_source_is_not_the_end(way):
    class Stopping(io.BytesIO):
        def read(self, size=-1):
            if got := super().read(50):
                return got
            raise StopIteration("no more")

    scan = mrrc.scan(Stopping(TITLE * 3 + TITLE[:20]))
    with pytest.raises((RuntimeError, StopIteration)) as caught:
        way(scan)
    assert scan.error is caught.value
    assert "no more" in str(caught.value.__cause__ or caught.value)
    assert_accounts_add_up(scan)
    assert rows(scan.sources)[0]["delivered"] == 3


def test_a_loop_over_a_scan_ends_as_a_generator_does():
    def told(done, total, records):
        raise StopIteration

    with pytest.raises(RuntimeError, match="raised StopIteration"):
        for _ in mrrc.scan(TITLE, progress=told):
            pass


def test_threads_that_share_an_iterator_get_each_batch_once(fixture_1k):
    batches = iter(mrrc.scan([fixture_1k] * 5, batch_size=20))
    got = []

    def take():
        for batch in batches:
            got.append(batch.num_rows)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    alone = sum(batch.num_rows for batch in batches)
    assert next(batches, None) is None
    for thread in threads:
        thread.join()
    assert sum(got) + alone == 5000


def test_a_thread_waits_for_the_batch_that_another_reads():
    begun, goes_on = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size=-1):
            begun.set()
            assert goes_on.wait(20)
            return super().read(size)

    batches = iter(mrrc.scan(Slow(TITLE * 2), batch_size=1, threads=1))
    got = []
    threads = [threading.Thread(target=lambda: got.append(next(batches).num_rows)) for _ in range(2)]
    threads[0].start()
    assert begun.wait(20)
    threads[1].start()
    threads[1].join(0.3)
    assert threads[1].is_alive()
    goes_on.set()
    for thread in threads:
        thread.join()
    assert got == [1, 1]


class Counted(io.BytesIO):
    """Counts what it is asked for, as an object in a store might be billed."""

    def __init__(self, data):
        super().__init__(data)
        self.calls = {"seek": 0, "tell": 0, "read": 0}

    def seek(self, *given):
        self.calls["seek"] += 1
        return super().seek(*given)

    def tell(self):
        self.calls["tell"] += 1
        return super().tell()

    def read(self, size=-1):
        self.calls["read"] += 1
        return super().read(min(size, 100_000))


def test_a_file_object_is_sought_only_where_it_was_not_left(fixture_1k):
    file = Counted(fixture_1k.read_bytes())
    scan = mrrc.scan(file)
    assert scan.read().num_rows == scan.read().num_rows == 1000
    assert file.calls["tell"] == 1
    assert file.calls["seek"] == 2
    assert file.calls["read"] > 20


def test_readings_of_one_file_object_share_it(fixture_1k):
    file = Counted(fixture_1k.read_bytes())
    first, second = mrrc.scan(file, batch_size=50), mrrc.scan([file, file], batch_size=50)
    together = zip(first, second, first.to_polars().collect_batches(), strict=False)
    assert sum(batch.num_rows for batch, _, _ in together) == 1000
    assert second.read().num_rows == 2000


def test_a_file_that_the_caller_moves_is_read_all_the_same(fixture_1k, tmp_path):
    path = tmp_path / "a.mrc"
    path.write_bytes(fixture_1k.read_bytes() * 5)
    with open(path, "rb") as on_disk:
        for file in (on_disk, io.BytesIO(path.read_bytes())):
            seen = 0
            for batch in mrrc.scan(file, batch_size=10):
                seen += batch.num_rows
                file.seek(7)
            assert seen == 5000


@pytest.mark.parametrize("attribute", ["name", "full_name", "path", "url"])
def test_a_file_object_is_called_what_it_calls_itself(attribute):
    file = Counted(TITLE)
    setattr(file, attribute, "s3://bucket/a.mrc")
    assert [row["source"] for row in rows(mrrc.read_arrow(file, provenance=True))] == ["s3://bucket/a.mrc"]


def test_sources_without_a_name_are_called_by_their_place():
    numbered = Counted(TITLE)
    numbered.name, numbered.path = 7, "a.mrc"
    table = mrrc.read_arrow([TITLE, Counted(TITLE), bytearray(TITLE), numbered])
    assert [row["source"] for row in rows(table)] == ["[0]", "[1]", "[2]", "a.mrc"]
    assert [row["source"] for row in rows(table.sources)] == ["[0]", "[1]", "[2]", "a.mrc"]
    assert rows(mrrc.read_arrow(Counted(TITLE), provenance=True))[0]["source"] is None


def again(it):
    return pickle.loads(pickle.dumps(it))


@pytest.mark.parametrize("columns", [["leader"], ["control_number", "source"], []])
def test_a_pickled_scan_keeps_its_columns_and_rows(columns):
    scan = mrrc.scan([TITLE * 5, TITLE], on_error="skip", encoding="latin-1", batch_size=2)
    part = again(again(scan._narrowed(columns=columns, n_rows=4)))
    assert part.schema.names == columns
    table = part.read()
    assert (table.num_rows, table.column_names) == (4, columns)
    assert again(scan).schema.names == scan.schema.names
    if "source" in columns:
        assert rows(table)[0]["source"] == "[0]"


def test_a_pickled_glob_names_the_files_that_were_found(tmp_path):
    (tmp_path / "a.mrc").write_bytes(TITLE)
    pickled = pickle.dumps(mrrc.scan(str(tmp_path / "*.mrc")))
    (tmp_path / "b.mrc").write_bytes(TITLE)
    scan = pickle.loads(pickled)
    assert [row["source"] for row in rows(scan.read())] == [str(tmp_path / "a.mrc")]


def test_a_pickled_path_that_looks_like_a_glob_is_that_path(tmp_path):
    path = tmp_path / "a[1].mrc"
    path.write_bytes(TITLE)
    pickled = pickle.dumps(mrrc.scan(path))
    path.rename(tmp_path / "a1.mrc")
    with pytest.raises(FileNotFoundError):
        pickle.loads(pickled).read()


def test_text_of_records_is_not_taken_for_a_path():
    for text in (TITLE.decode(), (TITLE * 300).decode(), "=LDR  00000nam\n=245  10$aTitle\n" * 100):
        for take in (mrrc.scan, mrrc.MARCReader):
            with pytest.raises(TypeError, match=r"is text, .*…, not a path; give bytes") as told:
                take(text)
            assert len(str(told.value)) < 160


def test_a_path_of_any_length_is_shown_in_short():
    with pytest.raises(OSError) as told:
        mrrc.scan("a" * 20_404)
    assert len(str(told.value)) < 300
