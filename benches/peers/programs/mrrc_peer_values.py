"""mrrc 0.9.2, another project of our name: every record, every value visited.

Its `Record` resembles pymarc's, but `fields` and `subfields` are methods, and all control fields come before
all data fields. A field is a handle that asks its record again at each use, which is what the time goes into.
"""

from __future__ import annotations

from pathlib import Path

import mrrc
from measure import Counts, run_loop


def task(file: Path) -> Counts:
    records = rejected = characters = 0
    for record in mrrc.MARCReader(str(file)):
        if record is None:
            rejected += 1
            continue
        records += 1
        for field in record.fields():
            data = field.data
            if data is not None:
                characters += len(data)
            else:
                for subfield in field.subfields():
                    characters += len(subfield.value)
    return Counts(records, rejected, characters)


run_loop(task)
