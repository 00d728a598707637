"""Records made from rows, as they come from a spreadsheet or another system."""

import datetime
import sys
from pathlib import Path

from pymarc import Field, Indicators, MARCReader, MARCWriter, Record, Subfield, XMLWriter, record_to_xml

rows = []
with open(sys.argv[1], "rb") as fh:
    for rec in MARCReader(fh):
        if rec is not None:
            names = [field["a"] for field in rec.get_fields("100", "700") if "a" in field]
            rows.append((rec["001"].data, rec.title, names, rec.isbn, rec.pubyear or "[date unknown]"))

day = datetime.date(2024, 2, 29).strftime("%y%m%d")
marc = MARCWriter(open(Path(sys.argv[2]) / "made.mrc", "wb"))
xml = XMLWriter(open(Path(sys.argv[2]) / "made.xml", "wb"))
for number, title, names, isbn, year in rows:
    record = Record()
    record.leader[5:9] = "nam "
    record.add_ordered_field(Field(tag="008", data=f"{day}s{year[:4]:<4}    xx ||||| |||| 00| 0 eng d"))
    record.add_ordered_field(Field(tag="001", data=number))
    if isbn:
        record.add_ordered_field(Field("020", [" ", " "], [Subfield("a", isbn), Subfield("q", "paperback")]))
    main, _, rest = (title or "").partition(" : ")
    parts = [Subfield(code="a", value=main)] + [Subfield(code="b", value=rest)] * bool(rest)
    record.add_field(Field(tag="245", indicators=Indicators("1" if names else "0", "0"), subfields=parts))
    for tag, name in zip(["100"] + ["700"] * len(names), names, strict=False):
        field = Field(tag=tag, indicators=["1", " "], subfields=[Subfield("a", name)])
        field.subfields.append(Subfield("4", "aut"))
        record.add_ordered_field(field)
    record.add_grouped_field(Field(tag=264, indicators=[" ", 1], subfields=[Subfield("c", year)]))
    record["264"].indicator2 = "1"
    for writer in (marc, xml):
        writer.write(record)
marc.close()
xml.close()
print(record, record_to_xml(record), sep="\n")
