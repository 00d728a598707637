"""`map_records`: call a function with each record of files."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

from mrrc._mrrc import MARCReader, Record


def map_records(f: Callable[[Record | None], Any], *files: IO[bytes] | bytes) -> None:
    """Call a function with each record of files in ISO 2709, and with `None` for each that cannot be read."""
    for file in files:
        for record in MARCReader(file):
            f(record)


map_records.__module__ = "mrrc.reader"
