"""How many records come back byte for byte when they are read and written, as tables of Markdown.

    python benches/canonical.py PATH...

Each PATH, a file or a folder with all that is below it, is a row. Its records are those that `MARCReader`
delivers by the rules of pymarc. Canonical are those in the one form that a writer gives a record, as
`canonical_form.py` tells it from their bytes; the last column counts those that `as_marc` gives back.
The second table says what keeps the others from it; `MARCWriter(path, preserve=True)` gives back these, too.
"""

from __future__ import annotations

import argparse
import logging
import warnings
from collections import Counter
from pathlib import Path

from canonical_form import obstacle, records


def main() -> None:
    description, _, _ = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    # What is odd about a record is counted here, and not said once more.
    warnings.simplefilter("ignore")
    logging.disable()
    print("| of | records | canonical | share | came back |\n|---|--:|--:|--:|--:|")
    others: Counter[str] = Counter()
    for place in parser.parse_args().paths:
        read, canonical, same = 0, 0, 0
        for path in sorted(it for it in place.rglob("*") if it.is_file()) if place.is_dir() else [place]:
            for record, data in records(path):
                why = obstacle(data)
                read, canonical = read + 1, canonical + (why is None)
                same += record.as_marc() == data
                others.update([why] if why else [])
        print(f"| {place.name} | {read:,} | {canonical:,} | {canonical / max(read, 1):.2%} | {same:,} |")
    print("\n| not canonical, for | records |\n|---|--:|")
    for why, count in others.most_common():
        print(f"| {why} | {count:,} |")


if __name__ == "__main__":
    main()
