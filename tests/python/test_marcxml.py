"""MARCXML in the same columns: what a record is, what odd ones become, and that nothing is lost."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import mrrc
import pytest
from conftest import numbers_in_parts, rows, skip

SLIM = "http://www.loc.gov/MARC21/slim"
LEADER = "<leader>00000nam a2200000 a 4500</leader>"
SECOND = f'<record>{LEADER}<controlfield tag="001">second</controlfield></record>'


def subfield(text: str, attributes: str = ' code="a"') -> str:
    return f"<subfield{attributes}>{text}</subfield>"


def field(inside: str, attributes: str = ' tag="245" ind1="1" ind2="0"') -> str:
    return f"<datafield{attributes}>{inside}</datafield>"


def document(first: str, leader: str = LEADER, before: str = "", record: str = "<record>") -> bytes:
    text = f'{before}<collection xmlns="{SLIM}">{record}{leader}{first}</record>{SECOND}</collection>'
    return text.encode()


def data(value: str | None = None, subfields=(("a", "Title"),), indicators: str = "10") -> dict:
    return {
        "tag": "245",
        "ind1": indicators[0],
        "ind2": indicators[1],
        "value": value,
        "subfields": [{"code": code, "value": text} for code, text in subfields],
    }


TITLE = field(subfield("Title"))
# A document, its first field or None if the first record is rejected, and what is found.
ODD = {
    "cdata": (document(field(subfield("<![CDATA[A & B]]> C"))), data(subfields=[("a", "A & B C")]), None),
    "code empty": (document(field(subfield("Title", ' code=""'))), None, "code-missing"),
    "code long": (document(field(subfield("Title", ' code="ab"'))), None, "code-length"),
    "code missing": (document(field(subfield("Title", ""))), None, "code-missing"),
    "comment in a value": (document(field(subfield("A<!-- x -->B"))), data(subfields=[("a", "AB")]), None),
    "reference to a control": (document(field(subfield("A&#31;bB"))), None, "character"),
    "entity of a document type": (
        document(field(subfield("A &x; B")), before='<!DOCTYPE collection [<!ENTITY x "boo">]>'),
        None,
        "syntax",
    ),
    "empty subfield": (document(field('<subfield code="a"/>')), data(subfields=[("a", "")]), None),
    "entities": (
        document(field(subfield("A &#233; &amp; &#x10FFFF; B"))),
        data(subfields=[("a", "A é & \U0010ffff B")]),
        None,
    ),
    "indicators empty": (
        document(field(subfield("Title"), ' tag="245" ind1="" ind2=""')),
        data(indicators="  "),
        "indicator-missing",
    ),
    "indicator long": (document(field("", ' tag="245" ind1="12" ind2="0"')), None, "code-length"),
    "indicators missing": (
        document(field(subfield("Title"), ' tag="245"')),
        data(indicators="  "),
        "indicator-missing",
    ),
    "indicator not ASCII": (document(field("", ' tag="245" ind1="é" ind2="0"')), None, "code-length"),
    "leader 10-11 is 00": (document(TITLE, "<leader>00000nam a0000000 a 4500</leader>"), data(), None),
    "leader 10 is 1": (document(TITLE, "<leader>00000nam a1200000 a 4500</leader>"), data(), None),
    "leader of 17": (document(TITLE, "<leader>00000nam a2200000</leader>"), data(), "leader-length"),
    "leader of 23": (document(TITLE, "<leader>00000nam a2200000 a 450</leader>"), data(), "leader-length"),
    "leader of 26": (document(TITLE, "<leader>00000nam a2200000 a 450045</leader>"), None, "leader-length"),
    "leader missing": (document(TITLE, ""), data(), "leader-missing"),
    "no subfields": (document(field("")), data(value="", subfields=[]), "no-subfields"),
    "tag long": (document(field(subfield("x"), ' tag="98765" ind1="1" ind2="0"')), None, "entry-tag"),
    "tag missing": (document(field(subfield("x"), ' ind1="1" ind2="0"')), None, "tag-missing"),
    "tag short": (document(field(subfield("x"), ' tag="42" ind1="1" ind2="0"')), None, "entry-tag"),
    "text in a field": (document(field("loose " + subfield("Title"))), data("loose"), "data-before-subfield"),
    "an attribute of the record": (document(TITLE, record='<record type="Bogus">'), data(), None),
    "unknown element": (document(TITLE + "<extra>x</extra>"), data(), "unexpected"),
}


def assert_all_is_accounted_for(table: mrrc.Table, size: int) -> None:
    [source] = rows(table.sources)
    assert source["bytes"] == size
    assert source["bytes_unread"] == 0


@pytest.mark.parametrize("name", ODD)
def test_an_odd_record_is_delivered_or_named_and_costs_no_other(name):
    source, expected, code = ODD[name]
    table = skip(source)
    assert rows(table)[-1]["control_number"] == "second"
    assert [row["code"] for row in rows(table.diagnostics)] == ([code] if code else [])
    if expected is None:
        assert table.num_rows == 1
        [reject] = rows(table.rejects)
        assert reject["raw"] == source[source.index(b"<record") : source.index(b"</record>") + 9]
        with pytest.raises(mrrc.MarcError) as told:
            mrrc.read_arrow(source)
        assert told.value.code == code
    else:
        assert rows(table)[0]["fields"] == [expected]
        assert mrrc.read_arrow(source).num_rows == 2
    assert_all_is_accounted_for(table, len(source))


def test_what_xml_cannot_hold_is_replaced_if_that_is_asked_for():
    source = document(field(subfield("A&#31;b\x01B")))
    with pytest.warns(mrrc.MarcWarning):
        table = mrrc.read_arrow(source, on_error="recover")
    assert rows(table)[0]["fields"][0]["subfields"][0]["value"] == "A\ufffdb\ufffdB"


def test_every_way_of_reading_takes_it(tmp_path):
    path = tmp_path / "records.xml"
    path.write_bytes(document(TITLE))
    (tmp_path / "records.xml.gz").write_bytes(gzip.compress(path.read_bytes()))
    for source in (path, tmp_path / "records.xml.gz", path.read_bytes(), io.BytesIO(path.read_bytes())):
        assert [row["leader"] for row in rows(mrrc.read_arrow(source))] == ["00000nam a2200000 a 4500"] * 2
    scan = mrrc.scan(path)
    assert scan.count() == 2
    assert scan.count(where="245$a = 'Title'") == 1
    assert mrrc.scan(path, where="001").count() == 1
    assert mrrc.read_arrow(path, columns={"title": "first(245$a)"})["title"].to_pylist() == ["Title", None]
    assert mrrc.read_arrow(path, layout="subfields").num_rows == 4
    assert mrrc.read_arrow(path, tags=["245"], layout="fields").num_rows == 3
    assert mrrc.describe(path).records == 2
    assert mrrc.check(path).num_rows == 0
    assert [record.title for record in scan.records()] == ["Title", None]


def test_where_a_row_comes_from_is_a_place_in_the_document():
    source = document(TITLE)
    for row in rows(mrrc.read_arrow(source, provenance="raw")):
        part = source[row["offset"] : row["offset"] + row["length"]]
        assert part == row["raw"]
        assert part.startswith(b"<record>") and part.endswith(b"</record>")
        assert (row["encoding_declared"], row["encoding_used"]) == (None, "utf-8")
    declared = b"<?xml version='1.0' encoding='UTF-8'?>" + source
    assert rows(mrrc.read_arrow(declared, provenance=True))[0]["encoding_declared"] == "utf-8"


def test_a_finding_is_at_its_field():
    source = document(TITLE + field("loose"))
    [finding] = rows(mrrc.read_arrow(source).diagnostics)
    assert source[finding["offset"] :].startswith(field("loose").encode())


def test_text_is_utf_8_whatever_leader_09_says():
    source = document(field(subfield("Bücher")), "<leader>00000nam  2200000 a 4500</leader>")
    table = mrrc.read_arrow(source)
    assert rows(table)[0]["fields"][0]["subfields"][0]["value"] == "Bücher"
    assert table.diagnostics.num_rows == 0


@pytest.mark.parametrize("encoding", ["marc-8", "auto", "windows-1252"])
def test_an_encoding_for_iso_2709_does_not_change_it(encoding):
    source = document(field(subfield("Bücher")))
    assert rows(mrrc.read_arrow(source, encoding=encoding)) == rows(mrrc.read_arrow(source))


def test_the_same_records_give_the_same_rows(fixture_1k, tmp_path):
    path = tmp_path / "records.xml"
    writer = mrrc.XMLWriter(str(path))
    with mrrc.MARCReader(fixture_1k) as reader:
        for record in reader:
            writer.write(record)
    writer.close()
    ours, theirs = rows(mrrc.read_arrow(path)), rows(mrrc.read_arrow(fixture_1k))
    assert len(ours) == len(theirs) == 1000
    for one, other in zip(ours, theirs, strict=True):
        assert one["fields"] == other["fields"]
        assert one["leader"][5:12] == other["leader"][5:12]
    for columns in ("bib", "codes"):
        assert rows(mrrc.read_arrow(path, columns=columns)) == rows(
            mrrc.read_arrow(fixture_1k, columns=columns)
        )


def test_a_damaged_record_costs_itself_and_every_byte_is_accounted_for():
    whole = document(TITLE)
    for place in range(0, len(whole), 3):
        for damage in (b"", b"<", b">", b"&", b'"', b"\x00", b"\xff", b"</record>", b"<record>"):
            source = whole[:place] + damage + whole[place + 1 :]
            table = skip(source)
            assert_all_is_accounted_for(table, len(source))
            assert table.num_rows <= 2


def numbered(numbers: range, prefix: str = "") -> bytes:
    record = f'{{}}<record>{LEADER}<controlfield tag="001">{{}}</controlfield></record>\n'
    text = "".join(record.format(number % 3 * "<!-- a record -->\n", number) for number in numbers)
    text = f"<collection xmlns='{SLIM}'>{text}</collection>"
    return (
        text.replace("<", f"<{prefix}").replace(f"<{prefix}/", f"</{prefix}") if prefix else text
    ).encode()


@pytest.mark.parametrize("prefix", ["", "m:"])
def test_a_document_is_read_in_parts(prefix, tmp_path):
    source = numbered(range(20), prefix).replace(b"<m:!", b"<!")
    path = tmp_path / "records.xml"
    path.write_bytes(source)
    for given in (source, path):
        for part in (1 if given is source else 7, 100, 1000, 100_000):
            assert numbers_in_parts(given, len(source), part) == [str(number) for number in range(20)], part
    half = mrrc.read_arrow(path, byte_range=(len(source) // 2, len(source)), provenance=True)
    for row in rows(half):
        assert source[row["offset"] :].startswith(f"<{prefix}record>".encode())
    assert half.diagnostics.num_rows == 0


def test_a_damaged_document_is_read_in_parts_without_a_loss():
    whole = numbered(range(20))
    for place in range(30, len(whole), 61):
        source = whole[:place] + whole[place + 40 :]
        read = [row["control_number"] for row in rows(skip(source))]
        parts = numbers_in_parts(source, len(source), 300)
        assert len(parts) == len(set(parts)) and set(read) <= set(parts), place


def test_records_in_comments_are_in_no_part():
    hidden = f"<!-- {SECOND} {SECOND} -->".encode(), f"<note><![CDATA[{SECOND}{SECOND}]]></note>".encode()
    whole = numbered(range(8)).replace(b"</record>", b"</record>%b%b" % hidden)
    numbers = [str(number) for number in range(8)]
    assert [row["control_number"] for row in rows(skip(whole))] == numbers
    for part in (7, 100, 1000):
        assert numbers_in_parts(whole, len(whole), part) == numbers, part


@pytest.mark.parametrize(
    ("root", "before", "after"),
    [
        (
            "searchRetrieveResponse",
            "<record><recordData>",
            "</recordData><recordPosition>{}</recordPosition></record>",
        ),
        ("OAI-PMH", "<record><header><identifier>{}</identifier></header><metadata>", "</metadata></record>"),
        ("collection", "", ""),
    ],
)
def test_what_stands_around_records_is_the_same_in_parts(root, before, after):
    numbers = [str(number) for number in range(40)]
    records = (f"<record>{LEADER}<controlfield tag='001'>{it}</controlfield></record>" for it in numbers)
    around = (before.format(it) + made + after.format(it) for it, made in zip(numbers, records, strict=True))
    source = f"<?xml version='1.0'?><{root}><records>{''.join(around)}</records></{root}>".encode()
    for size in (50, 3000, 10**6):
        parts = [
            mrrc.read_arrow(source, byte_range=(begin, begin + size)) for begin in range(0, len(source), size)
        ]
        assert [number for part in parts for number in part["control_number"].to_pylist()] == numbers
        assert all(part.diagnostics.num_rows == 0 for part in parts)
        assert sum(part.sources["bytes"][0] for part in parts) == len(source)


def test_parts_need_utf_8_and_no_compression():
    for source in (numbered(range(3)).decode().encode("utf-16"), gzip.compress(numbered(range(3)))):
        with pytest.raises(ValueError, match="a byte range can only be read from"):
            mrrc.read_arrow(source, byte_range=(100, 200))


def test_a_record_without_end_is_bounded():
    source = b"<collection><record>" + LEADER.encode() + b"x" * 1_000_000 + SECOND.encode() + b"</collection>"
    table = skip(source, max_record=10_000)
    assert [row["control_number"] for row in rows(table)] == ["second"]
    assert [row["code"] for row in rows(table.diagnostics)] == ["record-too-large"]
    assert_all_is_accounted_for(table, len(source))


def test_what_is_written_of_it_is_iso_2709(tmp_path):
    source, made = tmp_path / "records.xml", tmp_path / "records.mrc"
    source.write_bytes(document(TITLE))
    mrrc.scan(source).write_marc(made)
    assert made.read_bytes().endswith(b"\x1d")
    assert [row["fields"] for row in rows(mrrc.read_arrow(made))] == [
        row["fields"] for row in rows(mrrc.read_arrow(source))
    ]


@pytest.mark.parametrize(
    "encoding", ["UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "windows-1252", "UTF-8"]
)
def test_a_document_may_be_in_another_encoding(encoding, tmp_path):
    text = document(field(subfield("Bücher &#233;"))).decode()
    plain = rows(mrrc.read_arrow(text.encode()))
    assert plain[0]["fields"][0]["subfields"][0]["value"] == "Bücher é"
    declarations = [f"<?xml version='1.0' encoding='{encoding}'?>\n"]
    if encoding.startswith("UTF-"):
        declarations.append("" if encoding == "UTF-16" else "\ufeff")
    for declaration in declarations:
        source = (declaration + text * 1000).encode(encoding)
        # Of text that is made UTF-8 first, the bytes are those of UTF-8.
        made = source if encoding == "UTF-8" else (declaration.removeprefix("\ufeff") + text * 1000).encode()
        path = tmp_path / "records.xml"
        path.write_bytes(source)
        for given in (source, path, gzip.compress(source), io.BytesIO(source)):
            table = mrrc.read_arrow(given)
            assert [row["fields"] for row in rows(table)] == [row["fields"] for row in plain * 1000]
            assert_all_is_accounted_for(table, len(made))


def test_a_declaration_that_is_not_true_is_not_believed():
    text = document(field(subfield("Bücher"))).decode()
    for declared in ("UTF-16", "ISO-8859-1"):
        source = f"<?xml version='1.0' encoding='{declared}'?>{text}".encode()
        assert rows(mrrc.read_arrow(source))[0]["fields"][0]["subfields"][0]["value"] == "Bücher"


# The records that are there, delivered or not, where it is not one.
RECORDS = {
    "LibreCat__Catmandu-MARC__t__broken.xml": 10,
    "evergreen-library-system__Evergreen__Open-ILS__tests__datasets__badisbns.xml": 10,
    "evergreen-library-system__Evergreen__Open-ILS__tests__datasets__serials_mfhd.xml": 7,
    "hectorcorrea__marcli__pkg__marc__testdata__test_10.xml": 10,
    "jorol__processing-marc__files__loc.mrc.xml": 50,
    "marc4j__marc4j__test__resources__chabon-record-type-bad.xml": 2,
    "marc4j__marc4j__test__resources__chabon-record-type.xml": 2,
    "marc4j__marc4j__test__resources__sample1a.xml": 9,
    "metafacture__metafacture-core__sru_dnb-8ce72c3c-e18f-488a-855d-6dcbf320cb4f.xml": 3,
    "metafacture__metafacture-core__sru_dnb-e9396103-55d6-41c6-984a-bb656304764a.xml": 2,
    "pear__File_MARC__tests__namespace.xml": 2,
    "perl4lib__marc-perl__marc-xml__t__batch-ns.xml": 10,
    "perl4lib__marc-perl__marc-xml__t__invalid.xml": 0,
    "pkiraly__qa-catalogue__src__test__resources__marcxml__wrong-marcxml.xml": 3,
    "pulibrary__bibdata__spec__fixtures__files__alma__scsb_dump_fixtures__1.xml": 3,
    "pulibrary__bibdata__spec__fixtures__files__alma__sru__empty.xml": 0,
    "pulibrary__bibdata__three_records_one_bad_utf8.xml": 3,
    "ruby-marc__ruby-marc__test__batch.xml": 2,
    "traject__traject__test__test_support__namespace-test.xml": 0,
    "traject__traject__test__test_support__oai-pmh-one-record-2.xml": 0,
    "traject__traject__test__test_support__oai-pmh-one-record-first.xml": 0,
    "traject__traject__test__test_support__sample-oai-pmh.xml": 0,
    "xbib__marc__src__test__resources__org__xbib__marc__xml__badid.xml": 2,
    "xbib__marc__src__test__resources__org__xbib__marc__xml__zdb-oai-marc.xml": 50,
    "xbib__marc__zdb-sru-marcxmlplus.xml": 24,
}


def test_real_documents_have_the_records_that_are_in_them(corpus: Path):
    documents = [
        path
        for folder in ("marcxml", "marcxml-envelope")
        for path in sorted((corpus / "formats" / folder).iterdir())
        if path.suffix in (".xml", ".marcxml")
    ]
    assert len(documents) == 69
    for path in documents:
        table = skip(path)
        [source] = rows(table.sources)
        assert source["delivered"] + source["rejected"] == RECORDS.get(path.name, 1), path.name
        assert_all_is_accounted_for(table, path.stat().st_size)
