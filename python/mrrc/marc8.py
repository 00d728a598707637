"""MARC-8 to text as pymarc does it, under the names of its module: those it imports too."""

import sys as sys
import unicodedata as unicodedata

from mrrc import marc8_mapping as marc8_mapping
from mrrc._marc8 import MARC8ToUnicode as MARC8ToUnicode
from mrrc._marc8 import marc8_to_unicode as marc8_to_unicode
