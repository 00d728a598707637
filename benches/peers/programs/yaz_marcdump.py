"""yaz-marcdump -p: every record as lines of text, written to nowhere. The whole process is measured."""

from __future__ import annotations

import re

from measure import Counts, run_command


def count(errors: str) -> Counts:
    summary = re.search(r"^records read: (\d+)$", errors, re.MULTILINE)
    if summary is None:
        raise SystemExit("yaz-marcdump gave no summary")
    return Counts(int(summary[1]))


# -r asks for the summary.
run_command(["yaz-marcdump", "-p", "-r"], count)
