"""Records in the hands of scripts: the same as pymarc, call by call."""

from __future__ import annotations

import copy
import gc
import io
import json
import pickle
import subprocess
import sys
import weakref
from collections.abc import Callable
from operator import delitem, setitem
from types import ModuleType

import mrrc
import pymarc
import pytest
from both_modules import (
    BAD,
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
    tagged,
    tags,
    then,
    title,
)
from conftest import outcome, record, same

# Making records


CONSTRUCTED = {
    "nothing": lambda m: m.Record(),
    "UTF-8": lambda m: m.Record(force_utf8=True),
    "bytes kept": lambda m: m.Record(to_unicode=False),
    "a leader": lambda m: m.Record(leader=LDR),
    "a leader of other numbers": lambda m: m.Record(leader="00475cas a99999999 i 9999"),
    "a leader of twenty": lambda m: m.Record(leader="x" * 20),
    "a leader of nineteen": lambda m: m.Record(leader="x" * 19),
    "a long leader": lambda m: m.Record(leader="x" * 30),
    "an empty leader": lambda m: m.Record(leader=""),
    "a Leader": lambda m: m.Record(leader=m.Leader(LDR)),
    "a leader in bytes": lambda m: kind(lambda: m.Record(leader=LDR.encode())),
    "None for a leader": lambda m: kind(lambda: m.Record(leader=None)),
    "a leader, UTF-8": lambda m: m.Record(leader="x" * 24, force_utf8=True),
    "fields": lambda m: m.Record(fields=[some(m)]),
    "a tuple of fields": lambda m: m.Record(fields=(some(m),)),
    "no fields and bytes": lambda m: m.Record(GOOD, fields=[]),
    "fields and bytes": lambda m: m.Record(b"no record", fields=[some(m)]),
    "fields, UTF-8": lambda m: m.Record(fields=[some(m)], force_utf8=True),
    "a number of fields": lambda m: kind(lambda: m.Record(fields=5).fields),
    "bytes": lambda m: m.Record(GOOD),
    "bytes by position": lambda m: m.Record(GOOD, None, True, True, True, "replace", LDR, "latin-1"),
    "bytes and a leader": lambda m: m.Record(GOOD, leader=LDR),
    "a bytearray": lambda m: m.Record(bytearray(GOOD)),
    "a memoryview": lambda m: m.Record(memoryview(GOOD)),
    "text": lambda m: m.Record(GOOD.decode()),
    "a list": lambda m: kind(lambda: m.Record([1, 2])),
    "None": lambda m: kind(lambda: m.Record(None)),
    "a number": lambda m: kind(lambda: m.Record(5)),
    "bytes behind the record": lambda m: m.Record(GOOD + GOOD + b"more"),
    "no terminator": lambda m: m.Record(GOOD[:-1] + b" "),
    "cut short": lambda m: m.Record(GOOD[:-1]),
    "no number": lambda m: m.Record(b"xxxxx" + GOOD[5:]),
    "a leader alone": lambda m: m.Record(GOOD[:24]),
    "less than a leader": lambda m: m.Record(GOOD[:23]),
    "bytes that are no text": lambda m: m.Record(BAD),
    "bytes that are no text, replaced": lambda m: m.Record(BAD, utf8_handling="replace"),
    "bytes of MARC-8": lambda m: m.Record(MARC8),
    "bytes of MARC-8, forced": lambda m: m.Record(MARC8, force_utf8=True, utf8_handling="ignore"),
    "bytes in another encoding": lambda m: m.Record(MARC8, file_encoding="cp1251"),
    "bytes that stay": lambda m: m.Record(MARC8, to_unicode=False),
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
    "bytes that stay": lambda m, it: [it.decode_marc(MARC8, to_unicode=False), it],
    "what is empty": lambda m, it: [outcome(lambda: it.decode_marc(b"")), it],
    **{
        f"{raw!r}, forced by the {way}": lambda m, it, value=raw, way=way: [
            put("force_utf8", way == "record")(it),
            outcome(lambda: it.decode_marc(value, True, way == "argument", utf8_handling="replace")),
            it,
        ]
        for way in ("record", "argument")
        for raw in (
            record(("245", "10\x1fa\u00e9".encode()), leader=b"00000nam  2200000 a 4500"),
            record(("245", b"10\x1fa\xe9"), leader=b"00000nam  2200000 a 4500"),
        )
    },
}


@cases(DECODED)
def test_bytes_are_read_into_a_record_as_in_pymarc(call):
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
    "a property that is set": lambda m, it: [
        kind(lambda name=name: setattr(it, name, "x")) for name in NAMES
    ],
    "an unknown attribute of a field": lambda m, it: kind(lambda: setattr(it["245"], "foo", 1)),
    "no weak references": lambda m, it: [kind(lambda: weakref.ref(it)), kind(lambda: weakref.ref(it["245"]))],
    "weak references to leaders": lambda m, it: weakref.ref(it.leader)() is it.leader,
    "an attribute of the class": lambda m, it: (
        setattr(m.Record, "shelf", 1),
        it.shelf,
        delattr(m.Record, "shelf"),
    ),
    "an attribute of the class of fields": lambda m, it: (
        setattr(m.Field, "shelf", 1),
        it["245"].shelf,
        delattr(m.Field, "shelf"),
    ),
    "lists and texts are those of Python": lambda m, it: [
        type(part).__name__
        for part in [
            *(it.fields, it["245"].subfields, it.get_fields("650"), it.notes, it["245"].get_subfields("a")),
            *(it["245"].tag, it["001"].data, it["245"]["a"], it["245"].subfields[0].code, it.title),
            *(it["245"].indicators, it["245"].indicators[0], it["245"].subfields[0], it.leader[5], it.pos),
            *(it.leader.leader, str(it), it.as_marc(), it.as_json(), it.as_dict(), it["001"].control_field),
        ]
    ],
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
    raw = GOOD[:-1] + b"\x1d"
    held(lambda m: call(m, next(m.MARCReader(raw))))
    held(lambda m: call(m, m.Record(raw)))


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
    "record_to_xml_node ends a loop": lambda m, it: [(f.tag, m.record_to_xml_node(it))[0] for f in it],
    "as_marc does not": interrupted("as_marc"),
    "str does not": interrupted("__str__"),
    "get_fields does not": interrupted("get_fields"),
    "a writer of JSON ends a loop": lambda m, it: [
        (f.tag, m.JSONWriter(io.StringIO()).write(it))[0] for f in it
    ],
    "a writer of XML ends a loop": lambda m, it: [
        (f.tag, m.XMLWriter(io.BytesIO()).write(it))[0] for f in it
    ],
    "writers of MARC and text do not": lambda m, it: [
        (f.tag, m.MARCWriter(io.BytesIO()).write(it), m.TextWriter(io.StringIO()).write(it))[0] for f in it
    ],
    "a deep copy and a pickle do not": lambda m, it: [
        (f.tag, copy.deepcopy(it), pickle.dumps(it))[0] for f in it
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


ASKED_IN_A_LOOP = {
    **{name: lambda m, it, name=name: getattr(it, name)() for name in ("as_dict", "as_json", "as_marc")},
    "str": lambda m, it: str(it),
    "record_to_xml": lambda m, it: m.record_to_xml(it),
    "record_to_xml_node": lambda m, it: m.record_to_xml_node(it),
    "JSONWriter": lambda m, it: m.JSONWriter(io.StringIO()).write(it),
    "TextWriter": lambda m, it: m.TextWriter(io.StringIO()).write(it),
    "value": lambda m, it: it["245"].value(),
    "format_field": lambda m, it: it["245"].format_field(),
    "subfields_as_dict": lambda m, it: it["245"].subfields_as_dict(),
    "a deep copy": lambda m, it: copy.deepcopy(it),
    "properties": lambda m, it: (it.title, it.author),
}


@cases(ASKED_IN_A_LOOP)
def test_what_is_asked_in_a_loop_over_a_field_ends_it_where_it_does_in_pymarc(call):
    def ask(m):
        it = m.Record(GOOD)
        seen = [(code, call(m, it))[0] for code, _ in it["245"]]
        it["245"].add_subfield("x", "y")
        return seen, list_on(it["245"])

    same(ask)


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
@pytest.mark.parametrize("raw", [GOOD, MARC8], ids=["UTF-8", "MARC-8"])
def test_what_is_done_to_a_part_is_done_to_the_record(call, looked, raw):
    def ask(m):
        it = next(m.MARCReader(raw))
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
@pytest.mark.parametrize("options", [{}, {"to_unicode": False}], ids=["text", "bytes"])
def test_a_copy_is_as_that_of_pymarc(call, options):
    held(lambda m: call(m, next(m.MARCReader(GOOD, **options))))


PICKLED = {
    "a record that was read": lambda m: next(m.MARCReader(GOOD)),
    "a record of bytes": lambda m: next(m.MARCReader(MARC8, to_unicode=False)),
    "a record that was made": lambda m: made(m, ("001", "A"), ("245", "10", ("a", "T"))),
    "an empty record": lambda m: m.Record(),
    "a record with a string for a leader": lambda m: then(m.Record(), put("leader", LDR)),
    "a record in the middle of a loop": lambda m: then(next(m.MARCReader(GOOD)), next),
    "a field": some,
    "a field in the middle of a loop": lambda m: then(some(m), iter, next),
    "a control field": control,
    "a field of bytes": lambda m: m.RawField("245", subfields=[m.Subfield("a", b"\xff")]),
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
        if isinstance(slots, dict):
            # What `raw` and `preserve=True` need.
            slots = {name: value for name, value in slots.items() if name != "_read"}
        return make.__name__, len(arguments), shown(own), shown(slots), rest

    held(ask)


@pytest.mark.parametrize("protocol", [0, 1])
def test_old_protocols_of_pickles_are_refused_as_in_pymarc(protocol):
    for call in (some, lambda m: m.Record(GOOD)):
        same(lambda m, call=call: kind(lambda: pickle.dumps(call(m), protocol)))


@pytest.mark.parametrize("protocol", range(6))
def test_leaders_and_tuples_pickle_by_any_protocol(protocol):
    held(
        lambda m: [
            pickle.loads(pickle.dumps(it, protocol))
            for it in (m.Leader(LDR), m.Subfield("a", "x"), m.Indicators("1", "2"))
        ]
    )


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
    "title of bytes": valued("245", [("a", b"T")]),
    "title of bytes with a rest": valued("245", [("a", b"T"), ("b", b"s")]),
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
    "isbn, repeated": valued("020", [("a", "1"), ("a", "2")], [("a", "3")]),
    "isbn, only $z first": valued("020", [("z", "1")], [("a", "2")]),
    "issn": valued("022", [("a", "1234-5678"), ("l", "8765-4321")]),
    "issn, repeated": valued("022", [("a", "1"), ("a", "2"), ("l", "3"), ("l", "4")], [("a", "5")]),
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
    "publisher, a 264 without $b": valued("264", [("a", "x")], [("b", "R"), ("c", "1")], indicators=" 1"),
    "publisher, a 264 without $b before 260": lambda m: made(
        m, ("264", "41", ("a", "x")), ("260", "  ", ("b", "P"), ("c", "1"))
    ),
    "publisher, repeated": valued("260", [("b", "P"), ("b", "Q"), ("c", "1"), ("c", "2")], [("b", "R")]),
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
@pytest.mark.parametrize("as_bytes", [False, True], ids=["text", "bytes"])
def test_properties_of_a_record_that_was_read_are_those_of_pymarc(call, as_bytes):
    def ask(m):
        raw = call(pymarc).as_marc()

        def asked(name):
            return getattr(next(m.MARCReader(raw, to_unicode=not as_bytes)), name)

        return {name: kind(lambda name=name: asked(name)) for name in NAMES}

    held(ask)


@pytest.mark.parametrize(
    "name", ["series", "subjects", "addedentries", "location", "notes", "physicaldescription"]
)
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
@pytest.mark.parametrize("reading", [{}, {"to_unicode": False}], ids=["text", "bytes"])
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
    "made of bytes": lambda m, it: type(it)(GOOD),
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


def test_fields_of_bytes_are_asked_for_bytes_without_an_encoding():
    def ask(m):
        log = []
        own = logged(m.RawField, FIELD_METHODS, log)
        fields = [own("001", data=b"A"), own("245", subfields=[m.Subfield("a", b"T\xff")])]
        return [m.Record(fields=fields, to_unicode=unicode).as_marc() for unicode in (True, False)], log

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


def test_a_class_that_holds_more_cannot_be_put_in_place():
    def ask(m):
        put("__class__", type("Holding", (m.Record,), {}))(m.Record())

    same(lambda m: kind(lambda: ask(m)))


# MARC-8 in place

IN_MARC8 = {
    "bytes": lambda m: m.RawField("245", ["1", "0"], [m.Subfield("a", b"T\xe2e"), m.Subfield("b", b"")]),
    "bytes, control": lambda m: m.RawField("001", data=b"A\xe2e"),
    "text": lambda m: title(m, ("a", "T\u00e9 \u2113")),
    "text, control": lambda m: m.Field("001", data="A\u00e9"),
    "no data": lambda m: m.Field("001"),
    "no subfields": lambda m: m.Field("245"),
    "None for a value": lambda m: title(m, ("a", None)),
    "a number for a value": lambda m: title(m, ("a", "x"), ("b", 5)),
    "bytes in a field of text": lambda m: title(m, ("a", b"\xe2e")),
    "bytes that are cut": lambda m: m.RawField("245", subfields=[m.Subfield("a", b"x\x1b")]),
}


@cases(IN_MARC8)
def test_a_field_in_marc8_is_decoded_in_place_as_in_pymarc(call):
    def ask(m):
        it = call(m)
        first = it.subfields
        return kind(lambda: m.map_marc8_field(it) is it), it, it.subfields is first

    held(ask)


MARC8_RECORDS = {
    "bytes": lambda m: m.Record(MARC8, to_unicode=False),
    "text": lambda m: m.Record(MARC8),
    "nothing": lambda m: m.Record(),
    "a string for a leader": lambda m: then(m.Record(MARC8, to_unicode=False), put("leader", LDR)),
    "bytes that are cut": lambda m: m.Record(record(("245", b"10\x1faT\x1b")), to_unicode=False),
}


@cases(MARC8_RECORDS)
def test_a_record_in_marc8_is_decoded_in_place_as_in_pymarc(call):
    def ask(m):
        it = call(m)
        leader, fields, each = it.leader, it.fields, list(it.fields)
        given = kind(lambda: m.map_marc8_record(it) is it)
        kept = [own is other for own, other in zip(it.fields, each, strict=True)]
        return given, it, it.leader is leader, leader, it.fields is fields, kept

    held(ask)


# Names that only we have


@pytest.mark.parametrize("raw", [GOOD, MARC8], ids=["UTF-8", "MARC-8"])
@pytest.mark.parametrize("as_bytes", [False, True], ids=["text", "bytes"])
def test_the_bytes_of_a_record_are_kept_as_they_were_read(raw, as_bytes):
    (it,) = mrrc.MARCReader(raw, to_unicode=not as_bytes)
    it.remove_fields("245")
    it.as_marc()
    assert it.raw == raw


def test_a_record_that_was_not_read_has_no_bytes():
    assert mrrc.Record().raw is None
    assert mrrc.Record(GOOD).raw == GOOD


def test_bytes_that_can_be_changed_are_read_as_they_were_given():
    given = bytearray(GOOD + MARC8)
    for target in (given, memoryview(given)):
        reader = mrrc.MARCReader(target)
        assert [shown(it) for it in reader] == [shown(it) for it in pymarc.MARCReader(bytes(given))]


def test_an_error_of_a_boundary_says_where_it_was_found():
    reader = mrrc.MARCReader(GOOD + GOOD[:50])
    assert [it is None for it in reader] == [False, True]
    assert (reader.current_exception.offset, reader.current_exception.length) == (len(GOOD), 50)
