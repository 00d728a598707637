"""`Leader`: 24 characters with named positions that can be changed."""

from __future__ import annotations

from typing import Any

from mrrc._constants import LEADER_LEN
from mrrc._errors import BadLeaderValue, RecordLeaderInvalid


def _position(name: str, start: int, length: int = 1, stated: int = 1) -> property:
    """A property of `length` characters; `stated` is the number that its error message states."""
    wording = f"{name} is {stated} char{'s' if stated > 1 else ''} field, got "

    def get(self: Leader) -> str:
        # An IndexError if the leader was made too short.
        return self.leader[start] if length == 1 else self.leader[start : start + length]

    def put(self: Leader, value: str) -> None:
        if len(value) != length:
            raise BadLeaderValue(f"{wording}{value}")
        self.leader = self._with(start, value)

    return property(get, put, doc=f"{name}: position {start}.")


class Leader:
    """The leader of a record (MARC 21: leader; ISO 2709: record label).

    It reads like a string, by position or slice. A value that is assigned to a position overwrites as many
    characters as it has.

    Raises:
        RecordLeaderInvalid: there are not 24 characters.

    Example:
        >>> from mrrc import Leader
        >>> leader = Leader("00475cas a2200169 i 4500")
        >>> leader[5] = "n"
        >>> leader.record_status, str(leader)
        ('n', '00475nas a2200169 i 4500')
    """

    leader: str

    record_length = _position("Record length", 0, 5, 4)
    record_status = _position("Record status", 5)
    type_of_record = _position("Type of record", 6)
    bibliographic_level = _position("Bibliographic level", 7)
    type_of_control = _position("Type of control", 8)
    coding_scheme = _position("Character coding scheme", 9)
    indicator_count = _position("Indicator count", 10)
    subfield_code_count = _position("Subfield code count", 11)
    base_address = _position("Base address of data", 12, 5, 4)
    encoding_level = _position("Encoding level", 17)
    cataloging_form = _position("Descriptive cataloging form", 18)
    multipart_ressource = _position("Multipart resource record level", 19)
    multipart_resource = multipart_ressource
    length_of_field_length = _position("Length of the length-of-field portion", 20)
    starting_character_position_length = _position("Length of the starting-character-position portion", 21)
    implementation_defined_length = _position("Length of the implementation-defined portion", 22)

    def __init__(self, leader: str) -> None:
        if len(leader) != LEADER_LEN:
            raise RecordLeaderInvalid
        self.leader = leader

    def __getitem__(self, item: Any) -> str:
        if isinstance(item, str):
            return str(getattr(self, item))
        return self.leader[item]

    def __setitem__(self, item: Any, value: str) -> None:
        if isinstance(item, str):
            setattr(self, item, value)
        else:
            # The end of a slice does not matter: the value says how far it goes.
            self.leader = self._with(item.start if isinstance(item, slice) else item, value)

    def __str__(self) -> str:
        return self.leader

    def __repr__(self) -> str:
        return f"Leader({self.leader!r})"

    def _with(self, position: int, value: str) -> str:
        if position < 0:
            raise IndexError("Position must be positive")
        end = position + len(value)
        if end > LEADER_LEN:
            raise BadLeaderValue(f"{value} is too long to be inserted at {position}")
        return self.leader[:position] + value + self.leader[end:]


Leader.__module__ = "mrrc.leader"
