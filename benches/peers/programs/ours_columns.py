"""Ours: the four columns that `polars_marc21_columns.py` reads, one row a record, into a table."""

from __future__ import annotations

from pathlib import Path

import mrrc
from measure import Counts, run

COLUMNS = ["001", "245$a", "008", "650$a"]


def task(file: Path, threads: str) -> mrrc.Table:
    return mrrc.read_arrow(file, columns=COLUMNS, threads=int(threads))


def count(_file: Path, table: mrrc.Table) -> Counts:
    return Counts(table.num_rows, check=table.nbytes)


run(task, count)
