"""Looks into records by their printed form, as one-off scripts do."""

import pprint
import sys

import pymarc

log = open(sys.argv[2] + "/log.txt", "w", encoding="utf-8")
reader = pymarc.MARCReader(open(sys.argv[1], "rb"), force_utf8=True)
for record in reader:
    if record is None:
        print("None", reader.current_exception, file=log)
        continue
    print(record, file=log)
    print(record["245"], str(record["245"])[6:], str(record["008"]).split("  ")[1][7:11])
    for field in record.fields:
        if field.is_control_field():
            continue
        parts = str(field)[8:].split("$")[1:]
        assert [part[:1] for part in parts] == [sub.code for sub in field.subfields] or "$" in field.value()
        if field.is_subject_field() and field.get_subfields("x", "v"):
            print(field.format_field(), field.subfields_as_dict(), field.subfields[0:2], file=log)
    try:
        print(record["999"]["a"])
    except KeyError as error:
        print("no 999", error.args, "999" in record, record.get("999"))
    if len(record.notes) > 3:
        pprint.pprint(record.as_dict(), stream=log)
        print(record.publisher, record.pubyear, record.uniformtitle, len(record.series), sep="|", file=log)
