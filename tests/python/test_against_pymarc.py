"""What pymarc 5.4.0 gives is what the columns hold, but for classes that are named and counted."""

import lzma
import re
import subprocess
import unicodedata
import warnings
from collections import Counter

import mrrc
import pymarc
import pytest
from conftest import sample


def by_pymarc(path):
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from pymarc.MARCReader(file, to_unicode=True, permissive=True)


def by_columns(path):
    for batch in mrrc.scan(path):
        yield from batch.to_pyarrow().to_pylist()


def class_of(ours: str, theirs: str, is_control: bool, is_marc8: bool) -> str:
    """Why a value differs; an empty text if nothing explains it."""
    if not is_marc8:
        return ""
    if is_control:
        return "control field of a MARC-8 record, which pymarc reads as Latin-1"
    without = ours
    for drop in "\u0098\u009c\u200d\u200c":
        without = without.replace(drop, "")
    if without == theirs:
        return "non-sorting marks and joiners, which pymarc drops"
    resolved = re.sub(r"&#x([0-9A-Fa-f]{4,6});", lambda found: chr(int(found[1], 16)), theirs)
    if unicodedata.normalize("NFC", resolved) == ours:
        return "numeric character references, which pymarc leaves"
    if "".join(it for it in ours if it >= " ") == theirs:
        return "control characters, which pymarc drops"
    if len(ours) == len(theirs) and all(b in (a, " ") for a, b in zip(ours, theirs, strict=True)):
        return "characters of a set that pymarc does not read, blanks in their place"
    base = unicodedata.normalize("NFD", ours)
    while base and unicodedata.combining(base[-1]):
        base = base[:-1]
    if unicodedata.normalize("NFC", base) == theirs:
        return "a mark at the end, which pymarc drops"
    return ""


def differences(path) -> tuple[int, Counter]:
    records, classes = 0, Counter()
    for ours, theirs in zip(by_columns(path), by_pymarc(path), strict=True):
        records += 1
        if theirs is None:
            classes["pymarc refuses the record"] += 1
            continue
        assert ours["leader"] == str(theirs.leader)
        assert [it["tag"] for it in ours["fields"]] == [it.tag for it in theirs.fields]
        is_marc8 = ours["leader"][9] != "a"
        for mine, other in zip(ours["fields"], theirs.fields, strict=True):
            if other.control_field:
                pairs = [(mine["value"], other.data)]
            else:
                assert (mine["ind1"], mine["ind2"]) == tuple(other.indicators)
                subfields = [(it["code"], it["value"]) for it in mine["subfields"]]
                if any(len(code) != 1 or not code.isascii() for code, _ in subfields):
                    classes["empty or non-ASCII subfield code"] += 1
                    continue
                assert [code for code, _ in subfields] == [it.code for it in other.subfields]
                values = (it.value for it in other.subfields)
                pairs = [(value, theirs) for (_, value), theirs in zip(subfields, values, strict=True)]
            for value, theirs_value in pairs:
                if value != theirs_value:
                    kind = class_of(value, theirs_value, other.control_field, is_marc8)
                    assert kind, (ours["control_number"], mine["tag"], value, theirs_value)
                    classes[kind] += 1
    return records, classes


def test_the_sample_is_what_pymarc_says():
    assert differences(sample("fixture_10k")) == (10_000, Counter())


def test_the_sample_in_marc8_is_what_pymarc_says():
    assert differences(sample("fixture_10k_marc8")) == (10_000, Counter())


def test_real_records_in_utf8_are_what_pymarc_says(corpus):
    records, classes = differences(corpus / "bench" / "real_bib.mrc.xz")
    assert records == 52_719
    assert classes == {"empty or non-ASCII subfield code": 5}


def test_real_records_in_marc8_are_what_pymarc_says(corpus):
    records, classes = differences(corpus / "bench" / "real_marc8.mrc.xz")
    assert records == 9_311
    assert classes == {
        "pymarc refuses the record": 403,
        "empty or non-ASCII subfield code": 7,
        "numeric character references, which pymarc leaves": 28,
        "control characters, which pymarc drops": 5,
        "characters of a set that pymarc does not read, blanks in their place": 2,
        "a mark at the end, which pymarc drops": 1,
        "control field of a MARC-8 record, which pymarc reads as Latin-1": 1,
    }


def as_yaz_writes(value: str) -> str:
    """yaz writes the first of two half marks as the whole mark, and drops the second."""
    for ours, theirs in [("\ufe20", "\u0361"), ("\ufe21", ""), ("\ufe22", "\u0360"), ("\ufe23", "")]:
        value = value.replace(ours, theirs)
    return unicodedata.normalize("NFC", value)


def test_records_that_pymarc_refuses_are_what_yaz_says(corpus, tmp_path):
    path = corpus / "bench" / "real_marc8.mrc.xz"
    whole = lzma.decompress(path.read_bytes()).split(b"\x1d")
    refused = [number for number, record in enumerate(by_pymarc(path)) if record is None]
    assert len(refused) == 403
    data = b"".join(whole[number] + b"\x1d" for number in refused)
    (tmp_path / "refused.mrc").write_bytes(data)
    command = ["yaz-marcdump", "-f", "marc8", "-t", "utf8", "-o", "marc", tmp_path / "refused.mrc"]
    told = subprocess.run(command, capture_output=True, check=True).stdout
    values, unread = 0, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        by_yaz = pymarc.MARCReader(told, to_unicode=True, force_utf8=True)
        for ours, theirs in zip(by_columns(data), by_yaz, strict=True):
            if theirs is None:
                unread += 1
                continue
            for mine, other in zip(ours["fields"], theirs.fields, strict=True):
                assert mine["tag"] == other.tag
                for subfield, expected in zip(mine["subfields"] or [], other.subfields, strict=True):
                    assert subfield["code"] == expected.code
                    assert as_yaz_writes(subfield["value"]) == unicodedata.normalize("NFC", expected.value)
                    values += 1
    assert (values, unread) == (2734, 1)


@pytest.fixture(autouse=True)
def _quiet(capfd):
    """pymarc writes what it cannot decode to stderr."""
