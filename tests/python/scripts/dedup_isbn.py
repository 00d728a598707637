"""Keeps the fullest record of each ISBN, and moves the ISBNs of the others into it."""

import sys
from pathlib import Path

import pymarc


def size(record):
    return len(record.fields), sum(len(field.subfields) for field in record.fields), len(record.as_marc())


best = {}
without = []
merged = []
with open(sys.argv[1], "rb") as fh:
    for record in pymarc.MARCReader(fh):
        if record is None:
            continue
        # Twelve digits of fifteen make some of the sample meet.
        number = (record.isbn or "")[-3:]
        if not number:
            without.append(record)
        elif number not in best:
            best[number] = record
        else:
            keep, drop = best[number], record
            if size(drop) > size(keep):
                keep, drop = drop, keep
            have = {field["a"] for field in keep.get_fields("020") if "a" in field}
            for field in drop.get_fields("020"):
                if field.get("a") not in have:
                    keep.add_grouped_field(field)
            best[number] = keep
            merged.append((keep["001"].data, drop["001"].data))

with open(Path(sys.argv[2]) / "merged.mrc", "wb") as out:
    writer = pymarc.MARCWriter(out)
    for record in [*best.values(), *without]:
        writer.write(record)
    writer.close(close_fh=False)
print(*merged, sep="\n")
