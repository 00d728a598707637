"""pymarc, or rmarc, which has its interface: every record, every value visited.

Called as `pymarc_values.py FILE MODULE`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from measure import Counts, run_loop

MARCReader = import_module(sys.argv[2]).MARCReader


def task(file: Path, _module: str) -> Counts:
    records = rejected = characters = 0
    with file.open("rb") as source:
        for record in MARCReader(source):
            # Both yield None for a record that they cannot read, and go on.
            if record is None:
                rejected += 1
                continue
            records += 1
            for field in record.fields:
                if field.control_field:
                    characters += len(field.data)
                else:
                    for subfield in field.subfields:
                        characters += len(subfield.value)
    return Counts(records, rejected, characters)


run_loop(task)
