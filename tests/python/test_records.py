"""Records, fields, leaders and readers in the hands of scripts: the same as pymarc, call by call."""

from __future__ import annotations

import copy
import gc
import importlib
import io
import json
import logging
import pickle
import subprocess
import sys
import warnings
import weakref
from collections.abc import Callable
from operator import delitem, setitem
from types import ModuleType

import mrrc
import pymarc
import pytest
from conftest import outcome, record, same

LDR = "00475cas a2200169 i 4500"
GOOD = record(
    ("001", b"A1"),
    ("245", "10\x1faTitle é :\x1fbrest".encode()),
    ("650", b" 0\x1faX\x1fxY"),
)
MARC8 = record(("001", b"A\xe92"), ("245", b"10\x1faT\xe2e"), leader=b"00000nam  2200000 a 4500")
BAD = record(("001", b"A3"), ("245", b"10\x1faT\xff"))


def shown(it: object) -> object:
    """A thing by its parts, whichever module it is of."""
    if isinstance(it, mrrc.Record | pymarc.Record):
        parts = [it.leader, it.pos, it.force_utf8, it.to_unicode, it.fields]
        return type(it).__name__, *map(shown, parts)
    if isinstance(it, mrrc.Field | pymarc.Field):
        parts = [it.tag, it.control_field, it.data, it.indicators, it.subfields]
        return type(it).__name__, *map(shown, parts)
    if isinstance(it, mrrc.Leader | pymarc.Leader):
        return "Leader", it.leader
    if isinstance(it, list):
        return [shown(item) for item in it]
    if isinstance(it, tuple):
        return type(it).__name__, *(shown(item) for item in it)
    if isinstance(it, dict):
        return {key: shown(value) for key, value in it.items()}
    return it


def kind(call: Callable[[], object]) -> object:
    """What a call gives, or the type alone of what it raises, where the words are Python's own."""
    try:
        return call()
    except NameError:
        raise
    except Exception as error:
        return type(error).__name__


def cases(table: dict[str, Callable]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("call", table.values(), ids=table.keys())


def held(call: Callable[[ModuleType], object]) -> None:
    same(lambda m: shown(call(m)))


def title(m: ModuleType, *subfields, tag: str = "245", indicators=("1", "0")):
    return m.Field(tag, m.Indicators(*indicators), [m.Subfield(*it) for it in subfields])


def some(m: ModuleType):
    """245 10 $aT :$bs$aU"""
    return title(m, ("a", "T :"), ("b", "s"), ("a", "U"))


def control(m: ModuleType):
    return m.Field("001", data="A 1")


def made(m: ModuleType, *fields):
    """A record of fields: (tag, data), or (tag, indicators, (code, value), ...)."""
    record = m.Record()
    for tag, *rest in fields:
        if tag < "010":
            record.add_field(m.Field(tag, data=rest[0]))
        else:
            record.add_field(title(m, *rest[1:], tag=tag, indicators=rest[0]))
    return record


def tagged(m: ModuleType, tags: str):
    """A record whose fields have these tags."""
    return m.Record(fields=[m.Field(tag, data="x") for tag in tags.split()])


def tags(record) -> str:
    return " ".join(it.tag for it in record.fields)


def then(it, *calls):
    """The thing, after these were done to it."""
    for call in calls:
        call(it)
    return it


def put(name: str, value: object) -> Callable:
    return lambda it: setattr(it, name, value)


# Readers


TARGETS = {
    "None": lambda m: None,
    "a number": lambda m: 5,
    "a list": lambda m: [],
    "something without read": lambda m: object(),
    "text in memory": lambda m: io.StringIO(GOOD.decode()),
    "text of ASCII in memory": lambda m: io.StringIO(BAD[:-6].decode() + "x\x1e\x1d"),
}


@cases(TARGETS)
def test_what_is_no_binary_file_fails_at_the_first_record(call):
    def ask(m):
        reader = m.MARCReader(call(m))
        return [outcome(lambda: shown(next(reader))), type(reader.current_exception).__name__]

    same(ask)


def test_a_file_opened_as_text_fails_as_in_pymarc(tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(GOOD + BAD)

    def ask(m, **options):
        with open(path, **options) as file:
            reader = m.MARCReader(file)
            return [outcome(lambda: shown(next(reader))), reader.current_chunk]

    same(lambda m: ask(m, encoding="ascii"))
    same(lambda m: ask(m, encoding="latin-1"))
    same(lambda m: ask(m, encoding="utf-8"))


class Scripted:
    """A file that answers each `read` by the next of these: octets, or an exception."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[int] = []

    def read(self, size: int) -> object:
        self.asked.append(size)
        answer = self.answers.pop(0) if self.answers else b""
        if isinstance(answer, BaseException):
            raise answer
        return answer


ANSWERS = {
    "what is asked for": (GOOD[:5], GOOD[5:], b""),
    "less than asked for": (GOOD[:5], GOOD[5:20], GOOD[20:]),
    "less than five octets": (GOOD[:3], GOOD[3:]),
    "more than asked for": (GOOD[:9], GOOD[5:]),
    "None": (None,),
    "None for the rest": (GOOD[:5], None),
    "bytearray": (bytearray(GOOD[:5]), bytearray(GOOD[5:])),
    "bytes and bytearray": (GOOD[:5], bytearray(GOOD[5:])),
    "text": (GOOD[:5].decode(), GOOD[5:].decode()),
    "a list of numbers": ([1, 2, 3, 4, 5],),
    "an error at once": (OSError("no"), GOOD[:5], GOOD[5:]),
    "an error for the rest": (GOOD[:5], OSError("no"), GOOD[:5], GOOD[5:]),
    "an error of values": (ValueError("no"), GOOD[:5], GOOD[5:]),
    "an error of Python": (GOOD[:5], UnicodeError("no"), GOOD[:5], GOOD[5:]),
    "one more record at last": (b"", GOOD[:5], GOOD[5:], b"", b"", GOOD[:5], GOOD[5:]),
}


@cases({name: lambda answers=answers: answers for name, answers in ANSWERS.items()})
def test_a_file_may_answer_as_it_likes(call):
    def ask(m):
        file = Scripted(*call())
        reader = m.MARCReader(file)
        seen = []
        for _ in range(8):
            seen.append(outcome(lambda: shown(next(reader))))
            seen.append((reader.current_chunk, type(reader.current_exception).__name__))
        return seen, file.asked

    same(ask)


def test_what_is_no_exception_of_a_program_goes_through_the_reader():
    for m in (mrrc, pymarc):
        with pytest.raises(KeyboardInterrupt):
            next(m.MARCReader(Scripted(KeyboardInterrupt())))


SETTINGS = {
    "force_utf8": (True, False),
    "to_unicode": (False, True),
    "utf8_handling": ("replace", "ignore"),
    "file_encoding": ("latin-1", "iso8859-1"),
    "hide_utf8_warnings": (True, False),
    "permissive": (True, False),
}
FILES = {
    "octets": lambda octets: octets,
    "a file in memory": io.BytesIO,
    "a file of its own kind": lambda octets: Scripted(
        *(part for it in octets.split(b"\x1d")[:-1] for part in (it[:5], it[5:] + b"\x1d"))
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
@cases(FILES)
def test_settings_may_change_between_two_records(name, call):
    def ask(m):
        reader = m.MARCReader(call((GOOD + MARC8 + BAD) * 3))
        seen = [[outcome(lambda: shown(next(reader))) for _ in range(3)]]
        for value in SETTINGS[name]:
            setattr(reader, name, value)
            seen += [getattr(reader, name), [outcome(lambda: shown(next(reader))) for _ in range(3)]]
        return seen

    same(ask)


@pytest.mark.parametrize("value", [None, 0, "", "no"], ids=repr)
@pytest.mark.parametrize("name", SETTINGS)
@cases(FILES)
def test_settings_may_be_anything(name, value, call):
    def ask(m):
        reader = m.MARCReader(call(GOOD + MARC8 + BAD), **{name: value})
        seen = [getattr(reader, name)]
        for _ in range(3):
            seen.append(outcome(lambda: shown(next(reader))))
            seen.append(outcome(lambda: type(reader.current_exception).__name__))
        return seen

    same(ask)


READERS = {
    "iter is the reader itself": lambda m, reader: iter(reader) is reader,
    "a reader is true": lambda m, reader: bool(reader),
    "a reader has no length": lambda m, reader: kind(lambda: len(reader)),
    "a reader takes attributes": lambda m, reader: then(reader, put("mine", 5)).mine,
    "a reader has no other attributes": lambda m, reader: kind(lambda: reader.reader),
    "before the first record": lambda m, reader: (reader.current_chunk, reader.current_exception),
    "the octets are set by the reader": lambda m, reader: kind(lambda: setattr(reader, "current_chunk", b"")),
    "so is the exception": lambda m, reader: kind(lambda: setattr(reader, "current_exception", None)),
    "subclasses set them behind": lambda m, reader: (
        then(reader, put("_current_chunk", b"x"), put("_current_exception", 5)),
        reader.current_chunk,
        reader.current_exception,
    )[1:],
    "a fatal exception that is set ends it": lambda m, reader: (
        then(reader, put("_current_exception", m.TruncatedRecord())),
        outcome(lambda: next(reader)),
    )[1:],
    "a reader is closed": lambda m, reader: (reader.close(), outcome(lambda: next(reader))),
    "a reader is closed twice": lambda m, reader: (reader.close(), reader.close()),
    "a reader is closed after a record": lambda m, reader: (
        shown(next(reader)),
        reader.close(),
        outcome(lambda: next(reader)),
        reader.current_chunk,
    ),
    "a file put in place of the first": lambda m, reader: (
        shown(next(reader)),
        then(reader, put("file_handle", io.BytesIO(MARC8 + GOOD))),
        [shown(it) for it in reader],
    )[::2],
    "weak references": lambda m, reader: weakref.ref(reader)() is reader,
    "a loop goes on where it was left": lambda m, reader: [
        [shown(it) for it, _ in zip(reader, range(1), strict=False)],
        [shown(it) for it in reader],
    ],
    "the end is the end": lambda m, reader: (list(reader), list(reader), outcome(lambda: next(reader)))[1:],
    "records are plain": lambda m, reader: type(next(reader)) is m.Record,
}


@cases(READERS)
@pytest.mark.parametrize("file", FILES.values(), ids=FILES.keys())
def test_a_reader_does_what_that_of_pymarc_does(call, file):
    held(lambda m: call(m, m.MARCReader(file(GOOD + MARC8 + BAD + GOOD))))


# The file of a reader


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes((GOOD + MARC8 + BAD) * 200)
    return path


HANDLES = {
    "it stands behind each record": lambda reader: [
        reader.file_handle.tell() for _ in zip(range(5), reader, strict=False)
    ],
    "it stands behind the last record": lambda reader: (len(list(reader)), reader.file_handle.tell()),
    "it goes back to the beginning": lambda reader: [
        shown(next(reader)),
        reader.file_handle.seek(0),
        shown(next(reader)),
        reader.current_chunk,
    ],
    "it goes to a record": lambda reader: [
        [shown(next(reader)) for _ in range(4)],
        reader.file_handle.seek(len(GOOD)),
        shown(next(reader)),
        reader.file_handle.tell(),
    ],
    "it is read by hand": lambda reader: [
        shown(next(reader)),
        reader.file_handle.read(len(MARC8)),
        [shown(next(reader)) for _ in range(2)],
    ],
    "the octets of the last record stay": lambda reader: [
        shown(next(reader)),
        reader.file_handle.tell(),
        reader.current_chunk,
    ],
    "the exception of the last record stays": lambda reader: [
        [shown(next(reader)) for _ in range(3)],
        reader.file_handle.tell(),
        type(reader.current_exception).__name__,
        reader.current_chunk,
    ],
    "it is the same each time": lambda reader: reader.file_handle is reader.file_handle,
    "it is closed by hand": lambda reader: [reader.file_handle.close(), outcome(lambda: next(reader))],
    "it is closed after a record": lambda reader: [
        shown(next(reader)),
        reader.file_handle.close(),
        outcome(lambda: next(reader)),
    ],
    "it is at the end": lambda reader: [
        reader.file_handle.seek(0, 2),
        outcome(lambda: next(reader)),
        reader.current_chunk,
    ],
}


@cases(HANDLES)
def test_the_file_of_a_reader_does_what_that_of_pymarc_does(call, path):
    def ask(m):
        with open(path, "rb") as file:
            return call(m.MARCReader(file))

    same(ask)
    same(lambda m: call(m.MARCReader(io.BytesIO(path.read_bytes()))))
    same(lambda m: call(m.MARCReader(path.read_bytes())))


OWNERS = {
    "its place is behind each record": lambda file, reader: [
        (shown(it), file.tell()) for it, _ in zip(reader, range(5), strict=False)
    ],
    "it is gone back in": lambda file, reader: [
        [shown(next(reader)) for _ in range(4)],
        file.seek(0),
        shown(next(reader)),
        reader.current_chunk,
    ],
    "a part of it is read by hand": lambda file, reader: [
        shown(next(reader)),
        file.read(len(MARC8)),
        shown(next(reader)),
    ],
    "the rest of it is read by hand": lambda file, reader: [shown(next(reader)), len(file.read())],
    "two readers take turns": lambda file, reader: [
        shown(next(it)) for it in [reader, type(reader)(file)] * 3
    ],
    "the end of it is gone to": lambda file, reader: [
        shown(next(reader)),
        file.seek(0, 2),
        outcome(lambda: next(reader)),
    ],
}


@cases(OWNERS)
def test_what_the_owner_of_a_file_does_with_it_is_seen_as_in_pymarc(call, path):
    def ask(m):
        with open(path, "rb") as file:
            return call(file, m.MARCReader(file))

    same(ask)
    same(lambda m: (lambda file: call(file, m.MARCReader(file)))(io.BytesIO(path.read_bytes())))


def test_the_file_that_was_given_is_the_file_of_the_reader(path):
    with open(path, "rb") as file:
        assert mrrc.MARCReader(file).file_handle is file


def test_a_file_closed_by_its_owner_is_said_at_the_next_record(path):
    def ask(m):
        with open(path, "rb") as file:
            reader = m.MARCReader(file)
            first = shown(next(reader))
        return first, outcome(lambda: next(reader))

    same(ask)


def test_a_growing_file_is_read_on(tmp_path):
    def ask(m):
        path = tmp_path / f"{m.__name__}.mrc"
        path.write_bytes(GOOD)
        with open(path, "rb") as file:
            reader = m.MARCReader(file)
            seen = [[shown(it) for it in reader]]
            for more in (MARC8, b"", BAD + GOOD):
                with open(path, "ab") as writer:
                    writer.write(more)
                seen.append([shown(it) for it in reader])
        return seen

    same(ask)


def test_a_closed_reader_has_closed_the_file_of_its_caller(path):
    for m in (mrrc, pymarc):
        with open(path, "rb") as file:
            reader = m.MARCReader(file)
            next(reader)
            reader.close()
            assert file.closed


def test_a_reader_is_closed_by_a_with_statement(path):
    with open(path, "rb") as file, mrrc.MARCReader(file) as reader:
        assert next(reader).title
        inner = reader.file_handle
    assert inner is file
    assert file.closed


def test_a_path_may_be_given_in_place_of_a_file(path):
    with open(path, "rb") as file:
        expected = [shown(it) for it in pymarc.MARCReader(file)]
    for target in (path, str(path)):
        with mrrc.MARCReader(target) as reader:
            assert [shown(it) for it in reader] == expected
            assert reader.file_handle.tell() == path.stat().st_size


def test_a_path_of_no_file_is_said_at_once(tmp_path):
    with pytest.raises(FileNotFoundError, match="no_such_file"):
        mrrc.MARCReader(tmp_path / "no_such_file.mrc")


# Subclasses of readers


def by_lines(m: ModuleType):
    class ByLines(m.MARCReader):
        """Octets between records are passed over."""

        def __init__(self, target, name):
            super().__init__(target)
            self.name = name

        def __next__(self):
            while self.file_handle.read(1) in (b"\n", b"\r"):
                pass
            place = self.file_handle.tell() - 1
            self.file_handle.seek(place)
            return place, super().__next__()

    reader = ByLines(io.BytesIO(b"\n" + GOOD + b"\r\n" + MARC8 + BAD), "x")
    return reader.name, [next(reader) for _ in range(3)], type(reader.current_exception).__name__


def by_itself(m: ModuleType):
    class ByItself(m.MARCReader):
        """Reads by itself, and says so by the names that the properties show."""

        def __next__(self):
            self._current_exception = None
            self._current_chunk = self.file_handle.read(len(GOOD))
            if not self._current_chunk:
                raise StopIteration
            try:
                return m.Record(self._current_chunk)
            except m.PymarcException as error:
                self._current_exception = error
                return None

    reader = ByItself(io.BytesIO(GOOD + b"x" * len(GOOD)))
    return [
        (it, reader.current_chunk, reader.current_exception and repr(reader.current_exception))
        for it in reader
    ]


def without_base(m: ModuleType):
    class WithoutBase(m.MARCReader):
        def __init__(self):
            self.count = 0

    reader = WithoutBase()
    return reader.count, kind(lambda: next(reader)), kind(lambda: reader.to_unicode), reader.current_chunk


def with_defaults(m: ModuleType):
    class Utf8(m.MARCReader):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, force_utf8=True, utf8_handling="replace", **named)

    return list(Utf8(MARC8 + GOOD)), list(Utf8(MARC8, hide_utf8_warnings=True))


def with_a_file_of_its_own(m: ModuleType):
    class Later(m.MARCReader):
        def __init__(self):
            super().__init__(b"")
            self.file_handle = io.BytesIO(GOOD)

    return list(Later())


def that_skips(m: ModuleType):
    class Sound(m.MARCReader):
        def __next__(self):
            while (record := super().__next__()) is None:
                pass
            return record

    return list(Sound(GOOD + BAD + MARC8 + BAD))


def with_properties(m: ModuleType):
    class Fixed(m.MARCReader):
        current_chunk = "fixed"

    reader = Fixed(GOOD)
    return next(reader), reader.current_chunk


SUBCLASSES = [by_lines, by_itself, without_base, with_defaults, with_a_file_of_its_own, that_skips]


@pytest.mark.parametrize("call", [*SUBCLASSES, with_properties], ids=lambda it: it.__name__)
def test_a_subclass_of_a_reader_does_what_it_does_of_that_of_pymarc(call):
    held(call)


def test_a_function_is_called_with_each_record_of_files_and_with_none():
    def ask(m):
        seen = []
        given = m.map_records(seen.append, io.BytesIO(GOOD + BAD), MARC8)
        return given, seen

    held(ask)


def test_a_warning_that_is_made_an_error_makes_a_record_none():
    octets = record(("245", "10\x1fé1\x1faT".encode())) + GOOD

    def ask(m):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            reader = m.MARCReader(octets)
            return next(reader), repr(reader.current_exception), next(reader)

    held(ask)


def test_a_log_that_raises_makes_a_record_none():
    octets = record(("245", b"1\x1faT")) + GOOD

    class Strict(logging.Handler):
        def emit(self, record):
            raise ValueError(record.getMessage())

    handler = Strict()
    logging.getLogger("pymarc").addHandler(handler)
    try:
        held(lambda m: [list(m.MARCReader(octets))])
    finally:
        logging.getLogger("pymarc").removeHandler(handler)


# Making records


CONSTRUCTED = {
    "nothing": lambda m: m.Record(),
    "UTF-8": lambda m: m.Record(force_utf8=True),
    "octets kept": lambda m: m.Record(to_unicode=False),
    "a leader": lambda m: m.Record(leader=LDR),
    "a leader of other numbers": lambda m: m.Record(leader="00475cas a99999999 i 9999"),
    "a leader of twenty": lambda m: m.Record(leader="x" * 20),
    "a leader of nineteen": lambda m: m.Record(leader="x" * 19),
    "a long leader": lambda m: m.Record(leader="x" * 30),
    "an empty leader": lambda m: m.Record(leader=""),
    "a Leader": lambda m: m.Record(leader=m.Leader(LDR)),
    "a leader in octets": lambda m: kind(lambda: m.Record(leader=LDR.encode())),
    "None for a leader": lambda m: kind(lambda: m.Record(leader=None)),
    "a leader, UTF-8": lambda m: m.Record(leader="x" * 24, force_utf8=True),
    "fields": lambda m: m.Record(fields=[some(m)]),
    "a tuple of fields": lambda m: m.Record(fields=(some(m),)),
    "no fields and octets": lambda m: m.Record(GOOD, fields=[]),
    "fields and octets": lambda m: m.Record(b"no record", fields=[some(m)]),
    "fields, UTF-8": lambda m: m.Record(fields=[some(m)], force_utf8=True),
    "a number of fields": lambda m: kind(lambda: m.Record(fields=5).fields),
    "octets": lambda m: m.Record(GOOD),
    "octets by position": lambda m: m.Record(GOOD, None, True, True, True, "replace", LDR, "latin-1"),
    "octets and a leader": lambda m: m.Record(GOOD, leader=LDR),
    "a bytearray": lambda m: m.Record(bytearray(GOOD)),
    "a memoryview": lambda m: m.Record(memoryview(GOOD)),
    "text": lambda m: m.Record(GOOD.decode()),
    "a list": lambda m: kind(lambda: m.Record([1, 2])),
    "None": lambda m: kind(lambda: m.Record(None)),
    "a number": lambda m: kind(lambda: m.Record(5)),
    "octets behind the record": lambda m: m.Record(GOOD + GOOD + b"more"),
    "no terminator": lambda m: m.Record(GOOD[:-1] + b" "),
    "cut short": lambda m: m.Record(GOOD[:-1]),
    "no number": lambda m: m.Record(b"xxxxx" + GOOD[5:]),
    "a leader alone": lambda m: m.Record(GOOD[:24]),
    "less than a leader": lambda m: m.Record(GOOD[:23]),
    "octets that are no text": lambda m: m.Record(BAD),
    "octets that are no text, replaced": lambda m: m.Record(BAD, utf8_handling="replace"),
    "octets of MARC-8": lambda m: m.Record(MARC8),
    "octets of MARC-8, forced": lambda m: m.Record(MARC8, force_utf8=True, utf8_handling="ignore"),
    "octets in another encoding": lambda m: m.Record(MARC8, file_encoding="cp1251"),
    "octets that stay": lambda m: m.Record(MARC8, to_unicode=False),
    "an unknown argument": lambda m: kind(lambda: m.Record(dtaa=b"")),
}


@cases(CONSTRUCTED)
def test_a_record_is_made_as_that_of_pymarc(call):
    held(call)


def test_the_list_of_fields_that_was_given_is_that_of_the_record():
    held(lambda m: (lambda fields: m.Record(fields=fields).fields is fields)([some(m)]))
    held(lambda m: (lambda fields: m.Record(fields=fields).fields is fields)([]))


DECODED = {
    "twice": lambda m, it: [it.decode_marc(GOOD), it.decode_marc(GOOD), it],
    "into a record that has fields": lambda m, it: [it.add_field(some(m)), it.decode_marc(MARC8), it],
    "what fails half-way": lambda m, it: [outcome(lambda: it.decode_marc(BAD)), it],
    "what fails at its leader": lambda m, it: [outcome(lambda: it.decode_marc(b"x" * 10)), it],
    "what fails behind its leader": lambda m, it: [outcome(lambda: it.decode_marc(b"1" * 30)), it],
    "with an encoding": lambda m, it: [it.decode_marc(MARC8, encoding="latin-1"), it],
    "by position": lambda m, it: [it.decode_marc(MARC8, True, False, True, "strict", "latin-1"), it],
    "forced by the argument": lambda m, it: [outcome(lambda: it.decode_marc(MARC8, force_utf8=True)), it],
    "forced by the record": lambda m, it: [
        then(it, put("force_utf8", True)),
        outcome(lambda: it.decode_marc(MARC8)),
    ],
    "octets that stay": lambda m, it: [it.decode_marc(MARC8, to_unicode=False), it],
    "what is empty": lambda m, it: [outcome(lambda: it.decode_marc(b"")), it],
}


@cases(DECODED)
def test_octets_are_read_into_a_record_as_in_pymarc(call):
    held(lambda m: call(m, m.Record()))


# Looking up


LOOKED_UP = {
    "by tag": lambda m, it: it["245"],
    "by an absent tag": lambda m, it: outcome(lambda: it["999"]),
    "by a number": lambda m, it: outcome(lambda: it[245]),
    "by zero": lambda m, it: outcome(lambda: it[0]),
    "by a slice": lambda m, it: outcome(lambda: it[0:2]),
    "by a list": lambda m, it: outcome(lambda: it[["245"]]),
    "the error of an absent tag has no arguments": lambda m, it: (
        kind(lambda: it["999"]),
        raised(lambda: it["999"]).args,
    ),
    "get": lambda m, it: it.get("245"),
    "get what is absent": lambda m, it: it.get("999"),
    "get what is absent, or else": lambda m, it: it.get("999", 5),
    "get by names": lambda m, it: it.get(tag="999", default="x"),
    "get by a number": lambda m, it: it.get(245),
    "get the first": lambda m, it: it.get("650") is it.fields[2],
    "contains": lambda m, it: ["245" in it, "999" in it, 245 in it, None in it],
    "put by tag": lambda m, it: kind(lambda: setitem(it, "001", 5)),
    "delete by tag": lambda m, it: kind(lambda: delitem(it, "001")),
    "no length": lambda m, it: kind(lambda: len(it)),
    "true without fields": lambda m, it: bool(m.Record()),
    "all fields": lambda m, it: it.get_fields() is it.fields,
    "fields of a tag": lambda m, it: it.get_fields("650"),
    "fields of two tags, in the order of the record": lambda m, it: it.get_fields("650", "001"),
    "a tag given twice": lambda m, it: it.get_fields("650", "650"),
    "no wildcards": lambda m, it: it.get_fields("6XX", "6"),
    "fields of a list": lambda m, it: it.get_fields(["650"]),
    "fields of a list and a tag": lambda m, it: kind(lambda: it.get_fields(["650"], "001")),
    "fields of a number": lambda m, it: it.get_fields(650),
    "a new list each time": lambda m, it: it.get_fields("650") is it.get_fields("650"),
    "fields that are live": lambda m, it: it.get_fields("650")[0] is it.fields[2],
    "fields is a list": lambda m, it: type(it.fields).__name__,
    "the same list each time": lambda m, it: it.fields is it.fields,
    "the same field each time": lambda m, it: it["245"] is it["245"] is it.get("245") is it.fields[1],
    "the same leader each time": lambda m, it: it.leader is it.leader,
    "the same subfields each time": lambda m, it: it["245"].subfields is it["245"].subfields,
    "records are equal to themselves": lambda m, it: (it == it, it == m.Record(GOOD), it != m.Record(GOOD)),
    "fields are equal to themselves": lambda m, it: [it["245"] == it.fields[1], some(m) == some(m)],
    "a field is among the fields": lambda m, it: [it["245"] in it.fields, some(m) in it.fields],
    "records and fields are in sets": lambda m, it: len({it, it, it["245"], it["245"], it.leader}),
    "an unknown attribute": lambda m, it: kind(lambda: it.foo),
    "an unknown attribute that is set": lambda m, it: kind(lambda: setattr(it, "foo", 1)),
    "a property that is set": lambda m, it: kind(lambda: setattr(it, "title", "x")),
    "an unknown attribute of a field": lambda m, it: kind(lambda: setattr(it["245"], "foo", 1)),
    "no weak references": lambda m, it: [kind(lambda: weakref.ref(it)), kind(lambda: weakref.ref(it["245"]))],
    "weak references to leaders": lambda m, it: weakref.ref(it.leader)() is it.leader,
    "an attribute of the class": lambda m, it: (
        setattr(m.Record, "shelf", 1),
        it.shelf,
        delattr(m.Record, "shelf"),
    ),
    "no dictionary": lambda m, it: [kind(lambda: vars(it)), kind(lambda: vars(it["245"]))],
    "pos": lambda m, it: (it.pos, then(it, put("pos", 5)).pos),
    "settings": lambda m, it: (it.force_utf8, it.to_unicode, kind(lambda: it.utf8_handling)),
}


def raised(call: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:
        call()
    return caught.value


@cases(LOOKED_UP)
def test_what_is_looked_up_is_found_as_in_pymarc(call):
    octets = GOOD[:-1] + b"\x1d"
    held(lambda m: call(m, next(m.MARCReader(octets))))
    held(lambda m: call(m, m.Record(octets)))


# Iteration


def nested(m: ModuleType, it) -> list:
    return [(one.tag, two.tag) for one in it for two in it]


def interrupted(name: str) -> Callable:
    def ask(m, it):
        seen = []
        for field in it:
            seen.append(field.tag)
            getattr(it, name)()
        return seen

    return ask


def removing(m: ModuleType, it) -> list:
    seen = []
    for field in it:
        seen.append(field.tag)
        it.remove_field(field)
    return [seen, tags(it)]


def adding(m: ModuleType, it) -> list:
    seen = []
    for field in it:
        seen.append(field.tag)
        if len(seen) < 6:
            it.add_field(field)
    return seen


ITERATED = {
    "iter is the record": lambda m, it: iter(it) is it,
    "all fields": lambda m, it: list(it),
    "again from the beginning": lambda m, it: [list(it), list(it)],
    "next without iter": lambda m, it: [next(it).tag, next(it).tag, next(it).tag, kind(lambda: next(it))],
    "two loops share a cursor": nested,
    "a loop that removes": removing,
    "a loop that adds": adding,
    "as_dict ends a loop": interrupted("as_dict"),
    "as_json ends a loop": interrupted("as_json"),
    "record_to_xml ends a loop": lambda m, it: [(f.tag, m.record_to_xml(it))[0] for f in it],
    "as_marc does not": interrupted("as_marc"),
    "str does not": interrupted("__str__"),
    "get_fields does not": interrupted("get_fields"),
    "a writer of JSON ends a loop": lambda m, it: [
        (f.tag, m.JSONWriter(io.StringIO()).write(it))[0] for f in it
    ],
    "properties do not": lambda m, it: [(f.tag, it.title, it.author, it.subjects)[0] for f in it],
    "next after as_json": lambda m, it: [it.as_json(), kind(lambda: next(it))],
    "next after as_dict of a list that grew": lambda m, it: [it.as_dict(), it.add_field(some(m)), next(it)],
    "next after as_json of a list that grew": lambda m, it: [it.as_json(), it.add_field(some(m)), next(it)],
    "fields that are a tuple": lambda m, it: list(then(it, put("fields", tuple(it.fields)))),
    "fields put in place of others": lambda m, it: [next(it).tag, put("fields", [some(m)] * 3)(it), list(it)],
    "zip takes two at a time": lambda m, it: [(a.tag, b.tag) for a, b in zip(it, it, strict=False)],
}


@cases(ITERATED)
def test_a_record_is_iterated_as_in_pymarc(call):
    held(lambda m: call(m, next(m.MARCReader(GOOD))))
    held(lambda m: call(m, m.Record(GOOD)))


FIELD_ITERATED = {
    "iter is the field": lambda m, it: iter(it) is it,
    "all subfields": lambda m, it: list(it),
    "codes and values": lambda m, it: [(code, value) for code, value in it],
    "again from the beginning": lambda m, it: [list(it), list(it)],
    "two loops share a cursor": lambda m, it: [(a, b) for a in it for b in it],
    "next before iter": lambda m, it: kind(lambda: next(it)),
    "next after the end": lambda m, it: [list(it), kind(lambda: next(it))],
    "a loop that adds": lambda m, it: [
        (code, it.add_subfield("x", "y") if len(it.subfields) < 6 else None)[0] for code, _ in it
    ],
    "a loop that deletes": lambda m, it: [(code, it.delete_subfield(code))[0] for code, _ in it],
    "a control field": lambda m, it: [list(control(m)), kind(lambda: next(control(m)))],
    "subfields put in place of others": lambda m, it: [
        next(iter(it)),
        put("subfields", [m.Subfield("x", "y")] * 3)(it),
        next(it),
    ],
}


@cases(FIELD_ITERATED)
def test_a_field_is_iterated_as_in_pymarc(call):
    held(lambda m: call(m, some(m)))


# Lists that are alive


LIVE = {
    "append": lambda m, it: it.fields.append(some(m)),
    "sort": lambda m, it: it.fields.sort(key=lambda field: field.tag, reverse=True),
    "a slice": lambda m, it: it.fields.__setitem__(slice(0, 2), [some(m)]),
    "del": lambda m, it: it.fields.__delitem__(0),
    "clear": lambda m, it: it.fields.clear(),
    "append to get_fields": lambda m, it: it.get_fields().append(some(m)),
    "append to get_fields of a tag": lambda m, it: it.get_fields("245").append(some(m)),
    "append a subfield": lambda m, it: it["245"].subfields.append(m.Subfield("x", "y")),
    "replace a subfield": lambda m, it: it["245"].subfields.__setitem__(0, m.Subfield("a", "y")),
    "replace all subfields": lambda m, it: put("subfields", [m.Subfield("a", "y")])(it["245"]),
    "replace all fields": lambda m, it: put("fields", [some(m)])(it),
    "an indicator": lambda m, it: put("indicator1", "7")(it["245"]),
    "indicators": lambda m, it: put("indicators", ["7", "8"])(it["245"]),
    "data": lambda m, it: put("data", "new")(it["001"]),
    "a tag": lambda m, it: put("tag", "246")(it["245"]),
    "a value": lambda m, it: it["245"].__setitem__("a", "new"),
    "the leader": lambda m, it: put("leader", LDR)(it),
    "a position of the leader": lambda m, it: it.leader.__setitem__(5, "d"),
    "a property of the leader": lambda m, it: put("type_of_record", "c")(it.leader),
    "a leader cut together": lambda m, it: put("leader", it.leader[:5] + "d" + it.leader[6:])(it),
    "fields of another record": lambda m, it: it.add_field(*m.Record(GOOD).fields),
    "title": lambda m, it: it.title,
    "as_json": lambda m, it: it.as_json(),
    "as_marc": lambda m, it: it.as_marc(),
    "nothing": lambda m, it: None,
}


@cases(LIVE)
@pytest.mark.parametrize("looked", [False, True], ids=["unseen", "seen"])
@pytest.mark.parametrize("octets", [GOOD, MARC8], ids=["UTF-8", "MARC-8"])
def test_what_is_done_to_a_part_is_done_to_the_record(call, looked, octets):
    def ask(m):
        it = next(m.MARCReader(octets))
        if looked:
            assert it.fields and it.leader
        done = call(m, it)
        forms = [it.as_json(), it.as_dict(), str(it), m.record_to_xml(it), it.title, it.as_marc()]
        return done, forms, it, it.as_json(), it.as_marc(), str(it.leader)

    held(ask)


# Adding and removing


ORDERED = {
    "in any order": ("", "500 245 001 245 100 999 650"),
    "into what is not sorted": ("001 650 245 500", "300"),
    "before a tag of letters": ("001 LKR 650", "300 100"),
    "before letters that stand first": ("LKR 001", "300"),
    "a tag of letters, then a number": ("001 650", "LKR 100"),
    "equal tags": ("500 500", "500 245 500"),
    "long and empty tags": ("245 1000", "999 1001 2"),
    "digits of other scripts": ("245", "\u0661\u0662\u0663 100"),
    "into nothing, letters": ("", "abc 001 002"),
}
GROUPED = {
    "in any order": ("", "500 245 001 245 100 999 650 505 246 010"),
    "what is not sorted": ("", "999 888 111 abc 666 988 998"),
    "letters first": ("LKR 001", "300 200"),
    "digits of other scripts": ("245", "\u0661\u0662\u0663 100"),
}


@pytest.mark.parametrize(("before", "added"), ORDERED.values(), ids=ORDERED.keys())
@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])
def test_fields_are_put_in_the_order_of_their_tags_as_in_pymarc(before, added, at_once):
    def ask(m):
        it = tagged(m, before)
        fields = [m.Field(tag, data="y") for tag in added.split()]
        done = [it.add_ordered_field(*fields)] if at_once else [it.add_ordered_field(f) for f in fields]
        return done, it

    held(ask)


@pytest.mark.parametrize(("before", "added"), GROUPED.values(), ids=GROUPED.keys())
@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])
def test_fields_are_put_in_the_groups_of_their_tags_as_in_pymarc(before, added, at_once):
    def ask(m):
        it = tagged(m, before)
        fields = [m.Field(tag, data="y") for tag in added.split()]
        done = [it.add_grouped_field(*fields)] if at_once else [it.add_grouped_field(f) for f in fields]
        return done, it

    held(ask)


def test_the_orders_of_the_manual_come_out():
    one, two = mrrc.Record(), mrrc.Record()
    one.add_ordered_field(*tagged(mrrc, "500 245 001 245 100 999 650").fields)
    two.add_grouped_field(*tagged(mrrc, "500 245 001 245 100 999 650 505 246 010").fields)
    assert tags(one) == "001 100 245 245 500 650 999"
    assert tags(two) == "001 010 100 245 245 246 500 505 650 999"


ADDED = {
    "one": lambda m, it: it.add_field(some(m)),
    "several": lambda m, it: it.add_field(some(m), control(m)),
    "none": lambda m, it: it.add_field(),
    "what is no field": lambda m, it: [it.add_field("x", None), it.fields.pop(), it.fields.pop()],
    "in order, what is no field": lambda m, it: kind(lambda: it.add_ordered_field("x")),
    "to a tuple": lambda m, it: [put("fields", ())(it), kind(lambda: it.add_field(some(m)))],
    "the same twice": lambda m, it: [it.add_field(it["245"], it["245"]), it.fields[-1] is it.fields[-2]],
    "remove one": lambda m, it: it.remove_field(it["245"]),
    "remove several": lambda m, it: it.remove_field(it["001"], it["650"]),
    "remove one that looks alike": lambda m, it: outcome(lambda: it.remove_field(some(m))),
    "remove one that is gone, behind another": lambda m, it: outcome(
        lambda: it.remove_field(it["001"], some(m), it["245"])
    ),
    "the error of one that is gone has no arguments": lambda m, it: (
        raised(lambda: it.remove_field(some(m))).args,
        raised(lambda: it.remove_field(some(m))).__cause__,
    ),
    "remove None": lambda m, it: outcome(lambda: it.remove_field(None)),
    "remove all with a tag": lambda m, it: it.remove_fields("650"),
    "remove all with two tags": lambda m, it: it.remove_fields("650", "001"),
    "remove all with an absent tag": lambda m, it: it.remove_fields("999"),
    "remove all without a tag": lambda m, it: it.remove_fields(),
    "remove all with a list": lambda m, it: it.remove_fields(["650"]),
    "remove all with two lists": lambda m, it: kind(lambda: it.remove_fields(["650"], ["001"])),
    "the list stays the same": lambda m, it: (lambda fields: (it.remove_fields("650"), it.fields is fields))(
        it.fields
    ),
    "remove while looping over a list of its own": lambda m, it: [
        it.remove_field(field) for field in it.get_fields("245", "650")
    ],
}


@cases(ADDED)
def test_fields_are_added_and_removed_as_in_pymarc(call):
    held(lambda m: (lambda it: (call(m, it), it))(next(m.MARCReader(GOOD))))


# Linked fields


def linked(m: ModuleType):
    return made(
        m,
        ("245", "10", ("6", "880-01"), ("a", "T")),
        ("500", "  ", ("6", "880-02/(3/r"), ("a", "N")),
        ("501", "  ", ("a", "N")),
        ("502", "  ", ("6", "880-09")),
        ("503", "  ", ("6", "880-00")),
        ("504", "  ", ("6", "")),
        ("505", "  ", ("6", "880-")),
        ("880", "10", ("6", "245-01/(N"), ("a", "1")),
        ("880", "10", ("6", "500-02"), ("a", "2")),
        ("880", "10", ("6", "246-01"), ("a", "3")),
        ("880", "10", ("6", "700-00"), ("a", "4")),
        ("880", "10", ("a", "5")),
    )


@pytest.mark.parametrize("tag", ["245", "500", "501", "502", "503", "504", "505", "880"])
def test_linked_fields_are_found_as_in_pymarc(tag):
    held(lambda m: (lambda it: it.get_linked_fields(it[tag]))(linked(m)))


def test_an_occurrence_without_a_hyphen_is_an_error_as_in_pymarc():
    def ask(m):
        it = linked(m)
        it.add_field(title(m, ("6", "24501"), tag="880"))
        return kind(lambda: it.get_linked_fields(it["245"]))

    same(ask)


def test_the_field_without_linked_fields_is_in_the_error():
    it = linked(mrrc)
    with pytest.raises(mrrc.MissingLinkedFields) as caught:
        it.get_linked_fields(it["502"])
    assert caught.value.field is it["502"]


# Text, copies, pickles


def test_a_record_as_text_has_a_line_for_each_field():
    assert str(made(mrrc, ("001", "A 1"), ("245", " 0", ("a", "x y")))) == (
        "=LDR            22        4500\n=001  A\\1\n=245  \\0$ax y\n"
    )


COPIED = {
    "a copy shares the fields": lambda m, it: copy.copy(it).fields is it.fields,
    "a copy shares the leader": lambda m, it: copy.copy(it).leader is it.leader,
    "a copy": lambda m, it: copy.copy(it),
    "a deep copy": lambda m, it: copy.deepcopy(it),
    "a deep copy has fields of its own": lambda m, it: [
        copy.deepcopy(it).fields is it.fields,
        copy.deepcopy(it)["245"] is it["245"],
        copy.deepcopy(it)["245"].subfields is it["245"].subfields,
        copy.deepcopy(it).leader is it.leader,
    ],
    "a deep copy is another record": lambda m, it: (lambda two: (two["245"].add_subfield("x", "y"), it, two))(
        copy.deepcopy(it)
    ),
    "a deep copy of what holds the same field twice": lambda m, it: (
        lambda two: (two.fields[0] is two.fields[1], two)
    )(copy.deepcopy(m.Record(fields=[it["245"]] * 2))),
    "a copy of a field shares the subfields": lambda m, it: (
        copy.copy(it["245"]).subfields is it["245"].subfields
    ),
    "a copy of a field": lambda m, it: copy.copy(it["245"]),
    "a deep copy of a field": lambda m, it: copy.deepcopy(it["245"]),
    "a deep copy of a control field": lambda m, it: copy.deepcopy(it["001"]),
    "a copy of a leader": lambda m, it: (copy.copy(it.leader), copy.deepcopy(it.leader)),
    "a copy in the middle of a loop": lambda m, it: [next(it), list_on(copy.copy(it)), list_on(it)],
    "a field copied in the middle of a loop": lambda m, it: [
        next(iter(it["245"])),
        list_on(copy.copy(it["245"])),
    ],
    "a copy is written the same": lambda m, it: [copy.copy(it).as_marc(), copy.deepcopy(it).as_json()],
    "a copy of a changed record": lambda m, it: copy.deepcopy(then(it, lambda r: r.remove_fields("650"))),
    "the class of a copy": lambda m, it: type(copy.deepcopy(it)) is m.Record,
}


def list_on(it) -> list:
    """What is left of an iteration."""
    left = []
    while True:
        try:
            left.append(next(it))
        except StopIteration:
            return left


@cases(COPIED)
@pytest.mark.parametrize("options", [{}, {"to_unicode": False}], ids=["text", "octets"])
def test_a_copy_is_as_that_of_pymarc(call, options):
    held(lambda m: call(m, next(m.MARCReader(GOOD, **options))))


PICKLED = {
    "a record that was read": lambda m: next(m.MARCReader(GOOD)),
    "a record of octets": lambda m: next(m.MARCReader(MARC8, to_unicode=False)),
    "a record that was made": lambda m: made(m, ("001", "A"), ("245", "10", ("a", "T"))),
    "an empty record": lambda m: m.Record(),
    "a record with a string for a leader": lambda m: then(m.Record(), put("leader", LDR)),
    "a record in the middle of a loop": lambda m: then(next(m.MARCReader(GOOD)), next),
    "a field": some,
    "a field in the middle of a loop": lambda m: then(some(m), iter, next),
    "a control field": control,
    "a field of octets": lambda m: m.RawField("245", subfields=[m.Subfield("a", b"\xff")]),
    "a leader": lambda m: m.Leader(LDR),
    "a list of fields": lambda m: [some(m)] * 2,
}


@cases(PICKLED)
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_gives_what_was_pickled(call, protocol):
    for it in (call(mrrc), call(pymarc)):
        again = pickle.loads(pickle.dumps(it, protocol))
        assert type(again) is type(it)
        assert shown(again) == shown(it)


@cases({name: it for name, it in PICKLED.items() if name != "a list of fields"})
def test_a_pickle_has_the_parts_that_it_has_in_pymarc(call):
    def ask(m):
        it = call(m)
        make, arguments, state, *rest = it.__reduce_ex__(4)
        own, slots = state if isinstance(state, tuple) else (state, None)
        return make.__name__, len(arguments), shown(own), shown(slots), rest

    held(ask)


@pytest.mark.parametrize("protocol", [0, 1])
def test_old_protocols_of_pickles_are_refused_as_in_pymarc(protocol):
    for call in (some, lambda m: m.Record(GOOD)):
        same(lambda m, call=call: kind(lambda: pickle.dumps(call(m), protocol)))


def test_a_pickle_of_pymarc_is_read_with_mrrc_in_its_place():
    it = next(pymarc.MARCReader(GOOD))
    pickled = pickle.dumps([it, it["245"], it.leader, it["245"].subfields[0], it["245"].indicators])
    script = (
        "import pickle, sys, mrrc\n"
        "sys.modules['pymarc'] = mrrc\n"
        "record, field, leader, subfield, indicators = pickle.load(sys.stdin.buffer)\n"
        "assert type(record) is mrrc.Record and type(field) is mrrc.Field and record['245'] is field\n"
        "assert type(leader) is mrrc.Leader and type(subfield) is mrrc.Subfield\n"
        "sys.stdout.buffer.write(record.as_marc())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], input=pickled, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == it.as_marc()


class Shelved(mrrc.Record):
    shelf = 0


class Marked(mrrc.Field):
    pass


class TheirShelved(pymarc.Record):
    shelf = 0


class TheirMarked(pymarc.Field):
    pass


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(("shelved", "marked"), [(Shelved, Marked), (TheirShelved, TheirMarked)])
def test_a_pickle_of_a_subclass_has_what_it_adds(protocol, shelved, marked):
    it = shelved(GOOD)
    it.shelf, it.more = 7, ["x"]
    it.fields[1] = marked("245", data=None)
    it.fields[1].mark = it
    again = pickle.loads(pickle.dumps(it, protocol))
    assert (type(again), again.shelf, again.more) == (shelved, 7, ["x"])
    assert type(again.fields[1]) is marked
    assert again.fields[1].mark is again
    assert vars(copy.copy(it)) == vars(it)


def test_circles_of_records_and_fields_are_collected():
    it, reader = Shelved(GOOD), mrrc.MARCReader(GOOD)
    field = Marked("245")
    it.add_field(field)
    field.record, it.reader, reader.record = it, reader, it
    ends = [weakref.ref(it), weakref.ref(field), weakref.ref(reader)]
    del it, field, reader
    gc.collect()
    assert [end() for end in ends] == [None] * 3


def test_a_plain_record_in_a_circle_is_collected():
    it = mrrc.Record(GOOD)
    end = Marked("500")
    end.record = it
    it.add_field(end)
    it.leader.record = it
    ends = [weakref.ref(end), weakref.ref(it.leader)]
    del it, end
    gc.collect()
    assert [end() for end in ends] == [None] * 2


# Properties


def valued(tag: str, *fields, indicators: str = "  ") -> Callable:
    """A record with a field of this tag for each list of subfields."""
    return lambda m: made(m, *((tag, indicators, *subfields) for subfields in fields))


PROPERTIES = {
    "title": lambda m: valued("245", [("a", "T :"), ("b", "s /"), ("c", "x")])(m),
    "title, $b first": valued("245", [("b", "s"), ("a", "T")]),
    "title, repeated": valued("245", [("a", "T"), ("a", "U"), ("b", "1"), ("b", "2")]),
    "title, $a empty": valued("245", [("a", ""), ("b", "s")]),
    "title, $b empty": valued("245", [("a", "T"), ("b", "")]),
    "title, no $a": valued("245", [("b", "s")], [("a", "T")]),
    "title, parts": valued("245", [("a", "T"), ("n", "1"), ("p", "Part")]),
    "title, blanks": valued("245", [("a", " T "), ("b", " s ")]),
    "title, None": valued("245", [("a", None), ("b", "s")]),
    "title, $b is a number": valued("245", [("a", "T"), ("b", 5)]),
    "title, no subfields": valued("245", []),
    "title of octets": valued("245", [("a", b"T")]),
    "title of octets with a rest": valued("245", [("a", b"T"), ("b", b"s")]),
    "issn_title": valued("222", [("a", "T"), ("b", "s")]),
    **{
        f"isbn: {text!r}": valued("020", [("a", text)])
        for text in [
            "0-201-61622-X (pbk.)",
            "978-0-201-61622-4 :",
            "(pbk.) 020161622X",
            "0201 61622",
            "Ex libris 123",
            "(x) 123",
            "ISBN 1234",
            "-",
            "---",
            "no digits",
            "pbk",
            "",
            "\u0661\u0662\u0663",
            None,
            b"123",
            5,
        ]
    },
    "isbn, only $z first": valued("020", [("z", "1")], [("a", "2")]),
    "issn": valued("022", [("a", "1234-5678"), ("l", "8765-4321")]),
    "issn, empty": valued("022", [("a", ""), ("l", "")]),
    "issn, only $y first": valued("022", [("y", "1")], [("a", "2"), ("l", "3")]),
    "sudoc": valued("086", [("a", "A 1.1:"), ("z", "x")], [("a", "B")]),
    "author": valued("100", [("a", "Doe, J."), ("d", "1950-"), ("6", "880-01"), ("0", "id")]),
    "author of 111 and 110": lambda m: made(m, ("111", "2 ", ("a", "C")), ("110", "2 ", ("a", "B"))),
    "author, 100 without subfields": lambda m: made(m, ("110", "2 ", ("a", "B")), ("100", "1 ")),
    "author, 111 alone": valued("111", [("a", "C")]),
    "uniformtitle of 240": valued("240", [("a", "U"), ("l", "Latin")]),
    "uniformtitle of 130": lambda m: made(m, ("240", "10", ("a", "U")), ("130", "0 ", ("a", "V"))),
    "publisher, 260 without $b": lambda m: made(m, ("260", "  ", ("a", "x")), ("264", " 1", ("b", "R"))),
    "publisher, 264 before 260": lambda m: made(m, ("264", " 1", ("b", "R")), ("260", "  ", ("b", "P"))),
    "publisher, other 264s": lambda m: made(m, ("264", " 0", ("b", "R")), ("264", " 4", ("c", "S"))),
    "publisher, a 264 behind others": lambda m: made(m, ("264", " 4", ("c", "1")), ("264", " 1", ("c", "2"))),
    "pubyear": valued("260", [("b", "P,"), ("c", "c1999.")]),
    "pubyear, empty": valued("260", [("b", ""), ("c", "")]),
    "a control field in the place of a data field": lambda m: then(
        made(m, ("001", "x")), lambda it: put("tag", "245")(it.fields[0])
    ),
    "all tags": lambda m: m.Record(fields=[m.Field(f"{tag:03}", data="x") for tag in range(1000)]),
    "nothing": lambda m: m.Record(),
}
NAMES = [name for name, it in vars(pymarc.Record).items() if isinstance(it, property)]


@cases(PROPERTIES)
def test_properties_are_those_of_pymarc(call):
    def ask(m):
        it = call(m)
        return {name: kind(lambda name=name: getattr(it, name)) for name in NAMES}

    held(ask)


@cases({name: it for name, it in PROPERTIES.items() if name not in ("all tags", "nothing")})
@pytest.mark.parametrize("as_octets", [False, True], ids=["text", "octets"])
def test_properties_of_a_record_that_was_read_are_those_of_pymarc(call, as_octets):
    def ask(m):
        octets = call(pymarc).as_marc()

        def asked(name):
            return getattr(next(m.MARCReader(octets, to_unicode=not as_octets)), name)

        return {name: kind(lambda name=name: asked(name)) for name in NAMES}

    held(ask)


@pytest.mark.parametrize("name", ["series", "subjects", "addedentries", "location", "notes"])
def test_a_list_of_fields_is_new_each_time_and_its_fields_are_live(name):
    it = PROPERTIES["all tags"](mrrc)
    one, two = getattr(it, name), getattr(it, name)
    assert one is not two
    assert one
    assert all(any(field is own for own in it.fields) for field in one)


# JSON


JSON = {
    "as it is": {},
    "indented": {"indent": 2},
    "sorted": {"sort_keys": True},
    "not in ASCII": {"ensure_ascii": False},
    "tight": {"separators": (",", ":")},
    "by a class": {"cls": json.JSONEncoder},
    "an unknown option": {"no_such_option": 1},
    "no more NaN": {"allow_nan": False},
    "with a default": {"default": repr},
}


@pytest.mark.parametrize("options", JSON.values(), ids=JSON.keys())
@pytest.mark.parametrize("reading", [{}, {"to_unicode": False}], ids=["text", "octets"])
@pytest.mark.parametrize("looked", [False, True], ids=["unseen", "seen"])
def test_options_of_json_do_what_they_do_in_pymarc(options, reading, looked):
    def ask(m):
        it = next(m.MARCReader(GOOD + MARC8, **reading))
        if looked:
            assert it.fields
        return kind(lambda: it.as_json(**options))

    same(ask)


def test_a_dictionary_of_a_record_is_made_anew():
    it = mrrc.Record(GOOD)
    it.as_dict()["fields"].clear()
    assert len(it.as_dict()["fields"]) == 3


def test_json_leaves_the_leader_as_it_is():
    it = mrrc.Record(MARC8)
    it.as_json()
    assert it.leader[9] == " "


# Subclasses of records and fields


def logged(base: type, names: str, log: list) -> type:
    """A subclass that notes which of its methods are called."""

    def method(name):
        def call(self, *arguments, **named):
            log.append((name, len(arguments), sorted(named)))
            return getattr(super(made, self), name)(*arguments, **named)

        return call

    made = type("Logged", (base,), {name: method(name) for name in names.split()})
    return made


RECORD_METHODS = (
    "decode_marc get get_fields get_linked_fields add_field add_ordered_field remove_field remove_fields"
    " as_marc as_marc21 as_dict as_json __iter__ __next__ __getitem__ __contains__ __str__"
)
FIELD_METHODS = (
    "get get_subfields value format_field is_subject_field is_control_field linkage_occurrence_num as_marc"
    " as_marc21 __iter__ __next__ __getitem__ __contains__ __str__ add_subfield"
)
CALLS = {
    "made of octets": lambda m, it: type(it)(GOOD),
    **{name: lambda m, it, name=name: getattr(it, name) for name in NAMES},
    "get_linked_fields": lambda m, it: it.get_linked_fields(it.fields[1]),
    "as_json": lambda m, it: it.as_json(),
    "as_json with an option": lambda m, it: it.as_json(indent=1),
    "as_dict": lambda m, it: it.as_dict(),
    "as_marc": lambda m, it: it.as_marc(),
    "as_marc21": lambda m, it: it.as_marc21(),
    "str": lambda m, it: str(it),
    "get": lambda m, it: it.get("245"),
    "by tag": lambda m, it: it["245"],
    "in": lambda m, it: "245" in it,
    "get_fields": lambda m, it: it.get_fields("245"),
    "remove_fields": lambda m, it: it.remove_fields("245"),
    "add_ordered_field": lambda m, it: it.add_ordered_field(some(m)),
    "a loop": lambda m, it: list(it),
    "record_to_xml": lambda m, it: m.record_to_xml(it),
    "MARCWriter": lambda m, it: m.MARCWriter(io.BytesIO()).write(it),
    "JSONWriter": lambda m, it: m.JSONWriter(io.StringIO()).write(it),
    "TextWriter": lambda m, it: m.TextWriter(io.StringIO()).write(it),
    "XMLWriter": lambda m, it: m.XMLWriter(io.BytesIO()).write(it),
    "copy": lambda m, it: copy.copy(it),
}
PROPERTY_TAGS = ["020", "022", "086", "100", "130", "222", "260", "650"]
FULL = [
    ("001", "A1"),
    ("245", "10", ("6", "880-01"), ("a", "T"), ("b", "s")),
    ("880", "10", ("6", "245-01"), ("a", "T")),
    *((tag, " 1", ("a", "x 1"), ("l", "y"), ("b", "z")) for tag in PROPERTY_TAGS),
]


@cases(CALLS)
def test_methods_that_a_subclass_overrides_are_called_as_in_pymarc(call):
    def ask(m):
        log, of_fields = [], []
        own_record = logged(m.Record, RECORD_METHODS, log)
        own_field = logged(m.Field, FIELD_METHODS, of_fields)
        it = own_record()
        for field in made(m, *FULL).fields:
            parts = {"indicators": field.indicators, "subfields": field.subfields, "data": field.data}
            it.add_field(own_field(field.tag, **parts))
        log.clear()
        return kind(lambda: shown(call(m, it))), log, of_fields

    same(ask)


FIELD_CALLS = {
    "format_field": lambda it: it.format_field(),
    "value": lambda it: it.value(),
    "str": str,
    "linkage_occurrence_num": lambda it: it.linkage_occurrence_num(),
    "as_marc": lambda it: it.as_marc("utf-8"),
    "as_marc21": lambda it: it.as_marc21("utf-8"),
    "by code": lambda it: it["a"],
    "get": lambda it: it.get("a"),
    "in": lambda it: "a" in it,
    "get_subfields": lambda it: it.get_subfields("a"),
    "put by code": lambda it: it.__setitem__("b", "x"),
    "delete_subfield": lambda it: it.delete_subfield("a"),
    "subfields_as_dict": lambda it: it.subfields_as_dict(),
    "is_subject_field": lambda it: it.is_subject_field(),
}


@cases(FIELD_CALLS)
def test_methods_of_a_field_that_a_subclass_overrides_are_called_as_in_pymarc(call):
    def ask(m):
        log = []
        own = logged(m.Field, FIELD_METHODS, log)
        it = own("650", m.Indicators("1", "0"), some(m).subfields)
        return call(it), log

    same(ask)


def another_format(m: ModuleType):
    class FromLines(m.Record):
        def decode_marc(self, marc, **options):
            for line in marc.decode().splitlines():
                self.add_field(m.Field(line[:3], data=line[3:]))

    it = FromLines(b"001A\n003B")
    return [it, it.as_json(), str(it)]


def own_init(m: ModuleType):
    class Titled(m.Record):
        def __init__(self, title):
            super().__init__(force_utf8=True)
            self.given = title
            self.add_field(m.Field("245", subfields=[m.Subfield("a", title)]))

    it = Titled("T")
    return [it.given, it.title, it, it.as_marc()]


def no_base(m: ModuleType):
    class Empty(m.Record):
        def __init__(self):
            pass

    it = Empty()
    asked = [kind(lambda name=name: getattr(it, name)) for name in ("fields", "leader", "force_utf8")]
    asked += [kind(it.as_marc), kind(it.as_json), kind(lambda: str(it)), kind(lambda: it["245"])]
    m.Record.__init__(it, leader=LDR)
    return [asked, it]


def no_base_of_a_field(m: ModuleType):
    class Empty(m.Field):
        def __init__(self):
            pass

    it = Empty()
    asked = [kind(lambda name=name: getattr(it, name)) for name in ("tag", "subfields", "data", "indicators")]
    asked += [kind(lambda: str(it)), kind(lambda: it.as_marc("utf-8")), kind(it.value)]
    m.Field.__init__(it, "245")
    return [asked, it]


def fields_with_a_default(m: ModuleType):
    class Note(m.Field):
        def __init__(self, text):
            super().__init__("500", subfields=[m.Subfield("a", text)])

    return [Note("x"), m.Record(fields=[Note("y")]).as_marc()]


def a_class_put_in_place(m: ModuleType):
    class Local(m.Record):
        __slots__ = ()

        def local(self):
            return self["001"].data

    it = next(m.MARCReader(GOOD))
    it.__class__ = Local
    return [it.local(), it.title, it]


def attributes_of_subclasses(m: ModuleType):
    class Noted(m.Record):
        pass

    it = Noted(GOOD)
    it.note = "x"
    return [it.note, vars(it), weakref.ref(it)() is it]


def a_property_in_place_of_fields(m: ModuleType):
    class Sorted(m.Field):
        @property
        def sort_key(self):
            return self.tag, self.value()

    fields = [Sorted(tag, subfields=[m.Subfield("a", "x")]) for tag in ("650", "245")]
    return [it.tag for it in sorted(fields, key=lambda it: it.sort_key)]


def a_field_that_is_written_otherwise(m: ModuleType):
    class Odd(m.Field):
        def as_marc(self, encoding):
            return f"odd in {encoding}\x1e".encode(encoding)

        def __str__(self):
            return "=odd"

    it = m.Record(fields=[Odd("245"), Odd("001", data="x")])
    return [it.as_marc(), it.as_marc21(), str(it)]


def super_of_properties(m: ModuleType):
    class Known(m.Record):
        @property
        def title(self):
            return (super().title or "").upper()

        def get_fields(self, *tags):
            return list(reversed(super().get_fields(*tags)))

    it = Known(GOOD)
    return [it.title, it.subjects, it.get_fields()]


SUBCLASSES_OF_RECORDS = [
    another_format,
    own_init,
    no_base,
    no_base_of_a_field,
    fields_with_a_default,
    attributes_of_subclasses,
    a_property_in_place_of_fields,
    a_field_that_is_written_otherwise,
    super_of_properties,
]


@pytest.mark.parametrize("call", SUBCLASSES_OF_RECORDS, ids=lambda it: it.__name__)
def test_a_subclass_does_what_it_does_of_the_class_of_pymarc(call):
    held(call)


def test_a_class_can_be_put_in_place_of_that_of_a_record():
    held(a_class_put_in_place)


# Fields: tag, indicators, subfields, data

TAGS = [
    *("1", "01", "0001", 1, 5.7, "10", 10, b"245", "245", "1000", "000", "00a", "abc", "a", "", "  1", "24X"),
    *(None, (1,), "\u0661\u0662\u0663", "\u0661", "\u00b2", "\u00b2\u00b2\u00b2", -1, True, 999999, "009"),
    *("010", "01X", "0 1", "LKR", b"1", b"x", [1]),
]


@pytest.mark.parametrize("tag", TAGS, ids=repr)
def test_a_tag_is_taken_as_in_pymarc(tag):
    held(lambda m: outcome(lambda: shown(m.Field(tag, data="x", subfields=[m.Subfield("a", "x")]))))
    held(lambda m: outcome(lambda: shown(m.RawField(tag))))


INDICATORS = {
    "None": lambda m: None,
    "an empty list": lambda m: [],
    "an empty string": lambda m: "",
    "Indicators": lambda m: m.Indicators("1", "2"),
    "a list": lambda m: ["1", "2"],
    "a tuple": lambda m: ("1", "2"),
    "empty ones": lambda m: ["", ""],
    "numbers": lambda m: [1, 2],
    "long ones": lambda m: ("12", ""),
    "Nones": lambda m: (None, None),
    "one": lambda m: ["1"],
    "three": lambda m: ("1", "2", "3"),
    "a string": lambda m: "12",
    "a short string": lambda m: "1",
    "a long string": lambda m: "123",
    "a number": lambda m: 12,
    "a dictionary": lambda m: {"1": 0, "2": 0},
    "a generator": lambda m: (it for it in "12"),
    "octets": lambda m: b"12",
}


def no_place(m: ModuleType, call: Callable) -> object:
    """What a call gives or raises; the text of a `ValueError` is pymarc's own, of others Python's."""
    try:
        return shown(call())
    except ValueError as error:
        return type(error).__name__, str(error)
    except Exception as error:
        return type(error).__name__


@cases(INDICATORS)
def test_indicators_are_taken_as_in_pymarc(call):
    held(lambda m: no_place(m, lambda: m.Field("245", call(m))))
    held(lambda m: no_place(m, lambda: m.Field("001", call(m), data="x")))


@cases(INDICATORS)
def test_indicators_are_put_as_in_pymarc(call):
    held(lambda m: (lambda it: (no_place(m, lambda: put("indicators", call(m))(it)), it))(some(m)))
    held(
        lambda m: (lambda it: (no_place(m, lambda: put("indicators", call(m))(it)), it, str(it)))(control(m))
    )


@pytest.mark.parametrize("value", ["7", "", "99", None, 9], ids=repr)
@pytest.mark.parametrize("name", ["indicator1", "indicator2"])
def test_an_indicator_is_put_as_in_pymarc(name, value):
    held(lambda m: then(some(m), put(name, value)))
    held(lambda m: (lambda it: (outcome(lambda: put(name, value)(it)), it))(control(m)))


def test_an_indicator_of_a_control_field_is_empty():
    held(lambda m: (control(m).indicator1, control(m).indicator2, control(m).indicators))


def test_indicators_cannot_be_changed_one_by_one():
    held(lambda m: kind(lambda: setitem(some(m).indicators, 0, "1")))


SUBFIELDS = {
    "None": lambda m: None,
    "an empty list": lambda m: [],
    "an empty tuple": lambda m: (),
    "a list": lambda m: [m.Subfield("a", "T")],
    "a tuple": lambda m: (m.Subfield("a", "T"),),
    "strings": lambda m: ["a", "T"],
    "a tuple of strings": lambda m: ("a", "T"),
    "a string": lambda m: "aT",
    "pairs": lambda m: [("a", "T")],
    "a generator": lambda m: (it for it in [m.Subfield("a", "T")]),
    "a dictionary": lambda m: {"a": "T"},
    "a string later": lambda m: [m.Subfield("a", "T"), "b"],
    "octets": lambda m: b"aT",
    "a number": lambda m: 5,
}


@cases(SUBFIELDS)
@pytest.mark.parametrize("tag", ["245", "001"])
def test_subfields_are_taken_as_in_pymarc(call, tag):
    held(lambda m: no_place(m, lambda: m.Field(tag, None, call(m), "x")))


@cases({name: it for name, it in SUBFIELDS.items() if name != "a generator"})
def test_subfields_that_are_none_fail_where_those_of_pymarc_fail(call):
    def ask(m):
        it = then(some(m), put("subfields", call(m)))
        asked = [lambda: it["a"], it.value, it.format_field, lambda: str(it), lambda: it.as_marc("utf-8")]
        return [kind(call) for call in asked]

    same(ask)


def test_the_list_of_subfields_that_was_given_is_that_of_the_field():
    held(lambda m: (lambda given: m.Field("245", subfields=given).subfields is given)([m.Subfield("a", "T")]))


LEGACY = [["a", "x", "b", "y"], [], ["a"], ["a", "x", "b"], "axby", ("a", "x"), {"a": 1, "b": 2}, 5, [1, 2]]


@pytest.mark.parametrize("given", LEGACY, ids=repr)
def test_flat_lists_become_subfields_as_in_pymarc(given):
    held(lambda m: kind(lambda: shown(m.Field.convert_legacy_subfields(given))))
    held(lambda m: kind(lambda: shown(m.Field.convert_legacy_subfields(iter(given)))))


FIELDS = {
    "by code": lambda m, it: it["a"],
    "by an absent code": lambda m, it: outcome(lambda: it["z"]),
    "by a number": lambda m, it: outcome(lambda: it[0]),
    "put by code": lambda m, it: it.__setitem__("b", "new"),
    "put by an absent code": lambda m, it: outcome(lambda: it.__setitem__("z", "new")),
    "put by a code of several": lambda m, it: outcome(lambda: it.__setitem__("a", "new")),
    "put by a number": lambda m, it: outcome(lambda: it.__setitem__(5, "new")),
    "delete by code": lambda m, it: kind(lambda: delitem(it, "a")),
    "get": lambda m, it: it.get("a"),
    "get what is absent": lambda m, it: [it.get("z"), it.get("z", 5), it.get(code="z", default="")],
    "in": lambda m, it: ["a" in it, "z" in it, "" in it, 5 in it],
    "subfields of a code": lambda m, it: it.get_subfields("a"),
    "subfields of two codes": lambda m, it: it.get_subfields("b", "a"),
    "subfields of no code": lambda m, it: it.get_subfields(),
    "subfields of a string of codes": lambda m, it: it.get_subfields("ab"),
    "subfields of a list": lambda m, it: it.get_subfields(["a", "b"]),
    "add": lambda m, it: it.add_subfield("x", "y"),
    "add by names": lambda m, it: it.add_subfield(code="x", value="y", pos=1),
    **{
        f"add at {pos}": lambda m, it, pos=pos: kind(lambda: it.add_subfield("x", "y", pos))
        for pos in [0, 1, 2, 3, 99, -1, -99, None, True, "1", 1.0]
    },
    "delete": lambda m, it: it.delete_subfield("a"),
    "delete what is absent": lambda m, it: it.delete_subfield("z"),
    "delete what is empty": lambda m, it: [it.add_subfield("e", ""), it.delete_subfield("e")],
    "as a dictionary": lambda m, it: [it.subfields_as_dict(), type(it.subfields_as_dict()).__name__],
    "kinds": lambda m, it: [it.is_control_field(), it.control_field, it.is_subject_field()],
    "value": lambda m, it: it.value(),
    "format_field": lambda m, it: it.format_field(),
    "linkage": lambda m, it: it.linkage_occurrence_num(),
    "as_marc": lambda m, it: kind(lambda: it.as_marc("utf-8")),
    "as_marc without an encoding": lambda m, it: kind(lambda: it.as_marc()),
    "as_marc in an unknown encoding": lambda m, it: kind(lambda: it.as_marc("no such encoding")),
    "as_marc in another encoding": lambda m, it: it.as_marc("utf-16"),
    "str": lambda m, it: str(it),
    "true": lambda m, it: [bool(it), kind(lambda: len(it))],
    "another tag": lambda m, it: [put("tag", "001")(it), it.control_field, str(it), it.as_marc("utf-8")],
    "another kind": lambda m, it: [
        put("control_field", not it.control_field)(it),
        kind(lambda: str(it)),
        kind(lambda: it.as_marc("utf-8")),
        kind(it.value),
        kind(lambda: list(it)),
    ],
    "data": lambda m, it: [put("data", "x y")(it), str(it), it.value(), it.as_marc("utf-8")],
    "data that is no text": lambda m, it: [
        put("data", 5)(it),
        kind(lambda: str(it)),
        it.value(),
        it.as_marc("utf-8"),
    ],
}
KINDS = {
    "data": some,
    "control": control,
    "octets": lambda m: m.RawField(
        "245", m.Indicators("1", " "), [m.Subfield("a", b"x\xe9"), m.Subfield("b", b"")]
    ),
    "octets, control": lambda m: m.RawField("001", data=b"A\xe9"),
    "without subfields": lambda m: m.Field("650"),
    "control without data": lambda m: m.Field("001"),
}


@cases(FIELDS)
@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
def test_a_field_does_what_that_of_pymarc_does(call, make):
    held(lambda m: (lambda it: (kind(lambda: shown(call(m, it))), it))(make(m)))


@pytest.mark.parametrize("make", [some, control], ids=["data", "control"])
def test_the_other_name_of_as_marc_is_the_same(make):
    held(lambda m: make(m).as_marc21(encoding="latin-1"))


WORDS = {
    "blanks": ("245", " 0", [("a", "x y"), ("b", "$5")]),
    "a backslash": ("245", "\\0", [("a", "\\")]),
    "values that are no text": ("245", "10", [("a", None), ("b", b"x"), ("c", 5)]),
    "codes that are no text": ("245", "10", [(None, "x"), (5, "y"), ("", "z"), ("ab", "w")]),
    "indicators that are no text": ("245", (None, 5), [("a", "x")]),
    "white space": ("245", "10", [("a", " x "), ("b", ""), ("c", "y\n")]),
    "a subject": ("650", " 0", [("a", "A"), ("x", "X"), ("z", "Z"), ("2", "fast"), ("0", "id")]),
    "a subdivision alone": ("650", " 0", [("x", "X")]),
    "subdivisions elsewhere": ("245", "10", [("a", "A"), ("v", "V"), ("x", "X"), ("y", "Y")]),
    "a short tag of subjects": ("6AB", "10", [("a", "A"), ("v", "V"), ("y", "Y")]),
    "a linked field": ("880", "10", [("6", "245-01/(N"), ("a", "A")]),
    **{
        f"a link: {link!r}": ("245", "10", [("6", link), ("a", "A")])
        for link in ["880-01", "880-01/(3/r", "880-", "880-01-02", "88001", "", None, "-", "a-b-c/d"]
    },
    "two links": ("245", "10", [("6", "880-01"), ("6", "880-02")]),
    "delimiters": ("245", "10", [("a", "x\x1fby\x1ez\x1d")]),
    "half a surrogate": ("245", "10", [("a", "\udca9")]),
    "letters of many scripts": ("245", "10", [("a", "\u0416\U0001d11e e\u0301")]),
}


@pytest.mark.parametrize(("tag", "indicators", "subfields"), WORDS.values(), ids=WORDS.keys())
def test_a_field_is_put_into_words_as_in_pymarc(tag, indicators, subfields):
    def ask(m):
        it = title(m, *subfields, tag=tag, indicators=indicators)
        asked = [lambda: str(it), it.value, it.format_field, it.linkage_occurrence_num, it.is_subject_field]
        asked += [lambda: it.as_marc("utf-8"), lambda: it.as_marc("latin-1"), it.subfields_as_dict]
        return [outcome(call) for call in asked]

    same(ask)


# Fields of octets


def test_octets_are_written_as_they_are():
    held(lambda m: [KINDS["octets"](m).as_marc(), KINDS["octets, control"](m).as_marc(None)])
    assert KINDS["octets"](mrrc).as_marc21() == KINDS["octets"](mrrc).as_marc()


def test_an_encoding_for_octets_is_logged_and_has_no_effect(caplog):
    for m in (mrrc, pymarc):
        assert KINDS["octets"](m).as_marc("utf-8") == KINDS["octets"](pymarc).as_marc()
    ours, theirs = caplog.record_tuples
    assert ours == theirs == ("pymarc", logging.WARNING, "Attempt to force a RawField into encoding utf-8")


def test_text_among_octets_is_an_error_as_in_pymarc():
    held(lambda m: kind(lambda: m.RawField("245", subfields=[m.Subfield("a", "text")]).as_marc()))
    held(lambda m: kind(lambda: m.RawField("001", data="text").as_marc()))
    held(lambda m: kind(lambda: m.RawField("245", indicators=["\u00e9", " "]).as_marc()))


def test_fields_of_octets_are_fields():
    held(lambda m: [isinstance(it, m.Field) for it in m.Record(MARC8, to_unicode=False)])


# Leaders


def leader(m: ModuleType):
    return m.Leader(LDR)


LEADERS = {
    "str": lambda m, it: [str(it), f"{it}", it.leader],
    "a format": lambda m, it: kind(lambda: f"{it:>30}"),
    "by position": lambda m, it: [it[0], it[5], it[23], it[-1], it[-24]],
    "by slice": lambda m, it: [it[0:5], it[:], it[20:99], it[::2], it[-4:], it[5:2]],
    "by name": lambda m, it: [it["record_status"], it["leader"]],
    "by a position that is not there": lambda m, it: kind(lambda: it[24]),
    "by an unknown name": lambda m, it: kind(lambda: it["foo"]),
    "by None": lambda m, it: kind(lambda: it[None]),
    "as a sequence": lambda m, it: [list(it), "".join(it), "c" in it, "cas" in it, list(reversed("x"))],
    "no length": lambda m, it: [kind(lambda: len(it)), bool(it)],
    "no text": lambda m, it: [
        it == LDR,
        kind(lambda: it + "x"),
        kind(lambda: "x" + it),
        kind(lambda: it.replace("a", "b")),
        kind(lambda: it.startswith("0")),
        kind(lambda: m.Leader(it)),
    ],
    "equal to itself": lambda m, it: [it == it, it == leader(m), hash(it) == hash(it), len({it, leader(m)})],
    "an attribute": lambda m, it: [put("foo", 1)(it), it.foo, str(it)],
    "an attribute by name": lambda m, it: [it.__setitem__("foo", 1), it.foo, str(it)],
    "another text": lambda m, it: [
        put("leader", "x")(it),
        str(it),
        it[0],
        it.record_length,
        it.type_of_record,
    ],
    "what is deleted": lambda m, it: kind(lambda: delitem(it, 5)),
}


@cases(LEADERS)
def test_a_leader_does_what_that_of_pymarc_does(call):
    held(lambda m: call(m, leader(m)))


@pytest.mark.parametrize(
    "given", ["", "x" * 23, "x" * 24, "x" * 25, "\u00e9" * 24, b"x" * 24, None, 24, ["x"] * 24]
)
def test_a_leader_has_twenty_four_characters(given):
    held(lambda m: kind(lambda: m.Leader(given).leader))


PUT = {
    "one": (5, "x"),
    "three": (5, "xyz"),
    "nothing": (5, ""),
    "at the end": (23, "z"),
    "too long": (23, "zz"),
    "behind the end": (24, "z"),
    "far behind the end": (99, "z"),
    "before the beginning": (-1, "z"),
    "a number": (5, 7),
    "None": (5, None),
    "octets": (5, b"x"),
    "a short slice": (slice(0, 5), "99"),
    "a long slice": (slice(0, 2), "abc"),
    "an open slice": (slice(5, None), "x"),
    "a slice without a beginning": (slice(None, 5), "x"),
    "a slice from the end": (slice(-4, None), "x"),
    "a name": ("record_status", "d"),
    "a name, too long": ("record_status", "dd"),
    "a name, empty": ("record_status", ""),
    "the leader by name": ("leader", "x"),
    "None for a position": (None, "x"),
}


@pytest.mark.parametrize(("place", "value"), PUT.values(), ids=PUT.keys())
def test_what_is_put_into_a_leader_overwrites_as_in_pymarc(place, value):
    def ask(m):
        it = leader(m)
        try:
            it[place] = value
        except (m.BadLeaderValue, IndexError) as error:
            return type(error).__name__, str(error), it
        except Exception as error:
            return type(error).__name__, it
        return it

    held(ask)


POSITIONS = [name for name, it in vars(pymarc.Leader).items() if isinstance(it, property)]


@pytest.mark.parametrize("name", POSITIONS)
@pytest.mark.parametrize("value", ["", "x", "xx", "1234", "12345", "123456"])
def test_a_property_of_a_leader_is_that_of_pymarc(name, value):
    def ask(m):
        it = leader(m)
        return getattr(it, name), outcome(lambda: put(name, value)(it)), it, getattr(it, name)

    held(ask)


def test_a_property_that_is_spelt_oddly_has_another_name():
    it = leader(mrrc)
    it.multipart_resource = "c"
    assert (it.multipart_ressource, it[19]) == ("c", "c")


# Writing ISO 2709


def settings(it, coding: str, **named):
    it.leader[9] = coding
    for name, value in named.items():
        setattr(it, name, value)
    return it


def latin(m: ModuleType):
    return made(m, ("001", "A\u00e9"), ("245", "10", ("a", "T\u00e9")))


def greek(m: ModuleType):
    return made(m, ("245", "10", ("a", "\u03b1")))


def octets(m: ModuleType):
    it = m.Record()
    it.add_field(KINDS["octets, control"](m), KINDS["octets"](m))
    return it


WAYS = [
    {"to_unicode": unicode, "force_utf8": forced, "coding": coding}
    for unicode in (True, False)
    for forced in (True, False)
    for coding in " a#"
]


@pytest.mark.parametrize("way", WAYS, ids=lambda it: "-".join(map(str, it.values())))
@pytest.mark.parametrize("make", [latin, greek, octets], ids=lambda it: it.__name__)
def test_the_encoding_of_what_is_written_is_that_of_pymarc(way, make):
    def ask(m):
        it = settings(make(m), **way)
        return outcome(it.as_marc), it, outcome(it.as_marc)

    held(ask)


@pytest.mark.parametrize("way", WAYS, ids=lambda it: "-".join(map(str, it.values())))
@pytest.mark.parametrize("read", [GOOD, MARC8], ids=["UTF-8", "MARC-8"])
@pytest.mark.parametrize("as_octets", [False, True], ids=["text", "octets"])
def test_a_record_that_was_read_is_written_as_by_pymarc(way, read, as_octets):
    def ask(m):
        it = next(m.MARCReader(read, to_unicode=not as_octets))
        first = outcome(it.as_marc)
        return first, outcome(settings(it, **way).as_marc), it

    held(ask)


WRITTEN = {
    "nothing": lambda m: m.Record(),
    "twice": lambda m: (lambda it: [it.as_marc(), it.as_marc()] and it)(latin(m)),
    "a leader of letters": lambda m: then(latin(m), put("leader", m.Leader("x" * 24))),
    "a leader that is a string": lambda m: then(latin(m), put("leader", LDR)),
    "a string for a leader, cut": lambda m: then(latin(m), put("leader", LDR[:12])),
    "a string for a leader, too short": lambda m: then(latin(m), put("leader", LDR[:5])),
    "None for a leader": lambda m: then(latin(m), put("leader", None)),
    "a long string for a leader": lambda m: then(latin(m), put("leader", LDR + "more")),
    **{
        f"a tag: {tag!r}": lambda m, tag=tag: m.Record(
            fields=[then(title(m, ("a", "x")), put("tag", tag)), title(m, ("a", "y"))]
        )
        for tag in [
            "ab",
            "",
            "1",
            "0245",
            "LKR",
            "A",
            "abcd",
            "\u00e9\u00e9\u00e9",
            "24\u0665",
            "\u00b2\u00b2\u00b2",
            245,
            None,
        ]
    },
    "values that are no text": lambda m: made(m, ("001", None), ("245", (None, 5), ("a", None), (5, b"x"))),
    "long and empty codes": lambda m: made(m, ("245", "10", ("ab", "x"), ("", "y"))),
    "indicators of other lengths": lambda m: made(m, ("245", ("", "99"), ("a", "x"))),
    "half a surrogate": lambda m: made(m, ("245", "10", ("a", "x"), ("b", "\udca9"))),
    "half a surrogate in a control field": lambda m: made(m, ("001", "x\udca9")),
    "octets among text": lambda m: then(latin(m), lambda it: it.add_field(KINDS["octets"](m))),
    "what is no field": lambda m: m.Record(fields=[5]),
    "data of a data field": lambda m: m.Record(fields=[then(some(m), put("data", "x"))]),
    "fields that are a tuple": lambda m: m.Record(fields=(some(m), control(m))),
    "a field of 9,999 octets": lambda m: made(m, ("500", "  ", ("a", "x" * 9_994)), ("001", "A")),
    "a record of 99,999 octets": lambda m: made(
        m, *[("500", "  ", ("a", "x" * 9_994))] * 9, ("501", "  ", ("a", "x" * 9_857))
    ),
}


@cases(WRITTEN)
def test_what_is_written_is_written_as_by_pymarc(call):
    def ask(m):
        it = call(m)
        if isinstance(it, list):
            return it
        return no_place(m, it.as_marc), no_place(m, it.as_marc21), shown(it.leader)

    held(ask)


def test_the_largest_record_is_as_large_as_can_be():
    assert len(WRITTEN["a record of 99,999 octets"](mrrc).as_marc()) == 99_999


LOST = {
    "a field of 10,000 octets": lambda m: made(
        m, ("500", "  ", ("a", "x" * 9_995)), ("501", "  ", ("a", "y"))
    ),
    "a field of 200,000 octets": lambda m: made(
        m, ("500", "  ", ("a", "x" * 200_000)), ("501", "  ", ("a", "y"))
    ),
    "a control field of 10,000 octets": lambda m: made(m, ("001", "x" * 9_999), ("501", "  ", ("a", "y"))),
    "a record of 100,000 octets": lambda m: made(
        m, *[("500", "  ", ("a", "x" * 9_994))] * 9, ("501", "  ", ("a", "x" * 9_858))
    ),
    "an offset of 100,000": lambda m: made(m, *[("500", "  ", ("a", "x" * 9_994))] * 12),
    "a directory of 100,000": lambda m: made(m, *[("001", "")] * 8_400),
    "a field of octets": lambda m: m.Record(
        fields=[m.RawField("500", subfields=[m.Subfield("a", b"\xff" * 10_000)])], to_unicode=False
    ),
    "a delimiter in a value": lambda m: made(m, ("245", "10", ("a", "x\x1fby"))),
    "a field terminator in a value": lambda m: made(m, ("245", "10", ("a", "x\x1ey"))),
    "a record terminator in a value": lambda m: made(m, ("245", "10", ("a", "x\x1dy"))),
    "a delimiter in data": lambda m: made(m, ("001", "x\x1fy")),
    "a delimiter in a code": lambda m: made(m, ("245", "10", ("\x1f", "y"))),
    "a delimiter in an indicator": lambda m: made(m, ("245", ("\x1f", "0"), ("a", "y"))),
    "a delimiter in octets": lambda m: m.Record(
        fields=[m.RawField("500", subfields=[m.Subfield("a", b"x\x1ey")])], to_unicode=False
    ),
    "delimiters in two fields": lambda m: made(
        m, ("245", "10", ("a", "x\x1fby")), ("246", "10", ("a", "\x1e"))
    ),
}


@cases(LOST)
def test_what_cannot_be_read_back_is_written_as_by_pymarc_with_a_warning(call):
    expected = call(pymarc).as_marc()
    with pytest.warns(mrrc.MarcWarning, match="cannot be read back") as warned:
        assert call(mrrc).as_marc() == expected
    assert len(warned) == 1
    assert warned[0].filename == __file__


@cases(LOST)
def test_a_writer_warns_of_what_cannot_be_read_back_where_it_was_called(call):
    writer = mrrc.MARCWriter(io.BytesIO())
    with pytest.warns(mrrc.MarcWarning, match="cannot be read back") as warned:
        writer.write(call(mrrc))
    assert [it.filename for it in warned] == [__file__]


def test_a_warning_made_an_error_writes_nothing():
    file = io.BytesIO()
    with pytest.raises(mrrc.MarcWarning), warnings.catch_warnings():
        warnings.simplefilter("error")
        mrrc.MARCWriter(file).write(LOST["a delimiter in a value"](mrrc))
    assert file.getvalue() == b""


READ_ODDLY = {
    "a delimiter in data": record(("001", b"x\x1fy"), ("245", b"10\x1faT")),
    "a field terminator in a value": record(("245", b"10\x1fax\x1ey")),
}


@pytest.mark.parametrize("octets", READ_ODDLY.values(), ids=READ_ODDLY.keys())
def test_a_record_that_is_written_as_it_was_read_has_no_warning(octets):
    assert next(mrrc.MARCReader(octets)).as_marc() == octets == next(pymarc.MARCReader(octets)).as_marc()


# Names that only we have


@pytest.mark.parametrize("octets", [GOOD, MARC8], ids=["UTF-8", "MARC-8"])
@pytest.mark.parametrize("as_octets", [False, True], ids=["text", "octets"])
def test_the_octets_of_a_record_are_kept_as_they_were_read(octets, as_octets):
    (it,) = mrrc.MARCReader(octets, to_unicode=not as_octets)
    it.remove_fields("245")
    it.as_marc()
    assert it.raw == octets


def test_a_record_that_was_not_read_has_no_octets():
    assert mrrc.Record().raw is None
    assert mrrc.Record(GOOD).raw == GOOD


def test_octets_that_can_be_changed_are_read_as_they_were_given():
    given = bytearray(GOOD + MARC8)
    for target in (given, memoryview(given)):
        reader = mrrc.MARCReader(target)
        assert [shown(it) for it in reader] == [shown(it) for it in pymarc.MARCReader(bytes(given))]


def test_an_error_of_a_boundary_says_where_it_was_found():
    reader = mrrc.MARCReader(GOOD + GOOD[:50])
    assert [it is None for it in reader] == [False, True]
    assert (reader.current_exception.offset, reader.current_exception.octets) == (len(GOOD), 50)


# What is warned of, and read by other ways


SWALLOWED = {head: head.encode() + GOOD[5:] + MARC8 for head in ("00000", "00004", "-0001", "   0 ")}


@pytest.mark.parametrize("octets", SWALLOWED.values(), ids=SWALLOWED.keys())
@cases(FILES)
def test_records_that_a_length_swallows_are_warned_of(octets, call):
    file = call(octets) if call is not FILES["a file of its own kind"] else Scripted(octets[:5], octets[5:])
    with pytest.warns(mrrc.MarcWarning, match="records among them are lost") as warned:
        found = [shown(it) for it in mrrc.MARCReader(file)]
    assert found == [shown(it) for it in pymarc.MARCReader(octets)]
    assert len(found) == len(warned) == 1
    assert warned[0].filename == __file__


def test_a_length_of_nothing_in_the_last_record_is_read_in_silence():
    octets = GOOD + b"00000" + GOOD[5:]
    assert [shown(it) for it in mrrc.MARCReader(octets)] == [shown(it) for it in pymarc.MARCReader(octets)]


def test_a_record_decoded_in_place_is_written_in_utf8():
    (it,) = mrrc.MARCReader(MARC8, to_unicode=False)
    mrrc.map_marc8_record(it)
    (expected,) = pymarc.MARCReader(MARC8.replace(b"A\xe92", b"A12"), to_unicode=False)
    again = mrrc.Record(it.as_marc())
    assert again["245"]["a"] == pymarc.map_marc8_record(expected)["245"]["a"]
    assert again.leader[9] == "a"


@pytest.mark.parametrize("name", ["gzip", "bz2", "lzma"])
def test_a_path_may_name_a_compressed_file(name, tmp_path):
    path = tmp_path / "records"
    path.write_bytes(importlib.import_module(name).compress(GOOD + MARC8 + BAD))
    with mrrc.MARCReader(path) as reader:
        found = [shown(it) for it in reader]
    assert found == [shown(it) for it in pymarc.MARCReader(GOOD + MARC8 + BAD)]
