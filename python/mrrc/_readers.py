"""What all readers have in common, and `map_records`."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from typing import IO, Any

from mrrc._core import MARCReader, Record


class Reader(ABC):  # noqa: B024 - what counts as a reader is told by `isinstance` alone
    """Base class of the readers."""


Reader.__module__ = "mrrc.reader"
Reader.register(MARCReader)


def map_records(f: Callable[[Record | None], Any], *files: IO[bytes] | bytes) -> None:
    """Call a function with each record of files in ISO 2709, and with `None` for one that cannot be read."""
    for file in files:
        for record in MARCReader(file):
            f(record)


map_records.__module__ = "mrrc.reader"
