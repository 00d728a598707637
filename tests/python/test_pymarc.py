"""Record by record, a reader gives what that of pymarc gives: items, words on the way, errors and bytes."""

from __future__ import annotations

import codecs
import contextlib
import io
import itertools
import logging
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import mrrc
import pymarc
import pytest
from conftest import outcome, record
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTIES = [name for name, it in vars(pymarc.Record).items() if isinstance(it, property)]
# What is asked of a record of which nothing was asked before, in turn: ours may answer from the bytes.
FIRST = [
    lambda m, it: it.title,
    lambda m, it: it.as_marc(),
    lambda m, it: it.as_json(),
    lambda m, it: m.record_to_xml(it),
    lambda m, it: str(it),
    lambda m, it: it.get("245") is it["245"],
    lambda m, it: [str(field) for field in it],
    lambda m, it: it.leader.record_status,
]


class Words(logging.Handler):
    """What is said besides results: log lines, warnings, and lines on stderr."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple] = []
        self.stderr = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.name, record.levelname, record.msg, record.args))

    def take(self) -> tuple:
        """All since it was last taken; but for what only we warn of."""
        warned = [
            (it.category.__name__, str(it.message))
            for it in self.warned
            if not issubclass(it.category, mrrc.MarcWarning)
        ]
        taken = tuple(self.lines), tuple(warned), self.stderr.getvalue()
        self.lines.clear()
        self.warned.clear()
        self.stderr.seek(0)
        self.stderr.truncate()
        return taken

    @contextlib.contextmanager
    def heard(self) -> Iterator[Words]:
        logger = logging.getLogger("pymarc")
        logger.addHandler(self)
        try:
            with warnings.catch_warnings(record=True) as self.warned, contextlib.redirect_stderr(self.stderr):
                warnings.simplefilter("always")
                yield self
        finally:
            logger.removeHandler(self)


def field_facts(field) -> tuple:
    subfields = [(type(it).__name__, it.code, it.value) for it in field.subfields]
    asked = [
        outcome(lambda: str(field)),
        outcome(field.value),
        outcome(field.format_field),
        outcome(field.linkage_occurrence_num),
        outcome(lambda: field.as_marc("utf-8")),
    ]
    return (
        type(field).__name__,
        field.tag,
        field.control_field,
        field.data,
        field.indicators,
        subfields,
        asked,
    )


def facts(m: ModuleType, number: int, it) -> list:
    """All that a record holds and gives."""

    def properties() -> list:
        values = [outcome(lambda name=name: getattr(it, name)) for name in PROPERTIES]
        return [[id_of(field) for field in value] if isinstance(value, list) else value for value in values]

    def id_of(field) -> int:
        return next(place for place, own in enumerate(it.fields) if own is field)

    first = outcome(lambda: FIRST[number % len(FIRST)](m, it))
    return [
        type(it).__name__,
        first,
        (type(it.leader).__name__, str(it.leader), it.pos, it.force_utf8, it.to_unicode),
        [field_facts(field) for field in it.fields],
        properties(),
        outcome(it.as_dict),
        outcome(it.as_json),
        outcome(lambda: str(it)),
        outcome(lambda: m.record_to_xml(it, quiet=True)) if number % 3 == 0 else None,
        outcome(it.as_marc),
        str(it.leader),
        outcome(it.as_marc),
    ]


def why_of(reader) -> tuple | None:
    error = reader.current_exception
    return error and (type(error).__name__, str(error), error.args)


def steps(m: ModuleType, source: object, words: Words, **options: object) -> Iterator[tuple]:
    """What a reader gives, item by item; with what it said meanwhile, and what the item is."""
    reader = m.MARCReader(source, **options)
    for number in itertools.count():
        try:
            item = next(reader)
        except StopIteration:
            yield "end", reader.current_chunk, why_of(reader), words.take()
            return
        why, said = why_of(reader), words.take()
        yield reader.current_chunk, why, said, item and facts(m, number, item), words.take()


def assert_same(source, most: int | None = None, name: object = "", **options: object) -> int:
    """Hold our reader to that of pymarc, on what `source` opens anew; gives the number of items."""
    number = -1
    sources = [source(), source()]
    with Words().heard() as words, contextlib.ExitStack() as files:
        for it in sources:
            files.callback(getattr(it, "close", bool))
        ours, theirs = (
            itertools.islice(steps(m, it, words, **options), most)
            for m, it in zip((mrrc, pymarc), sources, strict=True)
        )
        for number, (mine, other) in enumerate(itertools.zip_longest(ours, theirs)):
            assert mine == other, (str(name), number)
    return number + 1


def files(corpus: Path) -> list[Path]:
    return sorted(it for it in (corpus / "real").rglob("*") if it.is_file())


def opened(path: Path):
    return lambda: open(path, "rb")


class Drip:
    """A file with a `read` of its own, and nothing else."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)
        self.asked: list[int] = []

    def read(self, size: int) -> bytes:
        self.asked.append(size)
        return self.file.read(size)


# Real files


def test_every_real_file_reads_as_in_pymarc(corpus):
    items = sum(assert_same(opened(path), name=path) for path in files(corpus))
    assert items == 15_586


OPTIONS = {
    "bytes": {"to_unicode": False},
    "bytes, forced": {"to_unicode": False, "force_utf8": True},
    "forced": {"force_utf8": True},
    "forced, replaced": {"force_utf8": True, "utf8_handling": "replace"},
    "forced, left out": {"force_utf8": True, "utf8_handling": "ignore"},
    "replaced": {"utf8_handling": "replace"},
    "an unknown way of handling": {"force_utf8": True, "utf8_handling": "no such way"},
    "latin-1": {"file_encoding": "latin-1"},
    "another spelling of the default": {"file_encoding": "iso-8859-1"},
    "cp1251": {"file_encoding": "cp1251"},
    "an unknown encoding": {"file_encoding": "no such encoding"},
    "quiet": {"hide_utf8_warnings": True},
    "permissive": {"permissive": True},
}
some_options = pytest.mark.parametrize("name", OPTIONS)


@some_options
def test_real_files_read_with_options_as_in_pymarc(name, corpus):
    place = list(OPTIONS).index(name) % 6
    items = sum(assert_same(opened(path), 30, path, **OPTIONS[name]) for path in files(corpus)[place::6])
    assert items > 300


def test_bytes_read_as_in_pymarc(corpus):
    for path in files(corpus)[::9]:
        assert_same(path.read_bytes, 20, path)


def test_a_file_with_a_read_of_its_own_is_read_as_in_pymarc(corpus):
    for path in files(corpus)[1::9]:
        data = path.read_bytes()
        assert_same(lambda data=data: Drip(data), 20, path)


def test_a_file_with_a_read_of_its_own_is_asked_for_what_pymarc_asks_for(corpus):
    for path in files(corpus)[2::9]:
        asked = []
        for m in (mrrc, pymarc):
            with Words().heard():
                file = Drip(path.read_bytes())
                items = len(list(itertools.islice(m.MARCReader(file), 20)))
            asked.append((items, file.asked))
        assert asked[0] == asked[1], path


# Damaged bytes

SMALL = {
    "utf-8": record(
        ("001", b"A1"),
        ("008", b"a b  c"),
        ("245", "10\x1faTitle é :\x1fbrest\x1f6880-01".encode()),
        ("880", "10\x1f6245-01\x1faПривет".encode()),
        leader=b"00000nam a2200000 a 4500",
    ),
    "marc-8": record(
        ("001", b"A1"),
        ("245", b"10\x1faT\xe2e \x1b(NAB\x1b(B\x1fbrest"),
        ("650", b" 0\x1faX\x1fxY"),
        leader=b"00000nam  2200000 a 4500",
    ),
    "two": record(("001", b"A1"), ("LKR", b"  \x1faT")) + record(("245", b"10\x1faT\x1f\x1fb")),
}


SOUND = SMALL["utf-8"]
LENGTH, BASE = len(SOUND), int(SOUND[12:17])
ENTRY = SOUND.index(b"245")


def at(place: int, data: bytes) -> bytes:
    """The sound record with other bytes at a place."""
    return SOUND[:place] + data + SOUND[place + len(data) :]


DAMAGED = {
    "nothing": b"",
    "three bytes": b"001",
    "a letter in the length": at(4, b"X"),
    "letters for the length": at(0, b"abcde"),
    "a length and little else": b"00120cam",
    "a length of six": b"00006 ",
    "a byte order mark": b"\xef\xbb\xbf" + SOUND,
    **{
        f"behind the record {more!r}": SOUND + more
        for more in [b"\n", b"\r\n", b"\x1a", b"    ", b"     ", b"\n" * 5, b"\r\n" * 3, b"\0" * 7]
    },
    "a newline between records": SOUND + b"\n" + SOUND,
    "two newlines between records": SOUND + b"\r\n" + SOUND,
    "a length too small by one": at(0, b"%05d" % (LENGTH - 1)),
    "a length too big by one": at(0, b"%05d" % (LENGTH + 1)),
    "a length too big by far": at(0, b"09999"),
    "no terminator": at(LENGTH - 1, b" "),
    "cut short by one": SOUND[:-1],
    **{
        f"a length of {length!r}": at(0, length)
        for length in [
            *(b"%5d" % LENGTH, b"+%04d" % LENGTH, b"0_%03d" % LENGTH, b"%-5d" % LENGTH, b"00005", b"     "),
            *(b"00000", b"00004", b"-0001", b"-9999", b"0x00f", b"1e002", b"01.20", b"__120", b"\xb2\xb2120"),
        ]
    },
    "six bytes of a record": b"00006\x1d",
    "twenty-three bytes of a record": b"00023" + b" " * 17 + b"\x1d",
    "a leader and no more": b"00025nam a2200024 a 4500\x1d",
    **{
        f"a base address of {address!r}": at(12, address)
        for address in [
            *(b"00000", b"-0001", b"99999", b"0a001", b"     ", b"00001", b"00012", b"00024", b"00025"),
            *(b"%05d" % it for it in (BASE - 1, BASE + 1, BASE - 12, BASE + 12, LENGTH - 1, LENGTH)),
            *(b"%5d" % BASE, b"+%04d" % BASE, b"0_%03d" % BASE),
        ]
    },
    "no text in the leader": at(6, b"\xe9"),
    "other counts in the leader": at(10, b"99"),
    "another map of entries in the leader": at(20, b"5601"),
    "letters for a map of entries": at(20, b"abcd"),
    "no text in the directory": at(ENTRY, b"\xe9"),
    **{
        f"a field length of {length!r}": at(ENTRY + 3, length) for length in [b"00a2", b"    ", b"\xb20\xb20"]
    },
    **{f"an offset of {offset!r}": at(ENTRY + 7, offset) for offset in [b"0x001", b"     ", b"00a00"]},
    **{
        f"a field length of {length!r}, read": at(ENTRY + 3, length)
        for length in [
            b"9999",
            b"0060",
            b"0010",
            b"0000",
            b"0001",
            b"0002",
            b"-001",
            b"  30",
            b"+030",
            b"1_00",
        ]
    },
    **{
        f"an offset of {offset!r}, read": at(ENTRY + 7, offset)
        for offset in [b"99999", b"00060", b"00000", b"-0002", b"-9999", b"   10", b"+0010", b"0_010"]
    },
    "two entries of the same field": at(ENTRY + 3, SOUND[ENTRY + 15 : ENTRY + 24]),
    "entries in another order": at(24, SOUND[36:48] + SOUND[24:36]),
    "no terminator of the directory": at(BASE - 1, b"x"),
    "no terminator of a field": at(BASE + 2, b"x"),
    "no text in a value": at(LENGTH - 4, b"\xff"),
    "no text in a control field": at(BASE, b"\xff"),
    "no fields": record(),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_record_is_met_as_in_pymarc(data):
    behind = [b"", SOUND, SMALL["two"] + SMALL["marc-8"]]
    for more in behind:
        assert_same(lambda more=more: data + more, name=more)
        assert_same(lambda more=more: Drip(SOUND + data + more), name=more)
    with Words().heard() as words:
        assert by_itself(mrrc, data, words) == by_itself(pymarc, data, words)


AS_STORED = {
    **{
        f"the tag {tag!r}": (tag, data)
        for tag in ["000", "009", "010", "00A", "0 1", "   ", "LKR", "24X", "999"]
        for data in [b"10\x1faT"]
    },
    "a delimiter in a control field": ("001", b"A\x1fb"),
    "a terminator in a control field": ("001", b"A\x1eb"),
    "an empty control field": ("001", b""),
    **{
        f"the indicators {indicators!r}": ("245", indicators + b"\x1faT")
        for indicators in [b"", b"1", b"12", b"123", b"123456", b"\x1e", b"\xe9", b"1\xe9", b"\\\0"]
    },
    "indicators and text without a code": ("245", b"10aT"),
    "nothing at all": ("245", b""),
    "one byte": ("245", b"1"),
    "a delimiter alone": ("245", b"\x1f"),
    "empty subfields": ("245", b"10\x1f\x1faT\x1f"),
    "an empty value": ("245", b"10\x1fa\x1fb"),
    **{
        f"the code {code!r}": ("245", b"10\x1f" + code + b"T")
        for code in [b" ", b"A", b"$", b"\x01", b"\x7f"]
    },
    **{
        f"the code of {part!r}": ("245", b"10\x1f" + part + b"\x1faT")
        for part in [
            *(b"\xc3\xa9x", b"\xe9x", b"\xff", b"\xef\xac\x81x", b"\xe2\x82\xac1", b"\xce\xb1", b"\xcc\x81a"),
            *(
                b"\xc3\xa9",
                b"\xe9x\xc3\xa9",
                b"\xe1\xba\xa1x",
                b"\xc2\xbdx",
                b"\xef\xbb\xbfax",
                b"\x80",
                b"\xc3",
            ),
        ]
    },
    "text with a byte order mark": ("245", b"10\x1fa\xef\xbb\xbfT"),
    "text in two forms": ("245", "10\x1fae\u0301 \u00e9 \ufb01".encode()),
    "a mark in MARC-8": ("245", b"10\x1faT\xe2e\xe2"),
    "a set of MARC-8 that ends with its value": ("245", b"10\x1fa\x1b(N\x41\x1fb\x41"),
    "a byte without a character": ("245", b"10\x1faa\xafb"),
    "a group of bytes that is cut": ("245", b"10\x1fa\x1b$1!0!!"),
    "an escape that is cut": ("245", b"10\x1faT\x1b"),
    "a subscript to the end": ("245", b"10\x1faT\x1bb"),
    "bytes of no encoding": ("245", b"10\x1fa\xff\x81\xed\xa0\x80\x1fb\xf0\x9f"),
    "bytes of no encoding in a control field": ("001", b"A\xff\x81\x1b(N"),
}
WAYS = {
    "as stated": {},
    "quiet": {"hide_utf8_warnings": True},
    "bytes": {"to_unicode": False},
    "forced": {"force_utf8": True},
    "in Latin-1": {"file_encoding": "latin-1"},
    "in Windows-1252": {"file_encoding": "cp1252", "utf8_handling": "replace"},
}


@pytest.mark.parametrize(("tag", "data"), AS_STORED.values(), ids=AS_STORED.keys())
@pytest.mark.parametrize("way", WAYS)
def test_a_field_is_read_as_in_pymarc(tag, data, way):
    for coding in b"a A#":
        leader = b"00000nam %c2200000 a 4500" % coding
        whole = record(("008", b"x"), (tag, data), ("500", b"  \x1faN"), leader=leader) + SMALL["two"]
        assert_same(lambda whole=whole: whole, name=chr(coding), **WAYS[way])


def in_brackets(error: UnicodeError) -> tuple[str, int]:
    return f"<{error.object[error.start : error.end].hex()}>", error.end


codecs.register_error("in_brackets", in_brackets)
HANDLINGS = [
    *("strict", "replace", "ignore", "backslashreplace", "surrogateescape", "surrogatepass"),
    *("xmlcharrefreplace", "namereplace", "in_brackets", "no such handling", ""),
]


@pytest.mark.parametrize("handling", HANDLINGS)
@pytest.mark.parametrize("name", [it for it in AS_STORED if it.startswith(("bytes", "text"))])
@pytest.mark.parametrize("forced", [False, True])
def test_bytes_that_are_no_utf_8_are_handled_as_in_pymarc(handling, name, forced):
    tag, data = AS_STORED[name]
    whole = record(("008", b"x"), (tag, data)) + SOUND
    assert_same(lambda: whole, utf8_handling=handling, force_utf8=forced)


def mutated(data: bytes, seed: int) -> bytes:
    """Some bytes flipped, dropped, inserted or doubled; more often where numbers stand."""
    chance = random.Random(seed)
    out = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(chance.choice([0, 5]), min(len(out), chance.choice([24, 80, len(out)])))
        usual = b"0123456789 +-_a\t\n\r\x1b\x1d\x1e\x1f"
        byte = chance.choice([*usual, chance.randrange(256), out[place] ^ 0x80])
        match chance.randrange(4):
            case 0 | 1:
                out[place] = byte
            case 2:
                del out[place]
            case 3:
                out.insert(place, byte)
    return bytes(out)


@some_options
@pytest.mark.parametrize("kind", SMALL)
def test_damaged_records_read_as_in_pymarc(kind, name):
    for seed in range(150):
        data = mutated(SMALL[kind], seed) + SMALL["two"]
        assert_same(lambda data=data: data, name=(seed, data), **OPTIONS[name])


@pytest.mark.parametrize("kind", SMALL)
def test_damaged_records_read_from_any_file_as_in_pymarc(kind):
    for seed in range(1_000, 1_200):
        data = mutated(SMALL[kind], seed) + SMALL[kind]
        assert_same(lambda data=data: io.BytesIO(data), name=(seed, data))
        assert_same(lambda data=data: Drip(data), name=(seed, data))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=120), st.sampled_from(sorted(SMALL)), st.integers(0, 200))
def test_any_bytes_in_a_record_read_as_in_pymarc(data, kind, place):
    whole = SMALL[kind][:place] + data + SMALL[kind][place + len(data) :]
    assert_same(lambda: whole, name=whole)


def by_itself(m: ModuleType, data: bytes, words: Words) -> tuple:
    return outcome(lambda: facts(m, 0, m.Record(data))), words.take()


def test_a_damaged_record_read_by_itself_is_the_same_or_raises_the_same():
    with Words().heard() as words:
        for seed in range(400):
            data = mutated(SMALL["utf-8"], seed)
            assert by_itself(mrrc, data, words) == by_itself(pymarc, data, words), (seed, data)
