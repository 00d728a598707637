"""pymarc, or a reader with its interface: how many records it delivers from one file, and what stopped it.

Called as `delivered.py FILE MODULE`; prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

file, module = sys.argv[1:]
records, stopped = 0, None
try:
    with open(file, "rb") as source:
        for record in import_module(module).MARCReader(source):
            # None stands for a record that it could not read.
            records += record is not None
except Exception as error:
    stopped = type(error).__name__
print(json.dumps({"records": records, "stopped": stopped}))
