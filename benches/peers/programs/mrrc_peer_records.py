"""mrrc 0.9.2, another project of our name: every record, no value visited.

Its reader decodes a record whole before it hands it over, so this is its decoding without the making of
Python objects.
"""

from __future__ import annotations

from pathlib import Path

import mrrc
from measure import Counts, run_loop


def task(file: Path) -> Counts:
    records = rejected = 0
    for record in mrrc.MARCReader(str(file)):
        if record is None:
            rejected += 1
        else:
            records += 1
    return Counts(records, rejected)


run_loop(task)
