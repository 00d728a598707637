"""Writers: records as ISO 2709, JSON, MARCMaker text and MARCXML, one after another into a file."""

from __future__ import annotations

import atexit
import json
import os
import weakref
from typing import IO, Any, Literal, Self

from mrrc._errors import WriteNeedsRecord, _warn_of_unfinished
from mrrc._mrrc import Record, _MarcFile, _Output, _written_as
from mrrc._xml import MARC_XML_NS, serialize

# Writers on a path that are not closed.
_open: weakref.WeakSet[Writer] = weakref.WeakSet()


class Writer:
    """Base class of the writers.

    Args:
        file_handle: a file object or a path. A file at a path appears when the writer is closed: complete, or
            not at all. `None` makes a writer that writes nothing.

    Warns:
        MarcWarning: a writer on a path was never closed, so its file was not written.
    """

    # The number of records passed to `write`.
    _given = 0

    def __init__(self, file_handle: IO[Any] | str | bytes | os.PathLike[str] | None) -> None:
        self.file_handle: Any = file_handle
        if isinstance(file_handle, str | bytes | os.PathLike):
            self._begin(file_handle, _Output(file_handle))

    def write(self, record: Record) -> None:
        """Write a record; after `close`, do nothing.

        Raises:
            WriteNeedsRecord: `record` is not a `Record`.
            WriteError: on a path, the record could not be read back if it were written. Nothing of it is
                written; you can go on with the next one.
            OSError: on a path, the file cannot be written. Every later call raises too, and no file appears.
        """
        if not isinstance(record, Record):
            raise WriteNeedsRecord

    def close(self, close_fh: bool = True) -> None:
        """Write what belongs at the end, and close the file unless `close_fh` is false.

        A file that the writer opened itself, by its path, is always closed.
        """
        file, self.file_handle = self.file_handle, None
        _open.discard(self)
        if file and (close_fh or isinstance(file, _Output | _MarcFile)):
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        if kind is not None and self._is_on_path():
            self._discard()
        self.close()

    def __del__(self) -> None:
        self._leave()

    def _begin(self, path: str | bytes | os.PathLike[str], file: _Output | _MarcFile) -> None:
        self.file_handle = file
        self._path = os.fsdecode(path)
        self._process = os.getpid()
        _open.add(self)

    def _is_on_path(self) -> bool:
        return isinstance(getattr(self, "file_handle", None), _Output | _MarcFile)

    def _discard(self) -> None:
        file, self.file_handle = self.file_handle, None
        _open.discard(self)
        file.discard()

    def _leave(self) -> None:
        """Warn that the writer was never closed, and discard its file."""
        # After a fork, the file belongs to the parent process.
        if self._is_on_path() and self._process == os.getpid():
            self._discard()
            _warn_of_unfinished(self._path, type(self).__name__)

    def _complete(self, end: str | bytes) -> None:
        """Write what belongs at the end; a file that cannot be completed is discarded."""
        try:
            self.file_handle.write(end)
        except OSError:
            if self._is_on_path():
                self._discard()
            raise

    def _as(self, form: str, record: Record, unencodable: str = "raise") -> Any:
        """The record in a form for a path, or None if only its own methods can write it."""
        number = self._given
        self._given += 1
        return _written_as(record, form, unencodable == "replace", number)


@atexit.register
def _leave_all() -> None:
    for writer in list(_open):
        writer._leave()


def _replacing(file_handle: object, unencodable: str) -> str:
    if unencodable not in ("raise", "replace"):
        raise ValueError(f'unencodable={unencodable[:40]!r} is not known; choose "raise" or "replace"')
    if unencodable != "raise" and not isinstance(file_handle, str | bytes | os.PathLike):
        raise ValueError("unencodable needs a path; pass one instead of a file object")
    return unencodable


class MARCWriter(Writer):
    r"""Writes records in ISO 2709 into a binary file.

    A file object gets what `record.as_marc()` returns, as with pymarc. On a path, a record that could not be
    read back is refused. Leader/10-11 and 20-23 are written as `22` and `4500`, which describe the layout
    that is written, and a character of the leader that is not ASCII is written as a blank.

    Args:
        file_handle: as for `Writer`.
        preserve: write a record that was read and not changed as the bytes it was read from, whatever its
            encoding and however odd its directory.
        encoding: on a path, `"utf-8"`, or `"marc-8"` with a blank in leader/09. Field 066, which names the
            scripts of a record in MARC-8, and the script codes in `$6` are not generated: add them if a
            system needs them.
        unencodable: on a path, what to do with a character that MARC-8 lacks: `"raise"`, or `"reference"` to
            write it as a reference, `&#x4EBA;`.
        oversize: on a path, what to do with a record of more than 99,999 bytes or a field of more than 9,999:
            `"raise"`; `"split"` the record into several, each with all control fields and a share of the
            others; or `"recover"`, which writes nines where a number does not fit. Such a record can be read
            with `recover=True` or `on_error="recover"`, but not by readers that rely on these numbers.

    Raises:
        WriteError: by `write`, on a path: the record cannot be written; the message says what in it, and why.
            Nothing of it is written, and you can go on with the next one.

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
        file_handle: IO[bytes] | str | bytes | os.PathLike[str] | None,
        *,
        preserve: bool = False,
        encoding: Literal["utf-8", "marc-8"] = "utf-8",
        unencodable: Literal["raise", "reference"] = "raise",
        oversize: Literal["raise", "split", "recover"] = "raise",
    ) -> None:
        self._preserve = preserve
        if isinstance(file_handle, str | bytes | os.PathLike):
            self._begin(file_handle, _MarcFile(file_handle, preserve, encoding, unencodable, oversize))
            return
        if (encoding, unencodable, oversize) != ("utf-8", "raise", "raise"):
            raise ValueError(
                "encoding, unencodable and oversize need a path; pass one instead of a file object"
            )
        super().__init__(file_handle)

    def write(self, record: Record) -> None:
        """Write a record. If its text is written as UTF-8, its leader/09 becomes `a`."""
        super().write(record)
        if isinstance(self.file_handle, _MarcFile):
            self.file_handle.write(record)
        elif self.file_handle and self._preserve and record._is_as_read:
            self.file_handle.write(record.raw)
        elif self.file_handle:
            self.file_handle.write(record.as_marc())


class JSONWriter(Writer):
    """Writes records as a JSON list into a text file, which is complete when the writer is closed.

    Raises:
        WriteError: by `write`, on a path: a part of the record is not a string. Nothing of it is written.
    """

    def __init__(self, file_handle: IO[str] | str | bytes | os.PathLike[str] | None) -> None:
        super().__init__(file_handle)
        self.write_count = 0
        if self.file_handle:
            self.file_handle.write("[")

    def write(self, record: Record) -> None:
        """Write a record."""
        super().write(record)
        separator = "," if self.write_count > 0 else ""
        if self._is_on_path():
            text = self._as("json", record) or json.dumps(record.as_dict(), separators=(",", ":"))
            self.file_handle.write(separator + text)
            self.write_count += 1
        elif self.file_handle:
            if separator:
                self.file_handle.write(separator)
            json.dump(record.as_dict(), self.file_handle, separators=(",", ":"))
            self.write_count += 1

    def close(self, close_fh: bool = True) -> None:
        """Complete the list, and close the file unless `close_fh` is false."""
        if self.file_handle:
            self._complete("]")
        super().close(close_fh)


class TextWriter(Writer):
    """Writes records as MARCMaker text into a text file, with a blank line between them.

    Args:
        file_handle: as for `Writer`.
        unencodable: on a path, what to do with a line end inside a field, because each field is one line:
            `"raise"`, or `"replace"` it with a blank.

    Raises:
        WriteError: by `write`, on a path: a field has a line end, or a part of it is not a string. Nothing of
            the record is written.
    """

    def __init__(
        self,
        file_handle: IO[str] | str | bytes | os.PathLike[str] | None,
        *,
        unencodable: Literal["raise", "replace"] = "raise",
    ) -> None:
        self._unencodable = _replacing(file_handle, unencodable)
        super().__init__(file_handle)
        self.write_count = 0

    def write(self, record: Record) -> None:
        """Write a record."""
        super().write(record)
        separator = "\n" if self.write_count > 0 else ""
        if self._is_on_path():
            text = self._as("mrk", record, self._unencodable) or str(record)
            self.file_handle.write(separator + text)
            self.write_count += 1
        elif self.file_handle:
            if separator:
                self.file_handle.write(separator)
            self.file_handle.write(str(record))
            self.write_count += 1


class XMLWriter(Writer):
    """Writes records as MARCXML into a binary file, which is complete when the writer is closed.

    Args:
        file_handle: as for `Writer`.
        unencodable: on a path, what to do with a character that XML does not allow, such as U+000B:
            `"raise"`, or `"replace"` it with U+FFFD.

    Raises:
        WriteError: by `write`, on a path: the record has such a character, or a part of it is not text.
            Nothing of the record is written.
    """

    def __init__(
        self,
        file_handle: IO[bytes] | str | bytes | os.PathLike[str] | None,
        *,
        unencodable: Literal["raise", "replace"] = "raise",
    ) -> None:
        self._unencodable = _replacing(file_handle, unencodable)
        super().__init__(file_handle)
        if self.file_handle:
            self.file_handle.write(b'<?xml version="1.0" encoding="UTF-8"?>')
            self.file_handle.write(f'<collection xmlns="{MARC_XML_NS}">'.encode())

    def write(self, record: Record) -> None:
        """Write a record."""
        super().write(record)
        if self._is_on_path():
            self.file_handle.write(self._as("xml", record, self._unencodable))
        elif self.file_handle:
            self.file_handle.write(serialize(record, "utf-8"))

    def close(self, close_fh: bool = True) -> None:
        """Complete the collection, and close the file unless `close_fh` is false."""
        if self.file_handle:
            self._complete(b"</collection>")
        super().close(close_fh)


for _public in (Writer, MARCWriter, JSONWriter, TextWriter, XMLWriter):
    _public.__module__ = "mrrc.writer"
