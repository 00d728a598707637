"""The sets of MARC-8 as pymarc has them: bytes to code points, each with 1 for a combining mark or 0.

They are made when they are first used, and are copies: changing them does not change what is read.
"""

from typing import Any

CODESETS: dict[int, dict[int, tuple[int, int]]]
"""The sets, by the last byte of the escape sequence that designates them."""

ODD_MAP: dict[int, int]
"""Groups of three bytes that are in no set, but occur in catalogues."""

CHARSET_31: dict[int, tuple[int, int]]
CHARSET_32: dict[int, tuple[int, int]]
CHARSET_33: dict[int, tuple[int, int]]
CHARSET_34: dict[int, tuple[int, int]]
CHARSET_42: dict[int, tuple[int, int]]
CHARSET_45: dict[int, tuple[int, int]]
CHARSET_4E: dict[int, tuple[int, int]]
CHARSET_51: dict[int, tuple[int, int]]
CHARSET_53: dict[int, tuple[int, int]]
CHARSET_62: dict[int, tuple[int, int]]
CHARSET_67: dict[int, tuple[int, int]]
CHARSET_70: dict[int, tuple[int, int]]

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


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mrrc import _mrrc

    codesets = _mrrc._marc8_codesets()
    charsets = {f"CHARSET_{number:02X}": entries for number, entries in codesets.items()}
    globals().update(charsets, CODESETS=codesets, ODD_MAP=_mrrc._marc8_odd_map())
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
