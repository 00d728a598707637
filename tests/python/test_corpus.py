"""Real catalogue files, sound and damaged: each reads whole or says where it is damaged."""

import csv
import gzip
import lzma
import re
import tarfile

import mrrc
import pytest
from conftest import assert_accounts_add_up, recover, rows, skip


def files(corpus):
    """Path and size of every file of the corpus."""
    with open(corpus / "MANIFEST.tsv", newline="", encoding="utf-8") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["path"].startswith("real/"):
                yield corpus / row["path"]


def bytes_of(path):
    """The bytes of a file, decompressed; of an archive, those of the first file in it."""
    data = path.read_bytes()
    if ".tar" in path.suffixes:
        with tarfile.open(path) as archive:
            return next(archive.extractfile(it).read() for it in archive if it.isfile())
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def walked(data):
    """How many records, and how much filler, if going by lengths alone leads exactly through the bytes."""
    at, records, filler = 0, 0, 0
    while at < len(data):
        if data[at] in b"\0\t\n\r\x1a ":
            at, filler = at + 1, filler + 1
            continue
        stated = data[at : at + 5]
        end = at + int(stated) if stated.isdigit() else at
        if end <= at + 25 or data[end - 1 : end] != b"\x1d":
            return None
        at, records = end, records + 1
    return records, filler


def test_every_real_file_reads_whole_or_raises_a_placed_error(corpus):
    whole, damaged = 0, 0
    for path in files(corpus):
        scan = mrrc.scan(path)
        try:
            scan.read()
            whole += 1
        except mrrc.MarcError as error:
            damaged += 1
            assert error.source == str(path)
            assert 0 <= error.offset <= len(bytes_of(path)), path
            assert re.search(rf"offset .*\({error.code}\)", str(error)), str(error)
            assert isinstance(scan.error, type(error))
        assert_accounts_add_up(scan)
        # What is left unread of a compressed file is not known.
        assert rows(scan.sources)[0]["bytes"] == len(bytes_of(path)) or path.suffix == ".gz", path
    assert (whole, damaged) == (455, 153)


def test_every_real_file_can_be_read_by_skipping(corpus):
    walks = 0
    for path in files(corpus):
        table = skip(path)
        account = rows(table.sources)[0]
        data = bytes_of(path)
        assert account["bytes"] == len(data), path
        assert account["bytes_unread"] == 0
        for reject in rows(table.rejects):
            assert reject["raw"] == data[reject["offset"] :][: reject["length"]], path
        walk = walked(data)
        if walk:
            walks += 1
            assert (account["records"], account["bytes_filler"], account["gaps"]) == (*walk, 0), path
    assert walks == 507


@pytest.mark.parametrize(("name", "records"), [("real_bib", 52_719), ("real_marc8", 9_311)])
def test_the_large_files_read_whole_as_they_are(name, records, corpus):
    path = corpus / "bench" / f"{name}.mrc.xz"
    table = mrrc.read_arrow(path)
    assert_accounts_add_up(table)
    assert table.num_rows == records
    account = rows(table.sources)[0]
    assert account["bytes_delivered"] == account["bytes"] == len(lzma.decompress(path.read_bytes()))


def test_records_whose_every_length_is_wrong_are_recovered(corpus):
    table = recover(corpus / "real" / "dchud__mrrc-testbed" / "wrong_lengths_234.mrc")
    account = rows(table.sources)[0]
    assert [account[name] for name in ("delivered", "repaired", "rejected", "gaps")] == [234, 234, 0, 0]
    assert {it["repair"] for it in rows(table.diagnostics) if it["severity"] == "repaired"} == {"count"}
