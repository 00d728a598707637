"""Functions of one text: trimming, dates, standard numbers."""

from __future__ import annotations

import datetime
import re
import unicodedata

from plain.records import Field
from plain.syntax import BLANKS

# Blanks, and marks of direction.
AROUND = BLANKS + "\u200e\u200f"


def is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def trim(text: str) -> str:
    """Without the punctuation of ISBD at the end."""
    while True:
        before = text
        text = text.strip(AROUND).rstrip(AROUND + ",/;:=")
        if text.endswith("."):
            heading = "".join(it for it in text[:-1].rstrip(AROUND) if not is_mark(it))
            letters = heading[-3:]
            if (
                (len(letters) == 3 and letters.isalpha())
                or re.search(r"[0-9]{4}\Z", heading)
                or text[:-1].rstrip(AROUND).endswith((")", "]"))
            ):
                text = text[:-1].rstrip(AROUND)
        for opening, closing in ("[]", "()"):
            if closing not in text:
                text = text.lstrip(opening)
            elif opening not in text:
                text = text.rstrip(closing)
        if text == before:
            return text


FIRST_INDICATOR = {"130", "630", "730", "740"}
SECOND_INDICATOR = {"222", "240", "242", "243", "245", "440", "830"}


def filing(text: str, of: Field | None) -> str:
    """Without the characters that are not filed."""
    tag = of.tag if of else ""
    if of and tag == "880":
        tag = of.linkage.tag if of.linkage else ""
    which = 0 if tag in FIRST_INDICATOR else 1 if tag in SECOND_INDICATOR else None
    digit = (of.indicators[which] or "")[:1] if of and which is not None else ""
    skipped = int(digit) if digit in set("0123456789") else 0
    # They are counted from where the text of the field begins.
    first = next((value for code, value in of.subfields if not code.isdigit()), "") if of else ""
    if len(text) > skipped and text[:skipped].lower() == first[:skipped].lower():
        text = text[skipped:]
    for opening, closing in (("\x98", "\x9c"), ("<<", ">>")):
        if opening in text:
            out = ""
            while opening in text and closing in text[text.index(opening) + len(opening) :]:
                before, _, rest = text.partition(opening)
                text = rest.partition(closing)[2]
                out, text = out + before, text if before else text.lstrip(BLANKS)
            return out + text
    return text


def year(text: str) -> int | None:
    found = re.fullmatch(r"[0-9]{4}", text.strip(BLANKS))
    return int(found[0]) if found else None


def whole_number(text: str) -> int | None:
    found = re.fullmatch(r"[+-]?[0-9]+", text.strip(BLANKS))
    return int(found[0]) if found and -(2**63) <= int(found[0]) < 2**63 else None


def date(text: str) -> datetime.date | None:
    """yyyymmdd and what may follow, yyyy-mm-dd, or yymmdd from 1960 to 2059."""
    text = text.strip(BLANKS)
    if re.fullmatch("[0-9]{6}", text):
        text = ("20" if text < "60" else "19") + text
    found = re.match(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})([0-9]{2})([0-9]{2})", text)
    try:
        return datetime.date(*(int(it) for it in found.groups() if it)) if found else None
    except ValueError:
        return None


def isbn(text: str) -> str | None:
    for digits in re.findall(r"[0-9][0-9Xx-]*", text):
        found = re.fullmatch(r"[0-9]{9}[0-9X]|97[89][0-9]{10}", digits.replace("-", "").upper())
        if found:
            return found[0]
    return None


def isbn13(text: str) -> str | None:
    found = isbn(text)
    if found is None:
        return None
    if len(found) == 10:
        weighted = sum((10 if it == "X" else int(it)) * (10 - place) for place, it in enumerate(found))
        return with_check_digit("978" + found[:9]) if weighted % 11 == 0 else None
    return found if with_check_digit(found[:12]) == found else None


def with_check_digit(twelve: str) -> str:
    return twelve + str(-sum(int(it) * (1, 3)[place % 2] for place, it in enumerate(twelve)) % 10)


def oclc(text: str) -> str | None:
    found = re.match(
        rf"(\(ocolc\))?[{BLANKS}]*(ocm|ocn|on)?[{BLANKS}]*0*([1-9][0-9]*)", text.lstrip(BLANKS), re.I
    )
    return found[3] if found and (found[1] or found[2]) else None
