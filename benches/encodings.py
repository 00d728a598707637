"""What `encoding="auto"` takes the records of files for, beside what they declare.

    python benches/encodings.py FILE_OR_FOLDER... [--list]

A line for each pair, with the number of records. With `--list` a line for each record that is not read as it
declares, or in which characters are missing: the lists of two versions can be compared.
"""

import argparse
import warnings
from collections import Counter
from pathlib import Path

import mrrc

COLUMNS = ["record", "encoding_declared", "encoding_used", "undecodable"]


def files(paths: list[str]) -> list[Path]:
    found = [path for name in paths for path in (Path(name), *sorted(Path(name).rglob("*")))]
    return [path for path in found if path.is_file()]


def verdicts(path: Path) -> list[dict]:
    """A row for each record that can be delivered; nothing of what is not MARC."""
    try:
        table = mrrc.read_arrow(path, encoding="auto", on_error="recover", provenance=True)
    except mrrc.MarcError:
        return []
    return table.to_pyarrow().select(COLUMNS).to_pylist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--list", action="store_true", help="a line for each record that is not as declared")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", mrrc.MarcWarning)
    counts: Counter[tuple[str, str, str]] = Counter()
    for path in files(arguments.paths):
        for row in verdicts(path):
            declared, used = row["encoding_declared"] or "nothing", row["encoding_used"]
            whole = "U+FFFD in it" if row["undecodable"] else "whole"
            counts[declared, used, whole] += 1
            if arguments.list and (declared != used or row["undecodable"]):
                print(path, row["record"], declared, used, row["undecodable"], sep="\t")
    if not arguments.list:
        print(f"{'declared':14}{'read as':14}{'':14}{'records':>10}")
        for (declared, used, whole), count in sorted(counts.items()):
            print(f"{declared:14}{used:14}{whole:14}{count:10,}")


if __name__ == "__main__":
    main()
