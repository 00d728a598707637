"""The records of MARCXML in which nothing is odd, without a call of Python for each element.

A document is looked through first: it must be well-formed, and have nothing in it that a parser of Python and
the reading of columns take for different things. All others are left to the parser.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import IO, Any, NoReturn
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.handler import ContentHandler

from mrrc._look import check
from mrrc._mrrc import Record
from mrrc._read import scan

_BLOCK = 1 << 20
_SMALL = 32 << 10
"""A parser has read a smaller document before it could be looked through."""
_METHODS = [name for name in dir(ContentHandler) if not name.startswith("_")]
"""What a handler is told by the parser."""
_ALIKE = {
    "control-character",
    "escape-in-text",
    "namespace",
    "no-subfields",
    "repeated-control-field",
    "replacement-character",
    "subfield-code",
    "tag-unusual",
}
"""What is found in records that both read alike."""
_EMPTY = (b'""', b"''")
"""An indicator without a value is none for the one and a blank for the other."""
_COUNTED = (b"controlfield", b"datafield", b"</record>", b'tag="', b"tag='", b'tag="00', b"tag='00")
_CONTROL = re.compile(rb"""controlfield\s[^>]*?\btag=["']00[0-9]["']""")
_PREFIXED = re.compile(rb"</[^\s<>/:]+:record>")


class _Odd(Exception):
    """Something that is left to the parser."""


def is_told_records_alone(handler: ContentHandler, base: type[ContentHandler]) -> bool:
    """Whether a handler does what `base` does but for what becomes of a record."""
    kind = type(handler)
    return isinstance(handler, base) and all(
        getattr(kind, name, None) is getattr(base, name, None) and name not in vars(handler)
        for name in _METHODS
    )


def sound_records(source: Any) -> Iterator[Record] | None:
    """The records of a document, or `None` if it is left to the parser, as what can be read only once is."""
    try:
        if isinstance(source, (str, os.PathLike)):
            path = os.path.abspath(os.fspath(source))
            if not os.path.isfile(path):
                return None
            with open(path, "rb") as file:
                number = _number_of_records(file)
            return _records_of(path, number, lambda: None)
        if not source.seekable() or not isinstance(source.read(0), bytes):
            return None
        begin = source.tell()
        try:
            number = _number_of_records(source)
        finally:
            source.seek(begin)
        return _records_of(source, number, lambda: source.seek(begin))
    except (_Odd, ExpatError, AttributeError, OSError, ValueError):
        return None


def _records_of(source: Any, number: int, rewind: Callable[[], Any]) -> Iterator[Record]:
    found = check(source, format="marcxml", progress=False)
    rewind()
    findings, accounts = found.findings, found.sources
    if findings is None or accounts is None or not _ALIKE.issuperset(findings["code"]):
        raise _Odd
    if accounts["records"].to_pylist() != [number]:
        raise _Odd
    return iter(scan(source, format="marcxml", progress=False).records())


def _number_of_records(file: IO[bytes]) -> int:
    """The number of elements `record` in a document."""
    parser = ParserCreate(namespace_separator=" ")
    parser.XmlDeclHandler = _declared
    parser.StartDoctypeDeclHandler = parser.StartCdataSectionHandler = _odd
    parser.ProcessingInstructionHandler = _odd
    counts: Counter[bytes] = Counter()
    rest = b""
    while block := file.read(_BLOCK):
        if not counts and len(block) < _SMALL:
            raise _Odd
        parser.Parse(block, False)
        # A tag is in one piece.
        tags, mark, rest = (rest + block).rpartition(b"<")
        rest = mark + rest
        if not mark or len(rest) > _BLOCK or any(empty in tags for empty in _EMPTY):
            raise _Odd
        _count(tags, counts)
    parser.Parse(b"", True)
    _count(rest, counts)
    # Each field has two tags, and only a control field has the tag of one.
    controls, others = counts[b"controlfield"] / 2, counts[b"datafield"] / 2
    if not counts[b"00"] == controls == counts[b'tag="00'] + counts[b"tag='00"]:
        raise _Odd
    if controls + others != counts[b'tag="'] + counts[b"tag='"]:
        raise _Odd
    return counts[b"</record>"]


def _count(tags: bytes, counts: Counter[bytes]) -> None:
    counts.update({it: tags.count(it) for it in _COUNTED})
    counts[b"00"] += len(_CONTROL.findall(tags))
    if b":record>" in tags:
        counts[b"</record>"] += len(_PREFIXED.findall(tags))


def _declared(version: str, encoding: str | None, standalone: int) -> None:
    if encoding is not None and encoding.lower() != "utf-8":
        raise _Odd


def _odd(*_: Any) -> NoReturn:
    raise _Odd
