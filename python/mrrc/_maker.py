"""Read records from MARCMaker text, the form that `str(record)` writes."""

from __future__ import annotations

import os
from io import IOBase, StringIO
from typing import IO, Any, Self

from mrrc._errors import PymarcException
from mrrc._leader import Leader
from mrrc._mrrc import Field, Reader, Record
from mrrc._tuples import Indicators, Subfield


class MARCMakerReader(Reader):
    r"""An iterator over the records of a text, which are separated by blank lines.

    Values are not unescaped: a backslash stays a backslash, and `{dollar}` stays `{dollar}`.

    Args:
        target: a text file object (read and closed at once), the path of a file, or the text itself.
        encoding: the encoding of the file, if `target` is a path.
    """

    def __init__(self, target: IO[str] | str | os.PathLike[str], encoding: str = "utf-8") -> None:
        file: Any
        if isinstance(target, IOBase):
            file = target
        elif isinstance(target, os.PathLike) or (isinstance(target, str) and os.path.exists(target)):
            file = open(target, encoding=encoding)  # noqa: SIM115
        else:
            file = StringIO(target)  # type: ignore[arg-type]
        text = file.read()
        file.close()
        self.records: list[str] = text.split("\n\n")
        self.iter = iter(self.records)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Record:
        lines = next(self.iter).splitlines()
        record = Record()
        for line in lines:
            try:
                part = self._parse_line(line)
            except Exception as error:
                raise PymarcException(f'Unable to parse line "{line}"') from error
            if isinstance(part, Leader):
                record.leader = part
            else:
                record.add_field(part)
        return record

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Do nothing: the text was read when the reader was made."""

    def _parse_line(self, line: str) -> Leader | Field:
        if line[0] != "=":
            raise ValueError('Line should start with a "=".')
        if line[4:6] != "  ":
            raise ValueError("Tag should be separated from the rest of the field by two spaces.")
        tag, rest = line[1:4], line[6:]
        if tag == "LDR":
            return Leader(rest)
        if tag < "010":
            return Field(tag, data=rest)
        indicators = Indicators(rest[0], rest[1])
        subfields = [Subfield(part[:1], part[1:]) for part in rest[3:].split("$")]
        return Field(tag, indicators=indicators, subfields=subfields)


MARCMakerReader.__module__ = "mrrc.reader"
