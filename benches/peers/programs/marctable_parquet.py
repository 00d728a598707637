"""marctable: Parquet with one column a tag, over pymarc.

Without rules it takes the fields of MARC 21 that its own list has, joins the subfields of each with blanks
and drops codes, indicators and all other fields. Compression is snappy, with no choice.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow.parquet
from marctable.utils import to_parquet
from measure import Counts, run

with tempfile.TemporaryDirectory() as folder:
    target = Path(folder, "marctable.parquet")

    def task(file: Path) -> None:
        with file.open("rb") as source, target.open("wb") as sink:
            to_parquet(source, sink)

    def count(_file: Path, _result: None) -> Counts:
        rows = pyarrow.parquet.read_metadata(target).num_rows
        return Counts(rows, check=target.stat().st_size)

    run(task, count)
