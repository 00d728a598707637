"""polars-marc21: four columns into a polars frame. It has no way to read whole records.

A tag alone in its query (`245.a`) matches only fields whose indicators are both blank; `/*` takes any.
Repeated values multiply the rows: a record with two 245 and three 650 becomes six. Records that it cannot
parse are passed over in silence, and text that is not UTF-8 ends the read with a panic. So the number of
records is asked for apart, by a value that each record has exactly once.
"""

from __future__ import annotations

from pathlib import Path

import polars
from measure import Counts, run
from polars_marc21 import read_marc21

QUERY = "001, 245/*.a, 008, 650/*.a"
ONCE_A_RECORD = "ldr.length"


def task(file: Path) -> polars.DataFrame:
    frame: polars.DataFrame = read_marc21(file, QUERY)
    return frame


def count(file: Path, frame: polars.DataFrame) -> Counts:
    data = sum(int(column.str.len_bytes().sum()) for column in frame.get_columns())
    return Counts(read_marc21(file, ONCE_A_RECORD).height, check=data, rows=frame.height)


run(task, count)
