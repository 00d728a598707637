"""Ours: the whole file as one nested table, kept in memory."""

from __future__ import annotations

from pathlib import Path

import mrrc
from measure import Counts, run


def task(file: Path, threads: str) -> mrrc.Table:
    return mrrc.read_arrow(file, threads=int(threads))


def count(_file: Path, table: mrrc.Table) -> Counts:
    return Counts(table.num_rows, check=table.nbytes)


run(task, count)
