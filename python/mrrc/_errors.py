"""Exceptions for what is wrong with data: with a record, with where it ends, or with the source.

Columns and records share one class tree. Columns raise a `MarcError` whose message says what was found,
where, and what to do; its attributes say the same. Records raise the classes without arguments, as pymarc
does: `code` is then `None`, and the message is a fixed sentence.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from mrrc._mrrc import Field


class MarcWarning(UserWarning):
    """Records were left out or repaired, or have bytes without a character.

    The message counts them and names the attributes that show them.
    """


class PymarcException(Exception):
    """Base class of all exceptions about records, as in pymarc."""

    _text: ClassVar[str | None] = None

    def __str__(self) -> str:
        return super().__str__() if self._text is None else self._text


class FatalReaderError(PymarcException):
    """A `MARCReader` cannot go on after this record."""


class MarcError(PymarcException):
    """Something is wrong with the data.

    Attributes:
        code: the stable name of the finding, such as `record-length`; `None` for records.
        severity: `warning`, `decoding`, `repaired` or `fatal`.
        source: the name of the source, if it has one.
        record: the number of the record in its source, from 0.
        offset: the offset of the faulty byte in the (decompressed) source.
        record_offset: the offset of the record.
        length: for records, the number of bytes of a record whose end cannot be found; `offset` is then where
            it begins, counted from where the reader began.
        entry: the number of the directory entry, from 0.
        tag: the tag of the field.
        occurrence: the number of the field among those with this tag, from 0.
        subfield_code: the code of the subfield.
        control_number: the first 001 of the record, if it is known.
        after: otherwise the 001 of the record before it.
        found: what was found there, escaped.
        expected: what should have been there.
    """

    code: str | None = None
    severity: str | None = None
    source: str | None = None
    record: int | None = None
    offset: int | None = None
    record_offset: int | None = None
    length: int | None = None
    entry: int | None = None
    tag: str | None = None
    occurrence: int | None = None
    subfield_code: str | None = None
    control_number: str | None = None
    after: str | None = None
    found: str | None = None
    expected: str | None = None

    def __str__(self) -> str:
        return str(self.args[0]) if self.code and self.args else super().__str__()


class InvalidRecord(MarcError):
    """The structure or the content of the record is invalid."""


class RecordLeaderInvalid(InvalidRecord):
    """The leader is invalid."""

    _text = "Unable to extract record leader"


class RecordDirectoryInvalid(InvalidRecord):
    """The directory is invalid."""

    _text = "Invalid directory"


class BaseAddressInvalid(InvalidRecord):
    """The base address of data is not where the data begin."""

    _text = "Base address exceeds size of record"


class BaseAddressNotFound(InvalidRecord):
    """There is no base address of data."""

    _text = "Unable to locate base address of record"


class NoFieldsFound(InvalidRecord):
    """The record has no fields."""

    _text = "Unable to locate fields in record data"


class DecodingError(InvalidRecord, UnicodeError):
    """Bytes have no character in the encoding of the record."""


class RecordBoundary(MarcError, FatalReaderError):
    """The end of the record cannot be found."""


class RecordLengthInvalid(RecordBoundary):
    """The stated length is not a number or is wrong, or this is not a record."""

    _text = "Invalid record length in first 5 bytes of record"


class TruncatedRecord(RecordBoundary):
    """The source ends, or the next record begins, before the record is complete."""

    _text = "Record length in leader is greater than the length of data"


class EndOfRecordNotFound(RecordBoundary):
    """The record does not end where its length says."""

    _text = "Unable to locate end of record marker"


class SourceError(MarcError, OSError):
    """The source itself failed: damaged compression, or a file that shrank while it was read."""


class WriteNeedsRecord(PymarcException):
    """A writer was given something that is not a `Record`."""

    _text = "Write requires a pymarc.Record object as an argument"


class NoActiveFile(PymarcException):
    """A writer has no file. It is never raised, and exists for `except` clauses that name it."""

    _text = "There is no active file to write to in call to write"


class FieldNotFound(PymarcException):
    """The field to be removed is not in the record."""

    _text = "Record does not contain the specified field"


class BadLeaderValue(PymarcException):
    """A value does not fit its position in the leader."""


class MissingLinkedFields(PymarcException):
    """The `$6` of a field refers to a linked field (880) that the record does not have."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.field = field

    def __str__(self) -> str:
        return f"{self.field.tag} field includes a subfield 6 but no linked fields could be found."


class BadSubfieldCodeWarning(Warning):
    """A subfield code is not ASCII; `subf` has the bytes of the subfield."""

    def __init__(self, subf: bytes) -> None:
        super().__init__()
        self.subf = subf

    def __str__(self) -> str:
        return f"The subfield contained a non-ASCII subfield code: {self.subf!r}"

    def __reduce__(self) -> tuple[type[BadSubfieldCodeWarning], tuple[bytes]]:
        return type(self), (self.subf,)


class WriteError(MarcError, ValueError):
    """A record could not be read back if it were written, so nothing of it is written.

    `record` is its number among those given to the writer, from 0. The page of codes lists the values of
    `code` under "Records that cannot be written".

    Attributes:
        row: for `write_marc`, the number of the row, from 0; `record` is then the number that the rows have.
        column: the column in that row.
    """

    row: int | None = None
    column: str | None = None


for _public in [it for it in vars().values() if isinstance(it, type) and issubclass(it, Exception)]:
    _public.__module__ = "mrrc.exceptions"


_CLASSES: dict[str, type[MarcError]] = {
    "length": RecordLengthInvalid,
    "end": EndOfRecordNotFound,
    "truncated": TruncatedRecord,
    "base-address": BaseAddressInvalid,
    "base-address-missing": BaseAddressNotFound,
    "directory": RecordDirectoryInvalid,
    "no-fields": NoFieldsFound,
    "decoding": DecodingError,
    "source": SourceError,
    "record": InvalidRecord,
}


_silent = threading.local()


@contextmanager
def without_warnings() -> Iterator[None]:
    """Do not warn, in this thread, of a part of a work that warns as a whole."""
    _silent.is_on = True
    try:
        yield
    finally:
        _silent.is_on = False


def _warn(message: str) -> None:
    """Warn at the line that called into the package; called by the compiled module."""
    if getattr(_silent, "is_on", False):
        return
    level, frame = 2, sys._getframe(1)
    while frame.f_back and str(frame.f_globals.get("__name__")).partition(".")[0] == "mrrc":
        level, frame = level + 1, frame.f_back
    warnings.warn(message, MarcWarning, stacklevel=level)


def _exception(message: str, kind: str, fields: dict[str, Any]) -> MarcError:
    """The exception for a finding of that kind; called by the compiled module."""
    error = _CLASSES[kind](message)
    error.__dict__.update(fields)
    return error


_WAYS_OUT = {
    "field-too-long": 'shorten it, or write with oversize="recover"',
    "record-too-long": 'remove fields, or write with oversize="split" or oversize="recover"',
    "not-recoverable": "shorten its fields, or write it as several records",
    "delimiter-in-value": "remove that byte from the value",
    "tag-unwritable": "give the field a tag such as 500",
    "tag-kind": "give 00X a value alone, and other tags subfields; make a new Field instead of renaming one",
    "indicator-unwritable": "give it an ASCII character, or a blank",
    "code-unwritable": "give the subfield an ASCII character as its code",
    "leader-unwritable": "give it 24 characters",
    "not-encodable": 'write with encoding="utf-8", or with unencodable="reference"',
    "character-unwritable": 'remove it, or write with unencodable="replace"',
    "text-outside-subfields": "put it into a subfield",
    "not-text": 'make it text, "" if there is none',
    "record-unwritable": "rebuild it from Record and Field objects",
    "rows-disagree": "give each field a number of its own, and each record one leader",
}
_AS_WRITTEN = {
    "delimiter-in-value": "it is written as it is; readers that go by delimiters alone may take it for one",
    "indicator-unwritable": "its first character is written if that is ASCII, otherwise a blank",
    "code-unwritable": "it is written in UTF-8; readers that expect one byte may not take it for a code",
    "leader-unwritable": "a blank is written for each such character",
    "tag-kind": "it is written as it is; readers that go by the tag take it for a field of the other kind",
    "character-unwritable": "U+FFFD is written instead, or in MARCMaker text a blank",
    "text-outside-subfields": "it is written as a subfield a",
}


def _refused(message: str, code: str, is_written: bool) -> str:
    """Add what was written instead, or what to do; called by the compiled module."""
    if is_written:
        return f"{message}; {_AS_WRITTEN[code]}"
    return f"{message}; nothing of the record was written; {_WAYS_OUT[code]}"


def _write_error(message: str, fields: dict[str, Any]) -> WriteError:
    """The exception for a record that is refused; called by the compiled module."""
    error = WriteError(message)
    error.__dict__.update(fields)
    return error


def _warn_of_unfinished(path: str, kind: str) -> None:
    """Warn of a file that was never closed: once for users, once for tools that look for such files."""
    message = (
        f"{path} was not written, because its {kind} was never closed: use `with {kind}(...) as writer:`"
    )
    warnings.warn(message, ResourceWarning, stacklevel=2)
    warnings.warn(message, MarcWarning, stacklevel=2)
