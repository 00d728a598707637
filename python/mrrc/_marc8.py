"""MARC-8 to text as pymarc does it: its results, its exceptions, and its lines on standard error.

The reading itself is compiled. Here is how Python passes values in, and what is raised.
"""

from __future__ import annotations

import sys
from typing import Any

from mrrc import _mrrc

_ASCII = 0x42
_ANSEL = 0x45

# Stands for a set whose number is not a 32-bit integer: a set without characters, like any unknown one.
_NOT_A_SET = 0xFFFF_FFFF


def marc8_to_unicode(marc8: Any, hide_utf8_warnings: bool = False) -> str:
    """Return the text of a value in MARC-8, composed (NFC), as pymarc reads it.

    Bytes without a character become blanks, with a line on standard error unless `hide_utf8_warnings`.

    Raises:
        UnicodeDecodeError: the value ends within an escape sequence.
    """
    try:
        if type(marc8) is bytes:  # needs no converter
            text, _, _, is_cut, notes = _mrrc._marc8_translate(
                _ASCII, _ANSEL, marc8, bool(hide_utf8_warnings)
            )
            return _said(text, is_cut, notes)
        return MARC8ToUnicode(quiet=hide_utf8_warnings).translate(marc8)
    except (IndexError, TypeError) as error:
        reason = "invalid multibyte character encoding"
        raise UnicodeDecodeError("marc8_to_unicode", marc8, 0, len(marc8), reason) from error


class MARC8ToUnicode:
    """Reads values in MARC-8 as pymarc does. The sets in force carry over from one value to the next."""

    __module__ = "mrrc.marc8"

    basic_latin = _ASCII
    ansel = _ANSEL

    def __init__(self, G0: int = basic_latin, G1: int = ansel, quiet: bool = False) -> None:
        self.g0 = G0
        self.g0_set = {b"(", b",", b"$"}
        self.g1 = G1
        self.g1_set = {b")", b"-", b"$"}
        self.quiet = quiet

    def translate(self, marc8_string: Any) -> str:
        """Return the text of a value, composed (NFC).

        Raises:
            TypeError: the value ends within an escape sequence.
        """
        if not marc8_string:
            return ""
        g0, g1 = _number(self.g0), _number(self.g1)
        refused = False
        if isinstance(marc8_string, bytes):
            translate, data = _mrrc._marc8_translate, marc8_string
        elif isinstance(marc8_string, str):
            translate = _mrrc._marc8_translate_code_points
            data = marc8_string.encode("utf-32-le", "surrogatepass")
        elif isinstance(marc8_string, bytearray):
            translate, data = _mrrc._marc8_translate, _before_escape(marc8_string, self.g0)
            refused = len(data) < len(marc8_string)
        else:
            len(marc8_string)  # has its own TypeError
            raise TypeError(f"ord() expected string of length 1, but {type(marc8_string).__name__} found")

        text, new_g0, new_g1, is_cut, notes = translate(g0, g1, data, bool(self.quiet))
        if _NOT_A_SET in (g0, g1):
            notes = [self._with_own_numbers(note) for note in notes]
        if new_g0 != g0:
            self.g0 = new_g0
        if new_g1 != g1:
            self.g1 = new_g1
        _said(text, is_cut, notes)
        if refused:
            marc8_string[:1] in self.g0_set  # noqa: B015 - cannot be hashed, and Python says so
        return text

    def _with_own_numbers(self, note: str) -> str:
        note = note.replace(f"g0={_NOT_A_SET} ", f"g0={self.g0} ")
        return note.replace(f"g1={_NOT_A_SET}", f"g1={self.g1}")


def _said(text: str, is_cut: bool, notes: list[str]) -> str:
    """Return the text, after printing the notes; raise Python's own TypeError if a byte is missing."""
    for note in notes:
        sys.stderr.write(f"{note}\n")
    if is_cut:
        ord(b"")
    return text


def _number(of_set: object) -> int:
    return of_set if isinstance(of_set, int) and 0 <= of_set < _NOT_A_SET else _NOT_A_SET


def _before_escape(raw: bytearray, g0: int) -> bytes:
    """The part of a `bytearray` before an escape sequence, whose parts cannot be looked up in a set."""
    step = 3 if g0 == 0x31 else 1
    escapes = (at for at in range(0, len(raw), step) if raw[at] == 0x1B)
    return bytes(raw[: next(escapes, len(raw))])


marc8_to_unicode.__module__ = "mrrc.marc8"
