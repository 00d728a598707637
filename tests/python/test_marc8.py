"""MARC-8 is what yaz makes of it, but for classes that are named and counted."""

import lzma
import subprocess
import unicodedata
from collections import Counter

import mrrc
from conftest import sample

# yaz writes the whole mark for the first of two halves, and nothing for the second.
HALVES = str.maketrans({"\ufe20": "\u0361", "\ufe21": None, "\ufe22": "\u0360", "\ufe23": None})


def nfc(text):
    return unicodedata.normalize("NFC", text)


def by_yaz(path, folder):
    """Tag and bytes of every field of every record, in UTF-8."""
    if path.suffix == ".xz":
        expanded = folder / "expanded.mrc"
        expanded.write_bytes(lzma.decompress(path.read_bytes()))
        path = expanded
    command = ["yaz-marcdump", "-f", "marc8", "-t", "utf8", "-o", "marc", path]
    for record in subprocess.run(command, capture_output=True, check=True).stdout.split(b"\x1d")[:-1]:
        base = int(record[12:17])
        fields = []
        for at in range(24, base - 1, 12):
            start = base + int(record[at + 7 : at + 12])
            data = record[start : start + int(record[at + 3 : at + 7]) - 1]
            fields.append((record[at : at + 3].decode(), data))
        yield fields


def by_columns(path):
    for batch in mrrc.scan(path, references=False):
        for row in batch.to_pyarrow().to_pylist():
            yield row["fields"]


def pieces(field):
    """The field cut at its delimiters."""
    if field["subfields"] is None:
        return [field["value"]]
    begin = field["ind1"] + field["ind2"] + (field["value"] or "")
    return [begin, *(it["code"] + it["value"] for it in field["subfields"])]


def class_of(ours: str, theirs: bytes) -> str:
    """Why a piece differs; an empty text if nothing explains it."""
    try:
        text = nfc(theirs.decode())
    except UnicodeDecodeError:
        return "an indicator that is no ASCII, which yaz does not convert"
    if nfc(ours.translate(HALVES)) == text:
        return "half marks, which yaz writes as whole ones"
    if (ours, text) == ("", "  "):
        return "an empty control field, which yaz fills with blanks"
    if not ours[:1].isascii():
        return "a subfield code that is no ASCII"
    if ours.rstrip("\t") == text:
        return "a tab at the end, which yaz drops"
    if not text and unicodedata.combining(unicodedata.normalize("NFD", ours)[-1:] or " "):
        return "a mark at the end, with which yaz drops the text before it"
    return ""


def differences(path, folder):
    records, pieces_told, classes = 0, 0, Counter()
    for ours, theirs in zip(by_columns(path), by_yaz(path, folder), strict=True):
        records += 1
        assert [it["tag"] for it in ours] == [tag for tag, _ in theirs]
        for field, (tag, data) in zip(ours, theirs, strict=True):
            mine = pieces(field)
            others = [data] if field["subfields"] is None else data.split(b"\x1f")
            if len(mine) != len(others):
                classes["delimiters without a code, which yaz drops"] += 1
                mine = [mine[0], *filter(None, mine[1:])]
            for piece, other in zip(mine, others, strict=True):
                pieces_told += 1
                if nfc(piece) != nfc(other.decode(errors="replace")):
                    kind = class_of(piece, other)
                    assert kind, (tag, piece, other)
                    classes[kind] += 1
    return records, pieces_told, classes


def test_the_sample_is_what_yaz_says(tmp_path):
    assert differences(sample("fixture_10k_marc8"), tmp_path) == (
        10_000,
        619_361,
        {"half marks, which yaz writes as whole ones": 781},
    )


def test_real_records_are_what_yaz_says(corpus, tmp_path):
    records, pieces_told, classes = differences(corpus / "bench" / "real_marc8.mrc.xz", tmp_path)
    assert (records, pieces_told) == (9_311, 661_401)
    assert classes == {
        "half marks, which yaz writes as whole ones": 268,
        "delimiters without a code, which yaz drops": 6,
        "a tab at the end, which yaz drops": 5,
        "a mark at the end, with which yaz drops the text before it": 1,
        "a subfield code that is no ASCII": 1,
        "an empty control field, which yaz fills with blanks": 1,
        "an indicator that is no ASCII, which yaz does not convert": 1,
    }
