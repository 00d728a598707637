"""The writers."""

import json
import xml.etree.ElementTree as ET
from typing import IO

from mrrc._errors import WriteNeedsRecord
from mrrc._mrrc import Record
from mrrc._writers import JSONWriter, MARCWriter, TextWriter, Writer, XMLWriter
from mrrc._xml import record_to_xml_node

__all__ = [
    "ET",
    "IO",
    "JSONWriter",
    "MARCWriter",
    "Record",
    "TextWriter",
    "WriteNeedsRecord",
    "Writer",
    "XMLWriter",
    "json",
    "record_to_xml_node",
]
