"""Ours: nested Parquet, streamed: whole records, nothing dropped."""

from __future__ import annotations

import tempfile
from pathlib import Path

import mrrc
from measure import Counts, run

with tempfile.TemporaryDirectory() as folder:
    target = Path(folder, "ours.parquet")

    def task(file: Path, threads: str) -> None:
        mrrc.scan(file, threads=int(threads)).to_parquet(target)

    def count(file: Path, _result: None) -> Counts:
        return Counts(mrrc.scan(file).count(), check=target.stat().st_size)

    run(task, count)
