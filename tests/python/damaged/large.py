"""Inputs too large to keep as files."""

from __future__ import annotations

from collections.abc import Callable

from conftest import record

from damaged.cases import Case, delivered, filler, gap, made, rejected, repaired, usual, usual_fields

A, C = delivered("a"), delivered("c")
ITEMS = usual_fields("b") + [("952", b"  \x1fp%06d\x1ft" % number + b"x" * 60) for number in range(1500)]
MANY_TAGS = [("001", b"b")] + [("974", b"  \x1fu%05d" % number) for number in range(8500)]
# More than is held of an item whose end is not in sight.
ENDLESS = b"x" * (9 << 20) + b"\x1d"


def longest() -> bytes:
    """A record of exactly 99,999 bytes."""
    notes = [("520", b"  \x1fa" + b"x" * 9985)] * 9
    rest = 99_999 - len(usual("a", *notes, ("520", b"")))
    raw = usual("a", *notes, ("520", b"  \x1fa".ljust(rest, b"y")))
    assert len(raw) == 99_999
    return raw


def same_field_many_times() -> bytes:
    """5,000 entries for the same 9,000 bytes."""
    data = b"b\x1e  \x1fa" + b"x" * 8995 + b"\x1e"
    directory = b"001000200000" + b"520%04d00002" % (len(data) - 2) * 5000
    base = 24 + len(directory) + 1
    length = base + len(data) + 1
    return b"%05dnam a22%05d a 4500%b\x1e%b\x1d" % (length, base, directory, data)


def nines(number: int) -> int:
    return min(number, 99_999)


def zeros(number: int) -> int:
    return number if number < 100_000 else 0


def too_long(
    id: str, title: str, fields: list[tuple[str, bytes]], print_number: Callable[[int], int], repair: str
) -> Case:
    """A record of more than 99,999 bytes between sound ones."""
    directory, data = b"", b""
    for tag, raw in fields:
        directory += b"%b%04d%05d" % (tag.encode(), len(raw) + 1, print_number(len(data)))
        data += raw + b"\x1e"
    base = 24 + len(directory) + 1
    length = base + len(data) + 1
    assert length > 99_999
    head = b"%05dnam a22%05d a 4500" % (print_number(length), print_number(base))
    raw = head + directory + b"\x1e" + data + b"\x1d"
    return made(id, f"over 99,999 bytes: {title}", A, repaired("b", raw, "record-length", repair), C)


LARGE = [
    made("A14", "record of exactly 99,999 bytes", delivered("a", longest())),
    made("A35", "3,000 fields", delivered("a", record(("001", b"a"), *[("900", b"  \x1fx")] * 3000))),
    made("A39", "one MiB of NULs between records", A, filler(b"\0" * (1 << 20)), C),
    too_long("B25", "all numbers modulo", ITEMS, lambda number: number % 100_000, "count"),
    too_long("B26", "numbers that do not fit are nines", ITEMS, nines, "count"),
    too_long("B27", "numbers that do not fit are zeros", ITEMS, zeros, "count"),
    too_long("B28", "as many digits as needed", ITEMS, int, "guide"),
    too_long("B29", "as many digits as needed, also for the base address", MANY_TAGS, int, "guide"),
    too_long("B30", "nines, also for the base address", MANY_TAGS, nines, "count"),
    made("D18", "100,000 digits", rejected(b"0123456789" * 10_000, "record-truncated", at=100_000)),
    made("D19", "100,000 RT", filler(b"\x1d" * 100_000)),
    made("D20", "100,000 FT", gap(b"\x1e" * 100_000)),
    made(
        "D23",
        "a record without end",
        A,
        rejected(b"00500nam a2200049 a 4500" + ENDLESS, "record-too-large"),
        C,
    ),
    made("D24", "garbage without end", A, gap(ENDLESS), C),
    made(
        "F44",
        "5,000 entries for the same 9,000 bytes",
        A,
        # The first entry that names them for the third time.
        rejected(same_field_many_times(), "entries-overlap", at=24 + 3 * 12),
        C,
    ),
]
