"""Samples, the corpus of real files, records made by hand, and the sums that every read must satisfy."""

from __future__ import annotations

import gc
import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import mrrc
import pymarc
import pytest

ROOT = Path(__file__).parents[2]
# Set by whoever runs tests side by side; what is shown is as wide as Python says by itself.
os.environ.pop("COLUMNS", None)
# What a shell starts in the background ignores Ctrl-C; the tests of it do not.
signal.signal(signal.SIGINT, signal.default_int_handler)
LEADER = b"00000nam a2200000 a 4500"


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the garbage collector need not look at it again and again."""
    gc.freeze()


def sample(name: str) -> Path:
    path = ROOT / "target" / f"{name}.mrc"
    assert path.exists(), f"{path} is missing: make samples"
    return path


@pytest.fixture
def fixture_1k() -> Path:
    return sample("fixture_1k")


@pytest.fixture
def fixture_10k_marc8() -> Path:
    return sample("fixture_10k_marc8")


@pytest.fixture
def corpus() -> Path:
    """The folder of real catalogue files that $MRRC_CORPUS names."""
    folder = os.environ.get("MRRC_CORPUS")
    if not folder:
        pytest.skip("MRRC_CORPUS names no folder of real catalogue files")
    used = os.environ.get("MRRC_CORPUS_USED")
    if used:
        with open(used, "a") as note:
            note.write(f"{os.environ.get('PYTEST_CURRENT_TEST')}\n")
    return Path(folder)


def record(*fields: tuple[str, bytes], leader: bytes = LEADER) -> bytes:
    """A record of ISO 2709; its lengths and directory are made here, by other code than ours."""
    directory, data = b"", b""
    for tag, raw in fields:
        directory += b"%b%04d%05d" % (tag.encode(), len(raw) + 1, len(data))
        data += raw + b"\x1e"
    base = 24 + len(directory) + 1
    length = base + len(data) + 1
    return b"%05d%b%05d%b%b\x1e%b\x1d" % (length, leader[5:12], base, leader[17:], directory, data)


def outcome(call: Callable[[], object]) -> object:
    """What a call gives; or the type and text of what it raises, and of the cause of that."""
    try:
        return call()
    except (AssertionError, NameError):
        # A fault of the test itself.
        raise
    except Exception as error:
        cause = error.__cause__
        return type(error).__name__, str(error), cause and (type(cause).__name__, str(cause))


def same(call: Callable[[ModuleType], object]) -> None:
    """Hold a call with our module to the same with pymarc's."""
    theirs = outcome(lambda: call(pymarc))
    assert outcome(lambda: call(mrrc)) == theirs


def rows(table: mrrc.Table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


def assert_accounts_add_up(read: mrrc.Table | mrrc.Scan) -> None:
    for account in rows(read.sources):
        parts = ("delivered", "rejected", "filtered", "gap", "filler", "unread")
        assert account["bytes"] == sum(account[f"bytes_{part}"] for part in parts)
        assert account["records"] == account["delivered"] + account["rejected"] + account["filtered"]


def read(source: object, **options: object) -> mrrc.Table:
    """`read_arrow`, with its accounts checked."""
    table = mrrc.read_arrow(source, **options)
    assert_accounts_add_up(table)
    assert sum(account["delivered"] for account in rows(table.sources)) == delivered(table)
    return table


def delivered(table: mrrc.Table) -> int:
    """The number of records in a Table: in layouts fields and subfields, each has a leader."""
    return table["field"].to_pylist().count(0) if "field" in table else table.num_rows


def numbers_in_parts(source: bytes | Path, size: int, part: int) -> list[str | None]:
    """The control numbers of the records in a source that is read in parts; every byte is in one of them."""
    tables = [skip(source, byte_range=(start, start + part)) for start in range(0, size, part)]
    assert sum(table.sources["bytes"].to_pylist()[0] for table in tables) == size
    return [row["control_number"] for table in tables for row in rows(table)]


def skip(source: object, **options: object) -> mrrc.Table:
    """The same, leaving out what cannot be delivered."""
    return read_quietly(source, on_error="skip", **options)


def recover(source: object, **options: object) -> mrrc.Table:
    """The same, leaving out what cannot be proven."""
    return read_quietly(source, on_error="recover", **options)


def read_quietly(source: object, **options: object) -> mrrc.Table:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        return read(source, **options)
