"""What goes wrong with data, by who can act: the record, its boundary, the source.

Every `MarcError` says in its text what was found, where, and what to do, and has the same as attributes.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any


class MarcWarning(UserWarning):
    """Records were left out, repaired, or not all text.

    The text counts them and names the attributes that show them.
    """


class MarcError(Exception):
    """Something is wrong with the data.

    Attributes:
        code: the stable name of the finding, such as `record-length`.
        severity: `warning`, `decoding`, `repaired` or `fatal`.
        source: name of the source, if it has one.
        record: number of the record in its source, from 0.
        offset: offset of the octet in question, from the beginning of the (decompressed) source.
        record_offset: offset of the record.
        entry: number of the directory entry, from 0.
        tag: tag of the field.
        occurrence: which occurrence of the tag in the record, from 0.
        subfield_code: code of the subfield.
        found: what stood there, escaped.
        expected: what should have stood there.
    """

    code: str | None = None
    severity: str | None = None
    source: str | None = None
    record: int | None = None
    offset: int | None = None
    record_offset: int | None = None
    entry: int | None = None
    tag: str | None = None
    occurrence: int | None = None
    subfield_code: str | None = None
    found: str | None = None
    expected: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), str(self), self.__dict__.copy())


class InvalidRecord(MarcError):
    """The record's structure or content is not as it should be."""


class RecordLeaderInvalid(InvalidRecord):
    """The leader is not as it should be."""


class RecordDirectoryInvalid(InvalidRecord):
    """The directory is not as it should be."""


class BaseAddressInvalid(InvalidRecord):
    """The base address of data is not where the data begin."""


class BaseAddressNotFound(InvalidRecord):
    """There is no base address of data."""


class NoFieldsFound(InvalidRecord):
    """The record has no fields."""


class DecodingError(InvalidRecord, UnicodeError):
    """Octets have no character in the encoding of the record."""


class RecordBoundary(MarcError):
    """Where a record ends cannot be told."""


class RecordLengthInvalid(RecordBoundary):
    """The record's length is no number, or what stands there is no record."""


class TruncatedRecord(RecordBoundary):
    """The source ends, or the next record begins, before the record is complete."""


class EndOfRecordNotFound(RecordBoundary):
    """The record does not end where its length says."""


class SourceError(MarcError, OSError):
    """The source itself failed: damaged compression, or a file that shrank while it was read."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


_CLASSES: dict[str, type[MarcError]] = {
    "terminator-missing": EndOfRecordNotFound,
    "record-truncated": TruncatedRecord,
    "record-too-large": EndOfRecordNotFound,
    "gap": RecordLengthInvalid,
    "not-marc": RecordLengthInvalid,
    "directory-terminator": RecordDirectoryInvalid,
    "directory-missing": RecordDirectoryInvalid,
    "directory-length": RecordDirectoryInvalid,
    "entry-tag": RecordDirectoryInvalid,
    "entry-digits": RecordDirectoryInvalid,
    "entry-range": RecordDirectoryInvalid,
    "no-fields": NoFieldsFound,
}


def _warn(message: str) -> None:
    """Warn at the line that called into the package; called by the compiled module."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and str(frame.f_globals.get("__name__")).partition(".")[0] == "mrrc":
        level, frame = level + 1, frame.f_back
    warnings.warn(message, MarcWarning, stacklevel=level)


def _class_of(code: str, severity: str, found: str) -> type[MarcError]:
    if severity == "decoding":
        return DecodingError
    if code.startswith("compressed-") or code == "source-changed":
        return SourceError
    if code == "record-length":
        return EndOfRecordNotFound if found.isdigit() else RecordLengthInvalid
    if code == "base-address":
        return BaseAddressInvalid if found.isdigit() and int(found) else BaseAddressNotFound
    return _CLASSES.get(code, InvalidRecord)


def _exception(message: str, fields: dict[str, Any]) -> MarcError:
    """The exception for a finding; called by the compiled module."""
    kind = _class_of(fields["code"], fields["severity"], fields["found"])
    return _restored(kind, message, fields)


def _restored(kind: type[MarcError], message: str, fields: dict[str, Any]) -> MarcError:
    error = kind(message)
    error.__dict__.update(fields)
    return error
