"""A polars expression as a `Predicate`, by the JSON that polars writes of it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import polars as pl

from mrrc._pushdown import OPPOSITE, And, Not, Or, Predicate, Test, both

# A longer one has large literals, which are not pushed down.
_MOST_CHARACTERS = 1 << 20

_SIGNS = {"Eq": "==", "NotEq": "!=", "Lt": "<", "LtEq": "<=", "Gt": ">", "GtEq": ">="}
_BOUNDS = {"Both": (">=", "<="), "Left": (">=", "<"), "Right": (">", "<="), "None": (">", "<")}


def predicate_of(expression: pl.Expr) -> Predicate:
    """What a filter asks, as far as it is known."""
    try:
        text = expression.meta.serialize(format="json")
        return _predicate(json.loads(text)) if len(text) <= _MOST_CHARACTERS else None
    except (pl.exceptions.PolarsError, ValueError, RecursionError):
        # A function of Python, or one predicate deep in another.
        return None


def _predicate(node: Any) -> Predicate:
    match node:
        case {"Column": str(name)}:
            return Test(name, "is")
        case {"BinaryExpr": {"left": left, "op": "And" | "LogicalAnd", "right": right}}:
            return both(And, _predicate(left), _predicate(right))
        case {"BinaryExpr": {"left": left, "op": "Or" | "LogicalOr", "right": right}}:
            return both(Or, _predicate(left), _predicate(right))
        case {"BinaryExpr": {"left": left, "op": "EqValidity", "right": right}}:
            return _comparison(left, "==", right)
        case {"BinaryExpr": {"left": left, "op": "NotEqValidity", "right": right}}:
            return Not(_comparison(left, "==", right))
        case {"BinaryExpr": {"left": left, "op": str(op), "right": right}} if op in _SIGNS:
            return _comparison(left, _SIGNS[op], right)
        case {"Function": {"input": [{"Column": str(name)}, *arguments], "function": function}}:
            return _of_column(name, function, arguments)
        case {"Function": {"input": [of], "function": {"Boolean": "Not"}}}:
            return Not(_predicate(of))
    return None


def _comparison(left: Any, sign: str, right: Any) -> Predicate:
    match left, right:
        case {"Literal": _}, _:
            return None if "Literal" in right else _comparison(right, OPPOSITE[sign], left)
        case {"Column": str(name)}, _:
            return Test(name, sign, _literal(right))
        case {"Function": {"input": [{"Column": str(name)}], "function": {"ListExpr": "Length"}}}, _:
            return Test(name, sign, _literal(right), "length")
    return None


def _of_column(name: str, function: Any, arguments: list[Any]) -> Predicate:
    """What a function of a column gives, if that is a bool."""
    match function, arguments:
        case {"Boolean": "Not"}, []:
            return Not(Test(name, "is"))
        case {"Boolean": "IsNull"}, []:
            return Test(name, "null")
        case {"Boolean": "IsNotNull"}, []:
            return Not(Test(name, "null"))
        case {"Boolean": {"IsBetween": {"closed": str(closed)}}}, [low, high] if closed in _BOUNDS:
            above, below = _BOUNDS[closed]
            return And((Test(name, above, _literal(low)), Test(name, below, _literal(high))))
        case {"Boolean": {"IsIn": {"nulls_equal": is_null_one}}}, [choices]:
            return _among(name, _values(choices), is_null_one)
        case {"StringExpr": {"Contains": {"literal": True}}}, [part]:
            return Test(name, "contains", _literal(part))
        case {"StringExpr": "StartsWith"}, [start]:
            return Test(name, "starts", _literal(start))
        case {"ListExpr": {"Contains": _}}, [value]:
            return Test(name, "has", _literal(value))
    return None


def _among(name: str, values: list[Any] | None, is_null_one: bool) -> Predicate:
    if values is None or (is_null_one and None in values):
        return None
    return Test(name, "in", tuple(value for value in values if value is not None))


def _literal(node: Any) -> str | int | date | None:
    match node:
        case {"Literal": {"Scalar": {"String": str(text)}}}:
            return text
        case {"Literal": {"Scalar": {"Date": int(days)}}}:
            return _day(days)
        case {"Literal": {"Dyn": {"Int": int(number)}}}:
            return number
        case {"Literal": {"Scalar": dict(scalar)}}:
            ((kind, value),) = scalar.items()
            return value if kind.startswith(("Int", "UInt")) and isinstance(value, int) else None
    return None


def _day(days: int) -> date | None:
    try:
        return date(1970, 1, 1) + timedelta(days)
    except OverflowError:
        return None


def _values(node: Any) -> list[Any] | None:
    """The values of a literal list."""
    match node:
        case {"Literal": {"Scalar": {"List": list(octets)}} | {"Series": list(octets)}}:
            values = pl.read_ipc_stream(bytes(octets)).to_series()
            if isinstance(values.dtype, pl.List):
                values = values.explode()
            return values.to_list()
    return None
