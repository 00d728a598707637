"""Prepares records for another system: control numbers, item fields, and no local leftovers."""

import os
import sys

from pymarc import Field, Indicators, MARCReader, MARCWriter, Subfield

source, folder = sys.argv[1:3]
kept = dropped = 0
writer = MARCWriter(open(os.path.join(folder, "migrated.mrc"), "wb"))
with open(source, "rb") as fh:
    for record in MARCReader(fh, to_unicode=True, force_utf8=False):
        if record is None or record.leader[5] == "d":
            dropped += 1
            continue
        old_number = record["001"].data
        agency = record["003"].value() if "003" in record else "none"
        record.remove_fields("003", "035")
        record["001"].data = f"new{old_number.lstrip('0'):>09}"
        record.add_ordered_field(
            Field(
                tag="035",
                indicators=Indicators(" ", " "),
                subfields=[Subfield(code="a", value=f"({agency}){old_number}")],
            )
        )
        shelf = record.get_fields("050", "082")
        mark = " ".join(shelf[0].get_subfields("a", "b")) if shelf else "no mark"
        item = Field(tag="952", indicators=["", ""], subfields=[Subfield("a", "MAIN"), Subfield("o", mark)])
        for field in record.get_fields("300"):
            item.add_subfield("x", field.value())
        record.add_field(item)
        writer.write(record)
        kept += 1
writer.close()
print(f"{kept} records kept, {dropped} dropped")
