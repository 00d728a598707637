"""MARCXML into ISO 2709, record by record; the XML is made first."""

import os
import sys

from pymarc import MARCReader, MARCWriter, XMLWriter, map_xml, parse_xml_to_array

xml = os.path.join(sys.argv[2], "records.xml")
writer = XMLWriter(open(xml, "wb"))
for number, record in enumerate(MARCReader(open(sys.argv[1], "rb"))):
    if record is not None and number % 2:
        writer.write(record)
writer.close()

titles = []
back = MARCWriter(open(os.path.join(sys.argv[2], "records.mrc"), "wb"))
map_xml(back.write, xml)
map_xml(lambda record: titles.append(record.title), xml)
back.close()
print(len(titles), titles[:3])

records = parse_xml_to_array(xml, strict=True, normalize_form="NFD")
print(records[0])
with open(xml, encoding="utf-8") as fh:
    assert len(parse_xml_to_array(fh)) == len(records)
