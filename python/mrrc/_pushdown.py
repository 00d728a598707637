"""What an engine's predicate can keep, in the notation of `where` and `tags`, so that a Scan skips the rest.

The predicate is applied to the rows as well: what a Scan is told may let more of them pass, but must not
leave out one that the predicate keeps. A part of a predicate of which nothing is known is `None`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias, TypeVar

from mrrc._mrrc import Scan, _is_condition

T = TypeVar("T")

# A Scan compares each value with each of these in turn.
_MOST_CHOICES = 100
# More would be a large program of a regular expression.
_LONGEST_START = 200


@dataclass(frozen=True)
class Test:
    """A test of a column by itself: true, false or null. It is never true of a null, unless it asks for one.

    Args:
        column: the name.
        asks: `"=="`, `"!="`, `"<"`, `"<="`, `">"`, `">="`, `"in"`, `"contains"`, `"starts"`; `"is"` for the
            value of a column of bools, `"null"` for whether it is null, and `"has"` for whether a list has a
            value.
        value: what it is compared with.
        of: whether it is about the value, or the length of a list.
    """

    column: str
    asks: str
    value: Any = None
    of: Literal["value", "length"] = "value"


@dataclass(frozen=True)
class Not:
    """True if the predicate is false, and false if it is true."""

    predicate: Predicate


@dataclass(frozen=True)
class And:
    """True if all are true, and false if any is false."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Or:
    """True if any is true, and false if all are false."""

    parts: tuple[Predicate, ...]


Predicate: TypeAlias = Test | Not | And | Or | None

OPPOSITE = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def both(kind: type[And] | type[Or], *predicates: Predicate) -> And | Or:
    """One predicate of several, without brackets within brackets."""
    parts = [it.parts if isinstance(it, kind) else (it,) for it in predicates]
    return kind(tuple(part for some in parts for part in some))


def pushed(scan: Scan, predicate: Predicate) -> dict[str, Any]:
    """The arguments of `Scan._narrowed` with which it reads no record that the predicate cannot keep."""
    expressions = scan._expressions
    if predicate is None or expressions is None:
        return {}
    said = {name: (expression, kind) for name, expression, kind in expressions}
    where = _always(predicate, True, lambda test, outcome: _condition(test, outcome, said), _all_of, _any_of)
    tags = None
    if "tag" in scan and "tag" not in said:
        # It is the column of a layout.
        tags = _always(predicate, True, _tags, lambda sets: frozenset.intersection(*sets), _union)
    return {
        # Brackets may be nested too deep.
        "where": where if where is not None and _is_condition(where) else None,
        "tags": None if tags is None else sorted(tags),
    }


def _always(
    predicate: Predicate,
    outcome: bool,
    of_test: Callable[[Test, bool], T | None],
    all_of: Callable[[list[T]], T],
    any_of: Callable[[list[T]], T],
) -> T | None:
    """What is so of every row for which the predicate has this outcome."""
    match predicate:
        case Test():
            return of_test(predicate, outcome)
        case Not(of):
            return _always(of, not outcome, of_test, all_of, any_of)
        case And(parts) | Or(parts):
            found = [_always(part, outcome, of_test, all_of, any_of) for part in parts]
            known = [it for it in found if it is not None]
            if isinstance(predicate, And) is outcome:
                return all_of(known) if known else None
            return any_of(known) if len(known) == len(found) else None
    return None


def _all_of(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"({' and '.join(conditions)})"


def _any_of(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"({' or '.join(conditions)})"


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _condition(test: Test, outcome: bool, said: dict[str, tuple[str, str]]) -> str | None:
    """The condition of the records for which the test has this outcome, and perhaps of some with a null."""
    expression, kind = said.get(test.column, ("", ""))
    text = _compared(test, expression, kind)
    if text is None or not _is_condition(text):
        # It may say what no value can be, which is a mistake in the notation.
        return None
    return text if outcome else f"not {text}"


def _compared(test: Test, expression: str, kind: str) -> str | None:
    """The condition that is the same as the test for all values but null."""
    if kind.startswith("list<"):
        return _of_list(test, expression, kind.removeprefix("list<").removesuffix(">"))
    if kind == "bool":
        return _of_bool(test, expression)
    if test.asks == "null":
        return f"not {expression}"
    if test.asks == "in":
        return _among(test, expression, kind)
    value = _written(test.value, kind)
    if value is None or test.of == "length":
        return None
    if test.asks == "contains":
        return f"{expression} ~ {value}"
    if test.asks == "starts":
        start = re.sub(r"[.+*?()|\[\]{}^$#&~-]", r"\\\g<0>", value[1:-1])
        return f"{expression} matches '^{start}'" if len(start) <= _LONGEST_START else None
    return f"{expression} {test.asks} {value}" if test.asks in OPPOSITE else None


def _of_list(test: Test, expression: str, kind: str) -> str | None:
    if test.of == "length":
        # A condition does not count nulls, which only functions can make.
        is_counted = "(" not in expression and type(test.value) is int
        return f"count({expression}) {test.asks} {test.value}" if is_counted else None
    value = _written(test.value, kind)
    return f"{expression} == {value}" if test.asks == "has" and value else None


def _of_bool(test: Test, expression: str) -> str | None:
    match test.asks, test.value:
        case ("is", _) | ("==", True) | ("!=", False):
            return expression
        case ("==", False) | ("!=", True):
            return f"not {expression}"
    return None


def _among(test: Test, expression: str, kind: str) -> str | None:
    if len(test.value) > _MOST_CHOICES:
        return None
    choices = [written for it in test.value if (written := _written(it, kind))]
    return f"{expression} in ({', '.join(choices)})" if len(choices) == len(test.value) else None


def _written(value: object, kind: str) -> str | None:
    """A value as a condition has it, if it is of the type of the column."""
    if type(value) is str and kind == "string" and "\\" not in value:
        return "'" + value.replace("'", "''") + "'"
    if type(value) is int and kind in ("int32", "int64"):
        return str(value)
    if type(value) is date and kind == "date32":
        return f"'{value.isoformat()}'"
    return None


def _tags(test: Test, outcome: bool) -> frozenset[str] | None:
    """Patterns of the tags of the rows for which the test has this outcome."""
    match test:
        case Test(column="tag", asks="==", value=str(tag)) if outcome:
            tags: tuple[Any, ...] = (tag,)
        case Test(column="tag", asks="in", value=tuple(tags)) if outcome:
            pass
        case _:
            return None
    patterns = [_pattern(tag) for tag in tags]
    known = frozenset(it for it in patterns if it)
    return known if len(patterns) <= _MOST_CHOICES and None not in patterns else None


def _pattern(tag: object) -> str | None:
    """A pattern that this tag matches. The leader has a row anyway, but a field may be called LDR."""
    if not isinstance(tag, str) or not re.fullmatch("[0-9A-WYZ]{3}", tag):
        return None
    return {"LDR": "LD.", "000": "00."}.get(tag, tag)
