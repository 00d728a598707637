"""`Subfield` and `Indicators`: the two tuples of a data field."""

from typing import NamedTuple


class Subfield(NamedTuple):
    """A subfield of a data field: its code and its value."""

    code: str
    value: str


class Indicators(NamedTuple):
    """The two indicators of a data field."""

    first: str
    second: str


Subfield.__module__ = Indicators.__module__ = "mrrc.field"
