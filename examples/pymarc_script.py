"""A script written for pymarc, with one line changed: the import of pymarc.

It prints the first titles of a catalogue, adds labels to its links, and writes the changed records to another
file.

Usage: python examples/pymarc_script.py catalogue.mrc changed.mrc
"""

import sys

import mrrc as pymarc  # this line was: import pymarc

if len(sys.argv) != 3:
    raise SystemExit("usage: python examples/pymarc_script.py catalogue.mrc changed.mrc")
source, target = sys.argv[1:]
titles = changed = unread = 0

with open(source, "rb") as file, open(target, "wb") as out:
    reader = pymarc.MARCReader(file)
    writer = pymarc.MARCWriter(out)
    for record in reader:
        if record is None:
            unread += 1
            print(
                f"not read: {reader.current_exception!r}, {len(reader.current_chunk)} bytes", file=sys.stderr
            )
            continue
        titles += 1
        if titles <= 5:
            number = record.get("001")
            print(f"{number.data if number else '(no number)'}  {record.title}")

        links = [field for field in record.get_fields("856") if "u" in field and "y" not in field]
        for field in links:
            label = field.delete_subfield("z") or field.get("3") or "Online"
            field.add_subfield("y", label)
        if links:
            note = [pymarc.Subfield("a", f"links labelled: {len(links)}")]
            record.add_ordered_field(pymarc.Field("583", pymarc.Indicators(" ", " "), note))
            writer.write(record)
            changed += 1

print(f"{titles:,} records read, {changed:,} of them changed, {unread:,} not read")
