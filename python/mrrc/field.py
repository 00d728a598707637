"""`Field`, `RawField`, and the tuples that they hold."""

import logging
import typing
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mrrc._constants import END_OF_FIELD, SUBFIELD_INDICATOR
from mrrc._fields import map_marc8_field
from mrrc._log import logger
from mrrc._marc8 import marc8_to_unicode
from mrrc._mrrc import Field, RawField
from mrrc._tuples import Indicators, Subfield

__all__ = [
    "END_OF_FIELD",
    "SUBFIELD_INDICATOR",
    "Field",
    "Indicators",
    "Iterator",
    "NamedTuple",
    "RawField",
    "Sequence",
    "Subfield",
    "defaultdict",
    "logger",
    "logging",
    "map_marc8_field",
    "marc8_to_unicode",
    "typing",
]
