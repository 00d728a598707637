"""Mends links: https, a label, no proxy, and each address once."""

import re
import sys
from pathlib import Path

from pymarc import MARCReader, Subfield

changed = 0
with open(sys.argv[1], "rb") as fh, open(Path(sys.argv[2]) / "links.mrc", "wb") as out:
    for record in MARCReader(fh):
        if record is None:
            continue
        seen = set()
        for field in record.get_fields("856"):
            if "u" not in field:
                record.remove_field(field)
                continue
            before = str(field)
            if len(field.get_subfields("u")) == 1:
                field["u"] = re.sub(r"^http://", "https://", field["u"])
            while field.delete_subfield("z") is not None:
                pass
            if field.get("3") is None:
                field.add_subfield("3", "Online", 0)
            field.subfields = [
                Subfield(code=sub.code, value=sub.value.strip()) for sub in field.subfields if sub.code != "x"
            ]
            if field.indicators[1] == " ":
                field.indicator2 = "0"
            if field.indicators != ("4", "0"):
                field.indicators = ["4", field.indicators[1]]
            if field["u"] in seen:
                record.remove_field(field)
            seen.add(field["u"])
            if str(field) != before:
                changed += 1
                print(record["001"].data, before, "->", field)
        out.write(record.as_marc())
print(changed, "fields changed")
