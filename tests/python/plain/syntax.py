"""The parts of expressions and conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

# What Unicode calls white space.
BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
UNREPEATABLE = {"LDR", "001", "003", "005", "008"}


class Span(NamedTuple):
    """Places from one to another, both included; negative ones count from the end."""

    first: int
    last: int

    def of(self, length: int) -> range:
        first = self.first if self.first >= 0 else max(length + self.first, 0)
        last = self.last if self.last >= 0 else length + self.last
        return range(first, min(last, length - 1) + 1)

    @property
    def is_one(self) -> bool:
        return self.first == self.last


class Codes(NamedTuple):
    codes: str
    turns: Span | None
    characters: Span | None


class Test(NamedTuple):
    what: tuple
    sign: str
    value: str


@dataclass
class Path:
    tag: str
    index: Span | None
    conditions: list[list[Test]]
    characters: Span | None = None
    indicator: int | None = None
    codes: list[Codes] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.characters is None and self.indicator is None and not self.codes

    @property
    def takes_fields(self) -> bool:
        return self.is_whole and self.tag != "LDR" and not self.tag.startswith("00")

    @property
    def names_one_field(self) -> bool:
        return self.tag in UNREPEATABLE or bool(self.index and self.index.is_one)

    @property
    def names_one_place(self) -> bool:
        if not self.codes:
            return self.names_one_field
        turns = self.codes[0].turns
        return self.names_one_field and len(self.codes) == 1 and bool(turns and turns.is_one)


class Union(NamedTuple):
    paths: list[Path]


class Call(NamedTuple):
    name: str
    arguments: list
    options: dict


class Compared(NamedTuple):
    node: Union | Call
    sign: str
    literal: object


class Junction(NamedTuple):
    word: str
    parts: list


def matches(tag: str, pattern: str) -> bool:
    return len(tag) == 3 and all(it in (".", other) for it, other in zip(pattern, tag, strict=True))
