"""What is read comes back when it is written, and what is written when it is read, by each way in and out."""

from __future__ import annotations

import contextlib
import io
import random
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import mrrc
import pymarc
import pytest
from canonical_form import ANOTHER_MAP, BUT_FOR_LEADER_09, obstacle
from canonical_form import records as records_of
from conftest import ROOT, outcome, read_quietly, record, rows, sample
from mrrc import MARCReader, MARCWriter, Record
from test_corpus import files

SCRIPT = ROOT / "benches" / "canonical.py"


def kept(raw: bytes, folder: Path) -> Path:
    path = folder / "in.mrc"
    path.write_bytes(raw)
    return path


def opened(raw: bytes, folder: Path) -> Iterator[Record]:
    with open(kept(raw, folder), "rb") as file:
        yield from MARCReader(file)


def to_path(records: Iterable[Record], folder: Path, **options: object) -> bytes:
    with MARCWriter(folder / "out.mrc", **options) as writer:
        for one in records:
            writer.write(one)
    return (folder / "out.mrc").read_bytes()


def to_file(records: Iterable[Record], _: Path, **options: object) -> bytes:
    file = io.BytesIO()
    writer = MARCWriter(file, **options)
    for one in records:
        writer.write(one)
    writer.close(close_fh=False)
    return file.getvalue()


READ = {
    "a path": lambda raw, folder: MARCReader(kept(raw, folder)),
    "bytes": lambda raw, _: MARCReader(raw),
    "an open file": opened,
    "a file in memory": lambda raw, _: MARCReader(io.BytesIO(raw)),
    "each by itself": lambda raw, _: (Record(data=it + b"\x1d") for it in raw.split(b"\x1d")[:-1]),
}
WRITE = {
    "to a path": to_path,
    "to a file": to_file,
    "as_marc": lambda records, _: b"".join(it.as_marc() for it in records),
}
every_way_in = pytest.mark.parametrize("way_in", READ.values(), ids=READ)
every_way_out = pytest.mark.parametrize("way_out", WRITE.values(), ids=WRITE)


# Files of any number of records


@every_way_in
@every_way_out
@pytest.mark.parametrize("count", [0, 1, 1_000, 10_000])
def test_a_file_of_so_many_records_comes_back_byte_for_byte(count, way_in, way_out, tmp_path):
    raw = b"".join(it + b"\x1d" for it in sample("fixture_10k").read_bytes().split(b"\x1d")[:count])
    assert raw.count(b"\x1d") == count
    assert way_out(way_in(raw, tmp_path), tmp_path) == raw


@every_way_in
def test_records_whose_fields_were_looked_at_come_back(way_in, fixture_1k, tmp_path):
    raw = fixture_1k.read_bytes()
    records = list(way_in(raw, tmp_path))
    assert sum(len(field.subfields) for one in records for field in one.fields) > 10_000
    for way_out in WRITE.values():
        assert way_out(records, tmp_path) == raw


# Records of any length

# A field of 9,999 bytes with its terminator, and what fills a record up to 99,999.
LONGEST_FIELD = "10\x1faé".encode() + b"x" * 9_992
FULL = record(*[("500", LONGEST_FIELD)] * 9, ("501", b"10\x1fa" + b"x" * 9_857))


def a_long_record(m, *lengths: int):
    """A record with a field 500 for each of these lengths of a value."""
    return m.Record(
        fields=[m.Field("500", m.Indicators("1", "0"), [m.Subfield("a", "x" * it)]) for it in lengths]
    )


@every_way_in
@every_way_out
def test_the_longest_fields_and_the_longest_record_come_back(way_in, way_out, tmp_path):
    assert (len(LONGEST_FIELD) + 1, len(FULL)) == (9_999, 99_999)
    raw = FULL + record(("001", b"A1")) + FULL
    assert [len(one.fields) for one in way_in(raw, tmp_path)] == [10, 1, 10]
    assert way_out(way_in(raw, tmp_path), tmp_path) == raw


# Of 99,999 bytes, and of one more.
ENOUGH = [9_994] * 9 + [9_857]
TOO_MUCH = [9_994] * 9 + [9_858]


@every_way_out
def test_a_record_that_was_made_may_be_as_long_as_a_record_can_be(way_out, tmp_path):
    raw = way_out([a_long_record(mrrc, *ENOUGH)], tmp_path)
    assert len(raw) == 99_999
    assert raw == a_long_record(pymarc, *ENOUGH).as_marc()
    assert next(MARCReader(raw)).as_marc() == raw


@pytest.mark.parametrize("way_out", [WRITE["to a file"], WRITE["as_marc"]], ids=["to a file", "as_marc"])
@pytest.mark.parametrize("lengths", [TOO_MUCH, [9_994] * 11], ids=["one byte", "many bytes"])
def test_a_record_that_is_too_long_is_written_as_pymarc_does_and_told_once(lengths, way_out, tmp_path):
    theirs = a_long_record(pymarc, *lengths).as_marc()
    # With the sixth digit of its length, for which there is no room.
    length = len(theirs) - 1
    with pytest.warns(mrrc.MarcWarning, match=f"cannot be read back: it has {length:,} bytes") as told:
        assert way_out([a_long_record(mrrc, *lengths)], tmp_path) == theirs
    assert len(told) == 1


def test_a_path_refuses_a_record_that_is_too_long_and_names_it(tmp_path):
    with MARCWriter(tmp_path / "out.mrc") as writer:
        writer.write(Record(data=FULL))
        with pytest.raises(mrrc.WriteError, match=r"record 1: .*found 100,000 bytes") as told:
            writer.write(a_long_record(mrrc, *TOO_MUCH))
    assert (told.value.code, told.value.record, told.value.tag) == ("record-too-long", 1, None)
    assert (tmp_path / "out.mrc").read_bytes() == FULL


def written_by(kind, one: Record, folder: Path) -> Path:
    with kind(folder / "out") as writer:
        writer.write(one)
    return folder / "out"


def read_json(path: Path) -> list[Record]:
    with mrrc.JSONReader(path) as reader:
        return list(reader)


FORMS = {
    "as_json": lambda one, _: mrrc.parse_json_to_array(one.as_json()),
    "JSONWriter": lambda one, folder: read_json(written_by(mrrc.JSONWriter, one, folder)),
    "record_to_xml": lambda one, _: mrrc.parse_xml_to_array(io.BytesIO(mrrc.record_to_xml(one))),
    "XMLWriter": lambda one, folder: mrrc.parse_xml_to_array(written_by(mrrc.XMLWriter, one, folder)),
    "str": lambda one, _: mrrc.MARCMakerReader(str(one)),
    "TextWriter": lambda one, folder: mrrc.MARCMakerReader(written_by(mrrc.TextWriter, one, folder)),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_json_xml_and_marcmaker_have_no_greatest_length(form, tmp_path):
    one = a_long_record(mrrc, *[9_994] * 10, 150_000)
    (again,) = form(one, tmp_path)
    assert again.as_dict() == one.as_dict()
    assert sum(len(it["a"]) for it in again.fields) == 249_940


# Text in any script

IN_MARC_8 = {
    "Latin": "Œuvre à côté, Łódź, Ångström, façade, ñandú, đ, Tiếng Việt",
    "Greek": "Ἀθῆναι, Ελλάδα, Άγιος",
    "Cyrillic": "Война и мир; Київ, ґ, ђ, ў",
    "Hebrew": "שָׁלוֹם עולם",
    "Arabic": "الكتابُ العربيّ، قرآن",
    "Chinese": "圖書館 中國歷史",
    "Japanese": "図書館の日本語 カタカナ",
    "Korean": "도서관 한국어",
    "marks apart from letters": "e\u0301 a\u0323\u0302 n\u0310",
    "signs": "H₂O, x², © ℗ ♯ ♭ € £ ± ·",
}
BEYOND_MARC_8 = {
    "Devanagari": "हिन्दी पुस्तकालय",
    "Bengali": "বাংলা গ্রন্থাগার",
    "Tamil": "தமிழ் நூலகம்",
    "Thai": "ห้องสมุดไทย",
    "Tibetan": "དཔེ་མཛོད་ཁང་",
    "Khmer": "បណ្ណាល័យ",
    "Burmese": "စာကြည့်တိုက်",
    "Amharic": "ቤተ መጻሕፍት",
    "Georgian": "ბიბლიოთეკა",
    "Armenian": "գրադարան",
    "Cherokee": "ᏣᎳᎩ",
    "Mongolian": "ᠨᠣᠮ ᠤᠨ ᠰᠠᠩ",
    "Persian and Urdu": "کتابخانهٔ ملی، اردو ٹے",
    "beyond the first plane": "𐤀𐤁 𝔐 𠀀𪛖",
    "emoji": "🙂 👩‍👩‍👧 🏳️‍🌈 🇺🇳",
    "marks of direction": "\u200fשלום\u200e \u2066abc\u2069 \u202bا\u202c",
    "what cannot be seen": "\ufeffa\u00adb\u200bc\u2028d\u2029e\u00a0f\ue000\ufffd",
}
SCRIPTS = IN_MARC_8 | BEYOND_MARC_8


@every_way_in
@every_way_out
def test_text_in_every_script_comes_back_as_it_was(way_in, way_out, tmp_path):
    raw = b"".join(
        record(("001", text.encode()), ("245", f"10\x1fa{text}\x1fb1 {text} 2".encode()))
        for text in SCRIPTS.values()
    )
    records = list(way_in(raw, tmp_path))
    seen = [(one["001"].data, *one["245"].subfields) for one in records]
    texts = [(text, ("a", text), ("b", f"1 {text} 2")) for text in SCRIPTS.values()]
    assert dict(zip(SCRIPTS, seen, strict=True)) == dict(zip(SCRIPTS, texts, strict=True))
    assert way_out(records, tmp_path) == raw


def titled(m, text: str):
    return m.Record(fields=[m.Field("245", m.Indicators("1", "0"), [m.Subfield("a", text)])])


@every_way_in
@every_way_out
def test_text_that_was_written_in_every_script_is_read_again(way_in, way_out, tmp_path):
    raw = way_out([titled(mrrc, text) for text in SCRIPTS.values()], tmp_path)
    assert raw == b"".join(titled(pymarc, text).as_marc() for text in SCRIPTS.values())
    seen = [one["245"]["a"] for one in way_in(raw, tmp_path)]
    assert dict(zip(SCRIPTS, seen, strict=True)) == SCRIPTS


def by_yaz(path: Path) -> str:
    """What is in the first subfield of a record in MARC-8."""
    command = ["yaz-marcdump", "-f", "marc8", "-t", "utf8", "-o", "marc", path]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return raw.partition(b"\x1fa")[2].removesuffix(b"\x1e\x1d").decode()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", IN_MARC_8)
def test_text_in_the_scripts_of_marc_8_comes_back_composed(name, form, tmp_path):
    text = unicodedata.normalize("NFC", IN_MARC_8[name])
    # Only whole syllables of Korean have a place in MARC-8.
    written = text if name == "Korean" else unicodedata.normalize(form, text)
    raw = to_path([titled(mrrc, written)], tmp_path, encoding="marc-8")
    path = tmp_path / "out.mrc"
    assert raw[9:10] == b" "
    for source in (path, raw, io.BytesIO(raw)):
        (one,) = MARCReader(source, recover=True)
        assert one["245"]["a"] == text
    assert [it["245"]["a"] for it in mrrc.read_arrow(path).records()] == [text]
    assert unicodedata.normalize("NFC", by_yaz(path)) == text


def test_text_beyond_marc_8_is_refused_by_name_rather_than_lost(tmp_path):
    for text in BEYOND_MARC_8.values():
        with pytest.raises(mrrc.WriteError, match=r"field 245, \$a: .*found U\+") as told:
            to_path([titled(mrrc, text)], tmp_path, encoding="marc-8")
        assert told.value.code == "not-encodable"


# Fields of every kind, and what was changed in them

FIELDS = {
    "control fields": [("001", b"A1"), ("003", b"X"), ("005", b"20240101000000.0"), ("008", b" " * 40)],
    "an empty control field": [("001", b""), ("245", b"10\x1faT")],
    "data fields": [("245", b"10\x1faT :\x1fbrest /\x1fcby"), ("650", b" 0\x1faX\x1fxY\x1fxZ")],
    "blank indicators": [("500", b"  \x1faN")],
    "indicators of any kind": [("500", b"a|\x1faN"), ("501", b"\\#\x1faN")],
    "a data field without subfields": [("500", b"  ")],
    "a subfield without a value": [("500", b"  \x1fa\x1fbB\x1fc")],
    "codes of any kind": [("500", b"  \x1f1a\x1f$b\x1f c\x1fAd\x1f|e")],
    "blanks at the ends of values": [("001", b" A1 "), ("500", b"  \x1fa a \x1fb  ")],
    "repeated fields": [("650", b" 0\x1faX")] * 3,
    "tags in any order": [("650", b" 0\x1faX"), ("245", b"10\x1faT"), ("001", b"A1"), ("009", b"9")],
    "tags that are no numbers": [("LKR", b"  \x1faX"), ("CAT", b"  \x1faY"), ("00A", b"  \x1faZ")],
    "tags of zeros and nines": [("000", b"0"), ("010", b"  \x1faX"), ("999", b"ff\x1faZ")],
    "signs of other forms": [("500", b"10\x1fa$b = {dollar} &amp; <b> &#x1F642; \\ \"'")],
}


@every_way_in
@every_way_out
def test_fields_of_every_kind_come_back(way_in, way_out, tmp_path):
    raw = b"".join(record(*fields) for fields in FIELDS.values())
    assert way_out(way_in(raw, tmp_path), tmp_path) == raw
    records = list(way_in(raw, tmp_path))
    theirs = [pymarc.Record(data=it + b"\x1d").as_dict() for it in raw.split(b"\x1d")[:-1]]
    seen = [one.as_dict() for one in records]
    assert dict(zip(FIELDS, seen, strict=True)) == dict(zip(FIELDS, theirs, strict=True))
    assert way_out(records, tmp_path) == raw


BEFORE = {
    "UTF-8": record(
        ("001", b"A1"),
        ("008", b"a b  c"),
        ("245", "10\x1faÉtude :\x1fbrest\x1fbmore\x1fcby".encode()),
        ("500", b"  \x1faNote"),
        ("650", b" 0\x1faX\x1fxY"),
        ("650", b" 0\x1faX\x1fxY"),
        ("880", "10\x1f6245-01\x1faПривет".encode()),
    ),
    "MARC-8": record(
        ("001", b"A1"),
        ("008", b"a b  c"),
        ("245", b"10\x1fa\xe2Etude :\x1fbrest\x1fbmore\x1fcby"),
        ("500", b"  \x1faNote"),
        ("650", b" 0\x1faX\x1fxY"),
        leader=b"00000nam  2200000 a 4500",
    ),
}


def a_field(m, tag: str = "600", text: str = "Ἀ new"):
    return m.Field(tag, m.Indicators("1", " "), [m.Subfield("a", text), m.Subfield("b", "")])


CHANGES = {
    "a field is added": lambda m, it: it.add_field(a_field(m)),
    "many fields are added": lambda m, it: it.add_field(*(a_field(m, "9LX", str(at)) for at in range(50))),
    "a field is added in order": lambda m, it: it.add_ordered_field(a_field(m)),
    "a field is added to its group": lambda m, it: it.add_grouped_field(a_field(m)),
    "a control field is added": lambda m, it: it.add_field(m.Field("003", data="Ürümqi")),
    "a field is removed": lambda m, it: it.remove_field(it["650"]),
    "fields are removed": lambda m, it: it.remove_fields("245", "650", "880"),
    "a field is put behind all others": lambda m, it: it.add_field(it.fields.pop(2)),
    "fields are put in another order": lambda m, it: it.fields.reverse(),
    "a field is put in place of another": lambda m, it: it.fields.__setitem__(2, a_field(m)),
    "a tag is changed": lambda m, it: setattr(it["245"], "tag", "246"),
    "indicators are changed": lambda m, it: setattr(it["245"], "indicators", m.Indicators(" ", "4")),
    "an indicator is changed": lambda m, it: setattr(it["245"], "indicator2", "4"),
    "a subfield is added": lambda m, it: it["245"].add_subfield("h", "[圖]"),
    "a subfield is added in front": lambda m, it: it["245"].add_subfield("6", "880-01", pos=0),
    "a subfield is deleted": lambda m, it: it["245"].delete_subfield("b"),
    "all subfields are deleted": lambda m, it: it["500"].subfields.clear(),
    "a value is changed": lambda m, it: it["245"].__setitem__("a", "Étude, encore"),
    "a value becomes empty": lambda m, it: it["245"].__setitem__("a", ""),
    "data is changed": lambda m, it: setattr(it["001"], "data", "В2"),
    "a character of data is changed": lambda m, it: setattr(it["008"], "data", "s" + it["008"].data[1:]),
    "a character of the leader is changed": lambda m, it: it.leader.__setitem__(5, "c"),
    "a part of the leader is changed": lambda m, it: setattr(it.leader, "encoding_level", "7"),
    "the leader is replaced": lambda m, it: setattr(it, "leader", m.Leader("99999dem a2299999 i 4500")),
    "nothing is changed after all": lambda m, it: setattr(it["001"], "data", it["001"].data),
}


@every_way_in
@every_way_out
@pytest.mark.parametrize("raw", BEFORE.values(), ids=BEFORE)
def test_a_changed_record_is_written_as_pymarc_does_and_read_again(raw, way_in, way_out, tmp_path):
    for name, change in CHANGES.items():
        (one,), other = way_in(raw, tmp_path), pymarc.Record(data=raw)
        change(mrrc, one)
        change(pymarc, other)
        fields, theirs = one.as_dict()["fields"], other.as_marc()
        assert way_out([one], tmp_path) == theirs, name
        leader = str(one.leader)
        (again,) = way_in(theirs, tmp_path)
        assert again.as_dict() == pymarc.Record(data=theirs).as_dict(), name
        assert again.as_dict()["fields"] == fields, name
        assert (again.leader[5:12], again.leader[17:]) == (leader[5:12], leader[17:]), name
        assert way_out([again], tmp_path) == theirs, name


@pytest.mark.parametrize("seed", range(5))
def test_changes_one_after_another_are_written_as_pymarc_does(seed, tmp_path):
    raw = BEFORE["UTF-8"]
    one, other = Record(data=raw), pymarc.Record(data=raw)
    changes = random.Random(seed).sample(list(CHANGES), len(CHANGES))
    for name in changes:
        for m, it in ((mrrc, one), (pymarc, other)):
            # What is to be changed may have been removed.
            with contextlib.suppress(KeyError):
                CHANGES[name](m, it)
        theirs = other.as_marc()
        assert [way([one], tmp_path) for way in WRITE.values()] == [theirs] * len(WRITE), (name, changes)
        assert Record(data=theirs).as_dict() == pymarc.Record(data=theirs).as_dict(), (name, changes)


# Records that are in another form than that of a writer

UTF_8 = record(("001", b"A1"), ("245", "10\x1faÉtude".encode()), ("500", b"  \x1faNote"))


def listed(*entries: bytes) -> bytes:
    """The record with this directory."""
    return UTF_8[:24] + b"".join(entries) + UTF_8[24 + 36 :]


ENTRIES = [UTF_8[at : at + 12] for at in (24, 36, 48)]
ODD = {
    "in MARC-8": record(("001", b"A1"), ("245", b"10\x1fa\xe2Etude"), leader=b"00000nam  2200000 a 4500"),
    "in Latin-1 called MARC-8": record(("245", b"10\x1fa\xc9tude"), leader=b"00000nam  2200000 a 4500"),
    "in another order": listed(ENTRIES[1], ENTRIES[0], ENTRIES[2]),
    "a field listed twice": listed(ENTRIES[0], ENTRIES[1], ENTRIES[1]),
    "a field cut short": listed(ENTRIES[0], b"245000500003", ENTRIES[2]),
    "no indicators": record(("245", b"\x1faT")),
    "three indicators": record(("245", b"100\x1faT")),
    "two delimiters in a row": record(("245", b"10\x1f\x1faT")),
    "a delimiter at the end": record(("245", b"10\x1faT\x1f")),
}


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD)
def test_an_odd_record_is_given_the_form_of_pymarc_unless_it_is_preserved(raw, tmp_path):
    theirs = outcome(lambda: pymarc.Record(data=raw).as_marc())
    assert obstacle(raw)
    assert obstacle(theirs) is None
    for write in WRITE.values():
        assert write([Record(data=raw)], tmp_path) == theirs != raw
    for write in (to_path, to_file):
        assert write([Record(data=raw)], tmp_path, preserve=True) == raw


# Real files


def real_files(corpus: Path) -> Iterator[Path]:
    yield from files(corpus)
    yield from sorted((corpus / "bench").glob("*.mrc.xz"))


@pytest.mark.filterwarnings("ignore")
def test_canonical_real_records_come_back_byte_for_byte_and_no_others(corpus, tmp_path):
    seen = Counter()
    for path in real_files(corpus):
        canonical = []
        for one, raw in records_of(path):
            why, written = obstacle(raw), one.as_marc()
            assert (written == raw) == (why in (None, ANOTHER_MAP)), path
            if why == BUT_FOR_LEADER_09:
                assert written == raw[:9] + b"a" + raw[10:], path
            if why is None:
                canonical.append(raw)
            seen["delivered"] += 1
        whole = b"".join(canonical)
        for write in (to_path, to_file):
            assert write(MARCReader(whole), tmp_path) == whole, path
        seen["canonical"] += len(canonical)
    assert seen == {"delivered": 76_268, "canonical": 58_377}


@pytest.mark.filterwarnings("ignore")
def test_pymarc_gives_back_the_same_canonical_real_records(corpus):
    canonical = 0
    for path in files(corpus):
        for _, raw in records_of(path):
            if obstacle(raw) is None:
                canonical += 1
                assert pymarc.Record(data=raw).as_marc() == raw, path
    assert canonical == 6_860


LOOKS = [
    lambda it: it.fields,
    lambda it: it.as_dict(),
    lambda it: [(field.data, field.indicators, field.subfields) for field in it],
    str,
]


def preserved(records: Iterable[Record], folder: Path) -> list[bytes]:
    """What a path and a file have of these records when their fields were looked at."""
    path, file = folder / "out.mrc", io.BytesIO()
    with MARCWriter(path, preserve=True) as by_path:
        by_file = MARCWriter(file, preserve=True)
        for number, one in enumerate(records):
            LOOKS[number % len(LOOKS)](one)
            by_path.write(one)
            by_file.write(one)
    return [path.read_bytes(), file.getvalue()]


@pytest.mark.filterwarnings("ignore")
def test_every_real_record_is_preserved_after_its_fields_were_looked_at(corpus, tmp_path):
    delivered = 0
    for path in real_files(corpus):
        parts = []
        written = preserved((parts.append(raw) or one for one, raw in records_of(path)), tmp_path)
        assert written == [b"".join(parts)] * 2, path
        delivered += len(parts)
    assert delivered == 76_268


@pytest.mark.filterwarnings("ignore")
def test_every_recovered_real_record_that_needed_no_repair_is_preserved(corpus, tmp_path):
    delivered = repaired = 0
    for path in files(corpus):
        table = read_quietly(path, on_error="recover", provenance="raw")
        raws = [it["raw"] for it in rows(table[["raw"]])]
        is_repaired = repaired_in(table)
        sound = [it for number, it in enumerate(raws) if number not in is_repaired]
        records = [one for one, _ in records_of(path, recover=True)]
        kept = [one for number, one in enumerate(records) if number not in is_repaired]
        assert preserved(kept, tmp_path) == [b"".join(sound)] * 2, path
        changed = [one for number, one in enumerate(records) if number in is_repaired]
        with MARCWriter(tmp_path / "out.mrc", preserve=True, oversize="recover") as writer:
            for one in changed:
                writer.write(one)
        again = read_quietly(tmp_path / "out.mrc", on_error="recover")
        assert again.num_rows == len(changed), path
        delivered += table.num_rows
        repaired += len(changed)
    assert (delivered, repaired) == (15_343, 365)


def repaired_in(table: mrrc.Table) -> set[int]:
    """The places of the rows whose records were repaired."""
    repaired = {it["record"] for it in rows(table.diagnostics) if it["severity"] == "repaired"}
    numbers = [it["record"] for it in rows(table[["record"]])]
    return {place for place, number in enumerate(numbers) if number in repaired}


def test_the_share_of_canonical_records_is_printed(fixture_1k, tmp_path):
    odd = kept(ODD["in MARC-8"] * 2 + UTF_8, tmp_path)
    command = [sys.executable, SCRIPT, fixture_1k, odd]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "\n| fixture_1k.mrc | 1,000 | 1,000 | 100.00% | 1,000 |\n" in printed
    assert "\n| in.mrc | 3 | 1 | 33.33% | 1 |\n" in printed
    assert printed.endswith("| leader/09 is not a | 2 |\n")
