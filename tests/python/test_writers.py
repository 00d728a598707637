"""Writers on a path: what they accept can be read again, and what they do not write, they say."""

from __future__ import annotations

import contextlib
import errno
import gc
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import mrrc
import pytest
from conftest import ROOT, read_quietly, record, rows
from mrrc import (
    Field,
    Indicators,
    JSONWriter,
    MARCReader,
    MARCWriter,
    Record,
    Subfield,
    TextWriter,
    XMLWriter,
)
from test_corpus import files

WRITERS = [MARCWriter, JSONWriter, TextWriter, XMLWriter]
some_writers = pytest.mark.parametrize("kind", WRITERS, ids=lambda it: it.__name__)
GOOD = record(("001", b"A1"), ("245", b"10\x1faTitle"))


def noted(*values: str, tag: str = "500", number: str = "A1") -> Record:
    """A record of an 001 and a note for each value."""
    notes = [Field(tag, Indicators(" ", " "), [Subfield("a", it)]) for it in values]
    return Record(fields=[Field("001", data=number), *notes])


def of_leader(character: str, *places: int) -> Record:
    made = noted("x")
    leader = list(str(made.leader))
    for place in places:
        leader[place] = character
    made.leader = mrrc.leader.Leader("".join(leader))
    return made


def renamed(field: Field, tag: str) -> Record:
    field.tag = tag
    return Record(fields=[field])


def a_field(*subfields: tuple[object, object], indicators: tuple[object, object] = (" ", " ")) -> Record:
    pairs = [Subfield(code, value) for code, value in subfields]
    return Record(fields=[Field("001", data="A1"), Field("500", Indicators(*indicators), pairs)])


# Nothing that was accepted is lost

REFUSED = {
    "a tag with a line end": (noted("x", tag="24\n"), "tag-unwritable"),
    "a tag of three bytes and two characters": (noted("x", tag="5é"), "tag-unwritable"),
    "a control field renamed": (renamed(Field("001", data="A1"), "245"), "tag-kind"),
    "a data field renamed": (
        renamed(Field("245", Indicators(" ", " "), [Subfield("a", "x")]), "008"),
        "tag-kind",
    ),
    "a delimiter for a code": (a_field(("\x1f", "日本")), "code-unwritable"),
    "a value without a code": (a_field(("", "x")), "code-unwritable"),
    "a code of two characters": (a_field(("ab", "x")), "code-unwritable"),
    "a delimiter in a value": (a_field(("a", "x\x1fby")), "delimiter-in-value"),
    "None for a value": (a_field(("a", None)), "not-text"),
    "None for a code": (a_field((None, "x")), "not-text"),
    "None for an indicator": (a_field(("a", "x"), indicators=(None, " ")), "not-text"),
    "None for data": (Record(fields=[Field("001", data="A1"), Field("008", data=None)]), "not-text"),
    "bytes for a value": (a_field(("a", b"x")), "not-text"),
    "half a character": (a_field(("a", "x\ud83d")), "not-text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_record_takes_no_other_with_it(name, tmp_path):
    refused, code = REFUSED[name]
    path = tmp_path / "out.mrc"
    told = []
    with MARCWriter(path) as writer:
        for number in range(400):
            writer.write(noted("x" * 1_000, number=f"A{number}"))
            if number % 100 == 7:
                with pytest.raises(mrrc.WriteError) as error:
                    writer.write(refused)
                told.append((error.value.code, error.value.record))
    assert told == [(code, 8), (code, 109), (code, 210), (code, 311)]
    assert [it["001"].data for it in MARCReader(path)] == [f"A{number}" for number in range(400)]


def test_the_error_says_which_record_and_field_and_what_to_do(tmp_path):
    with MARCWriter(tmp_path / "out.mrc") as writer:
        writer.write(noted("x"))
        with pytest.raises(mrrc.WriteError) as told:
            writer.write(noted("x", "x\x1fy", number="ocm 1"))
    assert str(told.value) == (
        "record 1 (001 ocm 1), field 500, occurrence 1, $a: a subfield delimiter, or a field or record "
        r"terminator, in a value (delimiter-in-value); found \x1f; nothing of the record was written; "
        "remove that byte from the value"
    )
    it = told.value
    assert (it.code, it.record, it.control_number, it.tag, it.occurrence, it.subfield_code, it.found) == (
        *("delimiter-in-value", 1, "ocm 1", "500", 1, "a", r"\x1f"),
    )


def limited(script: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A script run where no file may have more than 300,000 bytes."""
    begin = (
        "import resource, signal, sys, mrrc\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))\n"
        "def note(value):\n"
        "    field = mrrc.Field('500', mrrc.Indicators(' ', ' '), [mrrc.Subfield('a', value)])\n"
        "    return mrrc.Record(fields=[field])\n"
    )
    command = [sys.executable, "-c", begin + script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


@some_writers
def test_after_an_error_of_the_disk_nothing_is_accepted_and_the_old_file_stays(kind, tmp_path):
    path = tmp_path / "out"
    path.write_text("as it was")
    script = (
        "told = []\n"
        "writer = getattr(mrrc, sys.argv[1])(sys.argv[2])\n"
        "for number in range(2_000):\n"
        "    try:\n"
        "        writer.write(note('x' * 1_000))\n"
        "    except OSError as error:\n"
        "        told.append((number, error.errno, error.filename))\n"
        "        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "try:\n"
        "    writer.close()\n"
        "except OSError as error:\n"
        "    told.append(('close', error.errno, error.filename))\n"
        "first = told[0][0]\n"
        "assert [it[0] for it in told] == [*range(first, 2_000), 'close'], told\n"
        "print({it[1:] for it in told})\n"
    )
    done = limited(script, tmp_path, kind.__name__, str(path))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{{({errno.EFBIG}, {str(path)!r})}}\n"
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


@some_writers
def test_a_refused_record_leaves_nothing_of_itself_in_the_file(kind, tmp_path):
    def write(path: Path, refused: list[Record]) -> bytes:
        with kind(path) as writer:
            writer.write(noted("one"))
            for it in refused:
                with pytest.raises(mrrc.WriteError, match=r"record 1 \(001 A1\), field 500.*not-text"):
                    writer.write(it)
            writer.write(noted("two"))
        return path.read_bytes()

    assert write(tmp_path / "with", [a_field(("a", None))]) == write(tmp_path / "without", [])


def test_what_a_subclass_cannot_give_leaves_nothing_in_the_file(tmp_path):
    class Broken(Record):
        def as_dict(self):
            return {"leader": object()}

    with JSONWriter(tmp_path / "out.json") as writer:
        with pytest.raises(TypeError):
            writer.write(Broken())
        writer.write(noted("x"))
    assert len(mrrc.parse_json_to_array(tmp_path / "out.json")) == 1


# What is accepted comes back


@pytest.mark.parametrize("encoding", ["utf-8", "marc-8"])
def test_every_character_for_a_code_an_indicator_or_in_the_leader_comes_back_or_is_refused(
    encoding, tmp_path
):
    path = tmp_path / "out.mrc"
    for number in range(128):
        character = chr(number)
        for made in [
            a_field((character, "value"), ("b", "other")),
            a_field(("a", "value"), indicators=(character, " ")),
            a_field(("a", "value"), indicators=(" ", character)),
            of_leader(character, 5, 6, 7, 8),
            of_leader(character, 17, 18, 19),
        ]:
            expected = made.as_dict()["fields"]
            leader = str(made.leader)
            try:
                with MARCWriter(path, encoding=encoding) as writer:
                    writer.write(made)
            # A warning is an error here.
            except (mrrc.WriteError, mrrc.MarcWarning):
                assert character in "\x1b\x1d\x1e\x1f\x7f" or encoding == "marc-8"
                continue
            for again in (*MARCReader(path), *MARCReader(path, recover=True), *read_quietly(path).records()):
                assert again.as_dict()["fields"] == expected
                assert (str(again.leader)[5:9], str(again.leader)[17:20]) == (leader[5:9], leader[17:20])
            severities = {row["severity"] for row in rows(mrrc.check(path))}
            assert severities <= {"warning"}


def test_empty_subfields_come_back_as_the_delimiters_that_they_were(tmp_path):
    raw = record(("001", b"A1"), ("245", b"10\x1faTitle\x1f\x1fb"), ("500", b"  \x1f"))
    for one in [*mrrc.read_arrow(raw).records(), *MARCReader(raw, recover=True)]:
        assert ("", "") in one["245"].subfields
        with MARCWriter(tmp_path / "out.mrc") as writer:
            writer.write(one)
        assert (tmp_path / "out.mrc").read_bytes() == raw


@pytest.mark.parametrize("look", [lambda it: None, lambda it: it.fields], ids=["not looked at", "looked at"])
def test_a_missing_indicator_becomes_a_blank(look, tmp_path):
    (one,) = MARCReader(record(("001", b"A1"), ("245", b"1\x1faTitle"), ("500", b"\x1faNote")), recover=True)
    look(one)
    with MARCWriter(tmp_path / "out.mrc") as writer:
        writer.write(one)
    good = record(("001", b"A1"), ("245", b"1 \x1faTitle"), ("500", b"  \x1faNote"))
    assert (tmp_path / "out.mrc").read_bytes() == good


def test_a_leader_of_other_characters_gets_blanks_and_says_how_it_is_laid_out(tmp_path):
    leader = b"00000n\xe9m a3300000 a 630\xff"
    raw = record(("001", b"A1"), ("245", b"10\x1faTitle"), leader=leader)
    (one,) = MARCReader(raw, recover=True)
    with (
        MARCWriter(tmp_path / "out.mrc") as writer,
        pytest.warns(mrrc.MarcWarning, match=r"record 0 \(001 A1\).*leader-unwritable.*a blank is written"),
    ):
        writer.write(one)
    assert (tmp_path / "out.mrc").read_bytes() == record(
        ("001", b"A1"), ("245", b"10\x1faTitle"), leader=b"00000n m a2200000 a 4500"
    )


ODD = {
    "a record terminator in the leader": (of_leader("\x1d", 7), "leader-unwritable", of_leader(" ", 7)),
    "a field terminator in the leader": (of_leader("\x1e", 19), "leader-unwritable", of_leader(" ", 19)),
    "a code that is not ASCII": (a_field(("é", "x")), "code-unwritable", None),
    "a code that was not read": (a_field(("\ufffd", "x")), "code-unwritable", None),
    "a delimiter in a control field": (
        Record(fields=[Field("008", data="x\x1fay")]),
        "delimiter-in-value",
        None,
    ),
    "a field terminator in a value": (a_field(("a", "x\x1ey")), "delimiter-in-value", None),
    "a record terminator in a value": (a_field(("a", "x\x1dy")), "delimiter-in-value", None),
    "an indicator that was not read": (
        a_field(("a", "x"), indicators=("\ufffd", "1")),
        "indicator-unwritable",
        a_field(("a", "x"), indicators=(" ", "1")),
    ),
    "an indicator of two characters": (
        a_field(("a", "x"), indicators=("1", "23")),
        "indicator-unwritable",
        a_field(("a", "x"), indicators=("1", "2")),
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_written_with_a_warning_and_comes_back(name, tmp_path):
    odd, code, expected = ODD[name]
    path = tmp_path / "out.mrc"
    with MARCWriter(path) as writer:
        with pytest.warns(mrrc.MarcWarning, match=rf"record 0\b.*\({code}\).*written"):
            writer.write(odd)
        writer.write(noted("good"))
    again = list(read_quietly(path).records())
    assert [parts(it) for it in again] == [parts(expected or odd), parts(noted("good"))]
    # pymarc writes the same, but for what becomes a blank.
    if expected is None:
        with pytest.warns() if "value" in code else contextlib.nullcontext():
            as_pymarc = b"".join(it.as_marc() for it in (odd, noted("good")))
        assert [it.as_dict()["fields"] for it in again] == [
            it.as_dict()["fields"] for it in read_quietly(as_pymarc).records()
        ]


def test_what_is_odd_in_many_records_is_told_once_and_counted(tmp_path):
    odd = Record(fields=[Field("001", data="A1"), Field("245", subfields=[Subfield("é", "Title")])])
    with pytest.warns(mrrc.MarcWarning) as told, MARCWriter(tmp_path / "out.mrc") as writer:
        for _ in range(1000):
            writer.write(odd)
    first, others = (str(it.message) for it in told)
    assert re.search(r"record 0 \(001 A1\).*code-unwritable.*written", first)
    assert others.startswith("999 such findings more in the records that were written")
    assert mrrc.check(tmp_path / "out.mrc").num_rows == 1000
    assert {Path(it.filename) for it in told} == {Path(__file__)}


@pytest.mark.parametrize(
    "change", [lambda it: None, lambda it: it.fields], ids=["not looked at", "looked at"]
)
def test_records_of_bytes_come_back_with_the_layout_they_have(change, tmp_path):
    raw = record(("001", b"A1"), ("245", b"10\x1faT\xe2e\x1fb\xff"), leader=b"00000nam  2200000 a 6300")
    (one,) = MARCReader(raw, to_unicode=False)
    change(one)
    with MARCWriter(tmp_path / "out.mrc") as writer:
        writer.write(one)
    assert (tmp_path / "out.mrc").read_bytes() == raw[:20] + b"4500" + raw[24:]
    one["245"].tag = "\0\0\1"
    with MARCWriter(tmp_path / "out.mrc") as writer, pytest.raises(mrrc.WriteError, match="tag-unwritable"):
        writer.write(one)


def test_what_recovery_would_not_give_back_is_refused(tmp_path):
    long = Field("505", Indicators(" ", " "), [Subfield("a", "x" * 20_000)])
    with MARCWriter(tmp_path / "out.mrc", oversize="recover") as writer:
        one = Record(
            fields=[Field("001", data="A1"), long, Field("00A", Indicators(" ", " "), [Subfield("a", "x")])]
        )
        with pytest.raises(mrrc.WriteError, match="not-recoverable"):
            writer.write(one)
        writer.write(Record(fields=[Field("001", data="A1"), long]))
    assert [it["505"]["a"] for it in MARCReader(tmp_path / "out.mrc", recover=True)] == ["x" * 20_000]


def test_references_drop_nothing_that_stands_before_them(tmp_path):
    with MARCWriter(tmp_path / "out.mrc", encoding="marc-8", unencodable="reference") as writer:
        writer.write(noted("The affricate t\u0361ʃ in Polish"))
    (one,) = MARCReader(tmp_path / "out.mrc")
    assert one["500"]["a"] == "The affricate t&#x0361;&#x0283; in Polish"


def test_strings_of_other_classes_are_written_as_what_they_are(tmp_path):
    class Name(str):
        pass

    with MARCWriter(tmp_path / "out.mrc", encoding="marc-8", oversize="recover") as writer:
        writer.write(a_field(("a", Name("Café")), ("b", Name("x" * 10_000))))
    (one,) = MARCReader(tmp_path / "out.mrc", recover=True)
    assert (one["500"]["a"], len(one["500"]["b"]), one.leader[9]) == ("Café", 10_000, " ")


# Damaged files, read and written


def parts(one: Record) -> list[object]:
    """All that a record says, as it is written."""
    leader = "".join(it if it.isascii() and it not in "\x1d\x1e" else " " for it in str(one.leader))
    fields = [
        (it.tag, it.data)
        if it.control_field
        else (it.tag, *[of_indicator(it) for it in it.indicators], it._stray or None, it.subfields)
        for it in one.fields
    ]
    return [leader[5:9], leader[17:20], *fields]


def of_indicator(indicator: str) -> str:
    return indicator[0] if indicator and indicator[0].isascii() else " "


def assert_written_good(source: Path, way: str, folder: Path) -> int:
    """Every record that a way of reading gives is written, and comes back."""
    if way == "records":
        given = [it for it in MARCReader(source, recover=True) if it is not None]
    else:
        given = list(read_quietly(source, on_error="recover").records())
    target = folder / "out.mrc"
    with MARCWriter(target, oversize="recover") as writer:
        for one in given:
            writer.write(one)
    long = {row["code"] for row in rows(mrrc.check(target)) if row["severity"] != "warning"}
    again = list(read_quietly(target, on_error="recover" if long else "raise").records()) if given else []
    assert [parts(it) for it in again] == [parts(it) for it in given], source
    return len(given)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", ["records", "columns"])
def test_damaged_files_are_written_good(way, tmp_path):
    damaged = sorted((ROOT / "tests" / "data" / "damaged").glob("*.mrc"))
    assert sum(assert_written_good(source, way, tmp_path) for source in damaged) > 100


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", ["records", "columns"])
def test_real_files_are_written_good(way, corpus, tmp_path):
    assert sum(assert_written_good(source, way, tmp_path) for source in files(corpus)) == 15_343


# Text forms

UNSAYABLE = ["\0", "\x0b", "\x1b", "\x1f", "\ufffe", "\uffff"]


@pytest.mark.parametrize("character", UNSAYABLE, ids=ascii)
def test_a_character_that_xml_cannot_have_is_refused_or_replaced(character, tmp_path):
    path = tmp_path / "out.xml"
    made = [
        noted(f"x{character}y"),
        a_field((character, "x")),
        Record(fields=[Field("001", data=f"A{character}")]),
        a_field(("a", "x"), indicators=(character, " ")),
        of_leader(character, 6),
    ]
    with XMLWriter(path) as writer:
        for number, one in enumerate(made):
            with pytest.raises(
                mrrc.WriteError, match=f"record {number}.*found U.{ord(character):04X}"
            ) as told:
                writer.write(one)
            assert told.value.code == "character-unwritable"
        writer.write(noted("good"))
    assert [it["500"]["a"] for it in mrrc.parse_xml_to_array(path)] == ["good"]
    with XMLWriter(path, unencodable="replace") as writer:
        for one in made:
            writer.write(one)
    again = mrrc.parse_xml_to_array(path)
    assert (len(again), again[0]["500"]["a"], again[4].leader[6]) == (5, "x\ufffdy", "\ufffd")


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\n", "\x0b", "\x85", "\u2028"], ids=ascii)
def test_a_line_end_in_a_line_is_refused_or_replaced(end, tmp_path):
    path = tmp_path / "out.mrk"
    with TextWriter(path) as writer:
        with pytest.raises(mrrc.WriteError, match=r"record 0.*field 500.*character-unwritable"):
            writer.write(noted(f"x{end}y"))
        writer.write(noted("good"))
    assert [it["500"]["a"] for it in mrrc.MARCMakerReader(path)] == ["good"]
    with TextWriter(path, unencodable="replace") as writer:
        writer.write(noted(f"x{end}y"))
        writer.write(noted("good"))
    again = [it["500"]["a"] for it in mrrc.MARCMakerReader(path)]
    assert again == [f"x{' ' * len(end)}y", "good"]


def test_records_of_bytes_are_xml_as_marc_8(tmp_path):
    raw = record(("001", b"A1"), ("245", b"10\x1faCaf\xe2e"), leader=b"00000nam  2200000 a 4500")
    with XMLWriter(tmp_path / "out.xml") as writer:
        writer.write(next(MARCReader(raw, to_unicode=False)))
    assert mrrc.parse_xml_to_array(tmp_path / "out.xml")[0]["245"]["a"] == "Café"


def test_options_for_a_path_are_refused_elsewhere():
    for kind in (XMLWriter, TextWriter):
        with pytest.raises(ValueError, match="path"):
            kind(io.BytesIO(), unencodable="replace")
        with pytest.raises(ValueError, match='choose "raise" or "replace"'):
            kind("/dev/null", unencodable="ignore")
    with pytest.raises(ValueError, match="choose") as told:
        MARCWriter("/dev/null", encoding="x" * 1_000_000)
    assert len(str(told.value)) < 200


# The file


@some_writers
def test_a_writer_that_is_never_closed_says_so(kind, tmp_path):
    writer = kind(tmp_path / "out")
    writer.write(noted("x"))
    with (
        pytest.warns(
            ResourceWarning, match=f"out was not written, because its {kind.__name__} was never closed"
        ),
        pytest.warns(mrrc.MarcWarning, match="never closed"),
    ):
        del writer
        gc.collect()
    assert not list(tmp_path.iterdir())


@some_writers
def test_a_script_that_ends_without_closing_is_told(kind, tmp_path):
    script = (
        "writer = getattr(mrrc, sys.argv[1])('out')\n"
        "writer.write(note('x'))\n"
        "keep = [writer]\n"
        "keep.append(keep)\n"
    )
    done = limited(script, tmp_path, kind.__name__)
    assert done.returncode == 0
    assert f"out was not written, because its {kind.__name__} was never closed" in done.stderr
    assert not list(tmp_path.iterdir())


@some_writers
def test_a_relative_path_is_one_from_where_the_writer_was_made(kind, tmp_path, monkeypatch):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    (tmp_path / "there" / "out").write_text("precious")
    monkeypatch.chdir(tmp_path / "here")
    writer = kind("out")
    writer.write(noted("x"))
    os.chdir(tmp_path / "there")
    writer.close()
    assert (tmp_path / "there" / "out").read_text() == "precious"
    assert [it.name for it in (tmp_path / "here").iterdir()] == ["out"]


@some_writers
@pytest.mark.parametrize("length", [1, 250, 255])
def test_a_name_may_be_as_long_as_names_can_be_and_bytes(kind, length, tmp_path):
    path = tmp_path / ("n" * length)
    with kind(os.fsencode(path)) as writer:
        writer.write(noted("x"))
    assert list(tmp_path.iterdir()) == [path]


@some_writers
def test_a_link_that_leads_nowhere_is_followed(kind, tmp_path):
    (tmp_path / "link").symlink_to("file")
    with kind(tmp_path / "link") as writer:
        writer.write(noted("x"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").stat().st_size > 0


@some_writers
def test_an_error_of_the_folder_has_its_number_and_names_the_file(kind, tmp_path):
    path = tmp_path / "none" / "out"
    with pytest.raises(FileNotFoundError) as told:
        kind(path)
    assert (told.value.errno, told.value.filename) == (errno.ENOENT, str(path))


@some_writers
def test_a_folder_in_place_of_the_file_is_told_as_python_does(kind, tmp_path):
    with pytest.raises(IsADirectoryError, match="name a file in it") as told:
        kind(tmp_path)
    assert (told.value.errno, told.value.filename) == (errno.EISDIR, str(tmp_path))
