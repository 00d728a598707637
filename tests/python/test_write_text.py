"""Records written as MARCXML, MARC-in-JSON and MARCMaker text, many at a time."""

from __future__ import annotations

import _thread
import io
import json
import re
import shutil
import subprocess
import threading
import warnings
from pathlib import Path
from xml.parsers import expat

import mrrc
import polars as pl
import pyarrow as pa
import pymarc
import pytest
from conftest import LEADER, read_quietly, record, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from test_corpus import files

XMLLINT = shutil.which("xmllint")
METHODS = ["to_marcxml", "to_json", "to_mrk"]
every_method = pytest.mark.parametrize("method", METHODS)

ONE = record(("001", b"A1"), ("008", b"x" * 40), ("245", b"10\x1faEmma & co /\x1fcJane Austen."))
TWO = record(("001", b"A2"), ("245", b"00\x1faPersuasion"), ("650", b" 0\x1faLove"), ("650", b" 0\x1faSea"))


def made(data: object, method: str, **options: object) -> tuple[bytes, list[dict]]:
    """What a method writes of a Scan or Table, and what it tells of it."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        account = getattr(data, method)(file, **options)
    return file.getvalue(), rows(account)


def assert_is_xml(text: bytes, path: Path) -> None:
    """By a parser that is none of ours."""
    if XMLLINT:
        path.write_bytes(text)
        subprocess.run([XMLLINT, "--noout", "--huge", path], check=True)
    else:
        expat.ParserCreate().Parse(text, True)


def as_json(row: dict) -> dict:
    """A row as MARC-in-JSON."""
    fields = []
    for field in row["fields"]:
        if field["subfields"] is None:
            fields.append({field["tag"]: field["value"]})
            continue
        subfields = [{it["code"]: it["value"]} for it in field["subfields"]]
        if field["value"]:
            subfields.insert(0, {"a": field["value"]})
        fields.append({field["tag"]: {"ind1": field["ind1"], "ind2": field["ind2"], "subfields": subfields}})
    return {"leader": row["leader"], "fields": fields}


# The same records again


def contents(source: object, **options: object) -> list[dict]:
    """The rows of a read; an indicator that is missing is a blank in every form."""
    found = rows(read_quietly(source, on_error="recover", **options))
    for row in found:
        for field in row["fields"]:
            if field["ind1"] is not None:
                field.update({name: field[name] or " " for name in ("ind1", "ind2")})
    return [{"leader": row["leader"], "fields": row["fields"]} for row in found]


def assert_comes_back(source: object, folder: Path) -> dict[str, list[dict]]:
    """Each form says what was read, but for the records that are named."""
    scan = mrrc.scan(source, on_error="recover")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        numbers = scan.read()["record"].to_pylist()
        told = {}
        xml, told["to_marcxml"] = made(scan, "to_marcxml", unencodable="replace", on_error="skip")
        lines, told["to_json"] = made(scan, "to_json", on_error="skip")
        array, _ = made(scan, "to_json", array=True, on_error="skip")
        mrk, told["to_mrk"] = made(scan, "to_mrk", unencodable="replace", on_error="skip")
    unwritten = [it for of_form in told.values() for it in of_form if not it["written"]]
    # MARCMaker alone has not all tags.
    assert all(it in told["to_mrk"] and it["code"] == "tag-unwritable" for it in unwritten), told
    named = {form: {it["record"] for it in of_form} for form, of_form in told.items()}

    assert_is_xml(xml, folder / "all.xml")
    expected = contents(source)
    again = contents(xml, max_record=1 << 26) if expected else []
    for number, before, after in zip(numbers, expected, again, strict=True):
        assert before == after or number in named["to_marcxml"], number

    assert json.loads(array) == [json.loads(line) for line in lines.decode().split("\n")[:-1]]
    for number, before, after in zip(numbers, expected, json.loads(array), strict=True):
        assert as_json(before) == after or number in named["to_json"], number

    read_back = from_mrk(mrk.decode())
    refused = {it["record"] for it in unwritten}
    of_mrk = [it for it in zip(numbers, expected, strict=True) if it[0] not in refused]
    for (number, before), after in zip(of_mrk, read_back, strict=True):
        assert before == after or number in named["to_mrk"], number
    return told


MNEMONICS = {"dollar": "$", "lcub": "{", "rcub": "}", "bsol": "\\"}


def unescaped(text: str) -> str:
    def meant(found: re.Match) -> str:
        name = found[1]
        return MNEMONICS.get(name) or chr(int(name, 16))

    return re.sub(r"\{(dollar|lcub|rcub|bsol|[01][0-9A-F]|7F)\}", meant, text)


def from_mrk(text: str) -> list[dict]:
    """Records of MARCMaker text, read as the format says."""

    def fixed(rest: str) -> str:
        return unescaped(rest.replace("\\", " "))

    found = []
    for lines in filter(None, text.split("\n\n")):
        fields = []
        for line in lines.rstrip("\n").split("\n"):
            tag, rest = line[1:4], line[6:]
            if tag == "LDR":
                leader = fixed(rest)
            elif tag.startswith("00"):
                blank = dict.fromkeys(("ind1", "ind2", "subfields"))
                fields.append({"tag": tag, "value": fixed(rest)} | blank)
            else:
                stray, *subfields = rest[2:].split("$")
                pairs = [(it[:1], unescaped(it[1:])) for it in subfields]
                fields.append(
                    {
                        "tag": tag,
                        "ind1": fixed(rest[0]),
                        "ind2": fixed(rest[1]),
                        "value": unescaped(stray) if stray or not subfields else None,
                        "subfields": [{"code": code, "value": value} for code, value in pairs],
                    }
                )
        found.append({"leader": leader, "fields": fields})
    return found


def with_part(part: str, character: str, coding: bytes) -> bytes:
    """A record that has a character in this part."""
    byte = character.encode()
    parts = {"tag": "500", "indicator": b" ", "code": b"a", "value": b""}
    parts[part] = character if part == "tag" else byte
    field = b"%b \x1f%bx%by" % (parts["indicator"], parts["code"], parts["value"])
    leader = LEADER[:9] + coding + LEADER[10:]
    return record(("001", b"A" + parts["value"]), (parts["tag"], field), leader=leader)


@every_method
@pytest.mark.parametrize("part", ["tag", "indicator", "code", "value"])
@pytest.mark.parametrize("coding", [b"a", b" "])
def test_any_character_of_ascii_comes_back_or_is_named(method, part, coding):
    characters = [chr(byte) for byte in range(0x80) if byte not in (0x1D, 0x1E, 0x1F)]
    if part != "value":
        characters = [it for it in characters if it.isprintable()]
    if part == "tag":
        around = ("{}50", "5{}0", "50{}")
        characters = ["LDR", *(text.format(it) for text in around for it in characters)]
    lost = []
    for character in characters:
        source = with_part(part, character, coding)
        text, told = made(mrrc.scan(source, encoding="utf-8"), method, on_error="skip")
        if not told and contents(text) != contents(source, encoding="utf-8"):
            lost.append(character)
    assert lost == []


def test_every_record_of_the_fixture_comes_back(fixture_1k, fixture_10k_marc8, tmp_path):
    marc8 = fixture_10k_marc8.read_bytes().split(b"\x1d")[:500]
    for source in (fixture_1k, b"\x1d".join([*marc8, b""])):
        assert not any(assert_comes_back(source, tmp_path).values())
        lines, _ = made(mrrc.scan(source), "to_json")
        records = [it.as_dict() for it in mrrc.scan(source).records()]
        assert [json.loads(line) for line in lines.splitlines()] == records


def test_every_record_of_the_corpus_comes_back_or_is_named(corpus, tmp_path):
    codes: dict[str, int] = {}
    for path in files(corpus):
        for form, told in assert_comes_back(path, tmp_path).items():
            for it in told:
                name = f"{form} {it['code']}"
                codes[name] = codes.get(name, 0) + 1
    assert codes == {
        "to_marcxml character-unwritable": 11,
        "to_marcxml code-unwritable": 8,
        "to_marcxml indicator-unwritable": 1,
        "to_marcxml text-outside-subfields": 1287,
        "to_json code-unwritable": 8,
        "to_json indicator-unwritable": 3,
        "to_json text-outside-subfields": 1287,
        "to_mrk code-unwritable": 9,
        "to_mrk indicator-unwritable": 3,
        "to_mrk tag-kind": 3,
        "to_mrk tag-unwritable": 1,
    }


def test_what_is_named_of_a_large_catalogue(corpus, tmp_path):
    path = corpus / "bench" / "real_bib.mrc.xz"
    scan = mrrc.scan(path)
    named = {}
    for method, options in (("to_marcxml", REPLACE), ("to_json", {}), ("to_mrk", REPLACE)):
        text, told = made(scan, method, **options)
        named[method] = {it["record"] for it in told}
        if method == "to_marcxml":
            assert_is_xml(text, tmp_path / "all.xml")
            kept = pa.array(number not in named[method] for number in range(52_719))
            before, after = (
                read_quietly(it, on_error="recover").select("leader", "fields").to_pyarrow().filter(kept)
                for it in (path, text)
            )
            assert before.equals(after)
    assert {method: len(records) for method, records in named.items()} == {
        "to_marcxml": 25,
        "to_json": 1,
        "to_mrk": 2,
    }


REPLACE = {"unencodable": "replace"}
ODD_TEXT = st.text(
    st.sampled_from("aé日\U0001d11e &<>\"'\\${}\t\n\r\x01\x0b\x7f\x85\x98\u2028\ufffe\uffff\ufb01\ufffd"),
    max_size=9,
)


@st.composite
def odd_records(draw: st.DrawFn) -> bytes:
    fields = []
    for _ in range(draw(st.integers(1, 5))):
        value = draw(ODD_TEXT)
        if draw(st.booleans()):
            fields.append((draw(st.sampled_from(["001", "005", "008"])), value.encode()))
            continue
        tag = draw(st.sampled_from(["245", "500", "9&<", 'A"b', "X\\$"]))
        indicators = draw(st.sampled_from(["10", "  ", "", "1", "&<", '"\\', "${", "é", "\x01 "]))
        stray = draw(st.sampled_from(["", "", "", "loose"]))
        subfields = draw(
            st.lists(st.tuples(st.sampled_from('aab$&"\\é{<') | st.just(""), ODD_TEXT), max_size=3)
        )
        text = "".join(f"\x1f{code}{value if code else ''}" for code, value in subfields)
        fields.append((tag, (indicators + stray + text).encode()))
    return record(*fields, leader=b"00000nam a2200000 a 4500")


@settings(deadline=None)
@given(st.lists(odd_records(), min_size=1, max_size=3))
def test_odd_records_come_back_or_are_named(tmp_path_factory, found):
    assert_comes_back(b"".join(found), tmp_path_factory.getbasetemp())


# What a file looks like


def test_a_collection_of_marcxml(tmp_path):
    mrrc.scan(ONE + TWO).to_marcxml(tmp_path / "two.xml")
    begin, one, two, end = (tmp_path / "two.xml").read_text().splitlines(keepends=True)[1:]
    assert (begin, end) == ('<collection xmlns="http://www.loc.gov/MARC21/slim">\n', "</collection>\n")
    assert one == (
        "<record><leader>00136nam a2200061 a 4500</leader>"
        '<controlfield tag="001">A1</controlfield>'
        f'<controlfield tag="008">{"x" * 40}</controlfield>'
        '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">Emma &amp; co /</subfield>'
        '<subfield code="c">Jane Austen.</subfield></datafield></record>\n'
    )
    assert [it.title for it in pymarc.parse_xml_to_array(tmp_path / "two.xml")] == [
        "Emma & co /",
        "Persuasion",
    ]
    assert two.startswith("<record><leader>")


def test_json_in_lines_or_one_array(tmp_path):
    mrrc.scan(ONE + TWO).to_json(tmp_path / "two.jsonl")
    one, _ = (tmp_path / "two.jsonl").read_text().splitlines()
    assert one == (
        '{"leader":"00136nam a2200061 a 4500","fields":[{"001":"A1"},{"008":"' + "x" * 40 + '"},'
        '{"245":{"ind1":"1","ind2":"0","subfields":[{"a":"Emma & co /"},{"c":"Jane Austen."}]}}]}'
    )
    mrrc.scan(ONE + TWO).to_json(tmp_path / "two.json", array=True)
    assert [it.title for it in mrrc.JSONReader(tmp_path / "two.json")] == ["Emma & co /", "Persuasion"]
    assert (tmp_path / "two.json").read_text().startswith('[\n{"leader"')


def test_marcmaker_text_is_read_by_its_readers(tmp_path):
    mrrc.scan(ONE + TWO).to_mrk(tmp_path / "two.mrk")
    text = (tmp_path / "two.mrk").read_text()
    assert text.startswith("=LDR  00136nam\\a2200061\\a\\4500\n=001  A1\n")
    assert text.endswith("=650  \\0$aLove\n=650  \\0$aSea\n")
    for module in (mrrc, pymarc):
        assert [it.title for it in module.MARCMakerReader(str(tmp_path / "two.mrk"))] == [
            "Emma & co /",
            "Persuasion",
        ]


def test_what_has_a_meaning_in_marcmaker_text_has_mnemonics():
    text, told = made(mrrc.scan(record(("001", b"a b\\"), ("245", b" 1\x1fa$5 {x} \\ \r\n\x7f"))), "to_mrk")
    assert told == []
    assert b"=001  a\\b{bsol}\n=245  \\1$a{dollar}5 {lcub}x{rcub} {bsol} {0D}{0A}{7F}\n" in text


@pytest.mark.parametrize(
    ("method", "text"), [("to_marcxml", b"</collection>\n"), ("to_json", b""), ("to_mrk", b"")]
)
def test_no_records_are_a_file_without_records(method, text):
    assert made(mrrc.scan(b""), method)[0].endswith(text)
    assert made(mrrc.scan(b""), "to_json", array=True)[0] == b"[\n]\n"


# Which records


@every_method
@pytest.mark.parametrize("layout", ["nested", "fields", "subfields"])
def test_rows_of_every_layout_are_what_a_scan_writes(method, layout, fixture_1k):
    scan = mrrc.scan(fixture_1k, layout=layout)
    expected, told = made(mrrc.scan(fixture_1k), method)
    assert told == []
    assert made(scan, method)[0] == expected
    assert made(scan.read(), method)[0] == expected
    assert made(scan.read(), method, threads=1)[0] == expected
    assert made(mrrc.from_arrow(scan.read().to_polars()), method)[0] == expected


def test_a_scan_says_which_records_and_fields(fixture_1k):
    def titles(scan: mrrc.Scan) -> list[dict]:
        return [json.loads(line) for line in made(scan, "to_json")[0].splitlines()]

    some = titles(mrrc.scan(fixture_1k, where="008/35-37 == 'ger'", tags="001,245"))
    assert 0 < len(some) < 1000
    assert {tag for it in some for field in it["fields"] for tag in field} == {"001", "245"}
    assert len(titles(mrrc.scan(fixture_1k).head(7))) == 7
    assert titles(mrrc.scan([fixture_1k, fixture_1k])) == titles(mrrc.scan(fixture_1k)) * 2


@every_method
def test_columns_are_no_records(method, fixture_1k, tmp_path):
    for data in (
        mrrc.scan(fixture_1k, columns="bib"),
        mrrc.scan(fixture_1k).select("leader"),
        mrrc.read_arrow(fixture_1k, columns="bib"),
    ):
        with pytest.raises(ValueError, match="records need the column fields"):
            getattr(data, method)(tmp_path / "out")
    with pytest.raises(ValueError, match="limit those of layout nested"):
        getattr(mrrc.scan(fixture_1k, layout="fields").head(3), method)(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_damage_is_told_as_in_any_read(fixture_1k, tmp_path):
    data = ONE + b"garbage" + TWO
    with pytest.raises(mrrc.MarcError):
        mrrc.scan(data).to_marcxml(tmp_path / "out.xml")
    assert list(tmp_path.iterdir()) == []
    scan = mrrc.scan(data, on_error="skip")
    with pytest.warns(mrrc.MarcWarning, match="2 delivered"):
        scan.to_marcxml(tmp_path / "out.xml")
    assert rows(scan.sources)[0]["gaps"] == 1


# What a form does not have

MISSING = record(("001", b"A1"), ("245", "10\x1fatab\x0b and \u2028 end".encode()))


@pytest.mark.parametrize(
    ("method", "found", "text"),
    [("to_marcxml", r"U\+000B", "tab\ufffd and \u2028"), ("to_mrk", r"U\+2028", "and   end")],
)
def test_a_character_that_a_form_does_not_have_is_an_error_or_replaced(method, found, text, tmp_path):
    data = ONE + MISSING + TWO
    for source, row in ((mrrc.scan(data), None), (mrrc.read_arrow(data), 1)):
        with pytest.raises(mrrc.WriteError, match=rf"record 1 \(001 A1\), field 245, \$a.*{found}") as error:
            getattr(source, method)(tmp_path / "out")
        assert (error.value.code, error.value.row) == ("character-unwritable", row)
        assert list(tmp_path.iterdir()) == []

        with pytest.warns(mrrc.MarcWarning, match=rf"3 records; 1 left out; the Table that {method} returns"):
            account = getattr(source, method)(tmp_path / "out", on_error="skip")
        assert [(it["record"], it["written"]) for it in rows(account)] == [(1, False)]
        assert "tab" not in (tmp_path / "out").read_text()

        with pytest.warns(mrrc.MarcWarning, match="3 records; 1 written with something odd"):
            account = getattr(source, method)(tmp_path / "out", unencodable="replace")
        assert [(it["record"], it["written"]) for it in rows(account)] == [(1, True)]
        assert text in (tmp_path / "out").read_text()
        (tmp_path / "out").unlink()


@pytest.mark.filterwarnings("error")
@every_method
def test_a_warning_that_is_made_an_error_leaves_nothing(method, tmp_path):
    data = record(("001", b"A1"), ("245", "10\x1féx".encode()))
    for source in (mrrc.scan(data), mrrc.read_arrow(data)):
        with pytest.raises(mrrc.MarcWarning, match="1 written with something odd"):
            getattr(source, method)(tmp_path / "out")
        assert list(tmp_path.iterdir()) == []


def test_text_outside_subfields_is_named_where_it_has_no_place():
    data = record(("001", b"A1"), ("245", b"10loose\x1faEmma"))
    for method in ("to_marcxml", "to_json"):
        text, told = made(mrrc.scan(data), method)
        assert [(it["code"], it["written"]) for it in told] == [("text-outside-subfields", True)]
        assert b"loose" in text
    text, told = made(mrrc.scan(data), "to_mrk")
    assert told == []
    assert text.endswith(b"=245  10loose$aEmma\n")


@every_method
def test_a_code_of_several_characters_is_refused(method):
    field = {
        "tag": "245",
        "ind1": "1",
        "ind2": "0",
        "value": None,
        "subfields": [{"code": "ab", "value": "x"}],
    }
    with pytest.raises(mrrc.WriteError, match=r"row 0, column fields.subfields.code.*code-unwritable"):
        made(mrrc.from_arrow(pl.DataFrame({"fields": [[field]]})), method)


@pytest.mark.parametrize("method", ["to_marcxml", "to_mrk"])
@pytest.mark.parametrize("name", ["unencodable", "on_error"])
def test_an_option_that_is_not_known_is_refused(name, method):
    for data in (mrrc.scan(ONE), mrrc.read_arrow(ONE)):
        with pytest.raises(ValueError, match=rf'{name}="x" is not known; choose "'):
            getattr(data, method)(io.BytesIO(), **{name: "x"})


# Files


@every_method
def test_a_target_is_complete_or_as_it_was(method, fixture_1k, tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"as it was")
    broken = fixture_1k.read_bytes() + b"00099garbage"
    with pytest.raises(mrrc.MarcError):
        getattr(mrrc.scan(broken), method)(path)
    assert [it.read_bytes() for it in tmp_path.iterdir()] == [b"as it was"]
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        getattr(mrrc.scan(fixture_1k), method)(tmp_path / "no" / "out")
    getattr(mrrc.scan(fixture_1k), method)(path)
    assert path.stat().st_size > 100_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@every_method
def test_a_full_disk_is_an_error(method, fixture_1k):
    for data in (mrrc.scan(fixture_1k), mrrc.read_arrow(fixture_1k)):
        with pytest.raises(OSError, match="No space left"):
            getattr(data, method)("/dev/full")


@every_method
def test_ctrl_c_leaves_nothing(method, fixture_1k, tmp_path):
    for data in (mrrc.scan([fixture_1k] * 400), mrrc.read_arrow([fixture_1k] * 100)):
        threading.Timer(0.02, _thread.interrupt_main).start()
        with pytest.raises(KeyboardInterrupt):
            getattr(data, method)(tmp_path / "out")
        assert list(tmp_path.iterdir()) == []


@every_method
def test_progress_is_told(method, fixture_1k, tmp_path):
    told = []
    scan = mrrc.scan(fixture_1k, progress=lambda *now: told.append(now))
    getattr(scan, method)(tmp_path / "out")
    size = fixture_1k.stat().st_size
    assert told[-1] == (size, size, 1000)


@every_method
def test_the_file_does_not_depend_on_threads(method, fixture_1k):
    sources = [fixture_1k] * 12
    one, four = (made(mrrc.scan(sources, threads=threads), method)[0] for threads in (1, 4))
    assert one == four
