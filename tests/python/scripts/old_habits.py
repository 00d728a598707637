"""Finds out what the pymarc that is installed can do, by trying what older ones could."""

import sys
from pathlib import Path

import pymarc

record = next(pymarc.MARCReader(open(sys.argv[1], "rb")))
TRIES = {
    "a flat list of subfields": lambda: pymarc.Field("245", ["1", "0"], ["a", "Title", "b", "rest"]),
    "the title by a call": lambda: record.title(),
    "the subjects by a call": lambda: record.subjects(),
    "a field that is not there": lambda: record["999"]["a"],
    "a subfield that is not there": lambda: record["245"]["9"],
    "an indicator by its place": lambda: record["245"].indicators.__setitem__(0, "1"),
    "one indicator": lambda: pymarc.Field("245", indicators=["1"]),
    "a leader that is text": lambda: record.leader.replace("a", "b"),
    "a leader's length": lambda: len(record.leader),
    "a leader too short": lambda: pymarc.Leader("00000nam"),
    "a letter too many": lambda: setattr(record.leader, "record_status", "new"),
    "an attribute of one's own": lambda: setattr(record, "source", "here"),
    "a title that is set": lambda: setattr(record, "title", "Another"),
    "a record that is none": lambda: pymarc.MARCWriter(open(Path(sys.argv[2]) / "x", "wb")).write("x"),
    "bytes that are none": lambda: pymarc.Record(data=b"00026nam"),
    "a field that is no part": lambda: record.remove_field(pymarc.Field("001", data="1")),
    "JSON that is none": lambda: list(pymarc.JSONReader("{")),
    "XML that is none": lambda: pymarc.parse_xml_to_array(sys.argv[1]),
    "a record as JSON with bytes": lambda: pymarc.Record(record.as_marc(), to_unicode=False).as_json(),
}
with open(Path(sys.argv[2]) / "tries.txt", "w", encoding="utf-8") as out:
    for name, attempt in TRIES.items():
        try:
            result = attempt()
            print(name, "->", result, file=out)
        except AttributeError:  # Python's own words, which change from version to version
            print(name, "!! AttributeError", file=out)
        except Exception as error:
            print(name, "!!", type(error).__name__, error, error.args, file=out)
legacy = pymarc.Field.convert_legacy_subfields(["a", "Title :", "b", "rest"])
print(pymarc.Field("245", ["1", "0"], legacy), record["245"].subfields[0::2])
