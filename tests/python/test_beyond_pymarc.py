"""What records have that pymarc does not: sources, recovery, bytes as read, a strict writer, cards."""

import bz2
import copy
import gc
import gzip
import io
import json
import lzma
import pickle
import weakref
import zlib

import mrrc
import pyarrow as pa
import pymarc
import pytest
from conftest import read, record, recover, rows
from mrrc import Field, MARCReader, MARCWriter, Record, Subfield

TITLE = [("001", b"A1"), ("245", "10\x1faÉtude\x1fbrest".encode())]
GOOD = record(*TITLE)
# In MARC-8; of an odd directory, whose fields stand in another order.
MARC_8 = record(("001", b"A1"), ("245", b"10\x1fa\xe2Etude"), leader=b"00000nam  2200000 a 4500")
ODD = GOOD.replace(b"001000300000", b"245001700003").replace(
    b"245001700003245001700003", b"245001700003001000300000"
)


def titles(reader):
    return [it and it.title for it in reader]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_paths_and_bytes_are_read_compressed_or_not(pack, tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(pack(GOOD * 3))
    for given in (path, str(path), path.read_bytes(), bytearray(path.read_bytes())):
        with MARCReader(given) as reader:
            assert titles(reader) == ["Étude rest"] * 3


def test_the_place_in_a_compressed_file_is_none_to_go_on_from(tmp_path):
    path = tmp_path / "records.mrc.gz"
    path.write_bytes(gzip.compress(GOOD * 3))
    for given in (path, path.read_bytes()):
        reader = MARCReader(given)
        next(reader)
        with pytest.raises(ValueError, match="decompress it"):
            reader.file_handle  # noqa: B018
        assert titles(reader) == ["Étude rest"] * 2


@pytest.mark.parametrize(
    ("behind", "raw"),
    [
        (b"000", 3),
        (b"0x063nam", 5),
        (b"00099nam", 8),
        (GOOD[:-1], len(GOOD) - 1),
        (GOOD[:-1] + b"x", len(GOOD)),
    ],
    ids=["a cut length", "no length", "a cut record", "all but the end", "another end"],
)
@pytest.mark.parametrize("way", ["bytes", "path", "file", "a file that somebody else has"])
def test_what_has_no_end_says_where_it_is(behind, raw, way, tmp_path):
    all_bytes = GOOD * 2 + behind
    path = tmp_path / "records.mrc"
    path.write_bytes(all_bytes)
    with open(path, "rb") as file:
        given = {"bytes": lambda: all_bytes, "path": lambda: path, "file": lambda: io.BytesIO(all_bytes)}
        reader = MARCReader(given.get(way, lambda: file)())
        assert titles(reader) == ["Étude rest", "Étude rest", None]
    error = reader.current_exception
    assert (error.offset, error.length) == (2 * len(GOOD), raw)


def test_places_go_on_where_a_file_is_gone_on_with(tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(GOOD * 3 + b"000")
    with MARCReader(path) as reader:
        next(reader)
        assert reader.file_handle.tell() == len(GOOD)
        assert titles(reader) == ["Étude rest", "Étude rest", None]
        assert reader.current_exception.offset == 3 * len(GOOD)


def test_a_closed_reader_says_so_whatever_it_reads(tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(GOOD * 3)
    for source in (path, GOOD * 3, open(path, "rb")):  # noqa: SIM115
        reader = MARCReader(source)
        next(reader)
        path.touch()
        reader.close()
        with pytest.raises(ValueError, match="closed file"):
            next(reader)


@pytest.mark.parametrize("recover", [False, True])
def test_a_file_that_asks_its_own_reader_is_told(recover):
    class Curious:
        def read(self, size):
            assert reader.current_chunk is None
            return next(reader) or b""

    reader = MARCReader(Curious(), recover=recover)
    with pytest.raises(RuntimeError, match="its own reader"):
        next(reader)


def test_bytes_of_any_kind_are_read():
    for kind in (bytes, bytearray, memoryview):
        assert titles(MARCReader(kind(GOOD))) == ["Étude rest"]


def test_a_path_that_is_not_there_is_an_error_at_once(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.mrc"):
        MARCReader(tmp_path / "none.mrc")


def test_batches_are_lists_and_the_last_is_empty():
    reader = MARCReader(GOOD * 5)
    assert [len(reader.read_batch(2)) for _ in range(4)] == [2, 2, 1, 0]


def test_raw_is_the_record_as_it_was_read():
    (one,) = MARCReader(GOOD)
    one.add_field(Field("500", [" ", " "], [Subfield("a", "x")]))
    assert one.raw == GOOD
    assert Record().raw is None


@pytest.mark.parametrize("make", [bytes, io.BytesIO, lambda raw: Trickle(raw)])
def test_recovering_goes_on_behind_damage(make):
    cut = GOOD[:40]
    reader = MARCReader(make(GOOD + b"garbage!" + GOOD + cut), recover=True)
    seen = [(it and it.title, reader.current_exception and reader.current_exception.code) for it in reader]
    assert seen == [("Étude rest", None), (None, "gap"), ("Étude rest", None), (None, "record-truncated")]


@pytest.mark.parametrize("way", ["bytes", "path", "compressed", "file"])
def test_what_recovery_leaves_out_is_told_with_its_record_and_file(way, tmp_path):
    bad = GOOD[:-2] + b'"\x1d'
    path = tmp_path / "records.mrc"
    path.write_bytes(
        gzip.compress(GOOD + b"garbage!" + bad) if way == "compressed" else GOOD + b"garbage!" + bad
    )
    with path.open("rb") as file:
        given = {"bytes": path.read_bytes(), "file": file}.get(way, path)
        reader = MARCReader(given, recover=True)
        told = [reader.current_exception for it in reader if it is None]
    begins = "" if way == "bytes" else f"{path}: "
    assert [(it.code, it.record, it.source) for it in told] == [
        ("gap", None, None if way == "bytes" else str(path)),
        ("field-terminator", 1, None if way == "bytes" else str(path)),
    ]
    assert str(told[0]) == (
        f"{begins}offset {len(GOOD)}: bytes that do not begin like a record (gap); found 8 bytes"
    )
    assert str(told[1]).startswith(f"{begins}record 1, offset ")
    # It was left out already, by a reader that has no such option.
    assert "on_error" not in str(told[1])


def test_settings_may_change_beside_a_record_without_an_end():
    data = GOOD * 3 + b"99999nam a2200000 a 4500" + b"x" * 20_000_000 + b"\x1d" + GOOD * 2

    def found(changes):
        reader = MARCReader(io.BytesIO(data), recover=True)
        for one in reader:
            yield one and one.title, reader.current_exception and reader.current_exception.code
            reader.force_utf8 = changes != reader.force_utf8

    assert list(found(True)) == list(found(False))


class Trickle:
    """A file object that gives few bytes, and can do nothing else."""

    def __init__(self, raw):
        self.file = io.BytesIO(raw)

    def read(self, size):
        return self.file.read(min(size, 7))


def test_what_was_repaired_is_said_and_shown():
    wrong = b"%05d" % (len(GOOD) + 3) + GOOD[5:]
    (one,) = MARCReader(wrong, recover=True)
    assert one.title == "Étude rest"
    (repair,) = one.repairs
    assert repair.startswith('record-length; found "000')
    assert "record-length" in one._repr_html_()
    assert next(MARCReader(GOOD)).repairs == []


def assert_records_are_what_the_columns_have(source, **options):
    table = recover(source, **options)
    records = [it for it in MARCReader(source, recover=True) if it]
    assert len(records) == table.num_rows
    for one, row in zip(records, rows(table), strict=True):
        assert str(one.leader) == row["leader"]
        assert [as_row(it) for it in one.fields] == [without_blanks(it) for it in row["fields"]]


def as_row(field):
    """A field as a row of the columns has it."""
    if field.control_field:
        return (field.tag, field.data)
    return (field.tag, *field.indicators, field.data, [tuple(it) for it in field.subfields])


def without_blanks(row):
    """A field of the columns, where a missing indicator is a blank and text of nothing is none."""
    if row["subfields"] is None:
        return (row["tag"], row["value"])
    pairs = [(it["code"], it["value"]) for it in row["subfields"]]
    return (row["tag"], row["ind1"] or " ", row["ind2"] or " ", row["value"] or None, pairs)


STRAYS = {
    "text without subfields": b"10Only text",
    "text before the first subfield": b"10Text\x1faNote",
    "one indicator": b"1\x1faNote",
    "no indicators": b"\x1faNote",
    "an indicator that is not ASCII": "é0\x1faNote".encode(),
    "a code that is not ASCII": "10\x1féNote\x1faMore".encode(),
    "a code of half a character": b"10\x1f\xc3\x1faMore",
    "bytes that are not UTF-8": b"10\x1faN\xffote",
    "a delimiter without a code": b"10\x1f\x1faNote\x1f",
    "nothing": b"",
    "two indicators alone": b"10",
}


@pytest.mark.parametrize("coding", [b"a", b" "], ids=["UTF-8", "MARC-8"])
@pytest.mark.parametrize("field", STRAYS.values(), ids=STRAYS)
def test_recovered_records_carry_what_columns_carry(field, coding):
    data = record(("001", b"A1"), ("500", field), leader=b"00000nam " + coding + b"2200000 a 4500")
    assert_records_are_what_the_columns_have(data)


def test_recovered_records_of_real_files_carry_what_columns_carry(corpus):
    for folder in ("dchud__mrrc-testbed", "marc4j__marc4j", "edsu__pymarc"):
        for path in sorted((corpus / "real" / folder).glob("*.*")):
            if path.suffix in {".mrc", ".dat", ".marc"}:
                assert_records_are_what_the_columns_have(path)


def test_what_has_no_exact_place_is_named_in_repairs():
    named = {}
    for name, field in STRAYS.items():
        (one,) = MARCReader(record(("001", b"A1"), ("500", field)), recover=True)
        named[name] = [repair.split(" ")[0] for repair in one.repairs]
    assert named == {
        "text without subfields": ["no-subfields"],
        "text before the first subfield": ["data-before-subfield"],
        "one indicator": ["indicator-missing"],
        "no indicators": ["indicator-missing"],
        "an indicator that is not ASCII": ["data-before-subfield", "utf8-invalid"],
        "a code that is not ASCII": [],
        "a code of half a character": ["utf8-invalid"],
        "bytes that are not UTF-8": ["utf8-invalid"],
        "a delimiter without a code": [],
        "nothing": ["indicator-missing", "no-subfields"],
        "two indicators alone": [],
    }


def test_text_outside_subfields_is_shown_and_written_back():
    data = record(("500", b"10Text\x1faNote"), ("501", b"  Only text"))
    for one in (next(MARCReader(data, recover=True)), next(iter(recover(data).records()))):
        first, second = one.fields
        assert (first.data, first.value(), str(first)) == ("Text", "Text Note", "=500  10Text$aNote")
        assert (second.data, second.subfields, second.format_field()) == ("Only text", [], "Only text")
        assert one.as_marc() == data
        assert pickle.loads(pickle.dumps(one)).as_marc() == copy.deepcopy(one).as_marc() == data
        assert one.as_dict()["fields"][1]["501"]["subfields"] == [{"a": "Only text"}]
        assert json.loads(one.as_json()) == one.as_dict()
        assert b'<subfield code="a">Only text</subfield>' in mrrc.record_to_xml(one)
        first.data = None
        assert str(first) == "=500  10$aNote"


def test_recovering_reads_by_the_encoding_that_is_named():
    book = "Книга".encode("cp1251")
    data = record(("245", b"10\x1fa" + book), leader=b"00000nam  2200000 a 4500")
    (one,) = MARCReader(data, recover=True, file_encoding="cp1251")
    assert one.title == "Книга"
    with pytest.raises(ValueError, match=r"file_encoding='klingon'.*recover=True"):
        MARCReader(data, recover=True, file_encoding="klingon")
    with pytest.raises(ValueError, match=r"utf8_handling='ignore'"):
        MARCReader(data, recover=True, utf8_handling="ignore")


def test_a_leader_that_is_not_ascii_is_given_as_columns_give_it():
    for odd in (b"45\xc3\xad", b"45\xff0", b"45\xe2\x82"):
        data = record(("245", b"10\x1faT"))
        data = data[:20] + odd[:4].ljust(4, b"0") + data[24:]
        (one,) = MARCReader(data, recover=True)
        assert str(one.leader) == rows(recover(data))[0]["leader"]
        assert str(one) and one.as_marc()


def test_rows_of_a_table_are_records(fixture_1k):
    given = list(read(fixture_1k).records())
    expected = list(MARCReader(fixture_1k))
    assert [it.as_marc() for it in given] == [it.as_marc() for it in expected]


def test_rows_without_fields_are_no_records():
    with pytest.raises(ValueError, match=r"need the column fields.*there are control_number"):
        read(GOOD)[["control_number"]].records()


@pytest.mark.parametrize("raw", [GOOD, MARC_8, ODD], ids=["canonical", "marc-8", "another order"])
@pytest.mark.parametrize("look", [lambda it: None, lambda it: it.fields, str, lambda it: it.as_dict()])
@pytest.mark.parametrize("place", ["path", "file"])
def test_what_is_not_changed_is_preserved(raw, look, place, tmp_path):
    target = tmp_path / "out.mrc" if place == "path" else io.BytesIO()
    writer = MARCWriter(target, preserve=True)
    for one in MARCReader(raw * 2):
        look(one)
        writer.write(one)
    writer.close(close_fh=False)
    assert (target.read_bytes() if place == "path" else target.getvalue()) == raw * 2


@pytest.mark.parametrize("raw", [GOOD, MARC_8, ODD], ids=["canonical", "marc-8", "another order"])
@pytest.mark.parametrize("look", [lambda it: None, lambda it: it.fields, lambda it: it.leader])
def test_to_have_been_written_is_no_change(raw, look):
    (one,) = MARCReader(raw)
    look(one)
    one.as_marc()
    MARCWriter(io.BytesIO()).write(one)
    out = io.BytesIO()
    MARCWriter(out, preserve=True).write(one)
    assert (out.getvalue(), one.leader[9]) == (raw, "a")


COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda it: pickle.loads(pickle.dumps(it)),
    "copies of copies": lambda it: copy.deepcopy(pickle.loads(pickle.dumps(it))),
    "of a written record": lambda it: (it.as_marc(), copy.deepcopy(it))[1],
}


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("raw", [GOOD, MARC_8, ODD], ids=["canonical", "marc-8", "another order"])
@pytest.mark.parametrize("options", [{}, {"recover": True}, {"to_unicode": False}], ids=repr)
def test_copies_know_what_was_read(raw, name, options):
    (one,) = MARCReader(raw, **options)
    two = COPIES[name](one)
    assert (two.raw, two.repairs) == (raw, one.repairs)
    for change in (lambda: None, lambda: two.remove_fields("245")):
        change()
        out = io.BytesIO()
        MARCWriter(out, preserve=True).write(two)
        assert (out.getvalue() == raw) is ("245" in two)


@pytest.mark.parametrize("name", ["as it is", *COPIES])
def test_the_bytes_of_a_record_that_was_repaired_are_not_preserved(name):
    (one,) = MARCReader(b"%05d" % (len(GOOD) + 3) + GOOD[5:], recover=True)
    two = COPIES.get(name, lambda it: it)(one)
    assert two.repairs == one.repairs != []
    out = io.BytesIO()
    MARCWriter(out, preserve=True).write(two)
    assert out.getvalue() == GOOD != two.raw


def test_what_is_changed_is_not_preserved_by_mistake(tmp_path):
    changes = [
        lambda it: it.add_field(Field("500", [" ", " "], [Subfield("a", "x")])),
        lambda it: it.fields.reverse(),
        lambda it: setattr(it["001"], "data", "A2"),
        lambda it: it["245"].subfields.pop(),
        lambda it: setattr(it["245"], "indicator1", "0"),
        lambda it: it.leader.__setitem__(5, "d"),
        lambda it: setattr(it["245"], "tag", "246"),
    ]
    for change in changes:
        (one,) = MARCReader(GOOD)
        change(one)
        with MARCWriter(tmp_path / "out.mrc", preserve=True) as writer:
            writer.write(one)
        assert (tmp_path / "out.mrc").read_bytes() == one.as_marc() != GOOD


def test_a_path_gets_what_as_marc_gives(fixture_1k, tmp_path):
    for change in (lambda it: None, lambda it: it.fields, lambda it: it.remove_fields("008")):
        records = list(MARCReader(fixture_1k))
        for one in records:
            change(one)
        with MARCWriter(tmp_path / "out.mrc") as writer:
            for one in records:
                writer.write(one)
        assert (tmp_path / "out.mrc").read_bytes() == b"".join(it.as_marc() for it in records)


UNWRITABLE = [
    (Field("500", [" ", " "], [Subfield("a", "x" * 10_000)]), "field-too-long"),
    (Field("500", [" ", " "], [Subfield("a", "x\x1fy")]), "delimiter-in-value"),
    (Field("5000", [" ", " "], []), "tag-unwritable"),
    (Field("500", [" ", " "], [Subfield("ab", "x")]), "code-unwritable"),
]


@pytest.mark.parametrize(("field", "code"), UNWRITABLE, ids=[code for _, code in UNWRITABLE])
def test_a_path_takes_no_record_that_could_not_be_read_back(field, code, tmp_path):
    path = tmp_path / "out.mrc"
    path.write_bytes(b"as it was")
    good = next(MARCReader(GOOD))
    with (
        pytest.raises(mrrc.WriteError, match=rf"record 1\b.*{field.tag}.*{code}") as told,
        MARCWriter(path) as writer,
    ):
        writer.write(good)
        writer.write(Record(fields=[field]))
    assert (told.value.code, told.value.record, told.value.tag) == (code, 1, field.tag)
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_a_refused_record_does_not_end_the_file(tmp_path):
    path = tmp_path / "out.mrc"
    with MARCWriter(path) as writer:
        for one in (Record(fields=[UNWRITABLE[0][0]]), next(MARCReader(GOOD))):
            try:
                writer.write(one)
            except mrrc.WriteError:
                continue
    assert path.read_bytes() == GOOD


def test_marc_8_is_written_and_read_back(fixture_10k_marc8, tmp_path):
    path = tmp_path / "out.mrc"
    records = MARCReader(fixture_10k_marc8, recover=True).read_batch(2000)
    texts = [it.as_dict()["fields"] for it in records]
    with MARCWriter(path, encoding="marc-8") as writer:
        for one in records:
            writer.write(one)
    again = list(MARCReader(path, recover=True))
    assert {it.leader[9] for it in again} == {" "}
    assert [it.as_dict()["fields"] for it in again] == texts


def test_a_character_that_marc_8_lacks_is_an_error_or_a_reference(tmp_path):
    one = Record(fields=[Field("500", [" ", " "], [Subfield("a", "a \U0001f642 b")])])
    with (
        pytest.raises(mrrc.WriteError, match=r"not-encodable.*U\+1F642"),
        MARCWriter(tmp_path / "a", encoding="marc-8") as it,
    ):
        it.write(one)
    with MARCWriter(tmp_path / "a", encoding="marc-8", unencodable="reference") as it:
        it.write(one)
    assert next(MARCReader(tmp_path / "a"))["500"]["a"] == "a &#x1F642; b"


def items(count: int, length: int) -> Record:
    """A record of so many items, each with a field of about that length."""
    values = [f"{place:0>{length}}" for place in range(count)]
    fields = [Field("952", [" ", " "], [Subfield("p", value)]) for value in values]
    return Record(fields=[Field("001", data="A1"), Field("245", ["1", "0"], [Subfield("a", "Ünï")]), *fields])


OVERSIZE = {
    "a long field": items(3, 12_000),
    "a long record": items(1_500, 100),
    "long fields in a long record": items(20, 20_000),
    "more fields than a directory can hold": items(8_500, 1),
}


@pytest.mark.parametrize("name", OVERSIZE)
def test_what_is_too_long_is_written_so_that_it_can_be_recovered(name, tmp_path):
    path, long, good = tmp_path / "out.mrc", OVERSIZE[name], next(MARCReader(GOOD))
    with MARCWriter(path, oversize="recover") as writer:
        for one in (good, long, good):
            writer.write(one)
    again = list(MARCReader(path, recover=True))
    fields = [one.as_dict()["fields"] for one in (good, long, good)]
    assert [one.as_dict()["fields"] for one in again] == fields
    assert [bool(one.repairs) for one in again] == [False, True, False]
    with pytest.warns(mrrc.MarcWarning, match="1 of them repaired"):
        table = mrrc.read_arrow(path, on_error="recover")
    assert [one.as_dict()["fields"] for one in table.records()] == fields


def test_a_long_record_is_split_into_some_that_pymarc_can_read(tmp_path):
    path, long, good = tmp_path / "out.mrc", OVERSIZE["a long record"], next(MARCReader(GOOD))
    with MARCWriter(path, oversize="split") as writer:
        for one in (good, long, good):
            writer.write(one)
    with open(path, "rb") as file:
        first, *parts, last = pymarc.MARCReader(file)
    assert first.as_marc() == last.as_marc() == GOOD
    assert [part["001"].data for part in parts] == ["A1", "A1"]
    fields = [field.as_marc("utf-8") for part in parts for field in part.fields if field.tag != "001"]
    assert fields == [field.as_marc("utf-8") for field in long.fields[1:]]


def test_a_long_field_cannot_be_split(tmp_path):
    with (
        pytest.raises(mrrc.WriteError, match=r'field 952.*field-too-long.*12,005.*oversize="recover"'),
        MARCWriter(tmp_path / "out.mrc", oversize="split") as writer,
    ):
        writer.write(OVERSIZE["a long field"])


def test_options_that_a_file_object_cannot_have_are_refused():
    for options in ({"encoding": "marc-8"}, {"unencodable": "reference"}, {"oversize": "split"}):
        with pytest.raises(ValueError, match="path"):
            MARCWriter(io.BytesIO(), **options)
    for option in ("encoding", "unencodable", "oversize"):
        with pytest.raises(ValueError, match=f'{option}="koi8" is not known; choose ".*" or "'):
            MARCWriter("/dev/null", **{option: "koi8"})


def test_a_record_shows_what_it_is():
    (one,) = MARCReader(GOOD)
    assert repr(one) == "<Record A1 'Étude rest', 2 fields>"
    assert repr(one["245"]) == "<Field =245  10$aÉtude$brest>"
    assert repr(Record()) == "<Record 0 fields>"
    card = one._repr_html_()
    assert "Title statement" in card
    assert "<bdi>Étude</bdi>" in card
    one["245"].subfields[0] = Subfield("a", "<script>")
    assert "<script>" not in one._repr_html_()


def test_a_card_names_the_fields_of_the_bibliographic_format():
    tags = ("010", "264", "362", "653", "787", "852", "887", "999")
    fields = [Field(tag, subfields=[Subfield("a", "x")]) for tag in tags]
    card = Record(fields=fields)._repr_html_()
    for name in (
        "LC control number",
        "Publication",
        "Dates of publication",
        "Index term",
        "Other relationship",
        "Non-MARC field",
    ):
        assert f">{name}</td>" in card
    # In an authority record 100 is a heading.
    authority = Record(
        leader="00000nz  a2200000n  4500", fields=[Field("100", subfields=[Subfield("a", "x")])]
    )
    assert "Main entry" not in authority._repr_html_()
    assert "Main entry, personal name" in Record(fields=authority.fields)._repr_html_()


def test_a_long_card_is_folded():
    notes = [Field("500", subfields=[Subfield("a", f"note {number}")]) for number in range(40)]
    short, long = Record(fields=notes[:25])._repr_html_(), Record(fields=notes)._repr_html_()
    assert "<details>" not in short
    assert "<summary>15 more fields</summary>" in long
    before, folded = long.split("<details>")
    assert "note 24<" in before
    assert "note 25<" in folded
    assert long.count("<tr>") == 41


def test_a_card_says_first_what_was_repaired():
    damaged = GOOD.replace(b"001000300000", b"001x00300000")
    (record,) = MARCReader(damaged, recover=True)
    card = record._repr_html_()
    assert card.index("entry-digits in field 001") < card.index("<table>")
    assert "Repaired" not in next(MARCReader(GOOD))._repr_html_()


def test_what_cannot_be_read_back_is_written_as_pymarc_does_and_told():
    long = "x" * 10_000
    theirs = pymarc.Record(fields=[pymarc.Field("500", [" ", " "], [pymarc.Subfield("a", long)])]).as_marc()
    with pytest.warns(mrrc.MarcWarning, match="500 has 10,005 bytes") as told:
        assert Record(fields=[Field("500", [" ", " "], [Subfield("a", long)])]).as_marc() == theirs
    assert told[0].filename == __file__


HOSTILE = record(("001", b"A\x1b[31m\n1"), ("245", b"10\x1faT\x1b]0;owned\x07\r\nnext\xe2\x80\xae"))


def test_what_a_terminal_would_obey_is_not_shown():
    one = next(MARCReader(HOSTILE, hide_utf8_warnings=True))
    shown = repr(one) + "".join(map(repr, one.fields))
    assert shown.isprintable()
    assert "A�[31m�1" in shown
    # Text is text: what `str` gives is not changed.
    assert "\x1b[31m\n1" in str(one) and "\x1b]0;owned" in str(one["245"])


@pytest.mark.parametrize("broken", ["subfields", "_indicators", "data", "tag"])
def test_a_field_can_be_looked_at_whatever_it_holds(broken):
    for field in (Field("245", subfields=[Subfield("a", "Emma")]), Field("001", data="A1")):
        setattr(field, broken, 7)
        assert repr(field).startswith("<Field")
    assert repr(Field.__new__(Field, "245")) == "<Field>"


def test_a_control_field_of_bytes_can_be_looked_at():
    one = next(MARCReader(GOOD, to_unicode=False))
    assert repr(one["001"]) == "<RawField =001  b'A1'>"
    assert repr(one["245"]).startswith("<RawField =245  10$ab'")


@pytest.mark.parametrize("count", [1, 1000])
def test_text_given_for_bytes_is_told_in_a_line(count):
    with pytest.raises(TypeError, match=r'give bytes, or .*open\(path, "rb"\)') as caught:
        MARCReader(record(("001", b"A1"), ("245", b"10\x1faTitle")).decode() * count)
    assert len(str(caught.value)) < 250 and str(caught.value).isprintable()


def test_raw_is_the_record_that_was_read_last():
    one = Record(GOOD)
    one.fields = []
    one.decode_marc(MARC_8)
    assert (one.raw, one._is_as_read) == (MARC_8, True)


@pytest.mark.parametrize("kind", ["large_list", "large_string", "string_view"])
def test_rows_in_the_types_of_others_are_records(kind):
    text = {"large_string": pa.large_string(), "string_view": pa.string_view()}.get(kind, pa.string())
    many = pa.large_list if kind == "large_list" else pa.list_
    subfield = pa.struct({"code": text, "value": text})
    field = pa.struct({"tag": text, "ind1": text, "ind2": text, "value": text, "subfields": many(subfield)})
    schema = pa.schema({"leader": text, "fields": many(field)})
    given = pa.Table.from_pylist(rows(mrrc.read_arrow(GOOD * 2)), schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_table(given)
    data = sink.getvalue().to_pybytes()
    table = mrrc._mrrc._table_from_ipc([data], None, zlib.crc32(data))
    assert [str(one) for one in table.records()] == [str(one) for one in MARCReader(GOOD * 2)]


class Owned(io.BytesIO):
    """A file that knows its reader."""


class Name(str):
    """A setting that knows its reader."""


@pytest.mark.parametrize("way", ["a file", "a file read ahead", "a setting"])
def test_a_reader_that_its_parts_know_is_freed(way):
    part = Name("strict") if way == "a setting" else Owned(GOOD * 2)
    reader = MARCReader(GOOD) if way == "a setting" else MARCReader(part, recover=way == "a file read ahead")
    if way == "a setting":
        reader.utf8_handling = part
    assert next(reader)
    part.reader = reader
    gone = weakref.ref(part)
    del part, reader
    gc.collect()
    assert gone() is None
