"""MARC-8 to text as pymarc does it, under pymarc's names."""

from mrrc._marc8 import MARC8ToUnicode, marc8_to_unicode

__all__ = ["MARC8ToUnicode", "marc8_to_unicode"]
