"""Functions on fields: decode MARC-8 in place, and read subfield codes that are not ASCII."""

from __future__ import annotations

import logging
import re
import unicodedata
import warnings

from mrrc._errors import BadSubfieldCodeWarning
from mrrc._leader import Leader
from mrrc._marc8 import marc8_to_unicode
from mrrc._mrrc import Field, Record
from mrrc._tuples import Subfield

logger = logging.getLogger("pymarc")
isbn_regex = re.compile(r"([0-9\-xX]+)")


def normalize_subfield_code(subfield: bytes) -> tuple[str, int]:
    """Return the ASCII letter in the first character of a subfield, and the number of its bytes.

    Example:
        >>> from mrrc import normalize_subfield_code
        >>> normalize_subfield_code("éx".encode())
        ('e', 2)
    """
    try:
        text = subfield.decode("utf-8")
        skipped = len(text[0].encode("utf-8"))
    except UnicodeDecodeError:
        text, skipped = subfield.decode("latin-1"), 1
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")[0], skipped


def map_marc8_field(f: Field) -> Field:
    """Decode a raw field from MARC-8, in place, and return it."""
    if f.control_field:
        f.data = marc8_to_unicode(f.data)
    else:
        f.subfields = [Subfield(it.code, marc8_to_unicode(it.value)) for it in f.subfields]
    return f


def map_marc8_record(record: Record) -> Record:
    """Decode a raw record from MARC-8, in place, and return it. Its leader then says Unicode."""
    record.fields = [map_marc8_field(field) for field in record.fields]
    leader = list(record.leader.leader)
    leader[9] = "a"
    record.leader = Leader("".join(leader))
    return record


def _warn_of_code(subfield: bytes) -> None:
    """Warn of a code that is not ASCII; called by the compiled module."""
    warnings.warn(BadSubfieldCodeWarning(subfield), stacklevel=2)


map_marc8_field.__module__ = "mrrc.field"
map_marc8_record.__module__ = normalize_subfield_code.__module__ = "mrrc.record"
