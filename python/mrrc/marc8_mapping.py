"""The sets of MARC-8 as pymarc has them: octets to code points, each with 1 for a combining mark or 0.

They are copies: a change of theirs does not change what is read.
"""

from mrrc import _mrrc

CODESETS = _mrrc._marc8_codesets()
"""By the last octet of the escape sequence that designates a set."""

ODD_MAP = _mrrc._marc8_odd_map()
"""Groups of three octets that no set has and that catalogues have."""

CHARSET_31 = CODESETS[0x31]
CHARSET_32 = CODESETS[0x32]
CHARSET_33 = CODESETS[0x33]
CHARSET_34 = CODESETS[0x34]
CHARSET_42 = CODESETS[0x42]
CHARSET_45 = CODESETS[0x45]
CHARSET_4E = CODESETS[0x4E]
CHARSET_51 = CODESETS[0x51]
CHARSET_53 = CODESETS[0x53]
CHARSET_62 = CODESETS[0x62]
CHARSET_67 = CODESETS[0x67]
CHARSET_70 = CODESETS[0x70]
