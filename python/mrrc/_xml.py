"""MARCXML: read records with `xml.sax`, or the quick way; write them with `xml.etree`."""

from __future__ import annotations

import os
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import IO, Any, Literal, TypeAlias, TypeGuard
from xml.sax import make_parser
from xml.sax.handler import ContentHandler, feature_namespaces

from mrrc._leader import Leader
from mrrc._marc8 import MARC8ToUnicode
from mrrc._mrrc import Field, Record, _record_to_xml
from mrrc._tuples import Indicators
from mrrc._xml_quick import is_told_records_alone, sound_records

XSI_NS = "http://www.w3.org/2001/XMLSchema-instance"
MARC_XML_NS = "http://www.loc.gov/MARC21/slim"
MARC_XML_SCHEMA = f"{MARC_XML_NS} http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"

XmlSource: TypeAlias = str | os.PathLike[str] | IO[bytes] | IO[str]
_Form: TypeAlias = Literal["NFC", "NFD", "NFKC", "NFKD"]


class XmlHandler(ContentHandler):
    """Makes records from the elements of a document. Override `process_record` to do more than collect them.

    Args:
        strict: ignore elements outside the namespace of MARCXML.
        normalize_form: normalize all text to this form of Unicode, such as `"NFC"`.
    """

    # The base class has nothing to set up, and subclasses may rely on that.
    def __init__(self, strict: bool = False, normalize_form: _Form | None = None) -> None:
        self.records: list[Record] = []
        self.normalize_form = normalize_form
        self._strict = strict
        self._record: Record | None = None
        self._field: Field | None = None
        self._subfield_code: str | None = None
        self._text: list[str] = []

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:
        """Handle the start of an element; called by the parser."""
        namespace, element = name
        if self._strict and namespace != MARC_XML_NS:
            return
        self._text = []
        if element == "record":
            self._record = Record()
        elif element == "controlfield":
            self._field = Field(attrs[None, "tag"])
        elif element == "datafield":
            tag = attrs[None, "tag"]
            indicators = Indicators(attrs.get((None, "ind1"), " "), attrs.get((None, "ind2"), " "))
            self._field = Field(tag, indicators)
        elif element == "subfield":
            self._subfield_code = attrs[None, "code"]

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        """Handle the end of an element; called by the parser."""
        namespace, element = name
        if self._strict and namespace != MARC_XML_NS:
            return
        text = "".join(self._text)
        if self.normalize_form is not None:
            text = unicodedata.normalize(self.normalize_form, text)
        if element == "subfield":
            self._end_subfield(text)
        elif self._record is not None:
            self._end_in_record(self._record, element, text)
        self._text = []

    def _end_subfield(self, text: str) -> None:
        if self._field is not None and self._subfield_code:
            self._field.add_subfield(self._subfield_code, text)
            self._subfield_code = None

    def _end_in_record(self, record: Record, element: str, text: str) -> None:
        if element == "record":
            self.process_record(record)
            self._record = None
        elif element == "leader":
            record.leader = Leader(text)
        elif element in ("controlfield", "datafield") and self._field is not None:
            if element == "controlfield":
                self._field.data = text
            record.add_field(self._field)
            self._field = None

    def characters(self, content: str) -> None:
        """Handle text, which may come in pieces; called by the parser."""
        self._text.append(content)

    def process_record(self, record: Record) -> None:
        """Keep a finished record."""
        self.records.append(record)


def parse_xml(xml_file: XmlSource, handler: ContentHandler) -> None:
    """Parse a document (a path, a URL or a file object) with a handler."""
    if _takes_records(handler) and (records := sound_records(xml_file)) is not None:
        try:
            for record in records:
                handler.process_record(record)
        finally:
            # As the parser does.
            if not isinstance(xml_file, (str, os.PathLike)):
                xml_file.close()
        return
    parser = make_parser()
    parser.setContentHandler(handler)
    parser.setFeature(feature_namespaces, True)
    parser.parse(xml_file)


def _takes_records(handler: ContentHandler) -> TypeGuard[XmlHandler]:
    """Whether a handler takes records as they are, of any namespace."""
    return (
        is_told_records_alone(handler, XmlHandler)
        and not getattr(handler, "_strict", True)
        and getattr(handler, "normalize_form", "") is None
    )


def map_xml(function: Callable[[Record], Any], *files: XmlSource) -> None:
    """Call a function with each record of documents, one after another."""
    handler = XmlHandler()
    handler.process_record = function  # type: ignore[method-assign, assignment]
    for file in files:
        parse_xml(file, handler)


def parse_xml_to_array(
    xml_file: XmlSource, strict: bool = False, normalize_form: _Form | None = None
) -> list[Record]:
    """Return the records of a document; the options are those of `XmlHandler`."""
    handler = XmlHandler(strict, normalize_form)
    parse_xml(xml_file, handler)
    return handler.records


def record_to_xml(record: Record, quiet: bool = False, namespace: bool = False) -> bytes:
    """Return a record as MARCXML in ASCII; the options are those of `record_to_xml_node`."""
    return serialize(record, "us-ascii", quiet, namespace)


def record_to_xml_node(record: Record, quiet: bool = False, namespace: bool = False) -> ET.Element:
    """Return a record as an XML element.

    Args:
        record: the record; values that are `bytes` are read as MARC-8.
        quiet: do not report bytes that are not MARC-8.
        namespace: add the namespace and the schema of MARCXML.
    """
    marc8 = MARC8ToUnicode(quiet=quiet)

    def text(value: Any) -> str:
        return value if isinstance(value, str) else marc8.translate(value)

    root = ET.Element("record")
    if namespace:
        root.set("xmlns", MARC_XML_NS)
        root.set("xmlns:xsi", XSI_NS)
        root.set("xsi:schemaLocation", MARC_XML_SCHEMA)
    ET.SubElement(root, "leader").text = str(record.leader)
    for field in record:
        if field.control_field:
            ET.SubElement(root, "controlfield", {"tag": field.tag}).text = text(field.data)
            continue
        indicators: Any = field.indicators
        attributes = {"ind1": indicators.first, "ind2": indicators.second, "tag": field.tag}
        data_field = ET.SubElement(root, "datafield", attributes)
        if stray := getattr(field, "_stray", None):
            ET.SubElement(data_field, "subfield", {"code": "a"}).text = text(stray)
        for subfield in field:
            ET.SubElement(data_field, "subfield", {"code": subfield.code}).text = text(subfield.value)
    return root


def serialize(record: Record, encoding: str, quiet: bool = False, namespace: bool = False) -> bytes:
    """Return a record as MARCXML in an encoding; other characters become character references."""
    written = _record_to_xml(record, encoding == "us-ascii", namespace)
    if written is not None:
        return written
    data: bytes = ET.tostring(record_to_xml_node(record, quiet, namespace), encoding)
    return data


for _public in (XmlHandler, parse_xml, map_xml, parse_xml_to_array, record_to_xml, record_to_xml_node):
    _public.__module__ = "mrrc.marcxml"
