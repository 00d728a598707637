"""`Record`."""

import json
import logging
import re
import typing
import unicodedata
import warnings
from re import Pattern

from mrrc._constants import (
    DIRECTORY_ENTRY_LEN,
    END_OF_FIELD,
    END_OF_RECORD,
    LEADER_LEN,
    SUBFIELD_INDICATOR,
    isbn_regex,
)
from mrrc._errors import (
    BadSubfieldCodeWarning,
    BaseAddressInvalid,
    BaseAddressNotFound,
    FieldNotFound,
    MissingLinkedFields,
    NoFieldsFound,
    RecordDirectoryInvalid,
    RecordLeaderInvalid,
    TruncatedRecord,
)
from mrrc._fields import map_marc8_field, map_marc8_record, normalize_subfield_code
from mrrc._leader import Leader
from mrrc._log import logger
from mrrc._marc8 import marc8_to_unicode
from mrrc._mrrc import Field, RawField, Record
from mrrc._tuples import Indicators, Subfield

__all__ = [
    "DIRECTORY_ENTRY_LEN",
    "END_OF_FIELD",
    "END_OF_RECORD",
    "LEADER_LEN",
    "SUBFIELD_INDICATOR",
    "BadSubfieldCodeWarning",
    "BaseAddressInvalid",
    "BaseAddressNotFound",
    "Field",
    "FieldNotFound",
    "Indicators",
    "Leader",
    "MissingLinkedFields",
    "NoFieldsFound",
    "Pattern",
    "RawField",
    "Record",
    "RecordDirectoryInvalid",
    "RecordLeaderInvalid",
    "Subfield",
    "TruncatedRecord",
    "isbn_regex",
    "json",
    "logger",
    "logging",
    "map_marc8_field",
    "map_marc8_record",
    "marc8_to_unicode",
    "normalize_subfield_code",
    "re",
    "typing",
    "unicodedata",
    "warnings",
]
