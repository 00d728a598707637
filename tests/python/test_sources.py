"""Wherever the bytes come from, and however they come, the columns are the same."""

import array
import bz2
import gzip
import io
import lzma
import os
import pickle
import re
import subprocess
import sys
import threading
import zipfile
from itertools import pairwise
from pathlib import Path

import fsspec
import mrrc
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from conftest import assert_accounts_add_up, read, record, recover, rows, skip

TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle"))


def ipc(table):
    sink = pa.BufferOutputStream()
    # Metadata has no order.
    whole = table.to_pyarrow().replace_schema_metadata()
    with pa.ipc.new_stream(sink, whole.schema) as writer:
        writer.write_table(whole)
    return sink.getvalue().to_pybytes()


class Blocks:
    """A binary file object that gives few bytes at a time, cannot seek, and may fail at its end."""

    def __init__(self, data, size, failure=None):
        self.raw, self.size, self.failure = io.BytesIO(data), size, failure

    def read(self, size=-1):
        got = self.raw.read(min(self.size, size) if size >= 0 else self.size)
        if not got and self.failure:
            raise self.failure
        return got


@pytest.fixture
def data(fixture_1k):
    whole = fixture_1k.read_bytes()
    return whole[: whole.index(b"\x1d", 60_000) + 1]


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("damaged", [False, True])
def test_every_kind_of_source_gives_the_same(data, threads, damaged, tmp_path):
    if damaged:
        data = data[:20_000] + b"garbage" + data[20_000:40_000] + data[40_007:]
    path = tmp_path / "catalogue.mrc"
    path.write_bytes(data)
    (tmp_path / "packed").write_bytes(gzip.compress(data[:3000]) + gzip.compress(data[3000:]))
    options = {"threads": threads, "batch_size": 10}
    expected = skip(data, threads=1, batch_size=10)
    with open(path, "rb") as file:
        for source in [
            str(path),
            path,
            bytearray(data),
            memoryview(data),
            io.BytesIO(data),
            file,
            tmp_path / "packed",
            *(Blocks(data, size) for size in (1, 7, 64, 4096)),
            bz2.compress(data),
            lzma.compress(data),
            pa.compress(data, codec="zstd", asbytes=True),
        ]:
            table = skip(source, **options)
            assert ipc(table) == ipc(expected), source
            for account in ("findings", "rejects"):
                drop = [{**row, "source": None} for row in rows(getattr(table, account))]
                assert drop == [{**row, "source": None} for row in rows(getattr(expected, account))]
        assert not file.closed


def test_lists_and_globs_name_their_sources(tmp_path):
    for name in "cab":
        (tmp_path / f"{name}.mrc").write_bytes(TITLE)
    table = read(str(tmp_path / "*.mrc"))
    assert [os.path.basename(row["source"]) for row in rows(table)] == ["a.mrc", "b.mrc", "c.mrc"]
    assert len(rows(table.sources)) == 3
    table = read([TITLE, tmp_path / "b.mrc"])
    assert [row["source"] and os.path.basename(row["source"]) for row in rows(table)] == ["[0]", "b.mrc"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The home folder, with a file in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my catalogue é.mrc").write_bytes(TITLE)
    return tmp_path


def test_a_path_may_begin_with_a_tilde_or_be_an_address(home, tmp_path):
    path = home / "my catalogue é.mrc"
    for source in (f"~/{path.name}", Path(f"~/{path.name}"), path.as_uri(), Path(path.as_uri())):
        table = read(source)
        assert rows(table.sources)[0]["source"] == str(path)
        assert "source" not in table.columns
        assert [record.title for record in mrrc.MARCReader(source)] == ["Title"]
    assert read("~/*.mrc")["source"].to_pylist() == [str(path)]
    with pytest.raises(FileNotFoundError, match=rf"{tmp_path}/none\.mrc"):
        mrrc.scan("~/none.mrc")
    with pytest.raises(
        ValueError, match=r"file://a\.mrc: write a file of this machine as its path, or as file:///"
    ):
        mrrc.scan("file://a.mrc")


def test_a_file_is_written_where_the_tilde_says(home):
    scan = mrrc.scan("~/*.mrc")
    scan.to_parquet("~/a.parquet")
    scan.write_marc((home / "b.marc").as_uri())
    with mrrc.MARCWriter("~/c.marc") as writer:
        writer.write(next(mrrc.MARCReader(TITLE)))
    assert sorted(path.name for path in home.iterdir())[:3] == ["a.parquet", "b.marc", "c.marc"]


def test_a_minus_is_not_standard_input(tmp_path, monkeypatch):
    for take in (mrrc.scan, mrrc.read_arrow, mrrc.MARCReader):
        with pytest.raises(ValueError, match=r"command line alone; give sys\.stdin\.buffer"):
            take("-")
    monkeypatch.chdir(tmp_path)
    Path("-").write_bytes(TITLE)
    assert read("-").num_rows == 1


def test_sources_may_come_from_anything_that_gives_one_after_another(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.mrc").write_bytes(TITLE)
    paths = sorted(tmp_path.glob("*.mrc"))
    for sources in (paths, (it for it in paths), map(str, paths), dict.fromkeys(paths).keys()):
        scan = mrrc.scan(sources)
        assert scan.count() == scan.count() == 2
        assert scan.read()["source"].to_pylist() == [str(path) for path in paths]
    assert read(tmp_path.glob("*.mrc")).num_rows == 2
    with pytest.raises(ValueError, match="the list of sources is empty"):
        mrrc.scan(tmp_path.glob("*.none"))


def test_what_fsspec_has_not_opened_yet_is_opened_for_each_read():
    store = fsspec.filesystem("memory")
    store.pipe(
        {"/unopened/a.mrc": TITLE, "/unopened/b.mrc": TITLE * 2, "/unopened/c.gz": gzip.compress(TITLE)}
    )
    scan = mrrc.scan(fsspec.open("memory://unopened/b.mrc"))
    assert scan.count() == scan.read().num_rows == 2
    table = read(fsspec.open_files("memory://unopened/*.mrc"))
    assert table["source"].to_pylist() == ["memory:///unopened/a.mrc", *["memory:///unopened/b.mrc"] * 2]
    assert read(fsspec.open("memory://unopened/c.gz", compression="gzip")).num_rows == 1
    assert [record.title for record in mrrc.MARCReader(fsspec.open("memory://unopened/a.mrc"))] == ["Title"]
    with pytest.raises(TypeError, match="binary mode"):
        mrrc.read_arrow(fsspec.open("memory://unopened/a.mrc", "r"))
    missing = fsspec.open("memory://unopened/none.mrc")
    with pytest.raises(FileNotFoundError, match=r"none\.mrc"):
        mrrc.read_arrow([missing, TITLE])
    assert skip([missing, TITLE]).num_rows == 1


def test_what_is_opened_for_a_read_is_closed_after_it(tmp_path):
    opened = []

    class Unopened:
        fs, mode, name = None, "rb", "here"

        def open(self):
            opened.append(io.BytesIO(TITLE * 3))
            return opened[-1]

    scan = mrrc.scan([Unopened(), Unopened()], batch_size=1)
    assert scan.count() == 6
    batches = iter(scan)
    next(batches)
    del batches
    assert len(opened) >= 3
    assert all(file.closed for file in opened)


def test_files_in_an_archive_are_read_in_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "dump.zip", "w") as archive:
        archive.writestr("in/a.mrc", TITLE)
        archive.writestr("in/b.mrc", TITLE * 2)
    folder = zipfile.Path(tmp_path / "dump.zip") / "in"
    table = read(folder.iterdir())
    assert table["source"].to_pylist() == [str(folder / name) for name in ("a.mrc", "b.mrc", "b.mrc")]
    assert read(folder / "a.mrc").num_rows == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
def test_a_glob_looks_into_folders_whose_names_are_no_text(tmp_path):
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)
    data = record(("001", b"A1"))
    with open(folder + b"/a.mrc", "wb") as file:
        file.write(data)
    assert read(os.fsdecode(folder + b"/*.mrc")).num_rows == 1


def test_a_folder_named_with_a_tilde_is_no_home(tmp_path, monkeypatch):
    (tmp_path / "~").mkdir()
    (tmp_path / "~" / "a.mrc").write_bytes(record(("001", b"A1")))
    monkeypatch.chdir(tmp_path)
    assert read("*/a.mrc").num_rows == 1
    assert [mrrc.scan(part).count() for part in mrrc.plan("*/a.mrc")] == [1]


def test_an_existing_path_wins_over_a_glob(tmp_path):
    path = tmp_path / "a[1].mrc"
    path.write_bytes(TITLE)
    assert read(str(path)).column_names == ["record", "control_number", "leader", "fields"]


def test_what_is_not_there_says_so(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        mrrc.scan(tmp_path / "none.mrc")
    assert (caught.value.errno, caught.value.filename) == (2, str(tmp_path / "none.mrc"))
    with pytest.raises(FileNotFoundError, match="no file matches"):
        mrrc.scan(str(tmp_path / "*.mrc"))
    with pytest.raises(IsADirectoryError, match="glob") as caught:
        mrrc.scan(tmp_path)
    assert (caught.value.errno, caught.value.filename) == (21, str(tmp_path))
    with pytest.raises(ValueError, match="empty"):
        mrrc.scan([])
    with pytest.raises(TypeError, match="a source is"):
        mrrc.scan(7)


LINES = b"00975nam a2200265 i 4500\n001 a0\n245 10 $a Title $b rest\n"
EDITED = b"00975nam a2200061 i 4500001000600000245002000006650000900026  A title whose delimiters are gone"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<?xml version='1.0'?><mods></mods>", "XML that begins with <mods>"),
        (b'{"id": "00000nam", "titles": []}', "JSON"),
        (b"Rar!\x1a\x07 and so on and so on and so on", "RAR"),
        (LINES * 40, "lines of text"),
        (EDITED * 10, "delimiters are missing"),
        (b"LDR00180nam  22     2  4500^\n008891207s19xx    xxu   ^\n" * 40, "MicroLIF"),
        (b"000550000000000490004500001000200000002000300002#<# <##\n" * 40, "CDS/ISIS"),
        (b"00050nM2.01200024      h001 X1\x1e331 Titel und so\x1e\x1d" * 40, "MAB2"),
        (b"-- dump\nINSERT INTO biblio VALUES (1, '<record/>');\n", "SQL"),
        (b"12345,Title,Author,1999\n" * 40, "this is text"),
        (b"Dear colleague, here are the records.\n", "this is text"),
        (b"<?xml version='1.0'?>" + b"<mods/>" * 1_000_000, "XML"),
    ],
)
def test_what_is_no_marc_says_what_it_is(data, says):
    with pytest.raises(mrrc.RecordLengthInvalid, match=re.compile(says, re.IGNORECASE)) as told:
        mrrc.read_arrow(data)
    # There are no other records to keep, and nothing to recover.
    assert told.value.code == "not-marc"
    assert "on_error" not in str(told.value)
    with pytest.warns(mrrc.MarcWarning, match=re.compile(says, re.IGNORECASE)):
        assert mrrc.read_arrow(data, on_error="recover").num_rows == 0
    assert rows(mrrc.check(data))[0]["message"] == str(told.value)
    assert re.search(says, repr(mrrc.describe(data)), re.IGNORECASE)


def test_links_to_folders_are_not_followed_through_any_number_of_folders(tmp_path):
    for name in ("a.mrc", "deep/b.mrc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(TITLE)
    (tmp_path / "deep" / "up").symlink_to("..")
    (tmp_path / "deep" / "here").symlink_to(".")
    assert mrrc.scan(str(tmp_path / "**/*.mrc")).count() == 2
    assert mrrc.scan(str(tmp_path / "deep/up/*.mrc")).count() == 1


def test_each_part_of_a_file_has_the_records_that_begin_in_it_after_byte_order_marks_too():
    marked = b"\xef\xbb\xbf" + TITLE
    data = marked * 4
    for at in range(0, len(data), len(marked)):
        assert read(data, byte_range=(at, at + len(marked))).num_rows == 1
    for at in range(len(data)):
        assert read(data, byte_range=(0, at)).num_rows + read(data, byte_range=(at, len(data))).num_rows == 4


def test_the_exception_of_a_file_object_is_itself():
    failure = RuntimeError("the tape broke")
    with pytest.raises(RuntimeError) as caught:
        mrrc.read_arrow(Blocks(TITLE, 7, failure))
    assert caught.value is failure
    scan = mrrc.scan(Blocks(TITLE, 7, failure))
    batches = iter(scan)
    assert next(batches).num_rows == 1
    with pytest.raises(RuntimeError) as caught:
        next(batches)
    assert caught.value is failure
    assert scan.error is failure


def test_a_file_in_text_mode_says_what_to_do():
    with pytest.raises(TypeError, match="binary"):
        mrrc.read_arrow(io.StringIO("text"))


def test_a_file_is_read_again_from_where_it_stood():
    file = io.BytesIO(b"header" + TITLE)
    file.seek(6)
    scan = mrrc.scan(file)
    assert scan.read().num_rows == scan.read().num_rows == 1
    with pytest.raises(ValueError, match="once"):
        once = mrrc.scan(Blocks(TITLE, 7))
        once.read()
        once.read()


def test_files_of_the_caller_stay_open_after_errors_too(tmp_path):
    path = tmp_path / "a.mrc"
    path.write_bytes(TITLE + b"00000" + TITLE[5:])
    with open(path, "rb") as file:
        with pytest.raises(mrrc.MarcError):
            mrrc.read_arrow(file)
        assert not file.closed
        file.seek(0)
        assert file.read() == path.read_bytes()


def test_a_read_that_is_given_up_closes_its_files(fixture_1k):
    before = len(os.listdir("/proc/self/fd"))
    batches = iter(mrrc.scan([fixture_1k] * 3, batch_size=10))
    assert next(batches).num_rows == 10
    del batches
    with pytest.raises(mrrc.SourceError):
        mrrc.read_arrow(gzip.compress(TITLE * 1000)[:-9])
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_pipe_is_read_to_its_end(data, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[data])
    writer.start()
    table = read(pipe)
    writer.join()
    assert ipc(table) == ipc(read(data))


@pytest.mark.parametrize(
    ("answer", "says"),
    [(None, "None.*non-blocking"), ("text", "str.*binary"), (7, "int.*binary")],
)
def test_a_file_object_that_does_not_read_as_it_should_is_named(answer, says):
    class Odd:
        def read(self, size=-1):
            return answer

    with pytest.raises((TypeError, BlockingIOError), match=says):
        mrrc.read_arrow(Odd())


def test_files_that_were_opened_are_closed(tmp_path):
    path = tmp_path / "a.mrc"
    path.write_bytes(TITLE + b"00000" + TITLE[5:])
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        skip(path)
        with pytest.raises(mrrc.MarcError):
            mrrc.read_arrow(path)
    assert len(os.listdir("/proc/self/fd")) == before


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


PACKERS = [gzip.compress, bz2.compress, lzma.compress, zstd]


@pytest.mark.parametrize("pack", PACKERS)
def test_every_member_of_a_compressed_file_is_read(pack, fixture_1k, tmp_path):
    whole = fixture_1k.read_bytes()
    path = tmp_path / "named.as-you-like"
    path.write_bytes(pack(whole[:300_001]) + pack(b"") + pack(whole[300_001:]) + b"\0" * 512)
    table = read(path)
    assert ipc(table) == ipc(read(whole))
    assert rows(table.sources)[0]["bytes"] == len(whole)
    assert rows(read(pack(b"")).sources)[0]["bytes"] == 0


def interrupted_read(scan):
    """The rows before the error of the source, and the error."""
    delivered = 0
    with pytest.raises(mrrc.SourceError) as caught:
        for batch in scan:
            delivered += batch.num_rows
    assert_accounts_add_up(scan)
    assert rows(scan.sources)[0]["delivered"] == delivered
    assert isinstance(caught.value, OSError)
    return delivered, caught.value


@pytest.mark.parametrize("pack", PACKERS)
def test_a_compressed_file_that_ends_early_gives_the_records_before(pack, fixture_1k, tmp_path):
    whole = fixture_1k.read_bytes()
    path = tmp_path / "cut"
    path.write_bytes(pack(whole) + pack(whole)[:-30])
    delivered, error = interrupted_read(mrrc.scan(path, batch_size=10))
    assert delivered >= 1000
    assert (error.code, error.source) == ("compressed-truncated", str(path))


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_a_compressed_file_that_is_damaged_gives_the_records_before(pack, fixture_1k, tmp_path):
    whole = fixture_1k.read_bytes()
    sound = pack(whole)
    path = tmp_path / "damaged"
    path.write_bytes(sound + sound[: len(sound) // 2] + bytes(400) + sound[len(sound) // 2 + 400 :])
    delivered, error = interrupted_read(mrrc.scan(path, batch_size=10))
    assert delivered >= 1000
    assert (error.code, error.source) == ("compressed-damaged", str(path))


def test_a_wrong_checksum_of_gzip_is_an_error_after_all_records(fixture_1k):
    packed = bytearray(gzip.compress(fixture_1k.read_bytes()))
    packed[-8] ^= 1
    delivered, error = interrupted_read(mrrc.scan(bytes(packed)))
    assert (delivered, error.code) == (1000, "compressed-damaged")


def cut(packed):
    return packed[: len(packed) * 2 // 3]


def without_checksum(packed):
    return packed[:-8]


def with_another_checksum(packed):
    return packed[:-8] + b"\1\2\3\4" + packed[-4:]


def with_another_size(packed):
    return packed[:-4] + b"\1\2\3\4"


def stored(data):
    return gzip.compress(data, 0)


@pytest.mark.parametrize(
    ("pack", "hurt", "code", "records"),
    [
        (stored, cut, "compressed-truncated", 200),
        (stored, without_checksum, "compressed-truncated", 300),
        (stored, with_another_checksum, "compressed-damaged", 300),
        (stored, with_another_size, "compressed-damaged", 300),
        (gzip.compress, cut, "compressed-truncated", None),
        (bz2.compress, cut, "compressed-truncated", 0),
        (lzma.compress, cut, "compressed-truncated", None),
        (zstd, cut, "compressed-truncated", None),
        (stored, lambda packed: packed[:10], "compressed-truncated", 0),
    ],
)
@pytest.mark.parametrize("threads", [1, 3])
def test_recovering_takes_the_end_of_a_damaged_stream_for_that_of_the_source(
    pack, hurt, code, records, threads, tmp_path
):
    whole = TITLE * 300
    hurt_path, sound_path = tmp_path / "hurt", tmp_path / "sound"
    hurt_path.write_bytes(hurt(pack(whole)))
    sound_path.write_bytes(TITLE)
    scan = mrrc.scan(hurt_path, threads=threads)
    _, error = interrupted_read(scan)
    table = recover([hurt_path, sound_path], threads=threads)
    first, second = rows(table.sources)
    assert records in (None, first["delivered"])
    assert (second["records"], second["delivered"]) == (1, 1)
    end = rows(table.diagnostics)[-1]
    found = (end["code"], end["severity"], end["source"], end["record"], end["offset"])
    assert found == (error.code, "fatal", str(hurt_path), None, first["bytes"])
    assert error.code == code
    # What the cut leaves of a record is rejected like any record that is cut.
    rest = first["bytes"] % len(TITLE)
    assert (first["bytes_delivered"], first["bytes_rejected"] + first["bytes_gap"]) == (
        first["bytes"] - rest,
        rest,
    )
    assert repr(table).endswith(f", 1 source cut short ({hurt_path})")


NEEDS_MEMORY = """
import resource, sys
import mrrc
size = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmSize")) << 10
resource.setrlimit(resource.RLIMIT_AS, (size + (64 << 20), resource.RLIM_INFINITY))
try:
    mrrc.read_arrow(sys.argv[1], on_error=sys.argv[2], threads=1)
except MemoryError as error:
    print("MemoryError")
"""


@pytest.mark.parametrize("policy", ["raise", "recover"])
def test_want_of_memory_is_not_taken_for_damage_of_the_file(policy, tmp_path):
    # A frame of zstd with a window of 128 MiB and one block, which is not compressed.
    window = (27 - 10) << 3
    block = (len(TITLE) << 3 | 1).to_bytes(3, "little") + TITLE
    path = tmp_path / "sound.mrc.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00" + bytes([window]) + block)
    assert read(path).num_rows == 1
    command = [sys.executable, "-c", NEEDS_MEMORY, path, policy]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "MemoryError\n"), done.stderr


@pytest.mark.parametrize("policy", ["raise", "skip", "recover"])
def test_a_system_that_fails_is_an_error_under_every_policy(policy):
    failure = OSError(5, "the disk is gone")
    scan = mrrc.scan(Blocks(TITLE * 3, 7, failure), on_error=policy)
    with pytest.raises(OSError, match="the disk is gone") as caught:
        scan.read()
    assert caught.value is failure
    assert rows(scan.sources)[0]["delivered"] == 3


def test_bytes_behind_compressed_ones_are_named(fixture_1k):
    table = read(gzip.compress(fixture_1k.read_bytes()) + b"something else")
    assert table.num_rows == 1000
    assert [it["code"] for it in rows(table.findings)] == ["compressed-trailing"]


def test_nothing_is_nothing():
    assert read(b"").num_rows == 0
    assert read(b"\x1a\x00\n ").num_rows == 0


def test_a_file_object_may_be_read_by_several_at_once(fixture_1k):
    data = fixture_1k.read_bytes() * 3
    scan = mrrc.scan(io.BytesIO(data))
    for one, other in zip(scan, scan, strict=True):
        assert rows(one) == rows(other)
    lazy = scan.to_polars().select("control_number")
    assert pl.concat([lazy, lazy]).collect().height == 6000


@pytest.mark.parametrize("give", [bytes, io.BytesIO, gzip.compress, lambda data: Blocks(data, 5000)])
def test_progress_begins_and_ends_whatever_is_read(give, fixture_1k):
    data = fixture_1k.read_bytes() * 2
    told = []
    mrrc.read_arrow(give(data), progress=lambda *now: told.append(now))
    assert told[-1] == (len(data), len(data), 2000)
    assert len(told) == len(set(told))
    assert all(before[0] <= after[0] for before, after in pairwise(told))


def test_progress_over_several_files_ends_with_all_of_them(fixture_1k):
    told = []
    mrrc.read_arrow([fixture_1k] * 3, progress=lambda *now: told.append(now))
    size = fixture_1k.stat().st_size * 3
    assert told[-1] == (size, size, 3000)


def test_the_size_of_a_plain_file_is_known_at_once(fixture_1k, tmp_path):
    told = []
    mrrc.scan(fixture_1k, progress=lambda *now: told.append(now)).to_parquet(tmp_path / "a.parquet")
    size = fixture_1k.stat().st_size
    assert told[0][1] == size
    assert told[-1] == (size, size, 1000)


def test_sources_that_were_not_come_to_are_in_the_accounts(fixture_1k):
    size = fixture_1k.stat().st_size
    table = read([fixture_1k] * 3, n_rows=1500)
    assert [(it["bytes"], it["delivered"]) for it in rows(table.sources)] == [
        (size, 1000),
        (size, 500),
        (0, 0),
    ]
    scan = mrrc.scan([fixture_1k, b"no MARC", fixture_1k])
    with pytest.raises(mrrc.MarcError):
        scan.read()
    assert_accounts_add_up(scan)
    assert [it["bytes"] for it in rows(scan.sources)] == [size, 7, 0]


@pytest.mark.parametrize(
    "give",
    [
        bytearray,
        memoryview,
        lambda data: memoryview(data).cast("b"),
        lambda data: memoryview(data[::-1])[::-1],
        lambda data: array.array("B", data),
        lambda data: np.frombuffer(data, np.uint8),
        lambda data: np.frombuffer(data, np.uint8).reshape(-1, 2),
        lambda data: np.repeat(np.frombuffer(data, np.uint8), 2)[::2],
        lambda data: np.array([data]),
        lambda data: memoryview(data).cast("H"),
        lambda data: array.array("H", data),
        pa.py_buffer,
    ],
)
def test_bytes_may_lie_in_any_buffer(give):
    even = TITLE + b"\n" * (len(TITLE) % 2)
    scan = mrrc.scan(give(even))
    assert scan.count() == pickle.loads(pickle.dumps(scan)).count() == 1


def test_a_scan_reads_what_was_given_whatever_becomes_of_it():
    data, sources = bytearray(TITLE), [TITLE]
    of_bytes, of_list = mrrc.scan(data), mrrc.scan(sources)
    data += TITLE
    sources.append(TITLE)
    for scan in (of_bytes, of_list):
        assert scan.count() == pickle.loads(pickle.dumps(scan)).count() == 1


@pytest.mark.parametrize(
    ("source", "error", "says"),
    [
        ("ftp://example.org/a.mrc", ValueError, r"fsspec\.open\(address\)"),
        (
            "SFTP://example.org/*.mrc",
            ValueError,
            r"SFTP addresses are not read.*fsspec\.open_files\(address\)",
        ),
        (Path("ftp://example.org/a.mrc"), ValueError, "fsspec"),
        ("a[.mrc", ValueError, "no valid glob"),
        ("a***.mrc", ValueError, "no valid glob"),
        (np.array([object()]), TypeError, "an array of Python objects"),
        (mrrc.scan(TITLE), TypeError, "not Scan"),
        (mrrc.read_arrow(TITLE), TypeError, "not Table"),
        (io.BytesIO, TypeError, "not type"),
        ("", FileNotFoundError, "source=''"),
        ("a\0b.mrc", ValueError, "NUL"),
        ([[TITLE]], TypeError, "one list of these; not list"),
        (17, TypeError, "not int"),
    ],
)
def test_what_is_no_source_says_what_is(source, error, says):
    with pytest.raises(error, match=says):
        mrrc.scan(source)


def test_a_path_may_be_bytes_where_it_says_that_it_is_one(tmp_path):
    class Named:
        def __fspath__(self):
            return bytes(tmp_path / "a.mrc")

    (tmp_path / "a.mrc").write_bytes(TITLE)
    assert mrrc.scan(Named()).count() == 1


def test_names_of_files_in_errors_cannot_command_the_terminal(tmp_path):
    name = "a\x1b[31m\u202e"
    path = tmp_path / f"{name}.mrc"
    path.write_bytes(TITLE[:-5])
    folder = tmp_path / f"{name}_folder"
    folder.mkdir()
    named = io.BytesIO(TITLE[:-5])
    named.name = name
    for fail in (
        lambda: mrrc.read_arrow(path),
        lambda: mrrc.read_arrow(named),
        lambda: mrrc.read_arrow(folder),
        lambda: mrrc.scan(str(tmp_path / "\x1b*.mrc")),
        lambda: mrrc.scan(str(tmp_path / "\x1b[.mrc")),
        lambda: mrrc.scan(TITLE).to_parquet(folder / "none" / "a.parquet"),
    ):
        with pytest.raises((mrrc.MarcError, OSError, ValueError)) as told:
            fail()
        assert "�" in str(told.value) or "\\x1b" in str(told.value)
        assert not {"\x1b", "\u202e"} & set(str(told.value))
    with pytest.raises(mrrc.MarcError) as caught:
        mrrc.read_arrow(path)
    assert caught.value.source == str(path)
