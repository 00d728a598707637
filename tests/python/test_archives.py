"""Files in tar and zip archives are sources, whatever they are written in, and nothing is unpacked."""

import bz2
import copy
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import warnings
import zipfile
from pathlib import Path

import mrrc
import pytest
from conftest import assert_accounts_add_up, read, record, recover, rows, skip
from hypothesis import given, settings
from hypothesis import strategies as st

FIRST = record(("001", b"A1"), ("245", b"10\x1faEmma"))
SECOND = record(("001", b"A2"), ("245", b"10\x1faMustard"))
XML = b"<record><leader>00000nam a2200000 a 4500</leader><controlfield tag='001'>A3</controlfield></record>"
README = b"The catalogue of 1 May, in several files. Have fun.\n"


def tar(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def numbers(table: mrrc.Table) -> list[str]:
    return [row["control_number"] for row in rows(table)]


def sources(table: mrrc.Table) -> list[tuple[str, str | None, int]]:
    return [(row["source"], row["format"], row["delivered"]) for row in rows(table.sources)]


PACKERS = {
    "tar": tar,
    "tar.gz": lambda files: gzip.compress(tar(files)),
    "tar.xz": lambda files: lzma.compress(tar(files)),
    "tar.bz2": lambda files: bz2.compress(tar(files)),
    "zip": zipped,
    "zip, not compressed": lambda files: zipped(files, zipfile.ZIP_STORED),
}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_each_file_in_an_archive_is_a_source(pack, tmp_path):
    files = {"a.mrc": FIRST, "deep/er/b.mrc.gz": gzip.compress(SECOND), "c.xml": XML}
    path = tmp_path / "dump"
    path.write_bytes(pack(files))
    expected = ["A1", "A2", "A3"]
    names = [f"{path}!{name}" for name in files]
    for threads in (1, 3):
        table = read(path, threads=threads)
        assert numbers(table) == expected
        assert sources(table) == list(zip(names, ["iso2709", "iso2709", "marcxml"], [1, 1, 1], strict=True))
    assert [record["001"].data for record in mrrc.scan(path).records()] == expected
    # Of bytes in memory there is no name.
    assert [name for name, _, _ in sources(read(path.read_bytes()))] == list(files)


def test_rows_say_which_file_they_are_from(tmp_path):
    (tmp_path / "plain.mrc").write_bytes(SECOND)
    (tmp_path / "dump.zip").write_bytes(zipped({"a.mrc": FIRST, "c.xml": XML}))
    table = read([tmp_path / "dump.zip", tmp_path / "plain.mrc"])
    found = [(row["control_number"], Path(row["source"]).name) for row in rows(table)]
    assert found == [("A1", "dump.zip!a.mrc"), ("A3", "dump.zip!c.xml"), ("A2", "plain.mrc")]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names_and_old_forms_of_tar(form):
    long = "folder/" * (12 if form == tarfile.USTAR_FORMAT else 60) + "a.mrc"
    table = read(tar({long: FIRST, "bücher.mrc": SECOND}, form))
    assert [name for name, _, _ in sources(table)] == [long, "bücher.mrc"]


def test_folders_and_links_are_passed_over():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("another")
            info.type, info.linkname = kind, "a.mrc"
            archive.addfile(info)
    folders = packed.getvalue().rstrip(b"\0")
    folders += b"\0" * (-len(folders) % 512)
    assert numbers(read(folders + tar({"a.mrc": FIRST}) + tar({"a.mrc": SECOND}))) == ["A1", "A2"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.mkdir("folder")
        archive.writestr("folder/a.mrc", FIRST)
    assert numbers(read(packed.getvalue())) == ["A1"]


def test_files_of_the_same_name_are_all_read_or_refused():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for data in (FIRST, SECOND):
            info = tarfile.TarInfo("a.mrc")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    assert numbers(read(packed.getvalue())) == ["A1", "A2"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.mrc", FIRST)
        archive.writestr("a.mrc", SECOND)
    with pytest.raises(mrrc.MarcError, match="several files of the same name"):
        read(packed.getvalue())


@pytest.mark.parametrize("pack", [tar, zipped])
def test_what_is_not_marc_is_left_out_with_a_finding(pack):
    table = read(pack({"README.txt": README, "a.mrc": FIRST}))
    assert numbers(table) == ["A1"]
    findings = [(row["source"], row["code"], row["severity"]) for row in rows(table.diagnostics)]
    assert findings == [("README.txt", "not-marc", "warning")]
    [readme, *_] = rows(table.sources)
    assert (readme["bytes"], readme["bytes_unread"]) == (len(README), len(README))
    assert "README" not in str(mrrc.check(pack({"README.txt": README, "a.mrc": FIRST}))).splitlines()[0]


COMPANIONS = {
    "note.txt": b"Catalogue of May",
    "ids.csv": b"id,title\n1,Emma\n",
    "cover.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x1d\x1e\x1f",
    "manifest.json": b'{"files": ["a.mrc"], "records": 1}',
    "long.json": b'{"files": [' + b'"a.mrc", ' * 400_000 + b'"b.mrc"]}',
    "long.xml": b"<mets>" + b"<file>a.mrc</file>" * 200_000 + b"</mets>",
    "mets.xml": b'<?xml version="1.0"?><mets><fileSec/></mets>',
    ".DS_Store": b"\0\0\0\x01Bud1\x1d\x1e\x1f",
    "table.xlsx": zipped({"[Content_Types].xml": b"<Types/>"}),
}


@pytest.mark.parametrize("pack", [tar, zipped])
@pytest.mark.parametrize("name", COMPANIONS)
def test_what_lies_beside_marc_in_an_archive_is_left_out_whatever_it_is(pack, name):
    source = pack({"a.mrc": FIRST, name: COMPANIONS[name], "b.mrc": SECOND})
    with warnings.catch_warnings(action="error"):
        table = read(source)
    assert numbers(table) == ["A1", "A2"]
    [finding] = rows(table.diagnostics)
    assert (finding["source"], finding["code"], finding["severity"]) == (name, "not-marc", "warning")
    with pytest.raises(mrrc.MarcError):
        read(COMPANIONS[name])


@pytest.mark.parametrize("pack", [tar, zipped])
def test_what_may_hold_records_and_is_not_read_is_told(pack):
    for nested in (
        gzip.compress(gzip.compress(FIRST)),
        zipped({"a.mrc": FIRST}),
        gzip.compress(tar({"a": FIRST})),
    ):
        with pytest.warns(mrrc.MarcWarning, match="1 source unreadable"):
            table = mrrc.read_arrow(pack({"a.mrc": FIRST, "nested": nested}))
        assert numbers(table) == ["A1"]
        assert [row["code"] for row in rows(table.diagnostics)] == ["source-unreadable"]
        with pytest.raises(mrrc.MarcError, match="no file is MARC"):
            mrrc.read_arrow(pack({"nested": nested}))


@pytest.mark.parametrize("pack", [tar, zipped])
def test_a_damaged_record_at_the_beginning_of_a_file_is_no_companion(pack):
    for damaged in (b"x" + FIRST[1:], FIRST[:30], b"some text\n" + FIRST):
        with pytest.raises(mrrc.MarcError):
            read(pack({"a.mrc": damaged, "b.mrc": SECOND}))


@pytest.mark.parametrize("pack", [tar, zipped])
def test_an_archive_without_marc_is_not_marc(pack):
    source = pack({"README.txt": README})
    with pytest.raises(mrrc.MarcError, match="an archive in which no file is MARC") as raised:
        read(source)
    assert raised.value.code == "not-marc"
    for lenient in (skip, recover):
        table = lenient(source)
        assert numbers(table) == []
        assert [row["code"] for row in rows(table.diagnostics)] == ["not-marc", "not-marc"]


@pytest.mark.parametrize("pack", [tar, zipped])
def test_a_damaged_record_costs_itself_and_its_file_is_named(pack):
    damaged = FIRST[:-8] + SECOND
    source = pack({"a.mrc": FIRST, "b.mrc": damaged, "c.mrc": SECOND})
    with pytest.raises(mrrc.MarcError) as raised:
        read(source)
    assert raised.value.source == "b.mrc"
    table = skip(source)
    assert numbers(table) == ["A1", "A2", "A2"]
    assert [account["rejected"] for account in rows(table.sources)] == [0, 1, 0]


@pytest.mark.parametrize("pack", [tar, zipped])
def test_fewer_rows_are_read_from_no_more_files_than_needed(pack):
    source = pack({f"{number}.mrc": FIRST for number in range(100)})
    table = read(source, threads=1, n_rows=3)
    assert numbers(table) == ["A1"] * 3
    assert table.sources.num_rows < 10


def test_a_tar_archive_is_read_from_a_stream(tmp_path):
    source = gzip.compress(tar({"a.mrc": FIRST, "b.mrc": SECOND}))
    assert numbers(read(io.BytesIO(source))) == ["A1", "A2"]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([sys.executable, "-c", f"open({str(pipe)!r}, 'wb').write({source!r})"]):
        assert numbers(read(pipe)) == ["A1", "A2"]


class FailsOnce(io.BytesIO):
    """Raises an error at its end, and then goes on as if nothing had been."""

    failed = False

    def read(self, size=-1):
        data = super().read(size)
        if not data and not self.failed:
            self.failed = True
            raise KeyError("gone")
        return data


def test_an_error_in_reading_an_archive_is_never_lost():
    for files in ({"a.mrc": FIRST}, {"README": README}):
        for source in (tar(files), tar(files)[:1000], gzip.compress(tar(files))):
            for policy in ("raise", "skip", "recover"):
                with pytest.raises(KeyError, match="gone"):
                    mrrc.read_arrow(FailsOnce(source), on_error=policy)


def test_a_zip_archive_is_read_from_what_can_seek():
    class Stream(io.BytesIO):
        def seekable(self):
            return False

    archive = zipped({"a.mrc": FIRST})
    assert mrrc.read_arrow(io.BytesIO(archive)).num_rows == mrrc.read_arrow(FIRST).num_rows
    with pytest.raises(ValueError, match="directory at its end"):
        mrrc.read_arrow(Stream(archive))


def test_an_archive_has_no_byte_ranges(tmp_path):
    path = tmp_path / "dump.tar"
    path.write_bytes(tar({"a.mrc": FIRST}))
    with pytest.raises(ValueError, match="byte range"):
        mrrc.read_arrow(path, byte_range=(0, 100))


def damage_of_tar(source: bytes) -> bytes:
    at = source.index(b"b.mrc")
    return source[:at] + b"x" + source[at + 1 :]


def damage_of_zip(source: bytes) -> bytes:
    return source[: source.index(b"Mustard")] + b"m" + source[source.index(b"Mustard") + 1 :]


@pytest.mark.parametrize(
    ("source", "delivered"),
    [
        (damage_of_tar(tar({"a.mrc": FIRST, "b.mrc": SECOND})), ["A1"]),
        (tar({"a.mrc": FIRST, "b.mrc": SECOND})[: 512 * 3 + 40], ["A1"]),
        (gzip.compress(tar({"a.mrc": FIRST, "b.mrc": SECOND * 999}))[:-12], ["A1"] + ["A2"] * 999),
        (damage_of_zip(zipped({"a.mrc": FIRST, "b.mrc": SECOND}, zipfile.ZIP_STORED)), ["A1", "A2"]),
        (zipped({"a.mrc": FIRST})[:-9], []),
    ],
    ids=["tar, wrong sum", "tar, cut", "tar.gz, cut", "zip, wrong sum", "zip, cut"],
)
def test_a_damaged_archive_is_an_error_and_what_is_there_is_recovered(source, delivered):
    for strict in (read, skip):
        with pytest.raises(mrrc.MarcError) as raised:
            strict(source)
        assert raised.value.code in {"archive-damaged", "compressed-truncated"}
    table = recover(source)
    assert numbers(table) == delivered
    codes = [row["code"] for row in rows(table.diagnostics) if row["severity"] == "fatal"]
    assert "archive-damaged" in codes or "compressed-truncated" in codes
    assert_accounts_add_up(table)


def test_what_a_zip_archive_keeps_in_ways_that_are_not_read_is_named():
    files = {"a.mrc": FIRST}
    encrypted = bytearray(zipped({"b.mrc": SECOND} | files))
    for header in (b"PK\x03\x04", b"PK\x01\x02"):
        encrypted[encrypted.index(header) + (6 if header.endswith(b"\4") else 8)] |= 1
    for source, why in (
        (bytes(encrypted), "encrypted"),
        (zipped({"b.mrc": SECOND}, zipfile.ZIP_LZMA), "compressed as"),
    ):
        with pytest.raises(mrrc.MarcError, match=why) as raised:
            read(source)
        assert (raised.value.code, raised.value.source) == ("source-unreadable", "b.mrc")
        table = skip(source)
        assert table.sources.to_pyarrow()["source"].to_pylist()[0] == "b.mrc"
        assert "source-unreadable" in [row["code"] for row in rows(table.diagnostics)]
    assert numbers(skip(bytes(encrypted))) == ["A1"]


def test_members_that_share_their_bytes_are_refused():
    """A small archive could otherwise become as large as one likes (a zip bomb)."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.mrc", FIRST * 1000)
        for number in range(100):
            again = copy.copy(archive.filelist[0])
            again.filename = f"{number}.mrc"
            archive.filelist.append(again)
    with pytest.raises(mrrc.MarcError, match="overlap"):
        read(packed.getvalue())


@settings(deadline=None)
@given(st.binary(max_size=3), st.integers(0), st.sampled_from([tar, zipped]))
def test_any_damage_is_told_and_everything_is_accounted_for(bytes_, place, pack):
    source = bytearray(pack({"a.mrc": FIRST * 3, "b.xml": XML, "README": README}))
    at = place % len(source)
    source[at : at + len(bytes_)] = bytes_
    assert_accounts_add_up(recover(bytes(source)))
