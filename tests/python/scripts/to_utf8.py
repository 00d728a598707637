"""MARC-8 into UTF-8: whole records by the reader, and value by value."""

import sys
from pathlib import Path

import pymarc

folder = Path(sys.argv[2])
data = Path(sys.argv[1]).read_bytes()
with open(folder / "utf8.mrc", "wb") as out, open(folder / "mapped.mrk", "w", encoding="utf-8") as text:
    writer = pymarc.MARCWriter(out)
    raw = pymarc.MARCReader(data, to_unicode=False)
    for decoded, record in zip(pymarc.MARCReader(data), raw, strict=True):
        if decoded is None or record is None or record.leader[9] == "a":
            continue
        writer.write(decoded)
        for field in record.get_fields("245", "880"):
            for code, value in field:
                print(code, value, pymarc.marc8.marc8_to_unicode(value, hide_utf8_warnings=True), file=text)
        mapped = pymarc.map_marc8_record(record)
        assert mapped is record and record.leader[9] == "a"
        for field, same in zip(mapped.fields[8:], decoded.fields[8:], strict=True):
            assert field.tag == same.tag and field.subfields == same.subfields
converter = pymarc.MARC8ToUnicode(quiet=True)
print(converter.translate(b"\xe2e\xe2E \x1b(Npriwet\x1b(B"), pymarc.marc8_to_unicode(b"\xa1\xb2"))
