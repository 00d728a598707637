"""ISO 2709 into MARCXML, a collection written by hand."""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pymarc

folder = Path(sys.argv[2])
with open(sys.argv[1], "rb") as fh, open(folder / "collection.xml", "w", encoding="utf-8") as out:
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f'<collection xmlns="{pymarc.MARC_XML_NS}">\n')
    for number, record in enumerate(pymarc.MARCReader(fh)):
        if record is None:
            continue
        out.write(pymarc.record_to_xml(record).decode("utf-8") + "\n")
        if number % 100 == 0:
            node = pymarc.record_to_xml_node(record, quiet=True, namespace=True)
            print(node.tag, sorted(node.attrib), len(node), ET.tostring(node)[:300])
            (folder / f"{number}.xml").write_bytes(pymarc.record_to_xml(record, namespace=True))
    out.write("</collection>\n")
