"""Ours: every record into nested batches, each dropped as the next one comes."""

from __future__ import annotations

from pathlib import Path

import mrrc
from measure import Counts, run_loop


def task(file: Path, threads: str) -> Counts:
    records = 0
    for batch in mrrc.scan(file, threads=int(threads)):
        records += batch.num_rows
    return Counts(records)


run_loop(task)
