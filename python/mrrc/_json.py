"""Read records from MARC-in-JSON, with an iterator or a handler."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from io import IOBase, StringIO
from typing import IO, Any, Self

from mrrc._leader import Leader
from mrrc._mrrc import Field, Reader, Record
from mrrc._tuples import Indicators, Subfield


class JSONReader(Reader):
    """An iterator over the records of a JSON document, which is a record or a list of records.

    Args:
        marc_target: a text file object, the path of a file, or the JSON itself.
        encoding: has no effect: a path is opened in the encoding of the locale, as in pymarc.
        stream: only prints a message: the document is always read as a whole.

    Raises:
        json.JSONDecodeError: this is not JSON; or it is a `str` and there is no file of that name.
    """

    def __init__(
        self, marc_target: IO[str] | str | os.PathLike[str], encoding: str = "utf-8", stream: bool = False
    ) -> None:
        self.encoding = encoding
        opened = False
        self.file_handle: Any
        if isinstance(marc_target, IOBase):
            self.file_handle = marc_target
        elif isinstance(marc_target, os.PathLike) or (
            isinstance(marc_target, str) and os.path.exists(marc_target)
        ):
            self.file_handle = open(marc_target)  # noqa: SIM115
            opened = True
        else:
            self.file_handle = StringIO(marc_target)  # type: ignore[arg-type]
        if stream:
            sys.stderr.write("Streaming not yet implemented, your data will be loaded into memory\n")
        try:
            self.records = json.load(self.file_handle, strict=False)
        finally:
            # All of it was read, so a file that was opened here is not needed any more.
            if opened:
                self.file_handle.close()

    def __iter__(self) -> Self:
        many = hasattr(self.records, "__iter__") and not isinstance(self.records, dict)
        self.iter: Iterator[Any] = iter(self.records if many else [self.records])
        return self

    def __next__(self) -> Record:
        described = next(self.iter)
        record = Record()
        record.leader = Leader(described["leader"])
        for entry in described["fields"]:
            record.add_field(_field(entry))
        return record

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Do nothing: a file that was opened here is closed, and one that was handed in is left open."""


def _field(entry: dict[str, Any]) -> Field:
    # Only the first key of an entry is looked at.
    entries = list(entry.items())
    tag, content = entries[0]
    if not ("subfields" in content and hasattr(content, "update")):
        return Field(tag=tag, data=content)
    subfields = [Subfield(code, value) for pair in content["subfields"] for code, value in pair.items()]
    return Field(tag=tag, indicators=Indicators(content["ind1"], content["ind2"]), subfields=subfields)


class JSONHandler:
    """Makes records from parsed JSON, and consumes it.

    Override `process_record` to do more than collect the records.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._record: Record | None = None
        self._field: Field | None = None

    def elements(self, dict_list: Any) -> list[Record]:
        """Make records from parsed JSON, a list of records or a single one, and return them."""
        for described in dict_list if type(dict_list) is list else [dict_list]:
            self.element(described)
        return self.records

    def element(self, element_dict: dict[str, Any], name: str | None = None) -> None:
        """Take in a record, or a part of it: `leader` (and what follows), `fields` or `subfields`."""
        if not name:
            self._record = Record()
            self.element(element_dict, "leader")
        elif name == "leader" and self._record is not None:
            self._record.leader = Leader(element_dict["leader"])
            self.element(element_dict, "fields")
        elif name == "fields" and self._record is not None:
            for entry in element_dict["fields"]:
                self._record.add_field(self._field_of(*entry.popitem()))
            self.process_record(self._record)
        elif name == "subfields" and self._field is not None:
            for pair in element_dict["subfields"]:
                self._field.add_subfield(*pair.popitem())

    def _field_of(self, tag: str, content: Any) -> Field:
        field = self._field = Field(tag)
        if field.control_field:
            field.data = content
        else:
            self.element(content, "subfields")
            field.indicators = Indicators(content["ind1"], content["ind2"])
        return field

    def process_record(self, record: Record) -> None:
        """Keep a finished record."""
        self.records.append(record)


def parse_json_to_array(json_file: IO[str] | str | os.PathLike[str]) -> list[Record]:
    """Return the records of a JSON document: a text file object, a path, or the JSON itself."""
    with JSONReader(json_file) as reader:
        return JSONHandler().elements(reader.records)


JSONReader.__module__ = "mrrc.reader"
JSONHandler.__module__ = parse_json_to_array.__module__ = "mrrc.marcjson"
