"""The classes of a record and its reader, and MARC-8, as all other modules import them."""

from mrrc._fields import map_marc8_field, map_marc8_record, normalize_subfield_code
from mrrc._leader import Leader
from mrrc._marc8 import MARC8ToUnicode, marc8_to_unicode
from mrrc._mrrc import Field, MARCReader, RawField, Reader, Record

__all__ = [
    "Field",
    "Leader",
    "MARC8ToUnicode",
    "MARCReader",
    "RawField",
    "Reader",
    "Record",
    "map_marc8_field",
    "map_marc8_record",
    "marc8_to_unicode",
    "normalize_subfield_code",
]
