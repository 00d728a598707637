"""G: fields that are not as MARC has them, in a record whose structure is sound."""

from __future__ import annotations

from dataclasses import dataclass, field

from conftest import record

from damaged.cases import Case, delivered, made, undecodable, usual


@dataclass(frozen=True)
class OddField:
    """A field of the second of three records."""

    id: str
    title: str
    raw: bytes
    # Warnings, in the order in which they are found.
    codes: tuple[str, ...] = ()
    # Some of what is in its columns.
    columns: dict[str, object] = field(default_factory=dict)
    tag: str = "500"

    def case(self) -> Case:
        odd = delivered("b", usual("b", (self.tag, self.raw)))
        return made(self.id, self.title, delivered("a"), odd, delivered("c"))


def subfields(*pairs: tuple[str, str]) -> dict[str, object]:
    return {"value": None, "subfields": [{"code": code, "value": value} for code, value in pairs]}


def text(value: str) -> dict[str, object]:
    """A field without subfields."""
    return {"value": value, "subfields": []}


NOTE = subfields(("a", "Note"))
ODD_FIELDS = [
    OddField("G01", "no indicators", b"\x1faNote", ("indicator-missing",), {"ind1": "", "ind2": ""} | NOTE),
    OddField("G02", "one indicator", b"0\x1faNote", ("indicator-missing",), {"ind1": "0", "ind2": ""} | NOTE),
    OddField(
        "G03",
        "three bytes before the first US",
        b"012\x1faNote",
        ("data-before-subfield",),
        {"ind1": "0", "ind2": "1"} | NOTE | {"value": "2"},
    ),
    OddField("G04", "no subfields", b"10Only text", ("no-subfields",), text("Only text")),
    OddField("G05", "indicators and nothing else", b"  ", ("no-subfields",), text("")),
    OddField("G06", "empty data field", b"", ("indicator-missing", "no-subfields"), text("")),
    OddField(
        "G07",
        "US with no code, in the middle",
        b"  \x1f\x1faNote",
        ("empty-subfield",),
        subfields(("", ""), ("a", "Note")),
    ),
    OddField(
        "G08",
        "US with no code, at the end",
        b"  \x1faNote\x1f",
        ("empty-subfield",),
        subfields(("a", "Note"), ("", "")),
    ),
    OddField(
        "G09",
        "empty subfields with codes",
        b"  \x1fa\x1fb\x1fc",
        (),
        subfields(("a", ""), ("b", ""), ("c", "")),
    ),
    OddField("G10", "code in upper case", b"  \x1fANote", ("subfield-code",), subfields(("A", "Note"))),
    OddField("G11", "code is a space", b"  \x1f Note", ("subfield-code",), subfields((" ", "Note"))),
    OddField("G12", "code is not ASCII", b"  \x1f\xc3\xa9Note", ("subfield-code",), subfields(("é", "Note"))),
    OddField("G13", "code is punctuation", b"  \x1f<France", ("subfield-code",), subfields(("<", "France"))),
    OddField(
        "G14",
        "text between indicators and first US",
        b"10Text\x1faNote",
        ("data-before-subfield",),
        NOTE | {"value": "Text"},
    ),
    OddField(
        "G15",
        "control field with subfields",
        b"  \x1faco",
        ("control-subfields",),
        {"value": "  \x1faco", "subfields": None},
        tag="007",
    ),
    OddField("G16", "second 001", b"b2", ("repeated-control-field",), {"value": "b2"}, tag="001"),
    OddField("G20", "tag in lower case", b"  \x1faX", (), subfields(("a", "X")), tag="abc"),
    OddField(
        "G21",
        "field ends in two FT",
        b"  \x1faNote\x1e",
        ("delimiter-in-field",),
        subfields(("a", "Note\x1e")),
    ),
    OddField(
        "G22",
        "NUL and other control characters in data",
        b"  \x1faNo\0te\x07\x7f",
        ("control-character",),
        subfields(("a", "No\0te\x07\x7f")),
    ),
    OddField(
        "G23", "ESC in UTF-8 data", b"  \x1faNo\x1bte", ("escape-in-text",), subfields(("a", "No\x1bte"))
    ),
    OddField("G24", "3,000 subfields", b"  " + b"\x1fax" * 3000, (), subfields(*[("a", "x")] * 3000)),
    OddField("G25", "delimiters of display form", b"  $aNote$bMore", ("no-subfields",), text("$aNote$bMore")),
    OddField("G27", "subfield of 9,990 bytes", b"  \x1fa" + b"x" * 9990, (), subfields(("a", "x" * 9990))),
    OddField(
        "G28",
        "wrapped field of a local system",
        b"  \x1faFirst part++",
        (),
        subfields(("a", "First part++")),
    ),
]

NO_001 = usual("b").replace(b"001000200000", b"009000200000", 1)
NOT_ASCII = usual("b", ("500", b"\xc3\xa9\x1faNote"))
FIELDS = [
    *[odd.case() for odd in ODD_FIELDS],
    made("G17", "no 001", delivered("a"), delivered(None, NO_001), delivered("c")),
    made("G18", "empty 001", delivered("a"), delivered(""), delivered("c")),
    made(
        "G19",
        "008 of 3 characters",
        delivered("a"),
        delivered("b", record(("001", b"b"), ("008", b"200"))),
        delivered("c"),
        values={"b": {"008": ["200"]}},
    ),
    # Each of the two indicators is a byte, and neither is a character.
    made(
        "G26",
        "indicator is not ASCII",
        delivered("a"),
        undecodable("b", NOT_ASCII, "utf8-invalid", at=NOT_ASCII.index(b"\xc3\xa9\x1f")),
        delivered("c"),
        values={"b": {"500^1": ["\ufffd"], "500^2": ["\ufffd"], "500$a": ["Note"]}},
    ),
    made("G29", "1,000 fields of one tag", delivered("a", usual("a", *[("999", b"  \x1fax")] * 1000))),
]
