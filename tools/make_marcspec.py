"""Make tests/data/marcspec.txt from the test suite of MARCspec (MIT).

    git clone https://github.com/MARCspec/MARCspec-Test-Suite
    python3 tools/make_marcspec.py MARCspec-Test-Suite > tests/data/marcspec.txt

Each line is a spec of the suite and whether it is valid. Texts that a condition compares with are fragments
in the suite, and stand in one here. A third column says why our notation answers otherwise.
"""

import json
import re
import sys
from pathlib import Path

# Fragments of the suite, and a spec with one. The other fragments are all in the combinations.
FRAGMENTS = {"ComparisonString": "...{$a=\\%s}"}

# Ours is not MARCspec: which specs differ, and why.
DIFFERENCES = [
    (False, re.compile(r"\$[A-Z]$"), "a code can be uppercase"),
    (True, re.compile(r"\{\d\d\d\$a\}"), "another data field is asked of by where"),
    (True, re.compile(r"\{\$a!?=\$b\}"), "a condition compares with a text"),
    (True, re.compile(r"^\.\.\.\$.*\{/"), "a condition is about the field, not about one subfield"),
]


def specs(suite):
    """Each spec and whether it is valid."""
    for path in sorted(suite.glob("*valid/*.json")):
        kind = path.stem.removeprefix("invalid").removeprefix("valid")
        is_whole = kind.startswith("wildCombination") or kind == "FieldTag"
        for test in json.loads(path.read_text(encoding="utf-8"))["tests"]:
            if is_whole:
                yield test["data"], test["valid"]
            elif kind in FRAGMENTS:
                yield FRAGMENTS[kind] % test["data"], test["valid"]


def difference(spec, valid):
    """Why our notation answers otherwise, if it does."""
    return next((why for when, which, why in DIFFERENCES if when == valid and which.search(spec)), None)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    for spec, valid in dict.fromkeys(specs(Path(sys.argv[1]))):
        print(*filter(None, [spec, "valid" if valid else "invalid", difference(spec, valid)]), sep="\t")
