"""A pyarrow expression as a `Predicate`, by what pyarrow pickles: its calls, and a batch of its literals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from mrrc._pushdown import OPPOSITE, And, Not, Or, Predicate, Test, both

_SIGNS = {
    "equal": "==",
    "not_equal": "!=",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
}


@dataclass(frozen=True)
class _Column:
    name: str


@dataclass(frozen=True)
class _Literal:
    value: str | int | bool | date | None


@dataclass
class _Call:
    function: str
    arguments: list[Any] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)


def predicate_of(expression: Any) -> Predicate:
    """What a filter asks, as far as it is known."""
    try:
        _, (pickled,) = expression.__reduce__()
        with pa.ipc.open_file(pickled) as file:
            return _predicate(_call(file.get_batch(0)))
    except (pa.ArrowException, OverflowError, ValueError, RecursionError):
        # Columns by their places, dates that Python does not have, or one expression deep in another.
        return None


def _call(pickled: pa.RecordBatch) -> Any:
    """The expression: a column, a literal or a call."""
    found = _Call("")
    calls = [found]
    for key, text in _steps(pickled.schema):
        match key:
            case "call":
                call = _Call(text)
                calls[-1].arguments.append(call)
                calls.append(call)
            case "end":
                calls.pop()
            case "options":
                calls[-1].options = pickled.column(int(text))[0].as_py()
            case "literal":
                calls[-1].arguments.append(_Literal(_value(pickled.column(int(text))[0])))
            case "field_ref":
                calls[-1].arguments.append(_Column(text))
            case _:
                raise ValueError(f"unknown step {key}")
    (only,) = found.arguments
    return only


def _steps(schema: pa.Schema) -> Iterator[tuple[str, str]]:
    """The metadata in order; a dict would have each key once."""
    text = schema.to_string(truncate_metadata=False, show_field_metadata=False)
    _, _, steps = text.partition("-- schema metadata --\n")
    for line in steps.split("\n"):
        step = re.fullmatch("([a-z_]+): '(.*)'", line)
        if step is None:
            raise ValueError("a name with a line end in it")
        yield step[1], step[2]


def _value(scalar: pa.Scalar) -> str | int | bool | date | None:
    """The value, if columns of expressions have values of such a type."""
    is_text = pa.types.is_string(scalar.type) or pa.types.is_large_string(scalar.type)
    is_other = pa.types.is_integer(scalar.type) or pa.types.is_boolean(scalar.type)
    is_known = is_text or is_other or pa.types.is_date32(scalar.type) or pa.types.is_string_view(scalar.type)
    value: str | int | bool | date | None = scalar.as_py() if is_known else None
    return value


def _predicate(of: Any) -> Predicate:
    match of:
        case _Column(name):
            return Test(name, "is")
        case _Call("and_kleene" | "and", [left, right]):
            return both(And, _predicate(left), _predicate(right))
        case _Call("or_kleene" | "or", [left, right]):
            return both(Or, _predicate(left), _predicate(right))
        case _Call("invert", [predicate]):
            return Not(_predicate(predicate))
        case _Call("is_null", [_Column(name)]):
            return Test(name, "null")
        case _Call("is_valid", [_Column(name)]):
            return Not(Test(name, "null"))
        case _Call("is_in", [_Column(name)], {"value_set": list(values)}) if None not in values:
            return Test(name, "in", tuple(values))
        case _Call("if_else", [_, predicate, _Literal(None)]):
            # As DuckDB has `in`: null, unless there is a value.
            return _predicate(predicate)
        case _Call("match_substring", [_Column(name)], {"pattern": str(part), "ignore_case": False}):
            return Test(name, "contains", part)
        case _Call("starts_with", [_Column(name)], {"pattern": str(start), "ignore_case": False}):
            return Test(name, "starts", start)
        case _Call(function, [left, right]) if function in _SIGNS:
            return _comparison(left, _SIGNS[function], right)
    return None


def _comparison(left: Any, sign: str, right: Any) -> Predicate:
    match left, right:
        case _Column(name), _Literal(value):
            return Test(name, sign, value)
        case _Call("list_value_length", [_Column(name)]), _Literal(value):
            return Test(name, sign, value, "length")
        case _Literal(), _Column() | _Call():
            return _comparison(right, OPPOSITE[sign], left)
    return None
