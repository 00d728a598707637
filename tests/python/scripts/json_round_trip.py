"""MARC-in-JSON out and in, in all the ways that there are."""

import io
import json
import sys
from pathlib import Path

import pymarc

folder = Path(sys.argv[2])
records = [record for record in pymarc.MARCReader(open(sys.argv[1], "rb")) if record][::3]
writer = pymarc.JSONWriter(open(folder / "records.json", "w"))
for record in records:
    writer.write(record)
writer.close()

with open(folder / "records.jsonl", "w", encoding="utf-8") as lines:
    for record in records:
        print(record.as_json(ensure_ascii=False, sort_keys=True), file=lines)
(folder / "first.json").write_text(records[0].as_json(indent=2))

with open(folder / "records.json") as fh:
    for record, again in zip(records, pymarc.JSONReader(fh), strict=True):
        assert again.as_dict() == json.loads(record.as_json()) == record.as_dict()
        assert [str(field) for field in again] == [str(field) for field in record]
text = (folder / "records.json").read_text()
back = pymarc.parse_json_to_array(io.StringIO(text))
(folder / "back.mrc").write_bytes(b"".join(record.as_marc() for record in back))
for line in (folder / "records.jsonl").read_text(encoding="utf-8").splitlines()[:2]:
    (one,) = pymarc.JSONReader(f"[{line}]")
    print(one.title, one.leader, one["008"].data)
    print({tag: value for field in one.as_dict()["fields"] for tag, value in field.items()})
