"""Things of both modules, made alike and shown by their parts, for tests that hold one to the other."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import mrrc
import pymarc
import pytest
from conftest import record, same

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
