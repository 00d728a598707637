"""H, M, U: text that is not what its record's encoding has, in a record whose structure is sound."""

from __future__ import annotations

from dataclasses import dataclass

from conftest import record

from damaged.cases import Case, delivered, made, undecodable, usual_fields


@dataclass(frozen=True)
class Text:
    """A subfield, or a control field, of the second of three records."""

    id: str
    title: str
    raw: bytes
    shown: str
    # Some bytes have no character: what is found, and the place of the first of them.
    code: str | None = None
    at: int = 0
    warning: str | None = None
    tag: str = "500"
    coding: bytes = b"a"
    encoding: str = "declared"
    # The field that declares an encoding, if it is not the leader.
    declared_in: str | None = None

    @property
    def fields(self) -> list[tuple[str, bytes]]:
        """The fields before it."""
        return usual_fields("b")

    @property
    def options(self) -> dict[str, str]:
        return {"encoding": self.encoding}

    @property
    def before(self) -> bytes:
        return b"" if self.tag.startswith("00") else b"  \x1fa"

    def case(self) -> Case:
        leader = b"00000nam %b2200000 a 4500" % self.coding
        data = record(*self.fields, (self.tag, self.before + self.raw), leader=leader)
        at = len(data) - len(self.raw) - 2 + self.at
        odd = undecodable("b", data, self.code, at) if self.code else delivered("b", data)
        column = self.tag if not self.before else f"{self.tag}$a"
        values = {"b": {column: [self.shown]}}
        parts = (delivered("a"), odd, delivered("c"))
        findings = self.findings(len(parts[0].raw) + at)
        return made(self.id, self.title, *parts, findings=findings, values=values, options=self.options)

    def findings(self, at: int) -> list[tuple]:
        found = [(1, self.code, "decoding", at, None, self.tag)] if self.code else []
        if self.warning:
            # Of encodings it is told once for the whole record.
            tag = self.declared_in if self.warning.startswith("encoding-") else self.tag
            found.append((1, self.warning, "warning", None, None, tag))
        return found


@dataclass(frozen=True)
class Unimarc(Text):
    """A title of UNIMARC; `codes` are the sets that 100$a declares."""

    tag: str = "200"
    coding: bytes = b" "
    codes: bytes | None = b"0103"
    declared_in: str = "100"

    @property
    def fields(self) -> list[tuple[str, bytes]]:
        if self.codes is None:
            return [("001", b"b")]
        coded = b"20200101d2020    m  y0frey%b    ba" % self.codes if self.codes else b"20200101"
        return [("001", b"b"), ("100", b"  \x1fa" + coded)]

    @property
    def options(self) -> dict[str, str]:
        return {"dialect": "unimarc", "encoding": self.encoding}


def marc8(*given: object, coding: bytes = b" ", **named: object) -> Text:
    return Text(*given, coding=coding, **named)


UTF_8 = [
    Text(
        "H01",
        "characters of 2, 3 and 4 bytes",
        b"\xc3\xa9 \xe4\xba\xba \xf0\x9d\x84\x9e",
        "\xe9 \u4eba \U0001d11e",
    ),
    Text("H02", "lead byte without continuation", b"Caf\xe9 bar", "Caf\ufffd bar", code="utf8-invalid", at=3),
    Text(
        "H03", "sequence cut at the end of the subfield", b"Caf\xc3", "Caf\ufffd", code="utf8-invalid", at=3
    ),
    Text("H04", "continuation without lead byte", b"Caf\xa9", "Caf\ufffd", code="utf8-invalid", at=3),
    Text("H05", "overlong form of /", b"a\xc0\xafb", "a\ufffd\ufffdb", code="utf8-invalid", at=1),
    Text("H06", "surrogate", b"a\xed\xa0\x80b", "a\ufffd\ufffd\ufffdb", code="utf8-invalid", at=1),
    Text(
        "H07",
        "above U+10FFFF",
        b"a\xf4\x90\x80\x80b",
        "a\ufffd\ufffd\ufffd\ufffdb",
        code="utf8-invalid",
        at=1,
    ),
    Text("H08", "FE and FF", b"a\xfe\xffb", "a\ufffd\ufffdb", code="utf8-invalid", at=1),
    Text("H09", "three of four bytes", b"a\xf0\x9d\x84b", "a\ufffdb", code="utf8-invalid", at=1),
    Text("H10", "byte order mark inside a value", b"\xef\xbb\xbfNote", "\ufeffNote"),
    Text("H11", "U+FFFD that stood in the source", b"a\xef\xbf\xbdb", "a\ufffdb"),
    Text("H12", "noncharacters", b"a\xef\xbf\xbe\xef\xbf\xbfb", "a\ufffe\uffffb"),
    Text(
        "H13", "decomposed stays decomposed, composed stays composed", b"e\xcc\x81 \xc3\xa9", "e\u0301 \xe9"
    ),
    Text("H14", "non-sorting characters", b"\xc2\x98The \xc2\x9cend", "\x98The \x9cend"),
    Text("H15", "encoded twice: well-formed", b"\xc3\x83\xc2\xa9", "Ã©"),
    Text(
        "H16", "not UTF-8 in a control field", b"caf\xe9", "caf\ufffd", code="utf8-invalid", at=3, tag="009"
    ),
    Text(
        "H17",
        "NUL inside a multi-byte sequence",
        b"a\xc3\x00b",
        "a\ufffd\x00b",
        code="utf8-invalid",
        at=1,
        warning="control-character",
    ),
    Text("H18", "MARC-8 in a record that says UTF-8", b"Caf\xe2e", "Caf\ufffde", code="utf8-invalid", at=3),
    Text(
        "H19",
        "MARC-8 in a record that says UTF-8, encoding auto",
        b"Caf\xe2e",
        "Café",
        warning="encoding-mismatch",
        encoding="auto",
    ),
    Text(
        "H20",
        "UTF-8 in a record that says MARC-8, encoding auto",
        b"Caf\xc3\xa9",
        "Café",
        warning="encoding-mismatch",
        coding=b" ",
        encoding="auto",
    ),
    Text(
        "H21",
        "UTF-8 in a record that says MARC-8, encoding utf-8",
        b"Caf\xc3\xa9",
        "Café",
        encoding="utf-8",
        coding=b" ",
    ),
    Text(
        "H22",
        "Windows-1252 in a record that says UTF-8, encoding auto",
        b"\x93Caf\xe9\x94",
        "“Café”",
        warning="encoding-mismatch",
        encoding="auto",
    ),
    Text(
        "H23", "Latin-1 in a record that says UTF-8, encoding latin-1", b"Caf\xe9", "Café", encoding="latin-1"
    ),
    Text(
        "H24", "Windows-1251, named", b"\xc2\xee\xe9\xed\xe0", "Война", encoding="windows-1251", coding=b" "
    ),
    Text("H25", "CP866, named", b"\x82\xae\xa9\xad\xa0", "Война", encoding="cp866", coding=b" "),
    Text("H26", "leader/09 is x", b"Caf\xe2e", "Café", warning="encoding-undeclared", coding=b"x"),
    Text("H29", "leader/09 is x, ASCII data", b"Note", "Note", coding=b"x"),
]

MARC_8 = [
    marc8("M01", "acute before its letter", b"Caf\xe2e", "Café"),
    marc8("M02", "two marks on one letter, in order", b"\xf2\xe3a", "ậ"),
    marc8("M03", "ligature in halves", b"\xebt\xecs", "t\ufe20s\ufe21"),
    marc8("M04", "double tilde in halves", b"\xfan\xfbg", "n\ufe22g\ufe23"),
    marc8("M05", "spacing letters", b"\xa2\xb2\xa5\xb5\xa1\xb1\xc7\xc8", "ØøÆæŁłß€"),
    marc8("M06", "Cyrillic as G0", b"\x1b(NMIR\x1b(B 1", "мир 1"),
    marc8("M07", "Cyrillic as G1", b"\x1b)N\xcd\xc9\xd2 1", "мир 1"),
    marc8("M08", "comma and hyphen forms", b"\x1b,NMIR\x1b,B \x1b-N\xcd", "мир м"),
    marc8("M09", "Greek", b"\x1b(Sabd\x1b(B", "αβγ"),
    marc8("M10", "East Asian, ESC $ 1", b"\x1b$1!0d\x1b(B x", "人 x"),
    marc8("M11", "East Asian, ESC $ , 1", b"\x1b$,1!0d\x1b(B x", "人 x"),
    marc8("M12", "East Asian as G1", b"\x1b$)1\xa1\xb0\xe4 x", "人 x"),
    marc8("M13", "Greek symbols, ESC g and ESC s", b"\x1bgabc\x1bs-rays", "αβγ-rays"),
    marc8("M14", "subscript and superscript", b"H\x1bb2\x1bsO 10\x1bp2\x1bs", "H₂O 10²"),
    marc8("M15", "extended Latin said again, ESC ) ! E", b"\x1b)!E\xe2e", "é"),
    marc8("M16", "joiner and non-joiner", b"a\x8db\x8ec", "a\u200db\u200cc"),
    marc8("M17", "non-sorting characters", b"\x88The \x89end", "\x98The \x9cend"),
    marc8("M18", "a numeric reference, and what is none", b"&#x4EBA; &#xZZ; &#x41", "\u4eba &#xZZ; &#x41"),
    marc8("M19", "space inside East Asian text", b"\x1b$1!0d !0d\x1b(B", "人 人"),
    marc8(
        "M20",
        "line end inside East Asian text",
        b"\x1b$1!0d\n!0d\x1b(B",
        "\u4eba\n\u4eba",
        warning="control-character",
    ),
    marc8("M21", "byte without a character", b"a\xafb", "a\ufffdb", code="marc8-byte", at=1),
    marc8("M22", "bytes 80 and FF", b"a\x80\xffb", "a\ufffd\ufffdb", code="marc8-byte", at=1),
    marc8(
        "M23",
        "East Asian group without a character",
        b"\x1b$1~~~!0d\x1b(B",
        "\ufffd\u4eba",
        code="marc8-byte",
        at=3,
    ),
    marc8("M24", "East Asian group cut by the end", b"\x1b$1!0d!0", "\u4eba\ufffd", code="marc8-cut", at=6),
    marc8(
        "M25",
        "East Asian group cut by an escape",
        b"\x1b$1!0d!\x1b(Bx",
        "\u4eba\ufffdx",
        code="marc8-cut",
        at=6,
    ),
    marc8("M26", "unknown set", b"a\x1b(Zb", "a\ufffdb", code="marc8-escape", at=1),
    marc8("M27", "ESC is the last byte", b"ab\x1b", "ab\ufffd", code="marc8-escape", at=2),
    marc8("M28", "ESC ( is all there is", b"ab\x1b(", "ab\ufffd", code="marc8-escape", at=2),
    marc8("M29", "ESC before a letter", b"Soci\x1bt\xe2e", "Soci\ufffdt\xe9", code="marc8-escape", at=4),
    marc8("M30", "mark with no base, at the end", b"ab\xe2", "ab\u0301", warning="marc8-mark"),
    marc8("M31", "mark before a space", b"ab\xe2 c", "ab \u0301c", warning="marc8-mark"),
    marc8("M32", "mark before an escape, base in another set", b"\xe2\x1b(NA", "\u0430\u0301"),
    marc8("M33", "ESC lost: $1!0d(B is text", b"$1!0d(B", "$1!0d(B"),
    marc8("M34", "UTF-8 bytes, encoding declared", b"\xc3\xa9", "©♭", warning="encoding-mismatch"),
    marc8("M35", "MARC-8 in a control field", b"\xe2e1", "é1", tag="009"),
    marc8("M38", "1,000 marks on one letter", b"\xe2" * 1000 + b"e", "\u00e9" + "\u0301" * 999),
    marc8("M39", "1,000 escape sequences and no text", b"\x1b(N\x1b(B" * 1000, ""),
]

UNIMARC = [
    Unimarc("U01", "UTF-8 declared (50)", "Élégie".encode(), "Élégie", codes=b"50  "),
    Unimarc("U02", "ISO 646 and ISO 5426 declared (0103)", b"\xc2Elegie \xf1", "Élegie æ"),
    Unimarc(
        "U03",
        "UTF-8 declared, ISO 5426 there",
        b"\xc2Elegie",
        "\ufffdElegie",
        code="utf8-invalid",
        codes=b"50  ",
    ),
    Unimarc(
        "U04", "the same, encoding iso-5426", b"\xc2Elegie", "Élegie", encoding="iso-5426", codes=b"50  "
    ),
    Unimarc(
        "U05",
        "ISO 5426 declared, UTF-8 there, encoding auto",
        "Élégie".encode(),
        "Élégie",
        warning="encoding-mismatch",
        encoding="auto",
    ),
    Unimarc(
        "U06",
        "no 100, UTF-8 data",
        "Élégie".encode(),
        "Élégie",
        warning="encoding-undeclared",
        codes=None,
    ),
    Unimarc(
        "U07",
        "100$a too short",
        "Élégie".encode(),
        "Élégie",
        warning="encoding-undeclared",
        codes=b"",
    ),
    Unimarc(
        "U08",
        "unknown code (99)",
        "Élégie".encode(),
        "Élégie",
        warning="encoding-undeclared",
        codes=b"99  ",
    ),
    Unimarc("U09", "non-sorting characters in ISO 5426", b"\x88Les \x89amis", "\x98Les \x9camis"),
    Unimarc("U10", "mark with no base", b"ab\xc2", "ab\u0301", warning="charset-mark"),
]

EACH_FIELD = record(("001", b"b"), *[("500", b"  \x1fa\xe9 ")] * 50, leader=b"00000nam a2200000 a 4500")


def noted(control_number: str, data: bytes, coding: bytes) -> bytes:
    return record(
        ("001", control_number.encode()),
        ("500", b"  \x1fa" + data),
        leader=b"00000nam %b2200000 a 4500" % coding,
    )


TEXTS: list[Case] = [
    *[text.case() for text in (*UTF_8, *MARC_8, *UNIMARC)],
    made(
        "H28",
        "every field of a record has one bad byte",
        delivered("a"),
        undecodable("b", EACH_FIELD, "utf8-invalid", EACH_FIELD.index(b"\xe9")),
        delivered("c"),
        values={"b": {"500$a": ["\ufffd "] * 50}},
    ),
    made(
        "H27",
        "three encodings in one file, auto",
        delivered("a", noted("a", b"\xc3\xa9", b"a")),
        delivered("b", noted("b", b"\xe2e", b" ")),
        delivered("c", noted("c", b"\x93x\x94", b"a")),
        findings=[(2, "encoding-mismatch", "warning", None, None, None)],
        values={"a": {"500$a": ["é"]}, "b": {"500$a": ["é"]}, "c": {"500$a": ["“x”"]}},
        options={"encoding": "auto"},
    ),
    made(
        "M36",
        "sets do not outlive the subfield",
        delivered(
            "b",
            record(("001", b"b"), ("500", b"  \x1fa\x1b(NMIR\x1fbMIR"), leader=b"00000nam  2200000 a 4500"),
        ),
        values={"b": {"500$a": ["мир"], "500$b": ["MIR"]}},
    ),
    made(
        "M37",
        "nor the field",
        delivered(
            "b",
            record(
                ("001", b"b"),
                ("500", b"  \x1fa\x1b(NMIR"),
                ("501", b"  \x1faMIR"),
                leader=b"00000nam  2200000 a 4500",
            ),
        ),
        values={"b": {"500$a": ["мир"], "501$a": ["MIR"]}},
    ),
]
