"""Rows of layout nested as records, and which of their fields are linked."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from plain.syntax import BLANKS, matches


class Field:
    """A field of a row of layout nested."""

    def __init__(self, row: dict, place: int) -> None:
        self.row, self.tag, self.place = row, row["tag"], place
        self.is_data = row["subfields"] is not None
        self.subfields = [(it["code"], it["value"]) for it in row["subfields"] or []]
        self.indicators = (row["ind1"], row["ind2"])
        self.linkage_text = next((value for code, value in self.subfields if code == "6"), None)
        found = re.fullmatch(LINKAGE, (self.linkage_text or "").strip(BLANKS), re.DOTALL)
        self.linkage = Linkage(*found.groups()) if found else None


LINKAGE = r"(.{3})-([0-9]{2})(?:/([^/]*).*)?"


class Linkage(NamedTuple):
    tag: str
    number: str
    script: str | None


class Record:
    """A row of layout nested."""

    def __init__(self, row: dict) -> None:
        self.leader = row["leader"]
        self.fields = [Field(it, place) for place, it in enumerate(row["fields"])]
        self.of_patterns: dict[str, list[Field]] = {}

    def of_pattern(self, pattern: str) -> list[Field]:
        if pattern not in self.of_patterns:
            self.of_patterns[pattern] = [it for it in self.fields if matches(it.tag, pattern)]
        return self.of_patterns[pattern]

    def linked(self, field: Field) -> list[Field]:
        """The fields 880 that belong to a field."""
        linkage = field.linkage
        if field.tag == "880" or not linkage or linkage.tag != "880" or linkage.number == "00":
            return []
        others = (it for it in self.of_pattern("880") if it.linkage)
        alternates = [it for it in others if it.linkage[:2] == (field.tag, linkage.number)]
        alike = [it for it in self.of_pattern(field.tag) if it.linkage and it.linkage[:2] == linkage[:2]]
        turn = alike.index(field)
        if field is alike[-1]:
            return alternates[turn:] or alternates[-1:]
        return alternates[turn : turn + 1] or alternates[-1:]

    def findings_of_links(self, patterns: set[str]) -> Counter:
        """What is wrong with linkages, of the fields that are looked at."""

        def is_looked_at(tag: str) -> bool:
            return any(matches(tag, pattern) for pattern in patterns)

        found = Counter()
        linking = [it for it in self.fields if it.linkage_text is not None and is_looked_at(it.tag)]
        for of in linking:
            if not of.linkage:
                found["linkage-unreadable", of] += 1
            elif of.linkage.number == "00":
                pass
            elif of.tag == "880":
                partners = [it for it in linking if of in self.linked(it)]
                found["linkage-missing", of] += is_looked_at(of.linkage.tag) and not partners
            elif of.linkage.tag == "880":
                found["linkage-missing", of] += not self.linked(of)
        return +found
