"""Readers in the hands of scripts: the same as pymarc, call by call."""

from __future__ import annotations

import importlib
import io
import logging
import subprocess
import sys
import warnings
import weakref
from types import ModuleType

import mrrc
import pymarc
import pytest
from both_modules import (
    BAD,
    GOOD,
    MARC8,
    cases,
    held,
    kind,
    put,
    shown,
    then,
)
from conftest import outcome, record, same

# Readers


def test_what_scripts_make_can_be_made_while_garbage_is_collected():
    program = """if True:
        import gc, io, mrrc
        made = [
            lambda: mrrc.MARCReader(b""), lambda: mrrc.MARCWriter(io.BytesIO()),
            lambda: mrrc.JSONReader("[]"), lambda: mrrc.Record(), lambda: mrrc.Field("001", data="1"),
            lambda: mrrc.RawField("001", data=b"1"), lambda: mrrc.scan(b""),
            *(type("Own", (of,), {}) for of in (mrrc.Reader, mrrc.Record)),
            lambda: type("Own", (mrrc.MARCReader,), {})(b""),
        ]
        gc.set_threshold(1)
        print(len([make() for make in made for _ in range(20)]))
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "200\n"), done.stderr


TARGETS = {
    "None": lambda m: None,
    "a number": lambda m: 5,
    "a list": lambda m: [],
    "something without read": lambda m: object(),
    "text in memory": lambda m: io.StringIO(GOOD.decode()),
    "text of ASCII in memory": lambda m: io.StringIO(BAD[:-6].decode() + "x\x1e\x1d"),
}


@pytest.mark.filterwarnings("ignore::mrrc.MarcWarning")
@cases(TARGETS)
def test_what_is_no_binary_file_fails_at_the_first_record(call):
    def ask(m):
        reader = m.MARCReader(call(m))
        return [outcome(lambda: shown(next(reader))), type(reader.current_exception).__name__]

    same(ask)


def test_a_file_opened_as_text_fails_as_in_pymarc_and_is_told_once(tmp_path):
    path = tmp_path / "records.mrc"
    path.write_bytes(GOOD + BAD)

    def ask(m, **options):
        with open(path, **options) as file, warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            reader = m.MARCReader(file)
            answer = [outcome(lambda: shown(next(reader))), reader.current_chunk]
        if m is mrrc:
            assert ["binary mode" in str(it.message) for it in told] == [True]
        return answer

    same(lambda m: ask(m, encoding="ascii"))
    same(lambda m: ask(m, encoding="latin-1"))
    same(lambda m: ask(m, encoding="utf-8"))


class Scripted:
    """A file that answers each `read` by the next of these: bytes, or an exception."""

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
    "less than five bytes": (GOOD[:3], GOOD[3:]),
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
    "bytes": lambda data: data,
    "a file in memory": io.BytesIO,
    "a file of its own kind": lambda data: Scripted(
        *(part for it in data.split(b"\x1d")[:-1] for part in (it[:5], it[5:] + b"\x1d"))
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
    "the bytes are set by the reader": lambda m, reader: kind(lambda: setattr(reader, "current_chunk", b"")),
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
    "the bytes of the last record stay": lambda reader: [
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


def test_bytes_are_a_file_in_memory():
    held(lambda m: (lambda file: (type(file).__name__, file.getvalue()))(m.MARCReader(GOOD).file_handle))


# Subclasses of readers


def by_lines(m: ModuleType):
    class ByLines(m.MARCReader):
        """Bytes between records are passed over."""

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
    data = record(("245", "10\x1fé1\x1faT".encode())) + GOOD

    def ask(m):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            reader = m.MARCReader(data)
            return next(reader), repr(reader.current_exception), next(reader)

    held(ask)


def test_a_log_that_raises_makes_a_record_none():
    data = record(("245", b"1\x1faT")) + GOOD

    class Strict(logging.Handler):
        def emit(self, record):
            raise ValueError(record.getMessage())

    handler = Strict()
    logging.getLogger("pymarc").addHandler(handler)
    try:
        held(lambda m: [list(m.MARCReader(data))])
    finally:
        logging.getLogger("pymarc").removeHandler(handler)


# What is warned of, and read by other ways


SWALLOWED = {head: head.encode() + GOOD[5:] + MARC8 for head in ("00000", "00004", "-0001", "   0 ")}


@pytest.mark.parametrize("data", SWALLOWED.values(), ids=SWALLOWED.keys())
@cases(FILES)
def test_records_that_a_length_swallows_are_warned_of(data, call):
    file = call(data) if call is not FILES["a file of its own kind"] else Scripted(data[:5], data[5:])
    with pytest.warns(mrrc.MarcWarning, match="records among them are lost") as warned:
        found = [shown(it) for it in mrrc.MARCReader(file)]
    assert found == [shown(it) for it in pymarc.MARCReader(data)]
    assert len(found) == len(warned) == 1
    assert warned[0].filename == __file__


def test_a_length_of_nothing_in_the_last_record_is_read_in_silence():
    data = GOOD + b"00000" + GOOD[5:]
    assert [shown(it) for it in mrrc.MARCReader(data)] == [shown(it) for it in pymarc.MARCReader(data)]


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
