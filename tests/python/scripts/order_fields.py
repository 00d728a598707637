"""Puts fields in order: by tag, grouped, and notes to the end."""

import sys

from pymarc import Field, Indicators, MARCReader, MARCWriter, Record, Subfield

writers = {
    name: MARCWriter(open(f"{sys.argv[2]}/{name}.mrc", "wb")) for name in ("sorted", "grouped", "ordered")
}
for record in MARCReader(open(sys.argv[1], "rb")):
    if record is None:
        continue
    fields = list(record.fields)
    ordered, grouped = Record(leader=str(record.leader)), Record(leader=str(record.leader))
    for field in reversed(fields):
        ordered.add_ordered_field(field)
        grouped.add_grouped_field(field)
    note = Field("500", Indicators(" ", " "), [Subfield("a", "Put in order.")])
    ordered.add_ordered_field(note, Field("XYZ", data="local"), Field("50", subfields=[Subfield("a", "x")]))
    grouped.add_grouped_field(note)
    writers["ordered"].write(ordered)
    writers["grouped"].write(grouped)

    record.fields.sort(key=lambda field: (field.tag.startswith("5"), field.tag))
    record.fields[-1:] = [note, *record.fields[-1:]]
    record.fields = sorted(record.fields, key=lambda field: field.tag)
    del record.fields[3]
    assert note in record.fields and record.get_fields() is record.fields
    writers["sorted"].write(record)
    print([field.tag for field in ordered], len(grouped.fields))
for writer in writers.values():
    writer.close()
