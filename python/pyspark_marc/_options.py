"""What options mean: Spark gives their names in any case, and their values as text."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Parser: TypeAlias = Callable[[str, str], Any]
"""What makes a value of the name of an option and its text."""

_STORAGE = "storage."


@dataclass(frozen=True)
class ReadOptions:
    """What a read is told. What stores are told is not shown, because keys are in it."""

    sources: list[str]
    """Paths, globs and addresses, as tasks that run in other folders need them."""
    scan: dict[str, Any]
    """Keyword arguments of `mrrc.scan`."""
    chunk: int = 64 << 20
    """The size of a part in bytes."""
    accounts: str | None = None
    """The folder for what became of records and bytes."""
    storage: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, options: Mapping[str, str]) -> ReadOptions:
        """Return what the options of Spark say."""
        storage = {name: value for name, value in options.items() if name.startswith(_STORAGE)}
        given = _parsed({name: it for name, it in options.items() if name not in storage}, _OF_READ)
        return cls(
            sources=_needed([*given.pop("path", []), *given.pop("paths", [])], "load"),
            chunk=given.pop("chunk", cls.chunk),
            accounts=given.pop("accounts", None),
            storage={name.removeprefix(_STORAGE): value for name, value in storage.items()},
            scan={_CALLED.get(name, name): value for name, value in given.items()},
        )


@dataclass(frozen=True)
class WriteOptions:
    """What a write is told."""

    folder: str
    write_marc: dict[str, Any]
    """Keyword arguments of `mrrc.write_marc`."""
    accounts: str | None = None
    """The folder for what was not written as it stood."""

    @classmethod
    def of(cls, options: Mapping[str, str]) -> WriteOptions:
        """Return what the options of Spark say."""
        given = _parsed(options, _OF_WRITE)
        return cls(
            folder=_needed(given.pop("path", None), "save"),
            accounts=given.pop("accounts", None),
            write_marc=given,
        )


def _parsed(options: Mapping[str, str], known: Mapping[str, Parser]) -> dict[str, Any]:
    if unknown := sorted(set(options) - set(known)):
        there_are = [*known, f"{_STORAGE}*"] if known is _OF_READ else [*known]
        raise ValueError(f'no option "{unknown[0]}"; there are {", ".join(there_are)}')
    return {name: known[name](name, value) for name, value in options.items()}


def _needed(path: T | None, method: str) -> T:
    if not path:
        raise ValueError(f"no path is given; name it in {method}(path)")
    return path


def _text(name: str, value: str) -> str:
    return value


def _source(name: str, value: str) -> list[str]:
    return [_from_anywhere(value)]


def _sources(name: str, value: str) -> list[str]:
    found = _json(name, value)
    if not isinstance(found, list):
        raise ValueError(f"{name} is no list; give load() a list of paths")
    return [_from_anywhere(path) for path in found]


def _from_anywhere(path: str) -> str:
    """The same path, for tasks that run in other folders."""
    return path if ":/" in path or path.startswith("~") else os.path.abspath(path)


def _folder(name: str, value: str) -> str:
    """A folder to write to; Spark calls those of files `file:/`."""
    path = re.sub("^file:(//)?", "", value)
    if not path or ":/" in path:
        raise ValueError(f"{name} is no folder; name one in a file system that driver and workers share")
    return os.path.abspath(os.path.expanduser(path))


def _number(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError(f'{name}="{value}" is no number of bytes; write it as 1048576') from None


def _choice(choices: Mapping[str, Any]) -> Parser:
    def chosen(name: str, value: str) -> Any:
        if value.lower() not in choices:
            known = ", ".join(f'"{it}"' for it in choices)
            raise ValueError(f'{name}="{value}" is not known; choose one of {known}')
        return choices[value.lower()]

    return chosen


def _columns(name: str, value: str) -> Any:
    """An expression or the name of a preset, or a list or a dict in JSON."""
    return _json(name, value) if value.lstrip().startswith(("[", "{")) else value


def _json(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"{name} is no JSON: {error}; write it with json.dumps") from None


_BOOLEAN = {"true": True, "false": False}
_OF_READ: dict[str, Parser] = {
    "path": _source,
    "paths": _sources,
    "columns": _columns,
    "where": _text,
    "layout": _text,
    "tags": _text,
    "provenance": _choice({**_BOOLEAN, "raw": "raw"}),
    "marc_format": _text,
    "encoding": _text,
    "references": _choice(_BOOLEAN),
    "dialect": _text,
    "on_error": _text,
    "max_record": _number,
    "chunk": _number,
    "accounts": _folder,
}
_OF_WRITE: dict[str, Parser] = {
    "path": _folder,
    "encoding": _text,
    "unencodable": _text,
    "oversize": _text,
    "on_error": _text,
    "accounts": _folder,
}
# In Spark, the format is the data source.
_CALLED = {"marc_format": "format"}
