"""The code tables of MARC-8: octets, or numbers of three octets, to code points."""

from pymarc.marc8_mapping import (
    CHARSET_4E,
    CHARSET_31,
    CHARSET_32,
    CHARSET_33,
    CHARSET_34,
    CHARSET_42,
    CHARSET_45,
    CHARSET_51,
    CHARSET_53,
    CHARSET_62,
    CHARSET_67,
    CHARSET_70,
    CODESETS,
    ODD_MAP,
)

__all__ = [
    "CHARSET_4E",
    "CHARSET_31",
    "CHARSET_32",
    "CHARSET_33",
    "CHARSET_34",
    "CHARSET_42",
    "CHARSET_45",
    "CHARSET_51",
    "CHARSET_53",
    "CHARSET_62",
    "CHARSET_67",
    "CHARSET_70",
    "CODESETS",
    "ODD_MAP",
]
