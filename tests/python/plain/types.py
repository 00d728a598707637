"""The type of an expression, as its text alone decides."""

from __future__ import annotations

import pyarrow as pa

from plain.syntax import Call, Union

TEXTS = pa.list_(pa.field("element", pa.string()))
SUBFIELD = pa.struct([("code", pa.string()), ("value", pa.string())])
FIELD = pa.struct(
    [
        *((name, pa.string()) for name in ("tag", "ind1", "ind2", "value")),
        ("subfields", pa.list_(pa.field("element", SUBFIELD))),
    ]
)
PAIR = pa.struct([(name, pa.string()) for name in ("value", "alt", "script")])
ELEMENTS = {
    "year": pa.int32(),
    "date": pa.date32(),
    "int": pa.int64(),
    "count": pa.int64(),
    "exists": pa.bool_(),
    "pair": PAIR,
}
OF_ELEMENTS = {"first", "last", "unique", "coalesce"}


def element(node: Union | Call) -> pa.DataType:
    if isinstance(node, Union):
        return FIELD if any(path.takes_fields for path in node.paths) else pa.string()
    if node.name == "struct":
        return pa.struct([(code, TEXTS) for code in codes_of_struct(node)])
    if node.name in OF_ELEMENTS:
        return element(node.arguments[0])
    return ELEMENTS.get(node.name, pa.string())


def codes_of_struct(node: Call) -> list[str]:
    return list(
        dict.fromkeys(
            code for path in node.arguments[0].paths for codes in path.codes for code in codes.codes
        )
    )


def is_list(node: Union | Call) -> bool:
    if isinstance(node, Union):
        return len(node.paths) > 1 or not node.paths[0].names_one_place
    match node.name:
        case "first" | "last" | "concat" | "count" | "exists":
            return False
        case "coalesce":
            return any(map(is_list, node.arguments))
        case "join" | "struct":
            return not is_of_one_field(node.arguments[0])
    return is_list(node.arguments[0])


def is_of_one_field(node: Union | Call) -> bool:
    if isinstance(node, Union):
        return len(node.paths) == 1 and node.paths[0].names_one_field
    if node.name in {"coalesce", "concat", "count", "exists", "first", "join", "last"}:
        return not is_list(node)
    return is_of_one_field(node.arguments[0])


def data_type(node: Union | Call) -> pa.DataType:
    return pa.list_(pa.field("element", element(node))) if is_list(node) else element(node)


def looked_at(node: Union | Call) -> set[str]:
    """The tags that an expression looks at, as patterns."""
    if isinstance(node, Call):
        links = {"880"} if node.name in ("alt", "pair") else set()
        return links.union(*map(looked_at, node.arguments))
    tests = [test.what for path in node.paths for tests in path.conditions for test in tests]
    return {path.tag for path in node.paths} | {what[1] for what in tests if what[0] == "control"}


def follows_links(node: Union | Call) -> bool:
    return isinstance(node, Call) and (
        node.name in ("alt", "pair") or any(map(follows_links, node.arguments))
    )
