"""Writers: records as ISO 2709, JSON, MARCMaker text and MARCXML, one after another into a file."""

from __future__ import annotations

import json
import os
from typing import IO, Any, Literal, Self

from mrrc._errors import WriteNeedsRecord
from mrrc._mrrc import Record, _MarcFile, _Output
from mrrc._xml import MARC_XML_NS, serialize


class Writer:
    """Base class of the writers.

    Args:
        file_handle: a file object; or a path, and then the file is there when the writer is closed: whole,
            or not at all. `None` makes a writer that writes nothing.
    """

    def __init__(self, file_handle: IO[Any] | str | os.PathLike[str] | None) -> None:
        self.file_handle: Any = file_handle
        if isinstance(file_handle, str | os.PathLike):
            self.file_handle = _Output(file_handle)

    def write(self, record: Record) -> None:
        """Write a record; after `close`, do nothing.

        Raises:
            WriteNeedsRecord: it is no `Record`.
        """
        if not isinstance(record, Record):
            raise WriteNeedsRecord

    def close(self, close_fh: bool = True) -> None:
        """Write what belongs at the end, and close the file unless `close_fh` is false.

        A file that was given by its path is always closed.
        """
        if self.file_handle and (close_fh or isinstance(self.file_handle, _Output | _MarcFile)):
            self.file_handle.close()
        self.file_handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        if kind is not None and isinstance(self.file_handle, _Output | _MarcFile):
            self.file_handle.discard()
            self.file_handle = None
        self.close()


class MARCWriter(Writer):
    r"""Writes records in ISO 2709 into a binary file.

    Into a file object goes what `record.as_marc()` gives, as with pymarc. On a path a record that could not
    be read back is refused, and leader/10-11 and 20-23 are written as `22` and `4500`, which the bytes are.

    Args:
        file_handle: as for `Writer`.
        preserve: write a record that was read and not changed as the bytes that it was, whatever its
            encoding and however odd its directory.
        encoding: of a path, `"utf-8"`, or `"marc-8"` with leader/09 blank.
        unencodable: what is done with a character that has no place in MARC-8: `"raise"`, or write it as
            `"reference"`, `&#x4EBA;`.
        oversize: what is done, on a path, with a record of more than 99,999 bytes or a field of more than
            9,999: `"raise"`; `"split"` the record into several, each with all control fields and its share of
            the others; or `"recover"`: write nines where a number does not fit. Such a record is read again
            with `recover=True` or `on_error="recover"`, and by nobody who believes the numbers.

    Raises:
        WriteError: by `write`, on a path: what of the record cannot be written, and why. Nothing of it is.

    Example:
        >>> import io
        >>> from mrrc import Field, MARCWriter, Record
        >>> file = io.BytesIO()
        >>> MARCWriter(file).write(Record(fields=[Field("001", data="A1")]))
        >>> file.getvalue()
        b'00041    a2200037   4500001000300000\x1eA1\x1e\x1d'
    """

    def __init__(
        self,
        file_handle: IO[bytes] | str | os.PathLike[str] | None,
        *,
        preserve: bool = False,
        encoding: Literal["utf-8", "marc-8"] = "utf-8",
        unencodable: Literal["raise", "reference"] = "raise",
        oversize: Literal["raise", "split", "recover"] = "raise",
    ) -> None:
        self._preserve = preserve
        if isinstance(file_handle, str | os.PathLike):
            self.file_handle = _MarcFile(file_handle, preserve, encoding, unencodable, oversize)
            return
        if (encoding, unencodable, oversize) != ("utf-8", "raise", "raise"):
            raise ValueError("encoding, unencodable and oversize are for a MARCWriter on a path; give it one")
        super().__init__(file_handle)

    def write(self, record: Record) -> None:
        """Write a record; leader/09 becomes `a` in it unless it was read with `to_unicode=False`."""
        super().write(record)
        if isinstance(self.file_handle, _MarcFile):
            self.file_handle.write(record)
        elif self.file_handle and self._preserve and record._is_as_read:
            self.file_handle.write(record.raw)
        elif self.file_handle:
            self.file_handle.write(record.as_marc())


class JSONWriter(Writer):
    """Writes records as a JSON list into a text file, which is complete when the writer is closed."""

    def __init__(self, file_handle: IO[str] | str | os.PathLike[str] | None) -> None:
        super().__init__(file_handle)
        self.write_count = 0
        if self.file_handle:
            self.file_handle.write("[")

    def write(self, record: Record) -> None:
        """Write a record."""
        super().write(record)
        if self.file_handle:
            if self.write_count > 0:
                self.file_handle.write(",")
            json.dump(record.as_dict(), self.file_handle, separators=(",", ":"))
            self.write_count += 1

    def close(self, close_fh: bool = True) -> None:
        """Complete the list, and close the file unless `close_fh` is false."""
        if self.file_handle:
            self.file_handle.write("]")
        super().close(close_fh)


class TextWriter(Writer):
    """Writes records as MARCMaker text into a text file, with a blank line between them."""

    def __init__(self, file_handle: IO[str] | str | os.PathLike[str] | None) -> None:
        super().__init__(file_handle)
        self.write_count = 0

    def write(self, record: Record) -> None:
        """Write a record."""
        super().write(record)
        if self.file_handle:
            if self.write_count > 0:
                self.file_handle.write("\n")
            self.file_handle.write(str(record))
            self.write_count += 1


class XMLWriter(Writer):
    """Writes records as MARCXML into a binary file, which is complete when the writer is closed."""

    def __init__(self, file_handle: IO[bytes] | str | os.PathLike[str] | None) -> None:
        super().__init__(file_handle)
        if self.file_handle:
            self.file_handle.write(b'<?xml version="1.0" encoding="UTF-8"?>')
            self.file_handle.write(f'<collection xmlns="{MARC_XML_NS}">'.encode())

    def write(self, record: Record) -> None:
        """Write a record."""
        super().write(record)
        if self.file_handle:
            self.file_handle.write(serialize(record, "utf-8"))

    def close(self, close_fh: bool = True) -> None:
        """Complete the collection, and close the file unless `close_fh` is false."""
        if self.file_handle:
            self.file_handle.write(b"</collection>")
        super().close(close_fh)


for _public in (Writer, MARCWriter, JSONWriter, TextWriter, XMLWriter):
    _public.__module__ = "mrrc.writer"
