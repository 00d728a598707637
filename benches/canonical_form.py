"""The one form that a writer gives a record, told by its bytes alone, and the records of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import mrrc

LEADER = re.compile(rb"(\d{5})[\x00-\x7f]{7}(\d{5})[\x00-\x7f]{7}")
ENTRY = re.compile(rb"([\x00-\x7f]{3})(\d{4})(\d{5})")
PRINTABLE = re.compile(rb"[\x1d-\x7e]*")
BUT_FOR_LEADER_09 = "leader/09 is not a, and all is printable ASCII: comes back with a"
ANOTHER_MAP = "leader/10-11 is not 22, or 20-23 not 4500: comes back, but not by a path"


def obstacle(data: bytes) -> str | None:
    """Why a record is not canonical; `None` if it is.

    A canonical record states its own length and base address. Its fields follow each other as the directory
    lists them, and nothing else is there; each has one terminator, at its end. A data field has two
    indicators, and subfields that have a code. Leader/09 is `a`, and the text is UTF-8; leader/10-11 is 22,
    and 20-23 is 4500.
    """
    leader = LEADER.fullmatch(data[:24])
    if not leader or int(leader[1]) != len(data) or not data.endswith(b"\x1d"):
        return "its length is not as stated"
    base = int(leader[2])
    entries = [ENTRY.fullmatch(data[at : at + 12]) for at in range(24, base - 1, 12)]
    if not entries or None in entries or data[24 + 12 * len(entries) : base] != b"\x1e":
        return "its directory is none, or ends elsewhere than stated"
    tags, lengths, starts = zip(*((it[1], int(it[2]), int(it[3])) for it in entries if it), strict=True)
    ends = list(accumulate(lengths))
    if [*starts, len(data) - base - 1] != [0, *ends]:
        return "its fields have another order than its directory, or bytes between them"
    for tag, start, end in zip(tags, starts, ends, strict=True):
        field = data[base + start : base + end]
        if field.find(b"\x1e") != len(field) - 1 or b"\x1d" in field:
            return "a field without a terminator, or with one inside"
        indicators, *subfields = field[:-1].split(b"\x1f")
        if tag.isdigit() and tag < b"010":
            if subfields:
                return "subfields in a control field"
        elif len(indicators) != 2 or not indicators.isascii():
            return "other than two indicators"
        elif not all(it and it[:1].isascii() for it in subfields):
            return "a subfield without a code, or with one that is no ASCII"
    if data[9:10] != b"a":
        return BUT_FOR_LEADER_09 if PRINTABLE.fullmatch(data, base) else "leader/09 is not a"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "leader/09 is a, and the text is no UTF-8"
    return None if (data[10:12], data[20:24]) == (b"22", b"4500") else ANOTHER_MAP


def records(path: Path, recover: bool = False) -> Iterator[tuple[mrrc.Record, bytes]]:
    """The records of a file, with their bytes."""
    with mrrc.MARCReader(path, recover=recover, hide_utf8_warnings=True) as reader:
        for record in reader:
            if record is not None and reader.current_chunk is not None:
                yield record, reader.current_chunk
