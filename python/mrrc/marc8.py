"""MARC-8 as text."""

import sys
import unicodedata

from mrrc import marc8_mapping
from mrrc._core import MARC8ToUnicode, marc8_to_unicode

__all__ = ["MARC8ToUnicode", "marc8_mapping", "marc8_to_unicode", "sys", "unicodedata"]
