"""Counts subject headings, their parts and the vocabularies that they are from."""

import sys
from collections import Counter
from pathlib import Path

from pymarc import MARCReader

headings, parts, vocabularies = Counter(), Counter(), Counter()
with open(sys.argv[1], "rb") as fh:
    for record in MARCReader(fh):
        if not record:
            continue
        for field in record.subjects:
            headings[field.format_field()] += 1
            vocabularies[field.tag, field.indicator2, field.get("2", "")] += 1
            for code, value in field:
                parts[code, value.rstrip(". ")] += 1

with open(Path(sys.argv[2]) / "subjects.txt", "w", encoding="utf-8") as out:
    for counter in (headings, parts, vocabularies):
        for key, count in sorted(counter.items(), key=lambda item: (-item[1], item[0])):
            print(count, key, sep="\t", file=out)
print(len(headings), "headings,", sum(headings.values()), "uses")
print(headings.most_common(5))
