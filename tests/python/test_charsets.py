"""In which encoding a record's text is read: what it declares, in both dialects, and `encoding="auto"`."""

import subprocess
import unicodedata
from collections import Counter

import mrrc
import pytest
from conftest import LEADER, read, record, recover, rows, skip
from test_corpus import files

UNIMARC_LEADER = b"00000nam  2200000   450 "
CODED = b"20010101d2001    m  y0frey"


def unimarc(text: bytes, codes: bytes | None = b"0103    ba") -> bytes:
    """A record with 200$a; `codes` is 100$a from position 26 on, None for no field 100."""
    coded = [] if codes is None else [("100", b"  \x1fa" + CODED + codes)]
    return record(("001", b"A1"), *coded, ("200", b"1 \x1fa" + text), leader=UNIMARC_LEADER)


def marc21(text: bytes, coding: bytes = b"a") -> bytes:
    return record(("001", b"A1"), ("245", b"10\x1fa" + text), leader=LEADER[:9] + coding + LEADER[10:])


def text_of(table: mrrc.Table) -> list[str]:
    """The first subfield of each record's last field."""
    return [row["fields"][-1]["subfields"][0]["value"] for row in rows(table)]


def findings(table: mrrc.Table) -> list[tuple]:
    return [
        (it["code"], it["severity"], it["found"], it["expected"], it["tag"]) for it in rows(table.diagnostics)
    ]


DECLARED = [
    ("UTF-8", b"50      ba", "Été".encode(), "Été"),
    ("UTF-8 in both halves", b"5050    ", "Été".encode(), "Été"),
    ("UTF-8 is never composed", b"50      ", "e\u0301".encode(), "e\u0301"),
    ("ISO 5426", b"0103    ", b"\xc2Et\xc2e, \xfauvres", "Été, œuvres"),
    ("two marks", b"0103    ", b"\xd6\xc3a", "ậ"),
    ("not sorted", b"0103    ", b"\x88L'\x89\xc2et\xc2e", "\x98L'\x9cété"),
    ("basic Cyrillic", b"0102    ", b"Mir: \xcd\xc9\xd2", "Mir: мир"),
    ("extended Cyrillic", b"0104    ", b"\xc0", "ґ"),
    ("Greek", b"0105    ", b"\xa2\xe1", "ά"),
    ("Cyrillic by an escape sequence", b"0103    ", b"\x1b)N\xcd\xc9\xd2\x1b)P \xc2e", "мир é"),
    ("positions behind the codes", b"0103    frfre" + b" " * 60, b"\xc2e", "é"),
]


@pytest.mark.parametrize(("name", "codes", "data", "text"), DECLARED, ids=[case[0] for case in DECLARED])
@pytest.mark.parametrize("encoding", ["declared", "auto"])
def test_unimarc_is_read_as_100_declares(name, codes, data, text, encoding):
    table = read(unimarc(data, codes), dialect="unimarc", encoding=encoding)
    assert (text_of(table), findings(table)) == ([text], [])


def test_what_is_no_text_is_ascii_whatever_is_in_g0():
    table = read(unimarc(b"MIR", b"0201    "), dialect="unimarc")
    (row,) = rows(table)
    assert row["control_number"] == "A1"
    assert row["fields"][-1] == {
        "tag": "200",
        "ind1": "1",
        "ind2": " ",
        "value": None,
        "subfields": [{"code": "a", "value": "мир"}],
    }


UNDECLARED = [
    ("no field 100", None, ""),
    ("an empty 100$a", b"", ""),
    ("too short", b"0103", "0103"),
    ("unknown sets", b"0106    ", "0106    "),
    ("a second set that is missing", b"01      ", "01      "),
    ("an old code", b"0189    ", "0189    "),
]


@pytest.mark.parametrize(("name", "codes", "found"), UNDECLARED, ids=[case[0] for case in UNDECLARED])
@pytest.mark.parametrize("encoding", ["declared", "auto"])
def test_an_undeclared_record_is_utf_8_or_else_iso_5426(name, codes, found, encoding):
    for data, text in [("Été".encode(), "Été"), (b"\xc2Et\xc2e", "Été")]:
        table = read(unimarc(data, codes), dialect="unimarc", encoding=encoding)
        assert text_of(table) == [text]
        expected = "50, or codes of known sets such as 0103"
        assert findings(table) == [("encoding-undeclared", "warning", found, expected, "100")]
    table = read(unimarc(b"Ete", codes), dialect="unimarc", encoding=encoding)
    assert (text_of(table), findings(table)) == (["Ete"], [])


def test_a_finding_stands_at_the_codes():
    data = unimarc(b"\xc2e", b"0106    ")
    (found,) = rows(read(data, dialect="unimarc").diagnostics)
    assert data[found["offset"] : found["offset"] + 8] == b"0106    "
    assert found["subfield_code"] == "a"


def test_the_first_100_declares_whatever_is_asked_for():
    data = record(
        ("001", b"A1"),
        ("100", b"  \x1fa" + CODED + b"50      \x1fa" + CODED + b"0103    "),
        ("100", b"  \x1fa" + CODED + b"0103    "),
        ("200", b"1 \x1fa" + "é".encode()),
        leader=UNIMARC_LEADER,
    )
    assert text_of(read(data, dialect="unimarc")) == ["é"]
    narrowed = mrrc.scan(data, dialect="unimarc")._narrowed(columns=["control_number"]).read()
    assert rows(narrowed) == [{"control_number": "A1"}]
    assert findings(narrowed) == []


def test_the_dialects_do_not_look_at_each_others_places():
    assert text_of(read(unimarc(b"\xe2e"))) == ["é"]
    assert text_of(read(marc21("é".encode(), coding=b" "), dialect="unimarc")) == ["é"]


def test_utf_8_that_is_declared_otherwise_is_read_as_declared_and_told():
    table = read(unimarc("é".encode()), dialect="unimarc")
    assert text_of(table) == ["‘\u0302"]
    assert findings(table) == [
        ("encoding-mismatch", "warning", "utf-8", "iso-5426", "100"),
        ("charset-mark", "warning", "\\xc3", "", "200"),
    ]


def test_iso_5426_can_be_named():
    for name in ("iso-5426", "ISO-5426"):
        assert text_of(read(marc21(b"\xc2Et\xc2e"), encoding=name)) == ["Été"]
    bad = marc21(b"Caf\xe0")
    with pytest.raises(mrrc.DecodingError) as caught:
        mrrc.read_arrow(bad, encoding="iso-5426")
    assert (caught.value.code, bad[caught.value.offset]) == ("charset-byte", 0xE0)
    assert skip(bad, encoding="iso-5426").num_rows == 0
    assert text_of(recover(bad, encoding="iso-5426")) == ["Caf\ufffd"]


AUTO = [
    # name, bytes, coding, text, what was found where it is not what was declared
    ("1 ASCII", b"Note", b"a", "Note", None),
    ("1 ASCII as MARC-8", b"Note", b" ", "Note", None),
    ("2 UTF-8", "Café".encode(), b"a", "Café", None),
    ("2 UTF-8 as MARC-8", "Café".encode(), b" ", "Café", "utf-8"),
    ("3 MARC-8", b"Caf\xe2e", b" ", "Café", None),
    ("3 MARC-8 as UTF-8", b"Caf\xe2e", b"a", "Café", "marc-8"),
    ("3 escape sequences as UTF-8", b"\x1b(NMIR\x1b(B", b"a", "мир", "marc-8"),
    ("4 Latin-1 as UTF-8", b"Caf\xe9 noir", b"a", "Café noir", "windows-1252"),
    ("4 Latin-1 as MARC-8", b"Caf\xe9 noir", b" ", "Café noir", "windows-1252"),
    ("4 Windows-1252", b"\x93Caf\xe9\x94", b"a", "“Café”", "windows-1252"),
]


@pytest.mark.parametrize(("name", "data", "coding", "text", "found"), AUTO, ids=[case[0] for case in AUTO])
def test_auto_decides_by_the_first_rule_that_is_true(name, data, coding, text, found):
    table = read(marc21(data, coding), encoding="auto")
    declared = {b"a": "utf-8", b" ": "marc-8"}[coding]
    told = [("encoding-mismatch", "warning", found, declared, None)] if found else []
    assert (text_of(table), findings(table)) == ([text], told)


WORDS = {
    b"a": "Théâtre complet, œuvres et poésies d'été ".encode(),
    b" ": b"Th\xe2e\xe3atre complet, \xb6uvres et po\xe2esies d'\xe2et\xe2e ",
}
FEW = [
    # what is odd about a value beside many good ones; leader/09; that value; code; its text
    ("a mark before a blank", b" ", b"caf\xe2 noir", "marc8-mark", "caf \u0301noir"),
    ("a mark before a digit", b" ", b"caf\xe21", "marc8-mark", "caf1\u0301"),
    ("a mark before a hyphen", b" ", b"caf\xe2-", "marc8-mark", "caf-\u0301"),
    ("a mark before a bracket", b" ", b"caf\xe2[", "marc8-mark", "caf[\u0301"),
    ("a mark before an ampersand", b" ", b"caf\xe2&", "marc8-mark", "caf&\u0301"),
    ("a mark at the end", b" ", b"caf\xe2", "marc8-mark", "caf\u0301"),
    ("a byte that is not MARC-8", b" ", b"caf\xff", "marc8-byte", "caf\ufffd"),
    ("a letter of Latin-1", b"a", b"caf\xe9 noir", "utf8-invalid", "caf\ufffd noir"),
    ("a letter of MARC-8", b"a", b"caf\xe2e", "utf8-invalid", "caf\ufffde"),
]


@pytest.mark.parametrize(("name", "coding", "data", "code", "text"), FEW, ids=[case[0] for case in FEW])
def test_a_few_odd_bytes_are_findings_in_their_own_values(name, coding, data, code, text):
    words = WORDS[coding] * 20
    odd = record(
        ("001", b"A1"),
        ("245", b"10\x1fa" + words),
        ("500", b"  \x1fa" + data),
        leader=LEADER[:9] + coding + LEADER[10:],
    )
    table = recover(odd, encoding="auto")
    (row,) = rows(table)
    values = [field["subfields"][0]["value"] for field in row["fields"][1:]]
    assert values == [WORDS[b"a"].decode() * 20, text]
    assert [(it["code"], it["tag"]) for it in rows(table.diagnostics)] == [(code, "500")]


def test_auto_does_not_guess_encodings_of_several_bytes_or_of_other_scripts():
    for encoding, text in [
        ("gbk", "红楼梦"),
        ("euc-kr", "한국 문학사"),
        ("big5", "紅樓夢"),
        ("cp1251", "Война и мир"),
    ]:
        for coding in (b"a", b" "):
            table = recover(marc21(text.encode(encoding), coding), encoding="auto", provenance=True)
            (row,) = rows(table)
            assert row["encoding_used"] == row["encoding_declared"], (encoding, coding)
            assert table.findings.num_rows > 0


def test_auto_leaves_a_record_as_declared_where_no_rule_holds():
    data = marc21(b"Caf\xe9 \x81")
    with pytest.raises(mrrc.DecodingError, match="utf8-invalid"):
        mrrc.read_arrow(data, encoding="auto")
    table = recover(data, encoding="auto")
    assert text_of(table) == ["Caf\ufffd \ufffd"]
    assert [found[0] for found in findings(table)] == ["utf8-invalid"]


def test_auto_decides_for_each_record_on_all_its_bytes():
    parts = [marc21(data, b"a") for data in (b"Caf\xe9 ", "Café".encode(), b"Caf\xe2e", b"Cafe")]
    whole = read(b"".join(parts * 50), encoding="auto", threads=3)
    assert text_of(whole) == ["Café ", "Café", "Café", "Cafe"] * 50
    # Nothing of the record but its number is asked for, and what else it has decides all the same.
    data = record(("001", b"caf\xe9"), ("245", b"10\x1faCaf\xe9 noir"))
    narrowed = mrrc.scan(data, encoding="auto")._narrowed(columns=["control_number"]).read()
    assert rows(narrowed) == [{"control_number": "café"}]


def test_auto_in_unimarc():
    for data, codes, text, found in [
        ("Été".encode(), b"0103    ", "Été", ("utf-8", "iso-5426")),
        (b"\xc2Et\xc2e", b"50      ", "Été", ("iso-5426", "utf-8")),
        (b"\xcd\xc9\xd2", b"0102    ", "мир", None),
        (b"\xc9t\xe9 \x93", b"0103    ", "Été “", ("windows-1252", "iso-5426")),
        # E9 is a letter in ISO 5426, so this is text in it, and not one in Latin-1.
        (b"Caf\xe9 noir", b"0103    ", "CafØ noir", None),
    ]:
        table = read(unimarc(data, codes), dialect="unimarc", encoding="auto")
        told = [("encoding-mismatch", "warning", *found, "100")] if found else []
        assert (text_of(table), findings(table)) == ([text], told)


@pytest.mark.parametrize(
    "encoding", ["cp437", "cp737", "cp850", "cp852", "cp866", "cp1251", "koi8-r", "iso8859-2"]
)
def test_sets_of_one_byte_are_what_python_says(encoding):
    data = bytes(byte for byte in range(0x80, 0x100) if bytes([byte]).decode(encoding, "ignore"))
    assert text_of(read(marc21(data), encoding=encoding)) == [data.decode(encoding)]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "红楼梦 / 曹雪芹著 𠀀"),
        ("gbk", "红楼梦 / 曹雪芹著"),
        ("big5", "紅樓夢 / 曹雪芹著"),
        ("euc-kr", "한국 문학사"),
        ("cp949", "한국 문학사"),
        ("euc_jp", "日本文学史"),
        ("shift_jis", "日本文学史 表"),
        ("iso-2022-jp", "日本文学史 abc"),
    ],
)
def test_sets_of_several_bytes_can_be_named(encoding, text):
    assert text_of(read(marc21(text.encode(encoding)), encoding=encoding)) == [text]


def test_a_name_that_is_not_known_is_refused():
    for name in ("utf-16", "ascii", "klingon"):
        with pytest.raises(ValueError, match="is not known"):
            mrrc.read_arrow(marc21(b"x"), encoding=name)


def test_a_character_as_two_surrogates_is_that_character():
    table = read(marc21(b"Fun \xed\xa0\xbd\xed\xb8\x80!"))
    assert text_of(table) == ["Fun 😀!"]
    assert findings(table) == [
        ("utf8-surrogates", "warning", r"\xed\xa0\xbd\xed\xb8\x80", "", "245"),
    ]
    half = marc21(b"\xed\xa0\xbd and no more")
    with pytest.raises(mrrc.DecodingError, match="utf8-invalid"):
        mrrc.read_arrow(half)


REFERENCES = [("&#x2019;", "’"), ("e&#x0301;", "é"), ("&#x1F600;", "😀"), ("&#x41; &amp;", "&#x41; &amp;")]


@pytest.mark.parametrize(("written", "text"), REFERENCES)
def test_references_in_marc_8_are_the_characters_that_they_stand_for(written, text):
    data = b"l\xe2e " + written.encode()
    assert text_of(read(marc21(data, b" "))) == ["lé " + text]
    assert text_of(read(marc21(data, b" "), references=False)) == ["lé " + written]
    # Without another sign that a value has to be decoded.
    assert text_of(read(marc21(written.encode(), b" "))) == [text]
    assert text_of(read(marc21(written.encode(), b"a"))) == [written]
    with pytest.raises(TypeError, match="references"):
        mrrc.read_arrow(marc21(b"x"), references="no")


def test_what_was_written_as_references_is_read_back(tmp_path):
    text = "Ça va ? ‘Oui’ … 😀 ĝ ṩ 日本 Ђ"
    made = mrrc.Record(leader=LEADER.decode())
    made.add_field(mrrc.Field("245", mrrc.Indicators("1", "0"), [mrrc.Subfield("a", text)]))
    path = tmp_path / "references.mrc"
    with mrrc.MARCWriter(str(path), encoding="marc-8", unencodable="reference") as writer:
        writer.write(made)
    assert b"&#x" in path.read_bytes()
    assert text_of(read(path)) == [unicodedata.normalize("NFC", text)]


# Where yaz's table says otherwise than the standard, or nothing.
OTHERWISE_IN_YAZ = {
    0xCC: "the turned comma above, which yaz has as a comma above",
    0xDD: "the left half of a ligature, which yaz writes as a whole tilde",
    0xDE: "the right half of a ligature, which yaz lacks",
    0xDF: "the right half of a double tilde, which yaz lacks",
}


def test_iso_5426_is_what_yaz_says(tmp_path):
    letters = [
        bytes([byte])
        for byte in range(0xA1, 0xFF)
        if not 0xC0 <= byte <= 0xDF
        and recover(marc21(bytes([byte])), encoding="iso-5426").findings.num_rows == 0
    ]
    marks = [byte for byte in range(0xC0, 0xE0) if byte != 0xDC]
    bases = [*(bytes([base]) for base in b"aeioucnrstzAEIOUCNRSTZ"), b"\xf1", b"\xf5", b"\xe8"]
    values = [
        *letters,
        *(bytes([mark]) + base for mark in marks for base in bases),
        b"\xd6\xc3a",
        b"\xc8\xc2u",
    ]
    path = tmp_path / "iso5426.mrc"
    path.write_bytes(b"".join(marc21(b"(" + value + b")", b" ") for value in values))
    command = ["yaz-marcdump", "-f", "iso5426", "-t", "utf8", "-o", "marc", path]
    theirs = subprocess.run(command, capture_output=True, check=True).stdout.split(b"\x1d")[:-1]
    classes = Counter()
    for value, ours, other in zip(values, text_of(read(path, encoding="iso-5426")), theirs, strict=True):
        text = other.rpartition(b"\x1fa")[2].removesuffix(b"\x1e").decode()
        if unicodedata.normalize("NFC", text) != ours:
            classes[OTHERWISE_IN_YAZ.get(value[0], (value, ours, text))] += 1
    assert classes == dict.fromkeys(OTHERWISE_IN_YAZ.values(), len(bases))
    assert len(letters) == 45


NOT_SORTED = dict.fromkeys((0x88, 0x89, 0x98, 0x9C))
REAL = {
    # file: records, findings about the encoding, and text that is in it
    "test__testunimarc.dat": (1, {}, "L'altra faccia della spirale"),
    "src__test__resources__comsode.mrc": (
        1_256,
        {"encoding-mismatch": 1_251, "encoding-undeclared": 5},
        "Ablaß deren Creutzlein von Caravaca in Spanien",
    ),
    # Encoded in UTF-8 twice before it came here, which nobody can tell from one who means it.
    "src__test__resources__unimarc__serial.bnr.1993.mrc": (
        11,
        {"encoding-mismatch": 10},
        "cotidian independent de informaÅ£ie",
    ),
    "src__test__resources__unimarc__short.firenze.1977.mrc": (10, {"encoding-undeclared": 1}, "Piaf, Édith"),
}


def test_real_unimarc_reads_whole(corpus):
    seen = {}
    for path in files(corpus):
        if path.name in REAL:
            table = recover(path, dialect="unimarc", encoding="auto")
            texts = {
                subfield["value"].translate(NOT_SORTED)
                for row in rows(table)
                for field in row["fields"]
                for subfield in field["subfields"] or ()
            }
            of_encoding = {
                it["code"]: it["count"] for it in rows(table.findings) if it["code"].startswith("encoding-")
            }
            assert not any(it["severity"] == "decoding" for it in rows(table.findings)), path
            expected = REAL[path.name][2]
            seen[path.name] = (table.num_rows, of_encoding, expected if expected in texts else texts)
    assert seen == REAL


def test_real_russian_can_be_named(corpus):
    path = corpus / "real" / "amironov73__ManagedIrbis" / "TestData__TEST1.ISO"
    table = read(path, dialect="unimarc", encoding="windows-1251")
    titles = [
        subfield["value"]
        for row in rows(table)
        for field in row["fields"]
        if field["tag"] == "200"
        for subfield in field["subfields"]
        if subfield["code"] == "a"
    ]
    assert "Вып. 13." in titles
    # What is not named is not guessed: it stays what UNIMARC has where nothing known is declared.
    guessed = recover(path, dialect="unimarc", encoding="auto", provenance=True)
    assert Counter(row["encoding_used"] for row in rows(guessed)) == {"iso-5426": 81}
