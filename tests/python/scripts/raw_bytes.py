"""Reads records without making text of them: bytes go out as they came in."""

import sys
from pathlib import Path

from pymarc import MARCReader, RawField

counts = {}
out = open(Path(sys.argv[2]) / "raw.mrc", "wb")
reader = MARCReader(open(sys.argv[1], "rb"), to_unicode=False)
for record in reader:
    if record is None:
        print("bad record:", len(reader.current_chunk), repr(reader.current_exception))
        continue
    for field in record.get_fields():
        kind = type(field).__name__
        counts[kind] = counts.get(kind, 0) + 1
        if isinstance(field, RawField) and not field.control_field:
            for sub in field.subfields:
                assert isinstance(sub.value, bytes)
                if b"\x1b" in sub.value or max(sub.value, default=0) > 127:
                    counts[sub.code] = counts.get(sub.code, 0) + 1
    title = b" ".join(record["245"].get_subfields("a", "b"))
    print(record["001"].data, title, record["245"].indicators)
    data = record.as_marc()
    print("same" if data == reader.current_chunk else "different")
    out.write(data)
print(sorted(counts.items()))
