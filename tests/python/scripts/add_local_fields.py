"""Adds local fields, the kind that every library has, and writes records that hold them alone too."""

import sys

from pymarc import Field, Indicators, Record, Subfield, map_records

OUT = sys.argv[2]
full = open(f"{OUT}/with_local.mrc", "wb")
brief = open(f"{OUT}/brief.mrc", "wb")


def work(record):
    if record is None:
        return
    local = [
        Field("901", ["0", "1"], [Subfield("a", record["001"].data), Subfield("b", "Unknown")]),
        Field(tag=949, indicators=[" ", "1"], subfields=[Subfield("l", "stacks"), Subfield("i", "3 1234")]),
        Field(tag="999", indicators=None, subfields=[]),
    ]
    local[-1].add_subfield("é"[:0] or "a", "Grüße, 你好")
    local[-1].add_subfield("z", "first", pos=0)
    record.add_field(*local)
    full.write(record.as_marc())

    short = Record(to_unicode=True, force_utf8=True, leader=str(record.leader))
    short.add_field(Field(tag="001", data=record["001"].data))
    short.add_ordered_field(*local, Field("245", Indicators("0", "0"), [Subfield("a", record.title or "?")]))
    brief.write(short.as_marc())


map_records(work, open(sys.argv[1], "rb"))
full.close()
brief.close()
