"""Fields and leaders in the hands of scripts, and their bytes: the same as pymarc, call by call."""

from __future__ import annotations

import io
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
from both_modules import (
    GOOD,
    LDR,
    MARC8,
    cases,
    control,
    held,
    kind,
    made,
    put,
    shown,
    some,
    then,
    title,
)
from conftest import outcome, record, same

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
    "bytes": lambda m: b"12",
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
    "bytes": lambda m: b"aT",
    "a number": lambda m: 5,
}


@cases(SUBFIELDS)
@pytest.mark.parametrize("tag", ["245", "001"])
def test_subfields_are_taken_as_in_pymarc(call, tag):
    held(lambda m: no_place(m, lambda: m.Field(tag, None, call(m), "x")))


@pytest.mark.parametrize("tag", ["245", "001", "\u00b2"])
@pytest.mark.parametrize("indicators", [["1"], 12, "1"], ids=repr)
@pytest.mark.parametrize("subfields", [["a", "T"], [("a", "T")], []], ids=repr)
def test_of_several_faults_that_of_pymarc_is_said(tag, indicators, subfields):
    held(lambda m: no_place(m, lambda: m.Field(tag, indicators, subfields)))


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
    "a tag of subjects": lambda m, it: [put("tag", "65")(it), it.is_subject_field(), kind(it.format_field)],
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
    "bytes": lambda m: m.RawField(
        "245", m.Indicators("1", " "), [m.Subfield("a", b"x\xe9"), m.Subfield("b", b"")]
    ),
    "bytes, control": lambda m: m.RawField("001", data=b"A\xe9"),
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


# Fields of bytes


def test_bytes_are_written_as_they_are():
    held(lambda m: [KINDS["bytes"](m).as_marc(), KINDS["bytes, control"](m).as_marc(None)])
    assert KINDS["bytes"](mrrc).as_marc21() == KINDS["bytes"](mrrc).as_marc()


def test_an_encoding_for_bytes_is_logged_and_has_no_effect(caplog):
    for m in (mrrc, pymarc):
        assert KINDS["bytes"](m).as_marc("utf-8") == KINDS["bytes"](pymarc).as_marc()
    ours, theirs = caplog.record_tuples
    assert ours == theirs == ("pymarc", logging.WARNING, "Attempt to force a RawField into encoding utf-8")


def test_fields_of_bytes_take_other_attributes():
    def ask(m):
        it = KINDS["bytes"](m)
        it.note = "x"
        return it.note, vars(it), weakref.ref(it)() is it, vars(pickle.loads(pickle.dumps(it)))

    held(ask)


def test_indicators_may_be_replaced_behind_their_check():
    def ask(m):
        it = some(m)
        before, it._indicators = it._indicators, m.Indicators("x", "y")
        return before, it.indicators, str(it), control(m)._indicators

    held(ask)


def test_text_among_bytes_is_an_error_as_in_pymarc():
    held(lambda m: kind(lambda: m.RawField("245", subfields=[m.Subfield("a", "text")]).as_marc()))
    held(lambda m: kind(lambda: m.RawField("001", data="text").as_marc()))
    held(lambda m: kind(lambda: m.RawField("245", indicators=["\u00e9", " "]).as_marc()))


def test_fields_of_bytes_are_fields():
    held(lambda m: [isinstance(it, m.Field) for it in m.Record(MARC8, to_unicode=False)])


# Codes that are no ASCII


CODES = [
    *(b"\xc3\xa9x", b"\xe9x", b"\xff", b"\xef\xac\x81x", b"\xe2\x82\xac1", b"\xce\xb1", b"ax", b"", b"\xc3"),
    *(b"\xcc\x81a", b"\xef\xbb\xbfa", b"\xc2\xbd", b"\xf0\x9f\x98\x80a", b"\x80a\xff", b"\xed\xa0\x80x"),
    *(bytearray(b"\xc3\xa9"), "x", None),
]


@pytest.mark.parametrize("part", CODES, ids=repr)
def test_a_code_is_brought_into_ascii_as_in_pymarc(part):
    same(lambda m: m.normalize_subfield_code(part))


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
    "bytes": (5, b"x"),
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


def raw(m: ModuleType):
    it = m.Record()
    it.add_field(KINDS["bytes, control"](m), KINDS["bytes"](m))
    return it


WAYS = [
    {"to_unicode": unicode, "force_utf8": forced, "coding": coding}
    for unicode in (True, False)
    for forced in (True, False)
    for coding in " a#"
]


@pytest.mark.parametrize("way", WAYS, ids=lambda it: "-".join(map(str, it.values())))
@pytest.mark.parametrize("make", [latin, greek, raw], ids=lambda it: it.__name__)
def test_the_encoding_of_what_is_written_is_that_of_pymarc(way, make):
    def ask(m):
        it = settings(make(m), **way)
        return outcome(it.as_marc), it, outcome(it.as_marc)

    held(ask)


@pytest.mark.parametrize("way", WAYS, ids=lambda it: "-".join(map(str, it.values())))
@pytest.mark.parametrize("read", [GOOD, MARC8], ids=["UTF-8", "MARC-8"])
@pytest.mark.parametrize("as_bytes", [False, True], ids=["text", "bytes"])
def test_a_record_that_was_read_is_written_as_by_pymarc(way, read, as_bytes):
    def ask(m):
        it = next(m.MARCReader(read, to_unicode=not as_bytes))
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
    "a leader of other letters": lambda m: then(latin(m), put("leader", m.Leader("\u00e9" * 24))),
    "a string of other letters for a leader": lambda m: then(latin(m), put("leader", "\u00e9" * 24)),
    "a leader of other letters, in Latin-1": lambda m: then(
        latin(m), put("leader", m.Leader("\u00e9" * 24)), put("to_unicode", False)
    ),
    "codes and indicators of other letters": lambda m: made(m, ("245", "\u00e9\u0416", ("\u00e9", "x"))),
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
    "bytes among text": lambda m: then(latin(m), lambda it: it.add_field(KINDS["bytes"](m))),
    "what is no field": lambda m: m.Record(fields=[5]),
    "data of a data field": lambda m: m.Record(fields=[then(some(m), put("data", "x"))]),
    "fields that are a tuple": lambda m: m.Record(fields=(some(m), control(m))),
    "a field of 9,999 bytes": lambda m: made(m, ("500", "  ", ("a", "x" * 9_994)), ("001", "A")),
    "a record of 99,999 bytes": lambda m: made(
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
    assert len(WRITTEN["a record of 99,999 bytes"](mrrc).as_marc()) == 99_999


LOST = {
    "a field of 10,000 bytes": lambda m: made(
        m, ("500", "  ", ("a", "x" * 9_995)), ("501", "  ", ("a", "y"))
    ),
    "a field of 200,000 bytes": lambda m: made(
        m, ("500", "  ", ("a", "x" * 200_000)), ("501", "  ", ("a", "y"))
    ),
    "a control field of 10,000 bytes": lambda m: made(m, ("001", "x" * 9_999), ("501", "  ", ("a", "y"))),
    "a record of 100,000 bytes": lambda m: made(
        m, *[("500", "  ", ("a", "x" * 9_994))] * 9, ("501", "  ", ("a", "x" * 9_858))
    ),
    "an offset of 100,000": lambda m: made(m, *[("500", "  ", ("a", "x" * 9_994))] * 12),
    "a directory of 100,000": lambda m: made(m, *[("001", "")] * 8_400),
    "a field of bytes": lambda m: m.Record(
        fields=[m.RawField("500", subfields=[m.Subfield("a", b"\xff" * 10_000)])], to_unicode=False
    ),
    "a delimiter in a value": lambda m: made(m, ("245", "10", ("a", "x\x1fby"))),
    "a field terminator in a value": lambda m: made(m, ("245", "10", ("a", "x\x1ey"))),
    "a record terminator in a value": lambda m: made(m, ("245", "10", ("a", "x\x1dy"))),
    "a delimiter in data": lambda m: made(m, ("001", "x\x1fy")),
    "a delimiter in a code": lambda m: made(m, ("245", "10", ("\x1f", "y"))),
    "a delimiter in an indicator": lambda m: made(m, ("245", ("\x1f", "0"), ("a", "y"))),
    "a delimiter in bytes": lambda m: m.Record(
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
def test_what_cannot_be_read_back_is_found_again_as_in_pymarc(call):
    raw = call(pymarc).as_marc() + GOOD

    def ask(m):
        reader = m.MARCReader(raw)
        return [(it, type(reader.current_exception).__name__, reader.current_chunk) for it in reader]

    held(ask)


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


@pytest.mark.parametrize("raw", READ_ODDLY.values(), ids=READ_ODDLY.keys())
def test_a_record_that_is_written_as_it_was_read_has_no_warning(raw):
    assert next(mrrc.MARCReader(raw)).as_marc() == raw == next(pymarc.MARCReader(raw)).as_marc()


def test_tuples_that_were_read_are_found_in_sets_as_those_that_were_made():
    one = next(mrrc.MARCReader(record(("245", b"10\x1faEmma\x1fcAusten"))))
    made = [mrrc.Subfield("a", "Emma"), mrrc.Subfield("c", "Austen")]
    assert one["245"].subfields == made
    assert [hash(it) for it in one["245"].subfields] == [hash(it) for it in made]
    assert set(made) == set(one["245"].subfields)
    assert hash(one["245"].indicators) == hash(mrrc.Indicators("1", "0"))


OTHER_CLASS = """
import mrrc, mrrc._tuples
mrrc._tuples.Subfield = dict
record = mrrc.Record(fields=[mrrc.Field("245", data=None)])
record["245"].add_subfield("a", "Emma")
"""


def test_a_class_that_is_not_one_of_tuples_is_refused():
    done = subprocess.run([sys.executable, "-c", OTHER_CLASS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "TypeError: <class 'dict'> is not a class of tuples",
    )
