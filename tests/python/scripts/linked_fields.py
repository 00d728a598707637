"""Fields in another script, beside what they are linked to."""

import sys
from pathlib import Path

from pymarc import MARCReader, MissingLinkedFields

out = open(Path(sys.argv[2]) / "linked.txt", "w", encoding="utf-8")
missing = 0
for record in MARCReader(open(sys.argv[1], "rb")):
    if record is None or "880" not in record:
        continue
    for field in record:
        if field.tag == "880":
            tag, number = field["6"].split("-")[0], field.linkage_occurrence_num()
            print("880", tag, number, field.indicators, field.value(), sep="|", file=out)
        elif "6" in field:
            try:
                linked = record.get_linked_fields(field)
                print(field.tag, field.format_field(), *linked, sep="|", file=out)
            except MissingLinkedFields as error:
                print(record["001"].data, error, error.field.tag)
                missing += 1
    for field in record.get_fields("880")[1:]:
        record.remove_field(field)
    for field in record.get_fields("100", "245", "260", "264"):
        if field.linkage_occurrence_num() is None:
            continue
        try:
            print(len(record.get_linked_fields(field)), file=out)
        except MissingLinkedFields:
            missing += 1
print(missing, "without a partner")
