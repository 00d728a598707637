"""One file for each type of record and bibliographic level."""

import os
import sys

import pymarc

source, folder = sys.argv[1], sys.argv[2]
files = {}
counts = {}
reader = pymarc.MARCReader(open(source, "rb"))
for record in reader:
    if record is None:
        print("skipped:", type(reader.current_exception).__name__, reader.current_exception)
        continue
    kind = record.leader[6:8].replace(" ", "_")
    if record.leader.type_of_record == "a" and record.get_fields("856"):
        kind += "_online"
    if kind not in files:
        files[kind] = open(os.path.join(folder, f"type_{kind}.mrc"), "wb")
    files[kind].write(record.as_marc21())
    counts[kind] = counts.get(kind, 0) + 1
reader.close()
for file in files.values():
    file.close()
for kind in sorted(counts):
    print(f"{kind:<12}{counts[kind]:>6}")
