"""An index of a file: where each record begins, and one of them by its number."""

import json
import sys
from pathlib import Path

import pymarc

index = {}
with open(sys.argv[1], "rb") as fh:
    reader = pymarc.MARCReader(fh)
    begin = reader.file_handle.tell()
    for record in reader:
        if record is not None:
            index[record["001"].data] = begin
        begin = reader.file_handle.tell()
(Path(sys.argv[2]) / "index.json").write_text(json.dumps(index))

with open(sys.argv[1], "rb") as fh:
    reader = pymarc.MARCReader(fh)
    for number in list(index)[::-40]:
        reader.file_handle.seek(index[number])
        record = next(reader)
        assert record["001"].data == number
        print(record.title, reader.current_chunk[:5], fh.tell())
    fh.seek(0, 2)
    print(next(reader, "the end"))
