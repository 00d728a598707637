"""Wherever the octets come from, and however they come, the columns are the same."""

import bz2
import gzip
import io
import lzma
import os
import re

import mrrc
import pyarrow as pa
import pytest
from conftest import read, record, rows, skip

TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle"))


def ipc(table):
    sink = pa.BufferOutputStream()
    # Metadata has no order.
    whole = table.to_pyarrow().replace_schema_metadata()
    with pa.ipc.new_stream(sink, whole.schema) as writer:
        writer.write_table(whole)
    return sink.getvalue().to_pybytes()


class Blocks:
    """A binary file object that gives few octets at a time, cannot seek, and may fail at its end."""

    def __init__(self, octets, size, failure=None):
        self.octets, self.size, self.failure = io.BytesIO(octets), size, failure

    def read(self, size=-1):
        got = self.octets.read(min(self.size, size) if size >= 0 else self.size)
        if not got and self.failure:
            raise self.failure
        return got


@pytest.fixture
def octets(fixture_1k):
    whole = fixture_1k.read_bytes()
    return whole[: whole.index(b"\x1d", 60_000) + 1]


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("damaged", [False, True])
def test_every_kind_of_source_gives_the_same(octets, threads, damaged, tmp_path):
    if damaged:
        octets = octets[:20_000] + b"garbage" + octets[20_000:40_000] + octets[40_007:]
    path = tmp_path / "catalogue.mrc"
    path.write_bytes(octets)
    (tmp_path / "packed").write_bytes(gzip.compress(octets[:3000]) + gzip.compress(octets[3000:]))
    options = {"threads": threads, "batch_size": 10}
    expected = skip(octets, threads=1, batch_size=10)
    with open(path, "rb") as file:
        for source in [
            str(path),
            path,
            bytearray(octets),
            memoryview(octets),
            io.BytesIO(octets),
            file,
            tmp_path / "packed",
            *(Blocks(octets, size) for size in (1, 7, 64, 4096)),
            bz2.compress(octets),
            lzma.compress(octets),
            pa.compress(octets, codec="zstd", asbytes=True),
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
    assert [row["source"] and os.path.basename(row["source"]) for row in rows(table)] == [None, "b.mrc"]


def test_an_existing_path_wins_over_a_glob(tmp_path):
    path = tmp_path / "a[1].mrc"
    path.write_bytes(TITLE)
    assert read(str(path)).column_names == ["control_number", "leader", "fields"]


def test_what_is_not_there_says_so(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        mrrc.scan(tmp_path / "none.mrc")
    assert (caught.value.errno, caught.value.filename) == (2, str(tmp_path / "none.mrc"))
    with pytest.raises(FileNotFoundError, match="no file matches"):
        mrrc.scan(str(tmp_path / "*.mrc"))
    with pytest.raises(IsADirectoryError, match="glob"):
        mrrc.scan(tmp_path)
    with pytest.raises(ValueError, match="empty"):
        mrrc.scan([])
    with pytest.raises(TypeError, match="a source is"):
        mrrc.scan(7)


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"<?xml version='1.0'?><collection></collection>", "XML"),
        (b'{"leader": "00000nam", "fields": []}', "JSON"),
        (b"PK\x03\x04 and so on and so on and so on", "zip"),
        (b"=LDR  00000nam  2200000 a 4500\n=001  A1\n", "MARCMaker|line"),
    ],
)
def test_what_is_no_marc_says_what_it_is(octets, says):
    with pytest.raises(mrrc.RecordLengthInvalid, match=re.compile(says, re.IGNORECASE)):
        mrrc.read_arrow(octets)


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


def test_files_that_were_opened_are_closed(tmp_path):
    path = tmp_path / "a.mrc"
    path.write_bytes(TITLE + b"00000" + TITLE[5:])
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        skip(path)
        with pytest.raises(mrrc.MarcError):
            mrrc.read_arrow(path)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_damaged_compression_is_an_error_of_the_source_after_the_records_before_it(pack, octets):
    packed = pack(octets)
    with pytest.raises(mrrc.SourceError) as caught:
        mrrc.read_arrow(packed[: len(packed) * 3 // 4])
    assert isinstance(caught.value, OSError)
    assert caught.value.code == "compressed-truncated"


def test_nothing_is_nothing():
    assert read(b"").num_rows == 0
    assert read(b"\x1a\x00\n ").num_rows == 0
