"""Sources and targets that behave as they do in the world: silent, growing, replaced, many, in the way."""

import gzip
import io
import os
import pickle
import random
import resource
import subprocess
import sys
import threading
from pathlib import Path

import mrrc
import numpy as np
import pytest
from conftest import assert_accounts_add_up, read, record, rows

RECORDS = b"".join(record(("001", b"%d" % number), ("245", b"10\x1faTitle")) for number in range(500))


class File:
    """A file object that gives what `parts` yields, one part a call."""

    def __init__(self, parts):
        self.parts = iter(parts)

    def read(self, size):
        part = next(self.parts, b"")
        return part(size) if callable(part) else part


def test_bytes_come_in_parts_of_any_size():
    chance = random.Random(2)
    expected = rows(read(RECORDS))
    parts, at = [], 0
    while at < len(RECORDS):
        size = chance.randrange(1, 400)
        parts.append(RECORDS[at : at + size])
        at += size
    assert rows(read(File(parts))) == expected
    for kind in (bytearray, memoryview, np.frombuffer):
        given = (
            kind(part) if kind is not np.frombuffer else memoryview(kind(part, np.uint8)) for part in parts
        )
        assert rows(read(File(given))) == expected


def test_the_first_empty_part_is_the_end():
    assert read(File([RECORDS[:1000], RECORDS[1000:], b"", RECORDS])).num_rows == 500


def test_a_file_object_that_has_nothing_yet_is_an_error_after_the_records_before():
    scan = mrrc.scan(File([RECORDS, None, RECORDS]), threads=1)
    with pytest.raises(BlockingIOError):
        for batch in scan:
            assert batch.num_rows == 500
    assert rows(scan.sources)[0]["delivered"] == 500


def test_a_file_object_that_was_closed_says_so(tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(RECORDS)
    with path.open("rb") as file:
        pass
    with pytest.raises(ValueError, match="closed file"):
        mrrc.read_arrow(file)


def test_a_file_that_is_replaced_while_it_is_read_is_the_one_that_was_opened(tmp_path):
    path, other = tmp_path / "records.mrc", tmp_path / "other.mrc"
    path.write_bytes(RECORDS * 60)
    other.write_bytes(RECORDS)
    batches = iter(mrrc.scan(path, threads=1, batch_size=100))
    first = next(batches).num_rows
    other.replace(path)
    assert first + sum(batch.num_rows for batch in batches) == 500 * 60


def test_records_are_written_over_the_file_that_is_read(tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(RECORDS)
    table = read(path, provenance="raw")
    table[:7].write_raw(path)
    assert read(path).num_rows == 7
    mrrc.scan(path).to_parquet(path)
    assert path.read_bytes()[:4] == b"PAR1"


def test_thousands_of_files_are_open_one_at_a_time(tmp_path):
    one = record(("001", b"one"))
    for number in range(2000):
        (tmp_path / f"{number:04}.mrc").write_bytes(one[:-1] if number == 1500 else one)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 40, hard))
    try:
        with pytest.raises(mrrc.MarcError, match=r"1500\.mrc"):
            read(str(tmp_path / "*.mrc"))
        with pytest.warns(mrrc.MarcWarning):
            table = mrrc.read_arrow(str(tmp_path / "*.mrc"), on_error="skip")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert table.sources.num_rows == 2000
    assert table.num_rows == sum(row["delivered"] for row in rows(table.sources)) == 1999


def test_a_file_that_cannot_be_read_is_named_among_others(tmp_path):
    good, bad, folder = tmp_path / "good.mrc", tmp_path / "bad.mrc", tmp_path / "folder"
    good.write_bytes(RECORDS)
    folder.mkdir()
    with pytest.raises(FileNotFoundError, match=r"bad\.mrc"):
        mrrc.read_arrow([good, bad])
    sources = [bad, good, folder, RECORDS]
    for policy in ("skip", "recover"):
        with pytest.warns(mrrc.MarcWarning, match=rf"2 sources unreadable \(first {bad}\); see"):
            table = mrrc.read_arrow(sources, on_error=policy)
        assert table.num_rows == 1000
        assert [row["delivered"] for row in rows(table.sources)] == [0, 500, 0, 500]
        assert_accounts_add_up(table)
        found = [(row["source"], row["code"], row["severity"]) for row in rows(table.findings)]
        assert found == [(str(path), "source-unreadable", "fatal") for path in (bad, folder)]
        scan = pickle.loads(pickle.dumps(mrrc.scan(sources, on_error=policy)))
        with pytest.warns(mrrc.MarcWarning, match="2 sources unreadable"):
            assert scan.count() == 1000
    assert [row["message"] for row in rows(mrrc.check(sources))] == [
        f"{bad}: the source cannot be read (source-unreadable): no such file",
        f"{folder}: the source cannot be read (source-unreadable): it is a directory; name the files in it "
        'with a glob such as "*.mrc"',
    ]
    assert repr(mrrc.describe(sources)).endswith(f"2 sources unreadable (first {bad})")


def test_a_file_that_goes_away_before_it_is_read_is_left_out(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.mrc").write_bytes(RECORDS)
    scan = mrrc.scan(tmp_path / "*.mrc", on_error="skip")
    (tmp_path / "a.mrc").unlink()
    with pytest.warns(mrrc.MarcWarning, match=r"1 source unreadable \(.*/a\.mrc\)"):
        assert scan.count() == 500


def test_a_read_of_nothing_but_missing_files_is_an_error(tmp_path):
    for policy in ("skip", "recover"):
        for sources in ([tmp_path / "a.mrc"], [tmp_path / "a.mrc", tmp_path / "b.mrc"]):
            scan = mrrc.scan(sources, on_error=policy)
            with pytest.raises(FileNotFoundError, match=r"a\.mrc"):
                scan.count()
        with pytest.raises(FileNotFoundError, match=r"a\.mrc"):
            mrrc.scan(tmp_path / "a.mrc", on_error=policy)


def test_bytes_far_behind_four_gigabytes_have_their_place(tmp_path):
    path = tmp_path / "sparse.mrc"
    begin = (1 << 32) - 40
    with path.open("wb") as file:
        file.seek(begin - 1)
        file.write(b"\x1d" + RECORDS)
    part = read(path, byte_range=(begin - 10, begin + len(RECORDS)), provenance=True)
    assert part.num_rows == 500
    assert [row["offset"] for row in rows(part)][:1] == [begin]
    assert rows(part)[-1]["offset"] > 1 << 32


def test_what_the_system_makes_up_is_read_whatever_size_it_says():
    assert read("/dev/null").num_rows == 0
    with pytest.raises(mrrc.MarcError):
        read("/proc/self/status")


def test_a_pipe_is_read_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    scan = mrrc.scan(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[RECORDS])
    writer.start()
    assert scan.read().num_rows == 500
    writer.join()
    with pytest.raises(ValueError, match=r"pipe is a pipe.*cannot be read again"):
        scan.count()


def test_standard_input_is_read_once():
    program = (
        "import mrrc\n"
        "scan = mrrc.scan('/dev/stdin')\n"
        "print(scan.read().num_rows)\n"
        "try: scan.read()\n"
        "except ValueError as error: print('once' if 'cannot be read again' in str(error) else error)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, input=RECORDS, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"500\nonce\n"), done.stderr


def test_a_source_with_nothing_in_it_says_so(tmp_path):
    path, at_its_end = tmp_path / "empty.mrc", io.BytesIO(RECORDS)
    path.touch()
    at_its_end.read()
    for source in (path, at_its_end, b"", gzip.compress(b""), "/dev/null"):
        table = read(source)
        found = [(row["code"], row["severity"], row["count"]) for row in rows(table.findings)]
        assert found == [("empty-source", "warning", 1)]
        assert [row["code"] for row in rows(mrrc.check(source))] == ["empty-source"]
    assert "0 records, 1 source empty" in repr(mrrc.describe(path))
    for source in (b"\n", RECORDS):
        assert rows(read(source).findings) == []
    assert rows(read(RECORDS, n_rows=0).findings) == []


def test_the_first_reject_of_several_sources_is_named(tmp_path):
    (tmp_path / "a.mrc").write_bytes(RECORDS)
    (tmp_path / "b.mrc").write_bytes(RECORDS[:-1])
    with pytest.warns(mrrc.MarcWarning, match=r"1 rejected \(.*/b\.mrc, offset 31,826: record-length\)"):
        mrrc.read_arrow(str(tmp_path / "*.mrc"), on_error="skip")


def test_the_worst_of_several_sources_is_named(tmp_path):
    lost = record(("001", b"one"))[:-1]
    for name, damage in [("a.mrc", lost), ("b.mrc", lost * 3), ("c.mrc", b"")]:
        (tmp_path / name).write_bytes(RECORDS + damage)
    with pytest.warns(mrrc.MarcWarning, match=r"4 rejected \(3 of them in .*/b\.mrc, first at offset"):
        mrrc.read_arrow(str(tmp_path / "*.mrc"), on_error="skip")


def test_the_file_with_a_gap_is_named_among_others(tmp_path):
    paths = [tmp_path / name for name in ("a.mrc", "b.mrc", "c.mrc")]
    for path, data in zip(paths, (RECORDS, RECORDS + b"garbage", b""), strict=True):
        path.write_bytes(data)
    with pytest.warns(
        mrrc.MarcWarning, match=rf"1 gap of 7 bytes \({paths[1]}\), 1 source empty \({paths[2]}\)"
    ):
        mrrc.read_arrow(paths, on_error="skip")


def test_an_address_where_a_file_should_be_written_says_what_to_do():
    table = read(RECORDS)
    for write in (
        lambda to: table.to_parquet(to),
        lambda to: mrrc.scan(RECORDS).to_parquet(to),
        lambda to: table.write_raw(to),
        lambda to: mrrc.MARCWriter(to),
        lambda to: mrrc.XMLWriter(to),
    ):
        with pytest.raises(ValueError, match=r"ftp addresses are not written.*fsspec"):
            write("ftp://bucket/a")
    with pytest.raises(ValueError, match=r"ftp addresses are not read.*fsspec"):
        mrrc.MARCReader("ftp://bucket/a")


def test_an_interruption_that_a_file_object_raises_is_its_own():
    failure = InterruptedError(4, "not a signal")

    def fail(size):
        raise failure

    with pytest.raises(InterruptedError) as caught:
        mrrc.read_arrow(File([RECORDS, fail]))
    assert caught.value is failure


def test_a_progress_that_raises_ends_the_read(tmp_path):
    class Enough(Exception):
        pass

    def progress(data, total, records):
        raise Enough

    with pytest.raises(Enough):
        mrrc.read_arrow(RECORDS, progress=progress)


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_an_interpreter_ends_with_a_read_under_way(tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(RECORDS * 200)
    done = run(
        "import mrrc, sys; it = iter(mrrc.scan(sys.argv[1], batch_size=10)); print(next(it).num_rows)", path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "10\n", "")


def test_a_stream_is_read_with_little_memory_to_be_had(tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(RECORDS * 4000)
    program = (
        "import resource, sys, mrrc\n"
        "resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))\n"
        "print(sum(batch.num_rows for batch in mrrc.scan(sys.argv[1], threads=2)))"
    )
    done = run(program, path)
    assert (done.returncode, done.stdout) == (0, "2000000\n"), done.stderr


def test_who_stops_listening_ends_it_with_a_broken_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    program = (
        "import sys, mrrc\n"
        "try: mrrc.read_arrow(sys.argv[1], provenance='raw').write_raw(sys.argv[2])\n"
        "except BrokenPipeError: print('broken')"
    )
    records = tmp_path / "records.mrc"
    records.write_bytes(RECORDS * 40)
    command = [sys.executable, "-c", program, records, path]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with Path(path).open("rb") as pipe:
        pipe.read(10)
    assert worker.communicate(timeout=60)[0] == "broken\n"
