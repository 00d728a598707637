"""Records from MARCXML, and as MARCXML."""

import unicodedata
import xml.etree.ElementTree as ET
from xml.sax import make_parser
from xml.sax.handler import ContentHandler, feature_namespaces

from mrrc._leader import Leader
from mrrc._marc8 import MARC8ToUnicode
from mrrc._mrrc import Field, Record
from mrrc._tuples import Indicators
from mrrc._xml import (
    MARC_XML_NS,
    MARC_XML_SCHEMA,
    XSI_NS,
    XmlHandler,
    map_xml,
    parse_xml,
    parse_xml_to_array,
    record_to_xml,
    record_to_xml_node,
)

__all__ = [
    "ET",
    "MARC_XML_NS",
    "MARC_XML_SCHEMA",
    "XSI_NS",
    "ContentHandler",
    "Field",
    "Indicators",
    "Leader",
    "MARC8ToUnicode",
    "Record",
    "XmlHandler",
    "feature_namespaces",
    "make_parser",
    "map_xml",
    "parse_xml",
    "parse_xml_to_array",
    "record_to_xml",
    "record_to_xml_node",
    "unicodedata",
]
